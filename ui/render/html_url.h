/* Addresses in a page: made whole and clean, and what their text pretends. Nothing is ever fetched. */
#ifndef UI_RENDER_HTML_URL_H
#define UI_RENDER_HTML_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/str.h"

struct buf;

/* Appends HREF (as written) as it may be shown and followed: no blanks, no controls, relative ones behind BASE
 * (or ""). false: it leads nowhere we go (javascript:, cid:, a place in the page). */
bool html_url_add(struct buf *out, struct span href, const char *base);
/* Appends URL as a person may believe it: names of hosts as domain_add_shown says, what ASCII cannot say as
 * UTF-8 or in percents. */
void html_url_add_shown(struct buf *out, const char *url);
/* Its host, without user and port; len 0: none. */
struct span html_url_host(const char *url);
/* Appends HOST, or a mail address, as it may be shown (domain_add_shown). */
void html_url_add_host(struct buf *out, struct span host);
/* Is TEXT the address itself, or all of it that matters? */
bool html_url_is_said(const char *url, struct span text);
/* Does TEXT show another place than URL leads to, or hides URL its host behind a user's name? *SHOWN then is
 * what it shows, *REAL the truth. */
bool html_url_deceives(const char *url, struct span text, struct span *shown, struct span *real);

#endif
