#include "config.h"
#include "store/mail/query_inside.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"

#define DAY 86400

struct days {
	int64_t from, to; /* TO is the first moment behind */
};

static int64_t moment(int year, int month, int day)
{
	struct tm tm = {
	    .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1};

	return mktime(&tm);
}

static bool read_digits(const char **at, int most, int *number)
{
	int digits = 0;

	*number = 0;
	while (char_is_digit(**at) && digits < most) {
		*number = *number * 10 + (*(*at)++ - '0');
		digits++;
	}
	return digits > 0;
}

/* 2026, 2026-11, 2026-11-23; with / or . as well. */
static bool read_calendar(const char *word, struct days *days)
{
	int year, month = 1, day = 1, parts = 1;
	char between;

	if (!read_digits(&word, 4, &year) || year < 1900)
		return false;
	between = *word && strchr("-/.", *word) ? *word : '-';
	if (*word == between && (word++, read_digits(&word, 2, &month)))
		parts = 2;
	if (parts == 2 && *word == between && (word++, read_digits(&word, 2, &day)))
		parts = 3;
	if (*word || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	days->from = moment(year, month, day);
	days->to = parts == 1	? moment(year + 1, 1, 1)
		   : parts == 2 ? moment(year, month + 1, 1)
				: moment(year, month, day + 1);
	return true;
}

static int64_t midnight(int64_t now, int days_ago)
{
	time_t t = (time_t)now;
	struct tm tm;

	localtime_r(&t, &tm);
	return moment(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday - days_ago);
}

/* --- named moments --- */

enum unit { UNIT_NONE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };

/* "w", "week", "weeks". */
static enum unit unit_called(const char *word)
{
	static const struct {
		const char *name;
		enum unit unit;
	} units[] = {{"hour", UNIT_HOUR},
		     {"day", UNIT_DAY},
		     {"week", UNIT_WEEK},
		     {"month", UNIT_MONTH},
		     {"year", UNIT_YEAR}};

	for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
		size_t len = strlen(units[i].name);

		if ((char_lower(*word) == *units[i].name && !word[1]) ||
		    str_equal_nocase(word, units[i].name))
			return units[i].unit;
		if (str_starts_nocase(word, units[i].name) && char_lower(word[len]) == 's' &&
		    !word[len + 1])
			return units[i].unit;
	}
	return UNIT_NONE;
}

/* 12h, 7d, 2w, 3m, 1y, 2weeks: that long ago, to now. */
static bool read_ago(const char *word, int64_t now, struct days *days)
{
	static const int lengths[] = {
	    [UNIT_DAY] = 1, [UNIT_WEEK] = 7, [UNIT_MONTH] = 30, [UNIT_YEAR] = 365};
	enum unit unit;
	int number;

	if (!read_digits(&word, 5, &number))
		return false;
	while (*word == '-' || *word == '_' || *word == ' ')
		word++;
	unit = unit_called(word);
	if (unit == UNIT_NONE)
		return false;
	if (unit == UNIT_HOUR) {
		*days = (struct days){now - number * 3600LL, now - number * 3600LL + 3600};
		return true;
	}
	days->from = midnight(now, number * lengths[unit]);
	days->to = days->from + DAY;
	return true;
}

/* Its number when WORD is one of the COUNT names, which are three letters or more; -1. */
static int number_of(const char *word, const char *const *names, int count)
{
	size_t len = strlen(word);

	for (int i = 0; i < count; i++)
		if (str_equal_nocase(word, names[i]) ||
		    ((len == 3 || len == 4) && str_starts_nocase(names[i], word)))
			return i;
	return -1;
}

/* The last Monday, today included; PAST: today not. */
static bool read_weekday(const char *word, bool past, int64_t now, struct days *days)
{
	static const char *const names[] = {"sunday",	"monday", "tuesday", "wednesday",
					    "thursday", "friday", "saturday"};
	int day = number_of(word, names, ARRAY_COUNT(names)), ago;
	time_t t = (time_t)now;
	struct tm tm;

	if (day < 0)
		return false;
	localtime_r(&t, &tm);
	ago = (tm.tm_wday - day + 7) % 7;
	ago += past && !ago ? 7 : 0;
	*days = (struct days){midnight(now, ago), midnight(now, ago - 1)};
	return true;
}

/* The last November, this one included; PAST: this one not. */
static bool read_month(const char *word, bool past, int64_t now, struct days *days)
{
	static const char *const names[] = {"january",	 "february", "march",	 "april",
					    "may",	 "june",     "july",	 "august",
					    "september", "october",  "november", "december"};
	int month = number_of(word, names, ARRAY_COUNT(names)), year;
	time_t t = (time_t)now;
	struct tm tm;

	if (month < 0)
		return false;
	localtime_r(&t, &tm);
	year = tm.tm_year + 1900 - (month > tm.tm_mon || (past && month == tm.tm_mon));
	*days = (struct days){moment(year, month + 1, 1), moment(year, month + 2, 1)};
	return true;
}

/* This week (from Monday), month, year, or so many BACK. */
static bool read_span(const char *word, int back, int64_t now, struct days *days)
{
	time_t t = (time_t)now;
	int ago, month = 1, year;
	struct tm tm;

	localtime_r(&t, &tm);
	ago = (tm.tm_wday + 6) % 7 + 7 * back;
	year = tm.tm_year + 1900;
	if (str_equal_nocase(word, "week")) {
		*days = (struct days){midnight(now, ago), midnight(now, ago - 7)};
		return true;
	}
	if (str_equal_nocase(word, "month")) {
		month = tm.tm_mon + 1 - back;
		*days = (struct days){moment(year, month, 1), moment(year, month + 1, 1)};
		return true;
	}
	*days = (struct days){moment(year - back, 1, 1), moment(year - back + 1, 1, 1)};
	return str_equal_nocase(word, "year");
}

/* What stands behind "last-" or "this-", if that is there. */
static const char *behind(const char *word, const char *first)
{
	size_t len = strlen(first);

	return str_starts_nocase(word, first) && word[len] && strchr("-_ ", word[len])
		   ? word + len + 1
		   : NULL;
}

static bool read_named(const char *word, int64_t now, struct days *days)
{
	static const char *const names[] = {"tomorrow", "today", "yesterday"};
	const char *last = behind(word, "last"), *this = behind(word, "this");

	for (int i = 0; i < (int)ARRAY_COUNT(names); i++)
		if (str_equal_nocase(word, names[i])) {
			*days = (struct days){midnight(now, i - 1), midnight(now, i - 2)};
			return true;
		}
	if (last)
		return read_weekday(last, true, now, days) || read_month(last, true, now, days) ||
		       read_span(last, 1, now, days);
	if (this)
		word = this;
	return read_weekday(word, false, now, days) || read_month(word, false, now, days) ||
	       read_span(word, 0, now, days);
}

void query_date_join(struct query_reader *reader, char **word)
{
	const char *from = reader->at, *end;
	struct days days;
	char *both;

	if (reader->is_quoted ||
	    (!str_equal_nocase(*word, "last") && !str_equal_nocase(*word, "this")))
		return;
	while (char_is_space(*from))
		from++;
	for (end = from; !query_ends_word(*end);)
		end++;
	both = mem_printf("%s-%.*s", *word, (int)(end - from), from);
	if (!read_named(both, reader->now, &days)) {
		free(both);
		return;
	}
	free(*word);
	*word = both;
	reader->at = end;
}

static bool read_mutt_day(const char *word, int64_t now, struct days *days);

static int read_days(struct query_reader *reader, const char *word, const char *at,
		     struct days *days)
{
	if (read_calendar(word, days) || read_ago(word, reader->now, days) ||
	    read_named(word, reader->now, days))
		return 0;
	if (strpbrk(word, "/.") && read_mutt_day(word, reader->now, days))
		return 0;
	return query_fail_at(reader, at,
			     _("A date is 2026-11-23, 2026-11, 2026, 23/11/2026, today, yesterday, "
			       "monday, november, last-week, or "
			       "7d, 2w, 3m, 1y ago"));
}

int query_date_before(struct query_reader *reader, const char *word, const char *at,
		      struct buf *out)
{
	struct days days;

	if (read_days(reader, word, at, &days) < 0)
		return -1;
	buf_printf(out, "m.date < %lld", (long long)days.from);
	return 0;
}

int query_date_after(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	struct days days;

	if (read_days(reader, word, at, &days) < 0)
		return -1;
	buf_printf(out, "m.date >= %lld", (long long)days.from);
	return 0;
}

static bool is_slash(char c)
{
	return c == '/' || c == '.';
}

/* mutt's 20261123, 23/11/2026, 23/11/26, 23/11, 23: what is missing is of today. */
static bool read_mutt_day(const char *word, int64_t now, struct days *days)
{
	time_t t = (time_t)now;
	int day, month, year;
	struct tm tm;

	localtime_r(&t, &tm);
	month = tm.tm_mon + 1;
	year = tm.tm_year + 1900;
	if (strlen(word) == 8 && strspn(word, "0123456789") == 8) {
		read_digits(&word, 4, &year);
		read_digits(&word, 2, &month);
		read_digits(&word, 2, &day);
	} else if (!read_digits(&word, 2, &day) ||
		   (is_slash(*word) && (word++, !read_digits(&word, 2, &month))) ||
		   (is_slash(*word) && (word++, !read_digits(&word, 4, &year)))) {
		return false;
	}
	year += year < 70 ? 2000 : year < 100 ? 1900 : 0;
	if (*word || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	days->from = moment(year, month, day);
	days->to = moment(year, month, day + 1);
	return true;
}

static int read_any_day(struct query_reader *reader, const char *word, const char *at,
			struct days *days)
{
	return read_mutt_day(word, reader->now, days) ? 0 : read_days(reader, word, at, days);
}

/* "1/11/2026-23/11/2026", "1/11-", "-23/11": both ends are in it. A date of ours has no "/" and is
 * no such range. */
static int mutt_range(struct query_reader *reader, const char *column, const char *word,
		      const char *at, struct buf *out)
{
	const char *dash = strstr(word, "..") ? strstr(word, "..") : strchr(word, '-');
	const char *last = dash + (*dash == '.' ? 2 : 1);
	char *first = mem_strndup(word, (size_t)(dash - word));
	struct days from = {.from = 0}, to = {.to = INT64_MAX};
	int rc = 0;

	if (*first)
		rc = read_any_day(reader, first, at, &from);
	if (rc == 0 && *last)
		rc = read_any_day(reader, last, at, &to);
	if (rc == 0 && !*first && !*last)
		rc = query_fail_at(reader, at, _("A date is missing here"));
	free(first);
	if (rc == 0)
		buf_printf(out, "(m.%s >= %lld AND m.%s < %lld)", column, (long long)from.from,
			   column, (long long)to.to);
	return rc;
}

/* Ours may have a "-", too: 2026-11-23, last-week. */
static bool is_range(const char *word, int64_t now)
{
	struct days days;

	return strstr(word, "..") || (strchr(word, '-') && !read_calendar(word, &days) &&
				      !read_named(word, now, &days) && !read_ago(word, now, &days));
}

/* mutt's "15/11*3d", "15/11+3d", "15/11-3d": so many days around, behind, before it. */
static bool read_margin(const char *word, int64_t now, struct days *days)
{
	const char *sign = word + strcspn(word, "*+-");
	char *day = mem_strndup(word, (size_t)(sign - word));
	struct days ago;
	bool is_one = *sign && sign[1] && !strchr(sign, '/') && read_mutt_day(day, now, days) &&
		      read_ago(sign + 1, days->from, &ago);

	free(day);
	if (!is_one)
		return false;
	if (*sign != '-')
		days->to += days->from - ago.from;
	if (*sign != '+')
		days->from = ago.from;
	return true;
}

/* "<7d" is younger, ">7d" older, else that day or range. */
static int mutt_date(struct query_reader *reader, const char *column, const char *word,
		     const char *at, struct buf *out)
{
	bool is_younger = *word == '<', is_older = *word == '>';
	struct days days;

	if (read_margin(word, reader->now, &days)) {
		buf_printf(out, "(m.%s >= %lld AND m.%s < %lld)", column, (long long)days.from,
			   column, (long long)days.to);
		return 0;
	}
	if (!is_younger && !is_older && is_range(word, reader->now))
		return mutt_range(reader, column, word, at, out);
	if (read_any_day(reader, word + (is_younger || is_older || *word == '='), at, &days) < 0)
		return -1;
	buf_printf(out, "(m.%s >= %lld AND m.%s < %lld)", column,
		   is_older ? 0LL : (long long)days.from, column,
		   is_younger ? INT64_MAX
		   : is_older ? (long long)days.from
			      : (long long)days.to);
	return 0;
}

int query_date_mutt(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return mutt_date(reader, "date", word, at, out);
}

int query_date_mutt_received(struct query_reader *reader, const char *word, const char *at,
			     struct buf *out)
{
	return mutt_date(reader, "received", word, at, out);
}

/* "2026-10..yesterday" and "<2w" too. */
int query_date_on(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	struct days days;

	if (*word == '<' || *word == '>' || strstr(word, ".."))
		return mutt_date(reader, "date", word, at, out);
	if (read_days(reader, word, at, &days) < 0)
		return -1;
	buf_printf(out, "(m.date >= %lld AND m.date < %lld)", (long long)days.from,
		   (long long)days.to);
	return 0;
}
