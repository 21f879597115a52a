/* Message ids that are in, or not: one bit each. */
#ifndef STORE_SEARCH_BITS_H
#define STORE_SEARCH_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/mem.h"

struct bits {
	uint8_t *bytes;
	size_t len;
};

#define BITS_INIT {.bytes = NULL}

static inline bool bits_has(const struct bits *bits, int64_t id)
{
	return id >= 0 && (uint64_t)id / 8 < bits->len && bits->bytes[id / 8] >> (id % 8) & 1;
}

static inline void bits_reserve(struct bits *bits, uint32_t id)
{
	size_t need = (size_t)id / 8 + 1;

	if (need <= bits->len)
		return;
	need = need < bits->len * 2 ? bits->len * 2 : need;
	bits->bytes = mem_resize(bits->bytes, need, 1);
	memset(bits->bytes + bits->len, 0, need - bits->len);
	bits->len = need;
}

static inline void bits_set(struct bits *bits, uint32_t id)
{
	bits_reserve(bits, id);
	bits->bytes[id / 8] |= (uint8_t)(1u << (id % 8));
}

static inline size_t bits_count(const struct bits *bits)
{
	size_t count = 0;

	for (size_t i = 0; i < bits->len; i++)
		count += (size_t)__builtin_popcount(bits->bytes[i]);
	return count;
}

static inline void bits_free(struct bits *bits)
{
	free(bits->bytes);
	*bits = (struct bits)BITS_INIT;
}

#endif
