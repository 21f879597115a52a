/* Text to pointer. Keys are copied; values belong to the caller. */
#ifndef STORE_BASE_MAP_H
#define STORE_BASE_MAP_H

#include <stddef.h>

struct map;

struct map *map_new(void);
/* Frees the map, and each value by FREE_VALUE unless that is NULL; *MAP becomes NULL. */
void map_free(struct map **map, void (*free_value)(void *));
/* The value, or NULL. */
void *map_get(const struct map *map, const char *key);
/* Sets (VALUE not NULL); returns the value that stood there before, or NULL. */
void *map_set(struct map *map, const char *key, void *value);
/* Takes the key out; returns its value, or NULL. */
void *map_remove(struct map *map, const char *key);
size_t map_count(const struct map *map);
/* Walks in no order: start with *AT = 0; 1 with the next pair, 0 at the end. */
int map_next(const struct map *map, size_t *at, const char **key, void **value);

#endif
