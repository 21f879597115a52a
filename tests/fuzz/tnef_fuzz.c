#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/utf8.h"
#include "store/mime/tnef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *bytes = (const char *)data;
	struct arena *arena = arena_new();
	struct tnef tnef;
	size_t i;

	if (tnef_read((struct span){bytes, len}, arena, &tnef) == 0) {
		FUZZ_HOLDS(tnef.count <= TNEF_FILE_LIMIT);
		for (i = 0; i < tnef.count; i++) {
			const struct tnef_file *file = &tnef.files[i];

			FUZZ_HOLDS(utf8_is_valid(file->name, strlen(file->name)));
			FUZZ_HOLDS(file->data.len <= len);
		}
	}
	arena_free(&arena);
	return 0;
}
