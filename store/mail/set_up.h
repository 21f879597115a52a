/* The section [set-up] of the configuration: how mail at an address is found. */
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

#endif
