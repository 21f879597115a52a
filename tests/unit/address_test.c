#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/mime/address.h"

/* "name|addr name|addr" separated by "; " */
static const struct {
	const char *raw, *want;
} known[] = {
    {"a@b.c", "|a@b.c"},
    {"Jo Doe <j@d>", "Jo Doe|j@d"},
    {"\"Doe, Jo\" <j@d>, <x@y>", "Doe, Jo|j@d; |x@y"},
    {"j@d (Jo (the) Doe)", "Jo (the) Doe|j@d"},
    {"Group: a@b, Jo <c@d>;, e@f", "|a@b; Jo|c@d; |e@f"},
    {"undisclosed-recipients:;", ""},
    {"a@b; c@d", "|a@b; |c@d"},
    {",a@b,,", "|a@b"},
    {"John Doe [x] <a@b.c>", "John Doe [x]|a@b.c"},
    {"a..b@c.d", "|a..b@c.d"},
    {"\"x\" <a@b", "x|a@b"},
    {"<@r.x,@s.y:a@b>", "|a@b"},
    {"a . b @ c", "|a.b@c"},
    {"\"a b\"@c", "|\"a b\"@c"},
    {"<user (c)@ (c) x.org>", "|user@x.org"},
    {"J. R. <j@d>", "J. R.|j@d"},
    {"a@[IPv6:::1]", "|a@[IPv6:::1]"},
    {"=?utf-8?q?=C3=A9=2C_x?= <a@b>", "\xc3\xa9, x|a@b"},
    {"\"=?utf-8?q?x?=\" <a@b>", "x|a@b"},
    {"=?utf-8?q?evil=00=0A=3Ca=40b=3E?= <c@d>", "evil <a@b>|c@d"},
    {"caf\xe9 <a@b>", "caf\xc3\xa9|a@b"},
    {"\"open <a@b>, c@d", "open|a@b; |c@d"},
    {"(open <a@b>", "(open|a@b"},
    {"postmaster", "|postmaster"},
    {"\"a\\\" b\"@c", "|\"a\\\" b\"@c"},
    {"<\"a\\\" b\"@c>, x@y", "|\"a\\\" b\"@c; |x@y"},
    {"\"a\".\"b\"@c", "|\"a\".\"b\"@c"},
    {"a.\"b c\".d@e", "|a.\"b c\".d@e"},
    {"\"Dr\". X <a@b>", "Dr. X|a@b"},
    {"\"A\".B <a@b>", "A.B|a@b"},
    {"A B [mailto:a@b]", "A B|a@b"},
    {"a@b: c@d;", "|a@b; |c@d"},
    {"list: nested: a@b;; c@d", "|a@b; |c@d"},
    {"=?utf-8?q?J=C3=B6rg?=", "|J\xc3\xb6rg"},
    {"=?utf-8?q?a=40b?=", "|=?utf-8?q?a=40b?="},
    {"<=?utf-8?q?a=40b?=>", "|=?utf-8?q?a=40b?="},
    {"=?utf-8?q?a=40b?= <c@d>", "a@b|c@d"},
    {"Big Bug bb@bug.com", "Big Bug|bb@bug.com"},
    {"Jo Q. jo@x. org", "Jo Q.|jo@x.org"},
    {"a@b c@d", "|a@b; |c@d"},
    {"a@b Jo Doe", "Jo Doe|a@b"},
    {"Jo <jo@x>Bo Z <bo@x>", "Jo|jo@x; Bo Z|bo@x"},
    {"Jo <jo> <jo@x>", "Jo|jo@x"},
    {"<<a@b>>", "|a@b"},
    {"G: (nobody (at all)) ;, (nor here)", ""},
    {"<>", ""},
    {"", ""},
};

static void every_form_is_read(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(known); i++) {
		struct arena *arena = arena_new();
		struct address_list list;
		struct buf out = BUF_INIT;

		address_parse(span_of(known[i].raw), 100, arena, &list);
		for (n = 0; n < list.count; n++)
			buf_printf(&out, "%s%s|%s", n ? "; " : "", list.items[n].name,
				   list.items[n].addr);
		if (strcmp(buf_str(&out), known[i].want) != 0)
			fail_msg("%s: %s", known[i].raw, buf_str(&out));
		buf_free(&out);
		arena_free(&arena);
	}
}

static void row_19_address_bombs_cost_their_length(void **state)
{
	static const char *const bits[] = {";", "\"", "(", "<", "a:", "a@b,", "\\", "[", "(\\", "[:", "\"a\".", "a@b:"};
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bits); i++) {
		struct arena *arena = arena_new();
		struct address_list list;
		struct buf bomb = BUF_INIT;

		for (n = 0; n < 200000; n++)
			buf_add_str(&bomb, bits[i]);
		address_parse((struct span){bomb.data, bomb.len}, 20000, arena, &list);
		assert_true(list.count <= 20001);
		assert_true(arena_used(arena) < 50000000);
		buf_free(&bomb);
		arena_free(&arena);
	}
}

static void unsafe_addresses_are_seen(void **state)
{
	static const char *const bad[] = {"",	    "a b@c",	 "a@b@c", "a\n@b",	"a@b\r",
					  "-oX@y",  "<a@b>",	 "@b",	  "a@",		"a,b@c",
					  "\"a@b", "a@b;c", "a\x7f@b", "a@b (c)"};
	static const char *const good[] = {"a@b", "postmaster", "\"a b\"@c", "a+b=c@d.e",
					   "\xc3\xa9@\xc3\xa9.org", "a@[IPv6:::1]", "a@[192.0.2.1]"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		if (address_is_safe(bad[i]))
			fail_msg("safe: %s", bad[i]);
	for (i = 0; i < ARRAY_COUNT(good); i++)
		if (!address_is_safe(good[i]))
			fail_msg("not safe: %s", good[i]);
}

static void typed_addresses_are_checked(void **state)
{
	struct arena *arena = arena_new();
	struct address_list list;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(address_parse_typed("lena, Oleg <oleg@example.org>", arena, &list, &err), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0].addr, "lena");
	assert_int_equal(address_parse_typed("a b c", arena, &list, &err), -1);
	assert_true(address_equal("a@B.org", "a@b.ORG"));
	assert_false(address_equal("A@b.org", "a@b.org"));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_is_read),
	    cmocka_unit_test(row_19_address_bombs_cost_their_length),
	    cmocka_unit_test(unsafe_addresses_are_seen),
	    cmocka_unit_test(typed_addresses_are_checked),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
