#include "config.h"

#include "ui/input/key_decode.h"

#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/input/key.h"

#define ESC	       '\033'
#define ESC_WAIT_MS    25
#define PASTE_WAIT_MS  2000
#define SEQUENCE_MAX   64 /* longer is no key; a reply is at most REPLY_MAX */
#define REPLY_MAX      4096
#define PARAM_MAX      6
#define PASTE_BEGIN    "\033[200~"
#define PASTE_END      "\033[201~"

/* "ESC [ 1 ; 5 A": numbers, then one letter. */
struct csi {
	int params[PARAM_MAX];
	int count;
	char private_; /* '<', '?' ... or 0 */
	char last;
};

static const struct {
	char letter;
	enum key_code code;
	int number;
} letters[] = {
	{'A', KEY_UP_, 0},	{'B', KEY_DOWN_, 0},	  {'C', KEY_RIGHT_, 0},
	{'D', KEY_LEFT_, 0},	{'H', KEY_HOME_, 0},	  {'F', KEY_END_, 0},
	{'P', KEY_FUNCTION, 1}, {'Q', KEY_FUNCTION, 2},	  {'R', KEY_FUNCTION, 3},
	{'S', KEY_FUNCTION, 4}, {'Z', KEY_BACKTAB, 0},	  {'M', KEY_ENTER_, 0},
};

static const struct {
	int param;
	enum key_code code;
	int number;
} tildes[] = {
	{1, KEY_HOME_, 0},	{2, KEY_INSERT, 0},	{3, KEY_DELETE, 0},
	{4, KEY_END_, 0},	{5, KEY_PAGE_UP, 0},	{6, KEY_PAGE_DOWN, 0},
	{7, KEY_HOME_, 0},	{8, KEY_END_, 0},	{11, KEY_FUNCTION, 1},
	{12, KEY_FUNCTION, 2},	{13, KEY_FUNCTION, 3},	{14, KEY_FUNCTION, 4},
	{15, KEY_FUNCTION, 5},	{17, KEY_FUNCTION, 6},	{18, KEY_FUNCTION, 7},
	{19, KEY_FUNCTION, 8},	{20, KEY_FUNCTION, 9},	{21, KEY_FUNCTION, 10},
	{23, KEY_FUNCTION, 11}, {24, KEY_FUNCTION, 12},
};

static int text_key(struct key *key, const char *text, size_t len)
{
	key->code = KEY_TEXT;
	key_set_text(key, text, len);
	return 1;
}

static int ctrl_key(struct key *key, char letter)
{
	key->code = KEY_CTRL;
	key_set_text(key, &letter, 1);
	return 1;
}

static int named_key(struct key *key, enum key_code code)
{
	key->code = code;
	return 1;
}

static int control(unsigned char c, struct key *key)
{
	if (c == '\r')
		return named_key(key, KEY_ENTER_);
	if (c == '\t')
		return named_key(key, KEY_TAB);
	if (c == 0x7f)
		return named_key(key, KEY_BACKSPACE_);
	if (c == ESC)
		return named_key(key, KEY_ESC);
	if (c == 0)
		return ctrl_key(key, ' ');
	return ctrl_key(key, char_lower((char)(c | 0x40)));
}

/* A code point that CSI u or modifyOtherKeys reports, modifiers already set. */
static int coded_key(int code, struct key *key)
{
	char text[4];
	if (code <= 0)
		return -1;
	if (code < ' ' || code == 0x7f) {
		bool is_tab = code == '\t' && key->is_shift;
		if (is_tab)
			key->is_shift = false;
		return is_tab ? named_key(key, KEY_BACKTAB) : control((unsigned char)code, key);
	}
	if (code >= 57344 && code <= 63743) /* kitty's private area: keys we have no name for */
		return -1;
	if (key->is_ctrl && code < 0x7f) {
		key->is_ctrl = key->is_shift = false;
		return ctrl_key(key, char_lower((char)code));
	}
	size_t len = utf8_encode((uint32_t)code, text);
	if (!len)
		return -1;
	key->is_shift = key->is_ctrl = false;
	return text_key(key, text, len);
}

/* xterm's modifier number: 1 + (1 shift, 2 alt, 4 ctrl, 8 meta). */
static void set_modifiers(struct key *key, int number)
{
	int bits = number > 0 ? number - 1 : 0;
	key->is_shift = bits & 1;
	key->is_meta = bits & (2 | 8);
	key->is_ctrl = bits & 4;
}

/* "CSI < button ; x ; y M", m when let go. */
static int mouse(const struct csi *csi, struct key *key)
{
	int button = csi->params[0];
	if (csi->count < 3 || csi->last == 'm' || button & 32)
		return -1;
	key->code = KEY_MOUSE_;
	key->x = csi->params[1] - 1;
	key->y = csi->params[2] - 1;
	key->is_shift = button & 4;
	key->is_meta = button & 8;
	key->is_ctrl = button & 16;
	switch (button & ~28) {
	case 0:
		return key->button = BUTTON_LEFT, 1;
	case 1:
		return key->button = BUTTON_MIDDLE, 1;
	case 2:
		return key->button = BUTTON_RIGHT, 1;
	case 64:
		return key->button = BUTTON_WHEEL_UP, 1;
	case 65:
		return key->button = BUTTON_WHEEL_DOWN, 1;
	default:
		return -1;
	}
}

static int tilde(const struct csi *csi, struct key *key)
{
	set_modifiers(key, csi->params[1]);
	if (csi->params[0] == 27 && csi->count >= 3)
		return coded_key(csi->params[2], key);
	for (size_t i = 0; i < ARRAY_COUNT(tildes); i++) {
		if (tildes[i].param != csi->params[0])
			continue;
		key->number = tildes[i].number;
		return named_key(key, tildes[i].code);
	}
	return -1;
}

static int letter(char last, int modifiers, struct key *key)
{
	for (size_t i = 0; i < ARRAY_COUNT(letters); i++) {
		if (letters[i].letter != last)
			continue;
		set_modifiers(key, modifiers);
		key->number = letters[i].number;
		if (letters[i].code == KEY_BACKTAB)
			key->is_shift = false;
		return named_key(key, letters[i].code);
	}
	return -1;
}

static int csi_key(const struct csi *csi, struct key *key)
{
	if (csi->private_ == '<')
		return mouse(csi, key);
	if (csi->private_)
		return -1;
	if (csi->last == '~')
		return tilde(csi, key);
	if (csi->last == 'u') {
		set_modifiers(key, csi->params[1]);
		return coded_key(csi->params[0], key);
	}
	if (csi->last == 'M' || (csi->last == 'R' && csi->count > 1))
		return -1; /* an old mouse report, a cursor report */
	return letter(csi->last, csi->params[1], key);
}

/* Reads the sequence behind "ESC [": 1 whole, 0 not yet, -1 it is none. *USED counts from ESC. */
static int read_csi(const char *bytes, size_t len, struct csi *csi, size_t *used)
{
	memset(csi, 0, sizeof *csi);
	size_t at = 2;
	if (at < len && strchr("<?>=", bytes[at]) && bytes[at])
		csi->private_ = bytes[at++];
	for (; at < len && at < SEQUENCE_MAX; at++) {
		char c = bytes[at];
		if (char_is_digit(c)) {
			csi->count += csi->count == 0;
			int *param = &csi->params[csi->count - 1];
			*param = *param < 10000000 ? *param * 10 + (c - '0') : *param;
		} else if (c == ';' || c == ':') {
			csi->count = csi->count ? csi->count + 1 : 2;
			if (csi->count > PARAM_MAX)
				csi->count = PARAM_MAX;
		} else if (c >= '@' && c <= '~') {
			csi->last = c;
			*used = at + 1;
			return 1;
		} else if (c < ' ' || c > '/') {
			break;
		}
	}
	*used = at;
	return at < len ? -1 : 0;
}

/* The Linux console's "ESC [ [ A" is F1. */
static int console_function(const char *bytes, size_t len, struct key *key, size_t *used)
{
	if (len < 4)
		return 0;
	*used = 4;
	if (bytes[3] < 'A' || bytes[3] > 'E')
		return -1;
	key->number = bytes[3] - 'A' + 1;
	return named_key(key, KEY_FUNCTION);
}

/* Lines end in LF; no other control but tab comes through; what is not UTF-8 is marked. */
static char *clean_paste(const char *text, size_t len)
{
	struct buf clean = BUF_INIT, out = BUF_INIT;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '\r') {
			buf_add_char(&clean, '\n');
			i += i + 1 < len && text[i + 1] == '\n';
		} else if (c >= ' ' ? c != 0x7f : c == '\n' || c == '\t') {
			buf_add_char(&clean, (char)c);
		}
	}
	utf8_add_valid(&out, buf_str(&clean), clean.len);
	buf_free(&clean);
	return buf_take(&out);
}

static int paste(const char *bytes, size_t len, bool is_last, struct key *key, size_t *used)
{
	const size_t begin = strlen(PASTE_BEGIN);
	const char *end = memmem(bytes, len, PASTE_END, strlen(PASTE_END));
	if (!end && !is_last && len < KEY_DECODE_PASTE_MAX)
		return 0;
	size_t text = end ? (size_t)(end - bytes) - begin : len - begin;
	key->code = KEY_PASTE;
	key->paste = clean_paste(bytes + begin, text);
	*used = end ? begin + text + strlen(PASTE_END) : len;
	return 1;
}

static bool starts(const char *bytes, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && !memcmp(bytes, prefix, strlen(prefix));
}

static int bracket(const char *bytes, size_t len, bool is_last, struct key *key, size_t *used)
{
	struct csi csi;
	if (starts(bytes, len, PASTE_BEGIN))
		return paste(bytes, len, is_last, key, used);
	if (len > 2 && bytes[2] == '[')
		return console_function(bytes, len, key, used);
	int found = read_csi(bytes, len, &csi, used);
	return found == 1 ? csi_key(&csi, key) : found;
}

/* A reply that a program asked for (OSC, DCS): up to BEL or ESC \. */
static int reply(const char *bytes, size_t len, size_t *used)
{
	for (size_t i = 2; i < len && i < REPLY_MAX; i++) {
		bool is_string_end = bytes[i] == '\\' && bytes[i - 1] == ESC;
		if (bytes[i] != '\a' && !is_string_end)
			continue;
		*used = i + 1;
		return -1;
	}
	*used = 2;
	return len >= REPLY_MAX ? -1 : 0;
}

static int text(const char *bytes, size_t len, bool is_last, struct key *key, size_t *used)
{
	uint32_t code;
	int width;
	size_t first = utf8_decode(bytes, len, &code);
	if (code == UTF8_REPLACEMENT && first == 1) {
		unsigned char c = (unsigned char)bytes[0];
		size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
		*used = 1;
		return len < want && !is_last ? 0 : -1;
	}
	*used = utf8_grapheme(bytes, len, &width);
	if (*used >= sizeof key->text)
		*used = first;
	if (code >= 0x80 && code < 0xa0)
		return -1;
	return text_key(key, bytes, *used);
}

/* One key that does not begin with ESC. */
static int simple(const char *bytes, size_t len, bool is_last, struct key *key, size_t *used)
{
	unsigned char c = (unsigned char)bytes[0];
	*used = 1;
	if (c < ' ' || c == 0x7f)
		return control(c, key);
	return text(bytes, len, is_last, key, used);
}

static int escape(const char *bytes, size_t len, bool is_last, struct key *key, size_t *used)
{
	char c = bytes[1];
	if (c == '[' && len > 2)
		return bracket(bytes, len, is_last, key, used);
	if (c == 'O' && len > 2) {
		*used = 3;
		return letter(bytes[2], 0, key);
	}
	if ((c == ']' || c == 'P') && len > 2)
		return reply(bytes, len, used);
	if (c == '[' || c == 'O' || c == ']' || c == 'P')
		return 0;
	if (c == ESC) {
		*used = 1;
		return named_key(key, KEY_ESC);
	}
	int found = simple(bytes + 1, len - 1, is_last, key, used);
	*used += 1;
	key->is_meta = true;
	return found;
}

/* ESC and one more byte: Alt with it. */
static int meta_or_escape(const char *bytes, size_t len, struct key *key, size_t *used)
{
	*used = len;
	if (len == 1)
		return named_key(key, KEY_ESC);
	if (len > 2)
		return -1; /* the start of a sequence that never came whole */
	key->is_meta = true;
	return text_key(key, bytes + 1, 1);
}

int key_decode(const char *bytes, size_t len, bool is_last, struct key *key, size_t *used)
{
	memset(key, 0, sizeof *key);
	*used = 0;
	if (bytes[0] != ESC)
		return simple(bytes, len, is_last, key, used);
	int found = len > 1 ? escape(bytes, len, is_last, key, used) : 0;
	if (found || !is_last)
		return found;
	memset(key, 0, sizeof *key);
	return meta_or_escape(bytes, len, key, used);
}

int key_decode_wait_ms(const char *bytes, size_t len)
{
	return starts(bytes, len, PASTE_BEGIN) ? PASTE_WAIT_MS : ESC_WAIT_MS;
}
