#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/utf8.h"
#include "ui/render/html_private.h"
#include "ui/screen/wrap.h"

#define INDENT_MAX 40
#define HARD_MAX   78 /* no-break spaces in a row that are shown */

static void add_run(struct html_flow *flow, size_t from, enum style style, unsigned short link)
{
	struct doc_run *last = flow->run_count ? &flow->runs[flow->run_count - 1] : NULL;
	size_t len = flow->text.len - from;

	if (!len || (style == STYLE_NORMAL && !link))
		return;
	if (last && last->style == style && last->link == link && last->start + last->len == from) {
		last->len += (uint32_t)len;
		return;
	}
	ARRAY_ROOM(flow->runs, flow->run_count, flow->run_cap);
	flow->runs[flow->run_count++] = (struct doc_run){
		.start = (uint32_t)from, .len = (uint32_t)len, .style = (unsigned char)style,
		.link = link};
}

static void begin(struct html_flow *flow)
{
	if (flow->text.len || !flow->marker[0])
		return;
	buf_add_str(&flow->text, flow->marker);
	flow->marker_hang = wrap_width(flow->marker, strlen(flow->marker), 0);
	flow->marker[0] = '\0';
}

/* A blank between words belongs to what both have in common: a link does not begin with one. */
static void add_space(struct html_flow *flow, enum style style, unsigned short link)
{
	const struct doc_run *last = flow->run_count ? &flow->runs[flow->run_count - 1] : NULL;
	size_t from = flow->text.len, count = from && flow->wants_space ? 1 : 0;

	/* blanks that were meant to stay; but not those that fill a preview */
	if (flow->hard_blanks > !(flow->is_line && !from) && !flow->has_fillers)
		count = flow->hard_blanks > HARD_MAX ? HARD_MAX : flow->hard_blanks;
	if (!count)
		return;
	while (count--)
		buf_add_char(&flow->text, ' ');
	if (last && last->start + last->len == from && last->link == link && last->style == style)
		add_run(flow, from, style, link);
}

static void no_space(struct html_flow *flow)
{
	flow->wants_space = flow->has_fillers = flow->ends_blank = false;
	flow->hard_blanks = 0;
}

static void put(struct html_flow *flow, const char *text, size_t len, enum style style,
		unsigned short link)
{
	size_t from;

	if (!len)
		return;
	if (flow->text.len > HTML_PARAGRAPH_MAX)
		html_flow_end(flow, 1);
	begin(flow);
	add_space(flow, style, link);
	no_space(flow);
	from = flow->text.len;
	buf_add_str(&flow->text, flow->mark ? flow->mark : "");
	flow->mark = NULL;
	utf8_add_prose(&flow->text, text, len);
	add_run(flow, from, style, link);
}

/* Blanks of other kinds, and what senders fill previews with: bytes; *IS_BLANK or nothing at all. */
static const struct {
	const char *text;
	bool is_blank;
} odd[] = {
	{"\xc2\xa0", true},	    /* no-break space */
	{"\xe2\x80\x80", true},	    /* en quad and the like */
	{"\xe2\x80\x81", true},
	{"\xe2\x80\x82", true},
	{"\xe2\x80\x83", true},
	{"\xe2\x80\x87", true},	    /* figure space */
	{"\xe2\x80\x89", true},	    /* thin space */
	{"\xe2\x80\x8a", true},
	{"\xe2\x80\xaf", true},	    /* narrow no-break space */
	{"\xe2\x80\xa8", true},	    /* line separator */
	{"\xe2\x80\x8b", false},    /* zero width space */
	{"\xe2\x80\x8c", false},    /* zero width non-joiner */
	{"\xc2\xad", false},	    /* soft hyphen */
	{"\xcd\x8f", false},	    /* combining grapheme joiner */
	{"\xef\xbb\xbf", false},    /* byte order mark */
	{"\xe2\x81\xa0", false},    /* word joiner */
};

static size_t odd_at(const char *text, size_t len, bool *is_blank)
{
	unsigned char first = (unsigned char)*text;

	if (first != 0xe2 && first != 0xc2 && first != 0xcd && first != 0xef)
		return 0;
	for (size_t i = 0; i < ARRAY_COUNT(odd); i++) {
		size_t size = odd[i].text[2] ? 3 : 2;

		if (len >= size && !memcmp(text, odd[i].text, size)) {
			*is_blank = odd[i].is_blank;
			return size;
		}
	}
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool html_flow_is_blank(const char *text, size_t len)
{
	size_t at = 0, size;
	bool blank;

	for (; at < len; at += size) {
		size = is_blank(text[at]) ? 1 : odd_at(text + at, len - at, &blank);
		if (!size)
			return false;
	}
	return true;
}

/* Zero width non-joiners shape the words of some scripts: only between blanks and Latin letters is one
 * nothing. */
static bool joins_letters(const char *text, size_t at, size_t size, size_t len)
{
	return text[at] == '\xe2' && text[at + 2] == '\x8c' && at > 0 && at + size < len &&
	       (unsigned char)text[at - 1] >= 0x80 && (unsigned char)text[at + size] >= 0xd6 &&
	       (unsigned char)text[at + size] != 0xe2;
}

static void add_collapsed(struct html_flow *flow, const char *text, size_t len)
{
	size_t at = 0, from = 0, size;
	bool is_odd_blank = false;

	for (; at < len; at += size) {
		size = is_blank(text[at]) ? 1 : odd_at(text + at, len - at, &is_odd_blank);
		if (!size || (size == 3 && joins_letters(text, at, size, len))) {
			size = size ? size : 1;
			continue;
		}
		put(flow, text + from, at - from, flow->style, flow->link);
		if (is_blank(text[at]) || is_odd_blank) {
			flow->wants_space = true;
			flow->hard_blanks += !is_blank(text[at]) || (flow->hard_blanks && !flow->ends_blank);
			flow->ends_blank = is_blank(text[at]);
		} else {
			flow->has_fillers |= size == 3 || text[at] == '\xcd';
		}
		from = at + size;
	}
	put(flow, text + from, len - from, flow->style, flow->link);
}

static void add_as_it_is(struct html_flow *flow, const char *text, size_t len)
{
	size_t at = 0;

	flow->is_pre = true;
	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t piece = end ? (size_t)(end - text) - at : len - at;

		while (piece && text[at] == '\t') {
			put(flow, "        ", 8, flow->style, flow->link);
			at++;
			piece--;
		}
		if (piece && text[at + piece - 1] == '\r')
			put(flow, text + at, piece - 1, flow->style, flow->link);
		else
			put(flow, text + at, piece, flow->style, flow->link);
		at += piece + 1;
		if (end)
			html_flow_line(flow);
	}
}

void html_flow_add(struct html_flow *flow, const char *text, size_t len, bool is_preformatted)
{
	if (is_preformatted)
		add_as_it_is(flow, text, len);
	else
		add_collapsed(flow, text, len);
}

void html_flow_add_as(struct html_flow *flow, const char *text, enum style style,
		      unsigned short link)
{
	put(flow, text, strlen(text), style, link);
}

void html_flow_unmark(struct html_flow *flow, const char *mark)
{
	bool wants_space = flow->wants_space;
	unsigned hard_blanks = flow->hard_blanks;

	if (!flow->mark && flow->text.len) {
		no_space(flow);
		put(flow, mark, strlen(mark), flow->style, flow->link);
		flow->wants_space = wants_space;
		flow->hard_blanks = hard_blanks;
	}
	flow->mark = NULL;
}

/* --- paragraphs --- */

static void forget(struct html_flow *flow)
{
	buf_clear(&flow->text);
	flow->run_count = 0;
	no_space(flow);
	flow->marker_hang = 0;
	flow->is_line = flow->is_pre = false;
}

static unsigned char limited(int number, int most)
{
	return (unsigned char)(number > most ? most : number < 0 ? 0 : number);
}

static void into_block(struct html_block *block, struct html_paragraph *paragraph)
{
	if (block->last)
		block->last->next = paragraph;
	else
		block->first = paragraph;
	block->last = paragraph;
	block->count++;
	block->len += paragraph->len;
}

/* A blank line, with the quote bars that the lines around it share. */
static void blank_line(struct doc *doc, int depth)
{
	const struct doc_line *last = doc->count ? &doc->lines[doc->count - 1] : NULL;

	if (!last || last->is_rule || !last->len)
		return;
	doc_add(doc, STYLE_NORMAL, depth < last->depth ? depth : last->depth, "", 0);
}

static void into_doc(struct html_flow *flow, const struct html_paragraph *paragraph)
{
	struct doc_line *line;

	if (flow->doc->count >= DOC_LINES_MAX)
		return;
	if (paragraph->has_blank_before)
		blank_line(flow->doc, paragraph->depth);
	if (paragraph->is_rule) {
		doc_add_rule(flow->doc);
		return;
	}
	line = doc_add(flow->doc, STYLE_NORMAL, paragraph->depth, paragraph->text, paragraph->len);
	line->indent = paragraph->indent;
	line->hang = paragraph->hang;
	line->is_prose = paragraph->is_prose;
	doc_set_runs(flow->doc, line, paragraph->runs, paragraph->run_count);
}

void html_flow_put(struct html_flow *flow, struct html_paragraph *paragraph)
{
	paragraph->next = NULL;
	if (flow->table)
		into_block(html_table_block(flow), paragraph);
	else
		into_doc(flow, paragraph);
}

void html_flow_put_block(struct html_flow *flow, const struct html_block *block)
{
	struct html_block *target;

	if (!block->first)
		return;
	if (!flow->table) {
		for (const struct html_paragraph *p = block->first; p; p = p->next)
			into_doc(flow, p);
		return;
	}
	target = html_table_block(flow);
	if (target->last)
		target->last->next = block->first;
	else
		target->first = block->first;
	target->last = block->last;
	target->count += block->count;
	target->len += block->len;
}

/* A bullet that somebody typed. */
static int typed_hang(const struct buf *text)
{
	static const char *const bullets[] = {"• ", "· ", "◦ ", "‣ ", "▪ ", "● ", "■ ", "➢ ", "✓ "};

	for (size_t i = 0; i < ARRAY_COUNT(bullets); i++)
		if (text->len > strlen(bullets[i]) && !memcmp(text->data, bullets[i], strlen(bullets[i])))
			return wrap_width(bullets[i], strlen(bullets[i]), 0);
	return 0;
}

static struct html_paragraph *paragraph_of(struct html_flow *flow)
{
	struct html_paragraph *paragraph = arena_alloc(flow->arena, sizeof *paragraph);

	paragraph->len = (uint32_t)flow->text.len;
	paragraph->text = arena_strndup(flow->arena, buf_str(&flow->text), flow->text.len);
	paragraph->run_count = (uint32_t)flow->run_count;
	if (flow->run_count) {
		paragraph->runs = ARENA_ARRAY(flow->arena, struct doc_run, flow->run_count);
		memcpy(paragraph->runs, flow->runs, flow->run_count * sizeof *flow->runs);
	}
	paragraph->depth = limited(flow->depth, 255);
	paragraph->indent = limited(flow->indent, INDENT_MAX);
	paragraph->hang = limited(flow->indent + (flow->marker_hang ? flow->marker_hang : typed_hang(&flow->text)),
				  INDENT_MAX + HTML_MARKER_MAX);
	paragraph->is_prose = !flow->is_pre;
	paragraph->is_right = flow->is_right;
	paragraph->has_blank_before = flow->wants_break > 1;
	return paragraph;
}

void html_flow_end(struct html_flow *flow, int wanted_break)
{
	if (flow->text.len) {
		html_flow_put(flow, paragraph_of(flow));
		flow->wants_break = 1;
	}
	forget(flow);
	if (flow->wants_break < wanted_break)
		flow->wants_break = wanted_break;
}

void html_flow_line(struct html_flow *flow)
{
	if (flow->text.len) {
		html_flow_end(flow, 1);
	} else {
		no_space(flow);
		flow->wants_break = 2;
	}
	flow->is_line = true;
}

void html_flow_rule(struct html_flow *flow)
{
	struct html_paragraph *paragraph;

	html_flow_end(flow, 1);
	paragraph = paragraph_of(flow);
	paragraph->is_rule = true;
	paragraph->has_blank_before = false;
	html_flow_put(flow, paragraph);
	flow->wants_break = 1;
}
