/* What a server has lost is not thrown away here with the row: a copy stays in a Maildir of its own. */
#include "config.h"
#include "store/mail/remote_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/path.h"
#include "store/box/box.h"
#include "store/mail/change.h"
#include "store/mail/folder.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "store/mail/store_inside.h"

char *remote_rescue_path(const struct store *store)
{
	char *all = path_in(PATH_DATA, "rescued");
	char *path = path_join(all, store->account->name);

	free(all);
	return path;
}

static int copy_bytes(const char *from, const char *to, struct err *err)
{
	struct file_view view;
	int rc;

	if (file_view_open(&view, from, err) < 0)
		return -1;
	rc = file_replace(to, view.data, view.len, err);
	file_view_close(&view);
	return rc;
}

static int keep_file(const char *from, const char *box, struct err *err)
{
	char *dir = path_join(box, "cur");
	char *to = path_join(dir, path_base(from));
	int rc = path_exists(box) ? 0 : folder_make_box(box, err);

	if (rc == 0 && link(from, to) < 0 && errno != EEXIST && errno != ENOENT)
		rc = copy_bytes(from, to, err);
	free(to);
	free(dir);
	return rc;
}

/* What lies there was to go in any case. */
static bool is_refuse(struct store *store, int64_t id, struct arena *arena)
{
	struct folder folder;

	return store_folder(store, id, arena, &folder, NULL) == 1 &&
	       (folder.role == ROLE_TRASH || folder.role == ROLE_JUNK);
}

int remote_rescue(struct store *store, const struct agreed *agreed, struct arena *arena, struct err *err)
{
	struct change_row row;
	struct buf path = BUF_INIT;
	int rc = agreed->message > 0 ? change_read(store, agreed->message, arena, &row, err) : 0;

	if (rc <= 0 || row.folder <= FOLDER_ALL || row.is_away || is_refuse(store, row.folder, arena))
		return rc < 0 ? -1 : 0;
	if (store_message_path(store, row.id, &path, NULL) == 0) {
		char *box = remote_rescue_path(store);

		rc = keep_file(buf_str(&path), box, err);
		store->rescued += rc == 0;
		free(box);
	}
	buf_free(&path);
	return rc < 0 ? -1 : 0;
}

size_t remote_rescued(struct store *store)
{
	size_t count = store->rescued;

	store->rescued = 0;
	return count;
}
