#include "config.h"
#include "ui/shell/save_parts.h"

#include <stdlib.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mime/mime.h"
#include "ui/render/open_with.h"
#include "ui/shell/shell.h"

#define OUTPUT_PIECE 65536

static int nobody_takes_it(struct err *err)
{
	return err_set(err, _("the output cannot be written"));
}

static int print_more(void *arg, const char *bytes, size_t len)
{
	struct buf *out = arg;

	buf_add(out, bytes, len);
	return out->len >= OUTPUT_PIECE && shell_print(out) != 0 ? -1 : 0;
}

int save_parts_print(const struct mime_message *message, const char *path, struct err *err)
{
	const struct mime_part *part = mime_find(message, path);
	struct buf out = BUF_INIT;
	int rc;

	if (!part)
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no part \"%s\"."), path);
	rc = mime_decode_body_to(part, print_more, &out);
	if (rc == 0 && shell_print(&out) != 0)
		rc = -1;
	buf_free(&out);
	return rc < 0 ? nobody_takes_it(err) : 0;
}

static int save_one(const struct mime_part *part, const char *dir, struct err *err)
{
	struct buf line = BUF_INIT;
	char *path = open_with_save_in(part, dir, err);
	int rc;

	if (!path)
		return -1;
	if (part->is_damaged)
		shell_say("show", _("\"%s\" is saved as it came: it was damaged or cut on its way."), path);
	buf_add_str(&line, path);
	buf_add_char(&line, '\n');
	rc = shell_print(&line);
	buf_free(&line);
	free(path);
	return rc ? nobody_takes_it(err) : 0;
}

int save_parts_into(const struct mime_message *message, const char *dir, struct err *err)
{
	const struct mime_part *part;
	int rc = 0;

	for (part = &message->root; part && rc == 0; part = mime_next(part))
		if (mime_is_attachment(message, part))
			rc = save_one(part, dir, err);
	return rc;
}
