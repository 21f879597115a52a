/* A message made ready for reading: lines (paragraphs) with styles, not yet wrapped. Text in it is printable
 * already; what the message said and what we say are told apart by is_frame. Wrapping happens row by row, where
 * somebody looks. */
#ifndef UI_RENDER_DOC_H
#define UI_RENDER_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/screen/canvas.h"

struct album_page;
struct arena;

/* Of the texts of a letter no more is shown: each line costs more than its bytes. */
#define DOC_LINES_MAX 250000
/* Longer lines are cut into several, so that no row costs more than this. */
#define DOC_LINE_MAX 16384
/* Links that are remembered; more stay text. */
#define DOC_LINKS_MAX 2000

struct doc_run {
	uint32_t start, len;
	unsigned char style; /* enum style */
	unsigned short link; /* 1.. , 0 none */
};

struct doc_line {
	const char *text;
	uint32_t len;
	unsigned char style;
	unsigned char depth;  /* quote bars in front */
	unsigned char indent; /* columns in front of the first row */
	unsigned char hang;   /* and of the others */
	bool is_frame;	      /* our words */
	bool is_rule;	      /* a line across */
	bool is_seal;	      /* a row about signatures: it is drawn over the whole width of the window */
	unsigned char seal;   /* of signed lines: the style of the mark in the window's first column; 0: none */
	bool is_folded;	      /* the first of quoted lines that are shown as one */
	bool is_prose;	      /* nobody chose its breaks: broken at the text's width even where it would fit */
	uint32_t label;	      /* bytes in front that are ours; what follows has its own direction */
	uint32_t origin;      /* of a line in SHOWN: its number in LINES, set by doc_fold */
	struct doc_run *runs;
	uint32_t run_count;
	/* A picture, lent: once it is there, its rows are the line's (a row's AT is its number); before that, the
	 * line is what it says. */
	const struct album_page *page;
};

/* What a link shows; its beginning. */
struct doc_link_text {
	const char *text; /* one line, printable; NULL: the address itself */
	bool is_said;	  /* the text shows the address whole */
	bool deceives;	  /* the text shows another place */
};

struct doc {
	struct arena *arena;
	struct doc_line *lines;
	size_t count, cap;
	char **links; /* link 1 is links[0] */
	struct doc_link_text *link_texts;
	size_t link_count, link_cap, link_text_cap;
	unsigned short *link_table; /* by address */
	/* what is shown: all lines, or quotes folded to one line each (doc_fold) */
	struct doc_line *shown;
	size_t shown_count;
	bool is_folded; /* all of them; single ones may be open or folded by themselves */
	int width; /* tables were laid out for this width; 0: nothing depends on it */
};

struct doc *doc_new(void);
void doc_free(struct doc **doc);
/* Appends TEXT (any bytes; made printable here, tabs to blanks) as lines of STYLE and DEPTH; the last line, for
 * runs and indents. */
struct doc_line *doc_add(struct doc *doc, enum style style, int depth, const char *text, size_t len);
struct doc_line *doc_add_frame(struct doc *doc, enum style style, const char *text);
void doc_add_blank(struct doc *doc); /* not at the start, not twice, not behind a rule */
void doc_add_rule(struct doc *doc);
/* The place of a picture, a line of its own; PAGE must live as long as DOC. */
void doc_add_picture(struct doc *doc, const struct album_page *page);
/* Runs of LINE, copied; offsets are in the line's own (printable) text. */
void doc_set_runs(struct doc *doc, struct doc_line *line, const struct doc_run *runs, size_t count);
/* The number of URL; the same one for the same text. 0: no more room. */
unsigned short doc_link(struct doc *doc, const char *url, size_t len);
/* What LINK shows, any bytes; the first text stays. */
void doc_link_text(struct doc *doc, unsigned short link, const char *text, size_t len);
/* TEXT, which shows another place than LINK leads to, takes the place of what was there. */
void doc_link_deceives(struct doc *doc, unsigned short link, const char *text, size_t len);
/* From now on there is no link: what stood for one is text. */
void doc_drop_links(struct doc *doc);
void doc_link_said(struct doc *doc, unsigned short link);
bool doc_link_is_said(const struct doc *doc, size_t link);
/* Hides quoted lines (blocks of two and more) behind one line each, or shows all. */
void doc_fold(struct doc *doc, bool fold);
/* The same for the quote alone that line AT of SHOWN belongs to, to and fro. The number of its first line in
 * SHOWN, or -1 when AT stands in no quote of two lines and more. */
long doc_fold_quote(struct doc *doc, size_t at);

/* --- rows --- */
struct doc_pos {
	size_t line; /* in SHOWN */
	uint32_t at; /* where the row begins */
};
/* Columns that LINE's row beginning at AT may take, and the columns in front of it. */
int doc_row_width(const struct doc_line *line, uint32_t at, int width, int text_width, int *indent);
uint32_t doc_row_end(const struct doc_line *line, uint32_t at, int width, int text_width);
bool doc_next(const struct doc *doc, struct doc_pos *pos, int width, int text_width);
bool doc_before(const struct doc *doc, struct doc_pos *pos, int width, int text_width);
void doc_draw_row(const struct doc *doc, struct doc_pos pos, struct canvas *canvas, struct rect row,
		  int text_width);
/* The picture that begins with the row at POS, and the rows and columns it takes; NULL: none does. */
const struct album_page *doc_picture_at(const struct doc *doc, struct doc_pos pos);
/* The next line behind (before) FROM where NEEDLE (folded by utf8_add_folded) stands: 1, 0. */
int doc_find(const struct doc *doc, const char *needle, bool backwards, struct doc_pos from,
	     struct doc_pos *found, int width, int text_width);
/* Marks hits of NEEDLE on a row that was drawn. */
void doc_mark_row(const struct doc *doc, struct doc_pos pos, const char *needle,
		  struct canvas *canvas, struct rect row, int text_width);

#endif
