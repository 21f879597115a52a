/* Options on the command line: getopt_long, which itself would print the user's bytes raw. */
#ifndef STORE_BASE_ARGS_H
#define STORE_BASE_ARGS_H

struct err;
struct option;

/* The next option as getopt_long gives it, its argument in optarg; -1 behind the last. For one that is
 * wrong: '?', and ERR holds a sentence with the option as it was typed, for a gate to make inert.
 * LONGS NULL: only SHORTS. AT as for getopt_long, or NULL. */
int args_next(int argc, char **argv, const char *shorts, const struct option *longs, int *at, struct err *err);

#endif
