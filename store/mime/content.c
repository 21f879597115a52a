#include "config.h"
#include "store/mime/content.h"

#include <stdbool.h>
#include <string.h>

#include "store/base/mem.h"
#include "store/mime/mime.h"
#include "store/mime/transfer.h"

#define PIECE 8192
#define NEAR  256

struct reader {
	struct digest *digest;
	size_t size, len;
	size_t line_ends; /* held back: they count only when something follows */
	bool has_cr;	  /* the last byte was a CR */
	char bytes[PIECE];
};

static void flush(struct reader *r)
{
	digest_add(r->digest, r->bytes, r->len);
	r->size += r->len;
	r->len = 0;
}

static void put(struct reader *r, const char *bytes, size_t len)
{
	if (r->len + len > PIECE)
		flush(r);
	if (len > PIECE) {
		digest_add(r->digest, bytes, len);
		r->size += len;
		return;
	}
	memcpy(r->bytes + r->len, bytes, len);
	r->len += len;
}

static void put_held(struct reader *r)
{
	for (; r->line_ends; r->line_ends--)
		put(r, "\n", 1);
	if (r->has_cr)
		put(r, "\r", 1);
	r->has_cr = false;
}

/* Bytes in front of the first CR or LF, as far as it is near: among many CRs an LF far away would be
 * looked for again and again. */
static size_t run_length(const char *bytes, size_t len)
{
	const char *end;

	if (len > NEAR)
		len = NEAR;
	end = memchr(bytes, '\n', len);
	if (end)
		len = (size_t)(end - bytes);
	end = memchr(bytes, '\r', len);
	return end ? (size_t)(end - bytes) : len;
}

static void take_end(struct reader *r, char c)
{
	if (c == '\n') {
		r->has_cr = false;
		r->line_ends++;
		return;
	}
	if (r->has_cr)
		put_held(r);
	r->has_cr = true;
}

static int add_lines(void *arg, const char *bytes, size_t len)
{
	struct reader *r = arg;

	while (len) {
		size_t run = run_length(bytes, len);

		if (run) {
			put_held(r);
			put(r, bytes, run);
		} else {
			take_end(r, *bytes);
			run = 1;
		}
		bytes += run;
		len -= run;
	}
	return 0;
}

static int add_exactly(void *arg, const char *bytes, size_t len)
{
	put(arg, bytes, len);
	return 0;
}

static bool is_exact(const struct mime_part *part)
{
	enum transfer kind = transfer_kind(part->encoding);

	return kind != TRANSFER_NONE && kind != TRANSFER_QUOTED_PRINTABLE;
}

void content_read(const struct mime_part *part, struct content *content)
{
	struct reader r MEM_NOT_ZEROED;

	r.digest = digest_new();
	r.size = r.len = r.line_ends = 0;
	r.has_cr = false;
	mime_decode_body_to(part, is_exact(part) ? add_exactly : add_lines, &r);
	if (r.has_cr)
		put_held(&r);
	flush(&r);
	content->size = r.size;
	digest_end(&r.digest, content->sha256);
}
