#include "config.h"

#include "store/base/arena.h"
#include "store/base/err.h"
#include "store/mail/many.h"
#include "ui/view/index_private.h"
#include "ui/view/index_view.h"

/* --- tags --- */

void index_view_tag(struct view *view, int64_t id, bool on)
{
	id_set_put(&index_of(view)->tags, id, on);
	index_changed(index_of(view));
}

bool index_view_is_tagged(const struct view *view, int64_t id)
{
	return id_set_has(&index_of(view)->tags, id);
}

void index_view_untag_all(struct view *view)
{
	id_set_clear(&index_of(view)->tags);
	index_changed(index_of(view));
}

size_t index_view_tag_count(const struct view *view)
{
	return index_of(view)->tags.count;
}

/* --- messages that a command works on --- */

int index_view_thread_ids(struct view *view, struct arena *arena, int64_t **ids, size_t *count,
			  struct err *err)
{
	struct index_view *index = index_of(view);
	const struct message *row = index_row(index);
	struct message *messages = NULL;
	size_t all = 0;
	*count = 0;
	*ids = NULL;
	if (!row)
		return 0;
	if (many_thread(index->many, row->thread, arena, &messages, &all, err))
		return -1;
	int64_t folder;
	many_member(index->many, many_whose(row->id), &folder);
	*ids = ARENA_ARRAY(arena, int64_t, all + 1);
	for (size_t i = 0; i < all; i++)
		if (!folder || messages[i].folder == folder)
			(*ids)[(*count)++] = messages[i].id;
	return 0;
}

const char *index_account_at(const struct index_view *index, size_t member)
{
	return store_account(many_member(index->many, member, NULL))->name;
}

/* Those of IDS that belong to MEMBER, into WHAT: how many. */
static int take_of(const struct index_view *index, size_t member, const int64_t *ids, size_t count,
		   struct arena *arena, struct target *what)
{
	what->account = index_account_at(index, member);
	what->ids = ARENA_ARRAY(arena, int64_t, count + 1);
	what->count = 0;
	for (size_t i = 0; i < count; i++)
		if (many_whose(ids[i]) == member)
			what->ids[what->count++] = many_own(ids[i]);
	return what->count;
}

void index_view_targets(const struct view *view, const int64_t *ids, size_t count, struct arena *arena,
			struct target *target)
{
	const struct index_view *index = index_of(view);
	struct target *what = target, *last = NULL;
	for (size_t i = 0; i < many_count(index->many); i++) {
		if (!what)
			what = ARENA_NEW(arena, struct target);
		*what = (struct target){.is_tagged = target->is_tagged};
		if (!take_of(index, i, ids, count, arena, what))
			continue;
		if (last)
			last->next = what;
		last = what;
		what = NULL;
	}
}

int index_target(struct view *view, bool tagged_if_any, struct arena *arena, struct target *what)
{
	struct index_view *index = index_of(view);
	index_refresh(index);
	const struct message *row = index_row(index);
	what->is_tagged = tagged_if_any && index->tags.count > 0;
	if (!what->is_tagged && !row)
		return 0;
	index_view_targets(view, what->is_tagged ? index->tags.ids : &row->id,
			   what->is_tagged ? index->tags.count : 1, arena, what);
	return 1;
}
