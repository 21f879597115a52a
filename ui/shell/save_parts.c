#include "config.h"
#include "ui/shell/save_parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/boxes.h"
#include "ui/render/save_batch.h"
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

/* Files on their way into one folder, and the paths that are said once they are there to stay. */
struct saving {
	struct save_batch *batch;
	bool is_damaged[SAVE_BATCH_MAX];
	size_t at; /* the next one that is made sure of */
	struct buf paths;
};

static int settle(struct saving *saving, struct err *err)
{
	char *path;
	int rc;

	while ((rc = save_batch_settle(saving->batch, &path, err)) == 1) {
		if (saving->is_damaged[saving->at++])
			shell_say("show", _("\"%s\" is saved as it came: it was damaged or cut on its way."), path);
		buf_add_str(&saving->paths, path);
		buf_add_char(&saving->paths, '\n');
		free(path);
	}
	saving->at = rc == 0 ? 0 : saving->at + 1;
	if (rc == 0 && shell_print(&saving->paths) != 0)
		return nobody_takes_it(err);
	return rc;
}

static int save_one(struct saving *saving, const struct mime_part *part, struct err *err)
{
	size_t waiting = save_batch_waiting(saving->batch);

	if (save_batch_add(saving->batch, part, err) < 0)
		return -1;
	saving->is_damaged[waiting] = part->is_damaged;
	return waiting + 1 == SAVE_BATCH_MAX ? settle(saving, err) : 0;
}

static bool is_letter(const struct mime_part *part)
{
	return part->first_child && str_starts(part->type, "message/");
}

static bool is_in_letter(const struct mime_part *part)
{
	while ((part = part->parent))
		if (is_letter(part))
			return true;
	return false;
}

/* Words of a letter, and no file that somebody attached to it. */
static bool is_its_text(const struct mime_part *part)
{
	bool is_attached = part->disposition && !strcmp(part->disposition, "attachment");

	return str_starts(part->type, "text/") && !part->filename && !is_attached;
}

/* An attached letter is one file, and its text is in there; files that it brings are wanted by themselves too. */
static bool is_wanted(const struct mime_message *message, const struct mime_part *part)
{
	if (is_letter(part))
		return !is_in_letter(part);
	if (boxes_is_around_files(part) || (is_its_text(part) && is_in_letter(part)))
		return false;
	return mime_is_attachment(message, part);
}

int save_parts_into(const struct mime_message *message, const char *dir, struct err *err)
{
	struct saving saving = {.batch = save_batch_new(dir)};
	const struct mime_part *part;
	int rc = 0;

	for (part = &message->root; part && rc == 0; part = mime_next(part))
		if (is_wanted(message, part))
			rc = save_one(&saving, part, err);
	/* what was written before something failed is saved still */
	if (settle(&saving, rc < 0 ? NULL : err) < 0)
		rc = -1;
	save_batch_free(&saving.batch);
	buf_free(&saving.paths);
	return rc;
}
