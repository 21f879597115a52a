#include "config.h"
#include "tests/fuzz/fuzz.h"

#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "store/mime/rtf.h"

#define LIMIT 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span bytes = {(const char *)data, len};
	struct buf unpacked = BUF_INIT, text = BUF_INIT;

	rtf_unpack(bytes, LIMIT, &unpacked);
	FUZZ_HOLDS(unpacked.len <= LIMIT);
	rtf_text((struct span){buf_str(&unpacked), unpacked.len}, LIMIT, &text);
	rtf_text(bytes, LIMIT, &text);
	FUZZ_HOLDS(utf8_is_valid(buf_str(&text), text.len));
	buf_free(&unpacked);
	buf_free(&text);
	return 0;
}
