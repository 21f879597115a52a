/* tern tag and tern flag: change what a query finds. */
#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/query.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"

#define EXIT_USAGE 2
#define TAGS_MAX   32
#define BATCH	   200

struct work {
	const char *name, *account;
	const char *add[TAGS_MAX], *remove[TAGS_MAX];
	size_t add_count, remove_count;
	unsigned set, clear;
	struct query *query;
	int64_t *ids;
	size_t count, cap;
	struct err err;
};

static int take_hit(void *arg, int64_t id)
{
	struct work *work = arg;

	ARRAY_ROOM(work->ids, work->count, work->cap);
	work->ids[work->count++] = id;
	return 0;
}

static int change(struct work *work, struct store *store, const struct store_change *what)
{
	for (size_t i = 0; i < work->count; i += BATCH) {
		size_t n = work->count - i < BATCH ? work->count - i : BATCH;

		if (store_change(store, work->ids + i, n, what, NULL, &work->err) < 0)
			return -1;
	}
	return 0;
}

static int change_all(struct work *work, struct store *store)
{
	int rc = 0;

	if (work->set || work->clear)
		rc = change(work, store,
			    &(struct store_change){.set = work->set, .clear = work->clear});
	for (size_t i = 0; rc == 0 && i < work->add_count; i++)
		rc = change(work, store, &(struct store_change){.add_tag = work->add[i]});
	for (size_t i = 0; rc == 0 && i < work->remove_count; i++)
		rc = change(work, store, &(struct store_change){.remove_tag = work->remove[i]});
	return rc;
}

/* The agent carries it out; without one we do. */
static int carry_out(struct work *work, struct store *store)
{
	struct err err = ERR_INIT;

	notice_ring(store_account(store)->name);
	if (store_carry_out(store, &err) >= 0 || err.kind == ERR_TEMPORARY)
		return 0;
	work->err = err;
	return -1;
}

static int work_in(struct work *work, const struct account *account)
{
	struct store *store = store_open(account, NULL, &work->err);
	int rc = store ? 0 : -1;

	work->count = 0;
	if (rc == 0)
		rc = store_index(store, 0, NULL, NULL, &work->err);
	if (rc == 0)
		rc = query_run(store, work->query, 0, take_hit, work, &work->err);
	if (rc == 0 && work->count)
		rc = change_all(work, store) < 0 ? -1 : carry_out(work, store);
	store_close(&store);
	return rc;
}

static int work_everywhere(struct work *work)
{
	struct account_list list;
	bool found = !work->account;
	int rc = account_load(&list, &work->err);

	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		if (work->account && strcmp(list.items[i].name, work->account) != 0)
			continue;
		found = true;
		rc = work_in(work, &list.items[i]);
	}
	account_list_free(&list);
	if (rc == 0 && !found)
		rc = err_set_kind(&work->err, ERR_USAGE, _("There is no account \"%s\"."),
				  work->account);
	return rc;
}

static int run(struct work *work, int argc, char **argv)
{
	struct buf text = BUF_INIT;
	int rc = -1;

	if (optind == argc)
		return shell_usage(work->name, _("Which letters? For example: from:lena"));
	for (int i = optind; i < argc; i++)
		buf_printf(&text, "%s%s", i > optind ? " " : "", argv[i]);
	work->query = query_parse_with(buf_str(&text), shell_finds_forms(), time(NULL), &work->err);
	if (work->query)
		rc = work_everywhere(work);
	query_free(&work->query);
	buf_free(&text);
	free(work->ids);
	return rc < 0 ? shell_fail(work->name, &work->err) : 0;
}

static int take_tag(struct work *work, int c)
{
	if (c == 'A')
		work->account = optarg;
	else if (c == 'a' && work->add_count < TAGS_MAX)
		work->add[work->add_count++] = optarg;
	else if (c == 'r' && work->remove_count < TAGS_MAX)
		work->remove[work->remove_count++] = optarg;
	else
		return EXIT_USAGE;
	return 0;
}

int shell_tag(int argc, char **argv)
{
	static const struct option options[] = {{"account", required_argument, NULL, 'A'},
						{"add", required_argument, NULL, 'a'},
						{"remove", required_argument, NULL, 'r'},
						{NULL, 0, NULL, 0}};
	struct work work = {.name = "tag"};
	int c;

	optind = 1;
	while ((c = shell_option(argv[0], argc, argv, "", options, NULL)) != -1)
		if (take_tag(&work, c) != 0)
			return EXIT_USAGE;
	if (!work.add_count && !work.remove_count)
		return shell_usage("tag", _("Say --add TAG or --remove TAG."));
	return run(&work, argc, argv);
}

static int flag_bit(const char *name, unsigned *bits)
{
	static const struct {
		const char *name;
		unsigned bit;
	} flags[] = {{"seen", BOX_SEEN},       {"answered", BOX_ANSWERED},
		     {"flagged", BOX_FLAGGED}, {"deleted", BOX_DELETED},
		     {"draft", BOX_DRAFT},     {"forwarded", BOX_FORWARDED}};

	for (size_t i = 0; i < ARRAY_COUNT(flags); i++)
		if (str_equal_nocase(flags[i].name, name)) {
			*bits |= flags[i].bit;
			return 0;
		}
	return shell_usage(
	    "flag",
	    _("There is no flag \"%s\": seen, answered, flagged, deleted, draft, forwarded."),
	    name);
}

int shell_flag(int argc, char **argv)
{
	static const struct option options[] = {{"account", required_argument, NULL, 'A'},
						{"set", required_argument, NULL, 's'},
						{"clear", required_argument, NULL, 'c'},
						{NULL, 0, NULL, 0}};
	struct work work = {.name = "flag"};
	int c;

	optind = 1;
	while ((c = shell_option(argv[0], argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		if (c == 'A')
			work.account = optarg;
		else if (flag_bit(optarg, c == 's' ? &work.set : &work.clear) != 0)
			return EXIT_USAGE;
	}
	if (!work.set && !work.clear)
		return shell_usage("flag", _("Say --set FLAG or --clear FLAG."));
	return run(&work, argc, argv);
}
