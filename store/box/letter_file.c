/* A file that is one letter (RFC 5322, "letter.eml"): a mailbox of one message, for reading only. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
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
#include "store/box/box_kind.h"
#include "store/box/mbox_scan.h"

#define LOOKED_AT 16384 /* bytes that tell what a file is */
#define COPIED_UP_TO ((size_t)4 << 20)

struct letter_file {
	char *path;
};

/* --- is it one? --- */

/* A text with colons is no letter yet: one of these must be there. */
static const char *const known_fields[] = {
    "From",	  "Date",   "Subject",	    "To",	    "Message-ID",   "Received",
    "Return-Path", "Sender", "MIME-Version", "Content-Type", "Delivered-To",
};

static bool is_known(struct span name)
{
	for (size_t i = 0; i < ARRAY_COUNT(known_fields); i++)
		if (span_equal_nocase(name, known_fields[i]))
			return true;
	return false;
}

/* The name of the field that LINE begins; nothing when it begins none. */
static struct span field_name(struct span line)
{
	size_t len = 0;

	while (len < line.len && line.data[len] > ' ' && line.data[len] < 0x7f && line.data[len] != ':')
		len++;
	return len && len < line.len && line.data[len] == ':' ? (struct span){line.data, len} : SPAN_NONE;
}

/* Field by field down to the empty line, or to where HEAD ends. */
static bool is_header(struct span head)
{
	bool has_known = false, has_any = false;
	struct span line, name;

	while (head.len && memchr(head.data, '\n', head.len) && span_split(&head, '\n', &line)) {
		if (!span_trim(line).len)
			break;
		if (has_any && (*line.data == ' ' || *line.data == '\t'))
			continue;
		name = field_name(line);
		if (!name.len)
			return false;
		has_any = true;
		has_known |= is_known(name);
	}
	return has_known;
}

static bool letter_file_detect(const char *path)
{
	char head[LOOKED_AT];
	ssize_t n;
	int fd = box_look_into(path);

	if (fd < 0)
		return false;
	n = pread(fd, head, sizeof head, 0);
	close(fd);
	return n > 0 && is_header((struct span){head, (size_t)n});
}

/* --- the box --- */

static void *letter_file_open(const char *path, bool read_only, struct err *err)
{
	char *real = box_real_path(path, err);
	struct letter_file *box;

	(void)read_only;
	if (!real)
		return NULL;
	box = mem_alloc(sizeof *box);
	box->path = real;
	return box;
}

static void letter_file_close(void *impl)
{
	struct letter_file *box = impl;

	free(box->path);
	free(box);
}

static int letter_file_stamp(void *impl, struct box_stamp *stamp, struct err *err)
{
	struct letter_file *box = impl;
	struct stat st;

	if (stat(box->path, &st) == 0)
		*stamp = (struct box_stamp){box_time_ns(&st.st_mtim), box_time_ns(&st.st_ctim),
					    (int64_t)st.st_size, (int64_t)st.st_ino};
	else if (errno != ENOENT)
		return err_errno(err, _("looking at \"%s\""), box->path);
	return 0;
}

static size_t body_at(const struct file_view *view)
{
	struct span rest = {view->data, view->len}, line;

	while (rest.len && span_split(&rest, '\n', &line))
		if (!span_trim(line).len)
			return view->len - rest.len;
	return view->len;
}

/* 1 with the file and its key, 0 there is none any more, -1 */
static int view_file(const struct letter_file *box, struct file_view *view, char key[MBOX_ID_SIZE], int64_t *time,
		     struct err *err)
{
	int fd = open(box->path, O_RDONLY | O_CLOEXEC), rc;
	struct stat st = {.st_size = 0};

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, _("opening \"%s\""), box->path);
	rc = fstat(fd, &st) < 0 ? err_errno(err, _("looking at \"%s\""), box->path)
				: file_view_open_fd(view, fd, err);
	close(fd);
	if (rc < 0)
		return -1;
	mbox_id(view->data, body_at(view), view->len, key);
	*time = (int64_t)st.st_mtime;
	return 1;
}

/* Nobody waits for a file to be read: it is not new. */
static int letter_file_scan(void *impl, int (*each)(void *arg, const struct box_entry *entry), void *arg,
			    struct err *err)
{
	struct box_entry entry = {.flags = BOX_SEEN};
	struct file_view view;
	char key[MBOX_ID_SIZE];
	int rc = view_file(impl, &view, key, &entry.received, err);

	if (rc != 1)
		return rc;
	entry.key = key;
	entry.size = (int64_t)view.len;
	file_view_close(&view);
	return entry.size && each(arg, &entry) < 0 ? -1 : 0;
}

/* A small one is copied: other programs may cut the file while it is shown. */
static void lend(struct file_view *view, struct box_message *message)
{
	struct box_lent *lent = mem_alloc(sizeof *lent);

	message->private_ = lent;
	message->len = view->len;
	if (view->len <= COPIED_UP_TO) {
		lent->copy = mem_alloc(view->len + 1);
		memcpy(lent->copy, view->data, view->len);
		message->data = lent->copy;
		file_view_close(view);
		return;
	}
	lent->view = *view;
	message->data = lent->view.data;
}

static int letter_file_message_open(void *impl, const char *key, const struct box_hint *hint,
				    struct box_message *message, struct err *err)
{
	struct file_view view;
	char there[MBOX_ID_SIZE];
	int64_t time;
	int rc = view_file(impl, &view, there, &time, err);

	(void)hint;
	if (rc < 0)
		return -1;
	if (rc == 1 && !strcmp(there, key)) {
		lend(&view, message);
		return 0;
	}
	if (rc == 1)
		file_view_close(&view);
	return err_set_kind(err, ERR_NOT_FOUND, _("the message \"%s\" is not there any more"), key);
}

static int letter_file_path(void *impl, const char *key, struct buf *path, struct err *err)
{
	struct letter_file *box = impl;

	(void)key;
	(void)err;
	buf_add_str(path, box->path);
	return 0;
}

static int letter_file_flags(void *impl, const char *key, unsigned *flags, struct err *err)
{
	(void)impl;
	(void)key;
	(void)err;
	*flags = BOX_SEEN;
	return 0;
}

/* --- nothing is written --- */

static int refuse(const char *path, struct err *err)
{
	return err_set_kind(err, ERR_DENIED, _("\"%s\" is one letter, not a mailbox: it is open for reading only"),
			    path);
}

static int letter_file_make(const char *path, struct err *err)
{
	return refuse(path, err);
}

static int letter_file_set_flags(void *impl, const char *key, unsigned flags, struct err *err)
{
	(void)key;
	(void)flags;
	return refuse(((struct letter_file *)impl)->path, err);
}

static int letter_file_remove(void *impl, const char *key, struct err *err)
{
	(void)key;
	return refuse(((struct letter_file *)impl)->path, err);
}

static int letter_file_commit(void *impl, struct err *err)
{
	return refuse(((struct letter_file *)impl)->path, err);
}

static int letter_file_deliver(void *impl, const struct box_delivery *delivery, struct buf *key, struct err *err)
{
	(void)delivery;
	(void)key;
	return refuse(((struct letter_file *)impl)->path, err);
}

const struct box_kind_ops box_letter_ops = {
    .kind = BOX_LETTER,
    .name = "letter",
    .detect = letter_file_detect,
    .make = letter_file_make,
    .open = letter_file_open,
    .close = letter_file_close,
    .stamp = letter_file_stamp,
    .scan = letter_file_scan,
    .message_open = letter_file_message_open,
    .message_path = letter_file_path,
    .flags = letter_file_flags,
    .set_flags = letter_file_set_flags,
    .remove = letter_file_remove,
    .commit = letter_file_commit,
    .deliver = letter_file_deliver,
};
