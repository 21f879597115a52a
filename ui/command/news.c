#include "config.h"
#include "ui/command/news.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/command/background.h"
#include "ui/command/command.h"
#include "ui/screen/term.h"

#define WORDS_MAX 40

/* What there is to tell; texts of a letter are printable already. */
struct news {
	const char *account, *folder;
	char unread[24];
	const char *from, *subject;
};

static char *printable(struct arena *arena, const char *text)
{
	struct buf out = BUF_INIT;
	char *copy;

	utf8_add_printable(&out, text, strlen(text));
	copy = arena_strdup(arena, buf_str(&out));
	buf_free(&out);
	return copy;
}

static void gather(struct store *store, const struct folder *inbox, struct arena *arena, struct news *news)
{
	struct store_view view = {.folder = inbox->id};
	struct message *rows;
	size_t count = 0;

	*news = (struct news){store_account(store)->name, inbox->name, "", "", ""};
	snprintf(news->unread, sizeof news->unread, "%lld", (long long)inbox->unread);
	if (store_window(store, &view, FROM_FIRST, 0, 1, arena, &rows, &count, NULL) < 0 || !count)
		return;
	news->from = printable(arena, *rows[0].from_name ? rows[0].from_name : rows[0].from_addr);
	news->subject = printable(arena, rows[0].subject);
}

/* --- a program of the person's --- */

static const char *value_of(const struct news *news, const char *name, size_t len)
{
	const struct {
		const char *name, *value;
	} values[] = {{"account", news->account}, {"folder", news->folder},   {"unread", news->unread},
		      {"from", news->from},	  {"subject", news->subject}, {"%", "%"}};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0)
			return values[i].value;
	return NULL;
}

static size_t name_length(const char *text)
{
	size_t len = 0;

	if (*text == '%')
		return 1;
	while (text[len] >= 'a' && text[len] <= 'z')
		len++;
	return len;
}

/* One word stays one word, whatever a letter says: no shell reads it. */
static char *fill_in(struct arena *arena, const char *word, const struct news *news)
{
	struct buf out = BUF_INIT;
	char *filled;

	for (; *word; word++) {
		size_t len = *word == '%' ? name_length(word + 1) : 0;
		const char *value = len ? value_of(news, word + 1, len) : NULL;

		if (value) {
			buf_add_str(&out, value);
			word += len;
		} else {
			buf_add_char(&out, *word);
		}
	}
	filled = arena_strdup(arena, buf_str(&out));
	buf_free(&out);
	return filled;
}

static int run_command(struct app *app, const struct news *news, struct arena *arena, struct err *err)
{
	const char *line = app_option_text(app, "general", "new-mail-command");
	const char *argv[WORDS_MAX + 1];
	char **words;
	int count;

	if (!*line)
		return 0;
	if (command_split(&line, arena, &words, &count, err) < 0)
		return -1;
	if (!count || count > WORDS_MAX)
		return err_set_kind(err, ERR_USAGE, _("\"new-mail-command\" is a program and its arguments."));
	for (int i = 0; i < count; i++)
		argv[i] = i ? fill_in(arena, words[i], news) : words[i];
	argv[count] = NULL;
	return background_start(app, argv, err);
}

/* --- the desktop --- */

static bool has_desktop(void)
{
	return getenv("WAYLAND_DISPLAY") || getenv("DISPLAY");
}

static int run_notify_send(struct app *app, const char *title, const char *text, struct err *err)
{
	const char *argv[] = {"notify-send", "-a", "Tern", "-i", "mail-unread", "--", title, text, NULL};

	return background_start(app, argv, err);
}

/* A letter says what it likes: markup that notify-send knows stays text. */
static void add_plain(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '&')
			buf_add_str(out, "&amp;");
		else if (*text == '<')
			buf_add_str(out, "&lt;");
		else
			buf_add_char(out, *text);
}

static int notify_by_program(struct app *app, const char *title, const struct news *news, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc;

	add_plain(&text, news->from);
	buf_add_str(&text, *news->subject ? ": " : "");
	add_plain(&text, news->subject);
	rc = run_notify_send(app, title, buf_str(&text), err);
	buf_free(&text);
	return rc;
}

static enum term_notify way_of(const char *word)
{
	if (!strcmp(word, "osc9"))
		return TERM_NOTIFY_OSC9;
	if (!strcmp(word, "osc777"))
		return TERM_NOTIFY_OSC777;
	return strcmp(word, "osc99") ? TERM_NOTIFY_AUTO : TERM_NOTIFY_OSC99;
}

static int notify(struct app *app, const struct news *news, struct arena *arena, struct err *err)
{
	const char *word = app_option_text(app, "general", "notify");
	char *title = arena_printf(arena, _("%s: %s unread"), news->account, news->unread);
	char *text;

	if (!strcmp(word, "off"))
		return 0;
	if (!strcmp(word, "program"))
		return notify_by_program(app, title, news, err);
	text = arena_printf(arena, "%s%s%s", news->from, *news->subject ? ": " : "", news->subject);
	if (app->term && term_notify(app->term, way_of(word), title, text))
		return 0;
	return !strcmp(word, "auto") && has_desktop() ? notify_by_program(app, title, news, NULL) : 0;
}

void news_tell(struct app *app, struct store *store, const struct folder *inbox)
{
	struct arena *arena = arena_new();
	struct err err = ERR_INIT;
	struct news news;

	if (app->accounts.count > 1)
		app_tell(app, ngettext("%lld unread message in %s/%s", "%lld unread messages in %s/%s",
				       (unsigned long)inbox->unread),
			 (long long)inbox->unread, store_account(store)->name, inbox->name);
	else
		app_tell(app, ngettext("%lld unread message in %s", "%lld unread messages in %s",
				       (unsigned long)inbox->unread),
			 (long long)inbox->unread, inbox->name);
	if (app->term && app_option_bool(app, "general", "bell"))
		term_bell(app->term);
	gather(store, inbox, arena, &news);
	if (app->term && (run_command(app, &news, arena, &err) < 0 || notify(app, &news, arena, &err) < 0))
		app_complain(app, &err);
	app->has_news = true;
	app_run_news(app);
	arena_free(&arena);
}
