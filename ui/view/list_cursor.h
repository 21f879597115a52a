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
	/* One row, for list_cursor_draw; the cursor is laid over it. */
	void (*draw_row)(struct view *view, struct canvas *canvas, struct rect row, long at);
	/* The cursor stands elsewhere. NULL: nobody wants to know. */
	void (*moved)(struct view *view);
	const char *opens; /* the command of a click where the cursor already stood. NULL: none */
	/* Does row AT hold the case-folded text? NULL: no list_cursor_find. */
	bool (*has)(const struct view *view, long at, const char *folded);
};

struct list_cursor {
	struct view view;
	const struct list_class *list;
	long at, top;	  /* the row under the cursor, and the first one on the screen */
	struct rect area; /* of the rows, as they were drawn last */
};

void list_cursor_begin(struct list_cursor *cursor, struct app *app, const struct view_class *class,
		       const struct list_class *list);
/* To row AT, or the nearest one that there is. */
void list_cursor_go(struct view *view, long at);
/* Before drawing the rows into AREA: chooses the first one, so that the cursor is to be seen with
 * the BELOW more lines that its row takes. */
void list_cursor_show(struct list_cursor *cursor, struct rect area, int below);
/* The rows that AREA has room for, and the cursor on them. */
void list_cursor_draw(struct list_cursor *cursor, struct canvas *canvas, struct rect area);
/* The cursor over a row that was drawn by other means. */
void list_cursor_mark(struct canvas *canvas, struct rect row);

/* For view_class: these, or all of them by LIST_CURSOR_WAYS. */
void list_cursor_move(struct view *view, int lines);
void list_cursor_page(struct view *view, int half_pages);
void list_cursor_end(struct view *view, bool to_last);
void list_cursor_mouse(struct view *view, const struct key *key);
int list_cursor_find(struct view *view, const char *text, bool backwards, struct err *err);

#define LIST_CURSOR_WAYS \
	.mouse = list_cursor_mouse, .move = list_cursor_move, .move_page = list_cursor_page, \
	.move_end = list_cursor_end, .find = list_cursor_find

#endif
