/* Mail as files: one interface, a table of kinds (Maildir, mbox). A box is what lies at a path;
 * what is known about it (threads, counts) is the database's matter (store/mail). Other programs
 * may change a box at any time. Nothing here draws, asks, or waits for a network. */
#ifndef STORE_BOX_BOX_H
#define STORE_BOX_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* Flags of a message, in every layer. In a Maildir name: S R F T D P. */
enum box_flag {
	BOX_SEEN = 1,
	BOX_ANSWERED = 2,
	BOX_FLAGGED = 4,
	BOX_DELETED = 8,
	BOX_DRAFT = 16,
	BOX_FORWARDED = 32,
	BOX_RECENT = 64, /* lies in new/: no program has looked at it yet; never written */
};

enum box_kind { BOX_NONE, BOX_MAILDIR, BOX_MBOX, BOX_LETTER /* a file that is one letter */ };

struct box;

/* A cheap picture of the whole box: when it is equal to the one before, nothing changed. */
struct box_stamp {
	int64_t a, b, c, d;
};

/* One message as the box lists it. */
struct box_entry {
	const char
	    *key; /* stands as long as the message does, whatever other programs do: Maildir base
		   * name; mbox: digest of header and size, "-1" behind the second of twins */
	unsigned flags;
	int64_t size;	  /* bytes of the message, -1 when only looking at it would tell */
	int64_t received; /* seconds since 1970 */
	int64_t hint;	  /* a number that finds it again quickly, 0 none: see box_hint */
};

/* What was known of a message when its box was last scanned. May be wrong: it only makes things
 * quick. */
struct box_hint {
	int64_t hint, size;	/* of its entry */
	struct box_stamp stamp; /* of the box then; all 0 when not known */
	unsigned flags;
	bool wants_all; /* all of it will be looked at */
};

/* The bytes of one message; lent until box_message_close. */
struct box_message {
	const char *data;
	size_t len;
	void *private_;
};

/* A Maildir, an mbox, or BOX_NONE (an empty file is an mbox; a folder without cur/ is none). A letter is no place for
 * mail, so it is not among them. */
enum box_kind box_detect(const char *path);
/* Is the file one letter, with its header in front? box_open takes it, for reading only. */
bool box_is_letter(const char *path);
const char *box_kind_name(enum box_kind kind); /* "maildir", "mbox" */
enum box_kind box_kind_by_name(const char *name);

/* Makes an empty box (cur, new, tmp, synced). Exists already: fine. */
int box_make(const char *path, enum box_kind kind, struct err *err);
/* NULL on error. READ_ONLY: nothing is ever written, not even new/ -> cur/. */
struct box *box_open(const char *path, bool read_only, struct err *err);
void box_close(struct box **box);
enum box_kind box_kind_of(const struct box *box);
const char *box_path(const struct box *box);

int box_stamp(struct box *box, struct box_stamp *stamp, struct err *err);
/* Could a change hide behind an equal stamp (clock granularity)? Then scan once more later. */
bool box_stamp_is_fresh(const struct box_stamp *stamp);
/* Calls EACH for every message; -1 from EACH stops (and is returned). Order: Maildir none, mbox
 * file order. Reads names only (Maildir) or the file once (mbox). */
int box_scan(struct box *box, int (*each)(void *arg, const struct box_entry *entry), void *arg,
	     struct err *err);

/* Has a message moved so far from OLD that NEW should be remembered in its place? */
bool box_hint_is_stale(int64_t old, int64_t now);

/* Opens one message. A name that changed meanwhile (flags) is found again by its base;
 * ERR_NOT_FOUND when it is gone; ERR_TEMPORARY while others change the box all the time. */
int box_message_open(struct box *box, const char *key, struct box_message *message,
		     struct err *err);
/* The same at the cost of the message, not of the box (mbox), when HINT is nearly right. */
int box_message_open_at(struct box *box, const char *key, const struct box_hint *hint,
			struct box_message *message, struct err *err);
/* Looks at its first bytes: at FIRST of them, and once more at MOST when IS_ENOUGH said no. SIZE is the whole. */
struct box_look {
	size_t first, most;
	bool (*is_enough)(void *arg, const struct buf *bytes, int64_t size);
	void *arg;
};
int box_message_head(struct box *box, const char *key, const struct box_hint *hint, const struct box_look *look,
		     struct err *err);
void box_message_close(struct box_message *message);
/* Gives the memory of a message that lies in a file back; what is looked at again is read again. MESSAGE is a
 * struct box_message (as mime_rest calls it). */
void box_message_rest(void *message);
/* Its present path into PATH (Maildir); for mbox the path of the box, without a look into it. */
int box_message_path(struct box *box, const char *key, struct buf *path, struct err *err);

/* The flags that the files say it has now (without BOX_RECENT). */
int box_flags(struct box *box, const char *key, unsigned *flags, struct err *err);
/* Changes flags; the message moves from new/ to cur/. mbox: kept until box_commit, which joins it
 * with what other programs changed of the same message meanwhile. */
int box_set_flags(struct box *box, const char *key, unsigned flags, struct err *err);
/* Removes for good. mbox: kept until box_commit. Gone already: 0. */
int box_remove(struct box *box, const char *key, struct err *err);
/* Writes what was kept: an mbox is written new, synced, renamed, under its locks (fcntl + dotlock);
 * if it changed meanwhile, the changes are joined, or -1 ERR_TEMPORARY. Maildir: names changed are synced. */
int box_commit(struct box *box, struct err *err);

/* What is to be stored. */
struct box_delivery {
	const char *data; /* the whole message, LF or CR LF line ends kept as they are */
	size_t len;
	int fd;		    /* read from here to its end when DATA is NULL; else -1 */
	unsigned flags;	    /* 0: lies in new/ */
	int64_t received;   /* 0: now */
	const char *unique; /* NULL, or a name that makes doing it twice harmless: when a message
			       with it is there already, nothing is written and 1 is returned */
	const char *sender; /* for the mbox "From " line; NULL: MAILER-DAEMON */
};
/* Durable when it returns: file synced, renamed (never over another), directory synced. 0 done, 1
 * was there already (UNIQUE), -1 nothing stored (ERR_TEMPORARY: full disk, locked). KEY (may be
 * NULL) gets the key. For mbox: appended, cut back on error. */
int box_deliver(struct box *box, const struct box_delivery *delivery, struct buf *key,
		struct err *err);
/* Is there what was delivered as UNIQUE? 1 with its KEY, 0 (also of a kind that does not remember), -1. */
int box_delivered(struct box *box, const char *unique, struct buf *key, struct err *err);

#endif
