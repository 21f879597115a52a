/* A key press by name, as configuration, help and tests write it: "a", "G", "<Enter>", "<C-x>", "<Esc>",
 * "<M-v>" (Esc v), "<Tab>", "<S-Tab>", "<Up>", "<PageDown>", "<F1>", "<Space>", "<Backspace>", "<Delete>",
 * "<lt>". */
#ifndef UI_INPUT_KEY_H
#define UI_INPUT_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum key_code {
	KEY_NONE_,
	KEY_TEXT,	/* .text holds one grapheme */
	KEY_CTRL,	/* .text holds the letter, lower case */
	KEY_ENTER_,
	KEY_ESC,
	KEY_TAB,
	KEY_BACKTAB,
	KEY_BACKSPACE_,
	KEY_DELETE,
	KEY_INSERT,
	KEY_UP_,
	KEY_DOWN_,
	KEY_LEFT_,
	KEY_RIGHT_,
	KEY_HOME_,
	KEY_END_,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_FUNCTION,	/* .number 1-12 */
	KEY_PASTE,	/* .paste: whole text, the receiver frees */
	KEY_MOUSE_,	/* .x .y .button */
	KEY_RESIZED,
	KEY_BACKGROUND, /* the terminal told whether it is light (term_is_light) */
};

enum key_button { BUTTON_LEFT = 1, BUTTON_MIDDLE, BUTTON_RIGHT, BUTTON_WHEEL_UP, BUTTON_WHEEL_DOWN };

struct key {
	enum key_code code;
	char text[28];
	int number;
	bool is_meta;  /* Esc before it, or Alt */
	bool is_shift; /* with arrows and such */
	bool is_ctrl;
	int x, y;
	enum key_button button;
	char *paste;
};

/* Sets .text; what does not fit is cut. */
void key_set_text(struct key *key, const char *text, size_t len);
/* One name off *TEXT (advanced): 1, 0 at the end, -1 no such name. */
int key_parse(const char **text, struct key *key);
void key_add_name(struct buf *out, const struct key *key);
bool key_equal(const struct key *a, const struct key *b);

#endif
