/* The attachments of a letter in a row or two below its text. */
#ifndef UI_VIEW_READER_PARTS_H
#define UI_VIEW_READER_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/screen/canvas.h"

struct message_part;

/* All parts of the letter, lent; those that are shown in the text are left out. */
struct reader_parts {
	const struct message_part *parts;
	size_t count;
};

/* The rows it takes of AREA, with the line above; 0: there is nothing to list, or no room. */
int reader_parts_height(const struct reader_parts *list, struct rect area);
/* Numbers are those of the list of parts, so that keys 1-9 mean the same in both. */
void reader_parts_draw(const struct reader_parts *list, struct canvas *canvas, struct rect area);

#endif
