#include "config.h"
#include "net/protocol/smtp_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "store/base/err.h"

static int add(struct smtp_reply *reply, const char *line)
{
	return smtp_reply_add(reply, span_of(line), NULL);
}

static void expect_words(const struct smtp_reply *reply, const char *wanted)
{
	struct buf words = BUF_INIT;

	smtp_reply_words(reply, &words);
	assert_string_equal(buf_str(&words), wanted);
	buf_free(&words);
}

static void test_one_line(void **state)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;

	(void)state;
	assert_int_equal(add(&reply, "250 2.1.0 Ok"), 1);
	assert_int_equal(reply.code, 250);
	assert_string_equal(smtp_reply_status(&reply), "2.1.0");
	assert_true(smtp_reply_is_good(&reply));
	expect_words(&reply, "250 2.1.0 Ok");
	assert_int_equal(add(&reply, "250"), 1);
	expect_words(&reply, "250");
	assert_string_equal(smtp_reply_status(&reply), "2.0.0");
	assert_int_equal(add(&reply, "450 "), 1);
	assert_true(smtp_reply_is_later(&reply));
	assert_string_equal(smtp_reply_status(&reply), "4.0.0");
	smtp_reply_free(&reply);
}

static void test_many_lines(void **state)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;

	(void)state;
	assert_int_equal(add(&reply, "550-5.1.1 there is no"), 0);
	assert_false(smtp_reply_is_good(&reply));
	assert_int_equal(add(&reply, "550-"), 0);
	assert_int_equal(add(&reply, "550 5.1.1 such person"), 1);
	expect_words(&reply, "550 5.1.1 there is no  such person");
	assert_string_equal(buf_str(&reply.text), "there is no\n\nsuch person");
	smtp_reply_free(&reply);
}

/* Row 48: odd replies are no replies. */
static void row_48_odd_replies_are_refused(void **state)
{
	static const char *const odd[] = {"",	    "2",      "25",	  "25x ok",  "250_ok", "199 no",
					  "600 no", "+OK hi", "* OK hi", " 250 ok", "250\rok", "-250 ok"};
	struct smtp_reply reply = SMTP_REPLY_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		assert_int_equal(add(&reply, odd[i]), -1);
		smtp_reply_clear(&reply);
	}
	assert_int_equal(add(&reply, "250-ok"), 0);
	assert_int_equal(add(&reply, "550 no"), -1);
	assert_false(smtp_reply_is_good(&reply));
	smtp_reply_clear(&reply);
	assert_int_equal(smtp_reply_add(&reply, (struct span){"250 a\0b", 7}, NULL), -1);
	smtp_reply_free(&reply);
}

static void test_limits(void **state)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;
	char line[SMTP_REPLY_LINE_MAX + 10];
	int i, rc = 0;

	(void)state;
	for (i = 0; i < 1000 && rc == 0; i++)
		rc = add(&reply, "250-more");
	assert_int_equal(rc, -1);
	assert_true(i <= SMTP_REPLY_LINES_MAX + 1);
	smtp_reply_clear(&reply);
	memset(line, 'x', sizeof line);
	memcpy(line, "250 ", 4);
	assert_int_equal(smtp_reply_add(&reply, (struct span){line, sizeof line}, NULL), -1);
	smtp_reply_clear(&reply);
	for (i = 0; i < 100; i++)
		smtp_reply_add(&reply, (struct span){"250-", 4}, NULL);
	smtp_reply_free(&reply);
}

static void test_status(void **state)
{
	static const struct {
		const char *line, *status;
	} rows[] = {{"250 5.1.1 odd", "2.0.0"}, {"550 5.1.1", "5.1.1"},	   {"550 5.1 x", "5.0.0"},
		    {"550 5.1234.1 x", "5.0.0"}, {"451 4.7.650 x", "4.7.650"}, {"550 5.1.1x", "5.0.0"}};
	struct smtp_reply reply = SMTP_REPLY_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(add(&reply, rows[i].line), 1);
		assert_string_equal(smtp_reply_status(&reply), rows[i].status);
	}
	smtp_reply_free(&reply);
}

static void test_nothing_steers(void **state)
{
	struct smtp_reply reply = SMTP_REPLY_INIT;

	(void)state;
	assert_int_equal(add(&reply, "550 \033]0;x\a\x9b" "31m no\x7f"), 1);
	for (const char *c = buf_str(&reply.text); *c; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 127);
	assert_null(strstr(buf_str(&reply.text), "\xc2\x9b"));
	smtp_reply_free(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_line),
	    cmocka_unit_test(test_many_lines),
	    cmocka_unit_test(row_48_odd_replies_are_refused),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_status),
	    cmocka_unit_test(test_nothing_steers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
