/* What a calendar says, in a person's words: translated, one line. */
#ifndef STORE_MIME_CALENDAR_WORDS_H
#define STORE_MIME_CALENDAR_WORDS_H

#include <stdbool.h>

struct buf;
struct calendar_event;
struct calendar_rule;
struct calendar_time;

/* Appends "Sat 28 Nov 2026 10:00 – 12:00" by the reader's own clock. Nothing when it has no start. */
void calendar_add_when(struct buf *out, const struct calendar_event *event);
/* The same by the clock that the invitation was written by, with its name: "... (Europe/Berlin)". */
void calendar_add_when_there(struct buf *out, const struct calendar_event *event);
/* Appends "Sat 28 Nov 2026 10:00", or the day alone. Nothing when it is not set. */
void calendar_add_moment(struct buf *out, const struct calendar_time *time);
/* Does that clock show another time than the reader's? */
bool calendar_is_elsewhere(const struct calendar_event *event);
/* Appends "Sat 28 Nov 10:00" or "Sat 28 Nov", own clock; the year when it is not that of NOW. */
void calendar_add_short(struct buf *out, const struct calendar_time *time, long long now);
/* Appends "every 2 weeks (Mon, Fri), 10 times". Nothing when it does not repeat. */
void calendar_add_rule(struct buf *out, const struct calendar_rule *rule);

#endif
