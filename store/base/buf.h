/* Bytes that grow. DATA always has a NUL behind LEN once anything was added (buf_str is safe before
 * that too), so text can be lent as a C string; LEN counts, the bytes may contain NULs. */
#ifndef STORE_BASE_BUF_H
#define STORE_BASE_BUF_H

#include <stddef.h>

struct buf {
	char *data;
	size_t len, cap;
};

#define BUF_INIT {.data = NULL}

void buf_free(struct buf *buf);
/* Empties, keeps the memory. */
void buf_clear(struct buf *buf);
void buf_reserve(struct buf *buf, size_t more);
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_str(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Puts LEN bytes in at AT (<= buf->len). */
void buf_insert(struct buf *buf, size_t at, const void *data, size_t len);
/* Takes LEN bytes out at AT. */
void buf_remove(struct buf *buf, size_t at, size_t len);
void buf_truncate(struct buf *buf, size_t len);
/* Lent, never NULL. */
const char *buf_str(const struct buf *buf);
/* The memory goes over to the caller, who free()s it; never NULL; BUF is empty afterwards. */
char *buf_take(struct buf *buf);

#endif
