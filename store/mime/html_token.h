/* HTML as tokens, by the rules of the WHATWG tokenizer (section 13.2.5) with what a mail needs of them. One pass,
 * never back: an unclosed comment or attribute costs what stands behind it, once. Nothing is copied but
 * attribute values with references in them. */
#ifndef UI_RENDER_HTML_TOKEN_H
#define UI_RENDER_HTML_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/str.h"

struct buf;

#define HTML_ATTRIBUTES_MAX 64	/* of one tag; more are read over */

enum html_token_kind { HTML_END, HTML_TEXT, HTML_OPEN, HTML_CLOSE };

struct html_attribute {
	struct span name, value; /* as written: compare without case, undo references (html_add_text) */
};

struct html_token {
	enum html_token_kind kind;
	struct span text;	  /* of HTML_TEXT: references not undone */
	bool is_raw;		  /* ... and none in it: script, style */
	struct span name;	  /* of tags, as written */
	bool closes_itself;
	struct html_attribute attributes[HTML_ATTRIBUTES_MAX];
	size_t attribute_count;
};

struct html_reader {
	struct span text;
	size_t at;
	char raw[16]; /* inside of this element only its end tag counts */
	bool raw_has_references;
};

void html_reader_init(struct html_reader *reader, const char *text, size_t len);
enum html_token_kind html_next(struct html_reader *reader, struct html_token *token);
/* Appends TEXT with its character references undone, as in text or (IS_ATTRIBUTE) in a value. */
void html_add_text(struct buf *out, struct span text, bool is_attribute);
/* The first attribute of that name, SPAN_NONE when missing; data not NULL when there (even if empty). */
struct span html_attribute(const struct html_token *token, const char *name);

#endif
