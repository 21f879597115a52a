/* tern account add, list, remove: the wizard without a screen. */
#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/promise.h"
#include "store/notice/notice.h"
#include "ui/shell/account_authorize.h"
#include "ui/shell/account_check.h"
#include "ui/shell/account_find.h"
#include "ui/shell/account_move.h"
#include "ui/shell/account_options.h"
#include "ui/shell/account_worker.h"
#include "ui/shell/account_trust.h"

#define NAME	     "account"
#define EXIT_USAGE   2
#define SETTINGS_MAX 64

/* --- add --- */

struct wish {
	struct account account;
	char *keys[SETTINGS_MAX], *values[SETTINGS_MAX];
};

enum { ADD_KIND = 1, ADD_ADDRESS, ADD_PATH, ADD_REAL_NAME };

static const struct option add_own[] = {{"kind", required_argument, NULL, ADD_KIND},
					{"address", required_argument, NULL, ADD_ADDRESS},
					{"path", required_argument, NULL, ADD_PATH},
					{"real-name", required_argument, NULL, ADD_REAL_NAME},
					{NULL, 0, NULL, 0}};

static int set_kind(struct wish *wish, const char *text)
{
	int kind = account_kind_by_name(text);

	if (kind < 0 || kind == ACCOUNT_PATH)
		return shell_usage(
		    NAME, _("There is no kind \"%s\": local, maildir, imap, pop3 or jmap."), text);
	wish->account.kind = (enum account_kind)kind;
	return 0;
}

static int keep_setting(struct wish *wish, const char *name, const char *text)
{
	struct account *account = &wish->account;
	struct err err = ERR_INIT;
	char *value = account_options_value(name, text, &err);

	if (!value)
		return shell_usage(NAME, "%s", err.text);
	if (account->setting_count == SETTINGS_MAX) {
		free(value);
		return shell_usage(NAME, _("That is too much text for one account."));
	}
	wish->keys[account->setting_count] = (char *)name;
	wish->values[account->setting_count++] = value;
	return 0;
}

static int take_option(struct wish *wish, int c, const char *name)
{
	struct account *account = &wish->account;

	switch (c) {
	case ADD_KIND:
		return set_kind(wish, optarg);
	case ADD_ADDRESS:
		account->address = optarg;
		return 0;
	case ADD_PATH:
		account->path = optarg;
		return 0;
	case ADD_REAL_NAME:
		account->real_name = optarg;
		return 0;
	case ACCOUNT_OPTION:
		return keep_setting(wish, name, optarg);
	default:
		return EXIT_USAGE;
	}
}

static bool is_to_come(enum account_kind kind)
{
	return kind == ACCOUNT_JMAP;
}

/* Before it happens. */
static void tell_removal(const struct account *account)
{
	if (account->kind == ACCOUNT_POP3 && !account_setting(account, "leave-days"))
		shell_say(NAME,
			  _("Letters of \"%s\" are removed from the server as soon as they are safe on this disk; "
			    "with \"leave-days = N\" in its section (--leave-days N) they stay there for N days."),
			  account->name);
}

static int check_server(const struct account *account)
{
	bool wants = account->kind == ACCOUNT_IMAP || account->kind == ACCOUNT_POP3;
	const char *server = account_setting(account, "server");

	if (!wants || (server && *server))
		return 0;
	return shell_usage(NAME,
			   _("Which server? Say --server HOST:PORT; or \"tern account set-up %s\" finds it by itself."),
			   account->address);
}

/* By its name alone, HOST or HOST:PORT. One without a dot may be anything, and is looked at when it is reached. */
static bool is_elsewhere(const char *server)
{
	struct span host = {server, strcspn(server, ":")};

	if (*server == '[' || strchr(server + host.len, ':') != strrchr(server, ':'))
		return !str_starts(server, "[::1]") && strcmp(server, "::1") != 0;
	if (span_starts_nocase(host, "127.") || span_equal_nocase(host, "localhost.localdomain"))
		return false;
	return memchr(host.data, '.', host.len) != NULL;
}

/* Nothing goes over a net unencrypted. */
static int check_plain(const struct account *account, const char *place, const char *how)
{
	const char *server = account_setting(account, place), *tls = account_setting(account, how);

	if (!server || !tls || strcmp(tls, "none") != 0 || !is_elsewhere(server))
		return 0;
	return shell_usage(NAME, _("\"%s = none\" is only for a server on this computer, and \"%s\" is none."), how,
			   server);
}

static int add(struct account *account)
{
	struct err err = ERR_INIT;

	if (check_server(account) || check_plain(account, "server", "tls") ||
	    check_plain(account, "submission", "submission-tls"))
		return EXIT_USAGE;
	if (account_add(account, &err) < 0)
		return shell_fail(NAME, &err);
	tell_removal(account);
	notice_ring(account->name);
	if (!is_to_come(account->kind))
		return 0;
	err_set(&err,
		_("The settings of \"%s\" are kept, but fetching mail by %s comes with a later "
		  "version."),
		account->name, account_kind_name(account->kind));
	return shell_fail(NAME, &err);
}

static int take_arguments(struct wish *wish, const struct option *options, int argc, char **argv)
{
	int c, at = 0;

	optind = 1;
	while ((c = shell_option(NAME, argc, argv, "", options, &at)) != -1)
		if (take_option(wish, c, options[at].name) != 0)
			return EXIT_USAGE;
	if (optind + 1 != argc)
		return shell_usage(
		    NAME, _("\"tern account add\" wants one name, for example: tern account "
			    "add home --kind local --address me@localhost"));
	if (!wish->account.address)
		return shell_usage(NAME, _("Which address? Say --address me@example.org."));
	wish->account.name = argv[optind];
	wish->account.keys = wish->keys;
	wish->account.values = wish->values;
	return 0;
}

static int run_add(int argc, char **argv)
{
	struct wish wish = {.account = {.kind = ACCOUNT_LOCAL}};
	struct option *options = account_options_new(add_own);
	int code = take_arguments(&wish, options, argc, argv);

	if (code == 0)
		code = add(&wish.account);
	while (wish.account.setting_count)
		free(wish.values[--wish.account.setting_count]);
	free(options);
	return code;
}

/* --- list --- */

static void add_object(const struct account *account, struct buf *out)
{
	struct jv *object = jv_object();

	jv_set(object, "name", jv_text(account->name));
	jv_set(object, "kind", jv_text(account_kind_name(account->kind)));
	jv_set(object, "address", jv_text(account->address));
	jv_set(object, "real_name", jv_text(account->real_name));
	jv_set(object, "path", jv_text(account->path));
	jv_print(object, out);
	buf_add_char(out, '\n');
	jv_free(object);
}

static void add_line(const struct account *account, struct buf *out)
{
	buf_printf(out, "%s\t%s\t%s\t%s\n", account->name, account_kind_name(account->kind),
		   account->address, account->path);
}

static int run_list(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	struct account_list list;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	bool as_json = false;
	int c, rc;

	optind = 1;
	while ((c = shell_option(NAME, argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return EXIT_USAGE;
		as_json = true;
	}
	rc = account_load(&list, &err);
	for (size_t i = 0; rc == 0 && i < list.count; i++)
		(as_json ? add_object : add_line)(&list.items[i], &out);
	account_list_free(&list);
	rc = rc < 0 ? shell_fail(NAME, &err) : shell_print(&out);
	buf_free(&out);
	return rc;
}

/* --- remove --- */

/* What signs in goes first: without the account nobody would know where it lies. */
static int run_remove(int argc, char **argv)
{
	struct account_worker forget = {.role = "forget"};
	struct err err = ERR_INIT;
	int code;

	if (argc != 2)
		return shell_usage(NAME, _("\"tern account remove\" wants one name."));
	forget.argument = argv[1];
	code = account_worker_run(&forget);
	if (code != 0)
		return code;
	if (account_remove(argv[1], &err) < 0 || promise_forget(argv[1], &err) < 0)
		return shell_fail(NAME, &err);
	notice_ring(argv[1]);
	return 0;
}

/* --- forget-promises --- */

static int run_forget_promises(int argc, char **argv)
{
	struct err err = ERR_INIT;
	int count;

	if (argc != 2)
		return shell_usage(NAME, _("\"tern account forget-promises\" wants one name."));
	count = promise_forget(argv[1], &err);
	if (count < 0)
		return shell_fail(NAME, &err);
	if (count == 0)
		shell_say(NULL, _("No server of \"%s\" had promised anything."), argv[1]);
	else
		shell_say(NULL, _("What the servers of \"%s\" offer is taken as it is the next time."), argv[1]);
	notice_ring(argv[1]);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = {
    {"add", run_add},
    {"authorize", account_authorize},
    {"check", account_check},
    {"find", account_find_servers},
    {"forget-promises", run_forget_promises},
    {"list", run_list},
    {"move", account_move},
    {"password", account_password},
    {"remove", run_remove},
    {"set-up", account_set_up},
    {"trust", account_trust},
};

int shell_account(int argc, char **argv)
{
	const char *names[ARRAY_COUNT(verbs) + 1] = {NULL}, *near;

	for (size_t i = 0; argc > 1 && i < ARRAY_COUNT(verbs); i++)
		if (strcmp(verbs[i].name, argv[1]) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		names[i] = verbs[i].name;
	near = argc > 1 ? str_nearest(argv[1], names) : NULL;
	if (near)
		return shell_usage(NAME, _("There is no \"%s\"; did you mean \"%s\"?"), argv[1],
				   near);
	return shell_usage(NAME, _("It is one of: add, authorize, check, find, forget-promises, list, move, password, "
				   "remove, set-up, trust."));
}
