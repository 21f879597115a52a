#include "config.h"
#include "ui/command/saving.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/store.h"
#include "store/mime/mime.h"
#include "ui/command/app.h"
#include "ui/command/fetching.h"
#include "ui/render/boxes.h"
#include "ui/render/message.h"
#include "ui/render/open_with.h"
#include "ui/render/part_name.h"
#include "ui/render/save_batch.h"

#define FOLDER_FILE "save-folder"
#define FOLDER_MAX  4096
#define PIECE_MS    12
#define LETTER_MAX  500 /* parts of one letter: each is synced */
#define PROGRESS_MS 300 /* between two words about it */

/* --- the folder --- */

char *saving_folder(struct app *app)
{
	char *file = path_in(PATH_STATE, FOLDER_FILE), *dir;
	struct buf last = BUF_INIT;

	if (file_read(file, &last, FOLDER_MAX, NULL) < 0 || !path_is_dir(buf_str(&last)))
		buf_clear(&last);
	free(file);
	if (last.len)
		return buf_take(&last);
	buf_free(&last);
	dir = path_expand(app_option_text(app, "reader", "save-dir"));
	if (path_is_dir(dir))
		return dir;
	free(dir);
	return path_home();
}

/* Best effort: it is only what is offered next time. */
static void remember(const char *dir)
{
	char *state = path_dir(PATH_STATE), *file = path_in(PATH_STATE, FOLDER_FILE);
	char *whole = path_absolute(dir);

	if (path_make_dirs(state, NULL) == 0)
		file_replace(file, whole, strlen(whole), NULL);
	free(whole);
	free(state);
	free(file);
}

/* Makes DIR once that was wished; THEN goes on with it. */
struct making {
	char *dir;
	void (*then)(struct app *app, bool is_there, void *arg);
	void *arg;
};

static void make_answered(struct app *app, char key, void *arg)
{
	struct making *making = arg;
	struct err err = ERR_INIT;
	bool is_there = key == 'y' && path_make_dirs(making->dir, &err) == 0;

	if (key == 'y' && !is_there)
		app_complain(app, &err);
	else if (!is_there)
		app_say(app, _("Nothing was saved."));
	making->then(app, is_there, making->arg);
	free(making->dir);
	free(making);
}

static void need_dir(struct app *app, const char *dir,
		     void (*then)(struct app *app, bool is_there, void *arg), void *arg)
{
	struct making *making;
	char *question;

	if (path_is_dir(dir)) {
		then(app, true, arg);
		return;
	}
	making = mem_alloc(sizeof *making);
	*making = (struct making){mem_strdup(dir), then, arg};
	question = mem_printf(_("There is no folder \"%s\". Make it? ([n]o, [y]es) "), dir);
	app_ask_key(app, question, "ny", make_answered, making);
	free(question);
}

/* --- one part --- */

struct saving {
	const struct mime_part *part; /* of the view on top, which waits for the answer */
	char *path;
};

static void saving_free(struct saving *saving)
{
	free(saving->path);
	free(saving);
}

static void save(struct app *app, struct saving *saving, enum save_rule rule)
{
	struct err err = ERR_INIT;
	char *dir = path_parent(saving->path), *saved;

	saved = open_with_save(saving->part, saving->path, rule, &err);
	if (saved) {
		remember(dir);
		app_say(app, saving->part->is_damaged ? _("Saved: %s, as it came: it was damaged or cut on its way.")
						      : _("Saved: %s"),
			saved);
	} else {
		app_complain(app, &err);
	}
	free(saved);
	free(dir);
	saving_free(saving);
}

static void over_answered(struct app *app, char key, void *arg)
{
	if (key == 'y' || key == 'k') {
		save(app, arg, key == 'y' ? SAVE_OVER : SAVE_BESIDE);
		return;
	}
	app_say(app, _("Nothing was saved."));
	saving_free(arg);
}

static void dir_is_there(struct app *app, bool is_there, void *arg)
{
	struct saving *saving = arg;
	char *question;

	if (!is_there) {
		saving_free(saving);
		return;
	}
	if (!path_exists(saving->path)) {
		save(app, saving, SAVE_NEW);
		return;
	}
	question = mem_printf(_("\"%s\" is there already. Write over it? ([n]o, [y]es, [k]eep both) "),
			      saving->path);
	app_ask_key(app, question, "nyk", over_answered, saving);
	free(question);
}

static char *safe_path(const char *dir, const struct mime_part *part)
{
	struct buf name = BUF_INIT;
	char *path;

	part_name_safe(part, &name);
	path = path_join(dir, buf_str(&name));
	buf_free(&name);
	return path;
}

/* What was typed may be a folder: then the part's own name is put behind it. */
static char *meant_path(const char *text, const struct mime_part *part)
{
	char *path = path_expand(text), *inside;

	if (!path_is_dir(path) && !str_ends(path, "/"))
		return path;
	inside = safe_path(path, part);
	free(path);
	return inside;
}

static void path_answered(struct app *app, const char *text, void *arg)
{
	struct saving *saving = arg;
	char *dir;

	if (!text || !*text) {
		saving_free(saving);
		return;
	}
	saving->path = meant_path(text, saving->part);
	dir = path_parent(saving->path);
	need_dir(app, dir, dir_is_there, saving);
	free(dir);
}

static void complete(struct app *app, const char *text, struct arena *arena, char ***candidates,
		     size_t *count)
{
	(void)app;
	app_complete_file(text, arena, candidates, count);
}

void saving_ask(struct app *app, const struct mime_part *part)
{
	struct saving *saving = mem_alloc(sizeof *saving);
	char *dir = saving_folder(app), *preset = safe_path(dir, part);

	*saving = (struct saving){part, NULL};
	app_ask(app, _("Save to: "), preset, "file", complete, path_answered, saving);
	free(preset);
	free(dir);
}

/* --- all attachments, of one letter or of many: piece by piece while the screen goes on --- */

struct saving_job {
	struct app *app;
	struct saving_job *next;
	struct loop_timer *timer;
	struct arena *arena;
	char *dir, *account;
	int64_t *ids;
	int id_count, at;
	char *own; /* a letter that is no message of its own, instead of IDS; NULL once it is taken */
	size_t own_len;
	struct box_message bytes; /* of the letter at hand */
	char *own_bytes;
	struct mime_message *message;
	struct message_part *parts;
	size_t count, part_at;
	size_t taken, taken_before; /* this letter */
	size_t saved;		    /* of the taken ones: synced, with their names */
	size_t left;		    /* too many of one letter */
	size_t damaged;		    /* of those that were saved */
	struct save_batch *batch;
	bool is_settling, is_at_end; /* the batch is made sure of; no letter is left */
	int64_t told_ms;
};

static void close_letter(struct saving_job *job)
{
	mime_free(&job->message);
	box_message_close(&job->bytes);
	memset(&job->bytes, 0, sizeof job->bytes);
	free(job->own_bytes);
	job->own_bytes = NULL;
	arena_reset(job->arena);
	job->count = job->part_at = 0;
	job->taken_before = job->taken;
}

static void list_parts(struct saving_job *job)
{
	boxes_open(job->message, NULL);
	message_parts(job->message, job->arena, &job->parts, &job->count);
}

/* 1, 0: there is none left. One that has gone meanwhile has no attachments. */
static int open_letter(struct saving_job *job, struct err *err)
{
	struct store *store;

	close_letter(job);
	if (job->own) {
		job->own_bytes = job->own;
		job->own = NULL;
		job->message = mime_parse(job->own_bytes, job->own_len, NULL);
		list_parts(job);
		return 1;
	}
	if (job->at >= job->id_count)
		return 0;
	store = app_store(job->app, job->account, err);
	if (!store)
		return -1;
	if (fetching_is_away(job->app, job->account, job->ids[job->at]))
		return fetching_open(job->app, job->account, job->ids[job->at], &job->bytes, err);
	if (store_message_open(store, job->ids[job->at++], &job->bytes, NULL) < 0)
		return 1;
	job->message = mime_parse_resting(job->bytes.data, job->bytes.len, NULL,
					  (struct mime_rest){box_message_rest, &job->bytes});
	list_parts(job);
	return 1;
}

static bool is_letter(const struct mime_part *part)
{
	return part->first_child && str_starts(part->type, "message/");
}

/* A letter in a letter that is saved is in that file already; what else it holds is wanted by itself. A file
 * that the letter shows (a patch, an invitation) is a file still. */
static bool is_wanted(const struct message_part *part)
{
	bool is_file = part->part->filename && !part->part->first_child;

	if (part->is_form || (part->is_shown && !is_file))
		return false;
	if (!is_letter(part->part))
		return true;
	for (const struct mime_part *above = part->part->parent; above; above = above->parent)
		if (is_letter(above))
			return false;
	return true;
}

static int take_next(struct saving_job *job, struct err *err)
{
	const struct message_part *part;

	if (job->part_at == job->count)
		return open_letter(job, err);
	part = &job->parts[job->part_at++];
	if (!is_wanted(part))
		return 1;
	if (job->taken - job->taken_before == LETTER_MAX) {
		job->left++;
		return 1;
	}
	if (save_batch_add(job->batch, part->part, err) < 0)
		return -1;
	job->taken++;
	job->damaged += part->part->is_damaged;
	return 1;
}

static int settle_next(struct saving_job *job, struct err *err)
{
	int rc = save_batch_settle(job->batch, NULL, err);

	job->saved += rc == 1;
	job->is_settling = rc != 0;
	return rc == 0 ? !job->is_at_end : rc;
}

/* One file taken, or one made sure of: 1, 0 all is done, -1. */
static int save_next(struct saving_job *job, struct err *err)
{
	int rc;

	if (job->is_settling)
		return settle_next(job, err);
	rc = take_next(job, err);
	job->is_at_end = rc == 0;
	job->is_settling = rc <= 0 || save_batch_waiting(job->batch) == SAVE_BATCH_MAX;
	return rc < 0 ? -1 : 1;
}

/* What was taken before something failed is saved still. */
static void settle_all(struct saving_job *job)
{
	int rc;

	while ((rc = save_batch_settle(job->batch, NULL, NULL)))
		job->saved += rc == 1;
}

static void tell_progress(struct saving_job *job)
{
	int64_t now = loop_now_ms();

	if (!job->told_ms)
		job->told_ms = now;
	if (now - job->told_ms < PROGRESS_MS)
		return;
	job->told_ms = now;
	if (job->id_count > 1)
		app_say(job->app, _("Saving in %s: %zu so far, letter %d of %d..."), job->dir, job->saved, job->at,
			job->id_count);
	else
		app_say(job->app, _("Saving in %s: %zu so far..."), job->dir, job->saved);
}

static void unlink_job(struct saving_job *job)
{
	struct saving_job **at = &job->app->savings;

	while (*at && *at != job)
		at = &(*at)->next;
	if (*at)
		*at = job->next;
}

static void job_free(struct saving_job *job)
{
	unlink_job(job);
	if (job->timer)
		loop_remove_timer(job->app->loop, &job->timer);
	close_letter(job);
	save_batch_free(&job->batch);
	arena_free(&job->arena);
	free(job->own);
	free(job->ids);
	free(job->account);
	free(job->dir);
	free(job);
}

static void tell(const struct saving_job *job)
{
	if (job->left)
		app_say(job->app, _("%zu saved in %s; %zu are too many for once."), job->saved, job->dir,
			job->left);
	else if (job->damaged)
		app_say(job->app, _("%zu saved in %s; %zu of them came damaged or cut."), job->saved, job->dir,
			job->damaged);
	else
		app_say(job->app, ngettext("%zu saved in %s.", "%zu saved in %s.", job->saved), job->saved,
			job->dir);
}

/* As many as there is time for before somebody would notice. */
static void job_piece(void *arg)
{
	struct saving_job *job = arg;
	struct err err = ERR_INIT;
	int64_t until = loop_now_ms() + PIECE_MS;
	int more;

	job->timer = NULL;
	do
		more = save_next(job, &err);
	while (more == 1 && loop_now_ms() < until);
	if (more == 1) {
		tell_progress(job);
		job->timer = loop_add_timer(job->app->loop, "saving", 1, job_piece, job);
		return;
	}
	settle_all(job);
	if (more < 0)
		app_complain(job->app, &err);
	else
		tell(job);
	job_free(job);
}

static void job_start(struct app *app, bool is_there, void *arg)
{
	struct saving_job *job = arg;

	if (!is_there) {
		job_free(job);
		return;
	}
	remember(job->dir);
	job->batch = save_batch_new(job->dir);
	job->next = app->savings;
	app->savings = job;
	job_piece(job);
}

void saving_finish(struct app *app)
{
	while (app->savings) {
		while (save_next(app->savings, NULL) == 1)
			;
		settle_all(app->savings);
		job_free(app->savings);
	}
}

static struct saving_job *job_new(struct app *app, const char *dir)
{
	struct saving_job *job = mem_alloc(sizeof *job);

	job->app = app;
	job->arena = arena_new();
	job->dir = path_expand(dir);
	return job;
}

static int check_dir(const char *dir, struct err *err)
{
	return *dir ? 0 : err_set_kind(err, ERR_CANCELLED, _("no folder, nothing done"));
}

int saving_bytes(struct app *app, const char *bytes, size_t len, const char *dir, struct err *err)
{
	struct saving_job *job;

	if (check_dir(dir, err) < 0)
		return -1;
	job = job_new(app, dir);
	job->own = mem_alloc(len + 1);
	memcpy(job->own, bytes, len);
	job->own_len = len;
	need_dir(app, job->dir, job_start, job);
	return 0;
}

int saving_letters(struct app *app, const char *account, const int64_t *ids, int count, const char *dir,
		   struct err *err)
{
	struct saving_job *job;

	if (check_dir(dir, err) < 0)
		return -1;
	job = job_new(app, dir);
	job->account = mem_strdup(account);
	job->ids = mem_calloc((size_t)count, sizeof *ids);
	memcpy(job->ids, ids, (size_t)count * sizeof *ids);
	job->id_count = count;
	need_dir(app, job->dir, job_start, job);
	return 0;
}
