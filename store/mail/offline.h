/* Whether a person wishes no connections: by the switch (remembered in PATH_STATE/offline until it is
 * switched back), else by "offline" of [account NAME] and of [mail]. Who changes it rings the agent. */
#ifndef STORE_MAIL_OFFLINE_H
#define STORE_MAIL_OFFLINE_H

#include <stdbool.h>

struct account;
struct err;

/* No connections for ACCOUNT; NULL: for none at all. */
bool offline_is(const struct account *account);
/* The switch, for the account NAME alone, or (NULL) for all: then the switches of single ones are forgotten. */
int offline_set(const char *name, bool is_offline, struct err *err);

#endif
