#include "config.h"

#include "ui/picture/paint.h"

#include <chafa.h>
#include <string.h>

#include "store/base/mem.h"
#include "ui/picture/image.h"

#define POINT 4

void paint_prepare(void)
{
	chafa_set_n_threads(1);
}

/* Its place: its own size in points, made smaller until it fits; a cell is about twice as high as wide. */
static void place(const struct image *image, const struct picture_wish *wish, int *columns, int *rows)
{
	int64_t width = image->full_width, height = image->full_height;
	int64_t room_width = (int64_t)wish->columns * wish->cell_width;
	int64_t room_height = (int64_t)wish->rows * wish->cell_height;

	if (width > room_width) {
		height = height * room_width / width;
		width = room_width;
	}
	if (height > room_height) {
		width = width * room_height / height;
		height = room_height;
	}
	*columns = (int)((width + wish->cell_width - 1) / wish->cell_width);
	*rows = (int)((height + wish->cell_height - 1) / wish->cell_height);
	*columns = *columns < 1 ? 1 : *columns;
	*rows = *rows < 1 ? 1 : *rows;
}

static ChafaCanvas *make_canvas(const struct picture *picture, const struct picture_wish *wish)
{
	ChafaCanvasConfig *config = chafa_canvas_config_new();
	ChafaSymbolMap *symbols = chafa_symbol_map_new();
	ChafaCanvas *canvas;

	chafa_symbol_map_add_by_tags(symbols, CHAFA_SYMBOL_TAG_SPACE | CHAFA_SYMBOL_TAG_SOLID |
						      CHAFA_SYMBOL_TAG_HALF | CHAFA_SYMBOL_TAG_QUAD);
	chafa_canvas_config_set_symbol_map(config, symbols);
	chafa_canvas_config_set_geometry(config, picture->columns, picture->rows);
	chafa_canvas_config_set_cell_geometry(config, wish->cell_width, wish->cell_height);
	chafa_canvas_config_set_pixel_mode(config, wish->kind == PICTURE_SIXEL
							   ? CHAFA_PIXEL_MODE_SIXELS
							   : CHAFA_PIXEL_MODE_SYMBOLS);
	chafa_canvas_config_set_canvas_mode(config, wish->is_rgb || wish->kind == PICTURE_SIXEL
							    ? CHAFA_CANVAS_MODE_TRUECOLOR
							    : CHAFA_CANVAS_MODE_INDEXED_240);
	canvas = chafa_canvas_new(config);
	chafa_symbol_map_unref(symbols);
	chafa_canvas_config_unref(config);
	return canvas;
}

static int32_t colour_of(int raw, bool is_rgb)
{
	if (raw < 0)
		return -1;
	return is_rgb ? 0x1000000 | (raw & 0xffffff) : raw & 0xff;
}

static void take_cells(ChafaCanvas *canvas, const struct picture_wish *wish, struct picture *picture)
{
	struct picture_cell *cell;

	picture->cells = mem_calloc((size_t)picture->columns * (size_t)picture->rows, sizeof *cell);
	cell = picture->cells;
	for (int y = 0; y < picture->rows; y++)
		for (int x = 0; x < picture->columns; x++, cell++) {
			int fg, bg;

			cell->code = chafa_canvas_get_char_at(canvas, x, y);
			chafa_canvas_get_raw_colors_at(canvas, x, y, &fg, &bg);
			cell->fg = colour_of(fg, wish->is_rgb);
			cell->bg = colour_of(bg, wish->is_rgb);
		}
}

/* What stands between "ESC P ... q" and "ESC \". */
static bool take_sixels(ChafaCanvas *canvas, struct picture *picture)
{
	GString *text = chafa_canvas_print(canvas, NULL);
	char *from = strchr(text->str, 'q'), *to = from ? strchr(from, '\033') : NULL;

	if (to)
		picture_take(picture, from + 1, (size_t)(to - from - 1));
	g_string_free(text, TRUE);
	return to != NULL;
}

static void take_points(struct image *image, const struct picture_wish *wish, struct picture *picture)
{
	image_shrink(image, picture->columns * wish->cell_width, picture->rows * wish->cell_height);
	picture->width = image->width;
	picture->height = image->height;
	picture_take(picture, image->points, (size_t)image->width * (size_t)image->height * POINT);
}

static bool draw(const struct image *image, const struct picture_wish *wish, struct picture *picture)
{
	ChafaCanvas *canvas = make_canvas(picture, wish);
	bool is_good = true;

	chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGBA8_UNASSOCIATED, image->points, image->width,
				     image->height, image->width * POINT);
	if (wish->kind == PICTURE_CELLS)
		take_cells(canvas, wish, picture);
	else
		is_good = take_sixels(canvas, picture);
	chafa_canvas_unref(canvas);
	return is_good;
}

struct picture *paint(struct image *image, const struct picture_wish *wish)
{
	struct picture *picture = mem_alloc(sizeof *picture);
	bool is_good = true;

	*picture = (struct picture){
		.kind = wish->kind,
		.width = image->width,
		.height = image->height,
		.full_width = image->full_width,
		.full_height = image->full_height,
	};
	place(image, wish, &picture->columns, &picture->rows);
	if (wish->kind == PICTURE_KITTY)
		take_points(image, wish, picture);
	else
		is_good = draw(image, wish, picture);
	if (!is_good)
		picture_free(&picture);
	return picture;
}
