/* Writing messages: header fields folded and encoded (RFC 2047, 2231), bodies encoded. Lines end in LF
 * here, as mail lies on disk; the wire makes CR LF of it. */
#ifndef STORE_MIME_MIME_WRITE_H
#define STORE_MIME_MIME_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/mime/address.h"

struct buf;

/* Appends "Name: text\n", encoded words where not ASCII, folded at 78. CR and LF in TEXT become a
 * space: one field stays one field. */
void mime_write_text_field(struct buf *out, const char *name, const char *text);
void mime_write_address_field(struct buf *out, const char *name, const struct address_list *list);
/* Ids get their brackets; folded one a line. */
void mime_write_ids_field(struct buf *out, const char *name, char *const *ids, size_t count);
/* "; name=value" as it must stand behind a Content-Type (RFC 2231 where needed). */
void mime_write_param(struct buf *out, const char *name, const char *value);

enum mime_encoding { MIME_7BIT, MIME_8BIT, MIME_QUOTED_PRINTABLE, MIME_BASE64 };
/* The least encoding that carries the bytes: 7bit, quoted-printable or base64. */
enum mime_encoding mime_write_choose(const char *bytes, size_t len, bool is_text);
const char *mime_write_encoding_name(enum mime_encoding encoding);
void mime_write_body(struct buf *out, enum mime_encoding encoding, const char *bytes, size_t len);
/* A boundary that occurs in none of the texts it will stand between (random). */
void mime_write_boundary(char boundary[40]);

#endif
