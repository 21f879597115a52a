#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/map.h"
#include "store/mail/outbox.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"
#include "ui/command/agent.h"
#include "ui/command/agent_ask.h"
#include "ui/command/app.h"
#include "ui/command/app_main.h"
#include "ui/command/config_watch.h"
#include "ui/screen/term.h"

/* Once a second: what another program wrote (when nobody told), what waits in the outbox, the sentence
 * that has stood long enough. */
#define TICK_MS 1000

static void look_at_stores(struct app *app)
{
	const char *name;
	void *store;
	size_t at = 0;
	struct notice notice = {.kind = NOTICE_FOLDER_CHANGED};

	while (map_next(app->stores, &at, &name, &store)) {
		if (store_follow(store, NULL) < 1 && !app_saw_change(app, name))
			continue;
		snprintf(notice.account, sizeof notice.account, "%s", name);
		app_notice(app, &notice);
	}
}

/* News of every account is wanted, also of those nobody has looked at: one is opened with each tick. */
static void open_another(struct app *app)
{
	for (size_t i = 0; i < app->accounts.count; i++)
		if (!map_get(app->stores, app->accounts.items[i].name)) {
			app_open_quietly(app, app->accounts.items[i].name);
			return;
		}
}

/* Letters, not recipients: each counts once for each state that one of its recipients is in. */
struct waiting {
	size_t waiting, held, failed;
	int64_t due;
};

static void count_letter(const struct outbox_entry *entry, struct waiting *sum)
{
	bool waits = false, is_held = false, has_failed = false;
	size_t i;

	for (i = 0; i < entry->recipient_count; i++) {
		const struct outbox_recipient *one = &entry->recipients[i];

		is_held |= one->state == OUTBOX_HELD;
		has_failed |= one->state == OUTBOX_FAILED;
		if (one->state != OUTBOX_WAITING && one->state != OUTBOX_ATTEMPT)
			continue;
		waits = true;
		if (!sum->due || one->due < sum->due)
			sum->due = one->due;
	}
	sum->waiting += waits;
	sum->held += is_held;
	sum->failed += has_failed;
}

static struct waiting count_waiting(const struct outbox_entry *entries, size_t count)
{
	struct waiting sum = {.due = 0};
	size_t i;

	for (i = 0; i < count; i++)
		count_letter(&entries[i], &sum);
	return sum;
}

static void add_due(struct buf *out, int64_t due, int64_t now)
{
	char clock[16];
	struct tm tm;
	time_t time = (time_t)due;

	if (due <= now) {
		buf_add_str(out, _("now"));
	} else if (due - now < 120) {
		buf_printf(out, _("in %d s"), (int)(due - now));
	} else {
		localtime_r(&time, &tm);
		strftime(clock, sizeof clock, due - now < 86400 ? "%H:%M" : "%d.%m.", &tm);
		buf_printf(out, _("at %s"), clock);
	}
}

static void say_activity(struct app *app, const struct waiting *sum)
{
	struct buf text = BUF_INIT;
	char key[32];

	if (sum->waiting) {
		buf_printf(&text, _("outbox: %zu "), sum->waiting);
		add_due(&text, sum->due, (int64_t)time(NULL));
		if (sum->due > (int64_t)time(NULL) && app_key_for(app, "take-back", key, sizeof key))
			buf_printf(&text, _(" (%s takes back)"), key);
	} else if (sum->held || sum->failed) {
		buf_printf(&text, _("outbox: %zu held, %zu failed"), sum->held, sum->failed);
	}
	if (strcmp(buf_str(&text), app->activity) != 0) {
		snprintf(app->activity, sizeof app->activity, "%s", buf_str(&text));
		app_dirty(app);
	}
	buf_free(&text);
}

static void look_at_outbox(struct app *app)
{
	struct arena *arena;
	struct outbox_entry *entries;
	struct waiting sum = {.due = 0};
	size_t count;
	int64_t version;

	if (!app->outbox)
		return;
	version = outbox_data_version(app->outbox);
	if (version == app->outbox_version && !app->outbox_busy)
		return;
	arena = arena_new();
	if (outbox_list(app->outbox, false, arena, &entries, &count, NULL) == 0)
		sum = count_waiting(entries, count);
	if (version != app->outbox_version)
		app_notice(app, &(struct notice){.kind = NOTICE_OUTBOX_CHANGED});
	app->outbox_version = version;
	app->outbox_busy = sum.waiting > 0;
	say_activity(app, &sum);
	arena_free(&arena);
}

void app_outbox_changed(struct app *app)
{
	if (!app->outbox && app->accounts.count)
		app->outbox = outbox_open(NULL);
	app->outbox_busy = true;
	look_at_outbox(app);
}

static void forget_old_status(struct app *app)
{
	if (*app->status && !app->status_is_error && loop_now_ms() > app->status_until_ms) {
		app->status[0] = 0;
		app_dirty(app);
	}
}

static void tick(void *arg)
{
	struct app *app = arg;

	app->tick = loop_add_timer(app->loop, "tick", TICK_MS, tick, app);
	if (app->is_away)
		return;
	config_watch_look(app);
	look_at_stores(app);
	open_another(app);
	look_at_outbox(app);
	forget_old_status(app);
	app_tell_waiting(app);
	agent_ask_next(app);
	app_run_news(app);
}

void app_start_tick(struct app *app)
{
	config_watch_look(app);
	app_outbox_changed(app);
	app->tick = loop_add_timer(app->loop, "tick", TICK_MS, tick, app);
}
