#include "config.h"
#include "net/io/sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/secret.h"
#include "store/base/buf.h"
#include "store/base/err.h"

#define BINDING_64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static unsigned char binding[32];

/* Without a ticket MIT's library loses 16 bytes. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libgssapi_krb5";
}

/* --- the two sides ------------------------------------------------------------------------------- */

struct side {
	const char *password; /* the server's */
	const char *binding;  /* the server's, in base64 */
};

struct person {
	const char *password, *token;
	int asked, token_asked;
};

static int give_password(void *arg, struct buf *secret, struct err *err)
{
	struct person *person = arg;

	person->asked++;
	if (!person->password)
		return err_set_kind(err, ERR_CANCELLED, "nobody");
	buf_add_str(secret, person->password);
	return 0;
}

static int give_token(void *arg, struct buf *secret, struct err *err)
{
	struct person *person = arg;

	(void)err;
	person->token_asked++;
	buf_add_str(secret, person->token);
	return 0;
}

static struct sasl_who who_is(struct person *person)
{
	return (struct sasl_who){.user = "alice",
				 .service = "smtp",
				 .host = "mail.example.test",
				 .port = 465,
				 .is_secure = true,
				 .password = person->password ? give_password : NULL,
				 .token = person->token ? give_token : NULL,
				 .arg = person};
}

static int check_plain(const struct side *side, Gsasl_session *session)
{
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);
	const char *password = gsasl_property_fast(session, GSASL_PASSWORD);

	return user && password && !strcmp(user, "alice") && !strcmp(password, side->password)
		   ? GSASL_OK
		   : GSASL_AUTHENTICATION_ERROR;
}

static int server_answers(Gsasl *gsasl, Gsasl_session *session, Gsasl_property property)
{
	const struct side *side = gsasl_callback_hook_get(gsasl);
	const char *name;

	switch (property) {
	case GSASL_PASSWORD:
		return gsasl_property_set(session, property, side->password);
	case GSASL_CB_TLS_EXPORTER:
		return side->binding ? gsasl_property_set(session, property, side->binding)
				     : GSASL_NO_CALLBACK;
	case GSASL_VALIDATE_SIMPLE:
		return check_plain(side, session);
	case GSASL_VALIDATE_EXTERNAL:
		name = gsasl_property_fast(session, GSASL_AUTHZID);
		return name && !strcmp(name, "alice") ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* 1: the server says OK, 0 NO, -1 we cancelled. SPOIL changes a byte of what the server says at that step. */
static int talk(struct sasl *sasl, const struct side *side, int spoil, struct err *err)
{
	Gsasl *gsasl;
	Gsasl_session *session;
	struct buf answer = BUF_INIT;
	char *challenge = NULL;
	int rc, step = 0, mine = 0;

	assert_int_equal(gsasl_init(&gsasl), GSASL_OK);
	gsasl_callback_set(gsasl, server_answers);
	gsasl_callback_hook_set(gsasl, (void *)side);
	assert_int_equal(gsasl_server_start(gsasl, sasl_mechanism(sasl), &session), GSASL_OK);
	if (sasl_is_client_first(sasl))
		mine = sasl_step(sasl, NULL, &answer, err);
	do {
		rc = gsasl_step64(session, buf_str(&answer), &challenge);
		if (rc == GSASL_OK && !*challenge)
			break;
		if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
			break;
		if (++step == spoil)
			challenge[strlen(challenge) - 6] ^= 1;
		buf_clear(&answer);
		mine = sasl_step(sasl, challenge, &answer, err);
		gsasl_free(challenge);
		challenge = NULL;
	} while (mine == 0 && rc == GSASL_NEEDS_MORE);
	gsasl_free(challenge);
	gsasl_finish(session);
	gsasl_done(gsasl);
	buf_free(&answer);
	return mine < 0 ? -1 : rc == GSASL_OK;
}

static void signs_in(const char *mechanism, const char *password)
{
	struct person person = {.password = password};
	struct sasl_who who = who_is(&person);
	struct side side = {.password = password, .binding = BINDING_64};
	struct err err = ERR_INIT;
	struct sasl *sasl;

	who.channel_binding = binding;
	who.has_certificate = true;
	sasl = sasl_new(mechanism, &who, &err);
	assert_non_null(sasl);
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_string_equal(sasl_mechanism(sasl), mechanism);
	assert_int_equal(talk(sasl, &side, 0, &err), 1);
	assert_int_equal(sasl_finish(sasl, &err), 0);
	assert_false(sasl_password_was_refused(sasl));
	assert_true(person.asked <= 1);
	sasl_free(&sasl);
	assert_null(sasl);
}

/* --- tests --------------------------------------------------------------------------------------- */

static const char *const with_password[] = {
    "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", NULL,
};

static void test_every_mechanism(void **state)
{
	(void)state;
	for (int i = 0; with_password[i]; i++)
		signs_in(with_password[i], "secret");
	signs_in("EXTERNAL", "unused");
}

/* Blanks, "=", ",", 8-bit text, 500 bytes; bytes that are no UTF-8 where the mechanism takes bytes. */
static void test_odd_passwords(void **state)
{
	char lng[501];

	(void)state;
	memset(lng, 'x', 500);
	lng[500] = '\0';
	for (int i = 0; with_password[i]; i++) {
		signs_in(with_password[i], "a =,b\"\\ c");
		signs_in(with_password[i], "gr\xc3\xbc\xc3\x9f""e");
		if (strcmp(with_password[i], "CRAM-MD5") != 0)
			signs_in(with_password[i], lng);
	}
}

/* Libgsasl's server would refuse what is no UTF-8, so only what we send is looked at. */
static void test_binary_password(void **state)
{
	static const char message[] = "\0alice\0\xff\xfe\x01\x80";
	struct person person = {.password = "\xff\xfe\x01\x80"};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT;
	struct sasl *sasl = sasl_new("PLAIN", &who, &err);
	char *out;
	size_t len;

	(void)state;
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_int_equal(sasl_step(sasl, NULL, &answer, &err), 0);
	assert_int_equal(gsasl_base64_from(buf_str(&answer), answer.len, &out, &len), GSASL_OK);
	assert_int_equal(len, sizeof message - 1);
	assert_memory_equal(out, message, len);
	assert_int_equal(sasl_finish(sasl, &err), 0);
	gsasl_free(out);
	sasl_free(&sasl);
	buf_free(&answer);
}

static void test_order(void **state)
{
	struct person person = {.password = "right", .token = "tok"};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct sasl *sasl;
	struct buf answer = BUF_INIT;
	static const char *const order[] = {
	    "EXTERNAL",	     "OAUTHBEARER",	   "XOAUTH2", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS",
	    "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN",		    "LOGIN"};

	(void)state;
	who.channel_binding = binding;
	who.has_certificate = true;
	sasl = sasl_new("LOGIN PLAIN DIGEST-MD5 cram-md5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS "
			"SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER EXTERNAL GSSAPI",
			&who, &err);
	setenv("KRB5CCNAME", "FILE:/nonexistent", 1);
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		assert_int_equal(sasl_next(sasl, &err), 1); /* none was begun, so none was refused */
		assert_string_equal(sasl_mechanism(sasl), order[i]);
	}
	assert_int_equal(sasl_next(sasl, &err), 0);
	assert_int_equal(person.asked, 1);
	assert_int_equal(person.token_asked, 1);
	sasl_free(&sasl);
	buf_free(&answer);
}

/* What would send the same password again is passed over. */
static void test_refused(void **state)
{
	struct person person = {.password = "wrong"};
	struct sasl_who who = who_is(&person);
	struct side side = {.password = "right"};
	struct err err = ERR_INIT;
	struct sasl *sasl = sasl_new("SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN", &who, &err);
	static const char *const tried[] = {"SCRAM-SHA-256", "PLAIN"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sasl_next(sasl, &err), 1);
		assert_string_equal(sasl_mechanism(sasl), tried[i]);
		assert_int_equal(talk(sasl, &side, 0, &err), 0);
	}
	assert_int_equal(sasl_next(sasl, &err), 0);
	assert_true(sasl_password_was_refused(sasl));
	sasl_free(&sasl);
}

/* --- what was promised once ------------------------------------------------------------------------ */

static bool can(const char *offered, const char *promised, const char *only, struct buf *words)
{
	struct person person = {.password = "right"};
	struct sasl_who who = who_is(&person);

	who.promised = promised;
	who.account = "home";
	who.only = only;
	buf_clear(words);
	return sasl_can(offered, &who, words);
}

static void test_strength(void **state)
{
	static const char *const rising[] = {"PLAIN",	      "XOAUTH2",	    "CRAM-MD5", "SCRAM-SHA-256",
					     "SCRAM-SHA-1-PLUS", "GSSAPI", "EXTERNAL"};

	(void)state;
	assert_int_equal(sasl_strength(""), 0);
	assert_int_equal(sasl_strength("X-ODD"), 0);
	assert_int_equal(sasl_strength("login"), sasl_strength("PLAIN"));
	assert_int_equal(sasl_strength("SCRAM-SHA-1"), sasl_strength("SCRAM-SHA-256"));
	for (size_t i = 1; i < sizeof rising / sizeof *rising; i++)
		assert_true(sasl_strength(rising[i - 1]) < sasl_strength(rising[i]));
}

static void test_promised(void **state)
{
	struct buf words = BUF_INIT;

	(void)state;
	assert_true(can("PLAIN LOGIN", NULL, NULL, &words));
	assert_true(can("PLAIN LOGIN", "PLAIN", NULL, &words));
	assert_true(can("PLAIN SCRAM-SHA-1", "SCRAM-SHA-256", NULL, &words));
	assert_false(can("PLAIN LOGIN", "SCRAM-SHA-256", NULL, &words));
	assert_non_null(strstr(buf_str(&words), "took SCRAM-SHA-256 before"));
	assert_non_null(strstr(buf_str(&words), "offers only PLAIN, LOGIN now"));
	assert_non_null(strstr(buf_str(&words), "tern account forget-promises home"));
	assert_false(can("", "PLAIN", NULL, &words));
	assert_non_null(strstr(buf_str(&words), "took PLAIN before"));
	assert_false(can("CRAM-MD5", "SCRAM-SHA-1", NULL, &words));
	assert_false(can("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", NULL, &words));
	assert_false(can("PLAIN", "OAUTHBEARER", NULL, &words));
	assert_true(can("PLAIN XOAUTH2", "OAUTHBEARER", NULL, &words)); /* the token is missing here, not there */
	assert_true(can("PLAIN GSSAPI", "GSSAPI", NULL, &words));
	assert_true(can("PLAIN", "SCRAM-SHA-256", "PLAIN", &words)); /* as the person wants it */
	assert_false(can("PLAIN", "SCRAM-SHA-256", "PLAIN SCRAM-SHA-256", &words));
	buf_free(&words);
}

/* A server that keeps SCRAM on its list, and refuses it, is not told the password either. */
static void test_promised_refused(void **state)
{
	struct person person = {.password = "wrong"};
	struct sasl_who who = who_is(&person);
	struct side side = {.password = "right"};
	struct err err = ERR_INIT;
	struct sasl *sasl;

	(void)state;
	who.promised = "SCRAM-SHA-1";
	who.account = "home";
	sasl = sasl_new("SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_string_equal(sasl_mechanism(sasl), "SCRAM-SHA-256");
	assert_int_equal(talk(sasl, &side, 0, &err), 0);
	assert_int_equal(sasl_next(sasl, &err), 0);
	err_set(&err, "No.");
	sasl_tell_held_back(sasl, &err);
	assert_non_null(strstr(err.text, "No. The server took SCRAM-SHA-1 before"));
	sasl_free(&sasl);
	assert_false(sasl_may_login("PLAIN", &who, NULL));
	who.promised = "LOGIN";
	assert_true(sasl_may_login("PLAIN", &who, NULL));
}

/* A server that does not know the password is not told it by the next mechanism. */
static void test_liar(void **state)
{
	struct person person = {.password = "right"};
	struct sasl_who who = who_is(&person);
	struct side side = {.password = "right", .binding = BINDING_64};
	struct err err = ERR_INIT;
	struct sasl *sasl = sasl_new("SCRAM-SHA-256 PLAIN", &who, &err);

	(void)state;
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_int_equal(talk(sasl, &side, 2, &err), -1);
	assert_true(err.kind == ERR_DENIED || err.kind == ERR_CORRUPT); /* as the damage happens to fall */
	assert_int_equal(sasl_finish(sasl, &err), -1);
	assert_int_equal(sasl_next(sasl, &err), -1);
	sasl_free(&sasl);
}

/* OK before the proof. */
static void test_early_ok(void **state)
{
	struct person person = {.password = "right"};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT;
	struct sasl *sasl = sasl_new("SCRAM-SHA-256", &who, &err);

	(void)state;
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_int_equal(sasl_step(sasl, "", &answer, &err), 0);
	assert_int_equal(sasl_finish(sasl, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	sasl_free(&sasl);
	buf_free(&answer);
}

static void test_binding(void **state)
{
	struct person person = {.password = "right"};
	struct sasl_who who = who_is(&person);
	struct side other = {.password = "right", .binding = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
	struct err err = ERR_INIT;
	struct sasl *sasl;

	(void)state;
	who.channel_binding = binding;
	sasl = sasl_new("SCRAM-SHA-256-PLUS", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_int_not_equal(talk(sasl, &other, 0, &err), 1);
	sasl_free(&sasl);
	struct buf answer = BUF_INIT;
	who.channel_binding = NULL;
	sasl = sasl_new("SCRAM-SHA-256 SCRAM-SHA-256-PLUS", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_string_equal(sasl_mechanism(sasl), "SCRAM-SHA-256");
	assert_int_equal(sasl_step(sasl, "", &answer, &err), 0);
	assert_memory_equal(buf_str(&answer), "biws", 4); /* n,, */
	sasl_free(&sasl);
	buf_free(&answer);
}

static void test_not_secure(void **state)
{
	struct person person = {.password = "right", .token = "tok"};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct buf words = BUF_INIT;
	struct sasl *sasl;

	(void)state;
	who.is_secure = false;
	sasl = sasl_new("PLAIN LOGIN XOAUTH2 OAUTHBEARER", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), 0);
	assert_int_equal(person.asked + person.token_asked, 0);
	sasl_free(&sasl);
	assert_false(sasl_can("PLAIN \033[31mLOGIN", &who, &words));
	assert_non_null(strstr(buf_str(&words), "readable"));
	assert_null(strchr(buf_str(&words), '\033'));
	assert_true(sasl_can("PLAIN SCRAM-SHA-1", &who, NULL));
	who.only = "PLAIN";
	assert_false(sasl_can("PLAIN SCRAM-SHA-1", &who, NULL));
	buf_free(&words);
}

static void test_only(void **state)
{
	struct person person = {.password = "right"};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct sasl *sasl;

	(void)state;
	who.only = "login";
	sasl = sasl_new("PLAIN LOGIN SCRAM-SHA-1", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_string_equal(sasl_mechanism(sasl), "LOGIN");
	assert_int_equal(sasl_next(sasl, &err), 0);
	sasl_free(&sasl);
}

static void test_tokens(void **state)
{
	struct person person = {.token = "ya29.x"};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT;
	struct sasl *sasl;
	char *out;
	size_t len;

	(void)state;
	who.user = "a,b=c@d";
	sasl = sasl_new("OAUTHBEARER XOAUTH2", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_int_equal(sasl_step(sasl, NULL, &answer, &err), 0);
	assert_int_equal(gsasl_base64_from(buf_str(&answer), answer.len, &out, &len), GSASL_OK);
	static const char bearer[] = "n,a=a=2Cb=3Dc@d,\001host=mail.example.test\001port=465\001"
				     "auth=Bearer ya29.x\001\001";
	assert_int_equal(len, sizeof bearer - 1);
	assert_memory_equal(out, bearer, len);
	gsasl_free(out);
	buf_clear(&answer);
	assert_int_equal(sasl_step(sasl, "eyJzdGF0dXMiOiI0MDEifQ==", &answer, &err), 0);
	assert_string_equal(buf_str(&answer), "AQ==");
	buf_clear(&answer);
	assert_int_equal(sasl_next(sasl, &err), 0); /* the same token again would be refused again */
	assert_true(sasl_password_was_refused(sasl));
	sasl_free(&sasl);
	sasl = sasl_new("XOAUTH2", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), 1);
	assert_int_equal(sasl_step(sasl, NULL, &answer, &err), 0);
	assert_int_equal(gsasl_base64_from(buf_str(&answer), answer.len, &out, &len), GSASL_OK);
	static const char xoauth2[] = "user=a,b=c@d\001auth=Bearer ya29.x\001\001";
	assert_int_equal(len, sizeof xoauth2 - 1);
	assert_memory_equal(out, xoauth2, len);
	gsasl_free(out);
	buf_clear(&answer);
	assert_int_equal(sasl_step(sasl, "e30=", &answer, &err), 0);
	assert_string_equal(buf_str(&answer), "");
	sasl_free(&sasl);
	buf_free(&answer);
}

static void test_nonsense(void **state)
{
	static const char *const challenges[] = {"!!!", "AAA", "cj14LHM9QUFBQSxpPTk5OTk5OTk5OTk5OQ==",
						 "cj0scz0saT0=", "////"};
	struct person person = {.password = "right"};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct buf answer = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof challenges / sizeof *challenges; i++) {
		struct sasl *sasl = sasl_new("SCRAM-SHA-256", &who, &err);

		assert_int_equal(sasl_next(sasl, &err), 1);
		assert_int_equal(sasl_step(sasl, NULL, &answer, &err), 0);
		assert_int_equal(sasl_step(sasl, challenges[i], &answer, &err), -1);
		sasl_free(&sasl);
	}
	struct sasl *sasl = sasl_new("LOGIN", &who, &err);
	int steps = 0;
	assert_int_equal(sasl_next(sasl, &err), 1);
	while (sasl_step(sasl, "VXNlcm5hbWU6", &answer, &err) == 0 && steps++ < 100)
		;
	assert_true(steps < 12);
	sasl_free(&sasl);
	buf_free(&answer);
}

/* Cancelled by the person: said, and not asked again. */
static void test_cancelled(void **state)
{
	struct person person = {0};
	struct sasl_who who = who_is(&person);
	struct err err = ERR_INIT;
	struct sasl *sasl;

	(void)state;
	who.password = give_password;
	sasl = sasl_new("PLAIN LOGIN", &who, &err);
	assert_int_equal(sasl_next(sasl, &err), -1);
	assert_int_equal(err.kind, ERR_CANCELLED);
	assert_int_equal(person.asked, 1);
	sasl_free(&sasl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_mechanism), cmocka_unit_test(test_odd_passwords),
	    cmocka_unit_test(test_order),	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_liar),	    cmocka_unit_test(test_early_ok),
	    cmocka_unit_test(test_binding),	    cmocka_unit_test(test_not_secure),
	    cmocka_unit_test(test_only),	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_nonsense),	    cmocka_unit_test(test_cancelled),
	    cmocka_unit_test(test_binary_password), cmocka_unit_test(test_strength),
	    cmocka_unit_test(test_promised),	    cmocka_unit_test(test_promised_refused),
	};

	for (int i = 0; i < 32; i++)
		binding[i] = (unsigned char)i;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
