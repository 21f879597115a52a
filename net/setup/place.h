/* Where a domain's mail may be: one server, and how one comes in. */
#ifndef NET_SETUP_PLACE_H
#define NET_SETUP_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/io/stream.h"

#define PLACE_TEXT_SIZE 256
#define PLACES_MAX	24

enum place_kind { PLACE_IMAP, PLACE_POP3, PLACE_SUBMISSION };

struct place {
	enum place_kind kind;
	enum stream_tls tls;
	char host[PLACE_TEXT_SIZE];
	int port;
	char user[PLACE_TEXT_SIZE]; /* "": not told; else the name to sign in with */
	bool wants_oauth;	    /* no password is taken, as far as is told */
};

struct places {
	struct place items[PLACES_MAX];
	size_t count;
};

/* What does not fit, or names no host or port, is left out. */
void places_add(struct places *places, const struct place *place);
/* "imap.example.org:993, TLS", for people; appended. */
struct buf;
void place_add_words(const struct place *place, struct buf *out);
const char *place_kind_name(enum place_kind kind); /* "imap", "pop3", "submission" */
const char *place_tls_name(enum stream_tls tls);	 /* "implicit", "starttls", "none" */
/* "host:port", as the settings of an account have it; appended. */
void place_add_setting(const struct place *place, struct buf *out);
/* A name of a host, or an address in numbers? */
bool place_is_host(const char *text);

#endif
