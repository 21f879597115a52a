/* An account on an IMAP server: the operations of net/sync/backend.h on the wire (RFC 3501, 9051,
 * 4315, 4731, 5161, 5258, 5465, 5819, 6154, 6851, 7162, 7889, 8437...), as few round trips as the
 * server allows. */
#ifndef NET_SYNC_IMAP_H
#define NET_SYNC_IMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "net/io/stream.h"
#include "net/sync/backend.h"

struct account;
struct ask;
struct err;
struct imap_client;
struct imap_login;

/* What is lent is lent until the backend is closed. */
struct imap_options {
	const struct account *account; /* server, tls, user, ca, certificate, auth */
	struct ask *ask; /* whom to ask for a password and about a certificate; NULL: nobody */
	struct tls_trust *trust; /* NULL: made from the account's settings */
	int wake_fd;		 /* as in struct stream_options, with woken and arg */
	int (*woken)(void *arg);
	/* What the server wants the person to read (ALERT), one harmless line. May be NULL. */
	/* True: what woken() heard asks for something, so no waiting begins or goes on. May be NULL. */
	bool (*has_work)(void *arg);
	void (*alert)(void *arg, const char *words);
	void *arg;
	bool deflates_always; /* even where it costs more than it saves; for tests */
	void (*quiet)(void *arg, bool is_quiet); /* as in stream.h; may be NULL */
	int connect_ms, silence_ms; /* 0: as in stream.h */
	int64_t command_ms; /* for one command or a megabyte of its answer; 0: IMAP_COMMAND_MS */
};

/* Connects, encrypts, signs in. NULL with a sentence that says where it went wrong and what to do.
 */
struct backend *imap_open(const struct imap_options *options, struct err *err);
/* The same over a STREAM that stands (it goes over); for tests and tunnels. */
struct backend *imap_open_stream(struct stream *stream, const struct imap_login *login,
				 const struct imap_options *options, struct err *err);

/* Kilobytes used and allowed of the selected mailbox's account (RFC 9208). 1; 0 when nothing is
 * limited or told. */
int imap_quota(struct backend *backend, int64_t *used, int64_t *limit, struct err *err);
/* How it signed in ("SCRAM-SHA-256"), and what the server can, for the doctor. */
const char *imap_mechanism(const struct backend *backend);
const struct imap_client *imap_client_of(const struct backend *backend);
/* NAME as people see it: what this server calls it (-1: it cannot); the other way false when it
 * cannot be shown or used as a path safely. For tests too. */
int imap_wire_of(struct backend *backend, const char *name, struct buf *wire, struct err *err);
bool imap_name_of(struct backend *backend, const char *wire, struct buf *name);

#endif
