/* Invitations as cards. */
#ifndef UI_RENDER_PART_CALENDAR_H
#define UI_RENDER_PART_CALENDAR_H

struct arena;
struct mime_part;
struct part_work;

/* The card: what, when, where, who. */
void part_calendar_render(struct part_work *work, struct mime_part *part);
/* Of alternatives: the card of the one that is a calendar stands above the text that is shown. */
void part_alternative_render(struct part_work *work, struct mime_part *part);
/* "invitation: Sat 28 Nov 10:00, 3 people" in ARENA; NULL: no calendar. */
char *part_calendar_summary(const struct mime_part *part, struct arena *arena);

#endif
