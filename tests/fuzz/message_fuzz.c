#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "store/crypto/crypto.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"

/* Nothing in it moves a terminal. */
static void check_inert(const char *text, size_t len)
{
	FUZZ_HOLDS(utf8_is_valid(text, len));
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		FUZZ_HOLDS(c >= 0x20 && c != 0x7f);
		FUZZ_HOLDS(c != 0xc2 || (unsigned char)text[i + 1] >= 0xa0);
	}
}

static void check_lines(const struct doc *doc)
{
	for (size_t i = 0; i < doc->count; i++) {
		FUZZ_HOLDS(doc->lines[i].len <= DOC_LINE_MAX);
		check_inert(doc->lines[i].text, doc->lines[i].len);
	}
}

/* Down to the last row, and up again to the same place. */
static void walk(struct doc *doc, int width)
{
	struct doc_pos pos = {0, 0};
	size_t rows = 0;

	if (!doc->shown_count)
		return;
	while (doc_next(doc, &pos, width, width))
		rows++;
	while (doc_before(doc, &pos, width, width))
		rows--;
	FUZZ_HOLDS(rows == 0 && pos.line == 0 && pos.at == 0);
}

static void render(struct mime_message *message, const struct message_wish *wish)
{
	struct doc *doc = doc_new();

	message_render(doc, message, wish);
	check_lines(doc);
	doc_fold(doc, wish->width % 2);
	walk(doc, wish->width);
	walk(doc, 5);
	doc_free(&doc);
}

static void check_parts(struct mime_message *message)
{
	struct arena *arena = arena_new();
	struct message_part *parts;
	size_t count;

	message_parts(message, arena, &parts, &count);
	for (size_t i = 0; i < count; i++)
		check_inert(parts[i].name, strlen(parts[i].name));
	arena_free(&arena);
}

/* Blocks of its text at places that do not fit it. */
static void render_signed(struct mime_message *message, const uint8_t *data, size_t len)
{
	struct crypto_verdict verdicts[] = {
		{.path = message->root.path, .is_ranged = true, .range = {len % 300, len ? data[len - 1] : 0}},
		{.path = message->root.path, .is_ranged = true, .range = {len ? data[0] : 0, len}},
	};
	struct crypto_result result = {.verdicts = verdicts, .verdict_count = 2};
	struct message_wish wish = {.width = 80, .crypto = &result, .has_no_links = len % 2};

	render(message, &wish);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mime_message *message = mime_parse((const char *)data, len, NULL);
	struct message_wish text = {.width = len ? 10 + data[0] % 190 : 80};
	struct message_wish html = {.width = 80, .wants_html = true, .all_headers = true};
	struct doc *raw = doc_new();
	struct buf quoted = BUF_INIT;

	render(message, &text);
	render(message, &html);
	render_signed(message, data, len);
	check_parts(message);
	message_shown_text(message, &(struct message_wish){.wants_html = len % 2}, &quoted);
	message_render_raw(raw, (const char *)data, len);
	check_lines(raw);
	buf_free(&quoted);
	doc_free(&raw);
	mime_free(&message);
	return 0;
}
