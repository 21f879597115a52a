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
#include "ui/render/html_url.h"

static const char *whole(const char *href, const char *base)
{
	static char text[8192];
	struct buf out = BUF_INIT;
	bool leads = html_url_add(&out, span_of(href), base);

	snprintf(text, sizeof text, "%s", leads ? buf_str(&out) : "nowhere");
	buf_free(&out);
	return text;
}

static void addresses_are_made_whole_and_clean(void **state)
{
	(void)state;
	assert_string_equal(whole(" https://a.example/x?a=1&amp;b=2&copy=3 ", ""),
			    "https://a.example/x?a=1&b=2&copy=3");
	assert_string_equal(whole("ht\ntp://a.exam\tple/ b", ""), "http://a.example/b");
	assert_string_equal(whole("http://a.example/\033]0;x\a\x7f", ""), "http://a.example/]0;x");
	assert_string_equal(whole("/x", "https://a.example/b/c"), "https://a.example/x");
	assert_string_equal(whole("x", "https://a.example/b/c"), "https://a.example/b/x");
	assert_string_equal(whole("x", "https://a.example"), "https://a.example/x");
	assert_string_equal(whole("//c.example/x", "https://a.example/b"), "https://c.example/x");
}

static void some_lead_nowhere(void **state)
{
	static const char *const none[] = {
		"", "#top", "javascript:alert(1)", "java\nscript:x", "&#106;avascript:x", "data:,x", "cid:1@x",
		"file:///etc/passwd", "vbscript:x", "x", "/x", "http://", "about:blank",
	};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_string_equal(whole(none[i], ""), "nowhere");
	assert_string_equal(whole("x", "file:///etc/"), "nowhere");
}

static void assert_host(const char *url, const char *want)
{
	struct span host = html_url_host(url);

	assert_int_equal(host.len, strlen(want));
	assert_memory_equal(host.data, want, host.len);
}

static void hosts_are_what_a_browser_goes_to(void **state)
{
	(void)state;
	assert_host("https://a.example:8080/x", "a.example");
	assert_host("https://bank.example@evil.example/x", "evil.example");
	assert_host("https://a:b@c@evil.example", "evil.example");
	assert_host("https://evil.example\\@bank.example/", "evil.example");
	assert_host("https://evil.example?@bank.example", "evil.example");
	assert_host("https://evil.example#@bank.example", "evil.example");
	assert_host("https:////evil.example/bank.example", "evil.example");
	assert_host("https://\\evil.example/", "evil.example");
	assert_host("http://[2001:db8::1]:80/", "[2001:db8::1]");
	assert_int_equal(html_url_host("mailto:a@b.example").len, 0);
}

static bool deceives(const char *url, const char *text)
{
	struct span shown, real;

	return html_url_deceives(url, span_of(text), &shown, &real);
}

static void a_text_that_shows_another_place_deceives(void **state)
{
	(void)state;
	assert_true(deceives("http://evil.example/", "https://bank.example/login"));
	assert_true(deceives("http://evil.example/", "bank.com"));
	assert_true(deceives("http://evil.example/", "www.bank.example"));
	assert_true(deceives("http://evil.example/", "Go to http://bank.example now"));
	assert_true(deceives("http://bank.example.evil.example/", "bank.com"));
	assert_true(deceives("https://bank.example@evil.example/", "our page"));
	assert_true(deceives("https:///evil.example/", "https://bank.com"));
	assert_true(deceives("https://\\/evil.example/", "bank.com"));
	assert_true(deceives("https:///bank.example@evil.example/", "our page"));
	assert_true(deceives("mailto:evil@evil.example", "service@bank.com"));
	/* what is written is where it goes, and still reads as another: paypal in Cyrillic letters */
	assert_true(deceives("https://раураl.com/", "https://раураl.com"));
	assert_true(deceives("https://p\xd0\xb0ypal.example/x", "https://p\xd0\xb0ypal.example/x"));
	assert_false(deceives("https://почта.рф/", "https://почта.рф/"));
	assert_false(deceives("https://p\xd0\xb0ypal.example/", "our page"));
	assert_false(deceives("https://www.bank.com/x", "bank.com"));
	assert_false(deceives("https://login.bank.com/x", "www.bank.com/help"));
	assert_false(deceives("http://evil.example/", "our page"));
	assert_false(deceives("http://a.example/", "Node.js"));
	assert_false(deceives("http://a.example/", "script.py"));
	assert_false(deceives("mailto:a@b.example?subject=x", "a@b.example"));
}

static void an_address_that_is_written_there_is_said(void **state)
{
	(void)state;
	assert_true(html_url_is_said("https://a.example/x", span_of("https://a.example/x")));
	assert_true(html_url_is_said("https://www.a.example/", span_of("a.example")));
	assert_true(html_url_is_said("mailto:a@b.example", span_of("a@b.example")));
	assert_false(html_url_is_said("https://a.example/x?id=7", span_of("a.example/x")));
	assert_false(html_url_is_said("https://a.example/x", span_of("here")));
	assert_false(html_url_is_said("https://a.example/", span_of("")));
}

static const char *shown(const char *url)
{
	static char text[512];
	struct buf out = BUF_INIT;

	html_url_add_shown(&out, url);
	snprintf(text, sizeof text, "%s", buf_str(&out));
	buf_free(&out);
	return text;
}

/* PROMISES row 17 */
static void row_17_hosts_are_shown_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(shown("https://a.example/x"), "https://a.example/x");
	assert_string_equal(shown("https://b\xc3\xbc" "cher.example/"), "https://b\xc3\xbc" "cher.example/");
	assert_string_equal(shown("https://b%C3%BCcher.example/%41"), "https://b\xc3\xbc" "cher.example/%41");
	/* a Cyrillic a among Latin letters */
	assert_string_equal(shown("https://p\xd0\xb0ypal.example:80/"), "https://xn--pypal-4ve.example:80/");
	assert_string_equal(shown("https://p%D0%B0ypal.example/"), "https://xn--pypal-4ve.example/");
	assert_string_equal(shown("https://u@p\xd0\xb0ypal.example/"), "https://u@xn--pypal-4ve.example/");
	assert_string_equal(shown("mailto:a@p\xd0\xb0ypal.example?subject=x"),
			    "mailto:a@xn--pypal-4ve.example?subject=x");
	assert_string_equal(shown("mailto:"), "mailto:");
	assert_string_equal(shown("https://%zz%/"), "https://%zz%/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_made_whole_and_clean),
		cmocka_unit_test(some_lead_nowhere),
		cmocka_unit_test(hosts_are_what_a_browser_goes_to),
		cmocka_unit_test(a_text_that_shows_another_place_deceives),
		cmocka_unit_test(an_address_that_is_written_there_is_said),
		cmocka_unit_test(row_17_hosts_are_shown_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
