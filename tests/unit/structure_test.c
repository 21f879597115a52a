#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/protocol/imap_parse.h"
#include "net/protocol/imap_structure.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/mail/outline.h"

/* --- BODYSTRUCTURE --- */

static int give_line(void *arg, struct span *line, struct err *err)
{
	struct span *rest = arg;
	size_t end = span_find(*rest, 0, '\n');

	(void)err;
	if (rest->len == 0)
		return 0;
	*line = (struct span){rest->data, end};
	end += end < rest->len;
	*rest = (struct span){rest->data + end, rest->len - end};
	return 1;
}

static ssize_t give_bytes(void *arg, void *data, size_t size, struct err *err)
{
	struct span *rest = arg;
	size_t len = size < rest->len ? size : rest->len;

	(void)err;
	memcpy(data, rest->data, len);
	*rest = (struct span){rest->data + len, rest->len - len};
	return (ssize_t)len;
}

/* "section type size children; ..." of TEXT; a second value behind it must still be readable. */
static char *read_text(const char *text, size_t parts, size_t depth)
{
	const struct imap_structure_limits limits = {parts, depth};
	struct buf line = BUF_INIT, out = BUF_INIT;
	struct arena *arena = arena_new();
	struct imap_structure tree;
	struct imap_parse parse;
	struct span rest;

	buf_printf(&line, "%s behind\n", text);
	rest = (struct span){line.data, line.len};
	imap_parse_init(&parse, &(struct imap_input){give_line, give_bytes, &rest});
	assert_int_equal(imap_parse_begin(&parse, NULL), 1);
	if (imap_structure_read(&parse, &limits, arena, &tree, NULL) < 0) {
		buf_add_str(&out, "broken");
	} else {
		for (size_t i = 0; i < tree.count; i++)
			buf_printf(&out, "%s%s %s %lld %zu", i ? "; " : "", tree.parts[i].section, tree.parts[i].type,
				   (long long)tree.parts[i].size, tree.parts[i].children);
		assert_int_equal(imap_next(&parse, NULL), IMAP_ATOM);
		assert_true(imap_is(parse.text, "behind"));
	}
	imap_parse_free(&parse);
	arena_free(&arena);
	buf_free(&line);
	return buf_take(&out);
}

static void expect(const char *text, const char *wanted)
{
	char *got = read_text(text, 100, 20);

	assert_string_equal(got, wanted);
	free(got);
}

#define PLAIN(size) "(\"TEXT\" \"Plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" " size " 3 NIL NIL NIL NIL)"
#define PDF(size)   "(\"application\" \"pdf\" (\"name\" \"a)b\") \"<id>\" \"x\" \"base64\" " size ")"

static void trees_are_read(void **state)
{
	(void)state;
	expect(PLAIN("12"), "1 text/plain 12 0");
	expect("(" PLAIN("12") PDF("4711") " \"MIXED\" (\"boundary\" \"b\") NIL NIL)",
	       " multipart/mixed 0 2; 1 text/plain 12 0; 2 application/pdf 4711 0");
	expect("((" PLAIN("1") " " PLAIN("2") " \"alternative\")" PDF("3") " \"mixed\")",
	       " multipart/mixed 0 2; 1 multipart/alternative 0 2; 1.1 text/plain 1 0; 1.2 text/plain 2 0; "
	       "2 application/pdf 3 0");
	/* a letter in a letter is one */
	expect("((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 99 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("
	       PLAIN("1") PDF("2") " \"mixed\") 12)" PLAIN("5") " \"mixed\")",
	       " multipart/mixed 0 2; 1 message/rfc822 99 0; 2 text/plain 5 0");
	/* a name as a literal */
	expect("(\"application\" \"pdf\" (\"name\" {4}\n(\"a)) NIL NIL \"base64\" 7)", "1 application/pdf 7 0");
}

static void nonsense_is_read_over(void **state)
{
	static const char *const texts[] = {
	    "NIL",
	    "()",
	    "(\"text\")",
	    "(\"text\" \"plain\" NIL NIL NIL \"7bit\" NIL)",
	    "(\"text\" \"plain\" NIL NIL NIL \"7bit\" -1)",
	    "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 99999999999999999999)",
	    "(\"te xt\" \"plain\" NIL NIL NIL \"7bit\" 1)",
	    "(NIL NIL NIL NIL NIL NIL 1)",
	    "(((((((())))))))",
	    "(" PLAIN("1") ")",
	    "(" PLAIN("1") " NIL)",
	    "((NIL) \"mixed\")",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect(texts[i], "");
}

static void limits_hold(void **state)
{
	char *got = read_text("(" PLAIN("1") PLAIN("2") PLAIN("3") " \"mixed\")", 3, 20);

	(void)state;
	assert_string_equal(got, "");
	free(got);
	got = read_text("(((" PLAIN("1") " \"mixed\") \"mixed\") \"mixed\")", 100, 2);
	assert_string_equal(got, "");
	free(got);
	expect("((\"a\"", "broken");
}

/* --- the file of an outline --- */

static void parts_are_put_into_an_outline(void **state)
{
	static const struct outline_missing missing[] = {{"1", 5, 3}, {"2.1", 7, 4}};
	char dir[] = "/tmp/tern-outline-XXXXXX", *path, *part;
	struct outline outline;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = mem_printf("%s/o", dir);
	part = mem_printf("%s/p", dir);
	assert_int_equal(outline_open(&outline, path, NULL), -1);
	assert_int_equal(outline_write(path, SPAN("abcdef"), missing, 2, NULL), 0);
	assert_int_equal(outline_open(&outline, path, NULL), 0);
	assert_int_equal(outline.count, 2);
	assert_string_equal(outline.missing[1].section, "2.1");
	assert_int_equal(outline_missing_at(&outline, 4)->size, 7);
	assert_null(outline_missing_at(&outline, 5));
	assert_int_equal(file_replace(part, "12345", 5, NULL), 0);
	assert_int_equal(outline_fill(path, "3", part, NULL), 0);
	assert_int_equal(outline_fill(path, "1", part, NULL), 1);
	assert_true(span_equal(outline.bytes, SPAN("abcdef"))); /* who reads it reads on */
	outline_close(&outline);
	assert_int_equal(outline_open(&outline, path, NULL), 0);
	assert_true(span_equal(outline.bytes, SPAN("abc12345def")));
	assert_int_equal(outline.count, 1);
	assert_int_equal(outline.missing[0].at, 9);
	outline_close(&outline);
	assert_int_equal(outline_fill(path, "1", part, NULL), 0);
	unlink(path);
	unlink(part);
	rmdir(dir);
	free(path);
	free(part);
}

static void damaged_outlines_are_none(void **state)
{
	static const char *const texts[] = {
	    "",
	    "tern-outline 1\n",
	    "tern-outline 1\n1 5 3\n",
	    "tern-outline 1\n1 5 3\n\nab",
	    "tern-outline 1\n1 5 2\n2 5 1\n\nabcdef",
	    "tern-outline 1\nx 5 2\n\nabcdef",
	    "tern-outline 1\n1 -5 2\n\nabcdef",
	    "tern-outline 2\n\nabcdef",
	};
	char path[] = "/tmp/tern-outline-XXXXXX";
	struct outline outline;
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(file_replace(path, texts[i], strlen(texts[i]), NULL), 0);
		if (outline_open(&outline, path, NULL) == 0)
			fail_msg("%s", texts[i]);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trees_are_read),
	    cmocka_unit_test(nonsense_is_read_over),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(parts_are_put_into_an_outline),
	    cmocka_unit_test(damaged_outlines_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
