#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/mail/many.h"
#include "ui/view/index_private.h"

#define LEAST_ROWS     120 /* of a window, on small screens too */
#define SCREENS	       3

/* --- sets ---------------------------------------------------------------------------------------- */

static size_t place_in(const struct id_set *set, int64_t id)
{
	size_t low = 0, high = set->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (set->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool id_set_has(const struct id_set *set, int64_t id)
{
	size_t at = place_in(set, id);
	return at < set->count && set->ids[at] == id;
}

void id_set_put(struct id_set *set, int64_t id, bool on)
{
	size_t at = place_in(set, id);
	bool is_there = at < set->count && set->ids[at] == id;
	if (is_there == on)
		return;
	if (on)
		ARRAY_ROOM(set->ids, set->count, set->cap);
	size_t behind = set->count - at - (on ? 0 : 1);
	memmove(set->ids + at + (on ? 1 : 0), set->ids + at + (on ? 0 : 1), behind * sizeof *set->ids);
	set->count = on ? set->count + 1 : set->count - 1;
	if (on)
		set->ids[at] = id;
}

void id_set_clear(struct id_set *set)
{
	free(set->ids);
	*set = (struct id_set){.ids = NULL};
}

/* --- the window ---------------------------------------------------------------------------------- */

struct store_view index_store_view(const struct index_view *index)
{
	return (struct store_view){
		.folder = index->folder,
		.sort = index->sort,
		.is_reversed = index->is_reversed,
		.is_threaded = index->is_threaded,
		.query = index->query,
		.folded = index->folds.ids,
		.folded_count = index->folds.count,
		.fold_all = index->fold_all,
	};
}

bool index_is_folded(const struct index_view *index, int64_t thread)
{
	return index->is_threaded && index->fold_all != id_set_has(&index->folds, thread);
}

const struct message *index_row(const struct index_view *index)
{
	if (index->cursor < 0 || (size_t)index->cursor >= index->count)
		return NULL;
	return &index->rows[index->cursor];
}

void index_forget_rows(struct index_view *index)
{
	arena_free(&index->arena);
	index->rows = NULL;
	index->count = 0;
	index->cursor = index->top = 0;
	index->is_stale = true;
}

static size_t window_size(const struct index_view *index)
{
	size_t rows = (size_t)index->height * SCREENS;
	return rows > LEAST_ROWS ? rows : LEAST_ROWS;
}

/* A window that was read, before it takes the place of the old one. */
struct window {
	struct arena *arena;
	struct message *rows;
	size_t count;
	bool has_first, has_last;
};

static int read_window(const struct index_view *index, enum store_from from, int64_t anchor,
		       size_t count, struct window *window, struct err *err)
{
	struct store_view view = index_store_view(index);
	*window = (struct window){.arena = arena_new()};
	if (many_window(index->many, &view, from, anchor, count, window->arena, &window->rows,
			 &window->count, err) == 0)
		return 0;
	arena_free(&window->arena);
	return -1;
}

/* Is row ID the first (last) of the whole list? */
static bool is_end(const struct index_view *index, enum store_from end, int64_t id)
{
	struct window one;
	if (read_window(index, end, 0, 1, &one, NULL))
		return false;
	bool is = one.count == 0 || one.rows[0].id == id;
	arena_free(&one.arena);
	return is;
}

static void find_ends(const struct index_view *index, enum store_from from, struct window *window)
{
	size_t count = window->count;
	bool is_all = count == 0 || (count < window_size(index) && from != FROM_AROUND);
	window->has_first = is_all || from == FROM_FIRST ||
			    is_end(index, FROM_FIRST, window->rows[0].id);
	window->has_last = is_all || from == FROM_LAST ||
			   is_end(index, FROM_LAST, window->rows[count - 1].id);
}

static void take_window(struct index_view *index, struct window *window, long cursor)
{
	long offset = index->cursor - index->top;
	bool was_at_top = index->has_first && index->top == 0;
	arena_free(&index->arena);
	index->arena = window->arena;
	index->rows = window->rows;
	index->count = window->count;
	index->has_first = window->has_first;
	index->has_last = window->has_last;
	index->cursor = cursor;
	index->first_number = window->has_first;
	index->top = cursor - offset;
	/* new mail above the first row on the screen is to be seen, as long as the cursor stays on it */
	if (was_at_top && index->has_first && cursor < index->height)
		index->top = 0;
	index->is_stale = false;
}

/* That of message ID, or (THREAD not 0) the one that stands for a folded thread. */
static long find_row(const struct window *window, int64_t thread, int64_t id)
{
	for (size_t i = 0; i < window->count; i++)
		if (thread ? window->rows[i].thread == thread : window->rows[i].id == id)
			return (long)i;
	return -1;
}

/* Reads around message ID: 1 the row of it, or of its folded THREAD, is there and current, 0 not (nothing
 * changed), -1. */
static int load_around(struct index_view *index, int64_t thread, int64_t id, struct err *err)
{
	struct window window;
	if (read_window(index, FROM_AROUND, id, window_size(index), &window, err))
		return -1;
	long at = find_row(&window, thread, id);
	if (at < 0) {
		arena_free(&window.arena);
		return 0;
	}
	find_ends(index, FROM_AROUND, &window);
	take_window(index, &window, at);
	return 1;
}

int index_reload_end(struct index_view *index, bool to_last, struct err *err)
{
	struct window window;
	enum store_from from = to_last ? FROM_LAST : FROM_FIRST;
	if (read_window(index, from, 0, window_size(index), &window, err))
		return -1;
	find_ends(index, from, &window);
	take_window(index, &window, to_last && window.count ? (long)window.count - 1 : 0);
	if (!to_last)
		index->top = 0;
	return 0;
}

/* A folded thread has another message in its line now: the one that stood for it was read, or went. */
static int load_around_own_thread(struct index_view *index, struct err *err)
{
	const struct message *row = index_row(index);
	int64_t thread = row->thread, id = row->id;
	struct message *messages = NULL;
	size_t count = 0;
	if (!index_is_folded(index, thread))
		return 0;
	int found = load_around(index, thread, id, err);
	if (found)
		return found;
	struct arena *arena = arena_new();
	if (many_thread(index->many, thread, arena, &messages, &count, err))
		found = -1;
	while (!found && count > 0)
		found = load_around(index, thread, messages[--count].id, err);
	arena_free(&arena);
	return found;
}

/* The current message is gone, and maybe its whole thread: the nearest one behind it that is left, else before it. */
static int load_around_neighbour(struct index_view *index, struct err *err)
{
	int found = 0;
	for (long i = index->cursor + 1; !found && i < (long)index->count; i++)
		found = load_around(index, 0, index->rows[i].id, err);
	for (long i = index->cursor - 1; !found && i >= 0; i--)
		found = load_around(index, 0, index->rows[i].id, err);
	return found;
}

/* Who looks at the newest hit is not carried away from it by newer ones that are found later. */
static bool stays_on_top(struct index_view *index)
{
	bool stays = index->has_grown && index->began_on_top && index->query && index->has_first &&
		     index->cursor <= 0;
	index->has_grown = false;
	return stays;
}

int index_reload(struct index_view *index, struct err *err)
{
	const struct message *row = index_row(index);
	if (stays_on_top(index))
		return index_reload_end(index, false, err);
	int found = row ? load_around(index, 0, row->id, err) : 0;
	if (!found && row)
		found = load_around_own_thread(index, err);
	if (!found && row)
		found = load_around_neighbour(index, err);
	if (!found)
		found = index_reload_end(index, false, err);
	return found < 0 ? -1 : 0;
}

int index_reload_at(struct index_view *index, int64_t id, struct err *err)
{
	for (size_t i = 0; !index->is_stale && i < index->count; i++) {
		if (index->rows[i].id != id)
			continue;
		index->cursor = (long)i;
		return 1;
	}
	return load_around(index, 0, id, err);
}

/* --- the place in it ----------------------------------------------------------------------------- */

/* Rows that went meanwhile may leave nothing to go to, though it was not the end. */
static bool has_row_towards(const struct index_view *index, long lines)
{
	return lines > 0 ? index->cursor + 1 < (long)index->count : index->cursor > 0;
}

void index_move(struct index_view *index, long lines)
{
	while (lines && index->count) {
		long target = index->cursor + lines, last = (long)index->count - 1;
		long stop = target < 0 ? 0 : target > last ? last : target;
		bool wants_more = target < 0 ? !index->has_first : target > last && !index->has_last;
		lines -= stop - index->cursor;
		long offset = index->cursor - index->top;
		index->cursor = stop;
		if (!wants_more)
			return;
		index->top = index->cursor - offset;
		if (load_around(index, 0, index->rows[index->cursor].id, NULL) <= 0 || !has_row_towards(index, lines))
			return;
	}
}

static void scroll_to_cursor(struct index_view *index, int margin)
{
	long height = index->height, count = (long)index->count;
	if (margin > (height - 1) / 2)
		margin = (int)(height - 1) / 2;
	if (index->top > index->cursor - margin)
		index->top = index->cursor - margin;
	if (index->top < index->cursor + margin - height + 1)
		index->top = index->cursor + margin - height + 1;
	if (index->has_last && index->top > count - height)
		index->top = count - height;
	if (index->has_first && index->top < 0)
		index->top = 0;
}

void index_scroll(struct index_view *index, int margin)
{
	scroll_to_cursor(index, margin);
	bool misses_above = index->top < 0 && !index->has_first;
	bool misses_below = index->top + index->height > (long)index->count && !index->has_last;
	const struct message *row = index_row(index);
	if ((misses_above || misses_below) && row && load_around(index, 0, row->id, NULL) == 1)
		scroll_to_cursor(index, margin);
	if (index->top > index->cursor)
		index->top = index->cursor;
	if (index->top < 0)
		index->top = 0;
}
