#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/box_seen.h"

int box_seen_add(void *arg, const struct box_entry *entry)
{
	struct box_seen *seen = arg;

	if (seen->count < BOX_SEEN_MOST) {
		snprintf(seen->key[seen->count], sizeof seen->key[0], "%s", entry->key);
		seen->flags[seen->count] = entry->flags;
		seen->size[seen->count] = entry->size;
		seen->received[seen->count] = entry->received;
	}
	seen->count++;
	return 0;
}

int box_seen_scan(struct box *box, struct box_seen *seen)
{
	memset(seen, 0, sizeof *seen);
	assert_int_equal(box_scan(box, box_seen_add, seen, NULL), 0);
	return seen->count;
}
