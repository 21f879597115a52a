/* Several files of words become one; letters that are gone stay out. */
#ifndef STORE_SEARCH_SEGMENT_JOIN_H
#define STORE_SEARCH_SEGMENT_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct segment;

/* IS_WANTED (may be NULL) says which letters stay; a letter in two files is taken from the later one. The joined
 * files are not removed. 1 there is a new file, 0 no letter was wanted, -1 (ERR_CORRUPT: one of SEGMENTS is
 * damaged, segment_is_damaged tells which). */
int segment_join(struct segment *const *segments, size_t count, const char *dir, uint64_t kind,
		 bool (*is_wanted)(void *arg, uint32_t id), void *arg, struct err *err);

#endif
