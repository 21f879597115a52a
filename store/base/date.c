#include "config.h"
#include "store/base/date.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/str.h"

#define UNSET	   INT_MIN
#define YEAR_MAX   9999
#define TEXT_LIMIT 1024 /* a date is in the first bytes of its field or nowhere */
#define DAY_SEC	   86400

static const char *const month_names[] = {"january", "february", "march",     "april",
					  "may",     "june",	 "july",      "august",
					  "september", "october", "november", "december"};
static const char *const month_short[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_short[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* RFC 5322 section 4.3 and the names seen in mail since. Single letters mean nothing (RFC 1123). */
static const struct zone {
	const char *name;
	int minutes;
} zones[] = {
    {"ut", 0},	   {"utc", 0},	  {"gmt", 0},	 {"z", 0},	{"wet", 0},    {"west", 60},
    {"bst", 60},   {"cet", 60},	  {"met", 60},	 {"mez", 60},	{"cest", 120}, {"mest", 120},
    {"mesz", 120}, {"eet", 120},  {"eest", 180}, {"msk", 180},	{"msd", 240},  {"sast", 120},
    {"ist", 330},  {"hkt", 480},  {"jst", 540},	 {"kst", 540},	{"aest", 600}, {"aedt", 660},
    {"nzst", 720}, {"nzdt", 780}, {"ast", -240}, {"adt", -180}, {"est", -300}, {"edt", -240},
    {"cst", -360}, {"cdt", -300}, {"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420},
    {"akst", -540}, {"akdt", -480}, {"hst", -600},
};

/* What is known so far. */
struct reading {
	struct span text;
	size_t at;
	int year, month, day; /* month 1 to 12 */
	int hour, min, sec;
	int zone_min;
	bool has_afternoon, is_afternoon;
	bool is_behind_clock; /* the last thing read was a time or a zone's name */
	bool is_bad;
};

static int peek(const struct reading *r, size_t ahead)
{
	return r->at + ahead < r->text.len ? (unsigned char)r->text.data[r->at + ahead] : -1;
}

static bool is_digit_at(const struct reading *r, size_t ahead)
{
	int c = peek(r, ahead);

	return c >= '0' && c <= '9';
}

static bool is_letter_at(const struct reading *r, size_t ahead)
{
	int c = peek(r, ahead) | 32;

	return c >= 'a' && c <= 'z';
}

/* Digits as a number (large ones stop growing); *LEN how many there were. */
static int read_number(struct reading *r, size_t *len)
{
	int n = 0;

	for (*len = 0; is_digit_at(r, 0); r->at++, (*len)++)
		if (n < 100000000)
			n = n * 10 + (peek(r, 0) - '0');
	return n;
}

static void skip_comment(struct reading *r)
{
	size_t depth = 0;

	for (; r->at < r->text.len; r->at++) {
		int c = peek(r, 0);

		if (c == '\\')
			r->at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0)
			break;
	}
	if (r->at < r->text.len)
		r->at++;
}

/* White space and comments, which the old rules allow between any two words (RFC 5322 section 4.3). */
static void skip_blank(struct reading *r)
{
	while (r->at < r->text.len) {
		if (peek(r, 0) == '(')
			skip_comment(r);
		else if (char_is_space(r->text.data[r->at]))
			r->at++;
		else
			return;
	}
}

/* SEP is next, blanks left aside, and digits behind it: then these are next now. Else nothing moves. */
static bool pass_separator(struct reading *r, int sep)
{
	size_t at = r->at;

	skip_blank(r);
	if (peek(r, 0) == sep) {
		r->at++;
		skip_blank(r);
		if (is_digit_at(r, 0))
			return true;
	}
	r->at = at;
	return false;
}

static void set_year(struct reading *r, int n, size_t digits)
{
	if (r->year != UNSET)
		return;
	if (n < 100)
		n += n < 50 ? 2000 : 1900;
	else if (digits == 3)
		n += 1900;
	r->year = n;
	if (n > YEAR_MAX)
		r->is_bad = true;
}

/* "6:40:44.123", also "6.40.44": the hour is read already, and the first separator. */
static void read_clock(struct reading *r, int hour, int sep)
{
	size_t len;

	r->hour = hour;
	r->sec = 0;
	r->min = read_number(r, &len);
	if (pass_separator(r, sep))
		r->sec = read_number(r, &len);
	if ((peek(r, 0) == '.' || peek(r, 0) == ',') && is_digit_at(r, 1)) {
		r->at++;
		read_number(r, &len);
	}
	r->is_behind_clock = true;
}

/* "2026-11-23" with the year read already. */
static void read_iso_day(struct reading *r, int year)
{
	size_t len;

	r->year = year;
	r->at++;
	r->month = read_number(r, &len);
	if (is_digit_at(r, 1)) {
		r->at++;
		r->day = read_number(r, &len);
	}
	if ((peek(r, 0) | 32) == 't' && is_digit_at(r, 1))
		r->at++;
}

/* "23.11.2026", "11/23/2026" or "23/11/2026" with the first number read already. */
static void read_numeric_day(struct reading *r, int first)
{
	int sep = peek(r, 0), second, year;
	size_t len;

	r->at++;
	second = read_number(r, &len);
	r->at++;
	year = read_number(r, &len);
	set_year(r, year, len);
	r->day = sep == '/' && first <= 12 ? second : first;
	r->month = sep == '/' && first <= 12 ? first : second;
}

static bool is_numeric_day(const struct reading *r)
{
	int sep = peek(r, 0);
	size_t n = 1;

	if ((sep != '.' && sep != '/' && sep != '-') || !is_digit_at(r, 1))
		return false;
	while (is_digit_at(r, n))
		n++;
	return n <= 3 && peek(r, n) == sep && is_digit_at(r, n + 1);
}

/* "15 09 2014": a month as a number stands between the day and a year of four digits. */
static bool is_month_number(const struct reading *r, int n, size_t digits)
{
	size_t i;

	if (r->day == UNSET || r->month != UNSET || digits > 2 || n < 1 || n > 12 || peek(r, 0) != ' ')
		return false;
	for (i = 1; i <= 4; i++)
		if (!is_digit_at(r, i))
			return false;
	return !is_digit_at(r, 5);
}

static void set_day_or_year(struct reading *r, int n, size_t digits)
{
	if (is_month_number(r, n, digits))
		r->month = n;
	else if (r->day == UNSET && (digits <= 2 || (digits == 3 && n <= 31)))
		r->day = n;
	else
		set_year(r, n, digits);
}

static void take_number(struct reading *r)
{
	bool has_day = r->day != UNSET && r->month != UNSET;
	size_t digits;
	int n = read_number(r, &digits), next = peek(r, 0);

	r->is_behind_clock = false;
	if (r->hour == UNSET && pass_separator(r, ':'))
		read_clock(r, n, ':');
	else if (next == '.' && is_digit_at(r, 1) && has_day && r->hour == UNSET &&
		 pass_separator(r, '.'))
		read_clock(r, n, '.');
	else if (r->day == UNSET && digits == 4 && (next == '-' || next == '/') &&
		 is_digit_at(r, 1))
		read_iso_day(r, n);
	else if (r->day == UNSET && digits <= 2 && is_numeric_day(r))
		read_numeric_day(r, n);
	else
		set_day_or_year(r, n, digits);
}

/* "+0100", "-05:00", "+1". */
static void take_offset(struct reading *r)
{
	int sign = peek(r, 0) == '-' ? -1 : 1, n, min = 0;
	size_t len;

	r->at++;
	n = read_number(r, &len);
	if (len <= 2 && peek(r, 0) == ':' && is_digit_at(r, 1)) {
		r->at++;
		min = read_number(r, &len);
	} else if (len > 2) {
		min = n % 100;
		n /= 100;
	}
	if (n <= 99 && min <= 99)
		r->zone_min = sign * (n * 60 + min);
	r->is_behind_clock = false;
}

/* Three letters or more of a name in the list, or -1. */
static int find_name(struct span word, const char *const *names, int count)
{
	int i;

	if (word.len < 3)
		return -1;
	for (i = 0; i < count; i++)
		if (word.len <= strlen(names[i]) &&
		    strncasecmp(word.data, names[i], word.len) == 0)
			return i;
	return -1;
}

static const struct zone *find_zone(struct span word)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(zones); i++)
		if (span_equal_nocase(word, zones[i].name))
			return &zones[i];
	return NULL;
}

static void take_word(struct reading *r)
{
	struct span word = {r->text.data + r->at, 0};
	const struct zone *zone;
	int n;

	while (is_letter_at(r, 0))
		r->at++, word.len++;
	if ((n = find_name(word, month_names, 12)) >= 0) {
		if (r->month == UNSET)
			r->month = n + 1;
	} else if (span_equal_nocase(word, "am") || span_equal_nocase(word, "pm")) {
		r->has_afternoon = true;
		r->is_afternoon = char_lower(word.data[0]) == 'p';
	} else if (r->hour != UNSET && r->zone_min == UNSET && (zone = find_zone(word))) {
		r->zone_min = zone->minutes;
		r->is_behind_clock = true;
		return;
	}
	r->is_behind_clock = r->has_afternoon && r->is_behind_clock;
}

/* A sign is a zone's when it stands free behind the time or right behind a time or zone name. */
static bool is_offset(const struct reading *r)
{
	int before = r->at ? (unsigned char)r->text.data[r->at - 1] : ' ';

	if ((peek(r, 0) != '+' && peek(r, 0) != '-') || !is_digit_at(r, 1) || r->hour == UNSET)
		return false;
	return r->is_behind_clock || char_is_space((char)before);
}

static void read_all(struct reading *r)
{
	while (r->at < r->text.len) {
		if (is_digit_at(r, 0))
			take_number(r);
		else if (is_letter_at(r, 0))
			take_word(r);
		else if (is_offset(r))
			take_offset(r);
		else if (peek(r, 0) == '(')
			skip_comment(r);
		else
			r->at++;
	}
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool is_sound(struct reading *r)
{
	if (r->is_bad || r->year == UNSET || r->month == UNSET || r->day == UNSET)
		return false;
	if (r->hour == UNSET)
		r->hour = r->min = r->sec = 0;
	if (r->has_afternoon && r->hour <= 12)
		r->hour = r->hour % 12 + (r->is_afternoon ? 12 : 0);
	if (r->year < 1 || r->month < 1 || r->month > 12 || r->day < 1)
		return false;
	return r->day <= days_in(r->year, r->month) && r->hour <= 24 && r->min <= 59 &&
	       r->sec <= 60;
}

/* Days since 1970-01-01 of the civil calendar. */
static int64_t days_since_1970(int year, int month, int day)
{
	int64_t y = year - 1, days = y * 365 + y / 4 - y / 100 + y / 400;
	int m;

	for (m = 1; m < month; m++)
		days += days_in(year, m);
	return days + day - 1 - 719162;
}

int date_parse(const char *text, size_t len, struct date *date)
{
	struct reading r = {.text = {text, len < TEXT_LIMIT ? len : TEXT_LIMIT},
			    .year = UNSET,
			    .month = UNSET,
			    .day = UNSET,
			    .hour = UNSET,
			    .zone_min = UNSET};

	if (memmem(r.text.data, r.text.len, "=?", 2))
		return 0; /* an encoded word has no place here, and its numbers are no date */
	read_all(&r);
	if (!is_sound(&r))
		return 0;
	date->zone_min = r.zone_min == UNSET ? 0 : r.zone_min;
	date->time = days_since_1970(r.year, r.month, r.day) * DAY_SEC + r.hour * 3600 +
		     r.min * 60 + r.sec - (int64_t)date->zone_min * 60;
	return 1;
}

/* Local time; times no calendar reaches become its start. */
static struct tm local_time(int64_t when)
{
	const int64_t last = (int64_t)253402300799; /* the end of the year 9999 */
	time_t clock = (time_t)(when < -62135596800 || when > last ? 0 : when);
	struct tm tm;

	if (!localtime_r(&clock, &tm))
		memset(&tm, 0, sizeof tm);
	return tm;
}

void date_add_rfc5322(struct buf *out, int64_t when)
{
	struct tm tm = local_time(when);
	long east = tm.tm_gmtoff / 60, size = east < 0 ? -east : east;

	buf_printf(out, "%s, %d %s %04d %02d:%02d:%02d %c%02ld%02ld", day_short[tm.tm_wday],
		   tm.tm_mday, month_short[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		   tm.tm_sec, east < 0 ? '-' : '+', size / 60, size % 60);
}

void date_add_short(struct buf *out, int64_t when, int64_t now)
{
	struct tm tm = local_time(when), today = local_time(now);
	char text[64];
	size_t len;

	if (tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday)
		len = strftime(text, sizeof text, "%H:%M", &tm);
	else if (tm.tm_year == today.tm_year)
		len = strftime(text, sizeof text, "%e %b", &tm);
	else
		len = strftime(text, sizeof text, "%Y", &tm);
	buf_add(out, text, len);
}

void date_add_long(struct buf *out, int64_t when)
{
	struct tm tm = local_time(when);
	char text[128];

	buf_add(out, text, strftime(text, sizeof text, "%-d %b %Y %H:%M", &tm));
}
