/* Well-known providers: where their mail is, what is to be known before signing in there, and where OAuth2 tokens
 * come from. A constant table, for when the domain itself says nothing. */
#ifndef NET_IO_PROVIDER_H
#define NET_IO_PROVIDER_H

#include <stdbool.h>

#include "net/io/stream.h"

struct provider_place {
	const char *host; /* NULL: none */
	int port;
	enum stream_tls tls;
};

struct provider {
	const char *name;    /* "google": part of option names */
	const char *title;   /* "Gmail" */
	const char *domains; /* of addresses, blanks between */
	const char *mx;	     /* names that the hosts of its MX records end with, for other people's domains */
	const char *hosts;   /* names that its servers' names end with */
	struct provider_place imap, submission;
	bool takes_no_password; /* only OAuth2 */
	const char *hint;	/* N_(): what to know or do, or NULL */
	/* RFC 6749, 8414; NULL: no OAuth2 that a mail program could use. */
	const char *authorize_url, *token_url, *device_url, *scope;
	const char *redirect_host; /* that the browser comes back to, as registered there; NULL: 127.0.0.1 */
	const char *extra; /* fields that the authorization wants besides ("access_type=offline"), or NULL */
};

/* NULL: none. */
const struct provider *provider_by_domain(const char *domain);
const struct provider *provider_by_mx(const char *host);
const struct provider *provider_by_server(const char *host);
const struct provider *provider_by_name(const char *name);

#endif
