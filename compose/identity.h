/* As whom a letter is written: one of the addresses of one of the accounts. */
#ifndef COMPOSE_IDENTITY_H
#define COMPOSE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

struct compose;
struct mime_header;

struct identity {
	char *account; /* name */
	char *name;    /* "" : none */
	char *addr;
	char *organisation; /* "" : none */
	char *signature;    /* text without "-- ", ending in a newline; "" : none */
};

struct identity_list {
	struct identity *items;
	size_t count, cap;
};

/* All of them: per account its address, then its other addresses. No account has one: the user of this
 * machine, at localhost. */
void identity_load(const struct compose *compose, struct identity_list *list);
void identity_list_free(struct identity_list *list);
/* The first of ACCOUNT (NULL: the default account); NULL when there is none. */
const struct identity *identity_of_account(const struct compose *compose,
					   const struct identity_list *list, const char *account);
/* Whom the letter was written to: To, Cc, then Delivered-To, X-Original-To and the like; for a
 * letter of one's own its From. One of ACCOUNT is preferred; none fits: the first of ACCOUNT. */
const struct identity *identity_choose(const struct compose *compose,
				       const struct identity_list *list,
				       const struct mime_header *header, const char *account);
/* The one with this address, or NULL. */
const struct identity *identity_by_addr(const struct identity_list *list, const char *addr);
bool identity_is_mine(const struct identity_list *list, const char *addr);
/* "Name <addr>" as it stands in a From line on the screen; free it. */
char *identity_display(const struct identity *identity);

#endif
