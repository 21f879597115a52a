#include "config.h"
#include "ui/view/outbox_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/mail/offline.h"
#include "store/mail/outbox.h"
#include "store/mime/sender.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/going_on.h"
#include "ui/screen/wrap.h"
#include "ui/view/list_cursor.h"

#define NUMBER_WIDTH  4
#define DUE_WIDTH     16
#define TO_WIDTH      26
#define SUBJECT_WIDTH 18
#define WORDS_ROWS    4 /* of the whole sentence about one letter or recipient */

struct outbox_view {
	struct list_cursor cursor;
	struct arena *arena;
	struct outbox_entry *entries;
	size_t count;
	int64_t current; /* id: the cursor follows it */
	bool is_stale, details;
	int width; /* as drawn last */
};

static struct outbox_view *of(struct view *view)
{
	return (struct outbox_view *)view;
}

/* --- rows --------------------------------------------------------------------------------------- */

static long count_rows(const struct view *view)
{
	return (long)((const struct outbox_view *)view)->count;
}

static void remember_place(struct view *view)
{
	struct outbox_view *self = of(view);

	self->current = self->count ? self->entries[self->cursor.at].id : 0;
}

/* The recipient that says most about the entry: one that still waits before one that is done. */
static const struct outbox_recipient *telling(const struct outbox_entry *entry)
{
	static const enum outbox_state order[] = {OUTBOX_FAILED,  OUTBOX_ATTEMPT, OUTBOX_WAITING,
						  OUTBOX_HELD,	  OUTBOX_CANCELLED, OUTBOX_SENT};
	size_t i, state;

	for (state = 0; state < sizeof order / sizeof *order; state++)
		for (i = 0; i < entry->recipient_count; i++)
			if (entry->recipients[i].state == order[state])
				return &entry->recipients[i];
	return NULL;
}

static bool is_over(const struct outbox_entry *entry)
{
	const struct outbox_recipient *one = telling(entry);

	return one && (one->state == OUTBOX_SENT || one->state == OUTBOX_CANCELLED);
}

/* Where the eye goes when the view opens: what is not over, else the newest. */
static long first_open(const struct outbox_view *self)
{
	size_t i = 0;

	while (i + 1 < self->count && is_over(&self->entries[i]))
		i++;
	return (long)i;
}

static void find_current(struct outbox_view *self)
{
	size_t i;

	for (i = 0; i < self->count; i++)
		if (self->entries[i].id == self->current)
			self->cursor.at = (long)i;
	if (!self->current)
		self->cursor.at = first_open(self);
	if (self->cursor.at >= (long)self->count)
		self->cursor.at = self->count ? (long)self->count - 1 : 0;
	remember_place(&self->cursor.view);
}

static void load(struct outbox_view *self)
{
	struct err err = ERR_INIT;
	struct app *app = self->cursor.view.app;

	self->is_stale = false;
	arena_reset(self->arena);
	self->count = 0;
	if (app->outbox && outbox_list(app->outbox, true, self->arena, &self->entries, &self->count, &err) < 0)
		app_complain(app, &err);
	find_current(self);
}

int64_t outbox_view_current(const struct view *view)
{
	return ((const struct outbox_view *)view)->current;
}

bool outbox_view_is_sending(struct view *view)
{
	struct outbox_view *self = of(view);
	const struct outbox_entry *entry;

	load(self);
	entry = self->count ? &self->entries[self->cursor.at] : NULL;
	for (size_t i = 0; entry && i < entry->recipient_count; i++)
		if (entry->recipients[i].state == OUTBOX_ATTEMPT)
			return true;
	return false;
}

void outbox_view_toggle_details(struct view *view)
{
	of(view)->details = !of(view)->details;
	app_dirty(view->app);
}

static bool waits_offline(struct app *app, const struct outbox_entry *entry)
{
	const struct account *account = app_account(app, entry->account);

	return account && offline_is(account);
}

static void add_due(struct buf *out, const struct outbox_recipient *one)
{
	int64_t now = (int64_t)time(NULL);
	struct tm tm;
	time_t due = (time_t)one->due;
	char clock[32];

	if (one->state != OUTBOX_WAITING) {
		buf_add_str(out, outbox_state_name(one->state));
		return;
	}
	localtime_r(&due, &tm);
	strftime(clock, sizeof clock, one->due - now > 86400 ? "%d.%m. %H:%M" : "%H:%M", &tm);
	if (one->due <= now)
		buf_add_str(out, _("now"));
	else if (one->due - now < 120)
		buf_printf(out, _("in %d s"), (int)(one->due - now));
	else
		buf_add_str(out, clock);
	if (one->tries)
		buf_printf(out, _(" (try %d)"), one->tries + 1);
}

/* The code of RFC 3463 in front of the words, unless the other side has said it with them. */
static void add_verdict(struct buf *out, const struct outbox_recipient *one)
{
	bool is_said = !*one->status || strstr(one->reply, one->status);

	buf_printf(out, "%s%s%s", is_said ? "" : one->status, is_said ? "" : " ", one->reply);
}

static void add_reason(struct app *app, struct buf *out, const struct outbox_entry *entry,
		       const struct outbox_recipient *one)
{
	const struct transfer *transfer = going_on_sending(app, entry->id);
	char key[32];

	if (one->state == OUTBOX_ATTEMPT && transfer)
		going_on_add_amount(transfer, out);
	else if (one->state == OUTBOX_HELD && !*one->reply)
		buf_add_str(out, _("held by you"));
	else if (*one->reply || *one->status)
		add_verdict(out, one);
	else if (one->state == OUTBOX_WAITING && one->due > (int64_t)time(NULL) &&
		 app_key_for(app, "take-back", key, sizeof key))
		buf_printf(out, _("undo with %s"), key);
}

static void add_to(struct buf *out, const struct outbox_entry *entry)
{
	if (entry->recipient_count)
		sender_add_addr(out, entry->recipients[0].addr);
	if (entry->recipient_count > 1)
		buf_printf(out, " +%zu", entry->recipient_count - 1);
}

static void put(struct canvas *canvas, int *x, int y, int width, enum style style, const char *text)
{
	canvas_put_n(canvas, *x, y, width, style, text, strlen(text), true);
	*x += width + 1;
}

static int subject_width(int width)
{
	return SUBJECT_WIDTH + (width > 100 ? 20 : 0);
}

/* Where the last column of a row begins. */
static int reason_column(int width)
{
	return 1 + NUMBER_WIDTH + 1 + DUE_WIDTH + 1 + TO_WIDTH + 1 + subject_width(width) + 1;
}

static void draw_entry(struct outbox_view *self, struct canvas *canvas, struct rect row,
		       const struct outbox_entry *entry)
{
	const struct outbox_recipient *one = telling(entry);
	enum style style = is_over(entry) ? STYLE_DIM : STYLE_NORMAL;
	struct buf text = BUF_INIT;
	char number[24];
	int x = row.x + 1;

	if (one && one->state == OUTBOX_FAILED)
		style = STYLE_FLAGGED;
	snprintf(number, sizeof number, "%*lld", NUMBER_WIDTH, (long long)entry->id);
	put(canvas, &x, row.y, NUMBER_WIDTH, style, number);
	if (one && one->state == OUTBOX_WAITING && one->tries && waits_offline(self->cursor.view.app, entry))
		buf_add_str(&text, _("when online"));
	else if (one)
		add_due(&text, one);
	put(canvas, &x, row.y, DUE_WIDTH, style, buf_str(&text));
	buf_clear(&text);
	add_to(&text, entry);
	put(canvas, &x, row.y, TO_WIDTH, style, buf_str(&text));
	put(canvas, &x, row.y, subject_width(row.width), style, entry->subject);
	buf_clear(&text);
	if (one)
		add_reason(self->cursor.view.app, &text, entry, one);
	put(canvas, &x, row.y, row.width - x, style, buf_str(&text));
	buf_free(&text);
}

/* --- whole sentences, which a row has no room for --- */

static int rows_of(const struct buf *text, int width)
{
	size_t at = 0;
	int rows = 0;

	for (; at < text->len && rows < WORDS_ROWS && width > 0; rows++)
		at += wrap_row(text->data + at, text->len - at, width);
	return rows;
}

static int draw_words(struct canvas *canvas, struct rect area, const struct buf *text)
{
	size_t at = 0, len;
	int rows = rows_of(text, area.width);

	for (int y = 0; y < rows; y++, at += len) {
		len = y + 1 < rows ? wrap_row(text->data + at, text->len - at, area.width) : text->len - at;
		if (y < area.height)
			canvas_put_n(canvas, area.x, area.y + y, area.width, STYLE_FRAME, text->data + at, len, true);
	}
	return rows;
}

static void add_detail(struct buf *line, const struct outbox_recipient *one)
{
	sender_add_addr(line, one->addr);
	buf_printf(line, ": %s", outbox_state_name(one->state));
	if (one->last_try) {
		buf_add_str(line, _(", last tried "));
		date_add_long(line, one->last_try);
	}
	if (*one->reply) {
		buf_add_str(line, _(", the other side said: "));
		add_verdict(line, one);
	}
	if (one->maybe_sent)
		buf_add_str(line, _(" (may have arrived already)"));
}

/* The rows below the row of the cursor: in AREA, or (CANVAS NULL) only counted. */
static int draw_details(struct canvas *canvas, struct rect area, const struct outbox_entry *entry)
{
	struct rect words = {area.x + NUMBER_WIDTH + 2, area.y, area.width - NUMBER_WIDTH - 3, area.height};
	int rows = 0;

	for (size_t i = 0; i < entry->recipient_count; i++) {
		struct buf line = BUF_INIT;

		add_detail(&line, &entry->recipients[i]);
		words.y = area.y + rows;
		words.height = area.height - rows;
		rows += canvas ? draw_words(canvas, words, &line) : rows_of(&line, words.width);
		buf_free(&line);
	}
	return rows < area.height || !canvas ? rows : area.height;
}

/* All that is said of the current letter, in rows at the end of AREA, when its own row has no room for it. The rows
 * it took. */
static int draw_whole_reason(struct outbox_view *self, struct canvas *canvas, struct rect area)
{
	const struct outbox_entry *entry = self->count ? &self->entries[self->cursor.at] : NULL;
	const struct outbox_recipient *one = entry && !self->details ? telling(entry) : NULL;
	int room = area.width - reason_column(area.width), rows = 0;
	struct rect words = {area.x + 1, area.y, area.width - 2, area.height};
	struct buf text = BUF_INIT;

	if (one)
		add_reason(self->cursor.view.app, &text, entry, one);
	if (utf8_width(buf_str(&text), text.len) > room)
		rows = rows_of(&text, words.width);
	if (rows && rows + 3 < area.height) {
		words.y = area.y + area.height - rows;
		canvas_line(canvas, area.x, words.y - 1, area.width, STYLE_FRAME);
		draw_words(canvas, words, &text);
		rows++;
	} else {
		rows = 0;
	}
	buf_free(&text);
	return rows;
}

static void draw_head(struct canvas *canvas, struct rect row)
{
	int x = row.x + 1;

	put(canvas, &x, row.y, NUMBER_WIDTH, STYLE_DIM, "   #");
	put(canvas, &x, row.y, DUE_WIDTH, STYLE_DIM, _("due"));
	put(canvas, &x, row.y, TO_WIDTH, STYLE_DIM, _("to"));
	put(canvas, &x, row.y, subject_width(row.width), STYLE_DIM, _("subject"));
	put(canvas, &x, row.y, row.width - x, STYLE_DIM, _("why it waits"));
}

/* Lines that are shown below the row of the cursor. */
static int detail_lines(const struct outbox_view *self)
{
	if (!self->details || !self->count)
		return 0;
	return draw_details(NULL, (struct rect){0, 0, self->width, 0}, &self->entries[self->cursor.at]);
}

static void draw_entries(struct outbox_view *self, struct canvas *canvas, struct rect area)
{
	int y = area.y, end = area.y + area.height;
	long i;

	list_cursor_show(&self->cursor, area, detail_lines(self));
	for (i = self->cursor.top; i < (long)self->count && y < end; i++) {
		struct rect row = {area.x, y++, area.width, 1};

		draw_entry(self, canvas, row, &self->entries[i]);
		if (i != self->cursor.at)
			continue;
		list_cursor_mark(canvas, row);
		if (self->details)
			y += draw_details(canvas, (struct rect){area.x, y, area.width, end - y},
					  &self->entries[i]);
	}
}

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct outbox_view *self = of(view);

	if (self->is_stale)
		load(self);
	draw_head(canvas, area);
	if (!self->count)
		canvas_put(canvas, area.x + 2, area.y + 2, area.width - 2, STYLE_DIM,
			   _("Nothing waits: all letters are on their way."));
	self->width = area.width;
	area.height -= draw_whole_reason(self, canvas, area);
	draw_entries(self, canvas,
		     (struct rect){area.x, area.y + 1, area.width, area.height - 1});
}

/* --- the class ---------------------------------------------------------------------------------- */

/* With details the rows are not one line each. */
static void mouse(struct view *view, const struct key *key)
{
	if (!of(view)->details)
		list_cursor_mouse(view, key);
}

static bool has_state(const struct outbox_entry *entry, enum outbox_state state)
{
	size_t i = 0;

	while (i < entry->recipient_count && entry->recipients[i].state != state)
		i++;
	return i < entry->recipient_count;
}

/* A worker has begun with it, or it goes on. */
static void hear_sending(struct view *view, int64_t id)
{
	struct outbox_view *self = of(view);

	for (size_t i = 0; i < self->count; i++)
		if (self->entries[i].id == id && !has_state(&self->entries[i], OUTBOX_ATTEMPT))
			self->is_stale = true;
	app_dirty(view->app);
}

static void notice_news(struct view *view, const struct notice *notice)
{
	if (notice->kind == NOTICE_OUTBOX_CHANGED || notice->kind == NOTICE_FOLDER_CHANGED)
		of(view)->is_stale = true;
	if (notice->kind == NOTICE_PROGRESS && notice->code == TRANSFER_SENDING)
		hear_sending(view, notice->id);
}

static void resumed(struct view *view)
{
	of(view)->is_stale = true;
}

/* Letters, as the rows are: each counts once for each state that one of its recipients is in. */
static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	struct outbox_view *self = of(view);
	size_t i, waiting = 0, held = 0, failed = 0;

	for (i = 0; i < self->count; i++) {
		const struct outbox_entry *entry = &self->entries[i];

		waiting += has_state(entry, OUTBOX_WAITING) || has_state(entry, OUTBOX_ATTEMPT);
		held += has_state(entry, OUTBOX_HELD);
		failed += has_state(entry, OUTBOX_FAILED);
	}
	buf_add_str(left, _("outbox"));
	buf_printf(right, _("%zu waiting, %zu held, %zu failed"), waiting, held, failed);
}

static void free_view(struct view *view)
{
	arena_free(&of(view)->arena);
	free(view);
}

static const struct view_class outbox_class = {
    .kind = VIEW_OUTBOX,
    .name = "outbox",
    .title = N_("outbox"),
    .free = free_view,
    .draw = draw,
    .title_line = title_line,
    .mouse = mouse,
    .move = list_cursor_move,
    .move_page = list_cursor_page,
    .move_end = list_cursor_end,
    .notice = notice_news,
    .resumed = resumed,
};

static const struct list_class rows_class = {
    .count = count_rows,
    .moved = remember_place,
};

struct view *outbox_view_new(struct app *app)
{
	struct outbox_view *self = mem_alloc(sizeof *self);

	list_cursor_begin(&self->cursor, app, &outbox_class, &rows_class);
	self->arena = arena_new();
	load(self);
	return &self->cursor.view;
}
