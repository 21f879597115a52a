/* Letters whose text lies on their server alone: wished for, and opened when they came. Nothing here waits. */
#ifndef UI_COMMAND_FETCHING_H
#define UI_COMMAND_FETCHING_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct box_message;
struct command_call;
struct buf;
struct err;

bool fetching_is_away(struct app *app, const char *account, int64_t id);
/* Wishes for the text of letter ID (PART ""), or for its beginning (REMOTE_HEAD), and rings. ERR_TEMPORARY: the
 * database is busy; once more later. */
int fetching_wish(struct app *app, const char *account, int64_t id, const char *part, struct err *err);
/* Takes the wish back. */
int fetching_stop(struct app *app, const char *account, int64_t id, const char *part, struct err *err);
/* As store_message_open. A letter that is away is wished for: ERR_TEMPORARY, with a sentence that says so. */
int fetching_open(struct app *app, const char *account, int64_t id, struct box_message *bytes, struct err *err);
/* What CALL wants is not here; the reader on top, if it shows that letter, fetches all of it and then does it, and so
 * does one that is opened when it is one letter of an index: its sentence in ERR. Always -1. */
int fetching_go_on(struct app *app, const struct command_call *call, struct err *err);
/* The same for what needs no more than its outline. */
int fetching_wait(struct app *app, const struct command_call *call, struct err *err);
/* -1, with the sentence of fetching_add_words. */
int fetching_say(struct app *app, const char *account, struct err *err);
/* Why it is not here yet, in one sentence: it comes, or waits for the connection. */
void fetching_add_words(struct app *app, const char *account, struct buf *out);

#endif
