/* What is written into IMAP commands: quoted strings, mailbox names in modified UTF-7 (RFC 3501
 * section 5.1.3), keywords. Whatever could end a command and begin another is refused here. */
#ifndef NET_PROTOCOL_IMAP_NAME_H
#define NET_PROTOCOL_IMAP_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/str.h"

struct buf;
struct err;

/* Appends TEXT as a quoted string. -1 (ERR_USAGE) when it holds CR, LF or NUL. */
int imap_quote(struct buf *out, struct span text, struct err *err);
/* Letters that a quoted string may hold by RFC 3501: ASCII, no CR, LF, NUL. */
bool imap_is_quotable(struct span text);

/* Appends WIRE (modified UTF-7) as UTF-8. False, and nothing appended: it is none. */
bool imap_name_decode(struct buf *out, struct span wire);
/* Appends NAME (UTF-8) as modified UTF-7. */
void imap_name_encode(struct buf *out, struct span name);

/* A keyword (a tag of ours, UTF-8) as an atom, modified UTF-7 where it is not ASCII, as Thunderbird
 * writes it. False, and nothing appended: it cannot be one. */
bool imap_keyword_encode(struct buf *out, struct span keyword);
/* The way back: what does not come from imap_keyword_encode stays as it is. Blanks and controls
 * become "_". */
void imap_keyword_decode(struct buf *out, struct span atom);

#endif
