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
#include "store/mime/inline_file.h"

static int to_buf(void *arg, const char *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return 0;
}

/* "name=content" of each, "!" in front of what is cut off; then what is left of the text. */
static const struct {
	const char *text, *want, *rest;
} known[] = {
    {"hi\nbegin 644 a.txt\n#86)C\n`\nend\nbye\n", "a.txt=abc", "hi\nbye\n"},
    {"begin 644 a b.txt\r\n#86)C\r\n`\r\nend\r\n", "a b.txt=abc", ""},
    {"begin 0644 ../../x\n#86)C\nend\n", "../../x=abc", ""},
    {"begin 644 a\n#86)C\n\nbye\n", "!a=abc", "\nbye\n"},
    {"begin 644 a\n#86)C\n", "!a=abc", ""},
    {"begin 644 a\n#86)CX\n`\nend\n", "a=abc", ""},
    {"begin 644 a\n#86)C   \n`  \nend \n", "a=abc", ""},
    {"begin 644 a\n#86)C\n\nend\nbye\n", "a=abc", "bye\n"},
    {"begin 644 a\n`\nend\nbegin 644 b\n#86)C\n`\nend\n", "a= b=abc", ""},
    {"begin-base64 644 a\nYWJj\nZA==\n====\nx", "a=abcd", "x"},
    {"begin-base64 644 a\nYWJj\n\nx", "!a=abc", "\nx"},
    {"=ybegin line=9 size=3 name=a b\n\x8b\x8c\x8d\n=yend size=3\nx", "a b=abc", "x"},
    {"=ybegin part=1 line=9 size=3 name=a\n=ypart begin=1 end=3\n\x8b\x8c\x8d\n=yend size=3\n",
     "a=abc", ""},
    {"=ybegin line=9 size=3 name=a\n\x8b\n=ybegin line=9 size=3 name=b\n\x8c\n", "!a=a !b=b", ""},
    {"begin 644 caf\xe9\n#86)C\n`\nend\n", "caf\xc3\xa9=abc", ""},
    /* prose */
    {"begin the day\n#86)C\n`\nend\n", "", "begin the day\n#86)C\n`\nend\n"},
    {"begin 644\n#86)C\nend\n", "", "begin 644\n#86)C\nend\n"},
    {"begin 644 times\nand again\n", "", "begin 644 times\nand again\n"},
    {"> begin 644 a\n> #86)C\n", "", "> begin 644 a\n> #86)C\n"},
    {"=ybegin your day\nx\n", "", "=ybegin your day\nx\n"},
    {"begin 644 a", "", "begin 644 a"},
    {"", "", ""},
};

static void add_file(const struct inline_file *file, struct buf *out)
{
	buf_printf(out, "%s%s%s=", out->len ? " " : "", file->is_whole ? "" : "!", file->name);
	assert_int_equal(inline_file_decode(file, to_buf, out), 0);
}

static void files_in_text_are_found(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(known); i++) {
		struct span text = span_of(known[i].text);
		struct arena *arena = arena_new();
		struct inline_file_list list;
		struct buf out = BUF_INIT, rest = BUF_INIT;
		size_t at = 0;

		inline_file_find(text, arena, &list);
		for (n = 0; n < list.count; n++) {
			add_file(&list.items[n], &out);
			buf_add(&rest, text.data + at, list.items[n].offset - at);
			at = list.items[n].offset + list.items[n].len;
		}
		buf_add(&rest, text.data + at, text.len - at);
		if (strcmp(buf_str(&out), known[i].want) != 0)
			fail_msg("%s: %s", known[i].text, buf_str(&out));
		assert_string_equal(buf_str(&rest), known[i].rest);
		buf_free(&out);
		buf_free(&rest);
		arena_free(&arena);
	}
}

/* The checksum of "abc" is 352441c2. */
static void what_was_damaged_on_its_way_is_told(void **state)
{
	static const struct {
		const char *text;
		bool is_sound;
	} cases[] = {
	    {"=ybegin line=9 size=3 name=a\n\x8b\x8c\x8d\n=yend size=3 crc32=352441C2\n", true},
	    {"=ybegin line=9 size=3 name=a\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2 \r\n", true},
	    {"=ybegin line=9 size=3 name=a\n\x8b\x8c\x8d\n=yend size=3\n", true},
	    {"=ybegin line=9 size=3 name=a\n\x8b\x8c\x8e\n=yend size=3 crc32=352441c2\n", false},
	    {"=ybegin line=9 size=3 name=a\n\x8b\x8c\n=yend size=3\n", false},
	    {"=ybegin line=9 size=3 name=a\n\x8b\x8c\x8d\n", false},
	    {"=ybegin part=1 line=9 size=9 name=a\n=ypart begin=1 end=3\n\x8b\x8c\x8d\n"
	     "=yend size=3 part=1 pcrc32=352441c2 crc32=01234567\n",
	     true},
	    {"=ybegin part=1 line=9 size=9 name=a\n=ypart begin=1 end=3\n\x8b\x8c\x8d\n"
	     "=yend size=3 part=1 pcrc32=352441c3\n",
	     false},
	    {"=ybegin part=1 line=9 size=9 name=a\n=ypart begin=1 end=3\n\x8b\x8c\x8d\n=yend size=3 crc32=01234567\n",
	     true},
	    {"begin 644 a\n#86)C\n`\nend\n", true},
	    {"begin 644 a\n#86)C\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct arena *arena = arena_new();
		struct inline_file_list list;
		struct buf out = BUF_INIT;

		inline_file_find(span_of(cases[i].text), arena, &list);
		assert_int_equal(list.count, 1);
		assert_int_equal(inline_file_decode(&list.items[0], to_buf, &out), 0);
		if (inline_file_is_sound(&list.items[0], (struct span){buf_str(&out), out.len}) != cases[i].is_sound)
			fail_msg("%s", cases[i].text);
		buf_free(&out);
		arena_free(&arena);
	}
}

/* PROMISES 23: short lines, no end, any number; nothing decoded outgrows its text. */
static void row_23_uu_bombs_are_read_within_their_length(void **state)
{
	static const char *const bits[] = {"begin 644 a\nM\n",	"begin 644 a\n#8\n",
					   "begin 644 a\n",	"=ybegin line=1 size=1 name=a\n=\n",
					   "begin 644 a\n\x60\n", "begin-base64 644 a\n=\n"};
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(bits); i++) {
		struct arena *arena = arena_new();
		struct inline_file_list list;
		struct buf bomb = BUF_INIT, out = BUF_INIT;

		for (n = 0; n < 200000; n++)
			buf_add_str(&bomb, bits[i]);
		inline_file_find((struct span){bomb.data, bomb.len}, arena, &list);
		assert_true(list.count <= INLINE_FILE_LIMIT);
		for (n = 0; n < list.count; n++)
			inline_file_decode(&list.items[n], to_buf, &out);
		assert_true(out.len <= bomb.len);
		assert_true(arena_used(arena) < 2000000);
		buf_free(&bomb);
		buf_free(&out);
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_in_text_are_found),
	    cmocka_unit_test(what_was_damaged_on_its_way_is_told),
	    cmocka_unit_test(row_23_uu_bombs_are_read_within_their_length),
	};

	return cmocka_run_group_tests_name("inline_file", tests, NULL, NULL);
}
