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
#include "net/sync/pop3.h"
#include "net/sync/pop3_sign_in.h"
#include "net/transfer/submission.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"

#define CODE_LATER 75

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

static const char *advice(const struct err *err)
{
	switch (err->kind) {
	case ERR_DENIED:
		return _("To do: look at the user name, the password (\"password-command\", \"password-file\" or the "
			 "keyring), \"auth\", and at the certificate (\"ca\").");
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
	say(check, "  %s", advice(err));
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
	say(check, _("  %s is %s."), host, buf_str(&list));
	buf_free(&list);
}

static void look_up_place(struct check *check, const char *place)
{
	struct err err = ERR_INIT;
	char *host = NULL;
	int port;

	if (stream_parse_place(place, 0, &host, &port, &err) == 0 && *host != '/')
		look_up(check, host);
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
	look_up_place(check, setting(check, "submission"));
	submission = submission_new(check->conn);
	if (submission_check(submission, check->account, tell_step, check, &err) < 0)
		fail(check, &err);
	else
		say(check, _("  All is well: letters can be sent."));
	submission_free(&submission);
}

/* --- where mail comes from ----------------------------------------------------------------------- */

static int sign_in_pop3(struct check *check, struct store *store, struct tls_trust *trust, struct err *err)
{
	struct ask ask = {.conn = check->conn, .account = check->account->name};
	struct buf password = BUF_INIT;
	struct pop3_round round = {
	    .store = store, .ask = &ask, .trust = trust, .password = &password, .wake_fd = -1};
	struct pop3 *pop3 = pop3_sign_in(&round, err);
	int rc = pop3 ? 0 : -1;

	pop3_close(&pop3);
	secret_wipe(&password);
	return rc;
}

static int try_pop3(struct check *check, struct err *err)
{
	struct tls_trust *trust = tls_trust_new(account_setting(check->account, "ca"),
						account_setting(check->account, "certificate"),
						account_setting(check->account, "certificate-key"), err);
	struct store *store = trust ? store_open(check->account, NULL, err) : NULL;
	int rc = store ? sign_in_pop3(check, store, trust, err) : -1;

	store_close(&store);
	tls_trust_free(&trust);
	return rc;
}

static const struct {
	enum account_kind kind;
	int (*try)(struct check *check, struct err *err);
} kinds[] = {{ACCOUNT_POP3, try_pop3}};

static void check_server(struct check *check)
{
	struct err err = ERR_INIT;
	size_t i;

	if (check->account->kind <= ACCOUNT_MAILDIR) {
		say(check, _("Reading: the mail lies in %s."), check->account->path);
		return;
	}
	say(check, _("Reading: %s (%s)"), setting(check, "server"), account_kind_name(check->account->kind));
	look_up_place(check, setting(check, "server"));
	for (i = 0; i < ARRAY_COUNT(kinds); i++)
		if (kinds[i].kind == check->account->kind) {
			if (kinds[i].try(check, &err) < 0)
				fail(check, &err);
			else
				say(check, _("  All is well: mail can be fetched."));
			return;
		}
	say(check, _("  Signing in there is not checked by this version."));
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
