/* Images decoded to points, each format behind its library's door. Only tern-image does this, shut in. */
#ifndef UI_PICTURE_IMAGE_H
#define UI_PICTURE_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "ui/picture/picture.h"

struct image {
	int width, height;
	int full_width, full_height; /* before a decoder made it smaller */
	unsigned char *points;	     /* red, green, blue, opacity; row by row from the top */
};

struct image_limits {
	size_t points;	   /* that the header may announce */
	int width, height; /* more than this need not be decoded, where a decoder can do less */
};

/* The format is told by the first bytes, never by a name. Free with image_free. */
enum picture_fault image_decode(const unsigned char *bytes, size_t len,
				const struct image_limits *limits, struct image *image);
void image_free(struct image *image);
/* Sets the sizes and takes the memory; PICTURE_TOO_BIG when the header asks for more than LIMITS. */
enum picture_fault image_take(struct image *image, size_t width, size_t height,
			      const struct image_limits *limits);
/* At most WIDTH x HEIGHT points, the proportions kept; never larger than it was. */
void image_shrink(struct image *image, int width, int height);
/* Turned and mirrored as EXIF says (1 to 8). */
void image_turn(struct image *image, int orientation);

/* The decoders, for the table. */
typedef enum picture_fault image_decoder(const unsigned char *bytes, size_t len,
					 const struct image_limits *limits, struct image *image);
image_decoder image_gif, image_jpeg, image_png, image_webp;

#endif
