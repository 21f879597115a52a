/* Options of writing on the screen. */
#ifndef UI_VIEW_DRAFT_OPTION_H
#define UI_VIEW_DRAFT_OPTION_H

#include <stddef.h>

#include "store/base/option.h"

extern const struct option_row draft_option_rows[];
extern const size_t draft_option_count;

#endif
