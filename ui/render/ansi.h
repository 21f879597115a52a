/* Text that was made for a terminal or a printer (logs, output of programs), without what moves and colours:
 * whole escape sequences of ECMA-48 go, so that no "[31m" stays, and letters struck over. */
#ifndef UI_RENDER_ANSI_H
#define UI_RENDER_ANSI_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Is there anything to take out? */
bool ansi_is_in(const char *text, size_t len);
/* Appends TEXT without sequences. One that does not end in its line loses its beginning only, so that it hides
 * nothing. */
void ansi_add_plain(struct buf *out, const char *text, size_t len);

#endif
