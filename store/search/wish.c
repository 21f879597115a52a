#include "config.h"
#include "store/search/wish.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"

#define FIELDS_KNOWN WISH_FIELDS_ALL "lmx"

struct making {
	struct wish *wish;
	size_t cap;
};

void wish_spell(struct buf *out, const char *fields, enum wish_ends ends, const char *text)
{
	buf_printf(out, "%s%c%s", fields, (char)ends, text);
}

static bool is_single(const struct wish_slot *slot)
{
	uint32_t code;

	return slot->is_pair && utf8_decode(slot->text, slot->len, &code) == slot->len;
}

/* The last character of a run stands in the pair before; it counts only where it is the whole run. */
static bool is_said_already(const struct wish *wish, const struct wish_slot *slot)
{
	const struct wish_slot *before = wish->count ? &wish->slots[wish->count - 1] : NULL;

	return before && is_single(slot) && before->is_pair && before->place + 1 == slot->place &&
	       !is_single(before) && before->len > slot->len &&
	       memcmp(before->text + before->len - slot->len, slot->text, slot->len) == 0;
}

static void add_slot(void *arg, const struct word *word)
{
	struct making *making = arg;
	struct wish *wish = making->wish;
	struct wish_slot slot = {.len = word->len, .place = word->place, .is_pair = word->is_pair};

	memcpy(slot.text, word->text, word->len);
	slot.may_go_on = is_single(&slot);
	if (is_said_already(wish, &slot))
		return;
	ARRAY_ROOM(wish->slots, wish->count, making->cap);
	wish->slots[wish->count++] = slot;
}

/* An address is no word of a language, nor are words in a row. */
static void take_forms(struct wish *wish)
{
	struct wish_slot *slot = wish->slots;

	if (wish->count != 1 || slot->is_pair)
		return;
	slot->stem = stem_new(slot->text, slot->len);
	if (!slot->stem)
		return;
	slot->len = stem_begins(slot->stem);
	slot->may_go_on = true;
}

static void open_ends(struct wish *wish, enum wish_ends ends)
{
	struct wish_slot *first = wish->slots, *last = first + wish->count - 1;

	if (ends == ENDS_FORMS) {
		take_forms(wish);
		return;
	}
	if (!last->is_pair && ends != ENDS_WHOLE)
		last->may_go_on = true;
	if (!first->is_pair && ends == ENDS_INSIDE)
		first->may_begin_before = true;
}

struct wish *wish_new(struct words *words, const char *spelled)
{
	size_t fields = strspn(spelled, FIELDS_KNOWN);
	struct wish *wish = mem_alloc(sizeof *wish);
	struct making making = {.wish = wish};
	uint32_t place = 0;

	wish->fields = mem_strndup(spelled, fields);
	if (!spelled[fields])
		return wish;
	words_read(words, spelled + fields + 1, strlen(spelled + fields + 1), &place, add_slot, &making);
	if (wish->count)
		open_ends(wish, (enum wish_ends)spelled[fields]);
	return wish;
}

void wish_free(struct wish **wish)
{
	if (!*wish)
		return;
	for (size_t i = 0; i < (*wish)->count; i++)
		stem_free(&(*wish)->slots[i].stem);
	free((*wish)->fields);
	free((*wish)->slots);
	free(*wish);
	*wish = NULL;
}

bool wish_slot_matches(const struct wish_slot *slot, const char *text, size_t len)
{
	if (len < slot->len)
		return false;
	if (slot->stem)
		return memcmp(text, slot->text, slot->len) == 0 && stem_has(slot->stem, text, len);
	if (slot->may_begin_before && slot->may_go_on)
		return memmem(text, len, slot->text, slot->len) != NULL;
	if (slot->may_begin_before)
		return memcmp(text + len - slot->len, slot->text, slot->len) == 0;
	return (slot->may_go_on || len == slot->len) && memcmp(text, slot->text, slot->len) == 0;
}
