/* Pictures on terminals that show more than cells: what a terminal can is asked once, without waiting for the answer;
 * the escapes around a picture's bytes are made here, for ui/screen/term alone. */
#ifndef UI_SCREEN_GRAPHICS_H
#define UI_SCREEN_GRAPHICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/screen/canvas.h"

struct buf;

struct graphics_slot {
	bool is_used, is_kitty;
	struct rect area;
	uint64_t digest;
};

struct graphics {
	bool has_sixel, has_kitty;
	int cell_width, cell_height; /* in points; 0: nobody said */
	bool has_asked;		     /* no answer yet */
	struct graphics_slot slots[CANVAS_PICTURES_MAX]; /* what stands on the screen */
};

/* By the environment and the terminal's size in points; appends the questions for the rest. */
void graphics_ask(struct graphics *graphics, struct buf *out);
/* The size of the terminal, from the kernel (0: it does not know). */
void graphics_set_size(struct graphics *graphics, int columns, int rows, int width, int height);
/* Is the sequence BYTES an answer? *IS_NEWS: more can be shown than was thought. */
bool graphics_hear(struct graphics *graphics, const char *bytes, size_t len, bool *is_news);
/* Takes away what is not on CANVAS: for each, *GONE is called with its area, to be drawn again. */
void graphics_remove_old(struct graphics *graphics, const struct canvas *canvas, struct buf *out,
			 void (*gone)(void *arg, struct rect area), void *arg);
/* Puts up what is new; MOVE appends the way to a place. */
void graphics_add_new(struct graphics *graphics, const struct canvas *canvas, struct buf *out,
		      void (*move)(struct buf *out, int x, int y));
/* All cells are going to be written: what is wanted is put up anew. */
void graphics_forget(struct graphics *graphics);

#endif
