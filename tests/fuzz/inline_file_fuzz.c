#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/utf8.h"
#include "store/mime/inline_file.h"

static int count_bytes(void *arg, const char *bytes, size_t len)
{
	(void)bytes;
	*(size_t *)arg += len;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span bytes = {(const char *)data, len};
	struct arena *arena = arena_new();
	struct inline_file_list list;
	size_t i, at = 0;

	inline_file_find(bytes, arena, &list);
	FUZZ_HOLDS(list.count <= INLINE_FILE_LIMIT);
	for (i = 0; i < list.count; i++) {
		const struct inline_file *file = &list.items[i];
		size_t size = 0;

		FUZZ_HOLDS(file->offset >= at && file->len > 0 && file->offset + file->len <= len);
		at = file->offset + file->len;
		FUZZ_HOLDS(file->data.data >= bytes.data + file->offset &&
			   file->data.data + file->data.len <= bytes.data + at);
		FUZZ_HOLDS(utf8_is_valid(file->name, strlen(file->name)));
		FUZZ_HOLDS(inline_file_decode(file, count_bytes, &size) == 0 && size <= file->len);
	}
	arena_free(&arena);
	return 0;
}
