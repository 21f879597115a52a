/* Any bytes are an mbox: its messages lie one behind the other, and what is written with other
 * flags is still the same message. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/box/box.h"
#include "store/box/mbox_scan.h"
#include "store/box/mbox_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int is_so)
{
	if (!is_so)
		abort();
}

static void check_place(const struct mbox_message *message, size_t before, size_t len)
{
	must(message->from_at >= before && message->from_at < message->at);
	must(message->at <= message->body_at && message->body_at <= message->next);
	must(message->end <= message->next && message->next <= len);
	must(message->end >= message->body_at);
}

static void check_written(const char *text, const struct mbox_message *message)
{
	char id[MBOX_ID_SIZE], again_id[MBOX_ID_SIZE];
	struct mbox_message again;
	struct buf out = BUF_INIT;
	size_t at = 0;

	mbox_id(text + message->at, message->body_at - message->at, message->end - message->at, id);
	mbox_write_flags(&out, text, message, BOX_SEEN | BOX_FLAGGED);
	must(mbox_next(out.data, out.len, &at, &again) == 1);
	mbox_id(out.data + again.at, again.body_at - again.at, again.end - again.at, again_id);
	must(again.flags == (BOX_SEEN | BOX_FLAGGED));
	must(!strcmp(id, again_id));
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct mbox_record record = {text, size, NULL, 0, 0};
	struct mbox_message message;
	struct buf out = BUF_INIT;
	size_t at = 0, before = 0, count = 0;

	while (mbox_next(text, size, &at, &message)) {
		check_place(&message, before, size);
		check_written(text, &message);
		before = message.next;
	}
	mbox_write_record(&out, &record);
	for (at = 0; mbox_next(out.data, out.len, &at, &message);)
		count++;
	must(count == 1);
	buf_free(&out);
	return 0;
}
