/* The pictures of one letter, made one after the other while the letter is read already. */
#ifndef UI_PICTURE_ALBUM_H
#define UI_PICTURE_ALBUM_H

#include <stdbool.h>

#include "ui/picture/picture.h"

struct album;
struct loop;
struct mime_part;

/* Of one letter; what goes beyond stays a line. */
#define ALBUM_MAX 30

/* An image and what has become of it; lives as long as the album. */
struct album_page {
	const struct mime_part *part;
	struct picture *cells;	 /* NULL: not there yet, or never */
	struct picture *graphic; /* the same in the same place, as sixels or by kitty's protocol; or NULL */
	const char *note;	 /* why it is not shown, or NULL */
	bool is_done;
};

/* CHANGED is called when a page has got something. */
struct album *album_new(struct loop *loop, void (*changed)(void *arg), void *arg);
void album_free(struct album **album);
/* The page of PART, an image, made if need be; PART's letter must live as long as the album. NULL: too many. */
struct album_page *album_page(struct album *album, const struct mime_part *part);
/* Starts what there is to do; another wish than before makes all pictures anew. */
void album_load(struct album *album, const struct picture_wish *wish);

#endif
