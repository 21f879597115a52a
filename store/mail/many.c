#include "config.h"
#include "store/mail/many.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/mem.h"

#define SLOT_SHIFT 48
#define OWN_MASK   (((int64_t)1 << SLOT_SHIFT) - 1)
#define JUMP_STEP  500

struct member {
	struct store *store;
	int64_t folder;
};

struct many {
	struct member *members;
	size_t count, cap;
};

struct many *many_new(void)
{
	return mem_alloc(sizeof(struct many));
}

void many_free(struct many **many)
{
	if (!*many)
		return;
	free((*many)->members);
	free(*many);
	*many = NULL;
}

void many_add(struct many *many, struct store *store, int64_t folder)
{
	ARRAY_ROOM(many->members, many->count, many->cap);
	many->members[many->count++] = (struct member){store, folder};
}

size_t many_count(const struct many *many)
{
	return many->count;
}

struct store *many_member(const struct many *many, size_t at, int64_t *folder)
{
	if (folder)
		*folder = many->members[at].folder;
	return many->members[at].store;
}

size_t many_whose(int64_t id)
{
	return id > 0 ? (size_t)(id >> SLOT_SHIFT) : 0;
}

int64_t many_own(int64_t id)
{
	return id > 0 ? id & OWN_MASK : id;
}

int64_t many_id(size_t member, int64_t own)
{
	return own > 0 ? ((int64_t)member << SLOT_SHIFT) | own : own;
}

int64_t many_generation(const struct many *many)
{
	int64_t sum = 0;

	for (size_t i = 0; i < many->count; i++)
		sum += store_generation(many->members[i].store);
	return sum;
}

int64_t many_data_version(const struct many *many)
{
	int64_t sum = 0;

	for (size_t i = 0; i < many->count; i++)
		sum += store_data_version(many->members[i].store);
	return sum;
}

/* --- the view of one member --- */

/* Its folded threads, by their own numbers. */
static void take_folded(const struct store_view *view, size_t at, struct arena *arena, struct store_view *own)
{
	int64_t *folded = ARENA_ARRAY(arena, int64_t, view->folded_count + 1);
	size_t count = 0;

	for (size_t i = 0; i < view->folded_count; i++)
		if (many_whose(view->folded[i]) == at)
			folded[count++] = many_own(view->folded[i]);
	own->folded = folded;
	own->folded_count = count;
}

static struct store_view view_of(const struct many *many, const struct store_view *view, size_t at,
				 struct arena *arena)
{
	struct store_view own = *view;

	own.folder = many->members[at].folder;
	take_folded(view, at, arena, &own);
	return own;
}

static const struct member *member_of(const struct many *many, int64_t id)
{
	size_t at = many_whose(id);

	return at < many->count ? &many->members[at] : NULL;
}

/* --- windows --- */

/* Rows of one member on their way into the list. */
struct stream {
	struct message *rows;
	size_t count, at;
};

struct merging {
	const struct many *many;
	const struct store_view *view;
	struct arena *arena;
	struct err *err;
	struct stream *streams;
	bool backwards;
};

/* < 0: A stands before B in the list. */
static int compare_places(const struct store_view *view, const struct store_place *a, const struct store_place *b)
{
	int way = view->is_reversed ? -1 : 1, rank = 0;

	if (view->sort == SORT_FROM || view->sort == SORT_SUBJECT)
		rank = strcmp(a->text ? a->text : "", b->text ? b->text : "");
	else if (view->sort != SORT_DATE)
		rank = (b->number > a->number) - (b->number < a->number);
	if (!rank)
		rank = (b->date > a->date) - (b->date < a->date);
	return rank * way;
}

static int compare_rows(const struct store_view *view, const struct message *a, size_t member_a,
			const struct message *b, size_t member_b)
{
	int order = compare_places(view, &a->place, &b->place);

	if (order)
		return order;
	order = (member_a > member_b) - (member_a < member_b);
	return view->is_reversed ? -order : order;
}

/* The row of STREAM that comes next: the last one not taken when we walk backwards. */
static const struct message *next_of(const struct merging *in, size_t at)
{
	const struct stream *stream = &in->streams[at];

	if (stream->at >= stream->count)
		return NULL;
	return &stream->rows[in->backwards ? stream->count - 1 - stream->at : stream->at];
}

static long best_of(const struct merging *in)
{
	long best = -1;

	for (size_t i = 0; i < in->many->count; i++) {
		const struct message *row = next_of(in, i), *other = best < 0 ? NULL : next_of(in, (size_t)best);
		int order;

		if (!row)
			continue;
		order = other ? compare_rows(in->view, row, i, other, (size_t)best) : 0;
		if (!other || (in->backwards ? order > 0 : order < 0))
			best = (long)i;
	}
	return best;
}

static void take_row(const struct message *row, size_t member, struct message *out)
{
	*out = *row;
	out->id = many_id(member, row->id);
	out->thread = many_id(member, row->thread);
}

/* At most COUNT rows in the order of walking. */
static void merge(struct merging *in, size_t count, struct message *rows, size_t *row_count)
{
	long best;

	*row_count = 0;
	while (*row_count < count && (best = best_of(in)) >= 0) {
		take_row(next_of(in, (size_t)best), (size_t)best, &rows[(*row_count)++]);
		in->streams[best].at++;
	}
}

static void turn(struct message *rows, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct message row = rows[i];

		rows[i] = rows[count - 1 - i];
		rows[count - 1 - i] = row;
	}
}

/* The row of ANCHOR, with its place: 1, 0 not in the view, -1. */
static int anchor_row(struct merging *in, int64_t anchor, struct message *row)
{
	const struct member *member = member_of(in->many, anchor);
	struct store_view own;
	struct message *rows;
	size_t count;

	if (!member)
		return 0;
	own = view_of(in->many, in->view, many_whose(anchor), in->arena);
	if (store_window(member->store, &own, FROM_AROUND, many_own(anchor), 1, in->arena, &rows, &count,
			 in->err) < 0)
		return -1;
	if (count)
		*row = rows[0];
	return count > 0;
}

/* ANCHOR NULL: from an end of the list. */
static int read_stream(struct merging *in, size_t at, enum store_from from, const struct message *anchor,
		       size_t member, int64_t anchor_id, size_t count)
{
	struct stream *stream = &in->streams[at];
	struct store_view own = view_of(in->many, in->view, at, in->arena);
	struct store *store = in->many->members[at].store;

	stream->at = 0;
	if (!anchor)
		return store_window(store, &own, from, 0, count, in->arena, &stream->rows, &stream->count,
				    in->err);
	if (at == member)
		return store_window(store, &own, from, anchor_id, count, in->arena, &stream->rows,
				    &stream->count, in->err);
	return store_window_at(store, &own, from, &anchor->place, at > member, count, in->arena, &stream->rows,
			       &stream->count, in->err);
}

/* COUNT rows FIRST, LAST, or AFTER or BEFORE the row ANCHOR, in the order of walking. */
static int walk(struct merging *in, enum store_from from, const struct message *anchor, int64_t anchor_id,
		size_t count, struct message **rows, size_t *row_count)
{
	in->backwards = from == FROM_LAST || from == FROM_BEFORE;
	in->streams = ARENA_ARRAY(in->arena, struct stream, in->many->count + 1);
	*rows = ARENA_ARRAY(in->arena, struct message, count + 1);
	for (size_t i = 0; i < in->many->count; i++)
		if (read_stream(in, i, from, anchor, many_whose(anchor_id), many_own(anchor_id), count) < 0)
			return -1;
	merge(in, count, *rows, row_count);
	return 0;
}

static int around(struct merging *in, const struct message *anchor, int64_t id, size_t count,
		  struct message **rows, size_t *row_count)
{
	struct message *before, *after;
	size_t before_count, after_count, above, below;

	if (walk(in, FROM_BEFORE, anchor, id, count - 1, &before, &before_count) < 0 ||
	    walk(in, FROM_AFTER, anchor, id, count - 1, &after, &after_count) < 0)
		return -1;
	above = count / 2 < before_count ? count / 2 : before_count;
	below = count - 1 - above < after_count ? count - 1 - above : after_count;
	above = count - 1 - below < before_count ? count - 1 - below : before_count;
	*rows = ARENA_ARRAY(in->arena, struct message, count + 1);
	turn(before, above);
	if (above)
		memcpy(*rows, before, above * sizeof **rows);
	take_row(anchor, many_whose(id), &(*rows)[above]);
	if (below)
		memcpy(*rows + above + 1, after, below * sizeof **rows);
	*row_count = above + 1 + below;
	return 0;
}

static int window_of_several(struct merging *in, enum store_from from, int64_t anchor, size_t count,
			     struct message **rows, size_t *row_count)
{
	struct message row;
	int rc;

	*row_count = 0;
	*rows = ARENA_ARRAY(in->arena, struct message, 1);
	if (!count)
		return 0;
	if (from == FROM_FIRST || from == FROM_LAST) {
		rc = walk(in, from, NULL, 0, count, rows, row_count);
	} else {
		rc = anchor_row(in, anchor, &row);
		if (rc != 1)
			return rc;
		rc = from == FROM_AROUND ? around(in, &row, anchor, count, rows, row_count)
					 : walk(in, from, &row, anchor, count, rows, row_count);
	}
	if (rc == 0 && (from == FROM_LAST || from == FROM_BEFORE))
		turn(*rows, *row_count);
	return rc;
}

int many_window(const struct many *many, const struct store_view *view, enum store_from from, int64_t anchor,
		size_t count, struct arena *arena, struct message **rows, size_t *row_count, struct err *err)
{
	struct merging in = {.many = many, .view = view, .arena = arena, .err = err};
	struct store_view own;

	if (many->count != 1)
		return window_of_several(&in, from, anchor, count, rows, row_count);
	own = view_of(many, view, 0, arena);
	return store_window(many->members[0].store, &own, from, anchor, count, arena, rows, row_count, err);
}

/* --- finding --- */

struct seeking {
	struct merging in;
	int64_t from_id;
	bool backwards;
	unsigned set, clear;
	const struct query *query; /* NULL: flags */
};

static int64_t seek_in(struct seeking *seek, size_t at, const struct message *from)
{
	struct store_view own = view_of(seek->in.many, seek->in.view, at, seek->in.arena);
	struct store *store = seek->in.many->members[at].store;
	size_t member = many_whose(seek->from_id);
	const struct store_place *place = from && at != member ? &from->place : NULL;
	int64_t id = from && at == member ? many_own(seek->from_id) : 0; /* NULL: from the end */

	if (place && seek->query)
		return store_find_at(store, &own, place, at > member, seek->backwards, seek->query, seek->in.err);
	if (place)
		return store_find_flags_at(store, &own, place, at > member, seek->backwards, seek->set,
					   seek->clear, seek->in.err);
	if (seek->query)
		return store_find(store, &own, id, seek->backwards, seek->query, seek->in.err);
	return store_find_flags(store, &own, id, seek->backwards, seek->set, seek->clear, seek->in.err);
}

/* Of what each member found that which stands next in the list. */
static int64_t seek_all(struct seeking *seek)
{
	struct message from, best, row;
	int64_t best_id = 0;
	int has_from = seek->from_id ? anchor_row(&seek->in, seek->from_id, &from) : 0;

	for (size_t i = 0; has_from >= 0 && i < seek->in.many->count; i++) {
		int64_t id = seek_in(seek, i, has_from ? &from : NULL);
		int order;

		if (id < 0)
			return -1;
		if (id == 0 || anchor_row(&seek->in, many_id(i, id), &row) != 1)
			continue;
		order = best_id ? compare_rows(seek->in.view, &row, i, &best, many_whose(best_id)) : -1;
		if (!best_id || (seek->backwards ? order > 0 : order < 0)) {
			best = row;
			best_id = many_id(i, id);
		}
	}
	return has_from < 0 ? -1 : best_id;
}

static int64_t seek(const struct many *many, const struct store_view *view, struct seeking *seek,
		    struct err *err)
{
	int64_t id;

	seek->in = (struct merging){.many = many, .view = view, .arena = arena_new(), .err = err};
	id = many->count == 1 ? seek_in(seek, 0, &(struct message){.id = 0}) : seek_all(seek);
	arena_free(&seek->in.arena);
	return id;
}

int64_t many_find_flags(const struct many *many, const struct store_view *view, int64_t from_id,
			bool backwards, unsigned set, unsigned clear, struct err *err)
{
	struct seeking in = {.from_id = from_id, .backwards = backwards, .set = set, .clear = clear};

	return seek(many, view, &in, err);
}

int64_t many_find(const struct many *many, const struct store_view *view, int64_t from_id, bool backwards,
		  const struct query *query, struct err *err)
{
	struct seeking in = {.from_id = from_id, .backwards = backwards, .query = query};

	return seek(many, view, &in, err);
}

int many_matching(const struct many *many, const struct store_view *view, const struct query *query,
		  size_t limit, struct arena *arena, int64_t **ids, size_t *count, struct err *err)
{
	size_t cap = 0;
	int64_t *all = NULL;

	*count = 0;
	for (size_t i = 0; i < many->count; i++) {
		struct store_view own = view_of(many, view, i, arena);
		int64_t *some;
		size_t n;

		if (store_matching(many->members[i].store, &own, query, limit - *count, arena, &some, &n, err) < 0)
			return free(all), -1;
		for (size_t at = 0; at < n; at++) {
			ARRAY_ROOM(all, *count, cap);
			all[(*count)++] = many_id(i, some[at]);
		}
	}
	*ids = ARENA_ARRAY(arena, int64_t, *count + 1);
	if (*count)
		memcpy(*ids, all, *count * sizeof *all);
	free(all);
	return 0;
}

/* One piece of one member in one go. */
int many_look(const struct many *many, const struct store_view *view, const struct query *query,
	      struct err *err)
{
	struct arena *arena = arena_new();
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < many->count; i++) {
		struct store_view own = view_of(many, view, i, arena);

		rc = store_look(many->members[i].store, &own, query, err);
	}
	arena_free(&arena);
	return rc;
}

enum store_looked many_looked(const struct many *many, const struct store_view *view)
{
	enum store_looked worst = LOOKED_ALL;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < many->count; i++) {
		struct store_view own = view_of(many, view, i, arena);
		enum store_looked state = store_looked(many->members[i].store, &own);

		worst = state > worst ? state : worst;
	}
	arena_free(&arena);
	return worst;
}

/* --- places and counts --- */

static int64_t walk_to(struct merging *in, int64_t position)
{
	int64_t anchor = 0;

	position = position > MANY_JUMP_MAX ? MANY_JUMP_MAX : position;
	while (position > 0) {
		size_t want = position < JUMP_STEP ? (size_t)position : JUMP_STEP, got;
		struct message *rows;

		if (window_of_several(in, anchor ? FROM_AFTER : FROM_FIRST, anchor, want, &rows, &got) < 0)
			return -1;
		if (got)
			anchor = rows[got - 1].id;
		if (got < want)
			return anchor;
		position -= (int64_t)got;
	}
	return anchor;
}

int64_t many_row_at(const struct many *many, const struct store_view *view, int64_t position, struct err *err)
{
	struct merging in = {.many = many, .view = view, .arena = arena_new(), .err = err};
	struct store_view own = *view;
	int64_t id;

	if (many->count == 1) {
		own = view_of(many, view, 0, in.arena);
		id = store_row_at(many->members[0].store, &own, position, err);
	} else {
		id = walk_to(&in, position > 0 ? position : 1);
	}
	arena_free(&in.arena);
	return id;
}

int many_counts(const struct many *many, const struct store_view *view, int64_t *messages,
		int64_t *position_of, int64_t anchor, struct err *err)
{
	struct arena *arena = arena_new();
	bool is_one = many->count == 1;
	int64_t sum = 0;
	int rc = 0;

	if (position_of)
		*position_of = 0;
	for (size_t i = 0; rc == 0 && i < many->count; i++) {
		struct store_view own = view_of(many, view, i, arena);
		int64_t some = 0;

		rc = store_count(many->members[i].store, &own, &some, is_one ? position_of : NULL,
				 is_one ? anchor : 0, err);
		sum += some;
	}
	if (messages)
		*messages = sum;
	arena_free(&arena);
	return rc;
}

int many_message(const struct many *many, int64_t id, struct arena *arena, struct message *message,
		 struct err *err)
{
	const struct member *member = member_of(many, id);
	int rc = member ? store_message(member->store, many_own(id), arena, message, err) : 0;

	if (rc == 1) {
		message->id = id;
		message->thread = many_id(many_whose(id), message->thread);
	}
	return rc;
}

int many_thread(const struct many *many, int64_t thread, struct arena *arena, struct message **messages,
		size_t *count, struct err *err)
{
	const struct member *member = member_of(many, thread);

	*count = 0;
	if (!member)
		return 0;
	if (store_thread(member->store, many_own(thread), arena, messages, count, err) < 0)
		return -1;
	for (size_t i = 0; i < *count; i++) {
		(*messages)[i].id = many_id(many_whose(thread), (*messages)[i].id);
		(*messages)[i].thread = thread;
	}
	return 0;
}
