/* The settings of an account as options of a command: each row of [account NAME] (store/mail/account.h) is one, but for
 * secrets, which stand on no command line. */
#ifndef UI_SHELL_ACCOUNT_OPTIONS_H
#define UI_SHELL_ACCOUNT_OPTIONS_H

struct err;
struct option;

#define ACCOUNT_OPTION 1000 /* what getopt_long gives for each of them */

/* OWN (ending in a row of zeros) and behind it the settings that OWN does not name; the caller frees. */
struct option *account_options_new(const struct option *own);
/* What is to be kept of VALUE, the caller's: a path that does not begin at a root is one from here. NULL with a
 * sentence when it is none of the values that the setting NAME takes. */
char *account_options_value(const char *name, const char *value, struct err *err);

#endif
