#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/db.h"
#include "store/mail/outbox_inside.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"

#define ORPHAN_AGE_S 3600 /* younger files without a row may just be being added */

char *outbox_files_path(const struct outbox *outbox, int64_t id, const char *ending)
{
	return mem_printf("%s/%lld.%s", outbox->dir, (long long)id, ending);
}

void outbox_files_remove(const struct outbox *outbox, int64_t id)
{
	char *env = outbox_files_path(outbox, id, "env"),
	     *eml = outbox_files_path(outbox, id, "eml");

	unlink(env);
	unlink(eml);
	free(env);
	free(eml);
}

int64_t outbox_files_number(const char *name, const char *ending)
{
	const char *dot = strchr(name, '.');
	char number[24];
	long long id;

	if (!dot || strcmp(dot + 1, ending) != 0 || (size_t)(dot - name) >= sizeof number)
		return -1;
	memcpy(number, name, (size_t)(dot - name));
	number[dot - name] = '\0';
	return str_to_long(number, &id) == 0 && id > 0 ? id : -1;
}

/* --- the envelope on disk ------------------------------------------------------------------- */

static struct jv *text_or_null(const char *text)
{
	return text ? jv_text(text) : jv_null();
}

static void print_envelope(const struct outbox_envelope *envelope, char *const *recipients,
			   size_t count, struct buf *out)
{
	struct jv *object = jv_object(), *list = jv_array();
	size_t i;

	jv_set(object, "account", jv_text(envelope->account));
	jv_set(object, "sender", jv_text(envelope->sender));
	jv_set(object, "added", jv_number(envelope->added));
	jv_set(object, "due", jv_number(envelope->due));
	jv_set(object, "ret", text_or_null(envelope->ret));
	jv_set(object, "envid", text_or_null(envelope->envid));
	jv_set(object, "notify", text_or_null(envelope->notify));
	jv_set(object, "bounce", jv_bool(envelope->is_bounce));
	jv_set(object, "held", jv_bool(envelope->is_held));
	for (i = 0; i < count; i++)
		jv_append(list, jv_text(recipients[i]));
	jv_set(object, "recipients", list);
	jv_print(object, out);
	buf_add_char(out, '\n');
	jv_free(object);
}

/* A line that a crash or a full disk cut short must not spoil the next one. */
static bool ends_in_line(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return size <= 0 || (pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

/* What a recipient came to, as a line behind its envelope: after a rebuild nobody gets a letter
 * twice. */
int outbox_files_add_line(struct outbox *outbox, int64_t entry, int64_t n, const char *word, bool is_late,
			  struct err *err)
{
	char *path = outbox_files_path(outbox, entry, "env");
	int rc, fd = open(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	struct buf line = BUF_INIT;

	if (fd < 0) {
		rc = err_errno(err, _("opening \"%s\""), path);
		free(path);
		return rc;
	}
	buf_printf(&line, "%s{\"n\":%lld,\"state\":\"%s\"}\n", ends_in_line(fd) ? "" : "\n",
		   (long long)n, word);
	rc = file_write_fd(fd, line.data, line.len, err);
	if (rc == 0 && !is_late)
		rc = file_sync(fd, path, err);
	if (rc == 0 && is_late)
		outbox_late_line(outbox, fd);
	else
		close(fd);
	buf_free(&line);
	free(path);
	return rc;
}

/* The envelope seals the letter: file_replace syncs and renames it and syncs the folder, which
 * holds the letter's name too. */
int outbox_files_seal(struct outbox *outbox, const struct outbox_envelope *envelope,
		      char *const *recipients, size_t count, struct err *err)
{
	char *path = outbox_files_path(outbox, envelope->id, "env");
	struct buf text = BUF_INIT;
	int rc;

	print_envelope(envelope, recipients, count, &text);
	rc = file_replace(path, text.data, text.len, err);
	buf_free(&text);
	free(path);
	return rc;
}

/* --- names in a letter ------------------------------------------------------------------------ */

void outbox_files_names(const char *data, size_t len, struct outbox_envelope *envelope,
			struct arena *arena)
{
	struct mime_header header;
	size_t body_at;
	char *text;

	mime_parse_header(data, len, NULL, arena, &header, &body_at);
	text = mime_field_text(&header, "Subject", arena);
	envelope->subject = text ? text : "";
	text = ids_message_id(&header, arena);
	envelope->message_id = text ? text : "";
}

void outbox_files_read_names(struct outbox *outbox, struct outbox_envelope *envelope,
			     struct arena *arena)
{
	char *path = outbox_files_path(outbox, envelope->id, "eml");
	struct file_view view;

	envelope->subject = envelope->message_id = "";
	if (file_view_open(&view, path, NULL) == 0) {
		outbox_files_names(view.data, view.len, envelope, arena);
		envelope->size = (int64_t)view.len;
		file_view_close(&view);
	} else {
		log_write(LOG_ERROR, "outbox: letter %lld has no text", (long long)envelope->id);
	}
	free(path);
}

/* --- sweeping ------------------------------------------------------------------------------- */

static bool is_old(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_mtime < time(NULL) - ORPHAN_AGE_S;
}

/* 1: letter ID is still owed; 0: finished, or there is no such row. */
static int is_owed(struct outbox *outbox, int64_t id, bool *has_row, struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, "SELECT finished FROM entry WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	*has_row = rc > 0;
	if (rc > 0) {
		rc = db_int(stmt, 0) == 0;
		db_reset(stmt);
	}
	return rc;
}

static int64_t number_of_file(const char *name)
{
	const char *dot = strchr(name, '.');
	int64_t id = outbox_files_number(name, "eml");

	if (id < 0)
		id = outbox_files_number(name, "env");
	if (id < 0 && dot && str_starts(dot, ".env.new."))
		id = outbox_files_number(name, dot + 1);
	return id;
}

/* 1 removed, 0 kept, -1 error. */
static int sweep_one(struct outbox *outbox, const char *name, struct err *err)
{
	int64_t id = number_of_file(name);
	bool has_row;
	char *path;
	int rc = id < 0 ? 1 : is_owed(outbox, id, &has_row, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	path = path_join(outbox->dir, name);
	if (has_row || is_old(path))
		rc = unlink(path) == 0;
	free(path);
	return rc;
}

int outbox_sweep(struct outbox *outbox, struct err *err)
{
	DIR *dir = opendir(outbox->dir);
	struct dirent *item;
	int rc = 0, count = 0;

	if (!dir)
		return err_errno(err, _("opening the folder \"%s\""), outbox->dir);
	while (rc >= 0 && (item = readdir(dir))) {
		rc = sweep_one(outbox, item->d_name, err);
		count += rc > 0;
	}
	closedir(dir);
	return rc < 0 ? -1 : count;
}
