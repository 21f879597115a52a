/* Charsets to UTF-8 (doors: iconv, uchardet). Names are the web's too: "x-sjis", "ks_c_5601-1987",
 * "utf8", "cp-1251"; only charsets on our list reach iconv. */
#ifndef STORE_BASE_CHARSET_H
#define STORE_BASE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Appends the LEN bytes as UTF-8. What does not convert becomes U+FFFD, never an error. An unknown or
 * NULL charset: UTF-8 when that is what it is, else guessed. us-ascii with 8-bit bytes likewise. */
void charset_to_utf8(const char *charset, const char *bytes, size_t len, struct buf *out);
/* The same to the letter of the label: iso-8859-1 has controls where people mean windows-1252's
 * quotes. For data that other programs compare, not for readers. */
void charset_to_utf8_as_labelled(const char *charset, const char *bytes, size_t len,
				 struct buf *out);
/* Can we read it? */
bool charset_is_known(const char *charset);
/* A constant name for bytes that say nothing of themselves; "us-ascii", "utf-8" or a guess. */
const char *charset_guess(const char *bytes, size_t len);

#endif
