#include "config.h"
#include "store/mime/flowed.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define DEPTH_MAX 100 /* deeper quotes count as this deep */

/* One line taken apart. */
struct flow_line {
	size_t depth;	  /* of quote marks */
	struct span text; /* behind marks and stuffing */
	bool is_soft;	  /* goes on in the next line */
};

static struct span take_line(struct span *rest)
{
	size_t end = span_find(*rest, 0, '\n');
	struct span line = {rest->data, end};

	*rest = end < rest->len ? (struct span){rest->data + end + 1, rest->len - end - 1} : SPAN_NONE;
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

static struct span behind(struct span s, size_t n)
{
	return (struct span){s.data + n, s.len - n};
}

static bool is_signature_mark(struct span text)
{
	return span_equal(text, SPAN("-- "));
}

static struct flow_line read_line(struct span line)
{
	struct flow_line flow = {.depth = 0};

	while (line.len && *line.data == '>') {
		flow.depth += flow.depth < DEPTH_MAX;
		line = behind(line, 1);
	}
	if (line.len && *line.data == ' ')
		line = behind(line, 1);
	flow.text = line;
	flow.is_soft = line.len && line.data[line.len - 1] == ' ' && !is_signature_mark(line);
	return flow;
}

static void add_marks(struct buf *out, size_t depth, bool has_text)
{
	size_t i;

	for (i = 0; i < depth; i++)
		buf_add_str(out, i + 1 < depth || has_text ? "> " : ">");
}

void flowed_read(const char *text, size_t len, bool delsp, struct buf *out)
{
	struct span rest = {text, len};
	struct flow_line before = {.is_soft = false};
	bool is_open = false;

	while (rest.len) {
		struct flow_line line = read_line(take_line(&rest));
		bool joins = before.is_soft && before.depth == line.depth &&
			     !is_signature_mark(line.text);
		struct span piece = line.text;

		if (is_open && !joins)
			buf_add_char(out, '\n');
		if (!joins)
			add_marks(out, line.depth, piece.len > 0);
		if (line.is_soft && delsp)
			piece.len--;
		buf_add(out, piece.data, piece.len);
		before = line;
		is_open = true;
	}
	if (is_open)
		buf_add_char(out, '\n');
}

/* "> > text" and ">>text": how deep, and what is behind. */
static size_t take_marks(struct span *line)
{
	size_t depth = 0, at = 0;

	while (at < line->len && line->data[at] == '>' && depth < DEPTH_MAX) {
		depth++;
		at++;
		if (at + 1 < line->len && line->data[at] == ' ' && line->data[at + 1] == '>')
			at++;
	}
	if (depth && at < line->len && line->data[at] == ' ')
		at++;
	*line = behind(*line, at);
	return depth;
}

static bool needs_stuffing(struct span text)
{
	return text.len && (*text.data == ' ' || *text.data == '>' || span_starts_nocase(text, "From "));
}

static void add_line(struct buf *out, size_t depth, struct span text, bool is_soft)
{
	size_t i;

	if (!is_soft && !is_signature_mark(text))
		while (text.len && text.data[text.len - 1] == ' ')
			text.len--;
	for (i = 0; i < depth; i++)
		buf_add_char(out, '>');
	if (text.len && (depth || needs_stuffing(text)))
		buf_add_char(out, ' ');
	buf_add(out, text.data, text.len);
	buf_add_char(out, '\n');
}

/* Bytes of TEXT for one line of COLUMNS: up to and with the last space that fits, else the first. */
static size_t break_at(struct span text, int columns)
{
	int used;
	size_t fit = utf8_fit(text.data, text.len, columns, &used), at = fit;

	if (fit == text.len)
		return fit;
	while (at > 0 && text.data[at - 1] != ' ')
		at--;
	if (at > 0)
		return at;
	at = span_find(text, fit, ' ');
	while (at < text.len && text.data[at] == ' ')
		at++;
	return at;
}

static void write_paragraph(struct span line, int width, struct buf *out)
{
	size_t depth = take_marks(&line);
	int columns = width - (int)depth - 1;

	if (columns < 20)
		columns = 20;
	while (!is_signature_mark(line)) {
		size_t n = break_at(line, columns);

		if (n == line.len)
			break;
		add_line(out, depth, (struct span){line.data, n}, true);
		line = behind(line, n);
	}
	add_line(out, depth, line, false);
}

void flowed_write(const char *text, size_t len, int width, struct buf *out)
{
	struct span rest = {text, len};

	while (rest.len)
		write_paragraph(take_line(&rest), width, out);
}
