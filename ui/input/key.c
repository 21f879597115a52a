#include "config.h"

#include "ui/input/key.h"

#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

struct key_name {
	const char *name;
	enum key_code code;
	const char *text; /* of KEY_TEXT, or NULL */
	int number;	  /* of KEY_FUNCTION and the button of KEY_MOUSE_ */
};

/* The first name of a key is the one that is written; the others are understood too. */
static const struct key_name names[] = {
	{"Enter", KEY_ENTER_, NULL, 0},
	{"Return", KEY_ENTER_, NULL, 0},
	{"CR", KEY_ENTER_, NULL, 0},
	{"Esc", KEY_ESC, NULL, 0},
	{"Tab", KEY_TAB, NULL, 0},
	{"BackTab", KEY_BACKTAB, NULL, 0},
	{"Backspace", KEY_BACKSPACE_, NULL, 0},
	{"BS", KEY_BACKSPACE_, NULL, 0},
	{"Delete", KEY_DELETE, NULL, 0},
	{"Del", KEY_DELETE, NULL, 0},
	{"Insert", KEY_INSERT, NULL, 0},
	{"Up", KEY_UP_, NULL, 0},
	{"Down", KEY_DOWN_, NULL, 0},
	{"Left", KEY_LEFT_, NULL, 0},
	{"Right", KEY_RIGHT_, NULL, 0},
	{"Home", KEY_HOME_, NULL, 0},
	{"End", KEY_END_, NULL, 0},
	{"PageUp", KEY_PAGE_UP, NULL, 0},
	{"PageDown", KEY_PAGE_DOWN, NULL, 0},
	{"Space", KEY_TEXT, " ", 0},
	{"lt", KEY_TEXT, "<", 0},
	{"gt", KEY_TEXT, ">", 0},
	{"F10", KEY_FUNCTION, NULL, 10},
	{"F11", KEY_FUNCTION, NULL, 11},
	{"F12", KEY_FUNCTION, NULL, 12},
	{"F1", KEY_FUNCTION, NULL, 1},
	{"F2", KEY_FUNCTION, NULL, 2},
	{"F3", KEY_FUNCTION, NULL, 3},
	{"F4", KEY_FUNCTION, NULL, 4},
	{"F5", KEY_FUNCTION, NULL, 5},
	{"F6", KEY_FUNCTION, NULL, 6},
	{"F7", KEY_FUNCTION, NULL, 7},
	{"F8", KEY_FUNCTION, NULL, 8},
	{"F9", KEY_FUNCTION, NULL, 9},
	{"Paste", KEY_PASTE, NULL, 0},
	{"Resize", KEY_RESIZED, NULL, 0},
	{"LeftMouse", KEY_MOUSE_, NULL, BUTTON_LEFT},
	{"MiddleMouse", KEY_MOUSE_, NULL, BUTTON_MIDDLE},
	{"RightMouse", KEY_MOUSE_, NULL, BUTTON_RIGHT},
	{"WheelUp", KEY_MOUSE_, NULL, BUTTON_WHEEL_UP},
	{"WheelDown", KEY_MOUSE_, NULL, BUTTON_WHEEL_DOWN},
};

void key_set_text(struct key *key, const char *text, size_t len)
{
	if (len >= sizeof key->text)
		len = sizeof key->text - 1;
	memcpy(key->text, text, len);
	key->text[len] = '\0';
}

static bool name_matches(struct span word, struct key *key)
{
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (!span_equal_nocase(word, names[i].name))
			continue;
		key->code = names[i].code;
		key->number = key->code == KEY_FUNCTION ? names[i].number : 0;
		key->button = key->code == KEY_MOUSE_ ? (enum key_button)names[i].number : 0;
		if (names[i].text)
			key_set_text(key, names[i].text, strlen(names[i].text));
		return true;
	}
	return false;
}

/* Takes "C-", "M-" and "S-" off the front. */
static struct span take_modifiers(struct span word, struct key *key)
{
	while (word.len > 2 && word.data[1] == '-') {
		char c = char_lower(word.data[0]);
		if (c == 'c')
			key->is_ctrl = true;
		else if (c == 'm' || c == 'a')
			key->is_meta = true;
		else if (c == 's')
			key->is_shift = true;
		else
			break;
		word.data += 2;
		word.len -= 2;
	}
	return word;
}

/* Ctrl with a character is one key (KEY_CTRL), with a named key a modifier. */
static void settle_ctrl(struct key *key)
{
	if (key->code == KEY_TEXT && key->is_ctrl) {
		key->code = KEY_CTRL;
		key->is_ctrl = false;
		str_lower(key->text);
	}
	if (key->code == KEY_TAB && key->is_shift) {
		key->code = KEY_BACKTAB;
		key->is_shift = false;
	}
}

static int parse_word(struct span word, struct key *key)
{
	word = take_modifiers(word, key);
	if (!name_matches(word, key)) {
		int width;
		if (!word.len || utf8_grapheme(word.data, word.len, &width) != word.len)
			return -1;
		key->code = KEY_TEXT;
		key_set_text(key, word.data, word.len);
	}
	settle_ctrl(key);
	return 1;
}

int key_parse(const char **text, struct key *key)
{
	memset(key, 0, sizeof *key);
	const char *at = *text;
	if (!*at)
		return 0;
	if (*at != '<') {
		int width;
		size_t len = utf8_grapheme(at, strlen(at), &width);
		key->code = KEY_TEXT;
		key_set_text(key, at, len);
		*text = at + len;
		return 1;
	}
	/* "<C->>" ends at its second ">" */
	const char *end = at[1] ? strchr(at + 2, '>') : NULL;
	if (!end)
		return -1;
	if (end[-1] == '-' && end[1] == '>')
		end++;
	*text = end + 1;
	return parse_word((struct span){at + 1, (size_t)(end - at - 1)}, key);
}

static const char *name_of(const struct key *key)
{
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (names[i].code != key->code)
			continue;
		if (key->code == KEY_TEXT && strcmp(names[i].text, key->text))
			continue;
		if (key->code == KEY_FUNCTION && names[i].number != key->number)
			continue;
		if (key->code == KEY_MOUSE_ && names[i].number != (int)key->button)
			continue;
		return names[i].name;
	}
	return NULL;
}

void key_add_name(struct buf *out, const struct key *key)
{
	struct key plain = *key;
	bool is_ctrl = key->is_ctrl || key->code == KEY_CTRL;
	bool is_shift = key->is_shift || key->code == KEY_BACKTAB;
	if (key->code == KEY_CTRL)
		plain.code = KEY_TEXT;
	if (key->code == KEY_BACKTAB)
		plain.code = KEY_TAB;
	const char *name = name_of(&plain);
	if (plain.code == KEY_TEXT && !strcmp(plain.text, ">") && !is_ctrl && !key->is_meta)
		name = NULL;
	if (!name && !is_ctrl && !key->is_meta && !is_shift) {
		buf_add_str(out, plain.text);
		return;
	}
	buf_printf(out, "<%s%s%s%s>", is_ctrl ? "C-" : "", key->is_meta ? "M-" : "",
		   is_shift ? "S-" : "", name ? name : plain.text);
}

bool key_equal(const struct key *a, const struct key *b)
{
	if (a->code != b->code || a->is_meta != b->is_meta || a->is_shift != b->is_shift ||
	    a->is_ctrl != b->is_ctrl)
		return false;
	if (a->code == KEY_TEXT || a->code == KEY_CTRL)
		return !strcmp(a->text, b->text);
	if (a->code == KEY_FUNCTION)
		return a->number == b->number;
	return a->code != KEY_MOUSE_ || a->button == b->button;
}
