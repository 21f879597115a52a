/* Invitations read: iCalendar and iTIP (RFC 5545, 5546, 6047) as Outlook, Google and others write them.
 * An event is pulled after the other; nothing recurses, every limit is a parameter. What a calendar says
 * is its sender's word and no more. */
#ifndef STORE_MIME_CALENDAR_H
#define STORE_MIME_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/base/str.h"
#include "store/mime/calendar_zone.h"
#include "store/mime/card_line.h"

struct arena;
struct buf;
struct mime_part;

struct calendar_limits {
	size_t line;   /* bytes of one unfolded line; more is cut */
	size_t events; /* in one calendar */
	size_t guests; /* kept of one event; more are counted */
	size_t zones;  /* and onsets of each */
	size_t text;   /* bytes of description and comment */
};
extern const struct calendar_limits calendar_limits_default; /* 1 MB, 1,000, 20,000, 400, 64 KB */

enum calendar_method {
	CALENDAR_NO_METHOD, /* or one nobody knows */
	CALENDAR_PUBLISH,
	CALENDAR_REQUEST,
	CALENDAR_REPLY,
	CALENDAR_ADD,
	CALENDAR_CANCEL,
	CALENDAR_REFRESH,
	CALENDAR_COUNTER,
	CALENDAR_DECLINE_COUNTER,
};

struct calendar_time {
	bool is_set;
	bool is_date;	      /* a day, no hour */
	bool is_floating;     /* wherever one is; also when the zone is not known */
	bool is_zone_unknown;
	int64_t wall;	      /* as a clock there shows it: seconds since 1970 as if in UTC */
	int offset;	      /* of that clock, seconds east */
	int64_t time;	      /* seconds since 1970; floating and days: by the reader's own clock */
	const char *zone;     /* as named ("UTC" too), or NULL */
};

enum calendar_answer {
	CALENDAR_NO_ANSWER,
	CALENDAR_ACCEPTED,
	CALENDAR_DECLINED,
	CALENDAR_TENTATIVE,
	CALENDAR_DELEGATED,
};
enum calendar_role { CALENDAR_REQUIRED, CALENDAR_OPTIONAL, CALENDAR_INFORMED, CALENDAR_CHAIR };

struct calendar_person {
	char *name; /* "" when there is none */
	char *addr; /* without "mailto:", "" when it is no mail address */
	char *kind; /* "ROOM", "GROUP"..., or "" */
	enum calendar_answer answer;
	enum calendar_role role;
	bool wants_answer;
};

enum calendar_every { CALENDAR_ONCE, CALENDAR_DAILY, CALENDAR_WEEKLY, CALENDAR_MONTHLY, CALENDAR_YEARLY,
		      CALENDAR_OFTEN /* hours and less */ };

struct calendar_rule {
	enum calendar_every every;
	int interval, count; /* count 0: no end by number */
	struct calendar_time until;
	unsigned weekdays; /* bits, 0 is Sunday */
	int nth;	   /* of the month's weekdays, negative from its end; 0: all */
	int month_day;	   /* 0: the first event's */
	bool is_plain;	   /* the above is all of the rule */
};

struct calendar_event {
	char *kind; /* "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY" */
	char *uid, *summary, *location, *description, *comment, *url; /* never NULL */
	bool is_cancelled, is_tentative;				  /* STATUS */
	int sequence;
	struct calendar_time start, end; /* end of days: the day behind the last; of a task: when it is due */
	char *odd_start, *odd_end;	 /* what stands there and cannot be read as a time; else "" */
	struct calendar_time instance;	 /* RECURRENCE-ID: one of a series */
	bool and_following;
	struct calendar_rule rule;
	bool has_organizer;
	struct calendar_person organizer;
	struct calendar_person *guests;
	size_t guest_count; /* in GUESTS */
	size_t guest_total; /* in the calendar */
	/* as written, for an answer: "RECURRENCE-ID;TZID=Europe/Berlin:20261128T100000", without line
	 * ends; "" when missing */
	char *start_line, *instance_line, *organizer_line;
};

struct calendar {
	enum calendar_method method;
	char *producer; /* PRODID, "" */
	char *zone;	/* X-WR-TIMEZONE, or NULL */
	struct calendar_zones zones;
	const struct calendar_limits *limits;
	const char *charset;
	struct arena *arena;
	struct card_scan scan; /* private */
	size_t event_count, guest_cap;
	int64_t seconds; /* private: of a DURATION */
	bool has_duration, is_all_day;
	bool is_cut; /* a limit cut something */
};

/* BYTES are lent; CHARSET may be NULL; LIMITS NULL: the default. 0; -1 when there is no calendar in them
 * (then nothing is to be closed). */
int calendar_open(struct calendar *calendar, struct span bytes, const char *charset,
		  const struct calendar_limits *limits, struct arena *arena);
/* 1 with the next event; 0 at the end; -1 when a limit ended it. */
int calendar_next(struct calendar *calendar, struct calendar_event *event);
void calendar_close(struct calendar *calendar);

/* The bytes of PART as calendar_open wants them (wide charsets made UTF-8), appended; *CHARSET what they
 * are in. 1 when LIMIT cut them. */
int calendar_part_bytes(const struct mime_part *part, size_t limit, struct buf *out, const char **charset);
/* text/calendar, application/ics, or a file NAME.ics. */
bool calendar_is_type(const char *type, const char *filename);
enum calendar_method calendar_method_named(const char *name); /* NULL: none */
/* Is it a task (VTODO)? */
bool calendar_is_task(const struct calendar_event *event);
/* The guest with that address, or NULL. */
const struct calendar_person *calendar_guest(const struct calendar_event *event, const char *addr);

#endif
