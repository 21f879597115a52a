/* A new letter. */
#ifndef COMPOSE_START_H
#define COMPOSE_START_H

struct compose;
struct draft;
struct identity;

/* From the first identity of ACCOUNT (NULL: the default one), with its signature. */
struct draft *start_new(const struct compose *compose, const char *account);
/* Sets From and account, and puts its signature behind the body (or above a quote: option
 * signature-place) in place of the one of another identity. */
void start_identity(const struct compose *compose, struct draft *draft,
		    const struct identity *identity);

#endif
