#include "config.h"
#include "net/io/sasl.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/secret.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"

#define STEPS_MAX      10
#define CHALLENGE_MAX  131072  /* in base64; a Kerberos ticket with much in it has 64 KB */
#define ITERATIONS_MAX 1000000 /* SCRAM: more would only cost us time, a second already */
#define BINDING_SIZE   32

/* Refused by one of a group, the secret would be refused by the others of it too. */
enum group {
	GROUP_CERTIFICATE,
	GROUP_TOKEN,
	GROUP_TICKET,
	GROUP_BOUND, /* SCRAM that is bound to the connection */
	GROUP_SCRAM,
	GROUP_DIGEST,
	GROUP_READABLE,
};

struct mechanism {
	const char *name;
	enum group group;
	bool is_client_first;
	bool is_readable; /* what it sends is as good as the password */
};

static const struct mechanism mechanisms[] = {
    {"EXTERNAL", GROUP_CERTIFICATE, true, false},
    {"OAUTHBEARER", GROUP_TOKEN, true, true},
    {"XOAUTH2", GROUP_TOKEN, true, true},
    {"GSSAPI", GROUP_TICKET, true, false},
    {"SCRAM-SHA-256-PLUS", GROUP_BOUND, true, false},
    {"SCRAM-SHA-1-PLUS", GROUP_BOUND, true, false},
    {"SCRAM-SHA-256", GROUP_SCRAM, true, false},
    {"SCRAM-SHA-1", GROUP_SCRAM, true, false},
    {"CRAM-MD5", GROUP_DIGEST, false, false},
    {"PLAIN", GROUP_READABLE, true, true},
    {"LOGIN", GROUP_READABLE, false, true},
};

struct sasl {
	const struct sasl_who *who;
	char *offered;
	Gsasl *gsasl;
	Gsasl_session *session;	     /* of now, but not for a token */
	const struct mechanism *now; /* NULL: none */
	size_t next;
	int steps;
	bool is_done;	  /* our side has all it wants */
	bool used_secret; /* now has */
	bool is_liar;	  /* the server pretended to know the password */
	unsigned refused; /* groups whose secret was refused */
	int tried;	  /* the strength of the strongest that the server has heard */
	bool is_held;	  /* a weaker one was passed over for the sake of a promise */
	bool lacks_ticket;
	struct buf first; /* GSSAPI's first message: it had to be made to know that there is a ticket */
	char *binding;	  /* in base64, or NULL */
	struct buf secrets[2];
	bool asked[2];
	struct err why; /* what password() or token() said */
};

enum { PASSWORD, TOKEN };

static const char no_proof[] = N_("The server did not prove that it knows the password; perhaps it is not the "
				  "one it claims to be.");

/* --- which may work ------------------------------------------------------------------------------ */

static bool is_in(const char *words, const char *word)
{
	struct span rest = span_of(words), piece;

	while (span_split(&rest, ' ', &piece) > 0)
		if (span_equal_nocase(piece, word))
			return true;
	return false;
}

static bool needs_password(const struct mechanism *mechanism)
{
	return mechanism->group >= GROUP_BOUND;
}

static bool has_what_it_needs(const struct sasl_who *who, const struct mechanism *mechanism)
{
	switch (mechanism->group) {
	case GROUP_CERTIFICATE:
		return who->has_certificate;
	case GROUP_TOKEN:
		return who->token != NULL;
	case GROUP_TICKET:
		return who->host && who->service;
	case GROUP_BOUND:
		return who->password && who->channel_binding;
	default:
		return who->password != NULL;
	}
}

static bool is_allowed(const struct sasl_who *who, const struct mechanism *mechanism)
{
	return (who->is_secure || !mechanism->is_readable) &&
	       (!who->only || is_in(who->only, mechanism->name));
}

static bool may_work(const char *offered, const struct sasl_who *who, const struct mechanism *mechanism)
{
	return is_in(offered, mechanism->name) && is_allowed(who, mechanism) &&
	       has_what_it_needs(who, mechanism);
}

/* --- what was promised once ------------------------------------------------------------------------ */

static const int strengths[] = {
    [GROUP_READABLE] = 1, [GROUP_TOKEN] = 2,  [GROUP_DIGEST] = 3,      [GROUP_SCRAM] = 4,
    [GROUP_BOUND] = 5,	  [GROUP_TICKET] = 6, [GROUP_CERTIFICATE] = 7,
};

static const struct mechanism *find(const char *name)
{
	size_t i;

	for (i = 0; name && i < ARRAY_COUNT(mechanisms); i++)
		if (str_equal_nocase(mechanisms[i].name, name))
			return &mechanisms[i];
	return NULL;
}

int sasl_strength(const char *name)
{
	const struct mechanism *mechanism = find(name);

	return mechanism ? strengths[mechanism->group] : 0;
}

static int strongest_in(const char *names)
{
	int strength = 0;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(mechanisms); i++)
		if (is_in(names, mechanisms[i].name) && strengths[mechanisms[i].group] > strength)
			strength = strengths[mechanisms[i].group];
	return strength;
}

/* A person who names weaker ones in the settings wants them. */
static int wanted_strength(const struct sasl_who *who)
{
	int promised = sasl_strength(who->promised), named = who->only ? strongest_in(who->only) : promised;

	return named < promised ? named : promised;
}

/* A certificate, a ticket, a token may be missing on our side; only where the server gave it up, or refused it (TRIED),
 * is the password held back instead. */
static bool is_held_back(const char *offered, const struct sasl_who *who, const struct mechanism *mechanism, int tried)
{
	const struct mechanism *promised = find(who->promised);
	int wanted = wanted_strength(who);

	if (!promised || !needs_password(mechanism) || strengths[mechanism->group] >= wanted)
		return false;
	return needs_password(promised) || tried >= wanted || strongest_in(offered) < wanted;
}

static void explain_promise(const char *names, const struct sasl_who *who, struct buf *words)
{
	buf_printf(words,
		   _("The server took %s before, and offers only %s now: the password is not sent in a weaker way, for "
		     "somebody may stand in between. If you know that the server was changed: "
		     "\"tern account forget-promises %s\"."),
		   who->promised, *names ? names : "-", who->account ? who->account : "");
}

static bool is_only_held_back(const char *offered, const struct sasl_who *who)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(mechanisms); i++)
		if (may_work(offered, who, &mechanisms[i]) && is_held_back(offered, who, &mechanisms[i], 0))
			return true;
	return false;
}

/* Names of mechanisms are of these characters (RFC 4422 3.1): what else a server writes is not shown. */
static void add_names(struct buf *words, const char *offered)
{
	struct span rest = span_of(offered), piece;
	size_t i, count = 0;

	while (span_split(&rest, ' ', &piece) > 0 && count < 20) {
		if (piece.len == 0)
			continue;
		buf_add_str(words, count++ ? ", " : "");
		for (i = 0; i < piece.len && i < 20; i++)
			if (char_is_alnum(piece.data[i]) || strchr("-_", piece.data[i]))
				buf_add_char(words, piece.data[i]);
	}
}

static bool is_only_unsafe(const char *offered, const struct sasl_who *who)
{
	struct sasl_who safe = *who;
	size_t i;

	safe.is_secure = true;
	for (i = 0; i < ARRAY_COUNT(mechanisms); i++)
		if (may_work(offered, &safe, &mechanisms[i]))
			return true;
	return false;
}

static void explain(const char *offered, const struct sasl_who *who, struct buf *words)
{
	struct buf names = BUF_INIT;

	add_names(&names, offered);
	if (who->promised && (names.len == 0 || is_only_held_back(offered, who)))
		explain_promise(buf_str(&names), who, words);
	else if (names.len == 0)
		buf_add_str(words, _("The server offers no way of signing in."));
	else if (is_only_unsafe(offered, who))
		buf_printf(words,
			   _("The server offers to sign in by %s only, which would send the password "
			     "readable over a connection that is not secure."),
			   buf_str(&names));
	else if (who->only)
		buf_printf(words,
			   _("The server offers to sign in by %s; the account's setting \"auth\" allows "
			     "none of these."),
			   buf_str(&names));
	else
		buf_printf(words, _("The server offers to sign in by %s; none of these can be used here."),
			   buf_str(&names));
	buf_free(&names);
}

bool sasl_can(const char *offered, const struct sasl_who *who, struct buf *words)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(mechanisms); i++)
		if (may_work(offered, who, &mechanisms[i]) && !is_held_back(offered, who, &mechanisms[i], 0))
			return true;
	if (words)
		explain(offered, who, words);
	return false;
}

bool sasl_may_login(const char *offered, const struct sasl_who *who, struct buf *words)
{
	if (!is_held_back(offered, who, find("LOGIN"), 0))
		return true;
	if (words)
		explain_promise("LOGIN", who, words);
	return false;
}

/* --- what libgsasl asks for ---------------------------------------------------------------------- */

/* Without "-PLUS" libgsasl (2.2) cannot say that we could have bound ("y", RFC 5802 section 6): given a
 * binding it makes no message at all. */
static const char *binding_of(const struct sasl *sasl)
{
	return sasl->now->group == GROUP_BOUND ? sasl->binding : NULL;
}

static int give(Gsasl_session *session, Gsasl_property property, const char *value)
{
	return value ? gsasl_property_set(session, property, value) : GSASL_NO_CALLBACK;
}

static int give_password(struct sasl *sasl, Gsasl_session *session)
{
	sasl->used_secret = true;
	return give(session, GSASL_PASSWORD, buf_str(&sasl->secrets[PASSWORD]));
}

/* Where somebody else than this account's user might be who is known by certificate or ticket, the server
 * is told whom we mean. */
static const char *authorization_of(const struct sasl *sasl)
{
	bool is_known_otherwise =
	    sasl->now->group == GROUP_CERTIFICATE || sasl->now->group == GROUP_TICKET;

	return is_known_otherwise ? sasl->who->user : NULL;
}

static int answer_gsasl(Gsasl *gsasl, Gsasl_session *session, Gsasl_property property)
{
	struct sasl *sasl = gsasl_callback_hook_get(gsasl);

	switch (property) {
	case GSASL_AUTHID:
		return give(session, property, sasl->who->user);
	case GSASL_AUTHZID:
		return give(session, property, authorization_of(sasl));
	case GSASL_PASSWORD:
		return give_password(sasl, session);
	case GSASL_SERVICE:
		return give(session, property, sasl->who->service);
	case GSASL_HOSTNAME:
		return give(session, property, sasl->who->host);
	case GSASL_CB_TLS_EXPORTER:
		return give(session, property, binding_of(sasl));
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* --- life ---------------------------------------------------------------------------------------- */

static char *binding_text(const unsigned char *binding)
{
	struct buf text = BUF_INIT;

	if (!binding)
		return NULL;
	digest_add_base64(&text, binding, BINDING_SIZE);
	return buf_take(&text);
}

struct sasl *sasl_new(const char *offered, const struct sasl_who *who, struct err *err)
{
	struct sasl *sasl = mem_alloc(sizeof *sasl);

	sasl->who = who;
	sasl->offered = mem_strdup(offered);
	sasl->binding = binding_text(who->channel_binding);
	if (gsasl_init(&sasl->gsasl) != GSASL_OK) {
		err_set(err, _("The library for signing in (libgsasl) does not work."));
		sasl_free(&sasl);
		return NULL;
	}
	gsasl_callback_set(sasl->gsasl, answer_gsasl);
	gsasl_callback_hook_set(sasl->gsasl, sasl);
	return sasl;
}

/* Libgsasl frees its copies without wiping them. */
static void wipe_property(Gsasl_session *session, Gsasl_property property)
{
	char *copy = (char *)gsasl_property_fast(session, property);

	if (copy)
		explicit_bzero(copy, strlen(copy));
}

static void end_session(struct sasl *sasl)
{
	if (!sasl->session)
		return;
	wipe_property(sasl->session, GSASL_PASSWORD);
	wipe_property(sasl->session, GSASL_SCRAM_SALTED_PASSWORD);
	gsasl_finish(sasl->session);
	sasl->session = NULL;
}

void sasl_free(struct sasl **sasl)
{
	if (!*sasl)
		return;
	end_session(*sasl);
	if ((*sasl)->gsasl)
		gsasl_done((*sasl)->gsasl);
	secret_wipe(&(*sasl)->secrets[PASSWORD]);
	secret_wipe(&(*sasl)->secrets[TOKEN]);
	buf_free(&(*sasl)->first);
	free((*sasl)->binding);
	free((*sasl)->offered);
	free(*sasl);
	*sasl = NULL;
}

/* --- one mechanism after the other --------------------------------------------------------------- */

static bool has_secret(struct sasl *sasl, int which)
{
	int (*ask)(void *, struct buf *, struct err *) =
	    which == TOKEN ? sasl->who->token : sasl->who->password;

	if (!sasl->asked[which]) {
		sasl->asked[which] = true;
		if (ask(sasl->who->arg, &sasl->secrets[which], &sasl->why) < 0)
			secret_wipe(&sasl->secrets[which]);
	}
	return sasl->secrets[which].len > 0;
}

static bool has_secret_for(struct sasl *sasl, const struct mechanism *mechanism)
{
	if (needs_password(mechanism))
		return has_secret(sasl, PASSWORD);
	return mechanism->group != GROUP_TOKEN || has_secret(sasl, TOKEN);
}

/* 1 with (maybe) a message, 0 when nothing more is expected of us either, -1. The message is wiped. */
static int step_gsasl(struct sasl *sasl, const char *data, size_t len, struct buf *answer)
{
	char *out = NULL;
	size_t out_len = 0;
	int rc = gsasl_step(sasl->session, data, len, &out, &out_len);

	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE) {
		buf_reserve(answer, out_len * 4 / 3 + 8);
		digest_add_base64(answer, out, out_len);
	}
	if (out)
		explicit_bzero(out, out_len);
	gsasl_free(out);
	sasl->is_done = rc == GSASL_OK;
	return rc == GSASL_OK ? 0 : rc == GSASL_NEEDS_MORE ? 1 : -1;
}

static bool begin(struct sasl *sasl, const struct mechanism *mechanism)
{
	sasl->now = mechanism;
	sasl->steps = 0;
	sasl->is_done = sasl->used_secret = false;
	buf_clear(&sasl->first);
	if (mechanism->group == GROUP_TOKEN)
		return true;
	if (gsasl_client_start(sasl->gsasl, mechanism->name, &sasl->session) != GSASL_OK)
		return false;
	return mechanism->group != GROUP_TICKET || step_gsasl(sasl, "", 0, &sasl->first) >= 0;
}

static bool is_scram(const struct mechanism *mechanism)
{
	return mechanism->group == GROUP_BOUND || mechanism->group == GROUP_SCRAM;
}

#define PASSWORD_GROUPS (1u << GROUP_BOUND | 1u << GROUP_SCRAM | 1u << GROUP_DIGEST | 1u << GROUP_READABLE)

/* A server that has nothing to compare a proof with (no such user, another kind of digest) says so before. */
static bool is_proof_refused(const struct sasl *sasl)
{
	return sasl->now && sasl->now->group == GROUP_SCRAM && sasl->steps > 1 && sasl->used_secret && !sasl->is_liar;
}

/* Whoever asks for the next one while one is under way was refused with it. */
static void leave(struct sasl *sasl)
{
	if (sasl->now && sasl->steps > 0 && strengths[sasl->now->group] > sasl->tried)
		sasl->tried = strengths[sasl->now->group];
	if (sasl->now && sasl->used_secret && sasl->steps > 0)
		sasl->refused |= 1u << sasl->now->group;
	if (sasl->who->is_wrong && is_proof_refused(sasl)) {
		sasl->refused |= PASSWORD_GROUPS;
		*sasl->who->is_wrong = true;
	}
	if (sasl->refused & 1u << GROUP_SCRAM) /* a weaker digest of the same password proves no more */
		sasl->refused |= 1u << GROUP_DIGEST;
	end_session(sasl);
	sasl->now = NULL;
}

static bool may_try(struct sasl *sasl, const struct mechanism *mechanism)
{
	if (!may_work(sasl->offered, sasl->who, mechanism) || sasl->refused & 1u << mechanism->group)
		return false;
	if (!is_held_back(sasl->offered, sasl->who, mechanism, sasl->tried))
		return true;
	sasl->is_held = true;
	return false;
}

/* The settings allow nothing else. */
static bool is_ticket_all(const struct sasl_who *who)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(mechanisms); i++)
		if (mechanisms[i].group != GROUP_TICKET && is_in(who->only ? who->only : mechanisms[i].name,
								 mechanisms[i].name))
			return false;
	return true;
}

int sasl_next(struct sasl *sasl, struct err *err)
{
	leave(sasl);
	if (sasl->is_liar)
		return err_set_kind(err, ERR_DENIED, _(no_proof));
	while (sasl->next < ARRAY_COUNT(mechanisms)) {
		const struct mechanism *mechanism = &mechanisms[sasl->next++];

		if (!may_try(sasl, mechanism) || !has_secret_for(sasl, mechanism))
			continue;
		if (begin(sasl, mechanism))
			return 1;
		sasl->lacks_ticket |= mechanism->group == GROUP_TICKET;
		end_session(sasl);
		sasl->now = NULL;
	}
	if (sasl->lacks_ticket && is_ticket_all(sasl->who))
		return err_set_kind(err, ERR_TEMPORARY,
				    _("There is no Kerberos ticket for %s here: \"kinit\" gets one."), sasl->who->host);
	if (sasl->why.kind == ERR_NONE || sasl->refused)
		return 0;
	return err_set_kind(err, sasl->why.kind, "%s", sasl->why.text);
}

const char *sasl_mechanism(const struct sasl *sasl)
{
	return sasl->now ? sasl->now->name : "";
}

bool sasl_is_client_first(const struct sasl *sasl)
{
	return sasl->now && sasl->now->is_client_first;
}

bool sasl_password_was_refused(const struct sasl *sasl)
{
	return sasl->refused != 0;
}

void sasl_tell_held_back(const struct sasl *sasl, struct err *err)
{
	struct err said = err ? *err : (struct err)ERR_INIT;

	if (!sasl->is_held || sasl->tried == 0)
		return;
	err_set_kind(err, said.kind,
		     _("%s The server took %s before: the password is not sent in a weaker way. If you know that the "
		       "server was changed: \"tern account forget-promises %s\"."),
		     said.text, sasl->who->promised, sasl->who->account ? sasl->who->account : "");
}

/* --- the two OAuth mechanisms: one message, and an answer to the words of an error ----------------- */

static void add_bearer_name(struct buf *out, const char *user)
{
	for (; *user; user++) /* RFC 5801 section 4 */
		if (*user == ',' || *user == '=')
			buf_add_str(out, *user == ',' ? "=2C" : "=3D");
		else
			buf_add_char(out, *user);
}

static void token_message(const struct sasl *sasl, struct buf *out)
{
	const struct sasl_who *who = sasl->who;

	buf_reserve(out, sasl->secrets[TOKEN].len + strlen(who->user) * 3 + strlen(who->host) + 100);
	if (strcmp(sasl->now->name, "XOAUTH2") == 0) {
		buf_printf(out, "user=%s\001auth=Bearer ", who->user);
	} else { /* RFC 7628 */
		buf_add_str(out, "n,a=");
		add_bearer_name(out, who->user);
		buf_printf(out, ",\001host=%s\001port=%d\001auth=Bearer ", who->host, who->port);
	}
	buf_add(out, sasl->secrets[TOKEN].data, sasl->secrets[TOKEN].len);
	buf_add_str(out, "\001\001");
}

static void step_token(struct sasl *sasl, struct buf *answer)
{
	struct buf message = BUF_INIT;

	if (sasl->steps > 1) { /* the server's words of why not; after our nod it says no */
		if (strcmp(sasl->now->name, "OAUTHBEARER") == 0)
			digest_add_base64(answer, "\001", 1);
		return;
	}
	token_message(sasl, &message);
	buf_reserve(answer, message.len * 4 / 3 + 8);
	digest_add_base64(answer, message.data, message.len);
	secret_wipe(&message);
	sasl->used_secret = sasl->is_done = true;
}

/* --- steps --------------------------------------------------------------------------------------- */

/* "r=...,s=...,i=4096" asks for much work? */
static bool is_costly(struct span rest)
{
	struct span piece;
	long long count;

	while (span_split(&rest, ',', &piece) > 0) {
		char digits[12] = "";

		if (piece.len < 3 || piece.data[0] != 'i' || piece.data[1] != '=')
			continue;
		if (piece.len - 2 >= sizeof digits)
			return true;
		memcpy(digits, piece.data + 2, piece.len - 2);
		if (str_to_long(digits, &count) < 0 || count > ITERATIONS_MAX)
			return true;
	}
	return false;
}

/* A server that says why it refuses is an honest one; one whose proof is wrong gets no other chance to be
 * told the password. */
static int refuse_step(struct sasl *sasl, struct span data, struct err *err)
{
	bool is_proof = is_scram(sasl->now) && sasl->used_secret && !span_starts_nocase(data, "e=");

	sasl->is_liar |= is_proof;
	if (is_proof)
		return err_set_kind(err, ERR_DENIED, _(no_proof));
	return err_set(err, _("The server's words for signing in by %s are not understood."),
		       sasl->now->name);
}

static int step_decoded(struct sasl *sasl, struct span data, struct buf *answer, struct err *err)
{
	if (is_scram(sasl->now) && is_costly(data))
		return err_set(err, _("The server wants far more work for signing in than is usual."));
	if (sasl->is_done || step_gsasl(sasl, data.data, data.len, answer) < 0)
		return refuse_step(sasl, data, err);
	return 0;
}

static int step_challenge(struct sasl *sasl, const char *challenge, struct buf *answer, struct err *err)
{
	size_t len = strlen(challenge), data_len = 0;
	char *data = NULL;
	int rc;

	if (len > CHALLENGE_MAX || (len && gsasl_base64_from(challenge, len, &data, &data_len) != GSASL_OK))
		return refuse_step(sasl, SPAN_NONE, err);
	rc = step_decoded(sasl, (struct span){data ? data : "", data_len}, answer, err);
	gsasl_free(data);
	return rc;
}

int sasl_step(struct sasl *sasl, const char *challenge, struct buf *answer, struct err *err)
{
	if (!sasl->now || ++sasl->steps > STEPS_MAX)
		return err_set_kind(err, ERR_CORRUPT,
				    _("The server asks for more and more, and lets nobody sign in."));
	if (sasl->now->group == GROUP_TOKEN)
		return step_token(sasl, answer), 0;
	if (sasl->first.len) {
		buf_add(answer, sasl->first.data, sasl->first.len);
		buf_clear(&sasl->first);
		return 0;
	}
	return step_challenge(sasl, challenge ? challenge : "", answer, err);
}

int sasl_finish(struct sasl *sasl, struct err *err)
{
	bool is_mutual = sasl->now && (is_scram(sasl->now) || sasl->now->group == GROUP_TICKET);

	if (!sasl->now || (is_mutual && !sasl->is_done))
		return err_set_kind(err, ERR_DENIED, _(no_proof));
	end_session(sasl);
	sasl->now = NULL;
	return 0;
}
