/* Memory with one end: everything that belongs to one thing (a parsed message, one command line)
 * is taken from its arena and goes with it. Nothing taken from an arena is freed by itself. */
#ifndef STORE_BASE_ARENA_H
#define STORE_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Frees all and sets *ARENA to NULL; *ARENA may be NULL. */
void arena_free(struct arena **arena);
/* Forgets all, keeps the first block for the next use. */
void arena_reset(struct arena *arena);
/* Zeroed, aligned for any type; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes handed out so far, for limits. */
size_t arena_used(const struct arena *arena);

#define ARENA_NEW(arena, type)		((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), (count) * sizeof(type)))

#endif
