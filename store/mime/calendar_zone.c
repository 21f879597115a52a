#include "config.h"
#include "store/mime/calendar_zone.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/utf8.h"
#include "store/mime/calendar_windows.h"
#include "store/mime/card_line.h"

#define DAY	       86400
#define ZONE_DIR       "/usr/share/zoneinfo"
#define ZONE_FILE_MAX  (1u << 20)
#define ZONE_NAME_MAX  80
#define OFFSET_MAX     (26 * 3600)
#define YEARS_BACK     8 /* a rule that gives no day in a year: how far to look */
#define RDATES_MAX     500

/* From a moment on, the clock goes by another offset. */
struct calendar_onset {
	int64_t first, until; /* wall time by the offset before */
	int from, to;
	bool is_yearly;
	int month, nth, weekday; /* weekday -1: by day alone */
	uint32_t days;		 /* of the month, bit 1 to 31; 0: by NTH */
	int second;		 /* of the day, may be outside of it */
};

/* STANDARD or DAYLIGHT, half read. */
struct onset_reading {
	struct calendar_onset onset;
	bool has_first, has_to, is_open;
	int64_t dates[RDATES_MAX];
	size_t date_count;
};

/* --- numbers and dates ------------------------------------------------------------------------------ */

int calendar_parse_number(struct span text)
{
	int n = 0;
	size_t i;

	if (!text.len || text.len > 6)
		return -1;
	for (i = 0; i < text.len; i++) {
		if (!char_is_digit(text.data[i]))
			return -1;
		n = n * 10 + (text.data[i] - '0');
	}
	return n;
}

static int digits(struct span text, size_t at, size_t len)
{
	if (at + len > text.len)
		return -1;
	return calendar_parse_number((struct span){text.data + at, len});
}

/* Days from 1970-01-01 of the civil calendar; months count from March so that February ends the year. */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t calendar_wall(int year, int month, int day, int second_of_day)
{
	return days_of(year, month, day) * DAY + second_of_day;
}

static int month_length(int year, int month)
{
	return (int)(month == 12 ? 31 : days_of(year, month + 1, 1) - days_of(year, month, 1));
}

int calendar_parse_wall(struct span text, int64_t *wall, bool *is_date, bool *is_utc)
{
	int year, month, day, hour = 0, minute = 0, second = 0;

	text = span_trim(text);
	year = digits(text, 0, 4);
	month = digits(text, 4, 2);
	day = digits(text, 6, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
		return 0;
	*is_date = text.len < 9 || char_lower(text.data[8]) != 't';
	*is_utc = !*is_date && char_lower(text.data[text.len - 1]) == 'z';
	if (!*is_date) {
		hour = digits(text, 9, 2);
		minute = digits(text, 11, 2);
		second = text.len >= 15 ? digits(text, 13, 2) : 0;
		if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60)
			return 0;
	}
	*wall = calendar_wall(year, month, day, hour * 3600 + minute * 60 + second);
	return 1;
}

int calendar_parse_weekday(struct span text, int *nth, int *weekday)
{
	static const char *const names[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
	int sign = 1, i;

	text = span_trim(text);
	if (text.len && (*text.data == '-' || *text.data == '+')) {
		sign = *text.data == '-' ? -1 : 1;
		text = (struct span){text.data + 1, text.len - 1};
	}
	if (text.len < 2)
		return 0;
	*nth = text.len > 2 ? calendar_parse_number((struct span){text.data, text.len - 2}) : 0;
	for (i = 0; i < 7; i++)
		if (*nth >= 0 && *nth <= 53 &&
		    span_equal_nocase((struct span){text.data + text.len - 2, 2}, names[i])) {
			*nth *= sign;
			*weekday = i;
			return 1;
		}
	return 0;
}

static int year_of(int64_t wall)
{
	time_t clock = (time_t)wall;
	struct tm tm;

	return gmtime_r(&clock, &tm) ? tm.tm_year + 1900 : 1970;
}

/* --- onsets ----------------------------------------------------------------------------------------- */

static int weekday_of(int64_t days)
{
	return (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* The day of the month in YEAR, or 0. */
static int day_in(const struct calendar_onset *onset, int year)
{
	int len = month_length(year, onset->month), day, begin;

	if (onset->days) {
		for (day = 1; day <= len; day++)
			if (onset->days & (1u << day) &&
			    (onset->weekday < 0 ||
			     weekday_of(days_of(year, onset->month, day)) == onset->weekday))
				return day;
		return 0;
	}
	if (onset->nth < 0) {
		begin = weekday_of(days_of(year, onset->month, len));
		day = len - (begin - onset->weekday + 7) % 7 + (onset->nth + 1) * 7;
		return day >= 1 ? day : 0;
	}
	begin = weekday_of(days_of(year, onset->month, 1));
	day = 1 + (onset->weekday - begin + 7) % 7 + (onset->nth - 1) * 7;
	return day <= len ? day : onset->nth == 5 ? day - 7 : 0;
}

/* The last time at or before WALL that it set in: 1; 0: not yet. */
static int last_onset(const struct calendar_onset *onset, int64_t wall, int64_t *when)
{
	int year, back;

	if (wall < onset->first)
		return 0;
	*when = onset->first;
	if (!onset->is_yearly)
		return 1;
	wall = wall < onset->until ? wall : onset->until;
	year = year_of(wall + DAY);
	for (back = 0; back < YEARS_BACK; back++) {
		int day = day_in(onset, year - back);
		int64_t at = calendar_wall(year - back, onset->month, day, onset->second);

		if (day && at <= wall) {
			*when = at > onset->first ? at : onset->first;
			return 1;
		}
	}
	return 1;
}

/* Before the first onset: the offset that the earliest one left. */
static int first_offset(const struct calendar_zone *zone)
{
	const struct calendar_onset *first = &zone->onsets[0];
	size_t i;

	for (i = 1; i < zone->count; i++)
		if (zone->onsets[i].first < first->first)
			first = &zone->onsets[i];
	return first->from;
}

static int zone_offset(const struct calendar_zone *zone, int64_t wall)
{
	const struct calendar_onset *latest = NULL;
	int64_t latest_at = 0, at;
	size_t i;

	for (i = 0; i < zone->count; i++)
		if (last_onset(&zone->onsets[i], wall, &at) && (!latest || at >= latest_at)) {
			latest = &zone->onsets[i];
			latest_at = at;
		}
	if (!latest)
		return first_offset(zone);
	return wall < latest_at + (latest->to - latest->from) ? latest->from : latest->to;
}

static void add_onset(struct calendar_zones *zones, struct calendar_zone *zone,
		      const struct calendar_onset *onset)
{
	if (zone->count >= zones->limit) {
		zones->is_cut = true;
		return;
	}
	if (zone->count >= zone->cap) {
		size_t cap = zone->cap ? zone->cap * 2 : 4;
		struct calendar_onset *wider = ARENA_ARRAY(zones->arena, struct calendar_onset, cap);

		if (zone->count)
			memcpy(wider, zone->onsets, zone->count * sizeof *wider);
		zone->onsets = wider;
		zone->cap = cap;
	}
	zone->onsets[zone->count++] = *onset;
}

static struct calendar_zone *add_zone(struct calendar_zones *zones, const char *id)
{
	if (zones->count >= zones->limit) {
		zones->is_cut = true;
		return NULL;
	}
	if (zones->count >= zones->cap) {
		size_t cap = zones->cap ? zones->cap * 2 : 4;
		struct calendar_zone *wider = ARENA_ARRAY(zones->arena, struct calendar_zone, cap);

		if (zones->count)
			memcpy(wider, zones->items, zones->count * sizeof *wider);
		zones->items = wider;
		zones->cap = cap;
	}
	zones->items[zones->count] = (struct calendar_zone){.id = arena_strdup(zones->arena, id)};
	return &zones->items[zones->count++];
}

/* --- VTIMEZONE -------------------------------------------------------------------------------------- */

/* "+0100", "-053000": seconds; a sign is asked for. */
static bool read_offset(struct span text, int *offset)
{
	int hour, minute, second = 0;

	text = span_trim(text);
	if (text.len < 5 || (*text.data != '+' && *text.data != '-'))
		return false;
	hour = digits(text, 1, 2);
	minute = digits(text, 3, 2);
	if (text.len >= 7)
		second = digits(text, 5, 2);
	if (hour < 0 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return false;
	*offset = hour * 3600 + minute * 60 + second;
	if (*offset > OFFSET_MAX)
		return false;
	if (*text.data == '-')
		*offset = -*offset;
	return true;
}

static void read_month_days(struct calendar_onset *onset, struct span list)
{
	struct span piece;
	int day;

	while (span_split(&list, ',', &piece))
		if ((day = calendar_parse_number(span_trim(piece))) >= 1 && day <= 31)
			onset->days |= 1u << day;
}

static void read_until(struct calendar_onset *onset, struct span value)
{
	bool is_date, is_utc;
	int64_t wall;

	if (calendar_parse_wall(value, &wall, &is_date, &is_utc))
		onset->until = is_utc ? wall + onset->from : is_date ? wall + DAY - 1 : wall;
}

/* FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU and the like. */
static void read_rule(struct calendar_onset *onset, struct span rule)
{
	struct span piece, name;
	int n;

	while (span_split(&rule, ';', &piece)) {
		if (!span_split(&piece, '=', &name))
			continue;
		if (span_equal_nocase(name, "FREQ"))
			onset->is_yearly = span_equal_nocase(span_trim(piece), "YEARLY");
		else if (span_equal_nocase(name, "BYMONTH") &&
			 (n = calendar_parse_number(span_trim(piece))) >= 1 && n <= 12)
			onset->month = n;
		else if (span_equal_nocase(name, "BYMONTHDAY"))
			read_month_days(onset, piece);
		else if (span_equal_nocase(name, "BYDAY"))
			calendar_parse_weekday(piece, &onset->nth, &onset->weekday);
		else if (span_equal_nocase(name, "UNTIL"))
			read_until(onset, piece);
	}
}

static void read_dates(struct onset_reading *reading, struct span list)
{
	struct span piece;
	bool is_date, is_utc;
	int64_t wall;

	while (span_split(&list, ',', &piece))
		if (reading->date_count < RDATES_MAX &&
		    calendar_parse_wall(piece, &wall, &is_date, &is_utc))
			reading->dates[reading->date_count++] = wall;
}

static void begin_onset(struct calendar_zones *zones)
{
	if (!zones->reading)
		zones->reading = ARENA_NEW(zones->arena, struct onset_reading);
	zones->reading->onset = (struct calendar_onset){.until = INT64_MAX, .weekday = -1};
	zones->reading->has_first = zones->reading->has_to = false;
	zones->reading->is_open = true;
	zones->reading->date_count = 0;
}

/* What the rule does not say comes from the first onset. */
static void complete_onset(struct calendar_onset *onset)
{
	time_t clock = (time_t)onset->first;
	struct tm tm;

	if (!gmtime_r(&clock, &tm)) {
		onset->is_yearly = false;
		return;
	}
	onset->second = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	if (!onset->month)
		onset->month = tm.tm_mon + 1;
	if (onset->days || (onset->weekday >= 0 && onset->nth && onset->nth >= -5 && onset->nth <= 5))
		return;
	if (onset->weekday >= 0 && !onset->nth) {
		onset->nth = 1; /* a rule for every Sunday of a month: the first will do */
		return;
	}
	onset->days = 1u << tm.tm_mday;
	onset->weekday = -1;
}

static void end_onset(struct calendar_zones *zones)
{
	struct onset_reading *reading = zones->reading;
	struct calendar_onset onset = reading->onset;
	size_t i;

	reading->is_open = false;
	if (!reading->has_to || !reading->has_first)
		return;
	complete_onset(&onset);
	add_onset(zones, zones->open, &onset);
	onset.is_yearly = false;
	for (i = 0; i < reading->date_count; i++) {
		onset.first = reading->dates[i];
		add_onset(zones, zones->open, &onset);
	}
}

static void take_onset_line(struct onset_reading *reading, const struct card_line *line)
{
	bool is_date, is_utc;

	if (card_line_is(line, "DTSTART"))
		reading->has_first =
		    calendar_parse_wall(line->value, &reading->onset.first, &is_date, &is_utc);
	else if (card_line_is(line, "TZOFFSETFROM"))
		read_offset(line->value, &reading->onset.from);
	else if (card_line_is(line, "TZOFFSETTO"))
		reading->has_to = read_offset(line->value, &reading->onset.to);
	else if (card_line_is(line, "RRULE"))
		read_rule(&reading->onset, line->value);
	else if (card_line_is(line, "RDATE"))
		read_dates(reading, line->value);
}

static bool is_onset_name(struct span name)
{
	name = span_trim(name);
	return span_equal_nocase(name, "STANDARD") || span_equal_nocase(name, "DAYLIGHT");
}

static void begin_zone(struct calendar_zones *zones)
{
	zones->open = add_zone(zones, "");
	zones->is_open = zones->open != NULL;
	if (zones->reading)
		zones->reading->is_open = false;
}

void calendar_zones_take(struct calendar_zones *zones, const struct card_line *line)
{
	bool begins = card_line_is(line, "BEGIN"), ends = card_line_is(line, "END");

	if (begins && span_equal_nocase(span_trim(line->value), "VTIMEZONE"))
		begin_zone(zones);
	if (!zones->is_open)
		return;
	if (ends && span_equal_nocase(span_trim(line->value), "VTIMEZONE"))
		zones->is_open = false;
	else if (begins && is_onset_name(line->value))
		begin_onset(zones);
	else if (ends && is_onset_name(line->value) && zones->reading && zones->reading->is_open)
		end_onset(zones);
	else if (card_line_is(line, "TZID"))
		zones->open->id = card_text(span_trim(line->value), zones->charset, zones->arena);
	else if (zones->reading && zones->reading->is_open)
		take_onset_line(zones->reading, line);
}

/* --- zone files ------------------------------------------------------------------------------------- */

static int64_t big_endian(const char *bytes, size_t size)
{
	uint64_t n = (signed char)bytes[0] < 0 && size == 8 ? UINT64_MAX : 0;
	size_t i;

	for (i = 0; i < size; i++)
		n = n << 8 | (unsigned char)bytes[i];
	return (int64_t)n;
}

struct zone_file {
	struct span bytes;
	size_t counts[6]; /* isut, isstd, leap, time, type, char */
	size_t at;	  /* behind the header */
};

#define TZIF_HEADER 44

static bool read_tzif_header(struct zone_file *file)
{
	size_t i;

	if (file->bytes.len - file->at < TZIF_HEADER || memcmp(file->bytes.data + file->at, "TZif", 4))
		return false;
	for (i = 0; i < 6; i++) {
		file->counts[i] = (size_t)big_endian(file->bytes.data + file->at + 20 + i * 4, 4);
		if (file->counts[i] > 100000)
			return false;
	}
	file->at += TZIF_HEADER;
	return true;
}

static size_t tzif_size(const struct zone_file *file, size_t time_size)
{
	const size_t *n = file->counts;

	return n[3] * time_size + n[3] + n[4] * 6 + n[5] + n[2] * (time_size + 4) + n[1] + n[0];
}

static int type_offset(const struct zone_file *file, size_t type)
{
	const char *types = file->bytes.data + file->at + file->counts[3] * 9;

	return type < file->counts[4] ? (int)(int32_t)big_endian(types + type * 6, 4) : 0;
}

/* The transitions, as onsets that come once. */
static void add_transitions(struct calendar_zones *zones, struct calendar_zone *zone,
			    const struct zone_file *file)
{
	const char *times = file->bytes.data + file->at, *types = times + file->counts[3] * 8;
	int before = type_offset(file, 0);
	size_t i;

	add_onset(zones, zone, &(struct calendar_onset){.first = INT64_MIN / 2, .from = before, .to = before});
	for (i = 0; i < file->counts[3]; i++) {
		int offset = type_offset(file, (unsigned char)types[i]);
		struct calendar_onset onset = {.from = before, .to = offset, .until = INT64_MAX};

		onset.first = big_endian(times + i * 8, 8);
		if (onset.first < INT64_MIN / 4)
			onset.first = INT64_MIN / 4;
		onset.first += before;
		add_onset(zones, zone, &onset);
		before = offset;
	}
}

/* "-1", "+5:30", "3:30:10" off *TEXT: seconds. */
static int take_clock(const char **text)
{
	int sign = 1, value = 0, unit = 3600;

	if (**text == '-' || **text == '+')
		sign = *(*text)++ == '-' ? -1 : 1;
	while (unit >= 1 && char_is_digit(**text)) {
		int n = 0;

		while (char_is_digit(**text) && n < 1000)
			n = n * 10 + (*(*text)++ - '0');
		value += n * unit;
		unit /= 60;
		if (**text != ':')
			break;
		(*text)++;
	}
	return sign * value;
}

static void skip_zone_name(const char **text)
{
	if (**text == '<')
		*text += strcspn(*text, ">") + 1;
	else
		while ((**text >= 'A' && **text <= 'Z') || (**text >= 'a' && **text <= 'z'))
			(*text)++;
}

/* ",M3.5.0/2" */
static bool take_month_rule(const char **text, struct calendar_onset *onset)
{
	int numbers[3], i;
	const char *at = *text;

	if (at[0] != ',' || at[1] != 'M')
		return false;
	at += 2;
	for (i = 0; i < 3; i++) {
		numbers[i] = 0;
		while (char_is_digit(*at) && numbers[i] < 100)
			numbers[i] = numbers[i] * 10 + (*at++ - '0');
		if (i < 2 && *at++ != '.')
			return false;
	}
	if (numbers[0] < 1 || numbers[0] > 12 || numbers[1] < 1 || numbers[1] > 5 || numbers[2] > 6)
		return false;
	onset->month = numbers[0];
	onset->nth = numbers[1] == 5 ? -1 : numbers[1];
	onset->weekday = numbers[2];
	onset->second = 2 * 3600;
	if (*at == '/') {
		at++;
		onset->second = take_clock(&at);
	}
	*text = at;
	return true;
}

/* The text at the end says how it goes on: "CET-1CEST,M3.5.0,M10.5.0/3" (RFC 8536 section 3.3). */
static void add_footer(struct calendar_zones *zones, struct calendar_zone *zone, const char *text)
{
	struct calendar_onset summer = {.until = INT64_MAX, .is_yearly = true}, winter = summer;
	int standard, daylight;
	int64_t last = zone->count ? zone->onsets[zone->count - 1].first : 0;

	if (text[0] == '<' && !strchr(text, '>'))
		return;
	skip_zone_name(&text);
	standard = -take_clock(&text);
	if (!*text || (*text == '<' && !strchr(text, '>')))
		return;
	skip_zone_name(&text);
	daylight = *text && *text != ',' ? -take_clock(&text) : standard + 3600;
	if (!take_month_rule(&text, &summer) || !take_month_rule(&text, &winter))
		return;
	summer.first = winter.first = last + 1;
	summer.from = winter.to = standard;
	summer.to = winter.from = daylight;
	add_onset(zones, zone, &summer);
	add_onset(zones, zone, &winter);
}

static bool read_tzif(struct calendar_zones *zones, struct calendar_zone *zone, struct span bytes)
{
	struct zone_file file = {.bytes = bytes};
	struct span footer;
	size_t end;

	if (!read_tzif_header(&file) || bytes.data[4] < '2')
		return false;
	file.at += tzif_size(&file, 4);
	if (file.at > bytes.len || !read_tzif_header(&file) ||
	    tzif_size(&file, 8) > bytes.len - file.at || !file.counts[4])
		return false;
	add_transitions(zones, zone, &file);
	end = file.at + tzif_size(&file, 8);
	footer = span_trim((struct span){bytes.data + end, bytes.len - end});
	add_footer(zones, zone, arena_strndup(zones->arena, footer.data, footer.len));
	return true;
}

/* A name that stays below the folder of zones: "Europe/Berlin". */
static bool is_zone_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= ZONE_NAME_MAX && name[0] != '/' && !strstr(name, "..") &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+/") == len;
}

static bool load_file(struct calendar_zones *zones, struct calendar_zone *zone, const char *name)
{
	struct buf bytes = BUF_INIT;
	bool is_read = false;

	if (!is_zone_name(name))
		return false;
	name = arena_printf(zones->arena, "%s/%s", zones->dir ? zones->dir : ZONE_DIR, name);
	if (file_read(name, &bytes, ZONE_FILE_MAX, NULL) == 0)
		is_read = read_tzif(zones, zone, (struct span){buf_str(&bytes), bytes.len});
	buf_free(&bytes);
	return is_read;
}

/* The last two or three steps of "/mozilla.org/20070129_1/Europe/Berlin" may be a zone's name. */
static bool load_tail(struct calendar_zones *zones, struct calendar_zone *zone, const char *id)
{
	const char *at = id + strlen(id);
	int steps = 0;

	while (at > id && steps < 3) {
		at--;
		if (*at == '/' && ++steps >= 2 && load_file(zones, zone, at + 1))
			return true;
	}
	return false;
}

/* "(UTC+01:00) Amsterdam, Berlin", "GMT -0330": an offset that never changes; better than none. */
static bool read_fixed(struct calendar_zones *zones, struct calendar_zone *zone, const char *id)
{
	struct calendar_onset onset = {.first = INT64_MIN / 2, .until = INT64_MAX};
	int sign;

	id += *id == '(';
	if (!str_starts_nocase(id, "UTC") && !str_starts_nocase(id, "GMT"))
		return false;
	id += 3 + strspn(id + 3, " ");
	if (*id == '+' || *id == '-') {
		sign = *id++ == '-' ? -1 : 1;
		for (int i = 0, unit = 36000; i < 4 && char_is_digit(*id); i++) {
			onset.to += sign * (*id++ - '0') * unit;
			unit = i == 0 ? 3600 : i == 1 ? 600 : 60;
			id += i == 1 && (*id == ':' || *id == '.');
		}
	} else if (*id && *id != ')') {
		return false;
	}
	onset.from = onset.to;
	add_onset(zones, zone, &onset);
	return true;
}

static void load(struct calendar_zones *zones, struct calendar_zone *zone)
{
	const char *windows = calendar_windows_zone(zone->id);

	if (load_file(zones, zone, zone->id) || (windows && load_file(zones, zone, windows)) ||
	    load_tail(zones, zone, zone->id))
		return;
	read_fixed(zones, zone, zone->id);
}

static struct calendar_zone *find(struct calendar_zones *zones, const char *id)
{
	size_t i;

	for (i = 0; i < zones->count; i++)
		if (!strcmp(zones->items[i].id, id))
			return &zones->items[i];
	return NULL;
}

int calendar_zones_offset(struct calendar_zones *zones, const char *id, int64_t wall, int *offset)
{
	struct calendar_zone *zone = find(zones, id);

	*offset = 0;
	if (!zone)
		zone = add_zone(zones, id);
	if (!zone)
		return 0;
	if (!zone->count)
		load(zones, zone);
	if (!zone->count)
		return 0;
	*offset = zone_offset(zone, wall);
	return 1;
}
