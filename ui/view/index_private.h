/* What the files of the index share. Nobody else includes it.
 *	index_view.c	the view, news, what it shows, what commands ask
 *	index_rows.c	the window of rows and the place in it
 *	index_read.c	rows and counts read again when something changed
 *	index_limit.c	the limit and "/": what matches is looked for in pieces
 *	index_move.c	going from row to row
 *	index_order.c	sorting, threads, folds
 *	index_target.c	tags, and the messages that a command works on
 *	index_page.c	the whole page: the side bar and the list, and the mouse on them
 *	index_title.c	the line on top
 *	index_draw.c	what a row looks like */
#ifndef UI_VIEW_INDEX_PRIVATE_H
#define UI_VIEW_INDEX_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/buf.h"
#include "store/mail/store.h"
#include "ui/view/view.h"

struct arena;
struct err;
struct folder_list;
struct format;
struct key;
struct loop_timer;
struct many;
struct notice;
struct query;

#define INDEX_LOOK_MS 500 /* between looks at what other programs wrote */
#define INDEX_CALM_MS 250 /* between readings while the first index is made */

/* A sorted set of ids: tags, folds. */
struct id_set {
	int64_t *ids;
	size_t count, cap;
};

enum index_scope {
	INDEX_FOLDER,  /* one folder, or all of one account */
	INDEX_INBOXES, /* those of all accounts */
	INDEX_ACCOUNTS, /* all of all accounts */
};

/* Where one came from to what was looked for. */
struct index_place {
	char *account;
	int64_t folder, message;
	bool is_of_inboxes;
};

struct index_view {
	struct view view;
	struct index_place *back; /* from hits, or NULL */
	char *account;
	int64_t folder;
	char *folder_name;
	enum index_scope scope;
	struct many *many; /* what is shown: one folder, or one of each account */
	int64_t version;     /* of the data the rows were read from */
	int64_t generation;  /* of the ids: another one when the index was made again */
	int64_t read_at_ms;

	/* how it is shown */
	enum store_sort sort;
	bool is_reversed, is_threaded;
	char *limit;
	struct query *query; /* of the limit, or NULL */
	bool asks; /* servers were asked about it */
	bool began_on_top; /* the cursor stood on the first row when it was set: it stays there while more is found */
	bool has_grown;	   /* more was found for it since rows were read */
	bool fold_all;
	struct id_set folds; /* threads; with fold_all those that are open */
	struct id_set tags;  /* messages */
	char *found;	     /* folded text that "/" looked for, or NULL */

	/* the window of rows */
	struct arena *arena;
	struct message *rows;
	size_t count;
	bool has_first, has_last; /* does it reach the ends of the list? */
	long cursor, top;	  /* places in it; the first row on the screen */
	int height;		  /* rows on the screen */
	bool is_stale;
	/* what is looked for in pieces */
	struct loop_timer *looking; /* for the limit */
	struct query *sought;	    /* for a command that waits */
	int64_t first_number; /* of the first row in the window; 0 not known yet */

	/* counts for the title */
	int64_t total, unread, matching;
	int64_t progress_done, progress_total;
	int64_t progress_from, progress_begun; /* how many were done when we first heard of it, and when */

	/* drawing */
	struct format *format;
	char *format_text;
	bool has_tree_lines;
	struct folder_list *folders;
	int side_bar; /* -1 by width, 0 off, 1 on */
	long side_top;
	struct rect list_area, side_area; /* where they were drawn, for the mouse */
	struct loop_timer *timer;
	char *complained; /* the last error that was shown, so that it is shown once */
};

static inline struct index_view *index_of(const struct view *view)
{
	return (struct index_view *)view;
}

/* --- index_view.c --- */
/* Where the ids mean something else now: the folder is found by its name, tags and folds are none. */
void index_follow(struct index_view *index);
void index_changed(struct index_view *index); /* it is drawn again */

/* --- index_rows.c --- */
bool id_set_has(const struct id_set *set, int64_t id);
void id_set_put(struct id_set *set, int64_t id, bool on);
void id_set_clear(struct id_set *set);
/* The store's view of what is shown. Lends the sets. */
struct store_view index_store_view(const struct index_view *index);
bool index_is_folded(const struct index_view *index, int64_t thread);
const struct message *index_row(const struct index_view *index); /* the current one, or NULL */
/* Reads the window anew around the current message, which stays where it is on the screen. -1 with a
 * sentence: the old rows stay. */
int index_reload(struct index_view *index, struct err *err);
/* The same around message ID, which becomes the current one: 1, 0 when it is not in the list. */
int index_reload_at(struct index_view *index, int64_t id, struct err *err);
int index_reload_end(struct index_view *index, bool to_last, struct err *err);
/* Moves the cursor by LINES, reading more rows where it must. */
void index_move(struct index_view *index, long lines);
/* Makes the rows around the cursor stand on a screen of HEIGHT rows. */
void index_scroll(struct index_view *index, int margin);
void index_forget_rows(struct index_view *index);

/* --- index_read.c --- */
void index_complain_once(struct index_view *index, const struct err *err); /* of what comes with every look */
/* Rows as the store has them now. What cannot be read this time is tried at the next look. */
void index_refresh(struct index_view *index);
void index_look(void *index); /* a timer: did another program write? */

/* --- index_limit.c --- */
bool index_is_limiting(struct index_view *index); /* not all that matches is known yet */
void index_look_on(struct index_view *index);	  /* for more of it, later */
void index_stop_looking(struct index_view *index);
void index_drop_limit(struct index_view *index);
bool index_is_asking(const struct index_view *index); /* a server */
int index_key(struct view *view, const struct key *key);
int index_find(struct view *view, const char *text, bool backwards, struct err *err);

/* --- index_move.c --- */
void index_move_by(struct view *view, int lines);
void index_move_page(struct view *view, int half_pages);
void index_move_end(struct view *view, bool to_last);

/* --- index_target.c --- */
const char *index_account_at(const struct index_view *index, size_t member);
int index_target(struct view *view, bool tagged_if_any, struct arena *arena, struct target *what);

/* --- index_page.c --- */
/* The account whose row in the list of folders stands for what is shown. */
const char *index_place(const struct index_view *index);
void index_draw(struct view *view, struct canvas *canvas, struct rect area);
void index_mouse(struct view *view, const struct key *key);

/* --- index_title.c --- */
void index_take_progress(struct index_view *index, const struct notice *news);
void index_title(struct view *view, struct buf *left, struct buf *right);

/* --- index_draw.c --- */
/* NULL with a sentence when the format is wrong. */
struct format *index_format(const char *text, struct err *err);
void index_draw_row(struct index_view *index, struct canvas *canvas, struct rect area, size_t at,
		    int64_t now);

#endif
