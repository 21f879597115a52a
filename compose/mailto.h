/* mailto: links, RFC 6068. Whoever wrote the link chose its words: only to, cc, bcc, subject, body
 * and in-reply-to are taken, everything is shown before it is sent, and nothing can begin a new
 * field. */
#ifndef COMPOSE_MAILTO_H
#define COMPOSE_MAILTO_H

#include <stdbool.h>

struct compose;
struct draft;
struct err;

struct mailto_result {
	bool has_bcc;	   /* the link names hidden recipients: say so */
	char refused[128]; /* names of fields not taken ("attach, from"), or "" */
};

bool mailto_is(const char *text);
/* A new draft with signature. RESULT may be NULL. NULL on error: no mailto link. */
struct draft *mailto_make(const struct compose *compose, const char *url, const char *account,
			  struct mailto_result *result, struct err *err);

#endif
