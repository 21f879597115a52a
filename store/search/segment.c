#include "config.h"
#include "store/search/segment.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/search/varint.h"

struct segment {
	char *path;
	struct file_view view;
	const uint8_t *data;
	struct segment_end end;
	const uint32_t *ids, *sums;
	const struct segment_block *blocks;
	uint8_t *is_good; /* a byte a page: its sum was right */
	bool is_damaged;
};

/* --- sums --- */

/* Not against an enemy: against cut, half-written and worn files. */
uint32_t segment_sum(uint32_t seed, const void *data, size_t len)
{
	const uint8_t *at = data;
	uint64_t sum = seed ^ (len * 0x9e3779b97f4a7c15u), word;

	for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
		memcpy(&word, at, sizeof word);
		sum = (sum ^ word) * 0xff51afd7ed558ccdu;
		sum ^= sum >> 32;
	}
	word = 0;
	memcpy(&word, at, len);
	sum = (sum ^ word) * 0xc4ceb9fe1a85ec53u;
	return (uint32_t)(sum ^ (sum >> 32));
}

static bool page_is_good(struct segment *segment, size_t page)
{
	size_t at = page * SEGMENT_PAGE, len = segment->end.sums_at - at;

	if (segment->is_good[page])
		return true;
	if (len > SEGMENT_PAGE)
		len = SEGMENT_PAGE;
	if (segment_sum(0, segment->data + at, len) != segment->sums[page])
		return false;
	segment->is_good[page] = 1;
	return true;
}

/* LEN bytes at AT, checked; NULL: damaged. */
static const uint8_t *bytes_at(struct segment *segment, uint64_t at, uint64_t len)
{
	if (segment->is_damaged || at > segment->end.sums_at || len > segment->end.sums_at - at)
		goto damaged;
	for (uint64_t page = at / SEGMENT_PAGE; len && page <= (at + len - 1) / SEGMENT_PAGE; page++)
		if (!page_is_good(segment, page))
			goto damaged;
	return segment->data + at;
damaged:
	segment->is_damaged = true;
	return NULL;
}

/* --- open --- */

static bool has_room(const struct segment_end *end, uint64_t at, uint64_t count, uint64_t size)
{
	return at % 4 == 0 && at <= end->sums_at && count <= (end->sums_at - at) / size;
}

static bool end_is_right(const struct segment *segment, uint64_t kind)
{
	const struct segment_end *end = &segment->end;
	uint64_t sums_len = (uint64_t)end->page_count * sizeof *segment->sums;

	if (end->magic != SEGMENT_MAGIC || end->kind != kind || end->file_size != segment->view.len ||
	    end->sums_at % 8 || end->sums_at > end->file_size ||
	    end->page_count != (end->sums_at + SEGMENT_PAGE - 1) / SEGMENT_PAGE ||
	    end->file_size - end->sums_at < sums_len + sizeof *end)
		return false;
	return has_room(end, end->ids_at, end->id_count, sizeof(uint32_t)) &&
	       has_room(end, end->blocks_at, end->block_count, sizeof(struct segment_block)) &&
	       end->blocks_at % 8 == 0 && end->terms_at <= end->blocks_at;
}

static bool sums_are_right(const struct segment *segment)
{
	struct segment_end end = segment->end;
	uint32_t sum = segment_sum(0, segment->sums, end.page_count * sizeof *segment->sums);

	end.sum = 0;
	return segment_sum(sum, &end, sizeof end) == segment->end.sum;
}

static bool load(struct segment *segment, uint64_t kind)
{
	if (segment->view.len < sizeof segment->end)
		return false;
	segment->data = (const uint8_t *)segment->view.data;
	memcpy(&segment->end, segment->data + segment->view.len - sizeof segment->end,
	       sizeof segment->end);
	if (!end_is_right(segment, kind))
		return false;
	segment->sums = (const void *)(segment->data + segment->end.sums_at);
	if (!sums_are_right(segment))
		return false;
	segment->is_good = mem_calloc(segment->end.page_count + 1, 1);
	segment->ids = (const void *)bytes_at(segment, segment->end.ids_at,
					      segment->end.id_count * sizeof(uint32_t));
	segment->blocks =
	    (const void *)bytes_at(segment, segment->end.blocks_at,
				   segment->end.block_count * sizeof(struct segment_block));
	return segment->ids && segment->blocks;
}

struct segment *segment_open(const char *path, uint64_t kind)
{
	struct segment *segment = mem_alloc(sizeof *segment);

	segment->path = mem_strdup(path);
	if (file_view_open(&segment->view, path, NULL) == 0 && load(segment, kind))
		return segment;
	segment_close(&segment);
	return NULL;
}

void segment_close(struct segment **segment)
{
	if (!*segment)
		return;
	file_view_close(&(*segment)->view);
	free((*segment)->is_good);
	free((*segment)->path);
	free(*segment);
	*segment = NULL;
}

void segment_rest(const struct segment *segment)
{
	file_view_rest(&segment->view);
}

const char *segment_path(const struct segment *segment)
{
	return segment->path;
}

uint64_t segment_size(const struct segment *segment)
{
	return segment->end.file_size;
}

const uint32_t *segment_ids(const struct segment *segment, uint32_t *count)
{
	*count = segment->end.id_count;
	return segment->ids;
}

bool segment_is_damaged(const struct segment *segment)
{
	return segment->is_damaged;
}

/* --- terms --- */

static int damaged(struct segment *segment)
{
	segment->is_damaged = true;
	return -1;
}

static int begin_block(struct segment *segment, struct segment_term *term, uint32_t block)
{
	const struct segment_block *b = &segment->blocks[block];
	uint64_t end = block + 1 < segment->end.block_count ? b[1].terms_at : segment->end.blocks_at;
	const uint8_t *at;

	if (end < b->terms_at)
		return damaged(segment);
	at = bytes_at(segment, b->terms_at, end - b->terms_at);
	if (!at)
		return -1;
	term->block = block;
	term->in_block = 0;
	term->next = at;
	term->end = at + (end - b->terms_at);
	term->next_at = b->postings_at;
	term->len = 0;
	return 1;
}

/* The next one of the block. */
static int read_term(struct segment *segment, struct segment_term *term)
{
	uint32_t numbers[5]; /* shared, more, docs, docs_len, places_len */
	const uint8_t *at = term->next;

	for (int i = 0; i < 5; i++) {
		size_t n = varint_get(at, term->end, &numbers[i]);

		if (!n)
			return damaged(segment);
		at += n;
	}
	if (numbers[0] > term->len || numbers[1] > TERM_MAX - numbers[0] ||
	    numbers[1] > (size_t)(term->end - at))
		return damaged(segment);
	memcpy(term->text + numbers[0], at, numbers[1]);
	term->len = numbers[0] + numbers[1];
	term->docs = numbers[2];
	term->docs_len = numbers[3];
	term->places_len = numbers[4];
	term->at = term->next_at;
	term->next_at += (uint64_t)numbers[3] + numbers[4];
	term->next = at + numbers[1];
	term->in_block++;
	return 1;
}

int segment_next(struct segment *segment, struct segment_term *term)
{
	if (term->in_block >= SEGMENT_BLOCK_TERMS || term->next >= term->end ||
	    *term->next == 0xff) { /* what fills the last block up */
		if (term->block + 1 >= segment->end.block_count)
			return 0;
		if (begin_block(segment, term, term->block + 1) < 0)
			return -1;
	}
	return read_term(segment, term);
}

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : a_len < b_len ? -1 : a_len > b_len;
}

/* The last block whose first term is not behind TEXT. */
static int find_block(struct segment *segment, const char *text, size_t len, struct segment_term *term)
{
	uint32_t low = 0, high = segment->end.block_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (begin_block(segment, term, middle) < 0 || read_term(segment, term) < 0)
			return -1;
		if (compare(term->text, term->len, text, len) <= 0)
			low = middle;
		else
			high = middle;
	}
	return begin_block(segment, term, low);
}

int segment_seek(struct segment *segment, const char *text, size_t len, struct segment_term *term)
{
	int rc;

	if (segment->is_damaged)
		return -1;
	if (!segment->end.block_count)
		return 0;
	if (find_block(segment, text, len, term) < 0)
		return -1;
	while ((rc = segment_next(segment, term)) == 1)
		if (compare(term->text, term->len, text, len) >= 0)
			return 1;
	return rc;
}

/* --- postings --- */

const uint8_t *segment_docs(struct segment *segment, const struct segment_term *term)
{
	return bytes_at(segment, term->at, term->docs_len);
}

const uint8_t *segment_places(struct segment *segment, const struct segment_term *term)
{
	return bytes_at(segment, term->at + term->docs_len, term->places_len);
}

bool segment_docs_next(struct segment_docs *docs)
{
	uint32_t step;
	size_t n = varint_get(docs->at, docs->end, &step);

	if (!n)
		return false;
	docs->at += n;
	docs->doc = docs->is_begun ? docs->doc + 1 + (step >> 1) : step >> 1;
	docs->is_begun = true;
	docs->count = 1;
	if (!(step & 1)) {
		n = varint_get(docs->at, docs->end, &docs->count);
		docs->at += n;
		if (!n)
			return false;
	}
	return docs->doc < docs->limit;
}
