#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/crypto/armor.h"
#include "store/crypto/layer.h"
#include "store/crypto/protect.h"
#include "store/crypto/wire.h"
#include "store/mime/mime.h"

static bool is_inside(struct span inner, struct span outer)
{
	return !inner.len || (inner.data >= outer.data && inner.data + inner.len <= outer.data + outer.len);
}

static void look_at_blocks(struct span bytes)
{
	struct armor_block block;
	struct buf packets = BUF_INIT;

	armor_find(bytes, &block);
	FUZZ_HOLDS(is_inside(block.whole, bytes) && is_inside(block.text, block.whole));
	if (block.kind == ARMOR_SIGNED_TEXT && !block.is_cut)
		armor_same_text(block.text, bytes);
	armor_open(bytes, &packets);
	FUZZ_HOLDS(packets.len <= bytes.len);
	cms_kind(bytes);
	buf_free(&packets);
}

/* What is put together from an outer header and something inside has the outer fields alone. */
static void look_at_wrapped(const struct mime_message *message, struct span bytes)
{
	struct buf out = BUF_INIT;
	struct mime_message *wrapped;

	protect_wrap(NULL, bytes, &out);
	wrapped = mime_parse(out.data, out.len, NULL);
	FUZZ_HOLDS(!mime_field(&wrapped->root.header, "From") && !mime_field(&wrapped->root.header, "Subject"));
	mime_free(&wrapped);
	buf_clear(&out);
	protect_wrap(&message->root.header, bytes, &out);
	buf_free(&out);
}

static void look_at_words(const struct crypto_result *result)
{
	struct buf words = BUF_INIT;
	size_t i;

	for (i = 0; i < result->verdict_count; i++)
		crypto_verdict_words(&result->verdicts[i], &words);
	for (i = 0; i < result->difference_count; i++)
		crypto_difference_words(&result->differences[i], &words);
	FUZZ_HOLDS(!memchr(buf_str(&words), '\n', words.len) && !memchr(buf_str(&words), 0x1b, words.len));
	buf_free(&words);
}

/* A letter, a text, packets, and what a child might say. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span bytes = {(const char *)data, len};
	struct mime_message *message = mime_parse(bytes.data, len, NULL);
	struct crypto_result *result = wire_read_result(bytes, NULL);
	const struct mime_part *at = NULL;
	struct layer layer;

	while (layer_next(message, &at, &layer) == 1)
		FUZZ_HOLDS(layer.part == at);
	protect_find(message);
	look_at_blocks(bytes);
	look_at_wrapped(message, bytes);
	if (result)
		look_at_words(result);
	crypto_result_free(&result);
	mime_free(&message);
	return 0;
}
