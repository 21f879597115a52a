/* Files that lie within a part's own bytes: what Outlook packs into winmail.dat (TNEF), what old programs write into
 * the text (uuencode, yEnc). For a reader they become parts like any other, below the one they came in; nothing but a
 * reader unpacks them. */
#ifndef UI_RENDER_BOXES_H
#define UI_RENDER_BOXES_H

#include <stdbool.h>
#include <stddef.h>

struct mime_message;
struct mime_part;

struct boxes_limits {
	size_t bytes; /* unpacked, of one message */
	size_t boxes; /* opened */
	size_t parts; /* made of them */
};
extern const struct boxes_limits boxes_limits_default; /* 64 MB, 20, 1,000 */

/* Adds the parts to MESSAGE, in its arena, and marks those that are damaged. What is larger than LIMITS
 * (NULL: the default) stays as it came. */
void boxes_open(struct mime_message *message, const struct boxes_limits *limits);
/* Is PART a file that stood in the text itself? */
bool boxes_is_from_text(const struct mime_part *part);
/* Or words around such a file? */
bool boxes_is_around_files(const struct mime_part *part);

#endif
