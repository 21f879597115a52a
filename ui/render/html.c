#include "config.h"

#include "ui/render/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/render/html_private.h"
#include "ui/render/html_token.h"

#define DEPTH_MAX  400	/* open elements; deeper ones are not kept */
#define TABLES_MAX 4000 /* tables looked at; more are laid out cell by cell */
#define URL_MAX	   4096
#define FOOTNOTE   74 /* columns of an address at the end */

enum trait {
	BLOCK = 1,	/* on lines of its own */
	SPACED = 2,	/* and blank lines around */
	VOID = 4,	/* has no end */
	HIDDEN = 8,	/* what is in it is not shown */
	BOLD = 16,
	ITALIC = 32,
	CELL = 64,
	PRE = 128,
	BARRIER = 256,	/* end tags within do not reach out of it */
};

/* Sorted by name. */
static const struct element {
	const char *name;
	unsigned traits;
} elements[] = {
	{"a", 0},
	{"address", BLOCK},
	{"area", VOID},
	{"article", BLOCK | SPACED},
	{"aside", BLOCK | SPACED},
	{"audio", HIDDEN},
	{"b", BOLD},
	{"base", VOID},
	{"blockquote", BLOCK | SPACED},
	{"br", VOID},
	{"caption", BLOCK},
	{"center", BLOCK},
	{"col", VOID},
	{"dd", BLOCK},
	{"details", BLOCK},
	{"dir", BLOCK | SPACED},
	{"div", BLOCK},
	{"dl", BLOCK | SPACED},
	{"dt", BLOCK | BOLD},
	{"em", ITALIC},
	{"embed", VOID},
	{"fieldset", BLOCK},
	{"figure", BLOCK | SPACED},
	{"footer", BLOCK | SPACED},
	{"form", BLOCK},
	{"h1", BLOCK | SPACED | BOLD},
	{"h2", BLOCK | SPACED | BOLD},
	{"h3", BLOCK | SPACED | BOLD},
	{"h4", BLOCK | SPACED | BOLD},
	{"h5", BLOCK | SPACED | BOLD},
	{"h6", BLOCK | SPACED | BOLD},
	{"header", BLOCK | SPACED},
	{"hr", VOID | BLOCK},
	{"i", ITALIC},
	{"iframe", HIDDEN},
	{"img", VOID},
	{"input", VOID},
	{"li", BLOCK},
	{"link", VOID},
	{"main", BLOCK},
	{"map", HIDDEN},
	{"menu", BLOCK | SPACED},
	{"meta", VOID},
	{"nav", BLOCK},
	{"noembed", HIDDEN},
	{"noframes", HIDDEN},
	{"object", 0},
	{"ol", BLOCK | SPACED},
	{"optgroup", HIDDEN},
	{"option", HIDDEN},
	{"p", BLOCK | SPACED},
	{"param", VOID},
	{"pre", BLOCK | SPACED | PRE},
	{"script", HIDDEN},
	{"section", BLOCK},
	{"select", HIDDEN},
	{"source", VOID},
	{"strong", BOLD},
	{"style", HIDDEN},
	{"summary", BLOCK},
	{"svg", HIDDEN},
	{"table", BLOCK | BARRIER},
	{"tbody", BLOCK},
	{"td", BLOCK | CELL | BARRIER},
	{"template", HIDDEN},
	{"textarea", BLOCK | PRE},
	{"tfoot", BLOCK},
	{"th", BLOCK | CELL | BOLD | BARRIER},
	{"thead", BLOCK},
	{"title", HIDDEN},
	{"tr", BLOCK},
	{"track", VOID},
	{"ul", BLOCK | SPACED},
	{"video", HIDDEN},
	{"wbr", VOID},
	{"xmp", BLOCK | SPACED | PRE},
};

/* What we do not know may still hide what is in it. */
static const struct element unknown_element = {"", 0};

/* An open element, and what stood before it. */
struct open {
	const struct element *element;
	enum style style;
	unsigned short link;
	int indent, depth;
	bool is_hidden, is_pre;
	int list_number; /* 0: no list, -1: bullets, else the next number */
	size_t text_at;	 /* of <a>: where its text began */
};

struct table_info {
	int columns;
	bool has_table; /* inside of it: it only arranges things */
};

struct html {
	struct html_flow flow;
	struct open stack[DEPTH_MAX];
	size_t depth;
	bool is_hidden, is_pre;
	struct table_info *tables;
	size_t table_count, table_cap, table_at;
	size_t table_depth; /* of the stack, where the gathered table lies */
	size_t pictures, trackers;
	char tracker_host[128];
};

/* --- elements by name --- */

static int compare_name(struct span name, const char *element)
{
	for (size_t i = 0; i < name.len; i++) {
		int order = (unsigned char)char_lower(name.data[i]) - (unsigned char)element[i];

		if (order || !element[i])
			return order ? order : 1;
	}
	return element[name.len] ? -1 : 0;
}

static const struct element *element_find(struct span name)
{
	size_t low = 0, high = ARRAY_COUNT(elements);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_name(name, elements[middle].name);

		if (!order)
			return &elements[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return &unknown_element;
}

static bool is(const struct element *element, const char *name)
{
	return !strcmp(element->name, name);
}

/* --- what attributes say --- */

static bool starts_zero(struct span value)
{
	size_t at = 0;

	if (!value.len || value.data[0] != '0')
		return false;
	while (at < value.len && (value.data[at] == '0' || value.data[at] == '.'))
		at++;
	return at == value.len || !char_is_digit(value.data[at]);
}

static bool is_hiding(struct span name, struct span value)
{
	if (span_equal_nocase(name, "display"))
		return span_starts_nocase(value, "none");
	if (span_equal_nocase(name, "visibility"))
		return span_starts_nocase(value, "hidden");
	if (span_equal_nocase(name, "mso-hide"))
		return span_starts_nocase(value, "all");
	if (span_equal_nocase(name, "font-size") || span_equal_nocase(name, "max-height") ||
	    span_equal_nocase(name, "opacity"))
		return starts_zero(value);
	return false;
}

static bool style_hides(struct span style)
{
	struct span declaration;

	while (span_split(&style, ';', &declaration)) {
		size_t colon = span_find(declaration, 0, ':');

		if (colon < declaration.len &&
		    is_hiding(span_trim((struct span){declaration.data, colon}),
			      span_trim((struct span){declaration.data + colon + 1,
						      declaration.len - colon - 1})))
			return true;
	}
	return false;
}

static bool is_hidden_tag(const struct element *element, const struct html_token *token)
{
	return (element->traits & HIDDEN) || html_attribute(token, "hidden").data ||
	       style_hides(html_attribute(token, "style"));
}

static bool is_tiny(struct span value)
{
	value = span_trim(value);
	if (!value.len || !char_is_digit(value.data[0]))
		return false;
	return value.data[0] <= '2' && (value.len == 1 || !char_is_digit(value.data[1])) &&
	       (value.len == 1 || value.data[1] != '%');
}

/* Appends an address as it may be shown and followed: no blanks, no controls; only schemes that lead
 * somewhere. */
static bool add_url(struct buf *out, struct span value)
{
	static const char *const schemes[] = {"http://", "https://", "mailto:", "ftp://", "tel:", NULL};
	struct buf text = BUF_INIT;
	bool is_known = false;

	html_add_text(&text, span_trim(value), true);
	for (size_t i = 0; i < text.len && i < URL_MAX; i++)
		if ((unsigned char)text.data[i] > 0x20 && text.data[i] != 0x7f)
			buf_add_char(out, text.data[i]);
	buf_free(&text);
	for (int i = 0; schemes[i]; i++)
		is_known = is_known || str_starts_nocase(buf_str(out), schemes[i]);
	return is_known;
}

/* --- pictures --- */

static void name_tracker(struct html *html, struct span source)
{
	struct buf url = BUF_INIT;
	const char *host;

	html->trackers++;
	if (!html->tracker_host[0] && add_url(&url, source) && (host = strstr(url.data, "://")))
		snprintf(html->tracker_host, sizeof html->tracker_host, "%.*s",
			 (int)strcspn(host + 3, "/?#:"), host + 3);
	buf_free(&url);
}

static void picture(struct html *html, const struct html_token *token)
{
	struct span alt = span_trim(html_attribute(token, "alt"));
	struct span source = html_attribute(token, "src");
	enum style style = html->flow.style;
	struct buf text = BUF_INIT;

	if (is_tiny(html_attribute(token, "width")) || is_tiny(html_attribute(token, "height"))) {
		name_tracker(html, source);
		return;
	}
	if (source.len && !span_starts_nocase(source, "cid:"))
		html->pictures++;
	if (!alt.len || html->is_hidden)
		return;
	html_add_text(&text, alt, true);
	if (!html->flow.link)
		html->flow.style = STYLE_DIM;
	html_flow_add(&html->flow, text.data, text.len, false);
	html->flow.style = style;
	html->flow.wants_space = true;
	buf_free(&text);
}

/* --- lists --- */

static struct open *list_of(struct html *html)
{
	for (size_t i = html->depth; i-- > 0;) {
		if (html->stack[i].list_number)
			return &html->stack[i];
		if (html->stack[i].element->traits & BARRIER)
			return NULL;
	}
	return NULL;
}

static int number_of(struct span value)
{
	int number = 0;

	for (size_t i = 0; i < value.len && i < 6 && char_is_digit(value.data[i]); i++)
		number = number * 10 + value.data[i] - '0';
	return number ? number : 1;
}

static void item(struct html *html)
{
	struct open *list = list_of(html);

	if (!list || list->list_number < 0)
		snprintf(html->flow.marker, sizeof html->flow.marker, "• ");
	else
		snprintf(html->flow.marker, sizeof html->flow.marker, "%d. ", list->list_number++);
}

/* --- links --- */

static void link_begins(struct html *html, const struct html_token *token, struct open *open)
{
	struct span href = html_attribute(token, "href");
	struct buf url = BUF_INIT;

	open->text_at = html->flow.text.len;
	if (href.data && add_url(&url, href) && !html->is_hidden) {
		html->flow.link = doc_link(html->flow.doc, url.data, url.len);
		html->flow.style = STYLE_LINK;
	}
	buf_free(&url);
}

/* Does the link's text say where it goes already? */
static bool says_itself(const char *url, const char *text, size_t len)
{
	const char *rest = strstr(url, "://");
	size_t rest_len;

	rest = rest ? rest + 3 : str_starts_nocase(url, "mailto:") ? url + 7 : url;
	if (str_starts_nocase(rest, "www.") && !(len > 4 && str_starts_nocase(text, "www.")))
		rest += 4;
	rest_len = strlen(rest);
	rest_len -= rest_len && rest[rest_len - 1] == '/' ? 1 : 0;
	return (len == strlen(url) && !memcmp(text, url, len)) ||
	       (len >= rest_len && len <= rest_len + 1 && !memcmp(text, rest, rest_len));
}

static void link_ends(struct html *html, const struct open *open)
{
	struct html_flow *flow = &html->flow;
	size_t from = open->text_at < flow->text.len ? open->text_at : 0;
	const char *text = buf_str(&flow->text) + from;
	size_t len = flow->text.len - from;
	char number[16];

	while (len && *text == ' ') {
		text++;
		len--;
	}
	if (!flow->link || flow->link == open->link || !len ||
	    says_itself(flow->doc->links[flow->link - 1], text, len))
		return;
	flow->wants_space = false;
	snprintf(number, sizeof number, "[%u]", flow->link);
	html_flow_add_as(flow, number, STYLE_DIM, flow->link);
}

/* --- tables --- */

static void look_at_tables(struct html *html, const char *text, size_t len)
{
	struct html_reader reader;
	struct html_token token;
	size_t stack[DEPTH_MAX], depth = 0;
	int columns[DEPTH_MAX];

	html_reader_init(&reader, text, len);
	while (html_next(&reader, &token) != HTML_END) {
		bool is_table = token.kind != HTML_TEXT && span_equal_nocase(token.name, "table");

		if (token.kind == HTML_OPEN && is_table && html->table_count < TABLES_MAX) {
			if (depth)
				html->tables[stack[depth - 1]].has_table = true;
			ARRAY_ROOM(html->tables, html->table_count, html->table_cap);
			html->tables[html->table_count] = (struct table_info){0, depth >= DEPTH_MAX - 1};
			if (depth < DEPTH_MAX - 1) {
				columns[depth] = 0;
				stack[depth++] = html->table_count;
			}
			html->table_count++;
		} else if (token.kind == HTML_CLOSE && is_table && depth) {
			depth--;
		} else if (token.kind == HTML_OPEN && depth) {
			struct table_info *info = &html->tables[stack[depth - 1]];

			if (span_equal_nocase(token.name, "tr"))
				columns[depth - 1] = 0;
			else if (span_equal_nocase(token.name, "td") ||
				 span_equal_nocase(token.name, "th"))
				columns[depth - 1]++;
			if (columns[depth - 1] > info->columns)
				info->columns = columns[depth - 1];
		}
	}
}

static void table_begins(struct html *html)
{
	size_t at = html->table_at++;

	if (html->flow.table || html->is_hidden || at >= html->table_count ||
	    html->tables[at].has_table || html->tables[at].columns < 2)
		return;
	html->flow.table = html_table_new();
	html->table_depth = html->depth;
}

static void table_ends(struct html *html)
{
	struct html_flow *flow = &html->flow;

	if (!flow->table || html->depth != html->table_depth)
		return;
	html_flow_end(flow, 1);
	flow->is_in_cell = false;
	html_table_lay(flow->table, flow);
	html_table_free(&flow->table);
	flow->wants_break = 2;
}

static void cell_begins(struct html *html, const struct html_token *token)
{
	if (!html->flow.table)
		return;
	html_flow_end(&html->flow, 1);
	html_table_cell(html->flow.table, span_equal_nocase(html_attribute(token, "align"), "right"));
	html->flow.is_in_cell = true;
}

static void row_begins(struct html *html)
{
	if (!html->flow.table)
		return;
	html_flow_end(&html->flow, 1);
	html->flow.is_in_cell = false;
	html_table_row(html->flow.table);
}

/* --- open and close --- */

static int break_of(const struct element *element)
{
	return element->traits & SPACED ? 2 : element->traits & BLOCK ? 1 : 0;
}

/* A list within an item of a list stands close to it. */
static int break_before(const struct html *html, const struct element *element)
{
	bool is_in_item = html->depth && is(html->stack[html->depth - 1].element, "li");

	return is_in_item && (is(element, "ul") || is(element, "ol")) ? 1 : break_of(element);
}

static void pop(struct html *html)
{
	struct open *open = &html->stack[--html->depth];
	const struct element *element = open->element;

	if (is(element, "a"))
		link_ends(html, open);
	if (is(element, "table"))
		table_ends(html);
	if (break_of(element) && !open->is_hidden)
		html_flow_end(&html->flow, break_before(html, element));
	if ((element->traits & CELL) && html->flow.table)
		html->flow.is_in_cell = false;
	if (is(element, "li"))
		html->flow.marker[0] = '\0';
	html->flow.style = open->style;
	html->flow.link = open->link;
	html->flow.indent = open->indent;
	html->flow.depth = open->depth;
	html->is_hidden = open->is_hidden;
	html->is_pre = open->is_pre;
}

/* The open element of that name that an end tag here may close, or DEPTH_MAX. */
static size_t find_open(const struct html *html, const struct element *element)
{
	bool reaches_out = element->traits & (BARRIER | CELL) || is(element, "tr") ||
			   is(element, "tbody") || is(element, "thead");

	for (size_t i = html->depth; i-- > 0;) {
		if (html->stack[i].element == element)
			return i;
		if (is(html->stack[i].element, "table") ||
		    (!reaches_out && (html->stack[i].element->traits & BARRIER)))
			return DEPTH_MAX;
	}
	return DEPTH_MAX;
}

static void close_element(struct html *html, const struct element *element)
{
	size_t at = find_open(html, element);

	while (at < DEPTH_MAX && html->depth > at)
		pop(html);
}

/* What cannot lie in itself: a new one ends the old. */
static void imply_ends(struct html *html, const struct element *element)
{
	static const struct {
		const char *name, *ends[4];
	} implied[] = {
		{"a", {"a"}},		    {"li", {"li"}},
		{"dt", {"dt", "dd"}},	    {"dd", {"dt", "dd"}},
		{"td", {"td", "th"}},	    {"th", {"td", "th"}},
		{"tr", {"td", "th", "tr"}}, {"option", {"option"}},
		{"tbody", {"td", "th", "tr"}},
	};

	if (html->depth && (element->traits & BLOCK) && is(html->stack[html->depth - 1].element, "p"))
		pop(html);
	for (size_t i = 0; i < ARRAY_COUNT(implied); i++)
		for (int k = 0; is(element, implied[i].name) && k < 4 && implied[i].ends[k]; k++) {
			const char *name = implied[i].ends[k];

			if (!strcmp(name, "li") && html->depth &&
			    html->stack[html->depth - 1].list_number)
				continue; /* a list in an item of a list */
			close_element(html, element_find(span_of(name)));
		}
}

static void begin_element(struct html *html, const struct html_token *token, struct open *open)
{
	const struct element *element = open->element;
	struct html_flow *flow = &html->flow;

	if (element->traits & BOLD && !flow->link)
		flow->style = STYLE_BOLD;
	if (element->traits & ITALIC && !flow->link && flow->style == STYLE_NORMAL)
		flow->style = STYLE_ITALIC;
	if (is(element, "a"))
		link_begins(html, token, open);
	else if (is(element, "ul") || is(element, "menu") || is(element, "dir"))
		open->list_number = -1;
	else if (is(element, "ol"))
		open->list_number = number_of(html_attribute(token, "start"));
	else if (is(element, "li") && !html->is_hidden)
		item(html);
	else if (is(element, "blockquote"))
		flow->depth++;
	else if (is(element, "dd"))
		flow->indent += 4;
	else if (is(element, "table"))
		table_begins(html);
	else if (is(element, "tr"))
		row_begins(html);
	else if (element->traits & CELL)
		cell_begins(html, token);
	if (open->list_number && list_of(html))
		flow->indent += 2;
}

static void open_element(struct html *html, const struct html_token *token,
			 const struct element *element)
{
	struct html_flow *flow = &html->flow;
	struct open *open;

	imply_ends(html, element);
	if (break_of(element) && !html->is_hidden)
		html_flow_end(flow, break_before(html, element));
	if (html->depth >= DEPTH_MAX)
		return;
	open = &html->stack[html->depth];
	*open = (struct open){.element = element, .style = flow->style, .link = flow->link,
			      .indent = flow->indent, .depth = flow->depth,
			      .is_hidden = html->is_hidden, .is_pre = html->is_pre};
	html->is_hidden = html->is_hidden || is_hidden_tag(element, token);
	html->is_pre = html->is_pre || (element->traits & PRE);
	begin_element(html, token, open);
	html->depth++;
}

static void void_element(struct html *html, const struct html_token *token,
			 const struct element *element)
{
	if (is(element, "img"))
		picture(html, token);
	else if (html->is_hidden)
		return;
	else if (is(element, "br"))
		html_flow_line(&html->flow);
	else if (is(element, "hr")) {
		html_flow_end(&html->flow, 1);
		if (!html->flow.is_in_cell)
			doc_add_rule(html->flow.doc);
	}
}

static void take_token(struct html *html, const struct html_token *token)
{
	const struct element *element;
	struct buf text = BUF_INIT;

	if (token->kind == HTML_TEXT) {
		if (html->is_hidden)
			return;
		html_add_text(&text, token->text, false);
		html_flow_add(&html->flow, buf_str(&text), text.len, html->is_pre);
		buf_free(&text);
		return;
	}
	element = element_find(token->name);
	if (token->kind == HTML_CLOSE)
		close_element(html, element);
	else if (element->traits & VOID)
		void_element(html, token, element);
	else
		open_element(html, token, element);
}

/* --- the end --- */

static void add_footnote(struct doc *doc, size_t number)
{
	const char *url = doc->links[number - 1];
	char prefix[24];
	struct buf line = BUF_INIT;
	struct doc_line *added;
	int used;
	size_t fit = utf8_fit(url, strlen(url), FOOTNOTE, &used);

	snprintf(prefix, sizeof prefix, "[%zu] ", number);
	buf_add_str(&line, prefix);
	buf_add(&line, url, fit);
	if (url[fit])
		buf_add_str(&line, "…");
	added = doc_add_frame(doc, STYLE_DIM, buf_str(&line));
	doc_set_runs(doc, added,
		     &(struct doc_run){(uint32_t)strlen(prefix), added->len - (uint32_t)strlen(prefix),
				       STYLE_LINK, (unsigned short)number},
		     1);
	buf_free(&line);
}

static void add_pictures(struct html *html)
{
	struct doc *doc = html->flow.doc;
	char *text;

	if (!html->pictures)
		return;
	text = mem_printf(ngettext("%zu picture not loaded", "%zu pictures not loaded",
				   html->pictures), html->pictures);
	doc_add_frame(doc, STYLE_DIM, text);
	free(text);
}

static void add_trackers(struct html *html)
{
	struct doc *doc = html->flow.doc;
	char *text;

	if (!html->trackers)
		return;
	text = mem_printf(ngettext("%zu tracking picture not loaded (%s)",
				   "%zu tracking pictures not loaded (%s)", html->trackers),
			  html->trackers, html->tracker_host);
	doc_add_frame(doc, STYLE_DIM, text);
	free(text);
}

static void add_end(struct html *html, size_t first_link)
{
	struct doc *doc = html->flow.doc;

	if (doc->link_count > first_link)
		doc_add_blank(doc);
	for (size_t i = first_link; i < doc->link_count; i++)
		add_footnote(doc, i + 1);
	if (html->pictures || html->trackers)
		doc_add_blank(doc);
	add_pictures(html);
	add_trackers(html);
}

void html_render(struct doc *doc, const char *text, size_t len, int width)
{
	struct html *html = mem_alloc(sizeof *html);
	struct html_reader reader;
	struct html_token token;
	size_t first_link = doc->link_count;

	html->flow.doc = doc;
	html->flow.width = width;
	look_at_tables(html, text, len);
	html_reader_init(&reader, text, len);
	while (html_next(&reader, &token) != HTML_END)
		take_token(html, &token);
	while (html->depth)
		pop(html);
	html_flow_end(&html->flow, 1);
	add_end(html, first_link);
	html_table_free(&html->flow.table);
	buf_free(&html->flow.text);
	free(html->flow.runs);
	free(html->tables);
	free(html);
}
