#include "config.h"
#include "store/base/path.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"

static const struct {
	const char *in_tern_home, *xdg, *in_home;
} places[] = {
	[PATH_CONFIG] = {"config", "XDG_CONFIG_HOME", ".config"},
	[PATH_DATA] = {"data", "XDG_DATA_HOME", ".local/share"},
	[PATH_CACHE] = {"cache", "XDG_CACHE_HOME", ".cache"},
	[PATH_RUNTIME] = {"run", "XDG_RUNTIME_DIR", NULL},
	[PATH_MAIL] = {"Mail", NULL, "Mail"},
	[PATH_STATE] = {"state", "XDG_STATE_HOME", ".local/state"},
};

static const char *env(const char *name)
{
	const char *value = name ? getenv(name) : NULL;

	return value && *value ? value : NULL;
}

char *path_join(const char *dir, const char *name)
{
	return mem_printf("%s%s%s", dir, str_ends(dir, "/") ? "" : "/", name);
}

char *path_home(void)
{
	const char *home = env("HOME");
	struct passwd *pw = home ? NULL : getpwuid(getuid());

	return mem_strdup(home ? home : pw ? pw->pw_dir : "/");
}

static char *below_tern_home(const char *name)
{
	char *dir = path_join(getenv("TERN_HOME"), name);
	char *whole = path_absolute(dir);

	free(dir);
	return whole;
}

static char *place_in_tmp(void)
{
	return mem_printf("/tmp/tern-%ld", (long)getuid());
}

char *path_dir(enum path_kind kind)
{
	char *home, *dir;

	if (env("TERN_HOME"))
		return below_tern_home(places[kind].in_tern_home);
	if (env(places[kind].xdg) && *env(places[kind].xdg) == '/')
		return path_join(env(places[kind].xdg), "tern");
	if (!places[kind].in_home)
		return place_in_tmp();
	home = path_home();
	if (kind == PATH_MAIL)
		dir = path_join(home, places[kind].in_home);
	else
		dir = mem_printf("%s/%s/tern", home, places[kind].in_home);
	free(home);
	return dir;
}

char *path_in(enum path_kind kind, const char *name)
{
	char *dir = path_dir(kind), *path = path_join(dir, name);

	free(dir);
	return path;
}

char *path_expand(const char *text)
{
	char *home, *path;

	if (text[0] != '~' || (text[1] && text[1] != '/'))
		return mem_strdup(text);
	home = path_home();
	path = mem_printf("%s%s", home, text + 1);
	free(home);
	return path;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *path_absolute(const char *path)
{
	struct buf out = BUF_INIT;
	struct span rest = span_of(path), piece;

	if (*path != '/') {
		char *cwd = getcwd(NULL, 0);

		buf_add_str(&out, cwd ? cwd : "");
		free(cwd);
	}
	if (out.len == 1) /* the working directory is the root */
		buf_clear(&out);
	while (span_split(&rest, '/', &piece)) {
		if (piece.len == 0 || (piece.len == 1 && *piece.data == '.'))
			continue;
		buf_add_char(&out, '/');
		buf_add(&out, piece.data, piece.len);
	}
	if (out.len == 0)
		buf_add_char(&out, '/');
	return buf_take(&out);
}

bool path_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool path_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int make_one(const char *path, struct err *err)
{
	if (mkdir(path, 0700) == 0 || (errno == EEXIST && path_is_dir(path)))
		return 0;
	if (errno == EEXIST)
		return err_set(err, _("\"%s\" is in the way: it is no folder"), path);
	return err_errno(err, _("making the folder \"%s\""), path);
}

static bool is_at_or_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* /tmp is everybody's: what stands there under our name must be ours, whatever is below it. */
static int check_owner(const char *path, struct err *err)
{
	char *own = place_in_tmp();
	struct stat st;
	int rc = 0;

	if (!is_at_or_below(path, own))
		rc = 0;
	else if (lstat(own, &st) < 0)
		rc = err_errno(err, _("looking at \"%s\""), own);
	else if (!S_ISDIR(st.st_mode) || st.st_uid != getuid() || (st.st_mode & 077))
		rc = err_set_kind(
		    err, ERR_DENIED,
		    _("\"%s\" belongs to somebody else or is open to others; remove it "
		      "or set XDG_RUNTIME_DIR"),
		    own);
	free(own);
	return rc;
}

int path_make_dirs(const char *path, struct err *err)
{
	char *copy = mem_strdup(path), *slash;
	int rc = 0;

	for (slash = strchr(copy + 1, '/'); slash && rc == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rc = path_exists(copy) ? 0 : make_one(copy, err);
		*slash = '/';
	}
	if (rc == 0)
		rc = make_one(copy, err);
	free(copy);
	return rc < 0 ? -1 : check_owner(path, err);
}
