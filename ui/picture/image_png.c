/* PNG, by libpng's simplified interface: nothing is decoded before the size is known. */
#include "config.h"

#include "ui/picture/image.h"

#ifdef HAVE_PNG
#include <png.h>
#include <string.h>

enum picture_fault image_png(const unsigned char *bytes, size_t len,
			     const struct image_limits *limits, struct image *image)
{
	png_image png;
	enum picture_fault fault;

	memset(&png, 0, sizeof png);
	png.version = PNG_IMAGE_VERSION;
	if (!png_image_begin_read_from_memory(&png, bytes, len))
		return PICTURE_BROKEN;
	png.format = PNG_FORMAT_RGBA;
	fault = image_take(image, png.width, png.height, limits);
	if (!fault && !png_image_finish_read(&png, NULL, image->points, 0, NULL))
		fault = PICTURE_BROKEN;
	png_image_free(&png);
	return fault;
}
#endif
