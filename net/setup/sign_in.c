#include "config.h"
#include "net/setup/sign_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/ask.h"
#include "net/io/secret.h"
#include "net/protocol/pop3_client.h"
#include "net/setup/probe.h"
#include "net/sync/imap.h"
#include "net/sync/pop3.h"
#include "net/sync/pop3_sign_in.h"
#include "net/transfer/submission.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/domain.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"

static void say(struct sign_in *sign_in, bool is_done, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void say(struct sign_in *sign_in, bool is_done, const char *fmt, ...)
{
	char words[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	sign_in->step(sign_in->arg, is_done, words);
}

/* --- fetching ------------------------------------------------------------------------------------- */

static int try_imap(struct sign_in *sign_in, const struct account *account, struct err *err)
{
	const struct imap_options options = {
	    .account = account, .ask = sign_in->ask, .trust = sign_in->trust, .wake_fd = -1};
	struct backend *backend = imap_open(&options, err);

	if (!backend)
		return -1;
	say(sign_in, true, _("Signed in as %s by %s."), sign_in->wish->user, imap_mechanism(backend));
	backend->ops->close(backend);
	return 0;
}

static int try_pop3(struct sign_in *sign_in, const struct account *account, struct err *err)
{
	struct buf password = BUF_INIT;
	struct pop3_round round = {.account = account,
				   .trust = sign_in->trust,
				   .ask = sign_in->ask,
				   .password = &password,
				   .wake_fd = -1};
	struct pop3 *pop3 = pop3_sign_in(&round, err);

	secret_wipe(&password);
	if (!pop3)
		return -1;
	say(sign_in, true, _("Signed in to %s as %s."), sign_in->wish->server, sign_in->wish->user);
	pop3_close(&pop3);
	return 0;
}

static int try_once(struct sign_in *sign_in, struct err *err)
{
	struct wish_settings settings;
	struct account account;

	say(sign_in, false, _("Signing in to %s as %s"), sign_in->wish->server, sign_in->wish->user);
	sign_in->ask->was_secret_given = sign_in->ask->is_wrong = false;
	wish_account(sign_in->wish, &settings, &account);
	return account.kind == ACCOUNT_POP3 ? try_pop3(sign_in, &account, err) : try_imap(sign_in, &account, err);
}

/* ... and something else may be taken. */
static bool is_refused(const struct sign_in *sign_in, const struct err *err)
{
	return err->kind == ERR_DENIED && !sign_in->ask->was_distrusted;
}

/* --- what answers there --------------------------------------------------------------------------- */

static bool is_at_once(const char *tls)
{
	return !*tls || strcmp(tls, "implicit") == 0;
}

static enum probe probe_as(struct sign_in *sign_in, bool is_implicit, struct buf *words)
{
	struct place place;

	if (wish_place(sign_in->wish, &place) < 0)
		return PROBE_NO;
	place.tls = is_implicit ? STREAM_TLS : STREAM_STARTTLS;
	return probe_place(&place, sign_in->trust, words);
}

static int wrong_tls(struct sign_in *sign_in, bool speaks_at_once, struct err *err)
{
	if (speaks_at_once)
		return err_set_kind(err, ERR_USAGE, _("%s speaks TLS at once: choose \"implicit\" for it."),
				    sign_in->wish->server);
	return err_set_kind(err, ERR_USAGE, _("%s does not speak TLS at once: choose \"starttls\" for it."),
			    sign_in->wish->server);
}

/* What was given by hand is spoken to before anybody waits long for a word that will not come. */
static int check_server(struct sign_in *sign_in, struct err *err)
{
	bool is_implicit = is_at_once(sign_in->wish->tls);
	struct buf words = BUF_INIT, other = BUF_INIT;
	int rc;

	say(sign_in, false, _("Trying %s %s"), sign_in->wish->kind, sign_in->wish->server);
	if (probe_as(sign_in, is_implicit, &words) != PROBE_NO)
		rc = 0;
	else if (probe_as(sign_in, !is_implicit, &other) != PROBE_NO)
		rc = wrong_tls(sign_in, !is_implicit, err);
	else
		rc = err_set_kind(err, ERR_TEMPORARY, _("%s does not answer as a mail server: %s"),
				  sign_in->wish->server, buf_str(&words));
	buf_free(&words);
	buf_free(&other);
	return rc;
}

/* A server of this machine may know no TLS: what is said to it goes over no wire. */
static int try_tls(struct sign_in *sign_in, struct err *err)
{
	char host[PLACE_TEXT_SIZE];

	if (try_once(sign_in, err) == 0)
		return 0;
	wish_host(sign_in->wish->server, host, sizeof host);
	if (!is_refused(sign_in, err) || sign_in->ask->was_secret_given ||
	    strcmp(sign_in->wish->tls, "starttls") != 0 ||
	    !domain_is_here(host))
		return -1;
	snprintf(sign_in->wish->tls, sizeof sign_in->wish->tls, "none");
	err_clear(err);
	if (try_once(sign_in, err) == 0)
		return 0;
	snprintf(sign_in->wish->tls, sizeof sign_in->wish->tls, "starttls");
	return -1;
}

static int try_user(struct sign_in *sign_in, const char *user, size_t len, struct err *err)
{
	snprintf(sign_in->wish->user, sizeof sign_in->wish->user, "%.*s", (int)len, user);
	err_clear(err);
	return try_tls(sign_in, err);
}

/* Where the domain is a machine's, its people's names are what it knows. */
static bool prefers_short(const char *domain)
{
	return !strchr(domain, '.') || *domain == '[' || str_equal_nocase(domain, "localhost");
}

int sign_in_fetch(struct sign_in *sign_in, struct err *err)
{
	const char *address = sign_in->wish->address, *at = strrchr(address, '@');
	size_t whole = strlen(address), part = (size_t)(at - address);
	bool is_short_first = prefers_short(at + 1);
	struct err first = ERR_INIT;

	if (!sign_in->was_found && check_server(sign_in, err) < 0)
		return -1;
	if (*sign_in->wish->user)
		return try_tls(sign_in, err);
	if (try_user(sign_in, address, is_short_first ? part : whole, &first) == 0)
		return 0;
	if (is_refused(sign_in, &first) && !sign_in->ask->is_wrong &&
	    try_user(sign_in, address, is_short_first ? whole : part, err) == 0)
		return 0;
	*sign_in->wish->user = '\0';
	*err = first;
	return -1;
}

/* --- sending -------------------------------------------------------------------------------------- */

static void ignore_step(void *arg, const char *what)
{
	(void)arg, (void)what;
}

int sign_in_send(struct sign_in *sign_in, struct err *err)
{
	struct submission *submission = submission_new(sign_in->conn);
	struct wish_settings settings;
	struct account account;
	int rc;

	say(sign_in, false, _("Signing in to %s as %s"), sign_in->wish->submission, sign_in->wish->user);
	wish_account(sign_in->wish, &settings, &account);
	rc = submission_check(submission, &account, ignore_step, NULL, err);
	submission_free(&submission);
	if (rc < 0)
		say(sign_in, true, "%s", err->text);
	else
		say(sign_in, true, _("%s takes letters from %s."), sign_in->wish->submission, sign_in->wish->user);
	return rc;
}
