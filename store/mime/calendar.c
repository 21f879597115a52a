#include "config.h"
#include "store/mime/calendar.h"

#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/charset.h"
#include "store/mime/address.h"
#include "store/mime/calendar_rule.h"
#include "store/mime/mime.h"

#define DAY	     86400
#define SEQUENCE_MAX 999999
#define NAME_MAX_LEN 4096 /* bytes of a person's name or address */

const struct calendar_limits calendar_limits_default = {
	.line = CARD_LINE_LIMIT,
	.events = 1000,
	.guests = 20000,
	.zones = 400,
	.text = 64 << 10,
};

static struct span up_to(struct span s, size_t limit)
{
	return (struct span){s.data, s.len < limit ? s.len : limit};
}

static char *text_of(const struct calendar *calendar, struct span value)
{
	return card_text(up_to(value, calendar->limits->text), calendar->charset, calendar->arena);
}

/* --- the calendar as a whole ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	enum calendar_method method;
} methods[] = {
	{"PUBLISH", CALENDAR_PUBLISH}, {"REQUEST", CALENDAR_REQUEST},
	{"REPLY", CALENDAR_REPLY},     {"ADD", CALENDAR_ADD},
	{"CANCEL", CALENDAR_CANCEL},   {"REFRESH", CALENDAR_REFRESH},
	{"COUNTER", CALENDAR_COUNTER}, {"DECLINECOUNTER", CALENDAR_DECLINE_COUNTER},
};

enum calendar_method calendar_method_named(const char *name)
{
	size_t i;

	for (i = 0; name && i < ARRAY_COUNT(methods); i++)
		if (str_equal_nocase(name, methods[i].name))
			return methods[i].method;
	return CALENDAR_NO_METHOD;
}

static bool is_word(const struct card_line *line, const char *name, const char *value)
{
	return card_line_is(line, name) && span_equal_nocase(span_trim(line->value), value);
}

/* What holds for all events, wherever it stands. */
static bool read_frame(struct calendar *calendar)
{
	struct card_scan scan;
	struct card_line line;
	bool is_calendar = false;

	card_scan_start(&scan, calendar->scan.rest, calendar->limits->line);
	while (card_scan_next(&scan, &line)) {
		if (is_word(&line, "BEGIN", "VCALENDAR"))
			is_calendar = true;
		else if (card_line_is(&line, "METHOD"))
			calendar->method = calendar_method_named(text_of(calendar, span_trim(line.value)));
		else if (card_line_is(&line, "PRODID"))
			calendar->producer = text_of(calendar, line.value);
		else if (card_line_is(&line, "X-WR-TIMEZONE"))
			calendar->zone = text_of(calendar, span_trim(line.value));
		else
			calendar_zones_take(&calendar->zones, &line);
	}
	calendar->is_cut = scan.is_cut || calendar->zones.is_cut;
	card_scan_end(&scan);
	return is_calendar;
}

int calendar_open(struct calendar *calendar, struct span bytes, const char *charset,
		  const struct calendar_limits *limits, struct arena *arena)
{
	memset(calendar, 0, sizeof *calendar);
	calendar->limits = limits ? limits : &calendar_limits_default;
	calendar->charset = charset ? charset : "utf-8";
	calendar->arena = arena;
	calendar->producer = arena_strdup(arena, "");
	calendar->zones = (struct calendar_zones){
	    .arena = arena, .charset = calendar->charset, .limit = calendar->limits->zones};
	if (bytes.len >= 3 && !memcmp(bytes.data, "\xef\xbb\xbf", 3))
		bytes = (struct span){bytes.data + 3, bytes.len - 3};
	card_scan_start(&calendar->scan, bytes, calendar->limits->line);
	return read_frame(calendar) ? 0 : -1;
}

void calendar_close(struct calendar *calendar)
{
	card_scan_end(&calendar->scan);
}

/* --- times ------------------------------------------------------------------------------------------ */

/* The moment at which the reader's own clock shows WALL. */
static int64_t own_time(int64_t wall)
{
	time_t clock = (time_t)wall;
	struct tm tm;

	if (!gmtime_r(&clock, &tm))
		return wall;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static const char utc[] = "UTC";

static void resolve(struct calendar *calendar, struct calendar_time *time)
{
	if (!time->is_set || time->zone == utc)
		return;
	if (time->zone && !time->is_date &&
	    calendar_zones_offset(&calendar->zones, time->zone, time->wall, &time->offset)) {
		time->time = time->wall - time->offset;
		return;
	}
	time->is_zone_unknown = time->zone && !time->is_date;
	time->is_floating = !time->is_date;
	time->time = own_time(time->wall);
	time->offset = (int)(time->wall - time->time);
}

/* A colon in a zone's name that nobody quoted ends the name too early. */
static struct span behind_last_colon(struct span value, struct span *before)
{
	size_t at = value.len;

	while (at && value.data[at - 1] != ':')
		at--;
	*before = (struct span){value.data, at ? at - 1 : 0};
	return (struct span){value.data + at, value.len - at};
}

/* The moment is looked for later: a zone may be costly, and a line may come twice. */
static void read_time(struct calendar *calendar, const struct card_line *line, struct calendar_time *time)
{
	struct span zone = card_line_param(line, "TZID"), head, value = behind_last_colon(line->value, &head);
	bool is_utc;

	memset(time, 0, sizeof *time);
	if (!calendar_parse_wall(value, &time->wall, &time->is_date, &is_utc))
		return;
	time->is_set = true;
	if (is_utc) {
		time->zone = utc;
		time->time = time->wall;
		return;
	}
	if (zone.data && zone.len)
		time->zone = card_param_text(up_to(zone, NAME_MAX_LEN), calendar->charset, calendar->arena);
	if (time->zone && head.len)
		time->zone = arena_printf(calendar->arena, "%s:%s", time->zone,
					  card_text(up_to(head, NAME_MAX_LEN), calendar->charset,
						    calendar->arena));
	if (!time->zone)
		time->zone = calendar->zone;
}

/* What somebody wrote where a time should stand. */
static char *odd_time(struct calendar *calendar, const struct card_line *line, const struct calendar_time *time)
{
	struct span value = time->is_set ? SPAN("") : up_to(span_trim(line->value), NAME_MAX_LEN);

	return card_text(value, calendar->charset, calendar->arena);
}

/* "P1DT2H30M", "-PT15M", "P2W": *SECONDS. */
static bool read_duration(struct span text, int64_t *seconds)
{
	int64_t n = 0, sum = 0;
	bool is_negative = text.len && *text.data == '-';
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = char_lower(text.data[i]);

		if (char_is_digit(c)) {
			n = n < 1000000 ? n * 10 + (c - '0') : n;
			continue;
		}
		sum += n * (c == 'w' ? 7 * DAY : c == 'd' ? DAY : c == 'h' ? 3600 : c == 'm' ? 60 : c == 's');
		n = 0;
	}
	*seconds = is_negative ? -sum : sum;
	return text.len > 1;
}

bool calendar_is_task(const struct calendar_event *event)
{
	return str_equal_nocase(event->kind, "VTODO");
}

static void find_end(struct calendar *calendar, struct calendar_event *event)
{
	struct calendar_time *end = &event->end;

	if (end->is_set || !event->start.is_set)
		return;
	if (!calendar->has_duration && (!event->start.is_date || calendar_is_task(event)))
		return;
	*end = event->start;
	end->wall += calendar->has_duration ? calendar->seconds : DAY;
	if (end->is_date || end->is_floating)
		resolve(calendar, end);
	else
		end->time += calendar->seconds;
}

/* --- people ----------------------------------------------------------------------------------------- */

static struct span without_mailto(struct span value)
{
	size_t at;

	value = span_trim(value);
	for (at = 0; at + 7 <= value.len; at++)
		if (span_starts_nocase((struct span){value.data + at, value.len - at}, "mailto:"))
			return span_trim((struct span){value.data + at + 7, value.len - at - 7});
	return value;
}

static const struct {
	const char *name;
	enum calendar_answer answer;
} answers[] = {
	{"ACCEPTED", CALENDAR_ACCEPTED},
	{"DECLINED", CALENDAR_DECLINED},
	{"TENTATIVE", CALENDAR_TENTATIVE},
	{"DELEGATED", CALENDAR_DELEGATED},
};

static enum calendar_answer read_answer(struct span name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(answers); i++)
		if (span_equal_nocase(name, answers[i].name))
			return answers[i].answer;
	return CALENDAR_NO_ANSWER;
}

static enum calendar_role read_role(struct span name)
{
	if (span_equal_nocase(name, "CHAIR"))
		return CALENDAR_CHAIR;
	if (span_equal_nocase(name, "OPT-PARTICIPANT"))
		return CALENDAR_OPTIONAL;
	return span_equal_nocase(name, "NON-PARTICIPANT") ? CALENDAR_INFORMED : CALENDAR_REQUIRED;
}

static struct span param(const struct card_line *line, const char *name)
{
	struct span value = card_line_param(line, name);

	return value.data ? up_to(value, NAME_MAX_LEN) : SPAN("");
}

static void read_person(struct calendar *calendar, const struct card_line *line,
			struct calendar_person *person)
{
	struct span value = without_mailto(up_to(line->value, NAME_MAX_LEN));
	struct arena *arena = calendar->arena;

	person->name = card_param_text(param(line, "CN"), calendar->charset, arena);
	person->kind = card_param_text(param(line, "CUTYPE"), calendar->charset, arena);
	person->answer = read_answer(param(line, "PARTSTAT"));
	person->role = read_role(param(line, "ROLE"));
	person->wants_answer = span_equal_nocase(param(line, "RSVP"), "TRUE");
	if (span_find(value, 0, '@') == value.len && card_line_param(line, "EMAIL").data)
		value = without_mailto(param(line, "EMAIL"));
	person->addr = arena_strndup(arena, value.data, span_find(value, 0, '@') < value.len ? value.len : 0);
}

static void add_guest(struct calendar *calendar, struct calendar_event *event, const struct card_line *line)
{
	event->guest_total++;
	if (event->guest_count >= calendar->limits->guests) {
		calendar->is_cut = true;
		return;
	}
	if (event->guest_count >= calendar->guest_cap) {
		size_t cap = calendar->guest_cap ? calendar->guest_cap * 2 : 8;
		struct calendar_person *wider = ARENA_ARRAY(calendar->arena, struct calendar_person, cap);

		if (event->guest_count)
			memcpy(wider, event->guests, event->guest_count * sizeof *wider);
		event->guests = wider;
		calendar->guest_cap = cap;
	}
	read_person(calendar, line, &event->guests[event->guest_count++]);
}

const struct calendar_person *calendar_guest(const struct calendar_event *event, const char *addr)
{
	size_t i;

	for (i = 0; i < event->guest_count; i++)
		if (str_equal_nocase(event->guests[i].addr, addr))
			return &event->guests[i];
	return NULL;
}

/* --- an event --------------------------------------------------------------------------------------- */

static void start_event(struct calendar *calendar, struct calendar_event *event, struct span kind)
{
	char *none = arena_strdup(calendar->arena, "");

	memset(event, 0, sizeof *event);
	event->kind = arena_strndup(calendar->arena, kind.data, kind.len);
	event->uid = event->summary = event->location = event->description = none;
	event->comment = event->url = event->odd_start = event->odd_end = none;
	event->start_line = event->instance_line = event->organizer_line = none;
	event->organizer.name = event->organizer.addr = event->organizer.kind = none;
	calendar->guest_cap = 0;
	calendar->has_duration = calendar->is_all_day = false;
}

static char **text_field(struct calendar_event *event, const struct card_line *line)
{
	if (card_line_is(line, "UID"))
		return &event->uid;
	if (card_line_is(line, "SUMMARY"))
		return &event->summary;
	if (card_line_is(line, "LOCATION"))
		return &event->location;
	if (card_line_is(line, "DESCRIPTION"))
		return &event->description;
	if (card_line_is(line, "COMMENT"))
		return &event->comment;
	return card_line_is(line, "URL") ? &event->url : NULL;
}

static void take_times(struct calendar *calendar, struct calendar_event *event, const struct card_line *line)
{
	if (card_line_is(line, "DTSTART")) {
		read_time(calendar, line, &event->start);
		event->odd_start = odd_time(calendar, line, &event->start);
		event->start_line = card_line_whole(line, calendar->charset, calendar->arena);
	} else if (card_line_is(line, "DTEND") || card_line_is(line, "DUE")) {
		read_time(calendar, line, &event->end);
		event->odd_end = odd_time(calendar, line, &event->end);
	} else if (card_line_is(line, "DURATION")) {
		calendar->has_duration = read_duration(span_trim(line->value), &calendar->seconds);
	} else if (card_line_is(line, "RECURRENCE-ID")) {
		read_time(calendar, line, &event->instance);
		event->instance_line = card_line_whole(line, calendar->charset, calendar->arena);
		event->and_following = span_equal_nocase(param(line, "RANGE"), "THISANDFUTURE");
	}
}

static void take_line(struct calendar *calendar, struct calendar_event *event, const struct card_line *line)
{
	char **text = text_field(event, line);
	int n;

	if (text) {
		*text = text_of(calendar, line->value);
	} else if (card_line_is(line, "STATUS")) {
		event->is_cancelled = span_equal_nocase(span_trim(line->value), "CANCELLED");
		event->is_tentative = span_equal_nocase(span_trim(line->value), "TENTATIVE");
	} else if (card_line_is(line, "SEQUENCE")) {
		n = calendar_parse_number(span_trim(line->value));
		event->sequence = n >= 0 && n <= SEQUENCE_MAX ? n : 0;
	} else if (card_line_is(line, "ORGANIZER")) {
		event->has_organizer = true;
		read_person(calendar, line, &event->organizer);
		event->organizer_line = card_line_whole(line, calendar->charset, calendar->arena);
	} else if (card_line_is(line, "ATTENDEE")) {
		add_guest(calendar, event, line);
	} else if (card_line_is(line, "RRULE")) {
		calendar_rule_read(line->value, &event->rule);
	} else if (card_line_is(line, "X-MICROSOFT-CDO-ALLDAYEVENT")) {
		calendar->is_all_day = span_equal_nocase(span_trim(line->value), "TRUE");
	} else {
		take_times(calendar, event, line);
	}
}

static bool is_event(struct span kind)
{
	return span_equal_nocase(kind, "VEVENT") || span_equal_nocase(kind, "VTODO") ||
	       span_equal_nocase(kind, "VJOURNAL") || span_equal_nocase(kind, "VFREEBUSY");
}

/* What is nested in it (alarms) is passed over. */
static void read_event(struct calendar *calendar, struct calendar_event *event, struct span kind)
{
	struct card_line line;
	size_t depth = 0;

	start_event(calendar, event, kind);
	while (card_scan_next(&calendar->scan, &line)) {
		struct span value = span_trim(line.value);

		if (card_line_is(&line, "BEGIN")) {
			depth++;
		} else if (card_line_is(&line, "END")) {
			if (!depth || span_equal_nocase(value, event->kind) ||
			    span_equal_nocase(value, "VCALENDAR"))
				break;
			depth--;
		} else if (!depth) {
			take_line(calendar, event, &line);
		}
	}
	if (calendar->is_all_day && event->start.wall % DAY == 0 && event->end.wall % DAY == 0)
		event->start.is_date = event->end.is_date = true;
	resolve(calendar, &event->start);
	resolve(calendar, &event->end);
	resolve(calendar, &event->instance);
	find_end(calendar, event);
	if (event->rule.until.is_set && !event->rule.until.is_date)
		event->rule.until.zone = utc;
	calendar->is_cut = calendar->is_cut || calendar->scan.is_cut || calendar->zones.is_cut;
}

int calendar_next(struct calendar *calendar, struct calendar_event *event)
{
	struct card_line line;

	while (card_scan_next(&calendar->scan, &line)) {
		struct span kind = span_trim(line.value);

		if (!card_line_is(&line, "BEGIN") || !is_event(kind))
			continue;
		if (calendar->event_count++ >= calendar->limits->events) {
			calendar->is_cut = true;
			return -1;
		}
		read_event(calendar, event, kind);
		return 1;
	}
	return 0;
}

/* --- parts ------------------------------------------------------------------------------------------ */

int calendar_part_bytes(const struct mime_part *part, size_t limit, struct buf *out, const char **charset)
{
	struct buf raw = BUF_INIT;
	int cut = mime_decode_body(part, limit, &raw);

	*charset = part->charset ? part->charset : "utf-8";
	if (str_starts_nocase(*charset, "utf-16") || str_starts_nocase(*charset, "utf-32") ||
	    str_starts_nocase(*charset, "utf-7") || str_starts_nocase(*charset, "iso-2022")) {
		charset_to_utf8(*charset, buf_str(&raw), raw.len, out);
		*charset = "utf-8";
	} else {
		buf_add(out, buf_str(&raw), raw.len);
	}
	buf_free(&raw);
	return cut;
}

bool calendar_is_type(const char *type, const char *filename)
{
	bool is_vague = str_equal_nocase(type, "application/octet-stream") ||
			str_equal_nocase(type, "text/plain");
	size_t len = filename ? strlen(filename) : 0;

	if (str_equal_nocase(type, "text/calendar") || str_equal_nocase(type, "application/ics") ||
	    str_equal_nocase(type, "application/calendar"))
		return true;
	return is_vague && len > 4 && str_equal_nocase(filename + len - 4, ".ics");
}
