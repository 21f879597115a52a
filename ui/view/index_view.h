/* The index: one folder (or all folders of an account) as rows, threads as trees. It holds a window of about
 * three screens of rows, whatever the folder holds, and keeps its place by the current message. */
#ifndef UI_VIEW_INDEX_VIEW_H
#define UI_VIEW_INDEX_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mail/store.h"
#include "ui/view/view.h"

struct app;
struct arena;
struct err;

/* Every VIEW here is one made by index_view_new (or app_view(app, VIEW_INDEX)). What moves the cursor
 * answers 1 when it moved, 0 when there is nowhere to go, -1 with a sentence. */

/* FOLDER 0: all folders of the account. NULL when the account cannot be opened. */
struct view *index_view_new(struct app *app, const char *account, int64_t folder, struct err *err);
/* Shows another folder; limit, folds and tags are forgotten, the old place is kept for a return. */
int index_view_open(struct view *view, const char *account, int64_t folder, struct err *err);
/* The inboxes of all accounts in one list, or all folders of all accounts. Ids here carry their account then
 * (store/mail/many.h). */
int index_view_open_all(struct view *view, bool only_inboxes, struct err *err);
/* A place to come back to: that of VIEW now or, where it shows hits, the one they were looked for from. */
struct index_place;
struct index_place *index_view_place(const struct view *view);
/* What is shown now are hits; the way back leads to PLACE, which the view owns from here on. It is forgotten when
 * something else is opened. */
void index_view_return_to(struct view *view, struct index_place *place);
void index_place_free(struct index_place **place);
bool index_view_has_way_back(const struct view *view);
/* 1 it shows that place again, 0 there is no way back, -1. */
int index_view_go_back(struct view *view, struct err *err);
bool index_view_is_of_all(const struct view *view);
bool index_view_is_of_inboxes(const struct view *view);
const char *index_view_account(const struct view *view);
/* The id here of message OWN of ACCOUNT, 0 when that is not shown here. */
int64_t index_view_id(const struct view *view, const char *account, int64_t own);
int64_t index_view_folder(const struct view *view); /* 0: all */
const char *index_view_folder_name(const struct view *view); /* "INBOX"; "" for all */

/* The current message's id, 0 when there is none. */
int64_t index_view_current(const struct view *view);
int64_t index_view_current_own(const struct view *view); /* its id in the store of index_view_account */
/* IDS of this view into TARGET and those that follow it: one for each account. is_tagged is taken over. */
void index_view_targets(const struct view *view, const int64_t *ids, size_t count, struct arena *arena,
			struct target *target);
/* The same with all that the row shows: 1, or 0. Lent until rows change (any other call here). */
int index_view_current_row(const struct view *view, const struct message **message);
/* Does message ID still lie where this view looks? */
bool index_view_has(const struct view *view, int64_t id);
/* Moves to message ID: 1, or 0 when it is not in this view. A fold that hides it is opened. */
int index_view_select(struct view *view, int64_t id);
/* To the row with that number, 1 is the first; a number too large is the last. */
int index_view_jump(struct view *view, int64_t number);

/* The next row, from the current one on, with all flags of SET and none of CLEAR (BOX_SEEN in CLEAR is
 * "unread"); goes round at the end when WRAP. */
int index_view_next_flags(struct view *view, bool backwards, unsigned set, unsigned clear, bool wrap,
			  struct err *err);
int index_view_next_thread(struct view *view, bool backwards);
int index_view_to_parent(struct view *view);

/* QUERY as a person types it; "" shows everything again. -1 with a sentence: nothing changes. */
int index_view_set_limit(struct view *view, const char *query, struct err *err);
/* The limit was meant: servers are asked about texts that are not here. */
void index_view_ask_servers(struct view *view);
const char *index_view_limit(const struct view *view); /* "" when there is none */
void index_view_set_sort(struct view *view, enum store_sort sort, bool reversed);
void index_view_set_threads(struct view *view, bool threaded);
enum store_sort index_view_sort(const struct view *view, bool *reversed, bool *threaded);

enum index_fold { INDEX_FOLD_TOGGLE, INDEX_FOLD_CLOSE, INDEX_FOLD_OPEN };
int index_view_fold(struct view *view, enum index_fold what); /* the current thread */
void index_view_fold_all(struct view *view, enum index_fold what);

/* Tags mark rows for the next command; they live with the view. */
void index_view_tag(struct view *view, int64_t id, bool on);
bool index_view_is_tagged(const struct view *view, int64_t id);
void index_view_untag_all(struct view *view);
size_t index_view_tag_count(const struct view *view);
/* Messages of the current thread that lie in this view's folder: in ARENA. */
int index_view_thread_ids(struct view *view, struct arena *arena, int64_t **ids, size_t *count,
			  struct err *err);
/* Every message QUERY matches in this view's folder and limit: in ARENA, at most LIMIT. */
int index_view_matching(struct view *view, const char *query, size_t limit, struct arena *arena,
			int64_t **ids, size_t *count, struct err *err);

/* The side bar: on, off, or by width (the option side-bar). */
void index_view_toggle_side_bar(struct view *view);
/* The next (previous) folder of the side bar with unread messages, or simply the next: opens it. */
int index_view_next_folder(struct view *view, bool backwards, bool unread, struct err *err);

#endif
