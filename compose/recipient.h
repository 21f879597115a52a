/* Recipients: from what a person typed to addresses. */
#ifndef COMPOSE_RECIPIENT_H
#define COMPOSE_RECIPIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "store/mime/address.h"

struct arena;
struct compose;
struct draft;
struct err;

/* TEXT with aliases ([aliases] in the configuration, and in them) put in. In ARENA. -1 with a
 * sentence for what is no address. A name of this machine stays bare. */
int recipient_parse(const struct compose *compose, const char *text, struct arena *arena,
		    struct address_list *list, struct err *err);
/* Does a bare name stand for somebody on this machine? */
bool recipient_is_local_user(const struct compose *compose, const char *name);
/* To, Cc and Bcc together, each mailbox once; for the envelope. */
int recipient_all(const struct compose *compose, const struct draft *draft, struct arena *arena,
		  struct address_list *list, struct err *err);
/* Bare names get "@DOMAIN". */
void recipient_qualify(struct address_list *list, const char *domain, struct arena *arena);
bool recipient_has(const struct address_list *list, const char *addr);
/* Adds what LIST does not have yet. */
void recipient_add(struct address_list *list, const struct address *address, struct arena *arena);
void recipient_add_all(struct address_list *list, const struct address_list *more,
		       struct arena *arena);
/* "Name <addr>, addr" as typed; free it. */
char *recipient_text(const struct address_list *list);

#endif
