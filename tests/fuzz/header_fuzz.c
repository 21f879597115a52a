#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/mime/param.h"

static void check_field(const struct mime_field *field, struct arena *arena)
{
	struct param_list params;
	struct span value;
	size_t i;

	param_parse(field->value, arena, &value, &params);
	FUZZ_HOLDS(params.count <= PARAM_LIMIT);
	for (i = 0; i < params.count; i++) {
		const char *text = params.items[i].value;

		FUZZ_HOLDS(utf8_is_valid(text, strlen(text)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new();
	struct mime_header header;
	struct address_list list;
	size_t body_at, count, i;

	mime_parse_header((const char *)data, len, NULL, arena, &header, &body_at);
	FUZZ_HOLDS(body_at <= len);
	for (i = 0; i < header.count; i++)
		check_field(&header.fields[i], arena);
	mime_field_text(&header, "Subject", arena);
	address_field(&header, "From", arena, &list);
	ids_message_id(&header, arena);
	ids_list(&header, "References", arena, &count);
	arena_free(&arena);
	return 0;
}
