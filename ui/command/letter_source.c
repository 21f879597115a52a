#include "config.h"

#include "ui/command/letter_source.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/crypto/crypto.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/fetching.h"
#include "ui/command/nearby.h"
#include "ui/render/boxes.h"
#include "ui/render/message.h"
#include "ui/view/reader_view.h"

#define WORDS_LOOKED_AT 1000

static bool wants_html(struct app *app)
{
	struct view *top = app_top(app);

	return top->class->kind == VIEW_READER && reader_view_wants_html(top);
}

/* The reader that shows the letter ID, or NULL. */
static struct view *reader_of(struct app *app, int64_t id)
{
	struct view *top = app_top(app);

	return top->class->kind == VIEW_READER && reader_view_id(top) == id ? top : NULL;
}

/* What is quoted and passed on is what is seen: of an encrypted letter what was in it. */
static void source_read(struct letter_source *source, struct app *app, struct view *reader)
{
	struct message_wish wish = {.wants_html = wants_html(app)};
	bool is_opened = reader && reader_view_is_opened(reader);
	size_t len;
	const char *bytes = is_opened ? reader_view_bytes(reader, &len) : NULL;

	source->was_encrypted = is_opened && reader_view_was_encrypted(reader);
	if (is_opened)
		source->message = mime_parse(bytes, len, NULL);
	else
		source->message =
		    mime_parse_resting(source->bytes.data, source->bytes.len, NULL,
				       (struct mime_rest){box_message_rest, &source->bytes});
	if (reader) {
		source->has_shown = reader_view_shown_text(reader, &source->shown);
		return;
	}
	source->has_shown = message_is_html(source->message);
	if (source->has_shown)
		message_shown_text(source->message, &wish, &source->shown);
}

/* Of the index: is what the command means encrypted? It is not, when it is not here. */
static bool is_locked(struct app *app, const struct target *target)
{
	struct box_message bytes = {0};
	struct mime_message *message;
	bool is;

	if (target->count != 1 || fetching_is_away(app, target->account, target->ids[0]) ||
	    fetching_open(app, target->account, target->ids[0], &bytes, NULL) < 0)
		return false;
	message = mime_parse_resting(bytes.data, bytes.len, NULL, (struct mime_rest){box_message_rest, &bytes});
	is = crypto_is_encrypted(message);
	mime_free(&message);
	box_message_close(&bytes);
	return is;
}

int letter_source_unlock(struct app *app, const struct command_call *call, struct err *err)
{
	struct view *top = app_top(app);
	const struct target *target = &call->target;

	if (top->class->kind == VIEW_INDEX && is_locked(app, target)) {
		if (nearby_open(app, target->account, target->ids[0], err) < 0)
			return -1;
		top = app_top(app);
	}
	if (top->class->kind != VIEW_READER || !reader_view_is_checking(top) ||
	    !crypto_is_encrypted(reader_view_message(top)))
		return 0;
	reader_view_plan(top, command_line_of(call));
	return err_set_kind(err, ERR_TEMPORARY, _("The letter is being decrypted first."));
}

int letter_source_open(struct letter_source *source, struct app *app, const struct target *target, int at,
		       struct err *err)
{
	struct view *reader = reader_of(app, target->ids[at]);

	memset(source, 0, sizeof *source);
	if (reader && reader_view_is_checking(reader) && crypto_is_encrypted(reader_view_message(reader)))
		return err_set(err, _("The letter is still being decrypted."));
	if (fetching_open(app, target->account, target->ids[at], &source->bytes, err) < 0)
		return -1;
	source->account = target->account;
	source_read(source, app, reader);
	return 0;
}

/* --- what is away --- */

int letter_source_await(struct letter_source *source, struct app *app,
			const struct command_call *call, int at, struct err *err)
{
	const struct target *target = &call->target;

	if (letter_source_open(source, app, target, at, err) == 0)
		return 0;
	return fetching_is_away(app, target->account, target->ids[at])
		   ? fetching_go_on(app, call, err)
		   : -1;
}

int letter_source_open_text(struct letter_source *source, struct app *app,
			    const struct command_call *call, struct err *err)
{
	struct view *reader = reader_of(app, call->target.ids[0]);
	const char *bytes;
	size_t len;

	if (reader && reader_view_is_awaited(reader) && !reader_view_has_outline(reader))
		return fetching_wait(app, call, err);
	if (!reader || !reader_view_has_text(reader))
		return letter_source_await(source, app, call, 0, err);
	memset(source, 0, sizeof *source);
	bytes = reader_view_bytes(reader, &len);
	source->message = mime_parse(bytes, len, NULL);
	source->account = call->target.account;
	source->has_shown = reader_view_shown_text(reader, &source->shown);
	return 0;
}

/* --- what of it is seen --- */

static bool has_words(const struct mime_message *message)
{
	const struct mime_part *part = mime_text_part(message);
	struct buf text = BUF_INIT;
	bool has;

	if (!part)
		return false;
	mime_decode_body(part, WORDS_LOOKED_AT, &text);
	has = span_trim((struct span){buf_str(&text), text.len}).len > 0;
	buf_free(&text);
	return has;
}

void letter_source_look_into_boxes(struct letter_source *source)
{
	struct message_wish wish = {.wants_html = false};

	if (source->has_shown || has_words(source->message))
		return;
	boxes_open(source->message, NULL);
	if (source->message->part_count <= 1)
		return; /* blanks, however many, and nothing beside them */
	message_shown_text(source->message, &wish, &source->shown);
	source->has_shown = source->shown.len > 0;
}

const char *letter_source_shown(const struct letter_source *source)
{
	return source->has_shown ? buf_str(&source->shown) : NULL;
}

void letter_source_close(struct letter_source *source)
{
	mime_free(&source->message);
	box_message_close(&source->bytes);
	buf_free(&source->shown);
}
