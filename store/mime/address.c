#include "config.h"
#include "store/mime/address.h"

#include <string.h>
#include <strings.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"
#include "store/mime/mime.h"
#include "store/mime/word.h"

#define SAFE_MAX  254
#define LOCAL_MAX 64

/* What one mailbox is made of, gathered while the field is read once from left to right. */
struct reader {
	struct span raw;
	size_t at, limit;
	struct arena *arena;
	const char *charset; /* of raw 8-bit bytes; may be NULL */
	struct address_list *list;
	size_t cap;
	struct buf words;   /* outside brackets: the name, or the address when there are none */
	struct buf comment; /* in parentheses */
	struct buf angle;   /* in brackets */
	size_t name_end;    /* of WORDS, when the brackets closed */
	bool has_angle, has_quotes;
	bool has_at, has_bracket;	     /* in WORDS, not in quotes */
	bool no_quote_ends, no_comment_ends; /* an open one to the end of the field: taken as text */
};

static bool at_end(const struct reader *r)
{
	return r->at >= r->raw.len;
}

static char here(const struct reader *r)
{
	return r->raw.data[r->at];
}

static char *decoded(const struct reader *r, const struct buf *raw)
{
	return mime_decode_text_as((struct span){buf_str(raw), raw->len}, r->charset, r->arena);
}

static char *trimmed(const struct buf *raw, struct arena *arena)
{
	struct span s = span_trim((struct span){buf_str(raw), raw->len});
	char *text = arena_alloc(arena, s.len + 1);
	size_t i, len = 0;

	for (i = 0; i < s.len; i++)
		if (s.data[i] != '\0' && s.data[i] != '\r' && s.data[i] != '\n')
			text[len++] = s.data[i];
	return text;
}

static void add(struct reader *r, char *name, char *addr)
{
	struct address_list *list = r->list;

	if (list->count >= r->limit || (!*name && !*addr))
		return;
	if (list->count >= r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 4;
		struct address *wider = ARENA_ARRAY(r->arena, struct address, cap);

		if (list->count)
			memcpy(wider, list->items, list->count * sizeof *wider);
		list->items = wider;
		r->cap = cap;
	}
	list->items[list->count++] = (struct address){name, addr};
}

static void forget(struct reader *r)
{
	buf_clear(&r->words);
	buf_clear(&r->comment);
	buf_clear(&r->angle);
	r->has_angle = r->has_quotes = r->has_at = r->has_bracket = false;
}

/* Is the backslash at AT, in quotes, in front of what it takes the meaning from? */
static bool is_escape(const char *text, size_t at, bool in_quotes)
{
	return in_quotes && text[at] == '\\' && text[at + 1];
}

/* "local@domain" with the spaces taken out that the old rules allow around dots and at signs. */
static char *squeezed(const struct buf *raw, struct arena *arena)
{
	char *text = trimmed(raw, arena);
	size_t from, to = 0;
	bool in_quotes = false;

	for (from = 0; text[from]; from++) {
		if (text[from] == '"')
			in_quotes = !in_quotes;
		if (is_escape(text, from, in_quotes))
			text[to++] = text[from++];
		if (in_quotes || !char_is_space(text[from]))
			text[to++] = text[from];
	}
	text[to] = '\0';
	return text;
}

/* Behind the last "@a,@b:" of a source route. */
static char *without_route(char *addr)
{
	char *colon = *addr == '@' ? strrchr(addr, ':') : NULL;

	return colon && strchr(colon, '@') ? colon + 1 : addr;
}

/* Copies words so that white space stands only between them: the old rules allow it around the "@" and
 * the dots of an address ("a . b @ c"), but "Q. doe@x" are two words. */
struct tightener {
	char *out;
	size_t len;
	bool in_quotes, in_domain, is_dot_spaced;
};

static bool drops_space(const struct tightener *t, char next)
{
	char before = t->len ? t->out[t->len - 1] : ' ';

	if (before == ' ' || before == '@' || next == '@' || next == '.')
		return true;
	return before == '.' && (t->in_domain || t->is_dot_spaced);
}

static void tighten_space(struct tightener *t, char next)
{
	if (next == '.')
		t->is_dot_spaced = true;
	if (drops_space(t, next))
		return;
	t->out[t->len++] = ' ';
	t->in_domain = false;
}

static char *tight(const struct buf *raw, struct arena *arena)
{
	char *text = trimmed(raw, arena);
	struct tightener t = {.out = arena_alloc(arena, strlen(text) + 1)};
	size_t from;

	for (from = 0; text[from]; from++) {
		char c = text[from];

		if (c == '"')
			t.in_quotes = !t.in_quotes;
		if (is_escape(text, from, t.in_quotes)) {
			t.out[t.len++] = c;
			c = text[++from];
		}
		if (char_is_space(c) && !t.in_quotes) {
			while (char_is_space(text[from + 1]))
				from++;
			tighten_space(&t, text[from + 1]);
			continue;
		}
		t.in_domain = t.in_domain || c == '@';
		t.is_dot_spaced = t.is_dot_spaced && c == '.';
		t.out[t.len++] = c;
	}
	return t.out;
}

/* Length of the word at TEXT; *HAS_AT: is it an address? */
static size_t word_length(const char *text, bool *has_at)
{
	bool in_quotes = false;
	size_t n;

	*has_at = false;
	for (n = 0; text[n] && (in_quotes || text[n] != ' '); n++) {
		if (text[n] == '"')
			in_quotes = !in_quotes;
		if (is_escape(text, n, in_quotes))
			n++;
		*has_at = *has_at || (text[n] == '@' && !in_quotes);
	}
	return n;
}

static char *name_between(struct reader *r, const char *from, const char *to)
{
	return mime_decode_text_as((struct span){from, (size_t)(to - from)}, r->charset, r->arena);
}

/* "[mailto:a@b]", as programs quote an address. */
static char *without_mailto(char *addr)
{
	size_t len = strlen(addr);

	if (len < 3 || addr[0] != '[' || addr[len - 1] != ']')
		return addr;
	addr[len - 1] = '\0';
	addr++;
	return strncasecmp(addr, "mailto:", 7) == 0 ? addr + 7 : addr;
}

/* Words without brackets: each with an "@" is an address, the others in front of it its name. */
static void add_words(struct reader *r, const char *text)
{
	const char *name = text;
	bool has_at;
	size_t n;

	for (; *text; text += n + (text[n] == ' ')) {
		n = word_length(text, &has_at);
		if (!has_at)
			continue;
		add(r, name < text ? name_between(r, name, text) : decoded(r, &r->comment),
		    without_mailto(arena_strndup(r->arena, text, n)));
		name = text + n;
	}
	if (*name && r->list->count && !*r->list->items[r->list->count - 1].name)
		r->list->items[r->list->count - 1].name = name_between(r, name, text);
}

/* No address: shown decoded, unless it would look like one then. */
static void add_no_address(struct reader *r, char *text)
{
	char *plain = decoded(r, &r->words);

	add(r, decoded(r, &r->comment), strchr(plain, '@') ? text : plain);
}

static void add_bare(struct reader *r)
{
	char *text = tight(&r->words, r->arena);

	if (strchr(text, '@'))
		add_words(r, text);
	else if (*text)
		add_no_address(r, text);
}

static void end_mailbox(struct reader *r)
{
	if (r->has_angle) {
		char *name = decoded(r, &r->words);

		if (!*name && r->comment.len)
			name = decoded(r, &r->comment);
		add(r, name, without_route(squeezed(&r->angle, r->arena)));
	} else {
		add_bare(r);
	}
	forget(r);
}

/* At an opening quote: the offset of the closing one, or the end. */
static size_t closing_quote(const struct reader *r)
{
	size_t at;

	for (at = r->at + 1; at < r->raw.len && r->raw.data[at] != '"'; at++)
		if (r->raw.data[at] == '\\')
			at++;
	return at < r->raw.len ? at : r->raw.len;
}

/* Does a local part end behind AT: an "@", or dots and words up to one? */
static bool is_local_part(const struct reader *r, size_t at)
{
	size_t start = at;

	if (at < r->raw.len && r->raw.data[at] == '.')
		while (at < r->raw.len && at - start < LOCAL_MAX && !char_is_space(r->raw.data[at]) &&
		       !strchr("@<>,;:()", r->raw.data[at]))
			at++;
	return at < r->raw.len && r->raw.data[at] == '@';
}

/* A quoted string: as it stands for an address, unquoted for a name. Which it is shows later, so the
 * quotes are kept where an "@" follows at once, or dots and words up to one. */
static void read_quoted(struct reader *r, struct buf *out)
{
	size_t end = closing_quote(r), i;
	bool is_local = is_local_part(r, end + 1);

	if (end == r->raw.len) {
		r->no_quote_ends = true;
		r->at++;
		return;
	}
	if (is_local) {
		buf_add(out, r->raw.data + r->at, end + 1 - r->at);
	} else {
		for (i = r->at + 1; i < end; i++) {
			if (r->raw.data[i] == '\\' && i + 1 < end)
				i++;
			buf_add_char(out, r->raw.data[i]);
		}
		r->has_quotes = true;
	}
	r->at = end + 1;
}

/* Offset of the parenthesis that closes the one here, or the end. */
static size_t closing_parenthesis(const struct reader *r)
{
	size_t at, depth = 0;

	for (at = r->at; at < r->raw.len; at++) {
		char c = r->raw.data[at];

		if (c == '\\')
			at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			return at;
	}
	return r->raw.len;
}

/* One inside the brackets is nobody's name. */
static void skip_comment(struct reader *r)
{
	size_t end = closing_parenthesis(r);

	if (end == r->raw.len)
		r->no_comment_ends = true;
	else
		r->at = end + 1;
}

static void read_comment(struct reader *r)
{
	size_t end = closing_parenthesis(r), i;

	if (end == r->raw.len) {
		r->no_comment_ends = true;
		return;
	}
	if (r->comment.len)
		buf_add_char(&r->comment, ' ');
	for (i = r->at + 1; i < end; i++) {
		if (r->raw.data[i] == '\\' && i + 1 < end)
			i++;
		buf_add_char(&r->comment, r->raw.data[i]);
	}
	r->at = end + 1;
	buf_add_char(&r->words, ' ');
}

/* In brackets, up to ">". Where that is missing a comma (no route's) or the next "<" ends it. */
static void read_angle(struct reader *r)
{
	buf_clear(&r->angle);
	r->has_angle = true;
	r->at++;
	while (!at_end(r) && here(r) != '>' && here(r) != '<') {
		if ((here(r) == ',' || here(r) == ';') && buf_str(&r->angle)[0] != '@')
			return;
		if (here(r) == '"' && !r->no_quote_ends) {
			read_quoted(r, &r->angle);
		} else if (here(r) == '(' && !r->no_comment_ends) {
			skip_comment(r);
		} else {
			buf_add_char(&r->angle, here(r));
			r->at++;
		}
	}
	if (!at_end(r) && here(r) == '>')
		r->at++;
	r->name_end = r->words.len;
}

/* "A <a@b> C <c@d>": the comma was forgotten. */
static void split_at_second_angle(struct reader *r)
{
	struct buf rest = BUF_INIT;

	if (!r->has_angle || !strchr(buf_str(&r->angle), '@'))
		return;
	buf_add(&rest, buf_str(&r->words) + r->name_end, r->words.len - r->name_end);
	buf_truncate(&r->words, r->name_end);
	end_mailbox(r);
	buf_add(&r->words, buf_str(&rest), rest.len);
	buf_free(&rest);
}

/* A colon ends the name of a group, unless the words are an address already ("[IPv6:...]"). */
static bool is_group_name(const struct reader *r)
{
	return !r->has_angle && !r->has_at && !r->has_bracket;
}

/* Nor does one stand in an address but within brackets: behind it another begins. */
static bool ends_address(const struct reader *r)
{
	return !r->has_angle && r->has_at && !r->has_bracket;
}

static void add_char(struct reader *r, char c)
{
	buf_add_char(&r->words, c);
	r->has_at = r->has_at || c == '@';
	r->has_bracket = r->has_bracket || c == '[';
}

static void take(struct reader *r)
{
	char c = here(r);

	if (c == '"' && !r->no_quote_ends) {
		read_quoted(r, &r->words);
	} else if (c == '(' && !r->no_comment_ends) {
		read_comment(r);
	} else if (c == '<') {
		split_at_second_angle(r);
		read_angle(r);
	} else if (c == '>' && r->has_angle) {
		r->at++;
	} else if (c == ',' || c == ';' || (c == ':' && ends_address(r))) {
		end_mailbox(r);
		r->at++;
	} else if (c == ':' && is_group_name(r)) {
		forget(r);
		r->at++;
	} else {
		add_char(r, c);
		r->at++;
	}
}

static void read_all(struct reader *r)
{
	*r->list = (struct address_list){.items = NULL};
	while (!at_end(r) && r->list->count < r->limit)
		take(r);
	end_mailbox(r);
	buf_free(&r->words);
	buf_free(&r->comment);
	buf_free(&r->angle);
}

void address_parse(struct span raw, size_t limit, struct arena *arena, struct address_list *list)
{
	struct reader r = {.raw = raw, .limit = limit, .arena = arena, .list = list};

	read_all(&r);
}

void address_field(const struct mime_header *header, const char *name, struct arena *arena,
		   struct address_list *list)
{
	const struct mime_field *field = mime_field(header, name);

	struct reader r = {.raw = field ? field->value : SPAN_NONE,
			   .limit = mime_limits_default.addresses,
			   .arena = arena,
			   .list = list};

	r.charset = mime_raw_charset(header, r.raw, arena);
	read_all(&r);
}

int address_parse_typed(const char *text, struct arena *arena, struct address_list *list,
			struct err *err)
{
	size_t i;

	address_parse(span_of(text), mime_limits_default.addresses, arena, list);
	for (i = 0; i < list->count; i++)
		if (!*list->items[i].addr || !address_is_safe(list->items[i].addr))
			return err_set_kind(err, ERR_USAGE, _("\"%s\" is no address."),
					    *list->items[i].addr ? list->items[i].addr
								 : list->items[i].name);
	return 0;
}

static bool is_safe_char(char c, bool in_quotes)
{
	if (c == 0x7f || (c >= 0 && c < ' '))
		return false;
	return in_quotes || (c != ' ' && !strchr("<>(),;:\\", c));
}

bool address_is_safe(const char *addr)
{
	size_t ats = 0, i, len = strlen(addr);
	bool in_quotes = false;

	if (!len || len > SAFE_MAX || *addr == '-' || *addr == '@' || addr[len - 1] == '@')
		return false;
	for (i = 0; i < len; i++) {
		char c = addr[i];
		bool in_literal = ats && strchr(addr, '[') && c == ':';

		if (c == '"')
			in_quotes = !in_quotes;
		else if (in_quotes && c == '\\' && addr[i + 1])
			i++;
		if (!in_literal && !is_safe_char(addr[i], in_quotes))
			return false;
		if (c == '@' && !in_quotes)
			ats++;
	}
	return ats <= 1 && !in_quotes && utf8_is_valid(addr, len);
}

const char *address_domain(const char *addr)
{
	const char *at = strrchr(addr, '@');

	return at ? at + 1 : NULL;
}

bool address_equal(const char *a, const char *b)
{
	const char *x = address_domain(a), *y = address_domain(b);

	if (!x || !y)
		return strcmp(a, b) == 0;
	return x - a == y - b && strncmp(a, b, (size_t)(x - a)) == 0 && strcasecmp(x, y) == 0;
}

static bool needs_quotes(const char *name)
{
	return strpbrk(name, "()<>[]:;@\\,.\"") != NULL;
}

static void add_quoted(struct buf *out, const char *name)
{
	buf_add_char(out, '"');
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *name);
	}
	buf_add_char(out, '"');
}

void address_add_display(struct buf *out, const struct address *address)
{
	if (!*address->name) {
		buf_add_str(out, address->addr);
		return;
	}
	if (needs_quotes(address->name))
		add_quoted(out, address->name);
	else
		buf_add_str(out, address->name);
	if (*address->addr)
		buf_printf(out, " <%s>", address->addr);
}

const char *address_short(const struct address *address)
{
	return *address->name ? address->name : address->addr;
}
