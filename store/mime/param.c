#include "config.h"
#include "store/mime/param.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/mime/word.h"

#define INDEX_LIMIT 10000

/* One "name*1*=value" as it stands there. */
struct piece {
	struct span name; /* without the stars */
	struct span value; /* still encoded, quotes undone */
	int index;	   /* -1: the whole value */
	bool is_encoded;   /* percent signs, and a charset in the first piece */
	bool is_used;
};

struct reader {
	struct span raw;
	size_t at;
	struct arena *arena;
	struct piece *pieces;
	size_t count;
};

static bool at_end(const struct reader *r)
{
	return r->at >= r->raw.len;
}

static char here(const struct reader *r)
{
	return r->raw.data[r->at];
}

static void skip_comment(struct reader *r)
{
	size_t depth = 0;

	for (; !at_end(r); r->at++) {
		if (here(r) == '\\')
			r->at++;
		else if (here(r) == '(')
			depth++;
		else if (here(r) == ')' && --depth == 0) {
			r->at++;
			return;
		}
	}
	r->at = r->raw.len;
}

static void skip_spaces(struct reader *r)
{
	while (!at_end(r) && char_is_space(here(r)))
		r->at++;
}

/* Comments are white too. */
static void skip_white(struct reader *r)
{
	while (!at_end(r)) {
		if (char_is_space(here(r)))
			r->at++;
		else if (here(r) == '(')
			skip_comment(r);
		else
			return;
	}
}

static void skip_to_semicolon(struct reader *r)
{
	while (!at_end(r) && here(r) != ';')
		r->at++;
}

static size_t quoted_length(const struct reader *r)
{
	size_t at = r->at;

	while (at < r->raw.len && r->raw.data[at] != '"')
		at += r->raw.data[at] == '\\' ? 2 : 1;
	return at - r->at;
}

/* Behind the opening quote. The quotes undone lie in the arena. No closing one: up to the end. */
static struct span read_quoted(struct reader *r)
{
	char *text = arena_alloc(r->arena, quoted_length(r) + 1);
	size_t len = 0;

	while (!at_end(r) && here(r) != '"') {
		if (here(r) == '\\' && r->at + 1 < r->raw.len)
			r->at++;
		if (here(r) != '\r' && here(r) != '\n')
			text[len++] = here(r);
		r->at++;
	}
	if (!at_end(r))
		r->at++;
	return (struct span){text, len};
}

/* Up to the semicolon: file names with spaces come without quotes too. A comment ends it. */
static struct span read_bare(struct reader *r)
{
	size_t start = r->at;
	struct span value;

	while (!at_end(r) && here(r) != ';') {
		if (here(r) == '(' && r->at > start && char_is_space(r->raw.data[r->at - 1]))
			break;
		r->at++;
	}
	value = (struct span){r->raw.data + start, r->at - start};
	return span_trim(value);
}

static struct span read_value(struct reader *r)
{
	struct span value;

	skip_white(r);
	if (at_end(r) || here(r) == ';')
		return SPAN("");
	if (here(r) == '"') {
		r->at++;
		value = read_quoted(r);
	} else {
		value = read_bare(r);
	}
	skip_to_semicolon(r);
	return value;
}

static struct span read_name(struct reader *r)
{
	size_t start = r->at;

	while (!at_end(r) && here(r) != '=' && here(r) != ';')
		r->at++;
	return span_trim((struct span){r->raw.data + start, r->at - start});
}

/* "name*0*" into its three. */
static void read_stars(struct piece *piece)
{
	size_t star = span_find(piece->name, 0, '*'), n;

	piece->index = -1;
	if (star == piece->name.len)
		return;
	piece->is_encoded = piece->name.data[piece->name.len - 1] == '*';
	for (n = star + 1; n < piece->name.len && char_is_digit(piece->name.data[n]); n++) {
		piece->index = (piece->index < 0 ? 0 : piece->index * 10) + piece->name.data[n] - '0';
		if (piece->index > INDEX_LIMIT)
			piece->index = INDEX_LIMIT;
	}
	piece->name.len = star;
}

static void read_piece(struct reader *r)
{
	struct piece piece = {.index = -1};

	skip_white(r);
	piece.name = read_name(r);
	if (!at_end(r) && here(r) == '=') {
		r->at++;
		piece.value = read_value(r);
		read_stars(&piece);
		if (piece.name.len && r->count < PARAM_LIMIT)
			r->pieces[r->count++] = piece;
	}
	if (!at_end(r))
		r->at++;
}

static bool same_name(struct span a, struct span b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (char_lower(a.data[i]) != char_lower(b.data[i]))
			return false;
	return true;
}

static int hex_value(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void add_percent(struct span text, struct buf *out)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		int high = -1, low = -1;

		if (text.data[i] == '%' && text.len - i > 2) {
			high = hex_value(text.data[i + 1]);
			low = hex_value(text.data[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			buf_add_char(out, (char)(high * 16 + low));
			i += 2;
		} else {
			buf_add_char(out, text.data[i]);
		}
	}
}

/* "utf-8'en'" off the front of *VALUE; its charset into the arena, NULL when there is none. */
static char *take_charset(struct span *value, struct arena *arena)
{
	size_t first = span_find(*value, 0, '\''), second = span_find(*value, first + 1, '\'');
	char *charset;

	if (second >= value->len)
		return NULL;
	charset = first ? arena_strndup(arena, value->data, first) : NULL;
	*value = (struct span){value->data + second + 1, value->len - second - 1};
	return charset;
}

static int by_index(const void *a, const void *b)
{
	const struct piece *const *x = a, *const *y = b;

	if ((*x)->index != (*y)->index)
		return (*x)->index < (*y)->index ? -1 : 1;
	return *x < *y ? -1 : 1;
}

/* All pieces of one name, in their order: "name*0", "name*1*"... */
static size_t gather(struct reader *r, size_t from, struct piece **found)
{
	size_t i, n = 0;

	for (i = from; i < r->count; i++)
		if (!r->pieces[i].is_used && same_name(r->pieces[i].name, r->pieces[from].name)) {
			r->pieces[i].is_used = true;
			found[n++] = &r->pieces[i];
		}
	qsort(found, n, sizeof *found, by_index);
	return n;
}

/* One whole value: RFC 2231 wins over a plain one beside it. */
static const struct piece *whole_value(struct piece **found, size_t count)
{
	size_t i;

	for (i = 0; i < count && found[i]->index < 0; i++)
		if (found[i]->is_encoded)
			return found[i];
	return count && found[0]->index < 0 ? found[0] : NULL;
}

static bool has_pieces(struct piece **found, size_t count)
{
	return count && found[count - 1]->index >= 0;
}

static void add_extended(struct piece **found, size_t count, struct arena *arena, struct buf *out)
{
	struct buf bytes = BUF_INIT;
	char *charset = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		struct span value = found[i]->value;

		if (i && found[i]->index == found[i - 1]->index)
			continue;
		if (i == 0 && found[i]->is_encoded)
			charset = take_charset(&value, arena);
		if (found[i]->is_encoded)
			add_percent(value, &bytes);
		else
			buf_add(&bytes, value.data, value.len);
	}
	charset_to_utf8(charset, bytes.data, bytes.len, out);
	word_make_tame(out, 0);
	buf_free(&bytes);
}

static bool any_encoded(struct piece **found, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (found[i]->is_encoded)
			return true;
	return false;
}

static void add_joined(struct piece **found, size_t count, struct arena *arena, struct buf *out)
{
	struct buf bytes = BUF_INIT;
	size_t i;

	if (any_encoded(found, count)) {
		add_extended(found, count, arena, out);
		return;
	}
	for (i = 0; i < count; i++)
		buf_add(&bytes, found[i]->value.data, found[i]->value.len);
	word_decode((struct span){buf_str(&bytes), bytes.len}, out);
	buf_free(&bytes);
}

/* A boundary is compared byte by byte: nothing in it is decoded. */
static void add_boundary(struct piece **found, size_t count, struct buf *out)
{
	size_t i, k;

	for (i = 0; i < count; i++)
		for (k = 0; k < found[i]->value.len; k++)
			if (found[i]->value.data[k] != '\r' && found[i]->value.data[k] != '\n')
				buf_add_char(out, found[i]->value.data[k]);
}

static char *value_of(struct piece **found, size_t count, struct arena *arena)
{
	const struct span boundary = span_of("boundary");
	const struct piece *whole = whole_value(found, count);
	struct buf out = BUF_INIT;
	size_t skip = 0;
	char *text;

	while (skip < count && found[skip]->index < 0)
		skip++;
	if (same_name(found[0]->name, boundary) && !any_encoded(found, count))
		add_boundary(found + (whole ? 0 : skip), whole ? 1 : count - skip, &out);
	else if (whole && whole->is_encoded)
		add_extended((struct piece *[]){(struct piece *)whole}, 1, arena, &out);
	else if (has_pieces(found, count))
		add_joined(found + skip, count - skip, arena, &out);
	else
		word_decode(whole->value, &out);
	text = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return text;
}

static void assemble(struct reader *r, struct param_list *list)
{
	struct piece *found[PARAM_LIMIT];
	size_t i;

	for (i = 0; i < r->count; i++) {
		struct mime_param *param;
		size_t n;

		if (r->pieces[i].is_used)
			continue;
		n = gather(r, i, found);
		param = &list->items[list->count++];
		param->name = arena_strndup(r->arena, r->pieces[i].name.data, r->pieces[i].name.len);
		str_lower(param->name);
		param->value = value_of(found, n, r->arena);
	}
}

static size_t count_semicolons(struct span raw)
{
	size_t n = 0, at;

	for (at = 0; (at = span_find(raw, at, ';')) < raw.len && n < PARAM_LIMIT; at++)
		n++;
	return n;
}

/* "name=" stands at or behind the white space at AT: the ";" in front of it was forgotten. */
static bool is_param_ahead(const struct reader *r, size_t at)
{
	while (at < r->raw.len && char_is_space(r->raw.data[at]))
		at++;
	while (at < r->raw.len && (char_is_alnum(r->raw.data[at]) || r->raw.data[at] == '*'))
		at++;
	return at < r->raw.len && r->raw.data[at] == '=';
}

static struct span read_main(struct reader *r)
{
	size_t start;

	skip_white(r);
	start = r->at;
	while (!at_end(r) && here(r) != ';' && here(r) != '(') {
		if (!char_is_space(here(r))) {
			r->at++;
			continue;
		}
		if (is_param_ahead(r, r->at))
			break;
		skip_spaces(r);
	}
	return span_trim((struct span){r->raw.data + start, r->at - start});
}

/* Behind the main value: up to where the first parameter begins. */
static void skip_to_params(struct reader *r)
{
	while (!at_end(r) && here(r) != ';' && !char_is_space(here(r)))
		r->at++;
	if (!at_end(r) && char_is_space(here(r)) && !is_param_ahead(r, r->at))
		skip_to_semicolon(r);
	r->at++;
}

void param_parse(struct span raw, struct arena *arena, struct span *value, struct param_list *list)
{
	struct reader r = {.raw = raw, .arena = arena};
	size_t room = count_semicolons(raw) + 1;

	*list = (struct param_list){.items = NULL};
	*value = read_main(&r);
	skip_to_params(&r);
	if (at_end(&r))
		return;
	r.pieces = ARENA_ARRAY(arena, struct piece, room);
	list->items = ARENA_ARRAY(arena, struct mime_param, room);
	while (!at_end(&r) && r.count < room)
		read_piece(&r);
	assemble(&r, list);
}

char *param_get(const struct param_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return list->items[i].value;
	return NULL;
}
