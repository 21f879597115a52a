#include "config.h"
#include "store/search/texts.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/search/segment.h"
#include "store/search/texts_inside.h"
#include "store/search/varint.h"

#define WHOLE_MAGIC 0x32656c6f68576e54u

/* --- the set of files --- */

static void close_all(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		segment_close(&texts->segments[i]);
	texts->count = 0;
}

static void cover(struct texts *texts)
{
	bits_free(&texts->covered);
	bits_free(&texts->skipped);
	texts->whole_to = 0;
	texts->is_whole_read = false;
	for (size_t i = 0; i < texts->count; i++) {
		uint32_t count;
		const uint32_t *ids = segment_ids(texts->segments[i], &count);

		for (uint32_t k = 0; k < count; k++)
			bits_set(&texts->covered, ids[k]);
	}
}

static void add_file(struct texts *texts, const char *path)
{
	struct segment *segment = segment_open(path, texts->kind);

	if (!segment)
		return;
	ARRAY_ROOM(texts->segments, texts->count, texts->cap);
	texts->segments[texts->count++] = segment;
}

/* Files that are open stay so. */
static struct segment *take_open(struct texts *old, const char *path)
{
	for (size_t i = 0; i < old->count; i++)
		if (old->segments[i] && strcmp(segment_path(old->segments[i]), path) == 0) {
			struct segment *segment = old->segments[i];

			old->segments[i] = NULL;
			return segment;
		}
	return NULL;
}

static void list_files(struct texts *texts, struct texts *old)
{
	DIR *dir = opendir(texts->dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct segment *segment;
		char *path;

		if (!str_ends(entry->d_name, TEXTS_SUFFIX))
			continue;
		path = path_join(texts->dir, entry->d_name);
		segment = take_open(old, path);
		if (segment) {
			ARRAY_ROOM(texts->segments, texts->count, texts->cap);
			texts->segments[texts->count++] = segment;
		} else {
			add_file(texts, path);
		}
		free(path);
	}
	if (dir)
		closedir(dir);
}

static void load(struct texts *texts)
{
	struct texts old = {.segments = texts->segments, .count = texts->count};

	texts->segments = NULL;
	texts->count = texts->cap = 0;
	list_files(texts, &old);
	close_all(&old);
	free(old.segments);
	cover(texts);
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A change within the clock's grain may hide behind an equal time: such a time is not believed yet. */
static bool is_fresh(const struct stat *st)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (now.tv_sec - st->st_mtim.tv_sec) * 1000 + (now.tv_nsec - st->st_mtim.tv_nsec) / 1000000 <
	       20;
}

bool texts_follow(struct texts *texts)
{
	struct stat st;

	if (stat(texts->dir, &st) < 0)
		memset(&st, 0, sizeof st);
	if (is_same(&st, &texts->seen))
		return false;
	texts->seen = st;
	if (is_fresh(&st))
		texts->seen.st_mtim.tv_nsec = -1;
	load(texts);
	return true;
}

struct texts *texts_open(const char *dir, uint64_t kind)
{
	struct texts *texts = mem_alloc(sizeof *texts);

	texts->dir = mem_strdup(dir);
	texts->kind = kind;
	texts_follow(texts);
	return texts;
}

void texts_close(struct texts **texts)
{
	if (!*texts)
		return;
	close_all(*texts);
	free((*texts)->segments);
	bits_free(&(*texts)->covered);
	bits_free(&(*texts)->skipped);
	free((*texts)->dir);
	free(*texts);
	*texts = NULL;
}

const char *texts_dir(const struct texts *texts)
{
	return texts->dir;
}

uint64_t texts_kind(const struct texts *texts)
{
	return texts->kind;
}

const struct bits *texts_covered(const struct texts *texts)
{
	return &texts->covered;
}

uint64_t texts_size(const struct texts *texts)
{
	uint64_t size = 0;

	for (size_t i = 0; i < texts->count; i++)
		size += segment_size(texts->segments[i]);
	return size;
}

/* --- "whole": a word about the set, true of exactly this one --- */

struct whole { /* the bits of what was skipped stand behind it */
	uint64_t magic, kind;
	uint32_t to, covered, skipped_len, sum;
};

static size_t used_len(const struct bits *bits)
{
	size_t len = bits->len;

	while (len && !bits->bytes[len - 1])
		len--;
	return len;
}

static uint32_t sum_of(const struct texts *texts, const struct whole *whole, const void *skipped)
{
	uint32_t sum = segment_sum(whole->to, &whole->kind, sizeof whole->kind);

	sum = segment_sum(sum, skipped, whole->skipped_len);
	return segment_sum(sum, texts->covered.bytes ? texts->covered.bytes : (void *)"",
			   used_len(&texts->covered));
}

static void find_skipped(struct texts *texts, uint32_t to, const struct bits *alive)
{
	bits_free(&texts->skipped);
	for (uint32_t id = 0; alive && id < to && id / 8 < alive->len; id++)
		if (bits_has(alive, id) && !bits_has(&texts->covered, id))
			bits_set(&texts->skipped, id);
}

void texts_write_whole(struct texts *texts, uint32_t to, const struct bits *alive)
{
	struct buf bytes = BUF_INIT;
	struct whole whole;
	char *path = path_join(texts->dir, TEXTS_WHOLE);

	find_skipped(texts, to, alive);
	memset(&whole, 0, sizeof whole);
	whole.magic = WHOLE_MAGIC;
	whole.kind = texts->kind;
	whole.to = to;
	whole.covered = (uint32_t)bits_count(&texts->covered);
	whole.skipped_len = (uint32_t)used_len(&texts->skipped);
	whole.sum = sum_of(texts, &whole, texts->skipped.bytes ? texts->skipped.bytes : (void *)"");
	buf_add(&bytes, &whole, sizeof whole);
	if (whole.skipped_len)
		buf_add(&bytes, texts->skipped.bytes, whole.skipped_len);
	file_replace(path, bytes.data, bytes.len, NULL);
	buf_free(&bytes);
	free(path);
}

static void take_whole(struct texts *texts, const struct buf *bytes)
{
	const char *skipped = bytes->data + sizeof(struct whole);
	struct whole whole;

	memcpy(&whole, bytes->data, sizeof whole);
	if (whole.magic != WHOLE_MAGIC || whole.kind != texts->kind ||
	    whole.skipped_len != bytes->len - sizeof whole ||
	    whole.covered != bits_count(&texts->covered) || whole.sum != sum_of(texts, &whole, skipped))
		return;
	texts->whole_to = whole.to;
	bits_free(&texts->skipped);
	if (!whole.skipped_len)
		return;
	bits_reserve(&texts->skipped, whole.skipped_len * 8 - 1);
	memcpy(texts->skipped.bytes, skipped, whole.skipped_len);
}

uint32_t texts_whole_to(const struct texts *texts)
{
	struct texts *own = (struct texts *)(uintptr_t)texts; /* what is remembered */
	struct buf bytes = BUF_INIT;
	char *path;

	if (texts->is_whole_read)
		return texts->whole_to;
	own->is_whole_read = true;
	path = path_join(texts->dir, TEXTS_WHOLE);
	if (file_read(path, &bytes, 0, NULL) == 0 && bytes.len >= sizeof(struct whole))
		take_whole(own, &bytes);
	buf_free(&bytes);
	free(path);
	return texts->whole_to;
}

const struct bits *texts_skipped(const struct texts *texts)
{
	texts_whole_to(texts);
	return &texts->skipped;
}

/* --- finding --- */

struct hunt {
	struct segment *segment;
	const struct wish *wish;
	const uint32_t *ids;
	uint32_t id_count;
	char field;
	struct bits *found;
};

typedef bool take_term(void *arg, const struct segment_term *term);

/* Calls TAKE for each term of the field that SLOT matches; false: damaged. */
static bool each_term(struct hunt *hunt, const struct wish_slot *slot, take_term *take, void *arg)
{
	struct segment_term term;
	char key[TERM_MAX];
	size_t len = slot->may_begin_before ? 0 : slot->len;
	int rc;

	key[0] = hunt->field;
	memcpy(key + 1, slot->text, len);
	rc = segment_seek(hunt->segment, key, len + 1, &term);
	while (rc == 1) {
		if (term.len < len + 1 || memcmp(term.text, key, len + 1) != 0)
			return true;
		if (wish_slot_matches(slot, term.text + 1, term.len - 1)) {
			if (!take(arg, &term))
				return false;
			if (!slot->may_go_on && !slot->may_begin_before)
				return true;
		} else if (!slot->may_begin_before && !slot->stem) {
			return true;
		}
		rc = segment_next(hunt->segment, &term);
	}
	return rc == 0;
}

struct marking {
	struct hunt *hunt;
	struct bits *docs; /* by number, or NULL: into what is found, by id */
};

static bool mark_docs(void *arg, const struct segment_term *term)
{
	struct marking *marking = arg;
	struct hunt *hunt = marking->hunt;
	struct segment_docs docs = {.at = segment_docs(hunt->segment, term), .limit = hunt->id_count};

	if (!docs.at)
		return false;
	docs.end = docs.at + term->docs_len;
	while (segment_docs_next(&docs))
		if (marking->docs)
			bits_set(marking->docs, docs.doc);
		else
			bits_set(hunt->found, hunt->ids[docs.doc]);
	return true;
}

/* --- words in a row --- */

struct spots {
	uint64_t *items; /* number of the letter, place */
	size_t count, cap;
};

struct spotting {
	struct hunt *hunt;
	const struct bits *docs; /* only in these */
	struct spots *spots;
	size_t terms;
};

static bool add_spots(struct spotting *spotting, uint32_t doc, uint32_t count, const uint8_t **at,
		      const uint8_t *end)
{
	struct spots *spots = spotting->spots;
	bool is_wanted = bits_has(spotting->docs, doc);
	uint32_t place = 0, step;

	for (; count; count--) {
		size_t n = varint_get(*at, end, &step);

		if (!n)
			return false;
		*at += n;
		place += step;
		if (!is_wanted)
			continue;
		ARRAY_ROOM(spots->items, spots->count, spots->cap);
		spots->items[spots->count++] = (uint64_t)doc << 32 | place;
	}
	return true;
}

static bool take_spots(void *arg, const struct segment_term *term)
{
	struct spotting *spotting = arg;
	struct hunt *hunt = spotting->hunt;
	const uint8_t *at = segment_places(hunt->segment, term), *end;
	struct segment_docs docs = {.at = segment_docs(hunt->segment, term), .limit = hunt->id_count};

	if (!docs.at || !at)
		return false;
	docs.end = docs.at + term->docs_len;
	end = at + term->places_len;
	spotting->terms++;
	while (segment_docs_next(&docs))
		if (!add_spots(spotting, docs.doc, docs.count, &at, end))
			return false;
	return true;
}

static int by_spot(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool spots_of(struct hunt *hunt, const struct wish_slot *slot, const struct bits *docs,
		     struct spots *spots)
{
	struct spotting spotting = {.hunt = hunt, .docs = docs, .spots = spots};

	spots->count = 0;
	if (!each_term(hunt, slot, take_spots, &spotting))
		return false;
	if (spotting.terms > 1)
		qsort(spots->items, spots->count, sizeof *spots->items, by_spot);
	return true;
}

/* Of NEXT stay those that are GAP places behind one of HAVE. */
static void keep_followers(const struct spots *have, struct spots *next, uint32_t gap)
{
	size_t kept = 0, i = 0;

	for (size_t k = 0; k < next->count; k++) {
		while (i < have->count && have->items[i] + gap < next->items[k])
			i++;
		if (i < have->count && have->items[i] + gap == next->items[k])
			next->items[kept++] = next->items[k];
	}
	next->count = kept;
}

static bool docs_of_all(struct hunt *hunt, struct bits *all)
{
	for (size_t i = 0; i < hunt->wish->count; i++) {
		struct bits docs = BITS_INIT;
		struct marking marking = {.hunt = hunt, .docs = &docs};
		bool is_good = each_term(hunt, &hunt->wish->slots[i], mark_docs, &marking);

		if (i == 0) {
			*all = docs;
			docs = (struct bits)BITS_INIT;
		}
		for (size_t k = 0; i && k < all->len; k++)
			all->bytes[k] &= k < docs.len ? docs.bytes[k] : 0;
		bits_free(&docs);
		if (!is_good)
			return false;
	}
	return true;
}

static bool find_row(struct hunt *hunt, const struct bits *docs)
{
	const struct wish_slot *slots = hunt->wish->slots;
	struct spots have = {NULL, 0, 0}, next = {NULL, 0, 0}, swap;
	bool is_good = spots_of(hunt, &slots[0], docs, &have);

	for (size_t i = 1; is_good && i < hunt->wish->count && have.count; i++) {
		is_good = spots_of(hunt, &slots[i], docs, &next);
		keep_followers(&have, &next, slots[i].place - slots[i - 1].place);
		swap = have;
		have = next;
		next = swap;
	}
	for (size_t i = 0; is_good && i < have.count; i++)
		bits_set(hunt->found, hunt->ids[have.items[i] >> 32]);
	free(have.items);
	free(next.items);
	return is_good;
}

static bool find_in_field(struct hunt *hunt)
{
	struct marking marking = {.hunt = hunt};
	struct bits docs = BITS_INIT;
	bool is_good;

	if (hunt->wish->count == 1)
		return each_term(hunt, &hunt->wish->slots[0], mark_docs, &marking);
	is_good = docs_of_all(hunt, &docs);
	if (is_good && bits_count(&docs))
		is_good = find_row(hunt, &docs);
	bits_free(&docs);
	return is_good;
}

static bool find_in(struct segment *segment, const struct wish *wish, struct bits *found)
{
	struct hunt hunt = {.segment = segment, .wish = wish, .found = found};

	hunt.ids = segment_ids(segment, &hunt.id_count);
	for (const char *field = wish->fields; *field; field++) {
		hunt.field = *field;
		if (!find_in_field(&hunt) || segment_is_damaged(segment))
			return false;
	}
	return true;
}

static bool find_all(struct texts *texts, const struct wish *wish, struct bits *found)
{
	bits_free(found);
	for (size_t i = 0; i < texts->count; i++) {
		if (find_in(texts->segments[i], wish, found))
			continue;
		log_write(LOG_WARNING, "%s is damaged; its letters are read themselves until it is made again",
			  segment_path(texts->segments[i]));
		unlink(segment_path(texts->segments[i]));
		segment_close(&texts->segments[i]);
		texts->segments[i] = texts->segments[--texts->count];
		cover(texts);
		return false;
	}
	return true;
}

bool texts_find(struct texts *texts, const struct wish *wish, struct bits *found)
{
	bool is_good = true;

	if (!wish->count) {
		bits_free(found);
		return true;
	}
	while (!find_all(texts, wish, found))
		is_good = false;
	return is_good;
}
