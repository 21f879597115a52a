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
#include "store/base/domain.h"
#include "store/base/str.h"
#include "store/mime/address.h"
#include "store/mime/sender.h"

static const struct {
	const char *domain, *shown;
	enum domain_look look;
} domains[] = {
    {"example.org", "example.org", DOMAIN_PLAIN},
    {"[192.0.2.1]", "[192.0.2.1]", DOMAIN_PLAIN},
    {"münchen.example", "münchen.example", DOMAIN_FOREIGN},
    {"xn--mnchen-3ya.example", "xn--mnchen-3ya.example (münchen.example)", DOMAIN_FOREIGN},
    {"почта.рф", "почта.рф", DOMAIN_FOREIGN},
    {"роса.рф", "роса.рф", DOMAIN_FOREIGN},
    {"日本語とカナ.example", "日本語とカナ.example", DOMAIN_FOREIGN},
    {"abc日本.example", "abc日本.example", DOMAIN_FOREIGN},
    {"דואר.example", "דואר.example", DOMAIN_FOREIGN},
    /* Cyrillic a in a Latin word */
    {"p\xd0\xb0ypal.example", "xn--pypal-4ve.example", DOMAIN_MIXED},
    {"xn--pypal-4ve.example", "xn--pypal-4ve.example", DOMAIN_MIXED},
    {"gο\xce\xbfgle.example", "xn--ggle-0nda.example", DOMAIN_MIXED},
    {"аррӏе.com", "xn--80ak6aa92e.com", DOMAIN_LOOKALIKE},
    {"xn--80ak6aa92e.com", "xn--80ak6aa92e.com", DOMAIN_LOOKALIKE},
    {"\xc9\xa1oogle.example", "xn--oogle-qmc.example", DOMAIN_LOOKALIKE},
    {"xn--i-7iq.example", "xn--i-7iq.example", DOMAIN_BROKEN},
    {"xn--", "xn--", DOMAIN_BROKEN},
    {"ex\xe2\x80\x8b" "ample.org", "ex⟨U+200B⟩ample.org", DOMAIN_BROKEN},
    {"a b.org", "a b.org", DOMAIN_BROKEN},
};

/* PROMISES 17 */
static void row_17_hosts_that_imitate_are_punycode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(domains); i++) {
		struct buf out = BUF_INIT;
		enum domain_look look = domain_add_shown(&out, domains[i].domain);

		if (strcmp(buf_str(&out), domains[i].shown) != 0 || look != domains[i].look)
			fail_msg("%s: \"%s\", %d", domains[i].domain, buf_str(&out), (int)look);
		buf_free(&out);
	}
}

static void row_17_a_host_of_any_length_is_shown(void **state)
{
	struct buf name = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (int i = 0; i < 50000; i++)
		buf_add_str(&name, "xn--p1ai.");
	assert_true(domain_add_shown(&out, buf_str(&name)) >= DOMAIN_BROKEN);
	buf_clear(&name);
	buf_clear(&out);
	for (int i = 0; i < 50000; i++)
		buf_add_str(&name, "\xd0\xb0");
	assert_int_equal(domain_add_shown(&out, buf_str(&name)), DOMAIN_BROKEN);
	buf_free(&name);
	buf_free(&out);
}

static const struct sender_self self[] = {{"Lena Sokolova", "lena@example.org"}};

/* RAW is a From field. */
static const struct {
	const char *raw, *shown, *column;
	unsigned odd;
} senders[] = {
    {"Oleg <oleg@example.org>", "Oleg <oleg@example.org>", "Oleg", 0},
    {"oleg@example.org", "oleg@example.org", "oleg@example.org", 0},
    {"\"Orlov, O.\" <oleg@example.org>", "\"Orlov, O.\" <oleg@example.org>", "Orlov, O.", 0},
    {"\"OLEG@example.org\" <oleg@example.org>", "\"OLEG@example.org\" <oleg@example.org>",
     "OLEG@example.org", 0},
    {"Team @ Work <t@example.org>", "\"Team @ Work\" <t@example.org>", "Team @ Work", 0},
    {"\"boss@corp.example\" <evil@x.example>", "\"boss@corp.example\" <evil@x.example>",
     "<evil@x.example>", SENDER_OTHER_ADDRESS},
    {"=?utf-8?q?boss=40corp.example?= <evil@x.example>", "\"boss@corp.example\" <evil@x.example>",
     "<evil@x.example>", SENDER_OTHER_ADDRESS},
    /* full width at sign */
    {"=?utf-8?q?boss=EF=BC=A0corp.example?= <evil@x.example>", "\"boss＠corp.example\" <evil@x.example>",
     "<evil@x.example>", SENDER_OTHER_ADDRESS},
    /* mailsploit: NUL, newline */
    {"=?utf-8?q?boss=40corp.example=00?= <evil@x.example>", "\"boss@corp.example\" <evil@x.example>",
     "<evil@x.example>", SENDER_OTHER_ADDRESS},
    {"=?utf-8?q?Boss_=3Cboss=40corp.example=3E=0A=0A?= <evil@x.example>",
     "\"Boss <boss@corp.example>\" <evil@x.example>", "<evil@x.example>", SENDER_OTHER_ADDRESS},
    {"Lena Sokolova <lena@example.org>", "Lena Sokolova <lena@example.org>", "Lena Sokolova", 0},
    {"LENA SOKOLOVA <l@evil.example>", "LENA SOKOLOVA <l@evil.example>", "<l@evil.example>",
     SENDER_AS_YOU},
    {"me <l@evil.example>", "me <l@evil.example>", "<l@evil.example>", SENDER_AS_YOU},
    {"=?utf-8?b?QW5uYeKArmFubkE=?= <a@x.example>", "Anna⟨RLO⟩annA <a@x.example>", "<a@x.example>",
     SENDER_HIDDEN},
    {"Bank <b@p\xd0\xb0ypal.example>", "Bank <b@xn--pypal-4ve.example>", "Bank", SENDER_MIXED_HOST},
};

/* PROMISES 18 */
static void row_18_the_real_address_is_in_sight(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(senders); i++) {
		struct arena *arena = arena_new();
		struct address_list list;
		struct buf shown = BUF_INIT, column = BUF_INIT;
		unsigned odd;

		address_parse(span_of(senders[i].raw), 10, arena, &list);
		assert_int_equal(list.count, 1);
		odd = sender_oddities(list.items[0].name, list.items[0].addr, self, 1);
		sender_add(&shown, &list.items[0]);
		sender_add_short(&column, list.items[0].name, list.items[0].addr, self, 1);
		if (strcmp(buf_str(&shown), senders[i].shown) != 0 || odd != senders[i].odd ||
		    strcmp(buf_str(&column), senders[i].column) != 0)
			fail_msg("%s: \"%s\", \"%s\", %u", senders[i].raw, buf_str(&shown),
				 buf_str(&column), odd);
		buf_free(&shown);
		buf_free(&column);
		arena_free(&arena);
	}
}

static void row_18_mailsploit_never_decodes_the_address(void **state)
{
	const char *raw = "=?utf-8?q?potus=40whitehouse.example=00?="
			  "=?utf-8?q?=0A=3D=3Futf-8=3F?=@evil.example";
	struct arena *arena = arena_new();
	struct address_list list;
	struct buf shown = BUF_INIT;

	(void)state;
	address_parse(span_of(raw), 10, arena, &list);
	assert_int_equal(list.count, 1);
	sender_add(&shown, &list.items[0]);
	assert_true(str_ends(buf_str(&shown), "@evil.example"));
	assert_null(strstr(list.items[0].addr, "potus@whitehouse"));
	buf_free(&shown);
	arena_free(&arena);
}

static void row_18_a_long_name_does_not_push_the_address_away(void **state)
{
	struct buf name = BUF_INIT, shown = BUF_INIT;
	char addr[] = "evil@x.example";
	struct address address = {.addr = addr};

	(void)state;
	for (int i = 0; i < 3000; i++)
		buf_add_str(&name, i % 2 ? "\xc2\xa0 " : "  boss");
	address.name = name.data;
	sender_add(&shown, &address);
	assert_true(shown.len < 400);
	assert_true(str_ends(buf_str(&shown), "<evil@x.example>"));
	buf_free(&name);
	buf_free(&shown);
}

static void only_this_machine_is_here(void **state)
{
	static const char *const here[] = {"localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "::1"};
	static const char *const others[] = {"127.attacker.net", "127.0.0.1.attacker.net", "127.", "126.0.0.1",
					     "::2", "localhost.attacker.net", "", "127.1"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(here); i++)
		assert_true(domain_is_here(here[i]));
	for (i = 0; i < ARRAY_COUNT(others); i++)
		assert_false(domain_is_here(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_this_machine_is_here),
	    cmocka_unit_test(row_17_hosts_that_imitate_are_punycode),
	    cmocka_unit_test(row_17_a_host_of_any_length_is_shown),
	    cmocka_unit_test(row_18_the_real_address_is_in_sight),
	    cmocka_unit_test(row_18_mailsploit_never_decodes_the_address),
	    cmocka_unit_test(row_18_a_long_name_does_not_push_the_address_away),
	};

	return cmocka_run_group_tests_name("sender", tests, NULL, NULL);
}
