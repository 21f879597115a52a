#include "config.h"
#include "store/mail/heads.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/mail/row.h"

#define PIPE_BYTES (1 << 20) /* so far a reader may be ahead */
#define NICE	   5	     /* who writes the rows comes first */

struct reader {
	pid_t pid;
	int fd; /* -1: it ended; what it owes is read here */
};

struct heads {
	size_t count, next;
	heads_read_fn *read;
	void *arg;
	struct reader *readers;
	int reader_count;
	struct arena *arena;
	struct row rows[HEADS_AT_ONCE];
	struct buf bytes;
};

/* One process alone reads few at once: nobody is ahead of it. */
static size_t piece_of(const struct heads *heads, size_t from)
{
	return from == 0 || heads->reader_count == 0 ? HEADS_FIRST : HEADS_AT_ONCE;
}

static size_t end_of(const struct heads *heads, size_t from)
{
	size_t piece = piece_of(heads, from);

	return from + piece < heads->count ? from + piece : heads->count;
}

/* --- rows as bytes: the same program on both sides of the pipe --- */

static const size_t texts[] = {
    offsetof(struct row, key),	      offsetof(struct row, refs),     offsetof(struct row, from_name),
    offsetof(struct row, from_addr),  offsetof(struct row, to_name),  offsetof(struct row, subject),
    offsetof(struct row, message_id), offsetof(struct row, from_key), offsetof(struct row, subject_key),
    offsetof(struct row, to_key),
};

static const char **text_of(struct row *row, size_t i)
{
	return (const char **)(void *)((char *)row + texts[i]);
}

static void put_row(struct buf *out, struct row *row)
{
	static const char zeros[8];

	buf_add(out, (const char *)row, sizeof *row);
	buf_add(out, (const char *)row->ids, row->id_count * sizeof *row->ids);
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		buf_add(out, *text_of(row, i), strlen(*text_of(row, i)) + 1);
	buf_add(out, zeros, -out->len & 7); /* what follows stands straight */
}

static const char *take_row(const char *at, struct row *row)
{
	const char *from = at;

	memcpy(row, at, sizeof *row);
	at += sizeof *row;
	row->ids = (int64_t *)(uintptr_t)at;
	at += row->id_count * sizeof *row->ids;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		*text_of(row, i) = at;
		at += strlen(at) + 1;
	}
	return at + (-(size_t)(at - from) & 7);
}

/* --- who reads --- */

struct piece {
	uint64_t rows, bytes;
};

static bool put_place(struct heads *heads, size_t i)
{
	struct row row;

	arena_reset(heads->arena);
	if (heads->read(heads->arg, i, heads->arena, &row) == 0)
		return false;
	row.id = (int64_t)i;
	put_row(&heads->bytes, &row);
	return true;
}

/* What reading a letter takes is given back after each: a piece is no larger than its rows. */
static void put_piece(struct heads *heads, size_t from)
{
	struct piece piece = {0, 0};

	buf_clear(&heads->bytes);
	buf_add(&heads->bytes, (const char *)&piece, sizeof piece);
	for (size_t i = from; i < end_of(heads, from); i++)
		piece.rows += put_place(heads, i);
	piece.bytes = heads->bytes.len - sizeof piece;
	memcpy(heads->bytes.data, &piece, sizeof piece);
}

static void read_share(struct heads *heads, int number, int fd, pid_t parent)
{
	size_t step = (size_t)heads->reader_count * HEADS_AT_ONCE;

	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICE);
	for (size_t from = HEADS_FIRST + (size_t)number * HEADS_AT_ONCE; from < heads->count; from += step) {
		put_piece(heads, from);
		if (file_write_fd(fd, heads->bytes.data, heads->bytes.len, NULL) < 0)
			_exit(1);
	}
	_exit(0);
}

static void start_reader(struct heads *heads, int number)
{
	pid_t parent = getpid();
	int ends[2];

	heads->readers[number] = (struct reader){.pid = -1, .fd = -1};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	heads->readers[number] = (struct reader){.pid = fork(), .fd = ends[0]};
	if (heads->readers[number].pid == 0) {
		close(ends[0]);
		read_share(heads, number, ends[1], parent);
	}
	close(ends[1]);
}

static void start_readers(struct heads *heads)
{
	for (int i = 0; i < heads->reader_count; i++)
		start_reader(heads, i);
}

static void end_reader(struct reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	if (reader->pid > 0)
		kill(reader->pid,
		     SIGKILL); /* it may wait for room in the pipe, whose end its brothers hold too */
	while (reader->pid > 0 && waitpid(reader->pid, NULL, 0) < 0 && errno == EINTR)
		;
	reader->pid = -1;
}

/* --- who is told --- */

static bool take_bytes(int fd, void *out, size_t len)
{
	for (size_t have = 0; have < len;) {
		ssize_t n = read(fd, (char *)out + have, len - have);

		if (n == 0 || (n < 0 && errno != EINTR))
			return false;
		have += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static void take_rows(struct heads *heads, const char *at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		at = take_row(at, &heads->rows[i]);
}

static size_t read_here(struct heads *heads, size_t from)
{
	struct piece piece;

	put_piece(heads, from);
	memcpy(&piece, heads->bytes.data, sizeof piece);
	take_rows(heads, heads->bytes.data + sizeof piece, piece.rows);
	return piece.rows;
}

static bool take_piece(struct heads *heads, int fd, size_t *row_count)
{
	struct piece piece;

	if (!take_bytes(fd, &piece, sizeof piece) || piece.rows > HEADS_AT_ONCE)
		return false;
	buf_clear(&heads->bytes);
	buf_reserve(&heads->bytes, piece.bytes);
	if (!take_bytes(fd, heads->bytes.data, piece.bytes))
		return false;
	take_rows(heads, heads->bytes.data, piece.rows);
	*row_count = piece.rows;
	return true;
}

/* The first piece is read here, at once: somebody looks at a screen. Then they start. */
static struct reader *reader_of(struct heads *heads, size_t from)
{
	if (heads->reader_count == 0 || from == 0)
		return NULL;
	if (from == HEADS_FIRST)
		start_readers(heads);
	return &heads->readers[(from - HEADS_FIRST) / HEADS_AT_ONCE % (size_t)heads->reader_count];
}

/* What would have to be read here is not ready. */
bool heads_wait(struct heads *heads, int ms)
{
	struct reader *reader = heads->next < heads->count ? reader_of(heads, heads->next) : NULL;
	struct pollfd one = {.fd = reader ? reader->fd : -1, .events = POLLIN};

	return one.fd >= 0 && poll(&one, 1, ms) > 0;
}

size_t heads_next(struct heads *heads, struct row **rows, size_t *row_count)
{
	size_t from = heads->next;
	struct reader *reader;

	heads->next = end_of(heads, from);
	*rows = heads->rows;
	if (from == heads->next)
		return 0;
	reader = reader_of(heads, from);
	if (reader && reader->fd >= 0 && take_piece(heads, reader->fd, row_count))
		return heads->next - from;
	if (reader)
		end_reader(reader);
	*row_count = read_here(heads, from);
	return heads->next - from;
}

struct heads *heads_new(size_t count, int processes, heads_read_fn *read, void *arg)
{
	struct heads *heads = mem_alloc(sizeof *heads);

	heads->count = count;
	heads->read = read;
	heads->arg = arg;
	heads->arena = arena_new();
	heads->reader_count = processes < 2 ? 0 : processes;
	heads->readers = mem_calloc((size_t)processes + 1, sizeof *heads->readers);
	for (int i = 0; i < heads->reader_count; i++)
		heads->readers[i].fd = -1;
	return heads;
}

void heads_free(struct heads **heads)
{
	if (!*heads)
		return;
	for (int i = 0; i < (*heads)->reader_count; i++)
		end_reader(&(*heads)->readers[i]);
	free((*heads)->readers);
	buf_free(&(*heads)->bytes);
	arena_free(&(*heads)->arena);
	free(*heads);
	*heads = NULL;
}
