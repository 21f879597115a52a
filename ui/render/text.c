#include "config.h"

#include "ui/render/text.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/flowed.h"
#include "ui/render/ansi.h"
#include "ui/render/doc.h"
#include "ui/render/html_url.h"
#include "ui/screen/wrap.h"

#define LINE_RUNS_MAX 64
#define URL_MAX	      4096
#define WWW	      "www."
#define INITIALS_MAX  4
#define EMPHASIS_MAX  100 /* bytes */
#define JOINED_MAX    10  /* lines that an address in brackets goes on over */

struct state {
	bool is_signature, is_patch, was_minus_line, is_emphatic;
	struct span before, next; /* the lines around */
	int depth;
	/* an address in angle brackets goes on in the next lines */
	unsigned short joined; /* its link */
	int joined_lines;      /* so many more */
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

static void add_mark(struct marks *marks, size_t at, size_t len, enum style style, unsigned short link)
{
	if (marks->count < LINE_RUNS_MAX)
		marks->runs[marks->count++] =
		    (struct doc_run){.start = (uint32_t)at, .len = (uint32_t)len, .style = style, .link = link};
}

/* --- an address in angle brackets that goes on in the next line (RFC 3986, appendix C) --- */

static bool is_all_url(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_url_char(s.data[i]) || (unsigned char)s.data[i] >= 0x80)
			return false;
	return s.len > 0;
}

/* Does what begins at AT stand behind a bracket, and fill the rest of the line? */
static bool is_open(const struct doc_line *line, size_t at)
{
	static const char sign[] = "<URL:";
	size_t len = sizeof sign - 1;
	bool has_bracket = at && line->text[at - 1] == '<';
	bool has_sign = at >= len && span_starts_nocase((struct span){line->text + at - len, len}, sign);

	return (has_bracket || has_sign) && is_all_url(span_trim((struct span){line->text + at, line->len - at}));
}

/* Appends what the next lines have of it, up to the bracket: how many lines, 0 when none closes it. */
static int add_rest(const struct state *state, struct buf *url)
{
	struct span rest = state->next, line;

	for (int lines = 1; lines <= JOINED_MAX && url->len < URL_MAX && span_split(&rest, '\n', &line); lines++) {
		int depth;
		size_t marks = wrap_quote(line.data, line.len, &depth), end;
		struct span piece = span_trim((struct span){line.data + marks, line.len - marks});

		end = span_find(piece, 0, '>');
		if (depth != state->depth || !is_all_url((struct span){piece.data, end}))
			return 0;
		buf_add(url, piece.data, end);
		if (end < piece.len)
			return lines;
	}
	return 0;
}

static bool begin_joined(struct doc *doc, const struct doc_line *line, struct state *state, size_t at,
			 struct marks *marks)
{
	struct span first = span_trim((struct span){line->text + at, line->len - at});
	struct buf url = BUF_INIT;

	if (!state->next.len || !is_open(line, at))
		return false;
	buf_add(&url, first.data, first.len);
	state->joined_lines = add_rest(state, &url);
	if (state->joined_lines) {
		state->joined = doc_link(doc, url.data, url.len);
		add_mark(marks, at, first.len, STYLE_LINK, state->joined);
	}
	buf_free(&url);
	return state->joined_lines > 0;
}

/* The piece of it in LINE; the offset behind that. */
static size_t go_on_joined(const struct doc_line *line, struct state *state, struct marks *marks)
{
	struct span piece = span_trim((struct span){line->text, line->len});
	size_t at = piece.len ? (size_t)(piece.data - line->text) : 0, end = span_find(piece, 0, '>');

	state->joined_lines--;
	add_mark(marks, at, end, STYLE_LINK, state->joined);
	return at + end;
}

static void find_urls(struct doc *doc, const struct doc_line *line, struct state *state, struct marks *marks)
{
	size_t at = 0, from = state->joined_lines ? go_on_joined(line, state, marks) : 0, len;

	while (marks->count < LINE_RUNS_MAX && (len = text_find_url(line->text, line->len, from, &at))) {
		if (begin_joined(doc, line, state, at, marks))
			return;
		add_mark(marks, at, len, STYLE_LINK, link_of(doc, line->text + at, len));
		from = at + len;
	}
}

/* --- addresses that are made to be taken for others --- */

/* Plain ASCII without a user's name is what it looks like. */
static bool may_deceive(const char *url)
{
	for (const char *c = url; *c; c++)
		if (*c == '@' || (unsigned char)*c >= 0x80 || str_starts_nocase(c, "xn--"))
			return !str_starts_nocase(url, "mailto:");
	return false;
}

/* Where the link of RUN leads, when it shows another place; len 0: it does not. */
static struct span real_place(struct doc *doc, const struct doc_line *line, const struct doc_run *run)
{
	struct span text = {line->text + run->start, run->len}, shown, real;

	if (!run->link || !may_deceive(doc->links[run->link - 1]) ||
	    !html_url_deceives(doc->links[run->link - 1], text, &shown, &real))
		return SPAN_NONE;
	doc_link_deceives(doc, run->link, text.data, text.len);
	return real;
}

/* "[goes to xn--pypal-4ve.com]" behind it, as in HTML. */
static void add_warning(struct buf *text, const struct doc_run *run, struct span real, struct marks *marks)
{
	struct buf host = BUF_INIT;
	size_t at = text->len;

	html_url_add_host(&host, real);
	buf_printf(text, _("[goes to %s]"), buf_str(&host));
	add_mark(marks, at, text->len - at, STYLE_ERROR, run->link);
	buf_free(&host);
}

static void warn(struct doc *doc, struct doc_line *line, struct marks *marks)
{
	const struct marks were = *marks;
	struct buf text = BUF_INIT;
	bool has_any = false;
	size_t done = 0;

	marks->count = 0;
	for (size_t i = 0; i < were.count; i++) {
		const struct doc_run *run = &were.runs[i];
		size_t end = run->start + run->len;
		struct span real = real_place(doc, line, run);

		add_mark(marks, run->start + text.len - done, run->len, run->style, run->link);
		if (!real.len)
			continue;
		has_any = true;
		buf_add(&text, line->text + done, end - done);
		done = end;
		add_warning(&text, run, real, marks);
	}
	if (has_any) {
		buf_add(&text, line->text + done, line->len - done);
		line->text = arena_strndup(doc->arena, buf_str(&text), text.len);
		line->len = (uint32_t)text.len;
	}
	buf_free(&text);
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

static void mark(struct doc *doc, struct doc_line *line, struct state *state)
{
	struct marks marks;

	marks.count = 0;
	find_urls(doc, line, state, &marks);
	if (marks.count)
		warn(doc, line, &marks);
	if (state->is_emphatic && line->style == STYLE_NORMAL)
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
	state->depth = depth;
	doc_add(doc, style, depth, line.data + marks, line.len - marks);
	for (; first < doc->count; first++)
		mark(doc, &doc->lines[first], state);
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
