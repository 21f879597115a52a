/* The client's side of POP3 (RFC 1939; CAPA and PIPELINING RFC 2449; STLS RFC 2595; SASL RFC 5034; UTF8 RFC
 * 6856). It speaks; what is fetched and removed is net/sync/pop3's matter. Errors as in net/io/stream.h;
 * ERR_DENIED: signing in was refused; what the server said stands in the sentence, made harmless. */
#ifndef NET_PROTOCOL_POP3_CLIENT_H
#define NET_PROTOCOL_POP3_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct pop3;
struct sasl_who;
struct stream;

#define POP3_MESSAGES_MAX 10000000
#define POP3_UID_MAX	  1000 /* RFC 1939 says 70 */

/* Greets, starts TLS where MUST_START_TLS (never goes on without), signs in as WHO says. Takes STREAM over,
 * on error too. */
struct pop3 *pop3_open(struct stream *stream, bool must_start_tls, struct sasl_who *who, struct err *err);
/* Closes at once: nothing that was marked is removed. *POP3 may be NULL and becomes NULL. */
void pop3_close(struct pop3 **pop3);

const struct stream *pop3_stream(const struct pop3 *pop3);
/* How it signed in; USER and PASS are "LOGIN". */
const char *pop3_mechanism(const struct pop3 *pop3);

struct pop3_message {
	uint32_t number; /* from 1, in this session only */
	int64_t size;	 /* -1: not told */
	char *uid;	 /* NULL: the server gives none */
};
/* What is there, rising by number; *MESSAGES is the caller's (pop3_messages_free). Lines that make no sense
 * (number 0, too large, twice) are passed over. */
int pop3_list(struct pop3 *pop3, struct pop3_message **messages, size_t *count, struct err *err);
void pop3_messages_free(struct pop3_message **messages, size_t *count);

struct pop3_sink {
	/* AT: which of MESSAGES. REFUSED: the server's words, instead of the pieces and the end. -1 stops.
	 */
	int (*begin)(void *arg, size_t at, struct err *err);
	int (*piece)(void *arg, const char *data, size_t len, struct err *err);
	int (*end)(void *arg, size_t at, struct err *err);
	int (*refused)(void *arg, size_t at, const char *words, struct err *err);
	void *arg;
};
/* The whole messages, CR LF, many asked for at once where the server takes that. */
int pop3_retrieve(struct pop3 *pop3, const struct pop3_message *const *messages, size_t count,
		  const struct pop3_sink *sink, struct err *err);
/* The same, of their headers at least: whole where the server cannot give less (TOP). */
int pop3_heads(struct pop3 *pop3, const struct pop3_message *const *messages, size_t count,
	       const struct pop3_sink *sink, struct err *err);
/* Marks them: they go with pop3_quit. Each place in MESSAGES that was. */
int pop3_delete(struct pop3 *pop3, const struct pop3_message *const *messages, size_t count,
		void (*marked)(void *arg, size_t at), void *arg, struct err *err);
/* Ends the session in order: 0 when the server said that what was marked is removed. Frees in any case. */
int pop3_quit(struct pop3 **pop3, struct err *err);

#endif
