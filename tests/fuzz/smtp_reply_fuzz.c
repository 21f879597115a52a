#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "net/protocol/smtp_reply.h"
#include "store/base/utf8.h"

/* What a reply is, however its lines are made. */
static void hold(const struct smtp_reply *reply)
{
	struct buf words = BUF_INIT;

	FUZZ_HOLDS(reply->code == 0 || (reply->code >= 200 && reply->code <= 599));
	FUZZ_HOLDS(reply->lines <= SMTP_REPLY_LINES_MAX + 1);
	FUZZ_HOLDS(strlen(reply->status) < SMTP_STATUS_SIZE);
	FUZZ_HOLDS(!*reply->status || reply->status[0] == '0' + reply->code / 100);
	FUZZ_HOLDS(!(smtp_reply_is_good(reply) && smtp_reply_is_later(reply)));
	smtp_reply_words(reply, &words);
	FUZZ_HOLDS(utf8_is_valid(buf_str(&words), words.len));
	for (size_t i = 0; i < words.len; i++)
		FUZZ_HOLDS((unsigned char)words.data[i] >= ' ' && words.data[i] != 127);
	buf_free(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span rest = {(const char *)data, len}, line;
	struct smtp_reply reply = SMTP_REPLY_INIT;

	while (span_split(&rest, '\n', &line) > 0) {
		if (smtp_reply_add(&reply, line, NULL) < 0)
			smtp_reply_clear(&reply);
		hold(&reply);
	}
	smtp_reply_free(&reply);
	return 0;
}
