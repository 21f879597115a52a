/* What the files of the HTML renderer share. Nobody else includes it.
 *	html.c		elements: what opens and closes what
 *	html_flow.c	text into paragraphs, paragraphs into the cell or the doc
 *	html_table.c	tables: columns where they are data, cells one below the other where they only arrange
 *	html_link.c	links and pictures, and the lines about them at the end
 *	html_ahead.c	what is known of the page before it is read */
#ifndef UI_RENDER_HTML_PRIVATE_H
#define UI_RENDER_HTML_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/buf.h"
#include "ui/render/doc.h"
#include "ui/render/html_css.h"
#include "store/mime/html_token.h"

struct arena;

/* A paragraph grows no longer than this: then a line ends. */
#define HTML_PARAGRAPH_MAX 8000
#define HTML_MARKER_MAX	   16
#define HTML_HOSTS_MAX	   3 /* of tracking pictures, named */

struct html_paragraph {
	struct html_paragraph *next;
	const char *text;
	struct doc_run *runs;
	uint32_t len, run_count;
	unsigned char indent, hang, depth;
	unsigned char laid;	    /* columns were made of it so many times */
	bool is_rule, is_right, is_prose, has_blank_before;
};

/* Paragraphs one below the other. A list, so that a cell joins the next one at no cost. */
struct html_block {
	struct html_paragraph *first, *last;
	size_t count, len;
};

struct html_cell {
	struct html_cell *next;
	struct html_block block;
	unsigned short span, rows, column;
	bool is_header, is_right;
};

struct html_row {
	struct html_row *next;
	struct html_cell *first, *last;
};

struct html_table {
	struct html_table *outer;
	struct html_row *first, *last;
	struct html_cell *cell; /* the open one */
	int indent, depth;	/* outside of it */
};

/* The paragraph that is being put together, and what stands around it. */
struct html_flow {
	struct doc *doc;
	struct arena *arena; /* of what is gone when the page is done */
	struct buf text;
	struct doc_run *runs;
	size_t run_count, run_cap;
	enum style style;
	unsigned short link;
	bool wants_space; /* a blank, when more text comes */
	bool has_fillers; /* with things of no width among them */
	bool ends_blank;  /* the last of those blanks was a common one */
	unsigned hard_blanks; /* so many no-break ones */
	bool is_right;	  /* numbers in a cell */
	bool is_line;	  /* behind a <br> */
	bool is_pre;	  /* broken as it was written */
	const char *mark; /* in front of the next word */
	int wants_break;  /* 1: a new line, 2: a blank line, before what comes */
	char marker[HTML_MARKER_MAX]; /* in front of the next paragraph: "• ", "12. " */
	int marker_hang;
	int depth, indent; /* quote bars, columns */
	struct html_table *table; /* the innermost */
	int width;
};

/* How things are where we stand; an element puts it back when it ends. */
struct html_state {
	enum style style;
	unsigned short link;
	int indent, depth;
	bool is_right;
	bool is_hidden;	   /* and all within */
	bool is_invisible, has_no_size; /* until something within says otherwise */
	bool is_pre, is_struck, is_word_marker, is_wingdings, has_no_marker;
	unsigned char script; /* enum html_script */
	int32_t colour, ground;
};

struct html_link {
	struct buf url, text; /* of the open <a>: where to, what it shows (its beginning) */
	bool is_open, was_shown, is_numbered, is_flagged;
	bool has_picture; /* one without words, which may be all that there is of it */
	unsigned short number; /* once it was shown; 0: no more room */
};

struct open;

struct html {
	struct html_flow flow;
	struct html_state state;
	struct html_css css;
	struct html_link link;
	struct buf base;  /* <base href> */
	struct buf word;  /* a marker that Word wrote as text */
	bool is_word_list; /* what came last was an item of Word's */
	const struct html_reader *reader; /* behind the token at hand */
	size_t look_ahead;		  /* bytes that may still be read ahead, in all */
	struct map *worded;		  /* html_ahead.c: addresses that links with words lead to; NULL: not looked */
	struct open *stack;
	size_t depth, too_deep;
	size_t *open_count; /* of each kind */
	size_t camouflaged; /* letters in the colour of their ground */
	size_t pictures, trackers, deceptions;
	char tracker_hosts[HTML_HOSTS_MAX][128];
	size_t tracker_host_count;
};

/* --- html_flow.c --- */
void html_flow_add(struct html_flow *flow, const char *text, size_t len, bool is_preformatted);
void html_flow_add_as(struct html_flow *flow, const char *text, enum style style,
		      unsigned short link); /* our own words, within the paragraph */
void html_flow_end(struct html_flow *flow, int wanted_break); /* ends the paragraph */
void html_flow_line(struct html_flow *flow);		      /* <br> */
void html_flow_rule(struct html_flow *flow);
void html_flow_unmark(struct html_flow *flow, const char *mark); /* ends what flow->mark began */
bool html_flow_is_blank(const char *text, size_t len); /* nothing that would be seen */
/* Into the open cell, or into the doc. */
void html_flow_put(struct html_flow *flow, struct html_paragraph *paragraph);
void html_flow_put_block(struct html_flow *flow, const struct html_block *block);

/* --- html_table.c --- */
void html_table_begin(struct html_flow *flow);
void html_table_end(struct html_flow *flow);
void html_table_row(struct html_flow *flow);
void html_table_cell(struct html_flow *flow, int span, int rows, bool is_header, bool is_right);
void html_table_close_cell(struct html_flow *flow);
struct html_block *html_table_block(struct html_flow *flow); /* of the open cell: made when missing */

/* --- html_ahead.c --- */
bool html_ahead_has_words(struct html *html, const char *url); /* does a link with words lead there, anywhere? */

/* --- html_link.c --- */
bool html_is_shown(struct html *html); /* is what comes now to be seen? */
void html_text(struct html *html, const char *text, size_t len);
void html_link_begin(struct html *html, const struct html_token *token);
void html_link_pause(struct html *html); /* a line ends within it */
void html_link_end(struct html *html);
void html_picture(struct html *html, const struct html_token *token, const struct html_look *look);
void html_tail(struct html *html, size_t first_link);

#endif
