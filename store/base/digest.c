#include "config.h"
#include "store/base/digest.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdlib.h>

#include "store/base/buf.h"
#include "store/base/mem.h"

struct digest {
	struct sha256_ctx ctx;
};

struct digest *digest_new(void)
{
	struct digest *digest = mem_alloc(sizeof *digest);

	sha256_init(&digest->ctx);
	return digest;
}

void digest_add(struct digest *digest, const void *data, size_t len)
{
	sha256_update(&digest->ctx, len, data);
}

static void end_in_hex(struct sha256_ctx *ctx, char hex[DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[SHA256_DIGEST_SIZE];
	size_t i;

	sha256_digest(ctx, sizeof bytes, bytes);
	for (i = 0; i < sizeof bytes; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[2 * i] = '\0';
}

void digest_end(struct digest **digest, char hex[DIGEST_HEX_SIZE])
{
	end_in_hex(&(*digest)->ctx, hex);
	free(*digest);
	*digest = NULL;
}

void digest_sha256_hex(const void *data, size_t len, char hex[DIGEST_HEX_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	end_in_hex(&ctx, hex);
}

uint64_t digest_sha256_number(const void *data, size_t len)
{
	unsigned char bytes[sizeof(uint64_t)];
	struct sha256_ctx ctx;
	uint64_t number = 0;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, sizeof bytes, bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		number = number << 8 | bytes[i];
	return number;
}

void digest_add_base64(struct buf *out, const void *data, size_t len)
{
	buf_reserve(out, BASE64_ENCODE_RAW_LENGTH(len) + 1);
	base64_encode_raw(out->data + out->len, len, data);
	out->len += BASE64_ENCODE_RAW_LENGTH(len);
	out->data[out->len] = '\0';
}
