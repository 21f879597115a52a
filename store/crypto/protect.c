#include "config.h"
#include "store/crypto/protect.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/crypto/crypto.h"
#include "store/crypto/judge.h"
#include "store/crypto/layer.h"
#include "store/mime/mime.h"

#define VALUE_WIDTH 200

static const char *const names[] = {"Subject", "From", "To", "Cc", "Date", "Reply-To"};
#define NAMES ARRAY_COUNT(names)
#define FROM  1

/* --- messages made ------------------------------------------------------------------------------- */

static bool is_about_content(const struct mime_field *field)
{
	return span_starts_nocase(field->name, "Content-") ||
	       span_equal_nocase(field->name, "MIME-Version");
}

static void add_field(struct buf *out, const struct mime_field *field)
{
	buf_add(out, field->name.data, field->name.len);
	buf_add_char(out, ':');
	if (field->value.len && !char_is_space(field->value.data[0]))
		buf_add_char(out, ' ');
	buf_add(out, field->value.data, field->value.len);
	buf_add_char(out, '\n');
}

static void add_fields(struct buf *out, const struct mime_header *header, bool about_content)
{
	size_t i;

	for (i = 0; header && i < header->count; i++)
		if (is_about_content(&header->fields[i]) == about_content)
			add_field(out, &header->fields[i]);
}

void protect_wrap(const struct mime_header *outer, struct span entity, struct buf *out)
{
	struct arena *arena = arena_new();
	struct mime_header inner;
	size_t body;

	mime_parse_header(entity.data, entity.len, NULL, arena, &inner, &body);
	add_fields(out, outer, false);
	add_fields(out, &inner, true);
	buf_add_char(out, '\n');
	buf_add(out, entity.data + body, entity.len - body);
	arena_free(&arena);
}

void protect_wrap_text(const struct mime_header *outer, struct span text, const char *charset,
		       struct buf *out)
{
	struct buf utf8 = BUF_INIT;

	if (utf8_is_valid(text.data, text.len))
		buf_add(&utf8, text.data, text.len);
	else
		charset_to_utf8(charset, text.data, text.len, &utf8);
	add_fields(out, outer, false);
	buf_add_str(out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
			 "Content-Transfer-Encoding: 8bit\n\n");
	buf_add(out, buf_str(&utf8), utf8.len);
	if (utf8.data)
		explicit_bzero(utf8.data, utf8.len);
	buf_free(&utf8);
}

/* --- protected fields ------------------------------------------------------------------------------ */

bool protect_is_complete(const struct mime_part *part)
{
	const char *hp = mime_param(part, "hp");

	return hp && (str_equal_nocase(hp, "clear") || str_equal_nocase(hp, "cipher"));
}

const struct mime_part *protect_find(const struct mime_message *message)
{
	const struct mime_part *part = &message->root;
	const char *version;

	while (layer_is_signed(part))
		part = part->first_child;
	version = mime_param(part, "protected-headers");
	return protect_is_complete(part) || (version && str_equal_nocase(version, "v1")) ? part : NULL;
}

/* As a person reads it, so that folding and encoding make no difference. */
static char *read_value(const struct mime_header *header, const char *name)
{
	struct arena *arena = arena_new();
	const char *text = mime_field_text(header, name, arena);
	char *value = judge_printable(text ? text : "", INT_MAX);

	arena_free(&arena);
	return value;
}

static bool is_same(const char *outer, const char *inner, const char *name)
{
	if (strcmp(outer, inner) == 0)
		return true;
	return strcmp(name, "Subject") != 0 && str_equal_nocase(outer, inner);
}

static bool is_placeholder(const char *subject)
{
	return strcmp(subject, "...") == 0 || strcmp(subject, "[...]") == 0 || strcmp(subject, "…") == 0 ||
	       strcmp(subject, "Encrypted Message") == 0;
}

static void cut(char **value)
{
	char *whole = *value;

	*value = judge_printable(whole, VALUE_WIDTH);
	free(whole);
}

static void add_difference(struct crypto_result *result, const struct crypto_difference *difference)
{
	size_t count = result->difference_count;

	result->differences = mem_resize(result->differences, count + 1, sizeof *result->differences);
	result->differences[result->difference_count++] = *difference;
}

/* True when the inner value is to be shown. */
static bool compare(const struct protect_what *what, size_t at, struct crypto_result *result)
{
	const struct mime_header *inner = what->fields;
	struct crypto_difference difference = {.name = NULL};
	bool is_there = mime_field(inner, names[at]) != NULL;

	difference.outer = read_value(what->outer, names[at]);
	difference.inner = read_value(inner, names[at]);
	if ((!is_there && !protect_is_complete(what->inner)) ||
	    is_same(difference.outer, difference.inner, names[at])) {
		free(difference.outer);
		free(difference.inner);
		return false;
	}
	difference.name = mem_strdup(names[at]);
	difference.inner_is_shown = is_there && (at != FROM || what->has_inner_from);
	difference.is_usual = what->was_encrypted && at == 0 && is_there && is_placeholder(difference.outer);
	cut(&difference.outer);
	cut(&difference.inner);
	add_difference(result, &difference);
	return difference.inner_is_shown;
}

static bool is_replaced(const struct mime_field *field, const bool replaced[NAMES])
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (replaced[i] && span_equal_nocase(field->name, names[i]))
			return true;
	return false;
}

static void write_replaced(const struct protect_what *what, const bool replaced[NAMES], struct buf *out)
{
	const struct mime_part *root = &what->shown->root;
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (replaced[i])
			add_field(out, mime_field(what->fields, names[i]));
	for (i = 0; i < root->header.count; i++)
		if (!is_replaced(&root->header.fields[i], replaced))
			add_field(out, &root->header.fields[i]);
	buf_add_char(out, '\n');
	buf_add(out, root->body.data, root->body.len);
}

bool protect_compare(const struct protect_what *what, struct crypto_result *result, struct buf *out)
{
	bool replaced[NAMES] = {false}, any = false;
	size_t i;

	for (i = 0; i < NAMES; i++) {
		replaced[i] = compare(what, i, result);
		any |= replaced[i];
	}
	if (any)
		write_replaced(what, replaced, out);
	return any;
}
