/* What keeping an account like its server needs of the server: a table of operations that net/sync/imap
 * carries out on the wire and that net/sync/reconcile calls. (tests/unit has one in memory, which lies and
 * cuts on demand.)
 *
 * Everything blocks; all runs in the sync worker. Operations work on the mailbox that was selected last.
 * Sets of uids are arrays in rising order. An operation that fails with ERR_TEMPORARY or ERR_CORRUPT leaves
 * a connection that must be closed; with any other kind it goes on. */
#ifndef NET_SYNC_BACKEND_H
#define NET_SYNC_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"
#include "store/mail/account.h"

struct arena;
struct backend;
struct err;
struct imap_structure;

struct backend_mailbox {
	const char *name; /* UTF-8, "/" between levels, "INBOX" for the inbox; NULL when it cannot be shown
			     safely */
	const char *wire; /* as the server writes it: what select() and the others take */
	enum account_role role;
	bool is_selectable, is_subscribed;
	/* What LIST-STATUS or STATUS told, -1 unknown. */
	int64_t messages, unseen, uidnext, uidvalidity, modseq;
};

/* How a mailbox stands. All 0: never seen. */
struct backend_state {
	uint32_t uidvalidity, uidnext;
	uint64_t modseq; /* 0: the server has none (no CONDSTORE) */
	uint32_t exists;
};

/* One message as the server has it. What was not asked for is 0 or NULL. Lent until the callback returns.
 */
struct backend_message {
	uint32_t uid;
	unsigned flags;	      /* BOX_SEEN... of store/box/box.h */
	const char *keywords; /* in rising order, a blank between: "later work"; "" none; NULL: flags and
				 keywords were not told. "$Forwarded" is BOX_FORWARDED and not among them */
	uint64_t modseq;
	int64_t same; /* not 0: the same in each mailbox that has this message (headers()) */
	int64_t size, received; /* received: INTERNALDATE */
	struct span header;	/* the fields of backend_header_fields, as they came */
	struct span bytes;	/* all, CRLF; see backend_sink */
	bool has_attachment;	/* as its structure says */
};

struct backend_visit {
	/* 0, or -1 with an error to stop: what was not read yet is read over. */
	int (*message)(void *arg, const struct backend_message *message, struct err *err);
	/* Uids FIRST to LAST are no more (VANISHED, EXPUNGE). LAST may be UINT32_MAX: never walk it. */
	int (*gone)(void *arg, uint32_t first, uint32_t last, struct err *err);
	void *arg;
};

/* Bytes of one message or part, piece by piece, so that 50 MB are no memory. */
struct backend_sink {
	int (*begin)(void *arg, uint32_t uid, int64_t size, struct err *err);
	int (*piece)(void *arg, const char *data, size_t len, struct err *err);
	int (*end)(void *arg, uint32_t uid, struct err *err);
	void *arg;
};

/* A message for the server. Its bytes are read from FD (from its start, SIZE bytes), line ends as they lie:
 * what goes on the wire has CRLF. */
struct backend_letter {
	int fd;
	int64_t size, received;
	unsigned flags;
	const char *keywords;
};

struct backend_abilities {
	bool has_modseq;   /* CONDSTORE */
	bool has_vanished; /* QRESYNC: select() tells all that went since STATE */
	bool has_move, has_uids_back /* UIDPLUS */, has_idle, has_notify, has_list_status, has_special_use;
	bool has_keywords;    /* PERMANENTFLAGS has \* in the selected mailbox */
	bool has_same;	      /* headers() tell "same" */
	bool has_labels;      /* tags are labels, which append() cannot give: they are set afterwards */
	bool is_read_only;    /* the selected mailbox */
	int64_t append_limit; /* 0: none known */
};

struct backend_ops {
	/* All mailboxes, with what STATUS tells as cheaply as can be (LIST-STATUS: one round trip). */
	int (*list)(struct backend *backend,
		    int (*visit)(void *arg, const struct backend_mailbox *mailbox, struct err *err),
		    void *arg, struct err *err);
	/* Opens WIRE; *NOW how it stands. With KNOWN (its uidvalidity the same) VISIT is told what changed
	 * since: flags of known uids, and with has_vanished what is gone. New messages are not told:
	 * fetch_*(). *IS_WHOLE: VISIT was told all that changed since KNOWN; false: the caller must compare
	 * (flags()). */
	int (*select)(struct backend *backend, const char *wire, const struct backend_state *known,
		      const struct backend_visit *visit, struct backend_state *now, bool *is_whole,
		      struct err *err);
	/* uid, flags, keywords, modseq of uids FIRST to LAST (UINT32_MAX: to the end); CHANGED_SINCE 0: of
	 * all. */
	int (*flags)(struct backend *backend, uint32_t first, uint32_t last, uint64_t changed_since,
		     const struct backend_visit *visit, struct err *err);
	/* The uids there are, FIRST to LAST, without anything else, as cheaply as can be (ESEARCH ranges).
	 */
	int (*uids)(struct backend *backend, uint32_t first, uint32_t last,
		    int (*range)(void *arg, uint32_t first, uint32_t last, struct err *err), void *arg,
		    struct err *err);
	/* Header fields, flags, size, date of UIDS. */
	int (*headers)(struct backend *backend, const uint32_t *uids, size_t count,
		       const struct backend_visit *visit, struct err *err);
	/* Whole messages (flags and date come to VISIT first, for each). \Seen is never set by it. */
	int (*whole)(struct backend *backend, const uint32_t *uids, size_t count,
		     const struct backend_visit *visit, const struct backend_sink *sink, struct err *err);
	/* One part ("2.1"), still in its transfer encoding. */
	int (*part)(struct backend *backend, uint32_t uid, const char *path,
		    const struct backend_sink *sink, struct err *err);

	/* How a letter is made, in ARENA (count 0: the server says nothing sensible), as IMAP tells it. NULL: not to be
	 * had from this kind. */
	int (*structure)(struct backend *backend, uint32_t uid, struct arena *arena, struct imap_structure *tree,
			 struct err *err);
	/* Several of its sections at once ("HEADER", "2.MIME", "2.1"), each in pieces, in any order: WHICH is the place
	 * in SECTIONS. ERR_FAILED: not all were given. */
	int (*sections)(struct backend *backend, uint32_t uid, const char *const *sections, size_t count,
			int (*piece)(void *arg, size_t which, const char *data, size_t len, struct err *err),
			void *arg, struct err *err);

	/* Flags and keywords of UIDS set and taken away. Silent: the new modseqs come to VISIT (may be
	 * NULL). Uids that are no more are passed over. */
	int (*store)(struct backend *backend, const uint32_t *uids, size_t count, unsigned set,
		     unsigned clear, const char *set_keywords, const char *clear_keywords,
		     const struct backend_visit *visit, struct err *err);
	/* To mailbox TARGET_WIRE. PAIRS gets (old, new) uids, new 0 where the server does not say; uids that
	 * the server passed over, because they are no more, are not told where it says (UIDPLUS).
	 * ERR_NOT_FOUND: no such mailbox. Where MOVE is missing: COPY, then \Deleted, then UID EXPUNGE of
	 * just these (never a plain EXPUNGE: without UIDPLUS they stay marked \Deleted). */
	int (*move)(struct backend *backend, const uint32_t *uids, size_t count, const char *target_wire,
		    int (*pair)(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t target_uidvalidity,
				struct err *err),
		    void *arg, struct err *err);
	int (*copy)(struct backend *backend, const uint32_t *uids, size_t count, const char *target_wire,
		    int (*pair)(void *arg, uint32_t old_uid, uint32_t new_uid, uint32_t target_uidvalidity,
				struct err *err),
		    void *arg, struct err *err);
	/* For good: just these. */
	int (*expunge)(struct backend *backend, const uint32_t *uids, size_t count, struct err *err);
	/* *UID, *UIDVALIDITY 0 where the server does not say: find it by its Message-ID (find). */
	int (*append)(struct backend *backend, const char *wire, const struct backend_letter *letter,
		      uint32_t *uid, uint32_t *uidvalidity, struct err *err);
	/* Uids of the selected mailbox with this Message-ID (without brackets): at most LIMIT, *COUNT of
	 * them. */
	int (*find)(struct backend *backend, const char *message_id, uint32_t *uids, size_t limit,
		    size_t *count, struct err *err);
	/* Uids that match TEXT anywhere, or in one header FIELD (NULL: anywhere). */
	int (*search)(struct backend *backend, const char *field, const char *text,
		      int (*range)(void *arg, uint32_t first, uint32_t last, struct err *err), void *arg,
		      struct err *err);

	/* NAME as people see it ("lists/tern"); WIRE gets what the server calls it; allocated, the
	 * caller's. */
	int (*create)(struct backend *backend, const char *name, char **wire, struct err *err);
	int (*rename)(struct backend *backend, const char *wire, const char *new_name, char **new_wire,
		      struct err *err);
	int (*remove)(struct backend *backend, const char *wire, struct err *err);
	int (*subscribe)(struct backend *backend, const char *wire, bool is_subscribed, struct err *err);

	/* Waits until the selected mailbox changes (IDLE), something comes on the worker's own socket, or
	 * TIMEOUT_MS: 1 it changed, 0 not, -1. *OTHER (may be NULL) gets the wire name of another mailbox
	 * that changed (NOTIFY), or NULL. */
	int (*wait)(struct backend *backend, int timeout_ms, const char **other, struct err *err);
	const struct backend_abilities *(*abilities)(struct backend *backend);
	/* Says LOGOUT if it can, and frees. */
	void (*close)(struct backend *backend);
};

/* Each kind begins with this. */
struct backend {
	const struct backend_ops *ops;
};

/* The fields that the index line and threads need: for HEADER.FIELDS. */
#define BACKEND_HEADER_FIELDS                                                                              \
	"Date From Sender Reply-To To Cc Subject Message-ID In-Reply-To References Content-Type "          \
	"Content-Transfer-Encoding List-Id X-Priority Importance"

#endif
