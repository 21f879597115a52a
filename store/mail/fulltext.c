#include "config.h"
#include "store/mail/fulltext.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/box/box.h"
#include "store/mail/account.h"
#include "store/mail/fulltext_inside.h"
#include "store/mail/store_inside.h"
#include "store/search/look.h"

#define ASKED_MAX    (FULLTEXT_WISHES_MAX + 4) /* wishes that are remembered */
#define READ_AT_ONCE 200 /* letters that may be read for one answer */
#define KIND_VERSION 4	 /* rises when words are made in another way */

static uint64_t kind_of(struct store *store)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT value FROM meta WHERE name = 'epoch'");
	uint64_t epoch = db_step(stmt, NULL) == 1 ? (uint64_t)db_int(stmt, 0) : 0;

	db_reset(stmt);
	return epoch * 0x9e3779b97f4a7c15u + KIND_VERSION;
}

/* cache/search/NAME, as the database is called. */
static char *dir_of(const struct store *store)
{
	const char *slash = strrchr(store->db_path, '/'), *name = slash ? slash + 1 : store->db_path;
	char *base = mem_strndup(name, strlen(name) - strlen(".db"));
	char *parent = path_in(PATH_CACHE, "search"), *dir = path_join(parent, base);

	free(parent);
	free(base);
	return dir;
}

static void free_asked(struct asked *asked)
{
	wish_free(&asked->wish);
	bits_free(&asked->found);
	bits_free(&asked->known);
	bits_free(&asked->hits);
	free(asked->spelled);
	free(asked);
}

void fulltext_free(struct fulltext **fulltext)
{
	struct fulltext *f = *fulltext;

	if (!f)
		return;
	for (size_t i = 0; i < f->asked_count; i++)
		free_asked(f->asked[i]);
	free(f->asked);
	texts_close(&f->texts);
	words_free(&f->words);
	free(f);
	*fulltext = NULL;
}

/* --- wishes --- */

static struct asked *find_asked(struct fulltext *fulltext, const char *spelled)
{
	for (size_t i = 0; i < fulltext->asked_count; i++)
		if (strcmp(fulltext->asked[i]->spelled, spelled) == 0)
			return fulltext->asked[i];
	return NULL;
}

static void forget_oldest(struct fulltext *fulltext)
{
	size_t oldest = 0;

	for (size_t i = 1; i < fulltext->asked_count; i++)
		if (fulltext->asked[i]->used < fulltext->asked[oldest]->used)
			oldest = i;
	free_asked(fulltext->asked[oldest]);
	fulltext->asked[oldest] = fulltext->asked[--fulltext->asked_count];
}

static struct asked *add_asked(struct fulltext *fulltext, const char *spelled)
{
	struct asked *asked = mem_alloc(sizeof *asked);

	if (fulltext->asked_count >= ASKED_MAX)
		forget_oldest(fulltext);
	asked->spelled = mem_strdup(spelled);
	asked->wish = wish_new(fulltext->words, spelled);
	ARRAY_ROOM(fulltext->asked, fulltext->asked_count, fulltext->asked_cap);
	fulltext->asked[fulltext->asked_count++] = asked;
	return asked;
}

/* A damaged file takes letters out of the index: then all answers before are of another set. */
struct asked *fulltext_ask(struct fulltext *fulltext, const char *spelled)
{
	struct asked *asked = find_asked(fulltext, spelled);

	if (!asked)
		asked = add_asked(fulltext, spelled);
	asked->used = ++fulltext->clock;
	if (asked->version != fulltext->version) {
		if (!texts_find(fulltext->texts, asked->wish, &asked->found))
			fulltext->version++;
		asked->version = fulltext->version;
	}
	return asked;
}

static int64_t read_now(struct fulltext *fulltext, struct asked *asked, int64_t id)
{
	const struct wish *wishes[] = {asked->wish};
	struct box_message message;
	struct look *look;

	if (!asked->wish->count || store_message_open(fulltext->store, id, &message, NULL) < 0)
		return 0; /* it may come back, or come from a server */
	bits_set(&asked->known, (uint32_t)id);
	look = look_new(fulltext->words, wishes, 1);
	if (look_at(look, &message))
		bits_set(&asked->hits, (uint32_t)id);
	look_free(&look);
	box_message_close(&message);
	return bits_has(&asked->hits, id);
}

static int64_t text_says(void *arg, int64_t id, const char *spelled)
{
	struct store *store = arg;
	struct fulltext *fulltext = store->fulltext;
	struct asked *asked;

	if (!spelled || id <= 0 || id > UINT32_MAX || !fulltext)
		return 0;
	if (!*spelled) /* is the row itself all that is known? The index tells quicker than the row */
		return !bits_has(texts_covered(fulltext->texts), id);
	asked = fulltext_ask(fulltext, spelled);
	if (bits_has(texts_covered(fulltext->texts), id))
		return bits_has(&asked->found, id);
	if (bits_has(&asked->known, id))
		return bits_has(&asked->hits, id);
	return read_now(fulltext, asked, id);
}

/* Is the folded WORD in TEXT? */
static int64_t text_has(void *arg, const char *const *texts)
{
	struct buf folded = BUF_INIT;
	bool has;

	(void)arg;
	if (!texts[0] || !texts[1])
		return 0;
	utf8_add_folded(&folded, texts[0], strlen(texts[0]));
	has = strstr(buf_str(&folded), texts[1]);
	buf_free(&folded);
	return has;
}

/* "Name address, name address": is one of them of this account? */
static int64_t is_to_me(void *arg, const char *const *texts)
{
	const struct store *store = arg;
	struct span people = span_of(texts[0] ? texts[0] : ""), one;
	bool is_mine = false;

	while (!is_mine && span_split(&people, ',', &one)) {
		size_t from = one.len;
		char *address;

		while (from && one.data[from - 1] != ' ')
			from--;
		address = mem_strndup(one.data + from, one.len - from);
		is_mine = account_is_own(store->account, address);
		free(address);
	}
	return is_mine;
}

/* --- the index --- */

struct fulltext *fulltext_of(struct store *store, struct err *err)
{
	struct fulltext *fulltext = store->fulltext;
	char *dir;

	if (fulltext)
		return fulltext;
	if (db_add_id_function(store->db, "tern_text", text_says, store, err) < 0 ||
	    db_add_function(store->db, "tern_in", 2, text_has, NULL, err) < 0 ||
	    db_add_function(store->db, "tern_me", 1, is_to_me, store, err) < 0)
		return NULL;
	fulltext = mem_alloc(sizeof *fulltext);
	dir = dir_of(store);
	fulltext->store = store;
	fulltext->version = 1;
	fulltext->words = words_new();
	fulltext->texts = texts_open(dir, kind_of(store));
	free(dir);
	store->fulltext = fulltext;
	return fulltext;
}

int fulltext_prepare(struct store *store, struct err *err)
{
	struct fulltext *fulltext = fulltext_of(store, err);

	if (!fulltext)
		return -1;
	if (texts_follow(fulltext->texts)) {
		fulltext->version++;
		fulltext->is_ready_known = false;
	}
	return 0;
}

/* Letters of which the header alone is here. */
static int read_away(struct store *store, struct bits *away, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT id FROM message INDEXED BY message_away WHERE is_away = 1");
	int rc;

	while ((rc = db_step(stmt, err)) == 1)
		if (db_int(stmt, 0) <= UINT32_MAX)
			bits_set(away, (uint32_t)db_int(stmt, 0));
	return rc;
}

struct id_list {
	int64_t *ids;
	size_t count, cap, limit;
};

static void add_id(struct id_list *list, int64_t id)
{
	ARRAY_ROOM(list->ids, list->count, list->cap);
	list->ids[list->count++] = id;
}

/* Those that could not be read when the index was filled, and perhaps can be now. */
static int add_skipped(struct store *store, struct id_list *list, struct err *err)
{
	const struct bits *skipped = texts_skipped(store->fulltext->texts);
	struct bits away = BITS_INIT;
	int rc = 0;

	if (!skipped->len)
		return 0;
	rc = read_away(store, &away, err);
	for (int64_t id = 0; rc >= 0 && id < (int64_t)skipped->len * 8 && list->count < list->limit; id++) {
		struct db_stmt *stmt;

		if (!bits_has(skipped, id) || bits_has(&away, id))
			continue;
		stmt = db_query(store->db, "SELECT 1 FROM message WHERE id = ?");
		db_bind_int(stmt, 1, id);
		rc = db_step(stmt, err);
		if (rc == 1)
			add_id(list, id);
		db_reset(stmt);
	}
	bits_free(&away);
	return rc < 0 ? -1 : 0;
}

/* Most letters have ids below those that "whole" speaks of: only the others are looked at. */
int fulltext_unread(struct store *store, bool has_skipped, size_t limit, int64_t **ids, size_t *count,
		    struct err *err)
{
	struct texts *texts = store->fulltext->texts;
	const struct bits *covered = texts_covered(texts);
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT id FROM message WHERE id >= ? AND is_away = 0 ORDER BY id DESC");
	struct id_list list = {.limit = limit};
	int rc;

	*ids = NULL;
	*count = 0;
	db_bind_int(stmt, 1, texts_whole_to(texts));
	while ((rc = db_step(stmt, err)) == 1 && list.count < limit) {
		int64_t id = db_int(stmt, 0);

		if (!bits_has(covered, id) && id <= UINT32_MAX)
			add_id(&list, id);
	}
	db_reset(stmt);
	if (rc >= 0 && has_skipped)
		rc = add_skipped(store, &list, err);
	if (rc < 0) {
		free(list.ids);
		return -1;
	}
	*ids = list.ids;
	*count = list.count;
	return 0;
}

int fulltext_uncovered(struct store *store, size_t limit, int64_t **ids, size_t *count,
		       struct err *err)
{
	return fulltext_unread(store, true, limit, ids, count, err);
}

bool fulltext_is_ready(struct store *store)
{
	struct fulltext *fulltext = store->fulltext;
	int64_t *ids, version = store_version(store);
	size_t count;

	if (fulltext_prepare(store, NULL) < 0)
		return false;
	fulltext = store->fulltext;
	if (fulltext->is_ready_known && fulltext->ready_version == version)
		return fulltext->is_ready;
	if (fulltext_uncovered(store, READ_AT_ONCE + 1, &ids, &count, NULL) < 0)
		return false;
	free(ids);
	fulltext->is_ready_known = true;
	fulltext->ready_version = version;
	fulltext->is_ready = count <= READ_AT_ONCE;
	return fulltext->is_ready;
}

/* --- candidates --- */

static void keep_common(struct bits *all, const struct bits *found)
{
	for (size_t i = 0; i < all->len; i++)
		all->bytes[i] &= i < found->len ? found->bytes[i] : 0;
}

static struct bits common_of(struct fulltext *fulltext, char *const *wishes, size_t count)
{
	struct bits all = BITS_INIT;

	for (size_t i = 0; i < count; i++) {
		struct asked *asked = fulltext_ask(fulltext, wishes[i]);

		if (i) {
			keep_common(&all, &asked->found);
		} else if (asked->found.len) {
			bits_reserve(&all, (uint32_t)(asked->found.len * 8 - 1));
			memcpy(all.bytes, asked->found.bytes, asked->found.len);
		}
	}
	return all;
}

static void add_bits(const struct bits *bits, int64_t *ids, size_t *count)
{
	for (size_t i = 0; i < bits->len; i++)
		for (int k = 0; bits->bytes[i] >> k; k++)
			if (bits->bytes[i] >> k & 1)
				ids[(*count)++] = (int64_t)i * 8 + k;
}

static bool has_away(struct store *store)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT 1 FROM message INDEXED BY message_away WHERE is_away = 1 LIMIT 1");
	bool has = db_step(stmt, NULL) == 1;

	db_reset(stmt);
	return has;
}

int fulltext_candidates(struct store *store, char *const *wishes, size_t count, size_t limit,
			int64_t **ids, size_t *id_count, struct err *err)
{
	int64_t *uncovered = NULL;
	size_t uncovered_count, found_count;
	uint64_t version;
	struct bits all;

	*ids = NULL;
	*id_count = 0;
	if (!count)
		return 0;
	if (fulltext_prepare(store, err) < 0)
		return -1;
	if (has_away(store)) /* their headers are in rows, in no index */
		return 0;
	do {
		version = store->fulltext->version;
		all = common_of(store->fulltext, wishes, count);
		if (version != store->fulltext->version)
			bits_free(&all);
	} while (version != store->fulltext->version);
	found_count = bits_count(&all);
	if (found_count > limit) {
		bits_free(&all);
		return 0;
	}
	if (fulltext_uncovered(store, READ_AT_ONCE + 1, &uncovered, &uncovered_count, err) < 0 ||
	    uncovered_count > READ_AT_ONCE) {
		bits_free(&all);
		free(uncovered);
		return 0;
	}
	*ids = mem_calloc(found_count + uncovered_count + 1, sizeof **ids);
	add_bits(&all, *ids, id_count);
	for (size_t i = 0; i < uncovered_count; i++)
		(*ids)[(*id_count)++] = uncovered[i];
	bits_free(&all);
	free(uncovered);
	return 1;
}
