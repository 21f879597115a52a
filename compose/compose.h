/* What every function here that needs to know the person is passed: accounts, options, aliases.
 * All lent by the program's main; nothing here draws, asks or waits for a network. */
#ifndef COMPOSE_COMPOSE_H
#define COMPOSE_COMPOSE_H

struct account_list;
struct conf;
struct options;

struct compose {
	const struct account_list *accounts;
	const struct options *options; /* with the rows of compose_option.h; NULL: the defaults */
	const struct conf *conf;       /* for [aliases]; may be NULL */
};

#endif
