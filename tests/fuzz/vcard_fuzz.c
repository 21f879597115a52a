#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/utf8.h"
#include "store/mime/vcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct vcard_limits limits = {.line = 5000, .cards = 20, .values = 30, .text = 1000};
	struct arena *arena = arena_new();
	struct vcard_reader reader;
	struct vcard card;
	size_t i;

	vcard_open(&reader, (struct span){(const char *)data, len}, NULL, &limits, arena);
	while (vcard_next(&reader, &card) == 1) {
		FUZZ_HOLDS(card.count <= limits.values);
		FUZZ_HOLDS(utf8_is_valid(card.name, strlen(card.name)));
		for (i = 0; i < card.count; i++)
			FUZZ_HOLDS(utf8_is_valid(card.values[i].text, strlen(card.values[i].text)));
	}
	vcard_close(&reader);
	arena_free(&arena);
	return 0;
}
