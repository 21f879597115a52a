/* What the files of remote share. */
#ifndef STORE_MAIL_REMOTE_INSIDE_H
#define STORE_MAIL_REMOTE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mail/remote.h"
#include "store/mail/store_inside.h"

struct change_row;
struct row;

#define REMOTE_FLAGS	 63u /* all but BOX_RECENT */
#define REMOTE_TOGETHER	 100 /* in one transaction: a screen waits for it */
#define REMOTE_BATCH_MS	 6
/* The same while thousands come: a wish of the screen then waits, and is shown as done meanwhile. */
#define REMOTE_FLOOD	    2000
#define REMOTE_FLOOD_MS	    400
#define REMOTE_FLOOD_REST_US 5000
#define REMOTE_POLITE_US 1000

enum remote_message_state {
	REMOTE_AGREED,
	REMOTE_SENT, /* uid 0: it was sent there; not found: sought everywhere, then once more */
	REMOTE_LOST, /* uid 0: the folder's uids changed; not found: gone */
	REMOTE_MISSED,	      /* uid 0, folder 0: no more where it was (-target); not found: gone */
	REMOTE_MISSED_EDITED, /* the same; not found: sent to where it was */
	REMOTE_SENT_NOW,      /* uid 0: sent in this round; not found: servers tell late, the next round sees */
	REMOTE_OURS,	      /* agreed, and there only because we sent it: nobody's sign of where another one went */
};

/* What the server and we last agreed on of a message. */
struct agreed {
	int64_t message, folder, target, size;
	uint32_t uid;
	unsigned flags;
	const char *keywords; /* in an arena */
	enum remote_message_state state;
};
/* 1, 0 none, -1. */
int agreed_by_uid(struct store *store, int64_t folder, uint32_t uid, struct arena *arena,
		  struct agreed *agreed, struct err *err);
int agreed_of(struct store *store, int64_t message, struct arena *arena, struct agreed *agreed,
	      struct err *err);
/* Writes AGREED, new or over what was known of the message. Whatever else had its uid is sought. */
int agreed_write(struct store *store, const struct agreed *agreed, struct err *err);
/* The same for one of which nothing was known, in a place where nothing is. */
int agreed_add(struct store *store, const struct agreed *agreed, struct err *err);
int agreed_forget(struct store *store, int64_t message, struct err *err);
/* The message was taken away here, the server still has it: kept under the negative of its id. */
int agreed_leave(struct store *store, const struct agreed *agreed, bool is_owed, struct err *err);

/* EACH of COUNT, in transactions short enough for a screen; its ARENA is emptied after each. */
typedef int remote_each_fn(void *arg, size_t i, struct arena *arena, struct err *err);
int remote_each(struct store *store, size_t count, remote_each_fn *each, void *arg, struct err *err);

int remote_owe(struct store *store, int64_t message, struct err *err);
int remote_strike(struct store *store, int64_t message, struct err *err);
/* Runs SQL (a constant) with one or two numbers. */
int remote_run(struct store *store, const char *sql, int64_t a, int64_t b, struct err *err);

/* The server says FLAGS and WORDS (tidied) of the message of AGREED, whose row is ROW: three sides are
 * joined. */
int remote_join(struct store *store, const struct agreed *agreed, const struct change_row *row,
		unsigned flags, const char *words, struct arena *arena, struct err *err);
/* AGREED's message is no more on the server. */
int remote_lost(struct store *store, const struct agreed *agreed, struct arena *arena, struct err *err);
/* Before that, where it was not deleted but is not found again: its bytes, if they are here, are kept. */
int remote_rescue(struct store *store, const struct agreed *agreed, struct arena *arena, struct err *err);
/* Is there anything in ROW that the server was not told or cannot know? */
bool remote_has_ours(const struct agreed *agreed, const struct change_row *row);
/* AGREED's message is no more there, and ROW has something of ours: it is sought everywhere. */
int remote_miss(struct store *store, const struct agreed *agreed, const struct change_row *row, struct err *err);
/* AGREED's message was sent, and is not where it was sent to: the same, and then it is sent once more. */
int remote_miss_sent(struct store *store, const struct agreed *agreed, struct err *err);
/* Is anything missed that was in FOLDER? 1, 0, -1. */
int remote_misses_from(struct store *store, int64_t folder, struct err *err);
bool remote_is_missed(const struct agreed *agreed);
/* What was missed has turned up in FOLDER: ROW goes there, unless it was moved here too. */
int remote_follow(struct store *store, const struct agreed *agreed, int64_t folder, struct arena *arena,
		  struct change_row *row, struct err *err);
unsigned remote_join_flags(unsigned base, unsigned ours, unsigned theirs);
/* The file name by which a message that was fetched is known again: for maildir_name_mark. */
const char *remote_unique(const char *wire, uint32_t uidvalidity, uint32_t uid, struct arena *arena);
/* WIRE and uidvalidity of FOLDER; NULL: not on the server. */
const char *remote_wire(struct store *store, int64_t folder, uint32_t *uidvalidity, struct arena *arena);
/* The row that MESSAGE's header makes, without bytes; in ARENA. */
void remote_row(struct store *store, const struct remote_message *message, bool is_first, struct arena *arena,
		struct row *row);
/* A row for a new message, agreed on as MESSAGE says; row->id is set. Inside a transaction. */
int remote_insert(struct store *store, int64_t folder, const struct remote_message *message, struct row *row,
		  unsigned flags, const char *words, struct arena *arena, struct err *err);
/* MESSAGE told what the row ID is the same as. */
int remote_note_same(struct store *store, int64_t id, const struct remote_message *message, struct err *err);
/* A message here that the new MESSAGE is: 1 and joined, 0 none, -1. Inside a transaction. */
int remote_match(struct store *store, int64_t folder, const struct remote_message *message,
		 const struct row *row, unsigned flags, const char *words, struct arena *arena,
		 struct err *err);

/* The bytes of message ID are not here any more, but on the server: 1; 0 not there; -1. */
int remote_put_away(struct store *store, int64_t id, struct err *err);
/* ROW is of a file that nobody knows. Was it fetched for a message by somebody who was killed before they could say so?
 * 1 it is that message's now, 0, -1. In a transaction. */
struct row;
int remote_adopt(struct store *store, const struct row *row, struct err *err);
/* The box of FOLDER is gone from disk: 1 it is made again, for a server has the folder; 0; -1. */
int remote_folder_remake(struct store *store, int64_t folder, struct err *err);

#endif
