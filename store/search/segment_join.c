#include "config.h"
#include "store/search/segment_join.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/search/segment.h"
#include "store/search/segment_write.h"
#include "store/search/varint.h"

#define GONE	   UINT32_MAX
#define REST_EVERY (8u << 20)

struct source {
	struct segment *segment;
	uint32_t *numbers; /* its letters' numbers in the new file, or GONE; rising */
	uint32_t count;
	struct segment_term term;
	int state; /* 1 there is a term, 0 at the end, -1 */
};

struct joining {
	struct source *sources;
	size_t count;
	struct segment_writer *writer;
	uint32_t *ids;
	size_t id_count, id_cap;
	struct buf letters, places;
	uint32_t docs, ended;
	size_t since_rest;
};

/* --- letters --- */

struct seen {
	uint8_t *bits; /* by id */
};

static bool is_new(struct seen *seen, uint32_t id)
{
	uint8_t bit = (uint8_t)(1u << (id % 8));

	if (seen->bits[id / 8] & bit)
		return false;
	seen->bits[id / 8] |= bit;
	return true;
}

static uint32_t highest_id(struct segment *const *segments, size_t count)
{
	uint32_t highest = 0, n;

	for (size_t i = 0; i < count; i++) {
		const uint32_t *ids = segment_ids(segments[i], &n);

		for (uint32_t k = 0; k < n; k++)
			highest = ids[k] > highest ? ids[k] : highest;
	}
	return highest;
}

static void number_letters(struct joining *joining, struct source *source, struct seen *seen,
			   bool (*is_wanted)(void *arg, uint32_t id), void *arg)
{
	const uint32_t *ids = segment_ids(source->segment, &source->count);

	source->numbers = mem_calloc(source->count + 1, sizeof *source->numbers);
	for (uint32_t i = 0; i < source->count; i++) {
		if (!is_new(seen, ids[i]) || (is_wanted && !is_wanted(arg, ids[i]))) {
			source->numbers[i] = GONE;
			continue;
		}
		ARRAY_ROOM(joining->ids, joining->id_count, joining->id_cap);
		source->numbers[i] = (uint32_t)joining->id_count;
		joining->ids[joining->id_count++] = ids[i];
	}
}

/* --- postings --- */

static void put(struct buf *out, uint32_t value)
{
	uint8_t bytes[VARINT_MAX];

	buf_add(out, bytes, varint_put(bytes, value));
}

/* How many bytes COUNT numbers take. */
static size_t numbers_len(const uint8_t *at, const uint8_t *end, uint32_t count)
{
	const uint8_t *start = at;

	while (count && at < end)
		if (!(*at++ & 0x80))
			count--;
	return count ? 0 : (size_t)(at - start);
}

static int add_letters(struct joining *joining, struct source *source)
{
	const struct segment_term *term = &source->term;
	const uint8_t *places = segment_places(source->segment, term), *places_end;
	struct segment_docs docs = {.at = segment_docs(source->segment, term), .limit = source->count};

	if (!docs.at || !places)
		return -1;
	docs.end = docs.at + term->docs_len;
	places_end = places + term->places_len;
	while (segment_docs_next(&docs)) {
		size_t len = numbers_len(places, places_end, docs.count);
		uint32_t number = source->numbers[docs.doc];

		if (!len)
			return -1;
		if (number != GONE) {
			put(&joining->letters, (number - joining->ended) * 2 + (docs.count == 1));
			if (docs.count != 1)
				put(&joining->letters, docs.count);
			buf_add(&joining->places, places, len);
			joining->ended = number + 1;
			joining->docs++;
		}
		places += len;
	}
	return 0;
}

/* --- terms --- */

static int compare(const struct segment_term *a, const struct segment_term *b)
{
	int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return order ? order : (int)a->len - (int)b->len;
}

static const struct segment_term *first_term(const struct joining *joining)
{
	const struct segment_term *first = NULL;

	for (size_t i = 0; i < joining->count; i++)
		if (joining->sources[i].state == 1 &&
		    (!first || compare(&joining->sources[i].term, first) < 0))
			first = &joining->sources[i].term;
	return first;
}

static int join_term(struct joining *joining, const struct segment_term *term)
{
	buf_clear(&joining->letters);
	buf_clear(&joining->places);
	joining->docs = joining->ended = 0;
	for (size_t i = 0; i < joining->count; i++) {
		struct source *source = &joining->sources[i];

		if (source->state != 1 || compare(&source->term, term) != 0)
			continue;
		if (add_letters(joining, source) < 0)
			return -1;
		source->state = segment_next(source->segment, &source->term);
		if (source->state < 0)
			return -1;
	}
	if (!joining->docs)
		return 0;
	segment_write(joining->writer, joining->letters.data, joining->letters.len);
	segment_write(joining->writer, joining->places.data, joining->places.len);
	segment_write_term(joining->writer, term->text, term->len, joining->docs,
			   (uint32_t)joining->letters.len, (uint32_t)joining->places.len);
	return 0;
}

/* Each byte is read once: what lies behind need not stay. */
static void rest(struct joining *joining)
{
	joining->since_rest += joining->letters.len + joining->places.len;
	if (joining->since_rest < REST_EVERY)
		return;
	joining->since_rest = 0;
	for (size_t i = 0; i < joining->count; i++)
		segment_rest(joining->sources[i].segment);
}

static int join_terms(struct joining *joining)
{
	const struct segment_term *first;

	for (size_t i = 0; i < joining->count; i++) {
		struct source *source = &joining->sources[i];

		source->state = segment_seek(source->segment, "", 0, &source->term);
		if (source->state < 0)
			return -1;
	}
	while ((first = first_term(joining))) {
		struct segment_term term = *first; /* its source goes on */

		if (join_term(joining, &term) < 0)
			return -1;
		rest(joining);
	}
	return 0;
}

static void free_all(struct joining *joining)
{
	segment_writer_drop(&joining->writer);
	for (size_t i = 0; i < joining->count; i++)
		free(joining->sources[i].numbers);
	free(joining->sources);
	free(joining->ids);
	buf_free(&joining->letters);
	buf_free(&joining->places);
}

static int write_joined(struct joining *joining, const char *dir, uint64_t kind, struct err *err)
{
	if (!joining->id_count)
		return 0;
	joining->writer = segment_writer_new(dir, kind, err);
	if (!joining->writer)
		return -1;
	if (join_terms(joining) < 0)
		return err_set_kind(err, ERR_CORRUPT, _("A file of the search index is damaged."));
	if (segment_writer_finish(&joining->writer, joining->ids, (uint32_t)joining->id_count, err) < 0)
		return -1;
	return 1;
}

int segment_join(struct segment *const *segments, size_t count, const char *dir, uint64_t kind,
		 bool (*is_wanted)(void *arg, uint32_t id), void *arg, struct err *err)
{
	struct joining joining = {.sources = mem_calloc(count, sizeof *joining.sources), .count = count};
	struct seen seen = {.bits = mem_calloc(highest_id(segments, count) / 8 + 1, 1)};
	int rc;

	for (size_t i = 0; i < count; i++) {
		joining.sources[i].segment = segments[i];
		number_letters(&joining, &joining.sources[i], &seen, is_wanted, arg);
	}
	free(seen.bits);
	rc = write_joined(&joining, dir, kind, err);
	free_all(&joining);
	return rc;
}
