/* Reading letters that the index has not, in processes of their own: each says over a pipe what it found. They have
 * no use for the database and do not touch it. */
#include "config.h"
#include "store/mail/fulltext.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/fulltext_inside.h"
#include "store/mail/store_inside.h"
#include "store/search/look.h"

#define PROCESSES 2
#define FEW	  8 /* letters that are not worth a process */

/* --- where they lie --- */

static uint32_t add_place(struct store *store, struct whereabouts_list *list, int64_t id)
{
	struct folder folder;
	struct box_stamp stamp;
	struct db_stmt *stmt;

	for (size_t i = 0; i < list->place_count; i++)
		if (list->place_ids[i] == id)
			return (uint32_t)i;
	if (list->place_count >= list->place_cap) {
		list->place_cap = list->place_cap ? list->place_cap * 2 : 8;
		list->places = mem_resize(list->places, list->place_cap, sizeof *list->places);
		list->place_ids = mem_resize(list->place_ids, list->place_cap, sizeof *list->place_ids);
		list->stamps = mem_resize(list->stamps, list->place_cap, sizeof *list->stamps);
	}
	stmt = db_query(store->db, "SELECT stamp_a, stamp_b, stamp_c, stamp_d FROM folder WHERE id = ?");
	memset(&stamp, 0, sizeof stamp);
	db_bind_int(stmt, 1, id);
	if (db_step(stmt, NULL) == 1)
		stamp = (struct box_stamp){db_int(stmt, 0), db_int(stmt, 1), db_int(stmt, 2),
					   db_int(stmt, 3)};
	db_reset(stmt);
	list->stamps[list->place_count] = stamp;
	list->place_ids[list->place_count] = id;
	list->places[list->place_count] =
	    store_folder(store, id, list->arena, &folder, NULL) == 1 ? folder.path : "";
	return (uint32_t)list->place_count++;
}

static void add_letter(struct store *store, struct whereabouts_list *list, int64_t id,
		       struct db_stmt *stmt)
{
	struct texts_letter letter = {.id = (uint32_t)id};

	letter.key = arena_strdup(list->arena, db_text(stmt, 1));
	letter.hint.hint = db_int(stmt, 2);
	letter.hint.size = db_int(stmt, 3);
	letter.hint.flags = (unsigned)db_int(stmt, 4);
	letter.hint.wants_all = true;
	letter.place = add_place(store, list, db_int(stmt, 0));
	letter.hint.stamp = list->stamps[letter.place];
	ARRAY_ROOM(list->letters, list->count, list->cap);
	list->letters[list->count++] = letter;
}

int whereabouts_of(struct store *store, const int64_t *ids, size_t count,
		   struct whereabouts_list *list, struct err *err)
{
	int rc = 0;

	*list = (struct whereabouts_list){.arena = arena_new()};
	db_exec(store->db, "SAVEPOINT whereabouts", NULL); /* else each row takes and leaves a lock */
	for (size_t i = 0; i < count && rc >= 0; i++) {
		struct db_stmt *stmt =
		    db_query(store->db, "SELECT place, key, hint, size, file_flags FROM message WHERE id = ?");

		db_bind_int(stmt, 1, ids[i]);
		rc = db_step(stmt, err);
		if (rc == 1)
			add_letter(store, list, ids[i], stmt);
		db_reset(stmt);
	}
	db_exec(store->db, "RELEASE whereabouts", NULL);
	return rc < 0 ? -1 : 0;
}

void whereabouts_free(struct whereabouts_list *list)
{
	free(list->places);
	free(list->place_ids);
	free(list->stamps);
	free(list->letters);
	arena_free(&list->arena);
}

/* --- reading --- */

struct answer {
	uint32_t id, is_last;
	uint64_t found; /* a bit a wish */
};

struct reader {
	pid_t pid; /* 0: none */
	int fd;
};

struct fulltext_reading {
	struct fulltext *fulltext;
	char *const *wishes;
	size_t wish_count;
	struct whereabouts_list list;
	struct reader readers[PROCESSES];
};

static struct look *look_for(const struct fulltext_reading *reading)
{
	const struct wish *wishes[FULLTEXT_WISHES_MAX];

	for (size_t i = 0; i < reading->wish_count; i++)
		wishes[i] = fulltext_ask(reading->fulltext, reading->wishes[i])->wish;
	return look_new(reading->fulltext->words, wishes, reading->wish_count);
}

static void read_share(const struct fulltext_reading *reading, size_t number, int fd)
{
	const struct whereabouts_list *list = &reading->list;
	struct letter_opener *opener = letter_opener_new(list->places, list->place_count);
	struct look *look = look_for(reading);
	struct answer answers[64];
	struct box_message message;
	size_t count = 0;

	for (size_t i = number; i < list->count; i += PROCESSES) {
		const struct texts_letter *letter = &list->letters[i];

		if (letter_opener_open(opener, letter, &message) < 0)
			continue;
		answers[count++] =
		    (struct answer){.id = letter->id, .found = look_at(look, &message)};
		box_message_close(&message);
		if (count < ARRAY_COUNT(answers))
			continue;
		if (file_write_fd(fd, answers, count * sizeof *answers, NULL) < 0)
			break;
		count = 0;
	}
	if (count)
		file_write_fd(fd, answers, count * sizeof *answers, NULL);
	look_free(&look);
	letter_opener_free(&opener);
}

static void start_reader(struct fulltext_reading *reading, size_t number)
{
	struct reader *reader = &reading->readers[number];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	reader->pid = fork();
	if (reader->pid == 0) {
		close(ends[0]);
		signal(SIGPIPE, SIG_DFL);
		read_share(reading, number, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	reader->fd = ends[0];
}

static void end_reader(struct reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	while (reader->pid > 0 && waitpid(reader->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*reader = (struct reader){.fd = -1};
}

static void take_answer(struct asked **asked, size_t count, const struct answer *answer)
{
	for (size_t i = 0; i < count; i++) {
		bits_set(&asked[i]->known, answer->id);
		if (answer->found >> i & 1)
			bits_set(&asked[i]->hits, answer->id);
	}
}

/* Answers are written in one piece of less than a pipe holds, so they come whole or with their rest next. */
static void take_answers(int fd, struct asked **asked, size_t count)
{
	struct answer answer;
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, (char *)&answer + have, sizeof answer - have)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		have += (size_t)n;
		if (have < sizeof answer)
			continue;
		have = 0;
		take_answer(asked, count, &answer);
	}
}

static int64_t *unread_of(struct fulltext *fulltext, struct asked **asked, size_t asked_count,
			  const int64_t *ids, size_t count, size_t *unread_count)
{
	int64_t *unread = mem_calloc(count + 1, sizeof *unread);
	const struct bits *covered = texts_covered(fulltext->texts);

	*unread_count = 0;
	for (size_t i = 0; i < count; i++) {
		bool is_known = true;

		for (size_t k = 0; k < asked_count; k++)
			is_known &= bits_has(&asked[k]->known, ids[i]);
		if (!is_known && !bits_has(covered, ids[i]) && ids[i] <= UINT32_MAX)
			unread[(*unread_count)++] = ids[i];
	}
	return unread;
}

struct fulltext_reading *fulltext_read_new(struct store *store, char *const *wishes, size_t count,
					   const int64_t *ids, size_t id_count, struct err *err)
{
	struct fulltext *fulltext = fulltext_of(store, err);
	struct asked *asked[FULLTEXT_WISHES_MAX];
	struct fulltext_reading *reading;
	int64_t *unread;
	size_t unread_count;

	if (!fulltext)
		return NULL;
	reading = mem_alloc(sizeof *reading);
	*reading = (struct fulltext_reading){.fulltext = fulltext, .wishes = wishes};
	for (size_t i = 0; i < PROCESSES; i++)
		reading->readers[i].fd = -1;
	reading->wish_count = count <= FULLTEXT_WISHES_MAX ? count : 0; /* nobody asks for more */
	for (size_t i = 0; i < reading->wish_count; i++)
		asked[i] = fulltext_ask(fulltext, wishes[i]);
	unread = unread_of(fulltext, asked, reading->wish_count, ids, id_count, &unread_count);
	if (whereabouts_of(store, unread, unread_count > FEW ? unread_count : 0, &reading->list, err) < 0)
		fulltext_read_free(&reading);
	free(unread);
	return reading;
}

void fulltext_read_begin(struct fulltext_reading *reading)
{
	for (size_t i = 0; i < PROCESSES && reading->list.count; i++)
		start_reader(reading, i);
}

/* A reader that dies leaves its letters unknown: they are read one by one later, and who asks waits. */
void fulltext_read_end(struct fulltext_reading *reading)
{
	struct asked *asked[FULLTEXT_WISHES_MAX];

	for (size_t i = 0; i < reading->wish_count; i++)
		asked[i] = fulltext_ask(reading->fulltext, reading->wishes[i]);
	for (size_t i = 0; i < PROCESSES; i++) {
		if (reading->readers[i].fd >= 0)
			take_answers(reading->readers[i].fd, asked, reading->wish_count);
		end_reader(&reading->readers[i]);
	}
}

void fulltext_read_free(struct fulltext_reading **reading)
{
	if (!*reading)
		return;
	for (size_t i = 0; i < PROCESSES; i++) {
		if ((*reading)->readers[i].pid > 0)
			kill((*reading)->readers[i].pid, SIGKILL);
		end_reader(&(*reading)->readers[i]);
	}
	whereabouts_free(&(*reading)->list);
	free(*reading);
	*reading = NULL;
}
