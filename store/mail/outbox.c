#include "config.h"
#include "store/mail/outbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
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
#include "store/mime/ids.h"
#include "store/mime/mime.h"

#define KEEP_ROWS_S	(7 * 24 * 3600) /* finished entries stay visible so long */
#define ORPHAN_AGE_S	3600		/* younger files without a row may just be being added */
#define ENVELOPE_LIMIT	(16 * 1048576)
#define RECIPIENT_LIMIT 10000
#define ID_TRIES	1000

struct outbox {
	struct db *db;
	char *dir;
	ino_t inode; /* of the database */
	bool was_rebuilt;
};

static const char *const schema[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL);"
    "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL,"
    " sender TEXT NOT NULL, subject TEXT NOT NULL, message_id TEXT NOT NULL,"
    " added INTEGER NOT NULL, size INTEGER NOT NULL, ret TEXT, envid TEXT, notify TEXT,"
    " is_bounce INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX entry_open ON entry (id) WHERE finished = 0;"
    "CREATE TABLE recipient (id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, n INTEGER NOT NULL,"
    " addr TEXT NOT NULL, state INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"
    " due INTEGER NOT NULL, last_try INTEGER NOT NULL DEFAULT 0,"
    " status TEXT NOT NULL DEFAULT '', reply TEXT NOT NULL DEFAULT '',"
    " maybe_sent INTEGER NOT NULL DEFAULT 0, is_bounced INTEGER NOT NULL DEFAULT 0,"
    " claimant INTEGER NOT NULL DEFAULT 0, claim_until INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX recipient_entry ON recipient (entry, n);"
    "CREATE INDEX recipient_due ON recipient (due) WHERE state = 0;"
    "CREATE INDEX recipient_claim ON recipient (claim_until) WHERE state = 2;",
};

/* The numbers of these stand in the SQL above and below. */
_Static_assert(OUTBOX_WAITING == 0 && OUTBOX_HELD == 1 && OUTBOX_ATTEMPT == 2, "states in SQL");
_Static_assert(OUTBOX_SENT == 3 && OUTBOX_FAILED == 4 && OUTBOX_CANCELLED == 5, "states in SQL");

static const struct {
	const char *word, *name;
} states[] = {
    [OUTBOX_WAITING] = {"waiting", N_("waiting")},
    [OUTBOX_HELD] = {"held", N_("held")},
    [OUTBOX_ATTEMPT] = {"attempt", N_("being sent")},
    [OUTBOX_SENT] = {"sent", N_("sent")},
    [OUTBOX_FAILED] = {"failed", N_("failed")},
    [OUTBOX_CANCELLED] = {"cancelled", N_("cancelled")},
};

const char *outbox_state_name(enum outbox_state state)
{
	return _(states[state].name);
}

const char *outbox_state_word(enum outbox_state state)
{
	return states[state].word;
}

static char *file_name(const struct outbox *outbox, int64_t id, const char *ending)
{
	return mem_printf("%s/%lld.%s", outbox->dir, (long long)id, ending);
}

static void remove_files(const struct outbox *outbox, int64_t id)
{
	char *env = file_name(outbox, id, "env"), *eml = file_name(outbox, id, "eml");

	unlink(env);
	unlink(eml);
	free(env);
	free(eml);
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Runs a statement that gives no rows. */
static int run(struct db_stmt *stmt, struct err *err)
{
	return db_step(stmt, err) < 0 ? -1 : 0;
}

/* The one number that QUERY gives (0 without a row). */
static int one_number(struct db_stmt *stmt, int64_t *number, struct err *err)
{
	int rc = db_step(stmt, err);

	*number = rc > 0 ? db_int(stmt, 0) : 0;
	if (rc > 0)
		db_reset(stmt);
	return rc < 0 ? -1 : 0;
}

struct envelope {
	int64_t id, added, due, size;
	const char *account, *sender, *subject, *message_id, *ret, *envid, *notify;
	bool is_bounce, is_held;
};

static int insert_entry(struct outbox *outbox, const struct envelope *envelope, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "INSERT INTO entry (id, account, sender, subject, message_id, added,"
			" size, ret, envid, notify, is_bounce) VALUES (?,?,?,?,?,?,?,?,?,?,?)");

	db_bind_int(stmt, 1, envelope->id);
	db_bind_text(stmt, 2, envelope->account);
	db_bind_text(stmt, 3, envelope->sender);
	db_bind_text(stmt, 4, envelope->subject);
	db_bind_text(stmt, 5, envelope->message_id);
	db_bind_int(stmt, 6, envelope->added);
	db_bind_int(stmt, 7, envelope->size);
	db_bind_text(stmt, 8, envelope->ret);
	db_bind_text(stmt, 9, envelope->envid);
	db_bind_text(stmt, 10, envelope->notify);
	db_bind_int(stmt, 11, envelope->is_bounce);
	return run(stmt, err);
}

static int insert_recipient(struct outbox *outbox, const struct envelope *envelope, size_t n,
			    const char *addr, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "INSERT INTO recipient (entry, n, addr, state, due) VALUES (?,?,?,?,?)");

	db_bind_int(stmt, 1, envelope->id);
	db_bind_int(stmt, 2, (int64_t)n);
	db_bind_text(stmt, 3, addr);
	db_bind_int(stmt, 4, envelope->is_held ? OUTBOX_HELD : OUTBOX_WAITING);
	db_bind_int(stmt, 5, envelope->due);
	return run(stmt, err);
}

/* --- the envelope on disk ------------------------------------------------------------------- */

static struct jv *text_or_null(const char *text)
{
	return text ? jv_text(text) : jv_null();
}

static void print_envelope(const struct envelope *envelope, char *const *recipients, size_t count,
			   struct buf *out)
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
static int add_line(struct outbox *outbox, int64_t entry, int64_t n, const char *word,
		    struct err *err)
{
	char *path = file_name(outbox, entry, "env");
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
	if (rc == 0)
		rc = file_sync(fd, path, err);
	close(fd);
	buf_free(&line);
	free(path);
	return rc;
}

static int add_lines_for(struct outbox *outbox, int64_t entry, const char *where_state,
			 const char *word, struct err *err)
{
	struct db_stmt *stmt = db_query_once(outbox->db, where_state);
	int rc;

	db_bind_int(stmt, 1, entry);
	while ((rc = db_step(stmt, err)) > 0)
		if (add_line(outbox, entry, db_int(stmt, 0), word, err) < 0) {
			rc = -1;
			break;
		}
	db_finish(&stmt);
	return rc;
}

/* --- making the database again from the envelopes --------------------------------------------- */

static int state_by_word(const char *word)
{
	size_t i;

	for (i = 0; word && i < ARRAY_COUNT(states); i++)
		if (strcmp(states[i].word, word) == 0)
			return (int)i;
	return -1;
}

static void read_letter_names(struct outbox *outbox, struct envelope *envelope,
			      struct arena *arena);

static int apply_line(struct outbox *outbox, int64_t entry, const struct jv *line, struct err *err)
{
	int64_t n = jv_get_number(line, "n", -1);
	const char *word = jv_get_text(line, "state");
	int state = state_by_word(word);
	struct db_stmt *stmt;

	if (word && strcmp(word, "bounced") == 0)
		stmt = db_query(
		    outbox->db,
		    "UPDATE recipient SET is_bounced = 1 + ?1 * 0 WHERE entry = ?2 AND n = ?3");
	else if (state >= 0)
		stmt = db_query(outbox->db,
				"UPDATE recipient SET state = ?1 WHERE entry = ?2 AND n = ?3");
	else
		return 0;
	db_bind_int(stmt, 1, state);
	db_bind_int(stmt, 2, entry);
	db_bind_int(stmt, 3, n);
	return run(stmt, err);
}

/* A line cut by a crash ends the file: what it would have said is not known. */
static int apply_lines(struct outbox *outbox, int64_t entry, struct span rest, struct err *err)
{
	struct span piece;

	while (span_split(&rest, '\n', &piece)) {
		struct jv *line = piece.len ? jv_parse(piece.data, piece.len, NULL) : NULL;
		int rc = line ? apply_line(outbox, entry, line, err) : 0;

		jv_free(line);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* Neither sent nor swept: a person may still want what is in it. */
static void set_letter_aside(const struct outbox *outbox, int64_t id)
{
	static const char *const endings[] = {"env", "eml"};

	for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
		char *from = file_name(outbox, id, endings[i]);
		char *to = mem_printf("%s.damaged", from);

		if (rename(from, to) < 0)
			log_write(LOG_ERROR, "outbox: \"%s\" cannot be set aside", from);
		free(from);
		free(to);
	}
	log_write(LOG_ERROR,
		  "outbox: the envelope of letter %lld is damaged; the letter is kept as "
		  "%lld.eml.damaged",
		  (long long)id, (long long)id);
}

static int restore_rows(struct outbox *outbox, int64_t id, const struct jv *head, struct err *err)
{
	const struct jv *list = jv_get(head, "recipients");
	struct arena *arena = arena_new();
	struct envelope envelope = {
	    .id = id,
	    .added = jv_get_number(head, "added", 0),
	    .due = jv_get_number(head, "due", 0),
	    .account = jv_get_text(head, "account"),
	    .sender = jv_get_text(head, "sender"),
	    .ret = jv_get_text(head, "ret"),
	    .envid = jv_get_text(head, "envid"),
	    .notify = jv_get_text(head, "notify"),
	    .is_bounce = jv_get_bool(head, "bounce", false),
	    .is_held = jv_get_bool(head, "held", false),
	};
	size_t i, count = list ? jv_count(list) : 0;
	int rc = 0;

	if (!envelope.account || !envelope.sender || count == 0)
		set_letter_aside(outbox, id);
	else {
		read_letter_names(outbox, &envelope, arena);
		rc = insert_entry(outbox, &envelope, err);
		for (i = 0; i < count && rc == 0; i++) {
			const char *addr = jv_as_text(jv_at(list, i));

			rc = insert_recipient(outbox, &envelope, i, addr ? addr : "", err);
		}
	}
	arena_free(&arena);
	return rc;
}

static int restore_one(struct outbox *outbox, int64_t id, struct err *err)
{
	char *path = file_name(outbox, id, "env");
	struct buf text = BUF_INIT;
	struct span rest, first;
	struct jv *head = NULL;
	int rc = file_read(path, &text, ENVELOPE_LIMIT, err);

	rest = (struct span){buf_str(&text), text.len};
	if (rc == 0 && span_split(&rest, '\n', &first))
		head = jv_parse(first.data, first.len, NULL);
	if (head)
		rc = restore_rows(outbox, id, head, err);
	else
		set_letter_aside(outbox, id);
	if (head && rc == 0)
		rc = apply_lines(outbox, id, rest, err);
	jv_free(head);
	buf_free(&text);
	free(path);
	return rc < 0 ? -1 : 0;
}

/* "17.env" with ENDING "env": 17; else -1. */
static int64_t number_in_name(const char *name, const char *ending)
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

static int restore_all(struct outbox *outbox, struct err *err)
{
	DIR *dir = opendir(outbox->dir);
	struct dirent *item;
	int rc = 0, count = 0;

	if (!dir)
		return err_errno(err, _("opening the folder \"%s\""), outbox->dir);
	while (rc == 0 && (item = readdir(dir))) {
		int64_t id = number_in_name(item->d_name, "env");

		if (id < 0)
			continue;
		rc = restore_one(outbox, id, err);
		count++;
	}
	closedir(dir);
	outbox->was_rebuilt = count > 0;
	if (count > 0)
		log_write(LOG_WARNING, "outbox: the database was made again from %d envelopes",
			  count);
	return rc;
}

/* The mark goes in by the same transaction as the rows: either both or none. */
static int restore_if_new(struct outbox *outbox, struct err *err)
{
	int64_t is_whole;

	if (one_number(db_query(outbox->db, "SELECT value FROM meta WHERE key = 'whole'"),
		       &is_whole, err) < 0)
		return -1;
	if (is_whole)
		return 0;
	if (db_begin(outbox->db, err) < 0)
		return -1;
	if (restore_all(outbox, err) < 0 ||
	    run(db_query(outbox->db, "INSERT OR REPLACE INTO meta VALUES ('whole', 1)"), err) < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	return db_commit(outbox->db, err);
}

/* --- opening -------------------------------------------------------------------------------- */

static int check_whole(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt = db_query(outbox->db, "PRAGMA quick_check(1)");
	const char *word;
	int rc = db_step(stmt, err);

	if (rc <= 0)
		return rc;
	word = db_text(stmt, 0);
	rc = word && strcmp(word, "ok") == 0
		 ? 0
		 : err_set_kind(err, ERR_CORRUPT, _("the outbox's database is damaged"));
	db_reset(stmt);
	return rc;
}

static int open_database(struct outbox *outbox, const char *path, struct err *err)
{
	outbox->db = db_open(path, DB_DURABLE, schema, ARRAY_COUNT(schema), err);
	if (!outbox->db)
		return -1;
	if (check_whole(outbox, err) < 0 || restore_if_new(outbox, err) < 0) {
		db_close(&outbox->db);
		return -1;
	}
	return 0;
}

static int open_or_mend(struct outbox *outbox, struct err *err)
{
	char *path = path_join(outbox->dir, "outbox.db");
	struct err why = ERR_INIT;
	int rc = open_database(outbox, path, &why);

	if (rc < 0 && why.kind == ERR_CORRUPT) {
		log_write(LOG_WARNING, "outbox: %s", why.text);
		err_clear(&why);
		rc = db_set_aside(path, &why);
		if (rc == 0)
			rc = open_database(outbox, path, &why);
	}
	if (rc < 0)
		err_set_kind(err, why.kind, "%s", why.text);
	free(path);
	return rc;
}

/* Opening is one at a time (LOCK_EX): nobody opens a database that another program is just setting
 * aside, nor puts letters into it (LOCK_SH). */
static int lock_database(const struct outbox *outbox, int kind, struct err *err)
{
	char *path = path_join(outbox->dir, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, kind) < 0) {
		err_errno(err, _("locking \"%s\""), path);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

static ino_t inode_of(const struct outbox *outbox)
{
	char *path = path_join(outbox->dir, "outbox.db");
	struct stat st = {.st_ino = 0};

	if (stat(path, &st) < 0)
		st.st_ino = 0;
	free(path);
	return st.st_ino;
}

bool outbox_is_gone(const struct outbox *outbox)
{
	return inode_of(outbox) != outbox->inode;
}

struct outbox *outbox_open(struct err *err)
{
	struct outbox *outbox = mem_alloc(sizeof *outbox);
	int lock = -1, rc = -1;

	outbox->dir = path_in(PATH_DATA, "outbox");
	if (path_make_dirs(outbox->dir, err) == 0)
		lock = lock_database(outbox, LOCK_EX, err);
	if (lock >= 0)
		rc = open_or_mend(outbox, err);
	outbox->inode = inode_of(outbox);
	if (lock >= 0)
		close(lock);
	if (rc < 0) {
		err_add(err, _("opening the outbox"));
		outbox_close(&outbox);
	}
	return outbox;
}

void outbox_close(struct outbox **outbox)
{
	if (!*outbox)
		return;
	if ((*outbox)->db)
		db_close(&(*outbox)->db);
	free((*outbox)->dir);
	free(*outbox);
	*outbox = NULL;
}

bool outbox_was_rebuilt(const struct outbox *outbox)
{
	return outbox->was_rebuilt;
}

int64_t outbox_data_version(struct outbox *outbox)
{
	return db_data_version(outbox->db);
}

/* --- adding --------------------------------------------------------------------------------- */

static void names_of_header(const char *data, size_t len, struct envelope *envelope,
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

static void read_letter_names(struct outbox *outbox, struct envelope *envelope, struct arena *arena)
{
	char *path = file_name(outbox, envelope->id, "eml");
	struct file_view view;

	envelope->subject = envelope->message_id = "";
	if (file_view_open(&view, path, NULL) == 0) {
		names_of_header(view.data, view.len, envelope, arena);
		envelope->size = (int64_t)view.len;
		file_view_close(&view);
	} else {
		log_write(LOG_ERROR, "outbox: letter %lld has no text", (long long)envelope->id);
	}
	free(path);
}

static bool is_one_line(const char *addr)
{
	for (; *addr; addr++)
		if ((unsigned char)*addr < ' ' || *addr == 0x7f)
			return false;
	return true;
}

static int check_letter(const struct outbox_letter *letter, struct err *err)
{
	size_t i;

	if (letter->recipient_count == 0)
		return err_set_kind(err, ERR_USAGE, _("the letter has no recipients"));
	if (letter->recipient_count > RECIPIENT_LIMIT)
		return err_set_kind(err, ERR_USAGE, _("the letter has more than %d recipients"),
				    RECIPIENT_LIMIT);
	if (!is_one_line(letter->sender))
		return err_set_kind(err, ERR_USAGE,
				    _("the sender's address is not one line of text"));
	for (i = 0; i < letter->recipient_count; i++)
		if (!*letter->recipients[i] || !is_one_line(letter->recipients[i]))
			return err_set_kind(
			    err, ERR_USAGE,
			    _("the address of recipient %zu is not one line of text"), i + 1);
	return 0;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Who is named twice gets one letter. Sorted; lent strings; the array is in ARENA. */
static char **distinct(const struct outbox_letter *letter, struct arena *arena, size_t *count)
{
	char **list = ARENA_ARRAY(arena, char *, letter->recipient_count);
	size_t i, kept = 0;

	for (i = 0; i < letter->recipient_count; i++)
		list[i] = arena_strdup(arena, letter->recipients[i]);
	qsort(list, letter->recipient_count, sizeof *list, compare_text);
	for (i = 0; i < letter->recipient_count; i++)
		if (kept == 0 || strcmp(list[kept - 1], list[i]) != 0)
			list[kept++] = list[i];
	*count = kept;
	return list;
}

/* A number that no letter has: its file made, open. Another program may be adding at the same time.
 */
static int reserve(struct outbox *outbox, int64_t *id, struct err *err)
{
	int i;

	if (one_number(db_query(outbox->db, "SELECT seq FROM sqlite_sequence WHERE name = 'entry'"),
		       id, err) < 0)
		return -1;
	for (i = 0; i < ID_TRIES; i++) {
		char *path = file_name(outbox, ++*id, "eml");
		struct err why = ERR_INIT;
		int fd = file_create(path, &why);

		free(path);
		if (fd >= 0)
			return fd;
		if (why.kind != ERR_EXISTS)
			return err_set_kind(err, why.kind, "%s", why.text);
	}
	return err_set(err, _("the outbox is full of unfinished files; look into \"%s\""),
		       outbox->dir);
}

static int write_letter(int fd, const struct outbox_letter *letter, struct err *err)
{
	int rc = file_write_fd(fd, letter->data, letter->len, err);

	if (rc == 0 && letter->body)
		rc = file_write_fd(fd, letter->body, letter->body_len, err);
	if (rc == 0)
		rc = file_sync(fd, _("the letter"), err);
	if (close(fd) < 0 && rc == 0)
		rc = err_errno(err, _("closing the letter"));
	return rc;
}

/* The envelope seals the letter: file_replace syncs and renames it and syncs the folder, which
 * holds the letter's name too. */
static int seal(struct outbox *outbox, const struct envelope *envelope, char *const *recipients,
		size_t count, struct err *err)
{
	char *path = file_name(outbox, envelope->id, "env");
	struct buf text = BUF_INIT;
	int rc;

	print_envelope(envelope, recipients, count, &text);
	rc = file_replace(path, text.data, text.len, err);
	buf_free(&text);
	free(path);
	return rc;
}

static int insert_all(struct outbox *outbox, const struct envelope *envelope,
		      char *const *recipients, size_t count, struct err *err)
{
	size_t i;
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = insert_entry(outbox, envelope, err);
	for (i = 0; i < count && rc == 0; i++)
		rc = insert_recipient(outbox, envelope, i, recipients[i], err);
	if (rc == 0)
		return db_commit(outbox->db, err);
	db_rollback(outbox->db);
	return -1;
}

static void fill_envelope(struct envelope *envelope, const struct outbox_letter *letter,
			  struct arena *arena)
{
	envelope->added = time(NULL);
	envelope->due = letter->due ? letter->due : envelope->added;
	envelope->size = (int64_t)(letter->len + (letter->body ? letter->body_len : 0));
	envelope->account = letter->account ? letter->account : "";
	envelope->sender = letter->sender;
	envelope->ret = letter->dsn_ret;
	envelope->envid = letter->dsn_envid;
	envelope->notify = letter->notify;
	envelope->is_bounce = letter->is_bounce;
	envelope->is_held = letter->is_held;
	names_of_header(letter->data, letter->len, envelope, arena);
}

static int64_t add_letter(struct outbox *outbox, const struct outbox_letter *letter,
			  struct err *err)
{
	struct arena *arena = arena_new();
	struct envelope envelope = {.id = 0};
	char **recipients;
	size_t count;
	int fd, rc;

	fill_envelope(&envelope, letter, arena);
	recipients = distinct(letter, arena, &count);
	fd = reserve(outbox, &envelope.id, err);
	rc = fd < 0 ? -1 : write_letter(fd, letter, err);
	if (rc == 0)
		rc = seal(outbox, &envelope, recipients, count, err);
	if (rc == 0)
		rc = insert_all(outbox, &envelope, recipients, count, err);
	if (rc < 0 && fd >= 0)
		remove_files(outbox, envelope.id);
	arena_free(&arena);
	return rc < 0 ? -1 : envelope.id;
}

int64_t outbox_add(struct outbox *outbox, const struct outbox_letter *letter, struct err *err)
{
	int64_t id = -1;
	int lock = -1;

	if (check_letter(letter, err) == 0)
		lock = lock_database(outbox, LOCK_SH, err);
	if (lock >= 0 && outbox_is_gone(outbox))
		err_set_kind(err, ERR_TEMPORARY,
			     _("its database was lost or replaced meanwhile; try again"));
	else if (lock >= 0)
		id = add_letter(outbox, letter, err);
	if (lock >= 0)
		close(lock);
	return id < 0 ? err_add(err, _("putting the letter into the outbox")) : id;
}

/* --- reading -------------------------------------------------------------------------------- */

#define ENTRY_COLUMNS                                                                              \
	"id, account, sender, subject, message_id, added, size, ret, envid, notify, is_bounce, "   \
	"finished"
#define RECIPIENT_COLUMNS                                                                          \
	"id, addr, state, tries, due, last_try, status, reply, maybe_sent, is_bounced"

static char *column_text(struct db_stmt *stmt, int column, struct arena *arena)
{
	const char *text = db_text(stmt, column);

	return text ? arena_strdup(arena, text) : NULL;
}

static void read_entry(struct outbox *outbox, struct db_stmt *stmt, struct arena *arena,
		       struct outbox_entry *entry)
{
	*entry = (struct outbox_entry){
	    .id = db_int(stmt, 0),
	    .account = column_text(stmt, 1, arena),
	    .sender = column_text(stmt, 2, arena),
	    .subject = column_text(stmt, 3, arena),
	    .message_id = column_text(stmt, 4, arena),
	    .added = db_int(stmt, 5),
	    .size = db_int(stmt, 6),
	    .dsn_ret = column_text(stmt, 7, arena),
	    .dsn_envid = column_text(stmt, 8, arena),
	    .notify = column_text(stmt, 9, arena),
	    .is_bounce = db_int(stmt, 10) != 0,
	    .finished = db_int(stmt, 11),
	};
	entry->path = arena_printf(arena, "%s/%lld.eml", outbox->dir, (long long)entry->id);
}

static void read_recipient(struct db_stmt *stmt, struct arena *arena, struct outbox_recipient *to)
{
	*to = (struct outbox_recipient){
	    .id = db_int(stmt, 0),
	    .addr = column_text(stmt, 1, arena),
	    .state = (enum outbox_state)db_int(stmt, 2),
	    .tries = (int)db_int(stmt, 3),
	    .due = db_int(stmt, 4),
	    .last_try = db_int(stmt, 5),
	    .status = column_text(stmt, 6, arena),
	    .reply = column_text(stmt, 7, arena),
	    .maybe_sent = db_int(stmt, 8) != 0,
	    .is_bounced = db_int(stmt, 9) != 0,
	};
}

/* All recipients of ENTRY, or (CLAIMANT not 0) those that it claimed. */
static int read_recipients(struct outbox *outbox, int64_t claimant, struct arena *arena,
			   struct outbox_entry *entry, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT " RECIPIENT_COLUMNS " FROM recipient WHERE entry = ?1"
				 " AND (?2 = 0 OR (claimant = ?2 AND state = 2)) ORDER BY n");
	struct outbox_recipient *list = NULL;
	size_t count = 0, cap = 0;
	int rc;

	db_bind_int(stmt, 1, entry->id);
	db_bind_int(stmt, 2, claimant);
	while ((rc = db_step(stmt, err)) > 0) {
		ARRAY_ROOM(list, count, cap);
		read_recipient(stmt, arena, &list[count++]);
	}
	entry->recipients = ARENA_ARRAY(arena, struct outbox_recipient, count + 1);
	if (count)
		memcpy(entry->recipients, list, count * sizeof *list);
	entry->recipient_count = count;
	free(list);
	return rc;
}

static int get_entry(struct outbox *outbox, int64_t id, int64_t claimant, struct arena *arena,
		     struct outbox_entry *entry, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT " ENTRY_COLUMNS " FROM entry WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc <= 0)
		return rc;
	read_entry(outbox, stmt, arena, entry);
	db_reset(stmt);
	return read_recipients(outbox, claimant, arena, entry, err) < 0 ? -1 : 1;
}

int outbox_get(struct outbox *outbox, int64_t id, struct arena *arena, struct outbox_entry *entry,
	       struct err *err)
{
	return get_entry(outbox, id, 0, arena, entry, err);
}

int outbox_list(struct outbox *outbox, bool finished, struct arena *arena,
		struct outbox_entry **entries, size_t *count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT " ENTRY_COLUMNS " FROM entry"
				 " WHERE finished = 0 OR (?1 AND finished > ?2) ORDER BY id");
	struct outbox_entry *list = NULL;
	size_t i, cap = 0;
	int rc;

	*count = 0;
	db_bind_int(stmt, 1, finished);
	db_bind_int(stmt, 2, time(NULL) - KEEP_ROWS_S);
	while ((rc = db_step(stmt, err)) > 0) {
		ARRAY_ROOM(list, *count, cap);
		read_entry(outbox, stmt, arena, &list[(*count)++]);
	}
	*entries = ARENA_ARRAY(arena, struct outbox_entry, *count + 1);
	if (*count)
		memcpy(*entries, list, *count * sizeof *list);
	free(list);
	for (i = 0; i < *count && rc == 0; i++)
		rc = read_recipients(outbox, 0, arena, &(*entries)[i], err);
	return rc;
}

/* --- claims --------------------------------------------------------------------------------- */

static int next_time(struct outbox *outbox, int64_t now, int64_t *next_due, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db,
	    "SELECT MIN(t) FROM (SELECT MIN(due) AS t FROM recipient WHERE state = 0 AND"
	    " due > ?1 UNION ALL SELECT MIN(claim_until) FROM recipient WHERE state = 2 AND"
	    " claim_until > ?1)");

	db_bind_int(stmt, 1, now);
	return one_number(stmt, next_due, err);
}

int outbox_due(struct outbox *outbox, int64_t now, int64_t *ids, size_t *count, int64_t *next_due,
	       struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "SELECT entry, MIN(t) AS first FROM ("
			" SELECT entry, due AS t FROM recipient WHERE state = 0 AND due <= ?1"
			" UNION ALL SELECT entry, claim_until FROM recipient WHERE state = 2 AND "
			"claim_until <= ?1"
			" UNION ALL SELECT id, added FROM entry e WHERE finished = 0 AND NOT EXISTS"
			"  (SELECT 1 FROM recipient r WHERE r.entry = e.id AND state < 3))"
			" GROUP BY entry ORDER BY first, entry LIMIT ?2");
	size_t max = *count;
	int rc;

	*count = 0;
	db_bind_int(stmt, 1, now);
	db_bind_int(stmt, 2, (int64_t)max);
	while ((rc = db_step(stmt, err)) > 0)
		ids[(*count)++] = db_int(stmt, 0);
	if (rc == 0 && next_due)
		rc = next_time(outbox, now, next_due, err);
	return rc;
}

/* A claim that ran out: its worker hangs, nobody knows where. */
static int expire(struct outbox *outbox, int64_t now, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "UPDATE recipient SET state = 0, claimant = 0, maybe_sent = 1"
				 " WHERE state = 2 AND claim_until <= ?");

	db_bind_int(stmt, 1, now);
	return run(stmt, err);
}

static int claim_rows(struct outbox *outbox, int64_t id, int64_t now, int64_t claimant,
		      int64_t lease, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "UPDATE recipient SET state = 2, claimant = ?3, claim_until = ?4,"
				 " last_try = ?2, tries = tries + 1"
				 " WHERE entry = ?1 AND state = 0 AND due <= ?2");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, now);
	db_bind_int(stmt, 3, claimant);
	db_bind_int(stmt, 4, now + lease);
	return run(stmt, err) < 0 ? -1 : (int)db_changes(outbox->db);
}

int outbox_claim(struct outbox *outbox, int64_t id, int64_t now, int64_t claimant, int64_t lease,
		 struct arena *arena, struct outbox_entry *entry, struct err *err)
{
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = expire(outbox, now, err);
	if (rc == 0)
		rc = claim_rows(outbox, id, now, claimant, lease, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	if (db_commit(outbox->db, err) < 0)
		return -1;
	return rc == 0 ? 0 : get_entry(outbox, id, claimant, arena, entry, err);
}

int outbox_next_due(struct outbox *outbox, int64_t now, int64_t claimant, int64_t lease,
		    struct arena *arena, struct outbox_entry *entry, int64_t *next_due,
		    struct err *err)
{
	int64_t ids[16];
	size_t i, count = ARRAY_COUNT(ids);
	int rc;

	if (outbox_due(outbox, now, ids, &count, next_due, err) < 0)
		return -1;
	for (i = 0; i < count; i++) {
		rc = outbox_claim(outbox, ids[i], now, claimant, lease, arena, entry, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* What a dead worker wrote behind the envelope but not yet into the database. */
static int replay_lines(struct outbox *outbox, int64_t id, struct err *err)
{
	char *path = file_name(outbox, id, "env");
	struct buf text = BUF_INIT;
	struct span rest, first;
	int rc = file_read(path, &text, ENVELOPE_LIMIT, err);

	rest = (struct span){buf_str(&text), text.len};
	if (rc == 0 && span_split(&rest, '\n', &first))
		rc = apply_lines(outbox, id, rest, err);
	buf_free(&text);
	free(path);
	return rc;
}

static int replay_claimed(struct outbox *outbox, int64_t claimant, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "SELECT DISTINCT entry FROM recipient WHERE state = 2 AND claimant = ?");
	int64_t ids[64];
	size_t i, count = 0;
	int rc;

	db_bind_int(stmt, 1, claimant);
	while ((rc = db_step(stmt, err)) > 0)
		if (count < ARRAY_COUNT(ids))
			ids[count++] = db_int(stmt, 0);
	for (i = 0; i < count && rc == 0; i++)
		rc = replay_lines(outbox, ids[i], err);
	return rc;
}

static int release_rows(struct outbox *outbox, int64_t claimant, bool is_unsure, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "UPDATE recipient SET state = 0, claimant = 0,"
			" maybe_sent = maybe_sent OR ?2 WHERE state = 2 AND claimant = ?1");

	db_bind_int(stmt, 1, claimant);
	db_bind_int(stmt, 2, is_unsure);
	return run(stmt, err) < 0 ? -1 : (int)db_changes(outbox->db);
}

int outbox_release(struct outbox *outbox, int64_t claimant, bool is_unsure, struct err *err)
{
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = replay_claimed(outbox, claimant, err);
	if (rc == 0)
		rc = release_rows(outbox, claimant, is_unsure, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	return db_commit(outbox->db, err) < 0 ? -1 : rc;
}

/* A process that ended but that nobody has asked about yet (a zombie) writes no verdicts any more.
 */
static bool is_zombie(int64_t pid)
{
	char *path = mem_printf("/proc/%lld/stat", (long long)pid);
	struct buf text = BUF_INIT;
	bool is = false;

	if (file_read(path, &text, 0, NULL) == 0) {
		const char *end = strrchr(buf_str(&text), ')');

		is = end && str_starts(end, ") Z");
	}
	buf_free(&text);
	free(path);
	return is;
}

static bool is_alive(int64_t pid)
{
	return (kill((pid_t)pid, 0) == 0 || errno != ESRCH) && !is_zombie(pid);
}

int outbox_release_dead(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT DISTINCT claimant FROM recipient WHERE state = 2");
	int64_t dead[64];
	size_t i, count = 0;
	int rc, total = 0;

	while ((rc = db_step(stmt, err)) > 0)
		if (count < ARRAY_COUNT(dead) && !is_alive(db_int(stmt, 0)))
			dead[count++] = db_int(stmt, 0);
	for (i = 0; i < count && rc >= 0; i++) {
		rc = outbox_release(outbox, dead[i], false, err);
		total += rc > 0 ? rc : 0;
	}
	return rc < 0 ? -1 : total;
}

/* --- verdicts ------------------------------------------------------------------------------- */

static bool is_end(enum outbox_state state)
{
	return state == OUTBOX_SENT || state == OUTBOX_FAILED || state == OUTBOX_CANCELLED;
}

static int find_recipient(struct outbox *outbox, int64_t recipient, int64_t *entry, int64_t *n,
			  enum outbox_state *state, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT entry, n, state FROM recipient WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, recipient);
	rc = db_step(stmt, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND,
				    _("this recipient is no longer in the outbox"));
	*entry = db_int(stmt, 0);
	*n = db_int(stmt, 1);
	*state = (enum outbox_state)db_int(stmt, 2);
	db_reset(stmt);
	return 0;
}

int outbox_verdict(struct outbox *outbox, int64_t recipient, enum outbox_state state, int64_t due,
		   const char *status, const char *reply, struct err *err)
{
	struct db_stmt *stmt;
	enum outbox_state before;
	int64_t entry, n;

	if (find_recipient(outbox, recipient, &entry, &n, &before, err) < 0)
		return -1;
	if (is_end(before))
		return 0;
	if (is_end(state) && add_line(outbox, entry, n, states[state].word, err) < 0)
		return -1;
	stmt = db_query(outbox->db,
			"UPDATE recipient SET state = ?2, due = ?3, status = ?4, reply = ?5,"
			" claimant = 0 WHERE id = ?1 AND state < 3");
	db_bind_int(stmt, 1, recipient);
	db_bind_int(stmt, 2, state);
	db_bind_int(stmt, 3, due);
	db_bind_text(stmt, 4, status ? status : "");
	db_bind_text(stmt, 5, reply ? reply : "");
	return run(stmt, err);
}

int outbox_set_bounced(struct outbox *outbox, int64_t recipient, struct err *err)
{
	struct db_stmt *stmt;
	enum outbox_state state;
	int64_t entry, n;

	if (find_recipient(outbox, recipient, &entry, &n, &state, err) < 0 ||
	    add_line(outbox, entry, n, "bounced", err) < 0)
		return -1;
	stmt = db_query(outbox->db, "UPDATE recipient SET is_bounced = 1 WHERE id = ?");
	db_bind_int(stmt, 1, recipient);
	return run(stmt, err);
}

static int count_open(struct outbox *outbox, int64_t id, int64_t *count, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "SELECT COUNT(*) FROM recipient WHERE entry = ? AND"
				 " (state < 3 OR (state = 4 AND NOT is_bounced))");

	db_bind_int(stmt, 1, id);
	return one_number(stmt, count, err);
}

static int mark_finished(struct outbox *outbox, int64_t id, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(outbox->db, "UPDATE entry SET finished = ?2 WHERE id = ?1 AND finished = 0");

	db_bind_int(stmt, 1, id);
	db_bind_int(stmt, 2, time(NULL));
	return run(stmt, err);
}

static int forget_old(struct outbox *outbox, struct err *err)
{
	struct db_stmt *recipients =
	    db_query(outbox->db, "DELETE FROM recipient WHERE entry IN"
				 " (SELECT id FROM entry WHERE finished > 0 AND finished < ?)");
	struct db_stmt *entries =
	    db_query(outbox->db, "DELETE FROM entry WHERE finished > 0 AND finished < ?");

	db_bind_int(recipients, 1, time(NULL) - KEEP_ROWS_S);
	db_bind_int(entries, 1, time(NULL) - KEEP_ROWS_S);
	return run(recipients, err) < 0 ? -1 : run(entries, err);
}

/* Rows first: a file without a use is swept, a row without its file would be a lost letter. */
int outbox_finish(struct outbox *outbox, int64_t id, struct err *err)
{
	int64_t left;
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = count_open(outbox, id, &left, err);
	if (rc == 0 && left == 0)
		rc = mark_finished(outbox, id, err);
	if (rc == 0)
		rc = forget_old(outbox, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	if (db_commit(outbox->db, err) < 0)
		return -1;
	if (left == 0)
		remove_files(outbox, id);
	return left == 0;
}

/* --- a person's wishes ---------------------------------------------------------------------- */

/* The lines go first: a wish that is on disk but not in the database is carried out after a rebuild
 * only. */
static int wish(struct outbox *outbox, int64_t id, const char *select, const char *word,
		const char *update, struct err *err)
{
	struct db_stmt *stmt;
	int rc;

	if (db_begin(outbox->db, err) < 0)
		return -1;
	rc = add_lines_for(outbox, id, select, word, err);
	stmt = db_query(outbox->db, update);
	db_bind_int(stmt, 1, id);
	if (rc == 0)
		rc = run(stmt, err);
	if (rc < 0) {
		db_rollback(outbox->db);
		return -1;
	}
	rc = db_changes(outbox->db) > 0;
	return db_commit(outbox->db, err) < 0 ? -1 : rc;
}

int outbox_hold(struct outbox *outbox, int64_t id, struct err *err)
{
	return wish(outbox, id, "SELECT n FROM recipient WHERE entry = ? AND state = 0",
		    states[OUTBOX_HELD].word,
		    "UPDATE recipient SET state = 1 WHERE entry = ? AND state = 0", err);
}

/* All: what was tried and deferred. What waits for its time, or is held, is as the person wants it.
 */
static int retry_all(struct outbox *outbox, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    outbox->db, "UPDATE recipient SET due = ?1 WHERE state = 0 AND tries > 0 AND due > ?1");

	db_bind_int(stmt, 1, time(NULL));
	return run(stmt, err) < 0 ? -1 : db_changes(outbox->db) > 0;
}

int outbox_retry(struct outbox *outbox, int64_t id, struct err *err)
{
	if (id == 0)
		return retry_all(outbox, err);
	/* SQLite's clock is finer than time(2): a second may begin earlier there */
	return wish(outbox, id, "SELECT n FROM recipient WHERE entry = ? AND state = 1",
		    states[OUTBOX_WAITING].word,
		    "UPDATE recipient SET state = 0, due = CAST(strftime('%s', 'now') AS INTEGER) - 1"
		    " WHERE entry = ? AND state IN (0, 1)",
		    err);
}

int outbox_cancel(struct outbox *outbox, int64_t id, struct err *err)
{
	int rc = wish(outbox, id, "SELECT n FROM recipient WHERE entry = ? AND state IN (0, 1)",
		      states[OUTBOX_CANCELLED].word,
		      "UPDATE recipient SET state = 5 WHERE entry = ? AND state IN (0, 1)", err);

	if (rc > 0 && outbox_finish(outbox, id, err) < 0)
		return -1;
	return rc;
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
	int64_t id = number_in_name(name, "eml");

	if (id < 0)
		id = number_in_name(name, "env");
	if (id < 0 && dot && str_starts(dot, ".env.new."))
		id = number_in_name(name, dot + 1);
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
