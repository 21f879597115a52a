#include "config.h"
#include "store/mime/ids.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/mime/mime.h"

#define IDS_LIMIT 20000

/* Spaces that folding put into an id are none of it. */
static char *copy_id(struct span id, struct arena *arena)
{
	char *text = arena_alloc(arena, id.len + 1);
	size_t i, len = 0;

	for (i = 0; i < id.len; i++)
		if (!char_is_space(id.data[i]) && id.data[i] != '\0')
			text[len++] = id.data[i];
	return text;
}

/* The next "<...>" of *REST. A "<" without its ">" ends at the next "<" or at the end; what has no "@"
 * in front of another "<" is none ("<a<b@c>"). */
static bool next_bracketed(struct span *rest, struct span *id)
{
	size_t open = span_find(*rest, 0, '<'), end;

	if (open == rest->len)
		return false;
	for (end = open + 1; end < rest->len && rest->data[end] != '>' && rest->data[end] != '<';)
		end++;
	*id = span_trim((struct span){rest->data + open + 1, end - open - 1});
	if (end < rest->len && rest->data[end] == '<' && span_find(*id, 0, '@') == id->len)
		id->len = 0;
	if (end < rest->len && rest->data[end] == '>')
		end++;
	*rest = (struct span){rest->data + end, rest->len - end};
	return true;
}

char *ids_message_id(const struct mime_header *header, struct arena *arena)
{
	const struct mime_field *field = mime_field(header, "Message-ID");
	struct span rest, id = SPAN_NONE;
	bool has_brackets = false;

	if (!field)
		return NULL;
	rest = span_trim(field->value);
	while (!id.len && next_bracketed(&rest, &id))
		has_brackets = true;
	if (!has_brackets)
		id = rest;
	return id.len ? copy_id(id, arena) : NULL;
}

static size_t count_brackets(struct span value)
{
	size_t at, n = 0;

	for (at = 0; (at = span_find(value, at, '<')) < value.len && n < IDS_LIMIT; at++)
		n++;
	return n;
}

char **ids_list(const struct mime_header *header, const char *name, struct arena *arena,
		size_t *count)
{
	const struct mime_field *field = mime_field(header, name);
	struct span rest = field ? field->value : SPAN_NONE, id;
	size_t room = count_brackets(rest), n = 0;
	char **list = ARENA_ARRAY(arena, char *, room + 1);

	while (n < room && next_bracketed(&rest, &id))
		if (id.len)
			list[n++] = copy_id(id, arena);
	if (count)
		*count = n;
	return list;
}

void ids_make(struct buf *out, const char *domain)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char bytes[16];
	size_t i;

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		abort(); /* no kernel we run on refuses 16 bytes */
	buf_printf(out, "%llx.", (unsigned long long)time(NULL));
	for (i = 0; i < sizeof bytes; i++)
		buf_add_char(out, digits[bytes[i] & 31]);
	buf_printf(out, "@%s", domain);
}
