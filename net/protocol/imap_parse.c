#include "config.h"
#include "net/protocol/imap_parse.h"

#include <string.h>

#include "store/base/err.h"
#include "store/base/i18n.h"

void imap_parse_init(struct imap_parse *parse, const struct imap_input *input)
{
	memset(parse, 0, sizeof *parse);
	parse->input = *input;
}

void imap_parse_free(struct imap_parse *parse)
{
	buf_free(&parse->scratch);
}

static int corrupt(struct err *err, const char *what)
{
	return err_set_kind(err, ERR_CORRUPT,
			    _("The server's answer breaks the rules of IMAP: %s."), what);
}

static int read_line(struct imap_parse *parse, struct err *err)
{
	parse->line = SPAN_NONE;
	parse->at = 0;
	parse->has_literal = false;
	parse->literal = 0;
	return parse->input.line(parse->input.arg, &parse->line, err);
}

int imap_parse_begin(struct imap_parse *parse, struct err *err)
{
	parse->depth = 0;
	parse->token = IMAP_END;
	return read_line(parse, err);
}

/* --- numbers and words --- */

bool imap_number(struct span text, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(text.data[i] - '0');

		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return sum <= max;
}

bool imap_is(struct span text, const char *word)
{
	return span_equal_nocase(text, word);
}

bool imap_is_nil(const struct imap_parse *parse)
{
	return parse->token == IMAP_ATOM && imap_is(parse->text, "NIL");
}

/* --- literals --- */

/* "{12}", "{12+}" or "~{12}" at FROM, and nothing behind it. */
static bool is_literal(struct span line, size_t from, uint64_t *size)
{
	size_t end = line.len;

	if (from < end && line.data[from] == '~')
		from++;
	if (from + 3 > end || line.data[from] != '{' || line.data[end - 1] != '}')
		return false;
	end--;
	if (line.data[end - 1] == '+')
		end--;
	return imap_number((struct span){line.data + from + 1, end - from - 1}, UINT64_MAX, size);
}

static int begin_literal(struct imap_parse *parse, uint64_t size, struct err *err)
{
	if (size > (uint64_t)IMAP_LITERAL_MAX)
		return corrupt(err, _("it announces a text of impossible size"));
	parse->literal = (int64_t)size;
	parse->has_literal = true;
	parse->at = parse->line.len;
	return parse->token = IMAP_LITERAL;
}

ssize_t imap_literal_read(struct imap_parse *parse, void *data, size_t size, struct err *err)
{
	ssize_t got;

	if (parse->literal == 0)
		return 0;
	if ((int64_t)size > parse->literal)
		size = (size_t)parse->literal;
	got = parse->input.read(parse->input.arg, data, size, err);
	if (got == 0)
		return err_set_kind(err, ERR_TEMPORARY,
				    _("The connection ended in the middle of an answer."));
	if (got > 0)
		parse->literal -= got;
	return got;
}

/* The line behind a literal. */
static int go_on(struct imap_parse *parse, struct err *err)
{
	char waste[4096];
	ssize_t got;
	int rc;

	while ((got = imap_literal_read(parse, waste, sizeof waste, err)) > 0)
		;
	if (got < 0)
		return -1;
	rc = read_line(parse, err);
	if (rc == 0)
		return err_set_kind(err, ERR_TEMPORARY,
				    _("The connection ended in the middle of an answer."));
	return rc < 0 ? -1 : 0;
}

/* --- tokens --- */

static int take_char(struct imap_parse *parse, enum imap_token token, struct err *err)
{
	parse->at++;
	parse->depth += token == IMAP_OPEN ? 1 : -1;
	if (parse->depth < 0)
		return corrupt(err, _("a list is closed that was not opened"));
	if (parse->depth > IMAP_DEPTH_MAX)
		return corrupt(err, _("lists are nested too deep"));
	return parse->token = token;
}

/* With escapes the string is put together anew. */
static int take_escaped(struct imap_parse *parse, size_t from, struct err *err)
{
	buf_clear(&parse->scratch);
	for (size_t i = from; i < parse->line.len; i++) {
		char c = parse->line.data[i];

		if (c == '"') {
			parse->text = (struct span){buf_str(&parse->scratch), parse->scratch.len};
			parse->at = i + 1;
			return parse->token = IMAP_STRING;
		}
		if (c == '\\' && i + 1 < parse->line.len)
			c = parse->line.data[++i];
		buf_add_char(&parse->scratch, c);
	}
	return corrupt(err, _("a quoted text does not end"));
}

static int take_quoted(struct imap_parse *parse, struct err *err)
{
	size_t from = parse->at + 1;

	for (size_t i = from; i < parse->line.len; i++) {
		char c = parse->line.data[i];

		if (c == '\\')
			return take_escaped(parse, from, err);
		if (c == '"') {
			parse->text = (struct span){parse->line.data + from, i - from};
			parse->at = i + 1;
			return parse->token = IMAP_STRING;
		}
	}
	return corrupt(err, _("a quoted text does not end"));
}

static int take_atom(struct imap_parse *parse)
{
	size_t from = parse->at, i = from;
	uint64_t size;

	for (; i < parse->line.len; i++) {
		char c = parse->line.data[i];

		if (c == ' ' || c == '(' || c == ')')
			break;
		if (c == '{' && i > from && is_literal(parse->line, i, &size))
			break;
	}
	parse->text = (struct span){parse->line.data + from, i - from};
	parse->at = i;
	return parse->token = IMAP_ATOM;
}

static int at_end(struct imap_parse *parse, struct err *err)
{
	parse->text = SPAN_NONE;
	parse->token = IMAP_END;
	return parse->depth ? corrupt(err, _("a list does not end")) : IMAP_END;
}

int imap_next(struct imap_parse *parse, struct err *err)
{
	uint64_t size;
	char c;

	if (parse->has_literal && go_on(parse, err))
		return -1;
	while (parse->at < parse->line.len && parse->line.data[parse->at] == ' ')
		parse->at++;
	if (parse->at >= parse->line.len)
		return at_end(parse, err);
	c = parse->line.data[parse->at];
	if (c == '(' || c == ')')
		return take_char(parse, c == '(' ? IMAP_OPEN : IMAP_CLOSE, err);
	if (c == '"')
		return take_quoted(parse, err);
	if ((c == '{' || c == '~') && is_literal(parse->line, parse->at, &size))
		return begin_literal(parse, size, err);
	return take_atom(parse);
}

/* --- values --- */

static int add_literal(struct imap_parse *parse, struct buf *out, size_t limit, struct err *err)
{
	char piece[4096];
	ssize_t got;

	while (limit > 0) {
		got = imap_literal_read(parse, piece, limit < sizeof piece ? limit : sizeof piece,
					err);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		buf_add(out, piece, (size_t)got);
		limit -= (size_t)got;
	}
	return 1;
}

int imap_text(struct imap_parse *parse, struct buf *out, size_t limit, struct err *err)
{
	if (imap_is_nil(parse))
		return 0;
	if (parse->token == IMAP_LITERAL)
		return add_literal(parse, out, limit, err);
	if (parse->token != IMAP_ATOM && parse->token != IMAP_STRING)
		return corrupt(err, _("a text is missing"));
	buf_add(out, parse->text.data, parse->text.len < limit ? parse->text.len : limit);
	return 1;
}

int imap_next_text(struct imap_parse *parse, struct buf *out, size_t limit, struct err *err)
{
	return imap_next(parse, err) < 0 ? -1 : imap_text(parse, out, limit, err);
}

int imap_next_number(struct imap_parse *parse, uint64_t max, uint64_t *value, struct err *err)
{
	int token = imap_next(parse, err);

	if (token < 0)
		return -1;
	if (token != IMAP_ATOM || !imap_number(parse->text, max, value))
		return corrupt(err, _("a number is missing or too large"));
	return 0;
}

int imap_skip_list(struct imap_parse *parse, int depth, struct err *err)
{
	while (parse->depth >= depth)
		if (imap_next(parse, err) < 0)
			return -1;
	return 0;
}

int imap_skip_value(struct imap_parse *parse, struct err *err)
{
	int token = imap_next(parse, err);

	if (token == IMAP_END || token == IMAP_CLOSE)
		return corrupt(err, _("a value is missing"));
	return token == IMAP_OPEN ? imap_skip_list(parse, parse->depth, err) : token < 0 ? -1 : 0;
}

/* Of a line that nobody knows only its literals matter: they are found at its end, whatever stands
 * before. */
static bool ends_in_literal(const struct imap_parse *parse, uint64_t *size)
{
	size_t at = parse->line.len;

	while (at > parse->at && parse->line.data[at - 1] != ' ' && parse->line.data[at - 1] != '(')
		at--;
	return is_literal(parse->line, at, size);
}

int imap_skip_line(struct imap_parse *parse, struct err *err)
{
	uint64_t size;

	for (;;) {
		if (parse->has_literal && go_on(parse, err))
			return -1;
		if (!ends_in_literal(parse, &size))
			break;
		if (begin_literal(parse, size, err) < 0)
			return -1;
	}
	parse->at = parse->line.len;
	parse->depth = 0;
	return 0;
}

struct span imap_peek(const struct imap_parse *parse)
{
	if (parse->has_literal || !parse->line.data)
		return (struct span){"", 0};
	return span_trim((struct span){parse->line.data + parse->at, parse->line.len - parse->at});
}

struct span imap_rest(struct imap_parse *parse)
{
	struct span rest = imap_peek(parse);

	parse->at = parse->line.len;
	return rest;
}

int imap_take_code(struct span *text, struct span *code)
{
	bool is_quoted = false;

	if (text->len == 0 || text->data[0] != '[')
		return 0;
	for (size_t i = 1; i < text->len; i++) {
		char c = text->data[i];

		if (is_quoted && c == '\\')
			i++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (c == ']' && !is_quoted) {
			*code = (struct span){text->data + 1, i - 1};
			*text = span_trim((struct span){text->data + i + 1, text->len - i - 1});
			return 1;
		}
	}
	return 0;
}

/* --- items of FETCH --- */

/* As all servers write it, without quotes and literals. */
static bool take_plain_section(struct imap_parse *parse)
{
	const char *at = parse->line.data + parse->at;
	size_t len = span_find(parse->line, parse->at, ']') - parse->at;

	if (parse->at + len >= parse->line.len || memchr(at, '"', len) || memchr(at, '{', len))
		return false;
	buf_add(&parse->scratch, at, len);
	parse->at += len + 1;
	return true;
}

/* Behind the "[": up to the "]" that is in no quotes; a literal in it (a field's name may be one)
 * is read over. The section goes into the scratch buffer behind the name. */
static int take_section(struct imap_parse *parse, struct err *err)
{
	bool is_quoted = false;
	uint64_t size;

	if (take_plain_section(parse))
		return 0;
	for (;;) {
		char c;

		if (parse->at >= parse->line.len)
			return corrupt(err, _("a section does not end"));
		if (!is_quoted && is_literal(parse->line, parse->at, &size)) {
			if (begin_literal(parse, size, err) < 0 || go_on(parse, err))
				return -1;
			continue;
		}
		c = parse->line.data[parse->at++];
		if (c == '"')
			is_quoted = !is_quoted;
		else if (c == ']' && !is_quoted)
			return 0;
		buf_add_char(&parse->scratch, c);
	}
}

static void skip_origin(struct imap_parse *parse)
{
	if (parse->at < parse->line.len && parse->line.data[parse->at] == '<')
		while (parse->at < parse->line.len && parse->line.data[parse->at] != ' ')
			parse->at++;
}

int imap_next_item(struct imap_parse *parse, struct imap_item *item, struct err *err)
{
	int token = imap_next(parse, err);
	size_t name;

	memset(item, 0, sizeof *item);
	if (token == IMAP_CLOSE)
		return 0;
	if (token != IMAP_ATOM)
		return token < 0 ? -1 : corrupt(err, _("the name of an item is missing"));
	name = span_find(parse->text, 0, '[');
	buf_clear(&parse->scratch);
	buf_add(&parse->scratch, parse->text.data, name);
	item->has_section = name < parse->text.len;
	parse->at -= parse->text.len - name;
	if (item->has_section) {
		parse->at++;
		if (take_section(parse, err))
			return -1;
		skip_origin(parse);
	}
	item->name = (struct span){buf_str(&parse->scratch), name};
	item->section = (struct span){buf_str(&parse->scratch) + name, parse->scratch.len - name};
	return 1;
}

/* --- sets --- */

static bool parse_end(struct span text, uint32_t *value)
{
	uint64_t number;

	if (text.len == 1 && *text.data == '*') {
		*value = UINT32_MAX;
		return true;
	}
	if (!imap_number(text, UINT32_MAX, &number) || number == 0)
		return false;
	*value = (uint32_t)number;
	return true;
}

static bool parse_range(struct span piece, uint32_t *first, uint32_t *last)
{
	size_t colon = span_find(piece, 0, ':');
	uint32_t swap;

	if (!parse_end((struct span){piece.data, colon}, first))
		return false;
	*last = *first;
	if (colon < piece.len &&
	    !parse_end((struct span){piece.data + colon + 1, piece.len - colon - 1}, last))
		return false;
	if (*first > *last) {
		swap = *first;
		*first = *last;
		*last = swap;
	}
	return true;
}

int imap_each_range(struct span set,
		    int (*each)(void *arg, uint32_t first, uint32_t last, struct err *err),
		    void *arg, struct err *err)
{
	struct span piece;
	uint32_t first, last;
	int rc;

	while (span_split(&set, ',', &piece)) {
		if (!parse_range(piece, &first, &last))
			return corrupt(err, _("a set of numbers is none"));
		if ((rc = each(arg, first, last, err)) != 0)
			return rc;
	}
	return 0;
}

size_t imap_add_set(struct buf *out, const uint32_t *uids, size_t count, size_t max)
{
	size_t i = 0, start = out->len;

	while (i < count && out->len - start < max) {
		size_t last = i;

		while (last + 1 < count && uids[last + 1] - uids[last] <= 1)
			last++;
		buf_printf(out, "%s%u", i ? "," : "", (unsigned)uids[i]);
		if (last > i)
			buf_printf(out, ":%u", (unsigned)uids[last]);
		i = last + 1;
	}
	return i;
}
