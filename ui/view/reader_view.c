#include "config.h"

#include "ui/view/reader_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compose/invite.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/crypto/crypto.h"
#include "store/mail/account.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "store/mime/sender.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/fetching.h"
#include "ui/command/going_on.h"
#include "ui/command/wish.h"
#include "ui/picture/album.h"
#include "ui/render/boxes.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/pictures.h"
#include "ui/render/signed_marks.h"
#include "ui/view/reader_away.h"
#include "ui/view/reader_keys.h"
#include "ui/view/reader_pictures.h"
#include "ui/view/reader_private.h"
#include "ui/view/verdict.h"

#define NO_MESSAGE SIZE_MAX /* a part: paths and places in it are its own */
#define AWAIT_MS  200 /* between looks for a text that is being fetched */
#define KEYS_MS	  300 /* after it was drawn: keys that a letter brings along have time */

/* --- marking as read --- */

static void mark_seen(void *arg)
{
	struct reader_view *reader = arg;
	struct app *app = reader->view.app;
	struct store_change change = {.set = BOX_SEEN};
	struct err err = ERR_INIT;
	struct store *store = app_store(app, reader->account, &err);
	struct message row;

	reader->seen = NULL;
	if (!store || store_message(store, reader->id, reader->arena, &row, NULL) != 1 ||
	    (row.flags & BOX_SEEN))
		return;
	if (wish_change(app, reader->account, &reader->id, 1, &change, NULL, &err) < 0)
		app_complain(app, &err);
}

/* --- opening --- */

static void forget_message(struct reader_view *reader)
{
	/* a quick reader is gone before the timer */
	if (reader->seen) {
		loop_remove_timer(reader->view.app->loop, &reader->seen);
		mark_seen(reader);
	}
	if (reader->keys)
		loop_remove_timer(reader->view.app->loop, &reader->keys);
	if (reader->awaiting)
		loop_remove_timer(reader->view.app->loop, &reader->awaiting);
	if (reader->asked)
		verdict_cancel(reader->verdict);
	doc_free(&reader->doc);
	album_free(&reader->album);
	if (reader->came != reader->message)
		mime_free(&reader->came);
	mime_free(&reader->message);
	reader->came = NULL;
	verdict_release(&reader->verdict);
	reader->opened = NULL;
	reader->asked = reader->trusts_links = false;
	reader->about = reader->message_number = 0;
	box_message_close(&reader->bytes);
	memset(&reader->bytes, 0, sizeof reader->bytes);
	free(reader->own);
	free(reader->held);
	reader->own = reader->held = NULL;
	outline_close(&reader->outline);
	reader->is_wished = reader->is_stopped = reader->has_outline = false;
	reader_forget_plan(reader);
	arena_reset(reader->arena);
	reader->has_hit = false;
	reader->top = (struct doc_pos){0, 0};
}

static void got_picture(void *arg)
{
	struct reader_view *reader = arg;

	app_dirty(reader->view.app);
}

static bool wish_for(struct reader_view *reader, struct picture_wish *wish)
{
	bool is_alone = reader->own && !reader->is_letter;

	return reader_pictures_wish(reader->view.app, reader->width, reader->height, is_alone, wish);
}

static void make_album(struct reader_view *reader)
{
	struct picture_wish wish;
	bool shows = wish_for(reader, &wish);

	if (!shows)
		album_free(&reader->album);
	else if (!reader->album)
		reader->album = album_new(reader->view.app->loop, got_picture, reader);
}

void reader_load_pictures(struct reader_view *reader)
{
	struct picture_wish wish;

	if (reader->album && wish_for(reader, &wish))
		album_load(reader->album, &wish);
}

static void render_raw(struct reader_view *reader)
{
	size_t len;
	const char *bytes = reader_view_bytes(&reader->view, &len);

	if (reader->opened)
		doc_add_frame(reader->doc, STYLE_FRAME,
			      reader->opened->was_encrypted
				      ? _("These bytes did not come so: this is the letter decrypted.")
				      : _("These bytes did not come so: this is what was signed, with its header."));
	message_render_raw(reader->doc, bytes, len);
}

/* Somebody on the way may have made it a trap: a link that carries its text away is not to be followed by
 * accident. */
static bool is_unprotected(const struct reader_view *reader)
{
	return reader_view_is_unprotected(&reader->view) && !reader->trusts_links;
}

static struct message_wish wish_of(const struct reader_view *reader)
{
	return (struct message_wish){
		.is_emphatic = app_option_bool(reader->view.app, "reader", "emphasis"),
		.width = reader->width,
		.wants_html = reader->wants_html,
		.form = reader->form,
		.all_headers = reader->all_headers,
		.no_header = reader->own && !reader->is_letter && !reader->all_headers,
		.answered = reader->answered,
		.crypto = verdict_result(reader->verdict),
		.crypto_message = reader->message_number,
		.is_checking = verdict_is_checking(reader->verdict),
		.has_no_links = is_unprotected(reader),
	};
}

static void render_awaited(struct reader_view *reader)
{
	const struct mime_part *root = &reader->message->root;
	struct reader_away away = {.app = reader->view.app,
				   .account = reader->account,
				   .id = reader->id,
				   .width = reader->width,
				   .is_wished = reader->is_wished,
				   .is_stopped = reader->is_stopped,
				   .wanted = reader->wanted,
				   .outline = reader->has_outline ? &reader->outline : NULL,
				   .is_signed = !strcmp(root->type, "multipart/signed")};

	reader_away_render(&away, reader->doc);
}

void reader_render(struct reader_view *reader)
{
	const struct account *account = account_find(&reader->view.app->accounts, reader->account);
	struct sender_self self = {account && account->real_name ? account->real_name : "",
				   account && account->address ? account->address : ""};
	struct message_wish wish = wish_of(reader);

	wish.self = &self;
	wish.self_count = account && !reader->is_mine;
	doc_free(&reader->doc);
	reader->doc = doc_new();
	make_album(reader);
	if (reader->is_raw && !reader->held)
		render_raw(reader);
	else
		message_render(reader->doc, reader->message, &wish);
	if (reader->held)
		render_awaited(reader);
	if (reader->album && !reader->is_raw)
		pictures_render(reader->doc, reader->album, reader->parts, reader->part_count);
	if (reader->folds)
		doc_fold(reader->doc, true);
	if (reader->top.line >= reader->doc->shown_count)
		reader->top = (struct doc_pos){0, 0};
	reader->has_hit = false;
}

static void find_place_in_thread(struct reader_view *reader, struct store *store, int64_t thread)
{
	struct message *messages;
	size_t count;

	reader->thread_count = 0;
	if (store_thread(store, thread, reader->arena, &messages, &count, NULL) < 0)
		return;
	reader->thread_count = count;
	for (size_t i = 0; i < count; i++)
		if (messages[i].id == reader->id)
			reader->thread_at = i + 1;
}

/* An answer is kept as a tag. */
static const char *answer_in(char *const *tags)
{
	static const char *const words[] = {"accepted", "declined", "tentative"};

	for (; tags && *tags; tags++)
		for (size_t i = 0; i < ARRAY_COUNT(words); i++)
			if (!strcmp(*tags, words[i]))
				return words[i];
	return NULL;
}

static void read_row(struct reader_view *reader, struct store *store)
{
	struct message row;
	struct folder folder;

	reader->answered = NULL;
	reader->folder = reader->subject = arena_strdup(reader->arena, "");
	reader->is_mine = false;
	if (store_message(store, reader->id, reader->arena, &row, NULL) != 1)
		return;
	reader->subject = row.subject;
	reader->is_mine = row.is_mine;
	reader->received = row.received;
	reader->answered = reader->invites ? answer_in(row.tags) : NULL;
	if (store_folder(store, row.folder, reader->arena, &folder, NULL) == 1 && folder.name)
		reader->folder = folder.name;
	find_place_in_thread(reader, store, row.thread);
}

/* The letter was answered, here or elsewhere. */
static void look_for_answer(struct reader_view *reader)
{
	struct store *store = app_store(reader->view.app, reader->account, NULL);
	struct arena *arena = arena_new();
	struct message row;

	if (store && store_message(store, reader->id, arena, &row, NULL) == 1 &&
	    answer_in(row.tags) != reader->answered) {
		reader->answered = answer_in(row.tags);
		reader_render(reader);
	}
	arena_free(&arena);
}

/* --- what is signed or encrypted --- */

void reader_list_parts(struct reader_view *reader)
{
	message_parts(reader->message, reader->arena, &reader->parts, &reader->part_count);
	verdict_add_parts(reader->verdict, reader->message_number, reader->arena, &reader->parts,
			  &reader->part_count);
	reader_view_mark_away(&reader->view, reader->outline.bytes.data, reader->parts, reader->part_count);
}

static void show_opened(struct reader_view *reader, const struct crypto_opened *opened)
{
	const char *subject;

	reader->opened = opened;
	reader->message = mime_parse(opened->bytes, opened->len, NULL);
	boxes_open(reader->message, NULL);
	subject = mime_field_text(&reader->message->root.header, "Subject", reader->arena);
	if (subject)
		reader->subject = arena_strdup(reader->arena, subject);
	album_free(&reader->album);
	reader->form = 0;
	reader->top = (struct doc_pos){0, 0};
}

/* The letter as it came stays until another one is opened: somebody may be asked where to save a part of it. */
static void verdict_came(struct view *view)
{
	struct reader_view *reader = reader_of(view);
	const struct crypto_result *result = verdict_result(reader->verdict);

	if (result->shown) {
		reader->message_number = (size_t)(result->shown - result->opened) + 1;
		show_opened(reader, result->shown);
		reader->invites = !reader->own && invite_asks(reader->message);
	}
	reader_list_parts(reader);
	reader_render(reader);
	if (reader->invites)
		look_for_answer(reader);
	if (result->shown)
		reader_go_on(reader);
	else
		reader_forget_plan(reader);
}

static void start_verdict(struct reader_view *reader, const char *bytes, size_t len)
{
	reader->came = reader->message;
	reader->verdict = verdict_start(&reader->view, reader->message, bytes, len, verdict_came);
	reader->asked = reader->verdict != NULL;
}

static void see_keys(void *arg)
{
	struct reader_view *reader = arg;

	reader->keys = NULL;
	reader_keys_see(reader->view.app, reader->came, reader->received);
}

/* --- a letter whose text is on its server: reader_await.c --- */

static int await_text(struct reader_view *reader, struct store *store, const char *account, int64_t id,
		      struct err *err)
{
	struct arena *arena = arena_new();
	char *name = mem_strdup(account);
	struct message row;
	int rc = store_message(store, id, arena, &row, err);

	if (rc == 1) {
		forget_message(reader);
		free(reader->account);
		reader->account = mem_strdup(name);
		reader->id = id;
		reader->generation = store_generation(store);
		reader_await(reader, &row);
		reader->all_headers = reader->is_raw = reader->invites = false;
		reader->form = 0;
		read_row(reader, store);
		reader->wants_html = !strcmp(app_option_text(reader->view.app, "reader", "prefer"), "html");
		reader_list_parts(reader);
		reader_show_awaited(reader);
		reader->is_fresh = reader->view.is_dirty = true;
		app_dirty(reader->view.app);
	}
	free(name);
	arena_free(&arena);
	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("This message is gone."));
	return rc < 0 ? -1 : 0;
}

int reader_view_open(struct view *view, const char *account, int64_t id, struct err *err)
{
	struct reader_view *reader = reader_of(view);
	struct store *store = app_store(view->app, account, err);
	struct box_message bytes = {0};
	char *name;

	if (store && fetching_is_away(view->app, account, id))
		return await_text(reader, store, account, id, err);
	if (!store || store_message_open(store, id, &bytes, err) < 0)
		return -1;
	name = mem_strdup(account);
	forget_message(reader);
	free(reader->account);
	reader->account = name;
	reader->id = id;
	reader->generation = store_generation(store);
	reader->bytes = bytes;
	reader->message = mime_parse_resting(bytes.data, bytes.len, NULL,
					     (struct mime_rest){box_message_rest, &reader->bytes});
	start_verdict(reader, bytes.data, bytes.len);
	boxes_open(reader->message, NULL);
	reader->invites = invite_asks(reader->message);
	reader->all_headers = reader->is_raw = false;
	reader->form = 0;
	reader->wants_html = !strcmp(app_option_text(view->app, "reader", "prefer"), "html");
	reader->folds = app_option_bool(view->app, "reader", "fold-quotes");
	read_row(reader, store);
	reader_list_parts(reader);
	reader_render(reader);
	reader->is_fresh = view->is_dirty = true;
	app_dirty(view->app);
	return 0;
}

static void reader_free(struct view *view)
{
	struct reader_view *reader = reader_of(view);

	forget_message(reader);
	arena_free(&reader->arena);
	free(reader->account);
	free(reader->needle);
	free(reader);
}

/* --- it was seen: later, when the screen is quiet --- */

void reader_note_shown(struct reader_view *reader)
{
	struct app *app = reader->view.app;

	if (reader->own || (reader->held && !reader->has_outline) || app->is_read_only)
		return;
	if (reader->is_fresh && !reader->keys)
		reader->keys = loop_add_timer(app->loop, "keys of a letter", KEYS_MS, see_keys, reader);
	if (reader->seen || !app_option_bool(app, "reader", "mark-seen"))
		return;
	if (reader->is_fresh)
		reader->seen = loop_add_timer(app->loop, "reader seen", 1, mark_seen, reader);
}

/* --- the rest --- */

/* The index was made again: its number may be another letter's, to which nothing must be done. */
static void forget_other_letter(struct reader_view *reader)
{
	struct store *store = reader->own ? NULL : app_store(reader->view.app, reader->account, NULL);

	if (store && store_generation(store) != reader->generation)
		reader->id = 0;
}

static int reader_target(struct view *view, bool tagged_if_any, struct arena *arena,
			 struct target *target)
{
	struct reader_view *reader = reader_of(view);

	(void)tagged_if_any;
	forget_other_letter(reader);
	if (reader->own || !reader->id)
		return 0;
	target->account = reader->account;
	target->ids = ARENA_ARRAY(arena, int64_t, 1);
	target->ids[0] = reader->id;
	target->count = 1;
	target->is_tagged = false;
	return 1;
}

static void reader_notice(struct view *view, const struct notice *notice)
{
	struct reader_view *reader = reader_of(view);

	forget_other_letter(reader);
	if (reader->held && (notice->kind == NOTICE_PROGRESS || notice->kind == NOTICE_STATE))
		reader_render(reader);
	if (reader->invites)
		look_for_answer(reader);
	app_dirty(view->app);
}

static unsigned forms(const struct reader_view *reader, unsigned *shown)
{
	struct message_wish wish = {.wants_html = reader->wants_html, .form = reader->form};

	return message_forms(reader->message, &wish, shown);
}

unsigned reader_view_forms(const struct view *view)
{
	unsigned shown;

	return forms(reader_of(view), &shown);
}

static void next_form(struct reader_view *reader)
{
	unsigned shown, count = forms(reader, &shown);
	const char *name;

	if (!count)
		return;
	reader->form = shown % count + 1;
	name = message_form_name(reader->message, reader->form);
	reader->wants_html = name && !strcmp(name, "HTML");
}

void reader_view_toggle(struct view *view, enum reader_way way)
{
	struct reader_view *reader = reader_of(view);

	reader->top = way == READER_QUOTES ? reader->top : (struct doc_pos){0, 0};
	if (way == READER_HEADERS)
		reader->all_headers = !reader->all_headers;
	else if (way == READER_HTML && is_unprotected(reader))
		reader->trusts_links = true;
	else if (way == READER_HTML)
		next_form(reader);
	else if (way == READER_RAW)
		reader->is_raw = !reader->is_raw;
	else
		reader->folds = !reader->folds;
	if (way == READER_HEADERS || way == READER_HTML)
		reader->is_raw = false;
	reader_render(reader);
	app_dirty(view->app);
}

const char *reader_view_account(const struct view *view)
{
	return reader_of(view)->account;
}

int64_t reader_view_id(const struct view *view)
{
	return reader_of(view)->id;
}

struct mime_message *reader_view_message(const struct view *view)
{
	return reader_of(view)->message;
}

const char *reader_view_bytes(const struct view *view, size_t *len)
{
	const struct reader_view *reader = reader_of(view);

	if (reader->opened) {
		*len = reader->opened->len;
		return reader->opened->bytes;
	}
	if (reader->has_outline) {
		*len = reader->outline.bytes.len;
		return reader->outline.bytes.data;
	}
	if (reader->held) {
		*len = reader->held_len;
		return reader->held;
	}
	*len = reader->own ? reader->own_len : reader->bytes.len;
	return reader->own ? reader->own : reader->bytes.data;
}

bool reader_view_is_opened(const struct view *view)
{
	return reader_of(view)->opened != NULL;
}

bool reader_view_was_encrypted(const struct view *view)
{
	const struct crypto_opened *opened = reader_of(view)->opened;

	return opened && opened->was_encrypted;
}

bool reader_view_is_checking(const struct view *view)
{
	return verdict_is_checking(reader_of(view)->verdict);
}

bool reader_view_is_unprotected(const struct view *view)
{
	const struct reader_view *reader = reader_of(view);

	return reader->is_in_unprotected || (reader->opened && reader->opened->is_unprotected);
}

bool reader_view_has_no_links(const struct view *view)
{
	return is_unprotected(reader_of(view));
}

struct verdict *reader_view_verdict(const struct view *view, size_t *about, size_t *message)
{
	const struct reader_view *reader = reader_of(view);

	*about = reader->about;
	*message = reader->message_number;
	return reader->verdict;
}

const struct message_part *reader_view_parts(const struct view *view, size_t *count)
{
	*count = reader_of(view)->part_count;
	return reader_of(view)->parts;
}

bool reader_view_shown_text(const struct view *view, struct buf *out)
{
	const struct reader_view *reader = reader_of(view);
	struct message_wish wish = wish_of(reader);

	if (!reader->wants_html && !message_is_html(reader->message) &&
	    !signed_marks_has_block(wish.crypto, reader->message_number))
		return false;
	message_shown_text(reader->message, &wish, out);
	return true;
}

bool reader_view_invites(const struct view *view)
{
	return reader_of(view)->invites;
}

bool reader_view_wants_html(const struct view *view)
{
	return reader_of(view)->wants_html;
}

const struct doc *reader_view_doc(const struct view *view)
{
	return reader_of(view)->doc;
}

static const struct view_class reader_class = {
	.kind = VIEW_READER,
	.name = "reader",
	.title = N_("Reader"),
	.free = reader_free,
	.draw = reader_draw,
	.title_line = reader_title,
	.mouse = reader_mouse,
	.move = reader_move,
	.move_page = reader_move_page,
	.move_end = reader_move_end,
	.find = reader_find,
	.target = reader_target,
	.notice = reader_notice,
};

static struct reader_view *new_reader(struct app *app)
{
	struct reader_view *reader = mem_alloc(sizeof *reader);

	reader->view.class = &reader_class;
	reader->view.app = app;
	reader->arena = arena_new();
	reader->width = 78;
	reader->height = 20;
	return reader;
}

struct view *reader_view_new(struct app *app, const char *account, int64_t id, struct err *err)
{
	struct reader_view *reader = new_reader(app);

	if (reader_view_open(&reader->view, account, id, err) < 0) {
		reader_free(&reader->view);
		return NULL;
	}
	return &reader->view;
}

/* A part that was made of another's bytes has no header: one that says what was found. */
static void add_bytes(struct buf *out, const struct mime_part *part)
{
	if (part->whole.data == part->body.data) {
		buf_printf(out, "Content-Type: %s", part->type);
		if (part->charset)
			buf_printf(out, "; charset=\"%s\"", part->charset);
		buf_printf(out, "\nContent-Transfer-Encoding: %s\n\n", part->encoding ? part->encoding : "8bit");
	}
	buf_add(out, part->whole.data, part->whole.len);
}

static void take_bytes(struct reader_view *reader, const struct mime_part *part)
{
	struct buf bytes = BUF_INIT;

	add_bytes(&bytes, reader->is_letter ? part->first_child : part);
	reader->own_len = bytes.len;
	reader->own = buf_take(&bytes);
	reader->message = reader->came = mime_parse(reader->own, reader->own_len, NULL);
	if (reader->is_letter)
		start_verdict(reader, reader->own, reader->own_len);
	boxes_open(reader->message, NULL);
}

static char *name_of_part(struct reader_view *reader, const struct mime_part *part)
{
	char *subject = reader->is_letter
				? mime_field_text(&reader->message->root.header, "Subject", reader->arena)
				: NULL;
	const char *name = subject ? subject : part->filename ? part->filename : part->type;

	return arena_strdup(reader->arena, name);
}

static struct reader_view *new_part_reader(struct app *app)
{
	struct reader_view *reader = new_reader(app);

	reader->account = mem_strdup("");
	reader->folder = arena_strdup(reader->arena, "");
	reader->wants_html = !strcmp(app_option_text(app, "reader", "prefer"), "html");
	return reader;
}

static struct view *show_part(struct reader_view *reader)
{
	reader->message->root.disposition = NULL; /* it was asked for */
	reader_list_parts(reader);
	reader_render(reader);
	reader->is_fresh = reader->view.is_dirty = true;
	return &reader->view;
}

/* What is said of the letter is said of its part too, unless that is a letter with verdicts of its own. */
struct view *reader_view_new_part(struct app *app, const struct mime_part *part, struct verdict *verdict,
				  size_t about, bool unprotected)
{
	struct reader_view *reader = new_part_reader(app);

	reader->is_in_unprotected = unprotected;
	reader->is_letter = part->first_child && str_starts(part->type, "message/");
	take_bytes(reader, part);
	reader->subject = name_of_part(reader, part);
	if (!reader->is_letter) {
		reader->verdict = verdict_share(verdict);
		reader->about = about;
		reader->message_number = NO_MESSAGE;
	}
	return show_part(reader);
}

struct view *reader_view_new_opened(struct app *app, struct verdict *verdict, size_t which)
{
	struct reader_view *reader = new_part_reader(app);
	const struct crypto_opened *opened = &verdict_result(verdict)->opened[which - 1];

	reader->verdict = verdict_share(verdict);
	reader->about = reader->message_number = which;
	reader->own = mem_strdup(""); /* no letter of a folder */
	reader->subject = arena_printf(reader->arena, "%s", opened->path);
	show_opened(reader, opened);
	reader->came = reader->message;
	return show_part(reader);
}
