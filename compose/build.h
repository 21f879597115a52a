/* A draft becomes a message (RFC 5322, MIME): text/plain; format=flowed in UTF-8, attachments
 * behind it in multipart/mixed. Lines end in LF. */
#ifndef COMPOSE_BUILD_H
#define COMPOSE_BUILD_H

struct buf;
struct compose;
struct draft;
struct err;

enum build_mode {
	BUILD_LETTER,	 /* what goes out: without Bcc */
	BUILD_SENT_COPY, /* what is kept: with Bcc */
	BUILD_POSTPONED, /* with Bcc; text as typed, addresses that are not whole yet kept as text
			  */
};

/* Appends the message. -1 with a sentence (an address, a file). DATE: seconds since 1970, 0 now. */
/* Appends its Message-ID without brackets: the draft's own, with the DOMAIN of the sender. */
void build_message_id(const struct draft *draft, const char *domain, struct buf *out);
int build_message(const struct compose *compose, const struct draft *draft, enum build_mode mode,
		  long long date, struct buf *out, struct err *err);

#endif
