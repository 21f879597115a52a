#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "ui/input/key.h"
#include "ui/input/key_decode.h"

static void expect_name(const struct key *key, const char *name)
{
	struct buf text = BUF_INIT;
	key_add_name(&text, key);
	assert_string_equal(buf_str(&text), name);
	buf_free(&text);
}

static void test_names_there_and_back(void **state)
{
	(void)state;
	static const char *const names[] = {
		"a",	   "G",	       "é",	  "<Enter>", "<C-x>",  "<Esc>",	    "<M-v>", "<Tab>",
		"<S-Tab>", "<Up>",     "<PageDown>", "<F1>",  "<F12>",	"<Space>",   "<lt>",  ">",
		"<Delete>", "<Backspace>", "<S-Left>", "<C-Right>", "<C-M-a>", "<M-Enter>", "日",
		"<C-Space>", "<M-V>", "<WheelUp>",
	};
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		struct key key;
		const char *text = names[i];
		assert_int_equal(key_parse(&text, &key), 1);
		assert_string_equal(text, "");
		expect_name(&key, names[i]);
	}
}

static void test_reads_a_row_of_names(void **state)
{
	(void)state;
	const char *text = "<Esc>v<C-X>q";
	struct key key;
	assert_int_equal(key_parse(&text, &key), 1);
	assert_int_equal(key.code, KEY_ESC);
	assert_int_equal(key_parse(&text, &key), 1);
	expect_name(&key, "v");
	assert_int_equal(key_parse(&text, &key), 1);
	expect_name(&key, "<C-x>");
	assert_int_equal(key_parse(&text, &key), 1);
	assert_int_equal(key_parse(&text, &key), 0);
	text = "<Nosuch>";
	assert_int_equal(key_parse(&text, &key), -1);
	text = "<Esc";
	assert_int_equal(key_parse(&text, &key), -1);
}

/* All keys of BYTES, their names side by side. */
static void expect_keys(const char *bytes, size_t len, const char *names)
{
	struct buf all = BUF_INIT;
	while (len) {
		struct key key;
		size_t used;
		int found = key_decode(bytes, len, true, &key, &used);
		assert_true(used > 0 && used <= len);
		if (found == 1)
			key_add_name(&all, &key);
		free(key.paste);
		bytes += used;
		len -= used;
	}
	assert_string_equal(buf_str(&all), names);
	buf_free(&all);
}

#define EXPECT(bytes, names) expect_keys(bytes, sizeof(bytes) - 1, names)

static void test_decodes_what_terminals_send(void **state)
{
	(void)state;
	EXPECT("aé日", "aé日");
	EXPECT("e\xcc\x81x", "e\xcc\x81x");
	EXPECT("\r\t\x7f\x01\x1a\n", "<Enter><Tab><Backspace><C-a><C-z><C-j>");
	EXPECT("\0", "<C-Space>");
	EXPECT("\033", "<Esc>");
	EXPECT("\033\033", "<Esc><Esc>");
	EXPECT("\033v\033V", "<M-v><M-V>");
	EXPECT("\033[A\033OB\033[1;5C\033[1;2D", "<Up><Down><C-Right><S-Left>");
	EXPECT("\033[5~\033[6~\033[3~\033[H\033[F\033[Z", "<PageUp><PageDown><Delete><Home><End><S-Tab>");
	EXPECT("\033OP\033[15~\033[24~\033[[C", "<F1><F5><F12><F3>");
	EXPECT("\033[120;5u\033[27;5;97~\033[9;2u", "<C-x><C-a><S-Tab>");
	EXPECT("\033[<0;10;5M\033[<0;10;5m\033[<64;1;1M", "<LeftMouse><WheelUp>");
	EXPECT("\033[200~a\rb\033[31m\033[201~x", "<Paste>x");
}

static void test_skips_what_is_no_key(void **state)
{
	(void)state;
	EXPECT("\033[I\033[Oa", "a");
	EXPECT("\033]11;rgb:0000/0000/0000\033\\a", "a");
	EXPECT("\033[?62;22ca", "a");
	EXPECT("\xff\xc3(a", "(a");
	EXPECT("\xc2\x9b" "a", "a");
	EXPECT("\033[1;5", "");
}

static void test_waits_for_the_rest(void **state)
{
	(void)state;
	static const char *const parts[] = {"\033", "\033[", "\033[1;", "\xe6\x97", "\033O",
					    "\033[200~abc\033[201"};
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		struct key key;
		size_t used;
		assert_int_equal(key_decode(parts[i], strlen(parts[i]), false, &key, &used), 0);
		assert_true(key_decode_wait_ms(parts[i], strlen(parts[i])) >= 25);
	}
}

static void test_a_paste_is_text(void **state)
{
	(void)state;
	const char *bytes = "\033[200~one\r\ntwo\rthree\033[31m\a\xff\033[201~";
	struct key key;
	size_t used;
	assert_int_equal(key_decode(bytes, strlen(bytes), false, &key, &used), 1);
	assert_string_equal(key.paste, "one\ntwo\nthree[31m\xef\xbf\xbd");
	free(key.paste);
}

static void test_any_bytes_end(void **state)
{
	(void)state;
	unsigned seed = 1;
	char bytes[64];
	for (int round = 0; round < 20000; round++) {
		size_t len = 1 + round % sizeof bytes, at = 0;
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245u + 12345;
			bytes[i] = seed >> 16 & 1 ? (char)(seed >> 20) : "\033[<;1O~"[seed >> 20 & 7];
		}
		while (at < len) {
			struct key key;
			size_t used = 0;
			key_decode(bytes + at, len - at, true, &key, &used);
			free(key.paste);
			assert_true(used > 0 && at + used <= len);
			at += used;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_there_and_back),
		cmocka_unit_test(test_reads_a_row_of_names),
		cmocka_unit_test(test_decodes_what_terminals_send),
		cmocka_unit_test(test_skips_what_is_no_key),
		cmocka_unit_test(test_waits_for_the_rest),
		cmocka_unit_test(test_a_paste_is_text),
		cmocka_unit_test(test_any_bytes_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
