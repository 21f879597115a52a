#include "config.h"
#include "store/mail/schema.h"

#include "store/base/array.h"

/* As utf8_add_folded has them. */
#define STROKES "'*[\u00f8\u0111\u0127\u0131\u0142\u0167]*'"
#define BARE(column)                                                                                \
	"replace(replace(replace(replace(replace(replace(" column ", '\u00f8', 'o'), '\u0111', 'd'), " \
	"'\u0127', 'h'), '\u0131', 'i'), '\u0142', 'l'), '\u0167', 't')"

const char *const schema_steps[] = {
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('next', 1), ('epoch', abs(random()));"
    "CREATE TABLE folder("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, path TEXT NOT NULL,"
    " kind INTEGER NOT NULL, role INTEGER NOT NULL,"
    " total INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0,"
    " flagged INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 1,"
    " is_indexed INTEGER NOT NULL DEFAULT 0, is_fresh INTEGER NOT NULL DEFAULT 1,"
    " stamp_a INTEGER NOT NULL DEFAULT 0, stamp_b INTEGER NOT NULL DEFAULT 0,"
    " stamp_c INTEGER NOT NULL DEFAULT 0, stamp_d INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE message("
    " id INTEGER PRIMARY KEY, folder INTEGER NOT NULL, thread INTEGER NOT NULL,"
    " place INTEGER NOT NULL, key TEXT NOT NULL, is_copy INTEGER NOT NULL DEFAULT 0,"
    " flags INTEGER NOT NULL, file_flags INTEGER NOT NULL,"
    " date INTEGER NOT NULL, received INTEGER NOT NULL, size INTEGER NOT NULL,"
    " has_attachment INTEGER NOT NULL, is_mine INTEGER NOT NULL,"
    " mid INTEGER NOT NULL, refs TEXT NOT NULL,"
    " from_name TEXT NOT NULL, from_addr TEXT NOT NULL, to_name TEXT NOT NULL,"
    " subject TEXT NOT NULL, message_id TEXT NOT NULL, tags TEXT NOT NULL DEFAULT '',"
    " from_key TEXT NOT NULL, subject_key TEXT NOT NULL, to_key TEXT NOT NULL);"
    "CREATE INDEX message_place ON message(place, key, file_flags) WHERE is_copy = 0;"
    "CREATE INDEX message_date ON message(folder, date, id);"
    "CREATE INDEX message_thread ON message(thread, date, id, folder);"
    "CREATE INDEX message_mid ON message(mid);"
    "CREATE TABLE ref(hash INTEGER PRIMARY KEY, thread INTEGER NOT NULL);"
    "CREATE INDEX ref_thread ON ref(thread);"
    "CREATE TABLE thread("
    " thread INTEGER NOT NULL, folder INTEGER NOT NULL, latest INTEGER NOT NULL,"
    " latest_id INTEGER NOT NULL, count INTEGER NOT NULL, unread INTEGER NOT NULL,"
    " flagged INTEGER NOT NULL, size INTEGER NOT NULL, from_key TEXT NOT NULL,"
    " subject_key TEXT NOT NULL, PRIMARY KEY(thread, folder)) WITHOUT ROWID;"
    "CREATE INDEX thread_latest ON thread(folder, latest, thread, count);"
    "CREATE INDEX thread_has_unread ON thread(folder, latest, thread) WHERE unread > 0;"
    "CREATE INDEX thread_has_flagged ON thread(folder, latest, thread) WHERE flagged > 0;"
    "CREATE TABLE tag(tag TEXT NOT NULL, message INTEGER NOT NULL, PRIMARY KEY(tag, message))"
    " WITHOUT ROWID;"
    "CREATE TABLE intent("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, op INTEGER NOT NULL, message INTEGER NOT NULL,"
    " place INTEGER NOT NULL, key TEXT NOT NULL, target INTEGER NOT NULL DEFAULT 0,"
    " set_flags INTEGER NOT NULL DEFAULT 0, clear_flags INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX intent_place ON intent(place, key);"
    "CREATE INDEX intent_message ON intent(message);"
    "CREATE TABLE undo(id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " is_copy INTEGER NOT NULL);"
    "CREATE TABLE undo_item(undo INTEGER NOT NULL, message INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, folder INTEGER NOT NULL, tags TEXT NOT NULL,"
    " PRIMARY KEY(undo, message)) WITHOUT ROWID;",
    /* Where an mbox has the message; mboxes (kind 2) are looked through once more to know it. */
    "ALTER TABLE message ADD COLUMN hint INTEGER NOT NULL DEFAULT 0;"
    "UPDATE folder SET is_fresh = 1 WHERE kind = 2;",
    /* Mail that lives on a server. */
    "ALTER TABLE message ADD COLUMN is_away INTEGER NOT NULL DEFAULT 0;"
    "DROP INDEX message_place;"
    "CREATE INDEX message_place ON message(place, key, file_flags)"
    " WHERE is_copy = 0 AND is_away = 0;"
    "CREATE INDEX message_away ON message(folder, received) WHERE is_away = 1;"
    "CREATE TABLE remote_folder("
    " folder INTEGER PRIMARY KEY, wire TEXT NOT NULL UNIQUE, local TEXT NOT NULL,"
    " uidvalidity INTEGER NOT NULL DEFAULT 0, uidnext INTEGER NOT NULL DEFAULT 0,"
    " modseq INTEGER NOT NULL DEFAULT 0, messages INTEGER NOT NULL DEFAULT 0,"
    " unseen INTEGER NOT NULL DEFAULT -1, is_selectable INTEGER NOT NULL DEFAULT 1,"
    " is_subscribed INTEGER NOT NULL DEFAULT 1, wants_subscribed INTEGER NOT NULL DEFAULT 1,"
    " is_removed INTEGER NOT NULL DEFAULT 0, looked INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE remote_message("
    " message INTEGER PRIMARY KEY, folder INTEGER NOT NULL, uid INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, keywords TEXT NOT NULL, size INTEGER NOT NULL,"
    " target INTEGER NOT NULL DEFAULT 0, state INTEGER NOT NULL DEFAULT 0);"
    "CREATE UNIQUE INDEX remote_message_uid ON remote_message(folder, uid) WHERE uid > 0;"
    "CREATE INDEX remote_message_sought ON remote_message(folder, size) WHERE uid = 0;"
    "CREATE INDEX remote_message_target ON remote_message(target, size) WHERE target > 0;"
    "CREATE TABLE remote_owed(message INTEGER PRIMARY KEY);"
    "CREATE TABLE remote_copy(message INTEGER PRIMARY KEY, source INTEGER NOT NULL);"
    "CREATE TABLE remote_wish(message INTEGER NOT NULL, part TEXT NOT NULL,"
    " at INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(message, part)) WITHOUT ROWID;",
    "CREATE TABLE collected(uid TEXT PRIMARY KEY, at INTEGER NOT NULL,"
    " is_listed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;",
    /* "uid = 0" makes SQLite look at what is bound to "uid = ?", and prepare it anew each time. */
    "DROP INDEX remote_message_sought;"
    "CREATE INDEX remote_message_sought ON remote_message(folder, size) WHERE uid < 1;",
    "CREATE TABLE remote_ask(word TEXT PRIMARY KEY, at INTEGER NOT NULL,"
    " is_done INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE remote_hit(word TEXT NOT NULL, message INTEGER NOT NULL,"
    " PRIMARY KEY(word, message)) WITHOUT ROWID;",
    /* What a server refused is not told again before UNTIL; what was opened stays for a while. */
    "CREATE TABLE remote_refused(message INTEGER PRIMARY KEY, tries INTEGER NOT NULL,"
    " until INTEGER NOT NULL);"
    "CREATE TABLE remote_opened(message INTEGER PRIMARY KEY, at INTEGER NOT NULL);",
    /* What has a greater id came after the folder was read in first. */
    "ALTER TABLE folder ADD COLUMN first_last INTEGER NOT NULL DEFAULT 0;",
    "CREATE TABLE lost_tags(mid INTEGER PRIMARY KEY, tags TEXT NOT NULL, at INTEGER NOT NULL);"
    "CREATE INDEX lost_tags_at ON lost_tags(at);",
    /* Removed from a POP3 server (1 asked for, 2 it said so), and how large it was in its list. */
    "ALTER TABLE collected ADD COLUMN removal INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE collected ADD COLUMN size INTEGER NOT NULL DEFAULT -1;",
    /* Rows of one message in several mailboxes. */
    "CREATE TABLE remote_same(message INTEGER PRIMARY KEY, same INTEGER NOT NULL);"
    "CREATE INDEX remote_same_same ON remote_same(same);"
    "CREATE TRIGGER remote_same_went AFTER DELETE ON message BEGIN"
    " DELETE FROM remote_same WHERE message = OLD.id; END;",
    /* What a POP3 server said that it removed and keeps (removal 3); the digest of a header, 0 unknown. */
    "ALTER TABLE collected ADD COLUMN head INTEGER NOT NULL DEFAULT 0;",
    /* Letters with a stroke are folded too. */
    "UPDATE message SET subject_key = " BARE("subject_key") " WHERE subject_key GLOB " STROKES ";"
    "UPDATE message SET from_key = " BARE("from_key") " WHERE from_key GLOB " STROKES ";"
    "UPDATE message SET to_key = " BARE("to_key") " WHERE to_key GLOB " STROKES ";",
};
const size_t schema_step_count = ARRAY_COUNT(schema_steps);

const char *const schema_remote_triggers[] = {
    "CREATE TRIGGER IF NOT EXISTS remote_came AFTER INSERT ON message"
    " WHEN NOT EXISTS (SELECT 1 FROM remote_message WHERE message = NEW.id) BEGIN"
    " INSERT OR IGNORE INTO remote_owed VALUES(NEW.id); END",
    "CREATE TRIGGER IF NOT EXISTS remote_changed AFTER UPDATE OF flags, folder, tags ON message"
    " WHEN (OLD.flags & 63) <> (NEW.flags & 63) OR OLD.folder <> NEW.folder OR"
    " OLD.tags <> NEW.tags BEGIN"
    " INSERT OR IGNORE INTO remote_owed VALUES(NEW.id); END",
    "CREATE TRIGGER IF NOT EXISTS remote_went AFTER DELETE ON message"
    " WHEN EXISTS (SELECT 1 FROM remote_message WHERE message = OLD.id) BEGIN"
    " INSERT OR IGNORE INTO remote_owed VALUES(OLD.id); END",
};
const size_t schema_remote_trigger_count = ARRAY_COUNT(schema_remote_triggers);

/* The first one is for searches in all folders: it is made with the rows. */
const struct schema_sort_index schema_sort_indexes[] = {
    {"message_all", "message(date, id, folder)"},
    {"thread_from", "thread(folder, from_key, latest DESC, thread DESC)"},
    {"thread_subject", "thread(folder, subject_key, latest DESC, thread DESC)"},
    {"thread_size", "thread(folder, size, latest, thread)"},
    {"thread_unread", "thread(folder, (unread > 0), latest, thread)"},
    {"thread_flagged", "thread(folder, (flagged > 0), latest, thread)"},
    {"message_from", "message(folder, from_key, date DESC, id DESC)"},
    {"message_subject", "message(folder, subject_key, date DESC, id DESC)"},
    {"message_size", "message(folder, size, date, id)"},
    {"message_unread", "message(folder, ((flags & 1) = 0), date, id)"},
    {"message_flagged", "message(folder, ((flags & 4) <> 0), date, id)"},
};
const size_t schema_sort_index_count = ARRAY_COUNT(schema_sort_indexes);

const struct schema_late_index schema_late_indexes[] = {
    {"DROP INDEX IF EXISTS message_mid", "CREATE INDEX IF NOT EXISTS message_mid ON message(mid)"},
    {"DROP INDEX IF EXISTS ref_thread", "CREATE INDEX IF NOT EXISTS ref_thread ON ref(thread)"},
};
const size_t schema_late_index_count = ARRAY_COUNT(schema_late_indexes);
