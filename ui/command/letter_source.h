/* A letter that another is made from: its bytes, and what the person sees of it. */
#ifndef UI_COMMAND_LETTER_SOURCE_H
#define UI_COMMAND_LETTER_SOURCE_H

#include <stdbool.h>

#include "store/base/buf.h"
#include "store/box/box.h"
#include "ui/command/command.h"

struct app;
struct err;
struct mime_message;

struct letter_source {
	struct box_message bytes;
	struct mime_message *message;
	const char *account; /* lent */
	struct buf shown; /* what the person sees of it, where that is not its plain text */
	bool has_shown;
	bool was_encrypted;
};

/* An encrypted letter is decrypted first, in the reader, which then does CALL: -1, and *ERR says so. 0: it is none, or
 * is open already. */
int letter_source_unlock(struct app *app, const struct command_call *call, struct err *err);
/* Message AT of TARGET. Each that opens answers 0, or -1 with a sentence; then nothing is to be closed. */
int letter_source_open(struct letter_source *source, struct app *app, const struct target *target, int at,
		       struct err *err);
/* What is away comes, and then the command goes on (-1 too). */
int letter_source_await(struct letter_source *source, struct app *app, const struct command_call *call, int at,
			struct err *err);
/* The first, for an answer: the text is enough, what is attached may lie on the server. */
int letter_source_open_text(struct letter_source *source, struct app *app, const struct command_call *call,
			    struct err *err);
/* A letter whose words lie in a box (winmail.dat) is quoted out of it. */
void letter_source_look_into_boxes(struct letter_source *source);
const char *letter_source_shown(const struct letter_source *source); /* NULL: its plain text */
void letter_source_close(struct letter_source *source);

#endif
