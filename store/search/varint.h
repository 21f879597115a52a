/* Numbers in as few bytes as they need, seven bits each, the lowest first. */
#ifndef STORE_SEARCH_VARINT_H
#define STORE_SEARCH_VARINT_H

#include <stddef.h>
#include <stdint.h>

#define VARINT_MAX 5

static inline size_t varint_put(uint8_t *out, uint32_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

/* The bytes it took; 0 when END is too near. */
static inline size_t varint_get(const uint8_t *at, const uint8_t *end, uint32_t *value)
{
	size_t n = 0;

	*value = 0;
	for (unsigned shift = 0; at + n < end && n < VARINT_MAX; shift += 7) {
		*value |= (uint32_t)(at[n] & 0x7f) << shift;
		if (!(at[n++] & 0x80))
			return n;
	}
	return 0;
}

#endif
