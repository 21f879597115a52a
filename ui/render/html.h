/* HTML of a mail into a doc, to be read: paragraphs, lists, tables, links with numbers, pictures by their alt
 * text. Nothing is loaded. Hidden text is dropped, tracking pictures are named. Linear, no recursion, and
 * bounded: what is nested deeper than the limits is still text. */
#ifndef UI_RENDER_HTML_H
#define UI_RENDER_HTML_H

#include <stddef.h>

struct doc;

/* UTF-8, any bytes. Tables are laid out for WIDTH columns (then doc->width is set). */
void html_render(struct doc *doc, const char *text, size_t len, int width);

#endif
