/* The links of a letter: listed, followed, copied. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "compose/mailto.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/tables.h"
#include "ui/render/doc.h"
#include "ui/render/html_url.h"
#include "ui/render/open_with.h"
#include "ui/screen/term.h"
#include "ui/view/draft_view.h"
#include "ui/view/link_view.h"
#include "ui/view/reader_view.h"

#define BROWSER	     "xdg-open"
#define BROWSER_ARGS 30

/* --- which link --- */

static size_t count_links(struct app *app)
{
	const struct view *top = app_top(app);

	return top->class->kind == VIEW_LINKS ? link_view_count(top) : reader_view_doc(top)->link_count;
}

static const char *url_of(struct app *app, size_t number, bool *deceives)
{
	const struct view *top = app_top(app);
	const struct doc *doc;

	if (top->class->kind == VIEW_LINKS)
		return link_view_url(top, number, deceives);
	doc = reader_view_doc(top);
	if (number < 1 || number > doc->link_count)
		return NULL;
	*deceives = doc->link_texts[number - 1].deceives;
	return doc->links[number - 1];
}

static const char *link_of(struct app *app, const char *number, bool *deceives, struct err *err)
{
	long long value;
	const char *url = NULL;

	if (str_to_long(number, &value) == 0 && value > 0)
		url = url_of(app, (size_t)value, deceives);
	if (!url)
		err_set(err, _("There is no link number %s."), number);
	return url;
}

static int say_none(struct app *app, struct err *err)
{
	const struct view *top = app_top(app);

	if (top->class->kind == VIEW_READER && reader_view_has_no_links(top))
		return err_set(err, _("Nothing protects this letter, so its links are not followed. The command html "
				      "makes them links again."));
	return err_set(err, _("There is no link in this letter."));
}

static int ask_link(struct app *app, const char *command, struct err *err)
{
	size_t count = count_links(app);
	char *question;

	if (!count)
		return say_none(app, err);
	question = mem_printf(_("Number of the link (1-%zu): "), count);
	app_ask_for(app, question, count == 1 ? "1" : "", "link", NULL, command);
	free(question);
	return 0;
}

/* The link that a command means: by its number, or where the cursor stands. NULL: it was asked for, or ERR is
 * told (*RESULT). */
static const char *link_meant(struct app *app, struct command_call *call, bool *deceives, int *result,
			      struct err *err)
{
	const struct view *top = app_top(app);
	const char *url;

	*result = 0;
	if (!call->count && top->class->kind == VIEW_LINKS)
		return link_view_url(top, link_view_number(top), deceives);
	if (!call->count) {
		*result = ask_link(app, call->command->name, err);
		return NULL;
	}
	url = link_of(app, call->args[0], deceives, err);
	*result = url ? 0 : -1;
	return url;
}

/* --- followed --- */

static const char *account_here(struct app *app)
{
	const struct view *top = app_top(app);

	return top->class->kind == VIEW_LINKS ? link_view_account(top) : reader_view_account(top);
}

static void follow_mailto(struct app *app, const char *url)
{
	struct err err = ERR_INIT;
	struct mailto_result result = {0};
	struct draft *draft = mailto_make(&app->compose, url, account_here(app), &result, &err);

	if (!draft) {
		app_complain(app, &err);
		return;
	}
	app_push(app, draft_view_new(app, draft));
	if (*result.refused)
		app_say(app, _("The link also asked for these, which were left out: %s"), result.refused);
	else if (result.has_bcc)
		app_say(app, _("The link names hidden recipients: look at Bcc."));
}

/* It is only waited for, so that no zombie stays. */
static void ended(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

static bool can_open(struct app *app)
{
	struct opener opener;
	bool found;

	if (strcmp(app_option_text(app, "reader", "browser"), BROWSER))
		return true;
	open_with_find("x-scheme-handler/http", &opener);
	found = *opener.shell;
	opener_free(&opener);
	return found;
}

/* The address is one argument of the program, never part of a command. */
static int start_browser(struct app *app, struct arena *arena, const char *url, struct err *err)
{
	const char *line = app_option_text(app, "reader", "browser");
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .extra = -1};
	const char *argv[BROWSER_ARGS + 2] = {NULL};
	struct child child;
	char **words;
	int count;

	if (command_split(&line, arena, &words, &count, err) < 1 || count > BROWSER_ARGS)
		return err_set(err, _("option browser is empty"));
	memcpy(argv, words, (size_t)count * sizeof *argv);
	argv[count] = url;
	if (app_option_bool(app, "reader", "browser-in-terminal"))
		return app_run_program(app, argv, NULL, 0, false, err);
	if (child_start(&child, argv, &setup, err) < 0)
		return -1;
	loop_add_child(app->loop, "a followed link", child.pid, ended, NULL);
	app_say(app, _("Opened: %s"), url);
	return 0;
}

static int follow(struct app *app, struct arena *arena, const char *url, struct err *err)
{
	if (mailto_is(url)) {
		follow_mailto(app, url);
		return 0;
	}
	if (!str_starts_nocase(url, "https://") && !str_starts_nocase(url, "http://"))
		return err_set(err, _("Only links of the web and mail addresses are followed: %s"), url);
	if (!can_open(app))
		return err_set(err, _("There is no browser to open it with: %s"), url);
	return start_browser(app, arena, url, err);
}

static void follow_all_the_same(struct app *app, char key, void *arg)
{
	struct err err = ERR_INIT;
	struct arena *arena = arena_new();
	char *url = arg;

	if (key == 'y' && follow(app, arena, url, &err) < 0)
		app_complain(app, &err);
	arena_free(&arena);
	free(url);
}

static void ask_first(struct app *app, const char *url)
{
	struct span host = html_url_host(url);
	char *name = host.len ? mem_strndup(host.data, host.len) : mem_strdup(url);
	struct buf question = BUF_INIT, shown = BUF_INIT;

	html_url_add_shown(&shown, url);
	buf_printf(&question, _("This link shows another address. It goes to %s. Follow it? (n)o (y)es "),
		   host.len ? name : buf_str(&shown));
	app_ask_key(app, buf_str(&question), "ny", follow_all_the_same, mem_strdup(url));
	buf_free(&question);
	buf_free(&shown);
	free(name);
}

static int follow_link(struct app *app, struct command_call *call, struct err *err)
{
	bool deceives = false;
	int result;
	const char *url = link_meant(app, call, &deceives, &result, err);

	if (!url)
		return result;
	if (!deceives)
		return follow(app, call->arena, url, err);
	ask_first(app, url);
	return 0;
}

/* --- copied, listed --- */

static int copy_link(struct app *app, struct command_call *call, struct err *err)
{
	bool deceives;
	int result;
	const char *url = link_meant(app, call, &deceives, &result, err);

	if (!url)
		return result;
	if (app->term)
		term_copy(app->term, url);
	app_say(app, _("Copied: %s"), url);
	return 0;
}

static int list_links(struct app *app, struct command_call *call, struct err *err)
{
	const struct view *reader = app_top(app);
	struct view *view = link_view_new(app, reader_view_doc(reader), reader_view_account(reader));

	(void)call;
	if (!view)
		return say_none(app, err);
	app_push(app, view);
	return 0;
}

#define HERE (VIEW_READER | VIEW_LINKS)

const struct command cmd_link_rows[] = {
	{"links", "", N_("the list of the letter's links"), VIEW_READER, NEEDS_SCREEN, 0, 0, list_links, NULL},
	{"follow-link", "[NUMBER]", N_("open a link of the letter"), HERE, NEEDS_SCREEN, 0, 1, follow_link, NULL},
	{"copy-link", "[NUMBER]", N_("copy a link of the letter"), HERE, NEEDS_SCREEN, 0, 1, copy_link, NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
