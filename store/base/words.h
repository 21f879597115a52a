/* A command that stands in the configuration (OPTION_COMMAND) taken apart into its words: at blanks, with
 * "..." and '...' around what belongs together and a backslash before what is meant as it stands. Nothing is
 * put in for "$x", "*" or "~": there is no shell. */
#ifndef STORE_BASE_WORDS_H
#define STORE_BASE_WORDS_H

struct err;

/* A NULL-ended list in one piece: free() it alone. NULL: TEXT has no word, or a quote is not closed. */
char **words_split(const char *text, struct err *err);

#endif
