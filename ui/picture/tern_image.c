/* tern-image KIND COLUMNS ROWS CELL-WIDTH CELL-HEIGHT COLOURS ENCODING < BODY: an image as a terminal shows it
 * (ui/picture/picture.h). It reads its input, shuts itself in, and only then looks at it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/sandbox.h"
#include "store/base/str.h"
#include "store/mime/transfer.h"
#include "ui/picture/image.h"
#include "ui/picture/paint.h"
#include "ui/picture/picture.h"

#define INPUT_MAX  (64u << 20)
#define POINTS_MAX (40u * 1000 * 1000)
#define SIDE_MAX   8192 /* of the place for it, in points */

static bool number_of(const char *text, int max, int *number)
{
	long long value;

	if (str_to_long(text, &value) < 0 || value < 1 || value > max)
		return false;
	*number = (int)value;
	return true;
}

static bool read_wish(char **argv, struct picture_wish *wish)
{
	return picture_kind_find(argv[1], &wish->kind) &&
	       number_of(argv[2], PICTURE_COLUMNS_MAX, &wish->columns) &&
	       number_of(argv[3], PICTURE_ROWS_MAX, &wish->rows) &&
	       number_of(argv[4], 200, &wish->cell_width) && number_of(argv[5], 200, &wish->cell_height);
}

static bool read_input(struct buf *input)
{
	char piece[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof piece)) > 0 && input->len <= INPUT_MAX)
		buf_add(input, piece, (size_t)n);
	return n == 0;
}

static int take(void *arg, const char *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return 0;
}

static enum picture_fault show(const struct buf *bytes, const struct picture_wish *wish, struct buf *out)
{
	struct image_limits limits = {
		.points = POINTS_MAX,
		.width = wish->columns * wish->cell_width,
		.height = wish->rows * wish->cell_height,
	};
	struct image image;
	struct picture *picture;
	enum picture_fault fault;

	limits.width = limits.width > SIDE_MAX ? SIDE_MAX : limits.width;
	limits.height = limits.height > SIDE_MAX ? SIDE_MAX : limits.height;
	fault = image_decode((const unsigned char *)bytes->data, bytes->len, &limits, &image);
	if (fault)
		return fault;
	picture = paint(&image, wish);
	image_free(&image);
	if (!picture)
		return PICTURE_BROKEN;
	picture_write(picture, out);
	picture_free(&picture);
	return out->len > PICTURE_BYTES_MAX ? PICTURE_TOO_BIG : PICTURE_OK;
}

int main(int argc, char **argv)
{
	struct sandbox_limits limits = SANDBOX_LIMITS_INIT;
	struct buf body = BUF_INIT, bytes = BUF_INIT, out = BUF_INIT;
	struct picture_wish wish;
	enum picture_fault fault;

	if (argc != 8 || !read_wish(argv, &wish))
		return 2;
	wish.is_rgb = !strcmp(argv[6], "rgb");
	paint_prepare();
	sandbox_enter(&limits);
	fault = read_input(&body) ? PICTURE_OK : PICTURE_TOO_BIG;
	if (!fault) {
		transfer_decode(transfer_kind(argv[7]), (struct span){buf_str(&body), body.len}, take,
				&bytes);
		buf_free(&body);
		buf_add_char(&bytes, '\0'); /* never empty */
		fault = show(&bytes, &wish, &out);
	}
	if (fault) {
		buf_clear(&out);
		picture_write_fault(fault, &out);
	}
	_exit(file_write_fd(STDOUT_FILENO, out.data, out.len, NULL) < 0 ? PICTURE_BROKEN : (int)fault);
}
