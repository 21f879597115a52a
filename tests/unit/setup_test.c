#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/dns.h"
#include "net/io/http.h"
#include "net/io/oauth.h"
#include "net/io/provider.h"
#include "net/setup/autoconfig.h"
#include "net/setup/wish.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"

/* --- DNS ------------------------------------------------------------------------------------------ */

static void read_seed(const char *name, struct buf *bytes)
{
	const char *top = getenv("top_srcdir");
	char *path = mem_printf("%s/tests/fuzz/seeds/%s", top ? top : ".", name);

	assert_int_equal(file_read(path, bytes, 1 << 20, NULL), 0);
	free(path);
}

static int read_records(const char *seed, enum dns_type type, struct dns_record *records)
{
	struct buf bytes = BUF_INIT;
	int count;

	read_seed(seed, &bytes);
	count = dns_read((unsigned char *)bytes.data + 1, bytes.len - 1, type, records);
	buf_free(&bytes);
	return count;
}

static void srv_records_are_read(void **state)
{
	struct dns_record records[DNS_RECORDS_MAX];

	(void)state;
	assert_int_equal(read_records("dns/srv", DNS_SRV, records), 3);
	assert_string_equal(records[0].host, "imap.example.org");
	assert_int_equal(records[0].port, 993);
	assert_int_equal(records[0].priority, 10);
	assert_int_equal(records[0].weight, 5);
	assert_int_equal(read_records("dns/none", DNS_SRV, records), 1);
	assert_string_equal(records[0].host, "");
	assert_int_equal(read_records("dns/mx", DNS_MX, records), 2);
	assert_string_equal(records[1].host, "mx.example.org");
	assert_true(read_records("dns/loop", DNS_MX, records) <= 0);
	assert_int_equal(read_records("dns/srv", DNS_MX, records), 0);
	assert_int_equal(dns_read((const unsigned char *)"no", 2, DNS_MX, records), -1);
}

static void lower_priorities_come_first(void **state)
{
	struct dns_record records[] = {{"c", 1, 20, 0}, {"a", 1, 0, 9}, {"b", 1, 10, 0}};

	(void)state;
	for (uint32_t seed = 1; seed < 50; seed++) {
		dns_sort(records, 3, seed);
		assert_string_equal(records[0].host, "a");
		assert_string_equal(records[1].host, "b");
		assert_string_equal(records[2].host, "c");
	}
}

/* RFC 2782: three times the weight is chosen three times as often. */
static void chance_goes_by_weight(void **state)
{
	int heavy = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 4000; seed++) {
		struct dns_record records[] = {{"light", 1, 0, 10}, {"heavy", 1, 0, 30}, {"none", 1, 0, 0}};

		dns_sort(records, 3, seed * 2654435761u);
		heavy += strcmp(records[0].host, "heavy") == 0;
	}
	assert_in_range(heavy, 2700, 3200);
}

/* --- autoconfig ----------------------------------------------------------------------------------- */

static void servers_are_read_in_their_order(void **state)
{
	struct places places = {.count = 0};
	struct buf text = BUF_INIT;

	(void)state;
	read_seed("autoconfig/hoster", &text);
	assert_int_equal(autoconfig_read(buf_str(&text), text.len, "me@example.org", &places, NULL), 0);
	assert_int_equal(places.count, 3);
	assert_int_equal(places.items[0].kind, PLACE_IMAP);
	assert_int_equal(places.items[0].tls, STREAM_TLS);
	assert_string_equal(places.items[0].host, "imap.example.org");
	assert_string_equal(places.items[0].user, "me@example.org");
	assert_false(places.items[0].wants_oauth);
	assert_int_equal(places.items[1].kind, PLACE_POP3);
	assert_int_equal(places.items[1].tls, STREAM_STARTTLS);
	assert_string_equal(places.items[1].user, "me");
	assert_true(places.items[1].wants_oauth);
	assert_int_equal(places.items[2].kind, PLACE_SUBMISSION);
	assert_int_equal(places.items[2].port, 587);
	assert_false(places.items[2].wants_oauth);
	buf_free(&text);
}

static void what_is_unsafe_is_left_out(void **state)
{
	struct places places = {.count = 0};
	struct buf text = BUF_INIT;

	(void)state;
	read_seed("autoconfig/odd", &text);
	assert_int_equal(autoconfig_read(buf_str(&text), text.len, "me@example.org", &places, NULL), 0);
	assert_int_equal(places.count, 0);
	buf_clear(&text);
	read_seed("autoconfig/entities", &text);
	assert_int_equal(autoconfig_read(buf_str(&text), text.len, "me@example.org", &places, NULL), -1);
	assert_int_equal(autoconfig_read("<html>", 6, "me@example.org", &places, NULL), -1);
	buf_free(&text);
}

/* --- small things --------------------------------------------------------------------------------- */

static void providers_are_known(void **state)
{
	(void)state;
	assert_string_equal(provider_by_domain("GMail.com")->name, "google");
	assert_null(provider_by_domain("mail.gmail.com"));
	assert_string_equal(provider_by_mx("aspmx.l.google.com")->name, "google");
	assert_string_equal(provider_by_mx("example-org.mail.protection.outlook.com")->name, "microsoft");
	assert_null(provider_by_mx("notgoogle.com"));
	assert_string_equal(provider_by_server("imap.gmail.com")->name, "google");
	assert_string_equal(provider_by_name("yandex")->title, "Yandex");
	assert_null(provider_by_name("nobody"));
}

static void wishes_are_lines(void **state)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct wish wish;

	(void)state;
	assert_int_equal(
	    wish_parse(&wish, "address = me@example.org\nserver=imap.example.org:993\ntls=implicit\n", &err), 0);
	assert_string_equal(wish.address, "me@example.org");
	assert_string_equal(wish.kind, "imap");
	wish_format(&wish, &text);
	assert_string_equal(buf_str(&text), "kind=imap\nserver=imap.example.org:993\ntls=implicit\n");
	assert_int_equal(wish_parse(&wish, "address=me\n", &err), -1);
	assert_int_equal(wish_parse(&wish, "address=me@x\nkind=local\n", &err), -1);
	buf_free(&text);
}

static void forms_are_escaped(void **state)
{
	struct buf form = BUF_INIT;

	(void)state;
	http_add_field(&form, "a", "b c&d=e");
	http_add_field(&form, "f", "~é");
	assert_string_equal(buf_str(&form), "a=b%20c%26d%3De&f=~%C3%A9");
	buf_free(&form);
}

/* --- OAuth2 --------------------------------------------------------------------------------------- */

static int read_answer(const char *text, struct oauth_answer *answer)
{
	return oauth_read(text, strlen(text), answer, NULL);
}

static void answers_with_tokens_are_read(void **state)
{
	struct oauth_answer answer;

	(void)state;
	assert_int_equal(
	    read_answer("{\"access_token\":\"a.b\",\"token_type\":\"bearer\",\"expires_in\":3599}", &answer), 0);
	assert_string_equal(answer.access, "a.b");
	assert_null(answer.refresh);
	assert_int_equal(answer.expires_in, 3599);
	oauth_answer_free(&answer);
	assert_int_equal(read_answer("{\"error\":\"x\",\"error_description\":\"\\u001b[2J\"}", &answer), 0);
	assert_null(answer.access);
	assert_string_equal(answer.error, "x");
	assert_null(strchr(answer.words, 27));
	oauth_answer_free(&answer);
	assert_int_equal(read_answer("{\"access_token\":\"a\\r\\nb\"}", &answer), 0);
	assert_null(answer.access);
	oauth_answer_free(&answer);
	assert_int_equal(read_answer("{\"access_token\":\"a\",\"token_type\":\"mac\"}", &answer), -1);
	assert_int_equal(read_answer("<html>", &answer), -1);
	assert_int_equal(read_answer("[1]", &answer), 0);
	assert_null(answer.access);
	oauth_answer_free(&answer);
}

/* RFC 7636 appendix B. */
static void challenges_are_those_of_the_standard(void **state)
{
	struct buf challenge = BUF_INIT;

	(void)state;
	oauth_add_challenge(&challenge, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	assert_string_equal(buf_str(&challenge), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
	buf_free(&challenge);
}

static void browsers_come_back_with_a_query(void **state)
{
	static const char request[] = "GET /?state=a%2Bb&code=4%2F0Ab+c&x HTTP/1.1\r\nHost: y?code=z\r\n\r\n";
	struct buf value = BUF_INIT;

	(void)state;
	assert_true(oauth_query(request, "state", &value));
	assert_string_equal(buf_str(&value), "a+b");
	buf_clear(&value);
	assert_true(oauth_query(request, "code", &value));
	assert_string_equal(buf_str(&value), "4/0Ab c");
	buf_clear(&value);
	assert_false(oauth_query(request, "error", &value));
	assert_false(oauth_query("POST /?code=1 HTTP/1.1\r\n", "code", &value));
	assert_false(oauth_query("GET /?code=%00 HTTP/1.1\r\n", "code", &value));
	buf_free(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(srv_records_are_read),	      cmocka_unit_test(lower_priorities_come_first),
	    cmocka_unit_test(chance_goes_by_weight),	      cmocka_unit_test(servers_are_read_in_their_order),
	    cmocka_unit_test(what_is_unsafe_is_left_out), cmocka_unit_test(providers_are_known),
	    cmocka_unit_test(wishes_are_lines),	      cmocka_unit_test(forms_are_escaped),
	    cmocka_unit_test(answers_with_tokens_are_read),
	    cmocka_unit_test(challenges_are_those_of_the_standard),
	    cmocka_unit_test(browsers_come_back_with_a_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
