/* What the files of the IMAP backend share. */
#ifndef NET_SYNC_IMAP_INSIDE_H
#define NET_SYNC_IMAP_INSIDE_H

#include "net/io/promised.h"
#include "net/protocol/imap_client.h"
#include "net/protocol/imap_fetch.h"
#include "net/protocol/imap_name.h"
#include "net/sync/imap.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"

#define IMAP_SET_MAX	4000 /* bytes of a set in one command */
#define IMAP_FETCH_STEP 1000 /* messages in one command, headers */
#define IMAP_WHOLE_STEP 500  /* whole ones: while some are written to disk, more come */
#define IMAP_COPY_STEP  200
#define IMAP_DEPTH	3    /* commands on the way: the server never waits for us */
#define IMAP_OTHERS_MAX 1000

struct tls_trust;

struct imap_backend {
	struct backend base;
	struct imap_client *client;
	struct tls_trust *own_trust;
	struct imap_options options;
	struct buf mechanism;
	struct promised promised;
	struct backend_abilities abilities;
	char *selected; /* wire name, or NULL */
	/* Of our own mailboxes (RFC 2342). */
	bool knows_namespace;
	char delimiter;	   /* 0: names have no levels */
	struct buf prefix; /* as on the wire, with the delimiter; "" mostly */
	/* NOTIFY told of these mailboxes. */
	bool has_asked_notify;
	char **others;
	size_t other_count, other_cap;
	char *other; /* the one that was told last */
};

/* Answers of a visitor: its first error stops it, and what the server still says is read over. */
struct imap_visit {
	const struct backend_visit *visit; /* may be NULL */
	bool is_stopped, wants_labels; /* flags without labels are not all */
	struct err err;
};

struct imap_backend *imap_inside(struct backend *backend);
/* Labels are its tags, as at Gmail. */
bool imap_has_labels(const struct imap_backend *imap);
/* Sets or takes away (SIGN) those of KEYWORDS that are labels there. */
struct imap_pieces;
int imap_store_labels(struct imap_backend *imap, const struct imap_pieces *messages, char sign, const char *keywords,
		      struct err *err);
/* Those of KEYWORDS that are none, appended with blanks between. */
void imap_add_no_labels(struct buf *out, const char *keywords);
/* Were flags (and labels, where it has them) told? */
bool imap_has_told(const struct imap_visit *visit, const struct imap_fetched *got);
/* From now on HEAR hears what the server says. */
void imap_listen(struct imap_backend *imap, imap_hear *hear, void *arg);
/* RC of the commands and what stopped the visitor together. */
int imap_visited(struct imap_visit *visit, int rc, struct err *err);
void imap_visit_message(struct imap_visit *visit, const struct imap_fetched *got);
void imap_visit_gone(struct imap_visit *visit, uint32_t first, uint32_t last);
/* "VANISHED" behind its word, with (EARLIER) or without. */
int imap_read_vanished(struct imap_visit *visit, struct imap_parse *parse, struct err *err);
/* Is its Content-Type multipart/mixed? */
bool imap_is_mixed(struct span header);
bool imap_has(const uint32_t *uids, size_t count, uint32_t uid, size_t *at);

/* Runs "BEFORE set AFTER" for all UIDS in pieces of STEP, IMAP_DEPTH at once. */
struct imap_pieces {
	const uint32_t *uids;
	size_t count, step;
	const char *before, *after;
	struct imap_visit *visit; /* no further piece once it is stopped; may be NULL */
};
int imap_run_pieces(struct imap_backend *imap, const struct imap_pieces *pieces, struct err *err);

/* The server keeps modseqs; abilities.has_modseq: so does the selected mailbox. */
bool imap_can_modseq(const struct imap_backend *imap);
/* MODSEQ or "" and labels, to stand in a list of items. */
const char *imap_more_items(const struct imap_backend *imap);
int imap_add_name(struct buf *out, const char *wire, struct err *err);
int imap_learn_namespace(struct imap_backend *imap, struct err *err);
void imap_note_other(struct imap_backend *imap, const char *wire);
/* Selected no more. */
void imap_forget_selected(struct imap_backend *imap);
enum account_role imap_role_of_name(const char *name);

int imap_op_list(struct backend *, int (*)(void *, const struct backend_mailbox *, struct err *),
		 void *, struct err *);
int imap_op_select(struct backend *, const char *, const struct backend_state *,
		   const struct backend_visit *, struct backend_state *, bool *, struct err *);
int imap_op_flags(struct backend *, uint32_t, uint32_t, uint64_t, const struct backend_visit *,
		  struct err *);
int imap_op_uids(struct backend *, uint32_t, uint32_t,
		 int (*)(void *, uint32_t, uint32_t, struct err *), void *, struct err *);
int imap_op_headers(struct backend *, const uint32_t *, size_t, const struct backend_visit *,
		    struct err *);
int imap_op_whole(struct backend *, const uint32_t *, size_t, const struct backend_visit *,
		  const struct backend_sink *, struct err *);
int imap_op_part(struct backend *, uint32_t, const char *, const struct backend_sink *,
		 struct err *);
int imap_op_structure(struct backend *, uint32_t, struct arena *, struct imap_structure *, struct err *);
int imap_op_sections(struct backend *, uint32_t, const char *const *, size_t,
		     int (*)(void *, size_t, const char *, size_t, struct err *), void *, struct err *);
int imap_op_store(struct backend *, const uint32_t *, size_t, unsigned, unsigned, const char *,
		  const char *, const struct backend_visit *, struct err *);
int imap_op_move(struct backend *, const uint32_t *, size_t, const char *,
		 int (*)(void *, uint32_t, uint32_t, uint32_t, struct err *), void *, struct err *);
int imap_op_copy(struct backend *, const uint32_t *, size_t, const char *,
		 int (*)(void *, uint32_t, uint32_t, uint32_t, struct err *), void *, struct err *);
int imap_op_expunge(struct backend *, const uint32_t *, size_t, struct err *);
int imap_op_append(struct backend *, const char *, const struct backend_letter *, uint32_t *,
		   uint32_t *, struct err *);
int imap_op_find(struct backend *, const char *, uint32_t *, size_t, size_t *, struct err *);
int imap_op_search(struct backend *, const char *, const char *,
		   int (*)(void *, uint32_t, uint32_t, struct err *), void *, struct err *);
int imap_op_create(struct backend *, const char *, char **, struct err *);
int imap_op_rename(struct backend *, const char *, const char *, char **, struct err *);
int imap_op_remove(struct backend *, const char *, struct err *);
int imap_op_subscribe(struct backend *, const char *, bool, struct err *);
int imap_op_wait(struct backend *, int, const char **, struct err *);

#endif
