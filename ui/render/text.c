#include "config.h"

#include "ui/render/text.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/flowed.h"
#include "ui/render/ansi.h"
#include "ui/render/doc.h"
#include "ui/render/wrap.h"

#define LINE_RUNS_MAX 64
#define URL_MAX	      4096
#define WWW	      "www."
#define INITIALS_MAX  4
#define EMPHASIS_MAX  100 /* bytes */

struct state {
	bool is_signature, is_patch, was_minus_line, is_emphatic;
	struct span before, next; /* the lines around */
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

/* Marks that end a sentence or a quotation somewhere: no address has them unescaped. */
static bool is_foreign_mark(uint32_t code)
{
	return (code >= 0x2018 && code <= 0x201f) || code == 0x2026 || code == 0x2039 || code == 0x203a ||
	       code == 0xa0 || code == 0xab || code == 0xbb || (code >= 0x3000 && code <= 0x3003) ||
	       (code >= 0x3008 && code <= 0x3011) || code == 0xff01 || code == 0xff08 || code == 0xff09 ||
	       code == 0xff0c || code == 0xff1a || code == 0xff1b || code == 0xff1f;
}

/* Where the address that starts at START ends, looked for from AT on. */
static size_t url_end(const char *text, size_t len, size_t start, size_t at)
{
	uint32_t code;

	while (at < len && at - start < URL_MAX && is_url_char(text[at])) {
		size_t size = text[at] & 0x80 ? utf8_decode(text + at, len - at, &code) : 1;

		if (text[at] & 0x80 && is_foreign_mark(code))
			break;
		at += size;
	}
	return at;
}

/* How many more CLOSE there are than OPEN. */
static long surplus(const char *text, size_t len, char open, char close)
{
	long count = 0;

	for (size_t i = 0; i < len; i++)
		count += (text[i] == close) - (text[i] == open);
	return count;
}

/* A full stop behind it belongs to the sentence, a bracket only when it was not opened within. */
static size_t without_tail(const char *url, size_t len)
{
	long round = surplus(url, len, '(', ')'), square = surplus(url, len, '[', ']');

	while (len && (strchr(".,;:!?'*", url[len - 1]) || (url[len - 1] == ')' && round > 0) ||
		       (url[len - 1] == ']' && square > 0))) {
		round -= url[len - 1] == ')';
		square -= url[len - 1] == ']';
		len--;
	}
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
	return without_tail(text + start, url_end(text, len, start, at) - start);
}

static size_t find_with_scheme(const char *text, size_t len, size_t from, size_t *at)
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

/* "www.example.org/x", with no scheme in front. */
static size_t find_www(const char *text, size_t len, size_t from, size_t *at)
{
	const char *hit = text + from;

	while ((hit = memmem(hit, len - (size_t)(hit - text), WWW, strlen(WWW)))) {
		size_t start = (size_t)(hit - text), end = start + strlen(WWW);

		hit += strlen(WWW);
		if (start > 0 && (char_is_alnum(text[start - 1]) || strchr("./@-_", text[start - 1])))
			continue;
		end = url_end(text, len, start, end);
		end = start + without_tail(text + start, end - start);
		if (!memchr(hit, '.', end > start + strlen(WWW) ? end - start - strlen(WWW) : 0))
			continue;
		*at = start;
		return end - start;
	}
	return 0;
}

size_t text_find_url(const char *text, size_t len, size_t from, size_t *at)
{
	size_t www_at, url = find_with_scheme(text, len, from, at), www;

	if (from >= len)
		return 0;
	www = find_www(text, len, from, &www_at);
	if (!www || (url && *at <= www_at))
		return url;
	*at = www_at;
	return www;
}

static unsigned short link_of(struct doc *doc, const char *text, size_t len)
{
	struct buf url = BUF_INIT;
	unsigned short link;

	buf_add_str(&url, len > strlen(WWW) && !memcmp(text, WWW, strlen(WWW)) ? "http://" : "");
	buf_add(&url, text, len);
	link = doc_link(doc, url.data, url.len);
	buf_free(&url);
	return link;
}

/* The runs of one line. */
struct marks {
	struct doc_run runs[LINE_RUNS_MAX];
	size_t count;
};

static void find_urls(struct doc *doc, const struct doc_line *line, struct marks *marks)
{
	size_t at = 0, from = 0, len;

	while (marks->count < LINE_RUNS_MAX && (len = text_find_url(line->text, line->len, from, &at))) {
		marks->runs[marks->count++] = (struct doc_run){
			.start = (uint32_t)at,
			.len = (uint32_t)len,
			.style = STYLE_LINK,
			.link = link_of(doc, line->text + at, len),
		};
		from = at + len;
	}
}

/* --- emphasis --- */

static bool is_word_char(char c)
{
	return char_is_alnum(c) || (unsigned char)c >= 0x80;
}

/* Bytes from a sign at AT to its fellow, both included: "*a few words*"; 0 when it is only a sign. */
static size_t emphasis_len(const char *text, size_t len, size_t at)
{
	char sign = text[at];
	const char *end;
	size_t room = len - at - 1 < EMPHASIS_MAX ? len - at - 1 : EMPHASIS_MAX, close;

	if (!strchr("*_/", sign) || !room || !is_word_char(text[at + 1]) ||
	    (at > 0 && (is_word_char(text[at - 1]) || text[at - 1] == sign)))
		return 0;
	end = memchr(text + at + 1, sign, room);
	close = end ? (size_t)(end - text) : 0;
	if (!end || text[close - 1] == ' ')
		return 0;
	return close + 1 < len && (is_word_char(text[close + 1]) || text[close + 1] == sign)
		       ? 0
		       : close + 1 - at;
}

static bool is_in_run(const struct marks *marks, size_t count, size_t from, size_t to)
{
	for (size_t i = 0; i < count; i++)
		if (from < marks->runs[i].start + marks->runs[i].len && to > marks->runs[i].start)
			return true;
	return false;
}

static int compare_runs(const void *a, const void *b)
{
	const struct doc_run *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void find_emphasis(const struct doc_line *line, struct marks *marks)
{
	size_t urls = marks->count;

	for (size_t at = 0; at < line->len && marks->count < LINE_RUNS_MAX; at++) {
		size_t len = emphasis_len(line->text, line->len, at);

		if (!len || is_in_run(marks, urls, at, at + len))
			continue;
		marks->runs[marks->count++] = (struct doc_run){
			.start = (uint32_t)at,
			.len = (uint32_t)len,
			.style = line->text[at] == '*' ? STYLE_BOLD : STYLE_ITALIC,
		};
		at += len - 1;
	}
	qsort(marks->runs, marks->count, sizeof *marks->runs, compare_runs);
}

static void mark(struct doc *doc, struct doc_line *line, bool is_emphatic)
{
	struct marks marks;

	marks.count = 0;
	find_urls(doc, line, &marks);
	if (is_emphatic && line->style == STYLE_NORMAL)
		find_emphasis(line, &marks);
	doc_set_runs(doc, line, marks.runs, marks.count);
}

/* --- lines --- */

/* "JD> " in front: initials of who is quoted; bytes up to the sign, 0 none. */
static size_t initials(struct span line)
{
	size_t at = 0;

	while (at < line.len && at < INITIALS_MAX && line.data[at] >= 'A' && line.data[at] <= 'Z')
		at++;
	if (!at || at >= line.len || line.data[at] != '>')
		return 0;
	return at + 1 == line.len || line.data[at + 1] == ' ' || line.data[at + 1] == '>' ? at + 1 : 0;
}

static bool has_same_front(struct span a, struct span b, size_t len)
{
	return a.len >= len && b.len >= len && !memcmp(a.data, b.data, len);
}

/* One such line alone may be anything. */
static bool is_cited(const struct state *state, struct span line)
{
	size_t len = initials(line);

	return len &&
	       (has_same_front(line, state->before, len) || has_same_front(line, state->next, len));
}

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
	if (is_cited(state, line))
		return STYLE_QUOTE_1;
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
		mark(doc, &doc->lines[first], state->is_emphatic);
}

static void add_lines(struct doc *doc, const char *text, size_t len, const struct text_kind *kind)
{
	struct state state = {.is_patch = kind->is_patch, .is_emphatic = kind->is_emphatic};
	struct span rest = {text, len}, line;

	while (span_split(&rest, '\n', &line)) {
		state.next = rest;
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		add_line(doc, &state, line);
		state.before = line;
	}
}

void text_render(struct doc *doc, const char *text, size_t len, const struct text_kind *kind)
{
	struct buf flowed = BUF_INIT, plain = BUF_INIT;

	if (ansi_is_in(text, len)) {
		ansi_add_plain(&plain, text, len);
		text = buf_str(&plain);
		len = plain.len;
	}
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
	buf_free(&plain);
}
