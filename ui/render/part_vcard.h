/* Visiting cards. */
#ifndef UI_RENDER_PART_VCARD_H
#define UI_RENDER_PART_VCARD_H

struct arena;
struct mime_part;
struct part_work;

void part_vcard_render(struct part_work *work, struct mime_part *part);
/* "card: Anna Petrova" in ARENA; NULL: no card. */
char *part_vcard_summary(const struct mime_part *part, struct arena *arena);

#endif
