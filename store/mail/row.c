#include "config.h"
#include "store/mail/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/bulk.h"
#include "store/mail/lost_tags.h"
#include "store/mail/store_inside.h"
#include "store/mail/thread.h"
#include "store/mime/address.h"
#include "store/mime/attached.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"

#define LOOK_BYTES    65536 /* so far is looked for attachments */
#define TEXT_LIMIT    1000
#define KEY_LIMIT     2000
#define IDS_LIMIT     500 /* of one message that can join threads */
#define PARENTS_LIMIT 16  /* kept: the nearest to draw the tree, the first to know the thread again */
#define PEOPLE_LIMIT  100

static const struct mime_limits header_limits = {.depth = 1,
						 .parts = 1,
						 .header_fields = 2000,
						 .header_bytes = 65536,
						 .addresses = PEOPLE_LIMIT};

int64_t row_hash(const char *id)
{
	uint64_t hash = digest_sha256_number(id, strlen(id));

	return hash ? (int64_t)hash : 1;
}

/* Valid UTF-8, not longer than LIMIT, cut between characters. */
static const char *tidy(const char *text, size_t limit, struct arena *arena)
{
	struct buf out = BUF_INIT;
	const char *tidied;
	size_t len;

	if (!text || !*text)
		return "";
	len = strnlen(text, limit);
	while (len && text[len] && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	utf8_add_valid(&out, text, len);
	tidied = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return tidied;
}

static const char *fold(const char *text, struct arena *arena)
{
	struct buf out = BUF_INIT;
	const char *folded;

	utf8_add_folded(&out, text, strlen(text));
	folded = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return folded;
}

static const char *const prefixes[] = {"re:", "fwd:", "fw:", "aw:", "wg:", "sv:", "antw:"};

static size_t reply_prefix(const char *text)
{
	for (size_t i = 0; i < ARRAY_COUNT(prefixes); i++)
		if (str_starts_nocase(text, prefixes[i]))
			return strlen(prefixes[i]);
	return 0;
}

bool row_may_be_prefix(const char *word)
{
	for (size_t i = 0; i < ARRAY_COUNT(prefixes); i++)
		if (strstr(prefixes[i], word))
			return true;
	return *word == ' ' || strchr(word, ':');
}

static const char *base_subject(const char *subject)
{
	for (;;) {
		size_t len;

		while (char_is_space(*subject))
			subject++;
		len = reply_prefix(subject);
		if (!len)
			return subject;
		subject += len;
	}
}

static void add_people(const struct address_list *list, struct buf *out)
{
	for (size_t i = 0; i < list->count && out->len < KEY_LIMIT; i++) {
		buf_add_str(out, out->len ? ", " : "");
		buf_add_str(out, list->items[i].name);
		buf_add_str(out, *list->items[i].name ? " " : "");
		buf_add_str(out, list->items[i].addr);
	}
}

static void read_from(const struct mime_header *header, const struct account *account,
		      struct arena *arena, struct row *row)
{
	struct address_list list = {NULL, 0};
	struct buf all = BUF_INIT;

	address_field(header, "From", arena, &list);
	if (list.count == 0)
		address_field(header, "Sender", arena, &list);
	row->from_name = tidy(list.count ? list.items[0].name : "", TEXT_LIMIT, arena);
	row->from_addr = tidy(list.count ? list.items[0].addr : "", TEXT_LIMIT, arena);
	add_people(&list, &all);
	row->from_key = fold(tidy(buf_str(&all), TEXT_LIMIT, arena), arena);
	buf_free(&all);
	row->is_mine = account_is_own(account, row->from_addr);
}

static void read_to(const struct mime_header *header, struct arena *arena, struct row *row)
{
	struct address_list to = {NULL, 0}, cc = {NULL, 0};
	struct buf all = BUF_INIT;

	address_field(header, "To", arena, &to);
	address_field(header, "Cc", arena, &cc);
	row->to_name = to.count	  ? tidy(address_short(&to.items[0]), TEXT_LIMIT, arena)
		       : cc.count ? tidy(address_short(&cc.items[0]), TEXT_LIMIT, arena)
				  : "";
	add_people(&to, &all);
	add_people(&cc, &all);
	row->to_key = fold(tidy(buf_str(&all), KEY_LIMIT, arena), arena);
	buf_free(&all);
}

static void read_date(const struct mime_header *header, struct row *row)
{
	const struct mime_field *field = mime_field(header, "Date");
	struct date date;

	row->date = row->received;
	if (field && date_parse(field->value.data, field->value.len, &date) == 1)
		row->date = date.time;
}

static void add_hex(struct buf *out, uint64_t hash)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		buf_add_char(out, "0123456789abcdef"[hash >> shift & 15]);
}

static void add_hash(struct row *row, int64_t hash)
{
	for (size_t i = 0; i < row->id_count; i++)
		if (row->ids[i] == hash)
			return;
	row->ids[row->id_count++] = hash;
}

/* References first; without them the first id of In-Reply-To (SHOW-SCHEMA, "Threads"). */
static void read_ids(const struct mime_header *header, struct arena *arena, struct row *row)
{
	size_t count = 0, from;
	char **refs = ids_list(header, "References", arena, &count), *own;
	struct buf text = BUF_INIT;

	if (count == 0) {
		refs = ids_list(header, "In-Reply-To", arena, &count);
		count = count ? 1 : 0;
	}
	own = ids_message_id(header, arena);
	row->message_id = tidy(own, TEXT_LIMIT, arena);
	row->ids = ARENA_ARRAY(arena, int64_t, (count < IDS_LIMIT ? count : IDS_LIMIT) + 1);
	row->mid = own && *own ? row_hash(own) : 0;
	if (row->mid)
		add_hash(row, row->mid);
	from = count > IDS_LIMIT ? count - IDS_LIMIT : 0; /* the nearest say most */
	for (size_t i = from; i < count && row->id_count < IDS_LIMIT; i++) {
		int64_t hash = row_hash(refs[i]);

		add_hash(row, hash);
		if (i == from || i + PARENTS_LIMIT - 1 >= count)
			add_hex(&text, (uint64_t)hash);
	}
	row->refs = arena_strndup(arena, buf_str(&text), text.len);
	buf_free(&text);
}

static bool says_attachment(struct span line)
{
	if (!span_starts_nocase(line, "Content-Disposition:"))
		return false;
	return span_starts_nocase(span_trim((struct span){line.data + 20, line.len - 20}),
				  "attachment");
}

static bool has_attachment_line(struct span body)
{
	struct span line;

	while (span_split(&body, '\n', &line))
		if (line.len > 30 && (line.data[0] == 'C' || line.data[0] == 'c') &&
		    says_attachment(line))
			return true;
	return false;
}

enum answer { NO, YES, TELL_ME_MORE };

static enum answer judge_parts(struct span bytes, bool is_all)
{
	struct mime_message *message =
	    mime_parse(bytes.data, bytes.len < LOOK_BYTES ? bytes.len : LOOK_BYTES, NULL);
	bool has = mime_has_attachment(message);

	mime_free(&message);
	return has ? YES : is_all ? NO : TELL_ME_MORE;
}

/* Of letters that are not too long it is the truth; of others the index of words tells later (fulltext_teach). BYTES:
 * what is there of SIZE bytes. */
static enum answer has_attachment(const struct mime_header *header, struct span bytes, int64_t size)
{
	const struct mime_field *type = mime_field(header, "Content-Type");
	struct span value = type ? span_trim(type->value) : SPAN_NONE;
	bool is_all = bytes.len >= LOOK_BYTES || (int64_t)bytes.len >= size;

	if (!value.len || span_starts_nocase(value, "text/plain") || span_starts_nocase(value, "text/html"))
		return mime_field(header, "Content-Disposition") ? judge_parts(bytes, true) : NO;
	if (!span_starts_nocase(value, "multipart/"))
		return judge_parts(bytes, true);
	if (span_starts_nocase(value, "multipart/mixed") && size > LOOK_BYTES)
		return YES;
	if (!is_all && !has_attachment_line(bytes))
		return TELL_ME_MORE;
	return judge_parts(bytes, is_all);
}

static void read_fields(const struct mime_header *header, const struct account *account, struct arena *arena,
			struct row *row)
{
	row->subject = tidy(mime_field_text(header, "Subject", arena), TEXT_LIMIT, arena);
	row->subject_key = fold(base_subject(row->subject), arena);
	read_from(header, account, arena, row);
	read_to(header, arena, row);
	read_date(header, row);
	read_ids(header, arena, row);
}

bool row_read_head(const struct account *account, const struct box_message *head, int64_t size,
		   const struct box_entry *entry, struct arena *arena, struct row *row)
{
	bool is_enough = (int64_t)head->len >= size || head->len >= ROW_HEAD;
	struct mime_header header = {NULL, 0};
	enum answer attachment = NO;
	size_t body_at = 0;

	memset(row, 0, sizeof *row);
	mime_parse_header(head->data, head->len, &header_limits, arena, &header, &body_at);
	if (body_at < head->len)
		attachment = has_attachment(&header, (struct span){head->data, head->len}, size);
	if (!is_enough && (body_at >= head->len || attachment == TELL_ME_MORE))
		return false;
	row->has_attachment = attachment == YES;
	row->key = arena_strdup(arena, entry->key);
	row->flags = row->file_flags = entry->flags;
	row->received = entry->received;
	row->size = size;
	row->hint = entry->hint;
	read_fields(&header, account, arena, row);
	return true;
}

void row_read(const struct account *account, const struct box_message *bytes,
	      const struct box_entry *entry, struct arena *arena, struct row *row)
{
	row_read_head(account, bytes, (int64_t)bytes->len, entry, arena, row);
}

/* --- the row and what is counted by it --- */

static void bind_texts(struct db_stmt *stmt, const struct row *row)
{
	db_bind_lent(stmt, 14, row->refs);
	db_bind_lent(stmt, 15, row->from_name);
	db_bind_lent(stmt, 16, row->from_addr);
	db_bind_lent(stmt, 17, row->to_name);
	db_bind_lent(stmt, 18, row->subject);
	db_bind_lent(stmt, 19, row->message_id);
	db_bind_lent(stmt, 20, row->from_key);
	db_bind_lent(stmt, 21, row->subject_key);
	db_bind_lent(stmt, 22, row->to_key);
	db_bind_int(stmt, 23, row->hint);
	db_bind_int(stmt, 24, row->is_away);
}

/* OR FAIL: whoever calls rolls all back, so that SQLite need not copy each page first for the case that one row
 * fails behind its trigger (a quarter of the time of a first look at a big folder). */
static int insert(struct store *store, const struct row *row, int64_t thread, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "INSERT OR FAIL INTO message(id, folder, thread, place, key, flags, "
		       "file_flags, date, received, size,"
		       " has_attachment, is_mine, mid, refs, from_name, from_addr, "
		       "to_name, subject, message_id,"
		       " from_key, subject_key, to_key, hint, is_away) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
		       "?7, ?8, ?9, ?10, ?11, ?12,"
		       " ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)");

	db_bind_int(stmt, 1, row->id);
	db_bind_int(stmt, 2, row->folder);
	db_bind_int(stmt, 3, thread);
	db_bind_int(stmt, 4, row->place);
	db_bind_lent(stmt, 5, row->key);
	db_bind_int(stmt, 6, row->flags);
	db_bind_int(stmt, 7, row->file_flags);
	db_bind_int(stmt, 8, row->date);
	db_bind_int(stmt, 9, row->received);
	db_bind_int(stmt, 10, row->size);
	db_bind_int(stmt, 11, row->has_attachment);
	db_bind_int(stmt, 12, row->is_mine);
	db_bind_int(stmt, 13, row->mid);
	bind_texts(stmt, row);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int row_join(struct store *store, struct row *rows, size_t count, struct err *err)
{
	if (count)
		bulk_expect(store, rows[0].id, rows[count - 1].id);
	for (size_t i = 0; i < count; i++) {
		rows[i].thread = thread_join(store, rows[i].ids, rows[i].id_count, rows[i].id, err);
		if (rows[i].thread < 0)
			return -1;
	}
	return 0;
}

/* Is nobody of THREAD, that row ID belongs to, in the database? */
static bool is_new_thread(struct store *store, const struct row *row, int64_t thread)
{
	return row->thread ? bulk_is_expected(store, thread) : thread == row->id;
}

int row_insert(struct store *store, const struct row *row, struct err *err)
{
	struct counted counted = {.id = row->id,
				  .folder = row->folder,
				  .flags = row->flags,
				  .date = row->date,
				  .size = row->size,
				  .from_key = row->from_key,
				  .subject_key = row->subject_key};

	counted.thread = row->thread ? bulk_where(store, row->thread)
				     : thread_join(store, row->ids, row->id_count, row->id, err);
	if (counted.thread < 0 || insert(store, row, counted.thread, err) < 0)
		return -1;
	counted.is_new = is_new_thread(store, row, counted.thread);
	if (thread_count(store, &counted, err) < 0)
		return -1;
	return lost_tags_give(store, row, err);
}

/* What is counted of row ID now; the texts in ARENA. 1, 0 gone, -1. */
static int counted_of(struct store *store, int64_t id, struct arena *arena, struct counted *counted,
		      struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT folder, thread, flags, date, size, from_key, subject_key"
				" FROM message WHERE id = ?");
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc;
	*counted = (struct counted){.id = id,
				    .folder = db_int(stmt, 0),
				    .thread = db_int(stmt, 1),
				    .flags = (unsigned)db_int(stmt, 2),
				    .date = db_int(stmt, 3),
				    .size = db_int(stmt, 4),
				    .from_key = arena_strdup(arena, db_text(stmt, 5)),
				    .subject_key = arena_strdup(arena, db_text(stmt, 6))};
	db_reset(stmt);
	return 1;
}

static int run_with_two(struct store *store, const char *sql, int64_t a, int64_t b, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, sql);

	db_bind_int(stmt, 1, a);
	db_bind_int(stmt, 2, b);
	return db_step(stmt, err) < 0 ? -1 : 0;
}

int row_delete(struct store *store, int64_t id, struct err *err)
{
	static const char *const sql[] = {
	    "DELETE FROM message WHERE id = ?1 AND ?2 = 0",
	    "DELETE FROM tag WHERE message = ?1 AND ?2 = 0",
	};
	struct arena *arena = arena_new();
	struct counted counted;
	int rc = counted_of(store, id, arena, &counted, err);

	for (size_t i = 0; i < 2 && rc == 1; i++)
		if (run_with_two(store, sql[i], id, 0, err) < 0)
			rc = -1;
	if (rc == 1)
		rc = thread_uncount(store, &counted, err);
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

int row_move(struct store *store, int64_t id, int64_t folder, struct err *err)
{
	struct arena *arena = arena_new();
	struct counted counted;
	int rc = counted_of(store, id, arena, &counted, err);

	if (rc == 1 && counted.folder != folder) {
		rc = run_with_two(store, "UPDATE message SET folder = ?2 WHERE id = ?1", id, folder,
				  err);
		if (rc == 0)
			rc = thread_recount(store, &counted, folder, err);
	}
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

int row_set_flags(struct store *store, int64_t id, unsigned flags, struct err *err)
{
	struct arena *arena = arena_new();
	struct counted counted;
	int rc = counted_of(store, id, arena, &counted, err);

	if (rc == 1 && counted.flags != flags) {
		rc = run_with_two(store, "UPDATE message SET flags = ?2 WHERE id = ?1", id, flags,
				  err);
		if (rc == 0)
			rc = thread_flags(store, &counted, flags, err);
	}
	arena_free(&arena);
	return rc < 0 ? -1 : 0;
}

int row_set_attachment(struct store *store, int64_t id, bool has, struct err *err)
{
	if (run_with_two(store, "UPDATE message SET has_attachment = ?2 WHERE id = ?1 AND has_attachment <> ?2", id,
			 has, err) < 0)
		return -1;
	if (!db_changes(store->db))
		return 0;
	return run_with_two(store, "UPDATE folder SET revision = revision + 1"
				   " WHERE id = (SELECT folder FROM message WHERE id = ?1) AND ?2 = 0",
			    id, 0, err) < 0 ? -1 : 1;
}

/* --- back out of the database --- */

static char **split_tags(const char *text, struct arena *arena)
{
	struct span rest = span_of(text), piece;
	size_t count = 0;
	char **tags;

	for (const char *c = text; *c; c++)
		count += *c == ' ';
	tags = ARENA_ARRAY(arena, char *, count + 2);
	count = 0;
	while (span_split(&rest, ' ', &piece))
		if (piece.len)
			tags[count++] = arena_strndup(arena, piece.data, piece.len);
	return tags;
}

void row_message(struct db_stmt *stmt, struct arena *arena, struct message *message)
{
	memset(message, 0, sizeof *message);
	message->id = db_int(stmt, 0);
	message->folder = db_int(stmt, 1);
	message->thread = db_int(stmt, 2);
	message->key = arena_strdup(arena, db_text(stmt, 3));
	message->flags = (unsigned)db_int(stmt, 4);
	message->date = db_int(stmt, 5);
	message->received = db_int(stmt, 6);
	message->size = db_int(stmt, 7);
	message->from_name = arena_strdup(arena, db_text(stmt, 8));
	message->from_addr = arena_strdup(arena, db_text(stmt, 9));
	message->to = arena_strdup(arena, db_text(stmt, 10));
	message->subject = arena_strdup(arena, db_text(stmt, 11));
	message->message_id = arena_strdup(arena, db_text(stmt, 12));
	message->tags = split_tags(db_text(stmt, 13), arena);
	message->has_attachment = db_int(stmt, 14);
	message->is_mine = db_int(stmt, 15);
	message->is_away = db_int(stmt, 16);
}

int store_message(struct store *store, int64_t id, struct arena *arena, struct message *message,
		  struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT " ROW_COLUMNS " FROM message m"
						   " WHERE m.id = ? AND m.folder > 0");
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc == 1) {
		row_message(stmt, arena, message);
		db_reset(stmt);
	}
	return rc;
}

/* What is known of where the bytes of a message lie. */
struct whereabouts {
	int64_t place;
	struct buf key;
	struct box_hint hint;
};

static int is_elsewhere(struct err *err)
{
	return err_set_kind(err, ERR_NOT_FOUND, _("This message is not on this computer yet."));
}

static int find_whereabouts(struct store *store, int64_t id, struct whereabouts *at,
			    struct err *err)
{
	struct db_stmt *stmt = db_query(
	    store->db, "SELECT m.place, m.key, m.hint, m.size, f.stamp_a, f.stamp_b, f.stamp_c,"
		       " f.stamp_d, m.is_away, m.file_flags FROM message m LEFT JOIN folder f ON f.id = m.place"
		       " WHERE m.id = ?");
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_set_kind(err, ERR_NOT_FOUND, _("This message is gone."));
	if (db_int(stmt, 8)) {
		db_reset(stmt);
		return is_elsewhere(err);
	}
	at->place = db_int(stmt, 0);
	buf_add_str(&at->key, db_text(stmt, 1));
	at->hint = (struct box_hint){
	    .hint = db_int(stmt, 2),
	    .size = db_int(stmt, 3),
	    .stamp = {db_int(stmt, 4), db_int(stmt, 5), db_int(stmt, 6), db_int(stmt, 7)},
	    .flags = (unsigned)db_int(stmt, 9)};
	db_reset(stmt);
	return 0;
}

int store_message_open(struct store *store, int64_t id, struct box_message *bytes, struct err *err)
{
	struct whereabouts at = {.key = BUF_INIT};
	struct box *box;
	int rc = -1;

	if (find_whereabouts(store, id, &at, err) < 0)
		return -1;
	box = store_box(store, at.place, err);
	if (box)
		rc = box_message_open_at(box, buf_str(&at.key), &at.hint, bytes, err);
	box_close(&box);
	buf_free(&at.key);
	return rc;
}

int store_message_path(struct store *store, int64_t id, struct buf *path, struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT place, key, is_away FROM message WHERE id = ?");
	struct buf key = BUF_INIT;
	struct box *box;
	int rc;

	db_bind_int(stmt, 1, id);
	rc = db_step(stmt, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_set_kind(err, ERR_NOT_FOUND, _("This message is gone."));
	if (db_int(stmt, 2)) {
		db_reset(stmt);
		return is_elsewhere(err);
	}
	buf_add_str(&key, db_text(stmt, 1));
	box = store_box(store, db_int(stmt, 0), err);
	db_reset(stmt);
	rc = box ? box_message_path(box, buf_str(&key), path, err) : -1;
	box_close(&box);
	buf_free(&key);
	return rc;
}

int store_message_by_message_id(struct store *store, const char *message_id, int64_t *id,
				struct err *err)
{
	struct db_stmt *stmt =
	    db_query(store->db, "SELECT id FROM message WHERE mid = ? AND folder > 0"
				" AND message_id = ? ORDER BY id DESC LIMIT 1");
	int rc;

	db_bind_int(stmt, 1, row_hash(message_id));
	db_bind_text(stmt, 2, message_id);
	rc = db_step(stmt, err);
	if (rc == 1) {
		*id = db_int(stmt, 0);
		db_reset(stmt);
	}
	return rc;
}

int store_thread(struct store *store, int64_t thread, struct arena *arena,
		 struct message **messages, size_t *count, struct err *err)
{
	struct db_stmt *stmt = db_query(store->db, "SELECT " ROW_COLUMNS " FROM message m"
						   " WHERE m.thread = ? AND m.folder > 0"
						   " ORDER BY m.date, m.id");
	size_t cap = 16;
	int rc;

	*count = 0;
	*messages = ARENA_ARRAY(arena, struct message, cap);
	db_bind_int(stmt, 1, thread);
	while ((rc = db_step(stmt, err)) == 1) {
		if (*count == cap) {
			struct message *more = ARENA_ARRAY(arena, struct message, cap * 2);

			memcpy(more, *messages, cap * sizeof *more);
			*messages = more;
			cap *= 2;
		}
		row_message(stmt, arena, &(*messages)[(*count)++]);
	}
	return rc;
}
