#include "config.h"
#include "store/base/digest.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdio.h>

#include "store/base/buf.h"

void digest_sha256_hex(const void *data, size_t len, char hex[DIGEST_HEX_SIZE])
{
	struct sha256_ctx ctx;
	unsigned char digest[SHA256_DIGEST_SIZE];
	size_t i;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, sizeof digest, digest);
	for (i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void digest_add_base64(struct buf *out, const void *data, size_t len)
{
	buf_reserve(out, BASE64_ENCODE_RAW_LENGTH(len) + 1);
	base64_encode_raw(out->data + out->len, len, data);
	out->len += BASE64_ENCODE_RAW_LENGTH(len);
	out->data[out->len] = '\0';
}
