#include "config.h"
#include "store/mail/promise.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/path.h"
#include "store/base/str.h"

#define FILE_MAX (1 << 20)

/* ACCOUNT, PLACE, "tls" or "-", MECHANISM or "-"; tabs between. */
struct line {
	struct span account, place, tls, mechanism;
};

static bool read_line(struct span text, struct line *line)
{
	return span_split(&text, '\t', &line->account) && span_split(&text, '\t', &line->place) &&
	       span_split(&text, '\t', &line->tls) && span_split(&text, '\t', &line->mechanism);
}

static int read_file(struct buf *text, struct err *err)
{
	char *path = path_in(PATH_DATA, "promises");
	int rc = path_exists(path) ? file_read(path, text, FILE_MAX, err) : 0;

	free(path);
	return rc;
}

static bool is_of(const struct line *line, const char *account, const char *place)
{
	return span_equal(line->account, span_of(account)) && (!place || span_equal(line->place, span_of(place)));
}

static void take(const struct line *line, struct promise *promise)
{
	promise->has_tls = span_equal(line->tls, SPAN("tls"));
	if (!span_equal(line->mechanism, SPAN("-")))
		snprintf(promise->mechanism, sizeof promise->mechanism, "%.*s", (int)line->mechanism.len,
			 line->mechanism.data);
}

int promise_load(const char *account, const char *place, struct promise *promise, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = read_file(&text, err);
	struct span rest = {buf_str(&text), text.len}, one;
	struct line line;

	*promise = (struct promise){false, ""};
	while (rc == 0 && span_split(&rest, '\n', &one))
		if (read_line(one, &line) && is_of(&line, account, place))
			take(&line, promise);
	buf_free(&text);
	return rc;
}

/* Workers of several servers write: one after the other. */
static int lock(struct err *err)
{
	char *dir = path_dir(PATH_DATA), *path = path_in(PATH_DATA, "promises.lock");
	int fd = -1;

	if (path_make_dirs(dir, err) == 0) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 || flock(fd, LOCK_EX) < 0)
			err_errno(err, _("The file \"%s\" cannot be locked"), path);
	}
	free(path);
	free(dir);
	return fd;
}

/* The lines of others, as they are. *GONE counts what was left out. */
static void copy_others(const struct buf *text, const char *account, const char *place, struct buf *out, int *gone)
{
	struct span rest = {buf_str(text), text->len}, one;
	struct line line;

	while (span_split(&rest, '\n', &one)) {
		bool is_ours = read_line(one, &line) && is_of(&line, account, place);

		*gone += is_ours;
		if (is_ours || one.len == 0)
			continue;
		buf_add(out, one.data, one.len);
		buf_add_char(out, '\n');
	}
}

/* Those of ACCOUNT (and PLACE) out, LINE in. */
static int change(const char *account, const char *place, const char *line, struct err *err)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	char *path = path_in(PATH_DATA, "promises");
	int fd = lock(err), gone = 0, rc = fd < 0 ? -1 : read_file(&text, err);

	copy_others(&text, account, place, &out, &gone);
	buf_add_str(&out, line);
	if (rc == 0 && (gone || *line))
		rc = file_replace(path, buf_str(&out), out.len, err);
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	buf_free(&out);
	free(path);
	return rc < 0 ? -1 : gone;
}

int promise_keep(const char *account, const char *place, const struct promise *promise, struct err *err)
{
	struct buf line = BUF_INIT;
	int rc;

	buf_printf(&line, "%s\t%s\t%s\t%s\n", account, place, promise->has_tls ? "tls" : "-",
		   *promise->mechanism ? promise->mechanism : "-");
	rc = change(account, place, buf_str(&line), err);
	buf_free(&line);
	return rc < 0 ? -1 : 0;
}

int promise_forget(const char *account, struct err *err)
{
	return change(account, NULL, "", err);
}
