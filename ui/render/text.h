/* Plain text into a doc: quotes by depth, signature, format=flowed, web addresses, patches. Any bytes. */
#ifndef UI_RENDER_TEXT_H
#define UI_RENDER_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct doc;

struct text_kind {
	bool is_flowed, is_delsp; /* RFC 3676 */
	bool is_emphatic;	  /* *bold*, _underlined_ and /slanted/ words are drawn so */
	bool is_patch;		  /* by type or name; else found by "diff --git" and "--- ", "+++ " */
};

void text_render(struct doc *doc, const char *text, size_t len, const struct text_kind *kind);

/* The next web or mail address in TEXT from FROM on: its length, *AT where; 0 none. Without what follows it
 * in a sentence. */
size_t text_find_url(const char *text, size_t len, size_t from, size_t *at);

#endif
