/* The name of the file that a part becomes. */
#ifndef UI_RENDER_PART_NAME_H
#define UI_RENDER_PART_NAME_H

struct buf;
struct mime_part;

/* Appends PART's own name made safe (attach_safe_name); a letter without one is called after its subject ("Re
 * tent.eml"), any other part after its type ("part.txt"). */
void part_name_safe(const struct mime_part *part, struct buf *out);

#endif
