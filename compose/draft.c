#include "config.h"
#include "compose/draft.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compose/quote.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/mime/mime_write.h"
#include "store/mime/transfer.h"

#define SIDE	    "X-Tern-Draft"
#define SENT_KEPT_S (7 * 86400)
#define LEFT_KEPT_S (SENT_KEPT_S + 86400) /* what nothing names any more */
#define TRIES	    100

/* --- one draft in memory
 * ----------------------------------------------------------------------------- */

/* Texts that are kept word by word in the side data, by name. The body is the message's own. */
static const struct {
	const char *name;
	size_t at;
} texts[] = {
    {"account", offsetof(struct draft, account)},
    {"from", offsetof(struct draft, from)},
    {"to", offsetof(struct draft, to)},
    {"cc", offsetof(struct draft, cc)},
    {"bcc", offsetof(struct draft, bcc)},
    {"replyTo", offsetof(struct draft, reply_to)},
    {"subject", offsetof(struct draft, subject)},
    {"inReplyTo", offsetof(struct draft, in_reply_to)},
    {"references", offsetof(struct draft, references)},
    {"headers", offsetof(struct draft, headers)},
    {"originId", offsetof(struct draft, origin_id)},
    {"originAccount", offsetof(struct draft, origin_account)},
    {"messageId", offsetof(struct draft, message_id)},
    {"keptBox", offsetof(struct draft, kept_box)},
    {"keptKey", offsetof(struct draft, kept_key)},
    {"sentBox", offsetof(struct draft, sent_box)},
    {"sentKey", offsetof(struct draft, sent_key)},
};

static char **text_of(const struct draft *draft, size_t i)
{
	return (char **)((char *)(uintptr_t)draft + texts[i].at);
}

/* Unguessable and in the order of time. */
static char *new_id(void)
{
	time_t now = time(NULL);
	unsigned random[2] = {0, 0};
	char day[32];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(day, sizeof day, "%Y%m%d-%H%M%S", &tm);
	if (getrandom(random, sizeof random, 0) < 0)
		random[0] = (unsigned)getpid();
	return mem_printf("%s-%08x%08x", day, random[0], random[1]);
}

static struct draft *blank(void)
{
	struct draft *draft = mem_alloc(sizeof *draft);

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		*text_of(draft, i) = mem_strdup("");
	draft->body = mem_strdup("");
	draft->lock = -1;
	return draft;
}

struct draft *draft_new(const char *account)
{
	struct draft *draft = blank();
	struct buf id = BUF_INIT;

	draft->id = new_id();
	draft_set(&draft->account, account ? account : "");
	ids_make(&id, "tern.invalid");
	draft_set(&draft->message_id, buf_str(&id));
	buf_free(&id);
	return draft;
}

static char *file_of(const char *id, const char *ending)
{
	char *name = mem_printf("drafts/%s%s", id, ending), *path = path_in(PATH_DATA, name);

	free(name);
	return path;
}

static void let_go(struct draft *draft)
{
	char *path;

	if (draft->lock < 0)
		return;
	path = file_of(draft->id, ".lock");
	unlink(path);
	close(draft->lock);
	draft->lock = -1;
	free(path);
}

static void remove_own_dir(const char *id)
{
	char *path = file_of(id, ".d");
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir) {
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				unlinkat(dirfd(dir), entry->d_name, 0);
		closedir(dir);
		rmdir(path);
	}
	free(path);
}

void draft_free(struct draft **at)
{
	struct draft *draft = *at;

	if (!draft)
		return;
	if (!draft->saved)
		remove_own_dir(draft->id);
	let_go(draft);
	for (size_t i = 0; i < draft->attachment_count; i++) {
		free(draft->attachments[i].path);
		free(draft->attachments[i].name);
		free(draft->attachments[i].type);
		free(draft->attachments[i].description);
	}
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		free(*text_of(draft, i));
	free(draft->attachments);
	free(draft->body);
	free(draft->id);
	free(draft);
	*at = NULL;
}

/* One line: whatever could end it or move a cursor is a space. */
void draft_set(char **field, const char *text)
{
	struct buf valid = BUF_INIT;

	utf8_add_valid(&valid, text, strlen(text));
	for (size_t i = 0; i < valid.len; i++)
		if ((unsigned char)valid.data[i] < ' ' || valid.data[i] == 127)
			valid.data[i] = ' ';
	free(*field);
	*field = buf_take(&valid);
}

void draft_set_body(struct draft *draft, const char *text, size_t len)
{
	struct buf body = BUF_INIT;
	size_t kept = 0;

	buf_reserve(&body, len + 1);
	utf8_add_valid(&body, text, len);
	for (size_t i = 0; i < body.len; i++)
		if (body.data[i] && (body.data[i] != '\r' || i + 1 == body.len || body.data[i + 1] != '\n'))
			body.data[kept++] = body.data[i];
	buf_truncate(&body, kept);
	free(draft->body);
	draft->body = buf_take(&body);
}

bool draft_is_empty(const struct draft *draft)
{
	size_t len = quote_without_signature(draft->body, strlen(draft->body));

	return !draft->attachment_count && !*draft->to && !*draft->cc && !*draft->bcc &&
	       !*draft->subject && strspn(draft->body, " \t\n") >= len;
}

/* --- as a file
 * ------------------------------------------------------------------------------------------ */

static struct jv *attachment_to_jv(const struct attachment *item)
{
	struct jv *value = jv_object();

	jv_set(value, "path", jv_text(item->path));
	jv_set(value, "name", jv_text(item->name));
	jv_set(value, "type", jv_text(item->type));
	jv_set(value, "description", jv_text(item->description));
	jv_set(value, "size", jv_number(item->size));
	jv_set(value, "inline", jv_bool(item->is_inline));
	jv_set(value, "ours", jv_bool(item->is_ours));
	return value;
}

static struct jv *draft_to_jv(const struct draft *draft)
{
	struct jv *side = jv_object(), *attachments = jv_array();

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		jv_set(side, texts[i].name, jv_text(*text_of(draft, i)));
	for (size_t i = 0; i < draft->attachment_count; i++)
		jv_append(attachments, attachment_to_jv(&draft->attachments[i]));
	jv_set(side, "attachments", attachments);
	jv_set(side, "origin", jv_number(draft->origin));
	jv_set(side, "sendAt", jv_number(draft->send_at));
	jv_set(side, "sign", jv_bool(draft->wants_sign));
	jv_set(side, "encrypt", jv_bool(draft->wants_encrypt));
	jv_set(side, "wasEncrypted", jv_bool(draft->was_encrypted));
	return side;
}

/* base64 so that no folding changes it. */
static void add_side(struct buf *out, const struct draft *draft)
{
	struct jv *side = draft_to_jv(draft);
	struct buf line = BUF_INIT, coded = BUF_INIT;

	jv_print(side, &line);
	jv_free(side);
	mime_write_body(&coded, MIME_BASE64, line.data, line.len);
	buf_add_str(out, SIDE ":\n ");
	for (size_t i = 0; i < coded.len; i++) {
		buf_add_char(out, coded.data[i]);
		if (coded.data[i] == '\n' && i + 1 < coded.len)
			buf_add_char(out, ' ');
	}
	if (out->data[out->len - 1] != '\n')
		buf_add_char(out, '\n');
	buf_free(&line);
	buf_free(&coded);
}

static void add_field(struct buf *out, const char *name, const char *text)
{
	if (*text)
		mime_write_text_field(out, name, text);
}

static void write_draft(const struct draft *draft, struct buf *out)
{
	add_field(out, "From", draft->from);
	add_field(out, "To", draft->to);
	add_field(out, "Cc", draft->cc);
	add_field(out, "Bcc", draft->bcc);
	add_field(out, "Subject", draft->subject);
	buf_add_str(out, "Date: ");
	date_add_rfc5322(out, draft->saved);
	buf_printf(out, "\nMessage-ID: <%s>\nMIME-Version: 1.0\n", draft->message_id);
	buf_add_str(out,
		    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n");
	add_side(out, draft);
	buf_add_char(out, '\n');
	buf_add_str(out, draft->body);
}

static int make_dir(struct err *err)
{
	char *dir = path_in(PATH_DATA, "drafts");
	int rc = path_make_dirs(dir, err);

	free(dir);
	return rc;
}

char *draft_own_dir(const struct draft *draft, struct err *err)
{
	char *path = file_of(draft->id, ".d");

	if (path_make_dirs(path, err) == 0)
		return path;
	free(path);
	return NULL;
}

char *draft_path(const struct draft *draft)
{
	return file_of(draft->id, ".eml");
}

/* Held by a file of its own, as the draft's is a new one each time. 1 ours, 0 another's, -1. */
static int try_lock(const char *path, int *lock)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		struct stat st;

		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			close(fd);
			return errno == EWOULDBLOCK ? 0 : -1;
		}
		if (fstat(fd, &st) == 0 && st.st_nlink == 1) {
			*lock = fd;
			return 1;
		}
		close(fd); /* its last holder removed it under us */
	}
	return 0;
}

static int claim(struct draft *draft, struct err *err)
{
	char *path;
	int rc;

	if (draft->lock >= 0)
		return 0;
	path = file_of(draft->id, ".lock");
	rc = try_lock(path, &draft->lock);
	if (rc < 0)
		err_errno(err, _("making \"%s\""), path);
	else if (rc == 0)
		err_set_kind(err, ERR_TEMPORARY, _("Another tern is writing this draft."));
	free(path);
	return rc == 1 ? 0 : -1;
}

int draft_save(struct draft *draft, struct err *err)
{
	struct buf out = BUF_INIT;
	int64_t before = draft->saved;
	char *path;
	int rc;

	if (make_dir(err) < 0 || claim(draft, err) < 0)
		return err_add(err, _("The draft was not saved"));
	path = draft_path(draft);
	draft->saved = (int64_t)time(NULL);
	write_draft(draft, &out);
	rc = file_replace(path, out.data, out.len, err);
	if (rc < 0)
		draft->saved = before;
	buf_free(&out);
	free(path);
	return rc < 0 ? err_add(err, _("The draft was not saved")) : 0;
}

/* --- reading
 * --------------------------------------------------------------------------------------------- */

static char *text_in(const struct jv *value, const char *key)
{
	const char *text = jv_get_text(value, key);

	return mem_strdup(text ? text : "");
}

static void read_attachment(struct draft *draft, const struct jv *value)
{
	ARRAY_ROOM(draft->attachments, draft->attachment_count, draft->attachment_cap);
	draft->attachments[draft->attachment_count++] = (struct attachment){
	    .path = text_in(value, "path"),
	    .name = text_in(value, "name"),
	    .type = text_in(value, "type"),
	    .description = text_in(value, "description"),
	    .size = jv_get_number(value, "size", -1),
	    .is_inline = jv_get_bool(value, "inline", false),
	    .is_ours = jv_get_bool(value, "ours", false),
	};
}

static void read_side(struct draft *draft, const struct jv *side)
{
	const struct jv *attachments = jv_get(side, "attachments");

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		free(*text_of(draft, i));
		*text_of(draft, i) = text_in(side, texts[i].name);
	}
	for (size_t i = 0; attachments && i < jv_count(attachments); i++)
		read_attachment(draft, jv_at(attachments, i));
	draft->origin = (enum draft_origin)jv_get_number(side, "origin", DRAFT_NEW);
	draft->send_at = jv_get_number(side, "sendAt", 0);
	draft->wants_sign = jv_get_bool(side, "sign", false);
	draft->wants_encrypt = jv_get_bool(side, "encrypt", false);
	draft->was_encrypted = jv_get_bool(side, "wasEncrypted", false);
}

/* A draft whose side data is damaged still has its readable fields. */
static void read_fields(struct draft *draft, const struct mime_header *header, struct arena *arena)
{
	static const struct {
		const char *name;
		size_t at;
	} fields[] = {{"From", offsetof(struct draft, from)},
		      {"To", offsetof(struct draft, to)},
		      {"Cc", offsetof(struct draft, cc)},
		      {"Bcc", offsetof(struct draft, bcc)},
		      {"Subject", offsetof(struct draft, subject)}};

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		const char *text = mime_field_text(header, fields[i].name, arena);

		draft_set((char **)((char *)draft + fields[i].at), text ? text : "");
	}
}

static void read_header(struct draft *draft, const struct mime_header *header, struct arena *arena)
{
	const struct mime_field *field = mime_field(header, SIDE);
	struct buf line = BUF_INIT;
	struct jv *side = NULL;

	if (field)
		transfer_base64(field->value, &line);
	if (line.len)
		side = jv_parse(line.data, line.len, NULL);
	if (side)
		read_side(draft, side);
	else
		read_fields(draft, header, arena);
	jv_free(side);
	buf_free(&line);
}

static void read_draft(struct draft *draft, const struct buf *bytes)
{
	struct arena *arena = arena_new();
	struct mime_header header;
	size_t body_at = 0;

	mime_parse_header(buf_str(bytes), bytes->len, NULL, arena, &header, &body_at);
	read_header(draft, &header, arena);
	draft_set_body(draft, buf_str(bytes) + body_at, bytes->len - body_at);
	arena_free(&arena);
}

static int64_t changed(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_mtime : 0;
}

static bool is_id(const char *id)
{
	return *id && *id != '.' && !strchr(id, '/');
}

static struct draft *load_unlocked(const char *id, struct err *err)
{
	char *path = file_of(id, ".eml");
	struct buf bytes = BUF_INIT;
	struct draft *draft = NULL;

	if (file_read(path, &bytes, 0, err) == 0) {
		draft = blank();
		draft->id = mem_strdup(id);
		draft->saved = changed(path);
		read_draft(draft, &bytes);
	}
	buf_free(&bytes);
	free(path);
	return draft;
}

/* Whoever had the lock before us may have saved once more after our first look. */
static struct draft *load_again(struct draft *claimed, struct err *err)
{
	struct draft *draft = load_unlocked(claimed->id, err);

	if (draft) {
		draft->lock = claimed->lock;
		claimed->lock = -1;
	}
	draft_free(&claimed);
	return draft;
}

struct draft *draft_load(const char *id, struct err *err)
{
	struct draft *draft;

	if (!is_id(id)) {
		err_set_kind(err, ERR_NOT_FOUND, _("There is no draft \"%s\"."), id);
		return NULL;
	}
	draft = load_unlocked(id, err);
	if (draft && claim(draft, err) < 0)
		draft_free(&draft);
	return draft ? load_again(draft, err) : NULL;
}

static int sync_dir(struct err *err)
{
	char *dir = path_in(PATH_DATA, "drafts");
	int rc = file_sync_dir(dir, err);

	free(dir);
	return rc;
}

int draft_remove(struct draft *draft, struct err *err)
{
	char *path = draft_path(draft);
	int rc = 0;

	if (unlink(path) < 0 && errno != ENOENT)
		rc = err_errno(err, _("removing the draft \"%s\""), path);
	else if (draft->saved)
		rc = sync_dir(err);
	if (rc == 0)
		remove_own_dir(draft->id);
	free(path);
	return rc;
}

/* --- sent, but not for good
 * ---------------------------------------------------------------------------------- */

static char *sent_file(int64_t outbox)
{
	char *name = mem_printf("sent-%lld", (long long)outbox), *path = file_of(name, ".eml");

	free(name);
	return path;
}

/* The id of the draft is kept in a link beside it: own copies lie under it. */
int draft_sent(struct draft *draft, int64_t outbox, struct err *err)
{
	char *from = draft_path(draft), *to = sent_file(outbox), *name = mem_printf("%s.id", to);
	int rc;

	unlink(name);
	if (symlink(draft->id, name) < 0)
		rc = err_errno(err, _("making \"%s\""), name);
	else if (rename(from, to) < 0)
		rc = err_errno(err, _("renaming \"%s\" to \"%s\""), from, to);
	else
		rc = sync_dir(err);
	free(from);
	free(to);
	free(name);
	return rc;
}

static char *sent_id(const char *sent)
{
	char *name = mem_printf("%s.id", sent), id[256];
	ssize_t n = readlink(name, id, sizeof id - 1);

	free(name);
	if (n <= 0)
		return NULL;
	id[n] = '\0';
	return is_id(id) ? mem_strdup(id) : NULL;
}

static void forget_sent(const char *sent)
{
	char *name = mem_printf("%s.id", sent);

	unlink(name);
	unlink(sent);
	free(name);
}

struct draft *draft_unsend(int64_t outbox, struct err *err)
{
	char *from = sent_file(outbox), *id = sent_id(from), *to;
	struct draft *draft = NULL;

	if (!id) {
		err_set_kind(err, ERR_NOT_FOUND, _("There is no draft of letter %lld any more."),
			     (long long)outbox);
		free(from);
		return NULL;
	}
	to = file_of(id, ".eml");
	if (rename(from, to) < 0) {
		err_errno(err, _("renaming \"%s\" to \"%s\""), from, to);
	} else {
		forget_sent(from);
		sync_dir(NULL);
		draft = draft_load(id, err);
	}
	free(from);
	free(to);
	free(id);
	return draft;
}

/* --- what was left
 * -------------------------------------------------------------------------------------------- */

static bool is_locked(const char *id)
{
	char *path = file_of(id, ".lock");
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool is = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	free(path);
	return is;
}

static void list_add(struct draft_list *list, const char *id)
{
	struct draft *draft = load_unlocked(id, NULL);

	if (!draft)
		return;
	ARRAY_ROOM(list->items, list->count, list->cap);
	list->items[list->count++] = (struct draft_info){
	    .id = mem_strdup(id),
	    .account = mem_strdup(draft->account),
	    .to = mem_strdup(draft->to),
	    .subject = mem_strdup(draft->subject),
	    .saved = draft->saved,
	    .is_open = is_locked(id),
	};
	draft_free(&draft);
}

static void clean_sent(const char *name)
{
	char *path = file_of(name, ".eml"), *id;

	if (time(NULL) - changed(path) > SENT_KEPT_S) {
		id = sent_id(path);
		if (id)
			remove_own_dir(id);
		free(id);
		forget_sent(path);
	}
	free(path);
}

/* Own copies of a draft that is no more, half a file of a tern that died. Young ones may be in use.
 */
static void clean_left(const char *name)
{
	char *path = file_of(name, "");
	char *id = mem_strndup(name, strcspn(name, "."));
	char *draft = file_of(id, ".eml");

	if (time(NULL) - changed(path) > LEFT_KEPT_S) {
		if (str_ends(name, ".d") && !path_exists(draft))
			remove_own_dir(id);
		else if (strstr(name, ".eml.new."))
			unlink(path);
	}
	free(path);
	free(id);
	free(draft);
}

static void list_name(struct draft_list *list, const char *name)
{
	char *id;

	if (*name == '.')
		return;
	if (!str_ends(name, ".eml")) {
		clean_left(name);
		return;
	}
	id = mem_strndup(name, strlen(name) - 4);
	if (str_starts(id, "sent-"))
		clean_sent(id);
	else
		list_add(list, id);
	free(id);
}

static int newest_first(const void *a, const void *b)
{
	const struct draft_info *x = a, *y = b;

	if (x->saved != y->saved)
		return x->saved < y->saved ? 1 : -1;
	return strcmp(y->id, x->id);
}

int draft_list_load(struct draft_list *list, struct err *err)
{
	char *path = path_in(PATH_DATA, "drafts");
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc = 0;

	*list = (struct draft_list){0};
	if (!dir && errno != ENOENT)
		rc = err_errno(err, _("reading the folder \"%s\""), path);
	while (dir && (entry = readdir(dir)))
		list_name(list, entry->d_name);
	if (dir)
		closedir(dir);
	if (list->count)
		qsort(list->items, list->count, sizeof *list->items, newest_first);
	free(path);
	return rc;
}

void draft_list_free(struct draft_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].id);
		free(list->items[i].account);
		free(list->items[i].to);
		free(list->items[i].subject);
	}
	free(list->items);
	*list = (struct draft_list){0};
}
