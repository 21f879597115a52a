#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/crypto/autocrypt.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"

/* As a field's value, and as a letter that has such fields. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *bytes = (const char *)data;
	struct arena *arena = arena_new();
	struct mime_message *message = mime_parse(bytes, len, NULL);
	struct autocrypt_field field;

	if (autocrypt_parse((struct span){bytes, len}, arena, &field) == 1) {
		FUZZ_HOLDS(address_is_safe(field.addr));
		FUZZ_HOLDS(field.key.len > 0 && field.key.len <= AUTOCRYPT_KEY_LIMIT);
	}
	if (autocrypt_of_message(message, arena, &field) == 1)
		FUZZ_HOLDS(strchr(field.addr, '@') != NULL);
	mime_free(&message);
	arena_free(&arena);
	return 0;
}
