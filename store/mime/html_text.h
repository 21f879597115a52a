/* The words of an HTML page, for looking for them: no layout. */
#ifndef STORE_MIME_HTML_TEXT_H
#define STORE_MIME_HTML_TEXT_H

#include <stddef.h>

struct buf;

/* Appends what of HTML (UTF-8) is text: references undone, without scripts and styles. What stands in a line of
 * its own is apart from its neighbours; what only changes letters ("<b>") is not. */
void html_add_words(struct buf *out, const char *html, size_t len);

#endif
