/* Passing a letter on. */
#ifndef COMPOSE_FORWARD_H
#define COMPOSE_FORWARD_H

struct buf;
struct compose;
struct draft;
struct err;
struct mime_message;
struct mime_part;

enum forward_mode {
	FORWARD_INLINE,	  /* its text below a line, its attachments as attachments */
	FORWARD_ATTACHED, /* whole, as message/rfc822, but for Bcc */
};

/* SHOWN as in reply.h. NULL on error. */
struct draft *forward_make(const struct compose *compose, const struct mime_message *message,
			   enum forward_mode mode, const char *account, const char *shown,
			   struct err *err);
/* The attachments, TEXT's own apart: files of their own, or all of a letter of very many as one. 0 or -1. */
int forward_attachments(const struct mime_message *message, const struct mime_part *text,
			struct draft *draft, struct err *err);
/* The mode that option forward-mode asks for. */
enum forward_mode forward_mode(const struct compose *compose);
void forward_subject(struct buf *out, const char *subject);

#endif
