/* Where is the mail of an address? Asked in order, each question and answer told: the domain's SRV records
 * (RFC 6186, 8314), its autoconfig (then, unless that is not wanted, Thunderbird's database, which learns the domain
 * and never the address), the table of well-known providers, and guesses. What is named is spoken to before it
 * counts. It blocks, with limits on every step; to cancel it its process is ended. */
#ifndef NET_SETUP_DISCOVER_H
#define NET_SETUP_DISCOVER_H

#include <stdbool.h>

#include "net/setup/place.h"

struct err;
struct provider;
struct set_up;
struct tls_trust;

struct discover {
	const char *address;
	const struct set_up *set_up;
	struct tls_trust *trust;
	bool has_kind; /* only servers of KIND are sought (and one for submission) */
	enum place_kind kind;
	/* Something is begun (false), or done: words that stand for themselves. */
	void (*step)(void *arg, bool is_done, const char *words);
	/* A host outside of the domain that nothing but DNS names, which nobody proves (RFC 6186 section 6): may it
	 * be told the password? */
	bool (*may_use)(void *arg, const char *words);
	void *arg;

	/* out */
	struct place incoming, submission;
	bool has_incoming, has_submission;
	const struct provider *provider; /* whose servers they are, or NULL */
};

/* 0: found (a place to fetch from, perhaps none for submission); -1 with a sentence that says what to do. */
int discover_run(struct discover *discover, struct err *err);

#endif
