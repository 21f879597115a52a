/* Options of the index and the folder list. */
#ifndef UI_VIEW_INDEX_OPTION_H
#define UI_VIEW_INDEX_OPTION_H

#include <stddef.h>

#include "store/base/option.h"

extern const struct option_row index_option_rows[];
extern const size_t index_option_count;

#endif
