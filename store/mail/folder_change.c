/* Folders renamed and removed, for accounts whose server hears of it later. */
#include "config.h"
#include "store/mail/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/folder.h"
#include "store/mail/index.h"
#include "store/mail/remote_inside.h"

static bool is_below(const char *name, const char *parent)
{
	size_t len = strlen(parent);

	return strncmp(name, parent, len) == 0 && name[len] == '/';
}

static int find(struct store *store, int64_t id, struct arena *arena, struct folder *folder, struct err *err)
{
	int rc = store_folder(store, id, arena, folder, err);

	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("This folder is gone."));
	if (rc == 1 && folder->role == ROLE_INBOX)
		return err_set_kind(err, ERR_DENIED, _("The inbox cannot be renamed or removed."));
	if (rc == 1 && store->account->is_read_only)
		return err_set_kind(err, ERR_DENIED, _("This mail is opened for reading only."));
	return rc < 0 ? -1 : 0;
}

/* --- another name --- */

struct renaming {
	struct store *store;
	struct folder folder;
	const char *name;
	char *path;
};

static int check_free(struct renaming *in, struct arena *arena, struct err *err)
{
	struct folder other;
	int rc = store_folder_by_name(in->store, in->name, arena, &other, err);

	if (rc < 0)
		return -1;
	if (rc == 1 || path_exists(in->path))
		return err_set_kind(err, ERR_EXISTS, _("There is a folder \"%s\" already."), in->name);
	if (is_below(in->name, in->folder.name))
		return err_set_kind(err, ERR_USAGE, _("A folder cannot be moved into itself."));
	return 0;
}

static int move_dir(const char *from, const char *to, struct err *err)
{
	char *parent = path_parent(to);
	int rc = path_make_dirs(parent, err);

	if (rc == 0 && rename(from, to) < 0)
		rc = err_errno(err, _("renaming \"%s\" to \"%s\""), from, to);
	if (rc == 0)
		rc = file_sync_dir(parent, err);
	free(parent);
	return rc;
}

static int write_name(struct store *store, int64_t id, const char *name, const char *path, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "UPDATE folder SET name = ?2, path = ?3,"
						   " revision = revision + 1 WHERE id = ?1");

	db_bind_int(stmt, 1, id);
	db_bind_text(stmt, 2, name);
	db_bind_text(stmt, 3, path);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* Those below it lie in it (and went along), or beside it (Maildir++). */
static int rename_below(struct renaming *in, const struct folder *below, struct err *err)
{
	char *name = mem_printf("%s%s", in->name, below->name + strlen(in->folder.name));
	char *path = folder_path_for(in->store->account, name);
	int rc = 0;

	if (!is_below(below->path, in->folder.path))
		rc = move_dir(below->path, path, err);
	if (rc == 0)
		rc = write_name(in->store, below->id, name, path, err);
	free(path);
	free(name);
	return rc;
}

static int rename_all(struct renaming *in, struct arena *arena, struct err *err)
{
	struct folder *folders;
	size_t count;

	if (store_folders(in->store, arena, &folders, &count, err) < 0 ||
	    move_dir(in->folder.path, in->path, err) < 0 ||
	    write_name(in->store, in->folder.id, in->name, in->path, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (is_below(folders[i].name, in->folder.name) && rename_below(in, &folders[i], err) < 0)
			return -1;
	return 0;
}

static int rename_locked(struct renaming *in, struct arena *arena, struct err *err)
{
	if (check_free(in, arena, err) < 0 || store_begin(in->store, err) < 0)
		return -1;
	if (rename_all(in, arena, err) == 0)
		return store_commit(in->store, err);
	store_rollback(in->store);
	return -1;
}

int store_folder_rename(struct store *store, int64_t id, const char *name, struct err *err)
{
	struct renaming in = {.store = store, .name = name};
	struct arena *arena = arena_new();
	int rc = -1;

	if (folder_check_new(store->account, name, err) == 0 && find(store, id, arena, &in.folder, err) == 0 &&
	    store_lock(store, err) == 0) {
		in.path = folder_path_for(store->account, name);
		rc = strcmp(name, in.folder.name) == 0 ? 0 : rename_locked(&in, arena, err);
		free(in.path);
		store_unlock(store);
	}
	arena_free(&arena);
	return rc;
}

/* --- away with it --- */

static void empty_dir(const char *path, const char *name)
{
	char *full = path_join(path, name);
	DIR *dir = opendir(full);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_type != DT_DIR)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(full);
	free(full);
}

static int remove_box(const char *path, struct err *err)
{
	char *parent = path_parent(path);
	int rc;

	empty_dir(path, "new");
	empty_dir(path, "tmp");
	empty_dir(path, "cur");
	rmdir(path); /* other things that lie in it stay, and are no mailbox */
	rc = file_sync_dir(parent, err);
	free(parent);
	return rc;
}

static int check_empty_below(struct store *store, const struct folder *folder, struct arena *arena,
			     struct err *err)
{
	struct folder *folders;
	size_t count;

	if (store_folders(store, arena, &folders, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (is_below(folders[i].name, folder->name))
			return err_set_kind(err, ERR_DENIED, _("There are folders below \"%s\"."),
					    folder->name);
	return 0;
}

/* What was moved out of it must not go with it. */
static int check_nothing_on_its_way(struct store *store, int64_t id, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT count(*) FROM message WHERE place = ?1 AND folder > 0 AND folder <> ?1");
	int64_t count;

	db_bind_int(stmt, 1, id);
	count = db_step_id(stmt, err);
	if (count > 0)
		return err_set_kind(err, ERR_TEMPORARY,
				    _("Messages are still being moved out of this folder; try again."));
	return count < 0 ? -1 : 0;
}

static int note_removal(struct store *store, int64_t id, struct err *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	if (remote_run(store, "UPDATE remote_folder SET is_removed = 1 WHERE folder = ?1 AND ?2 = 0", id, 0,
		       err) == 0 &&
	    remote_run(store,
		       "DELETE FROM remote_message WHERE folder = ?1 AND (message < ?2 OR message IN"
		       " (SELECT id FROM message WHERE folder = ?1))",
		       id, 0, err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

/* The server is told of the folder, not of each message in it. */
static int remove_locked(struct store *store, const struct folder *folder, struct arena *arena,
			 struct err *err)
{
	if (check_empty_below(store, folder, arena, err) < 0 || store_carry_out(store, err) < 0 ||
	    check_nothing_on_its_way(store, folder->id, err) < 0 || note_removal(store, folder->id, err) < 0)
		return -1;
	if (remove_box(folder->path, err) < 0)
		return -1;
	return index_drop_folder(store, folder->id, err);
}

int store_folder_remove(struct store *store, int64_t id, struct err *err)
{
	struct arena *arena = arena_new();
	struct folder folder;
	int rc = -1;

	if (find(store, id, arena, &folder, err) == 0 && store_lock(store, err) == 0) {
		rc = remove_locked(store, &folder, arena, err);
		store_unlock(store);
	}
	arena_free(&arena);
	return rc;
}
