/* SHA-256, and base64 for what is no mail (door: nettle). */
#ifndef STORE_BASE_DIGEST_H
#define STORE_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct digest;

#define DIGEST_HEX_SIZE 65

/* The digest of LEN bytes as 64 hex digits and a NUL. */
void digest_sha256_hex(const void *data, size_t len, char hex[DIGEST_HEX_SIZE]);
/* Its first 16 hex digits as a number. */
uint64_t digest_sha256_number(const void *data, size_t len);
/* All digits, piece by piece: digest_end gives the digits, frees, and sets *DIGEST to NULL. */
struct digest *digest_new(void);
void digest_add(struct digest *digest, const void *data, size_t len);
void digest_end(struct digest **digest, char hex[DIGEST_HEX_SIZE]);
/* Appends DATA in base64 on one line. */
void digest_add_base64(struct buf *out, const void *data, size_t len);

#endif
