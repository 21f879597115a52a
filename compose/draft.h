/* A letter while it is written. Each lies in a file of its own, PATH_DATA/drafts/ID.eml: a readable
 * message whose X-Tern-Draft field holds what a message cannot say (half typed addresses,
 * attachments). Every saving is one atomic, durable replacement: after kill -9 or a power cut the
 * last one stands. Texts are UTF-8 with LF and never NULL. */
#ifndef COMPOSE_DRAFT_H
#define COMPOSE_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compose;
struct err;

/* A file that goes with the letter. Bytes that have no file of their own (an attachment of a
 * forwarded letter) lie in PATH_DATA/drafts/ID.d/ and are the draft's. */
struct attachment {
	char *path;	   /* absolute */
	char *name;	   /* shown to the reader; no slash */
	char *type;	   /* "image/jpeg" */
	char *description; /* "" : none */
	int64_t size;	   /* when it was attached; -1 unknown */
	bool is_inline;
	bool is_ours; /* the draft's own copy: goes with it */
};

enum draft_origin { DRAFT_NEW, DRAFT_REPLY, DRAFT_FORWARD, DRAFT_AGAIN };

struct draft {
	char *id;
	char *account; /* name; "" : the default */
	/* as typed, one line each */
	char *from, *to, *cc, *bcc, *reply_to, *subject;
	char *in_reply_to; /* ids without brackets, a space between; "" : none */
	char *references;  /* likewise */
	char *headers;	   /* more fields, "Name: text\n" each; "" : none */
	char *body;
	struct attachment *attachments;
	size_t attachment_count, attachment_cap;

	enum draft_origin origin;
	char *origin_id; /* Message-ID of the letter answered or forwarded; "" : none */
	char *origin_account;
	char *message_id; /* of this letter, from its birth: sending it twice is noticed by it */
	char *kept_box, *kept_key; /* the message in a Drafts folder it came from; "" : none */
	char *sent_box, *sent_key; /* its copy in Sent, for send_undo; "" : none */
	int64_t send_at;	   /* 0: when it is sent */
	int64_t saved;		   /* seconds since 1970; 0: never */
	bool wants_sign, wants_encrypt;
	bool was_encrypted;	   /* what it quotes or passes on came so: it is not to go out readable unasked */
	int lock; /* private */
};

/* Empty, with id and Message-ID; nothing on disk yet. ACCOUNT may be NULL. */
struct draft *draft_new(const char *account);
/* Frees and lets go; the file stays. */
void draft_free(struct draft **draft);
/* Replaces one of the texts: draft_set(&draft->to, "lena"). Line ends in a field become spaces. */
void draft_set(char **field, const char *text);
void draft_set_body(struct draft *draft, const char *text, size_t len);
/* Nothing in it that a person would miss (the signature alone is nothing): no need to keep it. */
bool draft_is_empty(const struct draft *draft);
/* Where bytes of its own lie, made when missing; free it. NULL on error. */
char *draft_own_dir(const struct draft *draft, struct err *err);

/* Atomic and durable; claims it for this process. */
int draft_save(struct draft *draft, struct err *err);
/* NULL on error, also (ERR_TEMPORARY) when another tern is writing it. */
struct draft *draft_load(const char *id, struct err *err);
/* The file stays under the name "sent-OUTBOX" for a while, and is no draft any more; so that
 * draft_unsend brings all of it back. */
int draft_sent(struct draft *draft, int64_t outbox, struct err *err);
/* NULL when there is none. */
struct draft *draft_unsend(int64_t outbox, struct err *err);
/* File and own copies go. Not there: fine. */
int draft_remove(struct draft *draft, struct err *err);
char *draft_path(const struct draft *draft);

/* What was left: by a tern that died, or that another one is writing now. */
struct draft_info {
	char *id, *account, *to, *subject;
	int64_t saved;
	bool is_open; /* a living tern has it */
};
struct draft_list {
	struct draft_info *items; /* newest first */
	size_t count, cap;
};
int draft_list_load(struct draft_list *list, struct err *err);
void draft_list_free(struct draft_list *list);

#endif
