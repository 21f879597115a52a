#include "config.h"
#include "tests/fuzz/fuzz.h"

#include "store/base/buf.h"
#include "store/mime/transfer.h"

struct sum {
	size_t bytes, pieces, most;
};

static int count(void *arg, const char *bytes, size_t len)
{
	struct sum *sum = arg;
	volatile char last = len ? bytes[len - 1] : 0; /* it may be read */

	(void)last;
	sum->bytes += len;
	return ++sum->pieces > sum->most ? -1 : 0;
}

/* Never more than there was, and an end when the sink has had enough. Only of uuencode a last line that lost
 * its blanks, and its end, is worth a byte more. */
static void check(enum transfer kind, struct span body)
{
	struct sum all = {.most = SIZE_MAX}, few = {.most = 1};

	FUZZ_HOLDS(transfer_decode(kind, body, count, &all) == 0);
	FUZZ_HOLDS(all.bytes <= body.len + (kind == TRANSFER_UUENCODE));
	transfer_decode(kind, body, count, &few);
	FUZZ_HOLDS(few.pieces <= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span body = {(const char *)data, len};
	struct buf word = BUF_INIT;

	for (enum transfer kind = TRANSFER_NONE; kind <= TRANSFER_YENC; kind++)
		check(kind, body);
	transfer_q_word(body, &word);
	FUZZ_HOLDS(word.len <= len);
	buf_clear(&word);
	transfer_base64(body, &word);
	FUZZ_HOLDS(word.len <= len);
	buf_free(&word);
	return 0;
}
