/* What a page's style says of an element, as far as it decides what a reader sees: is it there at all, is it a
 * block, bold, right-aligned, in which colour on which ground. Inline declarations, and of style sheets the
 * rules with one simple selector (p, .class, p.class, #id); rules for certain media are not ours. */
#ifndef UI_RENDER_HTML_CSS_H
#define UI_RENDER_HTML_CSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"

struct arena;
struct html_rule;

#define HTML_COLOUR_UNSET   (-1)
#define HTML_COLOUR_UNKNOWN (-2) /* a picture, a gradient, a name we don't know */

/* UNSET: nothing is said of it. */
enum html_display { DISPLAY_UNSET, DISPLAY_NONE, DISPLAY_INLINE, DISPLAY_INLINE_BLOCK, DISPLAY_BLOCK };
enum html_align { ALIGN_UNSET, ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT };
enum html_answer { ANSWER_UNSET, ANSWER_NO, ANSWER_YES };

/* A little above the line or below: "m<sup>2</sup>". */
enum html_script { SCRIPT_UNSET, SCRIPT_RAISED, SCRIPT_LOWERED };

struct html_look {
	unsigned char display, align;		    /* enum html_display, html_align */
	unsigned char is_invisible, is_bold, is_italic; /* enum html_answer, as all of these */
	unsigned char has_no_size;		    /* letters too small to be seen */
	unsigned char is_hidden;		    /* with all that is in it, whatever that says */
	unsigned char is_pre, is_struck, has_no_marker;
	unsigned char is_tiny;	     /* a width or height of two pixels and less */
	unsigned char is_word_marker;  /* mso-list: Ignore; the bullet that Word wrote as text */
	unsigned char word_level;      /* mso-list: l0 level2 lfo1 */
	unsigned char is_wingdings;
	unsigned char script; /* enum html_script */
	unsigned char is_close; /* no room above and below; ANSWER_NO: room */
	unsigned char has_line_above; /* border-top, as Outlook sets off what it answers */
	int32_t colour, ground;
};

struct html_css {
	struct html_rule *rules;
	size_t count, cap;
	size_t read; /* of all sheets: joined rules count for themselves, later ones win by it */
	bool is_sorted;
	/* There are rules on colours that we don't follow: what seems to be hidden by them may be seen. */
	bool has_other_colours;
};

extern const struct html_look html_look_unset;

void html_look_over(struct html_look *look, const struct html_look *over);
/* Declarations, "display: none; color: #fff". */
void html_look_read(struct html_look *look, struct span declarations);
int32_t html_colour(struct span value);
/* Adds the rules of a sheet; spans of it (copied into ARENA) are kept. */
void html_css_read(struct html_css *css, struct span sheet, struct arena *arena);
void html_css_apply(struct html_css *css, const char *element, struct span classes, struct span id,
		    struct html_look *look);
void html_css_free(struct html_css *css);

#endif
