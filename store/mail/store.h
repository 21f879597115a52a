/* One account's mail as it is known: the database over its boxes. The screen reads here, never a
 * socket; what it wants changed it writes as an intent, in one short transaction that changes the
 * rows at once. Whoever keeps the account (ternd's watch worker, or the child of tern -f) carries
 * intents out on the files and brings the database up to what other programs did.
 *
 * Cost follows the screen: counts, thread membership and order are kept as messages come;
 * store_window reads one window by an index, whatever the folder holds. */
#ifndef STORE_MAIL_STORE_H
#define STORE_MAIL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/box/box.h"
#include "store/mail/account.h"

struct arena;
struct buf;
struct err;
struct store;
struct query;

/* The account's database; made when missing; when damaged set aside, and *WAS_DAMAGED (may be NULL)
 * true: it fills again from the files. ACCOUNT must live as long. */
struct store *store_open(const struct account *account, bool *was_damaged, struct err *err);
void store_close(struct store **store);
const struct account *store_account(const struct store *store);
/* A screen waits at most 10 ms for a lock; a command 5 s (the default). */
void store_set_busy_ms(struct store *store, int ms);
int64_t store_data_version(struct store *store);

/* --- folders --- */
struct folder {
	int64_t id;
	char *name; /* UTF-8, "/" between levels: "INBOX", "Sent", "lists/tern" */
	char *path;
	enum box_kind kind;
	enum account_role role;
	int64_t total, unread, flagged, revision;
	bool is_indexed;    /* was complete once */
	int64_t first_last; /* the last message there was when it became so */
};
/* All folders, INBOX first, then roles, then by name; in ARENA. -1 on error. */
int store_folders(struct store *store, struct arena *arena, struct folder **folders, size_t *count,
		  struct err *err);
int store_folder(struct store *store, int64_t id, struct arena *arena, struct folder *folder,
		 struct err *err);
/* 1 found, 0 not, -1 error. Names compare without ASCII case only for INBOX. */
int store_folder_by_name(struct store *store, const char *name, struct arena *arena,
			 struct folder *folder, struct err *err);
/* 1 when FOLDER has an unread message that came after *SINCE, else 0, -1 on error. *SINCE is then up to now. To begin
 * with: STORE_NEWS_NOW, nothing that is there is news; STORE_NEWS_UNREAD, the folder is not known or not read in. */
#define STORE_NEWS_NOW	  ((int64_t)-1)
#define STORE_NEWS_UNREAD ((int64_t)-2)
int store_has_news(struct store *store, const struct folder *folder, int64_t *since, struct err *err);
int store_folder_by_role(struct store *store, enum account_role role, struct arena *arena,
			 struct folder *folder, struct err *err);
/* Makes the box and the row; exists: its id. -1 on error. */
int64_t store_folder_make(struct store *store, const char *name, struct err *err);
/* 0, or -1 with ERR_EXISTS where there is a folder NAME. */
int store_folder_is_new(struct store *store, const char *name, struct err *err);
/* For an account of a server (store/mail/remote.h): the folder has its new name now, its server hears of
 * it later. ERR_EXISTS. Folders below it go along. */
int store_folder_rename(struct store *store, int64_t id, const char *name, struct err *err);
/* All that is in it goes for good, here now, on the server later (unless new mail came into it there:
 * then it comes back). ERR_DENIED for the inbox and one with folders below it. */
int store_folder_remove(struct store *store, int64_t id, struct err *err);

/* --- messages --- */
/* Where a row stands in the order of a view, to be compared with rows of other stores (many.h). */
struct store_place {
	int64_t date, number; /* NUMBER and TEXT: what the view is sorted by, where not by date */
	const char *text;     /* NULL: NUMBER counts */
};

struct message {
	int64_t id, folder, thread;
	char *key;
	unsigned flags;
	int64_t date, received, size;
	char *from_name, *from_addr; /* decoded, "" when missing */
	char *to;		     /* first recipient, to show my own letters by */
	char *subject;
	char *message_id;
	char **tags; /* NULL-ended */
	bool has_attachment;
	bool is_mine; /* from one of the account's addresses */
	bool is_away; /* on the server only: store_message_open says so, store_want fetches it */
	/* what store_window adds */
	int depth; /* in its thread, 0 the root */
	bool is_last_child;
	uint64_t rails; /* bit d: a line goes on at depth d (for drawing the tree) */
	int thread_count, thread_unread; /* of its thread in this folder */
	struct store_place place;	 /* of the thread, or in a flat view its own */
};
int store_message(struct store *store, int64_t id, struct arena *arena, struct message *message,
		  struct err *err); /* 1, 0 gone, -1 */
/* The whole bytes. ERR_NOT_FOUND with its own sentence when they are on the server only (is_away):
 * store_want, ring, and open it again when its folder has changed. */
int store_message_open(struct store *store, int64_t id, struct box_message *bytes, struct err *err);
/* Its path now (mbox: of the box), appended to PATH. */
int store_message_path(struct store *store, int64_t id, struct buf *path, struct err *err);
/* 1 found, 0 not: by Message-ID without brackets, in any folder (the newest row). */
int store_message_by_message_id(struct store *store, const char *message_id, int64_t *id,
				struct err *err);
/* All messages of a thread in all folders, oldest first. */
int store_thread(struct store *store, int64_t thread, struct arena *arena,
		 struct message **messages, size_t *count, struct err *err);

/* --- one window of the index view --- */
enum store_sort { SORT_DATE, SORT_FROM, SORT_SUBJECT, SORT_SIZE, SORT_UNREAD, SORT_FLAGGED };
struct store_view {
	int64_t folder;	      /* 0: all folders of the account */
	enum store_sort sort; /* threads: by their newest message */
	bool is_reversed;     /* default: newest, A, largest first */
	bool is_threaded;
	const struct query *query; /* NULL: everything (limit) */
	const int64_t
	    *folded; /* thread ids shown as one row (their newest unread or root message) */
	size_t folded_count;
	bool fold_all; /* then FOLDED are the open ones */
};
enum store_from { FROM_FIRST, FROM_LAST, FROM_AFTER, FROM_BEFORE, FROM_AROUND };
/* At most COUNT rows in screen order: the first, the last, those after / before / around message
 * ANCHOR (itself not in AFTER and BEFORE). A gone ANCHOR: its old place, or 0 rows. */
int store_window(struct store *store, const struct store_view *view, enum store_from from,
		 int64_t anchor, size_t count, struct arena *arena, struct message **rows,
		 size_t *row_count, struct err *err);
/* The same for a PLACE of another store's row: the rows behind it (FROM_AFTER) or before it (FROM_BEFORE). Rows of
 * the same place stand behind it where IS_LATER, else before it (and the other way round in a view that is
 * reversed). */
int store_window_at(struct store *store, const struct store_view *view, enum store_from from,
		    const struct store_place *place, bool is_later, size_t count, struct arena *arena,
		    struct message **rows, size_t *row_count, struct err *err);
/* The next (or previous) row with these flag bits set/clear: its id, 0 none. Cost: an index. */
int64_t store_find_flags(struct store *store, const struct store_view *view, int64_t from_id,
			 bool backwards, unsigned set, unsigned clear, struct err *err);
/* The next row that QUERY matches, for "/". */
int64_t store_find(struct store *store, const struct store_view *view, int64_t from_id,
		   bool backwards, const struct query *query, struct err *err);
/* Both from a place of another store's row on, as store_window_at. */
int64_t store_find_flags_at(struct store *store, const struct store_view *view, const struct store_place *place,
			    bool is_later, bool backwards, unsigned set, unsigned clear, struct err *err);
int64_t store_find_at(struct store *store, const struct store_view *view, const struct store_place *place,
		      bool is_later, bool backwards, const struct query *query, struct err *err);
/* The messages of VIEW that QUERY matches, at most LIMIT, in ARENA by id. */
int store_matching(struct store *store, const struct store_view *view, const struct query *query,
		   size_t limit, struct arena *arena, int64_t **ids, size_t *count,
		   struct err *err);
/* What VIEW->query and store_find's query match is looked for at once and whole, which takes some 4 ms for each
 * 1,000 messages, or, for a screen, in pieces of MS milliseconds (0: whole): then a limited view shows what was
 * found so far, and so does store_find. */
void store_set_piece_ms(struct store *store, int ms);
/* Looks on by one piece for what QUERY (NULL: the limit of VIEW) matches: 1 there is more to look at, 0 that was
 * all, -1. */
int store_look(struct store *store, const struct store_view *view, const struct query *query,
	       struct err *err);
enum store_looked {
	LOOKED_ALL,    /* a limited VIEW has all that matches */
	LOOKED_BEFORE, /* it had once; something changed since */
	LOOKED_SOME,
};
enum store_looked store_looked(struct store *store, const struct store_view *view);
/* The id of the row at POSITION, from 1; beyond the end the last row; 0 in an empty view; -1. */
int64_t store_row_at(struct store *store, const struct store_view *view, int64_t position,
		     struct err *err);
/* How many messages the view holds, and (POSITION_OF not NULL) the place of ANCHOR among them, from
 * 1 and as if nothing were folded (0: not in the view). The place costs reading an index up to it:
 * about 2 ms for 100,000 messages. */
int store_count(struct store *store, const struct store_view *view, int64_t *messages,
		int64_t *position_of, int64_t anchor, struct err *err);

/* When another file stands at the index's place (deleted, or made again by another program), goes
 * on with that one: 1; 0 when it is the same; -1 when that cannot be opened (the old one stays). */
int store_follow(struct store *store, struct err *err);
/* Rises when another database took the place of the one before: ids mean something else from then on. */
int64_t store_generation(const struct store *store);

/* --- what a person does: rows change now, files through intents --- */
struct store_change {
	unsigned set, clear; /* flags */
	int64_t move_to;     /* folder id, 0: stays */
	bool is_copy;	     /* MOVE_TO is copied to */
	const char *add_tag, *remove_tag;
	bool expunge; /* remove for good */
};
/* Applies to COUNT messages in one transaction and leaves intents. UNDO (may be NULL) gets an id
 * that store_undo takes back. Ring the agent afterwards (notice_ring). */
int store_change(struct store *store, const int64_t *ids, size_t count,
		 const struct store_change *change, int64_t *undo, struct err *err);
/* The same for a part of them: *UNDO from the call before, 0 in the first. */
int store_change_more(struct store *store, const int64_t *ids, size_t count,
		      const struct store_change *change, int64_t *undo, struct err *err);
int store_undo(struct store *store, int64_t undo, struct err *err);
/* Takes at most LIMIT messages back: 1 there are more, 0 that was all, -1. *LOST rises by those that cannot come
 * back. */
int store_undo_some(struct store *store, int64_t undo, size_t limit, int64_t *lost,
		    struct err *err);

/* --- keeping (watch worker, tern index; never a screen) --- */
/* Carries out what intents stand. Number done, or -1. */
int store_carry_out(struct store *store, struct err *err);
/* The same but for flags in an mbox that nothing else makes it write anew: each time costs the
 * whole file. *NEWEST: the latest of those wishes (numbers rise), 0 when none is left. */
int store_carry_out_but_flags(struct store *store, int64_t *newest, struct err *err);
/* How long store_carry_out and store_index wait while another program does the same (default: a
 * minute); then ERR_TEMPORARY. */
void store_set_lock_ms(struct store *store, int ms);
/* Looks over the whole database (some 100 ms for 100,000 messages); a damaged one is set aside and
 * a new one begun: 1. 0 when it is well. */
int store_check(struct store *store, struct err *err);
struct index_progress {
	int64_t done, total;
	const char *folder;
};
/* Finds folders on disk and brings the rows of all (or only FOLDER, not 0) up to the files, newest
 * first (of many thousands the newest thousands, then the others from the oldest on), in short
 * transactions. PROGRESS may be NULL; -1 from it stops (resumable). */
int store_index(struct store *store, int64_t folder,
		int (*progress)(void *arg, const struct index_progress *progress), void *arg,
		struct err *err);
/* A file that just came into a Maildir: NAME in its cur/ or new/. */
struct store_name {
	const char *name;
	bool is_in_new;
};
/* Their rows and flags at once, at the cost of them alone. What they replaced, and what of them cannot be read, is
 * store_index's, which must come behind. Not 0: nothing was done. */
int store_index_names(struct store *store, int64_t folder, const struct store_name *names, size_t count,
		      struct err *err);
/* After it, when it is quiet: makes what lists sorted by sender, subject and so on are read from, one order a call.
 * 1: one was made, call again; 0: all are there. Without them such a list is sorted anew each time. */
int store_index_orders(struct store *store, struct err *err);
/* One message that was just delivered at KEY: its row now, so that nobody has to scan. */
int64_t store_index_one(struct store *store, int64_t folder, const char *key, struct err *err);

#endif
