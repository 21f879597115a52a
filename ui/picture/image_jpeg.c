/* JPEG, by libjpeg: made smaller while it is decoded, and turned as the camera was held. */
#include "config.h"

#include "ui/picture/image.h"

#ifdef HAVE_JPEG
#include <stdio.h>

#include <jpeglib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/mem.h"

#define SCALES 8 /* an eighth is the smallest */

/* libjpeg wants to be left by a jump; this program shows one image and may as well end. */
static void fail(j_common_ptr jpeg)
{
	(void)jpeg;
	_exit(PICTURE_BROKEN);
}

static void say_nothing(j_common_ptr jpeg, int level)
{
	(void)jpeg;
	(void)level;
}

/* --- EXIF: the one number of it that matters --- */

struct exif {
	const unsigned char *at;
	size_t len;
	bool is_little;
};

static unsigned exif_number(const struct exif *exif, size_t at, size_t size)
{
	unsigned number = 0;

	if (at > exif->len || exif->len - at < size)
		return 0;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | exif->at[exif->is_little ? at + size - 1 - i : at + i];
	return number;
}

static int orientation_of(j_decompress_ptr jpeg)
{
	struct exif exif = {NULL, 0, false};
	size_t list, count;

	for (jpeg_saved_marker_ptr m = jpeg->marker_list; m && !exif.at; m = m->next)
		if (m->data_length > 14 && !memcmp(m->data, "Exif\0\0", 6))
			exif = (struct exif){m->data + 6, m->data_length - 6, m->data[6] == 'I'};
	list = exif_number(&exif, 4, 4);
	count = exif_number(&exif, list, 2);
	for (size_t i = 0; i < count && i < 100; i++)
		if (exif_number(&exif, list + 2 + i * 12, 2) == 0x112)
			return (int)exif_number(&exif, list + 2 + i * 12 + 8, 2);
	return 1;
}

/* --- points --- */

static void put_line(const unsigned char *line, int width, unsigned char *out)
{
	for (int x = 0; x < width; x++, line += 3, out += 4) {
		memcpy(out, line, 3);
		out[3] = 255;
	}
}

/* Ink, turned over as all programs write it: light is what the colour and the black let through. */
static void put_ink_line(const unsigned char *line, int width, unsigned char *out)
{
	for (int x = 0; x < width; x++, line += 4, out += 4) {
		for (int i = 0; i < 3; i++)
			out[i] = (unsigned char)(line[i] * line[3] / 255);
		out[3] = 255;
	}
}

static void read_lines(j_decompress_ptr jpeg, struct image *image)
{
	unsigned char *line = mem_calloc(jpeg->output_width, 4);
	bool is_ink = jpeg->out_color_space == JCS_CMYK;

	while (jpeg->output_scanline < jpeg->output_height) {
		unsigned char *out =
			image->points + (size_t)jpeg->output_scanline * (size_t)image->width * 4;

		jpeg_read_scanlines(jpeg, &line, 1);
		(is_ink ? put_ink_line : put_line)(line, image->width, out);
	}
	free(line);
}

/* The smallest that still holds what is asked for. */
static unsigned scale_for(const struct jpeg_decompress_struct *jpeg, const struct image_limits *limits)
{
	int longest = limits->width > limits->height ? limits->width : limits->height;
	unsigned scale = 1;

	while (scale < SCALES && (int)(jpeg->image_width * scale / SCALES) < longest &&
	       (int)(jpeg->image_height * scale / SCALES) < longest)
		scale *= 2;
	return scale;
}

static enum picture_fault read_image(j_decompress_ptr jpeg, const struct image_limits *limits, struct image *image)
{
	size_t width, height;
	enum picture_fault fault;
	bool is_ink;

	jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);
	jpeg_read_header(jpeg, TRUE);
	width = jpeg->image_width;
	height = jpeg->image_height;
	if (width * height > limits->points)
		return PICTURE_TOO_BIG;
	is_ink = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
	jpeg->out_color_space = is_ink ? JCS_CMYK : JCS_RGB;
	jpeg->scale_num = scale_for(jpeg, limits);
	jpeg->scale_denom = SCALES;
	jpeg_start_decompress(jpeg);
	fault = image_take(image, jpeg->output_width, jpeg->output_height, limits);
	if (fault)
		return fault;
	image->full_width = (int)width;
	image->full_height = (int)height;
	read_lines(jpeg, image);
	image_turn(image, orientation_of(jpeg));
	return PICTURE_OK;
}

enum picture_fault image_jpeg(const unsigned char *bytes, size_t len,
			      const struct image_limits *limits, struct image *image)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	enum picture_fault fault;

	jpeg.err = jpeg_std_error(&errors);
	errors.error_exit = fail;
	errors.emit_message = say_nothing;
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, bytes, len);
	fault = read_image(&jpeg, limits, image);
	jpeg_destroy_decompress(&jpeg);
	return fault;
}
#endif
