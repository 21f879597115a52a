#include "config.h"

#include "ui/screen/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"

#define COLOUR_DEFAULT (-1)
#define COLOUR_RGB	0x1000000
#define COLOUR_BASIC	16

/* Attributes of a row, in every depth. */
enum {
	BOLD = 1,
	ITALIC = 2,
	UNDERLINE = 4,
	REVERSE = 8,
	DIM = 16,
};

/* One style: attributes, then the colours in the 16 and in the 256 palette (-1: the terminal's own). */
struct row {
	unsigned plain; /* attributes when there is no colour */
	unsigned attrs;
	short fg16, bg16, fg256, bg256;
};

static const char *const style_names[STYLE_COUNT] = {
	"normal",      "title",	  "help",    "help-key",  "message", "error",	  "cursor",
	"unread",      "flagged", "deleted", "tagged",	  "mine",    "tree",	  "dim",
	"match",       "folder",  "frame",   "header-name", "header", "subject", "quote-1",
	"quote-2",     "quote-3", "quote-4", "signature", "link",    "bold",	  "italic",
	"added",       "removed", "hunk",    "attachment", "prompt", "selected",
	"verdict-good", "verdict-doubt", "verdict-wrong", "verdict-plain",
};

static const struct row dark[STYLE_COUNT] = {
	[STYLE_NORMAL] = {0, 0, -1, -1, -1, -1},
	[STYLE_TITLE] = {REVERSE, 0, 15, 4, 255, 24},
	[STYLE_HELP] = {0, 0, -1, -1, 245, -1},
	[STYLE_HELP_KEY] = {BOLD, BOLD, 6, -1, 110, -1},
	[STYLE_MESSAGE] = {0, 0, -1, -1, -1, -1},
	[STYLE_ERROR] = {BOLD, BOLD, 1, -1, 210, -1},
	[STYLE_CURSOR] = {REVERSE, 0, 15, 4, -1, 238},
	[STYLE_UNREAD] = {BOLD, BOLD, -1, -1, 231, -1},
	[STYLE_FLAGGED] = {BOLD, BOLD, 3, -1, 215, -1},
	[STYLE_DELETED] = {DIM, DIM, -1, -1, 242, -1},
	[STYLE_TAGGED] = {BOLD, BOLD, 2, -1, 114, -1},
	[STYLE_MINE] = {DIM, 0, 6, -1, 245, -1},
	[STYLE_TREE] = {0, 0, 4, -1, 66, -1},
	[STYLE_DIM] = {DIM, 0, 6, -1, 245, -1},
	[STYLE_MATCH] = {UNDERLINE, UNDERLINE, 3, -1, 221, -1},
	[STYLE_FOLDER] = {0, 0, 6, -1, 110, -1},
	[STYLE_FRAME] = {0, 0, 6, -1, 73, -1},
	[STYLE_HEADER_NAME] = {BOLD, 0, 6, -1, 110, -1},
	[STYLE_HEADER] = {0, 0, -1, -1, 252, -1},
	[STYLE_SUBJECT] = {BOLD, BOLD, -1, -1, 231, -1},
	[STYLE_QUOTE_1] = {0, 0, 6, -1, 73, -1},
	[STYLE_QUOTE_2] = {0, 0, 3, -1, 179, -1},
	[STYLE_QUOTE_3] = {0, 0, 5, -1, 139, -1},
	[STYLE_QUOTE_4] = {0, 0, 2, -1, 108, -1},
	[STYLE_SIGNATURE] = {DIM, DIM, -1, -1, 243, -1},
	[STYLE_LINK] = {UNDERLINE, UNDERLINE, 6, -1, 75, -1},
	[STYLE_BOLD] = {BOLD, BOLD, -1, -1, -1, -1},
	[STYLE_ITALIC] = {ITALIC, ITALIC, -1, -1, -1, -1},
	[STYLE_ADDED] = {0, 0, 2, -1, 114, -1},
	[STYLE_REMOVED] = {0, 0, 1, -1, 174, -1},
	[STYLE_HUNK] = {BOLD, BOLD, 6, -1, 73, -1},
	[STYLE_ATTACHMENT] = {0, 0, 3, -1, 179, -1},
	[STYLE_PROMPT] = {BOLD, BOLD, -1, -1, 231, -1},
	[STYLE_SELECTED] = {REVERSE, 0, 15, 4, 255, 24},
	[STYLE_VERDICT_GOOD] = {REVERSE, 0, 0, 2, 255, 22},
	[STYLE_VERDICT_DOUBT] = {REVERSE, 0, 0, 3, 255, 94},
	[STYLE_VERDICT_WRONG] = {REVERSE | BOLD, BOLD, 15, 1, 231, 124},
	[STYLE_VERDICT_PLAIN] = {REVERSE, 0, 0, 7, 252, 238},
};

static const struct row light[STYLE_COUNT] = {
	[STYLE_NORMAL] = {0, 0, -1, -1, -1, -1},
	[STYLE_TITLE] = {REVERSE, 0, 15, 4, 255, 24},
	[STYLE_HELP] = {0, 0, -1, -1, 241, -1},
	[STYLE_HELP_KEY] = {BOLD, BOLD, 4, -1, 25, -1},
	[STYLE_MESSAGE] = {0, 0, -1, -1, -1, -1},
	[STYLE_ERROR] = {BOLD, BOLD, 1, -1, 160, -1},
	[STYLE_CURSOR] = {REVERSE, 0, 0, 6, -1, 153},
	[STYLE_UNREAD] = {BOLD, BOLD, -1, -1, 16, -1},
	[STYLE_FLAGGED] = {BOLD, BOLD, 1, -1, 130, -1},
	[STYLE_DELETED] = {DIM, DIM, -1, -1, 247, -1},
	[STYLE_TAGGED] = {BOLD, BOLD, 2, -1, 28, -1},
	[STYLE_MINE] = {DIM, 0, 6, -1, 243, -1},
	[STYLE_TREE] = {0, 0, 4, -1, 67, -1},
	[STYLE_DIM] = {DIM, 0, 6, -1, 243, -1},
	[STYLE_MATCH] = {UNDERLINE, UNDERLINE, 5, -1, 126, -1},
	[STYLE_FOLDER] = {0, 0, 4, -1, 24, -1},
	[STYLE_FRAME] = {0, 0, 6, -1, 30, -1},
	[STYLE_HEADER_NAME] = {BOLD, 0, 4, -1, 24, -1},
	[STYLE_HEADER] = {0, 0, -1, -1, 237, -1},
	[STYLE_SUBJECT] = {BOLD, BOLD, -1, -1, 16, -1},
	[STYLE_QUOTE_1] = {0, 0, 6, -1, 30, -1},
	[STYLE_QUOTE_2] = {0, 0, 5, -1, 94, -1},
	[STYLE_QUOTE_3] = {0, 0, 4, -1, 90, -1},
	[STYLE_QUOTE_4] = {0, 0, 2, -1, 28, -1},
	[STYLE_SIGNATURE] = {DIM, DIM, -1, -1, 244, -1},
	[STYLE_LINK] = {UNDERLINE, UNDERLINE, 4, -1, 25, -1},
	[STYLE_BOLD] = {BOLD, BOLD, -1, -1, -1, -1},
	[STYLE_ITALIC] = {ITALIC, ITALIC, -1, -1, -1, -1},
	[STYLE_ADDED] = {0, 0, 2, -1, 28, -1},
	[STYLE_REMOVED] = {0, 0, 1, -1, 124, -1},
	[STYLE_HUNK] = {BOLD, BOLD, 6, -1, 30, -1},
	[STYLE_ATTACHMENT] = {0, 0, 5, -1, 94, -1},
	[STYLE_PROMPT] = {BOLD, BOLD, -1, -1, 16, -1},
	[STYLE_SELECTED] = {REVERSE, 0, 15, 4, 255, 24},
	[STYLE_VERDICT_GOOD] = {REVERSE, 0, 0, 2, 16, 151},
	[STYLE_VERDICT_DOUBT] = {REVERSE, 0, 0, 3, 16, 222},
	[STYLE_VERDICT_WRONG] = {REVERSE | BOLD, BOLD, 15, 1, 231, 160},
	[STYLE_VERDICT_PLAIN] = {REVERSE, 0, 0, 7, 16, 252},
};

static const char *const basic_names[COLOUR_BASIC] = {
	"black",	"red",		"green",	 "yellow",	  "blue",
	"magenta",	"cyan",		"white",	 "bright-black",  "bright-red",
	"bright-green", "bright-yellow", "bright-blue",	 "bright-magenta", "bright-cyan",
	"bright-white",
};

static void set_attributes(struct look *look, unsigned attrs)
{
	look->bold = attrs & BOLD;
	look->italic = attrs & ITALIC;
	look->underline = attrs & UNDERLINE;
	look->reverse = attrs & REVERSE;
	look->dim = attrs & DIM;
}

static void load_table(struct theme *theme, const struct row *rows, enum theme_depth depth)
{
	for (int i = 0; i < STYLE_COUNT; i++) {
		struct look *look = &theme->looks[i];
		look->fg = depth >= THEME_256 ? rows[i].fg256 : rows[i].fg16;
		look->bg = depth >= THEME_256 ? rows[i].bg256 : rows[i].bg16;
		set_attributes(look, rows[i].attrs);
	}
}

static void load_plain(struct theme *theme)
{
	for (int i = 0; i < STYLE_COUNT; i++) {
		theme->looks[i].fg = theme->looks[i].bg = COLOUR_DEFAULT;
		set_attributes(&theme->looks[i], dark[i].plain);
	}
}

bool theme_background_is_light(void)
{
	const char *value = getenv("COLORFGBG");
	const char *last = value ? strrchr(value, ';') : NULL;
	if (!last)
		return false;
	long long colour;
	if (str_to_long(last + 1, &colour))
		return false;
	return colour == 7 || colour == 15;
}

static bool colours_are_unwanted(void)
{
	const char *value = getenv("NO_COLOR");
	return value && *value;
}

int theme_load(struct theme *theme, const char *name, enum theme_depth depth, struct err *err)
{
	memset(theme, 0, sizeof *theme);
	theme->depth = depth;
	if (!strcmp(name, "auto"))
		name = theme_background_is_light() ? "auto-light" : "auto-dark";
	if (str_starts(name, "auto-"))
		name = colours_are_unwanted() ? "none" : name + strlen("auto-");
	bool is_dark = !strcmp(name, "dark"), is_light = !strcmp(name, "light");
	if (!is_dark && !is_light && strcmp(name, "none"))
		return err_set_kind(err, ERR_USAGE,
				    _("There is no theme \"%s\": dark, light, none or auto."),
				    name);
	if (depth == THEME_MONO || !(is_dark || is_light)) {
		theme->depth = THEME_MONO;
		load_plain(theme);
	} else {
		load_table(theme, is_dark ? dark : light, depth);
	}
	return 0;
}

/* The six steps of the 256 palette's colour cube. */
static const int cube_steps[6] = {0, 95, 135, 175, 215, 255};

static int nearest_step(int value)
{
	int best = 0;
	for (int i = 1; i < 6; i++)
		if (abs(cube_steps[i] - value) < abs(cube_steps[best] - value))
			best = i;
	return best;
}

static int distance(int32_t rgb, int r, int g, int b)
{
	int dr = ((rgb >> 16) & 255) - r, dg = ((rgb >> 8) & 255) - g, db = (rgb & 255) - b;
	return dr * dr + dg * dg + db * db;
}

static int rgb_to_256(int32_t rgb)
{
	int r = nearest_step((rgb >> 16) & 255), g = nearest_step((rgb >> 8) & 255),
	    b = nearest_step(rgb & 255);
	int cube = distance(rgb, cube_steps[r], cube_steps[g], cube_steps[b]);
	int level = (((rgb >> 16) & 255) + ((rgb >> 8) & 255) + (rgb & 255)) / 3;
	int grey = level < 8 ? 0 : level > 238 ? 23 : (level - 8 + 5) / 10;
	if (grey > 23)
		grey = 23;
	if (distance(rgb, 8 + 10 * grey, 8 + 10 * grey, 8 + 10 * grey) < cube)
		return 232 + grey;
	return 16 + 36 * r + 6 * g + b;
}

/* A palette number as rgb, so that it can be brought down to 16. */
static int32_t palette_rgb(int index)
{
	if (index >= 232) {
		int level = 8 + 10 * (index - 232);
		return level << 16 | level << 8 | level;
	}
	index -= 16;
	return cube_steps[index / 36] << 16 | cube_steps[index / 6 % 6] << 8 | cube_steps[index % 6];
}

static int rgb_to_16(int32_t rgb)
{
	int best = 0, best_distance = -1;
	for (int i = 0; i < COLOUR_BASIC; i++) {
		int on = i >= 8 ? 255 : 170, off = i >= 8 ? 85 : 0;
		int d = distance(rgb, i & 1 ? on : off, i & 2 ? on : off, i & 4 ? on : off);
		if (best_distance < 0 || d < best_distance) {
			best = i;
			best_distance = d;
		}
	}
	return best;
}

static int32_t fit_colour(int32_t colour, enum theme_depth depth)
{
	if (colour == COLOUR_DEFAULT || depth == THEME_RGB)
		return colour;
	if (depth == THEME_MONO)
		return COLOUR_DEFAULT;
	if (depth == THEME_256)
		return colour & COLOUR_RGB ? rgb_to_256(colour & 0xffffff) : colour;
	if (colour & COLOUR_RGB)
		return rgb_to_16(colour & 0xffffff);
	return colour < COLOUR_BASIC ? colour : rgb_to_16(palette_rgb(colour));
}

static int parse_hex(struct span word, int32_t *colour)
{
	if (word.len != 7)
		return -1;
	int32_t value = 0;
	for (size_t i = 1; i < word.len; i++) {
		char c = char_lower(word.data[i]);
		int digit = char_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	*colour = COLOUR_RGB | value;
	return 0;
}

static int parse_number(struct span word, int32_t *colour)
{
	char text[4] = "";
	long long value;
	if (!word.len || word.len >= sizeof text)
		return -1;
	memcpy(text, word.data, word.len);
	if (str_to_long(text, &value) || value < 0 || value > 255)
		return -1;
	*colour = (int32_t)value;
	return 0;
}

/* One colour off *REST: "red", "default", "#ff8800", "color 214". 0, or -1 when WORD is none. */
static int parse_colour(struct span word, struct span *rest, int32_t *colour)
{
	if (span_equal_nocase(word, "default"))
		return *colour = COLOUR_DEFAULT, 0;
	if (word.len && word.data[0] == '#')
		return parse_hex(word, colour);
	if (span_equal_nocase(word, "color") || span_equal_nocase(word, "colour")) {
		struct span number;
		return span_split(rest, ' ', &number) ? parse_number(number, colour) : -1;
	}
	if (span_starts_nocase(word, "color")) {
		struct span number = {word.data + 5, word.len - 5};
		return parse_number(number, colour);
	}
	for (int i = 0; i < COLOUR_BASIC; i++)
		if (span_equal_nocase(word, basic_names[i]))
			return *colour = i, 0;
	return -1;
}

static bool parse_attribute(struct span word, struct look *look)
{
	if (span_equal_nocase(word, "bold"))
		return look->bold = true;
	if (span_equal_nocase(word, "italic"))
		return look->italic = true;
	if (span_equal_nocase(word, "underline"))
		return look->underline = true;
	if (span_equal_nocase(word, "reverse"))
		return look->reverse = true;
	if (span_equal_nocase(word, "dim"))
		return look->dim = true;
	return span_equal_nocase(word, "plain");
}

static int parse_look(const char *value, struct look *look, struct err *err)
{
	struct span rest = span_of(value), word;
	bool is_background = false;
	while (span_split(&rest, ' ', &word)) {
		if (!word.len || parse_attribute(word, look))
			continue;
		if (span_equal_nocase(word, "on")) {
			is_background = true;
			continue;
		}
		if (parse_colour(word, &rest, is_background ? &look->bg : &look->fg))
			return err_set_kind(err, ERR_USAGE, _("\"%.*s\" is no colour."),
					    (int)word.len, word.data);
	}
	return 0;
}

int theme_set(struct theme *theme, const char *style_name, const char *value, struct err *err)
{
	int style = 0;
	while (style < STYLE_COUNT && strcmp(style_names[style], style_name))
		style++;
	if (style == STYLE_COUNT) {
		const char *names[STYLE_COUNT + 1] = {NULL};
		memcpy(names, style_names, sizeof style_names);
		const char *near = str_nearest(style_name, names);
		return near ? err_set_kind(err, ERR_USAGE,
					   _("There is no style \"%s\"; did you mean \"%s\"?"),
					   style_name, near)
			    : err_set_kind(err, ERR_USAGE, _("There is no style \"%s\"."),
					   style_name);
	}
	struct look look = {.fg = COLOUR_DEFAULT, .bg = COLOUR_DEFAULT};
	if (parse_look(value, &look, err))
		return -1;
	look.fg = fit_colour(look.fg, theme->depth);
	look.bg = fit_colour(look.bg, theme->depth);
	theme->looks[style] = look;
	return 0;
}

const char *theme_style_name(enum style style)
{
	return style_names[style];
}
