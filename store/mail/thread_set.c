#include "config.h"
#include "store/mail/thread_set.h"

#include <stdint.h>
#include <stdlib.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"

#define NO_MESSAGE SIZE_MAX

/* A node stands for an id or for a message without one. */
struct node {
	size_t parent;
	size_t first; /* of a root: the lowest message in its tree */
};

struct thread_set {
	struct map *nodes_by_id; /* to the node's number + 1 */
	struct node *nodes;
	size_t node_count, node_cap;
	size_t *messages; /* their nodes */
	size_t count, cap;
	struct arena *scratch;
};

struct thread_set *thread_set_new(void)
{
	struct thread_set *set = mem_alloc(sizeof *set);

	set->nodes_by_id = map_new();
	set->scratch = arena_new();
	return set;
}

void thread_set_free(struct thread_set **set)
{
	if (!*set)
		return;
	map_free(&(*set)->nodes_by_id, NULL);
	arena_free(&(*set)->scratch);
	free((*set)->nodes);
	free((*set)->messages);
	free(*set);
	*set = NULL;
}

static size_t add_node(struct thread_set *set)
{
	size_t number = set->node_count;

	ARRAY_ROOM(set->nodes, set->node_count, set->node_cap);
	set->nodes[set->node_count++] = (struct node){.parent = number, .first = NO_MESSAGE};
	return number;
}

static size_t node_of(struct thread_set *set, const char *id)
{
	uintptr_t known = id && *id ? (uintptr_t)map_get(set->nodes_by_id, id) : 0;
	size_t number;

	if (known)
		return known - 1;
	number = add_node(set);
	if (id && *id)
		map_set(set->nodes_by_id, id, (void *)(uintptr_t)(number + 1));
	return number;
}

static size_t root_of(struct thread_set *set, size_t number)
{
	struct node *nodes = set->nodes;

	while (nodes[number].parent != number) {
		nodes[number].parent = nodes[nodes[number].parent].parent;
		number = nodes[number].parent;
	}
	return number;
}

/* The older node stays on top; paths are halved by each look. */
static void join(struct thread_set *set, size_t a, size_t b)
{
	size_t low, high;

	a = root_of(set, a);
	b = root_of(set, b);
	low = a < b ? a : b;
	high = a < b ? b : a;
	if (low == high)
		return;
	set->nodes[high].parent = low;
	if (set->nodes[high].first < set->nodes[low].first)
		set->nodes[low].first = set->nodes[high].first;
}

void thread_set_add(struct thread_set *set, const char *id, char *const *named, size_t count)
{
	size_t node = node_of(set, id), root, i;

	ARRAY_ROOM(set->messages, set->count, set->cap);
	set->messages[set->count] = node;
	root = root_of(set, node);
	if (set->nodes[root].first == NO_MESSAGE)
		set->nodes[root].first = set->count;
	set->count++;
	for (i = 0; i < count; i++)
		join(set, node, node_of(set, named[i]));
}

void thread_set_add_header(struct thread_set *set, const struct mime_header *header)
{
	size_t count;
	char **named = ids_list(header, "References", set->scratch, &count);

	if (!count) {
		named = ids_list(header, "In-Reply-To", set->scratch, &count);
		count = count ? 1 : 0;
	}
	thread_set_add(set, ids_message_id(header, set->scratch), named, count);
	arena_reset(set->scratch);
}

size_t thread_set_count(const struct thread_set *set)
{
	return set->count;
}

size_t thread_set_first(struct thread_set *set, size_t message)
{
	return set->nodes[root_of(set, set->messages[message])].first;
}
