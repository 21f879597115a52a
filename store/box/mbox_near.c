#include "config.h"
#include "store/box/mbox_near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/mem.h"

/* Behind a message: flags that were written, the blank line, the next "From " line. */
#define SLACK	      8192
#define CONTEXT	      3 /* bytes before a "From " line that tell whether a blank line precedes it */
#define SIZE_MAX_HINT ((int64_t)1 << 40)

/* So far on both sides of the hint is looked, one after the other. */
static const size_t reaches[] = {0, 16 << 10, 256 << 10};

/* Some of the file. */
struct window {
	size_t at, len;
	const char *data;
	bool is_end; /* goes to the end of the file */
};

/* 0 stands for "none", so that a hint never set is none. */
int64_t mbox_hint_make(size_t from_at, bool has_twins)
{
	return ((int64_t)from_at + 1) * 2 + has_twins;
}

int mbox_read_range(int fd, size_t at, size_t len, struct box_lent *lent)
{
	size_t got = 0;

	lent->copy = mem_alloc(len + 1);
	while (got < len) {
		ssize_t n = pread(fd, lent->copy + got, len - got, (off_t)(at + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		got += (size_t)n;
	}
	return 0;
}

static void give_back(struct box_lent *lent)
{
	file_view_close(&lent->view);
	free(lent->copy);
	memset(lent, 0, sizeof *lent);
}

/* 1, 0 the file became shorter, -1 */
static int open_window(int fd, struct box_lent *lent, struct window *window, struct err *err)
{
	if (window->len <= MBOX_COPY_UP_TO) {
		if (mbox_read_range(fd, window->at, window->len, lent) < 0)
			return 0;
		window->data = lent->copy;
		return 1;
	}
	if (file_view_open_fd(&lent->view, fd, err) < 0)
		return -1;
	if (lent->view.len < window->at + window->len)
		return 0;
	window->data = lent->view.data + window->at;
	return 1;
}

static void place_window(size_t from, size_t size, size_t reach, size_t file_len,
			 struct window *window)
{
	size_t before = reach + CONTEXT, end = from + size + SLACK + reach;

	window->at = from > before ? from - before : 0;
	window->is_end = end >= file_len;
	window->len = (window->is_end ? file_len : end) - window->at;
}

static bool has_id(const struct window *window, const struct mbox_message *message, const char *id)
{
	char other[MBOX_ID_SIZE];

	mbox_id(window->data + message->at, message->body_at - message->at,
		message->end - message->at, other);
	return !memcmp(other, id, MBOX_ID_SIZE - 1);
}

/* How many messages of the window have the id; FOUND is the first of them. One that the window cuts
 * is none: where it ends is not known. */
static size_t look_through(const struct window *window, const char *id, struct mbox_message *found)
{
	size_t at = window->at ? CONTEXT : 0, hits = 0;
	struct mbox_message message;

	while (at < window->len && mbox_next(window->data, window->len, &at, &message)) {
		if (message.next == window->len && !window->is_end)
			break;
		if (!has_id(window, &message, id))
			continue;
		if (hits++ == 0)
			*found = message;
	}
	return hits;
}

/* With a twin in the file only an unchanged file tells which of them lies there. */
static size_t reach_count(const struct box_stamp *stamp, const struct box_hint *hint)
{
	if (!(hint->hint & 1))
		return ARRAY_COUNT(reaches);
	return memcmp(stamp, &hint->stamp, sizeof *stamp) == 0 ? 1 : 0;
}

int mbox_near_open(int fd, const struct box_stamp *stamp, const char *id,
		   const struct box_hint *hint, struct box_lent *lent, struct mbox_message *message,
		   const char **data, struct err *err)
{
	size_t from = (size_t)(hint->hint / 2 - 1), file_len = (size_t)stamp->c;
	struct window window;

	if (hint->hint < 2 || hint->size < 0 || hint->size > SIZE_MAX_HINT || from >= file_len)
		return 0;
	for (size_t i = 0; i < reach_count(stamp, hint); i++) {
		int rc;

		place_window(from, (size_t)hint->size, reaches[i], file_len, &window);
		rc = open_window(fd, lent, &window, err);
		if (rc == 1 && look_through(&window, id, message) == 1) {
			*data = window.data + message->at;
			return 1;
		}
		give_back(lent);
		if (rc != 1)
			return rc;
	}
	return 0;
}
