#include "config.h"
#include "store/search/texts_fill.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/search/collector.h"
#include "store/search/letter_words.h"
#include "store/search/segment.h"
#include "store/search/segment_join.h"
#include "store/search/texts_inside.h"

#define MEMORY	      (40u << 20) /* for the words of letters, in all processes together */
#define STRIPE	      16	  /* letters one process takes in a row */
#define PROGRESS_EACH 64
#define FILES_SOME    6 /* so many files are not too many */
#define FILES_MANY    24
#define JOINED_MAX    (128u << 20) /* larger ones are joined no more */
#define BOXES_OPEN    64

/* --- letters --- */

struct letter_opener {
	const char *const *places;
	struct box **boxes;
	size_t count, open;
};

struct letter_opener *letter_opener_new(const char *const *places, size_t count)
{
	struct letter_opener *opener = mem_alloc(sizeof *opener);

	opener->places = places;
	opener->count = count;
	opener->boxes = mem_calloc(count + 1, sizeof *opener->boxes);
	return opener;
}

static void close_boxes(struct letter_opener *opener)
{
	for (size_t i = 0; i < opener->count; i++)
		box_close(&opener->boxes[i]);
	opener->open = 0;
}

void letter_opener_free(struct letter_opener **opener)
{
	if (!*opener)
		return;
	close_boxes(*opener);
	free((*opener)->boxes);
	free(*opener);
	*opener = NULL;
}

int letter_opener_open(struct letter_opener *opener, const struct texts_letter *letter,
		       struct box_message *message)
{
	struct box **box = &opener->boxes[letter->place];

	if (!*box) {
		if (opener->open >= BOXES_OPEN)
			close_boxes(opener);
		*box = box_open(opener->places[letter->place], true, NULL);
		opener->open += *box != NULL;
	}
	return *box ? box_message_open_at(*box, letter->key, &letter->hint, message, NULL) : -1;
}

/* --- words of letters into files --- */

struct filler {
	const struct texts_job *job;
	struct words *words;
	struct collector *collector;
	struct letter_opener *opener;
	enum word_field field;
	uint32_t places[256]; /* by field */
};

static void take_word(void *arg, const struct word *word)
{
	struct filler *filler = arg;

	collector_add(filler->collector, filler->field, word);
}

static bool take_text(void *arg, enum word_field field, const char *text, size_t len)
{
	struct filler *filler = arg;
	uint32_t *place = &filler->places[field];

	filler->field = field;
	words_read(filler->words, text, len, place, take_word, filler);
	*place += WORDS_GAP;
	return true;
}

/* What cannot be read now is tried again next time; until then nobody finds it anyway. */
static void fill_one(struct filler *filler, const struct texts_letter *letter)
{
	struct box_message message;

	if (letter_opener_open(filler->opener, letter, &message) < 0)
		return;
	memset(filler->places, 0, sizeof filler->places);
	collector_begin(filler->collector, letter->id);
	letter_texts(&message, take_text, filler);
	box_message_close(&message);
}

static int write_if(struct filler *filler, bool is_wanted, struct err *err)
{
	if (!is_wanted)
		return 0;
	return collector_write(filler->collector, filler->job->dir, filler->job->kind, err);
}

struct tally {
	int64_t done;
	int fd; /* where a child says how many, or -1: it calls progress itself */
};

static int say_progress(const struct texts_job *job, struct tally *tally, bool is_last)
{
	uint32_t count;

	if (tally->fd >= 0) {
		count = is_last ? (uint32_t)(tally->done % PROGRESS_EACH) : PROGRESS_EACH;
		return write(tally->fd, &count, sizeof count) == sizeof count ? 0 : -1;
	}
	return job->progress ? job->progress(job->arg, tally->done, (int64_t)job->letter_count) : 0;
}

/* The share of process NUMBER. What is done when it is stopped is kept. */
static int fill_share(const struct texts_job *job, int number, int fd, struct err *err)
{
	struct filler filler = {.job = job};
	struct tally tally = {.fd = fd};
	int rc = 0, stopped = 0;

	filler.words = words_new();
	filler.collector = collector_new(MEMORY / (unsigned)job->processes);
	filler.opener = letter_opener_new(job->places, job->place_count);
	for (size_t i = 0; i < job->letter_count && rc == 0 && !stopped; i++) {
		if ((int)(i / STRIPE % (size_t)job->processes) != number)
			continue;
		fill_one(&filler, &job->letters[i]);
		rc = write_if(&filler, collector_is_full(filler.collector), err);
		if (++tally.done % PROGRESS_EACH == 0)
			stopped = say_progress(job, &tally, false);
	}
	if (rc == 0)
		rc = write_if(&filler, true, err);
	if (!stopped)
		say_progress(job, &tally, true);
	letter_opener_free(&filler.opener);
	collector_free(&filler.collector);
	words_free(&filler.words);
	if (rc == 0 && stopped < 0)
		return err_set_kind(err, ERR_CANCELLED, _("This was stopped."));
	return rc;
}

/* --- several processes --- */

static pid_t start_share(const struct texts_job *job, int number, int *fd)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) { /* no database, no output: only files of words */
		close(ends[0]);
		signal(SIGPIPE, SIG_IGN);
		_exit(fill_share(job, number, ends[1], NULL) < 0);
	}
	close(ends[1]);
	*fd = ends[0];
	return pid;
}

static void read_progress(struct pollfd *fd, int64_t *done)
{
	uint32_t counts[256];
	ssize_t n = read(fd->fd, counts, sizeof counts);

	for (ssize_t i = 0; n > 0 && i < n / (ssize_t)sizeof *counts; i++)
		*done += counts[i];
	if (n > 0 || (n < 0 && errno == EINTR))
		return;
	close(fd->fd);
	fd->fd = -1;
}

/* Closing our ends makes the children write what they have and end. */
static int follow_shares(const struct texts_job *job, struct pollfd *fds, int count)
{
	int64_t done = 0;
	int open = count;

	while (open) {
		open = 0;
		if (poll(fds, (nfds_t)count, 1000) < 0 && errno != EINTR)
			return -1;
		for (int i = 0; i < count; i++) {
			if (fds[i].fd >= 0 && fds[i].revents)
				read_progress(&fds[i], &done);
			open += fds[i].fd >= 0;
		}
		if (job->progress && job->progress(job->arg, done, (int64_t)job->letter_count) < 0)
			return -1;
	}
	return 0;
}

static int fill_by_several(const struct texts_job *job, struct err *err)
{
	struct pollfd *fds = mem_calloc((size_t)job->processes, sizeof *fds);
	pid_t *pids = mem_calloc((size_t)job->processes, sizeof *pids);
	int rc = 0, status;

	for (int i = 0; i < job->processes; i++) {
		fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
		pids[i] = start_share(job, i, &fds[i].fd);
	}
	if (follow_shares(job, fds, job->processes) < 0)
		rc = err_set_kind(err, ERR_CANCELLED, _("This was stopped."));
	for (int i = 0; i < job->processes; i++) {
		if (fds[i].fd >= 0)
			close(fds[i].fd);
		if (pids[i] > 0 && waitpid(pids[i], &status, 0) > 0 && status == 0)
			continue;
		if (rc == 0)
			rc = err_set(err, _("A process that reads letters for the search index failed."));
	}
	free(fds);
	free(pids);
	return rc;
}

/* --- order among the files --- */

static bool is_alive(void *arg, uint32_t id)
{
	const struct texts_job *job = arg;

	return !job->alive || bits_has(job->alive, id);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = segment_size(*(struct segment *const *)a), y = segment_size(*(struct segment *const *)b);

	return x < y ? -1 : x > y;
}

static void remove_joined(struct texts *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unlink(segment_path(texts->segments[i]));
		segment_close(&texts->segments[i]);
	}
	memmove(texts->segments, texts->segments + count,
		(texts->count - count) * sizeof(struct segment *));
	texts->count -= count;
}

/* How many of the smallest belong together: so that each joining at least doubles what a letter lies in. */
static size_t how_many(const struct texts *texts)
{
	uint64_t sum = 0;
	size_t count = 0;

	for (size_t i = 0; i < texts->count; i++) {
		uint64_t size = segment_size(texts->segments[i]);

		if (sum + size > JOINED_MAX || (count > 1 && size > 2 * sum && texts->count < FILES_MANY))
			break;
		sum += size;
		count++;
	}
	return texts->count > FILES_SOME && count > 1 ? count : 0;
}

/* Is a third of what is in SEGMENT gone? */
static bool is_worn(const struct texts_job *job, const struct segment *segment)
{
	uint32_t count, gone = 0;
	const uint32_t *ids = segment_ids(segment, &count);

	for (uint32_t i = 0; job->alive && i < count; i++)
		gone += !bits_has(job->alive, ids[i]);
	return gone * 3 > count;
}

/* To the front: they are joined with whatever is small, or alone. */
static size_t bring_worn_forward(const struct texts_job *job, struct texts *texts)
{
	size_t front = 0;

	for (size_t i = 0; i < texts->count; i++) {
		struct segment *segment = texts->segments[i];

		if (!is_worn(job, segment))
			continue;
		memmove(texts->segments + front + 1, texts->segments + front,
			(i - front) * sizeof(struct segment *));
		texts->segments[front++] = segment;
	}
	return front;
}

static int join(const struct texts_job *job, struct texts *texts, size_t count, struct err *err)
{
	struct texts_job *own = (struct texts_job *)(uintptr_t)job;
	int rc = segment_join(texts->segments, count, job->dir, job->kind, is_alive, own, err);

	if (rc >= 0) {
		remove_joined(texts, count);
		return 0;
	}
	for (size_t i = 0; err->kind == ERR_CORRUPT && i < count; i++)
		if (segment_is_damaged(texts->segments[i]))
			unlink(segment_path(texts->segments[i]));
	return -1;
}

/* What damage takes away is missing in the next round and read in again then. */
static int put_in_order(const struct texts_job *job, struct err *err)
{
	struct texts *texts = texts_open(job->dir, job->kind);
	int rc = 0;
	size_t count;

	if (texts->count)
		qsort(texts->segments, texts->count, sizeof *texts->segments, by_size);
	count = bring_worn_forward(job, texts);
	if (!count)
		count = how_many(texts);
	if (count)
		rc = join(job, texts, count, err);
	texts_close(&texts);
	if (rc < 0)
		return -1;
	texts = texts_open(job->dir, job->kind);
	texts_write_whole(texts, job->whole_to, job->alive);
	texts_close(&texts);
	return 0;
}

/* Files of another index, or that are not whole, and what a killed process left. */
static void sweep(const struct texts_job *job)
{
	DIR *dir = opendir(job->dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *path = path_join(job->dir, entry->d_name);
		bool is_words = str_ends(entry->d_name, TEXTS_SUFFIX);
		struct segment *segment = is_words ? segment_open(path, job->kind) : NULL;

		if ((is_words && !segment) || str_ends(entry->d_name, ".tmp"))
			unlink(path);
		segment_close(&segment);
		free(path);
	}
	if (dir)
		closedir(dir);
}

static int lock_dir(const struct texts_job *job, struct err *err)
{
	char *path = path_join(job->dir, "lock");
	int fd = -1;

	if (path_make_dirs(job->dir, err) == 0) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			err_errno(err, _("opening \"%s\""), path);
	}
	free(path);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return err_set_kind(err, ERR_TEMPORARY, _("Another program fills the search index; try again."));
}

int texts_fill(const struct texts_job *job, struct err *err)
{
	struct err own = ERR_INIT;
	int rc, fd = lock_dir(job, err);

	if (fd < 0)
		return -1;
	sweep(job);
	if (job->processes > 1 && job->letter_count > STRIPE)
		rc = fill_by_several(job, &own);
	else {
		struct texts_job alone = *job;

		alone.processes = 1;
		rc = fill_share(&alone, 0, -1, &own);
	}
	if (rc == 0)
		rc = put_in_order(job, &own);
	close(fd);
	return rc < 0 ? err_set_kind(err, own.kind, "%s", own.text) : 0;
}
