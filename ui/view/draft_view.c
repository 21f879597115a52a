#include "config.h"

#include "ui/view/draft_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compose/compose_option.h"
#include "compose/draft.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/sender.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/input/key.h"
#include "ui/input/line_edit.h"
#include "ui/input/text_edit.h"
#include "ui/render/message.h"
#include "ui/view/address_book.h"

#define TICK_MS	    500
#define SAVE_MOST_MS 4500 /* while one goes on typing */
#define CANDIDATES  6
#define FILES_SHOWN 4
#define ADDRESSES_SHOWN 100
#define SIGNATURE_LINES 40
#define LABEL	    10 /* columns */

enum field { FIELD_FROM, FIELD_TO, FIELD_CC, FIELD_BCC, FIELD_SUBJECT, FIELD_COUNT };

static const char *const labels[FIELD_COUNT] = {N_("From:"), N_("To:"), N_("Cc:"), N_("Bcc:"),
						N_("Subject:")};

/* Where keys go. MENU: nowhere; letters are commands. */
enum focus_kind { FOCUS_FIELD, FOCUS_FILE, FOCUS_TEXT, FOCUS_MENU };

struct draft_view {
	struct view view;
	struct draft *draft;
	struct line_edit *fields[FIELD_COUNT];
	struct text_edit *text;
	enum focus_kind focus;
	size_t at; /* which field or file */
	uint64_t saved_revision;
	bool is_changed, is_done, has_failed;
	int64_t changed_ms, last_key_ms; /* first change since the last saving; last key */
	struct loop_timer *tick;
	struct address_book *book;
	const struct address_book_entry *found[CANDIDATES];
	size_t found_count, found_at;
	bool was_chosen; /* by an arrow: Enter takes it */
	struct rect area;
	int field_rows[FIELD_COUNT]; /* where they were drawn, -1: not */
	int files_row, text_row;
};

static struct draft_view *draft_of(const struct view *view)
{
	return (struct draft_view *)view;
}

static char **draft_field(struct draft *draft, enum field field)
{
	char **const texts[FIELD_COUNT] = {&draft->from, &draft->to, &draft->cc, &draft->bcc,
					   &draft->subject};

	return texts[field];
}

/* --- between the screen and the draft --- */

static void collect(struct draft_view *view)
{
	struct buf body = BUF_INIT;

	for (int i = 0; i < FIELD_COUNT; i++)
		draft_set(draft_field(view->draft, (enum field)i), line_edit_text(view->fields[i]));
	text_edit_add_text(view->text, &body);
	draft_set_body(view->draft, buf_str(&body), body.len);
	buf_free(&body);
}

void draft_view_refresh(struct view *base)
{
	struct draft_view *view = draft_of(base);
	struct buf body = BUF_INIT;

	for (int i = 0; i < FIELD_COUNT; i++) {
		const char *text = *draft_field(view->draft, (enum field)i);

		if (strcmp(text, line_edit_text(view->fields[i])))
			line_edit_set_text(view->fields[i], text);
	}
	text_edit_add_text(view->text, &body);
	if (strcmp(buf_str(&body), view->draft->body))
		text_edit_replace_text(view->text, view->draft->body, strlen(view->draft->body));
	buf_free(&body);
	if (view->focus == FOCUS_FILE && view->at >= view->draft->attachment_count)
		view->focus = FOCUS_TEXT;
	view->is_changed = true;
	app_dirty(base->app);
}

struct draft *draft_view_draft(struct view *base)
{
	struct draft_view *view = draft_of(base);

	collect(view);
	return view->draft;
}

static bool has_changed(const struct draft_view *view)
{
	return view->is_changed || text_edit_revision(view->text) != view->saved_revision;
}

int draft_view_save(struct view *base, struct err *err)
{
	struct draft_view *view = draft_of(base);

	if (view->is_done || !has_changed(view))
		return 0;
	collect(view);
	if (!view->draft->saved && draft_is_empty(view->draft))
		return 0;
	if (draft_save(view->draft, err) < 0)
		return -1;
	view->saved_revision = text_edit_revision(view->text);
	view->is_changed = view->has_failed = false;
	view->changed_ms = 0;
	app_dirty(base->app);
	return 0;
}

void draft_view_done(struct view *base)
{
	draft_of(base)->is_done = true;
}

/* --- saving while one types --- */

static void add_tick(struct draft_view *view);

static void save_quietly(struct draft_view *view)
{
	struct err err = ERR_INIT;

	if (draft_view_save(&view->view, &err) == 0)
		return;
	if (!view->has_failed)
		app_complain(view->view.app, &err);
	view->has_failed = true;
	view->changed_ms = view->last_key_ms = loop_now_ms();
}

/* After the last key. */
static int64_t rest_ms(const struct draft_view *view)
{
	return compose_option_int(&view->view.app->compose, "autosave") * 1000;
}

static void ticked(void *arg)
{
	struct draft_view *view = arg;
	int64_t now = loop_now_ms();

	view->tick = NULL;
	if (has_changed(view) && !view->changed_ms)
		view->changed_ms = now;
	if (has_changed(view) && (now - view->last_key_ms >= rest_ms(view) ||
				  now - view->changed_ms >= SAVE_MOST_MS))
		save_quietly(view);
	if (app_top(view->view.app) == &view->view)
		app_dirty(view->view.app);
	add_tick(view);
}

static void add_tick(struct draft_view *view)
{
	view->tick = loop_add_timer(view->view.app->loop, "draft", TICK_MS, ticked, view);
}

/* --- focus --- */

static void to_field(struct draft_view *view, enum field field)
{
	view->focus = FOCUS_FIELD;
	view->at = field;
	view->found_count = 0;
}

static void to_file(struct draft_view *view, size_t file)
{
	view->focus = FOCUS_FILE;
	view->at = file;
}

void draft_view_to_text(struct view *base)
{
	draft_of(base)->focus = FOCUS_TEXT;
	app_dirty(base->app);
}

void draft_view_to_headers(struct view *base)
{
	draft_of(base)->focus = FOCUS_MENU;
	app_dirty(base->app);
}

void draft_view_to_field(struct view *base, const char *name)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (!strncmp(labels[i], name, strlen(name)) && *name)
			to_field(draft_of(base), (enum field)i);
	app_dirty(base->app);
}

static void focus_next(struct draft_view *view)
{
	if (view->focus == FOCUS_MENU)
		to_field(view, FIELD_FROM);
	else if (view->focus == FOCUS_FIELD && view->at + 1 < FIELD_COUNT)
		to_field(view, (enum field)(view->at + 1));
	else if (view->focus == FOCUS_FIELD && view->draft->attachment_count)
		to_file(view, 0);
	else if (view->focus == FOCUS_FILE && view->at + 1 < view->draft->attachment_count)
		to_file(view, view->at + 1);
	else
		view->focus = FOCUS_TEXT;
}

static void focus_before(struct draft_view *view)
{
	size_t files = view->draft->attachment_count;

	if (view->focus == FOCUS_FIELD && view->at)
		to_field(view, (enum field)(view->at - 1));
	else if (view->focus == FOCUS_FILE && view->at)
		to_file(view, view->at - 1);
	else if (view->focus == FOCUS_TEXT && files)
		to_file(view, files - 1);
	else if (view->focus != FOCUS_FIELD)
		to_field(view, FIELD_SUBJECT);
}

int draft_view_attachment(const struct view *base)
{
	const struct draft_view *view = draft_of(base);

	return view->focus == FOCUS_FILE ? (int)view->at : -1;
}

/* --- completion of addresses --- */

/* Where the address begins that the cursor stands in. */
static size_t word_start(const char *text, size_t cursor)
{
	size_t start = cursor;
	bool in_quotes = false;

	for (size_t i = 0; i < cursor; i++)
		in_quotes ^= text[i] == '"';
	while (start > 0 && (in_quotes || text[start - 1] != ',')) {
		start--;
		in_quotes ^= text[start] == '"';
	}
	while (start < cursor && text[start] == ' ')
		start++;
	return start;
}

static bool takes_addresses(const struct draft_view *view)
{
	return view->focus == FOCUS_FIELD && view->at != FIELD_SUBJECT && view->at != FIELD_FROM;
}

static void load_book(struct draft_view *view)
{
	struct app *app = view->view.app;
	const struct account *account = account_default(&app->accounts);
	const char *name = *view->draft->account ? view->draft->account
			   : account		  ? account->name
						  : NULL;

	if (!view->book)
		view->book = address_book_new(name ? app_store(app, name, NULL) : NULL);
}

static void look_up(struct draft_view *view)
{
	struct line_edit *edit = view->fields[view->at];
	const char *text = line_edit_text(edit);
	size_t cursor = line_edit_cursor(edit), start = word_start(text, cursor);
	char *word;

	view->found_count = view->found_at = 0;
	view->was_chosen = false;
	if (!takes_addresses(view) || start >= cursor || memchr(text + start, '<', cursor - start))
		return;
	load_book(view);
	word = mem_strndup(text + start, cursor - start);
	view->found_count = address_book_find(view->book, word, view->found, CANDIDATES);
	if (view->found_count == 1 && !strcmp(view->found[0]->addr, word))
		view->found_count = 0;
	free(word);
}

static void take_found(struct draft_view *view)
{
	struct line_edit *edit = view->fields[view->at];
	size_t cursor = line_edit_cursor(edit);

	line_edit_replace(edit, word_start(line_edit_text(edit), cursor), cursor,
			  view->found[view->found_at]->text);
	view->found_count = 0;
	view->is_changed = true;
}

/* 1 when the list of candidates took the key. */
static int candidates_key(struct draft_view *view, const struct key *key)
{
	if (!view->found_count)
		return 0;
	if (key->code == KEY_DOWN_ || key->code == KEY_UP_) {
		size_t step = key->code == KEY_DOWN_ ? 1 : view->found_count - 1;

		view->found_at = view->was_chosen ? (view->found_at + step) % view->found_count
				 : key->code == KEY_UP_ ? view->found_count - 1
							: 0;
		view->was_chosen = true;
		return 1;
	}
	if (key->code == KEY_TAB || (key->code == KEY_ENTER_ && view->was_chosen)) {
		take_found(view);
		return 1;
	}
	if (key->code != KEY_ESC)
		return 0;
	view->found_count = 0;
	return 1;
}

/* --- keys --- */

static bool is_command_key(const struct key *key)
{
	return key->code == KEY_FUNCTION ||
	       (key->code == KEY_CTRL && strchr("xojvgclz", key->text[0]));
}

static int leave_field(struct draft_view *view, const struct key *key)
{
	if (key->code == KEY_ENTER_ || key->code == KEY_TAB || key->code == KEY_DOWN_)
		focus_next(view);
	else if (key->code == KEY_BACKTAB || key->code == KEY_UP_)
		focus_before(view);
	else if (key->code == KEY_ESC)
		view->focus = FOCUS_MENU;
	else
		return 0;
	return 1;
}

static int field_key(struct draft_view *view, const struct key *key)
{
	enum line_edit_result result;

	if (is_command_key(key))
		return 0;
	if (candidates_key(view, key) || leave_field(view, key))
		return 1;
	result = line_edit_key(view->fields[view->at], key);
	if (result == LINE_EDIT_CHANGED) {
		view->is_changed = true;
		look_up(view);
	} else if (result == LINE_EDIT_MOVED) {
		view->found_count = 0;
	}
	return result != LINE_EDIT_IGNORED;
}

static int text_key(struct draft_view *view, const struct key *key)
{
	if (key->code == KEY_ESC) {
		view->focus = FOCUS_MENU;
		return 1;
	}
	if (key->code == KEY_BACKTAB) {
		focus_before(view);
		return 1;
	}
	if (text_edit_key(view->text, key))
		return 1;
	if (key->code != KEY_UP_)
		return 0;
	focus_before(view);
	return 1;
}

static int outside_key(struct draft_view *view, const struct key *key)
{
	if (key->code == KEY_ESC)
		view->focus = view->focus == FOCUS_MENU ? FOCUS_TEXT : FOCUS_MENU;
	else if (key->code == KEY_TAB || key->code == KEY_DOWN_)
		focus_next(view);
	else if (key->code == KEY_BACKTAB || key->code == KEY_UP_)
		focus_before(view);
	else
		return 0;
	return 1;
}

static int draft_key(struct view *base, const struct key *key)
{
	struct draft_view *view = draft_of(base);
	int taken;

	if (view->focus == FOCUS_FIELD)
		taken = field_key(view, key);
	else if (view->focus == FOCUS_TEXT)
		taken = text_key(view, key);
	else
		taken = outside_key(view, key);
	if (taken) {
		view->last_key_ms = loop_now_ms();
		app_dirty(base->app);
	}
	return taken;
}

static void draft_mouse(struct view *base, const struct key *key)
{
	struct draft_view *view = draft_of(base);

	if (key->y >= view->text_row) {
		view->focus = FOCUS_TEXT;
		text_edit_mouse(view->text, key);
		return;
	}
	for (int i = 0; key->button == BUTTON_LEFT && i < FIELD_COUNT; i++)
		if (view->field_rows[i] == key->y)
			to_field(view, (enum field)i);
	app_dirty(base->app);
}

/* --- drawing --- */

static bool is_shown(const struct draft_view *view, enum field field)
{
	bool has_focus = view->focus == FOCUS_FIELD && view->at == field;

	return field != FIELD_BCC || has_focus || *line_edit_text(view->fields[field]);
}

static void draw_label(struct canvas *canvas, int x, int y, const char *label)
{
	canvas_put(canvas, x, y, LABEL, STYLE_HEADER_NAME, label);
}

static bool is_ascii(const char *text)
{
	while (*text && !(*text & 0x80))
		text++;
	return !*text;
}

/* Addresses as they may be believed; what is all plain letters is so already. */
static char *field_shown(enum field field, const char *text)
{
	struct arena *arena;
	struct address_list list;
	struct buf shown = BUF_INIT;

	if (field == FIELD_SUBJECT || is_ascii(text))
		return mem_strdup(text);
	arena = arena_new();
	address_parse(span_of(text), ADDRESSES_SHOWN, arena, &list);
	for (size_t i = 0; i < list.count; i++) {
		buf_add_str(&shown, i ? ", " : "");
		sender_add(&shown, &list.items[i]);
	}
	arena_free(&arena);
	return buf_take(&shown);
}

static void draw_field(struct draft_view *view, struct canvas *canvas, struct rect row, enum field field)
{
	char *text = field_shown(field, line_edit_text(view->fields[field]));

	draw_label(canvas, row.x, row.y, _(labels[field]));
	canvas_put(canvas, row.x + LABEL, row.y, row.width - LABEL,
		   field == FIELD_SUBJECT ? STYLE_SUBJECT : STYLE_NORMAL, text);
	free(text);
}

static int draw_fields(struct draft_view *view, struct canvas *canvas, struct rect area)
{
	int y = area.y;

	for (int i = 0; i < FIELD_COUNT; i++) {
		view->field_rows[i] = -1;
		if (!is_shown(view, (enum field)i))
			continue;
		view->field_rows[i] = y;
		draw_field(view, canvas, (struct rect){area.x, y, area.width, 1}, (enum field)i);
		y++;
	}
	return y;
}

static void add_file(struct buf *text, const struct attachment *file)
{
	buf_printf(text, "%s (", file->name);
	message_add_size(text, file->size);
	buf_add_str(text, ")");
}

static int draw_files(struct draft_view *view, struct canvas *canvas, struct rect area, int y)
{
	size_t count = view->draft->attachment_count, first = 0;

	view->files_row = y;
	if (view->focus == FOCUS_FILE && view->at >= FILES_SHOWN)
		first = view->at - FILES_SHOWN + 1;
	for (size_t i = first; i < count && i < first + FILES_SHOWN; i++) {
		struct buf text = BUF_INIT;
		bool is_here = view->focus == FOCUS_FILE && view->at == i;

		if (i == first)
			draw_label(canvas, area.x, y, _("Attach:"));
		add_file(&text, &view->draft->attachments[i]);
		if (i + 1 == first + FILES_SHOWN && i + 1 < count)
			buf_printf(&text, ngettext("  and %zu more", "  and %zu more", count - i - 1),
				   count - i - 1);
		canvas_put(canvas, area.x + LABEL, y, area.width - LABEL,
			   is_here ? STYLE_SELECTED : STYLE_ATTACHMENT, buf_str(&text));
		if (is_here)
			canvas_set_cursor(canvas, area.x + LABEL, y);
		buf_free(&text);
		y++;
	}
	return y;
}

static void draw_rule(struct draft_view *view, struct canvas *canvas, struct rect area, int y)
{
	canvas_line(canvas, area.x, y, area.width, STYLE_FRAME);
	if (view->focus != FOCUS_MENU)
		return;
	canvas_put(canvas, area.x + 2, y, area.width - 4, STYLE_FRAME,
		   _(" y send  e text  t To  c Cc  b Bcc  s Subject  a attach  P keep  q leave "));
	canvas_set_cursor(canvas, area.x + 2, y);
}

static void add_weight(struct buf *text, const struct address_book_entry *entry)
{
	buf_add_str(text, entry->text);
}

static void draw_candidates(struct draft_view *view, struct canvas *canvas, struct rect area)
{
	int y = view->field_rows[view->at] + 1;

	for (size_t i = 0; i < view->found_count && y < area.y + area.height; i++, y++) {
		struct buf text = BUF_INIT;
		bool is_here = i == view->found_at;

		add_weight(&text, view->found[i]);
		canvas_fill(canvas, (struct rect){area.x, y, area.width, 1}, STYLE_NORMAL);
		canvas_put(canvas, area.x + LABEL, y, area.width - LABEL,
			   is_here ? STYLE_SELECTED : STYLE_DIM, buf_str(&text));
		buf_free(&text);
	}
}

static void draw_focus(struct draft_view *view, struct canvas *canvas, struct rect area)
{
	if (view->focus != FOCUS_FIELD || view->field_rows[view->at] < 0)
		return;
	draw_candidates(view, canvas, area);
	line_edit_draw(view->fields[view->at], canvas, area.x + LABEL, view->field_rows[view->at],
		       area.width - LABEL, view->at == FIELD_SUBJECT ? STYLE_SUBJECT : STYLE_NORMAL);
}

static void draft_draw(struct view *base, struct canvas *canvas, struct rect area)
{
	struct draft_view *view = draft_of(base);
	struct rect inner = {area.x + 1, area.y, area.width - 2, area.height};
	int y;

	view->area = area;
	y = draw_fields(view, canvas, inner);
	y = draw_files(view, canvas, inner, y);
	draw_rule(view, canvas, area, y++);
	view->text_row = y;
	if (y < area.y + area.height)
		text_edit_draw(view->text, canvas,
			       (struct rect){inner.x, y, inner.width + 1, area.y + area.height - y},
			       view->focus == FOCUS_TEXT);
	draw_focus(view, canvas, inner);
	base->is_dirty = false;
}

/* --- the line on top --- */

static void add_saved(const struct draft_view *view, struct buf *out)
{
	int64_t ago = view->draft->saved ? (int64_t)time(NULL) - view->draft->saved : -1;

	if (view->has_failed)
		buf_add_str(out, _("NOT SAVED"));
	else if (ago < 0)
		buf_add_str(out, _("not saved yet"));
	else if (ago < 1)
		buf_add_str(out, _("draft saved"));
	else if (ago < 60)
		buf_printf(out, ngettext("draft saved %d s ago", "draft saved %d s ago",
					 (unsigned long)ago), (int)ago);
	else
		buf_printf(out, ngettext("draft saved %d min ago", "draft saved %d min ago",
					 (unsigned long)(ago / 60)), (int)(ago / 60));
}

static const char *origin_name(enum draft_origin origin)
{
	switch (origin) {
	case DRAFT_REPLY:
		return _("answer");
	case DRAFT_FORWARD:
		return _("forwarded letter");
	default:
		return _("new letter");
	}
}

static void draft_title(struct view *base, struct buf *left, struct buf *right)
{
	struct draft_view *view = draft_of(base);
	const char *from = line_edit_text(view->fields[FIELD_FROM]);
	const char *addr = strrchr(from, '<');

	buf_add_str(left, origin_name(view->draft->origin));
	buf_printf(left, _("  as %.*s"), (int)(addr ? strcspn(addr + 1, ">") : strlen(from)),
		   addr ? addr + 1 : from);
	add_saved(view, right);
}

/* --- the rest --- */

static int draft_find(struct view *base, const char *text, bool backwards, struct err *err)
{
	struct draft_view *view = draft_of(base);

	(void)err;
	view->focus = FOCUS_TEXT;
	app_dirty(base->app);
	return text_edit_find(view->text, text, backwards);
}

static void draft_move(struct view *base, int lines)
{
	struct draft_view *view = draft_of(base);

	for (; lines > 0; lines--)
		text_edit_move(view->text, TEXT_DOWN, false);
	for (; lines < 0; lines++)
		text_edit_move(view->text, TEXT_UP, false);
	app_dirty(base->app);
}

static void draft_move_page(struct view *base, int half_pages)
{
	struct draft_view *view = draft_of(base);

	text_edit_move(view->text, half_pages > 0 ? TEXT_PAGE_DOWN : TEXT_PAGE_UP, false);
	app_dirty(base->app);
}

static void draft_move_end(struct view *base, bool to_last)
{
	text_edit_move(draft_of(base)->text, to_last ? TEXT_LAST : TEXT_FIRST, false);
	app_dirty(base->app);
}

static bool draft_may_close(struct view *base, struct err *err)
{
	struct draft_view *view = draft_of(base);

	if (view->is_done)
		return true;
	collect(view);
	if (draft_is_empty(view->draft)) {
		draft_remove(view->draft, NULL);
		return true;
	}
	if (draft_view_save(base, err) == 0)
		err_set(err, _("This letter is not sent: ^X sends it, ^O keeps it as a draft, ^C "
			       "throws it away."));
	return false;
}

static void draft_free_view(struct view *base)
{
	struct draft_view *view = draft_of(base);

	if (view->tick)
		loop_remove_timer(base->app->loop, &view->tick);
	for (int i = 0; i < FIELD_COUNT; i++)
		line_edit_free(&view->fields[i]);
	text_edit_free(&view->text);
	address_book_free(&view->book);
	draft_free(&view->draft);
	free(view);
}

static const struct view_class draft_class = {
	.kind = VIEW_DRAFT,
	.name = "draft",
	.title = N_("Letter"),
	.free = draft_free_view,
	.draw = draft_draw,
	.title_line = draft_title,
	.key = draft_key,
	.mouse = draft_mouse,
	.move = draft_move,
	.move_page = draft_move_page,
	.move_end = draft_move_end,
	.find = draft_find,
	.may_close = draft_may_close,
};

/* A letter taken up again goes on where it ends, above the signature. */
static void go_to_end(struct text_edit *text)
{
	struct text_lines *lines = text_edit_lines(text);
	size_t count = text_lines_count(lines);

	text_edit_move(text, TEXT_LAST, false);
	for (size_t i = count; i-- > 0 && count - i < SIGNATURE_LINES;)
		if (i && span_equal(text_lines_get(lines, i), SPAN("-- ")))
			text_edit_set_cursor(text, (struct text_pos){i - 1, SIZE_MAX});
}

static void focus_first_empty(struct draft_view *view)
{
	if (!*view->draft->to)
		to_field(view, FIELD_TO);
	else if (!*view->draft->subject)
		to_field(view, FIELD_SUBJECT);
	else
		view->focus = FOCUS_TEXT;
}

struct view *draft_view_new(struct app *app, struct draft *draft)
{
	struct draft_view *view = mem_alloc(sizeof *view);

	view->view.class = &draft_class;
	view->view.app = app;
	view->draft = draft;
	for (int i = 0; i < FIELD_COUNT; i++)
		view->fields[i] = line_edit_new(*draft_field(draft, (enum field)i), NULL);
	view->text = text_edit_new();
	text_edit_set_wrap(view->text, (int)compose_option_int(&app->compose, "wrap"));
	text_edit_set_text(view->text, draft->body, strlen(draft->body));
	if (draft->saved)
		go_to_end(view->text);
	focus_first_empty(view);
	/* an answer has its quote already: worth keeping from the first second */
	view->is_changed = !draft->saved && draft->origin != DRAFT_NEW;
	add_tick(view);
	return &view->view;
}

/* --- what a dead tern left --- */

struct left {
	char id[128];
};

static void take_left(struct app *app, const char *id)
{
	struct err err = ERR_INIT;
	struct draft *draft = draft_load(id, &err);

	if (draft)
		app_push(app, draft_view_new(app, draft));
	else
		app_complain(app, &err);
}

static void drop_left(struct app *app, const char *id)
{
	struct err err = ERR_INIT;
	struct draft *draft = draft_load(id, &err);

	if (!draft || draft_remove(draft, &err) < 0)
		app_complain(app, &err);
	draft_free(&draft);
}

static void left_answered(struct app *app, char key, void *arg)
{
	struct left *left = arg;

	if (key == 'y')
		take_left(app, left->id);
	else if (key == 'd')
		drop_left(app, left->id);
	else
		app_say(app, _("The letter stays among the drafts; recall brings it back."));
	free(left);
}

static void ask_about(struct app *app, const struct draft_info *info)
{
	struct left *left = mem_alloc(sizeof *left);
	char *question = mem_printf(_("An unsent letter was found: \"%s\" to %s. Go on with it? "
				      "([y]es, [n]ot now, [d]elete) "),
				    *info->subject ? info->subject : _("(no subject)"),
				    *info->to ? info->to : _("nobody"));

	snprintf(left->id, sizeof left->id, "%s", info->id);
	app_ask_key(app, question, "ynd", left_answered, left);
	free(question);
}

void draft_view_offer_left(struct app *app)
{
	struct draft_list list = {0};

	if (draft_list_load(&list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		if (list.items[i].is_open)
			continue;
		ask_about(app, &list.items[i]);
		break;
	}
	draft_list_free(&list);
}
