#include "config.h"

#include "ui/render/text.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/flowed.h"
#include "ui/render/doc.h"
#include "ui/render/wrap.h"

#define LINE_URLS_MAX 64
#define URL_MAX	      4096

struct state {
	bool is_signature, is_patch, was_minus_line;
};

/* --- web addresses --- */

static const char *const schemes[] = {"https", "http", "ftp", "mailto", "gemini", NULL};

/* Does a scheme we know end right before the colon at AT? Its length. */
static size_t scheme_before(const char *text, size_t at)
{
	for (int i = 0; schemes[i]; i++) {
		size_t len = strlen(schemes[i]);

		if (at < len || !span_starts_nocase((struct span){text + at - len, len}, schemes[i]))
			continue;
		if (at == len || !char_is_alnum(text[at - len - 1]))
			return len;
	}
	return 0;
}

static bool is_url_char(char c)
{
	return (unsigned char)c > 0x20 && c != 0x7f && c != '<' && c != '>' && c != '"' && c != '`' &&
	       c != '{' && c != '}' && c != '|' && c != '\\' && c != '^';
}

static bool has_open(const char *text, size_t len, char open)
{
	return memchr(text, open, len) != NULL;
}

/* A full stop behind it belongs to the sentence, a bracket only when it was not opened within. */
static size_t without_tail(const char *url, size_t len)
{
	while (len && (strchr(".,;:!?'*", url[len - 1]) ||
		       (url[len - 1] == ')' && !has_open(url, len, '(')) ||
		       (url[len - 1] == ']' && !has_open(url, len, '['))))
		len--;
	return len;
}

static size_t url_len(const char *text, size_t len, size_t start, size_t colon)
{
	size_t at = colon + 1;

	if (text[start] != 'm' && text[start] != 'M') {
		if (len - at < 3 || text[at] != '/' || text[at + 1] != '/')
			return 0;
		at += 2;
	}
	if (at >= len || !is_url_char(text[at]) || (!char_is_alnum(text[at]) && text[at] != '[' &&
						     (unsigned char)text[at] < 0x80))
		return 0;
	while (at < len && at - start < URL_MAX && is_url_char(text[at]))
		at++;
	return without_tail(text + start, at - start);
}

size_t text_find_url(const char *text, size_t len, size_t from, size_t *at)
{
	const char *colon = len > from ? memchr(text + from, ':', len - from) : NULL;

	while (colon) {
		size_t colon_at = (size_t)(colon - text), scheme = scheme_before(text, colon_at), found;

		if (scheme && colon_at - scheme >= from &&
		    (found = url_len(text, len, colon_at - scheme, colon_at)) > scheme + 1) {
			*at = colon_at - scheme;
			return found;
		}
		colon = memchr(colon + 1, ':', len - colon_at - 1);
	}
	return 0;
}

static void mark_urls(struct doc *doc, struct doc_line *line)
{
	struct doc_run runs[LINE_URLS_MAX];
	size_t count = 0, at = 0, from = 0, len;

	while (count < LINE_URLS_MAX && (len = text_find_url(line->text, line->len, from, &at))) {
		runs[count++] = (struct doc_run){
			.start = (uint32_t)at,
			.len = (uint32_t)len,
			.style = STYLE_LINK,
			.link = doc_link(doc, line->text + at, len),
		};
		from = at + len;
	}
	doc_set_runs(doc, line, runs, count);
}

/* --- lines --- */

static bool starts(struct span line, const char *with)
{
	return line.len >= strlen(with) && !memcmp(line.data, with, strlen(with));
}

static enum style patch_style(struct span line)
{
	if (starts(line, "@@"))
		return STYLE_HUNK;
	if (starts(line, "+"))
		return starts(line, "+++ ") ? STYLE_BOLD : STYLE_ADDED;
	if (starts(line, "-"))
		return starts(line, "--- ") ? STYLE_BOLD : STYLE_REMOVED;
	return starts(line, "diff ") ? STYLE_BOLD : STYLE_NORMAL;
}

static void see_patch(struct state *state, struct span line)
{
	if (starts(line, "diff --git ") || (state->was_minus_line && starts(line, "+++ ")))
		state->is_patch = true;
	state->was_minus_line = starts(line, "--- ");
}

static enum style line_style(struct state *state, struct span line, int depth)
{
	if (depth)
		return STYLE_QUOTE_1 + (enum style)((depth - 1) % 4);
	if (span_equal(line, SPAN("-- ")))
		state->is_signature = true;
	if (state->is_signature)
		return STYLE_SIGNATURE;
	see_patch(state, line);
	return state->is_patch ? patch_style(line) : STYLE_NORMAL;
}

static void add_line(struct doc *doc, struct state *state, struct span line)
{
	int depth;
	size_t marks = wrap_quote(line.data, line.len, &depth);
	enum style style = line_style(state, line, depth);
	size_t first = doc->count;

	/* ">From" is a line that an mbox wrote so */
	if (depth == 1 && starts(line, ">From ")) {
		depth = 0;
		marks = 1;
		style = STYLE_NORMAL;
	}
	doc_add(doc, style, depth, line.data + marks, line.len - marks);
	for (; first < doc->count; first++)
		mark_urls(doc, &doc->lines[first]);
}

static void add_lines(struct doc *doc, const char *text, size_t len, const struct text_kind *kind)
{
	struct state state = {.is_patch = kind->is_patch};
	struct span rest = {text, len}, line;

	while (span_split(&rest, '\n', &line)) {
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		add_line(doc, &state, line);
	}
}

void text_render(struct doc *doc, const char *text, size_t len, const struct text_kind *kind)
{
	struct buf flowed = BUF_INIT;

	if (kind->is_flowed) {
		flowed_read(text, len, kind->is_delsp, &flowed);
		text = buf_str(&flowed);
		len = flowed.len;
	}
	while (len && text[len - 1] == '\n')
		len--;
	if (len)
		add_lines(doc, text, len, kind);
	buf_free(&flowed);
}
