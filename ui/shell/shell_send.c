#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compose/compose_option.h"
#include "compose/sent.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/letter.h"
#include "store/mail/letter_input.h"
#include "store/mail/outbox.h"
#include "store/mime/address.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/notice/notice.h"
#include "ui/shell/shell_ask.h"

#define NAME	      "send"
#define AGENT_MS      10000 /* to start */
#define LOOK_MS	      500   /* between two looks at the outbox when no news comes */
#define VERDICT_MAX_S 300
#define EXIT_LATER    75

struct call {
	bool takes_recipients, waits;
	const char *from, *account;
};

struct sending {
	const struct call *call;
	struct letter_input input;
	const struct account *account; /* or NULL: no account at all */
	struct outbox *outbox;
	struct buf box, key; /* where Sent has its copy */
	int64_t id;
};

/* --- what is said --------------------------------------------------------------------------- */

static int choose_account(struct sending *sending, struct err *err)
{
	const struct call *call = sending->call;

	if (account_load(&sending->input.accounts, err) < 0)
		return -1;
	if (call->account) {
		sending->account = account_find(&sending->input.accounts, call->account);
		return sending->account
			   ? 0
			   : err_set_kind(err, ERR_USAGE, _("There is no account \"%s\"."),
					  call->account);
	}
	if (call->from)
		sending->account = account_by_address(&sending->input.accounts, call->from);
	if (!sending->account)
		sending->account = account_default(&sending->input.accounts);
	return 0;
}

static int choose_sender(struct sending *sending, const char **sender, struct err *err)
{
	const char *fault;

	*sender = sending->call->from;
	if (!*sender && sending->account && sending->account->address)
		*sender = sending->account->address;
	if (!*sender)
		*sender = letter_input_address(&sending->input.accounts, sending->input.arena);
	fault = letter_address_fault(*sender);
	return fault ? err_set_kind(err, ERR_USAGE, "\"%s\": %s", *sender, fault) : 0;
}

/* --- into the outbox ------------------------------------------------------------------------ */

static int complete(struct sending *sending, const char *sender, struct err *err)
{
	struct letter_wish wish = {
	    .from = sender,
	    .from_name = sending->account ? sending->account->real_name : NULL,
	    .wants_recipients = sending->call->takes_recipients,
	};

	if (letter_input_complete(&sending->input, &wish, err) < 0)
		return -1;
	if (sending->input.count == 0)
		return err_set_kind(err, ERR_USAGE,
				    _("The letter names no recipients in To, Cc or Bcc."));
	return 0;
}

/* Nobody said who sends: From names one of our accounts, and the letter goes by that one. */
static void heed_from(struct sending *sending, const char **sender)
{
	const char *from = sending->input.letter.from;
	const struct account *account = account_by_address(&sending->input.accounts, from);

	if (sending->call->from || sending->call->account || !account || letter_address_fault(from))
		return;
	sending->account = account;
	*sender = from;
}

/* --- the copy in Sent ----------------------------------------------------------------------- */

/* An account on a server has one; what goes by this machine's own is a program's, as with sendmail. */
static bool wants_copy(const struct account *account)
{
	return account && (account->kind == ACCOUNT_IMAP || account->kind == ACCOUNT_POP3 ||
			   account->kind == ACCOUNT_JMAP) &&
	       compose_option_own_bool("sent-copy");
}

static const char *id_of(const struct sending *sending)
{
	const struct buf *head = &sending->input.letter.head;
	struct mime_header header;
	const char *id;
	size_t body_at;

	mime_parse_header(head->data, head->len, NULL, sending->input.arena, &header, &body_at);
	id = ids_message_id(&header, sending->input.arena);
	return id ? id : "";
}

/* The sender's own copy says who got it blindly. */
static void write_copy(const struct sending *sending, struct buf *copy)
{
	const struct letter *letter = &sending->input.letter;
	struct span text = {sending->input.bytes.data, sending->input.bytes.len};
	struct letter_field field;

	while (text.len && letter_next_field(&text, &field))
		if (span_equal_nocase(field.name, "Bcc"))
			buf_add(copy, field.whole.data, field.whole.len);
	buf_add(copy, letter->head.data, letter->head.len);
	buf_add(copy, letter->body.data, letter->body.len);
}

static int keep_copy(struct sending *sending, struct err *err)
{
	struct buf copy = BUF_INIT;
	int rc;

	if (!wants_copy(sending->account))
		return 0;
	write_copy(sending, &copy);
	rc = sent_keep(sending->account, id_of(sending), &copy, &sending->box, &sending->key, err);
	buf_free(&copy);
	return rc < 0 ? err_add(err, _("The letter was not sent; its copy could not be kept")) : 0;
}

static int add_to_outbox(struct sending *sending, const char *sender, struct err *err)
{
	struct outbox_letter letter = {
	    .account = sending->account ? sending->account->name : "",
	    .sender = sender,
	};

	sending->outbox = outbox_open(err);
	sending->id =
	    sending->outbox ? letter_input_put(&sending->input, sending->outbox, &letter, err) : -1;
	return sending->id < 0 ? -1 : 0;
}

static int take_letter(struct sending *sending, char **arguments, struct err *err)
{
	const char *sender;

	if (letter_input_add_arguments(&sending->input, arguments, err) < 0)
		return -1;
	if (sending->input.count == 0 && !sending->call->takes_recipients)
		return err_set_kind(
		    err, ERR_USAGE,
		    _("No recipients: name them, or let -t take them from the message."));
	if (choose_account(sending, err) < 0 || choose_sender(sending, &sender, err) < 0 ||
	    letter_input_read(STDIN_FILENO, false, &sending->input.bytes, err) < 0 ||
	    complete(sending, sender, err) < 0)
		return -1;
	heed_from(sending, &sender);
	if (keep_copy(sending, err) < 0)
		return -1;
	if (add_to_outbox(sending, sender, err) == 0)
		return 0;
	sent_drop(buf_str(&sending->box), buf_str(&sending->key));
	return -1;
}

/* --- the verdict ---------------------------------------------------------------------------- */

/* Tried, whatever came of it. */
static bool is_decided(const struct outbox_recipient *recipient)
{
	if (recipient->state == OUTBOX_ATTEMPT)
		return false;
	return recipient->state != OUTBOX_WAITING || recipient->tries > 0;
}

static bool are_decided(const struct outbox_entry *entry)
{
	size_t i;

	for (i = 0; i < entry->recipient_count; i++)
		if (!is_decided(&entry->recipients[i]))
			return false;
	return true;
}

/* 1 all decided, 0 the time is over, -1. ENTRY is in *ARENA, made anew for each look. */
static int wait_for_verdicts(struct sending *sending, struct notice_conn *conn, struct arena *arena,
			     struct outbox_entry *entry, struct err *err)
{
	int64_t until = time(NULL) + VERDICT_MAX_S;

	for (;;) {
		struct notice news;

		arena_reset(arena);
		if (outbox_get(sending->outbox, sending->id, arena, entry, err) <= 0)
			return -1;
		if (are_decided(entry))
			return 1;
		if (time(NULL) >= until)
			return 0;
		news.kind = NOTICE_NONE;
		if (notice_wait(conn, LOOK_MS, &news) >= 0)
			shell_ask(conn, &news);
		else
			return err_set_kind(
			    err, ERR_TEMPORARY,
			    _("The agent (ternd) ended; the letter waits in the outbox."));
	}
}

static int print_verdicts(const struct outbox_entry *entry)
{
	int code = 0;
	size_t i;

	for (i = 0; i < entry->recipient_count; i++) {
		const struct outbox_recipient *recipient = &entry->recipients[i];

		shell_say(NULL, "%s: %s%s%s", recipient->addr, outbox_state_name(recipient->state),
			  *recipient->reply ? ": " : "", recipient->reply);
		if (recipient->state == OUTBOX_FAILED || recipient->state == OUTBOX_CANCELLED)
			code = 1;
		else if (recipient->state != OUTBOX_SENT && code == 0)
			code = EXIT_LATER;
	}
	return code;
}

static int wait_and_print(struct sending *sending)
{
	const struct notice changed = {.kind = NOTICE_OUTBOX_CHANGED, .id = sending->id};
	struct err err = ERR_INIT;
	struct arena *arena = arena_new();
	struct outbox_entry entry;
	struct notice_conn *conn = notice_connect_or_start(AGENT_MS, &err);
	int rc = -1, code;

	if (conn) {
		shell_ask_open(conn);
		notice_send(conn, &changed);
		rc = wait_for_verdicts(sending, conn, arena, &entry, &err);
	}
	code = rc >= 0 ? print_verdicts(&entry) : shell_fail(NAME, &err);
	if (!conn)
		shell_say(NAME, _("The letter waits in the outbox."));
	notice_conn_free(&conn);
	arena_free(&arena);
	return rc < 0 ? EXIT_LATER : code;
}

/* The letter is safe: that nobody carries it yet is worth a word, not a failure. */
static int ring(void)
{
	struct err err = ERR_INIT;

	if (notice_ring_or_start("", &err) < 0)
		shell_say(
		    NAME,
		    _("The letter waits in the outbox, because ternd could not be started: %s"),
		    err.text);
	return 0;
}

/* --- the call ------------------------------------------------------------------------------- */

static int do_send(const struct call *call, char **arguments)
{
	struct sending sending = {.call = call, .input = {.arena = arena_new()}};
	struct err err = ERR_INIT;
	int code;

	if (take_letter(&sending, arguments, &err) < 0)
		code = shell_fail(NAME, &err);
	else
		code = call->waits ? wait_and_print(&sending) : ring();
	buf_free(&sending.box);
	buf_free(&sending.key);
	outbox_close(&sending.outbox);
	letter_input_free(&sending.input);
	return code;
}

enum { OPTION_NOW = 256, OPTION_FROM, OPTION_ACCOUNT };

static const struct option options[] = {
    {"now", no_argument, NULL, OPTION_NOW},
    {"from", required_argument, NULL, OPTION_FROM},
    {"account", required_argument, NULL, OPTION_ACCOUNT},
    {NULL, 0, NULL, 0},
};

int shell_send(int argc, char **argv)
{
	struct call call = {.from = NULL};
	int c;

	while ((c = shell_option(NAME, argc, argv, "t", options, NULL)) != -1) {
		if (c == 't')
			call.takes_recipients = true;
		else if (c == OPTION_NOW)
			call.waits = true;
		else if (c == OPTION_FROM)
			call.from = optarg;
		else if (c == OPTION_ACCOUNT)
			call.account = optarg;
		else
			return 2;
	}
	return do_send(&call, argv + optind);
}
