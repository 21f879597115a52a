/* What all simple lists have alike: a cursor on rows of one line each, moving, paging, the ends,
 * the mouse, "/", and the cursor kept in sight. A list view has a list_cursor as its first member
 * and puts these functions into its view_class. (The index is no simple list: its rows come and go
 * by the window.) */
#ifndef UI_VIEW_LIST_CURSOR_H
#define UI_VIEW_LIST_CURSOR_H

#include <stdbool.h>

#include "ui/view/view.h"

struct list_class {
	long (*count)(const struct view *view); /* rows there are now */
	/* The cursor stands elsewhere. NULL: nobody wants to know. */
	void (*moved)(struct view *view);
	/* A click where the cursor already stood. NULL: nothing. */
	void (*open)(struct view *view);
	/* Does row AT hold the case-folded text? NULL: no list_cursor_find. */
	bool (*has)(const struct view *view, long at, const char *folded);
};

struct list_cursor {
	struct view view;
	const struct list_class *list;
	long at, top;	  /* the row under the cursor, and the first one on the screen */
	struct rect area; /* of the rows, as they were drawn last */
};

/* To row AT, or the nearest one that there is. */
void list_cursor_go(struct view *view, long at);
/* Before drawing the rows into AREA: chooses the first one, so that the cursor is to be seen with
 * the BELOW more lines that its row takes. */
void list_cursor_show(struct list_cursor *cursor, struct rect area, int below);

/* For view_class. */
void list_cursor_move(struct view *view, int lines);
void list_cursor_page(struct view *view, int half_pages);
void list_cursor_end(struct view *view, bool to_last);
void list_cursor_mouse(struct view *view, const struct key *key);
int list_cursor_find(struct view *view, const char *text, bool backwards, struct err *err);

#endif
