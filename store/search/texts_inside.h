/* What texts.c and texts_fill.c share. */
#ifndef STORE_SEARCH_TEXTS_INSIDE_H
#define STORE_SEARCH_TEXTS_INSIDE_H

#include <sys/stat.h>

#include <stdbool.h>

#include "store/search/texts.h"

#define TEXTS_SUFFIX ".words"
#define TEXTS_WHOLE  "whole"

struct segment;

struct texts {
	char *dir;
	uint64_t kind;
	struct segment **segments;
	size_t count, cap;
	struct bits covered;
	struct stat seen;
	uint32_t whole_to;
	struct bits skipped;
	bool is_whole_read;
};

/* ALIVE (NULL: nothing was skipped): all letters that there are. */
void texts_write_whole(struct texts *texts, uint32_t to, const struct bits *alive);

#endif
