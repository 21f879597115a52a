/* What of a letter is signed where not all of it is: a row of the frame where that changes, and a mark beside each
 * line that is. Rows and marks are drawn in a style with a ground of its own, from the window's first column on,
 * where no text of a letter gets: it cannot write "signed from here". */
#ifndef UI_RENDER_SIGNED_MARKS_H
#define UI_RENDER_SIGNED_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/crypto/crypto.h"
#include "ui/screen/theme.h"

struct mime_part;
struct part_work;
struct text_kind;

/* How something of that weight looks. */
enum style signed_marks_style(enum crypto_weight weight);
/* Is MESSAGE number INNER of RESULT, or the same with other header fields, so that paths mean the same? */
bool signed_marks_is_same(const struct crypto_result *result, size_t inner, size_t message);

/* Before PART is rendered: the row that says whether it is signed, where that changes. */
void signed_marks_enter(struct part_work *work, const struct mime_part *part);
/* Marks the lines that were added since. */
void signed_marks_leave(struct part_work *work);
/* text_render() of PART's TEXT piece by piece: what is signed of it, without the lines that are the signature's. */
void signed_marks_text(struct part_work *work, const struct mime_part *part, const char *text, size_t len,
		       const struct text_kind *kind);
/* Is there a block in the text of some part of MESSAGE? Then what is shown is not what stands there. */
bool signed_marks_has_block(const struct crypto_result *result, size_t message);

#endif
