#include "config.h"
#include "store/mime/card_line.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/charset.h"

#define CARD_WHOLE_MAX 4096

void card_scan_start(struct card_scan *scan, struct span bytes, size_t limit)
{
	memset(scan, 0, sizeof *scan);
	scan->rest = bytes;
	scan->limit = limit;
}

void card_scan_end(struct card_scan *scan)
{
	buf_free(&scan->text);
}

/* --- unfolding ------------------------------------------------------------------------------------- */

/* One line as it stands, without its end: LF, CR LF or a lone CR. */
static struct span take_physical(struct span *rest)
{
	struct span line = {rest->data, 0};
	size_t skip;

	while (line.len < rest->len && line.data[line.len] != '\n' && line.data[line.len] != '\r')
		line.len++;
	skip = line.len < rest->len;
	if (line.len + 1 < rest->len && line.data[line.len] == '\r' && line.data[line.len + 1] == '\n')
		skip = 2;
	*rest = (struct span){rest->data + line.len + skip, rest->len - line.len - skip};
	return line;
}

static void append(struct card_scan *scan, struct span piece)
{
	size_t room = scan->limit - scan->text.len;

	if (piece.len > room) {
		scan->is_cut = true;
		piece.len = room;
	}
	buf_add(&scan->text, piece.data, piece.len);
}

static bool is_continued(const struct card_scan *scan)
{
	return scan->rest.len && (*scan->rest.data == ' ' || *scan->rest.data == '\t');
}

static size_t value_offset(const struct buf *text)
{
	bool is_quoted = false;
	size_t at;

	for (at = 0; at < text->len; at++) {
		if (text->data[at] == '"')
			is_quoted = !is_quoted;
		else if (text->data[at] == ':' && !is_quoted)
			return at + 1;
	}
	return span_find((struct span){text->data, text->len}, 0, ':') + 1;
}

/* vCard 2.1: is the text behind the first line's colon quoted-printable, where "=" at the end of a line
 * joins it to the next? */
static bool is_quoted_printable(const struct buf *text)
{
	size_t value_at = value_offset(text), at;
	struct span head = {text->data, value_at - 1};

	if (value_at > text->len)
		return false;
	for (at = span_find(head, 0, ';'); at < head.len; at = span_find(head, at + 1, ';')) {
		struct span tail = {head.data + at + 1, head.len - at - 1};

		if (span_starts_nocase(tail, "quoted-printable") ||
		    span_starts_nocase(tail, "encoding=quoted-printable"))
			return true;
	}
	return false;
}

static bool ends_softly(const struct card_scan *scan)
{
	const struct buf *text = &scan->text;

	return scan->rest.len && text->len && text->data[text->len - 1] == '=';
}

static void take_logical(struct card_scan *scan)
{
	bool is_soft;

	buf_clear(&scan->text);
	append(scan, take_physical(&scan->rest));
	is_soft = ends_softly(scan) && is_quoted_printable(&scan->text);
	while (is_continued(scan) || (is_soft && ends_softly(scan))) {
		bool is_joined = is_soft && ends_softly(scan);
		struct span piece = take_physical(&scan->rest);

		if (is_joined)
			scan->text.len--;
		append(scan, is_joined ? piece : (struct span){piece.data + 1, piece.len - 1});
	}
}

/* --- one line --------------------------------------------------------------------------------------- */

static struct span without_quotes(struct span value)
{
	value = span_trim(value);
	if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
		return (struct span){value.data + 1, value.len - 2};
	return value;
}

/* "TYPE=home" or, in vCard 2.1, "HOME". */
static void add_param(struct card_scan *scan, size_t *count, struct span raw)
{
	size_t equals = span_find(raw, 0, '=');
	struct card_param *param;

	if (*count >= CARD_PARAM_LIMIT || !raw.len)
		return;
	param = &scan->params[(*count)++];
	param->name = SPAN("");
	param->value = without_quotes(raw);
	if (equals == raw.len)
		return;
	param->name = span_trim((struct span){raw.data, equals});
	param->value = without_quotes((struct span){raw.data + equals + 1, raw.len - equals - 1});
}

static void read_params(struct card_scan *scan, struct span head, size_t from, size_t *count)
{
	bool is_quoted = false;
	size_t begin = from + 1, at;

	for (at = begin; at < head.len; at++) {
		if (head.data[at] == '"')
			is_quoted = !is_quoted;
		if (head.data[at] != ';' || is_quoted)
			continue;
		add_param(scan, count, (struct span){head.data + begin, at - begin});
		begin = at + 1;
	}
	if (begin < head.len)
		add_param(scan, count, (struct span){head.data + begin, head.len - begin});
}

static bool read_line(struct card_scan *scan, struct card_line *line)
{
	struct span text = {scan->text.data, scan->text.len}, head;
	size_t value_at = text.len ? value_offset(&scan->text) : 1, semicolon, dot;

	if (value_at > text.len)
		return false;
	head = (struct span){text.data, value_at - 1};
	semicolon = span_find(head, 0, ';');
	line->name = span_trim((struct span){head.data, semicolon});
	dot = span_find(line->name, 0, '.');
	if (dot < line->name.len)
		line->name = (struct span){line->name.data + dot + 1, line->name.len - dot - 1};
	line->value = (struct span){text.data + value_at, text.len - value_at};
	line->params = scan->params;
	line->param_count = 0;
	read_params(scan, head, semicolon, &line->param_count);
	return line->name.len > 0;
}

int card_scan_next(struct card_scan *scan, struct card_line *line)
{
	while (scan->rest.len) {
		take_logical(scan);
		if (read_line(scan, line))
			return 1;
	}
	return 0;
}

bool card_line_is(const struct card_line *line, const char *name)
{
	return span_equal_nocase(line->name, name);
}

struct span card_line_param(const struct card_line *line, const char *name)
{
	size_t i;

	for (i = 0; i < line->param_count; i++)
		if (span_equal_nocase(line->params[i].name, name))
			return line->params[i].value;
	return SPAN_NONE;
}

/* --- text ------------------------------------------------------------------------------------------- */

static char *to_utf8(const struct buf *bytes, const char *charset, struct arena *arena)
{
	struct buf out = BUF_INIT;
	char *text;

	charset_to_utf8(charset, buf_str(bytes), bytes->len, &out);
	text = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return text;
}

char *card_line_whole(const struct card_line *line, const char *charset, struct arena *arena)
{
	struct buf whole = BUF_INIT;
	size_t len = (size_t)(line->value.data + line->value.len - line->name.data);
	char *text;

	buf_add(&whole, line->name.data, len < CARD_WHOLE_MAX ? len : CARD_WHOLE_MAX);
	text = to_utf8(&whole, charset, arena);
	buf_free(&whole);
	return text;
}

char *card_text(struct span raw, const char *charset, struct arena *arena)
{
	struct buf plain = BUF_INIT;
	char *text;
	size_t i;

	buf_reserve(&plain, raw.len);
	for (i = 0; i < raw.len; i++) {
		char c = raw.data[i];

		if (c == '\\' && i + 1 < raw.len) {
			c = raw.data[++i];
			if (c == 'n' || c == 'N')
				c = '\n';
			else if (!strchr("\\,;:\"", c) || !c)
				buf_add_char(&plain, '\\'); /* no escape: a path, say */
		}
		buf_add_char(&plain, c);
	}
	text = to_utf8(&plain, charset, arena);
	buf_free(&plain);
	return text;
}

char *card_param_text(struct span raw, const char *charset, struct arena *arena)
{
	struct buf plain = BUF_INIT;
	char *text;
	size_t i;

	for (i = 0; i < raw.len; i++) {
		char next = i + 1 < raw.len ? raw.data[i + 1] : '\0';
		bool is_escape = raw.data[i] == '^' && (next == 'n' || next == '^' || next == '\'');

		if (is_escape)
			i++;
		buf_add_char(&plain, !is_escape	 ? raw.data[i]
				     : next == 'n' ? '\n'
				     : next == '^' ? '^'
						   : '"');
	}
	text = to_utf8(&plain, charset, arena);
	buf_free(&plain);
	return text;
}
