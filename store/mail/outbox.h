/* What we still owe recipients: one entry a letter (a file and its envelope), one row a recipient. One
 * database for the person, durable (DB_DURABLE), in PATH_DATA/outbox/; beside each letter NUMBER.eml its
 * envelope NUMBER.env (JSON), from which a lost database is made again. Every recipient ends in exactly
 * one of sent, failed, cancelled. */
#ifndef STORE_MAIL_OUTBOX_H
#define STORE_MAIL_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct outbox;

enum outbox_state {
	OUTBOX_WAITING,	  /* due at a time; also deferred after a try */
	OUTBOX_HELD,	  /* by the person */
	OUTBOX_ATTEMPT,	  /* a worker has it (until its claim runs out) */
	OUTBOX_SENT,
	OUTBOX_FAILED,	  /* for good; a bounce was or will be made */
	OUTBOX_CANCELLED,
};

struct outbox_recipient {
	int64_t id;
	char *addr;
	enum outbox_state state;
	int tries;
	int64_t due, last_try; /* seconds since 1970 */
	char *status;	       /* "4.7.1", or "" */
	char *reply;	       /* the far end's own words, or ours */
	bool maybe_sent;       /* a worker died at it after it may have been delivered */
};

struct outbox_entry {
	int64_t id;
	char *account; /* "" : any */
	char *sender;  /* envelope; "" is the null sender */
	char *path;    /* of the letter */
	char *subject, *message_id;
	int64_t added, size;
	char *dsn_ret, *dsn_envid, *notify; /* -R -V -N, or NULL */
	bool is_bounce;
	struct outbox_recipient *recipients;
	size_t recipient_count;
};

struct outbox_letter {
	const char *account, *sender;
	const char *const *recipients;
	size_t recipient_count;
	const char *data; /* the whole message, LF */
	size_t len;
	int64_t due; /* 0: now; undo-send and send-later are later */
	const char *dsn_ret, *dsn_envid, *notify;
	bool is_bounce, is_held;
};

struct outbox *outbox_open(struct err *err);
void outbox_close(struct outbox **outbox);
/* Durable when it returns: the id, or -1 with nothing left behind. */
int64_t outbox_add(struct outbox *outbox, const struct outbox_letter *letter, struct err *err);
/* 1 with an entry that has recipients due at NOW and no live claim, all claimed by CLAIMANT (a pid) until
 * NOW + LEASE seconds; only those recipients are in ENTRY. 0 when none is due (*NEXT_DUE, may be NULL, the
 * next time, 0 never); -1 on error. */
int outbox_next_due(struct outbox *outbox, int64_t now, int64_t claimant, int64_t lease,
		    struct arena *arena, struct outbox_entry *entry, int64_t *next_due,
		    struct err *err);
/* The claim's worker is gone: what it held is due again (maybe_sent when IS_UNSURE). Number of rows. */
int outbox_release(struct outbox *outbox, int64_t claimant, bool is_unsure, struct err *err);
/* The verdict of one recipient. WAITING needs DUE. */
int outbox_verdict(struct outbox *outbox, int64_t recipient, enum outbox_state state, int64_t due,
		   const char *status, const char *reply, struct err *err);
/* Entries with nothing left to do: file and rows go once sent copies and bounces are made. */
int outbox_finish(struct outbox *outbox, int64_t id, struct err *err);
/* All entries (unfinished; with FINISHED those of the last days too), oldest first, in ARENA. */
int outbox_list(struct outbox *outbox, bool finished, struct arena *arena,
		struct outbox_entry **entries, size_t *count, struct err *err);
int outbox_get(struct outbox *outbox, int64_t id, struct arena *arena, struct outbox_entry *entry,
	       struct err *err); /* 1, 0 no such, -1 */
/* A person's wishes: on every recipient of entry ID that is not done. 1 changed, 0 nothing to change. */
int outbox_hold(struct outbox *outbox, int64_t id, struct err *err);
int outbox_retry(struct outbox *outbox, int64_t id, struct err *err); /* due now; 0: all entries */
int outbox_cancel(struct outbox *outbox, int64_t id, struct err *err); /* not while a worker has it */
int64_t outbox_data_version(struct outbox *outbox);
const char *outbox_state_name(enum outbox_state state); /* translated */

#endif
