/* Who lives on this machine, in personal mode: the addresses of accounts of kind local, and at
 * localhost, at the host's name or bare: their local parts, $USER, postmaster. "+detail" behind a
 * local part is let go. Nobody else: a local part that is not known at a local domain is nobody. */
#ifndef NET_DELIVER_LOCAL_H
#define NET_DELIVER_LOCAL_H

#include <stdbool.h>

#include "store/mail/account.h"

struct err;
struct local;

/* Reads accounts and aliases. */
struct local *local_open(struct err *err);
void local_close(struct local **local);
const struct account_list *local_accounts(const struct local *local);
const char *local_host(const struct local *local);

enum local_verdict {
	LOCAL_ELSEWHERE, /* another machine's */
	LOCAL_NOBODY,	 /* here, but there is no such person */
	LOCAL_ACCOUNT,
};
/* *ACCOUNT (lent) set for LOCAL_ACCOUNT. Aliases are not looked at. */
enum local_verdict local_find(const struct local *local, const char *addr,
			      const struct account **account);

/* All that ADDR stands for by the aliases, each once: addresses that no alias names, or ADDR
 * itself. Lent until local_close... in an array to free(), NULL-ended. Circles end. -1: more than a
 * letter may have. */
int local_expand(const struct local *local, const char *addr, const char ***targets,
		 struct err *err);

#endif
