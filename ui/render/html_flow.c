#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/utf8.h"
#include "ui/render/html_private.h"
#include "ui/render/wrap.h"

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
	if (flow->text.len || !flow->marker[0] || flow->is_in_cell)
		return;
	buf_add_str(&flow->text, flow->marker);
	flow->marker_hang = wrap_width(flow->marker, strlen(flow->marker), 0);
	flow->marker[0] = '\0';
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
	from = flow->text.len;
	if (flow->wants_space && from)
		buf_add_char(&flow->text, ' ');
	flow->wants_space = false;
	utf8_add_printable(&flow->text, text, len);
	add_run(flow, from, style, link);
}

/* Blanks of other kinds, and what senders fill previews with: bytes; *IS_BLANK or nothing at all. */
static const struct {
	const char *text;
	bool is_blank;
} odd[] = {
	{"\xc2\xa0", true},	    /* no-break space */
	{"\xe2\x80\x87", true},	    /* figure space */
	{"\xe2\x80\xaf", true},	    /* narrow no-break space */
	{"\xe2\x80\x8b", false},    /* zero width space */
	{"\xe2\x80\x8c", false},    /* zero width non-joiner */
	{"\xc2\xad", false},	    /* soft hyphen */
	{"\xcd\x8f", false},	    /* combining grapheme joiner */
	{"\xef\xbb\xbf", false},    /* byte order mark */
	{"\xe2\x81\xa0", false},    /* word joiner */
};

static size_t odd_at(const char *text, size_t len, bool *is_blank)
{
	if (!((unsigned char)*text & 0x80))
		return 0;
	for (size_t i = 0; i < ARRAY_COUNT(odd); i++) {
		size_t size = strlen(odd[i].text);

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

static void add_collapsed(struct html_flow *flow, const char *text, size_t len)
{
	size_t at = 0, from = 0, size;
	bool is_odd_blank = false;

	for (; at < len; at += size) {
		size = is_blank(text[at]) ? 1 : odd_at(text + at, len - at, &is_odd_blank);
		if (!size) {
			size = 1;
			continue;
		}
		put(flow, text + from, at - from, flow->style, flow->link);
		if (is_blank(text[at]) || is_odd_blank)
			flow->wants_space = true;
		from = at + size;
	}
	put(flow, text + from, len - from, flow->style, flow->link);
}

static void add_as_it_is(struct html_flow *flow, const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t piece = end ? (size_t)(end - text) - at : len - at;

		while (piece && text[at] == '\t') {
			put(flow, "        ", 8, flow->style, flow->link);
			at++;
			piece--;
		}
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

static void forget(struct html_flow *flow)
{
	buf_clear(&flow->text);
	flow->run_count = 0;
	flow->wants_space = false;
	flow->marker_hang = 0;
}

static void into_cell(struct html_flow *flow)
{
	struct html_cell *cell = html_table_last(flow->table);
	struct html_paragraph *paragraph;

	ARRAY_ROOM(cell->paragraphs, cell->count, cell->cap);
	paragraph = &cell->paragraphs[cell->count++];
	paragraph->len = (uint32_t)flow->text.len;
	paragraph->text = arena_strndup(flow->doc->arena, flow->text.data, flow->text.len);
	paragraph->run_count = (uint32_t)flow->run_count;
	paragraph->runs = ARENA_ARRAY(flow->doc->arena, struct doc_run, flow->run_count + 1);
	if (flow->run_count)
		memcpy(paragraph->runs, flow->runs, flow->run_count * sizeof *flow->runs);
}

static void into_doc(struct html_flow *flow)
{
	struct doc_line *line;
	int indent = flow->indent > 40 ? 40 : flow->indent;

	if (flow->wants_break > 1)
		doc_add_blank(flow->doc);
	flow->wants_break = 1;
	line = doc_add(flow->doc, STYLE_NORMAL, flow->depth, flow->text.data, flow->text.len);
	line->indent = (unsigned char)indent;
	line->hang = (unsigned char)(indent + flow->marker_hang);
	doc_set_runs(flow->doc, line, flow->runs, flow->run_count);
}

void html_flow_end(struct html_flow *flow, int wanted_break)
{
	if (flow->text.len && flow->is_in_cell)
		into_cell(flow);
	else if (flow->text.len)
		into_doc(flow);
	forget(flow);
	if (!flow->is_in_cell && flow->wants_break < wanted_break)
		flow->wants_break = wanted_break;
}

void html_flow_line(struct html_flow *flow)
{
	if (flow->text.len)
		html_flow_end(flow, 1);
	else if (!flow->is_in_cell)
		flow->wants_break = 2;
}
