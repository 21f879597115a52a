/* The options of writing, section [compose]. */
#ifndef COMPOSE_COMPOSE_OPTION_H
#define COMPOSE_COMPOSE_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/option.h"

struct compose;

extern const struct option_row compose_option_rows[];
extern const size_t compose_option_count;

/* The values, also where COMPOSE has no options (then the defaults). Lent. */
const char *compose_option_text(const struct compose *compose, const char *name);
long long compose_option_int(const struct compose *compose, const char *name);
/* "undo-send" of this person's configuration, for who has loaded none. */
long long compose_option_own_undo(void);
bool compose_option_own_bool(const char *name);
bool compose_option_bool(const struct compose *compose, const char *name);

#endif
