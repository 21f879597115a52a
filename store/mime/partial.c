#include "config.h"

#include "store/mime/partial.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "store/mime/report.h"

struct partial {
	char *id;
	struct buf pieces[PARTIAL_PIECES_MAX]; /* piece 1 is pieces[0] */
	bool is_there[PARTIAL_PIECES_MAX];
	size_t have, total, bytes;
};

static bool read_piece(const struct mime_message *message, struct fragment *fragment)
{
	if (strcmp(message->root.type, "message/partial"))
		return false;
	report_read_fragment(&message->root, fragment);
	return *fragment->id && fragment->number >= 1 && fragment->number <= PARTIAL_PIECES_MAX &&
	       (!fragment->total || fragment->number <= fragment->total);
}

struct partial *partial_new(const struct mime_message *message)
{
	struct fragment fragment;
	struct partial *partial;

	if (!read_piece(message, &fragment))
		return NULL;
	partial = mem_alloc(sizeof *partial);
	partial->id = mem_strdup(fragment.id);
	return partial;
}

void partial_free(struct partial **partial)
{
	if (!*partial)
		return;
	for (size_t i = 0; i < PARTIAL_PIECES_MAX; i++)
		buf_free(&(*partial)->pieces[i]);
	free((*partial)->id);
	free(*partial);
	*partial = NULL;
}

/* What is said of the letter itself, not of the way of its piece. */
static bool is_of_the_letter(struct span name)
{
	return span_starts_nocase(name, "content-") || span_equal_nocase(name, "subject") ||
	       span_equal_nocase(name, "message-id") || span_equal_nocase(name, "encrypted") ||
	       span_equal_nocase(name, "mime-version");
}

static void add_fields(struct buf *out, const struct mime_header *header, bool of_the_letter)
{
	for (size_t i = 0; i < header->count; i++) {
		const struct mime_field *field = &header->fields[i];

		if (is_of_the_letter(field->name) != of_the_letter)
			continue;
		buf_add(out, field->name.data, field->name.len);
		buf_add_str(out, field->value.len && char_is_space(field->value.data[0]) ? ":" : ": ");
		buf_add(out, field->value.data, field->value.len);
		buf_add_char(out, '\n');
	}
}

/* The first piece begins with a header of its own: both become one. */
static void add_first(struct buf *out, const struct mime_message *message, const struct buf *body)
{
	struct arena *arena = arena_new();
	struct mime_header inner;
	size_t body_at;

	mime_parse_header(buf_str(body), body->len, NULL, arena, &inner, &body_at);
	add_fields(out, &message->root.header, false);
	add_fields(out, &inner, true);
	buf_add_char(out, '\n');
	if (body_at < body->len)
		buf_add(out, body->data + body_at, body->len - body_at);
	arena_free(&arena);
}

int partial_take(struct partial *partial, const struct mime_message *message, struct err *err)
{
	struct fragment fragment;
	struct buf body = BUF_INIT;
	struct buf *piece;

	if (!read_piece(message, &fragment) || strcmp(fragment.id, partial->id) ||
	    partial->is_there[fragment.number - 1])
		return 0;
	if (mime_decode_body(&message->root, PARTIAL_BYTES_MAX - partial->bytes, &body)) {
		buf_free(&body);
		return err_set(err, _("The pieces are too much for one letter."));
	}
	piece = &partial->pieces[fragment.number - 1];
	if (fragment.number == 1)
		add_first(piece, message, &body);
	else
		buf_add(piece, buf_str(&body), body.len);
	partial->bytes += body.len;
	partial->is_there[fragment.number - 1] = true;
	partial->have++;
	if (fragment.total && !partial->total)
		partial->total = (size_t)fragment.total;
	buf_free(&body);
	return 1;
}

bool partial_is_whole(const struct partial *partial)
{
	if (!partial->total || partial->total > PARTIAL_PIECES_MAX)
		return false;
	for (size_t i = 0; i < partial->total; i++)
		if (!partial->is_there[i])
			return false;
	return true;
}

void partial_count(const struct partial *partial, size_t *have, size_t *total)
{
	*have = partial->have;
	*total = partial->total;
}

void partial_join(const struct partial *partial, struct buf *out)
{
	for (size_t i = 0; i < partial->total; i++)
		buf_add(out, buf_str(&partial->pieces[i]), partial->pieces[i].len);
}
