#include "config.h"
#include "ui/shell/show_names.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_PIECE 65536
#define NAME_LIMIT 8192 /* twice what a path may have */

void show_names_of_list(struct show_names *names, int fd, char separator)
{
	*names = (struct show_names){.fd = fd, .separator = separator};
}

void show_names_free(struct show_names *names)
{
	buf_free(&names->held);
}

bool show_names_can_travel(char *const *argv)
{
	for (; *argv; argv++)
		if (strcmp(*argv, "-") == 0 || strlen(*argv) > NAME_LIMIT)
			return false;
	return true;
}

static size_t chunk_of_arguments(struct show_names *names, struct buf *chunk)
{
	size_t count;

	for (count = 0; *names->argv && count < SHOW_NAMES_CHUNK; count++, names->argv++) {
		size_t len = strlen(*names->argv) + 1;

		if (count && chunk->len + len > SHOW_NAMES_BYTES)
			break;
		buf_add(chunk, *names->argv, len);
	}
	return count;
}

static void read_more(struct show_names *names)
{
	struct buf *held = &names->held;
	ssize_t n;

	buf_remove(held, 0, names->at);
	names->at = 0;
	buf_reserve(held, READ_PIECE);
	do
		n = read(names->fd, held->data + held->len, READ_PIECE);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		held->len += (size_t)n;
	else
		names->is_at_end = true;
	names->error = n < 0 ? errno : 0;
}

/* The next name that is here as a whole: its length, -1 when there is none. */
static long next_length(const struct show_names *names)
{
	const char *start = buf_str(&names->held) + names->at;
	size_t left = names->held.len - names->at;
	const char *end = left ? memchr(start, names->separator, left) : NULL;

	if (end)
		return end - start;
	return left && (names->is_at_end || left > NAME_LIMIT) ? (long)left : -1;
}

bool show_names_wait(const struct show_names *names)
{
	return !names->argv && !names->is_at_end && next_length(names) < 0;
}

static void skip(struct show_names *names, size_t len)
{
	names->at += len;
	if (names->at < names->held.len)
		names->at++; /* the separator */
}

static size_t chunk_of_list(struct show_names *names, struct buf *chunk)
{
	size_t count = 0, len;
	long next;

	while (count < SHOW_NAMES_CHUNK && (next = next_length(names)) >= 0) {
		len = next > NAME_LIMIT ? NAME_LIMIT : (size_t)next;
		len = strnlen(names->held.data + names->at, len);
		if (count && chunk->len + len + 1 > SHOW_NAMES_BYTES)
			break;
		if (len) {
			buf_add(chunk, names->held.data + names->at, len);
			buf_add_char(chunk, '\0');
			count++;
		}
		skip(names, (size_t)next);
	}
	return count;
}

size_t show_names_chunk(struct show_names *names, struct buf *chunk)
{
	size_t count;

	buf_clear(chunk);
	if (names->argv)
		return chunk_of_arguments(names, chunk);
	while ((count = chunk_of_list(names, chunk)) == 0 && !names->is_at_end)
		read_more(names);
	return count;
}
