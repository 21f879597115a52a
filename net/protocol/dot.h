/* The end of a text that is sent as lines, in POP3 (RFC 1939 3) and SMTP (RFC 5321 4.5.2): a line with a
 * dot alone; a dot in front of a line that begins with one is taken off. Pulled: any pieces in, the text
 * out, however long its lines. Only CR LF . CR LF ends it. */
#ifndef NET_PROTOCOL_DOT_H
#define NET_PROTOCOL_DOT_H

#include <stdbool.h>
#include <stddef.h>

enum dot_state { DOT_LINE_START, DOT_TEXT, DOT_CR, DOT_DOT, DOT_DOT_CR, DOT_END };

struct dot {
	enum dot_state state;
};

#define DOT_INIT                                                                                           \
	{                                                                                                  \
		.state = DOT_LINE_START                                                                    \
	}

struct buf;

/* Reads DATA up to the end of the text at most: how many bytes were read; the text in them is appended to
 * OUT. dot_has_ended() says whether that was the end. */
size_t dot_read(struct dot *dot, const char *data, size_t len, struct buf *out);
bool dot_has_ended(const struct dot *dot);

#endif
