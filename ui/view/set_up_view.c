#include "config.h"
#include "ui/view/set_up_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"
#include "ui/command/agent.h"
#include "ui/command/app.h"
#include "ui/command/app_main.h"
#include "ui/command/ask.h"
#include "ui/command/set_up_worker.h"
#include "ui/input/key.h"
#include "ui/view/certificate_view.h"
#include "ui/view/list_cursor.h"

#define STEPS_MAX   200
#define STEP_ROWS   12 /* of one step: an address may be long */
#define VALUE_X	    28
#define FIRST_Y	    3
#define LEAVE_DAYS  "30"
#define SPACE_ERROR 5 /* rows of the sentence, at most */

enum field {
	FIELD_KIND,
	FIELD_USER,
	FIELD_PASSWORD,
	FIELD_SERVER,
	FIELD_TLS,
	FIELD_LEAVE,
	FIELD_SUBMISSION,
	FIELD_SUBMISSION_TLS,
	FIELD_TRY,
	FIELD_COUNT
};

static const struct {
	const char *key, *label;
	const char *choices; /* blanks between; NULL: text */
} fields[FIELD_COUNT] = {
    [FIELD_KIND] = {"kind", N_("How mail is fetched"), "imap pop3"},
    [FIELD_USER] = {"user", N_("Your name there"), NULL},
    [FIELD_PASSWORD] = {"", N_("Password"), NULL},
    [FIELD_SERVER] = {"server", N_("Server (host:port)"), NULL},
    [FIELD_TLS] = {"tls", N_("How it is protected"), "implicit starttls none"},
    [FIELD_LEAVE] = {"leave-days", N_("Days they stay (POP3)"), NULL},
    [FIELD_SUBMISSION] = {"submission", N_("Server for sending"), NULL},
    [FIELD_SUBMISSION_TLS] = {"submission-tls", N_("How it is protected"), "implicit starttls none"},
    [FIELD_TRY] = {"", N_("Try with these"), NULL},
};

struct set_up_view {
	struct list_cursor cursor; /* on the fields */
	char *address, *real_name, *password;
	char *steps[STEPS_MAX];
	size_t step_count;
	bool is_open;  /* the last step is still under way */
	char *failure; /* NULL: it goes on */
	char *hint;
	char *values[FIELD_COUNT];
	struct set_up_worker *worker;
	struct notice question; /* id 0: none */
	struct view *certificate;
	bool was_password_given, is_asking;
	bool is_by_hand; /* the form has what was typed */
	int fields_y;
};

static struct set_up_view *of(struct view *view)
{
	return (struct set_up_view *)view;
}

static void replace(char **text, const char *fresh)
{
	char *copy = fresh ? mem_strdup(fresh) : NULL;

	free(*text);
	*text = copy;
}

static void forget_password(struct set_up_view *self)
{
	if (self->password)
		explicit_bzero(self->password, strlen(self->password));
	replace(&self->password, NULL);
}

/* --- drawing -------------------------------------------------------------------------------------- */

/* Breaks TEXT at blanks; the rows it took, or would take where CANVAS is NULL. */
static int put_wrapped(struct canvas *canvas, struct rect area, enum style style, const char *text)
{
	int rows = 0, used;

	while (*text && area.width > 0 && rows < area.height) {
		size_t fit = utf8_fit(text, strlen(text), area.width, &used), cut = fit;

		while (text[fit] && cut > 0 && text[cut] != ' ')
			cut--;
		fit = cut ? cut : fit ? fit : 1;
		if (canvas)
			canvas_put_n(canvas, area.x, area.y + rows, area.width, style, text, fit, false);
		rows++;
		for (text += fit; *text == ' '; text++)
			;
	}
	return rows;
}

/* The last steps that fit into AREA; the rows they took. */
static int draw_steps(struct set_up_view *self, struct canvas *canvas, struct rect area)
{
	size_t first = self->step_count, i;
	int rows = 0, y = 0;

	while (first > 0) {
		int more = put_wrapped(NULL, (struct rect){0, 0, area.width, STEP_ROWS}, STYLE_NORMAL,
				       self->steps[first - 1]);

		if (rows + more > area.height)
			break;
		rows += more;
		first--;
	}
	for (i = first; i < self->step_count; i++) {
		bool is_open = self->is_open && i + 1 == self->step_count;
		struct rect row = {area.x, area.y + y, area.width, STEP_ROWS};

		y += put_wrapped(canvas, row, is_open ? STYLE_BOLD : STYLE_NORMAL, self->steps[i]);
	}
	return y;
}

static const char *shown_value(const struct set_up_view *self, enum field field)
{
	if (field == FIELD_PASSWORD)
		return self->password && *self->password ? "********" : "";
	return self->values[field] ? self->values[field] : "";
}

static void draw_field(struct set_up_view *self, struct canvas *canvas, struct rect area, enum field field, int y)
{
	canvas_put(canvas, area.x + 3, y, VALUE_X - 4, STYLE_BOLD, _(fields[field].label));
	canvas_put(canvas, area.x + VALUE_X, y, area.width - VALUE_X - 1, STYLE_NORMAL, shown_value(self, field));
	if (self->cursor.at != field)
		return;
	canvas_over(canvas, (struct rect){area.x + 1, y, area.width - 2, 1}, STYLE_CURSOR);
	canvas_set_cursor(canvas, area.x + 3, y);
}

static void draw_failure(struct set_up_view *self, struct canvas *canvas, struct rect area)
{
	int y = area.y, i;

	y += put_wrapped(canvas, (struct rect){area.x + 1, y, area.width - 2, SPACE_ERROR}, STYLE_ERROR, self->failure);
	self->fields_y = y + 1;
	for (i = 0; i < FIELD_COUNT; i++)
		draw_field(self, canvas, area, (enum field)i, self->fields_y + i);
}

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct set_up_view *self = of(view);
	int below = self->failure ? FIELD_COUNT + SPACE_ERROR + 1 : 2, used;
	int height = area.height - FIRST_Y - below;
	char *title = mem_printf(_("The mail of %s"), self->address);

	canvas_put(canvas, area.x + 1, area.y + 1, area.width - 2, STYLE_BOLD, title);
	free(title);
	used = draw_steps(self, canvas,
			  (struct rect){area.x + 3, area.y + FIRST_Y, area.width - 4, height > 1 ? height : 1});
	area.y += FIRST_Y + used + 1;
	area.height -= FIRST_Y + used + 1;
	if (self->failure)
		draw_failure(self, canvas, area);
	else
		canvas_put(canvas, area.x + 1, area.y, area.width - 2, STYLE_DIM,
			   _("Nothing is written down before signing in works. q or Esc ends it."));
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	(void)view, (void)right;
	buf_add_str(left, "Tern");
}

/* --- what the worker says ------------------------------------------------------------------------- */

static void add_step(struct set_up_view *self, const char *words, bool is_done)
{
	if (self->is_open) {
		replace(&self->steps[self->step_count - 1], words);
	} else {
		if (self->step_count == STEPS_MAX) {
			free(self->steps[0]);
			memmove(self->steps, self->steps + 1, (STEPS_MAX - 1) * sizeof *self->steps);
			self->step_count--;
		}
		self->steps[self->step_count++] = mem_strdup(words);
	}
	self->is_open = !is_done;
}

static void browser_ended(void *arg, pid_t pid, int status)
{
	(void)arg, (void)pid, (void)status;
}

static void take_setting(struct set_up_view *self, struct span line)
{
	size_t at = span_find(line, 0, '=');
	char *value;
	int i;

	if (at == line.len)
		return;
	value = mem_strndup(line.data + at + 1, line.len - at - 1);
	line.len = at;
	for (i = 0; i < FIELD_COUNT; i++)
		if (*fields[i].key && span_equal_nocase(line, fields[i].key))
			replace(&self->values[i], value);
	if (span_equal_nocase(line, "hint"))
		replace(&self->hint, value);
	free(value);
}

/* The address is one argument of a program, never part of a command. */
static void open_browser(struct app *app, const char *url)
{
	struct child_setup setup = {.in = CHILD_NULL, .out = CHILD_NULL, .err = CHILD_NULL, .extra = -1};
	const char *argv[] = {"xdg-open", url, NULL};
	struct child child;

	if ((getenv("DISPLAY") || getenv("WAYLAND_DISPLAY")) && child_start(&child, argv, &setup, NULL) == 0)
		loop_add_child(app->loop, "a browser to sign in with", child.pid, browser_ended, NULL);
}

static void sign_in_with_browser(struct set_up_view *self, struct span line)
{
	char *url = mem_strndup(line.data + strlen("url="), line.len - strlen("url="));

	add_step(self, _("Open this address in a browser, and sign in:"), true);
	add_step(self, url, true);
	open_browser(self->cursor.view.app, url);
	free(url);
}

static void take_settings(struct set_up_view *self, const char *text)
{
	struct span rest = span_of(text), line;

	while (span_split(&rest, '\n', &line) > 0)
		if (span_starts_nocase(line, "url="))
			sign_in_with_browser(self, line);
		else
			take_setting(self, line);
}

/* What the failure says need not stand there twice, nor what was just begun. */
static void drop_same_step(struct set_up_view *self)
{
	if (!self->step_count || (!self->is_open && !str_starts(self->failure, self->steps[self->step_count - 1])))
		return;
	free(self->steps[--self->step_count]);
}

static void fail(struct set_up_view *self, const char *words)
{
	bool has_server = self->values[FIELD_SERVER] && *self->values[FIELD_SERVER];

	set_up_worker_stop(&self->worker);
	replace(&self->failure, words);
	drop_same_step(self);
	self->is_open = false;
	self->cursor.at = has_server ? FIELD_PASSWORD : FIELD_SERVER;
}

/* SELF is gone when this returns. */
static void arrive(struct set_up_view *self, const struct notice *done)
{
	struct app *app = self->cursor.view.app;
	struct err err = ERR_INIT;
	char *name = mem_strdup(done->account), *words = mem_strdup(done->text);

	set_up_worker_stop(&self->worker);
	app_reload_config(app);
	if (app_load_accounts(app, &err) < 0)
		app_complain(app, &err);
	agent_open(app, true);
	app_ring(app, name);
	set_up_show_inbox(app, name);
	if (*words)
		app_say(app, "%s", words);
	else
		app_say(app, _("Signed in. The letters of \"%s\" are on their way."), name);
	free(name);
	free(words);
}

static void reply(struct set_up_view *self, int code, const char *text)
{
	if (self->worker && self->question.id)
		set_up_worker_answer(self->worker, &self->question, code, text);
	self->question.id = 0;
	self->is_asking = false;
}

static void got_secret(struct app *app, const char *text, void *arg)
{
	(void)app;
	reply(arg, text && *text ? REPLY_YES : REPLY_NO, text);
}

static void got_key(struct app *app, char key, void *arg)
{
	struct set_up_view *self = arg;

	if (self->certificate && app_top(app) == self->certificate)
		app_pop(app, NULL);
	self->certificate = NULL;
	reply(self, key == 'y' ? REPLY_YES : REPLY_NO, key == 'y' ? "yes" : "");
}

static void put_certificate(struct set_up_view *self, const char *sentence)
{
	struct app *app = self->cursor.view.app;

	self->certificate = certificate_view_new(app, sentence);
	app_push(app, self->certificate);
	app_ask_key(app, _("Trust this certificate from now on? (n/y)"), "ny", got_key, self);
}

static void put_password(struct set_up_view *self, const char *sentence)
{
	if (!self->was_password_given && self->password && *self->password) {
		self->was_password_given = true;
		reply(self, REPLY_YES, self->password);
		return;
	}
	app_ask_secret(self->cursor.view.app, sentence, got_secret, self);
}

/* Neither: then nothing is fetched. */
static void got_leave(struct app *app, char key, void *arg)
{
	struct set_up_view *self = arg;

	(void)app;
	if (key == 'r' || key == 'l')
		replace(&self->values[FIELD_LEAVE], key == 'r' ? "0" : LEAVE_DAYS);
	reply(self, key == 'r' || key == 'l' ? REPLY_YES : REPLY_NO, key == 'r' ? "0" : LEAVE_DAYS);
}

static void put_leave(struct set_up_view *self, const char *sentence)
{
	add_step(self, sentence, true);
	add_step(self, _("They can also stay there for 30 days, for other programs and telephones."), true);
	app_ask_key(self->cursor.view.app, _("Remove them, leave them, or not now? (n/r/l)"), "nrl", got_leave, self);
}

static void take_question(struct set_up_view *self, const struct notice *question)
{
	const char *blank = strchr(question->text, ' '), *sentence = blank ? blank + 1 : "";

	self->question = *question;
	self->is_asking = true;
	if (str_starts(question->text, "certificate ")) {
		put_certificate(self, sentence);
	} else if (str_starts(question->text, "password ")) {
		put_password(self, sentence);
	} else if (str_starts(question->text, "leave ")) {
		put_leave(self, sentence);
	} else if (str_starts(question->text, "confirm ")) {
		add_step(self, sentence, true);
		app_ask_key(self->cursor.view.app, _("May it be told to that host? (n/y)"), "ny", got_key, self);
	} else {
		reply(self, REPLY_NO, "");
	}
}

static void said(void *arg, const struct notice *notice)
{
	struct set_up_view *self = arg;
	struct app *app = self->cursor.view.app;

	if (notice->kind == NOTICE_PROGRESS)
		add_step(self, notice->text, notice->done);
	if (notice->kind == NOTICE_JOB)
		take_settings(self, notice->text);
	if (notice->kind == NOTICE_ASK)
		take_question(self, notice);
	if (notice->kind == NOTICE_JOB_DONE && notice->code == 0)
		arrive(self, notice);
	else if (notice->kind == NOTICE_JOB_DONE)
		fail(self, notice->text);
	app_dirty(app);
}

static void ended(void *arg)
{
	struct set_up_view *self = arg;

	fail(self, _("The set-up ended before it was done; the log (:log) may say why."));
	app_dirty(self->cursor.view.app);
}

/* --- starting ------------------------------------------------------------------------------------- */

static void add_line(struct buf *job, const char *key, const char *value)
{
	if (value && *value)
		buf_printf(job, "%s=%s\n", key, value);
}

static void start(struct set_up_view *self, bool by_hand)
{
	struct app *app = self->cursor.view.app;
	struct err err = ERR_INIT;
	struct buf job = BUF_INIT;
	int i;

	replace(&self->failure, NULL);
	self->is_by_hand = by_hand;
	self->was_password_given = false;
	add_line(&job, "address", self->address);
	add_line(&job, "real-name", self->real_name);
	add_line(&job, "asks-leave", "yes");
	for (i = 0; by_hand && i < FIELD_COUNT; i++)
		if (*fields[i].key)
			add_line(&job, fields[i].key, self->values[i]);
	self->worker = set_up_worker_start(app, buf_str(&job), said, ended, self, &err);
	if (!self->worker)
		fail(self, err.text);
	buf_free(&job);
	app_dirty(app);
}

/* --- the form ------------------------------------------------------------------------------------- */

static void got_value(struct app *app, const char *text, void *arg)
{
	struct set_up_view *self = arg;

	if (text)
		replace(&self->values[self->cursor.at], text);
	app_dirty(app);
}

static void got_password(struct app *app, const char *text, void *arg)
{
	struct set_up_view *self = arg;

	if (text) {
		forget_password(self);
		replace(&self->password, text);
		list_cursor_go(&self->cursor.view, FIELD_TRY);
	}
	app_dirty(app);
}

static void next_choice(struct set_up_view *self, enum field field)
{
	struct span rest = span_of(fields[field].choices), word, first = SPAN_NONE;
	const char *now = self->values[field] ? self->values[field] : "";
	bool is_next = false;
	char *fresh;

	while (span_split(&rest, ' ', &word) > 0) {
		if (!first.data)
			first = word;
		if (is_next) {
			first = word;
			break;
		}
		is_next = span_equal_nocase(word, now);
	}
	fresh = mem_strndup(first.data, first.len);
	replace(&self->values[field], fresh);
	free(fresh);
}

static void change(struct set_up_view *self, enum field field)
{
	struct app *app = self->cursor.view.app;
	char *question;

	if (fields[field].choices) {
		next_choice(self, field);
		return;
	}
	question = mem_printf("%s: ", _(fields[field].label));
	if (field == FIELD_PASSWORD)
		app_ask_secret(app, question, got_password, self);
	else
		app_ask(app, question, self->values[field] ? self->values[field] : "", NULL, NULL, got_value, self);
	free(question);
}

void set_up_view_choose(struct view *view)
{
	struct set_up_view *self = of(view);

	if (!self->failure)
		return;
	if (self->cursor.at == FIELD_TRY)
		start(self, true);
	else
		change(self, (enum field)self->cursor.at);
	app_dirty(view->app);
}

bool set_up_view_back(struct view *view)
{
	struct set_up_view *self = of(view);

	if (!self->worker || !self->is_by_hand)
		return false;
	fail(self, _("It was stopped; what you typed is still here."));
	app_dirty(view->app);
	return true;
}

/* --- the class ------------------------------------------------------------------------------------ */

static long count_fields(const struct view *view)
{
	return ((const struct set_up_view *)view)->failure ? FIELD_COUNT : 0;
}

static void mouse(struct view *view, const struct key *key)
{
	struct set_up_view *self = of(view);

	if (self->failure && key->y >= self->fields_y && key->y < self->fields_y + FIELD_COUNT)
		list_cursor_go(view, key->y - self->fields_y);
}

static void free_view(struct view *view)
{
	struct set_up_view *self = of(view);
	int i;

	if (self->is_asking)
		app_cancel_question(view->app);
	set_up_worker_stop(&self->worker);
	forget_password(self);
	for (i = 0; i < FIELD_COUNT; i++)
		free(self->values[i]);
	while (self->step_count)
		free(self->steps[--self->step_count]);
	free(self->failure);
	free(self->hint);
	free(self->address);
	free(self->real_name);
	free(self);
}

static const struct view_class set_up_class = {
    .kind = VIEW_WIZARD,
    .name = "wizard",
    .title = N_("set-up"),
    .free = free_view,
    .draw = draw,
    .title_line = title_line,
    .mouse = mouse,
    .move = list_cursor_move,
};

static const struct list_class fields_class = {
    .count = count_fields,
};

bool set_up_view_is(const struct view *view)
{
	return view->class == &set_up_class;
}

struct view *set_up_view_new(struct app *app, const char *address, const char *real_name, const char *password)
{
	struct set_up_view *self = mem_alloc(sizeof *self);

	list_cursor_begin(&self->cursor, app, &set_up_class, &fields_class);
	self->address = mem_strdup(address);
	self->real_name = mem_strdup(real_name ? real_name : "");
	self->password = mem_strdup(password ? password : "");
	replace(&self->values[FIELD_KIND], "imap");
	replace(&self->values[FIELD_TLS], "implicit");
	replace(&self->values[FIELD_SUBMISSION_TLS], "implicit");
	start(self, false);
	return &self->cursor.view;
}

void set_up_show_inbox(struct app *app, const char *account)
{
	struct err err = ERR_INIT;
	int rc;

	while (app->view_count)
		if (app_pop(app, &err) < 0)
			break;
	rc = account ? app_open_inbox(app, account, &err) : app_open_first(app, &err);
	if (rc < 0)
		app_complain(app, &err);
	app_outbox_changed(app);
}
