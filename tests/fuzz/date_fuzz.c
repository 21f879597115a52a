#include "config.h"
#include "tests/fuzz/fuzz.h"

#include "store/base/buf.h"
#include "store/base/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf out = BUF_INIT;
	struct date date, back;

	if (!date_parse((const char *)data, len, &date))
		return 0;
	date_add_rfc5322(&out, date.time);
	FUZZ_HOLDS(date_parse(out.data, out.len, &back));
	date_add_short(&out, date.time, 0);
	date_add_long(&out, date.time);
	buf_free(&out);
	return 0;
}
