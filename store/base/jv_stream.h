/* JSON written from left to right, without a tree: for output that is long or made a hundred
 * thousand times. The caller sees to the order (an object's key before its value, every end to its
 * beginning); commas and escapes are seen to here. The bytes are those of jv_print: text that is
 * not UTF-8 gets U+FFFD, what steers a terminal is \uXXXX. Why not by jansson: building its tree
 * and printing it letter by letter took a third of all the time of "tern show --json". */
#ifndef STORE_BASE_JV_STREAM_H
#define STORE_BASE_JV_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct jv_stream {
	struct buf *out; /* the caller's; may be emptied between any two calls */
	bool is_behind;	 /* private: a value stands in front, a comma is due */
};
#define JV_STREAM_INIT(buf)                                                                        \
	{                                                                                          \
		.out = (buf)                                                                       \
	}

void jv_stream_object(struct jv_stream *stream);
void jv_stream_end_object(struct jv_stream *stream);
void jv_stream_array(struct jv_stream *stream);
void jv_stream_end_array(struct jv_stream *stream);
/* A name that needs no escapes. */
void jv_stream_key(struct jv_stream *stream, const char *key);
void jv_stream_number(struct jv_stream *stream, int64_t number);
/* NULL becomes null. */
void jv_stream_text(struct jv_stream *stream, const char *text);
/* A key and its text. */
void jv_stream_set(struct jv_stream *stream, const char *key, const char *text);
/* One text in pieces: each is UTF-8, valid and of whole characters. */
void jv_stream_text_begin(struct jv_stream *stream);
void jv_stream_text_more(struct jv_stream *stream, const char *text, size_t len);
void jv_stream_text_end(struct jv_stream *stream);

#endif
