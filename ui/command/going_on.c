#include "config.h"
#include "ui/command/going_on.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/mail/account.h"
#include "store/mail/outbox.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/screen/format.h"

#define TRANSFERS_MAX 200 /* workers tell what they do, and nobody tells more */

struct going_on {
	struct map *states; /* account -> struct going_state */
	struct transfer *transfers;
	size_t count, cap;
};

static struct going_on *of(struct app *app)
{
	if (!app->going_on) {
		app->going_on = mem_alloc(sizeof *app->going_on);
		app->going_on->states = map_new();
	}
	return app->going_on;
}

static void forget_transfers(struct going_on *going_on)
{
	while (going_on->count)
		free(going_on->transfers[--going_on->count].what);
}

void going_on_free(struct going_on **going_on)
{
	if (!*going_on)
		return;
	forget_transfers(*going_on);
	free((*going_on)->transfers);
	map_free(&(*going_on)->states, free);
	free(*going_on);
	*going_on = NULL;
}

void going_on_forget(struct app *app)
{
	going_on_free(&app->going_on);
	app_dirty(app);
}

/* --- states --- */

static bool is_trouble(enum notice_state state)
{
	return state == STATE_OFFLINE || state == STATE_STUCK;
}

static void hear_state(struct app *app, const struct notice *notice)
{
	struct going_on *going_on = of(app);
	struct going_state *state = map_get(going_on->states, notice->account);
	enum notice_state now = (enum notice_state)notice->code;
	bool goes_on;

	if (!state) {
		state = mem_alloc(sizeof *state);
		map_set(going_on->states, notice->account, state);
	}
	goes_on = state->had_trouble && (is_trouble(now) || now == STATE_WORKING);
	if (now != state->state && !goes_on)
		state->since = (int64_t)time(NULL);
	state->had_trouble = is_trouble(now) || (state->had_trouble && now == STATE_WORKING);
	state->state = now;
	state->used = notice->total ? notice->done : state->used;
	state->limit = notice->total ? notice->total : state->limit;
	if (now != STATE_WORKING)
		snprintf(state->why, sizeof state->why, "%s", notice->text);
}

const struct going_state *going_on_state(const struct app *app, const char *account)
{
	static const struct going_state nothing = {.why = ""};
	const struct going_state *state = app->going_on ? map_get(app->going_on->states, account) : NULL;

	return state ? state : &nothing;
}

static bool has_server(const struct account *account)
{
	return account->kind == ACCOUNT_IMAP || account->kind == ACCOUNT_POP3 || account->kind == ACCOUNT_JMAP;
}

static void add_offline(struct buf *out, int64_t since)
{
	struct buf when = BUF_INIT;

	date_add_short(&when, since, (int64_t)time(NULL));
	buf_printf(out, _("offline since %s"), buf_str(&when));
	buf_free(&when);
}

void going_on_add_word(const struct app *app, const struct account *account, struct buf *out)
{
	const struct going_state *state = going_on_state(app, account->name);

	if (!has_server(account))
		return;
	switch (state->state) {
	case STATE_WAITING:
		buf_add_str(out, _("online"));
		break;
	case STATE_WORKING:
		buf_add_str(out, state->had_trouble ? _("connecting") : _("working"));
		break;
	case STATE_OFFLINE:
		add_offline(out, state->since);
		break;
	case STATE_STUCK:
		buf_add_str(out, _("needs you"));
		break;
	case STATE_QUIET:
		buf_add_str(out, _("switched off"));
		break;
	default:
		buf_add_str(out, app->agent ? _("not known yet") : _("no agent"));
		break;
	}
}

bool going_on_has_trouble(const struct app *app, const struct account *account)
{
	const struct going_state *state = going_on_state(app, account->name);

	return has_server(account) && (state->had_trouble || state->state == STATE_QUIET);
}

/* --- transfers --- */

static bool is_same(const struct transfer *transfer, const struct notice *notice)
{
	return (int64_t)transfer->kind == notice->code && transfer->id == notice->id &&
	       strcmp(transfer->account, notice->account) == 0 && strcmp(transfer->part, notice->text) == 0;
}

static long find(const struct going_on *going_on, const struct notice *notice)
{
	for (size_t i = 0; i < going_on->count; i++)
		if (is_same(&going_on->transfers[i], notice))
			return (long)i;
	return -1;
}

static char *subject_of_letter(struct app *app, const struct notice *notice)
{
	struct store *store = map_get(app->stores, notice->account);
	struct arena *arena = arena_new();
	struct message row;
	char *subject;

	if (store && store_message(store, notice->id, arena, &row, NULL) == 1)
		subject = mem_strdup(row.subject);
	else
		subject = mem_strdup("");
	arena_free(&arena);
	return subject;
}

static char *subject_in_outbox(struct app *app, int64_t id)
{
	struct arena *arena = arena_new();
	struct outbox_entry entry;
	bool found = app->outbox && outbox_get(app->outbox, id, arena, &entry, NULL) == 1;
	char *subject = mem_strdup(found ? entry.subject : "");

	arena_free(&arena);
	return subject;
}

static char *name_of(struct app *app, const struct notice *notice)
{
	if (notice->code == TRANSFER_LETTER)
		return subject_of_letter(app, notice);
	if (notice->code == TRANSFER_SENDING)
		return subject_in_outbox(app, notice->id);
	return mem_strdup("");
}

static void begin(struct app *app, struct going_on *going_on, const struct notice *notice)
{
	struct transfer *transfer;

	ARRAY_ROOM(going_on->transfers, going_on->count, going_on->cap);
	transfer = &going_on->transfers[going_on->count++];
	*transfer = (struct transfer){.kind = (enum notice_transfer)notice->code,
				      .id = notice->id,
				      .done = notice->done,
				      .total = notice->total};
	memcpy(transfer->account, notice->account, sizeof transfer->account);
	snprintf(transfer->part, sizeof transfer->part, "%.63s", notice->text);
	transfer->what = name_of(app, notice);
}

static void end(struct going_on *going_on, size_t at)
{
	free(going_on->transfers[at].what);
	memmove(going_on->transfers + at, going_on->transfers + at + 1,
		(--going_on->count - at) * sizeof *going_on->transfers);
}

static void hear_progress(struct app *app, const struct notice *notice)
{
	struct going_on *going_on = of(app);
	bool is_over = notice->total <= 0 || notice->done >= notice->total;
	long at = find(going_on, notice);

	if (at >= 0 && is_over) {
		end(going_on, (size_t)at);
	} else if (at >= 0) {
		going_on->transfers[at].done = notice->done;
		going_on->transfers[at].total = notice->total;
	} else if (!is_over && going_on->count < TRANSFERS_MAX) {
		begin(app, going_on, notice);
	}
}

/* Whose connection is gone has nothing on its way. */
static void drop_of_account(struct app *app, const char *account)
{
	struct going_on *going_on = of(app);
	size_t i = 0;

	while (i < going_on->count)
		if (strcmp(going_on->transfers[i].account, account) == 0 &&
		    (going_on->transfers[i].kind == TRANSFER_ROUND || going_on->transfers[i].kind == TRANSFER_LETTER))
			end(going_on, i);
		else
			i++;
}

void going_on_hear(struct app *app, const struct notice *notice)
{
	if (notice->kind == NOTICE_PROGRESS)
		hear_progress(app, notice);
	if (notice->kind != NOTICE_STATE)
		return;
	hear_state(app, notice);
	if (notice->code != STATE_WORKING)
		drop_of_account(app, notice->account);
}

const struct transfer *going_on_transfers(const struct app *app, size_t *count)
{
	*count = app->going_on ? app->going_on->count : 0;
	return app->going_on ? app->going_on->transfers : NULL;
}

const struct transfer *going_on_letter(const struct app *app, const char *account, int64_t id, const char *part)
{
	struct notice notice = {.code = TRANSFER_LETTER, .id = id};
	long at = -1;

	snprintf(notice.account, sizeof notice.account, "%s", account);
	snprintf(notice.text, sizeof notice.text, "%s", part);
	if (app->going_on)
		at = find(app->going_on, &notice);
	return at < 0 ? NULL : &app->going_on->transfers[at];
}

const struct transfer *going_on_sending(const struct app *app, int64_t id)
{
	for (size_t i = 0; app->going_on && i < app->going_on->count; i++)
		if (app->going_on->transfers[i].kind == TRANSFER_SENDING && app->going_on->transfers[i].id == id)
			return &app->going_on->transfers[i];
	return NULL;
}

/* --- as words --- */

int going_on_percent(const struct transfer *transfer)
{
	return transfer->total > 0 ? (int)((double)transfer->done * 100 / (double)transfer->total) : 0;
}

void going_on_add_amount(const struct transfer *transfer, struct buf *out)
{
	struct buf done = BUF_INIT, total = BUF_INIT;
	bool is_bytes = transfer->kind == TRANSFER_LETTER || transfer->kind == TRANSFER_SENDING;
	void (*add)(struct buf *, int64_t) = is_bytes ? format_add_size : format_add_count;

	add(&done, transfer->done);
	add(&total, transfer->total);
	buf_printf(out, _("%s of %s"), buf_str(&done), buf_str(&total));
	buf_free(&done);
	buf_free(&total);
}

void going_on_add_bar(const struct transfer *transfer, int columns, struct buf *out)
{
	int width = columns - 2, filled = width * going_on_percent(transfer) / 100;

	buf_add_char(out, '[');
	for (int i = 0; i < width; i++)
		buf_add_char(out, i < filled ? '#' : ' ');
	buf_add_char(out, ']');
}

static void add_transfer(const struct transfer *transfer, struct buf *out)
{
	int percent = going_on_percent(transfer);

	if (transfer->kind == TRANSFER_LETTER)
		buf_printf(out, _("fetching a letter %d %%"), percent);
	else if (transfer->kind == TRANSFER_SENDING)
		buf_printf(out, _("sending %d %%"), percent);
	else
		buf_printf(out, _("reading %s %d %%"), transfer->account, percent);
}

static bool is_told(const struct transfer *transfer, const char *another)
{
	return another && transfer->kind != TRANSFER_LETTER && transfer->kind != TRANSFER_SENDING &&
	       strcmp(transfer->account, another) == 0;
}

/* What a person waits for goes before what is done by itself. */
static const struct transfer *first_of(const struct app *app, const char *another)
{
	const struct transfer *best = NULL, *list;
	size_t count;

	list = going_on_transfers(app, &count);
	for (size_t i = 0; i < count; i++)
		if (!is_told(&list[i], another) && (!best || list[i].kind > best->kind))
			best = &list[i];
	return best;
}

/* The person wants no connections at all. */
static bool is_all_quiet(const struct app *app)
{
	size_t quiet = 0, others = 0;

	for (size_t i = 0; i < app->accounts.count; i++) {
		const struct account *account = &app->accounts.items[i];
		bool is_quiet = going_on_state(app, account->name)->state == STATE_QUIET;

		quiet += is_quiet;
		others += has_server(account) && !is_quiet;
	}
	return quiet && !others;
}

void going_on_add_short(const struct app *app, const char *another, struct buf *out)
{
	const struct transfer *transfer = first_of(app, another);

	if (transfer) {
		add_transfer(transfer, out);
		return;
	}
	if (is_all_quiet(app)) {
		buf_add_str(out, _("switched offline"));
		return;
	}
	for (size_t i = 0; i < app->accounts.count; i++) {
		const struct account *account = &app->accounts.items[i];

		if (!going_on_has_trouble(app, account) || (another && strcmp(account->name, another) == 0))
			continue;
		buf_printf(out, "%s: ", account->name);
		going_on_add_word(app, account, out);
		return;
	}
}
