#include "config.h"
#include "store/base/jv_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/jv.h"
#include "store/base/utf8.h"

static void by_tree(struct buf *out, const char *text)
{
	struct jv *object = jv_object(), *array = jv_array(), *inside = jv_object();

	jv_set(object, "text", jv_text(text));
	jv_set(object, "none", jv_null());
	jv_set(object, "number", jv_number(-42));
	jv_append(array, jv_text(text));
	jv_append(array, jv_object());
	jv_append(array, jv_array());
	jv_set(inside, "last", jv_text(text));
	jv_append(array, inside);
	jv_set(object, "list", array);
	jv_print(object, out);
	jv_free(object);
}

static void by_stream(struct buf *out, const char *text)
{
	struct jv_stream s = JV_STREAM_INIT(out);

	jv_stream_object(&s);
	jv_stream_set(&s, "text", text);
	jv_stream_set(&s, "none", NULL);
	jv_stream_key(&s, "number");
	jv_stream_number(&s, -42);
	jv_stream_key(&s, "list");
	jv_stream_array(&s);
	jv_stream_text(&s, text);
	jv_stream_object(&s);
	jv_stream_end_object(&s);
	jv_stream_array(&s);
	jv_stream_end_array(&s);
	jv_stream_object(&s);
	jv_stream_set(&s, "last", text);
	jv_stream_end_object(&s);
	jv_stream_end_array(&s);
	jv_stream_end_object(&s);
}

static void same(const char *text)
{
	struct buf tree = BUF_INIT, stream = BUF_INIT;

	by_tree(&tree, text);
	by_stream(&stream, text);
	assert_string_equal(stream.data, tree.data);
	buf_free(&tree);
	buf_free(&stream);
}

static void every_character_as_the_library_prints_it(void **state)
{
	char text[] = "12345678901234567890";
	uint32_t code;

	(void)state;
	for (code = 1; code < 0x11000; code++) {
		char bytes[4];
		size_t len = utf8_encode(code, bytes);

		memcpy(text + code % 16, bytes, len);
		same(text);
		memset(text, 'x', sizeof text - 1);
	}
}

static void bytes_that_are_no_text_become_a_mark(void **state)
{
	(void)state;
	same("");
	same("a\xff"
	     "b");
	same("\xe2\x80");
	same("\xc2");
	same("\xc3\xa9\xc3\xa9\xc3\xa9\xc3");
	same("\xd0\xb6\xd0\xb6\xed\xa0\x80\xe4\xb8\xad\xe4\xb8\xad\xe0\x80\x80 end");
	same("\xf0\x9f\x90\xa6\xf4\x90\x80\x80");
}

static void pieces_are_one_text(void **state)
{
	struct buf out = BUF_INIT;
	struct jv_stream s = JV_STREAM_INIT(&out);

	(void)state;
	jv_stream_array(&s);
	jv_stream_text_begin(&s);
	jv_stream_text_more(&s, "a\n", 2);
	jv_stream_text_more(&s, "\0\"", 2);
	jv_stream_text_end(&s);
	jv_stream_number(&s, 1);
	jv_stream_end_array(&s);
	assert_string_equal(out.data, "[\"a\\n\\u0000\\\"\",1]");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_character_as_the_library_prints_it),
	    cmocka_unit_test(bytes_that_are_no_text_become_a_mark),
	    cmocka_unit_test(pieces_are_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
