/* tern index: bring the index of accounts, or of a mailbox by its path, up to date. */
#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/path.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/mail/fulltext.h"
#include "store/mail/store.h"

#define NAME	   "index"
#define EXIT_USAGE 2
#define BAR_WIDTH  24
#define DRAW_MS	   100
#define PROCESSES  2 /* that read letters for the search index */

struct progress_bar {
	bool is_shown;
	int64_t begun, drawn;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void add_bar(struct buf *line, int64_t done, int64_t total)
{
	int64_t full = total > 0 ? done * BAR_WIDTH / total : 0;

	buf_add_char(line, '[');
	for (int64_t i = 0; i < BAR_WIDTH; i++)
		buf_add_char(line, i < full ? '#' : '.');
	buf_add_char(line, ']');
}

static void add_rate(struct buf *line, const struct index_progress *at, int64_t ms)
{
	int64_t rate = ms > 0 ? at->done * 1000 / ms : 0,
		left = rate ? (at->total - at->done) / rate : 0;

	buf_printf(line, " %lld/%lld", (long long)at->done, (long long)at->total);
	if (rate)
		buf_printf(line, _("  %lld a second, %lld:%02lld left"), (long long)rate,
			   (long long)(left / 60), (long long)(left % 60));
}

static int draw(void *arg, const struct index_progress *at)
{
	struct progress_bar *bar = arg;
	struct buf line = BUF_INIT;
	int64_t now = now_ms();

	if (now - bar->drawn < DRAW_MS && at->done < at->total)
		return 0;
	bar->drawn = now;
	bar->is_shown = true;
	buf_add_str(&line, "\r");
	add_bar(&line, at->done, at->total);
	add_rate(&line, at, now - bar->begun);
	buf_add_str(&line, "  ");
	utf8_add_printable(&line, at->folder, strlen(at->folder));
	buf_add_str(&line, "\033[K");
	file_write_fd(STDERR_FILENO, line.data, line.len, NULL);
	buf_free(&line);
	return 0;
}

static int draw_words(void *arg, int64_t done, int64_t total)
{
	struct index_progress at = {.done = done, .total = total, .folder = _("words")};

	return draw(arg, &at);
}

/* Another program may be filling it already. */
static int fill_words(struct store *store, bool tty, struct err *err)
{
	struct progress_bar bar = {.begun = now_ms()};
	struct err own = ERR_INIT;
	int rc = fulltext_fill(store, PROCESSES, tty ? draw_words : NULL, &bar, &own);

	if (bar.is_shown)
		file_write_fd(STDERR_FILENO, "\n", 1, NULL);
	if (rc == 0 || own.kind == ERR_TEMPORARY)
		return 0;
	return err_set_kind(err, own.kind, "%s", own.text);
}

/* The mail is read in even when what is owed to its files cannot be done. */
static int carry_and_index(struct store *store, struct progress_bar *bar, struct err *err)
{
	struct err owed = ERR_INIT;
	int carried = store_carry_out(store, &owed);
	int rc = store_index(store, 0, isatty(STDERR_FILENO) ? draw : NULL, bar, err);

	if (rc >= 0 && carried < 0)
		return err_set_kind(err, owed.kind, "%s", owed.text);
	return rc;
}

static int bring_up(struct store *store, struct err *err)
{
	struct progress_bar bar = {.begun = now_ms()};
	struct err more = ERR_INIT;
	int rc, orders;

	if (store_check(store, err) < 0)
		return -1;
	rc = carry_and_index(store, &bar, err);
	if (bar.is_shown)
		file_write_fd(STDERR_FILENO, "\n", 1, NULL);
	while ((orders = store_index_orders(store, rc < 0 ? &more : err)) > 0)
		;
	if (orders < 0 || fill_words(store, isatty(STDERR_FILENO), rc < 0 ? &more : err) < 0)
		return -1;
	return rc;
}

static int index_account(const struct account *account)
{
	struct err err = ERR_INIT;
	bool was_damaged = false;
	struct store *store = store_open(account, &was_damaged, &err);
	int rc = store ? bring_up(store, &err) : -1;

	store_close(&store);
	if (was_damaged)
		shell_usage(NAME,
			    _("The index of \"%s\" was damaged; it was made again from the mail."),
			    account->name);
	return rc < 0 ? shell_fail(NAME, &err) : 0;
}

static int index_path(const char *path)
{
	struct account *account = account_for_path(path, false);
	int rc = index_account(account);

	account_free(&account);
	return rc;
}

static int index_named(const struct account_list *list, const char *name)
{
	const struct account *account = account_find(list, name);

	if (account)
		return index_account(account);
	if (path_exists(name))
		return index_path(name);
	return shell_usage(NAME, _("There is neither an account nor a mailbox \"%s\"."), name);
}

static int index_all(const struct account_list *list)
{
	int worst = 0;

	for (size_t i = 0; i < list->count; i++) {
		int rc = index_account(&list->items[i]);

		worst = rc > worst ? rc : worst;
	}
	return worst;
}

static int index_wanted(int argc, char **argv)
{
	struct account_list list;
	struct err err = ERR_INIT;
	int worst = 0;

	if (account_load(&list, &err) < 0) {
		account_list_free(&list);
		return shell_fail(NAME, &err);
	}
	if (optind == argc)
		worst = index_all(&list);
	for (int i = optind; i < argc; i++) {
		int rc = index_named(&list, argv[i]);

		worst = rc > worst ? rc : worst;
	}
	account_list_free(&list);
	return worst;
}

int shell_index(int argc, char **argv)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};

	optind = 1;
	if (shell_option(NAME, argc, argv, "", options, NULL) != -1)
		return EXIT_USAGE;
	return index_wanted(argc, argv);
}
