#include "config.h"
#include "store/box/box.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/box/box_kind.h"

static const struct box_kind_ops *const kinds[] = {&box_maildir_ops, &box_mbox_ops};

struct box {
	const struct box_kind_ops *ops;
	void *impl;
	char *path;
	bool is_read_only;
};

static const struct box_kind_ops *ops_of(enum box_kind kind)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (kinds[i]->kind == kind)
			return kinds[i];
	return NULL;
}

enum box_kind box_detect(const char *path)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (kinds[i]->detect(path))
			return kinds[i]->kind;
	return BOX_NONE;
}

bool box_is_letter(const char *path)
{
	return box_letter_ops.detect(path);
}

const char *box_kind_name(enum box_kind kind)
{
	const struct box_kind_ops *ops = ops_of(kind);

	return ops ? ops->name : "";
}

enum box_kind box_kind_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (!strcmp(kinds[i]->name, name))
			return kinds[i]->kind;
	return BOX_NONE;
}

int box_make(const char *path, enum box_kind kind, struct err *err)
{
	const struct box_kind_ops *ops = ops_of(kind);

	if (!ops)
		return err_set_kind(err, ERR_USAGE, _("there is no such kind of mailbox"));
	return ops->make(path, err);
}

static int no_box(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(err, _("opening the mailbox \"%s\""), path);
	if (access(path, R_OK) < 0)
		return err_errno(err, _("reading the mailbox \"%s\""), path);
	return err_set(err, _("\"%s\" is neither a Maildir nor an mbox file"), path);
}

struct box *box_open(const char *path, bool read_only, struct err *err)
{
	const struct box_kind_ops *ops = ops_of(box_detect(path));
	struct box *box;
	void *impl;

	if (!ops && read_only && box_is_letter(path))
		ops = &box_letter_ops;
	if (!ops) {
		no_box(path, err);
		return NULL;
	}
	impl = ops->open(path, read_only, err);
	if (!impl)
		return NULL;
	box = mem_alloc(sizeof *box);
	*box = (struct box){ops, impl, mem_strdup(path), read_only};
	return box;
}

void box_close(struct box **box)
{
	if (!*box)
		return;
	(*box)->ops->close((*box)->impl);
	free((*box)->path);
	free(*box);
	*box = NULL;
}

enum box_kind box_kind_of(const struct box *box)
{
	return box->ops->kind;
}

const char *box_path(const struct box *box)
{
	return box->path;
}

int64_t box_time_ns(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

int box_look_into(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

char *box_real_path(const char *path, struct err *err)
{
	char *real = realpath(path, NULL);

	if (!real)
		err_errno(err, _("opening \"%s\""), path);
	return real;
}

int box_stamp(struct box *box, struct box_stamp *stamp, struct err *err)
{
	memset(stamp, 0, sizeof *stamp);
	return box->ops->stamp(box->impl, stamp, err);
}

/* File times come from a clock that ticks every 4 or 10 ms; file systems without parts of a second
 * (and those that give only even ones) need two seconds. */
#define TICK_NS	  50000000
#define COARSE_NS 2000000000
/* A clock that was set back leaves times that lie ahead: no change of today can hide behind them. The clocks of
 * file servers are not so far off. */
#define AHEAD_NS (-300 * (int64_t)1000000000)

bool box_stamp_is_fresh(const struct box_stamp *stamp)
{
	int64_t newest = stamp->a > stamp->b ? stamp->a : stamp->b;
	int64_t hidden = newest % 1000000000 ? TICK_NS : COARSE_NS;
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = box_time_ns(&now) - newest;
	return newest && age < hidden && age > AHEAD_NS;
}

int box_scan(struct box *box, int (*each)(void *arg, const struct box_entry *entry), void *arg,
	     struct err *err)
{
	return box->ops->scan(box->impl, each, arg, err);
}

/* Less than what is looked through around a hint. In an odd one (there is a twin) every byte
 * counts. */
#define HINT_DRIFT ((int64_t)2 * 64 * 1024)

bool box_hint_is_stale(int64_t old, int64_t now)
{
	if (!old || !now || ((old | now) & 1))
		return old != now;
	return old - now > HINT_DRIFT || now - old > HINT_DRIFT;
}

int box_message_open_at(struct box *box, const char *key, const struct box_hint *hint,
			struct box_message *message, struct err *err)
{
	memset(message, 0, sizeof *message);
	return box->ops->message_open(box->impl, key, hint, message, err);
}

int box_message_open(struct box *box, const char *key, struct box_message *message, struct err *err)
{
	return box_message_open_at(box, key, NULL, message, err);
}

static int look_at_all(struct box *box, const char *key, const struct box_hint *hint,
		       const struct box_look *look, struct err *err)
{
	struct buf bytes = BUF_INIT;
	struct box_message message;
	size_t most;

	if (box_message_open_at(box, key, hint, &message, err) < 0)
		return -1;
	buf_add(&bytes, message.data, message.len < look->first ? message.len : look->first);
	if (!look->is_enough(look->arg, &bytes, (int64_t)message.len)) {
		most = message.len < look->most ? message.len : look->most;
		buf_add(&bytes, message.data + bytes.len, most - bytes.len);
		look->is_enough(look->arg, &bytes, (int64_t)message.len);
	}
	buf_free(&bytes);
	box_message_close(&message);
	return 0;
}

int box_message_head(struct box *box, const char *key, const struct box_hint *hint, const struct box_look *look,
		     struct err *err)
{
	if (!box->ops->message_head)
		return look_at_all(box, key, hint, look, err);
	return box->ops->message_head(box->impl, key, hint, look, err);
}

void box_message_rest(void *message)
{
	struct box_lent *lent = ((struct box_message *)message)->private_;

	if (lent)
		file_view_rest(&lent->view);
}

void box_message_close(struct box_message *message)
{
	struct box_lent *lent = message->private_;

	if (lent) {
		file_view_close(&lent->view);
		free(lent->copy);
		free(lent);
	}
	memset(message, 0, sizeof *message);
}

int box_message_path(struct box *box, const char *key, struct buf *path, struct err *err)
{
	return box->ops->message_path(box->impl, key, path, err);
}

static int may_write(const struct box *box, struct err *err)
{
	if (!box->is_read_only)
		return 0;
	return err_set_kind(err, ERR_DENIED, _("the mailbox \"%s\" is open for reading only"),
			    box->path);
}

int box_flags(struct box *box, const char *key, unsigned *flags, struct err *err)
{
	if (box->ops->flags(box->impl, key, flags, err) < 0)
		return -1;
	*flags &= BOX_WRITTEN;
	return 0;
}

int box_set_flags(struct box *box, const char *key, unsigned flags, struct err *err)
{
	if (may_write(box, err) < 0)
		return -1;
	return box->ops->set_flags(box->impl, key, flags & BOX_WRITTEN, err);
}

int box_remove(struct box *box, const char *key, struct err *err)
{
	return may_write(box, err) < 0 ? -1 : box->ops->remove(box->impl, key, err);
}

int box_commit(struct box *box, struct err *err)
{
	return may_write(box, err) < 0 ? -1 : box->ops->commit(box->impl, err);
}

int box_deliver(struct box *box, const struct box_delivery *delivery, struct buf *key,
		struct err *err)
{
	return may_write(box, err) < 0 ? -1 : box->ops->deliver(box->impl, delivery, key, err);
}

int box_delivered(struct box *box, const char *unique, struct buf *key, struct err *err)
{
	return box->ops->delivered ? box->ops->delivered(box->impl, unique, key, err) : 0;
}

int box_delivery_view(const struct box_delivery *delivery, struct file_view *view, struct err *err)
{
	struct buf all = BUF_INIT;

	memset(view, 0, sizeof *view);
	if (delivery->data) {
		view->data = delivery->data;
		view->len = delivery->len;
		return 0;
	}
	if (lseek(delivery->fd, 0, SEEK_CUR) == 0)
		return file_view_open_fd(view, delivery->fd, err);
	if (file_read_fd(delivery->fd, &all, 0, err) < 0) {
		buf_free(&all);
		return -1;
	}
	view->len = all.len;
	view->copied = buf_take(&all);
	view->data = view->copied;
	return 0;
}
