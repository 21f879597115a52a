#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/boxes.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"

/* A letter as the reader takes it: opened, listed, made ready, and not one byte of a part outside its memory. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct boxes_limits limits = {.bytes = 1 << 18, .boxes = 4, .parts = 50};
	const struct message_wish wish = {.width = 60};
	struct mime_message *message = mime_parse((const char *)data, len, NULL);
	size_t before = message->part_count, count;
	struct doc *doc = doc_new();
	struct message_part *parts;

	boxes_open(message, &limits);
	FUZZ_HOLDS(message->part_count <= before + limits.parts);
	message_parts(message, message->arena, &parts, &count);
	FUZZ_HOLDS(count <= message->part_count);
	for (size_t i = 0; i < count; i++)
		FUZZ_HOLDS(!strpbrk(parts[i].name, "\x1b\n") && !strpbrk(parts[i].kind, "\x1b\n"));
	message_render(doc, message, &wish);
	doc_free(&doc);
	mime_free(&message);
	return 0;
}
