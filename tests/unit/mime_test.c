/* Messages as they should not be. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/mime/param.h"

/* "1 multipart/mixed, 1.1 text/plain" */
static void assert_tree(const char *bytes, const char *want)
{
	struct mime_message *message = mime_parse(bytes, strlen(bytes), NULL);
	const struct mime_part *part;
	struct buf out = BUF_INIT;

	for (part = &message->root; part; part = mime_next(part))
		buf_printf(&out, "%s%s %s", out.len ? ", " : "", part->path, part->type);
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
	mime_free(&message);
}

static void assert_text(const char *bytes, const char *want)
{
	struct mime_message *message = mime_parse(bytes, strlen(bytes), NULL);
	const struct mime_part *part = mime_text_part(message);
	struct buf out = BUF_INIT;

	if (part)
		mime_decode_body_text(part, 0, &out);
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
	mime_free(&message);
}

static void assert_subject(const char *bytes, const char *want)
{
	struct mime_message *message = mime_parse(bytes, strlen(bytes), NULL);
	const char *subject = mime_field_text(&message->root.header, "subject", message->arena);

	assert_string_equal(subject ? subject : "(none)", want);
	mime_free(&message);
}

static void assert_decodes(const char *raw, const char *want)
{
	struct arena *arena = arena_new();

	assert_string_equal(mime_decode_text(span_of(raw), arena), want);
	arena_free(&arena);
}

static void assert_filename(const char *fields, const char *want)
{
	struct mime_message *message = mime_parse(fields, strlen(fields), NULL);

	if (want)
		assert_string_equal(message->root.filename, want);
	else
		assert_null(message->root.filename);
	mime_free(&message);
}

static void broken_headers_lose_nothing(void **state)
{
	(void)state;
	assert_subject("From someone Mon Jan 1\nSubject: a\n\nx", "a");
	assert_subject("no colon here\nSubject: a\n\nx", "a");
	assert_subject("X: 1\nFrom a@b Mon Jan 1\nno colon\nSubject : a\n\nx", "a");
	assert_subject("SUBJECT:\n a\n\tb\n\n", "a b");
	assert_subject("Subject: a", "a");
	assert_subject("\nSubject: a\n", "(none)");
	assert_subject("", "(none)");
	assert_text("Subject: a\nDear reader\nthis has no blank line\n",
		    "Dear reader\nthis has no blank line\n");
	assert_text("Subject: a\r\n\r\nx\r\ny\r\n", "x\ny\n");
	assert_text("\nbody", "body");
}

static void broken_lines_do_not_end_the_header(void **state)
{
	(void)state;
	/* folds belong to the broken line, not to the field in front of it */
	assert_subject("Subject: a\nno colon here\n\tfolded\nTo: b@c\n\nx", "a");
	assert_text("To: b@c\nno colon here\n\tfolded\n more\nSubject: a\n\nx", "x");
	assert_text("Content-T\n ype: text/html\nSubject: a\n\nx", "x");
	/* folding lost its white space */
	assert_subject("Received: from x\nby y (z)\nfor q; Mon\nSubject: a\n\nx", "a");
	assert_subject("DKIM-Signature: v=1;\nh=a;\nbh=c=;\nb=d\ne\nX-Y: z\nSubject: a\n\nx", "a");
	/* names with 8-bit bytes, spaces, colons */
	assert_subject("Sub\xc3\xbcject: no\n fold\nFrom: x@y\nSubject: a\n\nx", "a");
	assert_subject("Sub ject: no\n:Weird: v\nfoo\n baz: q\nFrom: x\nSubject: a\n\nx", "a");
	/* but a page or a part begins the text */
	assert_text("Subject: a\n<html>\n <p>\nfoo: bar\n", "<html>\n <p>\nfoo: bar\n");
	assert_text("Content-Type: multipart/mixed; boundary=b\n\n--b\nX: y\nhello you\nand all\n"
		    "--b\nContent-Type: text/html\n\nno\n--b--\n",
		    "hello you\nand all");
	assert_text("To: a@b\n<p>hello\nSubject: x\n", "<p>hello\nSubject: x\n");
}

static void raw_bytes_are_in_the_charset_of_the_letter(void **state)
{
	(void)state;
	assert_subject("Subject: \xcf\xd4\xde\xa3\xd4\nContent-Type: text/plain; charset=koi8-r\n\nx",
		       "\xd0\xbe\xd1\x82\xd1\x87\xd1\x91\xd1\x82");
	assert_subject("Subject: \xc4\xe3\xba\xc3\nContent-Type: text/plain; charset=gbk\n\nx",
		       "\xe4\xbd\xa0\xe5\xa5\xbd");
	assert_subject("Subject: \xc3\xa9\nContent-Type: text/plain; charset=koi8-r\n\nx",
		       "\xc3\xa9");
	assert_subject("Subject: Gr\xfc\xdf" "eers\nContent-Type: text/plain; charset=utf-8\n\nx",
		       "Gr\xc3\xbc\xc3\x9f" "eers");
}

static void nul_and_bare_cr_stay(void **state)
{
	struct mime_message *message = mime_parse("S: a\n\nx\0y\rz", 11, NULL);

	(void)state;
	assert_int_equal(message->root.body.len, 5);
	assert_memory_equal(message->root.body.data, "x\0y\rz", 5);
	mime_free(&message);
}

static void trees_are_found(void **state)
{
	(void)state;
	assert_tree("Content-Type: multipart/mixed; boundary=x\n\npre\n--x\n\na\n--x\n\nb\n--x--\npost\n--x\n\n",
		    "1 multipart/mixed, 1.1 text/plain, 1.2 text/plain");
	assert_tree("Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\nContent-Type: text/html",
		    "1 multipart/mixed, 1.1 text/plain, 1.2 text/html");
	assert_tree("Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x--",
		    "1 multipart/digest, 1.1 message/rfc822, 1.1.1 text/plain");
	assert_tree("Content-Type: multipart/mixed; boundary=o\n\n--o\n"
		    "Content-Type: multipart/mixed; boundary=oo\n\n--oo\n\nx\n--o\n\ny\n--o--",
		    "1 multipart/mixed, 1.1 multipart/mixed, 1.1.1 text/plain, 1.2 text/plain");
	assert_tree("Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: image/gif\n--x\n\nb\n--x--",
		    "1 multipart/mixed, 1.1 image/gif, 1.2 text/plain");
	assert_tree("Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\nX: y\n\na\n--x\n\nb\n--x\n--x--",
		    "1 multipart/mixed, 1.1 text/plain, 1.2 text/plain, 1.3 text/plain");
	assert_tree("Content-Type: multipart/mix\n ed; boundary=x\n\n--x\n\na\n--x--",
		    "1 multipart/mix, 1.1 text/plain");
	assert_tree("Content-Type: multipart/mix\xfc" "ed; boundary=x\n\n--x\n\na\n--x--",
		    "1 multipart/mix\xc3\xbc" "ed, 1.1 text/plain");
	assert_tree("Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\na\n--x\n--\n\nb\n----\n",
		    "1 multipart/mixed, 1.1 text/plain, 1.2 text/plain");
	assert_tree("Content-Type: multipart/mixed\n\n--\n\na\n--\n", "1 multipart/mixed");
	assert_tree("Content-Type: multipart/mixed; boundary=\"=?utf-8?q?x?=\"\n\n--=?utf-8?q?x?=\n\na\n",
		    "1 multipart/mixed, 1.1 text/plain");
	assert_tree("Content-Type: multipart/mixed; boundary=\"x\xe9\r\n\ty\"\n\n--x\xe9\ty\n\na\n",
		    "1 multipart/mixed, 1.1 text/plain");
	assert_tree("Content-Type: text\n\n", "1 text/plain");
	assert_tree("Content-Type: Text / HTML (comment) ; x=y\n\n", "1 text/html");
	assert_tree("Content-Type: \"text/html\"\n\n", "1 text/html");
	assert_tree("Content-Type: application/pdf name=\"a.pdf\"\n\n", "1 application/pdf");
	assert_tree("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
		    "Q29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCng=\n",
		    "1 message/rfc822, 1.1 text/html");
}

static void of_messages_only_whole_ones_are_opened(void **state)
{
	(void)state;
	assert_tree("Content-Type: message/global\n\nContent-Type: text/html\n\nx",
		    "1 message/global, 1.1 text/html");
	assert_tree("Content-Type: message/partial; id=a; number=1; total=2\n\nSubject: x\n\ny",
		    "1 message/partial");
	assert_tree("Content-Type: message/external-body; access-type=URL; URL=x\n\n"
		    "Content-Type: image/gif\n\n",
		    "1 message/external-body");
	assert_tree("Content-Type: message/delivery-status\n\nReporting-MTA: x\n\nAction: failed\n",
		    "1 message/delivery-status");
	assert_tree("Content-Type: message/disposition-notification\n\nDisposition: x\n",
		    "1 message/disposition-notification");
	assert_tree("Content-Type: message/rfc822\n\nFrom x Mon Jan 1 00:00:00 2024\nContent-Type: a/b\n\n",
		    "1 message/rfc822, 1.1 a/b");
}

static void the_line_end_belongs_to_the_boundary(void **state)
{
	(void)state;
	assert_text("Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\n--a b \r\n\r\none\r\n\r\n--a b--",
		    "one\n");
}

static void the_right_text_is_taken(void **state)
{
	static const char alternative[] = "Content-Type: multipart/alternative; boundary=x\n\n--x\n"
					  "Content-Type: text/html\n\nhtml\n--x\n\nplain\n--x--";
	static const char attached[] = "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
				       "Content-Disposition: ATTACHMENT\n\nno\n--x\n\nyes\n--x--";
	static const char encrypted[] = "Content-Type: multipart/encrypted; boundary=x\n\n--x\n\nno\n--x--";
	static const char forwarded[] = "Content-Type: message/rfc822\n\nSubject: x\n\nno";

	(void)state;
	assert_text(alternative, "plain");
	assert_text(attached, "yes");
	assert_text(encrypted, "");
	assert_text(forwarded, "");
}

static void a_page_names_its_charset(void **state)
{
	(void)state;
	assert_text("Content-Type: text/html\n\n<META charset='koi8-r'>\xd0\xd2",
		    "<META charset='koi8-r'>\xd0\xbf\xd1\x80");
	assert_text("Content-Type: text/html; charset=utf-8\n\n<meta charset=koi8-r>\xff",
		    "<meta charset=koi8-r>\xef\xbf\xbd");
}

static void encoded_words_are_read(void **state)
{
	(void)state;
	assert_decodes("=?utf-8?q?a?= =?utf-8?q?b?=", "ab");
	assert_decodes("=?utf-8?q?a?= b", "a b");
	assert_decodes("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "\xc3\xa9");
	assert_decodes("=?utf-8?b?w6k=?=\n =?UTF-8?Q?=C3=A9?=", "\xc3\xa9\xc3\xa9");
	assert_decodes("x=?utf-8?q?a?=y", "xay");
	assert_decodes("=?utf-8*en?q?a_b?=", "a b");
	assert_decodes("=?utf-8?q?a b?=", "a b");
	assert_decodes("=?utf-8?q?=41?=", "A");
	assert_decodes("=?utf-8?q?no end", "=?utf-8?q?no end");
	assert_decodes("=?utf-8?x?what?=", "=?utf-8?x?what?=");
	assert_decodes("=? utf-8 ?q?a?= =?utf-8?q?b?=", "ab");
	assert_decodes("=? ?q?a?=", "=? ?q?a?=");
	assert_decodes("a\rb\r\n c", "a b c");
	assert_decodes("=?iso-8859-1?q?=E9?= \xc3\xa9", "\xc3\xa9 \xc3\xa9");
	assert_decodes("caf\xe9", "caf\xc3\xa9");
	assert_decodes("=?utf-8?q?a=0AFrom:_b=00c?=", "a From: bc");
	assert_decodes("=?windows-1255?B?UkU6IPns5e0=?=", "RE: \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
	assert_decodes("=?iso-2022-jp?b?GyRCRnw=?= =?iso-2022-jp?b?S1wbKEI=?=",
		       "\xe6\x97\xa5\xe6\x9c\xac");
}

static void file_names_are_read(void **state)
{
	(void)state;
	assert_filename("Content-Disposition: attachment; filename=a b.txt; x=y\n\n", "a b.txt");
	assert_filename("Content-Disposition: attachment; filename=\"a;\\\"b\"\n\n", "a;\"b");
	assert_filename("Content-Disposition: attachment; filename*0=\"a\"; filename*1=b.txt\n\n",
			"ab.txt");
	assert_filename("Content-Disposition: x; filename*1*=%A9; filename*0*=utf-8''%C3\n\n",
			"\xc3\xa9");
	assert_filename("Content-Disposition: x; filename=plain; filename*=utf-8'en'%C3%A9\n\n",
			"\xc3\xa9");
	assert_filename("Content-Disposition: x; filename=\"=?utf-8?q?=C3=A9?=\"\n\n", "\xc3\xa9");
	assert_filename("Content-Disposition: x; filename=\"caf\xe9\"\n\n", "caf\xc3\xa9");
	assert_filename("Content-Type: text/plain; name=n.txt\n\n", "n.txt");
	assert_filename("Content-Type: a/b name=\"forgotten.txt\"\n\n", "forgotten.txt");
	assert_filename("Content-Disposition: x; filename=\"open\n\n", "open");
	assert_filename("Content-Disposition: x; =y; ;;\n\n", NULL);
	assert_filename("Content-Disposition: x; filename=\"\"\nContent-Type: a/b; name=n.txt\n\n",
			"n.txt");
}

static void encodings_are_undone(void **state)
{
	static const char uu[] = "Content-Transfer-Encoding: x-uuencode\n\ntext\nbegin 644 ../x\n#86)C\n`\nend\n";
	static const char yenc[] = "Content-Transfer-Encoding: x-yenc\n\n=ybegin line=9 size=3 name=a\n"
				   "\x8b\x8c\x8d\n=yend\n";
	static const char short_uu[] = "Content-Transfer-Encoding: uue\n\nbegin 644 x\nM86\n";
	static const char glued[] = "Content-Transfer-Encoding: base64\n\nYQ==\nYg==\n___\nlist, no base64\n";
	static const char quoted[] = "Content-Transfer-Encoding: Quoted Printable;\n\na=3Db= \t\r\nc=ZZ=\n";

	(void)state;
	assert_text(uu, "abc");
	assert_text(yenc, "abc");
	assert_text(short_uu, "a`");
	assert_text(glued, "ab");
	assert_text(quoted, "a=bc=ZZ");
	assert_text("Content-Transfer-Encoding: quoted-printable\r\n\r\na=0D\r\nb=0D=0A=\r\nc\r\n",
		    "a\nb\nc\n");
}

static void ids_are_read(void **state)
{
	static const char bytes[] = "Message-ID: bare@id\nReferences: <a@b> (x) <c\n d@e> <f@g\n"
				    "In-Reply-To: your message of Monday <h@i>\n\n";
	struct mime_message *message = mime_parse(bytes, sizeof bytes - 1, NULL);
	size_t count;
	char **ids = ids_list(&message->root.header, "References", message->arena, &count);

	(void)state;
	assert_int_equal(count, 3);
	assert_string_equal(ids[0], "a@b");
	assert_string_equal(ids[1], "cd@e");
	assert_string_equal(ids[2], "f@g");
	assert_string_equal(ids_message_id(&message->root.header, message->arena), "bare@id");
	ids = ids_list(&message->root.header, "In-Reply-To", message->arena, &count);
	assert_string_equal(ids[0], "h@i");
	mime_free(&message);
}

static void an_id_in_two_brackets_is_read(void **state)
{
	static const char twice[] = "Message-ID: <<a@b>>\n\n", empty[] = "Message-ID: <>\n\n",
			  torn[] = "Message-ID: <a<b@c>\n\n";
	struct mime_message *message = mime_parse(twice, sizeof twice - 1, NULL);

	(void)state;
	assert_string_equal(ids_message_id(&message->root.header, message->arena), "a@b");
	mime_free(&message);
	message = mime_parse(torn, sizeof torn - 1, NULL);
	assert_string_equal(ids_message_id(&message->root.header, message->arena), "b@c");
	mime_free(&message);
	message = mime_parse(empty, sizeof empty - 1, NULL);
	assert_null(ids_message_id(&message->root.header, message->arena));
	mime_free(&message);
}

static void quoted_parameters_take_their_own_room(void **state)
{
	struct arena *arena = arena_new();
	struct param_list list;
	struct span value;
	struct buf raw = BUF_INIT;

	(void)state;
	buf_add_str(&raw, "text/plain");
	for (int i = 0; i < 100000; i++)
		buf_add_str(&raw, "; a=\"\\\"x\"");
	buf_add_str(&raw, "; b=\"\\");
	param_parse((struct span){raw.data, raw.len}, arena, &value, &list);
	assert_string_equal(param_get(&list, "a"), "\"x");
	assert_true(arena_used(arena) < 2000000);
	arena_free(&arena);
	buf_free(&raw);
}

static void row_22_nesting_and_number_are_bounded(void **state)
{
	struct buf bytes = BUF_INIT;
	struct mime_message *message;
	const struct mime_part *part;
	size_t i, deepest = 0;

	(void)state;
	for (i = 0; i < 10000; i++)
		buf_add_str(&bytes, "Content-Type: message/rfc822\n\n");
	message = mime_parse(bytes.data, bytes.len, NULL);
	for (part = &message->root; part; part = mime_next(part))
		deepest = part->depth;
	assert_true(message->is_cut);
	assert_int_equal(deepest, mime_limits_default.depth - 1);
	mime_free(&message);

	buf_clear(&bytes);
	buf_add_str(&bytes, "Content-Type: multipart/mixed; boundary=x\n\n");
	for (i = 0; i < 50000; i++)
		buf_add_str(&bytes, "--x\n\na\n");
	message = mime_parse(bytes.data, bytes.len, NULL);
	assert_true(message->is_cut);
	assert_int_equal(message->part_count, mime_limits_default.parts);
	mime_free(&message);

	buf_clear(&bytes);
	for (i = 0; i < 100000; i++)
		buf_add_str(&bytes, "X: a\n");
	message = mime_parse(bytes.data, bytes.len, NULL);
	assert_int_equal(message->root.header.count, mime_limits_default.header_fields);
	mime_free(&message);
	buf_free(&bytes);
}

static void count_rest(void *arg)
{
	++*(size_t *)arg;
}

static int add_to(void *arg, const char *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return 0;
}

static size_t parts_of_encoded(size_t size)
{
	struct buf bytes = BUF_INIT;
	struct mime_message *message;
	size_t count;

	buf_add_str(&bytes, "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n");
	buf_add_str(&bytes, "U3ViamVjdDogeAoKeQo=\n");
	while (bytes.len < size)
		buf_add_str(&bytes, "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5emFi\n");
	message = mime_parse(bytes.data, bytes.len, NULL);
	count = message->part_count;
	mime_free(&message);
	buf_free(&bytes);
	return count;
}

static void a_letter_in_base64_is_opened_when_it_is_not_huge(void **state)
{
	(void)state;
	assert_int_equal(parts_of_encoded(1000), 2);
	assert_int_equal(parts_of_encoded(17u << 20), 1);
}

/* Each level is as large as the one around it: what is decoded is bounded in all. */
static void encoded_letters_in_each_other_do_not_add_up(void **state)
{
	struct buf bytes = BUF_INIT;
	struct mime_message *message;

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_add_str(&bytes, "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n");
	buf_add_str(&bytes, "Subject: x\n\n");
	while (bytes.len < 4u << 20)
		buf_add_str(&bytes, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n");
	message = mime_parse(bytes.data, bytes.len, NULL);
	assert_true(message->part_count > 4);
	assert_true(message->part_count < 20);
	mime_free(&message);
	buf_free(&bytes);
}

/* A limit on the work: no line is held against each open boundary by its bytes. */
static void delimiters_are_found_among_many(void **state)
{
	struct buf bytes = BUF_INIT;
	struct mime_message *message;

	(void)state;
	for (int i = 0; i < 50; i++)
		buf_printf(&bytes, "Content-Type: multipart/mixed; boundary=\"b%d\"\n\n--b%d\n", i, i);
	buf_add_str(&bytes, "\ninner\n--b49--x\n--b4--9\n--b49 --\n--b49-- \t\n--b3 \n\nlast\n--b0--\n");
	message = mime_parse(bytes.data, bytes.len, NULL);
	assert_int_equal(message->part_count, 52);
	assert_true(mime_find(message, "1.1.1.1.2") != NULL);
	mime_free(&message);
	buf_free(&bytes);
}

/* One endless line: the parser rests all the same, and so does the decoder. */
static void long_parts_are_read_with_rests(void **state)
{
	static const char head[] = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n";
	struct buf bytes = BUF_INIT, body = BUF_INIT;
	size_t rests = 0, size = 5 * MIME_REST_EVERY;
	struct mime_message *message;

	(void)state;
	buf_add_str(&bytes, head);
	buf_reserve(&bytes, size);
	memset(bytes.data + bytes.len, 'x', size);
	bytes.len += size;
	buf_add_str(&bytes, "\n--b\n\nend\n--b--\n");
	message = mime_parse_resting(bytes.data, bytes.len, NULL,
				     (struct mime_rest){count_rest, &rests});
	assert_true(rests >= 5);
	assert_int_equal(message->part_count, 3);
	rests = 0;
	assert_int_equal(mime_decode_body_to(message->root.first_child, add_to, &body), 0);
	assert_int_equal(rests, 5);
	assert_int_equal(body.len, size);
	assert_memory_equal(body.data, bytes.data + sizeof head - 1, size);
	mime_free(&message);
	buf_free(&bytes);
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(broken_headers_lose_nothing),
	    cmocka_unit_test(broken_lines_do_not_end_the_header),
	    cmocka_unit_test(raw_bytes_are_in_the_charset_of_the_letter),
	    cmocka_unit_test(nul_and_bare_cr_stay),
	    cmocka_unit_test(trees_are_found),
	    cmocka_unit_test(of_messages_only_whole_ones_are_opened),
	    cmocka_unit_test(the_line_end_belongs_to_the_boundary),
	    cmocka_unit_test(the_right_text_is_taken),
	    cmocka_unit_test(a_page_names_its_charset),
	    cmocka_unit_test(encoded_words_are_read),
	    cmocka_unit_test(file_names_are_read),
	    cmocka_unit_test(encodings_are_undone),
	    cmocka_unit_test(ids_are_read),
	    cmocka_unit_test(an_id_in_two_brackets_is_read),
	    cmocka_unit_test(row_22_nesting_and_number_are_bounded),
	    cmocka_unit_test(quoted_parameters_take_their_own_room),
	    cmocka_unit_test(a_letter_in_base64_is_opened_when_it_is_not_huge),
	    cmocka_unit_test(encoded_letters_in_each_other_do_not_add_up),
	    cmocka_unit_test(delimiters_are_found_among_many),
	    cmocka_unit_test(long_parts_are_read_with_rests),
	};

	return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
