#include "config.h"

#include "ui/render/open_with.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/attach.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/part_name.h"

#define MAILCAP_MAX (1u << 20)

/* --- files --- */

struct sink {
	int fd;
	struct err *err;
};

static int to_file(void *arg, const char *bytes, size_t len)
{
	struct sink *sink = arg;

	return file_write_fd(sink->fd, bytes, len, sink->err);
}

static int write_part(const struct mime_part *part, const char *path, struct err *err)
{
	struct sink sink = {file_create(path, err), err};
	int result;

	if (sink.fd < 0)
		return -1;
	result = mime_decode_body_to(part, to_file, &sink);
	if (result >= 0)
		result = file_sync(sink.fd, path, err);
	if (close(sink.fd) < 0 && result >= 0)
		result = err_errno(err, _("Writing \"%s\""), path);
	if (result < 0)
		unlink(path);
	return result < 0 ? -1 : 0;
}

static char *own_root(long pid)
{
	char name[40];

	snprintf(name, sizeof name, "open.%ld", pid);
	return path_in(PATH_RUNTIME, name);
}

/* Ours alone, not a link to somewhere: what others could have put under this name is refused. */
static int make_root(const char *root, struct err *err)
{
	char *runtime = path_dir(PATH_RUNTIME);
	int result = path_make_dirs(runtime, err);
	struct stat st;

	free(runtime);
	if (result < 0)
		return -1;
	if (mkdir(root, 0700) < 0 && errno != EEXIST)
		return err_errno(err, _("making the folder \"%s\""), root);
	if (lstat(root, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return err_set_kind(err, ERR_DENIED, _("\"%s\" is in the way; please remove it."), root);
	return 0;
}

/* xdg-open and many a mailcap line (sh -c "show %s") give the name to another shell: nothing that one reads. */
static void make_plain(struct buf *name)
{
	for (size_t i = 0; i < name->len; i++)
		if (!char_is_alnum(name->data[i]) && !strchr(".-_+=@", name->data[i]) &&
		    (unsigned char)name->data[i] < 0x80)
			name->data[i] = '_';
}

/* A fresh folder for one file: names cannot meet. */
static char *new_place(const char *name, struct err *err)
{
	char *root = own_root((long)getpid()), *dir = NULL, *path = NULL;
	struct buf safe = BUF_INIT;

	attach_safe_name(name, &safe);
	make_plain(&safe);
	if (make_root(root, err) == 0) {
		dir = mem_printf("%s/XXXXXX", root);
		if (mkdtemp(dir))
			path = path_join(dir, buf_str(&safe));
		else
			err_errno(err, _("Making a folder in \"%s\""), root);
	}
	free(root);
	free(dir);
	buf_free(&safe);
	return path;
}

char *open_with_file(const struct mime_part *part, struct err *err)
{
	struct buf name = BUF_INIT;
	char *path;

	part_name_safe(part, &name);
	path = new_place(buf_str(&name), err);
	buf_free(&name);
	if (path && write_part(part, path, err) < 0) {
		free(path);
		path = NULL;
	}
	return path;
}

int open_with_fd(const struct mime_part *part, struct err *err)
{
	char *path = open_with_file(part, err);
	int fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (path && fd < 0)
		err_errno(err, _("opening \"%s\""), path);
	if (path)
		unlink(path);
	free(path);
	return fd;
}

char *open_with_bytes(const char *name, const void *bytes, unsigned long len, struct err *err)
{
	char *path = new_place(name, err);
	int fd = path ? file_create(path, err) : -1;

	if (fd < 0 || file_write_fd(fd, bytes, len, err) < 0) {
		free(path);
		path = NULL;
	}
	if (fd >= 0)
		close(fd);
	return path;
}

/* Links are removed, never followed: the runtime folder may lie where others can make some. */
static DIR *open_dir(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Two levels: a folder for each file, in the root. */
static void remove_place(int at, const char *name, int level)
{
	DIR *dir = open_dir(at, name);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (!is_dots(entry->d_name) && unlinkat(dirfd(dir), entry->d_name, 0) < 0 && level)
			remove_place(dirfd(dir), entry->d_name, level - 1);
	if (dir)
		closedir(dir);
	unlinkat(at, name, AT_REMOVEDIR);
}

static bool is_alive(long pid)
{
	return pid > 0 && pid != (long)getpid() && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid();
}

void open_with_clean(void)
{
	char *runtime = path_dir(PATH_RUNTIME);
	DIR *dir = open_dir(AT_FDCWD, runtime);
	struct dirent *entry;

	while (dir && is_ours(dirfd(dir)) && (entry = readdir(dir))) {
		long pid = str_starts(entry->d_name, "open.") ? atol(entry->d_name + 5) : 0;

		if (pid > 0 && !is_alive(pid))
			remove_place(dirfd(dir), entry->d_name, 1);
	}
	if (dir)
		closedir(dir);
	free(runtime);
}

/* --- saving --- */

#define NUMBERS_MAX 10000 /* of names tried */

/* linux/fs.h clashes with other headers. */
#define RENAME_NOREPLACE_ 1

/* A memory stick may know neither way: there a look has to do. */
static int move_new(const char *temp, const char *path)
{
	struct stat st;

#ifdef HAVE_RENAMEAT2
	if (renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE_) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
#endif
	if (link(temp, path) == 0)
		return unlink(temp);
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	if (lstat(path, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(temp, path);
}

/* "way.jpg", "way-2.jpg"... */
static char *numbered(const char *path, int number)
{
	const char *name = path_base(path), *dot = strrchr(name, '.');
	int stem = (int)(dot && dot != name ? dot - path : (long)strlen(path));

	if (number == 1)
		return mem_strdup(path);
	return mem_printf("%.*s-%d%s", stem, path, number, path + stem);
}

/* The first name that is free; none is looked at before it is tried, so nothing can come between. */
static char *move_beside(const char *temp, const char *path)
{
	char *to = NULL;

	for (int i = 1; i <= NUMBERS_MAX; i++) {
		free(to);
		to = numbered(path, i);
		if (move_new(temp, to) == 0)
			return to;
		if (errno != EEXIST)
			break;
	}
	free(to);
	return NULL;
}

static char *put_in_place(const char *temp, const char *path, enum save_rule rule)
{
	if (rule == SAVE_BESIDE)
		return move_beside(temp, path);
	if ((rule == SAVE_NEW ? move_new(temp, path) : rename(temp, path)) < 0)
		return NULL;
	return mem_strdup(path);
}

char *open_with_move_beside(const char *temp, const char *path, struct err *err)
{
	char *saved = move_beside(temp, path);

	if (!saved)
		err_errno(err, _("Saving \"%s\""), path);
	return saved;
}

/* A name that nobody could have put there before us. */
char *open_with_write_temp(const struct mime_part *part, const char *dir, int *fd, struct err *err)
{
	char *temp = mem_printf("%s/.tern-XXXXXX", dir);
	struct sink sink = {mkostemp(temp, O_CLOEXEC), err};

	*fd = sink.fd;
	if (sink.fd < 0) {
		err_errno(err, _("Making a file in \"%s\""), dir);
	} else if (mime_decode_body_to(part, to_file, &sink) < 0) {
		close(sink.fd);
		unlink(temp);
	} else {
		return temp;
	}
	free(temp);
	return NULL;
}

static char *write_temp(const struct mime_part *part, const char *dir, struct err *err)
{
	int fd, result;
	char *temp = open_with_write_temp(part, dir, &fd, err);

	if (!temp)
		return NULL;
	result = file_sync(fd, temp, err);
	if (close(fd) < 0 && result >= 0)
		result = err_errno(err, _("Writing \"%s\""), temp);
	if (result < 0) {
		unlink(temp);
		free(temp);
		return NULL;
	}
	return temp;
}

char *open_with_save(const struct mime_part *part, const char *path, enum save_rule rule,
		     struct err *err)
{
	char *dir = path_parent(path), *temp = write_temp(part, dir, err);
	char *saved = temp ? put_in_place(temp, path, rule) : NULL;

	if (temp && !saved) {
		err_errno(err, _("Saving \"%s\""), path);
		unlink(temp);
	}
	if (saved && file_sync_dir(dir, err) < 0) {
		free(saved);
		saved = NULL;
	}
	free(temp);
	free(dir);
	return saved;
}

/* --- mailcap(5): "type; command; flag; flag=value" --- */

static bool type_fits(struct span pattern, const char *type)
{
	size_t slash = strcspn(type, "/");

	pattern = span_trim(pattern);
	if (span_equal_nocase(pattern, type))
		return true;
	return pattern.len == slash + 2 && pattern.data[slash + 1] == '*' &&
	       !strncasecmp(pattern.data, type, slash + 1);
}

/* A field, with "\;" kept together. */
static bool next_field(struct span *rest, struct span *field)
{
	size_t at = 0;

	if (!rest->len)
		return false;
	while (at < rest->len && rest->data[at] != ';')
		at += rest->data[at] == '\\' && at + 1 < rest->len ? 2 : 1;
	*field = span_trim((struct span){rest->data, at});
	at = at < rest->len ? at + 1 : at;
	rest->data += at;
	rest->len -= at;
	return true;
}

/* The command with the file as "$1"; what else a letter could put in (%t, %{name}) is left out. */
static char *shell_command(struct span command)
{
	struct buf out = BUF_INIT;
	bool has_file = false;

	for (size_t i = 0; i < command.len; i++) {
		char c = command.data[i];

		if (c == '\\' && i + 1 < command.len && strchr(";%", command.data[i + 1])) {
			buf_add_char(&out, command.data[++i]);
		} else if (command.len - i >= 4 && (!memcmp(command.data + i, "'%s'", 4) ||
						    !memcmp(command.data + i, "\"%s\"", 4))) {
			buf_add_str(&out, "\"$1\"");
			has_file = true;
			i += 3;
		} else if (c == '%' && i + 1 < command.len) {
			c = command.data[++i];
			if (c == 's') {
				buf_add_str(&out, "\"$1\"");
				has_file = true;
			} else if (c == '{') {
				while (i < command.len && command.data[i] != '}')
					i++;
			}
		} else {
			buf_add_char(&out, c);
		}
	}
	if (!has_file)
		buf_add_str(&out, " < \"$1\"");
	return buf_take(&out);
}

static bool has_desktop(void)
{
	return getenv("DISPLAY") || getenv("WAYLAND_DISPLAY");
}

static bool take_line(struct span line, const char *type, struct opener *opener)
{
	struct span field, command = SPAN_NONE;
	bool is_for_pipe = false, wants_desktop = false, has_test = false, needs_terminal = false;

	if (!next_field(&line, &field) || !type_fits(field, type) || !next_field(&line, &command) ||
	    !command.len)
		return false;
	while (next_field(&line, &field)) {
		is_for_pipe |= span_equal_nocase(field, "copiousoutput");
		needs_terminal |= span_equal_nocase(field, "needsterminal");
		if (span_starts_nocase(field, "test")) {
			has_test = true;
			wants_desktop |= memmem(field.data, field.len, "DISPLAY", 7) != NULL;
		}
	}
	if (is_for_pipe || (has_test && !(wants_desktop && has_desktop())))
		return false;
	opener->shell = shell_command(command);
	opener->needs_terminal = needs_terminal;
	return true;
}

static bool take_mailcap(const char *path, const char *type, struct opener *opener)
{
	struct buf text = BUF_INIT;
	struct span rest, line;
	bool found = false;

	if (file_read(path, &text, MAILCAP_MAX, NULL) == 0) {
		rest = (struct span){buf_str(&text), text.len};
		while (!found && span_split(&rest, '\n', &line))
			found = line.len && line.data[0] != '#' && take_line(line, type, opener);
	}
	buf_free(&text);
	return found;
}

static bool is_in_path(const char *program)
{
	struct span rest = span_of(getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin"), dir;
	bool found = false;

	while (!found && span_split(&rest, ':', &dir)) {
		char *path = mem_printf("%.*s/%s", (int)dir.len, dir.data, program);

		found = access(path, X_OK) == 0;
		free(path);
	}
	return found;
}

void open_with_find(const char *type, struct opener *opener)
{
	char *own = path_expand("~/.mailcap");

	*opener = (struct opener){NULL, false};
	if (!take_mailcap(own, type, opener) && !take_mailcap("/etc/mailcap", type, opener))
		opener->shell = mem_strdup(has_desktop() && is_in_path("xdg-open")
						   ? "xdg-open \"$1\""
						   : "");
	free(own);
}

void opener_free(struct opener *opener)
{
	free(opener->shell);
	opener->shell = NULL;
}
