/* SHA-256 (door: nettle). */
#ifndef STORE_BASE_DIGEST_H
#define STORE_BASE_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 65

/* The digest of LEN bytes as 64 hex digits and a NUL. */
void digest_sha256_hex(const void *data, size_t len, char hex[DIGEST_HEX_SIZE]);

#endif
