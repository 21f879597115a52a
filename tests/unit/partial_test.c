#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/mime/mime.h"
#include "store/mime/partial.h"

static const char first[] = "From: a@x\nReceived: by way\nSubject: piece (1/2)\nMessage-ID: <p1@x>\nMIME-Version: 1.0\n"
			    "Content-Type: message/partial; id=\"abc@x\"; number=1; total=2\n\n"
			    "Subject: whole\nMessage-ID: <whole@x>\nX-Odd: lost\nContent-Type: text/plain\n\nOne\n";
static const char second[] = "From: a@x\nSubject: piece (2/2)\n"
			     "Content-Type: message/partial; id=\"abc@x\"; number=2; total=2\n\nTwo\n";

static struct mime_message *parse(const char *text)
{
	return mime_parse(text, strlen(text), NULL);
}

static int take(struct partial *partial, const char *text)
{
	struct mime_message *message = parse(text);
	struct err err = ERR_INIT;
	int result = partial_take(partial, message, &err);

	mime_free(&message);
	return result;
}

static struct partial *begin(const char *text)
{
	struct mime_message *message = parse(text);
	struct partial *partial = partial_new(message);

	mime_free(&message);
	return partial;
}

static void pieces_become_one(void **state)
{
	struct partial *partial = begin(second);
	struct buf out = BUF_INIT;
	size_t have, total;

	(void)state;
	assert_int_equal(take(partial, second), 1);
	assert_int_equal(take(partial, second), 0);
	assert_false(partial_is_whole(partial));
	partial_count(partial, &have, &total);
	assert_int_equal(have, 1);
	assert_int_equal(total, 2);
	assert_int_equal(take(partial, first), 1);
	assert_true(partial_is_whole(partial));
	partial_join(partial, &out);
	assert_string_equal(buf_str(&out), "From: a@x\nReceived: by way\nSubject: whole\nMessage-ID: <whole@x>\n"
					   "Content-Type: text/plain\n\nOne\nTwo\n");
	buf_free(&out);
	partial_free(&partial);
}

static void others_are_not_taken(void **state)
{
	struct partial *partial = begin(first);

	(void)state;
	assert_int_equal(take(partial, "Content-Type: text/plain\n\nabc@x\n"), 0);
	assert_int_equal(take(partial, "Content-Type: message/partial; id=other; number=2; total=2\n\nx\n"), 0);
	assert_int_equal(take(partial, "Content-Type: message/partial; id=\"abc@x\"; number=3; total=2\n\nx\n"), 0);
	assert_int_equal(take(partial, "Content-Type: message/partial; id=\"abc@x\"; number=0; total=2\n\nx\n"), 0);
	assert_int_equal(take(partial, "Content-Type: message/partial; id=\"abc@x\"; number=99999\n\nx\n"), 0);
	assert_int_equal(take(partial, "Content-Type: message/partial; id=\"abc@x\"; number=-1\n\nx\n"), 0);
	assert_false(partial_is_whole(partial));
	partial_free(&partial);
}

static void what_has_no_id_or_number_is_no_piece(void **state)
{
	(void)state;
	assert_null(begin("Content-Type: text/plain\n\nx\n"));
	assert_null(begin("Content-Type: message/partial; number=1; total=1\n\nx\n"));
	assert_null(begin("Content-Type: message/partial; id=a; total=1\n\nx\n"));
}

static void a_total_that_nobody_can_reach_is_never_whole(void **state)
{
	const char *text = "Content-Type: message/partial; id=a; number=1; total=1000000\n\nx\n";
	struct partial *partial = begin(text);

	(void)state;
	assert_int_equal(take(partial, text), 1);
	assert_false(partial_is_whole(partial));
	partial_free(&partial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_become_one),
		cmocka_unit_test(others_are_not_taken),
		cmocka_unit_test(what_has_no_id_or_number_is_no_piece),
		cmocka_unit_test(a_total_that_nobody_can_reach_is_never_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
