/* A hash of terms; the postings of each grow in pieces of one pool, small ones first, that are chained by their
 * last four bytes. Nothing is moved until it is written. */
#include "config.h"
#include "store/search/collector.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/search/segment_write.h"
#include "store/search/varint.h"

#define LINK	    ((uint32_t)sizeof(uint32_t))
#define PIECE_FIRST 12
#define PIECE_MAX   1024
#define SLOTS_FIRST (1u << 12)
#define WAITING	    32 /* words that are looked up together, so that memory answers for all at once */

struct stream {
	uint32_t first, at, end; /* in the pool; END: where the link of this piece is */
	uint32_t size;		 /* of this piece */
	uint32_t len;		 /* bytes in all */
};

struct term {
	uint32_t hash, text; /* in the pool */
	uint32_t docs, doc, count, place;
	uint32_t ended; /* behind the last letter that was written */
	struct stream letters, places;
	uint8_t len;
};

struct waiting {
	uint32_t hash, place;
	uint8_t len;
	char text[TERM_MAX];
};

struct collector {
	struct waiting waiting[WAITING];
	size_t waiting_count;
	size_t limit;
	uint8_t *pool;
	size_t used, room;
	struct term *terms;
	size_t term_count, term_cap;
	uint32_t *slots; /* number of the term + 1 */
	uint32_t slot_count;
	uint32_t *ids;
	size_t id_count, id_cap;
};

struct collector *collector_new(size_t bytes)
{
	struct collector *collector = mem_alloc(sizeof *collector);

	collector->limit = bytes;
	collector->slot_count = SLOTS_FIRST;
	collector->slots = mem_calloc(SLOTS_FIRST, sizeof *collector->slots);
	return collector;
}

void collector_free(struct collector **collector)
{
	struct collector *c = *collector;

	if (!c)
		return;
	free(c->pool);
	free(c->terms);
	free(c->slots);
	free(c->ids);
	free(c);
	*collector = NULL;
}

uint32_t collector_count(const struct collector *collector)
{
	return (uint32_t)collector->id_count;
}

bool collector_is_full(const struct collector *collector)
{
	return collector->used + collector->term_count * sizeof(struct term) > collector->limit;
}

/* --- the pool --- */

static uint32_t take_room(struct collector *c, size_t len)
{
	uint32_t at = (uint32_t)c->used;

	if (c->used + len > c->room) {
		c->room = (c->used + len) + c->room / 2 + (1u << 20);
		c->pool = mem_resize(c->pool, c->room, 1);
	}
	c->used += len;
	return at;
}

static void stream_begin_piece(struct collector *c, struct stream *stream)
{
	uint32_t size = !stream->size		     ? PIECE_FIRST
			: stream->size * 2 < PIECE_MAX ? stream->size * 2
						       : PIECE_MAX;
	uint32_t at = take_room(c, size);

	if (stream->size)
		memcpy(c->pool + stream->end, &at, LINK);
	else
		stream->first = at;
	stream->size = size;
	stream->at = at;
	stream->end = at + size - LINK;
}

static void stream_put(struct collector *c, struct stream *stream, uint32_t value)
{
	uint8_t bytes[VARINT_MAX];
	size_t n;

	if (stream->end - stream->at >= VARINT_MAX) { /* it fits for sure */
		n = varint_put(c->pool + stream->at, value);
		stream->at += (uint32_t)n;
		stream->len += (uint32_t)n;
		return;
	}
	n = varint_put(bytes, value);
	for (size_t i = 0; i < n; i++) {
		if (stream->at == stream->end)
			stream_begin_piece(c, stream);
		c->pool[stream->at++] = bytes[i];
	}
	stream->len += (uint32_t)n;
}

static void stream_write(const struct collector *c, const struct stream *stream,
			 struct segment_writer *writer)
{
	uint32_t at = stream->first, size = PIECE_FIRST, left = stream->len;

	while (left) {
		uint32_t n = size - LINK < left ? size - LINK : left;

		segment_write(writer, c->pool + at, n);
		left -= n;
		if (left)
			memcpy(&at, c->pool + at + size - LINK, LINK);
		size = size * 2 < PIECE_MAX ? size * 2 : PIECE_MAX;
	}
}

/* --- terms --- */

static void grow_slots(struct collector *c)
{
	free(c->slots);
	c->slot_count *= 2;
	c->slots = mem_calloc(c->slot_count, sizeof *c->slots);
	for (size_t i = 0; i < c->term_count; i++) {
		uint32_t at = c->terms[i].hash & (c->slot_count - 1);

		while (c->slots[at])
			at = (at + 1) & (c->slot_count - 1);
		c->slots[at] = (uint32_t)i + 1;
	}
}

static struct term *new_term(struct collector *c, uint32_t hash, const char *text, size_t len)
{
	struct term *term;

	ARRAY_ROOM(c->terms, c->term_count, c->term_cap);
	term = &c->terms[c->term_count++];
	*term = (struct term){.hash = hash, .len = (uint8_t)len, .text = take_room(c, len)};
	memcpy(c->pool + term->text, text, len);
	return term;
}

static struct term *find_term(struct collector *c, uint32_t hash, const char *text, size_t len)
{
	uint32_t at;

	if (c->term_count * 2 >= c->slot_count)
		grow_slots(c);
	at = hash & (c->slot_count - 1);
	for (; c->slots[at]; at = (at + 1) & (c->slot_count - 1)) {
		struct term *term = &c->terms[c->slots[at] - 1];

		if (term->hash == hash && term->len == len &&
		    memcmp(c->pool + term->text, text, len) == 0)
			return term;
	}
	c->slots[at] = (uint32_t)c->term_count + 1;
	return new_term(c, hash, text, len);
}

/* The letter that the term was met in last: now it is known how often. */
static void end_letter(struct collector *c, struct term *term)
{
	stream_put(c, &term->letters, (term->doc - term->ended) * 2 + (term->count == 1));
	if (term->count > 1)
		stream_put(c, &term->letters, term->count);
	term->ended = term->doc + 1;
}

static void begin_letter(struct collector *c, struct term *term, uint32_t doc)
{
	if (term->docs)
		end_letter(c, term);
	term->docs++;
	term->doc = doc;
	term->count = term->place = 0;
}

static void take(struct collector *c, const struct waiting *word)
{
	struct term *term = find_term(c, word->hash, word->text, word->len);
	uint32_t doc = (uint32_t)c->id_count - 1;

	if (!term->docs || term->doc != doc)
		begin_letter(c, term, doc);
	stream_put(c, &term->places, word->place - term->place);
	term->place = word->place;
	term->count++;
}

/* Where the term of WORD most likely is, NULL when it is new. */
static const struct term *likely_term(const struct collector *c, const struct waiting *word)
{
	uint32_t slot = c->slots[word->hash & (c->slot_count - 1)];

	return slot ? &c->terms[slot - 1] : NULL;
}

/* Nearly all time went into waiting for memory, word by word: it is told beforehand what will be asked of it. */
static void take_waiting(struct collector *c)
{
	size_t count = c->waiting_count;

	for (size_t i = 0; i < count; i++) {
		const struct term *term = likely_term(c, &c->waiting[i]);

		__builtin_prefetch(term, 1);
		__builtin_prefetch((const char *)term + 64, 1);
	}
	for (size_t i = 0; i < count; i++) {
		const struct term *term = likely_term(c, &c->waiting[i]);

		if (!term)
			continue;
		__builtin_prefetch(c->pool + term->text);
		__builtin_prefetch(c->pool + term->places.at, 1);
	}
	for (size_t i = 0; i < count; i++)
		take(c, &c->waiting[i]);
	c->waiting_count = 0;
}

void collector_begin(struct collector *collector, uint32_t id)
{
	take_waiting(collector);
	ARRAY_ROOM(collector->ids, collector->id_count, collector->id_cap);
	collector->ids[collector->id_count++] = id;
}

void collector_add(struct collector *collector, enum word_field field, const struct word *word)
{
	struct waiting *waiting = &collector->waiting[collector->waiting_count++];

	waiting->text[0] = (char)field;
	memcpy(waiting->text + 1, word->text, word->len);
	waiting->len = (uint8_t)(word->len + 1);
	waiting->place = word->place;
	waiting->hash = segment_sum(7, waiting->text, waiting->len);
	__builtin_prefetch(&collector->slots[waiting->hash & (collector->slot_count - 1)]);
	if (collector->waiting_count == WAITING)
		take_waiting(collector);
}

/* --- writing --- */

struct sorted {
	uint64_t start; /* its first bytes, as a number */
	const char *text;
	struct term *term;
};

static uint64_t first_bytes(const char *text, size_t len)
{
	uint64_t start = 0;

	for (size_t i = 0; i < sizeof start; i++)
		start = start << 8 | (i < len ? (unsigned char)text[i] : 0);
	return start;
}

static int by_text(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	size_t len = x->term->len < y->term->len ? x->term->len : y->term->len;
	int order;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	order = memcmp(x->text, y->text, len);
	return order ? order : (int)x->term->len - (int)y->term->len;
}

static struct sorted *sort_terms(struct collector *c)
{
	struct sorted *list = mem_calloc(c->term_count, sizeof *list);

	for (size_t i = 0; i < c->term_count; i++) {
		struct term *term = &c->terms[i];
		const char *text;

		end_letter(c, term);
		text = (const char *)c->pool + term->text;
		list[i] = (struct sorted){.start = first_bytes(text, term->len), .term = term};
	}
	for (size_t i = 0; i < c->term_count; i++) /* the pool moves no more */
		list[i].text = (const char *)c->pool + list[i].term->text;
	qsort(list, c->term_count, sizeof *list, by_text);
	return list;
}

static void write_terms(struct collector *c, struct segment_writer *writer)
{
	struct sorted *list = sort_terms(c);

	for (size_t i = 0; i < c->term_count; i++) {
		const struct term *term = list[i].term;

		stream_write(c, &term->letters, writer);
		stream_write(c, &term->places, writer);
		segment_write_term(writer, list[i].text, term->len, term->docs, term->letters.len,
				   term->places.len);
	}
	free(list);
}

static void make_empty(struct collector *c)
{
	memset(c->slots, 0, c->slot_count * sizeof *c->slots);
	c->used = c->term_count = c->id_count = 0;
}

int collector_write(struct collector *collector, const char *dir, uint64_t kind, struct err *err)
{
	struct segment_writer *writer;
	int rc = -1;

	take_waiting(collector);
	if (!collector->id_count)
		return 0;
	writer = segment_writer_new(dir, kind, err);
	if (writer) {
		if (collector->term_count)
			write_terms(collector, writer);
		rc = segment_writer_finish(&writer, collector->ids, (uint32_t)collector->id_count, err);
	}
	make_empty(collector);
	return rc;
}
