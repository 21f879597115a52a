#include "config.h"
#include "store/base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "store/base/mem.h"

struct slot {
	char *key; /* NULL: free */
	void *value;
	uint64_t hash;
};

struct map {
	struct slot *slots;
	size_t cap, count; /* cap is a power of two */
	uint64_t seed;	   /* so that nobody can choose keys that collide */
};

struct map *map_new(void)
{
	struct map *map = mem_alloc(sizeof *map);

	map->cap = 16;
	map->slots = mem_calloc(map->cap, sizeof *map->slots);
	if (getrandom(&map->seed, sizeof map->seed, GRND_NONBLOCK) < 0)
		map->seed = (uint64_t)(uintptr_t)map;
	return map;
}

void map_free(struct map **map, void (*free_value)(void *))
{
	size_t i;

	if (!*map)
		return;
	for (i = 0; i < (*map)->cap; i++) {
		struct slot *slot = &(*map)->slots[i];

		if (slot->key && free_value)
			free_value(slot->value);
		free(slot->key);
	}
	free((*map)->slots);
	free(*map);
	*map = NULL;
}

static uint64_t hash_of(const struct map *map, const char *key)
{
	uint64_t hash = 14695981039346656037u ^ map->seed;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 1099511628211u;
	return hash ^ (hash >> 29);
}

static struct slot *slot_of(const struct map *map, const char *key, uint64_t hash)
{
	size_t i = hash & (map->cap - 1);

	while (map->slots[i].key &&
	       (map->slots[i].hash != hash || strcmp(map->slots[i].key, key) != 0))
		i = (i + 1) & (map->cap - 1);
	return &map->slots[i];
}

static void grow(struct map *map)
{
	struct slot *old = map->slots;
	size_t i, cap = map->cap;

	map->cap *= 2;
	map->slots = mem_calloc(map->cap, sizeof *map->slots);
	for (i = 0; i < cap; i++)
		if (old[i].key)
			*slot_of(map, old[i].key, old[i].hash) = old[i];
	free(old);
}

void *map_get(const struct map *map, const char *key)
{
	return slot_of(map, key, hash_of(map, key))->value;
}

void *map_set(struct map *map, const char *key, void *value)
{
	uint64_t hash = hash_of(map, key);
	struct slot *slot = slot_of(map, key, hash);
	void *old = slot->value;

	if (!slot->key) {
		if ((map->count + 1) * 4 > map->cap * 3) {
			grow(map);
			slot = slot_of(map, key, hash);
		}
		slot->key = mem_strdup(key);
		slot->hash = hash;
		map->count++;
	}
	slot->value = value;
	return old;
}

/* Closes the gap, so that no search stops short of a key behind it. */
static void close_gap(struct map *map, size_t gap)
{
	size_t i = gap, mask = map->cap - 1;

	for (;;) {
		size_t home;

		i = (i + 1) & mask;
		if (!map->slots[i].key)
			return;
		home = map->slots[i].hash & mask;
		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		map->slots[gap] = map->slots[i];
		map->slots[i] = (struct slot){NULL, NULL, 0};
		gap = i;
	}
}

void *map_remove(struct map *map, const char *key)
{
	struct slot *slot = slot_of(map, key, hash_of(map, key));
	void *value = slot->value;

	if (!slot->key)
		return NULL;
	free(slot->key);
	*slot = (struct slot){NULL, NULL, 0};
	map->count--;
	close_gap(map, (size_t)(slot - map->slots));
	return value;
}

size_t map_count(const struct map *map)
{
	return map->count;
}

int map_next(const struct map *map, size_t *at, const char **key, void **value)
{
	for (; *at < map->cap; (*at)++) {
		const struct slot *slot = &map->slots[*at];

		if (!slot->key)
			continue;
		*key = slot->key;
		*value = slot->value;
		(*at)++;
		return 1;
	}
	return 0;
}
