#include "config.h"
#include "ui/shell/account_move.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/mail/account.h"
#include "store/mail/give.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"
#include "ui/shell/shell.h"
#include "ui/shell/shell_ask.h"
#include "ui/shell/shell_sync.h"

#define NAME	   "account"
#define AGENT_MS   10000
#define TOGETHER   50  /* asked back of the server at once */
#define ROUNDS	   5   /* until the server has all, and for each lot that is asked back */
#define TELL_EVERY 500 /* letters */
#define COMPLAINTS 20  /* told one by one */

struct item {
	struct given given;
	bool is_done; /* compared */
};

struct moving {
	struct account_list list;
	const struct account *from_account, *to_account;
	struct notice_conn *conn;
	struct store *from, *to;
	struct arena *arena;
	struct item *items;
	struct map *taken;
	size_t count, cap, folders;
	struct give_count counts;
	int64_t compared, bad;
};

/* --- what takes part --- */

static int find_accounts(struct moving *in, const char *from, const char *to, struct err *err)
{
	if (account_load(&in->list, err) < 0)
		return -1;
	in->from_account = account_find(&in->list, from);
	in->to_account = account_find(&in->list, to);
	if (!in->from_account || !in->to_account)
		return err_set_kind(err, ERR_USAGE, _("There is no account \"%s\"."), in->from_account ? to : from);
	if (in->from_account == in->to_account)
		return err_set_kind(err, ERR_USAGE, _("An account cannot be moved to itself."));
	if (in->to_account->kind != ACCOUNT_IMAP)
		return err_set_kind(err, ERR_USAGE,
				    _("\"%s\" is no account of kind imap: there is no server to move to."), to);
	return 0;
}

static int open_all(struct moving *in, const char *from, const char *to, struct err *err)
{
	if (find_accounts(in, from, to, err) < 0)
		return -1;
	in->conn = notice_connect_or_start(AGENT_MS, err);
	if (!in->conn)
		return -1;
	shell_ask_open(in->conn);
	in->from = store_open(in->from_account, NULL, err);
	in->to = in->from ? store_open(in->to_account, NULL, err) : NULL;
	return in->to && store_index(in->from, 0, NULL, NULL, err) == 0 ? 0 : -1;
}

static void close_all(struct moving *in)
{
	store_close(&in->from);
	store_close(&in->to);
	notice_conn_free(&in->conn);
	account_list_free(&in->list);
	arena_free(&in->arena);
	map_free(&in->taken, NULL);
	free(in->items);
}

/* --- copying --- */

static void say_copied(const struct moving *in)
{
	if (in->counts.letters % TELL_EVERY == 0)
		shell_say(NAME, ngettext("%lld letter is copied.", "%lld letters are copied.",
					 (unsigned long)in->counts.letters),
			  (long long)in->counts.letters);
}

static void add_item(struct moving *in, const struct given *given)
{
	ARRAY_ROOM(in->items, in->count, in->cap);
	in->items[in->count++] = (struct item){.given = *given};
}

/* Where it lies there already, or else copied; 1, or 0: it cannot be. */
static int place(struct moving *in, struct given *given, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = given->id ? 0 : give_match(in->from, in->to, given, in->taken, &in->counts, &why);

	if (rc == 0)
		rc = give_copy(in->from, in->to, given, &in->counts, &why) < 0 ? -1 : 1;
	if (rc < 0)
		return why.kind == ERR_NOT_FOUND ? 0 : err_set_kind(err, why.kind, "%s", why.text);
	give_take(in->taken, given);
	return 1;
}

static int copy_one(struct moving *in, struct given *given, struct err *err)
{
	int rc = place(in, given, err);

	if (rc == 1) {
		add_item(in, given);
		say_copied(in);
	}
	return rc < 0 ? -1 : 0;
}

/* What an earlier run copied is known before anything else is matched; what is not comes first in LETTERS. */
static int find_copied(struct moving *in, struct given *letters, size_t *count, struct err *err)
{
	size_t kept = 0;
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < *count; i++) {
		struct err why = ERR_INIT;

		rc = give_find(in->from, in->to, &letters[i], &why);
		if (rc == 0)
			letters[kept++] = letters[i];
		else if (rc == 1)
			rc = copy_one(in, &letters[i], err);
		else if (why.kind == ERR_NOT_FOUND)
			rc = 0;
		else
			err_set_kind(err, why.kind, "%s", why.text);
	}
	*count = kept;
	return rc < 0 ? -1 : 0;
}

static int copy_letters(struct moving *in, const struct folder *folder, const int64_t *ids, size_t count,
			struct err *err)
{
	struct given *letters = mem_alloc(count * sizeof *letters);
	int64_t target = give_folder(in->from, folder->id, in->to, err);
	int rc = target < 0 ? -1 : 0;

	for (size_t i = 0; i < count; i++)
		letters[i] = (struct given){.from_id = ids[i], .folder = folder->id, .target = target};
	if (rc == 0)
		rc = find_copied(in, letters, &count, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = copy_one(in, &letters[i], err);
	free(letters);
	return rc;
}

static int copy_folder(struct moving *in, const struct folder *folder, struct err *err)
{
	int64_t *ids = NULL;
	size_t count;
	int rc = give_list(in->from, folder->id, &ids, &count, err);

	if (rc == 0 && count) {
		rc = copy_letters(in, folder, ids, count, err);
		in->folders++;
	}
	free(ids);
	return rc < 0 ? err_add(err, _("copying the folder \"%s\""), folder->name) : 0;
}

static int copy_all(struct moving *in, struct err *err)
{
	struct folder *folders;
	size_t count;

	if (store_folders(in->from, in->arena, &folders, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (copy_folder(in, &folders[i], err) < 0)
			return -1;
	return 0;
}

/* --- until the server has it --- */

static int round_there(struct moving *in, struct err *err)
{
	notice_ring(in->to_account->name);
	return shell_sync_account(in->conn, in->to_account, err);
}

static int64_t count_untold(struct moving *in, struct err *err)
{
	int64_t untold = 0;

	for (size_t i = 0; i < in->count; i++) {
		int rc = give_is_told(in->to, &in->items[i].given, err);

		if (rc < 0)
			return -1;
		untold += rc == 0;
	}
	return untold;
}

static int tell_server(struct moving *in, struct err *err)
{
	int64_t untold = 1;

	for (int i = 0; untold > 0 && i < ROUNDS; i++) {
		if (round_there(in, err) < 0)
			return -1;
		untold = count_untold(in, err);
	}
	if (untold > 0)
		return err_set(err,
			       ngettext("The server has not taken %lld letter.",
					"The server has not taken %lld letters.", (unsigned long)untold),
			       (long long)untold);
	return untold < 0 ? -1 : 0;
}

/* --- is it what it was? --- */

static void complain(struct moving *in, const struct given *given, const char *why)
{
	struct message message;

	if (in->bad++ < COMPLAINTS && store_message(in->from, given->from_id, in->arena, &message, NULL) == 1)
		shell_say(NAME, _("\"%s\" is not the same on the server: %s."), message.subject, why);
}

/* A guess that the bytes prove wrong is none of the letter's faults: another place is sought for it. */
static int compare_file(struct moving *in, struct item *item, const char *path, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = access(path, R_OK) == 0;

	if (rc == 0)
		err_set(&why, _("it did not come back"));
	else if (item->given.is_guess)
		rc = give_compare_bytes(in->from, &item->given, path, &why);
	if (rc == 0 && item->given.is_guess && access(path, R_OK) == 0)
		return 0;
	if (rc == 1)
		rc = give_compare(in->from, in->to, &item->given, path, &why);
	if (rc < 0)
		return err_set_kind(err, why.kind, "%s", why.text);
	if (rc == 0)
		complain(in, &item->given, why.text);
	in->compared += rc;
	item->is_done = true;
	return 0;
}

static int compare_one(struct moving *in, struct item *item, struct err *err)
{
	char *path = store_part_path(in->to, item->given.id, REMOTE_WHOLE);
	int rc = compare_file(in, item, path, err);

	unlink(path);
	free(path);
	return rc;
}

static bool have_come(struct moving *in, size_t from, size_t count)
{
	bool have = true;

	for (size_t i = from; have && i < from + count; i++) {
		char *path = store_part_path(in->to, in->items[i].given.id, REMOTE_WHOLE);

		have = in->items[i].is_done || access(path, R_OK) == 0;
		free(path);
	}
	return have;
}

static int compare_some(struct moving *in, size_t from, size_t count, struct err *err)
{
	for (size_t i = from; i < from + count; i++)
		if (!in->items[i].is_done && store_want(in->to, in->items[i].given.id, REMOTE_WHOLE, err) < 0)
			return -1;
	for (int i = 0; i < ROUNDS && !have_come(in, from, count); i++)
		if (round_there(in, err) < 0)
			return -1;
	for (size_t i = from; i < from + count; i++)
		if (!in->items[i].is_done && compare_one(in, &in->items[i], err) < 0)
			return -1;
	return 0;
}

static int compare_all(struct moving *in, struct err *err)
{
	for (size_t i = 0; i < in->count; i += TOGETHER)
		if (compare_some(in, i, in->count - i < TOGETHER ? in->count - i : TOGETHER, err) < 0)
			return -1;
	return 0;
}

/* 1: some letter has another place now, and is to be compared there. */
static int place_wrong(struct moving *in, struct err *err)
{
	int found = 0;

	for (size_t i = 0; i < in->count; i++) {
		struct given *given = &in->items[i].given;
		int rc;

		if (in->items[i].is_done)
			continue;
		in->counts.letters--;
		in->counts.bytes -= given->bytes;
		*given = (struct given){
		    .from_id = given->from_id, .folder = given->folder, .target = given->target, .after = given->id};
		rc = place(in, given, err);
		if (rc < 0)
			return -1;
		in->items[i].is_done = rc == 0;
		found |= rc;
	}
	return found;
}

static int compare_until_done(struct moving *in, struct err *err)
{
	int rc;

	do {
		if (tell_server(in, err) < 0 || compare_all(in, err) < 0)
			return -1;
		rc = place_wrong(in, err);
	} while (rc == 1);
	return rc;
}

/* --- all of it --- */

static int say_done(struct moving *in, struct err *err)
{
	if (in->counts.away)
		shell_say(NAME,
			  ngettext("%lld letter of \"%s\" lies on its own server only and was left out.",
				   "%lld letters of \"%s\" lie on their own server only and were left out.",
				   (unsigned long)in->counts.away),
			  (long long)in->counts.away, in->from_account->name);
	if (in->bad)
		return err_set(err,
			       ngettext("%lld letter is not on the server as it is here.",
					"%lld letters are not on the server as they are here.", (unsigned long)in->bad),
			       (long long)in->bad);
	shell_say(NAME,
		  ngettext("%lld letter (%lld bytes, %zu folders, %lld of them copied now) is on the server of"
			   " \"%s\" as it is here. Nothing was removed from \"%s\".",
			   "%lld letters (%lld bytes, %zu folders, %lld of them copied now) are on the server of"
			   " \"%s\" as they are here. Nothing was removed from \"%s\".",
			   (unsigned long)in->compared),
		  (long long)in->compared, (long long)in->counts.bytes, in->folders, (long long)in->counts.copied,
		  in->to_account->name, in->from_account->name);
	return 0;
}

static int move(struct moving *in, struct err *err)
{
	/* The server's folders come first: what is here is laid into them. */
	if (round_there(in, err) < 0 || copy_all(in, err) < 0 || compare_until_done(in, err) < 0)
		return -1;
	return say_done(in, err);
}

int account_move(int argc, char **argv)
{
	struct moving in = {.count = 0};
	struct err err = ERR_INIT;
	int code = 0;

	if (argc != 3)
		return shell_usage(NAME, _("\"tern account move\" wants two names: from which account, to which."));
	in.arena = arena_new();
	in.taken = map_new();
	if (open_all(&in, argv[1], argv[2], &err) < 0 || move(&in, &err) < 0)
		code = shell_fail(NAME, &err);
	close_all(&in);
	return code;
}
