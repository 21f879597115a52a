/* What the files of the view of a draft share. Nobody else includes it.
 *	draft_view.c		what stands on the screen and in the draft, saved while one types
 *	draft_view_keys.c	where keys go, completion of addresses, the mouse
 *	draft_view_draw.c	the page and the line on top
 *	draft_view_left.c	letters that a dead tern left */
#ifndef UI_VIEW_DRAFT_VIEW_PRIVATE_H
#define UI_VIEW_DRAFT_VIEW_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/view/view.h"

struct address_book;
struct address_book_entry;
struct draft;
struct err;
struct key;
struct line_edit;
struct loop_timer;
struct text_edit;

#define DRAFT_CANDIDATES 6 /* addresses that are offered at once */

enum draft_field { FIELD_FROM, FIELD_TO, FIELD_CC, FIELD_BCC, FIELD_SUBJECT, FIELD_COUNT };

/* Where keys go. MENU: nowhere; letters are commands. */
enum draft_focus { FOCUS_FIELD, FOCUS_FILE, FOCUS_TEXT, FOCUS_MENU };

struct draft_view {
	struct view view;
	struct draft *draft;
	struct line_edit *fields[FIELD_COUNT];
	struct text_edit *text;
	enum draft_focus focus;
	size_t at; /* which field or file */
	uint64_t saved_revision;
	bool is_changed, is_done, has_failed;
	int64_t changed_ms, last_key_ms; /* first change since the last saving; last key */
	struct loop_timer *tick;
	struct address_book *book;
	const struct address_book_entry *found[DRAFT_CANDIDATES];
	size_t found_count, found_at;
	bool was_chosen; /* by an arrow: Enter takes it */
	struct rect area;
	int field_rows[FIELD_COUNT]; /* where they were drawn, -1: not */
	int files_row, text_row;
};

static inline struct draft_view *draft_view_of(const struct view *view)
{
	return (struct draft_view *)view;
}

/* --- draft_view.c --- */
extern const char *const draft_view_labels[FIELD_COUNT]; /* N_() */

/* --- draft_view_keys.c --- */
void draft_view_to_first_empty(struct draft_view *view);
int draft_view_key(struct view *base, const struct key *key);
void draft_view_mouse(struct view *base, const struct key *key);
int draft_view_find(struct view *base, const char *text, bool backwards, struct err *err);
void draft_view_move(struct view *base, int lines);
void draft_view_move_page(struct view *base, int half_pages);
void draft_view_move_end(struct view *base, bool to_last);

/* --- draft_view_draw.c --- */
void draft_view_draw(struct view *base, struct canvas *canvas, struct rect area);
void draft_view_title(struct view *base, struct buf *left, struct buf *right);

#endif
