#include "config.h"
#include "store/mail/tree.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"

#define HEX 16

/* Where a mid stands: open addressing, places + 1. */
struct places {
	uint32_t *slots;
	size_t mask;
	const struct tree_node *nodes;
};

static size_t slot_of(const struct places *places, int64_t mid)
{
	size_t i = (size_t)mid & places->mask;

	while (places->slots[i] && places->nodes[places->slots[i] - 1].mid != mid)
		i = (i + 1) & places->mask;
	return i;
}

static struct places make_places(const struct tree_node *nodes, size_t count, struct arena *arena)
{
	struct places places = {.nodes = nodes, .mask = 15};

	while (places.mask < count * 2)
		places.mask = places.mask * 2 + 1;
	places.slots = ARENA_ARRAY(arena, uint32_t, places.mask + 1);
	for (size_t i = 0; i < count; i++) {
		size_t slot = slot_of(&places, nodes[i].mid);

		if (nodes[i].mid && !places.slots[slot]) /* of two with one id the first counts */
			places.slots[slot] = (uint32_t)i + 1;
	}
	return places;
}

static bool would_be_circle(const struct tree_node *nodes, int32_t child, int32_t parent)
{
	while (parent >= 0 && parent != child)
		parent = nodes[parent].parent;
	return parent == child;
}

static int32_t find_parent(const struct tree_node *nodes, int32_t at, const struct places *places)
{
	const char *refs = nodes[at].refs;

	for (size_t left = strlen(refs) / HEX; left-- > 0;) {
		char hex[HEX + 1];
		uint32_t found;

		memcpy(hex, refs + left * HEX, HEX);
		hex[HEX] = '\0';
		found = places->slots[slot_of(places, (int64_t)strtoull(hex, NULL, 16))];
		if (found && !would_be_circle(nodes, at, (int32_t)found - 1))
			return (int32_t)found - 1;
	}
	return -1;
}

static void hang(struct tree_node *nodes, int32_t child, int32_t parent)
{
	if (nodes[parent].last_child < 0)
		nodes[parent].first_child = child;
	else
		nodes[nodes[parent].last_child].next = child;
	nodes[parent].last_child = child;
}

static int32_t find_parents(struct tree_node *nodes, size_t count, struct arena *arena)
{
	struct places places = make_places(nodes, count, arena);
	int32_t root = -1;

	for (size_t i = 0; i < count; i++)
		nodes[i].parent = nodes[i].first_child = nodes[i].last_child = nodes[i].next = -1;
	for (size_t i = 0; i < count; i++) {
		nodes[i].parent = find_parent(nodes, (int32_t)i, &places);
		if (nodes[i].parent < 0 && root < 0)
			root = (int32_t)i;
	}
	for (size_t i = 0; i < count; i++)
		if (nodes[i].parent < 0 && (int32_t)i != root)
			nodes[i].parent = root;
	for (size_t i = 0; i < count; i++)
		if (nodes[i].parent >= 0)
			hang(nodes, (int32_t)i, nodes[i].parent);
	return root;
}

static void place(struct tree_node *nodes, int32_t at)
{
	struct tree_node *node = &nodes[at];
	const struct tree_node *parent = node->parent < 0 ? NULL : &nodes[node->parent];

	node->depth = parent ? parent->depth + 1 : 0;
	node->is_last_child = node->next < 0;
	node->rails = parent ? parent->rails : 0;
	if (parent && parent->depth > 0 && parent->depth < 64 && !parent->is_last_child)
		node->rails |= UINT64_C(1) << parent->depth;
}

static int32_t follower(const struct tree_node *nodes, int32_t at)
{
	if (nodes[at].first_child >= 0)
		return nodes[at].first_child;
	while (at >= 0 && nodes[at].next < 0)
		at = nodes[at].parent;
	return at < 0 ? -1 : nodes[at].next;
}

size_t *tree_order(struct tree_node *nodes, size_t count, struct arena *arena)
{
	size_t *order = ARENA_ARRAY(arena, size_t, count + 1), n = 0;
	int32_t at = count ? find_parents(nodes, count, arena) : -1;

	for (; at >= 0 && n < count; at = follower(nodes, at)) {
		place(nodes, at);
		order[n++] = (size_t)at;
	}
	return order;
}
