#include "config.h"
#include "store/search/segment_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/search/segment.h"
#include "store/search/varint.h"

#define WRITE_PAGES 64
#define WRITE_SIZE  ((size_t)SEGMENT_PAGE * WRITE_PAGES)

struct segment_writer {
	int fd;
	char *dir, *path; /* PATH: until it is whole */
	uint64_t at;
	uint8_t pages[WRITE_SIZE];
	size_t used;
	struct buf sums, terms, blocks; /* these two go behind the postings */
	char last[TERM_MAX];
	size_t last_len;
	uint32_t in_block;
	uint64_t postings_at; /* of the term to come */
	struct segment_end end;
	struct err err;
};

static char *unique_path(const char *dir, const char *suffix)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return mem_printf("%s/%llx%06lx-%x%s", dir, (unsigned long long)now.tv_sec,
			  (unsigned long)(now.tv_nsec / 1000), (unsigned)getpid(), suffix);
}

struct segment_writer *segment_writer_new(const char *dir, uint64_t kind, struct err *err)
{
	struct segment_writer *writer = mem_alloc(sizeof *writer);

	writer->dir = mem_strdup(dir);
	writer->path = unique_path(dir, ".tmp");
	writer->end.kind = kind;
	writer->fd = file_create(writer->path, err);
	if (writer->fd >= 0)
		return writer;
	free(writer->path);
	writer->path = NULL;
	segment_writer_drop(&writer);
	return NULL;
}

static void flush(struct segment_writer *writer)
{
	for (size_t at = 0; at < writer->used; at += SEGMENT_PAGE) {
		size_t len = writer->used - at < SEGMENT_PAGE ? writer->used - at : SEGMENT_PAGE;
		uint32_t sum = segment_sum(0, writer->pages + at, len);

		buf_add(&writer->sums, &sum, sizeof sum);
	}
	if (writer->err.kind == ERR_NONE)
		file_write_fd(writer->fd, writer->pages, writer->used, &writer->err);
	writer->used = 0;
}

void segment_write(struct segment_writer *writer, const void *bytes, size_t len)
{
	writer->at += len;
	while (len) {
		size_t room = WRITE_SIZE - writer->used, n = len < room ? len : room;

		memcpy(writer->pages + writer->used, bytes, n);
		writer->used += n;
		bytes = (const char *)bytes + n;
		len -= n;
		if (writer->used == WRITE_SIZE)
			flush(writer);
	}
}

static void begin_block(struct segment_writer *writer)
{
	struct segment_block block = {.terms_at = writer->terms.len, .postings_at = writer->postings_at};

	buf_add(&writer->blocks, &block, sizeof block);
	writer->end.block_count++;
	writer->in_block = 0;
	writer->last_len = 0;
}

static size_t shared_with_last(const struct segment_writer *writer, const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && n < writer->last_len && text[n] == writer->last[n])
		n++;
	return n;
}

void segment_write_term(struct segment_writer *writer, const char *text, size_t len, uint32_t docs,
			uint32_t docs_len, uint32_t places_len)
{
	uint8_t numbers[5 * VARINT_MAX], *at = numbers;
	size_t shared;

	if (!writer->end.block_count || writer->in_block == SEGMENT_BLOCK_TERMS)
		begin_block(writer);
	shared = shared_with_last(writer, text, len);
	at += varint_put(at, (uint32_t)shared);
	at += varint_put(at, (uint32_t)(len - shared));
	at += varint_put(at, docs);
	at += varint_put(at, docs_len);
	at += varint_put(at, places_len);
	buf_add(&writer->terms, numbers, (size_t)(at - numbers));
	buf_add(&writer->terms, text + shared, len - shared);
	memcpy(writer->last, text, len);
	writer->last_len = len;
	writer->in_block++;
	writer->postings_at = writer->at;
}

static void fill_up(struct segment_writer *writer)
{
	static const uint8_t filling[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	segment_write(writer, filling, (8 - writer->at % 8) % 8);
}

static void write_blocks(struct segment_writer *writer)
{
	struct segment_block *blocks = (void *)writer->blocks.data;

	for (uint32_t i = 0; i < writer->end.block_count; i++)
		blocks[i].terms_at += writer->end.terms_at;
	segment_write(writer, writer->blocks.data, writer->blocks.len);
}

/* Where each part begins; what the header of segment.h promises. */
static void write_tables(struct segment_writer *writer, const uint32_t *ids, uint32_t count)
{
	struct segment_end *end = &writer->end;

	fill_up(writer);
	end->ids_at = writer->at;
	end->id_count = count;
	segment_write(writer, ids, count * sizeof *ids);
	end->terms_at = writer->at;
	segment_write(writer, writer->terms.data, writer->terms.len);
	fill_up(writer);
	end->blocks_at = writer->at;
	write_blocks(writer);
	fill_up(writer);
	end->sums_at = writer->at;
	flush(writer);
}

static void write_end(struct segment_writer *writer)
{
	struct segment_end *end = &writer->end;
	struct buf tail = BUF_INIT;

	end->magic = SEGMENT_MAGIC;
	end->page_count = (uint32_t)(writer->sums.len / sizeof(uint32_t));
	end->file_size = end->sums_at + writer->sums.len + sizeof *end;
	end->sum = segment_sum(segment_sum(0, writer->sums.data, writer->sums.len), end, sizeof *end);
	buf_add(&tail, writer->sums.data, writer->sums.len);
	buf_add(&tail, end, sizeof *end);
	if (writer->err.kind == ERR_NONE)
		file_write_fd(writer->fd, tail.data, tail.len, &writer->err);
	buf_free(&tail);
}

static int give_name(struct segment_writer *writer)
{
	char *path = unique_path(writer->dir, ".words");
	int rc = rename(writer->path, path);

	if (rc < 0)
		err_errno(&writer->err, _("renaming \"%s\""), writer->path);
	free(path);
	return rc;
}

int segment_writer_finish(struct segment_writer **writer, const uint32_t *ids, uint32_t count,
			  struct err *err)
{
	struct segment_writer *w = *writer;
	int rc = 0;

	write_tables(w, ids, count);
	write_end(w);
	if (w->err.kind != ERR_NONE || give_name(w) < 0)
		rc = err_set_kind(err, w->err.kind, "%s", w->err.text);
	if (rc == 0) {
		free(w->path);
		w->path = NULL;
	}
	segment_writer_drop(writer);
	return rc;
}

void segment_writer_drop(struct segment_writer **writer)
{
	struct segment_writer *w = *writer;

	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->path)
		unlink(w->path);
	free(w->path);
	free(w->dir);
	buf_free(&w->sums);
	buf_free(&w->terms);
	buf_free(&w->blocks);
	free(w);
	*writer = NULL;
}
