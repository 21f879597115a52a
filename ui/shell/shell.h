/* The commands of "tern NAME ...": the same powers without a screen. One file a command, one row in
 * the table in shell.c. Data goes to stdout, words to stderr; a command returns the exit code:
 * 0 done, 1 failed, 2 wrong usage, 75 try later (err_exit_code). */
#ifndef UI_SHELL_SHELL_H
#define UI_SHELL_SHELL_H

#include <stdbool.h>

struct buf;
struct err;
struct option;

/* argv[0] is the name of the command. An unknown name: says the nearest one, returns 2. With --help
 * the command's usage is printed and nothing done. */
int shell_run(int argc, char **argv);
/* Appends one line a command, for --help and --version. */
void shell_list(struct buf *out);

/* Says "tern NAME: sentence" on stderr, every control character made inert; returns the exit code.
 */
int shell_fail(const char *name, const struct err *err);
/* The same for wrong words from the user; returns 2. */
int shell_usage(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for any words; NAME may be NULL. */
void shell_say(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* [general] search-forms of the configuration. */
bool shell_finds_forms(void);
/* The next option (args_next); what is wrong is said as shell_usage says it, and '?' returned. NAME may be NULL. */
int shell_option(const char *name, int argc, char **argv, const char *shorts, const struct option *longs, int *at);
/* All of OUT to stdout, and empties it: 0, or 1 when nobody takes it (a closed pipe, a full disk).
 */
int shell_print(struct buf *out);

/* How many letters QUERY finds in ACCOUNT (NULL: in all). */
int shell_search_count(const char *query, const char *account, long long *count, struct err *err);

int shell_batch(int argc, char **argv);
int shell_compose(int argc, char **argv);
int shell_outbox(int argc, char **argv);
int shell_send(int argc, char **argv);
int shell_account(int argc, char **argv);
int shell_flag(int argc, char **argv);
int shell_folder(int argc, char **argv);
int shell_index(int argc, char **argv);
int shell_search(int argc, char **argv);
int shell_tag(int argc, char **argv);
int shell_show(int argc, char **argv);
int shell_sync(int argc, char **argv);
int shell_threads(int argc, char **argv);
int shell_verify(int argc, char **argv);

#endif
