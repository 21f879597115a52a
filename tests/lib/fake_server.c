#include "config.h"
#include "tests/lib/fake_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/protocol/imap_structure.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/box/box.h"

struct fake {
	struct backend base;
	struct fake_server *server;
	struct fake_box *box;
	struct backend_state opened;
};

/* --- the mail ------------------------------------------------------------------------------------ */

struct fake_server *fake_server_new(void)
{
	struct fake_server *server = mem_alloc(sizeof *server);

	server->can = (struct backend_abilities){.has_modseq = true,
						 .has_vanished = true,
						 .has_move = true,
						 .has_uids_back = true,
						 .has_idle = true,
						 .has_list_status = true,
						 .has_special_use = true,
						 .has_keywords = true};
	server->cut_in = -1;
	server->room = -1;
	server->modseq = 1;
	server->uidvalidity = 1000;
	fake_make(server, "INBOX")->role = ROLE_INBOX;
	return server;
}

static void free_message(struct fake_message *message)
{
	free(message->keywords);
	free(message->bytes);
}

static void free_box(struct fake_box *box)
{
	for (size_t i = 0; i < box->count; i++)
		free_message(&box->items[i]);
	free(box->items);
	free(box->gone);
	free(box->name);
	free(box);
}

void fake_server_free(struct fake_server **server)
{
	for (size_t i = 0; i < (*server)->count; i++)
		free_box((*server)->boxes[i]);
	free((*server)->boxes);
	free(*server);
	*server = NULL;
}

struct fake_box *fake_box(struct fake_server *server, const char *name)
{
	for (size_t i = 0; i < server->count; i++)
		if (strcmp(server->boxes[i]->name, name) == 0)
			return server->boxes[i];
	return NULL;
}

struct fake_box *fake_make(struct fake_server *server, const char *name)
{
	struct fake_box *box = fake_box(server, name);

	if (box)
		return box;
	box = mem_alloc(sizeof *box);
	box->name = mem_strdup(name);
	box->uidvalidity = ++server->uidvalidity;
	box->uidnext = 1;
	box->modseq = ++server->modseq;
	box->is_subscribed = true;
	ARRAY_ROOM(server->boxes, server->count, server->cap);
	server->boxes[server->count++] = box;
	return box;
}

void fake_rename(struct fake_server *server, const char *name, const char *new_name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < server->count; i++) {
		struct fake_box *box = server->boxes[i];
		char *renamed;

		if (strncmp(box->name, name, len) != 0 || (box->name[len] && box->name[len] != '/'))
			continue;
		renamed = mem_printf("%s%s", new_name, box->name + len);
		free(box->name);
		box->name = renamed;
	}
}

void fake_remove(struct fake_server *server, const char *name)
{
	for (size_t i = 0; i < server->count; i++) {
		if (strcmp(server->boxes[i]->name, name) != 0)
			continue;
		free_box(server->boxes[i]);
		server->boxes[i] = server->boxes[--server->count];
		return;
	}
}

struct fake_message *fake_message(struct fake_box *box, uint32_t uid)
{
	size_t from = 0, end = box->count;

	while (from < end) { /* uids rise */
		size_t middle = from + (end - from) / 2;

		if (box->items[middle].uid == uid)
			return &box->items[middle];
		if (box->items[middle].uid < uid)
			from = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

struct fake_message *fake_by_id(struct fake_box *box, const char *id)
{
	for (size_t i = 0; i < box->count; i++)
		if (strcmp(box->items[i].id, id) == 0)
			return &box->items[i];
	return NULL;
}

static void touch(struct fake_server *server, struct fake_box *box, struct fake_message *message)
{
	message->modseq = box->modseq = ++server->modseq;
}

static void read_id(struct fake_message *message)
{
	const char *at = strstr(message->bytes, "Message-ID: <");
	size_t len;

	if (!at)
		return;
	at += strlen("Message-ID: <");
	len = strcspn(at, ">\r\n");
	snprintf(message->id, sizeof message->id, "%.*s", (int)len, at);
}

static struct fake_message *add(struct fake_server *server, struct fake_box *box)
{
	struct fake_message *message;

	ARRAY_ROOM(box->items, box->count, box->cap);
	message = &box->items[box->count++];
	memset(message, 0, sizeof *message);
	message->uid = box->uidnext++;
	touch(server, box, message);
	return message;
}

static char *with_crlf(const char *bytes, size_t len, size_t *size)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r'))
			buf_add_char(&out, '\r');
		buf_add_char(&out, bytes[i]);
	}
	*size = out.len;
	return buf_take(&out);
}

static uint32_t append(struct fake_server *server, struct fake_box *box, const char *bytes, size_t len,
		       unsigned flags, const char *keywords, int64_t received)
{
	struct fake_message *message = add(server, box);

	message->bytes = with_crlf(bytes, len, &message->size);
	message->flags = flags;
	message->keywords = mem_strdup(keywords ? keywords : "");
	message->received = received;
	read_id(message);
	return message->uid;
}

uint32_t fake_append(struct fake_server *server, struct fake_box *box, const char *bytes, unsigned flags,
		     const char *keywords, int64_t received)
{
	return append(server, box, bytes, strlen(bytes), flags, keywords, received);
}

/* $Forwarded is a keyword like others here. */
static char *changed_words(const char *words, const char *set, const char *clear)
{
	struct buf out = BUF_INIT;
	struct span rest;
	struct span piece;
	char *sorted[64], *result;
	size_t count = 0;

	for (int round = 0; round < 2; round++) {
		rest = span_of(round ? set : words);
		while (span_split(&rest, ' ', &piece)) {
			char *word = mem_strndup(piece.data, piece.len);
			bool is_known = !*word;

			for (size_t i = 0; i < count; i++)
				is_known |= strcmp(sorted[i], word) == 0;
			if (!round) {
				struct span others = span_of(clear), other;

				while (span_split(&others, ' ', &other))
					is_known |= span_equal(other, piece);
			}
			if (is_known || count == 64)
				free(word);
			else
				sorted[count++] = word;
		}
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			if (strcmp(sorted[j], sorted[i]) < 0) {
				char *word = sorted[i];

				sorted[i] = sorted[j];
				sorted[j] = word;
			}
	for (size_t i = 0; i < count; i++) {
		buf_printf(&out, "%s%s", out.len ? " " : "", sorted[i]);
		free(sorted[i]);
	}
	result = buf_take(&out);
	return result;
}

void fake_flags(struct fake_server *server, struct fake_box *box, struct fake_message *message, unsigned set,
		unsigned clear, const char *set_keywords, const char *clear_keywords)
{
	unsigned flags = (message->flags | set) & ~clear;
	char *words = changed_words(message->keywords, set_keywords ? set_keywords : "",
				    clear_keywords ? clear_keywords : "");

	if (flags != message->flags || strcmp(words, message->keywords) != 0)
		touch(server, box, message);
	message->flags = flags;
	free(message->keywords);
	message->keywords = words;
}

void fake_expunge(struct fake_server *server, struct fake_box *box, uint32_t uid)
{
	for (size_t i = 0; i < box->count; i++) {
		if (box->items[i].uid != uid)
			continue;
		ARRAY_ROOM(box->gone, box->gone_count, box->gone_cap);
		box->modseq = ++server->modseq;
		box->gone[box->gone_count++] = (struct fake_gone){uid, box->modseq};
		free_message(&box->items[i]);
		memmove(&box->items[i], &box->items[i + 1], (box->count - i - 1) * sizeof *box->items);
		box->count--;
		return;
	}
}

uint32_t fake_copy(struct fake_server *server, struct fake_box *from, uint32_t uid, struct fake_box *to)
{
	struct fake_message *message = fake_message(from, uid), old;

	if (!message)
		return 0;
	old = *message; /* adding may move the array */
	return append(server, to, old.bytes, old.size, old.flags, old.keywords, old.received);
}

void fake_new_uidvalidity(struct fake_server *server, struct fake_box *box)
{
	box->uidvalidity = ++server->uidvalidity;
	box->uidnext = 5;
	box->gone_count = 0;
	for (size_t i = 0; i < box->count; i++) {
		box->items[i].uid = box->uidnext;
		box->uidnext += 3;
		touch(server, box, &box->items[i]);
	}
}

/* --- the connection ------------------------------------------------------------------------------ */

static struct fake *fake_of(struct backend *backend)
{
	return (struct fake *)(void *)backend;
}

static int lost(struct err *err)
{
	return err_set_kind(err, ERR_TEMPORARY, "the connection was cut");
}

/* 0: go on; 1: carry it out, but the answer is lost; -1 lost before. */
static int arrive(struct fake *fake, struct err *err)
{
	struct fake_server *server = fake->server;

	server->commands++;
	if (server->is_cut)
		return lost(err);
	if (server->between)
		server->between(server->arg);
	if (server->cut_in < 0 || server->cut_in-- > 0)
		return 0;
	server->is_cut = true;
	return server->is_late ? 1 : lost(err);
}

static int leave(int late, struct err *err)
{
	return late ? lost(err) : 0;
}

/* In the middle of a long answer. */
static bool is_cut_here(struct fake *fake)
{
	if (fake->server->cut_in < 0 || fake->server->cut_in-- > 0)
		return false;
	fake->server->is_cut = true;
	return true;
}

static int fake_list(struct backend *backend,
		     int (*visit)(void *arg, const struct backend_mailbox *mailbox, struct err *err), void *arg,
		     struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	for (size_t i = 0; i < fake->server->count; i++) {
		struct fake_box *box = fake->server->boxes[i];
		struct backend_mailbox mailbox = {.name = box->name,
						  .wire = box->name,
						  .role = box->role,
						  .is_selectable = !box->is_unselectable,
						  .is_subscribed = box->is_subscribed,
						  .messages = (int64_t)box->count,
						  .unseen = -1,
						  .uidnext = box->uidnext,
						  .uidvalidity = box->uidvalidity,
						  .modseq = (int64_t)box->modseq};

		if (fake->server->dozes && fake->box == box) {
			mailbox.messages = fake->opened.exists;
			mailbox.uidnext = fake->opened.uidnext;
			mailbox.modseq = (int64_t)fake->opened.modseq;
		}
		if (!fake->server->can.has_modseq)
			mailbox.modseq = -1;
		if (fake->server->hides_status)
			mailbox.messages = mailbox.uidnext = mailbox.uidvalidity = mailbox.modseq = -1;
		if (visit(arg, &mailbox, err) < 0)
			return -1;
	}
	return leave(late, err);
}

static int visit_message(const struct backend_visit *visit, const struct fake_message *message, bool has_header,
			 struct err *err)
{
	const char *end = strstr(message->bytes, "\r\n\r\n");
	struct backend_message told = {.uid = message->uid,
				       .flags = message->flags,
				       .keywords = message->keywords,
				       .modseq = message->modseq,
				       .received = message->received};

	if (has_header) {
		told.size = (int64_t)message->size;
		told.header =
		    (struct span){message->bytes, end ? (size_t)(end - message->bytes) + 4 : message->size};
	}
	return visit && visit->message ? visit->message(visit->arg, &told, err) : 0;
}

static int tell_changes(struct fake *fake, const struct backend_state *known, const struct backend_visit *visit,
			struct err *err)
{
	for (size_t i = 0; i < fake->box->gone_count; i++)
		if (fake->box->gone[i].modseq > known->modseq &&
		    visit->gone(visit->arg, fake->box->gone[i].uid, fake->box->gone[i].uid, err) < 0)
			return -1;
	for (size_t i = 0; i < fake->box->count; i++)
		if (fake->box->items[i].modseq > known->modseq &&
		    visit_message(visit, &fake->box->items[i], false, err) < 0)
			return -1;
	return 0;
}

static int fake_select(struct backend *backend, const char *wire, const struct backend_state *known,
		       const struct backend_visit *visit, struct backend_state *now, bool *is_whole,
		       struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);
	struct fake_box *box;

	if (late < 0)
		return -1;
	box = fake_box(fake->server, wire);
	if (fake->server->forbidden && strcmp(fake->server->forbidden, wire) == 0)
		return err_set_kind(err, ERR_DENIED, "not for you");
	if (!box || box->is_unselectable)
		return err_set_kind(err, ERR_NOT_FOUND, "no mailbox %s", wire);
	fake->box = box;
	*now = (struct backend_state){.uidvalidity = box->uidvalidity,
				      .uidnext = box->uidnext,
				      .modseq = fake->server->can.has_modseq ? box->modseq : 0,
				      .exists = (uint32_t)box->count};
	fake->opened = *now;
	*is_whole = false;
	if (fake->server->shows_nothing_once || fake->server->shows_nothing) {
		now->exists = 0;
		fake->server->shows_nothing_once = false;
		if (known && visit->gone(visit->arg, 1, UINT32_MAX, err) < 0)
			return -1;
		*is_whole = true;
		return leave(late, err);
	}
	if (known && known->uidvalidity == box->uidvalidity && known->modseq &&
	    fake->server->can.has_vanished) {
		*is_whole = true;
		if (tell_changes(fake, known, visit, err) < 0)
			return -1;
	}
	return leave(late, err);
}

static int fake_tell_flags(struct backend *backend, uint32_t first, uint32_t last, uint64_t changed_since,
			   const struct backend_visit *visit, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	for (size_t i = 0; i < fake->box->count; i++) {
		const struct fake_message *message = &fake->box->items[i];

		if (message->uid < first || message->uid > last || message->modseq <= changed_since)
			continue;
		if (visit_message(visit, message, false, err) < 0)
			return -1;
	}
	return leave(late, err);
}

static int fake_uids(struct backend *backend, uint32_t first, uint32_t last,
		     int (*range)(void *arg, uint32_t first, uint32_t last, struct err *err), void *arg,
		     struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	for (size_t i = 0; i < fake->box->count && !fake->server->shows_nothing; i++) {
		uint32_t uid = fake->box->items[i].uid;

		if (uid >= first && uid <= last && range(arg, uid, uid, err) < 0)
			return -1;
	}
	return leave(late, err);
}

static int fake_headers(struct backend *backend, const uint32_t *uids, size_t count,
			const struct backend_visit *visit, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct fake_message *message = fake_message(fake->box, uids[i]);

		if (is_cut_here(fake))
			return lost(err);
		fake->server->headers++;
		if (message && visit_message(visit, message, true, err) < 0)
			return -1;
	}
	return leave(late, err);
}

static int send_whole(const struct fake_message *message, const struct backend_visit *visit,
		      const struct backend_sink *sink, struct err *err)
{
	size_t half = message->size / 2;

	if (visit_message(visit, message, false, err) < 0 ||
	    sink->begin(sink->arg, message->uid, (int64_t)message->size, err) < 0 ||
	    sink->piece(sink->arg, message->bytes, half, err) < 0 ||
	    sink->piece(sink->arg, message->bytes + half, message->size - half, err) < 0)
		return -1;
	return sink->end(sink->arg, message->uid, err);
}

static int fake_whole(struct backend *backend, const uint32_t *uids, size_t count,
		      const struct backend_visit *visit, const struct backend_sink *sink, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct fake_message *message = fake_message(fake->box, uids[i]);

		if (message && is_cut_here(fake)) { /* in the middle of it */
			sink->begin(sink->arg, message->uid, (int64_t)message->size, err);
			sink->piece(sink->arg, message->bytes, message->size / 2, err);
			return lost(err);
		}
		fake->server->wholes++;
		if (message && send_whole(message, visit, sink, err) < 0)
			return -1;
	}
	return leave(late, err);
}

static int fake_structure(struct backend *backend, uint32_t uid, struct arena *arena, struct imap_structure *tree,
			  struct err *err)
{
	struct fake *fake = fake_of(backend);

	(void)arena;
	(void)uid;
	*tree = fake->server->tree ? *fake->server->tree : (struct imap_structure){NULL, 0};
	return arrive(fake, err) < 0 ? -1 : 0;
}

static int fake_sections(struct backend *backend, uint32_t uid, const char *const *sections, size_t count,
			 int (*piece)(void *arg, size_t which, const char *data, size_t len, struct err *err),
			 void *arg, struct err *err)
{
	struct fake *fake = fake_of(backend);

	(void)uid;
	if (arrive(fake, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *text = fake->server->section(sections[i]);

		if (!text)
			return err_set(err, "no such part");
		if (piece(arg, i, text, strlen(text), err) < 0)
			return -1;
	}
	return 0;
}

static int fake_part(struct backend *backend, uint32_t uid, const char *path, const struct backend_sink *sink,
		     struct err *err)
{
	struct fake *fake = fake_of(backend);
	struct fake_message *message = fake_message(fake->box, uid);
	int late = arrive(fake, err);

	(void)path;
	if (late < 0)
		return -1;
	if (!message)
		return err_set_kind(err, ERR_NOT_FOUND, "no message");
	if (sink->begin(sink->arg, uid, 4, err) < 0 || sink->piece(sink->arg, "part", 4, err) < 0 ||
	    sink->end(sink->arg, uid, err) < 0)
		return -1;
	return leave(late, err);
}

static int fake_store(struct backend *backend, const uint32_t *uids, size_t count, unsigned set, unsigned clear,
		      const char *set_keywords, const char *clear_keywords, const struct backend_visit *visit,
		      struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	(void)visit;
	if (late < 0)
		return -1;
	fake->server->stores++;
	for (size_t i = 0; i < count; i++) {
		struct fake_message *message = fake_message(fake->box, uids[i]);

		if (message)
			fake_flags(fake->server, fake->box, message, set, clear, set_keywords,
				   clear_keywords);
	}
	return leave(late, err);
}

typedef int pair_fn(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t uidvalidity, struct err *err);

static int carry(struct fake *fake, const uint32_t *uids, size_t count, const char *wire, bool is_move,
		 bool is_late, pair_fn *pair, void *arg, struct err *err)
{
	struct fake_box *target = fake_box(fake->server, wire);

	if (!target)
		return err_set_kind(err, ERR_NOT_FOUND, "no mailbox %s", wire);
	for (size_t i = 0; i < count; i++) {
		uint32_t made;

		if (fake->server->room == 0)
			return err_set_kind(err, ERR_FAILED, "over quota");
		fake->server->room -= fake->server->room > 0;
		made = fake_copy(fake->server, fake->box, uids[i], target);

		if (!made)
			continue;
		if (is_move && fake->server->keeps_all)
			;
		else if (is_move && (fake->server->can.has_move || fake->server->can.has_uids_back))
			fake_expunge(fake->server, fake->box, uids[i]);
		else if (is_move)
			fake_flags(fake->server, fake->box, fake_message(fake->box, uids[i]), BOX_DELETED, 0,
				   NULL, NULL);
		if (!is_late && fake->server->can.has_uids_back &&
		    pair(arg, uids[i], made, target->uidvalidity, err) < 0)
			return -1;
	}
	for (size_t i = 0; !is_late && !fake->server->can.has_uids_back && i < count; i++)
		if (pair(arg, uids[i], 0, 0, err) < 0)
			return -1;
	return is_move && fake->server->keeps_all ? err_set_kind(err, ERR_FAILED, "nothing is removed here") : 0;
}

static int fake_move(struct backend *backend, const uint32_t *uids, size_t count, const char *wire,
		     pair_fn *pair, void *arg, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0 || carry(fake, uids, count, wire, true, late, pair, arg, err) < 0)
		return -1;
	return leave(late, err);
}

static int fake_copy_op(struct backend *backend, const uint32_t *uids, size_t count, const char *wire,
			pair_fn *pair, void *arg, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0 || carry(fake, uids, count, wire, false, late, pair, arg, err) < 0)
		return -1;
	return leave(late, err);
}

static int fake_expunge_op(struct backend *backend, const uint32_t *uids, size_t count, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	if (fake->server->keeps_all)
		return err_set_kind(err, ERR_FAILED, "nothing is removed here");
	for (size_t i = 0; i < count; i++) {
		struct fake_message *message = fake_message(fake->box, uids[i]);

		if (message && fake->server->can.has_uids_back)
			fake_expunge(fake->server, fake->box, uids[i]);
		else if (message)
			fake_flags(fake->server, fake->box, message, BOX_DELETED, 0, NULL, NULL);
	}
	return leave(late, err);
}

static int fake_append_op(struct backend *backend, const char *wire, const struct backend_letter *letter,
			  uint32_t *uid, uint32_t *uidvalidity, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);
	struct fake_box *box = fake_box(fake->server, wire);
	char *bytes;
	ssize_t n;

	*uid = *uidvalidity = 0;
	if (late < 0)
		return -1;
	if (!box)
		return err_set_kind(err, ERR_NOT_FOUND, "no mailbox %s", wire);
	fake->server->appends++;
	bytes = mem_alloc((size_t)letter->size + 1);
	n = pread(letter->fd, bytes, (size_t)letter->size, 0);
	if (n == letter->size)
		*uid = append(fake->server, box, bytes, (size_t)n, letter->flags, letter->keywords,
			      letter->received);
	free(bytes);
	if (fake->server->can.has_uids_back)
		*uidvalidity = box->uidvalidity;
	else
		*uid = 0;
	return leave(late, err);
}

static int fake_find(struct backend *backend, const char *message_id, uint32_t *uids, size_t limit,
		     size_t *count, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	*count = 0;
	if (late < 0)
		return -1;
	for (size_t i = 0; i < fake->box->count && *count < limit; i++)
		if (strcmp(fake->box->items[i].id, message_id) == 0)
			uids[(*count)++] = fake->box->items[i].uid;
	return leave(late, err);
}

static int fake_search(struct backend *backend, const char *field, const char *text,
		       int (*range)(void *arg, uint32_t first, uint32_t last, struct err *err), void *arg,
		       struct err *err)
{
	(void)field;
	(void)text;
	(void)range;
	(void)arg;
	return arrive(fake_of(backend), err) < 0 ? -1 : 0;
}

static int fake_create(struct backend *backend, const char *name, char **wire, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	if (fake_box(fake->server, name))
		return err_set_kind(err, ERR_EXISTS, "there is %s", name);
	fake_make(fake->server, name);
	if (late)
		return lost(err);
	*wire = mem_strdup(name);
	return 0;
}

static int fake_rename_op(struct backend *backend, const char *wire, const char *name, char **new_wire,
			  struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	if (fake_box(fake->server, name))
		return err_set_kind(err, ERR_EXISTS, "there is %s", name);
	if (!fake_box(fake->server, wire))
		return err_set_kind(err, ERR_NOT_FOUND, "no mailbox %s", wire);
	fake_rename(fake->server, wire, name);
	if (late)
		return lost(err);
	*new_wire = mem_strdup(name);
	return 0;
}

static int fake_remove_op(struct backend *backend, const char *wire, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);

	if (late < 0)
		return -1;
	if (fake->box && strcmp(fake->box->name, wire) == 0)
		fake->box = NULL;
	fake_remove(fake->server, wire);
	return leave(late, err);
}

static int fake_subscribe(struct backend *backend, const char *wire, bool is_subscribed, struct err *err)
{
	struct fake *fake = fake_of(backend);
	int late = arrive(fake, err);
	struct fake_box *box = fake_box(fake->server, wire);

	if (late < 0)
		return -1;
	if (box)
		box->is_subscribed = is_subscribed;
	return leave(late, err);
}

static int fake_wait(struct backend *backend, int timeout_ms, const char **other, struct err *err)
{
	(void)timeout_ms;
	if (other)
		*other = NULL;
	return arrive(fake_of(backend), err) < 0 ? -1 : 0;
}

static const struct backend_abilities *fake_abilities(struct backend *backend)
{
	return &fake_of(backend)->server->can;
}

static void fake_close(struct backend *backend)
{
	free(fake_of(backend));
}

static const struct backend_ops fake_ops = {
    .list = fake_list,
    .select = fake_select,
    .flags = fake_tell_flags,
    .uids = fake_uids,
    .headers = fake_headers,
    .whole = fake_whole,
    .part = fake_part,
    .structure = fake_structure,
    .sections = fake_sections,
    .store = fake_store,
    .move = fake_move,
    .copy = fake_copy_op,
    .expunge = fake_expunge_op,
    .append = fake_append_op,
    .find = fake_find,
    .search = fake_search,
    .create = fake_create,
    .rename = fake_rename_op,
    .remove = fake_remove_op,
    .subscribe = fake_subscribe,
    .wait = fake_wait,
    .abilities = fake_abilities,
    .close = fake_close,
};

struct backend *fake_connect(struct fake_server *server)
{
	struct fake *fake = mem_alloc(sizeof *fake);

	fake->base.ops = &fake_ops;
	fake->server = server;
	server->is_cut = false;
	return &fake->base;
}
