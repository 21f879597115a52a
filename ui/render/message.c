#include "config.h"

#include "ui/render/message.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/boxes.h"
#include "ui/render/doc.h"
#include "ui/render/message_header.h"
#include "ui/render/part.h"
#include "ui/render/signed_marks.h"

#define QUOTED_WIDTH 72

/* --- which parts, in which order --- */

static bool is_multipart(const struct mime_part *part)
{
	return str_starts(part->type, "multipart/");
}

/* The first leaf: what a tree of parts begins with. */
static const struct mime_part *first_leaf(const struct mime_part *part)
{
	while (is_multipart(part) && part->first_child)
		part = part->first_child;
	return part;
}

static bool is_blank_text(const struct mime_part *part)
{
	return !span_trim(part->body).len;
}

static bool is_alternative(const struct mime_part *part)
{
	return part->first_child && part_is_type(part, "multipart/alternative");
}

static bool can_be_shown(const struct mime_part *part)
{
	return part_row(first_leaf(part)) != NULL;
}

/* The form NUMBER, from 1 on, or the last there is; NULL: none at all. */
static struct mime_part *form_of(const struct mime_part *alternatives, unsigned number)
{
	struct mime_part *last = NULL;

	for (struct mime_part *child = alternatives->first_child; child && number; child = child->next)
		if (can_be_shown(child)) {
			last = child;
			number--;
		}
	return last;
}

static struct mime_part *choose(const struct mime_part *alternatives, unsigned which)
{
	struct mime_part *plain = NULL, *html = NULL;
	struct mime_part *form = which > 1 ? form_of(alternatives, which - 1) : NULL;

	for (struct mime_part *child = alternatives->first_child; child; child = child->next) {
		const struct mime_part *leaf = first_leaf(child);

		if (!plain && part_is_type(leaf, "text/plain") && !is_blank_text(leaf))
			plain = child;
		else if (!html && part_is_type(leaf, "text/html"))
			html = child;
	}
	if (form)
		return form;
	if (which && html)
		return html;
	return plain ? plain : html ? html : alternatives->first_child;
}

struct mime_part *message_next_shown(struct mime_part *part, unsigned which)
{
	if (is_alternative(part))
		return choose(part, which);
	if (part->first_child && !part_is_type(part, "multipart/encrypted"))
		return part->first_child;
	while (part) {
		const struct mime_part *parent = part->parent;

		if (part->next && !(parent && part_is_type(parent, "multipart/alternative")))
			return part->next;
		part = part->parent;
	}
	return NULL;
}

static unsigned which_of(const struct message_wish *wish)
{
	return wish->form ? wish->form + 1 : wish->wants_html;
}

static void render_part(struct part_work *work, struct mime_part *part)
{
	const struct part_row *row = part_row(part);

	if (row) {
		signed_marks_enter(work, part);
		row->render(work, part);
	} else if (boxes_is_from_text(part)) {
		part_file_note(work, part);
	}
}

void message_render(struct doc *doc, struct mime_message *message, const struct message_wish *wish)
{
	struct part_work work = {
		.doc = doc,
		.message = message,
		.wish = wish,
		.arena = arena_new(),
		.room = MESSAGE_TEXT_MAX,
	};
	struct mime_part *part = &message->root;

	if (!wish->no_header && !wish->is_headed)
		message_header_render(&work, &part->header);
	for (; part && work.room && work.inline_count < MESSAGE_INLINE_MAX && doc->count < DOC_LINES_MAX;
	     part = message_next_shown(part, which_of(wish)))
		render_part(&work, part);
	signed_marks_leave(&work);
	if (wish->has_no_links)
		doc_drop_links(doc);
	if (part)
		doc_add_frame(doc, STYLE_FRAME, _("More parts are in the list of parts."));
	if (message->is_cut)
		doc_add_frame(doc, STYLE_FRAME,
			      _("This message nests deeper, or has more parts, than can be right; the "
				"rest is one part."));
	doc_fold(doc, false);
	arena_free(&work.arena);
}

void message_render_raw(struct doc *doc, const char *bytes, size_t len)
{
	struct span rest = {bytes, len > MESSAGE_TEXT_MAX ? MESSAGE_TEXT_MAX : len}, line;

	while (doc->count < MESSAGE_LINES_MAX && span_split(&rest, '\n', &line)) {
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		doc_add(doc, STYLE_NORMAL, 0, line.data, line.len);
	}
	if (rest.len)
		doc_add_frame(doc, STYLE_FRAME, _("The letter goes on; only its first 500,000 lines are shown."));
	else if (len > MESSAGE_TEXT_MAX)
		part_say_cut(&(struct part_work){.doc = doc});
	doc_fold(doc, false);
}

/* --- questions --- */

static const struct mime_part *first_text(const struct mime_message *message, bool wants_html)
{
	struct mime_part *part = (struct mime_part *)&message->root;

	for (; part; part = message_next_shown(part, wants_html))
		if (part_is_prose(part))
			return part;
	return NULL;
}

bool message_is_html(const struct mime_message *message)
{
	const struct mime_part *part = first_text(message, false);

	return part && part_is_type(part, "text/html");
}

/* The first alternatives in the order of reading, or NULL. */
static const struct mime_part *first_alternatives(const struct mime_message *message)
{
	struct mime_part *part = (struct mime_part *)&message->root;

	for (; part; part = message_next_shown(part, 0))
		if (is_alternative(part))
			return part;
	return NULL;
}

unsigned message_forms(const struct mime_message *message, const struct message_wish *wish, unsigned *shown)
{
	const struct mime_part *alternatives = first_alternatives(message), *chosen;
	unsigned count = 0;

	*shown = 0;
	if (!alternatives)
		return 0;
	chosen = choose(alternatives, which_of(wish));
	for (const struct mime_part *child = alternatives->first_child; child; child = child->next) {
		count += can_be_shown(child);
		if (child == chosen)
			*shown = count;
	}
	return count;
}

const char *message_form_name(const struct mime_message *message, unsigned form)
{
	const struct mime_part *alternatives = first_alternatives(message);
	const struct mime_part *part = alternatives ? form_of(alternatives, form) : NULL;

	return part ? message_kind_name(first_leaf(part)->type) : NULL;
}

void message_shown_text(struct mime_message *message, const struct message_wish *wish, struct buf *out)
{
	struct message_wish text = *wish;
	struct doc *doc = doc_new();

	text.width = QUOTED_WIDTH;
	text.no_header = true;
	text.all_headers = false;
	message_render(doc, message, &text);
	for (size_t i = 0; i < doc->count; i++) {
		const struct doc_line *line = &doc->lines[i];

		if (line->is_frame)
			continue;
		for (int depth = 0; depth < line->depth; depth++)
			buf_add_char(out, '>');
		buf_add_str(out, line->depth ? " " : "");
		buf_add(out, line->text, line->len);
		buf_add_char(out, '\n');
	}
	doc_free(&doc);
}
