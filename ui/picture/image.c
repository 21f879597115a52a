#include "config.h"

#include "ui/picture/image.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/mem.h"

#define POINT 4
#define SIDE_MAX 65535

void image_free(struct image *image)
{
	free(image->points);
	image->points = NULL;
}

enum picture_fault image_take(struct image *image, size_t width, size_t height,
			      const struct image_limits *limits)
{
	if (!width || !height)
		return PICTURE_BROKEN;
	if (width > SIDE_MAX || height > SIDE_MAX || width * height > limits->points)
		return PICTURE_TOO_BIG;
	image->width = image->full_width = (int)width;
	image->height = image->full_height = (int)height;
	image->points = mem_calloc(width * height, POINT);
	return PICTURE_OK;
}

/* --- formats --- */

static const struct {
	const char *magic;
	size_t len, at;
	image_decoder *decode;
} formats[] = {
#ifdef HAVE_PNG
	{"\x89PNG\r\n\x1a\n", 8, 0, image_png},
#endif
#ifdef HAVE_JPEG
	{"\xff\xd8\xff", 3, 0, image_jpeg},
#endif
#ifdef HAVE_GIF
	{"GIF87a", 6, 0, image_gif},
	{"GIF89a", 6, 0, image_gif},
#endif
#ifdef HAVE_WEBP
	{"WEBP", 4, 8, image_webp},
#endif
	{"", 0, 0, NULL},
};

enum picture_fault image_decode(const unsigned char *bytes, size_t len,
				const struct image_limits *limits, struct image *image)
{
	enum picture_fault fault;

	*image = (struct image){.points = NULL};
	for (size_t i = 0; formats[i].decode; i++) {
		if (len < formats[i].at + formats[i].len ||
		    memcmp(bytes + formats[i].at, formats[i].magic, formats[i].len))
			continue;
		fault = formats[i].decode(bytes, len, limits, image);
		if (fault)
			image_free(image);
		return fault;
	}
	return PICTURE_UNKNOWN;
}

/* --- smaller --- */

struct sum {
	uint64_t colour[3], weight, count;
};

static void add_point(struct sum *sum, const unsigned char *point)
{
	for (int i = 0; i < 3; i++)
		sum->colour[i] += (uint64_t)point[i] * point[3];
	sum->weight += point[3];
	sum->count++;
}

/* The mean of the points that fall into one. */
static void put_mean(const struct image *from, int width, int height, int x, int y, unsigned char *out)
{
	int left = (int)((int64_t)x * from->width / width);
	int right = (int)((int64_t)(x + 1) * from->width / width);
	int top = (int)((int64_t)y * from->height / height);
	int bottom = (int)((int64_t)(y + 1) * from->height / height);
	struct sum sum = {.count = 0};

	for (int row = top; row < bottom; row++)
		for (int column = left; column < right; column++)
			add_point(&sum, from->points + ((size_t)row * (size_t)from->width + (size_t)column) * POINT);
	for (int i = 0; i < 3; i++)
		out[i] = (unsigned char)(sum.weight ? sum.colour[i] / sum.weight : 0);
	out[3] = (unsigned char)(sum.count ? sum.weight / sum.count : 0);
}

static void shrink_to(struct image *image, int width, int height)
{
	unsigned char *points = mem_calloc((size_t)width * (size_t)height, POINT), *out = points;

	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++, out += POINT)
			put_mean(image, width, height, x, y, out);
	free(image->points);
	image->points = points;
	image->width = width;
	image->height = height;
}

void image_shrink(struct image *image, int width, int height)
{
	int64_t w = image->width, h = image->height;

	if (w > width) {
		h = h * width / w;
		w = width;
	}
	if (h > height) {
		w = w * height / h;
		h = height;
	}
	w = w < 1 ? 1 : w;
	h = h < 1 ? 1 : h;
	if (w < image->width || h < image->height)
		shrink_to(image, (int)w, (int)h);
}

/* --- turned --- */

void image_turn(struct image *image, int orientation)
{
	bool swaps = orientation >= 5, from_right = orientation == 2 || orientation == 3 ||
						    orientation == 7 || orientation == 8;
	bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
	int width = swaps ? image->height : image->width, height = swaps ? image->width : image->height;
	uint32_t *from = (uint32_t *)(void *)image->points, *points;

	if (orientation < 2 || orientation > 8)
		return;
	points = mem_calloc((size_t)width * (size_t)height, POINT);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++) {
			int column = swaps ? y : x, row = swaps ? x : y;

			column = from_right ? image->width - 1 - column : column;
			row = from_below ? image->height - 1 - row : row;
			points[(size_t)y * (size_t)width + (size_t)x] =
				from[(size_t)row * (size_t)image->width + (size_t)column];
		}
	free(image->points);
	*image = (struct image){
		.width = width,
		.height = height,
		.full_width = swaps ? image->full_height : image->full_width,
		.full_height = swaps ? image->full_width : image->full_height,
		.points = (unsigned char *)points,
	};
}
