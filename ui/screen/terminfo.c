#include "config.h"

#include "ui/screen/terminfo.h"

#include <stdlib.h>
#include <string.h>

/* <term.h> has a struct term of its own */
#define term ncurses_terminal
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>
#undef term

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "ui/input/key.h"

static const char *const cap_names[CAP_COUNT] = {
	[CAP_ENTER] = "smcup",	     [CAP_LEAVE] = "rmcup",	    [CAP_KEYPAD_ON] = "smkx",
	[CAP_KEYPAD_OFF] = "rmkx",   [CAP_CURSOR_SHOW] = "cnorm",   [CAP_CURSOR_HIDE] = "civis",
	[CAP_CLEAR] = "clear",	     [CAP_CLEAR_LINE_END] = "el",   [CAP_WRAP_ON] = "smam",
	[CAP_WRAP_OFF] = "rmam",     [CAP_PLAIN] = "sgr0",	    [CAP_BOLD] = "bold",
	[CAP_DIM] = "dim",	     [CAP_ITALIC] = "sitm",	    [CAP_UNDERLINE] = "smul",
	[CAP_REVERSE] = "rev",	     [CAP_BELL] = "bel",
};

struct key_cap {
	const char *name;
	enum key_code code;
	int number;
	bool is_shift;
};

static const struct key_cap key_caps[] = {
	{"kcuu1", KEY_UP_, 0, false},	     {"kcud1", KEY_DOWN_, 0, false},
	{"kcub1", KEY_LEFT_, 0, false},	     {"kcuf1", KEY_RIGHT_, 0, false},
	{"khome", KEY_HOME_, 0, false},	     {"kend", KEY_END_, 0, false},
	{"kpp", KEY_PAGE_UP, 0, false},	     {"knp", KEY_PAGE_DOWN, 0, false},
	{"kdch1", KEY_DELETE, 0, false},     {"kich1", KEY_INSERT, 0, false},
	{"kcbt", KEY_BACKTAB, 0, false},     {"kLFT", KEY_LEFT_, 0, true},
	{"kRIT", KEY_RIGHT_, 0, true},	     {"kHOM", KEY_HOME_, 0, true},
	{"kEND", KEY_END_, 0, true},	     {"kf1", KEY_FUNCTION, 1, false},
	{"kf2", KEY_FUNCTION, 2, false},     {"kf3", KEY_FUNCTION, 3, false},
	{"kf4", KEY_FUNCTION, 4, false},     {"kf5", KEY_FUNCTION, 5, false},
	{"kf6", KEY_FUNCTION, 6, false},     {"kf7", KEY_FUNCTION, 7, false},
	{"kf8", KEY_FUNCTION, 8, false},     {"kf9", KEY_FUNCTION, 9, false},
	{"kf10", KEY_FUNCTION, 10, false},   {"kf11", KEY_FUNCTION, 11, false},
	{"kf12", KEY_FUNCTION, 12, false},
};

static const char *cap_text(const char *name)
{
	const char *text = tigetstr(name);
	return text == (const char *)-1 ? NULL : text;
}

int terminfo_load(struct terminfo *info, struct err *err)
{
	int status;
	const char *name = getenv("TERM");
	if (!name || !*name)
		return err_set(err, _("TERM is not set: what kind of terminal is this?"));
	if (setupterm(name, 1, &status) != OK)
		return err_set(err, _("The terminal \"%s\" (TERM) is not known here."), name);
	if (!cap_text("cup")) {
		terminfo_unload();
		return err_set(err, _("The terminal \"%s\" cannot move its cursor."), name);
	}
	info->colours = tigetnum("colors");
	const char *mouse = cap_text("kmous");
	info->is_xterm_like = mouse && str_starts(mouse, "\033[");
	return 0;
}

void terminfo_unload(void)
{
	if (cur_term)
		del_curterm(cur_term);
}

/* Old terminals want padding, written "$<5>": ours are fast enough. */
static void add_without_padding(struct buf *out, const char *text)
{
	while (text && *text) {
		if (text[0] == '$' && text[1] == '<' && strchr(text, '>')) {
			text = strchr(text, '>') + 1;
			continue;
		}
		buf_add_char(out, *text++);
	}
}

void terminfo_add(struct buf *out, enum terminfo_cap cap)
{
	add_without_padding(out, cap_text(cap_names[cap]));
}

bool terminfo_has(enum terminfo_cap cap)
{
	const char *text = cap_text(cap_names[cap]);
	return text && *text;
}

void terminfo_add_move(struct buf *out, int x, int y)
{
	add_without_padding(out, tiparm(cap_text("cup"), y, x));
}

void terminfo_add_colour(struct buf *out, bool is_background, int colour)
{
	const char *cap = cap_text(is_background ? "setab" : "setaf");
	if (tigetnum("colors") < 16)
		colour %= 8; /* its bright ones are these */
	if (cap)
		add_without_padding(out, tiparm(cap, colour));
}

int terminfo_key(const char *bytes, size_t len, struct key *key, size_t *used)
{
	for (size_t i = 0; i < ARRAY_COUNT(key_caps); i++) {
		const char *text = cap_text(key_caps[i].name);
		size_t size = text ? strlen(text) : 0;
		if (size < 2 || size > len || memcmp(bytes, text, size))
			continue;
		*key = (struct key){.code = key_caps[i].code,
				    .number = key_caps[i].number,
				    .is_shift = key_caps[i].is_shift};
		*used = size;
		return 1;
	}
	return 0;
}
