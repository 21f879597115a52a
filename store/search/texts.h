/* The index of words of one account: a folder of files (segment.h), each whole, each of other letters; what is in
 * them is indexed, nothing else says so. A file that is missing or damaged takes only its letters out of the
 * index: they are read themselves until the next filling. Files are added by rename and joined into larger ones,
 * which are there before the joined ones go: at no moment is an answer wrong.
 *
 * Why not FTS5: see the figures in tests/bench/search.sh's head.
 *
 * Letters that were deleted stay in the files until these are joined: ids are never used twice, and every hit is
 * looked up among the rows anyway. */
#ifndef STORE_SEARCH_TEXTS_H
#define STORE_SEARCH_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/search/bits.h"
#include "store/search/wish.h"

struct texts;

/* Of the folder DIR, which need not exist. KIND: of which ids and which words it must be, any number. */
struct texts *texts_open(const char *dir, uint64_t kind);
void texts_close(struct texts **texts);
const char *texts_dir(const struct texts *texts);
uint64_t texts_kind(const struct texts *texts);
/* Looks whether files came or went: true when so. Cheap. */
bool texts_follow(struct texts *texts);
/* Which letters are indexed; lent until texts_follow or texts_find. */
const struct bits *texts_covered(const struct texts *texts);
/* All letters with ids below were looked at when it was filled; 0: not known. */
uint32_t texts_whole_to(const struct texts *texts);
/* Of these, letters that could not be read then (they may lie on a server only); lent as above. */
const struct bits *texts_skipped(const struct texts *texts);
/* FOUND gets the ids of indexed letters that WISH is in. True; false: a damaged file was met and left out, so other
 * letters are indexed now, and FOUND is of these. */
bool texts_find(struct texts *texts, const struct wish *wish, struct bits *found);
/* Bytes of all files. */
uint64_t texts_size(const struct texts *texts);

#endif
