#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/attach.h"
#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/draft_check.h"
#include "compose/draft_text.h"
#include "compose/forward.h"
#include "compose/identity.h"
#include "compose/mailto.h"
#include "compose/recall.h"
#include "compose/reply.h"
#include "compose/resend.h"
#include "compose/send.h"
#include "compose/start.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/crypto/crypto.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/command.h"
#include "ui/command/fetching.h"
#include "ui/command/nearby.h"
#include "ui/command/tables.h"
#include "ui/command/take_back.h"
#include "ui/render/boxes.h"
#include "ui/render/message.h"
#include "ui/render/open_with.h"
#include "ui/view/draft_view.h"
#include "ui/view/index_view.h"
#include "ui/view/reader_view.h"

#define MAIL  (VIEW_INDEX | VIEW_READER)
#define LISTS (VIEW_ANY & ~(VIEW_DRAFT | VIEW_WIZARD))
#define WORDS_LOOKED_AT 1000
#define EDITED_MAX (16u << 20) /* what an outside editor may bring back */

static int start_editor(struct app *app, struct view *view, struct err *err);

/* --- opening a draft --- */

static bool writes_outside(const struct app *app)
{
	return !strcmp(compose_option_text(&app->compose, "editor-mode"), "external");
}

static int show_draft(struct app *app, struct draft *draft, struct err *err)
{
	struct view *view;

	if (!draft)
		return -1;
	view = draft_view_new(app, draft);
	app_push(app, view);
	if (writes_outside(app) && app->term && *draft->to)
		return start_editor(app, view, err);
	return 0;
}

static int write_mailto(struct app *app, const char *url, struct err *err)
{
	struct mailto_result result = {0};
	struct draft *draft = mailto_make(&app->compose, url, nearby_account(app), &result, err);

	if (show_draft(app, draft, err) < 0)
		return -1;
	if (*result.refused)
		app_say(app, _("The link also asked for these, which were left out: %s"), result.refused);
	return 0;
}

static int write_new(struct app *app, struct command_call *call, struct err *err)
{
	struct draft *draft;

	if (call->count && mailto_is(call->args[0]))
		return write_mailto(app, call->args[0], err);
	draft = start_new(&app->compose, nearby_account(app));
	if (draft && call->count)
		draft_set(&draft->to, call->args[0]);
	return show_draft(app, draft, err);
}

/* --- from a message --- */

struct source {
	struct box_message bytes;
	struct mime_message *message;
	const char *account;
	struct buf shown; /* what the person sees of it, where that is not its plain text */
	bool has_shown;
	bool was_encrypted;
};

static bool wants_html(struct app *app)
{
	struct view *top = app_top(app);

	return top->class->kind == VIEW_READER && reader_view_wants_html(top);
}

/* The reader that shows the letter ID, or NULL. */
static struct view *reader_of(struct app *app, int64_t id)
{
	struct view *top = app_top(app);

	return top->class->kind == VIEW_READER && reader_view_id(top) == id ? top : NULL;
}

/* What is quoted and passed on is what is seen: of an encrypted letter what was in it. */
static void source_read(struct source *source, struct app *app, struct view *reader)
{
	struct message_wish wish = {.wants_html = wants_html(app)};
	bool is_opened = reader && reader_view_is_opened(reader);
	size_t len;
	const char *bytes = is_opened ? reader_view_bytes(reader, &len) : NULL;

	source->was_encrypted = is_opened && reader_view_was_encrypted(reader);
	if (is_opened)
		source->message = mime_parse(bytes, len, NULL);
	else
		source->message = mime_parse_resting(source->bytes.data, source->bytes.len, NULL,
						     (struct mime_rest){box_message_rest, &source->bytes});
	if (reader) {
		source->has_shown = reader_view_shown_text(reader, &source->shown);
		return;
	}
	source->has_shown = message_is_html(source->message);
	if (source->has_shown)
		message_shown_text(source->message, &wish, &source->shown);
}

static int source_open(struct source *source, struct app *app, const struct target *target, int at,
		       struct err *err)
{
	struct view *reader = reader_of(app, target->ids[at]);

	memset(source, 0, sizeof *source);
	if (reader && reader_view_is_checking(reader) && crypto_is_encrypted(reader_view_message(reader)))
		return err_set(err, _("The letter is still being decrypted."));
	if (fetching_open(app, target->account, target->ids[at], &source->bytes, err) < 0)
		return -1;
	source->account = target->account;
	source_read(source, app, reader);
	return 0;
}

/* What is away comes, and then the command goes on. */
static int source_await(struct source *source, struct app *app, const struct command_call *call, int at,
			struct err *err)
{
	const struct target *target = &call->target;

	if (source_open(source, app, target, at, err) == 0)
		return 0;
	return fetching_is_away(app, target->account, target->ids[at]) ? fetching_go_on(app, call, err) : -1;
}

/* For an answer the text is enough: what is attached may lie on the server. */
static int source_open_text(struct source *source, struct app *app, const struct command_call *call, struct err *err)
{
	struct view *reader = reader_of(app, call->target.ids[0]);
	const char *bytes;
	size_t len;

	if (reader && reader_view_is_awaited(reader) && !reader_view_has_outline(reader))
		return fetching_wait(app, call, err);
	if (!reader || !reader_view_has_text(reader))
		return source_await(source, app, call, 0, err);
	memset(source, 0, sizeof *source);
	bytes = reader_view_bytes(reader, &len);
	source->message = mime_parse(bytes, len, NULL);
	source->account = call->target.account;
	source->has_shown = reader_view_shown_text(reader, &source->shown);
	return 0;
}

static bool has_words(const struct mime_message *message)
{
	const struct mime_part *part = mime_text_part(message);
	struct buf text = BUF_INIT;
	bool has;

	if (!part)
		return false;
	mime_decode_body(part, WORDS_LOOKED_AT, &text);
	has = span_trim((struct span){buf_str(&text), text.len}).len > 0;
	buf_free(&text);
	return has;
}

/* A letter whose words lie in a box (winmail.dat) is quoted out of it. */
static void look_into_boxes(struct source *source)
{
	struct message_wish wish = {.wants_html = false};

	if (source->has_shown || has_words(source->message))
		return;
	boxes_open(source->message, NULL);
	message_shown_text(source->message, &wish, &source->shown);
	source->has_shown = source->shown.len > 0;
}

static void source_close(struct source *source)
{
	mime_free(&source->message);
	box_message_close(&source->bytes);
	buf_free(&source->shown);
}

static const char *shown_of(const struct source *source)
{
	return source->has_shown ? buf_str(&source->shown) : NULL;
}

/* What came encrypted must not go out readable without a word, however long it lies about until then. */
static int show_made(struct app *app, struct draft *draft, bool was_encrypted, struct err *err)
{
	int rc;

	if (draft)
		draft->was_encrypted = was_encrypted;
	rc = show_draft(app, draft, err);
	if (rc == 0 && was_encrypted)
		app_say(app, _("The letter came encrypted. Your draft lies readable on this machine only; you are "
			       "asked before it goes out."));
	return rc;
}

static int answer(struct app *app, struct command_call *call, enum reply_to whom, struct err *err)
{
	struct source source;
	struct draft *draft;

	if (source_open_text(&source, app, call, err) < 0)
		return -1;
	look_into_boxes(&source);
	draft = reply_make(&app->compose, source.message, whom, source.account, shown_of(&source), err);
	source_close(&source);
	return show_made(app, draft, source.was_encrypted, err);
}

static int reply(struct app *app, struct command_call *call, struct err *err)
{
	return answer(app, call, REPLY_SENDER, err);
}

static int reply_all(struct app *app, struct command_call *call, struct err *err)
{
	return answer(app, call, REPLY_ALL, err);
}

static int reply_list(struct app *app, struct command_call *call, struct err *err)
{
	return answer(app, call, REPLY_LIST, err);
}

static int pass_on(struct app *app, struct command_call *call, enum forward_mode mode, struct err *err)
{
	struct source source;
	struct draft *draft;

	if (source_await(&source, app, call, 0, err) < 0)
		return -1;
	draft = forward_make(&app->compose, source.message, mode, source.account, shown_of(&source),
			     err);
	source_close(&source);
	return show_made(app, draft, source.was_encrypted, err);
}

static int forward(struct app *app, struct command_call *call, struct err *err)
{
	return pass_on(app, call, forward_mode(&app->compose), err);
}

static int forward_attached(struct app *app, struct command_call *call, struct err *err)
{
	return pass_on(app, call, FORWARD_ATTACHED, err);
}

static int edit_as_new(struct app *app, struct command_call *call, struct err *err)
{
	struct source source;
	struct draft *draft;

	if (source_await(&source, app, call, 0, err) < 0)
		return -1;
	draft = recall_message(&app->compose, source.message, source.account, err);
	source_close(&source);
	return show_made(app, draft, source.was_encrypted, err);
}

static int bounce(struct app *app, struct command_call *call, struct err *err)
{
	struct source source;
	int64_t id = 0;

	if (!call->count) {
		app_ask_for(app, _("Pass the letter on, as it is, to: "), "", "address", NULL, "bounce");
		return 0;
	}
	for (int i = 0; i < call->target.count && id >= 0; i++) {
		if (source_await(&source, app, call, i, err) < 0)
			return -1;
		id = resend_letter(&app->compose, source.bytes.data, source.bytes.len, source.account,
				   call->args[0], err);
		source_close(&source);
	}
	if (id < 0)
		return -1;
	app_say(app, ngettext("%d letter passed on.", "%d letters passed on.",
			      (unsigned long)call->target.count), call->target.count);
	app_ring(app, "");
	return 0;
}

/* --- recall --- */

/* The message of the Drafts folder that the index stands on; 0: it does not. */
static int64_t postponed_here(struct app *app, struct arena *arena)
{
	struct view *index = app_view(app, VIEW_INDEX);
	struct store *store = index ? app_store(app, index_view_account(index), NULL) : NULL;
	struct folder folder;

	if (!store || store_folder_by_role(store, ROLE_DRAFTS, arena, &folder, NULL) != 1)
		return 0;
	return index_view_folder(index) == folder.id ? index_view_current_own(index) : 0;
}

static int recall_one(struct app *app, const char *account, int64_t id, struct err *err)
{
	struct target target = {.account = account, .ids = &id, .count = 1};
	struct store *store = app_store(app, account, err);
	struct source source;
	struct draft *draft;
	struct message row;
	struct folder folder;
	struct arena *arena;

	if (!store || source_open(&source, app, &target, 0, err) < 0)
		return -1;
	arena = arena_new();
	if (store_message(store, id, arena, &row, NULL) == 1 &&
	    store_folder(store, row.folder, arena, &folder, NULL) >= 0)
		draft = recall_postponed(&app->compose, source.message, folder.path, row.key, account,
					 err);
	else
		draft = recall_message(&app->compose, source.message, account, err);
	arena_free(&arena);
	source_close(&source);
	return show_draft(app, draft, err);
}

/* The newest that lies about: 1 shown, 0 none, -1. */
static int recall_left(struct app *app, struct err *err)
{
	struct draft_list list = {0};
	struct draft *draft = NULL;
	int result = draft_list_load(&list, err) < 0 ? -1 : 0;

	for (size_t i = 0; result == 0 && i < list.count; i++) {
		if (list.items[i].is_open)
			continue;
		draft = draft_load(list.items[i].id, err);
		result = show_draft(app, draft, err) < 0 ? -1 : 1;
	}
	draft_list_free(&list);
	return result;
}

static int open_drafts(struct app *app, struct arena *arena, struct err *err)
{
	const char *account = nearby_account(app);
	struct view *index = app_view(app, VIEW_INDEX);
	struct store *store = account ? app_store(app, account, err) : NULL;
	struct folder folder;

	if (!store || !index ||
	    store_folder_by_role(store, ROLE_DRAFTS, arena, &folder, err) != 1 || !folder.total)
		return err_set(err, _("There is no unfinished letter."));
	if (app_top(app) != index && app_pop(app, err) < 0)
		return -1;
	if (index_view_open(index, account, folder.id, err) < 0)
		return -1;
	app_say(app, _("Choose a letter and recall it."));
	return 0;
}

static int recall(struct app *app, struct command_call *call, struct err *err)
{
	int64_t id = postponed_here(app, call->arena);
	int left;

	if (id)
		return recall_one(app, nearby_account(app), id, err);
	left = recall_left(app, err);
	return left ? (left < 0 ? -1 : 0) : open_drafts(app, call->arena, err);
}

/* --- sending --- */

/* The questions still to be asked before it goes. */
struct asking {
	struct check_list checks;
	size_t at;
};

static void asking_free(struct asking *asking)
{
	check_list_free(&asking->checks);
	free(asking);
}

static void say_sent(struct app *app)
{
	long long seconds = compose_option_int(&app->compose, "undo-send");
	char key[48];

	if (seconds <= 0)
		app_say(app, _("Sent."));
	else if (app_key_for(app, "take-back", key, sizeof key))
		app_say(app, _("Sent in %lld s; %s takes it back."), seconds, key);
	else
		app_say(app, _("Sent in %lld s; the command take-back takes it back."), seconds);
}

/* Letters came and flags changed there. */
static void tell(struct app *app, const char *account)
{
	app_touched(app, account);
	app_ring(app, account);
}

static int send_now(struct app *app, struct err *err)
{
	struct view *view = app_top(app);
	struct draft *draft = draft_view_draft(view);
	char *account, *origin;
	int64_t id = draft_view_save(view, err) < 0 ? -1 : send_draft(&app->compose, draft, -1, err);

	if (id < 0)
		return -1;
	take_back_note(app, id);
	account = mem_strdup(draft->account);
	origin = mem_strdup(draft->origin_account);
	draft_view_done(view);
	app_pop(app, NULL);
	tell(app, account);
	if (*origin && strcmp(origin, account))
		tell(app, origin);
	say_sent(app);
	free(account);
	free(origin);
	return 0;
}

static void ask_next(struct app *app, struct asking *asking);

static void check_answered(struct app *app, char key, void *arg)
{
	struct asking *asking = arg;

	if (key != 'y') {
		app_say(app, _("Not sent."));
		asking_free(asking);
		return;
	}
	asking->at++;
	ask_next(app, asking);
}

static void ask_next(struct app *app, struct asking *asking)
{
	struct err err = ERR_INIT;
	char *question;

	if (asking->at >= asking->checks.count) {
		asking_free(asking);
		if (send_now(app, &err) < 0)
			app_complain(app, &err);
		return;
	}
	question = mem_printf(_("%s Send it all the same? ([n]o, [y]es) "),
			      asking->checks.items[asking->at].text);
	app_ask_key(app, question, "ny", check_answered, asking);
	free(question);
}

static int send_letter(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	struct asking *asking = mem_alloc(sizeof *asking);

	(void)call;
	draft_check(&app->compose, draft_view_draft(view), &asking->checks);
	if (asking->checks.stops) {
		err_set(err, "%s", asking->checks.items[0].text);
		if (asking->checks.items[0].field)
			draft_view_to_field(view, asking->checks.items[0].field);
		asking_free(asking);
		return -1;
	}
	ask_next(app, asking);
	return 0;
}

/* A folder for drafts may lie on a server: what came encrypted is kept beside it, on this machine. */
static int keep_here(struct app *app, struct view *view, struct err *err)
{
	if (draft_view_save(view, err) < 0)
		return -1;
	draft_view_done(view);
	app_pop(app, NULL);
	app_say(app, _("Kept as a draft on this machine only, as what it quotes came encrypted."));
	return 0;
}

static int postpone(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	struct draft *draft = draft_view_draft(view);
	char *account;

	(void)call;
	if (draft->was_encrypted)
		return keep_here(app, view, err);
	if (draft_view_save(view, err) < 0 || recall_postpone(&app->compose, draft, err) < 0)
		return -1;
	account = mem_strdup(draft->account);
	draft_view_done(view);
	app_pop(app, NULL);
	tell(app, account);
	app_say(app, _("Kept as a draft."));
	free(account);
	return 0;
}

static int throw_away(struct app *app, struct err *err)
{
	struct view *view = app_top(app);

	if (draft_remove(draft_view_draft(view), err) < 0)
		return -1;
	draft_view_done(view);
	return app_pop(app, err);
}

static void abandon_answered(struct app *app, char key, void *arg)
{
	struct err err = ERR_INIT;
	int result = 0;

	(void)arg;
	if (key == 'k')
		result = postpone(app, NULL, &err);
	else if (key == 't')
		result = throw_away(app, &err);
	if (result < 0)
		app_complain(app, &err);
}

static int abandon(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (draft_is_empty(draft_view_draft(app_top(app))))
		return throw_away(app, err);
	app_ask_key(app, _("Leave this letter? ([k]eep it as a draft, [t]hrow it away, [g]o on) "), "gkt",
		    abandon_answered, NULL);
	return 0;
}

/* --- attachments --- */

static void complete_file(struct app *app, const char *text, struct arena *arena, char ***candidates,
			  size_t *count)
{
	(void)app;
	app_complete_file(text, arena, candidates, count);
}

static int attach(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);

	if (!call->count) {
		app_ask_for(app, _("Attach the file: "), "", "file", complete_file, "attach");
		return 0;
	}
	for (int i = 0; i < call->count; i++)
		if (attach_file(draft_view_draft(view), call->args[i], err) < 0)
			return -1;
	draft_view_refresh(view);
	return 0;
}

static int detach(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	int at = draft_view_attachment(view);

	(void)call;
	if (at < 0)
		return err_set(err, _("Go to an attachment first (with Tab or the arrows)."));
	attach_remove(draft_view_draft(view), (size_t)at);
	draft_view_refresh(view);
	return 0;
}

/* --- the outside editor --- */

struct editing {
	struct view *view;
	char *path;
	bool has_headers;
};

static bool is_open(struct app *app, const struct view *view)
{
	for (size_t i = 0; i < app->view_count; i++)
		if (app->views[i] == view)
			return true;
	return false;
}

static void take_edited(struct app *app, const struct editing *editing, struct err *err)
{
	struct buf text = BUF_INIT;
	struct draft *draft = draft_view_draft(editing->view);

	if (file_read(editing->path, &text, EDITED_MAX, err) == 0) {
		if (editing->has_headers)
			draft_text_read(draft, buf_str(&text), text.len, err);
		else
			draft_set_body(draft, buf_str(&text), text.len);
		draft_view_refresh(editing->view);
	}
	if (err->kind != ERR_NONE)
		app_complain(app, err);
	buf_free(&text);
}

static void edited(struct app *app, int code, void *arg)
{
	struct editing *editing = arg;
	struct err err = ERR_INIT;

	if (!is_open(app, editing->view))
		;
	else if (code == 0) {
		take_edited(app, editing, &err);
		draft_view_to_headers(editing->view);
	} else {
		err_set(&err, _("The editor ended with an error; the text is as it was before."));
		app_complain(app, &err);
	}
	unlink(editing->path);
	free(editing->path);
	free(editing);
}

static char *editor_command(struct app *app)
{
	const char *option = compose_option_text(&app->compose, "editor");
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	if (!option || !*option)
		option = visual && *visual ? visual : editor && *editor ? editor : "vi";
	return mem_printf("%s \"$1\"", option);
}

static int start_editor(struct app *app, struct view *view, struct err *err)
{
	struct draft *draft = draft_view_draft(view);
	struct editing *editing = mem_alloc(sizeof *editing);
	char *command = editor_command(app);
	struct buf text = BUF_INIT;
	const char *argv[] = {"sh", "-c", command, "sh", NULL, NULL};
	int result = -1;

	editing->view = view;
	editing->has_headers = compose_option_bool(&app->compose, "edit-headers");
	if (editing->has_headers)
		draft_text_write(draft, &text);
	else
		buf_add_str(&text, draft->body);
	editing->path = open_with_bytes("letter.eml", buf_str(&text), text.len, err);
	argv[4] = editing->path;
	if (editing->path && draft_view_save(view, err) == 0)
		result = app_run_program_then(app, argv, NULL, 0, false, edited, editing, err);
	if (result < 0) {
		free(editing->path);
		free(editing);
	}
	buf_free(&text);
	free(command);
	return result;
}

static int external_editor(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	return start_editor(app, app_top(app), err);
}

static int edit_text(struct app *app, struct command_call *call, struct err *err)
{
	(void)call;
	if (writes_outside(app))
		return start_editor(app, app_top(app), err);
	draft_view_to_text(app_top(app));
	return 0;
}

/* --- fields --- */

static int edit_field(struct app *app, struct command_call *call, struct err *err)
{
	(void)err;
	draft_view_to_field(app_top(app), call->args[0]);
	return 0;
}

static int find_text(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);

	if (!call->count) {
		app_ask_for(app, _("Find in the text: "), "", "search", NULL, "find-text");
		return 0;
	}
	if (view->class->find(view, call->args[0], false, err) == 1)
		return 0;
	return err_set(err, _("\"%s\" does not stand in the text."), call->args[0]);
}

/* The next of the person's addresses. */
static int next_identity(struct app *app, struct command_call *call, struct err *err)
{
	struct view *view = app_top(app);
	struct draft *draft = draft_view_draft(view);
	struct identity_list list = {0};
	size_t at = 0;

	(void)call;
	identity_load(&app->compose, &list);
	while (at < list.count && !strstr(draft->from, list.items[at].addr))
		at++;
	if (list.count < 2) {
		identity_list_free(&list);
		return err_set(err, _("There is only one address to write from."));
	}
	start_identity(&app->compose, draft, &list.items[(at + 1) % list.count]);
	identity_list_free(&list);
	draft_view_refresh(view);
	return 0;
}

const struct command cmd_draft_rows[] = {
	{"write", "[ADDRESS]", N_("write a new letter"), LISTS, 0, 0, 1, write_new, NULL},
	{"reply", "", N_("answer the sender"), MAIL, NEEDS_MESSAGE, 0, 0, reply, NULL},
	{"reply-all", "", N_("answer everybody"), MAIL, NEEDS_MESSAGE, 0, 0, reply_all, NULL},
	{"reply-list", "", N_("answer the mailing list"), MAIL, NEEDS_MESSAGE, 0, 0, reply_list, NULL},
	{"forward", "", N_("pass the letter on"), MAIL, NEEDS_MESSAGE, 0, 0, forward, NULL},
	{"forward-attached", "", N_("pass the letter on as an attachment"), MAIL, NEEDS_MESSAGE, 0, 0,
	 forward_attached, NULL},
	{"edit-as-new", "", N_("write a new letter that begins as this one"), MAIL, NEEDS_MESSAGE, 0, 0,
	 edit_as_new, NULL},
	{"bounce", "[ADDRESS]", N_("send the letter again, as it is, to somebody else"), MAIL,
	 NEEDS_MESSAGE, 0, 1, bounce, NULL},
	{"recall", "", N_("go on with a letter that is not sent yet"), LISTS, 0, 0, 0, recall, NULL},
	{"send", "", N_("send the letter"), VIEW_DRAFT, 0, 0, 0, send_letter, NULL},
	{"postpone", "", N_("keep the letter in Drafts"), VIEW_DRAFT, 0, 0, 0, postpone, NULL},
	{"abandon", "", N_("leave the letter"), VIEW_DRAFT, 0, 0, 0, abandon, NULL},
	{"attach", "[FILE]", N_("attach a file"), VIEW_DRAFT, 0, 0, -1, attach, NULL},
	{"detach", "", N_("take the attachment out"), VIEW_DRAFT, 0, 0, 0, detach, NULL},
	{"edit-text", "", N_("to the text"), VIEW_DRAFT, 0, 0, 0, edit_text, NULL},
	{"external-editor", "", N_("write with the outside editor"), VIEW_DRAFT, NEEDS_SCREEN, 0, 0,
	 external_editor, NULL},
	{"edit-field", "FIELD", N_("to From, To, Cc, Bcc or Subject"), VIEW_DRAFT, 0, 1, 1, edit_field,
	 NULL},
	{"find-text", "[TEXT]", N_("find in the text"), VIEW_DRAFT, 0, 0, 1, find_text, NULL},
	{"next-identity", "", N_("write from your next address"), VIEW_DRAFT, 0, 0, 0, next_identity,
	 NULL},
	{NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
