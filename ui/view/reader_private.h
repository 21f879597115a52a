/* What the files of the reader share. Nobody else includes it.
 *	reader_view.c	the letter that is shown, what commands call
 *	reader_await.c	a letter whose text is not on this computer
 *	reader_draw.c	its rows on the screen, where it stands
 *	reader_move.c	going through it, folding, the mouse, looking for words */
#ifndef UI_VIEW_READER_PRIVATE_H
#define UI_VIEW_READER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/box/box.h"
#include "store/mail/outline.h"
#include "ui/command/app.h"
#include "ui/render/doc.h"
#include "ui/view/view.h"

struct album;
struct arena;
struct crypto_opened;
struct loop_timer;
struct message;
struct message_part;
struct mime_message;
struct verdict;

struct reader_view {
	struct view view;
	char *account;
	int64_t id, generation; /* of its store, for ID to mean this letter */
	struct box_message bytes;
	struct mime_message *message; /* what is shown: */
	struct mime_message *came;    /* the letter as it came, or, once that is known, what was in it */
	struct doc *doc;
	struct arena *arena; /* of this message */
	char *subject, *folder;
	struct message_part *parts;
	size_t part_count, thread_at, thread_count;
	struct doc_pos top, hit;
	bool has_hit;
	char *needle; /* folded; NULL: nothing is looked for */
	bool all_headers, wants_html, is_raw, folds;
	unsigned form; /* of the alternatives, from 1 on; 0: as wants_html says */
	bool is_mine; /* written by whom reads it */
	bool invites;	      /* it asks for an answer, */
	const char *answered; /* which was this (invite_answer_word), or NULL */
	bool is_fresh; /* not drawn yet */
	int width, height; /* of the text, as drawn last */
	int text_y;	   /* the row of the screen it begins in */
	struct loop_timer *seen, *keys;
	int64_t received;
	struct verdict *verdict; /* on signatures and encryption; NULL: there is nothing of that kind */
	bool asked;		 /* it was started for this view, not for the one below */
	size_t about;		 /* what of it is told here (verdict.h) */
	const struct crypto_opened *opened; /* whose bytes are shown; NULL: those that came */
	size_t message_number;		    /* of MESSAGE in the verdict's result */
	bool is_in_unprotected; /* a part of a letter that nothing protects */
	bool trusts_links; /* of a letter that nothing protects, as somebody wished */
	char *own;	/* bytes of a part; then BYTES is empty and ID 0 */
	size_t own_len;
	bool is_letter; /* that part has a header to be seen */
	/* A letter whose text is not on this computer: its header alone, until the text has come. */
	char *held;
	struct loop_timer *awaiting;
	size_t held_len;
	int64_t size;	/* of all of it */
	char wanted[OUTLINE_SECTION_SIZE]; /* what of it is fetched: "" all, REMOTE_OUTLINE, or a part of that */
	bool is_wished, is_stopped, has_outline;
	struct outline outline; /* what is shown, once it came */
	char *plan; /* a command line for when what is wanted has come, or NULL; */
	bool plan_is_in_parts;
	size_t plan_number; /* in the list of parts, on this one */
	struct album *album; /* its pictures; NULL: none are shown */
};

static inline struct reader_view *reader_of(const struct view *view)
{
	return (struct reader_view *)view;
}

static inline int reader_text_width(const struct reader_view *reader)
{
	return (int)app_option_int(reader->view.app, "reader", "text-width");
}

/* --- reader_view.c --- */
void reader_render(struct reader_view *reader);
void reader_load_pictures(struct reader_view *reader);
void reader_note_shown(struct reader_view *reader); /* it was drawn */

void reader_list_parts(struct reader_view *reader);

/* --- reader_await.c --- */
void reader_await(struct reader_view *reader, const struct message *row); /* that is away */
void reader_show_awaited(struct reader_view *reader);
void reader_forget_plan(struct reader_view *reader);
void reader_go_on(struct reader_view *reader); /* does what was planned */

/* --- reader_draw.c --- */
void reader_draw(struct view *view, struct canvas *canvas, struct rect area);
void reader_title(struct view *view, struct buf *left, struct buf *right);
bool reader_shows_end(const struct reader_view *reader, struct doc_pos pos); /* with POS on top */

/* --- reader_move.c: of the class --- */
void reader_move(struct view *view, int lines);
void reader_move_page(struct view *view, int half_pages);
void reader_move_end(struct view *view, bool to_last);
void reader_mouse(struct view *view, const struct key *key);
int reader_find(struct view *view, const char *text, bool backwards, struct err *err);

#endif
