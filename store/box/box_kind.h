/* Inside store/box only: what a kind of box must be able to do, and what all kinds share. */
#ifndef STORE_BOX_BOX_KIND_H
#define STORE_BOX_BOX_KIND_H

#include "store/base/file.h"
#include "store/box/box.h"

/* IMPL is what OPEN gave. The promises are those of box.h; READ_ONLY is checked before. */
struct box_kind_ops {
	enum box_kind kind;
	const char *name;
	bool (*detect)(const char *path);
	int (*make)(const char *path, struct err *err);
	void *(*open)(const char *path, bool read_only, struct err *err);
	void (*close)(void *impl);
	int (*stamp)(void *impl, struct box_stamp *stamp, struct err *err);
	int (*scan)(void *impl, int (*each)(void *arg, const struct box_entry *entry), void *arg,
		    struct err *err);
	/* HINT may be NULL. */
	int (*message_open)(void *impl, const char *key, const struct box_hint *hint,
			    struct box_message *message, struct err *err);
	/* NULL: all of it is opened. */
	int (*message_head)(void *impl, const char *key, const struct box_hint *hint,
			    const struct box_look *look, struct err *err);
	int (*message_path)(void *impl, const char *key, struct buf *path, struct err *err);
	int (*flags)(void *impl, const char *key, unsigned *flags, struct err *err);
	int (*set_flags)(void *impl, const char *key, unsigned flags, struct err *err);
	int (*remove)(void *impl, const char *key, struct err *err);
	int (*commit)(void *impl, struct err *err);
	int (*deliver)(void *impl, const struct box_delivery *delivery, struct buf *key,
		       struct err *err);
	/* NULL: this kind does not remember. */
	int (*delivered)(void *impl, const char *unique, struct buf *key, struct err *err);
};

extern const struct box_kind_ops box_maildir_ops;
extern const struct box_kind_ops box_mbox_ops;
extern const struct box_kind_ops box_letter_ops;

/* What box_message.private_ points to: either a view of a file or bytes of its own. */
struct box_lent {
	struct file_view view;
	char *copy;
};

/* The flags that may be written. */
#define BOX_WRITTEN                                                                                \
	(BOX_SEEN | BOX_ANSWERED | BOX_FLAGGED | BOX_DELETED | BOX_DRAFT | BOX_FORWARDED)

/* Removes what programs that died left in tmp/ more than 36 hours before NOW. Told by the time of
 * the last change, as the modification time is set to when a message was received. */
void maildir_clean_tmp(const char *tmp_dir, int64_t now);

/* Renames, never over another file: -1 with errno EEXIST. */
int maildir_move(const char *from, const char *to);

/* A modification time as one number, for stamps. */
struct timespec;
int64_t box_time_ns(const struct timespec *time);
/* PATH opened for looking into: -1, and nothing is said, where it is no regular file. */
int box_look_into(const char *path);
/* Where PATH leads to, links followed; the caller's. NULL with a sentence. */
char *box_real_path(const char *path, struct err *err);
/* The bytes to deliver as one view, whichever way they were given; file_view_close it. */
int box_delivery_view(const struct box_delivery *delivery, struct file_view *view, struct err *err);

#endif
