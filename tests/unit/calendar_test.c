#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/mime/calendar.h"

struct fixture {
	struct arena *arena;
	struct calendar calendar;
	struct calendar_event event;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	setenv("TZ", "UTC", 1);
	tzset();
	f->arena = arena_new();
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	free(f);
	return 0;
}

/* The first event of a calendar with these lines. */
static struct calendar_event *read_one(struct fixture *f, const char *lines)
{
	char *text = arena_printf(f->arena, "BEGIN:VCALENDAR\r\n%s\r\nEND:VCALENDAR\r\n", lines);

	assert_int_equal(calendar_open(&f->calendar, span_of(text), NULL, NULL, f->arena), 0);
	assert_int_equal(calendar_next(&f->calendar, &f->event), 1);
	calendar_close(&f->calendar);
	return &f->event;
}

static struct calendar_event *read_event(struct fixture *f, const char *lines)
{
	return read_one(f, arena_printf(f->arena, "BEGIN:VEVENT\r\n%s\r\nEND:VEVENT", lines));
}

static int64_t utc(int year, int month, int day, int hour, int minute)
{
	return calendar_wall(year, month, day, hour * 3600 + minute * 60);
}

#define OUTLOOK_ZONE                                                                               \
	"BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\n"                                      \
	"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"  \
	"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"                   \
	"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"  \
	"RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"

static int64_t outlook_time(struct fixture *f, const char *wall)
{
	return read_one(f, arena_printf(f->arena, OUTLOOK_ZONE
					"BEGIN:VEVENT\r\nDTSTART;TZID=\"W. Europe Standard Time\":%s\r\n"
					"END:VEVENT", wall))
	    ->start.time;
}

static void an_invitation_is_read(void **state)
{
	struct fixture *f = *state;
	struct calendar_event *event = read_one(
	    f, "METHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u@x\r\nSEQUENCE:3\r\n"
	       "SUMMARY;LANGUAGE=en:Lake\\, with\r\n  tents\\nand more\r\nLOCATION:North \\; shore\r\n"
	       "DTSTART:20261128T100000Z\r\nDURATION:PT1H30M\r\nSTATUS:TENTATIVE\r\n"
	       "ORGANIZER;CN=\"Petrova, Anna\":MAILTO:anna@example.org\r\n"
	       "ATTENDEE;CN=Oleg ^'O^';PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT;RSVP=TRUE:\r\n"
	       " mailto:oleg@example.org\r\nATTENDEE:urn:x\r\n"
	       "BEGIN:VALARM\r\nSUMMARY:wrong\r\nEND:VALARM\r\nCOMMENT:c\r\nEND:VEVENT");

	assert_int_equal(f->calendar.method, CALENDAR_REQUEST);
	assert_string_equal(event->uid, "u@x");
	assert_int_equal(event->sequence, 3);
	assert_string_equal(event->summary, "Lake, with tents\nand more");
	assert_string_equal(event->location, "North ; shore");
	assert_string_equal(event->comment, "c");
	assert_true(event->is_tentative);
	assert_true(event->start.time == utc(2026, 11, 28, 10, 0));
	assert_true(event->end.time == utc(2026, 11, 28, 11, 30));
	assert_string_equal(event->organizer.name, "Petrova, Anna");
	assert_string_equal(event->organizer.addr, "anna@example.org");
	assert_int_equal(event->guest_count, 2);
	assert_string_equal(event->guests[0].name, "Oleg \"O\"");
	assert_string_equal(event->guests[0].addr, "oleg@example.org");
	assert_int_equal(event->guests[0].answer, CALENDAR_ACCEPTED);
	assert_int_equal(event->guests[0].role, CALENDAR_OPTIONAL);
	assert_true(event->guests[0].wants_answer);
	assert_string_equal(event->guests[1].addr, "");
	assert_ptr_equal(calendar_guest(event, "OLEG@example.org"), &event->guests[0]);
	assert_string_equal(event->organizer_line,
			    "ORGANIZER;CN=\"Petrova, Anna\":MAILTO:anna@example.org");
}

static void zones_brought_along_are_followed(void **state)
{
	struct fixture *f = *state;

	assert_true(outlook_time(f, "20261128T100000") == utc(2026, 11, 28, 9, 0));
	assert_true(outlook_time(f, "20260701T100000") == utc(2026, 7, 1, 8, 0));
	/* 29 March 2026: from 02:00 to 03:00 there is no time; by the offset before */
	assert_true(outlook_time(f, "20260329T015900") == utc(2026, 3, 29, 0, 59));
	assert_true(outlook_time(f, "20260329T023000") == utc(2026, 3, 29, 1, 30));
	assert_true(outlook_time(f, "20260329T030000") == utc(2026, 3, 29, 1, 0));
	/* 25 October 2026: twice; the first */
	assert_true(outlook_time(f, "20261025T023000") == utc(2026, 10, 25, 0, 30));
	assert_true(outlook_time(f, "20261025T030000") == utc(2026, 10, 25, 2, 0));
}

static void zones_behind_the_event_and_by_dates_count_too(void **state)
{
	struct fixture *f = *state;
	struct calendar_event *event = read_one(
	    f, "BEGIN:VEVENT\nDTSTART;TZID=Here:20200701T120000\nEND:VEVENT\n"
	       "BEGIN:VTIMEZONE\nTZID:Here\n"
	       "BEGIN:STANDARD\nDTSTART:20191001T000000\nTZOFFSETFROM:+0500\nTZOFFSETTO:+0430\n"
	       "END:STANDARD\n"
	       "BEGIN:DAYLIGHT\nTZOFFSETFROM:+0430\nTZOFFSETTO:+0530\nDTSTART:20190401T000000\n"
	       "RDATE:20200601T000000,20210601T000000\nEND:DAYLIGHT\nEND:VTIMEZONE");

	assert_true(event->start.time == utc(2020, 7, 1, 6, 30));
}

static void zones_are_known_by_name(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *start;
		int hour, minute;
	} cases[] = {
		{"DTSTART;TZID=Europe/Berlin:20261128T100000", 9, 0},
		{"DTSTART;TZID=Europe/Berlin:20410701T100000", 8, 0}, /* behind the table, by its rule */
		{"DTSTART;TZID=America/New_York:20261128T100000", 15, 0},
		{"DTSTART;TZID=W. Europe Standard Time:20261128T100000", 9, 0},
		{"DTSTART;TZID=\"Eastern Standard Time\":20260701T100000", 14, 0},
		{"DTSTART;TZID=/mozilla.org/20070129_1/Europe/Berlin:20261128T100000", 9, 0},
		{"DTSTART;TZID=/x/America/Argentina/Buenos_Aires:20261128T100000", 13, 0},
		{"DTSTART;TZID=(UTC-03:30) Newfoundland:20261128T100000", 13, 30},
		{"DTSTART;TZID=GMT +0200:20261128T100000", 8, 0},
	};

	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct calendar_event *event = read_event(f, cases[i].start);
		int64_t day = event->start.wall - event->start.wall % 86400;

		assert_true(event->start.time == day + cases[i].hour * 3600 + cases[i].minute * 60);
		assert_false(event->start.is_floating);
	}
}

static void unknown_zones_float_and_say_so(void **state)
{
	struct fixture *f = *state;
	struct calendar_event *event = read_event(f, "DTSTART;TZID=../../etc/passwd:20261128T100000");

	assert_true(event->start.is_floating && event->start.is_zone_unknown);
	assert_true(event->start.time == utc(2026, 11, 28, 10, 0));
	event = read_event(f, "DTSTART:20261128T100000");
	assert_true(event->start.is_floating && !event->start.is_zone_unknown);
	setenv("TZ", "XXX-3", 1);
	tzset();
	event = read_event(f, "DTSTART:20261128T100000");
	assert_true(event->start.time == utc(2026, 11, 28, 7, 0));
}

static void days_end_behind_themselves(void **state)
{
	struct fixture *f = *state;
	struct calendar_event *event = read_event(f, "DTSTART;VALUE=DATE:20261128");

	assert_true(event->start.is_date);
	assert_true(event->end.wall == event->start.wall + 86400);
	event = read_event(f, "DTSTART;VALUE=DATE:20261128\nDTEND;VALUE=DATE:20261130");
	assert_true(event->end.wall == event->start.wall + 2 * 86400);
	/* Outlook's way to say so */
	event = read_event(f, "DTSTART;TZID=Europe/Berlin:20261128T000000\n"
			      "DTEND;TZID=Europe/Berlin:20261129T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE");
	assert_true(event->start.is_date && event->end.is_date);
}

static void rules_are_read(void **state)
{
	struct fixture *f = *state;
	struct calendar_rule *rule = &f->event.rule;

	read_event(f, "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10;WKST=MO");
	assert_int_equal(rule->every, CALENDAR_WEEKLY);
	assert_int_equal(rule->interval, 2);
	assert_int_equal(rule->count, 10);
	assert_int_equal(rule->weekdays, 1 << 1 | 1 << 5);
	assert_true(rule->is_plain);
	read_event(f, "RRULE:FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231");
	assert_int_equal(rule->nth, -1);
	assert_true(rule->until.is_set && rule->until.is_date && rule->is_plain);
	read_event(f, "RRULE:FREQ=MONTHLY;BYDAY=1FR,3FR");
	assert_false(rule->is_plain);
	read_event(f, "RRULE:FREQ=DAILY;BYHOUR=1,2");
	assert_false(rule->is_plain);
	read_event(f, "RRULE:FREQ=SECONDLY");
	assert_int_equal(rule->every, CALENDAR_OFTEN);
}

static void what_is_no_calendar_says_so(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(calendar_open(&f->calendar, SPAN("Hello: you"), NULL, NULL, f->arena), -1);
	assert_int_equal(calendar_open(&f->calendar, SPAN(""), NULL, NULL, f->arena), -1);
	assert_int_equal(calendar_open(&f->calendar, SPAN("BEGIN:VCALENDAR"), NULL, NULL, f->arena), 0);
	assert_int_equal(calendar_next(&f->calendar, &f->event), 0);
	calendar_close(&f->calendar);
}

static void events_are_pulled_up_to_the_limit(void **state)
{
	struct fixture *f = *state;
	const struct calendar_limits few = {
	    .line = 100, .events = 2, .guests = 1, .zones = 5, .text = 5};
	const char *text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:abcdefgh\nATTENDEE:mailto:a@b\n"
			   "ATTENDEE:mailto:c@d\nEND:VEVENT\nBEGIN:VEVENT\nEND:VEVENT\nBEGIN:VEVENT\n";

	assert_int_equal(calendar_open(&f->calendar, span_of(text), NULL, &few, f->arena), 0);
	assert_int_equal(calendar_next(&f->calendar, &f->event), 1);
	assert_string_equal(f->event.summary, "abcde");
	assert_int_equal(f->event.guest_count, 1);
	assert_int_equal(f->event.guest_total, 2);
	assert_int_equal(calendar_next(&f->calendar, &f->event), 1);
	assert_int_equal(calendar_next(&f->calendar, &f->event), -1);
	assert_true(f->calendar.is_cut);
	calendar_close(&f->calendar);
}

/* A fold in the middle of a character, and a charset that is not UTF-8. */
static void bytes_are_joined_before_they_are_letters(void **state)
{
	struct fixture *f = *state;
	const char *latin = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:caf\xe9\nEND:VEVENT\n";

	assert_string_equal(read_event(f, "SUMMARY:caf\xc3\r\n \xa9")->summary, "caf\xc3\xa9");
	assert_int_equal(calendar_open(&f->calendar, span_of(latin), "iso-8859-1", NULL, f->arena), 0);
	assert_int_equal(calendar_next(&f->calendar, &f->event), 1);
	assert_string_equal(f->event.summary, "caf\xc3\xa9");
	calendar_close(&f->calendar);
}

/* PROMISES row 28: time grows with the length, whatever stands there. */
static void a_hundred_thousand_guests_and_long_lines_are_linear(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT;
	clock_t begun = clock();

	buf_add_str(&text, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:");
	for (int i = 0; i < 1 << 20; i++)
		buf_add_char(&text, ";:\\,\""[i % 5]);
	buf_add_str(&text, "\nDTSTART");
	for (int i = 0; i < 200000; i++)
		buf_add_str(&text, ";X=\"");
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "\nATTENDEE;CN=Guest %d:mailto:g%d@example.org", i, i);
	for (int i = 0; i < 300000; i++)
		buf_add_str(&text, "\nBEGIN:X");
	assert_int_equal(calendar_open(&f->calendar, (struct span){text.data, text.len}, NULL, NULL,
				       f->arena), 0);
	assert_int_equal(calendar_next(&f->calendar, &f->event), 1);
	assert_int_equal(f->event.guest_total, 100000);
	assert_int_equal(f->event.guest_count, calendar_limits_default.guests);
	assert_string_equal(f->event.guests[77].addr, "g77@example.org");
	calendar_close(&f->calendar);
	buf_free(&text);
	assert_true(clock() - begun < 20 * CLOCKS_PER_SEC); /* quadratic would take hours */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_invitation_is_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(zones_brought_along_are_followed, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(zones_behind_the_event_and_by_dates_count_too, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(zones_are_known_by_name, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(unknown_zones_float_and_say_so, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(days_end_behind_themselves, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(rules_are_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_no_calendar_says_so, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(events_are_pulled_up_to_the_limit, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(bytes_are_joined_before_they_are_letters, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_hundred_thousand_guests_and_long_lines_are_linear, set_up,
					    tear_down),
	};

	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
