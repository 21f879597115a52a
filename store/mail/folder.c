#include "config.h"
#include "store/mail/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/store_inside.h"

#define DEPTH_LIMIT  16
#define FOLDER_LIMIT 20000
#define NAME_LIMIT   240

/* --- rows --- */

#define COLUMNS "id, name, path, kind, role, total, unread, flagged, revision, is_indexed, first_last"

static void read_row(struct db_stmt *stmt, struct arena *arena, struct folder *folder)
{
	folder->id = db_int(stmt, 0);
	folder->name = arena_strdup(arena, db_text(stmt, 1));
	folder->path = arena_strdup(arena, db_text(stmt, 2));
	folder->kind = (enum box_kind)db_int(stmt, 3);
	folder->role = (enum account_role)db_int(stmt, 4);
	folder->total = db_int(stmt, 5);
	folder->unread = db_int(stmt, 6);
	folder->flagged = db_int(stmt, 7);
	folder->revision = db_int(stmt, 8);
	folder->is_indexed = db_int(stmt, 9);
	folder->first_last = db_int(stmt, 10);
}

static int read_one(struct db_stmt *stmt, struct arena *arena, struct folder *folder,
		    struct err *err)
{
	int rc = db_step(stmt, err);

	if (rc == 1) {
		read_row(stmt, arena, folder);
		db_reset(stmt);
	}
	return rc;
}

int store_folders(struct store *store, struct arena *arena, struct folder **folders, size_t *count,
		  struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT " COLUMNS " FROM folder"
				" ORDER BY CASE role WHEN 0 THEN 100 ELSE role END, name");
	size_t cap = 16;
	int rc;

	*count = 0;
	*folders = ARENA_ARRAY(arena, struct folder, cap);
	while ((rc = db_step(stmt, err)) == 1) {
		if (*count == cap) {
			struct folder *more = ARENA_ARRAY(arena, struct folder, cap * 2);

			memcpy(more, *folders, cap * sizeof *more);
			*folders = more;
			cap *= 2;
		}
		read_row(stmt, arena, &(*folders)[(*count)++]);
	}
	return rc;
}

int store_folder(struct store *store, int64_t id, struct arena *arena, struct folder *folder,
		 struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT " COLUMNS " FROM folder WHERE id = ?");

	db_bind_int(stmt, 1, id);
	return read_one(stmt, arena, folder, err);
}

int store_folder_by_name(struct store *store, const char *name, struct arena *arena,
			 struct folder *folder, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT " COLUMNS " FROM folder WHERE name = ?");

	db_bind_text(stmt, 1, str_equal_nocase(name, "INBOX") ? "INBOX" : name);
	return read_one(stmt, arena, folder, err);
}

int store_folder_by_role(struct store *store, enum account_role role, struct arena *arena,
			 struct folder *folder, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT " COLUMNS " FROM folder WHERE role = ?"
						   " ORDER BY id LIMIT 1");

	db_bind_int(stmt, 1, role);
	return read_one(stmt, arena, folder, err);
}

static int64_t newest_id(struct store *store, struct err *err)
{
	return db_step_id(db_query(store->db, "SELECT ifnull(max(id), 0) FROM message"), err);
}

/* Ids are given in order of arrival: a look at the last of them. */
static int has_unread_between(struct store *store, int64_t folder, int64_t since, int64_t newest, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT 1 FROM message WHERE id > ?1 AND id <= ?2 AND +folder = ?3"
				" AND (flags & 1) = 0 LIMIT 1");
	int rc;

	db_bind_int(stmt, 1, since);
	db_bind_int(stmt, 2, newest);
	db_bind_int(stmt, 3, folder);
	rc = db_step(stmt, err);
	db_reset(stmt);
	return rc;
}

int store_has_news(struct store *store, const struct folder *folder, int64_t *since, struct err *err)
{
	int64_t newest = newest_id(store, err);
	int64_t before = *since == STORE_NEWS_UNREAD ? folder->first_last : *since;

	if (newest < 0)
		return -1;
	*since = folder->is_indexed ? newest : STORE_NEWS_UNREAD;
	if (!folder->is_indexed || before < 0 || newest <= before)
		return 0;
	return has_unread_between(store, folder->id, before, newest, err);
}

struct box *store_box(struct store *store, int64_t id, struct err *err)
{
	struct arena *arena = arena_new();
	struct folder folder;
	struct box *box = NULL;
	int rc = store_folder(store, id, arena, &folder, err);

	if (rc == 1)
		box = box_open(folder.path, store->account->is_read_only, err);
	else if (rc == 0)
		err_set_kind(err, ERR_NOT_FOUND, _("This folder is gone."));
	arena_free(&arena);
	return box;
}

/* As servers and programs call them in twelve languages (English, German, French, Spanish, Italian, Dutch,
 * Portuguese, Danish or Swedish, Russian, Polish, Czech, Japanese and Chinese), each first as Tern does. */
static const struct {
	const char *name;
	enum account_role role;
} role_names[] = {
    {"INBOX", ROLE_INBOX},
    {"Drafts", ROLE_DRAFTS},
    {"Draft", ROLE_DRAFTS},
    {"Entwürfe", ROLE_DRAFTS},
    {"Entwurf", ROLE_DRAFTS},
    {"Brouillons", ROLE_DRAFTS},
    {"Borradores", ROLE_DRAFTS},
    {"Bozze", ROLE_DRAFTS},
    {"Concepten", ROLE_DRAFTS},
    {"Rascunhos", ROLE_DRAFTS},
    {"Kladder", ROLE_DRAFTS},
    {"Utkast", ROLE_DRAFTS},
    {"Черновики", ROLE_DRAFTS},
    {"Szkice", ROLE_DRAFTS},
    {"Kopie robocze", ROLE_DRAFTS},
    {"Koncepty", ROLE_DRAFTS},
    {"下書き", ROLE_DRAFTS},
    {"草稿", ROLE_DRAFTS},
    {"草稿箱", ROLE_DRAFTS},
    {"Sent", ROLE_SENT},
    {"Sent Messages", ROLE_SENT},
    {"Sent Items", ROLE_SENT},
    {"Sent Mail", ROLE_SENT},
    {"Gesendet", ROLE_SENT},
    {"Gesendete Elemente", ROLE_SENT},
    {"Gesendete Objekte", ROLE_SENT},
    {"Envoyés", ROLE_SENT},
    {"Éléments envoyés", ROLE_SENT},
    {"Messages envoyés", ROLE_SENT},
    {"Enviados", ROLE_SENT},
    {"Elementos enviados", ROLE_SENT},
    {"Itens enviados", ROLE_SENT},
    {"Posta inviata", ROLE_SENT},
    {"Inviata", ROLE_SENT},
    {"Inviati", ROLE_SENT},
    {"Verzonden", ROLE_SENT},
    {"Verzonden items", ROLE_SENT},
    {"Sendt", ROLE_SENT},
    {"Skickat", ROLE_SENT},
    {"Skickade", ROLE_SENT},
    {"Отправленные", ROLE_SENT},
    {"Wysłane", ROLE_SENT},
    {"Elementy wysłane", ROLE_SENT},
    {"Odeslané", ROLE_SENT},
    {"Odeslaná pošta", ROLE_SENT},
    {"送信済み", ROLE_SENT},
    {"送信済みトレイ", ROLE_SENT},
    {"已发送", ROLE_SENT},
    {"已发送邮件", ROLE_SENT},
    {"Trash", ROLE_TRASH},
    {"Deleted Messages", ROLE_TRASH},
    {"Deleted Items", ROLE_TRASH},
    {"Deleted", ROLE_TRASH},
    {"Bin", ROLE_TRASH},
    {"Papierkorb", ROLE_TRASH},
    {"Gelöscht", ROLE_TRASH},
    {"Gelöschte Elemente", ROLE_TRASH},
    {"Gelöschte Objekte", ROLE_TRASH},
    {"Corbeille", ROLE_TRASH},
    {"Éléments supprimés", ROLE_TRASH},
    {"Papelera", ROLE_TRASH},
    {"Elementos eliminados", ROLE_TRASH},
    {"Cestino", ROLE_TRASH},
    {"Posta eliminata", ROLE_TRASH},
    {"Prullenbak", ROLE_TRASH},
    {"Verwijderde items", ROLE_TRASH},
    {"Lixeira", ROLE_TRASH},
    {"Lixo", ROLE_TRASH},
    {"Itens excluídos", ROLE_TRASH},
    {"Papirkurv", ROLE_TRASH},
    {"Papperskorgen", ROLE_TRASH},
    {"Borttaget", ROLE_TRASH},
    {"Корзина", ROLE_TRASH},
    {"Удаленные", ROLE_TRASH},
    {"Удалённые", ROLE_TRASH},
    {"Kosz", ROLE_TRASH},
    {"Koš", ROLE_TRASH},
    {"Odstraněná pošta", ROLE_TRASH},
    {"ゴミ箱", ROLE_TRASH},
    {"削除済みアイテム", ROLE_TRASH},
    {"已删除", ROLE_TRASH},
    {"已删除邮件", ROLE_TRASH},
    {"垃圾箱", ROLE_TRASH},
    {"Archive", ROLE_ARCHIVE},
    {"Archives", ROLE_ARCHIVE},
    {"Archiv", ROLE_ARCHIVE},
    {"Archivo", ROLE_ARCHIVE},
    {"Archivio", ROLE_ARCHIVE},
    {"Archief", ROLE_ARCHIVE},
    {"Arquivo", ROLE_ARCHIVE},
    {"Arkiv", ROLE_ARCHIVE},
    {"Архив", ROLE_ARCHIVE},
    {"Archiwum", ROLE_ARCHIVE},
    {"アーカイブ", ROLE_ARCHIVE},
    {"归档", ROLE_ARCHIVE},
    {"存档", ROLE_ARCHIVE},
    {"Junk", ROLE_JUNK},
    {"Spam", ROLE_JUNK},
    {"Junk E-mail", ROLE_JUNK},
    {"Junk Mail", ROLE_JUNK},
    {"Bulk Mail", ROLE_JUNK},
    {"Junk-E-Mail", ROLE_JUNK},
    {"Unerwünscht", ROLE_JUNK},
    {"Werbung", ROLE_JUNK},
    {"Indésirables", ROLE_JUNK},
    {"Courrier indésirable", ROLE_JUNK},
    {"Pourriel", ROLE_JUNK},
    {"Correo no deseado", ROLE_JUNK},
    {"Posta indesiderata", ROLE_JUNK},
    {"Ongewenste e-mail", ROLE_JUNK},
    {"Lixo eletrônico", ROLE_JUNK},
    {"Uønsket", ROLE_JUNK},
    {"Skräppost", ROLE_JUNK},
    {"Спам", ROLE_JUNK},
    {"Нежелательная почта", ROLE_JUNK},
    {"Wiadomości-śmieci", ROLE_JUNK},
    {"Nevyžádaná pošta", ROLE_JUNK},
    {"迷惑メール", ROLE_JUNK},
    {"垃圾邮件", ROLE_JUNK},
};

enum account_role folder_role_of(const char *name)
{
	if (str_starts_nocase(name, "INBOX/"))
		name += strlen("INBOX/");
	for (size_t i = 0; i < ARRAY_COUNT(role_names); i++)
		if (str_equal_nocase(role_names[i].name, name))
			return role_names[i].role;
	return ROLE_NONE;
}

/* One folder a role: the first that came. */
static enum account_role free_role(struct store *store, const char *name)
{
	enum account_role role = folder_role_of(name);
	struct db_stmt *stmt;
	int rc;

	if (role == ROLE_NONE)
		return role;
	stmt = db_query(store->db, "SELECT 1 FROM folder WHERE role = ?");
	db_bind_int(stmt, 1, role);
	rc = db_step(stmt, NULL);
	db_reset(stmt);
	return rc == 1 ? ROLE_NONE : role;
}

static int64_t id_of_name(struct store *store, const char *name, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT id FROM folder WHERE name = ?");

	db_bind_text(stmt, 1, name);
	return db_step_id(stmt, err);
}

/* Inside a transaction. Another worker of the account may have seen the new box and been faster. */
static int64_t add_row(struct store *store, const char *name, const char *path, enum box_kind kind,
		       struct err *err)
{
	int64_t known = id_of_name(store, name, err);
	enum account_role role = free_role(store, name);
	struct db_stmt *stmt =
	    db_query(store->db, "INSERT INTO folder(name, path, kind, role) VALUES(?, ?, ?, ?)");

	if (known != 0)
		return known;
	db_bind_text(stmt, 1, name);
	db_bind_text(stmt, 2, path);
	db_bind_int(stmt, 3, kind);
	db_bind_int(stmt, 4, role);
	return db_step(stmt, err) < 0 ? -1 : db_last_id(store->db);
}

int folder_forget(struct store *store, int64_t id, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "DELETE FROM folder WHERE id = ?");

	db_bind_int(stmt, 1, id);
	return db_step(stmt, err);
}

/* --- boxes on disk --- */

struct found {
	char *name, *path; /* in the arena */
	enum box_kind kind;
	int64_t id; /* of its row, 0: none yet */
};

struct walk {
	struct arena *arena;
	struct found *items; /* boxes */
	size_t count, cap;
	struct found *dirs; /* still to look into; KIND: of the folder itself */
	size_t dir_count, dir_cap;
	const char **hidden; /* paths where nobody could look: what was known below them stays */
	size_t hidden_count, hidden_cap;
	bool takes_mbox;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->name, ((const struct found *)b)->name);
}

static void add_found(struct walk *walk, const char *name, const char *path, enum box_kind kind)
{
	struct buf clean = BUF_INIT;

	utf8_add_printable(&clean, name, strlen(name));
	ARRAY_ROOM(walk->items, walk->count, walk->cap);
	walk->items[walk->count++] =
	    (struct found){.name = arena_strdup(walk->arena, buf_str(&clean)),
			   .path = arena_strdup(walk->arena, path),
			   .kind = kind};
	buf_free(&clean);
}

static void add_dir(struct walk *walk, const char *name, const char *path, enum box_kind kind)
{
	ARRAY_ROOM(walk->dirs, walk->dir_count, walk->dir_cap);
	walk->dirs[walk->dir_count++] = (struct found){.name = arena_strdup(walk->arena, name),
						       .path = arena_strdup(walk->arena, path),
						       .kind = kind};
}

static void add_hidden(struct walk *walk, const char *path)
{
	ARRAY_ROOM(walk->hidden, walk->hidden_count, walk->hidden_cap);
	walk->hidden[walk->hidden_count++] = arena_strdup(walk->arena, path);
}

static bool is_hidden(const struct walk *walk, const char *path)
{
	for (size_t i = 0; i < walk->hidden_count; i++) {
		size_t len = strlen(walk->hidden[i]);

		if (strncmp(path, walk->hidden[i], len) == 0 && strchr("/", path[len]))
			return true;
	}
	return false;
}

static bool is_box_inside(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 || strcmp(name, "tmp") == 0;
}

static size_t depth_of(const char *name)
{
	size_t depth = 1;

	for (; *name; name++)
		depth += *name == '/';
	return depth;
}

/* Maildir++: ".lists.tern" in a Maildir is its folder "lists/tern". */
static char *name_of(const struct found *dir, const char *entry, struct arena *arena)
{
	bool plus = *entry == '.';
	char *name = arena_printf(arena, "%s%s%s", dir->name, *dir->name ? "/" : "", entry + plus);

	for (char *c = name + strlen(name) - strlen(entry + plus); plus && *c; c++)
		if (*c == '.')
			*c = '/';
	return name;
}

static void look_at_dir(struct walk *walk, const char *name, const char *path, bool is_link)
{
	enum box_kind kind = box_detect(path);

	if (kind == BOX_MAILDIR)
		add_found(walk, name, path, kind);
	else if (access(path, R_OK | X_OK) < 0 && errno != ENOENT)
		add_hidden(walk, path);
	if (!is_link && depth_of(name) < DEPTH_LIMIT)
		add_dir(walk, name, path, kind);
}

static bool may_be_mbox(const char *entry)
{
	return *entry != '.' && !str_ends(entry, ".lock") && !str_ends(entry, "~") &&
	       !str_ends(entry, ".msf") && !str_ends(entry, ".db");
}

static void look_at_file(struct walk *walk, const char *name, const char *path)
{
	if (box_detect(path) == BOX_MBOX)
		add_found(walk, name, path, BOX_MBOX);
	else if (access(path, R_OK) < 0 && errno != ENOENT)
		add_hidden(walk, path);
}

static void look_at(struct walk *walk, const struct found *dir, const char *entry)
{
	char *path = arena_printf(walk->arena, "%s/%s", dir->path, entry);
	struct stat link, st;

	if (lstat(path, &link) < 0 || stat(path, &st) < 0) {
		if (errno != ENOENT && errno != ELOOP)
			add_hidden(walk, path);
		return;
	}
	if (S_ISDIR(st.st_mode) && (*entry != '.' || dir->kind == BOX_MAILDIR))
		look_at_dir(walk, name_of(dir, entry, walk->arena), path, S_ISLNK(link.st_mode));
	else if (S_ISREG(st.st_mode) && walk->takes_mbox && dir->kind != BOX_MAILDIR &&
		 may_be_mbox(entry))
		look_at_file(walk, name_of(dir, entry, walk->arena), path);
}

/* The next one that may be a folder, or NULL; errno tells why when that is not the end. */
static const char *next_entry(DIR *handle, const struct found *dir)
{
	struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(handle);
	} while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			   (dir->kind == BOX_MAILDIR && is_box_inside(entry->d_name))));
	return entry ? entry->d_name : NULL;
}

static int look_into(struct walk *walk, const struct found *dir, struct err *err)
{
	DIR *handle = opendir(dir->path);
	const char *entry = NULL;
	int why;

	if (!handle)
		return err_errno(err, _("opening the folder \"%s\""), dir->path);
	errno = 0;
	while (walk->count < FOLDER_LIMIT && walk->dir_count < FOLDER_LIMIT &&
	       (entry = next_entry(handle, dir)))
		look_at(walk, dir, entry);
	why = errno;
	closedir(handle);
	errno = why;
	if (!entry && why)
		return err_errno(err, _("reading the folder \"%s\""), dir->path);
	return 0;
}

static int walk_all(struct walk *walk, const struct account *account, struct err *err)
{
	enum box_kind kind = box_detect(account->path);

	walk->takes_mbox = account->kind == ACCOUNT_MAILDIR || account->kind == ACCOUNT_PATH;
	if (kind == BOX_NONE && account->kind == ACCOUNT_PATH && box_is_letter(account->path))
		kind = BOX_LETTER;
	if (kind != BOX_NONE)
		add_found(walk, "INBOX", account->path, kind);
	if (kind == BOX_MBOX || kind == BOX_LETTER)
		return 0;
	if (look_into(walk,
		      &(struct found){.name = (char *)"", .path = account->path, .kind = kind},
		      err) < 0)
		return -1;
	for (size_t i = 0; i < walk->dir_count; i++) {
		struct found dir = walk->dirs[i];

		if (look_into(walk, &dir, NULL) < 0) /* hides nothing but what lies in it */
			add_hidden(walk, dir.path);
	}
	if (walk->count)
		qsort(walk->items, walk->count, sizeof *walk->items, by_name);
	return 0;
}

/* --- the two made to agree --- */

static struct found *find_found(const struct walk *walk, const struct folder *row)
{
	for (size_t i = 0; i < walk->count; i++) {
		struct found *item = &walk->items[i];

		if (strcmp(item->path, row->path) == 0 && item->kind == row->kind &&
		    strcmp(item->name, row->name) == 0)
			return item;
	}
	return NULL;
}

static int add_new_rows(struct store *store, struct walk *walk, struct err *err)
{
	struct folder row;

	for (size_t i = 0; i < walk->count; i++) {
		struct found *item = &walk->items[i];
		int rc;

		if (item->id)
			continue;
		rc = store_folder_by_name(store, item->name, walk->arena, &row, err);
		if (rc == 0)
			rc = add_row(store, item->name, item->path, item->kind, err) < 0 ? -1 : 1;
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int reconcile(struct store *store, struct walk *walk, int64_t **gone, size_t *gone_count,
		     struct err *err)
{
	struct folder *rows;
	size_t count, fresh = walk->count;

	if (store_folders(store, walk->arena, &rows, &count, err) < 0)
		return -1;
	*gone = ARENA_ARRAY(walk->arena, int64_t, count + 1);
	*gone_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct found *item = find_found(walk, &rows[i]);

		if (item) {
			item->id = rows[i].id;
			fresh--;
		} else if (!is_hidden(walk, rows[i].path)) {
			(*gone)[(*gone_count)++] = rows[i].id;
		}
	}
	if (fresh == 0)
		return 0;
	if (store_begin(store, err) < 0)
		return -1;
	if (add_new_rows(store, walk, err) == 0)
		return store_commit(store, err);
	store_rollback(store);
	return -1;
}

/* What a server fills has an inbox from the beginning. */
static int begin_with_inbox(struct store *store, struct err *err)
{
	enum account_kind kind = store->account->kind;
	struct db_stmt *stmt;
	char *path;
	int rc;

	if (kind != ACCOUNT_IMAP && kind != ACCOUNT_JMAP && kind != ACCOUNT_POP3)
		return 0;
	stmt = db_query(store->db, "SELECT 1 FROM folder LIMIT 1");
	rc = db_step(stmt, err);
	db_reset(stmt);
	if (rc)
		return rc < 0 ? -1 : 0;
	path = folder_path_for(store->account, "INBOX");
	rc = box_detect(path) == BOX_NONE ? folder_make_box(path, err) : 0;
	free(path);
	return rc;
}

int folder_discover(struct store *store, struct arena *arena, int64_t **gone, size_t *gone_count,
		    struct err *err)
{
	struct walk walk = {.arena = arena};
	int rc = begin_with_inbox(store, err);

	if (rc == 0)
		rc = walk_all(&walk, store->account, err);
	if (rc == 0)
		rc = reconcile(store, &walk, gone, gone_count, err);
	free(walk.items);
	free(walk.dirs);
	free(walk.hidden);
	return rc;
}

/* --- a new one --- */

static int check_piece(struct span piece, const char *name, struct err *err)
{
	if (piece.len == 0 || piece.len > NAME_LIMIT || piece.data[0] == '.' ||
	    span_equal(piece, SPAN("cur")) || span_equal(piece, SPAN("new")) ||
	    span_equal(piece, SPAN("tmp")))
		return err_set_kind(err, ERR_USAGE, _("\"%s\" cannot be a folder's name."), name);
	return 0;
}

int folder_check_name(const char *name, struct err *err)
{
	struct span rest = span_of(name), piece;

	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_set_kind(err, ERR_USAGE,
					    _("A folder's name has no control characters."));
	if (!utf8_is_valid(name, strlen(name)) || depth_of(name) > DEPTH_LIMIT)
		return err_set_kind(err, ERR_USAGE, _("This cannot be a folder's name."));
	while (span_split(&rest, '/', &piece))
		if (check_piece(piece, name, err) < 0)
			return -1;
	return 0;
}

int folder_check_new(const struct account *account, const char *name, struct err *err)
{
	if (folder_check_name(name, err) < 0)
		return -1;
	if (strchr(name, '.') && box_detect(account->path) == BOX_MAILDIR)
		return err_set_kind(err, ERR_USAGE,
				    _("A folder in this Maildir can have no \".\" in its name: "
				      "that is how the Maildir tells its folders apart."));
	return 0;
}

char *folder_path_for(const struct account *account, const char *name)
{
	char *path;

	if (box_detect(account->path) != BOX_MAILDIR)
		return path_join(account->path, name);
	if (str_equal_nocase(name, "INBOX"))
		return mem_strdup(account->path);
	path = mem_printf("%s/.%s", account->path, name);
	for (char *c = path + strlen(account->path) + 1; *c; c++)
		if (*c == '/')
			*c = '.';
	return path;
}

static int64_t insert_made(struct store *store, const char *name, const char *path, struct err *err)
{
	int64_t id;

	if (store_begin(store, err) < 0)
		return -1;
	id = add_row(store, name, path, BOX_MAILDIR, err);
	if (id >= 0)
		return store_commit(store, err) < 0 ? -1 : id;
	store_rollback(store);
	return -1;
}

int folder_make_box(const char *path, struct err *err)
{
	char *dir = path_parent(path);
	int rc = path_make_dirs(dir, err);

	free(dir);
	return rc < 0 ? -1 : box_make(path, BOX_MAILDIR, err);
}

int store_folder_is_new(struct store *store, const char *name, struct err *err)
{
	struct arena *arena = arena_new();
	struct folder folder;
	int found = store_folder_by_name(store, name, arena, &folder, err);

	arena_free(&arena);
	if (found == 1)
		return err_set_kind(err, ERR_EXISTS, _("There is a folder \"%s\" already."), name);
	return found;
}

int64_t store_folder_make(struct store *store, const char *name, struct err *err)
{
	struct arena *arena;
	struct folder folder;
	int64_t id = -1;
	char *path;
	int rc;

	if (folder_check_new(store->account, name, err) < 0)
		return -1;
	if (store->account->is_read_only)
		return err_set_kind(err, ERR_DENIED, _("This mail is opened for reading only."));
	arena = arena_new();
	rc = store_folder_by_name(store, name, arena, &folder, err);
	if (rc == 1)
		id = folder.id;
	arena_free(&arena);
	if (rc)
		return rc < 0 ? -1 : id;
	path = folder_path_for(store->account, name);
	if (folder_make_box(path, err) == 0)
		id = insert_made(store, name, path, err);
	free(path);
	return id;
}
