/* TLS for connections (RFC 8446, 5246, 6125, 8314): 1.2 and up, chain and name checked, and what a person
 * was asked about. The one door to GnuTLS on this side; net/io/stream reads and writes through it. */
#ifndef NET_IO_TLS_H
#define NET_IO_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct err;
struct tls;
struct tls_trust;

#define TLS_FINGERPRINT_SIZE 65 /* SHA-256 of the certificate, 64 lower case hex digits and a NUL */

/* What the other side showed. Printable, one line each; lent until the callback returns. */
struct tls_certificate {
	const char *host; /* who it should have been, "host:port" */
	const char *subject, *issuer;
	const char *names; /* the hosts it is for, with commas between */
	int64_t begins, ends;
	char fingerprint[TLS_FINGERPRINT_SIZE];
	const char *problem; /* a whole sentence: what is wrong with it */
	bool was_pinned;     /* another certificate is pinned for this host: this one is refused whatever is
				answered */
};

/* A certificate that cannot be trusted by itself. True: it is pinned for this host and port from now on. */
typedef bool tls_unknown(void *arg, const struct tls_certificate *certificate);

/* The certificates of the system, of CA_FILE (may be NULL), those that were pinned (PATH_DATA/pins), and
 * optionally our own certificate and key in PEM (no key: it is in the certificate's file). "~/" is the home directory.
 * Loaded once, shared by all connections of a process. */
struct tls_trust *tls_trust_new(const char *ca_file, const char *certificate_file, const char *key_file,
				struct err *err);
/* From now on UNKNOWN is asked about certificates that are not the pinned ones, too, and what it says yes to is pinned
 * instead: for whoever came to decide that. */
void tls_trust_let_replace(struct tls_trust *trust);
void tls_trust_free(struct tls_trust **trust);

/* The handshake over the connected socket FD, which stays the caller's and may be non-blocking: WAIT is
 * called with POLLIN or POLLOUT when it must be waited for, and returns -1 to give up (its own error in
 * ERR). UNKNOWN NULL: what is not trusted is refused. NULL on error: ERR_DENIED when the certificate was
 * refused. */
struct tls *tls_connect(struct tls_trust *trust, int fd, const char *host, int port,
			int (*wait)(void *arg, short events, struct err *err), tls_unknown *unknown,
			void *arg, struct err *err);
/* As read(2) and write(2): -1 with errno EAGAIN (try again after the socket is ready: tls_events), else -1
 * with EPROTO. */
ssize_t tls_read(struct tls *tls, void *data, size_t size);
ssize_t tls_write(struct tls *tls, const void *data, size_t len);
/* What to wait for after EAGAIN: POLLIN or POLLOUT. */
short tls_events(const struct tls *tls);
/* Bytes that were received but not read yet: a poll would not tell of them. */
size_t tls_pending(const struct tls *tls);
/* tls-exporter channel binding (RFC 9266), 32 bytes; false when there is none. */
bool tls_channel_binding(const struct tls *tls, unsigned char binding[32]);
/* "TLS 1.3, AES-256-GCM", for people. */
void tls_words(const struct tls *tls, struct buf *out);
/* "certificate of imap.example.org, until 24 Nov 2026 (61 days)", for people; nothing when there is none. */
void tls_peer_words(const struct tls *tls, struct buf *out);
/* Says goodbye without waiting for an answer. */
void tls_free(struct tls **tls);

#endif
