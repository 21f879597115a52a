/* Writing a file of segment.h: terms in their order, each with its postings; then it is there at once, or not. */
#ifndef STORE_SEARCH_SEGMENT_WRITE_H
#define STORE_SEARCH_SEGMENT_WRITE_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct segment_writer;

/* A new file in the folder DIR, still without its name. NULL on error. */
struct segment_writer *segment_writer_new(const char *dir, uint64_t kind, struct err *err);
/* Postings of the term to come: as many pieces as it takes, the letters first, then the places. */
void segment_write(struct segment_writer *writer, const void *bytes, size_t len);
/* What was written since the term before are the postings of TEXT. */
void segment_write_term(struct segment_writer *writer, const char *text, size_t len, uint32_t docs,
			uint32_t docs_len, uint32_t places_len);
/* Gives it its name. WRITER is freed. -1: there is no file. */
int segment_writer_finish(struct segment_writer **writer, const uint32_t *ids, uint32_t count,
			  struct err *err);
void segment_writer_drop(struct segment_writer **writer);

#endif
