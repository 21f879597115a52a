/* What we still owe recipients: one entry a letter (a file and its envelope), one row a recipient.
 * One database for the person, durable (DB_DURABLE), in PATH_DATA/outbox/; beside each letter
 * NUMBER.eml its envelope NUMBER.env, from which a lost or damaged database is made again: a line
 * of JSON, and behind it one line for each end that a recipient came to. Every recipient ends in
 * exactly one of sent, failed, cancelled. */
#ifndef STORE_MAIL_OUTBOX_H
#define STORE_MAIL_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct outbox;

enum outbox_state {
	OUTBOX_WAITING, /* due at a time; also deferred after a try */
	OUTBOX_HELD,	/* by the person */
	OUTBOX_ATTEMPT, /* a worker has it (until its claim runs out) */
	OUTBOX_SENT,
	OUTBOX_FAILED, /* for good; a bounce was or will be made */
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
	bool maybe_sent;       /* it was given over, and how that ended is not known: it may be there */
	bool is_bounced;       /* failed, and the sender has been told */
};

struct outbox_entry {
	int64_t id;
	char *account; /* "" : any */
	char *sender;  /* envelope; "" is the null sender */
	char *path;    /* of the letter */
	char *subject, *message_id;
	int64_t added, size;
	int64_t finished;		    /* when nothing was left to do, or 0 */
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
	const char *body; /* written behind DATA; NULL: DATA is all. For what is too big to copy */
	size_t body_len;
	int64_t due; /* 0: now; undo-send and send-later are later */
	const char *dsn_ret, *dsn_envid, *notify;
	bool is_bounce, is_held;
};

struct outbox *outbox_open(struct err *err);
/* The database was lost or damaged and has been made again from the envelopes. */
bool outbox_was_rebuilt(const struct outbox *outbox);
/* Its file was deleted or set aside while it was open: close it and open it again. */
bool outbox_is_gone(const struct outbox *outbox);
void outbox_close(struct outbox **outbox);
/* Durable when it returns: the id, or -1 with nothing left behind. */
int64_t outbox_add(struct outbox *outbox, const struct outbox_letter *letter, struct err *err);
/* Reads only, for a loop: at most *COUNT ids of entries with something to do at NOW (recipients
 * due, claims run out, all at their end but not finished), soonest first; *NEXT_DUE the next time
 * after NOW, 0 never. */
int outbox_due(struct outbox *outbox, int64_t now, int64_t *ids, size_t *count, int64_t *next_due,
	       struct err *err);
/* The same with what tells which way it goes: WAY is the account's name, or of a letter of none the sender (cut when it
 * is long); a letter is near when all who wait for it are here ("bob", "bob@localhost"). Near ones first, then the
 * first of each way, the second of each... a few of each. */
struct outbox_due_letter {
	int64_t id;
	bool is_near;
	char way[128];
};
int outbox_due_letters(struct outbox *outbox, int64_t now, struct outbox_due_letter *letters, size_t *count,
		       int64_t *next_due, struct err *err);
/* 1 with entry ID and those of its recipients that were due, claimed as in outbox_next_due; 0 none.
 */
int outbox_claim(struct outbox *outbox, int64_t id, int64_t now, int64_t claimant, int64_t lease,
		 struct arena *arena, struct outbox_entry *entry, struct err *err);
/* 1 with an entry that has recipients due at NOW and no live claim, all claimed by CLAIMANT (a pid)
 * until NOW + LEASE seconds; only those recipients are in ENTRY. 0 when none is due (*NEXT_DUE, may
 * be NULL, the next time, 0 never); -1 on error. */
int outbox_next_due(struct outbox *outbox, int64_t now, int64_t claimant, int64_t lease,
		    struct arena *arena, struct outbox_entry *entry, int64_t *next_due,
		    struct err *err);
/* The letter is given over to RECIPIENTS (ids) in this moment: without a verdict after this they are maybe_sent.
 * Durable when it returns. */
int outbox_give(struct outbox *outbox, const int64_t *recipients, size_t count, struct err *err);
/* What CLAIMANT has and has no verdict for is his until UNTIL. */
int outbox_keep(struct outbox *outbox, int64_t claimant, int64_t until, struct err *err);
/* The claim's worker is gone: what it held is due again (maybe_sent when IS_UNSURE, or it was given over).
 * Number of rows. */
int outbox_release(struct outbox *outbox, int64_t claimant, bool is_unsure, struct err *err);
/* The verdict of one recipient. WAITING needs DUE. */
int outbox_verdict(struct outbox *outbox, int64_t recipient, enum outbox_state state, int64_t due,
		   const char *status, const char *reply, struct err *err);
/* Claims of processes that are no more are released. Number of rows. */
int outbox_release_dead(struct outbox *outbox, struct err *err);
/* The letter was given over and the answer to it lost: it may be there already. */
int outbox_set_maybe_sent(struct outbox *outbox, int64_t recipient, struct err *err);
/* The sender has been told of this failed recipient. */
int outbox_set_bounced(struct outbox *outbox, int64_t recipient, struct err *err);
/* For a worker that sends letter after letter: what this outbox writes from now on outlives the program at once, but a
 * power cut only when it was settled; so does who calls it while it waits for others anyway. What a power cut left
 * undone is done here: each "sent" that is on disk counts. */
int outbox_be_late(struct outbox *outbox, struct err *err);
/* The verdicts "sent" are on disk: before the next letter is sent for good. (All others are at once.) */
int outbox_sync_verdicts(struct outbox *outbox, struct err *err);
/* All is on disk, and the files of finished letters are gone; before a wait. */
int outbox_settle(struct outbox *outbox, struct err *err);
/* Entries with nothing left to do: the files go (rows some days later) once bounces are made: 1.
 * Something left to do: 0. */
int outbox_finish(struct outbox *outbox, int64_t id, struct err *err);
/* All entries (unfinished; with FINISHED those of the last days too), oldest first, in ARENA. */
int outbox_list(struct outbox *outbox, bool finished, struct arena *arena,
		struct outbox_entry **entries, size_t *count, struct err *err);
int outbox_get(struct outbox *outbox, int64_t id, struct arena *arena, struct outbox_entry *entry,
	       struct err *err); /* 1, 0 no such, -1 */
/* A person's wishes: on every recipient of entry ID that is not done. 1 changed, 0 nothing to
 * change. */
int outbox_hold(struct outbox *outbox, int64_t id, struct err *err);
int outbox_retry(struct outbox *outbox, int64_t id, struct err *err); /* due now; 0: all entries */
/* A person says "now": what waits for its next try, or was added within UNDO seconds of being due (its undo time),
 * goes. What is held, or waits for a time chosen for it, does not. In letters. */
struct outbox_flushed {
	int64_t now, later, held;
};
int outbox_flush(struct outbox *outbox, int64_t undo, struct outbox_flushed *flushed, struct err *err);
int outbox_cancel(struct outbox *outbox, int64_t id,
		  struct err *err); /* not while a worker has it */
/* Takes away what killed programs left behind. Number of files. */
int outbox_sweep(struct outbox *outbox, struct err *err);
int64_t outbox_data_version(struct outbox *outbox);
const char *outbox_state_name(enum outbox_state state); /* translated */
const char *outbox_state_word(enum outbox_state state); /* for files and JSON: "waiting" */

#endif
