#include "config.h"
#include "store/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/mem.h"

#define BLOCK_SIZE 8192
#define ALIGN	   _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *newest;
	size_t used;
};

static struct block *block_new(size_t size, struct block *next)
{
	struct block *block = mem_alloc(sizeof *block + size);

	block->size = size;
	block->next = next;
	return block;
}

struct arena *arena_new(void)
{
	struct arena *arena = mem_alloc(sizeof *arena);

	arena->newest = block_new(BLOCK_SIZE - sizeof(struct block), NULL);
	return arena;
}

static void drop_all_but_oldest(struct arena *arena)
{
	while (arena->newest->next) {
		struct block *block = arena->newest;

		arena->newest = block->next;
		free(block);
	}
}

void arena_free(struct arena **arena)
{
	if (!*arena)
		return;
	drop_all_but_oldest(*arena);
	free((*arena)->newest);
	free(*arena);
	*arena = NULL;
}

void arena_reset(struct arena *arena)
{
	drop_all_but_oldest(arena);
	memset(arena->newest->bytes, 0, arena->newest->used);
	arena->newest->used = 0;
	arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;
	void *ptr;

	if (size > SIZE_MAX / 2)
		size = SIZE_MAX / 2; /* mem_alloc ends the program */
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (block->size - block->used < size) {
		size_t want = block->size * 2 < ((size_t)1 << 20) ? block->size * 2 : (size_t)1 << 20;

		block = arena->newest = block_new(size > want ? size : want, block);
	}
	ptr = block->bytes + block->used;
	block->used += size;
	arena->used += size;
	return ptr;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	int len;
	char *text;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
	va_start(ap, fmt);
	if (len >= 0)
		vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
