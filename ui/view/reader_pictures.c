#include "config.h"

#include "ui/view/reader_pictures.h"

#include <stdlib.h>
#include <string.h>

#include "ui/command/app.h"
#include "ui/picture/album.h"
#include "ui/screen/term.h"

/* The caption of a picture. */
#define ROWS_BESIDE 1

/* What is asked for, where the terminal can; else the next best. */
static enum picture_kind kind_for(const char *option, const struct term_pictures *can)
{
	bool is_auto = !strcmp(option, "auto");

	if (can->has_kitty && (is_auto || !strcmp(option, "kitty")))
		return PICTURE_KITTY;
	if (can->has_sixel && (is_auto || !strcmp(option, "sixel")))
		return PICTURE_SIXEL;
	return PICTURE_CELLS;
}

bool reader_pictures_wish(struct app *app, int width, int height, bool is_alone,
			  struct picture_wish *wish)
{
	const char *option = app_option_text(app, "reader", "pictures");
	struct term_pictures can;

	if (!app->term || !strcmp(option, "never") || getenv("NO_COLOR"))
		return false;
	term_pictures(app->term, &can);
	if (!can.has_cells)
		return false;
	if (is_alone)
		height -= ROWS_BESIDE;
	else
		height = height * (int)app_option_int(app, "reader", "picture-height") / 100;
	*wish = (struct picture_wish){
		.kind = kind_for(option, &can),
		.columns = width < 1 ? 1 : width > PICTURE_COLUMNS_MAX ? PICTURE_COLUMNS_MAX : width,
		.rows = height < 1 ? 1 : height > PICTURE_ROWS_MAX ? PICTURE_ROWS_MAX : height,
		.cell_width = can.cell_width,
		.cell_height = can.cell_height,
		.is_rgb = term_depth(app->term) == THEME_RGB,
	};
	return true;
}

void reader_pictures_draw(const struct doc *doc, struct doc_pos top, struct canvas *canvas,
			  struct rect area, int text_width)
{
	struct doc_pos pos = top;

	if (!doc->shown_count)
		return;
	for (int y = 0; y < area.height; y++) {
		const struct album_page *page = doc_picture_at(doc, pos);

		if (page && page->graphic && y + page->graphic->rows <= area.height)
			canvas_put_picture(canvas,
					   (struct rect){area.x, area.y + y, page->graphic->columns,
							 page->graphic->rows},
					   page->graphic);
		if (!doc_next(doc, &pos, area.width, text_width))
			return;
	}
}
