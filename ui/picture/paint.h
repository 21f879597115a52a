/* Points made into what a terminal shows (door: libchafa). Only tern-image does this, shut in. */
#ifndef UI_PICTURE_PAINT_H
#define UI_PICTURE_PAINT_H

#include "ui/picture/picture.h"

struct image;

/* What the library reads from files or makes once: before the sandbox. */
void paint_prepare(void);
/* IMAGE, which may be made smaller, in the place that WISH gives it. NULL: it cannot be shown so. */
struct picture *paint(struct image *image, const struct picture_wish *wish);

#endif
