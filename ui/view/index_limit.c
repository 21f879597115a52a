#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/mail/many.h"
#include "store/mail/query.h"
#include "store/mail/remote.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/work.h"
#include "ui/input/key.h"
#include "ui/view/index_private.h"
#include "ui/view/index_view.h"

#define AGAIN_MS	250 /* before what matches is looked for again */

/* --- looking for what matches, in pieces --- */

bool index_is_limiting(struct index_view *index)
{
	struct store_view shown = index_store_view(index);
	return index->query && many_looked(index->many, &shown) == LOOKED_SOME;
}

/* Rows found first are shown at once, all others from time to time and in the end. */
static bool wants_rows(const struct index_view *index, int more)
{
	return !more || index->count < (size_t)index->height ||
	       loop_now_ms() - index->read_at_ms > INDEX_CALM_MS;
}

/* The rest of a line waited for the limit. */
static void limit_is_done(struct index_view *index)
{
	struct app *app = index->view.app;
	struct err err = ERR_INIT;
	if (!app->is_limiting)
		return;
	app->is_limiting = false;
	if (app->prompt) /* the query is still being typed */
		return;
	if (command_resume(app, &err) < 0)
		app_complain(app, &err);
}

static void look_at_piece(void *arg)
{
	struct index_view *index = arg;
	struct store_view shown = index_store_view(index);
	struct err err = ERR_INIT;
	bool is_first = index_is_limiting(index);
	index->looking = NULL;
	int more = many_look(index->many, &shown, NULL, &err);
	if (more < 0)
		index_complain_once(index, &err);
	index->has_grown = true;
	if (more <= 0 || (is_first && wants_rows(index, more)))
		index->is_stale = true;
	if (more > 0)
		index_look_on(index);
	index_changed(index);
	if (more <= 0)
		limit_is_done(index);
}

void index_look_on(struct index_view *index)
{
	struct store_view shown = index_store_view(index);
	struct app *app = index->view.app;
	enum store_looked state = index->query && app->loop ? many_looked(index->many, &shown)
							    : LOOKED_ALL;
	if (state == LOOKED_ALL || index->looking)
		return;
	if (state == LOOKED_SOME)
		app->is_limiting = true;
	index->looking = loop_add_timer(app->loop, "limit", state == LOOKED_SOME ? 1 : AGAIN_MS,
					look_at_piece, index);
}

void index_stop_looking(struct index_view *index)
{
	struct app *app = index->view.app;
	if (index->looking)
		loop_remove_timer(app->loop, &index->looking);
	app->is_limiting = false;
}

static int seek_piece(void *arg, struct err *err)
{
	struct index_view *index = arg;
	struct store_view shown = index_store_view(index);
	if (!index_is_limiting(index))
		return many_look(index->many, &shown, index->sought, err);
	int more = many_look(index->many, &shown, NULL, err);
	index->is_stale |= more == 0;
	return more < 0 ? -1 : 1;
}

static void stop_seeking(void *arg)
{
	struct index_view *index = arg;
	query_free(&index->sought);
}

/* Is all known that QUERY matches? Else it is looked for, QUERY is taken, and -1 means: run the command again. */
static int look_for(struct index_view *index, struct query **query, struct err *err)
{
	struct store_view shown = index_store_view(index);
	int more = index_is_limiting(index) ? 1 : many_look(index->many, &shown, *query, err);
	if (more <= 0)
		return more;
	work_begin(index->view.app, seek_piece, stop_seeking, index);
	index->sought = *query;
	*query = NULL;
	index_changed(index);
	return err_set_kind(err, ERR_TEMPORARY, _("still searching"));
}

/* Esc while the limit is looked for: everything is shown again. */
int index_key(struct view *view, const struct key *key)
{
	struct index_view *index = index_of(view);
	if (key->code != KEY_ESC || !index_is_limiting(index))
		return 0;
	index_stop_looking(index);
	command_forget_parked(view->app);
	index_view_set_limit(view, "", NULL);
	app_say(view->app, _("The search was stopped."));
	return 1;
}

/* --- queries --- */

static void remember_found(struct index_view *index, const char *text)
{
	struct buf folded = BUF_INIT;
	utf8_add_folded(&folded, text, strlen(text));
	free(index->found);
	index->found = buf_take(&folded);
}

static struct query *query_of(const struct index_view *index, const char *text, struct err *err)
{
	bool forms = option_bool(index->view.app->options, "general", "search-forms");
	return query_parse_with(text, forms, time(NULL), err);
}

int index_find(struct view *view, const char *text, bool backwards, struct err *err)
{
	struct index_view *index = index_of(view);
	struct store_view shown = index_store_view(index);
	struct query *query = query_of(index, text, err);
	if (!query)
		return -1;
	remember_found(index, text);
	if (look_for(index, &query, err)) {
		query_free(&query);
		return -1;
	}
	int64_t here = index_view_current(view);
	int64_t id = many_find(index->many, &shown, here, backwards, query, err);
	if (id == 0)
		id = many_find(index->many, &shown, 0, backwards, query, err);
	query_free(&query);
	index_changed(index);
	if (id <= 0)
		return (int)id;
	return index_view_select(view, id);
}

void index_drop_limit(struct index_view *index)
{
	query_free(&index->query);
	free(index->limit);
	index->limit = mem_strdup("");
}

int index_view_set_limit(struct view *view, const char *text, struct err *err)
{
	struct index_view *index = index_of(view);
	struct query *query = *text ? query_of(index, text, err) : NULL;
	if (*text && !query)
		return -1;
	index_stop_looking(index);
	index->began_on_top = index->has_first && index->cursor <= 0;
	index_drop_limit(index);
	index->query = query;
	free(index->limit);
	index->limit = mem_strdup(text);
	index->is_stale = true;
	struct store_view shown = index_store_view(index);
	if (many_look(index->many, &shown, NULL, err) < 0)
		return index_drop_limit(index), -1;
	index_refresh(index);
	index_changed(index);
	return 0;
}

void index_view_ask_servers(struct view *view)
{
	struct index_view *index = index_of(view);
	index->asks = false;
	for (size_t i = 0; index->query && i < many_count(index->many); i++) {
		struct store *store = many_member(index->many, i, NULL);
		if (store_ask_server(store, index->query, NULL) != 1)
			continue;
		index->asks = true;
		app_ring(view->app, store_account(store)->name);
	}
}

bool index_is_asking(const struct index_view *index)
{
	for (size_t i = 0; index->asks && index->query && i < many_count(index->many); i++)
		if (store_is_asking(many_member(index->many, i, NULL), index->query))
			return true;
	return false;
}

const char *index_view_limit(const struct view *view)
{
	return index_of(view)->limit;
}

int index_view_matching(struct view *view, const char *text, size_t limit, struct arena *arena,
			int64_t **ids, size_t *count, struct err *err)
{
	struct index_view *index = index_of(view);
	struct store_view shown = index_store_view(index);
	struct query *query = query_of(index, text, err);
	*count = 0;
	if (!query)
		return -1;
	int rc = look_for(index, &query, err);
	if (rc == 0)
		rc = many_matching(index->many, &shown, query, limit, arena, ids, count, err);
	query_free(&query);
	return rc;
}
