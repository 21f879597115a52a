/* What is odd about who sent a letter, in lines of ours below its header. */
#ifndef UI_RENDER_SENDER_LINES_H
#define UI_RENDER_SENDER_LINES_H

#include <stddef.h>

struct arena;
struct doc;
struct mime_header;
struct sender_self;

/* Appends a line for each thing that is odd about From, Sender and Reply-To of HEADER; none for most letters.
 * SELF (COUNT, may be none) is who reads. */
void sender_lines_add(struct doc *doc, const struct mime_header *header, struct arena *arena,
		      const struct sender_self *self, size_t count);

#endif
