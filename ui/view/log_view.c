#include "config.h"
#include "ui/view/log_view.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/view/text_view.h"

#define TAIL_BYTES (256 * 1024)
#define LOOK_MS	   1000

struct log_view {
	struct text_view text;
	char *account; /* lines about it alone; NULL: all */
	int64_t size;  /* of the file when it was read */
	struct loop_timer *timer;
};

static void read_tail(struct buf *out)
{
	char *path = path_in(PATH_STATE, "log");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		if (st.st_size > TAIL_BYTES)
			lseek(fd, st.st_size - TAIL_BYTES, SEEK_SET);
		file_read_fd(fd, out, TAIL_BYTES * 2, NULL);
	}
	if (fd >= 0)
		close(fd);
	free(path);
}

static enum style style_of(const char *line)
{
	if (strstr(line, "] error:"))
		return STYLE_ERROR;
	if (strstr(line, "] debug:"))
		return STYLE_DIM;
	return strstr(line, "] warning:") ? STYLE_FLAGGED : STYLE_NORMAL;
}

static int64_t size_now(void)
{
	char *path = path_in(PATH_STATE, "log");
	struct stat st = {.st_size = 0};

	if (stat(path, &st) < 0)
		st.st_size = 0;
	free(path);
	return st.st_size;
}

static bool is_end(char c)
{
	return strchr(" :,.\"", c) != NULL; /* NUL too */
}

/* "account work: ...", "work imap C: ...": the name as a word. */
static bool is_about(const char *line, const char *account)
{
	const char *words = strstr(line, "]"), *at = words ? words : line;
	size_t len = strlen(account);

	while ((at = strstr(at, account))) {
		if (is_end(at[len]) && is_end(at[-1]))
			return true;
		at += len;
	}
	return false;
}

static void add_log(struct text_view *text, const char *account)
{
	struct buf tail = BUF_INIT;
	struct span rest, line;
	bool is_cut;

	read_tail(&tail);
	is_cut = tail.len >= TAIL_BYTES;
	rest = (struct span){tail.data, tail.len};
	while (span_split(&rest, '\n', &line)) {
		char *copy = mem_strndup(line.data ? line.data : "", line.len);

		if (!is_cut && *copy && (!account || is_about(copy, account)))
			text_view_add(text, style_of(copy), NULL, copy);
		is_cut = false;
		free(copy);
	}
	buf_free(&tail);
}

static void add_mistakes(struct app *app, struct text_view *text)
{
	char *title;
	size_t i;

	if (!app->conf || !app->conf->error_count)
		return;
	title = mem_printf(ngettext("The configuration has %zu mistake; all the rest of it holds.",
				    "The configuration has %zu mistakes; all the rest of it holds.",
				    app->conf->error_count),
			   app->conf->error_count);
	text_view_add(text, STYLE_NORMAL, NULL, "");
	text_view_add(text, STYLE_BOLD, NULL, title);
	free(title);
	for (i = 0; i < app->conf->error_count; i++)
		text_view_add(text, STYLE_ERROR, NULL, app->conf->errors[i]);
}

static void fill(struct log_view *log)
{
	text_view_clear(&log->text);
	log->size = size_now();
	add_log(&log->text, log->account);
	if (!log->account)
		add_mistakes(log->text.view.app, &log->text);
	if (!log->text.count)
		text_view_add(&log->text, STYLE_DIM, NULL, _("Nothing is in the log."));
}

static bool is_at_end(const struct log_view *log)
{
	return log->text.top + (size_t)log->text.rows >= log->text.wrapped_count;
}

/* Whoever stands at its end goes on with it; whoever reads is left alone. */
static void look(void *arg)
{
	struct log_view *log = arg;
	struct app *app = log->text.view.app;

	log->timer = loop_add_timer(app->loop, "log", LOOK_MS, look, log);
	if (app_top(app) != &log->text.view || log->size == size_now() || !is_at_end(log))
		return;
	fill(log);
	text_view_move_end(&log->text.view, true);
	app_dirty(app);
}

static void log_free(struct view *view)
{
	struct log_view *log = (struct log_view *)view;

	if (log->timer)
		loop_remove_timer(view->app->loop, &log->timer);
	text_view_release(&log->text);
	free(log->account);
	free(log);
}

static void log_title(struct view *view, struct buf *left, struct buf *right)
{
	buf_add_str(left, _("log"));
	if (((struct log_view *)view)->account)
		buf_printf(left, ": %s", ((struct log_view *)view)->account);
	text_view_place((struct text_view *)view, right);
}

static const struct view_class log_class = {
    .kind = VIEW_LOG,
    .name = "log",
    .title = N_("log"),
    .free = log_free,
    .title_line = log_title,
    TEXT_VIEW_WAYS,
};

struct view *log_view_new(struct app *app, const char *account)
{
	struct log_view *log = mem_alloc(sizeof *log);

	text_view_begin(&log->text, app, &log_class);
	log->account = account ? mem_strdup(account) : NULL;
	fill(log);
	log->text.top = log->text.count; /* its end */
	if (app->loop)
		log->timer = loop_add_timer(app->loop, "log", LOOK_MS, look, log);
	return &log->text.view;
}
