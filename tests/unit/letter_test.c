#include "config.h"
#include "store/mail/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/mime/address.h"

static struct arena *arena;

/* The completed letter's text; NULL when it was refused. */
static char *complete(const char *bytes, size_t len, bool wants_recipients, struct letter *letter)
{
	struct letter_wish wish = {.from = "me@localhost",
				   .from_name = "L\xc3\xb6na",
				   .domain = "here",
				   .now = 1704110400,
				   .wants_recipients = wants_recipients};
	struct buf text = BUF_INIT;
	char *copy;

	if (letter_complete(bytes, len, &wish, arena, letter, NULL) < 0) {
		letter_free(letter);
		return NULL;
	}
	buf_add(&text, letter->head.data, letter->head.len);
	if (letter->body.len)
		buf_add(&text, letter->body.data, letter->body.len);
	copy = arena_strndup(arena, text.data, text.len);
	buf_free(&text);
	letter_free(letter);
	return copy;
}

static char *complete_text(const char *text)
{
	struct letter letter;

	return complete(text, strlen(text), false, &letter);
}

static void a_whole_letter_stays_as_it_is(void **state)
{
	static const char *const whole[] = {
	    "From: a@b\nDate: x\nMessage-ID: <1@x>\n\nbody\n",
	    "fRoM: a@b\nDATE : x\nmessage-id:<1@x>\nX: folded\n\tline\n \n\nbody without end",
	    "From: a@b\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n.\r\n",
	    "Message-ID: <1@x>\nFrom: a@b\nDate: \xff\xfe raw\n\n\n\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(whole); i++)
		assert_string_equal(complete_text(whole[i]), whole[i]);
}

static void what_is_missing_is_added(void **state)
{
	const char *text = complete_text("Subject: x\n\nbody\n");

	(void)state;
	assert_non_null(strstr(text, "\nDate: Mon, 1 Jan 2024 12:00:00 +0000\n"));
	assert_non_null(strstr(text, "\nMessage-ID: <"));
	assert_non_null(strstr(text, "@here>\n"));
	assert_non_null(strstr(text, " <me@localhost>\n"));
	assert_string_equal(strstr(text, "\n\n"), "\n\nbody\n");
	assert_int_equal(strncmp(text, "Subject: x\n", 11), 0);
}

static void line_ends_are_the_letters_own(void **state)
{
	const char *text = complete_text("Subject: x\r\n\r\nbody\r\n"), *at;

	(void)state;
	for (at = strchr(text, '\n'); at; at = strchr(at + 1, '\n'))
		assert_int_equal(at[-1], '\r');
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nbody\r\n");
}

static void what_is_no_header_is_a_body(void **state)
{
	(void)state;
	assert_string_equal(strstr(complete_text("just text\nmore\n"), "\n\n"),
			    "\n\njust text\nmore\n");
	assert_string_equal(strstr(complete_text(" indented\n"), "\n\n"), "\n\n indented\n");
	assert_string_equal(strstr(complete_text(""), "\n\n"), "\n\n");
	assert_string_equal(strstr(complete_text("Subject: no end"), "\n\n"), "\n\n");
	assert_int_equal(strncmp(complete_text("Subject: no end"), "Subject: no end\n", 16), 0);
	assert_string_equal(strstr(complete_text("Subject: x\nno field\n\ny\n"), "\n\n"),
			    "\n\nno field\n\ny\n");
	assert_null(strstr(complete_text("From a@b Mon Jan  1\nSubject: x\n\ny\n"), "From a@b"));
}

static void bcc_goes(void **state)
{
	const char *text =
	    complete_text("To: a\nBcc: secret@x,\n\tmore@x\nBCC: c\nResent-Bcc: d\nX: y\n\nBcc: "
			  "stays\n");

	(void)state;
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "more@x"));
	assert_null(strstr(text, "BCC"));
	assert_null(strstr(text, "Resent-Bcc"));
	assert_non_null(strstr(text, "To: a\nX: y\n"));
	assert_non_null(strstr(text, "\n\nBcc: stays\n"));
}

static void nul_bytes_stay(void **state)
{
	static const char bytes[] = "From: a\nDate: b\nMessage-ID: <c@d>\nX: \0y\n\n\0z\n";
	struct letter letter;
	struct letter_wish wish = {.from = "me", .now = 1};

	(void)state;
	assert_int_equal(letter_complete(bytes, sizeof bytes - 1, &wish, arena, &letter, NULL), 0);
	assert_int_equal(letter.head.len + letter.body.len, sizeof bytes - 1);
	assert_memory_equal(letter.head.data, bytes, letter.head.len);
	assert_memory_equal(letter.body.data, bytes + letter.head.len, letter.body.len);
	letter_free(&letter);
}

static void recipients_are_found(void **state)
{
	static const char text[] =
	    "To: a@x, \"B, c\" <b@x>\nCc: Friends: c@x, d@x;\nBcc: e@x,\n f\nTo: g@x\n\nTo: h\n";
	static const char resent[] =
	    "Resent-To: new@x\nResent-Bcc: blind@x\nResent-To: old@x\nTo: a@x\n\n";
	struct letter letter;

	(void)state;
	assert_non_null(complete(text, sizeof text - 1, true, &letter));
	assert_int_equal(letter.recipient_count, 7);
	assert_string_equal(letter.recipients[1], "b@x");
	assert_non_null(complete(resent, sizeof resent - 1, true, &letter));
	assert_int_equal(letter.recipient_count, 2);
	assert_string_equal(letter.recipients[0], "new@x");
	assert_string_equal(letter.recipients[1], "blind@x");
	assert_non_null(complete("X: y\n\n", 6, true, &letter));
	assert_int_equal(letter.recipient_count, 0);
}

static void arguments_are_checked(void **state)
{
	static const char *const bad[] = {"", "me\nRCPT TO:<x>", "a\rb", "a\x7f", "a@b@c", "a b"};
	struct address_list list;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(letter_parse_argument(bad[i], arena, &list, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(letter_parse_argument("bob, \"A, b\" <c@d>", arena, &list, &err), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0].addr, "bob");
}

static void circles_are_seen(void **state)
{
	struct buf text = BUF_INIT;
	struct letter letter;
	int i;

	(void)state;
	for (i = 0; i < LETTER_HOPS_MAX; i++)
		buf_add_str(&text, "Received: by x;\n\tdate\n");
	buf_add_str(&text, "\nReceived: in the body\n");
	assert_false(letter_is_looping((struct span){text.data, text.len}));
	buf_insert(&text, 0, "received: by y\n", 15);
	assert_true(letter_is_looping((struct span){text.data, text.len}));
	assert_null(complete(text.data, text.len, false, &letter));
	buf_free(&text);
}

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_whole_letter_stays_as_it_is),
	    TEST(what_is_missing_is_added),
	    TEST(line_ends_are_the_letters_own),
	    TEST(what_is_no_header_is_a_body),
	    TEST(bcc_goes),
	    TEST(nul_bytes_stay),
	    TEST(recipients_are_found),
	    TEST(arguments_are_checked),
	    TEST(circles_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
