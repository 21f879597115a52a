#include "config.h"
#include "net/io/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "store/base/buf.h"
#include "store/base/err.h"

#define HOST "mail.example.org"
#define PORT 993

/* --- plain --- */

struct pair {
	struct stream *stream;
	int far;
};

static void open_pair(struct pair *pair, struct stream_options *options)
{
	int fds[2];
	struct err err = ERR_INIT;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	options->host = HOST;
	options->tls = STREAM_PLAIN;
	pair->stream = stream_open(fds[0], fds[0], options, &err);
	assert_non_null(pair->stream);
	pair->far = fds[1];
}

static void close_pair(struct pair *pair)
{
	stream_close(&pair->stream);
	if (pair->far >= 0)
		close(pair->far);
}

static void far_says(struct pair *pair, const char *text)
{
	assert_int_equal(write(pair->far, text, strlen(text)), strlen(text));
}

static void assert_line(struct stream *stream, const char *text)
{
	struct err err = ERR_INIT;
	struct span line;

	assert_int_equal(stream_read_line(stream, &line, &err), 1);
	assert_int_equal(line.len, strlen(text));
	assert_memory_equal(line.data, text, line.len);
}

static void lines_end_with_lf_or_crlf(void **state)
{
	struct stream_options options = {0};
	struct pair pair;
	struct err err = ERR_INIT;
	struct span line;

	(void)state;
	open_pair(&pair, &options);
	far_says(&pair, "one\r\ntwo\n\r\n\ncut");
	close(pair.far);
	pair.far = -1;
	assert_line(pair.stream, "one");
	assert_line(pair.stream, "two");
	assert_line(pair.stream, "");
	assert_line(pair.stream, "");
	assert_int_equal(stream_read_line(pair.stream, &line, &err), 0);
	close_pair(&pair);
}

static void lines_and_bytes_take_turns(void **state)
{
	struct stream_options options = {0};
	struct pair pair;
	char bytes[5] = "";

	(void)state;
	open_pair(&pair, &options);
	far_says(&pair, "{4}\r\na\nb\n)\r\n");
	assert_line(pair.stream, "{4}");
	assert_int_equal(stream_read_all(pair.stream, bytes, 4, NULL), 0);
	assert_string_equal(bytes, "a\nb\n");
	assert_line(pair.stream, ")");
	close_pair(&pair);
}

static void a_line_has_a_limit(void **state)
{
	struct stream_options options = {.line_max = 10};
	struct pair pair;
	struct err err = ERR_INIT;
	struct span line;

	(void)state;
	open_pair(&pair, &options);
	far_says(&pair, "123456789\r\n12345678901\n");
	assert_line(pair.stream, "123456789");
	assert_int_equal(stream_read_line(pair.stream, &line, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	close_pair(&pair);
}

static void silence_and_dripping_have_an_end(void **state)
{
	struct stream_options options = {.silence_ms = 30};
	struct pair pair;
	struct err err = ERR_INIT;
	struct span line;

	(void)state;
	open_pair(&pair, &options);
	far_says(&pair, "no end");
	assert_int_equal(stream_read_line(pair.stream, &line, &err), -1);
	assert_int_equal(err.kind, ERR_TEMPORARY);
	assert_non_null(strstr(err.text, "does not answer"));
	close_pair(&pair);
	options.silence_ms = 0;
	options.total_ms = 30;
	open_pair(&pair, &options);
	far_says(&pair, "no end");
	err_clear(&err);
	assert_int_equal(stream_read_line(pair.stream, &line, &err), -1);
	assert_int_equal(err.kind, ERR_TEMPORARY);
	close_pair(&pair);
}

static int stop(void *arg)
{
	++*(int *)arg;
	return -1;
}

static void who_waits_is_woken(void **state)
{
	int pipes[2], woken = 0;
	struct stream_options options = {.woken = stop, .arg = &woken};
	struct pair pair;
	struct err err = ERR_INIT;
	struct span line;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	options.wake_fd = pipes[0];
	assert_int_equal(write(pipes[1], "x", 1), 1);
	open_pair(&pair, &options);
	assert_int_equal(stream_read_line(pair.stream, &line, &err), -1);
	assert_int_equal(err.kind, ERR_CANCELLED);
	assert_int_equal(woken, 1);
	close_pair(&pair);
	close(pipes[0]);
	close(pipes[1]);
}

static void much_is_written_in_few_pieces(void **state)
{
	struct stream_options options = {0};
	struct pair pair;
	char bytes[4096];
	ssize_t n;

	(void)state;
	open_pair(&pair, &options);
	for (int i = 0; i < 100; i++)
		assert_int_equal(stream_print(pair.stream, NULL, "%d\r\n", i % 10), 0);
	assert_int_equal(recv(pair.far, bytes, sizeof bytes, MSG_DONTWAIT), -1);
	assert_int_equal(stream_flush(pair.stream, NULL), 0);
	n = read(pair.far, bytes, sizeof bytes);
	assert_int_equal(n, 300);
	close_pair(&pair);
}

static void both_ways_go_through_deflate(void **state)
{
	struct stream_options options = {.host = HOST, .tls = STREAM_PLAIN};
	struct stream *near, *far;
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	near = stream_open(fds[0], fds[0], &options, NULL);
	far = stream_open(fds[1], fds[1], &options, NULL);
	assert_int_equal(stream_start_deflate(near, NULL), 0);
	assert_int_equal(stream_start_deflate(far, NULL), 0);
	for (int i = 0; i < 1000; i++)
		stream_print(far, NULL, "* %d FETCH (FLAGS (\\Seen))\r\n", i);
	assert_int_equal(stream_flush(far, NULL), 0);
	for (int i = 0; i < 1000; i++) {
		char want[64];

		snprintf(want, sizeof want, "* %d FETCH (FLAGS (\\Seen))", i);
		assert_line(near, want);
	}
	assert_int_equal(stream_wait(near, 0, NULL), 0);
	stream_print(near, NULL, "a OK\r\n");
	stream_flush(near, NULL);
	assert_int_equal(stream_wait(far, 1000, NULL), 1);
	assert_line(far, "a OK");
	stream_close(&near);
	stream_close(&far);
}

static void what_is_not_deflated_is_told(void **state)
{
	struct stream_options options = {0};
	struct pair pair;
	struct err err = ERR_INIT;
	struct span line;

	(void)state;
	open_pair(&pair, &options);
	assert_int_equal(stream_start_deflate(pair.stream, &err), 0);
	far_says(&pair, "\xff\xff\xff\xff* BYE\r\n");
	assert_int_equal(stream_read_line(pair.stream, &line, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	close_pair(&pair);
}

static void assert_place(const char *text, const char *want_host, int want_port)
{
	char *host = NULL;
	int port, rc = stream_parse_place(text, 7, &host, &port, NULL);

	if (!want_host) {
		assert_int_equal(rc, -1);
		return;
	}
	assert_int_equal(rc, 0);
	assert_string_equal(host, want_host);
	assert_int_equal(port, want_port);
	free(host);
}

static void places_are_read(void **state)
{
	(void)state;
	assert_place("mail.example.org", "mail.example.org", 7);
	assert_place("mail.example.org:993", "mail.example.org", 993);
	assert_place("::1", "::1", 7);
	assert_place("[::1]:993", "::1", 993);
	assert_place("[::1]", "::1", 7);
	assert_place("/run/x.sock", "/run/x.sock", 7);
	assert_place("", NULL, 0);
	assert_place("host:", NULL, 0);
	assert_place("host:0", NULL, 0);
	assert_place("host:65536", NULL, 0);
	assert_place("host:99x", NULL, 0);
	assert_place("-oProxyCommand=x", NULL, 0);
	assert_place("a host", NULL, 0);
}

/* --- TLS: the other side is GnuTLS in a child --- */

struct card {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
};

static void make_card(struct card *card, const char *host)
{
	static const unsigned char serial[] = {1};
	time_t now = time(NULL);

	gnutls_x509_privkey_init(&card->key);
	gnutls_x509_privkey_generate(card->key, GNUTLS_PK_ECDSA,
				     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&card->certificate);
	gnutls_x509_crt_set_version(card->certificate, 3);
	gnutls_x509_crt_set_serial(card->certificate, serial, sizeof serial);
	gnutls_x509_crt_set_activation_time(card->certificate, now - 1000);
	gnutls_x509_crt_set_expiration_time(card->certificate, now + 100000);
	gnutls_x509_crt_set_dn_by_oid(card->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, "a\033[31mb", 7);
	gnutls_x509_crt_set_subject_alt_name(card->certificate, GNUTLS_SAN_DNSNAME, host,
					     (unsigned)strlen(host), 0);
	gnutls_x509_crt_set_ca_status(card->certificate, 1);
	gnutls_x509_crt_set_key(card->certificate, card->key);
	assert_int_equal(
	    gnutls_x509_crt_sign2(card->certificate, card->certificate, card->key, GNUTLS_DIG_SHA256, 0),
	    0);
}

static void free_card(struct card *card)
{
	gnutls_x509_crt_deinit(card->certificate);
	gnutls_x509_privkey_deinit(card->key);
}

/* Echoes one line behind the handshake. WORDS come in the clear before it. */
static void serve(int fd, const struct card *card, const char *priority, const char *words)
{
	gnutls_certificate_credentials_t credentials;
	gnutls_x509_crt_t chain[1] = {card->certificate};
	gnutls_session_t session;
	char line[100];
	ssize_t n;

	if (write(fd, words, strlen(words)) < 0)
		_exit(1);
	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_certificate_set_x509_key(credentials, chain, 1, card->key);
	gnutls_init(&session, GNUTLS_SERVER);
	gnutls_priority_set_direct(session, priority, NULL);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(session, fd);
	if (gnutls_handshake(session) == 0 && (n = gnutls_record_recv(session, line, sizeof line)) > 0)
		gnutls_record_send(session, line, (size_t)n);
	_exit(0);
}

static pid_t start_server(const struct card *card, const char *priority, const char *words, int *fd)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		serve(fds[1], card, priority, words);
	}
	close(fds[1]);
	*fd = fds[0];
	return pid;
}

struct asked {
	bool answer;
	int count;
	struct tls_certificate last;
	char subject[64];
};

static bool ask(void *arg, const struct tls_certificate *certificate)
{
	struct asked *asked = arg;

	asked->count++;
	asked->last = *certificate;
	snprintf(asked->subject, sizeof asked->subject, "%s", certificate->subject);
	return asked->answer;
}

/* One dialogue: 0 and the echo is right, or -1. */
static int talk(const struct card *card, const char *priority, const char *ca, struct asked *asked,
		struct err *err)
{
	struct tls_trust *trust = tls_trust_new(ca, NULL, NULL, err);
	struct stream_options options = {.host = HOST,
					 .port = PORT,
					 .tls = STREAM_TLS,
					 .trust = trust,
					 .unknown = asked ? ask : NULL,
					 .arg = asked};
	struct stream *stream;
	unsigned char binding[32];
	int fd, rc = -1;
	pid_t pid = start_server(card, priority, "", &fd);

	assert_non_null(trust);
	err_clear(err);
	stream = stream_open(fd, fd, &options, err);
	if (stream) {
		assert_true(tls_channel_binding(stream_tls(stream), binding));
		stream_print(stream, err, "hello\r\n");
		assert_line(stream, "hello");
		rc = 0;
	}
	stream_close(&stream);
	tls_trust_free(&trust);
	waitpid(pid, NULL, 0);
	return rc;
}

static void write_ca(const struct card *card, const char *path)
{
	gnutls_datum_t pem;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(gnutls_x509_crt_export2(card->certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
	fwrite(pem.data, 1, pem.size, file);
	fclose(file);
	gnutls_free(pem.data);
}

static void an_unknown_certificate_is_asked_about_once(void **state)
{
	struct asked asked = {.answer = false};
	struct card card, other;
	struct err err = ERR_INIT;

	make_card(&card, HOST);
	make_card(&other, HOST);
	assert_int_equal(talk(&card, "NORMAL", NULL, NULL, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(talk(&card, "NORMAL", NULL, &asked, &err), -1);
	assert_int_equal(asked.count, 1);
	assert_null(strchr(asked.subject, '\033'));
	assert_non_null(strstr(err.text, asked.last.fingerprint));
	asked.answer = true;
	assert_int_equal(talk(&card, "NORMAL", NULL, &asked, &err), 0);
	assert_int_equal(asked.count, 2);
	assert_int_equal(talk(&card, "NORMAL", NULL, &asked, &err), 0);
	assert_int_equal(asked.count, 2);
	/* a changed one is refused, whatever would be answered, and whoever signed it */
	write_ca(&other, *state);
	assert_int_equal(talk(&other, "NORMAL", *state, &asked, &err), -1);
	assert_int_equal(asked.count, 2);
	assert_non_null(strstr(err.text, "another certificate"));
	free_card(&card);
	free_card(&other);
}

static void who_is_signed_for_is_trusted(void **state)
{
	struct card card, other;
	struct asked asked = {.answer = false};
	struct err err = ERR_INIT;

	make_card(&card, HOST);
	make_card(&other, "evil.example.org");
	write_ca(&card, *state);
	assert_int_equal(talk(&card, "NORMAL", *state, NULL, &err), 0);
	write_ca(&other, *state);
	assert_int_equal(talk(&other, "NORMAL", *state, &asked, &err), -1);
	assert_non_null(strstr(err.text, "another host"));
	free_card(&card);
	free_card(&other);
}

static void old_tls_is_refused(void **state)
{
	struct card card;
	struct err err = ERR_INIT;

	make_card(&card, HOST);
	write_ca(&card, *state);
	assert_int_equal(talk(&card, "NORMAL:-VERS-ALL:+VERS-TLS1.2", *state, NULL, &err), 0);
	assert_int_equal(talk(&card, "NORMAL:-VERS-ALL:+VERS-TLS1.1", *state, NULL, &err), -1);
	free_card(&card);
}

/* PROMISES 1: CVE-2011-0411 and its kin. */
static void row_1_words_before_tls_end_the_session(void **state)
{
	struct card card;
	struct err err = ERR_INIT;
	struct tls_trust *trust;
	struct stream_options options = {.host = HOST, .port = PORT, .tls = STREAM_STARTTLS};
	struct stream *stream;
	int fd;
	pid_t pid;

	make_card(&card, HOST);
	write_ca(&card, *state);
	trust = tls_trust_new(*state, NULL, NULL, NULL);
	options.trust = trust;
	for (int injected = 0; injected < 2; injected++) {
		pid = start_server(&card, "NORMAL", injected ? "a OK\r\n* BYE\r\n" : "a OK\r\n", &fd);
		stream = stream_open(fd, fd, &options, &err);
		assert_line(stream, "a OK");
		assert_int_equal(stream_start_tls(stream, &err), injected ? -1 : 0);
		assert_int_equal(err.kind, injected ? ERR_DENIED : ERR_NONE);
		stream_close(&stream);
		waitpid(pid, NULL, 0);
	}
	tls_trust_free(&trust);
	free_card(&card);
}

static char home[] = "/tmp/tern-stream-XXXXXX", ca_path[64];

static int set_up(void **state)
{
	if (!*home || access(home, F_OK) < 0) {
		if (!mkdtemp(home))
			return -1;
		setenv("TERN_HOME", home, 1);
	}
	snprintf(ca_path, sizeof ca_path, "%s/ca.pem", home);
	*state = ca_path;
	return 0;
}

static int tear_down(void **state)
{
	char pins[80];

	(void)state;
	snprintf(pins, sizeof pins, "%s/data/pins", home);
	unlink(pins);
	unlink(ca_path);
	return 0;
}

static int remove_home(void **state)
{
	char data[80];

	(void)state;
	snprintf(data, sizeof data, "%s/data", home);
	rmdir(data);
	rmdir(home);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_end_with_lf_or_crlf),
	    cmocka_unit_test(lines_and_bytes_take_turns),
	    cmocka_unit_test(a_line_has_a_limit),
	    cmocka_unit_test(silence_and_dripping_have_an_end),
	    cmocka_unit_test(who_waits_is_woken),
	    cmocka_unit_test(much_is_written_in_few_pieces),
	    cmocka_unit_test(both_ways_go_through_deflate),
	    cmocka_unit_test(what_is_not_deflated_is_told),
	    cmocka_unit_test(places_are_read),
	    cmocka_unit_test_setup_teardown(an_unknown_certificate_is_asked_about_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(who_is_signed_for_is_trusted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(old_tls_is_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(row_1_words_before_tls_end_the_session, set_up, tear_down),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, remove_home);
}
