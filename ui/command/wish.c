#include "config.h"
#include "ui/command/wish.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "ui/command/app.h"
#include "ui/command/undo.h"

#define PART	     16 /* messages in one transaction */
#define AT_ONCE_MS   4	/* no new part begins after that */
#define AGAIN_MS     25
#define COMPLAIN_MS  4000
#define SHOW_MS	     300
#define FLUSH_BUSY_MS 5000

struct wish {
	char *account, *done, *add_tag, *remove_tag;
	int64_t *ids;
	size_t count, at;
	struct store_change change;
	int64_t undo;
	bool is_undo, has_complained;
	int64_t begun_ms, since_ms; /* since when; since when nothing of it was done */
};

static char *copy_of(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

static void wish_free(struct wish *wish)
{
	free(wish->account);
	free(wish->done);
	free(wish->add_tag);
	free(wish->remove_tag);
	free(wish->ids);
	free(wish);
}

static void drop_first(struct app *app)
{
	wish_free(app->wishes[0]);
	memmove(app->wishes, app->wishes + 1, --app->wish_count * sizeof(struct wish *));
}

static void show(struct app *app, const struct wish *wish)
{
	app->wish_shown_ms = loop_now_ms();
	app_ring(app, wish->account);
	app_touched(app, wish->account);
}

/* What takes longer than a moment says how far it is. */
static void show_progress(struct app *app, const struct wish *wish)
{
	show(app, wish);
	if (loop_now_ms() - wish->begun_ms > SHOW_MS && !app->status_is_error)
		app_say(app, _("still at work: %zu of %zu messages done"), wish->at, wish->count);
}

/* Whatever of it was done can be taken back. */
static void tell(struct app *app, const struct wish *wish)
{
	if (wish->undo && wish->done && !wish->change.expunge)
		undo_push_change(app->undo, wish->account, wish->undo, wish->done);
	if (wish->done && wish->at == wish->count)
		app_say(app, "%s", wish->done);
	show(app, wish);
}

/* One part of WISH: 1 there is more, 0 that was all, -1. */
static int do_part(struct app *app, struct wish *wish, struct err *err)
{
	struct store *store;
	size_t count = wish->count - wish->at < PART ? wish->count - wish->at : PART;

	if (wish->is_undo)
		return undo_part(app, err);
	store = app_store(app, wish->account, err);
	if (!store || store_change_more(store, wish->ids + wish->at, count, &wish->change,
					&wish->undo, err) < 0)
		return -1;
	wish->at += count;
	wish->since_ms = loop_now_ms();
	return wish->at < wish->count;
}

/* The first wish until it is done, fails, or has had its time: 1 there is more of it, 0, -1. */
static int do_first(struct app *app, int64_t until_ms, struct err *err)
{
	struct wish *wish = app->wishes[0];
	int rc;

	do
		rc = do_part(app, wish, err);
	while (rc == 1 && loop_now_ms() < until_ms);
	if (rc == 1 && !wish->is_undo && loop_now_ms() - app->wish_shown_ms > SHOW_MS)
		show_progress(app, wish);
	if (rc == 1 || (rc < 0 && err->kind == ERR_TEMPORARY && app->term))
		return rc;
	if (!wish->is_undo && (rc == 0 || wish->undo))
		tell(app, wish);
	drop_first(app);
	return rc;
}

static void go_on(void *arg);

static void go_on_in(struct app *app, int64_t ms)
{
	if (!app->wish_timer)
		app->wish_timer = loop_add_timer(app->loop, "wish", ms, go_on, app);
}

/* It has to wait. That is said when it takes long, once. */
static void wait_for_lock(struct app *app, const struct err *err)
{
	struct wish *wish = app->wishes[0];

	if (!wish->has_complained && loop_now_ms() - wish->since_ms > COMPLAIN_MS) {
		wish->has_complained = true;
		app_complain(app, err);
	}
	go_on_in(app, AGAIN_MS);
}

static void go_on(void *arg)
{
	struct app *app = arg;
	struct err err = ERR_INIT;
	size_t before = app->wish_count;
	int rc;

	app->wish_timer = NULL;
	if (!before)
		return;
	rc = do_first(app, loop_now_ms() + AT_ONCE_MS, &err);
	if (rc < 0 && app->wish_count == before) {
		wait_for_lock(app, &err);
		return;
	}
	if (rc < 0)
		app_complain(app, &err);
	if (app->wish_count)
		go_on_in(app, 0);
}

/* The only wish is tried at once, so that what is wrong with it is told where it was wished. */
static int add(struct app *app, struct wish *wish, struct err *err)
{
	struct err own = ERR_INIT;
	int rc = 0;

	wish->begun_ms = wish->since_ms = loop_now_ms();
	ARRAY_ROOM(app->wishes, app->wish_count, app->wish_cap);
	app->wishes[app->wish_count++] = wish;
	if (app->wish_count == 1)
		rc = do_first(app, app->term ? wish->since_ms + AT_ONCE_MS : INT64_MAX, &own);
	if (!app->wish_count) {
		if (rc < 0)
			err_set_kind(err, own.kind, "%s", own.text);
		return rc;
	}
	go_on_in(app, rc < 0 ? AGAIN_MS : 0);
	return 0;
}

int wish_change(struct app *app, const char *account, const int64_t *ids, size_t count,
		const struct store_change *change, const char *done, struct err *err)
{
	struct wish *wish = mem_alloc(sizeof *wish);

	wish->account = mem_strdup(account);
	wish->done = copy_of(done);
	wish->add_tag = copy_of(change->add_tag);
	wish->remove_tag = copy_of(change->remove_tag);
	wish->ids = mem_resize(NULL, count + 1, sizeof *ids);
	if (count)
		memcpy(wish->ids, ids, count * sizeof *ids);
	wish->count = count;
	wish->change = *change;
	wish->change.add_tag = wish->add_tag;
	wish->change.remove_tag = wish->remove_tag;
	return add(app, wish, err);
}

int wish_undo(struct app *app, struct err *err)
{
	struct wish *wish = mem_alloc(sizeof *wish);

	wish->is_undo = true;
	return add(app, wish, err);
}

static int finish_first(struct app *app, struct err *err)
{
	struct wish *wish = app->wishes[0];
	struct store *store = wish->account ? app_store(app, wish->account, err) : NULL;
	int rc = 1;

	if (store)
		store_set_busy_ms(store, FLUSH_BUSY_MS);
	while (rc == 1)
		rc = do_part(app, wish, err);
	return rc;
}

void wish_flush(struct app *app)
{
	struct err err = ERR_INIT;

	loop_remove_timer(app->loop, &app->wish_timer);
	while (app->wish_count) {
		if (finish_first(app, &err) < 0)
			log_write(LOG_ERROR, "left undone at the end: %s", err.text);
		else if (app->wishes[0]->account)
			app_ring(app, app->wishes[0]->account);
		drop_first(app);
	}
	free(app->wishes);
	app->wishes = NULL;
	app->wish_cap = 0;
}
