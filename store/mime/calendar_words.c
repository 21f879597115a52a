#include "config.h"
#include "store/mime/calendar_words.h"

#include <time.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/mime/calendar.h"

#define DAY 86400

static struct tm there(int64_t wall)
{
	time_t clock = (time_t)wall;
	struct tm tm = {.tm_mday = 1};

	gmtime_r(&clock, &tm);
	return tm;
}

/* What the reader's own clock shows then. */
static struct tm here(const struct calendar_time *when)
{
	time_t clock = (time_t)when->time;
	struct tm tm = {.tm_mday = 1};

	if (when->is_date)
		return there(when->wall);
	localtime_r(&clock, &tm);
	return tm;
}

enum shape { SHAPE_DAY, SHAPE_MINUTE, SHAPE_CLOCK, SHAPE_SHORT, SHAPE_WEEKDAY };

static size_t write_shape(char *text, size_t size, enum shape shape, const struct tm *tm)
{
	switch (shape) {
	case SHAPE_DAY:
		return strftime(text, size, "%a %e %b %Y", tm);
	case SHAPE_MINUTE:
		return strftime(text, size, "%a %e %b %Y %H:%M", tm);
	case SHAPE_CLOCK:
		return strftime(text, size, "%H:%M", tm);
	case SHAPE_SHORT:
		return strftime(text, size, "%a %e %b", tm);
	default:
		return strftime(text, size, "%a", tm);
	}
}

/* Without the blank in front of a day of one digit. */
static void add_format(struct buf *out, enum shape shape, const struct tm *tm)
{
	char text[128], last = ' ';
	size_t len = write_shape(text, sizeof text, shape, tm), i;

	for (i = 0; i < len; i++) {
		if (text[i] != ' ' || last != ' ')
			buf_add_char(out, text[i]);
		last = text[i];
	}
}

static bool is_same_day(const struct tm *a, const struct tm *b)
{
	return a->tm_year == b->tm_year && a->tm_yday == b->tm_yday;
}

static void add_days(struct buf *out, const struct calendar_event *event)
{
	struct tm first = there(event->start.wall), last = there(event->end.wall - DAY);

	add_format(out, SHAPE_DAY, &first);
	if (event->end.is_set && event->end.wall - DAY > event->start.wall) {
		buf_add_str(out, " – ");
		add_format(out, SHAPE_DAY, &last);
	} else {
		buf_add_str(out, _(", all day"));
	}
}

static void add_span(struct buf *out, const struct tm *start, const struct tm *end)
{
	add_format(out, SHAPE_MINUTE, start);
	if (!end)
		return;
	buf_add_str(out, " – ");
	add_format(out, is_same_day(start, end) ? SHAPE_CLOCK : SHAPE_MINUTE, end);
}

static bool has_end(const struct calendar_event *event)
{
	return event->end.is_set && !event->end.is_date && event->end.time > event->start.time;
}

void calendar_add_when(struct buf *out, const struct calendar_event *event)
{
	struct tm start, end;

	if (!event->start.is_set)
		return;
	if (event->start.is_date) {
		add_days(out, event);
		return;
	}
	start = here(&event->start);
	end = here(&event->end);
	add_span(out, &start, has_end(event) ? &end : NULL);
}

void calendar_add_when_there(struct buf *out, const struct calendar_event *event)
{
	struct tm start, end;

	if (!event->start.is_set || event->start.is_date) {
		calendar_add_when(out, event);
		return;
	}
	start = there(event->start.wall);
	end = there(event->end.time + event->start.offset);
	add_span(out, &start, has_end(event) ? &end : NULL);
	if (event->start.zone)
		buf_printf(out, " (%s)", event->start.zone);
}

void calendar_add_moment(struct buf *out, const struct calendar_time *time)
{
	struct tm tm = here(time);

	if (time->is_set)
		add_format(out, time->is_date ? SHAPE_DAY : SHAPE_MINUTE, &tm);
}

bool calendar_is_elsewhere(const struct calendar_event *event)
{
	struct tm here_tm = here(&event->start);

	return event->start.is_set && !event->start.is_date && !event->start.is_floating &&
	       here_tm.tm_gmtoff != event->start.offset;
}

void calendar_add_short(struct buf *out, const struct calendar_time *time, long long now)
{
	struct tm tm = here(time), today = here(&(struct calendar_time){.time = now});

	if (!time->is_set)
		return;
	add_format(out, tm.tm_year == today.tm_year ? SHAPE_SHORT : SHAPE_DAY, &tm);
	if (time->is_date)
		return;
	buf_add_char(out, ' ');
	add_format(out, SHAPE_CLOCK, &tm);
}

/* --- how it repeats ------------------------------------------------------------------------------------ */

static const char *every_one(enum calendar_every every)
{
	switch (every) {
	case CALENDAR_DAILY:
		return _("every day");
	case CALENDAR_WEEKLY:
		return _("every week");
	case CALENDAR_MONTHLY:
		return _("every month");
	case CALENDAR_YEARLY:
		return _("every year");
	default:
		return _("several times a day");
	}
}

/* Apart from every_one: in many languages the form for one is that for 21 too, and needs its number. */
static void add_every_nth(struct buf *out, enum calendar_every every, unsigned long n)
{
	switch (every) {
	case CALENDAR_DAILY:
		buf_printf(out, ngettext("every %lu day", "every %lu days", n), n);
		break;
	case CALENDAR_WEEKLY:
		buf_printf(out, ngettext("every %lu week", "every %lu weeks", n), n);
		break;
	case CALENDAR_MONTHLY:
		buf_printf(out, ngettext("every %lu month", "every %lu months", n), n);
		break;
	case CALENDAR_YEARLY:
		buf_printf(out, ngettext("every %lu year", "every %lu years", n), n);
		break;
	default:
		buf_add_str(out, _("several times a day"));
	}
}

static void add_every(struct buf *out, const struct calendar_rule *rule)
{
	unsigned long n = (unsigned long)rule->interval;

	if (n == 1)
		buf_add_str(out, every_one(rule->every));
	else
		add_every_nth(out, rule->every, n);
}

/* The weekdays, Monday first. */
static void add_weekdays(struct buf *out, unsigned weekdays)
{
	bool is_first = true;

	for (int i = 1; i <= 7; i++) {
		struct tm tm = {.tm_mday = 1, .tm_wday = i % 7};

		if (!(weekdays & 1u << (i % 7)))
			continue;
		buf_add_str(out, is_first ? "" : ", ");
		add_format(out, SHAPE_WEEKDAY, &tm);
		is_first = false;
	}
}

static void add_nth(struct buf *out, int nth, const char *weekday)
{
	switch (nth) {
	case 0:
		buf_add_str(out, weekday);
		break;
	case -1:
		buf_printf(out, _("the last %s of the month"), weekday);
		break;
	case 1:
		buf_printf(out, _("the first %s of the month"), weekday);
		break;
	case 2:
		buf_printf(out, _("the second %s of the month"), weekday);
		break;
	case 3:
		buf_printf(out, _("the third %s of the month"), weekday);
		break;
	default:
		buf_printf(out, _("the %s number %d of the month"), weekday, nth);
	}
}

static void add_days_of_rule(struct buf *out, const struct calendar_rule *rule)
{
	struct buf days = BUF_INIT;

	add_weekdays(&days, rule->weekdays);
	if (days.len) {
		buf_add_str(out, " (");
		add_nth(out, rule->nth, buf_str(&days));
		buf_add_char(out, ')');
	} else if (rule->month_day) {
		buf_printf(out, _(" (on day %d of the month)"), rule->month_day);
	}
	buf_free(&days);
}

void calendar_add_rule(struct buf *out, const struct calendar_rule *rule)
{
	unsigned long count = (unsigned long)rule->count;
	struct tm until = here(&rule->until);

	if (rule->every == CALENDAR_ONCE)
		return;
	add_every(out, rule);
	add_days_of_rule(out, rule);
	if (count == 1)
		buf_add_str(out, _(", once"));
	else if (count)
		buf_printf(out, ngettext(", %lu time", ", %lu times", count), count);
	if (rule->until.is_set) {
		buf_add_str(out, _(", until "));
		add_format(out, SHAPE_DAY, &until);
	}
	if (!rule->is_plain)
		buf_add_str(out, _(", by a rule with more to it than this"));
}
