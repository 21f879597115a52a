#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "ui/screen/graphics.h"
#include "ui/screen/term_private.h"

/* --- the background --- */

/* A terminal says its background colour when asked (OSC 11); most do, at once. */
void term_ask_background(struct term *term)
{
	term->is_light = theme_background_is_light();
	if (!term->info.is_xterm_like || getenv("COLORFGBG"))
		return;
	buf_add_str(&term->out, "\033]11;?\033\\");
	term->has_asked = true;
}

static int hex_pair(const char *text)
{
	char digits[3] = {text[0], text[0] ? text[1] : '\0', '\0'};
	return (int)strtol(digits, NULL, 16);
}

/* "ESC ] 11 ; rgb:ffff/ffff/ffff": true when KEY says that it turned out otherwise than thought. */
bool term_hear_background(struct term *term, const char *bytes, size_t len, struct key *key)
{
	static const char start[] = "\033]11;rgb:";
	char text[40] = "";
	if (!term->has_asked || len < sizeof start || memcmp(bytes, start, sizeof start - 1))
		return false;
	memcpy(text, bytes + sizeof start - 1, len - sizeof start < sizeof text ? len - sizeof start
										 : sizeof text - 1);
	term->has_asked = false;
	const char *green = strchr(text, '/'), *blue = green ? strchr(green + 1, '/') : NULL;
	if (!blue)
		return false;
	int light = hex_pair(text) * 3 + hex_pair(green + 1) * 6 + hex_pair(blue + 1);
	bool was_light = term->is_light;
	term->is_light = light > 10 * 128;
	*key = (struct key){.code = KEY_BACKGROUND};
	return term->is_light != was_light;
}

/* --- pictures --- */

void term_ask_graphics(struct term *term)
{
	if (term->info.is_xterm_like && term->is_utf8 && term->depth >= THEME_256)
		graphics_ask(&term->graphics, &term->out);
}

bool term_hear_graphics(struct term *term, const char *bytes, size_t len, struct key *key)
{
	bool is_news;
	if (!graphics_hear(&term->graphics, bytes, len, &is_news))
		return false;
	*key = (struct key){.code = KEY_BACKGROUND};
	return is_news;
}

void term_pictures(const struct term *term, struct term_pictures *can)
{
	const struct graphics *graphics = &term->graphics;
	bool knows_size = graphics->cell_height > 0;
	*can = (struct term_pictures){
		.has_cells = term->is_utf8 && term->depth >= THEME_256,
		.has_sixel = graphics->has_sixel && knows_size,
		.has_kitty = graphics->has_kitty && knows_size,
		.cell_width = knows_size ? graphics->cell_width : TERM_CELL_WIDTH,
		.cell_height = knows_size ? graphics->cell_height : TERM_CELL_HEIGHT,
	};
}
