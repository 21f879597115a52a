/* tern-sendmail: sendmail(1) for programs that send mail by it. See tern-sendmail(1). */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "net/tool.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/mail/letter.h"
#include "store/mail/letter_input.h"
#include "store/mail/outbox.h"
#include "store/mime/address.h"
#include "store/notice/notice.h"

#define PROGRAM	 "tern-sendmail"
#define AGENT_MS 10000

enum mode { MODE_SEND, MODE_QUEUE, MODE_FLUSH, MODE_NOTHING };

struct call {
	enum mode mode;
	bool takes_recipients, ignores_dots;
	const char *sender, *name;
	const char *notify, *envid;
	const char *ret; /* or NULL */
};

/* --- one letter ----------------------------------------------------------------------------- */

struct sending {
	const struct call *call;
	struct letter_input input;
};

static int add_arguments(struct sending *sending, char **arguments, struct err *err)
{
	if (letter_input_add_arguments(&sending->input, arguments, err) < 0)
		return -1;
	if (sending->input.count == 0 && !sending->call->takes_recipients)
		return err_set_kind(
		    err, ERR_USAGE,
		    _("No recipients: name them, or let -t take them from the letter."));
	return 0;
}

/* -f "", -f "<>", -f "<a@b>" */
static int find_sender(struct sending *sending, const char **sender, struct err *err)
{
	const char *wish = sending->call->sender, *fault;
	size_t len = wish ? strlen(wish) : 0;

	if (!wish) {
		*sender = letter_input_address(&sending->input.accounts, sending->input.arena);
		return 0;
	}
	if (len >= 2 && wish[0] == '<' && wish[len - 1] == '>')
		wish = arena_strndup(sending->input.arena, wish + 1, len - 2);
	fault = *wish ? letter_address_fault(wish) : NULL;
	if (fault)
		return err_set_kind(err, ERR_USAGE, _("Sender \"%s\": %s"), wish, fault);
	*sender = wish;
	return 0;
}

static int complete(struct sending *sending, const char *sender, struct err *err)
{
	const struct account *account = account_default(&sending->input.accounts);
	const char *own = letter_input_address(&sending->input.accounts, sending->input.arena);
	struct letter_wish wish = {
	    .from = *sender ? sender : own,
	    .from_name = sending->call->name,
	    .received = arena_printf(sending->input.arena, "user %s",
				     letter_input_user(sending->input.arena)),
	    .wants_recipients = sending->call->takes_recipients,
	};

	if (!wish.from_name && account && !sending->call->sender)
		wish.from_name = account->real_name;
	return letter_input_complete(&sending->input, &wish, err);
}

static int add_to_outbox(struct sending *sending, const char *sender, struct err *err)
{
	const struct call *call = sending->call;
	struct outbox_letter letter = {
	    .account = "",
	    .sender = sender,
	    .dsn_ret = call->ret,
	    .dsn_envid = call->envid,
	    .notify = call->notify,
	};
	struct outbox *outbox = outbox_open(err);
	int64_t id = outbox ? letter_input_put(&sending->input, outbox, &letter, err) : -1;

	outbox_close(&outbox);
	return id < 0 ? -1 : 0;
}

static int send_letter(struct sending *sending, char **arguments, struct err *err)
{
	const char *sender = NULL;

	if (add_arguments(sending, arguments, err) < 0 ||
	    account_load(&sending->input.accounts, err) < 0 ||
	    find_sender(sending, &sender, err) < 0 ||
	    letter_input_read(STDIN_FILENO, !sending->call->ignores_dots, &sending->input.bytes,
			      err) < 0 ||
	    complete(sending, sender, err) < 0)
		return -1;
	return add_to_outbox(sending, sender, err);
}

/* The letter is safe: that nobody carries it yet is worth a word, not a failure. */
static void wake_agent(void)
{
	struct err err = ERR_INIT;

	if (notice_ring_or_start("", &err) < 0)
		tool_say(
		    PROGRAM,
		    _("The letter waits in the outbox, because ternd could not be started: %s"),
		    err.text);
}

static int do_send(const struct call *call, char **arguments)
{
	struct sending sending = {.call = call, .input = {.arena = arena_new()}};
	struct err err = ERR_INIT;
	int rc = send_letter(&sending, arguments, &err);

	letter_input_free(&sending.input);
	if (rc < 0)
		tool_say(PROGRAM, "%s", err.text);
	else
		wake_agent();
	return rc < 0 ? tool_exit_code(&err) : EX_OK;
}

/* --- mailq ---------------------------------------------------------------------------------- */

static void add_entry(struct buf *out, const struct outbox_entry *entry)
{
	size_t i;

	buf_printf(out, "%-6lld %8lld  ", (long long)entry->id, (long long)entry->size);
	date_add_rfc5322(out, entry->added);
	buf_add_str(out, "  ");
	utf8_add_printable(out, *entry->sender ? entry->sender : "<>",
			   *entry->sender ? strlen(entry->sender) : 2);
	buf_add_char(out, '\n');
	for (i = 0; i < entry->recipient_count; i++) {
		const struct outbox_recipient *recipient = &entry->recipients[i];

		buf_add_str(out, "        ");
		utf8_add_printable(out, recipient->addr, strlen(recipient->addr));
		buf_printf(out, "  (%s", outbox_state_name(recipient->state));
		if (*recipient->reply)
			buf_add_str(out, ": ");
		utf8_add_printable(out, recipient->reply, strlen(recipient->reply));
		buf_add_str(out, ")\n");
	}
}

static int list_queue(struct arena *arena, struct buf *out, struct err *err)
{
	struct outbox *outbox = outbox_open(err);
	struct outbox_entry *entries;
	size_t i, count;
	int rc = outbox ? outbox_list(outbox, false, arena, &entries, &count, err) : -1;

	for (i = 0; rc == 0 && i < count; i++)
		add_entry(out, &entries[i]);
	if (rc == 0 && count == 0)
		buf_printf(out, "%s\n", _("The outbox is empty."));
	outbox_close(&outbox);
	return rc;
}

static int do_queue(void)
{
	struct arena *arena = arena_new();
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	int rc = list_queue(arena, &out, &err);

	if (rc == 0)
		rc = file_write_fd(STDOUT_FILENO, buf_str(&out), out.len, &err);
	if (rc < 0)
		tool_say(PROGRAM, "%s", err.text);
	buf_free(&out);
	arena_free(&arena);
	return rc < 0 ? tool_exit_code(&err) : EX_OK;
}

static int do_flush(void)
{
	const struct notice flush = {.kind = NOTICE_FLUSH};
	struct err err = ERR_INIT;
	struct notice_conn *conn = notice_connect_or_start(AGENT_MS, &err);
	int rc = conn ? notice_send(conn, &flush) : -1;

	if (rc < 0)
		tool_say(PROGRAM, "%s", conn ? _("The agent (ternd) has just ended.") : err.text);
	notice_conn_free(&conn);
	return rc < 0 ? EX_TEMPFAIL : EX_OK;
}

/* --- the call ------------------------------------------------------------------------------- */

static int refuse(const char *sentence)
{
	tool_say(PROGRAM, "%s", sentence);
	return EX_USAGE;
}

static int choose_mode(struct call *call, const char *word)
{
	switch (*word) {
	case 'm':
		call->mode = MODE_SEND;
		return -1;
	case 'p':
		call->mode = MODE_QUEUE;
		return -1;
	case 'i': /* newaliases: they are read when they are needed */
		call->mode = MODE_NOTHING;
		return -1;
	case 's':
		return refuse(
		    _("-bs (SMTP on standard input) is not made yet; give the letter on standard "
		      "input with -t or with addresses."));
	case 'd':
	case 'D':
		return refuse(_("-bd (a server) is not what this program does; see ternd(8)."));
	default:
		return refuse(_("This -b mode is not known; -bm, -bp and -bi are."));
	}
}

static int choose_ret(struct call *call, const char *word)
{
	if (!str_equal_nocase(word, "full") && !str_equal_nocase(word, "hdrs"))
		return refuse(_("-R takes \"full\" or \"hdrs\"."));
	call->ret = str_equal_nocase(word, "full") ? "full" : "hdrs";
	return -1;
}

static bool is_notify_word(struct span word)
{
	return span_equal_nocase(word, "success") || span_equal_nocase(word, "failure") ||
	       span_equal_nocase(word, "delay");
}

static int choose_notify(struct call *call, const char *list)
{
	struct span rest = span_of(list), piece;

	call->notify = list;
	if (str_equal_nocase(list, "never"))
		return -1;
	while (span_split(&rest, ',', &piece))
		if (!is_notify_word(piece))
			return refuse(
			    _("-N takes \"never\" or a list of success, failure, delay."));
	return -1;
}

static int choose_envid(struct call *call, const char *word)
{
	const char *at;

	for (at = word; *at; at++)
		if (*at <= ' ' || *at > '~')
			return refuse(_("-V takes printable ASCII without spaces."));
	call->envid = word;
	return -1;
}

/* -1: go on; else the exit code. Options that change nothing here are taken and let go. */
static int read_option(int c, struct call *call)
{
	switch (c) {
	case 't':
		call->takes_recipients = true;
		return -1;
	case 'i':
		call->ignores_dots = true;
		return -1;
	case 'o':
		call->ignores_dots |= strcmp(optarg, "i") == 0;
		return -1;
	case 'f':
	case 'r':
		call->sender = optarg;
		return -1;
	case 'F':
		call->name = optarg;
		return -1;
	case 'b':
		return choose_mode(call, optarg);
	case 'q':
		call->mode = MODE_FLUSH;
		return -1;
	case 'N':
		return choose_notify(call, optarg);
	case 'R':
		return choose_ret(call, optarg);
	case 'V':
		return choose_envid(call, optarg);
	case 'C':
	case 'X':
		return refuse(
		    _("-C and -X are refused: no other configuration, no record of the talk."));
	case '?':
	case ':':
		return EX_USAGE;
	default:
		return -1;
	}
}

int main(int argc, char **argv)
{
	struct call call = {.mode = MODE_SEND};
	int c, rc;

	umask(077);
	i18n_start();
	if (strcmp(path_base(argv[0]), "mailq") == 0)
		call.mode = MODE_QUEUE;
	while ((c = tool_option(PROGRAM, argc, argv, "+A:B:C:F:GL:N:O:R:UV:X:b:d::e:f:h:imno:p:q::r:tvx", NULL)) !=
	       -1) {
		rc = read_option(c, &call);
		if (rc >= 0)
			return rc;
	}
	switch (call.mode) {
	case MODE_QUEUE:
		return do_queue();
	case MODE_FLUSH:
		return do_flush();
	case MODE_NOTHING:
		return EX_OK;
	default:
		return do_send(&call, argv + optind);
	}
}
