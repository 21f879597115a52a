#include "config.h"
#include "store/base/jv.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/utf8.h"

/* struct jv is json_t under another name: nobody outside this file sees jansson. */
static json_t *inner(const struct jv *value)
{
	return (json_t *)value;
}

static struct jv *outer(json_t *value)
{
	if (!value)
		abort(); /* memory is gone */
	return (struct jv *)value;
}

struct jv *jv_object(void)
{
	return outer(json_object());
}

struct jv *jv_array(void)
{
	return outer(json_array());
}

struct jv *jv_text_n(const char *text, size_t len)
{
	struct buf clean = BUF_INIT;
	struct jv *value;

	if (utf8_is_valid(text, len))
		return outer(json_stringn_nocheck(text, len));
	utf8_add_valid(&clean, text, len);
	value = outer(json_stringn_nocheck(buf_str(&clean), clean.len));
	buf_free(&clean);
	return value;
}

struct jv *jv_text(const char *text)
{
	return text ? jv_text_n(text, strlen(text)) : jv_null();
}

struct jv *jv_number(int64_t number)
{
	return outer(json_integer(number));
}

struct jv *jv_bool(bool value)
{
	return outer(json_boolean(value));
}

struct jv *jv_null(void)
{
	return outer(json_null());
}

void jv_free(struct jv *value)
{
	json_decref(inner(value));
}

void jv_set(struct jv *object, const char *key, struct jv *value)
{
	json_object_set_new_nocheck(inner(object), key, inner(value));
}

void jv_append(struct jv *array, struct jv *value)
{
	json_array_append_new(inner(array), inner(value));
}

/* How many bytes at AT are one character that steers a terminal: DEL, C1, what turns the direction. */
static size_t steers(const unsigned char *at, size_t left)
{
	if (*at == 0x7f)
		return 1;
	if (*at == 0xc2 && left > 1 && at[1] < 0xa0)
		return 2;
	if (*at != 0xe2 || left < 3)
		return 0;
	if (at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae)))
		return 3;
	return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0;
}

static unsigned code_of(const unsigned char *at, size_t len)
{
	if (len == 1)
		return *at;
	if (len == 2)
		return (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
	return (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
}

/* Jansson escapes C0 only. Pieces hold whole characters. */
static int to_buf(const char *piece, size_t len, void *out)
{
	const unsigned char *bytes = (const unsigned char *)piece;
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		size_t bad = bytes[i] < 0x7f ? 0 : steers(bytes + i, len - i);

		if (!bad)
			continue;
		buf_add(out, piece + from, i - from);
		buf_printf(out, "\\u%04X", code_of(bytes + i, bad));
		i += bad - 1;
		from = i + 1;
	}
	buf_add(out, piece + from, len - from);
	return 0;
}

void jv_print(const struct jv *value, struct buf *out)
{
	json_dump_callback(inner(value), to_buf, out, JSON_COMPACT | JSON_ENCODE_ANY);
}

struct jv *jv_parse(const char *text, size_t len, struct err *err)
{
	json_error_t why;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);

	if (!value)
		err_set_kind(err, ERR_CORRUPT, _("line %d, column %d: %s"), why.line, why.column,
			     why.text);
	return (struct jv *)value;
}

struct jv *jv_get(const struct jv *object, const char *key)
{
	return (struct jv *)json_object_get(inner(object), key);
}

const char *jv_get_text(const struct jv *object, const char *key)
{
	return json_string_value(json_object_get(inner(object), key));
}

int64_t jv_get_number(const struct jv *object, const char *key, int64_t otherwise)
{
	const json_t *value = json_object_get(inner(object), key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool jv_get_bool(const struct jv *object, const char *key, bool otherwise)
{
	const json_t *value = json_object_get(inner(object), key);

	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

size_t jv_count(const struct jv *array)
{
	return json_array_size(inner(array));
}

struct jv *jv_at(const struct jv *array, size_t i)
{
	return (struct jv *)json_array_get(inner(array), i);
}

const char *jv_as_text(const struct jv *value)
{
	return json_string_value(inner(value));
}
