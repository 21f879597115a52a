/* A letter that is more than one plain text (HTML, an invitation, a letter within it...): the rows that the reader
 * shows, printed. */
#ifndef UI_SHELL_SHOW_ROWS_H
#define UI_SHELL_SHOW_ROWS_H

#include <stdbool.h>

struct buf;
struct mime_message;
struct mime_part;

/* Does the reader show more of MESSAGE than its TEXT (NULL: it has none) as it came? */
bool show_rows_has_more(const struct mime_message *message, const struct mime_part *text);
/* The rows behind the header, as wide as the terminal or 80; in a pipe lines that their writer broke stay whole. OUT
 * goes to stdout as it fills; what remains in it is the caller's. 0, or 1 when nobody takes it. */
int show_rows_add(struct buf *out, struct mime_message *message);

#endif
