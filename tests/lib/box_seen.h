/* What a scan of a box told. Include after cmocka.h. */
#ifndef TESTS_LIB_BOX_SEEN_H
#define TESTS_LIB_BOX_SEEN_H

#include <stdint.h>

#include "store/box/box.h"

#define BOX_SEEN_MOST 16

struct box_seen {
	int count; /* of all, noted or not */
	char key[BOX_SEEN_MOST][256];
	unsigned flags[BOX_SEEN_MOST];
	int64_t size[BOX_SEEN_MOST], received[BOX_SEEN_MOST];
};

int box_seen_add(void *seen, const struct box_entry *entry); /* for box_scan */
int box_seen_scan(struct box *box, struct box_seen *seen);   /* anew: how many there are */

#endif
