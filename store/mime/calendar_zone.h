/* Time zones of calendars: the rules that a calendar brings along (RFC 5545 section 3.6.5) and, where it
 * brings none, the system's zone files (TZif, RFC 8536) by their names or by Windows' names for them.
 * A wall time is what a clock shows, as seconds since 1970 as if it hung in UTC. */
#ifndef STORE_MIME_CALENDAR_ZONE_H
#define STORE_MIME_CALENDAR_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"

struct arena;
struct card_line;

struct calendar_onset;

struct calendar_zone {
	char *id;
	struct calendar_onset *onsets; /* in the arena */
	size_t count, cap;
};

struct calendar_zones {
	struct arena *arena;
	const char *charset;
	size_t limit;	   /* of zones, and of onsets in each */
	const char *dir;   /* of zone files; NULL: the system's */
	struct calendar_zone *items;
	size_t count, cap;
	struct calendar_zone *open; /* private: what is being read */
	struct onset_reading *reading;
	bool is_open, is_cut;
};

/* Takes LINE of a calendar, in any order, when it belongs to a zone; else does nothing. */
void calendar_zones_take(struct calendar_zones *zones, const struct card_line *line);
/* How far east of UTC zone ID is at WALL, seconds: 1; 0 when nobody knows that zone. A clock time that is
 * left out in spring counts by the offset before, one that comes twice in autumn is the first. */
int calendar_zones_offset(struct calendar_zones *zones, const char *id, int64_t wall, int *offset);

/* "20261128T100000Z", "20261128": 1; 0 when it is none. */
int calendar_parse_wall(struct span text, int64_t *wall, bool *is_date, bool *is_utc);
int64_t calendar_wall(int year, int month, int day, int second_of_day);
/* "-1SU" in *NTH and *WEEKDAY (0 is Sunday): 1; 0 when it is none. */
int calendar_parse_weekday(struct span text, int *nth, int *weekday);
/* At most 4 digits... of TEXT as a number, -1 when it is none. */
int calendar_parse_number(struct span text);

#endif
