/* The sections [set-up] and [oauth] of the configuration: how mail at an address is found, and as which program we
 * sign in by OAuth2. */
#ifndef STORE_MAIL_SET_UP_H
#define STORE_MAIL_SET_UP_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/option.h"

extern const struct option_row set_up_rows[];
extern const size_t set_up_row_count;

/* NULL: not set. */
struct set_up {
	char *dns, *web, *ca;
	bool asks_isp_database;
};

void set_up_load(struct set_up *set_up);
void set_up_free(struct set_up *set_up);
/* "PROVIDER-client-id" and "PROVIDER-client-secret" of [oauth], the caller's; NULL: not set. */
char *set_up_client(const char *provider, const char *what);

#endif
