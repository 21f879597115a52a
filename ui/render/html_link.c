#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/domain.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/render/html_private.h"
#include "ui/render/html_url.h"

#define FOOTNOTE      78  /* columns of a line about an address, at the end: no more than 80 have room for */
#define LINK_TEXT_MAX 1000 /* bytes of a link's text that are looked at */
#define SCRIPT_MAX    16   /* bytes that may be raised or lowered: more are no exponent */
#define NEAR	      10  /* colours that differ less are one */
#define CROWD	      5	  /* so many long addresses of one host are not listed one by one */
#define CROWDS_MAX    32

/* --- is it seen? --- */

static bool are_near(int32_t a, int32_t b)
{
	for (int shift = 0; shift < 24; shift += 8)
		if (abs((a >> shift & 255) - (b >> shift & 255)) > NEAR)
			return false;
	return a >= 0 && b >= 0;
}

/* White on white. Where the page sets colours in ways we don't follow, nothing is called hidden. */
static bool is_camouflaged(const struct html *html)
{
	return !html->css.has_other_colours && are_near(html->state.colour, html->state.ground);
}

bool html_is_shown(struct html *html)
{
	const struct html_state *state = &html->state;

	return !state->is_hidden && !state->is_invisible && !state->has_no_size;
}

/* What Outlook writes for a smile and an arrow. */
static const char *wingding(const char *text, size_t len)
{
	static const struct {
		const char *text, *is;
	} known[] = {{"J", "☺"}, {"K", "😐"}, {"L", "☹"}, {"à", "→"}, {"ß", "←"},
		     {"ü", "✓"}, {"û", "✗"}, {"§", "•"}, {"Ø", "•"}, {"n", "•"}};

	for (size_t i = 0; i < ARRAY_COUNT(known); i++)
		if (len == strlen(known[i].text) && !memcmp(text, known[i].text, len))
			return known[i].is;
	return NULL;
}

/* The first thing to be seen of a link gives it its number. */
static void number_link(struct html *html)
{
	struct html_flow *flow = &html->flow;

	html->link.was_shown = true;
	html->link.number = doc_link(flow->doc, html->link.url.data, html->link.url.len);
	flow->link = html->link.number;
	if (flow->link)
		flow->style = STYLE_LINK;
}

static bool is_nbsp(const struct buf *text, size_t at)
{
	return text->data[at] == '\xc2' && at + 1 < text->len && text->data[at + 1] == '\xa0';
}

/* What is seen of it, blanks as one: many would leave no room for the address behind them, and one that is not seen
 * would make none of it. */
static void add_link_text(struct buf *out, const char *text, size_t len)
{
	struct buf seen = BUF_INIT;

	utf8_add_printable(&seen, text, len);
	for (size_t i = 0; i < seen.len && out->len < LINK_TEXT_MAX; i++) {
		bool is_blank = seen.data[i] == ' ' || is_nbsp(&seen, i);

		i += seen.data[i] != ' ' && is_blank;
		if (!is_blank)
			buf_add_char(out, seen.data[i]);
		else if (out->len && out->data[out->len - 1] != ' ')
			buf_add_char(out, ' ');
	}
	buf_free(&seen);
}

/* "19<sup>99</sup>" is no 1999: digits and their signs as the raised or lowered ones. False: other text, which
 * stays as it is ("1st", "[1]"). */
static bool add_script(struct buf *out, const char *text, size_t len, enum html_script script)
{
	static const char plain[] = "0123456789+-=()";
	static const char *const raised[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
					     "\u2075", "\u2076", "\u2077", "\u2078", "\u2079",
					     "\u207a", "\u207b", "\u207c", "\u207d", "\u207e"};
	static const char *const lowered[] = {"\u2080", "\u2081", "\u2082", "\u2083", "\u2084",
					      "\u2085", "\u2086", "\u2087", "\u2088", "\u2089",
					      "\u208a", "\u208b", "\u208c", "\u208d", "\u208e"};

	for (size_t i = 0; i < len; i++) {
		const char *at = text[i] ? strchr(plain, text[i]) : NULL;

		if (!at)
			return false;
		buf_add_str(out, script == SCRIPT_RAISED ? raised[at - plain] : lowered[at - plain]);
	}
	return len > 0;
}

static bool is_scripted(const struct html *html, size_t len)
{
	return html->state.script >= SCRIPT_RAISED && len <= SCRIPT_MAX && !html->state.is_pre;
}

static void add_to_flow(struct html *html, const char *text, size_t len)
{
	struct buf out = BUF_INIT;

	if (is_scripted(html, len) && add_script(&out, text, len, html->state.script))
		html_flow_add(&html->flow, buf_str(&out), out.len, false);
	else
		html_flow_add(&html->flow, text, len, html->state.is_pre);
	buf_free(&out);
}

void html_text(struct html *html, const char *text, size_t len)
{
	struct html_flow *flow = &html->flow;
	const char *sign = html->state.is_wingdings ? wingding(text, len) : NULL;

	if (!html_is_shown(html))
		return;
	if (html->state.is_word_marker) {
		buf_add(&html->word, text, html->word.len < 32 ? len : 0);
		return;
	}
	if (!html_flow_is_blank(text, len)) {
		if (is_camouflaged(html)) {
			html->camouflaged += len;
			return;
		}
		if (html->link.is_open && !html->link.was_shown)
			number_link(html);
	}
	if (html->link.is_open && html->link.text.len < LINK_TEXT_MAX)
		add_link_text(&html->link.text, text, len);
	if (sign)
		html_flow_add(flow, sign, strlen(sign), false);
	else
		add_to_flow(html, text, len);
}

/* --- links --- */

void html_link_begin(struct html *html, const struct html_token *token)
{
	struct html_link *link = &html->link;
	struct span href = html_attribute(token, "href");

	buf_clear(&link->url);
	buf_clear(&link->text);
	link->was_shown = link->has_picture = false;
	link->is_numbered = link->is_flagged = false;
	link->number = 0;
	link->is_open = href.data && html_url_add(&link->url, href, buf_str(&html->base));
	/* browsers give a link its own colour, whatever stands around it */
	if (link->is_open && html->state.colour >= 0)
		html->state.colour = HTML_COLOUR_UNSET;
}

/* The text of a link as one line: blanks collapsed. */
static void tidy(struct buf *text)
{
	size_t to = 0;

	for (size_t i = 0; i < text->len; i++) {
		char c = char_is_space(text->data[i]) ? ' ' : text->data[i];

		if (c != ' ' || (to && text->data[to - 1] != ' '))
			text->data[to++] = c;
	}
	while (to && text->data[to - 1] == ' ')
		to--;
	buf_truncate(text, to);
}

static bool mailto_is_said(const char *url, struct span text)
{
	return str_starts_nocase(url, "mailto:") && html_url_is_said(url, text);
}

/* Of a host or a mail address. */
static char *shown_host(struct span real)
{
	struct buf out = BUF_INIT;

	html_url_add_host(&out, real);
	return buf_take(&out);
}

/* The number behind a link, and where it really goes when its text says otherwise. */
static void add_number(struct html *html)
{
	struct html_link *link = &html->link;
	struct span text = {buf_str(&link->text), link->text.len}, shown, real;
	bool deceives = html_url_deceives(link->url.data, text, &shown, &real);
	bool wants_space = html->flow.wants_space;
	char *number, *host;

	if (link->is_numbered && (!deceives || link->is_flagged))
		return;
	/* an address that is written there needs no number */
	if (!deceives && mailto_is_said(link->url.data, text))
		return;
	html->deceptions += deceives;
	link->is_numbered = true;
	link->is_flagged = deceives;
	if (deceives)
		doc_link_deceives(html->flow.doc, link->number, text.data, text.len);
	html->flow.wants_space = false;
	if (deceives) {
		host = shown_host(real);
		number = mem_printf(_("[%u, goes to %s]"), link->number, host);
		free(host);
	} else
		number = mem_printf("[%u]", link->number);
	html_flow_add_as(&html->flow, number, deceives ? STYLE_ERROR : STYLE_DIM, link->number);
	html->flow.wants_space = wants_space;
	free(number);
}

void html_link_pause(struct html *html)
{
	struct html_link *link = &html->link;

	if (!link->is_open || !link->number || !html->flow.text.len)
		return;
	if (link->is_numbered && link->text.len >= LINK_TEXT_MAX)
		return; /* nothing new is looked at */
	tidy(&link->text);
	add_number(html);
	buf_add_char(&link->text, ' ');
}

/* What stands for a picture. */
static void add_alt(struct html *html, const struct buf *alt, bool is_name)
{
	struct html_flow *flow = &html->flow;
	enum style style = flow->style;
	struct buf text = BUF_INIT;

	buf_printf(&text, is_name ? "[%s]" : "%s", buf_str(alt));
	if (!html->link.is_open)
		flow->style = STYLE_DIM;
	if (html->link.is_open && !html->link.was_shown)
		number_link(html);
	if (html->link.is_open) {
		buf_add_char(&html->link.text, ' ');
		add_link_text(&html->link.text, buf_str(alt), alt->len);
		buf_add_char(&html->link.text, ' ');
	}
	html_flow_add(flow, text.data, text.len, false);
	if (!html->link.is_open)
		flow->style = style;
	flow->wants_space = true;
	buf_free(&text);
}

/* A picture without words is all there is of the link: the page that it leads to is named. */
static void name_by_host(struct html *html)
{
	struct span host = html_url_host(buf_str(&html->link.url));
	struct buf name = BUF_INIT;
	char *shown = host.len ? shown_host(host) : mem_strdup(_("picture"));

	buf_add_str(&name, shown);
	if (html_is_shown(html))
		add_alt(html, &name, true);
	free(shown);
	buf_free(&name);
}

void html_link_end(struct html *html)
{
	struct html_link *link = &html->link;
	struct doc *doc = html->flow.doc;

	if (!link->is_open)
		return;
	if (!link->was_shown && link->has_picture && !html_ahead_has_words(html, buf_str(&link->url)))
		name_by_host(html);
	link->is_open = false;
	if (!link->number)
		return;
	tidy(&link->text);
	doc_link_text(doc, link->number, buf_str(&link->text), link->text.len);
	if (html_url_is_said(doc->links[link->number - 1],
			     (struct span){buf_str(&link->text), link->text.len}))
		doc_link_said(doc, link->number);
	add_number(html);
}

/* --- pictures --- */

static void name_tracker(struct html *html, struct span source)
{
	struct buf url = BUF_INIT;
	struct span host;
	char name[128];

	html_url_add(&url, source, buf_str(&html->base));
	host = html_url_host(buf_str(&url));
	if (host.len) {
		html->trackers++;
		snprintf(name, sizeof name, "%.*s", (int)(host.len & 0xffff), host.data);
		for (size_t i = 0; i < html->tracker_host_count; i++)
			if (!strcmp(html->tracker_hosts[i], name))
				host.len = 0;
		if (host.len && html->tracker_host_count < HTML_HOSTS_MAX)
			memcpy(html->tracker_hosts[html->tracker_host_count++], name, sizeof name);
	}
	buf_free(&url);
}

static bool is_tiny(struct span value)
{
	value = span_trim(value);
	if (!value.len || !char_is_digit(value.data[0]))
		return false;
	return value.data[0] <= '2' && (value.len == 1 || !char_is_digit(value.data[1])) &&
	       (value.len == 1 || (value.data[1] != '%' && value.data[1] != '.'));
}

/* Words for the eye: "spacer", "*" and file names of cameras are none. */
static bool says_something(const char *alt)
{
	static const char *const nothing[] = {"spacer", "image", "img", "picture", "photo", "pixel", "blank",
					      "space", "bullet", "line", "divider", "shadow", NULL};
	size_t len = strlen(alt), letters = 0, signs = 0;

	for (int i = 0; nothing[i]; i++)
		if (str_equal_nocase(alt, nothing[i]))
			return false;
	for (size_t i = 0; i < len; i++)
		letters += char_is_alnum(alt[i]) || (unsigned char)alt[i] >= 0x80;
	for (size_t i = 1; i < len; i++)
		signs += alt[i] != alt[i - 1] && alt[i] != ' ' && alt[i - 1] != ' ';
	return letters > 0 || signs > 0; /* a smile, but no row of dashes */
}

/* An inner picture without words is named by its file: cid:image001.png@01D9 */
static void add_inner_name(struct buf *alt, struct span source)
{
	size_t at = span_find(source, 0, '@');

	buf_add(alt, source.data + 4, at > 4 ? at - 4 : 0);
	if (!memchr(buf_str(alt), '.', alt->len) || alt->len > 60) {
		buf_clear(alt);
		buf_add_str(alt, _("picture"));
	}
}

void html_picture(struct html *html, const struct html_token *token, const struct html_look *look)
{
	struct span source = span_trim(html_attribute(token, "src"));
	bool is_inner = span_starts_nocase(source, "cid:"), is_data = span_starts_nocase(source, "data:");
	bool is_small = is_tiny(html_attribute(token, "width")) || is_tiny(html_attribute(token, "height")) ||
			look->is_tiny == ANSWER_YES;
	bool is_hidden = html->state.is_hidden || html->state.is_invisible || look->display == DISPLAY_NONE ||
			 look->is_hidden == ANSWER_YES || look->is_invisible == ANSWER_YES;
	struct buf alt = BUF_INIT;

	if (is_small || is_hidden) {
		if (!is_inner && !is_data)
			name_tracker(html, source);
		return;
	}
	if (source.len && !is_inner && !is_data)
		html->pictures++;
	html_add_text(&alt, span_trim(html_attribute(token, "alt")), true);
	if (alt.len && says_something(buf_str(&alt)))
		add_alt(html, &alt, false);
	else if (is_inner) {
		buf_clear(&alt);
		add_inner_name(&alt, source);
		add_alt(html, &alt, true);
	} else
		html->link.has_picture = true;
	buf_free(&alt);
}

/* --- the end --- */

static void add_footnote(struct doc *doc, size_t number)
{
	char prefix[24];
	struct buf line = BUF_INIT, shown = BUF_INIT;
	struct doc_line *added;
	const char *url;
	int used, room;
	size_t fit;

	snprintf(prefix, sizeof prefix, "[%zu] ", number);
	html_url_add_shown(&shown, doc->links[number - 1]);
	url = buf_str(&shown);
	room = FOOTNOTE - (int)strlen(prefix);
	fit = utf8_fit(url, shown.len, room, &used);
	if (url[fit])
		fit = utf8_fit(url, shown.len, room - 1, &used);

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
	buf_free(&shown);
}

static void add_line(struct doc *doc, enum style style, char *text)
{
	doc_add_frame(doc, style, text);
	free(text);
}

/* Links that count clicks: all lead to one host, by addresses that nobody can read. One line for them. */
struct crowd {
	struct span host;
	size_t count;
	bool is_told;
};

struct crowds {
	struct crowd list[CROWDS_MAX];
	size_t count;
};

static bool is_in_crowd(const struct doc *doc, size_t number, struct span host)
{
	const char *url = doc->links[number - 1];
	struct span own = html_url_host(url);

	return !doc_link_is_said(doc, number) && strlen(url) > FOOTNOTE && own.len == host.len && own.len &&
	       !memcmp(own.data, host.data, host.len);
}

static struct crowd *crowd_of(struct crowds *crowds, const struct doc *doc, size_t number)
{
	for (size_t i = 0; i < crowds->count; i++)
		if (is_in_crowd(doc, number, crowds->list[i].host))
			return &crowds->list[i];
	return NULL;
}

static void find_crowds(struct crowds *crowds, const struct doc *doc, size_t first_link)
{
	for (size_t number = first_link + 1; number <= doc->link_count; number++) {
		struct crowd *crowd = crowd_of(crowds, doc, number);
		struct span host = html_url_host(doc->links[number - 1]);

		if (crowd)
			crowd->count++;
		else if (crowds->count < CROWDS_MAX && is_in_crowd(doc, number, host))
			crowds->list[crowds->count++] = (struct crowd){host, 1, false};
	}
}

/* "3-7, 9" */
static void add_numbers(struct buf *out, const struct doc *doc, struct span host, size_t first_link)
{
	size_t from = 0;

	for (size_t number = first_link + 1; number <= doc->link_count + 1; number++) {
		bool is_one = number <= doc->link_count && is_in_crowd(doc, number, host);

		if (is_one && !from) {
			buf_printf(out, "%s%zu", out->len ? ", " : "", number);
			from = number;
		} else if (!is_one && from) {
			if (number - 1 > from)
				buf_printf(out, "-%zu", number - 1);
			from = 0;
		}
	}
}

static void add_crowd(struct doc *doc, struct crowd *crowd, size_t first_link)
{
	struct buf numbers = BUF_INIT, host = BUF_INIT;
	char *name = mem_strndup(crowd->host.data, crowd->host.len);

	crowd->is_told = true;
	domain_add_shown(&host, name);
	add_numbers(&numbers, doc, crowd->host, first_link);
	add_line(doc, STYLE_DIM, mem_printf(_("[%s] %s (long addresses, whole in the list of links)"),
					    buf_str(&numbers), buf_str(&host)));
	buf_free(&numbers);
	buf_free(&host);
	free(name);
}

static void add_footnotes(struct doc *doc, size_t first_link)
{
	struct crowds crowds = {.count = 0};

	find_crowds(&crowds, doc, first_link);
	for (size_t number = first_link + 1; number <= doc->link_count; number++) {
		struct crowd *crowd = crowd_of(&crowds, doc, number);

		if (doc_link_is_said(doc, number))
			continue;
		if (!crowd || crowd->count < CROWD)
			add_footnote(doc, number);
		else if (!crowd->is_told)
			add_crowd(doc, crowd, first_link);
	}
}

static void add_trackers(struct html *html)
{
	struct buf hosts = BUF_INIT;

	for (size_t i = 0; i < html->tracker_host_count; i++)
		buf_printf(&hosts, i ? ", %s" : "%s", html->tracker_hosts[i]);
	add_line(html->flow.doc, STYLE_DIM,
		 mem_printf(ngettext("%zu tracking picture from %s was not loaded.",
				     "%zu tracking pictures from %s were not loaded.", html->trackers),
			    html->trackers, buf_str(&hosts)));
	buf_free(&hosts);
}

static void add_remarks(struct html *html)
{
	struct doc *doc = html->flow.doc;

	if (html->pictures || html->trackers || html->camouflaged || html->deceptions ||
	    doc->link_count >= DOC_LINKS_MAX)
		doc_add_blank(doc);
	if (doc->link_count >= DOC_LINKS_MAX)
		add_line(doc, STYLE_DIM, mem_strdup(_("More links than can be right: the others are text only.")));
	if (html->deceptions)
		add_line(doc, STYLE_ERROR,
			 mem_printf(ngettext("Careful: %zu link shows one address and goes to another.",
					     "Careful: %zu links show one address and go to another.",
					     html->deceptions), html->deceptions));
	if (html->camouflaged)
		add_line(doc, STYLE_DIM,
			 mem_strdup(_("Text in the colour of its background was left out.")));
	if (html->pictures)
		add_line(doc, STYLE_DIM,
			 mem_printf(ngettext("%zu picture was not loaded.",
					     "%zu pictures were not loaded.", html->pictures),
				    html->pictures));
	if (html->trackers)
		add_trackers(html);
}

void html_tail(struct html *html, size_t first_link)
{
	struct doc *doc = html->flow.doc;
	bool has_any = false;

	for (size_t number = first_link + 1; number <= doc->link_count && !has_any; number++)
		has_any = !doc_link_is_said(doc, number);
	if (has_any) {
		doc_add_blank(doc);
		add_footnotes(doc, first_link);
	}
	add_remarks(html);
}
