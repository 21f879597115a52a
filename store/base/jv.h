/* JSON values (door: jansson, whose own names begin with json_). A value is built from the leaves up and
 * printed on one line. Text that is not UTF-8 gets U+FFFD; control characters are escaped by the library.
 * NULL text becomes null. */
#ifndef STORE_BASE_JV_H
#define STORE_BASE_JV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct jv; /* one value, owned by whoever it was put into, else by the caller */

struct jv *jv_object(void);
struct jv *jv_array(void);
struct jv *jv_text(const char *text);
struct jv *jv_text_n(const char *text, size_t len);
struct jv *jv_number(int64_t number);
struct jv *jv_bool(bool value);
struct jv *jv_null(void);
void jv_free(struct jv *value);

/* VALUE goes over. KEY order is kept in the output. */
void jv_set(struct jv *object, const char *key, struct jv *value);
void jv_append(struct jv *array, struct jv *value);

/* Appends one line without its end to OUT; what steers a terminal (DEL, C1, bidi controls) as \uXXXX. */
void jv_print(const struct jv *value, struct buf *out);

/* Whole TEXT as one value (depth and size limited), or NULL with ERR told. */
struct jv *jv_parse(const char *text, size_t len, struct err *err);
/* Lent. NULL when missing. */
struct jv *jv_get(const struct jv *object, const char *key);
const char *jv_get_text(const struct jv *object, const char *key); /* NULL: missing or no text */
int64_t jv_get_number(const struct jv *object, const char *key, int64_t otherwise);
bool jv_get_bool(const struct jv *object, const char *key, bool otherwise);
size_t jv_count(const struct jv *array);
struct jv *jv_at(const struct jv *array, size_t i);
const char *jv_as_text(const struct jv *value); /* NULL when it is no text */

#endif
