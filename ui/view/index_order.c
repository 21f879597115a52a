#include "config.h"

#include "ui/view/index_private.h"
#include "ui/view/index_view.h"

static void show_anew(struct index_view *index)
{
	index->is_stale = true;
	index_refresh(index);
	index_changed(index);
}

void index_view_set_sort(struct view *view, enum store_sort sort, bool reversed)
{
	index_of(view)->sort = sort;
	index_of(view)->is_reversed = reversed;
	show_anew(index_of(view));
}

void index_view_set_threads(struct view *view, bool threaded)
{
	index_of(view)->is_threaded = threaded;
	show_anew(index_of(view));
}

enum store_sort index_view_sort(const struct view *view, bool *reversed, bool *threaded)
{
	if (reversed)
		*reversed = index_of(view)->is_reversed;
	if (threaded)
		*threaded = index_of(view)->is_threaded;
	return index_of(view)->sort;
}

/* --- folds --- */

/* The row that will stand for thread THREAD becomes the current one. */
static void go_to_thread(struct index_view *index, int64_t thread)
{
	for (size_t i = 0; i < index->count; i++) {
		if (index->rows[i].thread != thread)
			continue;
		index->cursor = (long)i;
		return;
	}
}

static void reload_by_thread(struct index_view *index, const struct message *row)
{
	int64_t thread = row ? row->thread : 0, id = row ? row->id : 0;
	/* the current row may be hidden now: its neighbours of other threads show where it was */
	long first = index->cursor;
	while (first > 0 && index->rows[first - 1].thread == thread)
		first--;
	index->top += first - index->cursor;
	index->cursor = row ? first : 0;
	if (index_reload_at(index, id, NULL) != 1 || index->is_stale)
		show_anew(index);
	go_to_thread(index, thread);
	index_changed(index);
}

int index_view_fold(struct view *view, enum index_fold what)
{
	struct index_view *index = index_of(view);
	index_refresh(index);
	const struct message *row = index_row(index);
	if (!row || !index->is_threaded || row->thread_count < 2)
		return 0;
	bool is_folded = index_is_folded(index, row->thread);
	bool wanted = what == INDEX_FOLD_TOGGLE ? !is_folded : what == INDEX_FOLD_CLOSE;
	if (wanted == is_folded)
		return 0;
	id_set_put(&index->folds, row->thread, wanted != index->fold_all);
	index->is_stale = true;
	reload_by_thread(index, row);
	return 1;
}

void index_view_fold_all(struct view *view, enum index_fold what)
{
	struct index_view *index = index_of(view);
	index_refresh(index);
	bool any_exception = index->folds.count > 0;
	bool wanted = what == INDEX_FOLD_TOGGLE ? !index->fold_all || any_exception
						: what == INDEX_FOLD_CLOSE;
	id_set_clear(&index->folds);
	index->fold_all = wanted;
	index->is_stale = true;
	reload_by_thread(index, index_row(index));
}
