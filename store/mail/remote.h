/* An account whose truth lies on a server: which message is which there, what the two last agreed on,
 * and so what each owes the other. Nothing here speaks to a server: net/sync/reconcile does, and calls
 * this. Rows change as in every account (store.h); a row that differs from what was agreed is owed.
 *
 * Everything below the part for screens is for the sync worker. Each function that writes does so in
 * short transactions of its own. Flags are BOX_SEEN...; $Forwarded is BOX_FORWARDED; other keywords are
 * tags, "a b" in rising order; a tag that cannot be a keyword stays here. */
#ifndef STORE_MAIL_REMOTE_H
#define STORE_MAIL_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"
#include "store/mail/store.h"

/* --- for screens --- */

/* Does the account have a server that keeps its mail (imap, jmap)? */
bool store_is_remote(const struct store *store);
/* As a part: all of the letter, fresh from the server, though it is here: to compare. */
#define REMOTE_WHOLE "0"
/* The same for its tree with the small parts: of a big letter that is enough at first (outline.h). Where it cannot be
 * had all of the letter comes. */
#define REMOTE_OUTLINE "outline"
/* Wishes for the bytes of message ID, or (PART "2.1", REMOTE_WHOLE, REMOTE_OUTLINE) of one part; ring the agent. Twice
 * is once. A part that its outline has no bytes of is put into it. */
int store_want(struct store *store, int64_t id, const char *part, struct err *err);
/* Now that its parts are known: does letter ID bring files along? */
int store_set_attachment(struct store *store, int64_t id, bool has, struct err *err);
/* Nobody waits for it any more (tell the worker by NOTICE_CANCEL, too). */
int store_unwant(struct store *store, int64_t id, const char *part, struct err *err);
/* Does somebody still wait for it? 1; 0 it came, was given up, or the server has failed to give it; -1. */
int store_wants(struct store *store, int64_t id, const char *part, struct err *err);
/* Texts that are not here are searched by the server: its words are asked about, where letters are away (1; 0
 * nothing to ask): ring. What it finds joins the hits of QUERY; is any of it still asked about? */
int store_ask_server(struct store *store, const struct query *query, struct err *err);
bool store_is_asking(struct store *store, const struct query *query);
/* The file that a wished part lies in once it came (still in its transfer encoding): its path, the
 * caller's; it may not be there yet. */
char *store_part_path(const struct store *store, int64_t id, const char *part);
/* How many messages and folders still wait to be told to the server: for "3 changes wait". -1. */
int64_t store_owed_count(struct store *store, struct err *err);
int store_folder_subscribe(struct store *store, int64_t id, bool is_subscribed, struct err *err);

/* --- folders --- */

struct remote_state {
	uint32_t uidvalidity, uidnext; /* all 0: never looked at */
	uint64_t modseq;
	int64_t messages, unseen;
};

struct remote_folder {
	int64_t id;
	const char *name;  /* here and now */
	const char *local; /* here when last agreed; another: the person renamed it */
	const char *wire;  /* NULL: not on the server yet */
	enum account_role role;
	struct remote_state state;
	bool is_selectable, is_subscribed, wants_subscribed, is_removed;
	int64_t looked; /* at, seconds since 1970 */
};
/* All: with a row here, and those removed here that the server still has (id of old, NAME ""). INBOX
 * first, then by role and name. In ARENA. */
int remote_folders(struct store *store, struct arena *arena, struct remote_folder **folders, size_t *count,
		   struct err *err);
/* The folder for a mailbox that the server calls NAME (UTF-8, may be anything) and WIRE: a folder of
 * that name without a server's, or a new one, with a safe name of its own when NAME is none. Its id. */
int64_t remote_folder_take(struct store *store, const char *wire, const char *name, struct err *err);
/* What the server says of it. ROLE_NONE leaves the role; two folders never have the same. */
int remote_folder_note(struct store *store, int64_t folder, enum account_role role, bool is_selectable,
		       bool is_subscribed, struct err *err);
/* It is WIRE now, agreed under the name that it has here. */
int remote_folder_link(struct store *store, int64_t folder, const char *wire, struct err *err);
/* It was renamed there to NAME (WIRE). */
int remote_folder_renamed(struct store *store, int64_t folder, const char *wire, const char *name,
			  struct err *err);
/* It is gone there: what the server had goes here too, the rest makes it a folder that the server shall
 * get. For one removed here: the server knows now. */
int remote_folder_gone(struct store *store, int64_t folder, struct err *err);
/* Removed here, but something new came there: it comes back. */
int remote_folder_back(struct store *store, int64_t folder, struct err *err);
/* Has FOLDER letters there that are elsewhere here, or of which copies are, and that the server does not know of
 * yet? It must not be removed there. 1, 0, -1. */
int remote_leaves(struct store *store, int64_t folder, struct err *err);
int remote_folder_keep(struct store *store, int64_t folder, const struct remote_state *state,
		       struct err *err);

/* --- what the server says --- */

struct remote_known {
	uint32_t uid, keywords; /* a hash of them */
	unsigned flags : 8;
	bool is_seen : 1; /* for the caller */
};
uint32_t remote_keywords_hash(const char *keywords);
/* All uids agreed on in FOLDER, rising; allocated, the caller's. 12 bytes a message. */
int remote_known(struct store *store, int64_t folder, struct remote_known **known, size_t *count,
		 struct err *err);
int64_t remote_known_count(struct store *store, int64_t folder, struct err *err);

/* One message, as the server has it. */
struct remote_message {
	uint32_t uid;
	unsigned flags;
	const char *keywords;
	int64_t size, received;
	int64_t same; /* not 0: rows of other folders with it are the same message */
	struct span header;
	bool has_attachment, is_gone;
	bool is_unknown; /* out: not agreed on (or to come back): it wants fetching */
};
/* Flags that changed there and messages that went: what changed on one side only goes over, what changed on
 * both is joined. */
int remote_apply(struct store *store, int64_t folder, struct remote_message *messages, size_t count,
		 struct err *err);
/* What is agreed on within FIRST to LAST, into UIDS (allocated, the caller's). */
int remote_uids(struct store *store, int64_t folder, uint32_t first, uint32_t last, uint32_t **uids,
		size_t *count, struct err *err);
/* New ones by their headers: each finds the message here that it is (sent, moved, or known before the
 * index or the uidvalidity was lost) or becomes a row without bytes. IS_FIRST: the folder is looked at
 * for the first time, nothing is news. */
int remote_headers(struct store *store, int64_t folder, const struct remote_message *messages, size_t count,
		   bool is_first, struct err *err);
/* COUNT, thousands, are to come: until they came, a longer log and longer transactions are worth it, and views
 * that sort by anything but threads' dates may be slow. */
int remote_expect_many(struct store *store, size_t count, struct err *err);
/* They came, or some of them, for one folder: what was put off of them (bulk.h) is done. */
int remote_filled(struct store *store, struct err *err);
int remote_many_came(struct store *store, struct err *err);
/* Behind it, when nobody waits: one of the indexes that only some views read, for a tenth of a second. 1, 0 none is
 * missing, -1. */
int remote_order(struct store *store, struct err *err);
/* May a new uid be a message that is here already? Then headers come first. 1, 0, -1. */
int remote_has_strays(struct store *store, int64_t folder, struct err *err);
/* All new ones were seen: what was sought and not found is sent again, or (known before uidvalidity changed)
 * gone. */
int remote_settle(struct store *store, int64_t folder, struct err *err);
/* How many letters remote_settle has kept in remote_rescue_path, a Maildir, since this was asked last. */
size_t remote_rescued(struct store *store);
char *remote_rescue_path(const struct store *store);
/* What went there but has something of ours, and may have been moved: all of them, rising; allocated, the caller's. */
int remote_missing(struct store *store, int64_t **ids, size_t *count, struct err *err);
/* Every mailbox was looked at since then: what is still missing is somewhere already by another row, or was removed
 * there (and comes back when it was changed here). */
int remote_give_up(struct store *store, const int64_t *ids, size_t count, struct err *err);
/* Another uidvalidity: what was agreed is sought by Message-ID and size. */
int remote_forget_uids(struct store *store, int64_t folder, struct err *err);

/* --- bytes --- */

/* Uids of FOLDER whose bytes are wanted here (received at or after SINCE), newest first; allocated, the
 * caller's. */
int remote_wanted(struct store *store, int64_t folder, int64_t since, uint32_t **uids, size_t *count,
		  struct err *err);
/* Bytes that are not to be kept (received before SINCE, on the server, nothing owed, not opened within a day) leave
 * this disk, at most LIMIT: their number, or -1. store_carry_out takes the files. */
int remote_thin(struct store *store, int64_t folder, int64_t since, size_t limit, struct err *err);
/* What a person opened stays so long, whatever "keep" says: a letter, */
#define REMOTE_OPENED_S 86400
/* and outlines and parts, which are no more than so many bytes of an account together. */
#define REMOTE_PARTS_S	   (7 * 86400)
#define REMOTE_PARTS_BYTES (INT64_C(500) << 20)
/* Takes away what stayed longer, the oldest first. How many files, or -1. */
int remote_sweep_parts(struct store *store, struct err *err);
struct remote_wish {
	int64_t message, folder;
	uint32_t uid;
	const char *part; /* "": all */
};
/* What people wait for, in ARENA; and when one is fulfilled, or failed (three times: dropped). */
int remote_wishes(struct store *store, struct arena *arena, struct remote_wish **wishes, size_t *count,
		  struct err *err);
int remote_wish_done(struct store *store, const struct remote_wish *wish, bool has_failed, struct err *err);

/* Words that people ask about, in ARENA; has FOLDER (0: any) letters that are away; those of uids FIRST to LAST in
 * FOLDER that are have WORD; all was asked about WORD. */
int remote_asks(struct store *store, struct arena *arena, char ***words, size_t *count, struct err *err);
bool remote_has_away(struct store *store, int64_t folder);
int remote_hits(struct store *store, int64_t folder, const char *word, uint32_t first, uint32_t last,
		struct err *err);
int remote_ask_done(struct store *store, const char *word, struct err *err);

/* Is the message UID of FOLDER, which is away, here already in another folder? 1 with its row *ID and with MESSAGE (in
 * ARENA), for remote_batch_tell; 0, -1. */
int remote_same_here(struct store *store, int64_t folder, uint32_t uid, struct arena *arena, int64_t *id,
		     struct remote_message *message, struct err *err);

/* Many messages on their way to disk: into tmp/ as they come, then synced together, renamed, known. Whoever
 * is killed in between leaves nothing, or files that the next look knows again. */
struct remote_batch;
struct remote_batch *remote_batch_new(struct store *store, int64_t folder, bool is_first, struct err *err);
/* What is not committed is thrown away. */
void remote_batch_free(struct remote_batch **batch);
/* MESSAGE's flags, keywords and date: for the next begin of its uid. */
void remote_batch_tell(struct remote_batch *batch, const struct remote_message *message);
int remote_batch_begin(struct remote_batch *batch, uint32_t uid, struct err *err);
/* CR LF becomes LF. */
int remote_batch_piece(struct remote_batch *batch, const char *data, size_t len, struct err *err);
int remote_batch_end(struct remote_batch *batch, struct err *err);
/* How many messages and bytes came since the last push or commit. */
size_t remote_batch_count(const struct remote_batch *batch);
int64_t remote_batch_bytes(const struct remote_batch *batch);
/* What came goes to disk while the next ones come; what went so before is there and known then. */
int remote_batch_push(struct remote_batch *batch, struct err *err);
/* All that came is there and known. */
int remote_batch_commit(struct remote_batch *batch, struct err *err);

/* --- what we owe --- */

enum remote_debt {
	DEBT_FLAGS = 1, /* SET, CLEAR and keywords for UID */
	DEBT_COPY,	/* UID to TARGET, as MESSAGE */
	DEBT_MOVE,	/* UID to TARGET */
	DEBT_REMOVE,	/* UID for good */
	DEBT_APPEND,	/* MESSAGE is new here */
};
struct remote_owed {
	enum remote_debt debt;
	int64_t message, target;
	uint32_t uid;
	unsigned set, clear;
	const char *set_keywords, *clear_keywords; /* "" none */
	int64_t size;				   /* of UID there; APPEND: bytes here */
};
/* What is to be told the server in FOLDER, in the order of debts, at most LIMIT messages; in ARENA. What turns
 * out to be agreed on already is struck off. HAS_KEYWORDS: the server takes any. */
int remote_owed(struct store *store, int64_t folder, bool has_keywords, size_t limit, struct arena *arena,
		struct remote_owed **owed, size_t *count, struct err *err);
/* Has FOLDER anything to tell, or anything sought? 1, 0, -1. */
int remote_owes(struct store *store, int64_t folder, struct err *err);
/* Before a round: strikes off what is owed for messages that neither side has any more; what the last round sent
 * and did not find is sought in this one. */
int remote_clean(struct store *store, struct err *err);
/* Bytes that a message takes on the wire, where lines end in CR LF. */
int64_t remote_wire_size(const char *data, size_t len);
/* Before a move, copy or append is said: from now on a message that turns up there may be this one. */
int remote_sending(struct store *store, const struct remote_owed *owed, size_t count, struct err *err);
/* Was something said to the server of which we never heard whether it was done? 1, 0, -1. */
int remote_is_in_doubt(struct store *store, struct err *err);
/* What became of a message where it was, when it was moved or removed. */
enum remote_rest {
	REST_MARKED, /* without UIDPLUS it stays, marked \Deleted */
	REST_NONE,
	REST_OWED, /* it is still there, to be removed later */
};
/* It was done. UIDS: in the target, 0 where not told (NULL: none). */
int remote_sent(struct store *store, const struct remote_owed *owed, size_t count, const uint32_t *uids,
		enum remote_rest rest, struct err *err);
/* It was refused: said not to be done. It is owed still, but when it was refused twice not before an hour has
 * passed, then two, at most a day; or remote_forgive: somebody asks for it now. */
int remote_not_sent(struct store *store, const struct remote_owed *owed, size_t count, struct err *err);
/* It was refused, but some of it may have been done before that: the next look at the target finds what was. */
int remote_in_doubt(struct store *store, const struct remote_owed *owed, size_t count, struct err *err);
int remote_forgive(struct store *store, struct err *err);

#endif
