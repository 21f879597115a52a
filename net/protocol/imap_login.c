#include "config.h"
#include "net/protocol/imap_login.h"

#include <string.h>

#include "net/io/sasl.h"
#include "net/io/secret.h"
#include "net/protocol/imap_client.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"

#define TRIES_MAX 3 /* passwords that a person may type */

/* One round of signing in. */
struct attempt {
	struct imap_client *client;
	const struct imap_login *login;
	bool is_retry;
	int tried;	       /* mechanisms that got as far as the server */
	struct buf *mechanism; /* may be NULL */
};

static int password(void *arg, struct buf *out, struct err *err)
{
	struct attempt *attempt = arg;

	return attempt->login->password(attempt->login->arg, attempt->is_retry, out, err);
}

static int token(void *arg, struct buf *out, struct err *err)
{
	struct attempt *attempt = arg;

	return attempt->login->token(attempt->login->arg, attempt->is_retry, out, err);
}

static void note_mechanism(struct attempt *attempt, const char *name)
{
	if (!attempt->mechanism)
		return;
	buf_clear(attempt->mechanism);
	buf_add_str(attempt->mechanism, name);
}

/* --- STARTTLS --- */

static int start_tls(struct imap_client *client, bool is_preauth, struct err *err)
{
	if (is_preauth)
		return err_set_kind(
		    err, ERR_DENIED,
		    _("%s says that you are signed in before the connection is encrypted. Somebody "
		      "may stand in between: it is not used."),
		    imap_host(client));
	if (imap_ask_abilities(client, err))
		return -1;
	if (!client->can[IMAP_CAN_STARTTLS])
		return err_set_kind(
		    err, ERR_DENIED,
		    _("%s does not offer to encrypt the connection (STARTTLS), and your settings "
		      "want it: nothing was sent. Perhaps \"tls = implicit\" and port 993 are "
		      "right."),
		    imap_host(client));
	if (imap_run(client, err, "STARTTLS"))
		return err_add(err, _("encrypting the connection (STARTTLS)"));
	imap_forget_abilities(client);
	return stream_start_tls(client->stream, err);
}

/* --- AUTHENTICATE --- */

static int send_answer(struct imap_client *client, const struct buf *answer, struct err *err)
{
	return imap_add(client, (struct span){buf_str(answer), answer->len}, err) ||
		       imap_end(client, err)
		   ? -1
		   : 0;
}

/* The server asks, sasl answers, until the command itself is answered. */
static int converse(struct imap_client *client, struct sasl *sasl, int number, struct err *err)
{
	for (int i = 0; i <= IMAP_CONTINUATIONS_MAX; i++) {
		struct buf answer = BUF_INIT, challenge = BUF_INIT;
		struct span text;
		int rc = imap_continuation(client, number, &text, err);

		if (rc <= 0)
			return rc;
		buf_add(&challenge, text.data, text.len);
		if (sasl_step(sasl, buf_str(&challenge), &answer, err)) {
			buf_clear(&answer);
			buf_add_char(&answer, '*');
		}
		rc = send_answer(client, &answer, err);
		secret_wipe(&answer);
		buf_free(&answer);
		buf_free(&challenge);
		if (rc)
			return -1;
	}
	client->is_broken = true;
	return err_set_kind(err, ERR_CORRUPT, _("%s does not stop asking while you sign in."),
			    imap_host(client));
}

static int begin_mechanism(struct attempt *attempt, struct sasl *sasl, struct err *err)
{
	struct imap_client *client = attempt->client;
	struct buf line = BUF_INIT, answer = BUF_INIT;
	int number = -1;

	buf_printf(&line, "AUTHENTICATE %s", sasl_mechanism(sasl));
	if (!sasl_is_client_first(sasl) || !client->can[IMAP_CAN_SASL_IR]) {
		number = imap_begin(client, err, "%s", buf_str(&line));
	} else if (sasl_step(sasl, NULL, &answer, err) == 0) {
		buf_printf(&line, " %s", answer.len ? buf_str(&answer) : "=");
		number = imap_begin(client, err, "%s", buf_str(&line));
	}
	if (number > 0 && imap_end(client, err))
		number = -1;
	secret_wipe(&line);
	secret_wipe(&answer);
	buf_free(&line);
	buf_free(&answer);
	return number;
}

/* 1 signed in, 0 this way does not go (ERR says why), -1. */
static int try_mechanism(struct attempt *attempt, struct sasl *sasl, struct err *err)
{
	struct imap_client *client = attempt->client;
	int number, rc = 0;

	client->knows_abilities = false;
	stream_set_secret(client->stream, true);
	number = begin_mechanism(attempt, sasl, err);
	if (number > 0) {
		attempt->tried++;
		rc = converse(client, sasl, number, err);
	}
	if (number > 0 && rc == 0)
		rc = imap_finish(client, number, err);
	stream_set_secret(client->stream, false);
	if (client->is_broken)
		return -1;
	if (number < 0 || rc < 0)
		return 0;
	note_mechanism(attempt, sasl_mechanism(sasl));
	if (sasl_finish(sasl, err) == 0)
		return 1;
	client->is_broken = true;
	return -1;
}

static struct sasl_who who_of(struct attempt *attempt, unsigned char binding[32])
{
	const struct imap_login *login = attempt->login;
	struct stream *stream = attempt->client->stream;
	const struct tls *tls = stream_tls(stream);
	struct sasl_who who = {
	    .user = login->user,
	    .service = "imap",
	    .host = stream_host(stream),
	    .port = login->port,
	    .is_secure = stream_is_secure(stream),
	    .has_certificate = login->has_certificate && tls,
	    .only = login->only,
	    .promised = login->promised,
	    .account = login->account,
	    .is_wrong = login->is_wrong,
	    .password = login->password ? password : NULL,
	    .token = login->token ? token : NULL,
	    .arg = attempt,
	};

	if (tls && tls_channel_binding(tls, binding))
		who.channel_binding = binding;
	return who;
}

/* 1 signed in, 0 refused, -1. *IS_WRONG: another password may do. */
static int try_mechanisms(struct attempt *attempt, bool *is_wrong, struct err *err)
{
	unsigned char binding[32];
	struct sasl_who who = who_of(attempt, binding);
	struct sasl *sasl = sasl_new(buf_str(&attempt->client->mechanisms), &who, err);
	int rc = 0, next = 0;

	if (!sasl)
		return 0;
	while (rc == 0 && (next = sasl_next(sasl, err)) == 1)
		rc = try_mechanism(attempt, sasl, err);
	*is_wrong = sasl_password_was_refused(sasl);
	if (rc == 0 && next == 0)
		sasl_tell_held_back(sasl, err);
	sasl_free(&sasl);
	return next < 0 ? -1 : rc;
}

/* --- LOGIN --- */

static bool keeps_promise(struct attempt *attempt)
{
	unsigned char binding[32];
	struct sasl_who who = who_of(attempt, binding);
	struct buf words = BUF_INIT;
	bool keeps = sasl_may_login(buf_str(&attempt->client->mechanisms), &who, &words);

	buf_free(&words);
	return keeps;
}

static bool may_login(struct attempt *attempt)
{
	const char *only = attempt->login->only;
	struct span words = span_of(only ? only : "LOGIN"), word;

	if (attempt->client->can[IMAP_CANNOT_LOGIN] || !attempt->login->password ||
	    !stream_is_secure(attempt->client->stream) || !keeps_promise(attempt))
		return false;
	while (span_split(&words, ' ', &word))
		if (span_equal_nocase(word, "LOGIN"))
			return true;
	return false;
}

static int send_login(struct imap_client *client, const char *user, const struct buf *secret,
		      struct err *err)
{
	int number = imap_begin(client, err, "LOGIN ");

	if (number < 0 || imap_add_string(client, number, span_of(user), err) ||
	    imap_add(client, SPAN(" "), err) ||
	    imap_add_string(client, number, (struct span){buf_str(secret), secret->len}, err) ||
	    imap_end(client, err))
		return -1;
	return imap_finish(client, number, err);
}

static int login_command(struct attempt *attempt, bool *is_wrong, struct err *err)
{
	struct imap_client *client = attempt->client;
	struct buf secret = BUF_INIT;
	int rc = -1;

	if (password(attempt, &secret, err) == 0) {
		client->knows_abilities = false;
		stream_set_secret(client->stream, true);
		rc = send_login(client, attempt->login->user, &secret, err);
		stream_set_secret(client->stream, false);
		*is_wrong = rc != 0 && !client->is_broken;
	}
	secret_wipe(&secret);
	buf_free(&secret);
	note_mechanism(attempt, "LOGIN");
	return rc == 0 ? 1 : client->is_broken ? -1 : 0;
}

/* --- together --- */

static int nothing_works(struct attempt *attempt, struct err *err)
{
	unsigned char binding[32];
	struct sasl_who who = who_of(attempt, binding);
	struct buf words = BUF_INIT;

	if (sasl_can(buf_str(&attempt->client->mechanisms), &who, &words))
		sasl_may_login(buf_str(&attempt->client->mechanisms), &who, &words);
	if (!stream_is_secure(attempt->client->stream))
		err_set_kind(
		    err, ERR_DENIED,
		    _("The connection to %s is not encrypted: no password is sent over it."),
		    imap_host(attempt->client));
	else
		err_set_kind(err, ERR_DENIED, _("There is no way to sign in to %s. %s"),
			     imap_host(attempt->client), buf_str(&words));
	buf_free(&words);
	return -1;
}

static int attempt_once(struct attempt *attempt, bool *is_wrong, struct err *err)
{
	int rc;

	*is_wrong = false;
	attempt->tried = 0;
	rc = try_mechanisms(attempt, is_wrong, err);
	if (rc == 0 && attempt->tried == 0 && may_login(attempt))
		return login_command(attempt, is_wrong, err);
	if (rc == 0 && attempt->tried == 0 && (!err || err->kind == ERR_NONE))
		return nothing_works(attempt, err);
	return rc;
}

static int authenticate(struct imap_client *client, const struct imap_login *login,
			struct buf *mechanism, struct err *err)
{
	struct attempt attempt = {client, login, .mechanism = mechanism};
	struct err last = ERR_INIT;
	bool is_wrong = true;
	int rc = 0;

	for (int i = 0; i < TRIES_MAX && is_wrong && rc == 0; i++) {
		struct err now = ERR_INIT;

		attempt.is_retry = i > 0;
		rc = attempt_once(&attempt, &is_wrong, &now);
		if (i == 0 || attempt.tried > 0 || client->is_broken)
			last = now;
	}
	if (rc == 1)
		return 0;
	if (err)
		*err = last;
	if (err && err->kind == ERR_FAILED)
		err->kind = ERR_DENIED;
	return err_add(err, _("signing in to %s as %s"), imap_host(client), login->user);
}

/* --- what comes after --- */

static void note_enabled(struct imap_client *client, struct span word)
{
	if (imap_is(word, "QRESYNC"))
		client->is_qresync = client->is_condstore = true;
	else if (imap_is(word, "CONDSTORE"))
		client->is_condstore = true;
	else if (imap_is(word, "UTF8=ACCEPT"))
		client->is_utf8 = true;
}

static int hear_enabled(void *arg, const struct imap_said *said, struct imap_parse *parse,
			struct err *err)
{
	int token;

	if (said->kind != IMAP_SAID_ENABLED)
		return said->kind == IMAP_SAID_ID;
	while ((token = imap_next(parse, err)) == IMAP_ATOM)
		note_enabled(arg, parse->text);
	return token < 0 ? -1 : 1;
}

static int send_enable(struct imap_client *client, struct err *err)
{
	struct buf words = BUF_INIT;
	int number;

	if (client->can[IMAP_CAN_QRESYNC])
		buf_add_str(&words, " QRESYNC");
	if (client->can[IMAP_CAN_CONDSTORE])
		buf_add_str(&words, " CONDSTORE");
	if (client->can[IMAP_CAN_UTF8])
		buf_add_str(&words, " UTF8=ACCEPT");
	number = words.len ? imap_send(client, err, "ENABLE%s", buf_str(&words)) : 0;
	buf_free(&words);
	return number;
}

/* What a server refuses of this is not needed. */
static int introduce(struct imap_client *client, struct err *err)
{
	int id = 0, enable = 0, rc = 0;

	client->hear = hear_enabled;
	client->arg = client;
	if (client->can[IMAP_CAN_ID])
		id = imap_send(client, err, "ID (\"name\" \"Tern\" \"version\" \"%s\")",
			       PACKAGE_VERSION);
	if (id >= 0 && client->can[IMAP_CAN_ENABLE])
		enable = send_enable(client, err);
	if (id > 0)
		imap_finish(client, id, err);
	if (enable > 0 && !client->is_broken)
		imap_finish(client, enable, err);
	client->hear = NULL;
	rc = client->is_broken ? -1 : 0;
	if (rc == 0)
		err_clear(err);
	return rc;
}

static int deflate(struct imap_client *client, const struct imap_login *login, struct err *err)
{
	if (!login->wants_deflate || !client->can[IMAP_CAN_COMPRESS])
		return 0;
	if (imap_run(client, err, "COMPRESS DEFLATE") == 0)
		return stream_start_deflate(client->stream, err);
	if (client->is_broken)
		return -1;
	err_clear(err);
	return 0;
}

/* Somebody in between who lets us in unasked would be handed our letters, though not the password. */
static int refuse_preauth(struct imap_client *client, const struct imap_login *login, struct err *err)
{
	return err_set_kind(err, ERR_DENIED,
			    _("%s took %s before, and now lets anybody in (PREAUTH): somebody may stand in between, it "
			      "is not used. If you know that the server was changed: \"tern account forget-promises "
			      "%s\"."),
			    imap_host(client), login->promised, login->account ? login->account : "");
}

int imap_sign_in(struct imap_client *client, const struct imap_login *login, struct buf *mechanism,
		 struct err *err)
{
	bool is_preauth;

	if (imap_greeting(client, &is_preauth, err))
		return -1;
	if (login->tls == STREAM_STARTTLS && start_tls(client, is_preauth, err))
		return -1;
	if (imap_ask_abilities(client, err))
		return -1;
	if (is_preauth && login->promised)
		return refuse_preauth(client, login, err);
	if (is_preauth && mechanism)
		buf_add_str(mechanism, "PREAUTH");
	if (!is_preauth && authenticate(client, login, mechanism, err))
		return -1;
	if (imap_ask_abilities(client, err) || introduce(client, err))
		return -1;
	return deflate(client, login, err);
}
