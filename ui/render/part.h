/* How each kind of part is made ready for reading: a table, one row a type. A new kind is a new part_*.c and its
 * row in part.c. */
#ifndef UI_RENDER_PART_H
#define UI_RENDER_PART_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct crypto_verdict;
struct doc;
struct message_wish;
struct mime_header;
struct mime_message;
struct mime_part;

/* One rendering of one message. */
struct part_work {
	struct doc *doc;
	struct mime_message *message;
	const struct message_wish *wish;
	struct arena *arena; /* until the rendering ends */
	size_t room;	     /* bytes of text that may still come (MESSAGE_TEXT_MAX) */
	int inline_count;    /* parts shown so far */
	/* signed_marks.c: whose signature the lines from MARKED on stand under (NULL: none), once that was said */
	const struct crypto_verdict *mark;
	bool has_mark;
	bool is_separated; /* by such a row: no rule is needed */
	size_t marked;
};

struct part_row {
	const char *type; /* "text/html", or "text/" for all that begin so; the first row that fits counts */
	/* Appends PART to the doc. Calls part_separate first. */
	void (*render)(struct part_work *work, struct mime_part *part);
	bool is_prose; /* its text is the letter's (an alternative, a quotation), not only something to look at */
};
/* The row of PART, NULL: only in the list of parts. A part "attachment" has none unless its row is no prose. */
const struct part_row *part_row(const struct mime_part *part);
bool part_is_prose(const struct mime_part *part);
bool part_is_type(const struct mime_part *part, const char *type);

/* A rule between this part and what stands above it. */
void part_separate(struct part_work *work);
/* PART's text as UTF-8, at most as much as there is room for; 1 when it was cut there, else 0. */
int part_text(struct part_work *work, const struct mime_part *part, struct buf *text);
/* The line that stands for a file within the text. */
void part_file_note(struct part_work *work, const struct mime_part *part);
/* Where a text (PGP in the text) was decrypted: the line that says where that stands. */
void part_opened_note(struct part_work *work, const struct mime_part *part);
/* The line that says that the text was cut. */
void part_say_cut(struct part_work *work);

/* --- the rows' functions, each in a file of its own --- */
void part_text_render(struct part_work *work, struct mime_part *part);	 /* part_text.c: text/... and HTML */
void part_letter_render(struct part_work *work, struct mime_part *part); /* part_letter.c: message/rfc822 */
void part_locked_render(struct part_work *work, struct mime_part *part); /* part_locked.c: encrypted */

#endif
