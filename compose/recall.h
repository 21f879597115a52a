/* A message becomes a draft again, and the other way: postponed letters lie in the account's Drafts
 * folder, where other programs see them too. */
#ifndef COMPOSE_RECALL_H
#define COMPOSE_RECALL_H

#include <stddef.h>

struct compose;
struct draft;
struct err;
struct mime_message;

/* A draft with the fields, text and attachments of MESSAGE ("edit as new", resume). New id, new
 * Message-ID. Only fields of the standards count; local ones (X-Tern-, Fcc, Attach) are not
 * believed. */
struct draft *recall_message(const struct compose *compose, const struct mime_message *message,
			     const char *account, struct err *err);
/* Resumes a postponed letter: the same, with its In-Reply-To and References kept. BOX and KEY (may
 * be NULL) say where the message lies: it is removed once the draft is sent or postponed again. */
struct draft *recall_postponed(const struct compose *compose, const struct mime_message *message,
			       const char *box, const char *key, const char *account,
			       struct err *err);
/* Into the Drafts folder with \Draft, durable; then the draft's own file goes. DRAFT stays to be
 * freed. */
int recall_postpone(const struct compose *compose, struct draft *draft, struct err *err);

#endif
