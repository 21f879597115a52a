/* One thread as a tree: who answers whom, in the order and with the lines a screen draws. */
#ifndef STORE_MAIL_TREE_H
#define STORE_MAIL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct tree_node {
	int64_t id, mid;
	unsigned flags;
	const char *refs; /* as the row keeps them: 16 hex digits each, the nearest last */
	/* what tree_order fills */
	int depth;
	bool is_last_child;
	uint64_t rails;
	/* private */
	int32_t parent, first_child, last_child, next;
};

/* NODES by date. Returns places in NODES in screen order (in ARENA). A message stands below the
 * nearest of its References that is there. The first without any is the root; the others without
 * any stand below it, as siblings. */
size_t *tree_order(struct tree_node *nodes, size_t count, struct arena *arena);

#endif
