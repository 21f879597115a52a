/* Options of the screen as a whole, section [general]. */
#ifndef UI_COMMAND_APP_OPTION_H
#define UI_COMMAND_APP_OPTION_H

#include <stddef.h>

#include "store/base/option.h"

extern const struct option_row app_option_rows[];
extern const size_t app_option_count;

#endif
