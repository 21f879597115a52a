#include "config.h"
#include "net/io/tls.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define PRIORITY     "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define BINDING_SIZE 32
#define NAMES_MAX    20
#define DAY_S	     86400

#define PINS_MAX (1024 * 1024)

struct tls_trust {
	gnutls_certificate_credentials_t credentials;
	char *pins; /* path */
	bool may_replace;
};

struct tls {
	gnutls_session_t session;
};

/* --- what is trusted --- */

static int load_ca_file(struct tls_trust *trust, const char *path, struct err *err)
{
	int count = gnutls_certificate_set_x509_trust_file(trust->credentials, path, GNUTLS_X509_FMT_PEM);

	if (count > 0)
		return 0;
	return err_set_kind(err, ERR_USAGE,
			    _("The file \"%s\" holds no certificate that could be trusted: %s"), path,
			    count < 0 ? gnutls_strerror(count) : _("it is empty"));
}

static int load_own(struct tls_trust *trust, const char *certificate, const char *key, struct err *err)
{
	int rc =
	    gnutls_certificate_set_x509_key_file(trust->credentials, certificate, key, GNUTLS_X509_FMT_PEM);

	if (rc >= 0)
		return 0;
	return err_set_kind(err, ERR_USAGE,
			    _("The certificate \"%s\" and its key \"%s\" cannot be used: %s"), certificate,
			    key, gnutls_strerror(rc));
}

static int load_files(struct tls_trust *trust, const char *ca_file, const char *certificate_file,
		      const char *key_file, struct err *err)
{
	char *ca = ca_file ? path_expand(ca_file) : NULL;
	char *certificate = certificate_file ? path_expand(certificate_file) : NULL;
	char *key = path_expand(key_file ? key_file : certificate_file ? certificate_file : "");
	int rc = ca ? load_ca_file(trust, ca, err) : 0;

	if (rc == 0 && certificate)
		rc = load_own(trust, certificate, key, err);
	free(ca);
	free(certificate);
	free(key);
	return rc;
}

struct tls_trust *tls_trust_new(const char *ca_file, const char *certificate_file, const char *key_file,
				struct err *err)
{
	struct tls_trust *trust = mem_alloc(sizeof *trust);
	int rc = 0;

	trust->pins = path_in(PATH_DATA, "pins");
	if (gnutls_certificate_allocate_credentials(&trust->credentials) < 0)
		rc = err_set(err, _("TLS cannot be used on this computer."));
	else
		gnutls_certificate_set_x509_system_trust(trust->credentials);
	if (rc == 0)
		rc = load_files(trust, ca_file, certificate_file, key_file, err);
	if (rc < 0)
		tls_trust_free(&trust);
	return trust;
}

void tls_trust_let_replace(struct tls_trust *trust)
{
	trust->may_replace = true;
}

void tls_trust_free(struct tls_trust **trust)
{
	if (!*trust)
		return;
	if ((*trust)->credentials)
		gnutls_certificate_free_credentials((*trust)->credentials);
	free((*trust)->pins);
	free(*trust);
	*trust = NULL;
}

/* --- what the other side showed --- */

struct shown {
	struct tls_certificate words;
	struct buf subject, issuer, names, problem;
	gnutls_datum_t der; /* lent by the session */
};

static void add_dn(struct buf *out, int rc, gnutls_datum_t *dn)
{
	if (rc < 0)
		return;
	utf8_add_exact(out, (const char *)dn->data, dn->size);
	gnutls_free(dn->data);
}

static void add_names(gnutls_x509_crt_t certificate, struct buf *out)
{
	char name[256];

	for (unsigned i = 0; i < NAMES_MAX; i++) {
		size_t size = sizeof name;
		int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, NULL);

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return;
		if (type != GNUTLS_SAN_DNSNAME)
			continue;
		if (out->len)
			buf_add_str(out, ", ");
		utf8_add_exact(out, name, size);
	}
}

static void hex(const unsigned char *bytes, size_t len, char *text)
{
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static void read_certificate(gnutls_x509_crt_t certificate, struct shown *shown)
{
	unsigned char digest[32];
	size_t size = sizeof digest;
	gnutls_datum_t dn;

	if (gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, digest, &size) == 0)
		hex(digest, size, shown->words.fingerprint);
	add_dn(&shown->subject, gnutls_x509_crt_get_dn3(certificate, &dn, 0), &dn);
	add_dn(&shown->issuer, gnutls_x509_crt_get_issuer_dn3(certificate, &dn, 0), &dn);
	add_names(certificate, &shown->names);
	shown->words.begins = gnutls_x509_crt_get_activation_time(certificate);
	shown->words.ends = gnutls_x509_crt_get_expiration_time(certificate);
}

static int load_shown(const struct tls *tls, struct shown *shown, struct err *err)
{
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t certificate = NULL;
	unsigned count = 0;
	int rc;

	memset(shown, 0, sizeof *shown);
	chain = gnutls_certificate_get_peers(tls->session, &count);
	if (gnutls_certificate_type_get(tls->session) != GNUTLS_CRT_X509 || !chain || count == 0)
		return err_set_kind(err, ERR_DENIED, _("The server showed no certificate."));
	shown->der = chain[0];
	rc = gnutls_x509_crt_init(&certificate);
	if (rc == 0)
		rc = gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER);
	if (rc == 0)
		read_certificate(certificate, shown);
	if (certificate)
		gnutls_x509_crt_deinit(certificate);
	return rc == 0 ? 0 : err_set_kind(err, ERR_DENIED, _("The server's certificate cannot be read."));
}

static void forget_shown(struct shown *shown)
{
	buf_free(&shown->subject);
	buf_free(&shown->issuer);
	buf_free(&shown->names);
	buf_free(&shown->problem);
}

/* --- is it the one it should be? --- */

static const struct {
	unsigned status;
	const char *sentence;
} problems[] = {
    {GNUTLS_CERT_REVOKED, N_("It was revoked.")},
    {GNUTLS_CERT_EXPIRED, N_("Its time is over.")},
    {GNUTLS_CERT_NOT_ACTIVATED, N_("Its time has not begun; is this computer's clock right?")},
    {GNUTLS_CERT_UNEXPECTED_OWNER, N_("It is for another host.")},
    {GNUTLS_CERT_INSECURE_ALGORITHM, N_("It is signed by a method that can be forged.")},
    {GNUTLS_CERT_SIGNATURE_FAILURE, N_("Its signature is wrong.")},
    {GNUTLS_CERT_SIGNER_NOT_FOUND, N_("It is signed by nobody this computer trusts.")},
    {GNUTLS_CERT_SIGNER_NOT_CA, N_("It is signed by somebody who may not sign certificates.")},
    {GNUTLS_CERT_PURPOSE_MISMATCH, N_("It is not meant for servers.")},
};

static void add_problems(unsigned status, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(problems); i++) {
		if (!(status & problems[i].status))
			continue;
		if (out->len)
			buf_add_char(out, ' ');
		buf_add_str(out, _(problems[i].sentence));
	}
	if (!out->len)
		buf_add_str(out, _("It cannot be trusted."));
}

/* Status bits; 0: trusted. */
static unsigned judge(struct tls *tls, const char *host)
{
	gnutls_typed_vdata_st data[2] = {
	    {.type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)(uintptr_t)host, .size = 0},
	    {.type = GNUTLS_DT_KEY_PURPOSE_OID,
	     .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER},
	};
	unsigned status = 0;

	if (gnutls_certificate_verify_peers(tls->session, data, 2, &status) < 0)
		return GNUTLS_CERT_INVALID;
	return status;
}

static void pin_place(const char *host, int port, struct buf *out)
{
	buf_printf(out, "%s:%d", host, port);
}

enum pin { PIN_NONE, PIN_SAME, PIN_OTHER };

static enum pin pin_of(const struct tls_trust *trust, const char *host, int port, const gnutls_datum_t *der)
{
	char service[16];
	int rc;

	snprintf(service, sizeof service, "%d", port);
	rc = gnutls_verify_stored_pubkey(trust->pins, NULL, host, service, GNUTLS_CRT_X509, der, 0);
	if (rc == GNUTLS_E_SUCCESS)
		return PIN_SAME;
	return rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH ? PIN_OTHER : PIN_NONE;
}

/* libgnutls believes any line that has the place: those of before go. A line is "|g0|HOST|SERVICE|..." (or "c0"). */
static int unpin(const struct tls_trust *trust, const char *host, const char *service, struct err *err)
{
	char *plain = mem_printf("|g0|%s|%s|", host, service), *hashed = mem_printf("|c0|%s|%s|", host, service);
	struct buf text = BUF_INIT, kept = BUF_INIT;
	int rc = file_read(trust->pins, &text, PINS_MAX, err);
	struct span rest = {text.data, text.len}, line;

	while (rc == 0 && span_split(&rest, '\n', &line) > 0)
		if (line.len && !span_starts_nocase(line, plain) && !span_starts_nocase(line, hashed))
			buf_printf(&kept, "%.*s\n", (int)line.len, line.data);
	if (rc == 0)
		rc = file_replace(trust->pins, kept.data ? kept.data : "", kept.len, err);
	buf_free(&text);
	buf_free(&kept);
	free(plain);
	free(hashed);
	return rc;
}

static int pin(const struct tls_trust *trust, const char *host, int port, const gnutls_datum_t *der,
	       bool replaces, struct err *err)
{
	char service[16], *dir = path_dir(PATH_DATA);
	int rc = path_make_dirs(dir, err);

	free(dir);
	if (rc < 0)
		return -1;
	snprintf(service, sizeof service, "%d", port);
	if (replaces && unpin(trust, host, service, err) < 0)
		return -1;
	rc = gnutls_store_pubkey(trust->pins, NULL, host, service, GNUTLS_CRT_X509, der, 0, 0);
	if (rc < 0)
		return err_set(err, _("The certificate of %s could not be kept in \"%s\": %s"), host,
			       trust->pins, gnutls_strerror(rc));
	log_write(LOG_INFO, "pinned the certificate of %s:%d", host, port);
	return 0;
}

static int refuse(const struct tls_certificate *words, struct err *err)
{
	if (words->was_pinned)
		return err_set_kind(
		    err, ERR_DENIED,
		    _("%s shows another certificate than the one you trusted before: somebody may have "
		      "put himself between. If you know that it was changed: \"tern account trust\" and the "
		      "account's name trusts the new one. Its fingerprint is %s."),
		    words->host, words->fingerprint);
	return err_set_kind(err, ERR_DENIED,
			    _("The certificate of %s was not accepted. %s Its fingerprint is %s. \"tern account "
			      "trust\" and the account's name asks about it again."),
			    words->host, words->problem, words->fingerprint);
}

static int ask(struct tls_trust *trust, struct shown *shown, const char *host, int port,
	       tls_unknown *unknown, void *arg, struct err *err)
{
	struct buf place = BUF_INIT;
	int rc;

	pin_place(host, port, &place);
	shown->words.host = buf_str(&place);
	shown->words.subject = buf_str(&shown->subject);
	shown->words.issuer = buf_str(&shown->issuer);
	shown->words.names = buf_str(&shown->names);
	shown->words.problem = buf_str(&shown->problem);
	if (unknown && (!shown->words.was_pinned || trust->may_replace) && unknown(arg, &shown->words))
		rc = pin(trust, host, port, &shown->der, shown->words.was_pinned, err);
	else
		rc = refuse(&shown->words, err);
	buf_free(&place);
	return rc;
}

/* A pin counts more than anybody's signature: who was trusted by hand is that one and no other. */
static int check(struct tls_trust *trust, struct tls *tls, const char *host, int port, tls_unknown *unknown,
		 void *arg, struct err *err)
{
	struct shown shown;
	enum pin known;
	unsigned status;
	int rc = load_shown(tls, &shown, err);

	if (rc < 0)
		return -1;
	known = pin_of(trust, host, port, &shown.der);
	status = judge(tls, host);
	shown.words.was_pinned = known == PIN_OTHER;
	if (known == PIN_OTHER || (status != 0 && known == PIN_NONE)) {
		add_problems(status, &shown.problem);
		rc = ask(trust, &shown, host, port, unknown, arg, err);
	}
	forget_shown(&shown);
	return rc;
}

/* --- a session --- */

static bool is_number(const char *host)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *found;

	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

static struct tls *session_new(struct tls_trust *trust, int fd, const char *host, struct err *err)
{
	struct tls *tls = mem_alloc(sizeof *tls);

	if (gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) {
		free(tls);
		err_set(err, _("TLS cannot be used on this computer."));
		return NULL;
	}
	gnutls_priority_set_direct(tls->session, PRIORITY, NULL);
	gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, trust->credentials);
	if (!is_number(host))
		gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, host, strlen(host));
	gnutls_handshake_set_timeout(tls->session, GNUTLS_INDEFINITE_TIMEOUT); /* WAIT has it */
	gnutls_transport_set_int(tls->session, fd);
	return tls;
}

static int fail_handshake(struct tls *tls, int rc, const char *host, struct err *err)
{
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return err_set_kind(err, ERR_DENIED, _("%s refused to speak TLS: %s"), host,
				    gnutls_alert_get_name(gnutls_alert_get(tls->session)));
	if (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR || rc == GNUTLS_E_PUSH_ERROR)
		return err_set_kind(err, ERR_TEMPORARY, _("%s closed the connection while TLS was begun."),
				    host);
	return err_set_kind(err, ERR_DENIED, _("TLS with %s failed: %s"), host, gnutls_strerror(rc));
}

static int handshake(struct tls *tls, const char *host,
		     int (*wait)(void *arg, short events, struct err *err), void *arg, struct err *err)
{
	int rc;

	while ((rc = gnutls_handshake(tls->session)) < 0) {
		if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED) {
			if (wait(arg, tls_events(tls), err) < 0)
				return -1;
		} else if (gnutls_error_is_fatal(rc)) {
			return fail_handshake(tls, rc, host, err);
		}
	}
	return 0;
}

struct tls *tls_connect(struct tls_trust *trust, int fd, const char *host, int port,
			int (*wait)(void *arg, short events, struct err *err), tls_unknown *unknown,
			void *arg, struct err *err)
{
	struct tls *tls = session_new(trust, fd, host, err);

	if (!tls)
		return NULL;
	if (handshake(tls, host, wait, arg, err) < 0 ||
	    check(trust, tls, host, port, unknown, arg, err) < 0)
		tls_free(&tls);
	return tls;
}

static ssize_t result(ssize_t rc)
{
	if (rc >= 0)
		return rc;
	if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED)
		errno = EAGAIN;
	else if (rc == GNUTLS_E_PREMATURE_TERMINATION)
		errno = ECONNRESET;
	else
		errno = EPROTO;
	return -1;
}

ssize_t tls_read(struct tls *tls, void *data, size_t size)
{
	ssize_t rc;

	do
		rc = gnutls_record_recv(tls->session, data, size);
	while (rc < 0 && rc != GNUTLS_E_AGAIN && rc != GNUTLS_E_INTERRUPTED && rc != GNUTLS_E_REHANDSHAKE &&
	       !gnutls_error_is_fatal((int)rc));
	return result(rc);
}

ssize_t tls_write(struct tls *tls, const void *data, size_t len)
{
	return result(gnutls_record_send(tls->session, data, len));
}

short tls_events(const struct tls *tls)
{
	return gnutls_record_get_direction(tls->session) ? POLLOUT : POLLIN;
}

size_t tls_pending(const struct tls *tls)
{
	return gnutls_record_check_pending(tls->session);
}

bool tls_channel_binding(const struct tls *tls, unsigned char binding[32])
{
	gnutls_datum_t found = {NULL, 0};
	bool is_there = gnutls_session_channel_binding(tls->session, GNUTLS_CB_TLS_EXPORTER, &found) == 0 &&
			found.size == BINDING_SIZE;

	if (is_there)
		memcpy(binding, found.data, BINDING_SIZE);
	gnutls_free(found.data);
	return is_there;
}

void tls_words(const struct tls *tls, struct buf *out)
{
	buf_printf(out, "%s, %s", gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session)),
		   gnutls_cipher_get_name(gnutls_cipher_get(tls->session)));
}

static void add_until(struct buf *out, int64_t ends)
{
	long days = (long)((ends - time(NULL)) / DAY_S);
	char day[32] = "";
	time_t when = (time_t)ends;
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(day, sizeof day, "%Y-%m-%d", &tm);
	buf_printf(out, ngettext("until %s (%ld day)", "until %s (%ld days)", (unsigned long)labs(days)), day, days);
}

void tls_peer_words(const struct tls *tls, struct buf *out)
{
	struct shown shown;
	bool has_names;

	if (load_shown(tls, &shown, NULL) == 0) {
		has_names = shown.names.len > 0;
		buf_printf(out, _("certificate of %.200s, "), buf_str(has_names ? &shown.names : &shown.subject));
		add_until(out, shown.words.ends);
	}
	forget_shown(&shown);
}

void tls_free(struct tls **tls)
{
	if (!*tls)
		return;
	gnutls_bye((*tls)->session, GNUTLS_SHUT_WR);
	gnutls_deinit((*tls)->session);
	free(*tls);
	*tls = NULL;
}
