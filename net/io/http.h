/* One request by HTTPS, made by a program of our own (tern-web, the door to libcurl), so that nobody else
 * carries that library and its thirty others. It blocks, for a bounded time; only https, also behind a
 * redirection; certificates are always checked. */
#ifndef NET_IO_HTTP_H
#define NET_IO_HTTP_H

#include <stdbool.h>

struct buf;
struct child_ear;
struct err;

#define HTTP_SECONDS  15
#define HTTP_BODY_MAX (1 << 20)

struct http_request {
	const char *url;
	const char *form;    /* "a=b&c=d", posted as application/x-www-form-urlencoded; NULL: GET */
	const char *ca;	     /* a file of certificates to trust besides the system's, or NULL */
	const char *connect; /* "HOST:PORT" that is connected to in any case, or NULL (private networks, tests) */
	int seconds;	     /* 0: HTTP_SECONDS */
	bool never_redirect;
	const struct child_ear *ear; /* what is heard meanwhile may end it (ERR_CANCELLED); NULL: nothing */
};

/* The status (200, 404...), BODY appended; -1: none came (ERR_TEMPORARY, ERR_DENIED, ERR_FAILED). FORM and BODY may
 * hold secrets: the caller wipes them. */
int http_send(const struct http_request *request, struct buf *body, struct err *err);
/* Appends NAME=VALUE, escaped, with "&" before it when there is something already. */
void http_add_field(struct buf *form, const char *name, const char *value);
/* Appends TEXT with all but letters, digits and "-._~" as %XX. */
void http_add_escaped(struct buf *out, const char *text);

#endif
