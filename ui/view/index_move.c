#include "config.h"

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/mail/many.h"
#include "ui/view/index_private.h"
#include "ui/view/index_view.h"

#define STEP_MAX	20000 /* rows walked for the next thread */

void index_move_by(struct view *view, int lines)
{
	index_refresh(index_of(view));
	index_move(index_of(view), lines);
	index_changed(index_of(view));
}

/* The screen moves with the cursor, as pages do on paper. */
void index_move_page(struct view *view, int half_pages)
{
	struct index_view *index = index_of(view);
	long height = index->height > 1 ? index->height : 2;
	long lines = half_pages * height / 2;
	index_refresh(index);
	long before = index->cursor - index->top;
	index_move(index, lines);
	index->top = index->cursor - before;
	index_changed(index);
}

void index_move_end(struct view *view, bool to_last)
{
	struct index_view *index = index_of(view);
	struct err err = ERR_INIT;
	index_refresh(index);
	if (to_last ? index->has_last : index->has_first) {
		index->cursor = to_last && index->count ? (long)index->count - 1 : 0;
	} else if (index_reload_end(index, to_last, &err)) {
		index_complain_once(index, &err);
	}
	index_changed(index);
}

int index_view_select(struct view *view, int64_t id)
{
	struct index_view *index = index_of(view);
	struct message message;
	int found = index_reload_at(index, id, NULL);
	if (found == 0) {
		struct arena *arena = arena_new();
		bool is_there = many_message(index->many, id, arena, &message, NULL) == 1;
		if (is_there && index_is_folded(index, message.thread)) {
			id_set_put(&index->folds, message.thread, index->fold_all);
			found = index_reload_at(index, id, NULL);
		}
		arena_free(&arena);
	}
	index_changed(index);
	return found == 1;
}

bool index_view_has(const struct view *view, int64_t id)
{
	const struct index_view *index = index_of(view);
	struct arena *arena = arena_new();
	struct message message;
	int64_t folder;
	many_member(index->many, many_whose(id), &folder);
	bool has = many_message(index->many, id, arena, &message, NULL) == 1 &&
		   (!folder || message.folder == folder);
	arena_free(&arena);
	return has;
}

int index_view_jump(struct view *view, int64_t number)
{
	struct index_view *index = index_of(view);
	struct store_view shown = index_store_view(index);
	int64_t id = many_row_at(index->many, &shown, number, NULL);
	return id > 0 && index_view_select(view, id);
}

int index_view_next_flags(struct view *view, bool backwards, unsigned set, unsigned clear, bool wrap,
			  struct err *err)
{
	struct index_view *index = index_of(view);
	struct store_view shown = index_store_view(index);
	int64_t here = index_view_current(view);
	if (!here)
		return 0;
	int64_t id = many_find_flags(index->many, &shown, here, backwards, set, clear, err);
	if (id == 0 && wrap)
		id = many_find_flags(index->many, &shown, 0, backwards, set, clear, err);
	if (id <= 0)
		return (int)id;
	return id != here && index_view_select(view, id);
}

/* Steps until a row IS_IT; back to where it was when there is none. */
static int walk(struct index_view *index, int step,
		bool (*is_it)(const struct message *row, const struct message *start))
{
	const struct message *row = index_row(index);
	if (!row)
		return 0;
	struct message start = *row;
	for (int i = 0; i < STEP_MAX; i++) {
		int64_t before = row->id;
		index_move(index, step);
		row = index_row(index);
		if (!row || row->id == before)
			break;
		if (is_it(row, &start))
			return index_changed(index), 1;
	}
	index_reload_at(index, start.id, NULL);
	return 0;
}

static bool is_other_root(const struct message *row, const struct message *start)
{
	return row->thread != start->thread && row->depth == 0;
}

static bool is_parent(const struct message *row, const struct message *start)
{
	return row->thread == start->thread && row->depth < start->depth;
}

int index_view_next_thread(struct view *view, bool backwards)
{
	return walk(index_of(view), backwards ? -1 : 1, is_other_root);
}

int index_view_to_parent(struct view *view)
{
	const struct message *row = index_row(index_of(view));
	return row && row->depth > 0 ? walk(index_of(view), -1, is_parent) : 0;
}
