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
 * LATEST, LATEST_ID and the keys are of its newest message there: by them threads are sorted. */
#ifndef STORE_MAIL_SCHEMA_H
#define STORE_MAIL_SCHEMA_H

#include <stddef.h>

#define FOLDER_ALL     0
#define FOLDER_REMOVED (-1)

extern const char *const schema_steps[];
extern const size_t schema_step_count;
/* Indexes for the other sort orders: made once the account was indexed completely, so that the
 * first indexing does not pay for them. Until then such a view sorts by itself. */
extern const char *const schema_sort_indexes[];
extern const size_t schema_sort_index_count;

#endif
