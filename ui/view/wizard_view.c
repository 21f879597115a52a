#include "config.h"
#include "ui/view/wizard_view.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/box/box.h"
#include "store/mime/address.h"
#include "ui/command/agent.h"
#include "ui/command/app.h"
#include "ui/command/app_main.h"
#include "ui/command/command.h"
#include "ui/command/welcome.h"
#include "ui/input/key.h"
#include "ui/view/list_cursor.h"
#include "ui/view/set_up_view.h"

enum choice { CHOICE_HERE, CHOICE_ADDRESS, CHOICE_MAILBOX, CHOICE_COUNT };

#define TEXT_X	 28
#define FIRST_Y	 4
#define ROWS_PER 4

struct wizard_view {
	struct list_cursor cursor;
	char *name, *person, *path; /* answers so far */
	const char *note;  /* shown below, or NULL */
	struct rect area;
};

static const struct {
	const char *title, *text;
} choices[CHOICE_COUNT] = {
    {N_("On this computer"),
     N_("letters between the people of this machine; works now, without a network")},
    {N_("At an address"),
     N_("name@where.example: by IMAP or POP3; its servers are found by themselves, from the address alone")},
    {N_("In a mailbox I have"),
     N_("a Maildir, a tree of them or an mbox file that other programs fill")},
};

static struct wizard_view *of(struct view *view)
{
	return (struct wizard_view *)view;
}

/* --- drawing ------------------------------------------------------------------------------------ */

/* Breaks TEXT at blanks; the rows it took. */
static int put_wrapped(struct canvas *canvas, int x, int y, int width, enum style style,
		       const char *text)
{
	int rows = 0, used;

	while (*text && width > 0) {
		size_t fit = utf8_fit(text, strlen(text), width, &used), cut = fit;

		while (text[fit] && cut > 0 && text[cut] != ' ')
			cut--;
		fit = cut ? cut : fit ? fit : 1;
		canvas_put_n(canvas, x, y + rows++, width, style, text, fit, false);
		for (text += fit; *text == ' '; text++)
			;
	}
	return rows;
}

static void draw_choice(struct wizard_view *self, struct canvas *canvas, struct rect area, int i)
{
	int y = area.y + FIRST_Y + i * ROWS_PER;

	canvas_printf(canvas, area.x + 3, y, 3, STYLE_HELP_KEY, "%d", i + 1);
	canvas_put(canvas, area.x + 7, y, TEXT_X - 8, STYLE_BOLD, _(choices[i].title));
	put_wrapped(canvas, area.x + TEXT_X, y, area.width - TEXT_X - 2, STYLE_NORMAL,
		    _(choices[i].text));
	if (i != self->cursor.at)
		return;
	canvas_over(canvas, (struct rect){area.x + 1, y, TEXT_X - 3, 1}, STYLE_CURSOR);
	canvas_set_cursor(canvas, area.x + 3, y);
}

static void draw(struct view *view, struct canvas *canvas, struct rect area)
{
	struct wizard_view *self = of(view);
	int i, y = area.y + FIRST_Y + CHOICE_COUNT * ROWS_PER;

	self->area = area;
	canvas_put(canvas, area.x + 1, area.y + 1, area.width - 2, STYLE_BOLD, _("Where is your mail?"));
	for (i = 0; i < CHOICE_COUNT; i++)
		draw_choice(self, canvas, area, i);
	if (self->note)
		put_wrapped(canvas, area.x + 1, y, area.width - 2, STYLE_FRAME, self->note);
	else
		canvas_put(canvas, area.x + 1, y, area.width - 2, STYLE_DIM,
			   _("Nothing is changed until you have answered."));
}

static void title_line(struct view *view, struct buf *left, struct buf *right)
{
	(void)view, (void)right;
	buf_add_str(left, "Tern");
}

/* --- what can be guessed ------------------------------------------------------------------------ */

static char *user_name(void)
{
	struct passwd *me = getpwuid(geteuid());

	return mem_strdup(me && me->pw_name && *me->pw_name ? me->pw_name : "me");
}

static char *real_name(void)
{
	struct passwd *me = getpwuid(geteuid());
	const char *gecos = me && me->pw_gecos ? me->pw_gecos : "";

	return mem_strndup(gecos, me && strcmp(gecos, me->pw_name) == 0 ? 0 : strcspn(gecos, ","));
}

static char *local_address(void)
{
	char *user = user_name(), *address = mem_printf("%s@localhost", user);

	free(user);
	return address;
}

/* The mailbox a person is likely to have. */
static char *likely_mailbox(void)
{
	char *user = user_name();
	char *guesses[] = {path_expand("~/Maildir"), path_expand("~/Mail"), path_expand("~/mail"),
			   mem_printf("/var/mail/%s", user), path_expand("~/mbox")};
	char *found = NULL;
	size_t i;

	for (i = 0; i < sizeof guesses / sizeof *guesses; i++) {
		if (!found && path_exists(guesses[i]))
			found = guesses[i];
		else
			free(guesses[i]);
	}
	free(user);
	return found ? found : mem_strdup("~/");
}

/* --- doing it ----------------------------------------------------------------------------------- */

static int add_account(struct app *app, const struct account *account, struct err *err)
{
	if (account_add(account, err) < 0)
		return -1;
	app_reload_config(app);
	return app_load_accounts(app, err);
}

static const char *free_name(struct app *app, const char *wish, struct arena *arena)
{
	const char *name = wish;
	int i;

	for (i = 2; account_find(&app->accounts, name); i++)
		name = arena_printf(arena, "%s%d", wish, i);
	return name;
}

static int make_account(struct app *app, enum account_kind kind, const char *name,
			const char *real, const char *address, const char *path, struct err *err)
{
	struct arena *arena = arena_new();
	struct account account = {
	    .name = arena_strdup(arena, free_name(app, name, arena)),
	    .kind = kind,
	    .address = arena_strdup(arena, address),
	    .real_name = real && *real ? arena_strdup(arena, real) : NULL,
	    .path = path ? arena_strdup(arena, path) : NULL,
	};
	int result = add_account(app, &account, err);

	arena_free(&arena);
	return result;
}

static void here_address(struct app *app, const char *address, void *arg)
{
	struct wizard_view *self = arg;
	struct err err = ERR_INIT;
	char *name;

	if (!address)
		return;
	name = mem_strdup(self->name ? self->name : "");
	if (make_account(app, ACCOUNT_LOCAL, "home", name, address, NULL, &err) < 0 ||
	    welcome_send(app, address, &err) < 0)
		app_complain(app, &err);
	else
		app_say(app, _("A letter to you is on its way."));
	if (app->accounts.count) {
		agent_open(app, true);
		app_ring(app, "");
		set_up_show_inbox(app, NULL);
	}
	free(name);
}

static void here_name(struct app *app, const char *name, void *arg)
{
	struct wizard_view *self = arg;
	char *address;

	if (!name)
		return;
	free(self->name);
	self->name = mem_strdup(name);
	address = local_address();
	app_ask(app, _("Your address here: "), address, NULL, NULL, here_address, self);
	free(address);
}

static void ask_here(struct wizard_view *self)
{
	char *name = real_name();

	self->note = _("The name stands in your letters beside the address; it may stay empty.");
	app_ask(self->cursor.view.app, _("Your name: "), name, NULL, NULL, here_name, self);
	free(name);
}

static void mailbox_address(struct app *app, const char *address, void *arg)
{
	struct wizard_view *self = arg;
	struct err err = ERR_INIT;

	if (!address)
		return;
	if (make_account(app, ACCOUNT_MAILDIR, "mail", NULL, address, self->path, &err) < 0) {
		app_complain(app, &err);
		return;
	}
	agent_open(app, true);
	app_ring(app, "");
	set_up_show_inbox(app, NULL);
}

static void mailbox_path(struct app *app, const char *text, void *arg)
{
	struct wizard_view *self = arg;
	struct err err = ERR_INIT;
	char *path, *address;

	if (!text)
		return;
	path = path_expand(text);
	if (!path_exists(path) || (box_detect(path) == BOX_NONE && !path_is_dir(path))) {
		err_set(&err, path_exists(path) ? _("\"%s\" is neither a Maildir nor an mbox")
						: _("\"%s\" is not there"),
			text);
		app_complain(app, &err);
		free(path);
		return;
	}
	free(self->path);
	self->path = path;
	address = local_address();
	app_ask(app, _("Your address (who you are when you answer): "), address, NULL, NULL,
		mailbox_address, self);
	free(address);
}

static void address_password(struct app *app, const char *password, void *arg)
{
	struct wizard_view *self = arg;
	char *name;

	if (!password)
		return;
	name = self->person && *self->person ? mem_strdup(self->person) : real_name();
	app_push(app, set_up_view_new(app, self->name, name, password));
	free(name);
}

/* "anna@where.example", or "Anna Petrova <anna@where.example>". */
static bool take_address(struct wizard_view *self, const char *typed)
{
	struct arena *arena = arena_new();
	struct address_list list = {NULL, 0};
	bool is_one = address_parse_typed(typed, arena, &list, NULL) == 0 && list.count == 1 &&
		      address_is_safe(list.items[0].addr) && strchr(list.items[0].addr, '@');

	if (is_one) {
		free(self->name);
		free(self->person);
		self->name = mem_strdup(list.items[0].addr);
		self->person = mem_strdup(list.items[0].name);
	}
	arena_free(&arena);
	return is_one;
}

static void address_given(struct app *app, const char *address, void *arg)
{
	struct wizard_view *self = arg;
	struct err err = ERR_INIT;
	char *question;

	if (!address)
		return;
	if (!take_address(self, address)) {
		err_set(&err, _("\"%s\" is no mail address: it looks like name@where.example."), address);
		app_complain(app, &err);
		return;
	}
	question = mem_printf(_("Password of %s: "), self->name);
	app_ask_secret(app, question, address_password, self);
	free(question);
}

static void ask_address(struct wizard_view *self)
{
	self->note = _("Two answers are enough. With your name before it, as in \"Anna Petrova "
		       "<anna@where.example>\", your letters carry that too. The password is kept in the keyring of "
		       "your desktop, or in a file that nobody else can read.");
	app_ask(self->cursor.view.app, _("Your address: "), "", NULL, NULL, address_given, self);
}

static void complete_path(struct app *app, const char *text, struct arena *arena,
			  char ***candidates, size_t *count)
{
	(void)app;
	app_complete_file(text, arena, candidates, count);
}

static void ask_mailbox(struct wizard_view *self)
{
	char *path = likely_mailbox();

	self->note = _("It stays where it is, in its format; other programs may go on using it. "
		       "\"tern -f PATH\" looks into one without keeping anything.");
	app_ask(self->cursor.view.app, _("Path of the mailbox: "), path, "file", complete_path,
		mailbox_path, self);
	free(path);
}

void wizard_view_choose(struct view *view, int number)
{
	struct wizard_view *self = of(view);

	if (set_up_view_is(view)) {
		set_up_view_choose(view);
		return;
	}
	if (number >= 1 && number <= CHOICE_COUNT)
		self->cursor.at = number - 1;
	if (self->cursor.at == CHOICE_HERE)
		ask_here(self);
	else if (self->cursor.at == CHOICE_MAILBOX)
		ask_mailbox(self);
	else
		ask_address(self);
	app_dirty(view->app);
}

/* --- the class ---------------------------------------------------------------------------------- */

static long count_choices(const struct view *view)
{
	(void)view;
	return CHOICE_COUNT;
}

static void mouse(struct view *view, const struct key *key)
{
	int at = (key->y - of(view)->area.y - FIRST_Y) / ROWS_PER;

	if (key->y >= of(view)->area.y + FIRST_Y && at < CHOICE_COUNT)
		list_cursor_go(view, at);
}

static void free_view(struct view *view)
{
	free(of(view)->name);
	free(of(view)->person);
	free(of(view)->path);
	free(view);
}

static const struct view_class wizard_class = {
    .kind = VIEW_WIZARD,
    .name = "wizard",
    .title = N_("set-up"),
    .free = free_view,
    .draw = draw,
    .title_line = title_line,
    .mouse = mouse,
    .move = list_cursor_move,
};

static const struct list_class choices_class = {
    .count = count_choices,
};

struct view *wizard_view_new(struct app *app)
{
	struct wizard_view *self = mem_alloc(sizeof *self);

	list_cursor_begin(&self->cursor, app, &wizard_class, &choices_class);
	return &self->cursor.view;
}
