/* What tern-sendmail and tern-deliver share: words on stderr, exit codes of sysexits(3), a letter
 * from standard input. */
#ifndef NET_TOOL_H
#define NET_TOOL_H

#include <stdbool.h>

struct err;
struct file_view;

/* "PROGRAM: sentence" on stderr, every control character made inert. */
void tool_say(const char *program, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* EX_... for an error. */
int tool_exit_code(const struct err *err);
/* All of standard input, through a file without a name (a letter may be larger than memory).
 * WITH_DOT: a line that is only a dot ends it. Close with file_view_close. */
int tool_read_letter(bool with_dot, struct file_view *view, struct err *err);
/* The person's own address: of the default account, else user@host. In ARENA. */
struct account_list;
struct arena;
char *tool_own_address(const struct account_list *accounts, struct arena *arena);
char *tool_user_name(struct arena *arena);

#endif
