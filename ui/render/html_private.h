/* What html.c (elements), html_flow.c (paragraphs) and html_table.c share. Nobody else includes it. */
#ifndef UI_RENDER_HTML_PRIVATE_H
#define UI_RENDER_HTML_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/buf.h"
#include "ui/render/doc.h"

/* A paragraph grows no longer than this: then a line ends. */
#define HTML_PARAGRAPH_MAX 8000

struct html_paragraph {
	char *text;
	uint32_t len;
	struct doc_run *runs;
	uint32_t run_count;
};

struct html_cell {
	struct html_paragraph *paragraphs;
	size_t count, cap;
	bool is_right; /* numbers */
};

struct html_row {
	struct html_cell *cells;
	size_t count, cap;
};

struct html_table {
	struct html_row *rows;
	size_t count, cap;
};

/* The paragraph that is being put together, and what stands around it. */
struct html_flow {
	struct doc *doc;
	struct buf text;
	struct doc_run *runs;
	size_t run_count, run_cap;
	enum style style;
	unsigned short link;
	bool wants_space; /* a blank, when more text comes */
	int wants_break;  /* 1: a new line, 2: a blank line, before what comes */
	char marker[16];  /* in front of the next paragraph: "• ", "12. " */
	int marker_hang;
	int depth, indent; /* quote bars, columns */
	struct html_table *table; /* gathered, NULL: none */
	bool is_in_cell;
	int width;
};

void html_flow_add(struct html_flow *flow, const char *text, size_t len, bool is_preformatted);
void html_flow_add_as(struct html_flow *flow, const char *text, enum style style,
		      unsigned short link); /* our own words, within the paragraph */
void html_flow_end(struct html_flow *flow, int wanted_break); /* ends the paragraph */
void html_flow_line(struct html_flow *flow);		      /* <br> */

struct html_table *html_table_new(void);
void html_table_free(struct html_table **table);
void html_table_row(struct html_table *table);
void html_table_cell(struct html_table *table, bool is_right);
/* The cell that is open: made when missing. */
struct html_cell *html_table_last(struct html_table *table);
/* Puts the table into FLOW's doc: columns when they fit, else cell by cell. */
void html_table_lay(struct html_table *table, struct html_flow *flow);

#endif
