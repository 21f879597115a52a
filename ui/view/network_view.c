#include "config.h"
#include "ui/view/network_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/mail/offline.h"
#include "ui/command/app.h"
#include "ui/command/going_on.h"
#include "ui/screen/format.h"
#include "ui/view/list_cursor.h"

#define NAME_COLUMNS  16
#define WORD_COLUMNS  22
#define BAR_COLUMNS   14
#define AMOUNT_COLUMNS 44 /* the bar, percent, how much of how much */
#define WHAT_LEAST    20
#define WHAT_MOST     70
#define TICK_MS	      10000 /* "since 12:04" becomes "since yesterday" */

/* An account, or what is on its way there. */
struct row {
	const struct account *account; /* NULL: of none that is configured */
	const struct transfer *transfer;
};

struct network_view {
	struct list_cursor cursor;
	struct row *rows;
	size_t count, cap;
	struct loop_timer *timer;
};

static struct network_view *of(const struct view *view)
{
	return (struct network_view *)view;
}

/* --- rows --- */

static void add_row(struct network_view *self, const struct account *account, const struct transfer *transfer)
{
	ARRAY_ROOM(self->rows, self->count, self->cap);
	self->rows[self->count++] = (struct row){account, transfer};
}

static void add_transfers(struct network_view *self, const struct account *account, const char *name)
{
	size_t count;
	const struct transfer *list = going_on_transfers(self->cursor.view.app, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].account, name) == 0)
			add_row(self, account, &list[i]);
}

/* Cheap: read anew whenever they are needed. */
static void read_rows(struct network_view *self)
{
	const struct account_list *accounts = &self->cursor.view.app->accounts;

	self->count = 0;
	for (size_t i = 0; i < accounts->count; i++) {
		add_row(self, &accounts->items[i], NULL);
		add_transfers(self, &accounts->items[i], accounts->items[i].name);
	}
	add_transfers(self, NULL, "");
	if (self->cursor.at >= (long)self->count)
		self->cursor.at = self->count ? (long)self->count - 1 : 0;
}

static const struct row *row_at(const struct view *view, long at)
{
	struct network_view *self = of(view);

	read_rows(self);
	return at >= 0 && at < (long)self->count ? &self->rows[at] : NULL;
}

static long count_rows(const struct view *view)
{
	read_rows(of(view));
	return (long)of(view)->count;
}

/* --- drawing --- */

static void add_kind(struct buf *out, const struct account *account)
{
	if (account->kind == ACCOUNT_LOCAL)
		buf_add_str(out, _("mail of this computer"));
	else if (account->kind == ACCOUNT_MAILDIR)
		buf_add_str(out, _("a mailbox of this computer"));
}

static enum style style_of(const struct app *app, const struct account *account)
{
	if (going_on_state(app, account->name)->state == STATE_STUCK)
		return STYLE_ERROR;
	return going_on_has_trouble(app, account) ? STYLE_FLAGGED : STYLE_NORMAL;
}

/* How full it is there; in colour when little is left. */
static void draw_quota(struct canvas *canvas, struct rect place, const struct going_state *state)
{
	struct buf used = BUF_INIT, limit = BUF_INIT;

	if (!state->limit)
		return;
	format_add_size(&used, state->used * 1024);
	format_add_size(&limit, state->limit * 1024);
	canvas_printf(canvas, place.x, place.y, place.width,
		      state->used >= state->limit / 10 * 9 ? STYLE_FLAGGED : STYLE_DIM, _("%s of %s used there"),
		      buf_str(&used), buf_str(&limit));
	buf_free(&used);
	buf_free(&limit);
}

static void draw_account(const struct app *app, struct canvas *canvas, struct rect row,
			 const struct account *account)
{
	int x = row.x + 1, end = row.x + row.width;
	enum style style = style_of(app, account);
	struct buf word = BUF_INIT;

	canvas_put(canvas, x, row.y, NAME_COLUMNS - 1, STYLE_HEADER_NAME, account->name);
	x += NAME_COLUMNS;
	going_on_add_word(app, account, &word);
	if (!word.len)
		add_kind(&word, account);
	if (going_on_state(app, account->name)->state == 0)
		canvas_put(canvas, x, row.y, end - x, style, buf_str(&word));
	else
		canvas_put(canvas, x, row.y, WORD_COLUMNS - 1, style, buf_str(&word));
	x += WORD_COLUMNS;
	if (*going_on_state(app, account->name)->why)
		canvas_put(canvas, x, row.y, end - x, STYLE_DIM, going_on_state(app, account->name)->why);
	else
		draw_quota(canvas, (struct rect){x, row.y, end - x, 1}, going_on_state(app, account->name));
	buf_free(&word);
}

static void add_what(const struct transfer *transfer, struct buf *out)
{
	static const char *const words[] = {
	    [TRANSFER_FILES] = N_("files are read into the index"),
	    [TRANSFER_ROUND] = N_("mail is fetched"),
	    [TRANSFER_LETTER] = N_("fetching"),
	    [TRANSFER_SENDING] = N_("sending"),
	};

	buf_add_str(out, _(words[transfer->kind]));
	if (*transfer->what)
		buf_printf(out, ": %s", transfer->what);
}

static void draw_transfer(struct canvas *canvas, struct rect row, const struct transfer *transfer)
{
	int x = row.x + 3, end = row.x + row.width, columns = row.width - 3 - AMOUNT_COLUMNS;
	struct buf text = BUF_INIT;

	columns = columns < WHAT_LEAST ? WHAT_LEAST : columns > WHAT_MOST ? WHAT_MOST : columns;
	add_what(transfer, &text);
	canvas_put(canvas, x, row.y, columns - 1, STYLE_NORMAL, buf_str(&text));
	x += columns;
	buf_clear(&text);
	going_on_add_bar(transfer, BAR_COLUMNS, &text);
	buf_printf(&text, " %3d %%  ", going_on_percent(transfer));
	going_on_add_amount(transfer, &text);
	canvas_put(canvas, x, row.y, end - x, STYLE_NORMAL, buf_str(&text));
	buf_free(&text);
}

static void draw_row(struct view *view, struct canvas *canvas, struct rect place, long at)
{
	const struct row *row = &of(view)->rows[at];

	if (row->transfer)
		draw_transfer(canvas, place, row->transfer);
	else
		draw_account(view->app, canvas, place, row->account);
}

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	if (!count_rows(view))
		canvas_put(canvas, area.x + 2, area.y + 1, area.width - 2, STYLE_DIM,
			   _("There is no account yet."));
	list_cursor_draw(&of(view)->cursor, canvas, area);
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	const struct app *app = view->app;
	size_t transfers, troubles = 0;

	going_on_transfers(app, &transfers);
	for (size_t i = 0; i < app->accounts.count; i++)
		troubles += going_on_has_trouble(app, &app->accounts.items[i]);
	buf_add_str(left, _("accounts and what is on its way"));
	if (offline_is(NULL))
		buf_add_str(right, _("offline by your wish   "));
	else if (troubles)
		buf_printf(right, ngettext("%zu not connected   ", "%zu not connected   ", troubles), troubles);
	buf_printf(right, ngettext("%zu transfer", "%zu transfers", transfers), transfers);
}

/* --- the class --- */

static bool has(const struct view *view, long at, const char *folded)
{
	const struct row *row = row_at(view, at);
	const char *text = !row ? "" : row->transfer ? row->transfer->what : row->account->name;

	return utf8_find_folded(text, strlen(text), folded) >= 0;
}

static void tick(void *arg)
{
	struct network_view *self = arg;
	struct app *app = self->cursor.view.app;

	self->timer = loop_add_timer(app->loop, "network", TICK_MS, tick, self);
	if (app_top(app) == &self->cursor.view)
		app_dirty(app);
}

static void free_view(struct view *view)
{
	if (of(view)->timer)
		loop_remove_timer(view->app->loop, &of(view)->timer);
	free(of(view)->rows);
	free(view);
}

static const struct view_class network_class = {
	.kind = VIEW_NETWORK,
	.name = "network",
	.title = N_("accounts and what is on its way"),
	.free = free_view,
	.draw = draw,
	.title_line = title_line,
	LIST_CURSOR_WAYS,
};

static const struct list_class rows_class = {
	.count = count_rows,
	.draw_row = draw_row,
	.opens = "network-show",
	.has = has,
};

struct view *network_view_new(struct app *app)
{
	struct network_view *self = mem_alloc(sizeof *self);

	list_cursor_begin(&self->cursor, app, &network_class, &rows_class);
	if (app->loop)
		self->timer = loop_add_timer(app->loop, "network", TICK_MS, tick, self);
	return &self->cursor.view;
}

const char *network_view_account(const struct view *view)
{
	const struct row *row = row_at(view, of(view)->cursor.at);

	if (!row)
		return NULL;
	return row->account ? row->account->name : row->transfer->account;
}

const struct transfer *network_view_transfer(const struct view *view)
{
	const struct row *row = row_at(view, of(view)->cursor.at);

	return row ? row->transfer : NULL;
}
