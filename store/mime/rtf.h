/* Rich text as Outlook sends it: unpacked (MS-OXRTFCP) and made plain text again, or the HTML that was
 * wrapped in it (MS-OXRTFEX). Bounded, no recursion, nothing in it is run or fetched. */
#ifndef STORE_MIME_RTF_H
#define STORE_MIME_RTF_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/str.h"

struct buf;

/* Appends what PACKED (PidTagRtfCompressed) holds, at most LIMIT bytes: 0; 1 when it was cut there or ends
 * too early; -1 when it is nothing of the kind. */
int rtf_unpack(struct span packed, size_t limit, struct buf *out);
/* Appends RTF's text as UTF-8, at most about LIMIT bytes; true: it is HTML. */
bool rtf_text(struct span rtf, size_t limit, struct buf *out);

#endif
