/* Options of the reader. */
#ifndef UI_VIEW_READER_OPTION_H
#define UI_VIEW_READER_OPTION_H

#include <stddef.h>

#include "store/base/option.h"

extern const struct option_row reader_option_rows[];
extern const size_t reader_option_count;

#endif
