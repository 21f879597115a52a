#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/date.h"

#define NOON 1704110400 /* 2024-01-01 12:00:00 UTC */

static const struct {
	const char *text;
	int64_t time;
} known[] = {
    {"Mon, 1 Jan 2024 12:00:00 +0000", NOON},
    {"Mon, 1 Jan 2024 13:30:00 +0130", NOON},
    {"1 Jan 2024 12:00 GMT", NOON},
    {"Mon, 01 Jan 24 12:00:00 Z", NOON},
    {"Mon Jan  1 12:00:00 2024", NOON},
    {"Mon Jan  1 07:00:00 EST 2024", NOON},
    {"Mon Jan 1 13:00:00 2024 +0100", NOON},
    {"Mon, 1 Jan 2024 04:00:00 -0800 (PST)", NOON},
    {"Mon, 1 Jan 2024 04:00:00 PST", NOON},
    {"Mon, (first (really)) 1 Jan 2024 12:00:00 -0000", NOON},
    {"2024-01-01 12:00:00", NOON},
    {"2024-01-01T13:00:00.123+01:00", NOON},
    {"Monday, January 1, 2024 12:00 PM", NOON},
    {"Mon, 01-Jan-2024 12:00:00 UTC", NOON},
    {"Mon, 1 January 2024 12.00.00 +0000", NOON},
    {"1/1/2024 12:00:00", NOON},
    {"01.01.2024 12:00", NOON},
    {"Mon, 1 Jan 2024 14:00:00 GMT+0200", NOON},
    {"Mon, 1 Jan 2024 12:00:00", NOON},
    {"Thu, 1 Jan 1970 00:00:00 +0000", 0},
    {"1 Jan 70 00:00 UT", 0},
    {"1 Jan 100 00:00 UT", 946684800},
    {"31 Dec 1969 23:59:59 +0000", -1},
    {"Mon, 1 Jan 2024 12(noon):   00  :  00 +0000", NOON},
    {"Mon , 1 Jan 2024 12 : 00 +0000", NOON},
    {"Mon, 01 01 2024 12:00:00", NOON},
    {"Mon, Jan 01 2024 12:00:00", NOON},
    {"01-JAN-2024 12:00:00", NOON},
    {"2024-01-01 12:00:00.859878421 +0000 UTC m=+1240939.113482279", NOON},
    {"1 Jan 006 00:00 UT", 1136073600},
    {"Mon, 1 Jan 0024 12:00:00 +0000", NOON},
    {"Monday, 01-Jan-24 12:00:00 GMT", NOON},
    {"Mon, 1 Jan 2024 08:00:00 EDT", NOON},
    {"Mon, 1 Jan 2024 05:00:00 PDT", NOON},
    {"Mon, 1 Jan 2024 12:00:00 A", NOON},
    {"1 Jan 24 07:00 EST", NOON},
    {"Mon,1 Jan 2024 12:00:00+0000", NOON},
    {"29 Feb 2000 00:00:00 +0000", 951782400},
};

static const char *const nonsense[] = {
    "",
    "yesterday",
    "Mon, 32 Jan 2024 12:00:00 +0000",
    "Mon, 1 Jan 2024 25:61:61 +0000",
    "30 Feb 2024 00:00:00 +0000",
    "1 Jan 99999999999999999999 00:00:00 +0000",
    "12:00:00",
    "=?utf-8?q?Mon=2C_1_Jan_2024_12=3A00=3A00_+0000?=",
    "((((((((",
};

static void every_form_is_understood(void **state)
{
	struct date date;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(known); i++) {
		if (!date_parse(known[i].text, strlen(known[i].text), &date))
			fail_msg("not understood: %s", known[i].text);
		if (date.time != known[i].time)
			fail_msg("%s: %lld", known[i].text, (long long)date.time);
	}
}

static void nonsense_is_no_date(void **state)
{
	struct date date;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(nonsense); i++)
		if (date_parse(nonsense[i], strlen(nonsense[i]), &date))
			fail_msg("understood: %s", nonsense[i]);
}

static void what_is_written_reads_back(void **state)
{
	struct buf out = BUF_INIT;
	struct date date;

	(void)state;
	date_add_rfc5322(&out, NOON);
	assert_string_equal(buf_str(&out), "Mon, 1 Jan 2024 12:00:00 +0000");
	assert_int_equal(date_parse(out.data, out.len, &date), 1);
	assert_int_equal(date.time, NOON);
	buf_clear(&out);
	date_add_rfc5322(&out, INT64_MAX);
	buf_clear(&out);
	date_add_short(&out, NOON, NOON + 60);
	assert_string_equal(buf_str(&out), "12:00");
	buf_clear(&out);
	date_add_short(&out, NOON, NOON + 86400 * 400);
	assert_string_equal(buf_str(&out), "2024");
	buf_free(&out);
}

/* PROMISES 26: whatever a letter says, a row of the index is drawn */
static void row_26_impossible_dates_are_shown_somehow(void **state)
{
	static const char *const odd[] = {"Mon, 1 Jan 1900 00:00:00 +0000",
					  "Fri, 31 Dec 9999 23:59:59 -9999",
					  "1 Jan 100000000000 00:00:00 +0000", "", ",", "31 Foo 2026",
					  "0 Jan 0000 00:00:00", "99 Dec 2026 99:99:99 +99999999999"};
	static const int64_t times[] = {INT64_MIN, INT64_MIN / 2, -1, 0, INT64_MAX / 2, INT64_MAX};
	struct buf out = BUF_INIT;
	struct date date;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		if (date_parse(odd[i], strlen(odd[i]), &date))
			date_add_long(&out, date.time);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		size_t from = out.len;

		date_add_short(&out, times[i], 1795400000);
		date_add_long(&out, times[i]);
		date_add_rfc5322(&out, times[i]);
		assert_true(out.len > from);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_is_understood),
	    cmocka_unit_test(nonsense_is_no_date),
	    cmocka_unit_test(what_is_written_reads_back),
	    cmocka_unit_test(row_26_impossible_dates_are_shown_somehow),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
