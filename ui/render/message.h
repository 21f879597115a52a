/* A whole message into a doc: its header, the parts that are text, nested letters, delivery reports; and the
 * list of all its parts. What is bigger than the limits is cut with a line that says so. */
#ifndef UI_RENDER_MESSAGE_H
#define UI_RENDER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct crypto_result;
struct doc;
struct mime_message;
struct mime_part;
struct sender_self;

#define MESSAGE_TEXT_MAX   (4u << 20) /* bytes of text that are made ready for reading, in all */
#define MESSAGE_LINES_MAX  500000     /* lines of a letter as it came */
#define MESSAGE_INLINE_MAX 200	      /* parts shown one below the other */
#define MESSAGE_FIELDS_MAX 1000	      /* header fields shown */

struct message_wish {
	int width;	  /* tables are laid out for it */
	bool wants_html;  /* of alternatives the HTML one */
	unsigned form;	  /* or this one, as message_forms counts; 0: as WANTS_HTML says */
	bool all_headers; /* every field, as it came but decoded */
	bool no_header;	  /* the text only (to be quoted) */
	bool is_headed;	  /* its header stands above already */
	const char *answered; /* what an invitation was answered with: "accepted", "declined", "tentative"; NULL */
	bool is_emphatic; /* *bold* and its kin in plain text are drawn so */
	/* What is known of signatures and encryption, and which message of that this is; NULL: nothing. */
	const struct crypto_result *crypto;
	size_t crypto_message;
	bool is_checking;  /* not yet */
	bool has_no_links; /* nobody knows who wrote it: no link of it can be followed */
	const struct sender_self *self; /* who reads, to see who poses as them; SELF_COUNT of them */
	size_t self_count;
};

void message_render(struct doc *doc, struct mime_message *message, const struct message_wish *wish);
/* Every byte as it came, first MESSAGE_TEXT_MAX in MESSAGE_LINES_MAX lines. */
void message_render_raw(struct doc *doc, const char *bytes, size_t len);
/* How many forms of one and the same text it has that can be shown (0: no alternatives). *SHOWN, from 1 on, is the one
 * that WISH shows. */
unsigned message_forms(const struct mime_message *message, const struct message_wish *wish, unsigned *shown);
/* "HTML", "text"...: translated; NULL when there is no such form. */
const char *message_form_name(const struct mime_message *message, unsigned form);
/* Is what would be shown without a wish HTML? (then what a reply quotes is the rendered text) */
bool message_is_html(const struct mime_message *message);
/* Appends the text as it is shown with WISH, quotes with "> ", without our own lines. */
void message_shown_text(struct mime_message *message, const struct message_wish *wish, struct buf *out);

/* The part after PART in the order of reading: of alternatives one, of encrypted things nothing. NULL at the end.
 * WHICH of them: 0 the plain one, 1 the HTML one, as far as there is one; 1 + N the form N of message_forms. */
struct mime_part *message_next_shown(struct mime_part *part, unsigned which);

/* "image", "PDF", "letter"...: translated; TYPE itself for what is not known. */
const char *message_kind_name(const char *type);

struct message_part {
	struct mime_part *part;
	int level;	/* in the tree */
	bool is_shown;	/* in the text */
	bool is_form;	/* another form of what is shown (HTML beside plain text) */
	char *name;	/* printable, may be "" */
	char *kind;	/* "image", "PDF", "letter"...: translated */
	bool says_all;	/* KIND says more than the size would: "invitation: Sat 28 Nov 10:00, 3 people" */
	int64_t size;	/* about, decoded */
	bool is_away;	/* its bytes are on the server alone (reader_view_mark_away) */
};
/* All parts but multiparts; in ARENA. What a person would call attachments are those with neither
 * is_shown nor is_form. */
void message_parts(struct mime_message *message, struct arena *arena, struct message_part **parts,
		   size_t *count);
/* About how much PART is, decoded, when ENCODED bytes are. */
int64_t message_size_of(const struct mime_part *part, int64_t encoded);
/* Appends "1.2 M", "340 K", "88". */
void message_add_size(struct buf *out, int64_t size);

#endif
