#include "config.h"
#include "store/mime/calendar_rule.h"

#include <string.h>

#include "store/base/array.h"

static enum calendar_every read_every(struct span name)
{
	static const char *const names[] = {"", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
	size_t i;

	for (i = 1; i < ARRAY_COUNT(names); i++)
		if (span_equal_nocase(name, names[i]))
			return (enum calendar_every)i;
	return CALENDAR_OFTEN;
}

/* Several weekdays are plain when none of them is counted. */
static void read_weekdays(struct span list, struct calendar_rule *rule)
{
	struct span piece;
	int nth, weekday, count = 0;

	while (span_split(&list, ',', &piece)) {
		if (!calendar_parse_weekday(piece, &nth, &weekday)) {
			rule->is_plain = false;
			continue;
		}
		if (count++ && (nth || rule->nth))
			rule->is_plain = false;
		rule->weekdays |= 1u << weekday;
		rule->nth = nth;
	}
}

static void read_until(struct span value, struct calendar_rule *rule)
{
	struct calendar_time *until = &rule->until;
	bool is_utc;

	if (!calendar_parse_wall(value, &until->wall, &until->is_date, &is_utc))
		return;
	until->is_set = true;
	until->time = until->wall;
}

static void read_number(struct span value, int *number, struct calendar_rule *rule)
{
	int n = calendar_parse_number(value);

	if (n < 1)
		rule->is_plain = false;
	else
		*number = n;
}

static void read_piece(struct span name, struct span value, struct calendar_rule *rule)
{
	if (span_equal_nocase(name, "FREQ"))
		rule->every = read_every(value);
	else if (span_equal_nocase(name, "INTERVAL"))
		read_number(value, &rule->interval, rule);
	else if (span_equal_nocase(name, "COUNT"))
		read_number(value, &rule->count, rule);
	else if (span_equal_nocase(name, "UNTIL"))
		read_until(value, rule);
	else if (span_equal_nocase(name, "BYDAY"))
		read_weekdays(value, rule);
	else if (span_equal_nocase(name, "BYMONTHDAY"))
		read_number(value, &rule->month_day, rule);
	else if (span_equal_nocase(name, "BYSETPOS") && rule->weekdays && !rule->nth &&
		 !(rule->weekdays & (rule->weekdays - 1)))
		rule->nth = span_equal_nocase(value, "-1") ? -1 : calendar_parse_number(value);
	else if (!span_equal_nocase(name, "WKST") && !span_equal_nocase(name, "BYMONTH"))
		rule->is_plain = false;
}

void calendar_rule_read(struct span text, struct calendar_rule *rule)
{
	struct span piece, name;

	memset(rule, 0, sizeof *rule);
	rule->interval = 1;
	rule->is_plain = true;
	while (span_split(&text, ';', &piece))
		if (span_split(&piece, '=', &name))
			read_piece(span_trim(name), span_trim(piece), rule);
	if (rule->every == CALENDAR_OFTEN || rule->nth < -1 || rule->nth > 5 ||
	    (rule->nth && rule->every != CALENDAR_MONTHLY))
		rule->is_plain = false;
}
