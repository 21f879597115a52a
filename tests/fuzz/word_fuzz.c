#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "store/mime/mime.h"
#include "store/mime/mime_write.h"

/* What is written reads back as it was read. */
static void check_round(const char *text, struct arena *arena)
{
	struct buf out = BUF_INIT;
	struct mime_header header;
	size_t body_at;

	mime_write_text_field(&out, "Subject", text);
	mime_parse_header(out.data, out.len, NULL, arena, &header, &body_at);
	FUZZ_HOLDS(header.count == 1);
	FUZZ_HOLDS(utf8_is_valid(mime_field_text(&header, "Subject", arena), 0));
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new();
	const char *text = mime_decode_text((struct span){(const char *)data, len}, arena);

	FUZZ_HOLDS(utf8_is_valid(text, strlen(text)));
	FUZZ_HOLDS(!strpbrk(text, "\r\n\t"));
	check_round(text, arena);
	arena_free(&arena);
	return 0;
}
