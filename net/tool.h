/* What tern-sendmail and tern-deliver share: words on stderr, exit codes of sysexits(3), a letter
 * from standard input. */
#ifndef NET_TOOL_H
#define NET_TOOL_H

struct err;
struct option;

/* "PROGRAM: sentence" on stderr, every control character made inert. */
void tool_say(const char *program, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The next option (args_next); what is wrong is said, and '?' returned. */
int tool_option(const char *program, int argc, char **argv, const char *shorts, const struct option *longs);
/* EX_... for an error. */
int tool_exit_code(const struct err *err);

#endif
