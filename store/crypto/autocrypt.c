#include "config.h"
#include "store/crypto/autocrypt.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/db.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"
#include "store/mime/transfer.h"

#define BUSY_MS	    10	/* a screen does not wait for somebody else's write */
#define FIELD_LIMIT 100 /* Autocrypt fields of one letter looked at */

/* --- one field ----------------------------------------------------------------------------------------- */

/* Folded and padded as it may be; anything else is no base64. */
static bool is_base64(struct span text)
{
	size_t i, digits = 0;

	for (i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (char_is_alnum(c) || c == '+' || c == '/')
			digits++;
		else if (c != '=' && !char_is_space(c))
			return false;
	}
	return digits >= 4;
}

static bool read_key(struct span text, struct arena *arena, struct autocrypt_field *field)
{
	struct buf key = BUF_INIT;
	bool is_good = false;

	if (!is_base64(text) || text.len > 2 * (size_t)AUTOCRYPT_KEY_LIMIT)
		return false;
	transfer_base64(text, &key);
	if (key.len && key.len <= AUTOCRYPT_KEY_LIMIT && !field->key.len) {
		field->key = (struct span){arena_strndup(arena, key.data, key.len), key.len};
		is_good = true;
	}
	buf_free(&key);
	return is_good;
}

static bool read_addr(struct span text, struct arena *arena, struct autocrypt_field *field)
{
	if (field->addr || !text.len || memchr(text.data, 0, text.len))
		return false;
	field->addr = arena_strndup(arena, text.data, text.len);
	str_lower(field->addr);
	return address_is_safe(field->addr) && strchr(field->addr, '@');
}

/* An attribute that is not known spoils the field, unless its name begins with "_". */
static bool read_attribute(struct span text, struct arena *arena, struct autocrypt_field *field)
{
	size_t equals = span_find(text, 0, '=');
	struct span name = span_trim((struct span){text.data, equals}), value;

	if (!span_trim(text).len)
		return true;
	if (equals == text.len)
		return false;
	value = span_trim((struct span){text.data + equals + 1, text.len - equals - 1});
	if (span_equal_nocase(name, "addr"))
		return read_addr(value, arena, field);
	if (span_equal_nocase(name, "keydata"))
		return read_key(value, arena, field);
	if (span_equal_nocase(name, "prefer-encrypt")) {
		field->prefers_encrypt = span_equal_nocase(value, "mutual");
		return true;
	}
	return name.len && name.data[0] == '_';
}

int autocrypt_parse(struct span value, struct arena *arena, struct autocrypt_field *field)
{
	struct span piece;

	*field = (struct autocrypt_field){.addr = NULL};
	while (span_split(&value, ';', &piece))
		if (!read_attribute(piece, arena, field))
			return 0;
	return field->addr && field->key.len;
}

/* --- one letter ------------------------------------------------------------------------------------------ */

/* The only sender in lower case, or NULL. */
static char *sender_of(const struct mime_message *message, struct arena *arena)
{
	struct address_list from;
	char *addr;

	address_field(&message->root.header, "From", arena, &from);
	if (from.count != 1 || !address_is_safe(from.items[0].addr))
		return NULL;
	addr = arena_strdup(arena, from.items[0].addr);
	str_lower(addr);
	return addr;
}

static bool is_report(const struct mime_message *message)
{
	return strcmp(message->root.type, "multipart/report") == 0;
}

int autocrypt_of_message(const struct mime_message *message, struct arena *arena,
			 struct autocrypt_field *field)
{
	const struct mime_header *header = &message->root.header;
	const char *sender = is_report(message) ? NULL : sender_of(message, arena);
	struct autocrypt_field one;
	size_t i, count = 0, looked_at = 0;

	for (i = 0; sender && i < header->count && looked_at < FIELD_LIMIT; i++) {
		if (!span_equal_nocase(header->fields[i].name, "Autocrypt"))
			continue;
		looked_at++;
		if (!autocrypt_parse(header->fields[i].value, arena, &one) || strcmp(one.addr, sender) != 0)
			continue;
		*field = one;
		count++;
	}
	return count == 1;
}

/* --- what is remembered ------------------------------------------------------------------------------------ */

struct autocrypt {
	struct db *db;
};

static const char *const steps[] = {
    "CREATE TABLE peer(addr TEXT PRIMARY KEY, last_seen INTEGER NOT NULL, key_seen INTEGER NOT NULL,"
    " prefers INTEGER NOT NULL, key TEXT) WITHOUT ROWID;",
};

struct autocrypt *autocrypt_open(struct err *err)
{
	struct autocrypt *autocrypt;
	char *dir = path_dir(PATH_DATA), *path = path_join(dir, "autocrypt.db");
	struct db *db = NULL;

	if (path_make_dirs(dir, err) == 0)
		db = db_open(path, DB_CACHE, steps, ARRAY_COUNT(steps), err);
	free(dir);
	free(path);
	if (!db)
		return NULL;
	db_set_busy_ms(db, BUSY_MS);
	autocrypt = mem_alloc(sizeof *autocrypt);
	autocrypt->db = db;
	return autocrypt;
}

void autocrypt_close(struct autocrypt **autocrypt)
{
	if (*autocrypt)
		db_close(&(*autocrypt)->db);
	free(*autocrypt);
	*autocrypt = NULL;
}

/* No letter is from the future: a wrong date would keep newer keys out. */
static int64_t date_of(const struct mime_message *message, int64_t received)
{
	const struct mime_field *field = mime_field(&message->root.header, "Date");
	struct date date;

	if (!field || !date_parse(field->value.data, field->value.len, &date) || date.time > received)
		return received;
	return date.time;
}

static int see_letter(struct autocrypt *autocrypt, const char *addr, int64_t date, struct err *err)
{
	struct db_stmt *stmt;

	if (db_begin(autocrypt->db, err) < 0)
		return -1;
	stmt = db_query(autocrypt->db, "UPDATE peer SET last_seen = ?2 WHERE addr = ?1 AND last_seen < ?2");
	db_bind_text(stmt, 1, addr);
	db_bind_int(stmt, 2, date);
	if (db_step(stmt, err) < 0) {
		db_rollback(autocrypt->db);
		return -1;
	}
	return db_commit(autocrypt->db, err) < 0 ? -1 : 1;
}

static int write_key(struct db *db, const struct autocrypt_field *field, int64_t date, struct err *err)
{
	struct db_stmt *stmt = db_query(
	    db, "INSERT INTO peer(addr, last_seen, key_seen, prefers, key) VALUES(?1, ?2, ?2, ?3, ?4)"
		" ON CONFLICT(addr) DO UPDATE SET last_seen = max(last_seen, ?2), key_seen = ?2,"
		" prefers = ?3, key = ?4");
	struct buf key = BUF_INIT;
	int rc;

	digest_add_base64(&key, field->key.data, field->key.len);
	db_bind_text(stmt, 1, field->addr);
	db_bind_int(stmt, 2, date);
	db_bind_int(stmt, 3, field->prefers_encrypt);
	db_bind_text_n(stmt, 4, buf_str(&key), key.len);
	rc = db_step(stmt, err);
	buf_free(&key);
	return rc;
}

static int see_key(struct autocrypt *autocrypt, const struct autocrypt_field *field, int64_t date,
		   struct err *err)
{
	if (db_begin(autocrypt->db, err) < 0)
		return -1;
	if (write_key(autocrypt->db, field, date, err) < 0) {
		db_rollback(autocrypt->db);
		return -1;
	}
	return db_commit(autocrypt->db, err) < 0 ? -1 : 1;
}

/* The same letter opened again writes nothing. */
static int see(struct autocrypt *autocrypt, const struct mime_message *message, const char *addr,
	       int64_t date, struct arena *arena, struct err *err)
{
	struct autocrypt_field field;
	struct autocrypt_peer peer = {.addr = NULL};
	int has_key = autocrypt_of_message(message, arena, &field);
	int known = autocrypt_find(autocrypt, addr, &peer, err);
	int64_t key_seen = peer.key_seen, last_seen = peer.last_seen;

	autocrypt_peer_free(&peer);
	if (known < 0 || (!known && !has_key))
		return known;
	if (has_key && (!known || date > key_seen))
		return see_key(autocrypt, &field, date, err);
	return date > last_seen ? see_letter(autocrypt, addr, date, err) : 0;
}

int autocrypt_see(struct autocrypt *autocrypt, const struct mime_message *message, int64_t received,
		  struct err *err)
{
	struct arena *arena = arena_new();
	const char *addr = is_report(message) ? NULL : sender_of(message, arena);
	int rc = 0;

	if (addr)
		rc = see(autocrypt, message, addr, date_of(message, received), arena, err);
	arena_free(&arena);
	return rc;
}

static void read_peer(struct db_stmt *stmt, struct autocrypt_peer *peer)
{
	struct buf key = BUF_INIT;

	peer->addr = mem_strdup(db_text(stmt, 0));
	peer->last_seen = db_int(stmt, 1);
	peer->key_seen = db_int(stmt, 2);
	peer->prefers_encrypt = db_int(stmt, 3) != 0;
	if (db_is_null(stmt, 4))
		return;
	transfer_base64((struct span){db_text(stmt, 4), db_text_len(stmt, 4)}, &key);
	peer->key_len = key.len;
	peer->key = buf_take(&key);
}

int autocrypt_find(struct autocrypt *autocrypt, const char *addr, struct autocrypt_peer *peer,
		   struct err *err)
{
	struct db_stmt *stmt = db_query(
	    autocrypt->db, "SELECT addr, last_seen, key_seen, prefers, key FROM peer WHERE addr = ?1");
	char *canonical = mem_strdup(addr);
	int rc;

	*peer = (struct autocrypt_peer){.addr = NULL};
	str_lower(canonical);
	db_bind_text(stmt, 1, canonical);
	rc = db_step(stmt, err);
	if (rc == 1) {
		read_peer(stmt, peer);
		db_reset(stmt);
	}
	free(canonical);
	return rc;
}

void autocrypt_peer_free(struct autocrypt_peer *peer)
{
	free(peer->addr);
	free(peer->key);
	*peer = (struct autocrypt_peer){.addr = NULL};
}
