/* What machines say about letters: delivery reports (RFC 3464), receipts (RFC 8098), pieces of a large
 * letter and letters kept elsewhere (RFC 2046 section 5.2). Values are for reading: decoded, one line. */
#ifndef STORE_MIME_REPORT_H
#define STORE_MIME_REPORT_H

#include <stddef.h>

struct arena;
struct mime_part;

#define REPORT_RECIPIENT_LIMIT 1000

struct report_recipient {
	char *address;	  /* the original one if it is told, else the final one; "" */
	char *action;	  /* lower case: "failed", "delayed", "delivered", "relayed", "expanded"; "" */
	char *status;	  /* "5.1.1", or "" */
	char *diagnostic; /* what the other side said, without "smtp;"; "" */
	char *remote;	  /* the host that said it, or "" */
	char *will_retry_until; /* as written, or "" */
};

struct report {
	char *reporter; /* the host that reports, or "" */
	char *arrival;	/* date as written, or "" */
	struct report_recipient *recipients; /* in the arena */
	size_t count;
};

/* PART is a message/delivery-status (or message/global-delivery-status). */
void report_read_delivery(const struct mime_part *part, struct arena *arena, struct report *report);

struct receipt {
	char *address;	   /* who had the letter, or "" */
	char *original_id; /* of the letter, without brackets, or "" */
	char *disposition; /* lower case: "displayed", "deleted", "dispatched", "processed"; "" */
	char *mode;	   /* "manual-action/mdn-sent-manually"..., lower case, or "" */
	char *agent;	   /* the program, or "" */
};

/* PART is a message/disposition-notification. */
void report_read_receipt(const struct mime_part *part, struct arena *arena, struct receipt *receipt);

struct feedback {
	char *kind;    /* lower case: "abuse", "fraud", "virus", "not-spam", "other"; "" */
	char *address; /* who complained or was written to, or "" */
	char *domain;  /* that it is about, or "" */
	char *source;  /* the host that it came from, or "" */
	char *agent;   /* the program, or "" */
	char *arrival; /* date as written, or "" */
};

/* PART is a message/feedback-report (ARF, RFC 5965). */
void report_read_feedback(const struct mime_part *part, struct arena *arena, struct feedback *feedback);

struct fragment {
	const char *id; /* the same in all pieces, or "" */
	long number, total; /* 0: not told */
};

/* PART is a message/partial. */
void report_read_fragment(const struct mime_part *part, struct fragment *fragment);

/* PART is a message/external-body: "ftp://host/dir/name", a URL, or what else tells where; "" when
 * nothing does. Nothing is ever fetched because of it. */
char *report_external_place(const struct mime_part *part, struct arena *arena);

#endif
