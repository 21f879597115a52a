#include "config.h"
#include "store/base/digest.h"

#include <nettle/sha2.h>
#include <stdio.h>

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
