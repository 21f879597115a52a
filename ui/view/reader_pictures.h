/* What pictures of a letter get: their kind by the option and the terminal, their room by the window. */
#ifndef UI_VIEW_READER_PICTURES_H
#define UI_VIEW_READER_PICTURES_H

#include <stdbool.h>

#include "ui/render/doc.h"

struct app;
struct picture_wish;

/* For a text of WIDTH x HEIGHT cells, all of which a picture may take that IS_ALONE; false: none are shown. */
bool reader_pictures_wish(struct app *app, int width, int height, bool is_alone,
			  struct picture_wish *wish);
/* Puts the pictures that are no cells over a text drawn in AREA from TOP on, where all of one is to be seen. */
void reader_pictures_draw(const struct doc *doc, struct doc_pos top, struct canvas *canvas,
			  struct rect area, int text_width);

#endif
