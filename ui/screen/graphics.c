#include "config.h"

#include "ui/screen/graphics.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/str.h"
#include "ui/picture/picture.h"

#define KITTY_FIRST 7351 /* our numbers of images: what other programs have is left alone */
#define KITTY_PIECE 3072 /* 4096 in base64 */
#define ANSWER_MAX  100
#define CELL_MAX    200

/* --- what it can --- */

static bool is_set_to(const char *name, const char *value)
{
	const char *is = getenv(name);

	return is && !strcmp(is, value);
}

/* Inside of tmux or screen these belong to the terminal around it, which the picture does not reach. */
static bool knows_kitty(void)
{
	const char *term = getenv("TERM");

	if (getenv("TMUX") || getenv("STY") || !term || str_starts(term, "screen") ||
	    str_starts(term, "tmux"))
		return false;
	return !strcmp(term, "xterm-kitty") || !strcmp(term, "xterm-ghostty") ||
	       getenv("KITTY_WINDOW_ID") || is_set_to("TERM_PROGRAM", "ghostty") ||
	       is_set_to("TERM_PROGRAM", "WezTerm");
}

void graphics_ask(struct graphics *graphics, struct buf *out)
{
	graphics->has_kitty = knows_kitty();
	graphics->has_asked = true;
	if (!graphics->cell_height)
		buf_add_str(out, "\033[16t");
	buf_add_str(out, "\033[c");
}

static void set_cell_size(struct graphics *graphics, int width, int height)
{
	if (width < 2 || height < 2 || width > CELL_MAX || height > CELL_MAX)
		return;
	graphics->cell_width = width;
	graphics->cell_height = height;
}

void graphics_set_size(struct graphics *graphics, int columns, int rows, int width, int height)
{
	if (columns > 0 && rows > 0)
		set_cell_size(graphics, width / columns, height / rows);
}

/* "ESC [ 6 ; HEIGHT ; WIDTH t" */
static bool hear_cell_size(struct graphics *graphics, const char *text)
{
	char *end;
	long height, width;

	if (!str_starts(text, "\033[6;"))
		return false;
	height = strtol(text + 4, &end, 10);
	if (*end != ';')
		return false;
	width = strtol(end + 1, &end, 10);
	if (strcmp(end, "t"))
		return false;
	set_cell_size(graphics, (int)(width % 10000), (int)(height % 10000));
	return true;
}

/* "ESC [ ? 62 ; 4 ; 22 c": 4 is sixels. */
static bool hear_attributes(struct graphics *graphics, const char *text)
{
	const char *at = text + 3;

	if (!str_starts(text, "\033[?") || !str_ends(text, "c"))
		return false;
	graphics->has_asked = false;
	while ((at = strchr(at, ';')))
		if (strtol(++at, NULL, 10) == 4)
			graphics->has_sixel = true;
	return true;
}

bool graphics_hear(struct graphics *graphics, const char *bytes, size_t len, bool *is_news)
{
	char text[ANSWER_MAX];
	struct graphics before = *graphics;

	*is_news = false;
	if (!graphics->has_asked || len >= sizeof text)
		return false;
	memcpy(text, bytes, len);
	text[len] = '\0';
	if (!hear_cell_size(graphics, text) && !hear_attributes(graphics, text))
		return false;
	*is_news = before.has_sixel != graphics->has_sixel || before.cell_height != graphics->cell_height;
	return true;
}

/* --- what stands there --- */

static bool is_same(const struct graphics_slot *slot, const struct canvas_picture *picture)
{
	return slot->is_used && slot->digest == picture->picture->digest &&
	       slot->is_kitty == (picture->picture->kind == PICTURE_KITTY) &&
	       !memcmp(&slot->area, &picture->area, sizeof slot->area);
}

static bool is_wanted(const struct graphics_slot *slot, const struct canvas *canvas)
{
	size_t count;
	const struct canvas_picture *pictures = canvas_pictures(canvas, &count);

	for (size_t i = 0; i < count; i++)
		if (is_same(slot, &pictures[i]))
			return true;
	return false;
}

void graphics_remove_old(struct graphics *graphics, const struct canvas *canvas, struct buf *out,
			 void (*gone)(void *arg, struct rect area), void *arg)
{
	for (size_t i = 0; i < ARRAY_COUNT(graphics->slots); i++) {
		struct graphics_slot *slot = &graphics->slots[i];

		if (!slot->is_used || is_wanted(slot, canvas))
			continue;
		if (slot->is_kitty)
			buf_printf(out, "\033_Ga=d,d=I,i=%zu,q=2\033\\", KITTY_FIRST + i);
		gone(arg, slot->area);
		slot->is_used = false;
	}
}

/* Its own points, in base64: nothing of them can end the escape. */
static void add_kitty(struct buf *out, const struct picture *picture, const struct rect *area, size_t slot)
{
	buf_printf(out, "\033_Ga=T,f=32,s=%d,v=%d,c=%d,r=%d,i=%zu,p=1,q=2,C=1,", picture->width,
		   picture->height, area->width, area->height, KITTY_FIRST + slot);
	for (size_t at = 0, piece; at < picture->len; at += piece) {
		piece = picture->len - at < KITTY_PIECE ? picture->len - at : KITTY_PIECE;
		buf_printf(out, "%sm=%d;", at ? "\033_G" : "", at + piece < picture->len);
		digest_add_base64(out, picture->data + at, piece);
		buf_add_str(out, "\033\\");
	}
}

/* The alphabet was looked at when the picture was read (picture_read). */
static void add_sixel(struct buf *out, const struct picture *picture)
{
	buf_add_str(out, "\033P0;1;0q");
	buf_add(out, picture->data, picture->len);
	buf_add_str(out, "\033\\");
}

static bool stands(const struct graphics *graphics, const struct canvas_picture *picture)
{
	for (size_t i = 0; i < ARRAY_COUNT(graphics->slots); i++)
		if (is_same(&graphics->slots[i], picture))
			return true;
	return false;
}

static size_t free_slot(const struct graphics *graphics)
{
	size_t at = 0;

	while (at < ARRAY_COUNT(graphics->slots) && graphics->slots[at].is_used)
		at++;
	return at;
}

void graphics_add_new(struct graphics *graphics, const struct canvas *canvas, struct buf *out,
		      void (*move)(struct buf *out, int x, int y))
{
	size_t count, slot;
	const struct canvas_picture *pictures = canvas_pictures(canvas, &count);

	for (size_t i = 0; i < count; i++) {
		const struct picture *picture = pictures[i].picture;

		slot = free_slot(graphics);
		if (stands(graphics, &pictures[i]) || slot == ARRAY_COUNT(graphics->slots))
			continue;
		move(out, pictures[i].area.x, pictures[i].area.y);
		if (picture->kind == PICTURE_KITTY)
			add_kitty(out, picture, &pictures[i].area, slot);
		else
			add_sixel(out, picture);
		graphics->slots[slot] = (struct graphics_slot){
			.is_used = true,
			.is_kitty = picture->kind == PICTURE_KITTY,
			.area = pictures[i].area,
			.digest = picture->digest,
		};
	}
}

/* Cells that are written wipe sixels out; kitty's images are told to go. */
void graphics_forget(struct graphics *graphics)
{
	for (size_t i = 0; i < ARRAY_COUNT(graphics->slots); i++) {
		graphics->slots[i].is_used &= graphics->slots[i].is_kitty;
		graphics->slots[i].digest = 0;
	}
}
