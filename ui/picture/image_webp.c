/* WebP, by libwebp. */
#include "config.h"

#include "ui/picture/image.h"

#ifdef HAVE_WEBP
#include <webp/decode.h>

enum picture_fault image_webp(const unsigned char *bytes, size_t len,
			      const struct image_limits *limits, struct image *image)
{
	enum picture_fault fault;
	int width, height;
	size_t size;

	if (!WebPGetInfo(bytes, len, &width, &height))
		return PICTURE_BROKEN;
	fault = image_take(image, (size_t)width, (size_t)height, limits);
	size = (size_t)width * (size_t)height * 4;
	if (!fault && !WebPDecodeRGBAInto(bytes, len, image->points, size, width * 4))
		fault = PICTURE_BROKEN;
	return fault;
}
#endif
