/* Several folders, of several stores, as one list: the inboxes of all accounts, or a search over all of them. As
 * the functions of store.h with the same names; ids are those of the store with the number of the member in
 * their high bits, so that those of the first member (number 0) are what they are in its store. Rows (ids,
 * threads) and STORE_VIEW's folded threads carry such ids. With one member it costs nothing more; with
 * several each window reads as many rows of each. */
#ifndef STORE_MAIL_MANY_H
#define STORE_MAIL_MANY_H

#include "store/mail/store.h"

struct many;

/* A jump to a place in a list of several goes no further than this. */
#define MANY_JUMP_MAX 10000

struct many *many_new(void);
void many_free(struct many **many);
/* FOLDER 0: all of the store. STORE is lent. */
void many_add(struct many *many, struct store *store, int64_t folder);
size_t many_count(const struct many *many);
struct store *many_member(const struct many *many, size_t at, int64_t *folder);
/* The number of the member that ID belongs to, and the id in its store. */
size_t many_whose(int64_t id);
int64_t many_own(int64_t id);
int64_t many_id(size_t member, int64_t own);
/* Another number when any of them has changed. */
int64_t many_data_version(const struct many *many);
/* Another number when ids of one of them mean something else (store_generation). */
int64_t many_generation(const struct many *many);

/* VIEW->folder is passed over. */
int many_window(const struct many *many, const struct store_view *view, enum store_from from, int64_t anchor,
		size_t count, struct arena *arena, struct message **rows, size_t *row_count, struct err *err);
int64_t many_find_flags(const struct many *many, const struct store_view *view, int64_t from_id,
			bool backwards, unsigned set, unsigned clear, struct err *err);
int64_t many_find(const struct many *many, const struct store_view *view, int64_t from_id, bool backwards,
		  const struct query *query, struct err *err);
int many_matching(const struct many *many, const struct store_view *view, const struct query *query,
		  size_t limit, struct arena *arena, int64_t **ids, size_t *count, struct err *err);
int many_look(const struct many *many, const struct store_view *view, const struct query *query,
	      struct err *err);
enum store_looked many_looked(const struct many *many, const struct store_view *view);
int64_t many_row_at(const struct many *many, const struct store_view *view, int64_t position,
		    struct err *err);
/* *POSITION_OF is told (else 0) where there is one member. */
int many_counts(const struct many *many, const struct store_view *view, int64_t *messages,
		int64_t *position_of, int64_t anchor, struct err *err);
int many_message(const struct many *many, int64_t id, struct arena *arena, struct message *message,
		 struct err *err);
int many_thread(const struct many *many, int64_t thread, struct arena *arena, struct message **messages,
		size_t *count, struct err *err);

#endif
