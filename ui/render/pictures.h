/* The images of a letter below its text. */
#ifndef UI_RENDER_PICTURES_H
#define UI_RENDER_PICTURES_H

#include <stddef.h>

struct album;
struct doc;
struct message_part;

/* Appends the place of each image among PARTS, with a line that names it. */
void pictures_render(struct doc *doc, struct album *album, const struct message_part *parts,
		     size_t count);

#endif
