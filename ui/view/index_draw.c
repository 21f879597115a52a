#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/date.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/mime/sender.h"
#include "store/mail/many.h"
#include "ui/command/app.h"
#include "ui/screen/format.h"
#include "ui/view/index_private.h"

#define TREE_STEP     3
#define TREE_SHARE    3 /* of the row's columns a tree takes at most one third */
#define TAGS_COLUMNS  24
#define RAILS_MAX     63
#define SUBJECT_LIMIT 400

enum item {
	ITEM_FLAGS,
	ITEM_NUMBER,
	ITEM_DATE,
	ITEM_TIME,
	ITEM_FROM,
	ITEM_ADDRESS,
	ITEM_TO,
	ITEM_TREE,
	ITEM_SUBJECT,
	ITEM_TAGS,
	ITEM_ATTACH,
	ITEM_SIZE,
};

static const struct format_item items[] = {
	[ITEM_FLAGS] = {"flags", 4, false, 0},
	[ITEM_NUMBER] = {"number", 6, true, 40},
	[ITEM_DATE] = {"date", 6, true, 44},
	[ITEM_TIME] = {"time", 17, false, 60},
	[ITEM_FROM] = {"from", 20, false, 30},
	[ITEM_ADDRESS] = {"address", 24, false, 30},
	[ITEM_TO] = {"to", 20, false, 30},
	[ITEM_TREE] = {"tree", FORMAT_AS_LONG, false, 24},
	[ITEM_SUBJECT] = {"subject", FORMAT_REST, false, 0},
	[ITEM_TAGS] = {"tags", FORMAT_AS_LONG, false, 60},
	[ITEM_ATTACH] = {"attach", 1, false, 50},
	[ITEM_SIZE] = {"size", 5, true, 60},
	{NULL, 0, false, 0},
};

/* What one row is drawn from. */
struct row_context {
	const struct index_view *index;
	const struct message *message, *above; /* ABOVE is NULL on the first row */
	enum style style;
	int columns;
	int64_t now;
};

struct format *index_format(const char *text, struct err *err)
{
	return format_new(text, items, err);
}

/* --- subjects ------------------------------------------------------------------------------------ */

/* The subject without "Re:" and its kin in front. */
static const char *bare_subject(const char *subject)
{
	static const char *const marks[] = {"re:", "aw:", "sv:", "vs:", "antw:", "fwd:", "fw:",
					    "wg:", "odp:", "ynt:", "отв:", "Отв:", "ответ:", "Re:"};
	for (size_t i = 0; i < ARRAY_COUNT(marks); i++) {
		while (*subject == ' ')
			subject++;
		if (!str_starts_nocase(subject, marks[i]))
			continue;
		subject += strlen(marks[i]);
		i = (size_t)-1;
	}
	return subject;
}

/* An answer whose subject says no more than the row above it. */
static bool is_repeated(const struct row_context *row)
{
	return row->above && row->message->depth > 0 && row->above->thread == row->message->thread &&
	       str_equal_nocase(bare_subject(row->above->subject), bare_subject(row->message->subject));
}

static bool is_folded_thread(const struct row_context *row)
{
	return row->message->thread_count > 1 && index_is_folded(row->index, row->message->thread);
}

/* --- the tree ------------------------------------------------------------------------------------ */

static void add_blanks(struct buf *out, int count)
{
	for (int i = 0; i < count; i++)
		buf_add_char(out, ' ');
}

static void add_rail(struct buf *out, const struct message *message, int depth, int step)
{
	bool goes_on = depth <= RAILS_MAX && message->rails >> depth & 1;
	buf_add_str(out, goes_on ? "│" : " ");
	add_blanks(out, step - 1);
}

/* Levels that find no room are left out at the left; a sign says so. */
static void add_tree(struct buf *out, const struct row_context *row)
{
	const struct message *message = row->message;
	int room = row->columns / TREE_SHARE, step = TREE_STEP, first = 1;
	if (message->depth * step > room)
		step = 1;
	if (message->depth * step + 2 > room) {
		first = message->depth - room + 3;
		buf_add_str(out, "…");
	}
	if (first < 1)
		first = 1;
	if (!row->index->has_tree_lines) {
		add_blanks(out, (message->depth - first + 1) * (step == TREE_STEP ? 2 : 1));
		return;
	}
	for (int depth = first; depth < message->depth; depth++)
		add_rail(out, message, depth, step);
	buf_add_str(out, message->is_last_child ? "└" : "├");
	buf_add_str(out, step == TREE_STEP ? "─> " : "> ");
}

/* --- items --------------------------------------------------------------------------------------- */

static char state_letter(const struct message *message)
{
	if (message->flags & BOX_DELETED)
		return 'D';
	if (!(message->flags & BOX_SEEN))
		return message->flags & BOX_RECENT ? 'N' : 'O';
	if (message->flags & BOX_ANSWERED)
		return 'r';
	return message->flags & BOX_FORWARDED ? 'f' : ' ';
}

/* Days of one digit stand below the second one of the others. */
static void add_time(struct buf *out, int64_t when)
{
	struct buf text = BUF_INIT;
	date_add_long(&text, when);
	buf_printf(out, "%s%s", text.len > 1 && text.data[1] == ' ' ? " " : "", buf_str(&text));
	buf_free(&text);
}

static void add_flags(struct buf *out, const struct row_context *row)
{
	const struct message *message = row->message;
	buf_add_char(out, id_set_has(&row->index->tags, message->id) ? '*' : ' ');
	buf_add_char(out, state_letter(message));
	buf_add_char(out, message->is_away ? '^' : ' ');
	buf_add_char(out, message->flags & BOX_FLAGGED ? '!' : ' ');
}

/* A name that shows another address, or our own, is not all that is seen: the address takes its place. */
static void add_stranger(struct buf *out, const struct row_context *row)
{
	const struct store *store = many_member(row->index->many, many_whose(row->message->id), NULL);
	const struct account *account =
		account_find(&row->index->view.app->accounts, store_account(store)->name);
	struct sender_self self = {account && account->real_name ? account->real_name : "",
				   account && account->address ? account->address : ""};

	sender_add_short(out, row->message->from_name, row->message->from_addr, &self, 1);
}

static void add_from(struct buf *out, const struct row_context *row)
{
	const struct message *message = row->message;
	bool is_to_me = str_equal_nocase(message->to, message->from_addr);
	if (message->is_mine && *message->to && !is_to_me)
		buf_printf(out, "→ %s", message->to);
	else if (message->is_mine)
		buf_add_str(out, *message->from_name ? message->from_name : message->from_addr);
	else
		add_stranger(out, row);
}

static void add_tags(struct buf *out, const struct message *message)
{
	struct buf all = BUF_INIT;
	for (char **tag = message->tags; tag && *tag; tag++)
		buf_printf(&all, "%s%s", all.len ? " " : "", *tag);
	int used;
	size_t fit = utf8_fit(buf_str(&all), all.len, TAGS_COLUMNS - 2, &used);
	if (all.len)
		buf_printf(out, "[%.*s]", (int)fit, all.data);
	buf_free(&all);
}

static void add_subject(struct buf *out, const struct row_context *row, enum style *style)
{
	const struct message *message = row->message;
	bool is_folded = is_folded_thread(row);
	if (is_folded)
		buf_printf(out, "+ (%d) ", message->thread_count);
	if (*message->subject)
		buf_printf(out, "%.*s", SUBJECT_LIMIT, message->subject);
	else
		buf_add_str(out, _("(no subject)"));
	if (*style == STYLE_NORMAL && (!*message->subject || is_repeated(row)))
		*style = STYLE_DIM;
}

static void get_item(void *arg, int at, struct buf *out, enum style *style)
{
	const struct row_context *row = arg;
	const struct message *message = row->message;
	bool is_plain = *style == STYLE_NORMAL || *style == STYLE_UNREAD || *style == STYLE_MINE;
	switch ((enum item)at) {
	case ITEM_FLAGS:
		return add_flags(out, row);
	case ITEM_NUMBER:
		*style = *style == STYLE_NORMAL ? STYLE_DIM : *style;
		buf_printf(out, "%lld",
			   (long long)(row->index->first_number + (message - row->index->rows)));
		return;
	case ITEM_DATE:
		*style = *style == STYLE_NORMAL ? STYLE_DIM : *style;
		return date_add_short(out, message->date, row->now);
	case ITEM_TIME:
		*style = *style == STYLE_NORMAL ? STYLE_DIM : *style;
		return add_time(out, message->date);
	case ITEM_FROM:
		return add_from(out, row);
	case ITEM_ADDRESS:
		return sender_add_addr(out, message->from_addr);
	case ITEM_TO:
		return buf_add_str(out, message->to);
	case ITEM_TREE:
		*style = is_plain ? STYLE_TREE : *style;
		if (message->depth > 0 && !is_folded_thread(row) && row->index->is_threaded)
			add_tree(out, row);
		return;
	case ITEM_SUBJECT:
		return add_subject(out, row, style);
	case ITEM_TAGS:
		*style = is_plain ? STYLE_FOLDER : *style;
		return add_tags(out, message);
	case ITEM_ATTACH:
		*style = is_plain ? STYLE_ATTACHMENT : *style;
		return buf_add_str(out, message->has_attachment ? "@" : "");
	case ITEM_SIZE:
		*style = *style == STYLE_NORMAL ? STYLE_DIM : *style;
		return format_add_size(out, message->size);
	}
}

/* --- a row --------------------------------------------------------------------------------------- */

static enum style row_style(const struct index_view *index, const struct message *message)
{
	if (message->flags & BOX_DELETED)
		return STYLE_DELETED;
	if (id_set_has(&index->tags, message->id))
		return STYLE_TAGGED;
	if (!(message->flags & BOX_SEEN))
		return STYLE_UNREAD;
	if (index_is_folded(index, message->thread) && message->thread_unread > 0)
		return STYLE_UNREAD;
	return message->is_mine ? STYLE_MINE : STYLE_NORMAL;
}

/* The sign of a flag has its own colour in whatever row it stands. */
static void colour_signs(struct canvas *canvas, struct rect area, const struct message *message,
			 enum style style)
{
	if (message->flags & BOX_FLAGGED && style != STYLE_DELETED && area.width >= 4 &&
	    !strcmp(canvas_cell(canvas, area.x + 3, area.y)->text, "!"))
		canvas_put(canvas, area.x + 3, area.y, 1, STYLE_FLAGGED, "!");
}

void index_draw_row(struct index_view *index, struct canvas *canvas, struct rect area, size_t at,
		    int64_t now)
{
	const struct message *message = &index->rows[at];
	struct row_context row = {
		.index = index,
		.message = message,
		.above = at ? message - 1 : NULL,
		.style = row_style(index, message),
		.columns = area.width,
		.now = now,
	};
	format_draw(index->format, canvas, area, row.style, get_item, &row);
	colour_signs(canvas, area, message, row.style);
}
