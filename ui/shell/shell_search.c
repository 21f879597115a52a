/* tern search: messages that a query finds, over all accounts. */
#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/query.h"
#include "store/mail/store.h"
#include "ui/shell/search_saved.h"

#define NAME	     "search"
#define EXIT_USAGE   2
#define OUTPUT_PIECE 65536

struct search {
	bool as_json, only_count, only_threads;
	const char *account, *in;
	const char *save, *saved, *rename, *forget; /* names of searches that are kept */
	bool wants_list;
	long long limit; /* hits of an account, 0: all */
	int64_t *threads; /* told already */
	size_t thread_count, thread_cap;
	bool is_folder_known;
	bool is_eager; /* a person looks on */
	struct query *query;
	struct store *store;
	struct folder *folders;
	size_t folder_count;
	long long count, away; /* AWAY: of them on their server alone */
	struct buf out;
	struct err err;
};

static struct jv *flags_of(unsigned flags)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{BOX_SEEN, "seen"},       {BOX_ANSWERED, "answered"},
		     {BOX_FLAGGED, "flagged"}, {BOX_DELETED, "deleted"},
		     {BOX_DRAFT, "draft"},     {BOX_FORWARDED, "forwarded"}};
	struct jv *list = jv_array();

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (flags & names[i].bit)
			jv_append(list, jv_text(names[i].name));
	return list;
}

static struct jv *tags_of(char **tags)
{
	struct jv *list = jv_array();

	for (; *tags; tags++)
		jv_append(list, jv_text(*tags));
	return list;
}

static struct jv *sender_of(const struct message *message)
{
	struct jv *list = jv_array(), *one;

	if (!*message->from_name && !*message->from_addr)
		return list;
	one = jv_object();
	jv_set(one, "name", jv_text(message->from_name));
	jv_set(one, "addr", jv_text(message->from_addr));
	jv_append(list, one);
	return list;
}

static const char *folder_name(const struct search *search, int64_t id)
{
	for (size_t i = 0; i < search->folder_count; i++)
		if (search->folders[i].id == id)
			return search->folders[i].name;
	return NULL;
}

static void add_object(struct search *search, const struct message *message, const char *path)
{
	struct jv *object = jv_object();

	jv_set(object, "path", path ? jv_text(path) : jv_null());
	jv_set(object, "account", jv_text(store_account(search->store)->name));
	jv_set(object, "folder", jv_text(folder_name(search, message->folder)));
	jv_set(object, "subject", jv_text(message->subject));
	jv_set(object, "from", sender_of(message));
	jv_set(object, "to", jv_text(message->to));
	jv_set(object, "date", jv_number(message->date));
	jv_set(object, "message_id",
	       *message->message_id ? jv_text(message->message_id) : jv_null());
	jv_set(object, "flags", flags_of(message->flags));
	jv_set(object, "tags", tags_of(message->tags));
	jv_set(object, "thread", jv_number(message->thread));
	jv_set(object, "size", jv_number(message->size));
	jv_print(object, &search->out);
	buf_add_char(&search->out, '\n');
	jv_free(object);
}

/* On its server alone: there is no file to name. */
static void add_away(struct search *search, const struct message *message)
{
	search->count++;
	search->away++;
	if (search->as_json)
		add_object(search, message, NULL);
}

/* A letter that went away in this moment is no hit. */
static int add_hit(struct search *search, int64_t id, struct arena *arena)
{
	struct message message;
	struct buf path = BUF_INIT;
	int rc = store_message(search->store, id, arena, &message, &search->err);

	if (rc == 1 && message.is_away) {
		add_away(search, &message);
	} else if (rc == 1 && store_message_path(search->store, id, &path, NULL) == 0) {
		search->count++;
		if (search->as_json)
			add_object(search, &message, buf_str(&path));
		else
			buf_printf(&search->out, "%s\n", buf_str(&path));
	}
	buf_free(&path);
	return rc < 0 ? -1 : 0;
}

static int64_t thread_of(struct search *search, int64_t id)
{
	struct arena *arena = arena_new();
	struct message message;
	int rc = store_message(search->store, id, arena, &message, &search->err);

	arena_free(&arena);
	return rc == 1 ? message.thread : 0;
}

/* With --threads only the newest hit of each thread counts. */
static bool is_known_thread(struct search *search, int64_t id)
{
	int64_t thread = thread_of(search, id);

	for (size_t i = 0; i < search->thread_count; i++)
		if (search->threads[i] == thread)
			return true;
	ARRAY_ROOM(search->threads, search->thread_count, search->thread_cap);
	search->threads[search->thread_count++] = thread;
	return false;
}

static int take_hit(void *arg, int64_t id)
{
	struct search *search = arg;
	struct arena *arena;
	int rc;

	if (search->only_threads && is_known_thread(search, id))
		return 0;
	if (search->limit && search->count >= search->limit)
		return -1;
	if (search->only_count) {
		search->count++;
		return 0;
	}
	arena = arena_new();
	rc = add_hit(search, id, arena);
	arena_free(&arena);
	if (rc == 0 && (search->is_eager || search->out.len > OUTPUT_PIECE) && shell_print(&search->out))
		return -1;
	return rc;
}

/* What others did to the files since; while another program reads the mail in, what is known
 * counts. */
static int refresh(struct search *search)
{
	struct err err = ERR_INIT;

	store_set_lock_ms(search->store, 0);
	if (store_index(search->store, 0, NULL, NULL, &err) == 0 || err.kind == ERR_TEMPORARY)
		return 0;
	shell_fail(NAME, &err);
	return 0;
}

/* 0: in all folders; -1: there is none of that name in this account. */
static int64_t folder_wanted(const struct search *search)
{
	if (!search->in)
		return 0;
	for (size_t i = 0; i < search->folder_count; i++)
		if (str_equal_nocase(search->folders[i].name, search->in))
			return search->folders[i].id;
	return -1;
}

static int search_folders(struct search *search)
{
	int64_t folder = folder_wanted(search);

	search->thread_count = 0;
	if (folder < 0)
		return 0;
	search->is_folder_known = true;
	if (query_run(search->store, search->query, folder, take_hit, search, &search->err) < 0)
		return -1;
	return search->err.kind != ERR_NONE ? -1 : 0;
}

static int search_store(struct search *search)
{
	struct arena *arena = arena_new();
	int rc = refresh(search);

	if (rc == 0)
		rc = store_folders(search->store, arena, &search->folders, &search->folder_count,
				   &search->err);
	if (rc == 0)
		rc = search_folders(search);
	arena_free(&arena);
	return rc;
}

static int search_account(struct search *search, const struct account *account)
{
	int rc = -1;

	search->store = store_open(account, NULL, &search->err);
	if (search->store)
		rc = search_store(search);
	store_close(&search->store);
	return rc;
}

/* An account, or a mailbox by its path. */
static int search_named(struct search *search, const struct account_list *list, const char *name)
{
	const struct account *one = account_find(list, name);
	struct account *path;
	int rc;

	if (one)
		return search_account(search, one);
	if (!path_exists(name))
		return err_set_kind(&search->err, ERR_USAGE, _("There is no account \"%s\"."), name);
	path = account_for_path(name, true);
	rc = search_account(search, path);
	account_free(&path);
	return rc;
}

static int search_all(struct search *search, const struct account_list *list)
{
	int rc = 0;

	if (search->account)
		rc = search_named(search, list, search->account);
	for (size_t i = 0; !search->account && rc == 0 && i < list->count; i++)
		rc = search_account(search, &list->items[i]);
	if (rc == 0 && search->in && !search->is_folder_known)
		return err_set_kind(&search->err, ERR_USAGE, _("There is no folder \"%s\"."), search->in);
	return rc;
}

static void tell_away(const struct search *search)
{
	struct buf line = BUF_INIT;

	if (!search->away || search->as_json || search->only_count)
		return;
	buf_printf(&line,
		   ngettext("%lld letter that matches is on its server alone; open it in Tern to fetch it.\n",
				   "%lld letters that match are on their server alone; open them in Tern to "
				   "fetch them.\n",
				   (unsigned long)search->away),
		   search->away);
	file_write_fd(STDERR_FILENO, line.data, line.len, NULL);
	buf_free(&line);
}

static int run(struct search *search, const char *text)
{
	struct account_list list = {NULL, 0, NULL};
	int rc = -1;

	search->query = query_parse_with(text, shell_finds_forms(), time(NULL), &search->err);
	if (search->query && account_load(&list, &search->err) == 0)
		rc = search_all(search, &list);
	account_list_free(&list);
	query_free(&search->query);
	if (rc == 0 && search->only_count)
		buf_printf(&search->out, "%lld\n", search->count);
	if (rc < 0)
		rc = shell_fail(NAME, &search->err);
	tell_away(search);
	if (shell_print(&search->out) && rc == 0)
		rc = 1;
	buf_free(&search->out);
	return rc;
}

#define NOT '\1' /* stands for the "-" of a word that shall not be there, while options are read */

/* There are no options of one dash: "-draft" belongs to the query. */
static void shield_words(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (argv[i][0] == '-' && argv[i][1] && argv[i][1] != '-')
			argv[i][0] = NOT;
}

static char *join_words(int argc, char **argv)
{
	struct buf text = BUF_INIT;

	for (int i = optind; i < argc; i++)
		buf_printf(&text, "%s%s%s", i > optind ? " " : "", argv[i][0] == NOT ? "-" : "",
			   argv[i] + (argv[i][0] == NOT));
	return buf_take(&text);
}

int shell_search_count(const char *query, const char *account, long long *count, struct err *err)
{
	struct search search = {.only_count = true, .account = account};
	struct account_list list = {NULL, 0, NULL};
	int rc = -1;

	search.query = query_parse_with(query, shell_finds_forms(), time(NULL), &search.err);
	if (search.query && account_load(&list, &search.err) == 0)
		rc = search_all(&search, &list);
	*count = search.count;
	account_list_free(&list);
	query_free(&search.query);
	if (rc < 0)
		err_set_kind(err, search.err.kind, "%s", search.err.text);
	return rc;
}

static int take_option(struct search *search, int c)
{
	if (c == 'a')
		search->account = optarg;
	else if (c == 'A')
		search->account = NULL;
	else if (c == 'i')
		search->in = optarg;
	else if (c == 'l' && (str_to_long(optarg, &search->limit) < 0 || search->limit < 1))
		return shell_usage(NAME, _("--limit wants a number."));
	else if (c == 's')
		search->save = optarg;
	else if (c == 'S')
		search->saved = optarg;
	else if (c == 'r')
		search->rename = optarg;
	else if (c == 'F')
		search->forget = optarg;
	search->wants_list |= c == 'L';
	search->as_json |= c == 'j';
	search->only_count |= c == 'c';
	search->only_threads |= c == 't';
	return 0;
}

static bool keeps(const struct search *search)
{
	return search->wants_list || search->save || search->rename || search->forget;
}

/* What is done to the searches that are kept. */
static int keep(const struct search *search, int argc, char **argv)
{
	bool has_words = optind < argc;
	char *text;
	int rc;

	if (search->wants_list + !!search->save + !!search->rename + !!search->forget + !!search->saved > 1)
		return shell_usage(NAME, _("One of --save, --saved, --rename, --forget and --list at a time."));
	if ((search->wants_list || search->forget) && has_words)
		return shell_usage(NAME, _("\"%s\" is one word too many."), argv[optind]);
	if (search->wants_list)
		return search_saved_list(search->as_json, search->only_count);
	if (search->forget)
		return search_saved_forget(search->forget);
	if (!has_words)
		return shell_usage(NAME, "%s",
				   search->save ? _("What shall be searched for? For example: tern search --save Lena "
						    "from:lena")
						: _("The new name is missing: tern search --rename NAME NEW"));
	text = join_words(argc, argv);
	rc = search->save ? search_saved_add(search->save, text, search->account, search->in)
			  : search_saved_rename(search->rename, text);
	free(text);
	return rc;
}

/* Words behind its name make it narrower. */
static int run_saved(struct search *search, int argc, char **argv)
{
	char *words = join_words(argc, argv), *query, *account, *text;
	int rc;

	if (search_saved_find(search->saved, &query, &account, &search->err) < 0) {
		free(words);
		return shell_fail(NAME, &search->err);
	}
	if (!search->account)
		search->account = account;
	text = *words ? mem_printf("(%s) (%s)", query, words) : mem_strdup(query);
	rc = run(search, text);
	free(text);
	free(query);
	free(account);
	free(words);
	free(search->threads);
	return rc;
}

int shell_search(int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'},	       {"count", no_argument, NULL, 'c'},
	    {"files", no_argument, NULL, 'f'},	       {"threads", no_argument, NULL, 't'},
	    {"account", required_argument, NULL, 'a'}, {"all", no_argument, NULL, 'A'},
	    {"in", required_argument, NULL, 'i'},      {"limit", required_argument, NULL, 'l'},
	    {"save", required_argument, NULL, 's'},    {"saved", required_argument, NULL, 'S'},
	    {"rename", required_argument, NULL, 'r'},  {"forget", required_argument, NULL, 'F'},
	    {"list", no_argument, NULL, 'L'},	       {NULL, 0, NULL, 0}};
	struct search search = {.is_eager = isatty(STDOUT_FILENO)};
	char *text;
	int c, rc;

	optind = 1;
	shield_words(argc, argv);
	while ((c = shell_option(NAME, argc, argv, "", options, NULL)) != -1)
		if (c == '?' || take_option(&search, c))
			return EXIT_USAGE;
	if (keeps(&search))
		return keep(&search, argc, argv);
	if (search.saved)
		return run_saved(&search, argc, argv);
	if (optind == argc)
		return shell_usage(
		    NAME, _("What shall be searched for? For example: tern search from:lena"));
	text = join_words(argc, argv);
	rc = run(&search, text);
	free(text);
	free(search.threads);
	return rc;
}
