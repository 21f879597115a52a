#include "config.h"
#include "net/check.h"

#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/io/ask.h"
#include "net/io/secret.h"
#include "net/io/stream.h"
#include "net/io/tls.h"
#include "net/protocol/pop3_client.h"
#include "net/protocol/imap_client.h"
#include "net/sync/backend.h"
#include "net/sync/imap.h"
#include "net/sync/pop3.h"
#include "net/sync/pop3_sign_in.h"
#include "net/transfer/submission.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

#define CODE_LATER	 75
#define PORT_SUBMISSION	 587
#define PORT_SUBMISSIONS 465

struct check {
	struct notice_conn *conn;
	const struct account *account;
	int code; /* the worst so far */
};

static void say(struct check *check, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct check *check, const char *fmt, ...)
{
	struct notice line = {.kind = NOTICE_PROGRESS};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line.text, sizeof line.text, fmt, ap);
	va_end(ap);
	snprintf(line.account, sizeof line.account, "%s", check->account->name);
	notice_send(check->conn, &line);
}

static const char *setting(const struct check *check, const char *key)
{
	const char *value = account_setting(check->account, key);

	return value ? value : "";
}

/* --- what to do ---------------------------------------------------------------------------------- */

static const char *advice(const struct check *check, const struct err *err)
{
	if (err->kind == ERR_DENIED && secret_has_token(check->account) && !*setting(check, "token-command"))
		return _("To do: sign in anew by OAuth2, by \"tern account authorize\" and the account's name; look at "
			 "the user name, too.");
	switch (err->kind) {
	case ERR_DENIED:
		return _("To do: look at the user name, the password (\"tern account password\" and the account's name "
			 "changes it), \"auth\", and at the certificate (\"ca\").");
	case ERR_TEMPORARY:
	case ERR_SYSTEM:
		return _("To do: is the network there, and are the server's name and port right? Otherwise try again "
			 "later.");
	case ERR_USAGE:
		return _("To do: mend the account's settings.");
	default:
		return _("To do: ask who runs the server, with the words above.");
	}
}

static void fail(struct check *check, const struct err *err)
{
	int code = err->kind == ERR_TEMPORARY || err->kind == ERR_SYSTEM ? CODE_LATER : 1;

	say(check, "  %s", err->text);
	say(check, "  %s", advice(check, err));
	if (check->code != 1)
		check->code = code;
}

/* --- the name ------------------------------------------------------------------------------------ */

static void add_address(struct buf *out, const struct addrinfo *one)
{
	char text[NI_MAXHOST];

	if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
		buf_printf(out, "%s%s", out->len ? ", " : "", text);
}

static void look_up(struct check *check, const char *host)
{
	const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
	int64_t began = loop_now_ms();
	struct addrinfo *found, *one;
	struct buf list = BUF_INIT;
	int rc = getaddrinfo(host, NULL, &wanted, &found);

	if (rc != 0) {
		say(check, _("  The name %s is not known to DNS: %s."), host, gai_strerror(rc));
		return;
	}
	for (one = found; one; one = one->ai_next)
		add_address(&list, one);
	freeaddrinfo(found);
	say(check, _("  %s is %s. (%lld ms)"), host, buf_str(&list), (long long)(loop_now_ms() - began));
	buf_free(&list);
}

/* Only the connection: nothing is said over it. Why it fails is told by what comes next. */
static void knock(struct check *check, const char *host, int port)
{
	const struct stream_options options = {.host = host, .port = port, .tls = STREAM_STARTTLS, .wake_fd = -1};
	int64_t began = loop_now_ms();
	struct stream *stream = stream_connect(&options, NULL);

	if (stream)
		say(check, _("  Connected to port %d. (%lld ms)"), port, (long long)(loop_now_ms() - began));
	stream_close(&stream);
}

static void look_up_place(struct check *check, const char *place, int default_port)
{
	struct err err = ERR_INIT;
	char *host = NULL;
	int port;

	if (stream_parse_place(place, default_port, &host, &port, &err) == 0 && *host != '/') {
		look_up(check, host);
		knock(check, host, port);
	}
	free(host);
}

/* --- where letters are given to ------------------------------------------------------------------ */

static void tell_step(void *arg, const char *what)
{
	say(arg, "  %s", what);
}

static void check_submission(struct check *check)
{
	struct submission *submission;
	struct err err = ERR_INIT;

	if (!submission_can(check->account)) {
		say(check, _("Sending: no server is set (\"submission\"); letters to other computers cannot go."));
		return;
	}
	say(check, _("Sending: %s"), setting(check, "submission"));
	look_up_place(check, setting(check, "submission"),
		      *setting(check, "submission-tls") && strcmp(setting(check, "submission-tls"), "implicit") != 0
			  ? PORT_SUBMISSION
			  : PORT_SUBMISSIONS);
	submission = submission_new(check->conn);
	if (submission_check(submission, check->account, tell_step, check, &err) < 0)
		fail(check, &err);
	else
		say(check, _("  All is well: letters can be sent."));
	submission_free(&submission);
}

/* --- where mail comes from ----------------------------------------------------------------------- */

static void say_tls(struct check *check, const struct stream *stream)
{
	struct buf words = BUF_INIT;

	if (stream_is_tls(stream)) {
		tls_words(stream_tls(stream), &words);
		buf_add_str(&words, "; ");
		tls_peer_words(stream_tls(stream), &words);
	} else {
		buf_add_str(&words, _("Not encrypted, within this computer."));
	}
	say(check, "  %s", buf_str(&words));
	buf_free(&words);
}

static const char *user_of(const struct check *check)
{
	return *setting(check, "user") ? setting(check, "user") : check->account->address;
}

static struct tls_trust *trust_of(struct check *check, struct err *err)
{
	return tls_trust_new(account_setting(check->account, "ca"), account_setting(check->account, "certificate"),
			     account_setting(check->account, "certificate-key"), err);
}

static void say_pop3(struct check *check, struct pop3 *pop3)
{
	struct pop3_message *messages = NULL;
	struct err err = ERR_INIT;
	size_t count = 0;

	say_tls(check, pop3_stream(pop3));
	say(check, _("  Signed in as %s."), user_of(check));
	if (pop3_list(pop3, &messages, &count, &err) < 0)
		fail(check, &err);
	else
		say(check, ngettext("  %zu letter is there.", "  %zu letters are there.", count), count);
	pop3_messages_free(&messages, &count);
}

static int try_pop3(struct check *check, struct err *err)
{
	struct ask ask = {.conn = check->conn, .account = check->account->name};
	struct tls_trust *trust = trust_of(check, err);
	struct buf password = BUF_INIT;
	struct pop3_round round = {
	    .account = check->account, .ask = &ask, .trust = trust, .password = &password, .wake_fd = -1};
	struct pop3 *pop3 = trust ? pop3_sign_in(&round, err) : NULL;
	int rc = pop3 ? 0 : -1;

	if (pop3)
		say_pop3(check, pop3);
	pop3_close(&pop3);
	secret_wipe(&password);
	tls_trust_free(&trust);
	return rc;
}

/* What makes a difference that a person can feel. */
static const struct {
	enum imap_ability ability;
	const char *name, *without;
} abilities[] = {
    {IMAP_CAN_IDLE, "IDLE", N_("new mail is looked for every five minutes")},
    {IMAP_CAN_CONDSTORE, "CONDSTORE", N_("all flags are compared at each look")},
    {IMAP_CAN_QRESYNC, "QRESYNC", NULL},
    {IMAP_CAN_MOVE, "MOVE", NULL},
    {IMAP_CAN_UIDPLUS, "UIDPLUS", N_("what is moved is looked for again")},
    {IMAP_CAN_SPECIAL_USE, "SPECIAL-USE", N_("what folders are for is guessed by their names")},
    {IMAP_CAN_NOTIFY, "NOTIFY", NULL},
    {IMAP_CAN_LIST_STATUS, "LIST-STATUS", NULL},
    {IMAP_CAN_ESEARCH, "ESEARCH", NULL},
    {IMAP_CAN_COMPRESS, "COMPRESS", NULL},
    {IMAP_CAN_BINARY, "BINARY", NULL},
    {IMAP_CAN_UTF8, "UTF8", NULL},
    {IMAP_CAN_GMAIL, "X-GM-EXT-1", NULL},
};

static void say_abilities(struct check *check, const struct imap_client *client)
{
	struct buf has = BUF_INIT;

	for (size_t i = 0; i < ARRAY_COUNT(abilities); i++)
		if (client->can[abilities[i].ability])
			buf_printf(&has, "%s%s", has.len ? " " : "", abilities[i].name);
	say(check, _("  The server can: %s."), has.len ? buf_str(&has) : "-");
	for (size_t i = 0; i < ARRAY_COUNT(abilities); i++)
		if (!client->can[abilities[i].ability] && abilities[i].without)
			say(check, _("  It has no %s: %s."), abilities[i].name, _(abilities[i].without));
	buf_free(&has);
}

static const struct {
	enum account_role role;
	const char *title;
} roles[] = {
    {ROLE_DRAFTS, N_("drafts")},	 {ROLE_SENT, N_("sent letters")},	   {ROLE_TRASH, N_("trash")},
    {ROLE_ARCHIVE, N_("archive")}, {ROLE_JUNK, N_("junk")},
};

struct listing {
	size_t count;
	struct buf names[ROLE_JUNK + 1];
};

static int take_mailbox(void *arg, const struct backend_mailbox *mailbox, struct err *err)
{
	struct listing *listing = arg;

	(void)err;
	listing->count++;
	if (mailbox->role != ROLE_NONE && mailbox->name && !listing->names[mailbox->role].len)
		buf_add_str(&listing->names[mailbox->role], mailbox->name);
	return 0;
}

static void say_folders(struct check *check, struct backend *backend)
{
	struct listing listing = {.count = 0};
	struct err err = ERR_INIT;
	size_t i;

	if (backend->ops->list(backend, take_mailbox, &listing, &err) < 0)
		fail(check, &err);
	else
		say(check, ngettext("  %zu folder.", "  %zu folders.", listing.count), listing.count);
	for (i = 0; err.kind == ERR_NONE && i < ARRAY_COUNT(roles); i++) {
		if (listing.names[roles[i].role].len)
			say(check, _("  The folder for %s is \"%s\"."), _(roles[i].title),
			    buf_str(&listing.names[roles[i].role]));
		else
			say(check, _("  There is no folder for %s."), _(roles[i].title));
	}
	for (i = 0; i < ARRAY_COUNT(listing.names); i++)
		buf_free(&listing.names[i]);
}

static int try_imap(struct check *check, struct err *err)
{
	struct ask ask = {.conn = check->conn, .account = check->account->name};
	const struct imap_options options = {.account = check->account, .ask = &ask, .wake_fd = -1};
	int64_t began = loop_now_ms();
	struct backend *backend = imap_open(&options, err);

	if (!backend)
		return -1;
	say_tls(check, imap_client_of(backend)->stream);
	say(check, _("  Signed in as %s by %s. (%lld ms)"), user_of(check), imap_mechanism(backend),
	    (long long)(loop_now_ms() - began));
	say_abilities(check, imap_client_of(backend));
	say_folders(check, backend);
	backend->ops->close(backend);
	return 0;
}

static const struct {
	enum account_kind kind;
	int (*try)(struct check *check, struct err *err);
	int port, port_tls;
} kinds[] = {
    {ACCOUNT_IMAP, try_imap, IMAP_PORT, IMAPS_PORT},
    {ACCOUNT_POP3, try_pop3, 110, 995},
};

static void try_kind(struct check *check, size_t which)
{
	const char *tls = setting(check, "tls");
	struct err err = ERR_INIT;
	int code = check->code;

	look_up_place(check, setting(check, "server"),
		      *tls && strcmp(tls, "implicit") != 0 ? kinds[which].port : kinds[which].port_tls);
	if (kinds[which].try(check, &err) < 0)
		fail(check, &err);
	else if (check->code == code)
		say(check, _("  All is well: mail can be fetched."));
}

static void check_server(struct check *check)
{
	size_t i;

	if (check->account->kind <= ACCOUNT_MAILDIR) {
		say(check, _("Reading: the mail lies in %s."), check->account->path);
		return;
	}
	say(check, _("Reading: %s (%s)"), setting(check, "server"), account_kind_name(check->account->kind));
	for (i = 0; i < ARRAY_COUNT(kinds); i++)
		if (kinds[i].kind == check->account->kind) {
			try_kind(check, i);
			return;
		}
	say(check, _("  Fetching by %s comes with a later version."), account_kind_name(check->account->kind));
	check->code = 1;
}

int check_run(struct notice_conn *conn, const char *argument)
{
	struct account_list list = {.count = 0};
	struct check check = {.conn = conn};
	struct notice done = {.kind = NOTICE_JOB_DONE, .code = 1};
	struct err err = ERR_INIT;

	secret_guard();
	if (account_load(&list, &err) == 0 && !(check.account = account_find(&list, argument)))
		err_set(&err, _("There is no account \"%s\"."), argument);
	if (check.account) {
		check_server(&check);
		check_submission(&check);
		done.code = check.code;
	}
	snprintf(done.text, sizeof done.text, "%s", err.text);
	notice_send(conn, &done);
	account_list_free(&list);
	return 0;
}
