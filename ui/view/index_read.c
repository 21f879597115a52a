#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/mail/many.h"
#include "ui/command/app.h"
#include "ui/view/folder_list.h"
#include "ui/view/index_private.h"

/* An error that comes with every look is told once. */
void index_complain_once(struct index_view *index, const struct err *err)
{
	if (err->kind == ERR_TEMPORARY)
		return;
	if (index->complained && !strcmp(index->complained, err->text))
		return;
	free(index->complained);
	index->complained = mem_strdup(err->text);
	app_complain(index->view.app, err);
}

static void count_all_folders(struct index_view *index, struct store *store, struct arena *arena)
{
	struct folder *folders;
	size_t count;
	if (store_folders(store, arena, &folders, &count, NULL))
		return;
	for (size_t i = 0; i < count; i++) {
		index->total += folders[i].total;
		index->unread += folders[i].unread;
	}
}

static void count_member(struct index_view *index, size_t at, struct arena *arena)
{
	struct folder folder;
	int64_t id;
	struct store *store = many_member(index->many, at, &id);
	if (!id) {
		count_all_folders(index, store, arena);
	} else if (store_folder(store, id, arena, &folder, NULL) == 1) {
		index->total += folder.total;
		index->unread += folder.unread;
	}
}

static void read_counts(struct index_view *index)
{
	struct arena *arena = arena_new();
	index->total = index->unread = 0;
	for (size_t i = 0; i < many_count(index->many); i++)
		count_member(index, i, arena);
	arena_free(&arena);
	struct store_view view = index_store_view(index);
	if (index->query && many_counts(index->many, &view, &index->matching, NULL, 0, NULL))
		index->matching = -1;
}

/* Rows as the store has them now. What cannot be read this time is tried at the next look. */
void index_refresh(struct index_view *index)
{
	index_follow(index);
	if (!index->is_stale)
		return;
	struct err err = ERR_INIT;
	int64_t version = many_data_version(index->many);
	if (index_reload(index, &err)) {
		index_complain_once(index, &err);
		return;
	}
	index->version = version;
	index->read_at_ms = loop_now_ms();
	read_counts(index);
	index_look_on(index);
}

void index_look(void *arg)
{
	struct index_view *index = arg;
	struct app *app = index->view.app;
	index->timer = loop_add_timer(app->loop, "index", INDEX_LOOK_MS, index_look, index);
	app_look_for_inbox(app); /* before a row of all folders is shown in its stead */
	if (many_data_version(index->many) != index->version)
		index->is_stale = true;
	bool is_on_top = app_top(app) == &index->view;
	bool folders_changed = is_on_top && folder_list_look(index->folders);
	if (is_on_top && (index->is_stale || folders_changed))
		index_changed(index);
}
