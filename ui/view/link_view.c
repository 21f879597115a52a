#include "config.h"

#include "ui/view/link_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/command/app.h"
#include "ui/input/key.h"
#include "ui/render/doc.h"
#include "ui/render/html_url.h"
#include "ui/view/list_cursor.h"

#define NUMBER_WIDTH 4
#define MARK_WIDTH   3
#define TEXT_LEAST   16
#define TEXT_MOST    48
#define FOOT_ROWS    6 /* a line, what it shows, where it goes */
#define FOOT_FROM    12 /* rows of the screen */

struct link_row {
	const char *url, *shown; /* as it is followed, as a person may believe it */
	const char *text, *host; /* "" : none */
	bool deceives;
};

struct link_view {
	struct list_cursor cursor;
	struct arena *arena;
	const char *account;
	struct link_row *rows;
	size_t count;
	long typed; /* digits so far */
	bool has_text;
};

static struct link_view *of(const struct view *view)
{
	return (struct link_view *)view;
}

static void link_view_free(struct view *base)
{
	arena_free(&of(base)->arena);
	free(base);
}

/* --- rows --- */

static const char *exact(struct arena *arena, const char *text, size_t len)
{
	struct buf out = BUF_INIT;
	const char *copy;

	utf8_add_exact(&out, text, len);
	copy = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return copy;
}

static const char *shown_url(struct arena *arena, const char *url)
{
	struct buf shown = BUF_INIT;
	const char *copy;

	html_url_add_shown(&shown, url);
	copy = exact(arena, buf_str(&shown), shown.len);
	buf_free(&shown);
	return copy;
}

static struct link_row row_of(struct link_view *view, const struct doc *doc, size_t at)
{
	const struct doc_link_text *text = &doc->link_texts[at];
	struct span host = html_url_host(doc->links[at]);

	return (struct link_row){
		.url = arena_strdup(view->arena, doc->links[at]),
		.shown = shown_url(view->arena, doc->links[at]),
		.text = arena_strdup(view->arena, text->text && (!text->is_said || text->deceives) ? text->text : ""),
		.host = exact(view->arena, host.data ? host.data : "", host.len),
		.deceives = text->deceives,
	};
}

static void take_rows(struct link_view *view, const struct doc *doc)
{
	view->rows = ARENA_ARRAY(view->arena, struct link_row, doc->link_count);
	for (size_t i = 0; i < doc->link_count; i++) {
		view->rows[i] = row_of(view, doc, i);
		view->has_text |= *view->rows[i].text != '\0';
	}
	view->count = doc->link_count;
}

/* --- drawing --- */

static int text_width(const struct link_view *view, int width)
{
	int third = width / 3;

	if (!view->has_text)
		return 0;
	return third < TEXT_LEAST ? TEXT_LEAST : third > TEXT_MOST ? TEXT_MOST : third;
}

static void draw_row(struct view *base, struct canvas *canvas, struct rect row, long at)
{
	const struct link_view *view = of(base);
	const struct link_row *link = &view->rows[at];
	enum style style = link->deceives ? STYLE_ERROR : STYLE_LINK;
	int width = text_width(view, row.width), x = row.x + NUMBER_WIDTH + MARK_WIDTH;

	canvas_printf(canvas, row.x, row.y, NUMBER_WIDTH, STYLE_DIM, "%*ld", NUMBER_WIDTH, at + 1);
	canvas_put(canvas, row.x + NUMBER_WIDTH + 1, row.y, 1, style, link->deceives ? "!" : "");
	if (width)
		canvas_put_n(canvas, x, row.y, width, STYLE_NORMAL, link->text, strlen(link->text), true);
	x += width ? width + 2 : 0;
	canvas_put_n(canvas, x, row.y, row.x + row.width - x, style, link->shown, strlen(link->shown), true);
}

/* TEXT over as many rows of AREA as it takes, no longer at words: the rows it took. */
static int put_whole(struct canvas *canvas, struct rect area, enum style style, const char *text)
{
	int y = 0, used;

	while (*text && y < area.height) {
		size_t fit = utf8_fit(text, strlen(text), area.width, &used);

		if (!fit)
			break;
		canvas_put_n(canvas, area.x, area.y + y, area.width, style, text, fit, y == area.height - 1);
		text += fit;
		y++;
	}
	return y;
}

static void draw_foot(const struct link_view *view, struct canvas *canvas, struct rect area)
{
	const struct link_row *link = &view->rows[view->cursor.at];
	struct rect rest = {area.x + 1, area.y + 1, area.width - 2, area.height - 1};
	char *words = link->deceives ? mem_printf(_("Careful: it shows \"%s\" and goes to %s"), link->text, link->host)
				     : mem_strdup(link->text);
	int used;

	canvas_line(canvas, area.x, area.y, area.width, STYLE_FRAME);
	if (*words) {
		canvas_put_n(canvas, rest.x, rest.y, rest.width, link->deceives ? STYLE_ERROR : STYLE_NORMAL, words,
			     strlen(words), true);
		rest.y++;
		rest.height--;
	}
	used = put_whole(canvas, rest, STYLE_LINK, link->shown);
	canvas_link(canvas, (struct rect){rest.x, rest.y, rest.width, used}, link->url);
	free(words);
}

static void link_view_draw(struct view *base, struct canvas *canvas, struct rect area)
{
	struct link_view *view = of(base);
	int foot = area.height >= FOOT_FROM ? FOOT_ROWS : 0, rows = area.height - foot;

	list_cursor_draw(&view->cursor, canvas, (struct rect){area.x, area.y, area.width, rows});
	if (foot)
		draw_foot(view, canvas, (struct rect){area.x, area.y + rows, area.width, foot});
	base->is_dirty = false;
}

static void link_view_title(struct view *base, struct buf *left, struct buf *right)
{
	const struct link_view *view = of(base);
	size_t deceptions = 0;

	for (size_t i = 0; i < view->count; i++)
		deceptions += view->rows[i].deceives;
	buf_add_str(left, _("links of the letter"));
	if (deceptions)
		buf_printf(right, ngettext("%zu deceives, ", "%zu deceive, ", deceptions), deceptions);
	buf_printf(right, ngettext("%zu link", "%zu links", view->count), view->count);
}

/* --- questions --- */

/* Digits are a number; anything else ends it. */
static int link_view_key(struct view *base, const struct key *key)
{
	struct link_view *view = of(base);
	bool is_digit = key->code == KEY_TEXT && !key->is_meta && char_is_digit(key->text[0]);

	if (!is_digit) {
		view->typed = 0;
		return 0;
	}
	view->typed = view->typed * 10 + (long)(key->text[0] - '0');
	if (view->typed > (long)view->count)
		view->typed = (long)(key->text[0] - '0');
	if (view->typed)
		list_cursor_go(base, view->typed - 1);
	return 1;
}

static long links_count(const struct view *base)
{
	return (long)of(base)->count;
}

static bool links_has(const struct view *base, long at, const char *folded)
{
	const struct link_row *row = &of(base)->rows[at];

	return utf8_find_folded(row->text, strlen(row->text), folded) >= 0 ||
	       utf8_find_folded(row->shown, strlen(row->shown), folded) >= 0;
}

size_t link_view_number(const struct view *base)
{
	return (size_t)of(base)->cursor.at + 1;
}

size_t link_view_count(const struct view *base)
{
	return of(base)->count;
}

const char *link_view_url(const struct view *base, size_t number, bool *deceives)
{
	const struct link_view *view = of(base);

	if (number < 1 || number > view->count)
		return NULL;
	*deceives = view->rows[number - 1].deceives;
	return view->rows[number - 1].url;
}

const char *link_view_account(const struct view *base)
{
	return of(base)->account;
}

static const struct view_class links_class = {
	.kind = VIEW_LINKS,
	.name = "links",
	.title = N_("Links"),
	.free = link_view_free,
	.draw = link_view_draw,
	.title_line = link_view_title,
	.key = link_view_key,
	LIST_CURSOR_WAYS,
};

static const struct list_class links_list = {
	.count = links_count,
	.draw_row = draw_row,
	.has = links_has,
};

struct view *link_view_new(struct app *app, const struct doc *doc, const char *account)
{
	struct link_view *view;

	if (!doc->link_count)
		return NULL;
	view = mem_alloc(sizeof *view);
	list_cursor_begin(&view->cursor, app, &links_class, &links_list);
	view->arena = arena_new();
	view->account = arena_strdup(view->arena, account);
	take_rows(view, doc);
	return &view->cursor.view;
}
