/* GIF, by giflib: the first picture of it. */
#include "config.h"

#include "ui/picture/image.h"

#ifdef HAVE_GIF
#include <gif_lib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/mem.h"

struct source {
	const unsigned char *at;
	size_t left;
};

static int read_some(GifFileType *gif, GifByteType *out, int want)
{
	struct source *source = gif->UserData;
	size_t n = (size_t)want < source->left ? (size_t)want : source->left;

	memcpy(out, source->at, n);
	source->at += n;
	source->left -= n;
	return (int)n;
}

static void put_line(const GifFileType *gif, const GifPixelType *line, int row, int through,
		     struct image *image)
{
	const ColorMapObject *map = gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
	int y = gif->Image.Top + row;

	for (int i = 0; i < gif->Image.Width && map; i++) {
		int x = gif->Image.Left + i;
		unsigned char *out;

		if (x >= image->width || y >= image->height || line[i] == through ||
		    line[i] >= map->ColorCount)
			continue;
		out = image->points + ((size_t)y * (size_t)image->width + (size_t)x) * 4;
		out[0] = map->Colors[line[i]].Red;
		out[1] = map->Colors[line[i]].Green;
		out[2] = map->Colors[line[i]].Blue;
		out[3] = 255;
	}
}

static const int pass_from[] = {0, 4, 2, 1}, pass_step[] = {8, 8, 4, 2};

static bool read_lines(GifFileType *gif, int through, struct image *image)
{
	GifPixelType *line = mem_calloc((size_t)gif->Image.Width + 1, 1);
	int passes = gif->Image.Interlace ? 4 : 1;
	bool is_good = true;

	for (int pass = 0; pass < passes && is_good; pass++) {
		int row = passes > 1 ? pass_from[pass] : 0, step = passes > 1 ? pass_step[pass] : 1;

		for (; row < gif->Image.Height && is_good; row += step) {
			is_good = DGifGetLine(gif, line, gif->Image.Width) == GIF_OK;
			if (is_good)
				put_line(gif, line, row, through, image);
		}
	}
	free(line);
	return is_good;
}

static bool read_extension(GifFileType *gif, int *through)
{
	GraphicsControlBlock block;
	GifByteType *bytes;
	int code;

	if (DGifGetExtension(gif, &code, &bytes) == GIF_ERROR)
		return false;
	if (bytes && code == GRAPHICS_EXT_FUNC_CODE &&
	    DGifExtensionToGCB(bytes[0], bytes + 1, &block) == GIF_OK)
		*through = block.TransparentColor;
	while (bytes)
		if (DGifGetExtensionNext(gif, &bytes) == GIF_ERROR)
			return false;
	return true;
}

static enum picture_fault read_first(GifFileType *gif, const struct image_limits *limits,
				     struct image *image)
{
	GifRecordType record;
	int through = NO_TRANSPARENT_COLOR;
	enum picture_fault fault;

	while (DGifGetRecordType(gif, &record) == GIF_OK && record != TERMINATE_RECORD_TYPE) {
		if (record == EXTENSION_RECORD_TYPE && !read_extension(gif, &through))
			return PICTURE_BROKEN;
		if (record != IMAGE_DESC_RECORD_TYPE)
			continue;
		if (DGifGetImageDesc(gif) == GIF_ERROR || gif->Image.Width < 1 || gif->Image.Height < 1)
			return PICTURE_BROKEN;
		fault = image_take(image, (size_t)(gif->SWidth ? gif->SWidth : gif->Image.Width),
				   (size_t)(gif->SHeight ? gif->SHeight : gif->Image.Height), limits);
		if (fault)
			return fault;
		if ((size_t)gif->Image.Width * (size_t)gif->Image.Height > limits->points)
			return PICTURE_TOO_BIG;
		return read_lines(gif, through, image) ? PICTURE_OK : PICTURE_BROKEN;
	}
	return PICTURE_BROKEN;
}

enum picture_fault image_gif(const unsigned char *bytes, size_t len,
			     const struct image_limits *limits, struct image *image)
{
	struct source source = {bytes, len};
	GifFileType *gif = DGifOpen(&source, read_some, NULL);
	enum picture_fault fault;

	if (!gif)
		return PICTURE_BROKEN;
	fault = read_first(gif, limits, image);
	DGifCloseFile(gif, NULL);
	return fault;
}
#endif
