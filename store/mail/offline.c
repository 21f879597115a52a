#include "config.h"
#include "store/mail/offline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/account.h"

#define FILE_MAX 65536
#define ALL	 "*"

/* Lines "NAME on" and "NAME off". */
static void read_switches(struct buf *out)
{
	char *path = path_in(PATH_STATE, "offline");

	if (file_read(path, out, FILE_MAX, NULL) < 0)
		buf_clear(out);
	free(path);
}

static bool is_of(struct span line, const char *name)
{
	size_t len = strlen(name);

	return line.len > len && strncmp(line.data, name, len) == 0 && line.data[len] == ' ';
}

/* 1 on, 0 off, -1 nobody touched it. */
static int switch_of(const struct buf *switches, const char *name)
{
	struct span rest = {switches->data, switches->len}, line;
	int state = -1;

	while (span_split(&rest, '\n', &line))
		if (is_of(line, name))
			state = line.len == strlen(name) + strlen(" on");
	return state;
}

static bool is_configured(void)
{
	struct conf *conf = conf_load_own();
	const char *value = conf_get(conf, "mail", "", "offline");
	bool is = value && option_parse_bool(value) == 1;

	conf_free(&conf);
	return is;
}

static bool is_all(const struct buf *switches)
{
	int state = switch_of(switches, ALL);

	return state < 0 ? is_configured() : state;
}

static bool is_one(const struct buf *switches, const struct account *account)
{
	const char *value = account_setting(account, "offline");
	int state = switch_of(switches, account->name);

	return state < 0 ? value && option_parse_bool(value) == 1 : state;
}

bool offline_is(const struct account *account)
{
	struct buf switches = BUF_INIT;
	bool is;

	read_switches(&switches);
	is = is_all(&switches) || (account && is_one(&switches, account));
	buf_free(&switches);
	return is;
}

static void copy_others(const struct buf *switches, const char *name, struct buf *out)
{
	struct span rest = {switches->data, switches->len}, line;

	while (span_split(&rest, '\n', &line)) {
		if (!line.len || is_of(line, name))
			continue;
		buf_add(out, line.data, line.len);
		buf_add_char(out, '\n');
	}
}

/* A screen does this: it does not wait for the disk, and who loses power is asked nothing worse than to switch
 * again. */
static int write_switches(const char *path, const struct buf *text, struct err *err)
{
	char *fresh = mem_printf("%s.new", path);
	int fd, rc = -1;

	unlink(fresh);
	fd = file_create(fresh, err);
	if (fd >= 0) {
		rc = file_write_fd(fd, text->data, text->len, err);
		close(fd);
	}
	if (rc == 0 && rename(fresh, path) < 0)
		rc = err_errno(err, _("renaming \"%s\" to \"%s\""), fresh, path);
	free(fresh);
	return rc;
}

int offline_set(const char *name, bool is_offline, struct err *err)
{
	char *dir = path_dir(PATH_STATE), *path = path_in(PATH_STATE, "offline");
	struct buf switches = BUF_INIT, text = BUF_INIT;
	int rc = path_make_dirs(dir, err);

	read_switches(&switches);
	if (name)
		copy_others(&switches, name, &text);
	buf_printf(&text, "%s %s\n", name ? name : ALL, is_offline ? "on" : "off");
	if (rc == 0)
		rc = write_switches(path, &text, err);
	buf_free(&text);
	buf_free(&switches);
	free(path);
	free(dir);
	return rc;
}
