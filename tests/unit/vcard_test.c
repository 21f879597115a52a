#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/mime/vcard.h"

static int read_first(struct arena *arena, const char *text, struct vcard *card)
{
	struct vcard_reader reader;
	int rc;

	vcard_open(&reader, span_of(text), "iso-8859-1", NULL, arena);
	rc = vcard_next(&reader, card);
	vcard_close(&reader);
	return rc;
}

static void a_new_card_is_read(void **state)
{
	struct arena *arena = arena_new();
	struct vcard card;

	(void)state;
	assert_int_equal(read_first(arena,
				    "BEGIN:VCARD\r\nVERSION:4.0\r\nN:Petrova;Anna;;Dr.;\r\n"
				    "FN:Anna Petrova\r\nORG:Lake\\; Co;Boats\r\n"
				    "EMAIL;TYPE=\"home,pref\":anna@example\r\n .org\r\n"
				    "item1.TEL;VALUE=uri;TYPE=cell:tel:+1-2\r\n"
				    "ADR;TYPE=work:;;Shore 1;Lakecity;;1234;Land\r\nPHOTO:data:x\r\n"
				    "NOTE:a\\nb\r\nEND:VCARD\r\n", &card), 1);
	assert_string_equal(card.name, "Anna Petrova");
	assert_int_equal(card.count, 5);
	assert_string_equal(card.values[0].text, "Lake; Co, Boats");
	assert_string_equal(card.values[1].text, "anna@example.org");
	assert_true(card.values[1].is_home && !card.values[1].is_work);
	assert_string_equal(card.values[2].text, "+1-2");
	assert_true(card.values[2].is_mobile);
	assert_string_equal(card.values[3].text, "Shore 1, 1234, Lakecity, Land");
	assert_true(card.values[3].is_work);
	assert_string_equal(card.values[4].text, "a\nb");
	arena_free(&arena);
}

static void an_old_card_is_read(void **state)
{
	struct arena *arena = arena_new();
	struct vcard card;

	(void)state;
	assert_int_equal(read_first(arena,
				    "BEGIN:VCARD\nVERSION:2.1\n"
				    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg\n"
				    "TEL;HOME;VOICE:1\nEMAIL;INTERNET:j@example.org\n"
				    "NOTE;QUOTED-PRINTABLE;CHARSET=utf-8:one=\n two=0Athree=\n"
				    "END=3AVCARD\nTITLE:caf\xe9\nEND:VCARD\n", &card), 1);
	assert_string_equal(card.name, "J\xc3\xb6rg M\xc3\xbcller");
	assert_true(card.values[0].is_home);
	assert_string_equal(card.values[2].text, "one two\nthreeEND:VCARD");
	assert_string_equal(card.values[3].text, "caf\xc3\xa9");
	arena_free(&arena);
}

static void cards_are_pulled_up_to_the_limit(void **state)
{
	const struct vcard_limits few = {.line = 100, .cards = 1, .values = 1, .text = 3};
	struct arena *arena = arena_new();
	struct vcard_reader reader;
	struct vcard card;

	(void)state;
	vcard_open(&reader, SPAN("x\nBEGIN:VCARD\nFN:abcdef\nTEL:1\nTEL:2\nEND:VCARD\nBEGIN:VCARD\n"), NULL,
		   &few, arena);
	assert_int_equal(vcard_next(&reader, &card), 1);
	assert_string_equal(card.name, "abc");
	assert_int_equal(card.count, 1);
	assert_int_equal(vcard_next(&reader, &card), -1);
	assert_true(reader.is_cut);
	vcard_close(&reader);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_card_is_read),
	    cmocka_unit_test(an_old_card_is_read),
	    cmocka_unit_test(cards_are_pulled_up_to_the_limit),
	};

	return cmocka_run_group_tests_name("vcard", tests, NULL, NULL);
}
