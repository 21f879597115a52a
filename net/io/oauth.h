/* OAuth2 for signing in to mail (RFC 6749): by a browser that comes back to this computer (RFC 8252) with PKCE (RFC
 * 7636), or by a code typed elsewhere (RFC 8628); access tokens are renewed when they are about to end or were
 * refused. The client's id comes from the configuration ("oauth-client-id" of the account, or [oauth]), the addresses
 * from the account's settings or the table of providers. The refresh token is kept like a password: in the desktop's
 * keyring, or in a file of mode 0600, data/tokens/NAME, which says whose it is: to an account of the same name with
 * another address or server it is none. It blocks. */
#ifndef NET_IO_OAUTH_H
#define NET_IO_OAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account;
struct buf;
struct child_ear;
struct err;

/* Has the account a client id, and an address to ask for tokens? */
bool oauth_is_configured(const struct account *account);
/* Did somebody authorize it? */
bool oauth_has_token(const struct account *account);
/* Appends an access token that is good for some time yet. IS_RETRY: the one before was refused; a new one is asked for,
 * once. ERR_DENIED: a person must authorize again. EAR (may be NULL): what is heard meanwhile may end it
 * (ERR_CANCELLED); what was asked for may come first, though, for a while: a server may give no second answer. */
int oauth_token(const struct account *account, bool is_retry, const struct child_ear *ear, struct buf *token,
		struct err *err);

struct oauth_talk {
	/* The person shall open URL, and type CODE there unless it is NULL. */
	void (*open)(void *arg, const char *url, const char *code);
	/* In between, each second or so: -1 ends it (ERR_CANCELLED). May be NULL. */
	int (*wait)(void *arg);
	void *arg;
};
/* What was kept for the account NAME is no more. */
int oauth_forget(const char *name, struct err *err);
/* Asks the person to sign in, and keeps what comes of it. */
int oauth_authorize(const struct account *account, bool by_device, const struct oauth_talk *talk, struct err *err);

/* --- for tests --- */

struct oauth_answer {
	char *access, *refresh; /* NULL: none */
	int64_t expires_in;	/* seconds, 0: not told */
	char error[64];		/* "invalid_grant"; "" none */
	char words[256];	/* why, for people; one harmless line */
	char *device_code, *user_code, *url;
	int64_t interval;
};
/* What a token or device endpoint said. -1: it is no JSON of that kind. */
int oauth_read(const char *text, size_t len, struct oauth_answer *answer, struct err *err);
void oauth_answer_free(struct oauth_answer *answer); /* wipes */
/* The challenge of a PKCE verifier (S256); appended. */
void oauth_add_challenge(struct buf *out, const char *verifier);
/* The value of NAME in the query of REQUEST ("GET /?a=b HTTP/1.1"), decoded; false: none. */
bool oauth_query(const char *request, const char *name, struct buf *value);

#endif
