/* Searches that are kept: sections [search NAME] of the configuration, with a query and perhaps an
 * account that it looks in (without one: in all). They are files of a person's, who may write them
 * by hand too. */
#ifndef STORE_MAIL_SAVED_H
#define STORE_MAIL_SAVED_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct err;

struct saved_search {
	const char *name, *query, *account; /* ACCOUNT NULL: all */
};

/* The next one in CONF, from *AT on (begin with 0); lent from it. */
bool saved_next(const struct conf *conf, size_t *at, struct saved_search *one);
bool saved_find(const struct conf *conf, const char *name, struct saved_search *one);
/* Into the configuration. A name is a line of text without brackets; ERR_USAGE where it is none,
 * ERR_EXISTS where it is taken (large and small letters are the same). ACCOUNT may be NULL. */
int saved_add(const char *name, const char *query, const char *account, struct err *err);
int saved_rename(const char *name, const char *fresh, struct err *err);
int saved_remove(const char *name, struct err *err);

#endif
