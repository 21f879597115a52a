/* Autocrypt header fields (autocrypt.org, level 1): keys that letters bring along, remembered for each
 * address in a database of the person's own (PATH_DATA/autocrypt.db). What is remembered is a hint for
 * writing ("could be encrypted"), never trust: verdicts do not look at it. */
#ifndef STORE_CRYPTO_AUTOCRYPT_H
#define STORE_CRYPTO_AUTOCRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"

struct arena;
struct err;
struct mime_message;
struct autocrypt;

#define AUTOCRYPT_KEY_LIMIT (64 << 10) /* octets of a key; larger ones are not remembered */

struct autocrypt_field {
	char *addr;	     /* lower case */
	bool prefers_encrypt; /* "prefer-encrypt=mutual" */
	struct span key;     /* octets of an OpenPGP key, not yet looked at; in the arena */
};

/* One field's value. 1 with FIELD filled, 0 when it is not valid (a key missing, an unknown attribute
 * that is critical, bad base64): then it is as if it were not there. */
int autocrypt_parse(struct span value, struct arena *arena, struct autocrypt_field *field);
/* The field that counts in MESSAGE: the only valid one whose addr is the only From. 1 or 0. Delivery
 * reports and lists' digests have none. */
int autocrypt_of_message(const struct mime_message *message, struct arena *arena,
			 struct autocrypt_field *field);

struct autocrypt_peer {
	char *addr;
	int64_t last_seen;	/* its newest letter since a key came */
	int64_t key_seen;	/* the newest letter that brought the key; 0: none did */
	bool prefers_encrypt;
	char *key;		/* octets, or NULL */
	size_t key_len;
};

struct autocrypt *autocrypt_open(struct err *err);
void autocrypt_close(struct autocrypt **autocrypt);
/* A letter was opened (or indexed): remembers what it says. RECEIVED: when it came, as no date is later than
 * that. Cheap when nothing is new. 1 something was remembered, 0 nothing to, -1. */
int autocrypt_see(struct autocrypt *autocrypt, const struct mime_message *message, int64_t received,
		  struct err *err);
/* 1 with PEER filled (autocrypt_peer_free), 0 unknown, -1. */
int autocrypt_find(struct autocrypt *autocrypt, const char *addr, struct autocrypt_peer *peer,
		   struct err *err);
void autocrypt_peer_free(struct autocrypt_peer *peer);

#endif
