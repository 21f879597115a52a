/* What stands on the screen: a stack of views, the top one draws. A view owns its rows and its cursor; it
 * asks the store for what it shows and nothing more. Keys become commands (ui/command); a view sees raw
 * keys only when it takes text. */
#ifndef UI_VIEW_VIEW_H
#define UI_VIEW_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/input/view_kind.h"
#include "ui/screen/canvas.h"

struct app;
struct arena;
struct buf;
struct err;
struct key;
struct notice;
struct view;

/* What a command works on: the messages of a view (tagged ones, or the current one). */
struct target {
	const char *account; /* name, lent */
	int64_t *ids;	     /* in the caller's arena */
	int count;
	bool is_tagged;
	struct target *next; /* those of another account, or NULL */
};

struct view_class {
	enum view_kind kind;
	const char *name;  /* keymap section: "index", "reader" ... */
	const char *title; /* N_() */
	void (*free)(struct view *view);
	void (*draw)(struct view *view, struct canvas *canvas, struct rect area);
	/* The line on top, left and right piece. */
	void (*title_line)(struct view *view, struct buf *left, struct buf *right);
	/* Raw key before the keymap: 1 taken, 0 not. NULL: never. */
	int (*key)(struct view *view, const struct key *key);
	/* Mouse in the view's own area. NULL: ignored. */
	void (*mouse)(struct view *view, const struct key *key);
	/* Moving: lines (sign is the direction), pages, ends. Shared movement commands call these. */
	void (*move)(struct view *view, int lines);
	void (*move_page)(struct view *view, int half_pages);
	void (*move_end)(struct view *view, bool to_last);
	/* Search in the view: the text of "/"; 1 found, 0 not, -1 error. */
	int (*find)(struct view *view, const char *text, bool backwards, struct err *err);
	/* 1 when there is something to work on. NULL: never. */
	int (*target)(struct view *view, bool tagged_if_any, struct arena *arena,
		      struct target *target);
	/* News came, or rows may have changed. */
	void (*notice)(struct view *view, const struct notice *notice);
	void (*resumed)(struct view *view); /* on top again */
	/* May it close? false with ERR told (a draft asks first). NULL: yes. */
	bool (*may_close)(struct view *view, struct err *err);
};

struct view {
	const struct view_class *class;
	struct app *app;
	bool is_dirty;
};

#endif
