#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "compose/compose_option.h"
#include "compose/flush.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

#define NAME	 "outbox"
#define AGENT_MS 10000
#define LOOK_MS	 500 /* between two looks when no news comes */
#define STOP_MAX_S 60
#define INDENT	 8

/* --- list ----------------------------------------------------------------------------------- */

static struct jv *recipient_value(const struct outbox_recipient *recipient)
{
	struct jv *object = jv_object();

	jv_set(object, "addr", jv_text(recipient->addr));
	jv_set(object, "state", jv_text(outbox_state_word(recipient->state)));
	jv_set(object, "tries", jv_number(recipient->tries));
	jv_set(object, "due", jv_number(recipient->due));
	jv_set(object, "last_try", jv_number(recipient->last_try));
	jv_set(object, "status", jv_text(recipient->status));
	jv_set(object, "reply", jv_text(recipient->reply));
	jv_set(object, "maybe_sent", jv_bool(recipient->maybe_sent));
	jv_set(object, "bounced", jv_bool(recipient->is_bounced));
	return object;
}

static void add_json(struct buf *out, const struct outbox_entry *entry)
{
	struct jv *object = jv_object(), *list = jv_array();
	size_t i;

	jv_set(object, "id", jv_number(entry->id));
	jv_set(object, "account", jv_text(entry->account));
	jv_set(object, "sender", jv_text(entry->sender));
	jv_set(object, "subject", jv_text(entry->subject));
	jv_set(object, "message_id", jv_text(entry->message_id));
	jv_set(object, "added", jv_number(entry->added));
	jv_set(object, "size", jv_number(entry->size));
	jv_set(object, "finished", jv_number(entry->finished));
	for (i = 0; i < entry->recipient_count; i++)
		jv_append(list, recipient_value(&entry->recipients[i]));
	jv_set(object, "recipients", list);
	jv_print(object, out);
	buf_add_char(out, '\n');
	jv_free(object);
}

static void add_text(struct buf *out, const char *text)
{
	utf8_add_printable(out, text, strlen(text));
}

static void add_recipient(struct buf *out, const struct outbox_recipient *recipient)
{
	buf_printf(out, "%*s", INDENT, "");
	add_text(out, recipient->addr);
	buf_printf(out, "  %s", outbox_state_name(recipient->state));
	if (recipient->state == OUTBOX_WAITING) {
		buf_add_str(out, ", ");
		date_add_long(out, recipient->due);
	}
	if (recipient->maybe_sent)
		buf_printf(out, ", %s", _("may have been sent before"));
	if (*recipient->reply) {
		buf_add_str(out, ": ");
		add_text(out, recipient->reply);
	}
	buf_add_char(out, '\n');
}

static void add_lines(struct buf *out, const struct outbox_entry *entry)
{
	size_t i;

	buf_printf(out, "%-7lld ", (long long)entry->id);
	date_add_long(out, entry->added);
	buf_add_str(out, "  ");
	add_text(out, *entry->sender ? entry->sender : "<>");
	buf_add_str(out, "  ");
	add_text(out, entry->subject);
	buf_add_char(out, '\n');
	for (i = 0; i < entry->recipient_count; i++)
		add_recipient(out, &entry->recipients[i]);
}

struct call {
	bool wants_json, wants_all;
	int64_t id; /* 0: none given */
};

static int do_list(struct outbox *outbox, const struct call *call, struct err *err)
{
	struct arena *arena = arena_new();
	struct buf out = BUF_INIT;
	struct outbox_entry *entries;
	size_t i, count;
	int rc = outbox_list(outbox, call->wants_all, arena, &entries, &count, err);

	for (i = 0; rc == 0 && i < count; i++)
		if (!call->id || entries[i].id == call->id)
			(call->wants_json ? add_json : add_lines)(&out, &entries[i]);
	if (rc == 0 && count == 0 && !call->wants_json)
		shell_say(NULL, _("The outbox is empty."));
	if (rc == 0)
		rc = shell_print(&out);
	buf_free(&out);
	arena_free(&arena);
	return rc;
}

/* --- wishes --------------------------------------------------------------------------------- */

static int tell_flush(struct err *err)
{
	const struct notice flush = {.kind = NOTICE_FLUSH};
	struct notice_conn *conn = notice_connect_or_start(AGENT_MS, err);

	if (!conn)
		return -1;
	notice_send(conn, &flush);
	notice_conn_free(&conn);
	return 0;
}

static int flush_all(struct outbox *outbox, struct err *err)
{
	struct buf words = BUF_INIT;
	int rc = flush_outbox(outbox, compose_option_own_undo(), &words, err);

	if (rc == 0)
		rc = tell_flush(err);
	if (rc == 0)
		shell_say(NULL, "%s", buf_str(&words));
	buf_free(&words);
	return rc;
}

static int do_flush(struct outbox *outbox, const struct call *call, struct err *err)
{
	if (!call->id)
		return flush_all(outbox, err);
	if (outbox_retry(outbox, call->id, err) < 0)
		return -1;
	return notice_ring_or_start("", err);
}

static int tell_changed(int rc, const struct call *call, struct err *err)
{
	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("Nothing of letter %lld waits."),
				    (long long)call->id);
	notice_ring("");
	return rc < 0 ? -1 : 0;
}

static bool is_sending(const struct outbox_entry *entry)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (entry->recipients[i].state == OUTBOX_ATTEMPT)
			return true;
	return false;
}

/* 0: nobody sends it any more, ENTRY says how it ended; -1. */
static int wait_while_sending(struct outbox *outbox, int64_t id, struct notice_conn *conn, struct arena *arena,
			      struct outbox_entry *entry, struct err *err)
{
	int64_t until = time(NULL) + STOP_MAX_S;
	struct notice news;

	for (;;) {
		arena_reset(arena);
		if (outbox_get(outbox, id, arena, entry, err) < 0)
			return -1;
		if (!is_sending(entry))
			return 0;
		if (time(NULL) >= until || notice_wait(conn, LOOK_MS, &news) < 0)
			return err_set_kind(err, ERR_TEMPORARY, _("Letter %lld is still being sent."), (long long)id);
	}
}

static void print_states(const struct outbox_entry *entry)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < entry->recipient_count; i++) {
		buf_clear(&line);
		add_recipient(&line, &entry->recipients[i]);
		shell_say(NULL, "%.*s", (int)line.len - 1 - INDENT, buf_str(&line) + INDENT);
	}
	buf_free(&line);
}

/* Who sends it stops, and writes down how far it came. */
static int stop_sending(struct outbox *outbox, int64_t id, struct arena *arena, struct outbox_entry *entry,
			struct err *err)
{
	const struct notice cancel = {.kind = NOTICE_CANCEL, .code = TRANSFER_SENDING, .id = id};
	struct notice_conn *conn = notice_connect_or_start(AGENT_MS, err);
	int rc;

	if (!conn)
		return -1;
	notice_send(conn, &cancel);
	rc = wait_while_sending(outbox, id, conn, arena, entry, err);
	notice_conn_free(&conn);
	if (rc == 0)
		print_states(entry);
	return rc;
}

static int do_hold(struct outbox *outbox, const struct call *call, struct err *err)
{
	struct arena *arena = arena_new();
	struct outbox_entry entry;
	int rc = outbox_get(outbox, call->id, arena, &entry, err);

	if (rc == 1 && is_sending(&entry)) {
		rc = stop_sending(outbox, call->id, arena, &entry, err);
		arena_free(&arena);
		return rc;
	}
	arena_free(&arena);
	if (rc < 0)
		return -1;
	return tell_changed(outbox_hold(outbox, call->id, err), call, err);
}

static int do_cancel(struct outbox *outbox, const struct call *call, struct err *err)
{
	return tell_changed(outbox_cancel(outbox, call->id, err), call, err);
}

/* --- the call ------------------------------------------------------------------------------- */

static const struct action {
	const char *name;
	int (*run)(struct outbox *outbox, const struct call *call, struct err *err);
	bool needs_id;
} actions[] = {
    {"list", do_list, false},
    {"flush", do_flush, false},
    {"hold", do_hold, true},
    {"cancel", do_cancel, true},
};

static const struct action *find_action(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static int run(const struct action *action, const struct call *call)
{
	struct err err = ERR_INIT;
	struct outbox *outbox = outbox_open(&err);
	int rc;

	if (outbox && outbox_was_rebuilt(outbox))
		shell_say(
		    NAME,
		    _("The outbox's database was lost and has been made again from its letters."));
	rc = outbox ? action->run(outbox, call, &err) : -1;
	outbox_close(&outbox);
	return rc < 0 ? shell_fail(NAME, &err) : rc;
}

static int run_words(char **words, struct call *call)
{
	const struct action *action = find_action(words[0] ? words[0] : "list");
	long long id = 0;

	if (!action)
		return shell_usage(NAME, _("\"%s\" is none of list, flush, hold, cancel."),
				   words[0]);
	if (words[0] && words[1] && (str_to_long(words[1], &id) < 0 || id <= 0 || words[2]))
		return shell_usage(NAME,
				   _("One number of a letter is expected, as the list has it."));
	if (action->needs_id && id == 0)
		return shell_usage(NAME, _("Which letter? Give its number, as the list has it."));
	call->id = id;
	return run(action, call);
}

enum { OPTION_JSON = 256, OPTION_ALL };

static const struct option options[] = {
    {"json", no_argument, NULL, OPTION_JSON},
    {"all", no_argument, NULL, OPTION_ALL},
    {NULL, 0, NULL, 0},
};

int shell_outbox(int argc, char **argv)
{
	struct call call = {.id = 0};
	int c;

	while ((c = shell_option(NAME, argc, argv, "", options, NULL)) != -1) {
		if (c == OPTION_JSON)
			call.wants_json = true;
		else if (c == OPTION_ALL)
			call.wants_all = true;
		else
			return 2;
	}
	return run_words(argv + optind, &call);
}
