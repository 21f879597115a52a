#include "config.h"
#include "tests/fuzz/fuzz.h"

#include "store/base/buf.h"
#include "store/mime/flowed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf read = BUF_INIT, written = BUF_INIT;

	flowed_read((const char *)data, len, len & 1, &read);
	flowed_write((const char *)data, len, 72, &written);
	buf_free(&read);
	buf_free(&written);
	return 0;
}
