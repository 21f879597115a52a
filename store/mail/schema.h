/* The tables of an account's database, and what they mean.
 *
 * A message row stands in FOLDER, where a person sees it, and its bytes lie in the box of PLACE
 * under KEY. The two differ while an intent (a move, a copy) is not carried out yet; a row that was
 * removed for good stays with FOLDER_REMOVED until its file is gone. FLAGS are what a person sees,
 * FILE_FLAGS what the file said when it was last looked at. MID is the hash of its Message-ID, REFS
 * those of References (or of the first In-Reply-To), the nearest last, 16 hex digits each. HINT is
 * the box's own (box_hint), nearly right at most times.
 *
 * A ref row says to which thread an id (had or only named by a message) belongs.
 * A thread row counts a thread's messages in one folder; FOLDER_ALL holds the whole account.
 * LATEST, LATEST_ID and the keys are of its newest message there: by them threads are sorted.
 *
 * Mail of a server: a row that IS_AWAY has no bytes here; its place is its folder, its key empty.
 * remote_message says where a message is on the server (folder, uid) and what the server and we last
 * agreed on: its flags and keywords there. What differs from the row is owed to the server; ids that
 * may differ stand in remote_owed (triggers put them there, so that no way of changing a row can
 * forget to). UID 0: it must be in that folder, the look at it will find by which uid; TARGET: a move
 * there is under way. FOLDER 0: it is missed, and was in folder -TARGET (remote_missing.c). A negative message
 * is one that we took away already, as long as the server still has it. remote_copy: the message was made by
 * copying. remote_wish: bytes that a person waits for. */
#ifndef STORE_MAIL_SCHEMA_H
#define STORE_MAIL_SCHEMA_H

#include <stddef.h>

#define FOLDER_ALL     0
#define FOLDER_REMOVED (-1)

extern const char *const schema_steps[];
extern const size_t schema_step_count;
/* How rows that differ from the server get into remote_owed: in accounts that have one. */
extern const char *const schema_remote_triggers[];
extern const size_t schema_remote_trigger_count;
/* Indexes for the other sort orders: made once the account was indexed completely, so that the
 * first indexing does not pay for them. Until then such a view sorts by itself. */
struct schema_sort_index {
	const char *name, *on;
};
extern const struct schema_sort_index schema_sort_indexes[];
extern const size_t schema_sort_index_count;
/* Indexes without which an empty database is filled faster (bulk.h); both ways of a row can be run again. */
struct schema_late_index {
	const char *drop, *make;
};
extern const struct schema_late_index schema_late_indexes[];
extern const size_t schema_late_index_count;

#endif
