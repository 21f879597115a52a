#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/utf8.h"
#include "store/mime/param.h"

/* A value of a header field alone: what header_fuzz reaches only behind a whole header. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span raw = {(const char *)data, len}, value;
	struct arena *arena = arena_new();
	struct param_list list;

	param_parse(raw, arena, &value, &list);
	FUZZ_HOLDS(value.len <= len && list.count <= PARAM_LIMIT);
	for (size_t i = 0; i < list.count; i++) {
		const char *text = list.items[i].value;

		FUZZ_HOLDS(utf8_is_valid(text, strlen(text)));
		FUZZ_HOLDS(!strpbrk(text, "\r\n"));
	}
	param_get(&list, "name");
	param_get(&list, "boundary");
	arena_free(&arena);
	return 0;
}
