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
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/view/text_view.h"

#define TAIL_BYTES 65536

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
	return strstr(line, "] warning:") ? STYLE_FLAGGED : STYLE_NORMAL;
}

static void add_log(struct text_view *text)
{
	struct buf tail = BUF_INIT;
	struct span rest, line;
	bool is_cut;

	read_tail(&tail);
	is_cut = tail.len >= TAIL_BYTES;
	rest = (struct span){tail.data, tail.len};
	while (span_split(&rest, '\n', &line)) {
		char *copy = mem_strndup(line.data ? line.data : "", line.len);

		if (!is_cut && *copy)
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

static void log_free(struct view *view)
{
	text_view_release((struct text_view *)view);
	free(view);
}

static void log_title(struct view *view, struct buf *left, struct buf *right)
{
	buf_add_str(left, _("log"));
	text_view_place((struct text_view *)view, right);
}

static const struct view_class log_class = {
    .kind = VIEW_LOG,
    .name = "log",
    .title = N_("log"),
    .free = log_free,
    .draw = text_view_draw,
    .title_line = log_title,
    .move = text_view_move,
    .move_page = text_view_move_page,
    .move_end = text_view_move_end,
    .find = text_view_find,
};

struct view *log_view_new(struct app *app)
{
	struct text_view *text = mem_alloc(sizeof *text);

	text->view.class = &log_class;
	text->view.app = app;
	text_view_init(text);
	add_log(text);
	add_mistakes(app, text);
	if (!text->count)
		text_view_add(text, STYLE_DIM, NULL, _("Nothing is in the log."));
	text->top = text->count; /* its end */
	return &text->view;
}
