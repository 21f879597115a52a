#include "config.h"
#include "store/mail/outline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"

#define MAGIC "tern-outline 1"

/* --- the lines in front --- */

static void add_front(struct buf *out, const struct outline_missing *missing, size_t count)
{
	buf_add_str(out, MAGIC "\n");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s %lld %zu\n", missing[i].section, (long long)missing[i].size, missing[i].at);
	buf_add_char(out, '\n');
}

static bool take_line(struct span *text, struct span *line)
{
	size_t end = span_find(*text, 0, '\n');

	if (end >= text->len)
		return false;
	*line = (struct span){text->data, end};
	*text = (struct span){text->data + end + 1, text->len - end - 1};
	return true;
}

static int take_missing(struct span line, struct outline_missing *missing)
{
	char text[OUTLINE_SECTION_SIZE + 50];
	long long size;

	if (line.len >= sizeof text)
		return -1;
	memcpy(text, line.data, line.len);
	text[line.len] = '\0';
	if (sscanf(text, "%199[0-9.] %lld %zu", missing->section, &size, &missing->at) != 3 || size < 0)
		return -1;
	missing->size = size;
	return 0;
}

static int take_front(struct outline *outline)
{
	struct span text = {outline->view.data, outline->view.len}, line;
	size_t before = 0;

	if (!take_line(&text, &line) || !span_equal(line, SPAN(MAGIC)))
		return -1;
	outline->missing = mem_calloc(OUTLINE_MISSING_MAX, sizeof *outline->missing);
	while (take_line(&text, &line)) {
		struct outline_missing *missing = &outline->missing[outline->count];

		outline->bytes = text;
		if (line.len == 0)
			return before <= text.len ? 0 : -1;
		if (outline->count == OUTLINE_MISSING_MAX || take_missing(line, missing) < 0 || missing->at < before)
			return -1;
		before = missing->at;
		outline->count++;
	}
	return -1;
}

/* --- files --- */

int outline_open(struct outline *outline, const char *path, struct err *err)
{
	memset(outline, 0, sizeof *outline);
	if (file_view_open(&outline->view, path, err) < 0)
		return -1;
	if (take_front(outline) == 0)
		return 0;
	outline_close(outline);
	return err_set_kind(err, ERR_CORRUPT, _("\"%s\" is damaged."), path);
}

void outline_close(struct outline *outline)
{
	file_view_close(&outline->view);
	free(outline->missing);
	memset(outline, 0, sizeof *outline);
}


static int write_pieces(int fd, const struct buf *front, const struct span *pieces, size_t count, struct err *err)
{
	int rc = file_write_fd(fd, front->data, front->len, err);

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = file_write_fd(fd, pieces[i].data, pieces[i].len, err);
	return rc;
}

/* A cache: it must be whole when it is seen, not survive a power cut. */
static int replace(const char *path, const struct buf *front, const struct span *pieces, size_t count, struct err *err)
{
	char *half = mem_printf("%s.half", path);
	int rc = -1, fd;

	unlink(half);
	fd = file_create(half, err);
	if (fd >= 0) {
		rc = write_pieces(fd, front, pieces, count, err);
		close(fd);
	}
	if (rc == 0 && rename(half, path) < 0)
		rc = err_errno(err, _("renaming \"%s\" to \"%s\""), half, path);
	if (rc < 0)
		unlink(half);
	free(half);
	return rc;
}

int outline_write(const char *path, struct span bytes, const struct outline_missing *missing, size_t count,
		  struct err *err)
{
	struct buf front = BUF_INIT;
	int rc;

	add_front(&front, missing, count);
	rc = replace(path, &front, &bytes, 1, err);
	buf_free(&front);
	return rc;
}

/* --- a part came --- */

static long find(const struct outline *outline, const char *section)
{
	for (size_t i = 0; i < outline->count; i++)
		if (strcmp(outline->missing[i].section, section) == 0)
			return (long)i;
	return -1;
}

static int fill(struct outline *outline, size_t which, struct span part, const char *path, struct err *err)
{
	size_t at = outline->missing[which].at;
	struct span bytes = outline->bytes;
	struct span pieces[] = {{bytes.data, at}, part, {bytes.data + at, bytes.len - at}};
	struct buf front = BUF_INIT;
	int rc;

	memmove(outline->missing + which, outline->missing + which + 1,
		(--outline->count - which) * sizeof *outline->missing);
	for (size_t i = which; i < outline->count; i++)
		outline->missing[i].at += part.len;
	add_front(&front, outline->missing, outline->count);
	rc = replace(path, &front, pieces, 3, err);
	buf_free(&front);
	return rc < 0 ? -1 : 1;
}

int outline_fill(const char *path, const char *section, const char *from, struct err *err)
{
	struct outline outline;
	struct file_view part;
	long which;
	int rc;

	if (outline_open(&outline, path, err) < 0)
		return -1;
	which = find(&outline, section);
	rc = which < 0 ? 0 : file_view_open(&part, from, err);
	if (which >= 0 && rc == 0) {
		rc = fill(&outline, (size_t)which, (struct span){part.data, part.len}, path, err);
		file_view_close(&part);
	}
	outline_close(&outline);
	return rc;
}

const struct outline_missing *outline_missing_at(const struct outline *outline, size_t at)
{
	for (size_t i = 0; i < outline->count; i++)
		if (outline->missing[i].at == at)
			return &outline->missing[i];
	return NULL;
}
