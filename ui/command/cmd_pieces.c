/* A letter that was cut into pieces (message/partial), put together and shown. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/box/box.h"
#include "store/crypto/crypto.h"
#include "store/mail/query.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "store/mime/partial.h"
#include "ui/command/app.h"
#include "ui/command/tables.h"
#include "ui/view/reader_view.h"

#define LETTERS_MAX 2000 /* of that sender that are looked through */

/* --- looking for the pieces --- */

struct search {
	struct store *store;
	struct partial *partial;
	size_t room; /* letters that are still looked at */
	bool has_failed;
	struct err *err;
};

/* -1 ends the search: all is there, or too much. */
static int take_letter(void *arg, int64_t id)
{
	struct search *search = arg;
	struct box_message bytes = {0};
	struct mime_message *message;
	int result;

	if (!search->room-- || partial_is_whole(search->partial))
		return -1;
	if (store_message_open(search->store, id, &bytes, NULL) < 0)
		return 0;
	message = mime_parse_resting(bytes.data, bytes.len, NULL, (struct mime_rest){box_message_rest, &bytes});
	result = partial_take(search->partial, message, search->err);
	mime_free(&message);
	box_message_close(&bytes);
	search->has_failed = result < 0;
	return result < 0 ? -1 : 0;
}

/* Pieces come from where the one that is shown came from. */
static struct query *query_of_sender(const struct message *row, struct err *err)
{
	struct buf words = BUF_INIT;
	struct query *query;

	buf_add_str(&words, "from:\"");
	for (const char *c = row->from_addr; *c; c++)
		if (*c != '"' && *c != '\\')
			buf_add_char(&words, *c);
	buf_add_char(&words, '"');
	query = query_parse(buf_str(&words), (int64_t)time(NULL), err);
	buf_free(&words);
	return query;
}

static int find_pieces(struct app *app, const struct view *reader, struct arena *arena, struct partial *partial,
		       struct err *err)
{
	struct store *store = app_store(app, reader_view_account(reader), err);
	struct search search = {.store = store, .partial = partial, .room = LETTERS_MAX, .err = err};
	struct query *query;
	struct message row;
	int result;

	if (!store || store_message(store, reader_view_id(reader), arena, &row, err) != 1)
		return -1;
	query = query_of_sender(&row, err);
	result = query ? query_run(store, query, row.folder, take_letter, &search, err) : -1;
	query_free(&query);
	return result < 0 || search.has_failed ? -1 : 0;
}

/* --- the whole --- */

/* Pieces may come from several hands: what is signed or encrypted is not made of them. */
static int show_whole(struct app *app, const struct partial *partial, struct err *err)
{
	struct buf bytes = BUF_INIT;
	struct mime_message *message;
	char type[] = "message/rfc822";
	struct mime_part letter = {.type = type};
	int result = 0;

	partial_join(partial, &bytes);
	message = mime_parse(buf_str(&bytes), bytes.len, NULL);
	letter.first_child = &message->root;
	letter.whole = letter.body = (struct span){buf_str(&bytes), bytes.len};
	if (crypto_is_needed(message))
		result = err_set(err, _("What is signed or encrypted is not put together out of pieces."));
	else
		app_push(app, reader_view_new_part(app, &letter, NULL, 0, false));
	mime_free(&message);
	buf_free(&bytes);
	return result;
}

static int say_missing(const struct partial *partial, struct err *err)
{
	size_t have, total;

	partial_count(partial, &have, &total);
	if (!total)
		return err_set(err, _("No piece says how many there are; %zu were found in this folder."), have);
	return err_set(err, _("Only %zu of %zu pieces are in this folder."), have, total);
}

static int join_pieces(struct app *app, struct command_call *call, struct err *err)
{
	const struct view *reader = app_top(app);
	struct partial *partial = reader_view_id(reader) ? partial_new(reader_view_message(reader)) : NULL;
	int result;

	if (!partial)
		return err_set(err, _("This letter is no piece of another."));
	result = find_pieces(app, reader, call->arena, partial, err);
	if (result == 0)
		result = partial_is_whole(partial) ? show_whole(app, partial, err) : say_missing(partial, err);
	partial_free(&partial);
	return result;
}

const struct command cmd_pieces_rows[] = {
	{"join-pieces", "", N_("put a letter together that was cut into pieces, and show it"), VIEW_READER,
	 NEEDS_SCREEN, 0, 0, join_pieces, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
