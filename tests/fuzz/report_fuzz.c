#include "config.h"
#include "tests/fuzz/fuzz.h"

#include "store/base/arena.h"
#include "store/mime/mime.h"
#include "store/mime/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mime_message *message = mime_parse((const char *)data, len, NULL);
	struct mime_part *part = &message->root;
	struct fragment fragment;
	struct receipt receipt;
	struct report report;
	struct feedback feedback;

	report_read_delivery(part, message->arena, &report);
	FUZZ_HOLDS(report.count <= REPORT_RECIPIENT_LIMIT);
	report_read_receipt(part, message->arena, &receipt);
	report_read_feedback(part, message->arena, &feedback);
	report_read_fragment(part, &fragment);
	report_external_place(part, message->arena);
	mime_free(&message);
	return 0;
}
