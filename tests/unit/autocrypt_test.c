/* Autocrypt fields: what counts, and what is remembered of whom. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/crypto/autocrypt.h"
#include "store/mime/mime.h"
#include "tests/lib/temp.h"

#define KEY "addr=lena@example.org; keydata=bGVu\n YSdzIGtleQ=="

static int parse(const char *value)
{
	struct arena *arena = arena_new();
	struct autocrypt_field field;
	int rc = autocrypt_parse(span_of(value), arena, &field);

	arena_free(&arena);
	return rc;
}

static void test_parse(void **state)
{
	struct arena *arena = arena_new();
	struct autocrypt_field field;

	(void)state;
	assert_int_equal(autocrypt_parse(span_of(" Addr = Lena@Example.org ;prefer-encrypt=mutual; _x=y; "
						 "keydata=bGVuYSdz\r\n\tIGtleQ=="),
					 arena, &field),
			 1);
	assert_string_equal(field.addr, "lena@example.org");
	assert_true(field.prefers_encrypt);
	assert_int_equal(field.key.len, 10);
	assert_memory_equal(field.key.data, "lena's key", 10);
	arena_free(&arena);
}

static void test_parse_refuses(void **state)
{
	static const char *const bad[] = {
	    "",
	    ";",
	    "addr=lena@example.org",
	    "keydata=bGVuYSdzIGtleQ==",
	    "addr=lena; keydata=bGVuYSdzIGtleQ==",
	    "addr=lena@example.org; keydata=",
	    "addr=lena@example.org; keydata=b<V>u",
	    "addr=lena@example.org; critical=1; keydata=bGVuYSdzIGtleQ==",
	    "addr=lena@example.org; addr=eve@example.org; keydata=bGVuYSdzIGtleQ==",
	    "addr=lena@example.org; keydata=bGVuYSdzIGtleQ==; keydata=bGVuYSdzIGtleQ==",
	    "addr=lena@example.org\ncc@example.org; keydata=bGVuYSdzIGtleQ==",
	};
	size_t i;

	(void)state;
	assert_int_equal(parse(KEY), 1);
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(parse(bad[i]), 0);
}

static void test_key_limit(void **state)
{
	struct buf value = BUF_INIT;
	int i;

	(void)state;
	buf_add_str(&value, "addr=lena@example.org; keydata=");
	for (i = 0; i < AUTOCRYPT_KEY_LIMIT / 3; i++)
		buf_add_str(&value, "AAAA");
	assert_int_equal(parse(buf_str(&value)), 1);
	buf_add_str(&value, "AAAA");
	assert_int_equal(parse(buf_str(&value)), 0);
	buf_free(&value);
}

static int of_message(const char *text)
{
	struct arena *arena = arena_new();
	struct mime_message *message = mime_parse(text, strlen(text), NULL);
	struct autocrypt_field field;
	int rc = autocrypt_of_message(message, arena, &field);

	mime_free(&message);
	arena_free(&arena);
	return rc;
}

static void test_which_field_counts(void **state)
{
	(void)state;
	assert_int_equal(of_message("From: Lena <Lena@example.org>\nAutocrypt: " KEY "\n\n"), 1);
	assert_int_equal(of_message("From: eve@example.org\nAutocrypt: " KEY "\n\n"), 0);
	assert_int_equal(of_message("From: lena@example.org, eve@example.org\nAutocrypt: " KEY "\n\n"), 0);
	assert_int_equal(of_message("Autocrypt: " KEY "\n\n"), 0);
	/* two valid ones: neither; one that is not valid, or another's, does not count */
	assert_int_equal(of_message("From: lena@example.org\nAutocrypt: " KEY "\nAutocrypt: " KEY "\n\n"), 0);
	assert_int_equal(of_message("From: lena@example.org\nAutocrypt: x\nAutocrypt: " KEY "\n\n"), 1);
	assert_int_equal(of_message("From: lena@example.org\nContent-Type: multipart/report\nAutocrypt: " KEY
				    "\n\n"),
			 0);
}

/* --- remembered --------------------------------------------------------------------------------------- */

static int see(struct autocrypt *autocrypt, const char *date, const char *more, int64_t received)
{
	char *text = mem_printf("From: lena@example.org\nDate: %s\n%s\n\n", date, more);
	struct mime_message *message = mime_parse(text, strlen(text), NULL);
	int rc = autocrypt_see(autocrypt, message, received, NULL);

	mime_free(&message);
	free(text);
	return rc;
}

#define OTHER "Autocrypt: addr=lena@example.org; prefer-encrypt=mutual; keydata=b3RoZXI="

static void test_remembers(void **state)
{
	char *dir = temp_home("autocrypt");
	struct err err = ERR_INIT;
	struct autocrypt *autocrypt;
	struct autocrypt_peer peer;

	(void)state;
	autocrypt = autocrypt_open(&err);
	assert_non_null(autocrypt);
	assert_int_equal(see(autocrypt, "1 Jan 2026 00:00:00 +0000", "", 1800000000), 0);
	assert_int_equal(autocrypt_find(autocrypt, "lena@example.org", &peer, &err), 0);
	assert_int_equal(see(autocrypt, "2 Jan 2026 00:00:00 +0000", "Autocrypt: " KEY, 1800000000), 1);
	/* the same again, and an older one: nothing new */
	assert_int_equal(see(autocrypt, "2 Jan 2026 00:00:00 +0000", "Autocrypt: " KEY, 1800000000), 0);
	assert_int_equal(see(autocrypt, "1 Jan 2026 00:00:00 +0000", OTHER, 1800000000), 0);
	/* a newer letter without a key */
	assert_int_equal(see(autocrypt, "4 Jan 2026 00:00:00 +0000", "", 1800000000), 1);
	assert_int_equal(autocrypt_find(autocrypt, "LENA@example.org", &peer, &err), 1);
	assert_int_equal(peer.last_seen - peer.key_seen, 2 * 86400);
	assert_int_equal(peer.key_len, 10);
	assert_memory_equal(peer.key, "lena's key", 10);
	assert_false(peer.prefers_encrypt);
	autocrypt_peer_free(&peer);
	/* a date of the future is the day it came */
	assert_int_equal(see(autocrypt, "5 Jan 2099 00:00:00 +0000", OTHER, 1800000000), 1);
	autocrypt_close(&autocrypt);
	autocrypt = autocrypt_open(&err);
	assert_int_equal(autocrypt_find(autocrypt, "lena@example.org", &peer, &err), 1);
	assert_int_equal(peer.key_seen, 1800000000);
	assert_int_equal(peer.key_len, 5);
	assert_true(peer.prefers_encrypt);
	autocrypt_peer_free(&peer);
	autocrypt_close(&autocrypt);
	temp_end(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_parse_refuses),
	    cmocka_unit_test(test_key_limit),
	    cmocka_unit_test(test_which_field_counts),
	    cmocka_unit_test(test_remembers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
