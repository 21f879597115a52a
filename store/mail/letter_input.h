/* A letter that a program gives us on a descriptor, and who runs that program. */
#ifndef STORE_MAIL_LETTER_INPUT_H
#define STORE_MAIL_LETTER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/file.h"
#include "store/mail/account.h"
#include "store/mail/letter.h"

struct arena;
struct err;
struct outbox;
struct outbox_letter;

/* All of descriptor FROM, through a file without a name beside the outbox (a letter may be larger
 * than memory). WITH_DOT: a line that is only a dot ends it. Close with file_view_close. */
int letter_input_read(int from, bool with_dot, struct file_view *view, struct err *err);
/* The name of the user who runs us; safe in a header. In ARENA. */
char *letter_input_user(struct arena *arena);
/* The user's own address: of the default account, else user@host. In ARENA. */
char *letter_input_address(const struct account_list *accounts, struct arena *arena);

/* A letter on its way into the outbox. Made of {.arena = arena_new()}; all text is in the arena. */
struct letter_input {
	struct arena *arena;
	struct account_list accounts; /* the caller loads them */
	struct file_view bytes;	      /* letter_input_read */
	struct letter letter;
	const char **recipients;
	size_t count, cap;
};

/* The recipients that ARGUMENTS (to a NULL) name. */
int letter_input_add_arguments(struct letter_input *input, char **arguments, struct err *err);
/* Completes the letter; the recipients that it names join those of the arguments. */
int letter_input_complete(struct letter_input *input, const struct letter_wish *wish,
			  struct err *err);
/* Puts it into the outbox: its number, or -1. ENVELOPE: sender, account and what else is said of
 * it; text and recipients are filled in here. */
int64_t letter_input_put(const struct letter_input *input, struct outbox *outbox,
			 struct outbox_letter *envelope, struct err *err);
void letter_input_free(struct letter_input *input);

#endif
