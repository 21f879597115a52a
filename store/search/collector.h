/* Letters' words gathered in memory, until they are enough for a file (segment.h). */
#ifndef STORE_SEARCH_COLLECTOR_H
#define STORE_SEARCH_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/search/segment.h"

struct collector;
struct err;

/* Full at about BYTES of memory. */
struct collector *collector_new(size_t bytes);
void collector_free(struct collector **collector);
/* The words to come are those of message ID. */
void collector_begin(struct collector *collector, uint32_t id);
/* PLACEs in one FIELD of a letter rise. */
void collector_add(struct collector *collector, enum word_field field, const struct word *word);
bool collector_is_full(const struct collector *collector);
uint32_t collector_count(const struct collector *collector); /* letters */
/* Writes them as a file into DIR and is empty again (on error too). Nothing in it: no file. */
int collector_write(struct collector *collector, const char *dir, uint64_t kind, struct err *err);

#endif
