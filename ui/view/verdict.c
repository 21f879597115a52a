#include "config.h"

#include "ui/view/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/crypto/crypto.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/ask.h"
#include "ui/render/message.h"
#include "ui/render/signed_marks.h"

#define SIGN_WIDTH 2
#define WAIT_MS	   150 /* for a moment when a question may be put */
#define NAME_LEAST 10
#define KEY_DIGITS 8

struct verdict {
	struct app *app;
	int users;
	struct crypto_job *job; /* NULL: done, or cancelled */
	struct crypto_result *result;
	bool is_encrypted;	 /* as it says itself: only for what is said meanwhile */
	struct view *view; /* that started it: it is on top when a question is put */
	void (*changed)(struct view *view);
	char *question; /* that waits, or is put; NULL: none */
	bool is_put;
	struct loop_timer *timer;
};

/* --- the passphrase --- */

static void forget_question(struct verdict *verdict)
{
	loop_remove_timer(verdict->app->loop, &verdict->timer);
	free(verdict->question);
	verdict->question = NULL;
	verdict->is_put = false;
}

static void answered(struct app *app, const char *text, void *arg)
{
	struct verdict *verdict = arg;

	(void)app;
	forget_question(verdict);
	if (verdict->job)
		crypto_answer(verdict->job, text);
	verdict_release(&verdict);
}

/* Nobody may type into it what was meant for something else: no other question stands, no key sequence has begun,
 * and the letter is what is looked at. */
static bool may_ask(const struct verdict *verdict)
{
	struct app *app = verdict->app;

	return !app->prompt && !app->typed.count && !app->is_away && !app->work &&
	       app_top(app) == verdict->view;
}

static void put_question(void *arg)
{
	struct verdict *verdict = arg;

	verdict->timer = NULL;
	if (!may_ask(verdict)) {
		verdict->timer = loop_add_timer(verdict->app->loop, "passphrase", WAIT_MS, put_question, verdict);
		return;
	}
	verdict->is_put = true;
	app_ask_secret(verdict->app, verdict->question, answered, verdict_share(verdict));
}

#define QUESTION_WIDTH 40 /* at most, without the name */

/* gpg puts the number of the key before its name. */
static const char *without_number(const char *key)
{
	size_t digits = strspn(key, "0123456789ABCDEF");

	return digits >= KEY_DIGITS && key[digits] == ' ' && key[digits + 1] ? key + digits + 1 : key;
}

/* The key's name is cut so that there is room for the rest. */
static char *question_words(const struct app *app, const struct crypto_question *question)
{
	int width = canvas_width(app->canvas) - QUESTION_WIDTH, used;
	const char *key = without_number(question->key);
	size_t fit = utf8_fit(key, strlen(key), width < NAME_LEAST ? NAME_LEAST : width, &used);
	char *name = mem_strndup(key, fit), *whole;

	if (question->was_wrong)
		whole = mem_printf(_("That was wrong. Passphrase of \"%s\": "), name);
	else
		whole = mem_printf(_("Passphrase of \"%s\": "), name);
	free(name);
	return whole;
}

static void ask(void *arg, const struct crypto_question *question)
{
	struct verdict *verdict = arg;

	forget_question(verdict);
	verdict->question = question_words(verdict->app, question);
	verdict->timer = loop_add_timer(verdict->app->loop, "passphrase", 0, put_question, verdict);
}

/* --- the check --- */

static void done(void *arg, struct crypto_result *result)
{
	struct verdict *verdict = arg;
	bool was_put = verdict->is_put;

	verdict->job = NULL;
	verdict->result = result;
	verdict_share(verdict);
	if (was_put)
		app_cancel_question(verdict->app); /* nobody waits for it any more */
	else
		forget_question(verdict);
	app_dirty(verdict->app);
	verdict->changed(verdict->view);
	verdict_release(&verdict);
}

struct verdict *verdict_start(struct view *view, const struct mime_message *message, const char *bytes, size_t len,
			      void (*changed)(struct view *view))
{
	struct verdict *verdict;

	if (!crypto_is_needed(message))
		return NULL;
	verdict = mem_alloc(sizeof *verdict);
	*verdict = (struct verdict){.app = view->app, .users = 1, .view = view, .changed = changed};
	verdict->is_encrypted = crypto_is_encrypted(message);
	verdict->job = crypto_start(view->app->loop, bytes, len, NULL, done, ask, verdict);
	return verdict;
}

void verdict_cancel(struct verdict *verdict)
{
	if (!verdict)
		return;
	crypto_cancel(&verdict->job);
	if (verdict->is_put)
		app_cancel_question(verdict->app);
	else
		forget_question(verdict);
}

struct verdict *verdict_share(struct verdict *verdict)
{
	if (verdict)
		verdict->users++;
	return verdict;
}

void verdict_release(struct verdict **where)
{
	struct verdict *verdict = *where;

	*where = NULL;
	if (!verdict || --verdict->users)
		return;
	crypto_cancel(&verdict->job);
	forget_question(verdict);
	crypto_result_free(&verdict->result);
	free(verdict);
}

const struct crypto_result *verdict_result(const struct verdict *verdict)
{
	return verdict ? verdict->result : NULL;
}

bool verdict_is_checking(const struct verdict *verdict)
{
	return verdict && verdict->job;
}

/* --- the rows --- */

struct row {
	enum crypto_weight weight;
	char *words; /* in the arena */
};

struct rows {
	struct arena *arena;
	struct row *items;
	size_t count;
};

/* Was MESSAGE found in what was opened as number ABOUT, or is it that itself? */
static bool is_within(const struct crypto_result *result, size_t message, size_t about)
{
	while (message > about && message <= result->opened_count)
		message = result->opened[message - 1].message;
	return message == about;
}

bool verdict_is_about(const struct crypto_result *result, const struct crypto_verdict *verdict, size_t about)
{
	const struct crypto_opened *opened;

	if (!about)
		return verdict->is_in_frame;
	opened = &result->opened[about - 1];
	if (is_within(result, verdict->message, about))
		return true;
	return verdict->what == CRYPTO_ENCRYPTED && verdict->message == opened->message &&
	       !strcmp(verdict->path, opened->path);
}

static void add_row(struct rows *rows, enum crypto_weight weight, struct buf *words)
{
	rows->items[rows->count++] = (struct row){weight, arena_strdup(rows->arena, buf_str(words))};
	buf_clear(words);
}

/* What speaks against the letter comes first: it stays in sight in the smallest window. */
static int rank(enum crypto_weight weight)
{
	static const int ranks[] = {
		[CRYPTO_WRONG] = 0, [CRYPTO_DOUBTFUL] = 1, [CRYPTO_FINE] = 2, [CRYPTO_NEUTRAL] = 3};

	return ranks[weight];
}

static void sort_rows(struct rows *rows)
{
	for (size_t i = 1; i < rows->count; i++)
		for (size_t at = i; at && rank(rows->items[at].weight) < rank(rows->items[at - 1].weight); at--) {
			struct row row = rows->items[at];

			rows->items[at] = rows->items[at - 1];
			rows->items[at - 1] = row;
		}
}

static void add_all(struct rows *rows, const struct crypto_result *result, size_t about)
{
	struct buf words = BUF_INIT;

	for (size_t i = 0; i < result->verdict_count; i++)
		if (verdict_is_about(result, &result->verdicts[i], about)) {
			if (!result->verdicts[i].covers_all)
				buf_add_str(&words, _("Only in part: ")); /* a narrow row is cut behind it */
			crypto_verdict_words(&result->verdicts[i], &words);
			add_row(rows, crypto_verdict_weight(&result->verdicts[i]), &words);
		}
	for (size_t i = 0; !about && i < result->difference_count; i++) {
		const struct crypto_difference *difference = &result->differences[i];
		bool is_as_meant = difference->is_usual && difference->inner_is_shown;

		crypto_difference_words(difference, &words);
		add_row(rows, is_as_meant ? CRYPTO_NEUTRAL : CRYPTO_DOUBTFUL, &words);
	}
	buf_free(&words);
}

static void add_waiting(struct rows *rows, const struct verdict *verdict)
{
	struct buf words = BUF_INIT;

	if (!verdict->job)
		buf_add_str(&words, _("Not checked."));
	else
		buf_add_str(&words, verdict->is_encrypted ? _("Decrypting…") : _("Checking the signature…"));
	add_row(rows, CRYPTO_NEUTRAL, &words);
	buf_free(&words);
}

/* Printable once more: whatever it came from. */
static void make_inert(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct buf clean = BUF_INIT;

		utf8_add_revealed(&clean, rows->items[i].words, strlen(rows->items[i].words));
		rows->items[i].words = arena_strdup(rows->arena, buf_str(&clean));
		buf_free(&clean);
	}
}

static struct rows rows_of(const struct verdict *verdict, size_t about)
{
	const struct crypto_result *result = verdict->result;
	struct rows rows = {.arena = arena_new()};
	size_t most = result ? result->verdict_count + result->difference_count : 0;

	rows.items = ARENA_ARRAY(rows.arena, struct row, most + 1);
	if (result)
		add_all(&rows, result, about);
	else
		add_waiting(&rows, verdict);
	make_inert(&rows);
	sort_rows(&rows);
	return rows;
}

/* Rows of the screen they may have: the letter is what one came for. */
static int most_rows(int height)
{
	if (height < 9)
		return 1;
	return height < 14 ? 2 : 4;
}

/* Bytes of TEXT for one row: up to a blank where there is one in its second half. */
static size_t fitting(const char *text, int width)
{
	int used;
	size_t fit = utf8_fit(text, strlen(text), width, &used), cut = fit;

	if (!text[fit])
		return fit;
	while (cut > fit / 2 && text[cut] != ' ')
		cut--;
	return cut > fit / 2 ? cut : fit;
}

static int rows_needed(const char *words, int width, int most)
{
	int needed = 1;

	for (size_t fit = fitting(words, width); words[fit] && needed < most; needed++) {
		words += fit;
		words += strspn(words, " ");
		fit = fitting(words, width);
	}
	return needed;
}

static int words_width(int width)
{
	return width > SIGN_WIDTH + 2 ? width - SIGN_WIDTH - 1 : 1;
}

/* How many rows the item AT of ROWS gets when ROOM is left for it and those behind it. */
static int share(const struct rows *rows, size_t at, int width, int room)
{
	int behind = (int)(rows->count - at) - 1, own = room - behind;

	return rows_needed(rows->items[at].words, words_width(width), own > 1 ? own : 1);
}

int verdict_rows(const struct verdict *verdict, size_t about, int width, int height)
{
	int most = most_rows(height), used = 0;
	struct rows rows;

	if (!verdict)
		return 0;
	rows = rows_of(verdict, about);
	for (size_t i = 0; i < rows.count && used < most; i++)
		used += share(&rows, i, width, most - used);
	arena_free(&rows.arena);
	return used;
}

/* Draws as much of one item as ROWS rows hold; true when all of it stands there. */
static bool draw_item(const struct row *item, struct canvas *canvas, struct rect area, int rows)
{
	static const char *const signs[] = {
		[CRYPTO_FINE] = "+", [CRYPTO_DOUBTFUL] = "?", [CRYPTO_WRONG] = "!", [CRYPTO_NEUTRAL] = "-"};
	enum style style = signed_marks_style(item->weight);
	const char *words = item->words;
	int width = words_width(area.width);

	for (int y = 0; y < rows; y++) {
		size_t fit = fitting(words, width);

		canvas_fill(canvas, (struct rect){area.x, area.y + y, area.width, 1}, style);
		if (!y)
			canvas_put(canvas, area.x, area.y, 1, style, signs[item->weight]);
		if (y == rows - 1)
			fit = strlen(words);
		canvas_put_n(canvas, area.x + SIGN_WIDTH, area.y + y, width, style, words, fit, true);
		if (y == rows - 1 && words[fitting(words, width)])
			return false;
		words += fit;
		words += strspn(words, " ");
	}
	return true;
}

/* Where the rest is to be found. */
static void draw_more(const struct app *app, struct canvas *canvas, struct rect row, enum style style)
{
	char key[48], words[128];

	if (!app_key_for(app, "verdict", key, sizeof key))
		snprintf(key, sizeof key, ":verdict");
	snprintf(words, sizeof words, _(" %s: more "), key);
	if (utf8_width(words, strlen(words)) * 3 < row.width)
		canvas_put_right(canvas, row.x + row.width, row.y, style, words);
}

void verdict_draw(const struct verdict *verdict, size_t about, struct canvas *canvas, struct rect area)
{
	struct rows rows = rows_of(verdict, about);
	bool is_whole = true;
	enum style style = STYLE_VERDICT_PLAIN;
	size_t i = 0;
	int y = 0;

	for (; i < rows.count && y < area.height; i++) {
		int own = share(&rows, i, area.width, area.height - y);

		is_whole &= draw_item(&rows.items[i], canvas, (struct rect){area.x, area.y + y, area.width, own}, own);
		style = signed_marks_style(rows.items[i].weight);
		y += own;
	}
	if (y && (!is_whole || i < rows.count))
		draw_more(verdict->app, canvas, (struct rect){area.x, area.y + y - 1, area.width, 1}, style);
	arena_free(&rows.arena);
}

/* --- parts that were opened by themselves --- */

static bool is_listed(const struct crypto_result *result, size_t at, size_t message)
{
	return !result->opened[at].is_whole && signed_marks_is_same(result, result->opened[at].message, message);
}

static struct message_part part_of(const struct crypto_opened *opened, struct arena *arena)
{
	struct mime_part *part = ARENA_NEW(arena, struct mime_part);

	part->path = arena_strdup(arena, opened->path);
	part->type = arena_strdup(arena, "message/rfc822");
	part->disposition = arena_strdup(arena, "attachment");
	part->whole = part->body = (struct span){opened->bytes, opened->len};
	part->filename = arena_printf(arena, _("opened part %s.eml"), opened->path);
	return (struct message_part){
		.part = part,
		.name = arena_printf(arena, _("part %s"), opened->path),
		.kind = arena_strdup(arena, opened->was_encrypted ? _("decrypted") : _("signed")),
		.size = (int64_t)opened->len,
	};
}

void verdict_add_parts(const struct verdict *verdict, size_t message, struct arena *arena,
		       struct message_part **parts, size_t *count)
{
	const struct crypto_result *result = verdict_result(verdict);
	struct message_part *list;
	size_t more = 0, at = *count;

	for (size_t i = 0; result && i < result->opened_count; i++)
		more += is_listed(result, i, message);
	if (!more)
		return;
	list = ARENA_ARRAY(arena, struct message_part, at + more);
	memcpy(list, *parts, at * sizeof *list);
	for (size_t i = 0; i < result->opened_count; i++)
		if (is_listed(result, i, message))
			list[at++] = part_of(&result->opened[i], arena);
	*parts = list;
	*count = at;
}

size_t verdict_opened(const struct verdict *verdict, const struct mime_part *part)
{
	const struct crypto_result *result = verdict_result(verdict);

	for (size_t i = 0; result && i < result->opened_count; i++)
		if (part->whole.data == result->opened[i].bytes && part->whole.len == result->opened[i].len &&
		    !result->opened[i].is_whole)
			return i + 1;
	return 0;
}
