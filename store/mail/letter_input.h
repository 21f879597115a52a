/* A letter that a program gives us on a descriptor, and who runs that program. */
#ifndef STORE_MAIL_LETTER_INPUT_H
#define STORE_MAIL_LETTER_INPUT_H

#include <stdbool.h>

struct account_list;
struct arena;
struct err;
struct file_view;

/* All of descriptor FROM, through a file without a name beside the outbox (a letter may be larger
 * than memory). WITH_DOT: a line that is only a dot ends it. Close with file_view_close. */
int letter_input_read(int from, bool with_dot, struct file_view *view, struct err *err);
/* The name of the user who runs us; safe in a header. In ARENA. */
char *letter_input_user(struct arena *arena);
/* The user's own address: of the default account, else user@host. In ARENA. */
char *letter_input_address(const struct account_list *accounts, struct arena *arena);

#endif
