#include "config.h"
#include "store/search/look.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/search/letter_words.h"

/* A row of words as far as it was met: bit k of ENDS: slots up to this one were met, the last at PLACE - k. */
struct chain {
	uint64_t ends;
	uint32_t place;
};

struct aim {
	const struct wish *wish;
	struct chain *chains; /* one a slot */
	const struct wish_slot *ascii; /* the longest slot that is ASCII, or NULL */
	const struct wish_slot *other; /* one that is not, or NULL */
};

struct look {
	struct words *words;
	struct aim *aims;
	size_t count;
	uint64_t found, wanted; /* wanted: in the text that is read now */
	uint64_t near;		/* likewise, where what stands around its bytes is enough */
	uint64_t all;
	struct buf lower;
};

static void choose_slots(struct aim *aim)
{
	for (size_t i = 0; i < aim->wish->count; i++) {
		const struct wish_slot *slot = &aim->wish->slots[i];

		if (!utf8_is_ascii(slot->text, slot->len))
			aim->other = slot;
		else if (!aim->ascii || slot->len > aim->ascii->len)
			aim->ascii = slot;
	}
}

struct look *look_new(struct words *words, const struct wish *const *wishes, size_t count)
{
	struct look *look = mem_alloc(sizeof *look);

	look->words = words;
	look->count = count < LOOK_WISHES_MAX ? count : LOOK_WISHES_MAX;
	look->all = look->count < 64 ? ((uint64_t)1 << look->count) - 1 : UINT64_MAX;
	look->aims = mem_calloc(look->count, sizeof *look->aims);
	for (size_t i = 0; i < look->count; i++) {
		look->aims[i].wish = wishes[i];
		look->aims[i].chains = mem_calloc(wishes[i]->count, sizeof(struct chain));
		choose_slots(&look->aims[i]);
	}
	return look;
}

void look_free(struct look **look)
{
	if (!*look)
		return;
	for (size_t i = 0; i < (*look)->count; i++)
		free((*look)->aims[i].chains);
	free((*look)->aims);
	buf_free(&(*look)->lower);
	free(*look);
	*look = NULL;
}

/* --- a word --- */

static bool was_at(const struct chain *chain, uint32_t place)
{
	uint32_t back = chain->place - place;

	return chain->ends && place <= chain->place && back < 64 && chain->ends >> back & 1;
}

static void is_at(struct chain *chain, uint32_t place)
{
	uint32_t step = place - chain->place;

	chain->ends = step < 64 ? chain->ends << step | 1 : 1;
	chain->place = place;
}

static bool word_completes(struct aim *aim, const struct word *word)
{
	const struct wish_slot *slots = aim->wish->slots;

	for (size_t i = aim->wish->count; i-- > 0;) {
		if (!wish_slot_matches(&slots[i], word->text, word->len))
			continue;
		if (i > 0 && !was_at(&aim->chains[i - 1],
				     word->place - (slots[i].place - slots[i - 1].place)))
			continue;
		if (i + 1 == aim->wish->count)
			return true;
		is_at(&aim->chains[i], word->place);
	}
	return false;
}

static void take_word(void *arg, const struct word *word)
{
	struct look *look = arg;

	for (size_t i = 0; i < look->count; i++)
		if (look->wanted >> i & 1 && word_completes(&look->aims[i], word)) {
			look->found |= (uint64_t)1 << i;
			look->wanted &= ~((uint64_t)1 << i);
		}
}

/* --- a text --- */

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))

/* Eight bytes at once. */
static uint64_t lower8(uint64_t bytes)
{
	uint64_t low = bytes & EACH(0x7f);
	uint64_t from_a = low + EACH(0x80 - 'A'), behind_z = low + EACH(0x7f - 'Z');

	return bytes | ((from_a ^ behind_z) & ~bytes & EACH(0x80)) >> 2;
}

static void add_lower(struct buf *out, const char *text, size_t len)
{
	size_t at = 0;
	uint64_t bytes;

	buf_clear(out);
	buf_reserve(out, len + 1);
	for (; at + sizeof bytes <= len; at += sizeof bytes) {
		memcpy(&bytes, text + at, sizeof bytes);
		bytes = lower8(bytes);
		memcpy(out->data + at, &bytes, sizeof bytes);
	}
	for (; at < len; at++)
		out->data[at] = char_lower(text[at]);
	out->len = len;
	out->data[len] = '\0';
}

/* Where nothing else folds to ASCII, and in ASCII nothing to other letters, most texts need no closer look. */
static bool can_be_in(struct look *look, const struct aim *aim, const char *text, size_t len)
{
	if (!look->lower.len)
		add_lower(&look->lower, text, len);
	return memmem(look->lower.data, look->lower.len, aim->ascii->text, aim->ascii->len);
}

/* Of a byte that begins a character: can what it folds to be ASCII, or nothing at all (marks do, and would let ASCII
 * around them stand together)? Not so for Cyrillic, half of the kana and most of what Chinese and Japanese are written
 * with. The second byte decides about a few. */
enum folding { FAR, NEAR, AS_SECOND_SAYS };

static const unsigned char foldings[256] = {
    [0xc0 ... 0xcf] = NEAR,	     [0xd2] = AS_SECOND_SAYS, [0xd4 ... 0xe2] = NEAR,
    [0xe3] = AS_SECOND_SAYS, [0xea ... 0xff] = NEAR,
};

static bool second_is_near(unsigned char first, unsigned char second)
{
	return first == 0xe3 ? second != 0x81 && second != 0x83 : second < 0x8a;
}

static bool is_far_from_ascii(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t i = 0; i < len; i++)
		if (foldings[bytes[i]] != FAR &&
		    (foldings[bytes[i]] == NEAR || second_is_near(bytes[i], i + 1 < len ? bytes[i + 1] : 0)))
			return false;
	return true;
}

/* Where its bytes were looked for, one word alone needs no others. */
static bool is_one_word(const struct aim *aim)
{
	return aim->wish->count == 1 && aim->ascii;
}

static void choose_aims(struct look *look, enum word_field field, const char *text, size_t len)
{
	bool is_ascii = utf8_is_ascii(text, len), is_far = is_ascii || is_far_from_ascii(text, len);

	look->wanted = look->near = 0;
	buf_clear(&look->lower);
	for (size_t i = 0; i < look->count; i++) {
		struct aim *aim = &look->aims[i];

		if (look->found >> i & 1 || !aim->wish->count || !strchr(aim->wish->fields, field))
			continue;
		if (is_ascii && aim->other)
			continue;
		if (is_far && aim->ascii && !can_be_in(look, aim, text, len))
			continue;
		if (is_far && is_one_word(aim))
			look->near |= (uint64_t)1 << i;
		else
			look->wanted |= (uint64_t)1 << i;
		memset(aim->chains, 0, aim->wish->count * sizeof *aim->chains);
	}
}

/* Whatever stands before: here a word ends. */
static bool separates(char byte)
{
	return !(byte & 0x80) && !char_is_alnum(byte);
}

/* Reads the piece between two separators in which AT is; where it ends. */
static size_t read_around(struct look *look, const char *text, size_t len, size_t at)
{
	uint32_t place = 1;
	size_t to = at;

	while (at > 0 && !separates(text[at - 1]))
		at--;
	while (to < len && !separates(text[to]))
		to++;
	words_read(look->words, text + at, to - at, &place, take_word, look);
	return to;
}

static void read_near(struct look *look, size_t i, const char *text, size_t len)
{
	const struct wish_slot *slot = look->aims[i].ascii;
	const char *lower = buf_str(&look->lower), *at = lower;

	look->wanted = (uint64_t)1 << i;
	while (look->wanted && (at = memmem(at, len - (size_t)(at - lower), slot->text, slot->len)))
		at = lower + read_around(look, text, len, (size_t)(at - lower));
}

static bool take_text(void *arg, enum word_field field, const char *text, size_t len)
{
	struct look *look = arg;
	uint32_t place = 1;

	if (!len)
		return true;
	choose_aims(look, field, text, len);
	if (look->wanted)
		words_read(look->words, text, len, &place, take_word, look);
	for (size_t i = 0; i < look->count; i++)
		if (look->near >> i & 1)
			read_near(look, i, text, len);
	return look->found != look->all;
}

uint64_t look_at(struct look *look, struct box_message *bytes)
{
	look->found = 0;
	letter_texts(bytes, take_text, look);
	return look->found;
}
