/* Charsets to UTF-8 (doors: iconv, uchardet). Names are the web's too: "x-sjis", "ks_c_5601-1987",
 * "utf8", "cp-1251"; only charsets on our list reach iconv. */
#ifndef STORE_BASE_CHARSET_H
#define STORE_BASE_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/buf.h"

/* Appends the LEN bytes as UTF-8. What does not convert becomes U+FFFD, never an error. An unknown or
 * NULL charset: UTF-8 when that is what it is, else guessed. us-ascii with 8-bit bytes likewise. */
void charset_to_utf8(const char *charset, const char *bytes, size_t len, struct buf *out);
/* Can we read it? */
bool charset_is_known(const char *charset);
/* Can we read it, and may it hold bytes above 127 that are no UTF-8? */
bool charset_is_8bit(const char *charset);
/* A constant name for bytes that say nothing of themselves; "us-ascii", "utf-8" or a guess. */
const char *charset_guess(const char *bytes, size_t len);

/* Labelled as Latin-1 or its relative, as programs do by habit, and plainly UTF-8? A character cut at the
 * end counts as one. */
bool charset_is_utf8_despite(const char *charset, const char *bytes, size_t len);

/* The charset to the letter of its label: iso-8859-1 has controls where people mean windows-1252's
 * quotes. For data that other programs compare, not for readers. A name for charset_reader_begin, or
 * NULL: the bytes must tell. */
const char *charset_as_labelled(const char *charset);

/* The same guess for bytes that come in pieces. Begin with zeros. */
struct charset_guesser {
	struct buf head, held; /* private, as all here */
	bool has_high, has_escape, is_invalid;
};
void charset_guesser_add(struct charset_guesser *guesser, const char *bytes, size_t len);
/* The name; the guesser is empty again. */
const char *charset_guesser_end(struct charset_guesser *guesser);

/* Texts that come in pieces, one text after the other. Its converters stay open: to open one loads a
 * library, which takes longer than to read a letter. */
struct charset_reader;
struct charset_reader *charset_reader_new(void);
void charset_reader_free(struct charset_reader **reader);
/* NAME is a constant of charset_as_labelled, charset_guess or charset_guesser_end. */
void charset_reader_begin(struct charset_reader *reader, const char *name);
/* Appends to OUT whole characters only; what does not convert is U+FFFD. */
void charset_reader_add(struct charset_reader *reader, const char *bytes, size_t len,
			struct buf *out);
void charset_reader_end(struct charset_reader *reader, struct buf *out);

#endif
