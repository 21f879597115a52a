#include "config.h"
#include "store/search/words.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/mem.h"
#include "store/base/utf8.h"

#define BMP   0x10000
#define BREVE 0x306

/* What becomes of a character: a folded one, or one of these. */
enum {
	UNKNOWN,
	SEPARATES = 0x110000,
	NO_TRACE,
	SEVERAL, /* it becomes several */
};

struct words {
	uint32_t fold[BMP]; /* as far as they were met: 256 KB, filled by the letters themselves */
	char ascii[128];    /* 0 separates */
};

struct reading {
	struct words *words;
	uint32_t place;
	char text[WORD_MAX + 4];
	size_t len;
	bool is_word;	  /* one is begun; its end may be cut off */
	uint32_t last;	  /* the character before in it */
	uint32_t waiting; /* a character of a run of pairs, 0 none */
	void (*each)(void *arg, const struct word *word);
	void *arg;
};

struct words *words_new(void)
{
	struct words *words = mem_alloc(sizeof *words);

	for (char c = '0'; c <= '9'; c++)
		words->ascii[(int)c] = c;
	for (char c = 'a'; c <= 'z'; c++)
		words->ascii[(int)c] = words->ascii[(int)c - 32] = c;
	return words;
}

void words_free(struct words **words)
{
	free(*words);
	*words = NULL;
}

static uint32_t kind_of(uint32_t code, uint32_t several[UTF8_FOLD_MAX], int *count)
{
	*count = utf8_fold_word(code, several);
	if (*count < 0)
		return SEPARATES;
	if (*count == 0)
		return NO_TRACE;
	return *count == 1 ? several[0] : SEVERAL;
}

static uint32_t fold(struct words *words, uint32_t code)
{
	uint32_t several[UTF8_FOLD_MAX];
	int count;

	if (code >= BMP)
		return kind_of(code, several, &count);
	if (words->fold[code] == UNKNOWN)
		words->fold[code] = kind_of(code, several, &count);
	return words->fold[code];
}

static bool is_picture(uint32_t code)
{
	return (code >= 0x2600 && code < 0x27c0) || (code >= 0x1f000 && code < 0x20000);
}

static bool has_no_spaces(uint32_t code)
{
	if (code < 0xe00)
		return false;
	return code < 0xf00 || (code >= 0x1000 && code < 0x1200) || (code >= 0x1780 && code < 0x1800) ||
	       (code >= 0x2e80 && code < 0xa000) || (code >= 0xa960 && code < 0xa980) ||
	       (code >= 0xac00 && code < 0xd800) || (code >= 0xf900 && code < 0xfb00) ||
	       (code >= 0x20000 && code < 0x40000) || is_picture(code);
}

static void say(struct reading *reading, size_t len, bool is_pair)
{
	struct word word = {
	    .text = reading->text, .len = len, .place = reading->place++, .is_pair = is_pair};

	reading->each(reading->arg, &word);
}

static void end_word(struct reading *reading)
{
	if (reading->is_word)
		say(reading, reading->len, false);
	reading->is_word = false;
	reading->len = 0;
}

static void end_run(struct reading *reading)
{
	if (reading->waiting)
		say(reading, utf8_encode(reading->waiting, reading->text), true);
	reading->waiting = 0;
}

static void add_to_run(struct reading *reading, uint32_t code)
{
	size_t len;

	end_word(reading);
	if (reading->waiting) {
		len = utf8_encode(reading->waiting, reading->text);
		len += utf8_encode(code, reading->text + len);
		say(reading, len, true);
	}
	reading->waiting = code;
}

static void add_to_word(struct reading *reading, uint32_t code)
{
	char bytes[4];
	size_t n = utf8_encode(code, bytes);

	if (reading->waiting)
		end_run(reading);
	reading->is_word = true;
	reading->last = code;
	if (reading->len + n > WORD_MAX)
		return;
	memcpy(reading->text + reading->len, bytes, n);
	reading->len += n;
}

static void add(struct reading *reading, uint32_t code)
{
	if (has_no_spaces(code))
		add_to_run(reading, code);
	else
		add_to_word(reading, code);
}

/* "и" and a breve of its own is "й", as in one piece. */
static void add_mark(struct reading *reading, uint32_t code)
{
	if (code != BREVE || !reading->is_word || reading->last != 0x438 || reading->len < 2)
		return;
	reading->last = 0x439;
	utf8_encode(0x439, reading->text + reading->len - 2);
}

static void take(struct reading *reading, uint32_t code)
{
	uint32_t folded = fold(reading->words, code), several[UTF8_FOLD_MAX];
	int count;

	if (folded < SEPARATES) {
		add(reading, folded);
	} else if (folded == NO_TRACE) {
		add_mark(reading, code);
	} else if (folded == SEPARATES) {
		end_word(reading);
		end_run(reading);
	} else {
		kind_of(code, several, &count);
		for (int i = 0; i < count; i++)
			add(reading, several[i]);
	}
}

/* Most of all mail: a word of ASCII, up to where it ends or another character follows. */
static size_t take_ascii(struct reading *reading, const char *text, size_t len)
{
	const char *ascii = reading->words->ascii;
	size_t at = 0, n = reading->len;
	char c = 0;

	if (reading->waiting)
		end_run(reading);
	for (; at < len && !(text[at] & 0x80) && (c = ascii[(int)text[at]]); at++)
		if (n < WORD_MAX)
			reading->text[n++] = c;
	if (!at)
		return 0;
	reading->len = n;
	reading->is_word = true;
	reading->last = 0;
	return at;
}

static size_t skip_ascii(struct reading *reading, const char *text, size_t len)
{
	const char *ascii = reading->words->ascii;
	size_t at = 0;

	end_word(reading);
	end_run(reading);
	while (at < len && !(text[at] & 0x80) && !ascii[(int)text[at]])
		at++;
	return at;
}

void words_read(struct words *words, const char *text, size_t len, uint32_t *place,
		void (*each)(void *arg, const struct word *word), void *arg)
{
	struct reading reading = {.words = words, .place = *place, .each = each, .arg = arg};
	uint32_t code;

	for (size_t at = 0; at < len;) {
		if (text[at] & 0x80) {
			at += utf8_decode(text + at, len - at, &code);
			take(&reading, code);
		} else if (words->ascii[(int)text[at]]) {
			at += take_ascii(&reading, text + at, len - at);
		} else {
			at += skip_ascii(&reading, text + at, len - at);
		}
	}
	end_word(&reading);
	end_run(&reading);
	*place = reading.place;
}
