/* Messages from the server, the newest first: headers, so that the screen has something to show, then bytes as
 * "keep" says. */
#include "config.h"
#include "net/sync/reconcile_inside.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/outline.h"
#include "store/mime/attached.h"

#define FIRST_HEADERS 200 /* a screen full, at once */
#define HEADERS	      1000 /* written together: rows take memory */
#define MANY_HEADERS  4000 /* asked for together */
#define WHOLE	      500
#define MANY_WHOLE    2000 /* behind the first: each sync costs as much as some hundred messages */
#define MOST	      32000
#define SOON_US	      500000 /* what somebody waits for has its turn between two askings */
#define THIN	      200
#define MANY_NEW      2000
#define BYTES	      (16 * 1024 * 1024) /* that wait to be synced */
#define FAST_US	      400 /* for a header: then bytes come as quickly as headers would */

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* A server that is asked for more only once all is written waits for us each time: what comes quickly is asked for in
 * larger numbers. */
static size_t next_limit(size_t limit, size_t least, int64_t took_us)
{
	if (limit < least)
		return least;
	if (took_us < SOON_US / 3 && limit < MOST)
		return limit * 2;
	return took_us > SOON_US && limit > least ? limit / 2 : limit;
}

static void say_progress(struct reconcile *r, const struct remote_folder *folder, size_t count)
{
	r->done += (int64_t)count;
	if (r->events.progress)
		r->events.progress(r->events.arg, folder->name, r->done, r->total);
	reconcile_changed(r);
}

/* --- headers --- */

struct heading {
	struct reconcile *reconcile;
	const struct remote_folder *folder;
	struct arena *arena;
	struct remote_message *messages;
	size_t count, limit;
	bool is_first;
};

static int newest_first(const void *a, const void *b)
{
	const struct remote_message *x = a, *y = b;

	return (x->uid < y->uid) - (x->uid > y->uid);
}

static void begin_heads(struct heading *in)
{
	arena_reset(in->arena);
	in->count = 0;
	in->messages = ARENA_ARRAY(in->arena, struct remote_message, HEADERS);
}

static int write_heads(struct heading *in, struct err *err)
{
	size_t count = in->count;

	if (count == 0)
		return 0;
	qsort(in->messages, count, sizeof *in->messages, newest_first);
	if (remote_headers(in->reconcile->store, in->folder->id, in->messages, count, in->is_first, err) < 0)
		return -1;
	begin_heads(in);
	say_progress(in->reconcile, in->folder, count);
	return reconcile_check_stop(in->reconcile, err);
}

static int head(void *arg, const struct backend_message *message, struct err *err)
{
	struct heading *in = arg;

	if (!message->uid || in->limit == 0)
		return 0;
	in->limit--;
	in->messages[in->count++] = (struct remote_message){
	    .uid = message->uid,
	    .flags = message->flags,
	    .keywords = arena_strdup(in->arena, message->keywords ? message->keywords : ""),
	    .size = message->size,
	    .received = message->received,
	    .same = message->same,
	    .header = {arena_strndup(in->arena, message->header.data ? message->header.data : "",
				     message->header.len),
		       message->header.len},
	    .has_attachment = message->has_attachment};
	return in->count == HEADERS ? write_heads(in, err) : 0;
}

/* Some are written while the server sends the next. */
static int fetch_heads(struct heading *in, const uint32_t *uids, size_t count, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	struct backend_visit visit = {head, NULL, in};

	begin_heads(in);
	in->limit = count;
	if (backend->ops->headers(backend, uids, count, &visit, err) < 0)
		return -1;
	return write_heads(in, err);
}

/* --- how far it is with what somebody waits for --- */

static int tell_wish(struct reconcile *r, struct err *err)
{
	if (!r->wish || !r->events.wish ||
	    !r->events.wish(r->events.arg, r->wish->message, r->wish->part, r->wish_done, r->wish_total))
		return 0;
	return err_set_kind(err, ERR_CANCELLED, _("Nobody waits for this letter any more."));
}

int reconcile_begin_wish(struct reconcile *r, int64_t size, struct err *err)
{
	r->wish_done = 0;
	r->wish_total = size > 0 ? size : 1;
	return tell_wish(r, err);
}

/* Its end is told when it is on the disk. */
int reconcile_add_wish(struct reconcile *r, size_t len, struct err *err)
{
	r->wish_done += (int64_t)len;
	return r->wish_done < r->wish_total ? tell_wish(r, err) : 0;
}

/* --- whole messages --- */

struct wholing {
	struct reconcile *reconcile;
	const struct remote_folder *folder;
	struct remote_batch *batch;
	size_t said; /* of those that were asked for together */
};

static int whole_told(void *arg, const struct backend_message *message, struct err *err)
{
	struct wholing *in = arg;
	struct remote_message told = {.uid = message->uid,
				      .flags = message->flags,
				      .keywords = message->keywords,
				      .size = message->size,
				      .received = message->received};

	(void)err;
	remote_batch_tell(in->batch, &told);
	return 0;
}

static int whole_begin(void *arg, uint32_t uid, int64_t size, struct err *err)
{
	struct wholing *in = arg;

	return reconcile_begin_wish(in->reconcile, size, err) < 0 ? -1 : remote_batch_begin(in->batch, uid, err);
}

static int whole_piece(void *arg, const char *data, size_t len, struct err *err)
{
	struct wholing *in = arg;

	return reconcile_add_wish(in->reconcile, len, err) < 0 ? -1 : remote_batch_piece(in->batch, data, len, err);
}

/* The server goes on meanwhile. */
static int push_amid(struct wholing *in, struct err *err)
{
	size_t count = remote_batch_count(in->batch);

	if (remote_batch_push(in->batch, err) < 0)
		return -1;
	in->said += count;
	say_progress(in->reconcile, in->folder, count);
	return reconcile_check_stop(in->reconcile, err);
}

static int whole_end(void *arg, uint32_t uid, struct err *err)
{
	struct wholing *in = arg;

	(void)uid;
	if (remote_batch_end(in->batch, err) < 0)
		return -1;
	return remote_batch_bytes(in->batch) >= BYTES || remote_batch_count(in->batch) >= MANY_WHOLE
		   ? push_amid(in, err)
		   : 0;
}

/* UIDS rising. What the connection brought before it broke is kept. */
static int fetch_some(struct wholing *in, const uint32_t *uids, size_t count, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	struct backend_visit visit = {whole_told, NULL, in};
	struct backend_sink sink = {whole_begin, whole_piece, whole_end, in};
	struct err why = ERR_INIT;
	int rc = backend->ops->whole(backend, uids, count, &visit, &sink, err);

	if (rc < 0)
		remote_batch_commit(in->batch, &why);
	return rc < 0 ? -1 : 0;
}

/* The same message may be here already from another mailbox. 1 it is, 0, -1. */
static int share(struct wholing *in, const struct remote_folder *folder, uint32_t uid, struct err *err)
{
	struct store *store = in->reconcile->store;
	struct arena *arena = arena_new();
	struct remote_message told;
	struct box_message bytes;
	int64_t id = 0;
	int rc = remote_same_here(store, folder->id, uid, arena, &id, &told, err);

	if (rc == 1 && store_message_open(store, id, &bytes, NULL) < 0)
		rc = 0;
	if (rc == 1) {
		remote_batch_tell(in->batch, &told);
		if (remote_batch_begin(in->batch, uid, err) < 0 ||
		    remote_batch_piece(in->batch, bytes.data, bytes.len, err) < 0 || whole_end(in, uid, err) < 0)
			rc = -1;
		box_message_close(&bytes);
	}
	arena_free(&arena);
	return rc;
}

static int fetch_or_share(struct wholing *in, const struct remote_folder *folder, const uint32_t *uids, size_t count,
			  struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	uint32_t *left;
	size_t left_count = 0;
	int rc = 0;

	if (!backend->ops->abilities(backend)->has_same)
		return fetch_some(in, uids, count, err);
	left = mem_calloc(count + 1, sizeof *left);
	for (size_t i = 0; rc >= 0 && i < count; i++) {
		rc = share(in, folder, uids[i], err);
		if (rc == 0)
			left[left_count++] = uids[i];
	}
	if (rc >= 0)
		rc = left_count ? fetch_some(in, left, left_count, err) : 0;
	free(left);
	return rc;
}

/* UIDS, rising, from their end on. */
static int fetch_whole(struct reconcile *r, const struct remote_folder *folder, const uint32_t *uids,
		       size_t count, bool is_first, struct err *err)
{
	struct wholing in = {r, folder, remote_batch_new(r->store, folder->id, is_first, err), 0};
	size_t limit = WHOLE;
	int rc = in.batch ? 0 : -1;

	while (rc == 0 && count) {
		size_t n = count < limit ? count : limit;
		int64_t begun = now_us();

		in.said = 0;
		rc = reconcile_check_stop(r, err);
		if (rc == 0)
			rc = reconcile_fetch_wishes_amid(r, folder, err);
		if (rc == 0)
			rc = fetch_or_share(&in, folder, uids + count - n, n, err);
		count -= n;
		if (rc == 0)
			rc = count ? remote_batch_push(in.batch, err) : remote_batch_commit(in.batch, err);
		limit = next_limit(limit, MANY_WHOLE, now_us() - begun);
		if (rc == 0 && n > in.said)
			say_progress(r, folder, n - in.said);
	}
	remote_batch_free(&in.batch);
	return rc;
}

/* --- new ones --- */

static bool is_fast(int64_t begun, size_t count)
{
	return count >= FIRST_HEADERS && now_us() - begun < (int64_t)count * FAST_US;
}

/* Newest first, until those that are *LEFT should rather come whole at once. */
static int fetch_new_heads(struct heading *in, const uint32_t *uids, size_t *left, bool wants_whole, struct err *err)
{
	size_t count = *left, limit = FIRST_HEADERS;
	bool is_all_fast = false;

	while (*left && !is_all_fast) {
		size_t n = *left < limit ? *left : limit;
		int64_t begun = now_us();

		if (reconcile_check_stop(in->reconcile, err) < 0 ||
		    reconcile_fetch_wishes_amid(in->reconcile, in->folder, err) < 0 ||
		    fetch_heads(in, uids + *left - n, n, err) < 0)
			return -1;
		if (*left == count && count > MANY_NEW &&
		    remote_expect_many(in->reconcile->store, count, err) < 0)
			return -1;
		*left -= n;
		limit = next_limit(limit, MANY_HEADERS, now_us() - begun);
		is_all_fast = wants_whole && is_fast(begun, n);
	}
	return 0;
}

int reconcile_fetch_new(struct reconcile *r, const struct remote_folder *folder, struct reconcile_uids *uids,
			bool is_first, struct err *err)
{
	struct heading in = {.reconcile = r, .folder = folder, .arena = arena_new(), .is_first = is_first};
	int strays = remote_has_strays(r->store, folder->id, err), rc = strays < 0 ? -1 : 0;
	/* Headers tell what need not be fetched. */
	bool wants_whole = r->since == INT64_MIN && !strays && !r->backend->ops->abilities(r->backend)->has_same;
	size_t left = uids->count;

	r->total += (int64_t)left;
	if (rc == 0)
		rc = fetch_new_heads(&in, uids->items, &left, wants_whole, err);
	arena_free(&in.arena);
	if (rc == 0 && left)
		rc = fetch_whole(r, folder, uids->items, left, is_first, err);
	if (remote_filled(r->store, rc < 0 ? NULL : err) < 0)
		rc = -1;
	return rc;
}

/* --- bytes --- */

static void turn(uint32_t *uids, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		uint32_t uid = uids[i];

		uids[i] = uids[count - 1 - i];
		uids[count - 1 - i] = uid;
	}
}

/* What need not be kept any more goes: "recent" passes, and "keep" may have been "all". */
static int thin(struct reconcile *r, const struct remote_folder *folder, struct err *err)
{
	int count = THIN;

	while (r->since != INT64_MIN && r->is_whole && count == THIN) {
		if (reconcile_check_stop(r, err) < 0)
			return -1;
		count = remote_thin(r->store, folder->id, r->since, THIN, err);
	}
	return count < 0 ? -1 : 0;
}

int reconcile_fetch_bytes(struct reconcile *r, const struct remote_folder *folder, size_t at_most,
			  struct err *err)
{
	uint32_t *uids = NULL;
	size_t count = 0;
	int rc;

	if (thin(r, folder, err) < 0)
		return -1;
	if (r->since == INT64_MAX)
		return 0;
	rc = remote_wanted(r->store, folder->id, r->since, &uids, &count, err);
	if (rc == 0 && count && count <= at_most) {
		turn(uids, count);
		r->total += (int64_t)count;
		rc = reconcile_open(r, folder, err);
		if (rc == 0)
			rc = fetch_whole(r, folder, uids, count, folder->state.uidnext == 0, err);
	}
	free(uids);
	return rc;
}

/* --- what a person waits for --- */

struct parting {
	struct reconcile *reconcile;
	int fd;
};

static int part_begin(void *arg, uint32_t uid, int64_t size, struct err *err)
{
	(void)uid;
	return reconcile_begin_wish(((struct parting *)arg)->reconcile, size, err);
}

static int part_piece(void *arg, const char *data, size_t len, struct err *err)
{
	struct parting *in = arg;

	return reconcile_add_wish(in->reconcile, len, err) < 0 ? -1 : file_write_fd(in->fd, data, len, err);
}

static int part_end(void *arg, uint32_t uid, struct err *err)
{
	(void)arg;
	(void)uid;
	(void)err;
	return 0;
}

/* Beside its place first: what lies there is whole. */
static int fetch_part_to(struct reconcile *r, const struct remote_wish *wish, const char *path, struct err *err)
{
	struct parting in = {.reconcile = r, .fd = -1};
	struct backend_sink sink = {part_begin, part_piece, part_end, &in};
	char *half = mem_printf("%s.half", path);
	int rc = -1;

	unlink(half);
	in.fd = file_create(half, err);
	if (in.fd >= 0) {
		rc = r->backend->ops->part(r->backend, wish->uid, wish->part, &sink, err);
		close(in.fd);
	}
	if (rc == 0 && rename(half, path) < 0)
		rc = err_errno(err, _("renaming \"%s\" to \"%s\""), half, path);
	if (rc < 0)
		unlink(half);
	free(half);
	return rc;
}

static int fetch_part(struct reconcile *r, const struct remote_wish *wish, struct err *err)
{
	char *path = store_part_path(r->store, wish->message, wish->part), *dir = path_parent(path);
	int rc = path_make_dirs(dir, err);

	if (rc == 0)
		rc = fetch_part_to(r, wish, path, err);
	free(dir);
	free(path);
	return rc;
}

/* The outline of the letter has a place for it. */
static int put_into_outline(struct reconcile *r, const struct remote_wish *wish)
{
	char *path = store_part_path(r->store, wish->message, REMOTE_OUTLINE);
	char *part = store_part_path(r->store, wish->message, wish->part);
	int rc = outline_fill(path, wish->part, part, NULL);

	if (rc > 0)
		unlink(part);
	free(part);
	free(path);
	return rc;
}

/* The outline has all parts, big ones without their bytes: enough to know that. */
static void learn_attachment(struct reconcile *r, int64_t message)
{
	char *path = store_part_path(r->store, message, REMOTE_OUTLINE);
	struct outline outline;

	if (outline_open(&outline, path, NULL) == 0) {
		struct mime_message *letter = mime_parse(outline.bytes.data, outline.bytes.len, NULL);

		store_set_attachment(r->store, message, mime_has_attachment(letter), NULL);
		mime_free(&letter);
		outline_close(&outline);
	}
	free(path);
}

static int fetch_outline(struct reconcile *r, const struct remote_folder *folder, const struct remote_wish *wish,
			 struct err *err)
{
	char *path = store_part_path(r->store, wish->message, wish->part), *dir = path_parent(path);
	int rc = path_make_dirs(dir, err);

	if (rc == 0)
		rc = reconcile_fetch_outline(r, wish->uid, path, err);
	free(dir);
	free(path);
	if (rc == 0)
		learn_attachment(r, wish->message);
	return rc > 0 ? fetch_whole(r, folder, &wish->uid, 1, false, err) : rc;
}

/* A server whose words about its parts break the connection may give the letter as a whole. */
static int want_whole(struct reconcile *r, const struct remote_wish *wish)
{
	if (store_unwant(r->store, wish->message, wish->part, NULL) < 0)
		return -1;
	return store_want(r->store, wish->message, "", NULL);
}

static int fetch_wished(struct reconcile *r, const struct remote_folder *folder, const struct remote_wish *wish,
			struct err *err)
{
	int rc;

	if (!*wish->part)
		return fetch_whole(r, folder, &wish->uid, 1, false, err);
	if (!strcmp(wish->part, REMOTE_OUTLINE)) {
		rc = fetch_outline(r, folder, wish, err);
		if (rc < 0 && err->kind == ERR_CORRUPT)
			want_whole(r, wish);
		return rc;
	}
	rc = fetch_part(r, wish, err);
	if (rc == 0)
		put_into_outline(r, wish);
	return rc;
}

static bool is_here(struct reconcile *r, int64_t id)
{
	struct arena *arena = arena_new();
	struct message message;
	bool is = store_message(r->store, id, arena, &message, NULL) == 1 && !message.is_away;

	arena_free(&arena);
	return is;
}

static const struct remote_folder *find_folder(const struct remote_folder *folders, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (folders[i].id == id && folders[i].wire)
			return &folders[i];
	return NULL;
}

/* It came, or will not: whoever shows how far it is stops. */
static void end_wish(struct reconcile *r)
{
	r->wish_done = r->wish_total = 1;
	tell_wish(r, NULL);
	r->wish = NULL;
}

static int fulfil(struct reconcile *r, const struct remote_folder *folder, const struct remote_wish *wish,
		  struct err *err)
{
	struct err why = ERR_INIT;
	int rc = folder ? reconcile_open(r, folder, &why) : -1;

	r->wish = wish;
	if (rc == 0)
		rc = fetch_wished(r, folder, wish, &why);
	end_wish(r);
	if (rc < 0 && reconcile_is_lost(&why))
		return err_set_kind(err, why.kind, "%s", why.text);
	if (rc == 0 && !*wish->part && !is_here(r, wish->message))
		rc = -1;
	return remote_wish_done(r->store, wish, rc < 0, err);
}

int reconcile_fetch_wishes(struct reconcile *r, struct err *err)
{
	struct arena *arena = arena_new();
	struct remote_folder *folders;
	struct remote_wish *wishes;
	size_t count, folder_count;
	int rc = remote_wishes(r->store, arena, &wishes, &count, err);

	if (rc == 0 && count)
		rc = remote_folders(r->store, arena, &folders, &folder_count, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = fulfil(r, find_folder(folders, folder_count, wishes[i].folder), &wishes[i], err);
	if (rc == 0 && count)
		reconcile_changed(r);
	arena_free(&arena);
	return rc < 0 ? -1 : (int)count;
}

/* A person's letter need not wait for the thousands that nobody waits for. */
int reconcile_fetch_wishes_amid(struct reconcile *r, const struct remote_folder *folder, struct err *err)
{
	struct backend_state before = r->now;
	int count = r->wish ? 0 : reconcile_fetch_wishes(r, err);

	if (count <= 0)
		return count;
	if (reconcile_open(r, folder, err) < 0)
		return -1;
	if (r->now.uidvalidity != before.uidvalidity)
		return err_set_kind(err, ERR_TEMPORARY, _("The folder was made anew on the server meanwhile."));
	r->now = before; /* what came meanwhile was not looked at */
	return 0;
}

/* --- what people look for --- */

struct answering {
	struct reconcile *reconcile;
	const struct remote_folder *folder;
	const char *word;
};

static int take_hits(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct answering *in = arg;

	return remote_hits(in->reconcile->store, in->folder->id, in->word, first, last, err);
}

/* A folder that cannot be searched is left out; a lost connection is told. */
static int search_folder(struct answering *in, struct err *err)
{
	struct reconcile *r = in->reconcile;
	struct err why = ERR_INIT;
	int rc = reconcile_open(r, in->folder, &why);

	if (rc == 0)
		rc = r->backend->ops->search(r->backend, NULL, in->word, take_hits, in, &why);
	if (rc < 0 && reconcile_is_lost(&why))
		return err_set_kind(err, why.kind, "%s", why.text);
	return 0;
}

static int answer_ask(struct reconcile *r, const char *word, const struct remote_folder *folders, size_t count,
		      struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct answering in = {r, &folders[i], word};

		if (!folders[i].wire || !folders[i].is_selectable || folders[i].is_removed ||
		    !remote_has_away(r->store, folders[i].id))
			continue;
		if (search_folder(&in, err) < 0)
			return -1;
		reconcile_changed(r);
	}
	return remote_ask_done(r->store, word, err);
}

int reconcile_answer_asks(struct reconcile *r, struct err *err)
{
	struct arena *arena = arena_new();
	struct remote_folder *folders;
	char **words;
	size_t count, folder_count;
	int rc = remote_asks(r->store, arena, &words, &count, err);

	if (rc == 0 && count)
		rc = remote_folders(r->store, arena, &folders, &folder_count, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = answer_ask(r, words[i], folders, folder_count, err);
	if (rc == 0 && count)
		reconcile_changed(r);
	arena_free(&arena);
	return rc < 0 ? -1 : (int)count;
}
