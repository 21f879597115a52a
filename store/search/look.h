/* Looking for wishes in letters themselves, without an index: the same answers, at the cost of reading. */
#ifndef STORE_SEARCH_LOOK_H
#define STORE_SEARCH_LOOK_H

#include <stddef.h>
#include <stdint.h>

#include "store/search/wish.h"

#define LOOK_WISHES_MAX 64

struct box_message;
struct look;

/* WISHES (at most LOOK_WISHES_MAX) are lent, as WORDS is. */
struct look *look_new(struct words *words, const struct wish *const *wishes, size_t count);
void look_free(struct look **look);
/* Bit i: wish i is in the letter. */
uint64_t look_at(struct look *look, struct box_message *bytes);

#endif
