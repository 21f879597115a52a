#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/notice/notice.h"

/* What was understood goes round unchanged, and is one line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct notice first, second;
	struct buf line = BUF_INIT;

	if (notice_parse((const char *)data, len, &first) < 0)
		return 0;
	notice_format(&first, &line);
	FUZZ_HOLDS(line.len > 0 && memchr(line.data, '\n', line.len) == line.data + line.len - 1);
	FUZZ_HOLDS(notice_parse(line.data, line.len - 1, &second) == 0);
	FUZZ_HOLDS(first.kind == second.kind && first.id == second.id);
	FUZZ_HOLDS(first.folder == second.folder && first.code == second.code);
	FUZZ_HOLDS(strcmp(first.text, second.text) == 0);
	FUZZ_HOLDS(strcmp(first.account, second.account) == 0);
	buf_free(&line);
	return 0;
}
