#include "config.h"
#include "tests/fuzz/fuzz.h"

#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "store/mime/mime.h"

static const struct mime_limits small = {
    .depth = 20, .parts = 50, .header_fields = 50, .header_bytes = 2000, .addresses = 50};

static void check_part(const struct mime_message *message, const struct mime_part *part)
{
	struct buf out = BUF_INIT;

	FUZZ_HOLDS(part->whole.data <= part->body.data);
	FUZZ_HOLDS(part->body.data + part->body.len <= part->whole.data + part->whole.len);
	FUZZ_HOLDS(part->depth < small.depth);
	FUZZ_HOLDS(mime_find(message, part->path) == part);
	FUZZ_HOLDS(mime_decode_body(part, 10, &out) == 0 || out.len == 10);
	buf_clear(&out);
	mime_decode_body(part, 0, &out);
	FUZZ_HOLDS(out.len <= part->body.len + part->body.len / 2 + 16); /* a cut line of uuencode ends with zeros */
	buf_clear(&out);
	mime_decode_body_text(part, 0, &out);
	FUZZ_HOLDS(utf8_is_valid(buf_str(&out), out.len));
	mime_is_attachment(message, part);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mime_message *message = mime_parse((const char *)data, len, &small);
	const struct mime_part *part;
	size_t count = 0;

	for (part = &message->root; part; part = mime_next(part), count++)
		check_part(message, part);
	FUZZ_HOLDS(count == message->part_count && count <= small.parts);
	FUZZ_HOLDS(!mime_text_part(message) || !mime_text_part(message)->first_child);
	mime_free(&message);
	return 0;
}
