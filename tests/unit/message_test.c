#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"

static struct doc *rendered(const char *bytes, size_t len, bool wants_html, bool all_headers)
{
	struct mime_message *message = mime_parse(bytes, len, NULL);
	struct message_wish wish = {.width = 78, .wants_html = wants_html, .all_headers = all_headers};
	struct doc *doc = doc_new();

	message_render(doc, message, &wish);
	mime_free(&message);
	return doc;
}

static char *text_of(const struct doc *doc)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < doc->count; i++) {
		buf_add(&out, doc->lines[i].text, doc->lines[i].len);
		buf_add_char(&out, '\n');
	}
	return buf_take(&out);
}

static void assert_shows(const char *bytes, bool wants_html, const char *wanted, const char *unwanted)
{
	struct doc *doc = rendered(bytes, strlen(bytes), wants_html, false);
	char *text = text_of(doc);

	if (!strstr(text, wanted) || (unwanted && strstr(text, unwanted)))
		fail_msg("in:\n%s", text);
	free(text);
	doc_free(&doc);
}

static const char alternatives[] =
	"From: =?utf-8?q?L=C3=A9na?= <lena@example.org>\nTo: me@localhost\nSubject: Two\n"
	"Received: by x\nContent-Type: multipart/alternative; boundary=b\n\n"
	"--b\nContent-Type: text/plain\n\nplain words\n"
	"--b\nContent-Type: text/html\n\n<p>html <b>words</b></p>\n--b--\n";

static void one_of_the_alternatives_is_shown(void **state)
{
	(void)state;
	assert_shows(alternatives, false, "plain words", "html words");
	assert_shows(alternatives, true, "html words", "plain words");
}

static void the_header_is_weeded(void **state)
{
	struct doc *doc = rendered(alternatives, sizeof alternatives - 1, false, true);
	char *text = text_of(doc);

	(void)state;
	assert_shows(alternatives, false, "From:    L\xc3\xa9na <lena@example.org>\n", "Received");
	assert_non_null(strstr(text, "Received: by x"));
	free(text);
	doc_free(&doc);
}

static void a_report_in_plain_words(void **state)
{
	const char *report =
		"From: x@y\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
		"--b\n\nsorry\n--b\nContent-Type: message/delivery-status\n\n"
		"Reporting-MTA: dns; h\n\n"
		"Final-Recipient: rfc822; lena@example.org\nAction: failed\nStatus: 5.1.1\n"
		"Diagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b--\n";

	(void)state;
	assert_shows(report, false, "Not delivered to lena@example.org", NULL);
	assert_shows(report, false, "There is no such address.", NULL);
	assert_shows(report, false, "550 5.1.1 no such user", NULL);
}

static void a_letter_in_a_letter_shows_its_header(void **state)
{
	const char *nested = "From: a@b\nContent-Type: message/rfc822\n\n"
			     "From: inner@c\nSubject: within\n\ninner text\n";

	(void)state;
	assert_shows(nested, false, "Subject: within", NULL);
	assert_shows(nested, false, "inner text", NULL);
}

static void attachments_are_listed_and_not_shown(void **state)
{
	const char *mixed = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n"
			    "--b\nContent-Type: text/plain; name=\"a\x1b.txt\"\n"
			    "Content-Disposition: attachment\n\nattached\n"
			    "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
			    "aGVsbG8=\n--b--\n";
	struct mime_message *message = mime_parse(mixed, strlen(mixed), NULL);
	struct arena *arena = arena_new();
	struct message_part *parts;
	size_t count;

	(void)state;
	message_parts(message, arena, &parts, &count);
	assert_int_equal(count, 3);
	assert_true(parts[0].is_shown);
	assert_false(parts[1].is_shown);
	assert_string_equal(parts[1].name, "a\xef\xbf\xbd.txt");
	assert_string_equal(parts[2].kind, "image");
	assert_shows(mixed, false, "hello", "attached");
	arena_free(&arena);
	mime_free(&message);
}

static double cpu(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void a_huge_text_is_cut_and_says_so(void **state)
{
	struct buf huge = BUF_INIT;
	struct doc *doc;
	char *text;
	double start;

	(void)state;
	buf_add_str(&huge, "Subject: huge\n\n");
	while (huge.len < (60u << 20))
		buf_add_str(&huge, "a line of a very long text that nobody will ever read to its end\n");
	start = cpu();
	doc = rendered(huge.data, huge.len, false, false);
	assert_true(cpu() - start < 30.0); /* under the sanitizers */
	text = text_of(doc);
	assert_non_null(strstr(text, "only its first 4 MB are shown"));
	assert_true(strlen(text) < 6u << 20);
	free(text);
	doc_free(&doc);
	buf_free(&huge);
}

static void a_text_of_short_lines_is_cut_and_says_so(void **state)
{
	static const char *const types[] = {"text/plain", "text/html"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf huge = BUF_INIT;
		struct doc *doc;
		char *text;

		buf_printf(&huge, "Subject: lines\nContent-Type: %s\n\n", types[i]);
		while (huge.len < (3u << 20))
			buf_add_str(&huge, i ? "<p>x" : "x\n");
		doc = rendered(huge.data, huge.len, i == 1, false);
		text = text_of(doc);
		assert_true(doc->count < DOC_LINES_MAX + 20);
		assert_non_null(strstr(text, "only its first 250,000 lines are shown"));
		free(text);
		doc_free(&doc);
		buf_free(&huge);
	}
}

static void a_letter_of_empty_lines_is_cut_too(void **state)
{
	char *lines = mem_alloc(MESSAGE_TEXT_MAX);
	struct doc *doc = doc_new();
	char *text;

	(void)state;
	memset(lines, '\n', MESSAGE_TEXT_MAX);
	message_render_raw(doc, lines, MESSAGE_TEXT_MAX);
	assert_true(doc->count <= MESSAGE_LINES_MAX + 5);
	text = text_of(doc);
	assert_non_null(strstr(text, "only its first 500,000 lines are shown"));
	free(text);
	doc_free(&doc);
	free(lines);
}

/* --- every message there is: each way to show it, paged to its end and back --- */

static int shown;

static void page_through(struct doc *doc)
{
	struct doc_pos pos = {0, 0};
	size_t rows = 1;

	if (!doc->shown_count)
		return;
	while (doc_next(doc, &pos, 78, 72))
		rows++;
	while (rows < 3000 && doc_before(doc, &pos, 78, 72))
		rows--;
}

static int show_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	struct buf bytes = BUF_INIT;

	(void)ftw;
	(void)st;
	if (kind != FTW_F || file_read(path, &bytes, 64u << 20, NULL) < 0)
		return 0;
	for (int way = 0; way < 3; way++) {
		struct doc *doc = rendered(buf_str(&bytes), bytes.len, way == 1, way == 2);

		page_through(doc);
		doc_free(&doc);
	}
	shown++;
	buf_free(&bytes);
	return 0;
}

static void every_message_of_the_corpus_is_shown(void **state)
{
	char path[4096];

	(void)state;
	snprintf(path, sizeof path, "%s/../shared/corpus", getenv("top_srcdir") ? getenv("top_srcdir") : "..");
	if (nftw(path, show_file, 20, FTW_PHYS) < 0 || !shown)
		skip();
	assert_true(shown > 1000);
}

/* PROMISES 18: who sent it is said by us, in lines that a letter cannot write */
static void row_18_what_is_odd_about_the_sender_is_said(void **state)
{
	static const struct {
		const char *header, *says;
	} odd[] = {
		{"From: \"boss@corp.example\" <evil@x.example>\n", "another address than the real"},
		{"From: a@x.example, b@x.example\n", "names 2 senders"},
		{"From: a@x.example\nFrom: b@x.example\n", "has 2 From lines"},
		{"Subject: x\n", "does not say who sent it"},
		{"From: a@x.example\nReply-To: B <b@p\xd0\xb0ypal.example>\n", "mixes scripts"},
		{"From: a@x.example\nSender: S <s@y.example>\n", "Sender:  S <s@y.example>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(odd); i++) {
		char *bytes = mem_printf("%s\ntext\n", odd[i].header);

		assert_shows(bytes, false, odd[i].says, "nothing of it");
		free(bytes);
	}
	assert_shows("From: A <a@x.example>\nSender: a@x.example\nSubject: Careful:x\n\ntext\n", false,
		     "text", "Sender:");
	assert_shows("From: A <a@x.example>\n\ntext\n", false, "text", "Careful");
}

static void a_letter_whose_parts_cannot_be_told_apart_is_read_as_it_stands(void **state)
{
	(void)state;
	assert_shows("Content-Type: multipart/mixed\n\n--E\n\nhear me\n--E--\n", false, "hear me", "no way");
	assert_shows("Content-Type: multipart/report; boundary=b\n\nNot delivered.\n", false,
		     "Not delivered.", "no way");
	assert_shows("Content-Type: multipart/alternative; boundary=b\n\nplain\n", false, "plain", "no way");
	assert_shows("Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\ntext\n--b--\n", false,
		     "text", "preamble");
}

static void limits_are_told(void **state)
{
	struct buf many = BUF_INIT;
	struct doc *doc;
	char *text;

	(void)state;
	for (int i = 0; i < 1100; i++)
		buf_printf(&many, "X-Field-%d: x\n", i);
	buf_add_str(&many, "Content-Type: text/html\n\n");
	for (int i = 0; i < 2100; i++)
		buf_printf(&many, "<a href=http://a.example/%d>x</a>", i);
	doc = rendered(many.data, many.len, true, true);
	text = text_of(doc);
	assert_non_null(strstr(text, "More fields than can be right"));
	assert_non_null(strstr(text, "More links than can be right"));
	free(text);
	doc_free(&doc);
	buf_free(&many);
}

static void all_forms_can_be_looked_at(void **state)
{
	const char *bytes = "Content-Type: multipart/alternative; boundary=b\n\n"
			    "--b\n\nplain\n"
			    "--b\nContent-Type: text/x-amp-html\n\n<p>amp<p>\n"
			    "--b\nContent-Type: application/x-odd\n\nodd\n"
			    "--b\nContent-Type: text/html\n\n<b>html</b>\n--b--\n";
	static const char *const words[] = {"plain", "amp", "html"};
	struct mime_message *message = mime_parse(bytes, strlen(bytes), NULL);
	struct message_wish wish = {.width = 78, .no_header = true, .wants_html = true};
	unsigned at;

	(void)state;
	assert_int_equal(message_forms(message, &wish, &at), 3);
	assert_int_equal(at, 3);
	for (wish.form = 1; wish.form <= 3; wish.form++) {
		struct doc *doc = doc_new();

		message_render(doc, message, &wish);
		assert_string_equal(doc->lines[0].text, words[wish.form - 1]);
		assert_int_equal(message_forms(message, &wish, &at), 3);
		assert_int_equal(at, wish.form);
		doc_free(&doc);
	}
	assert_string_equal(message_form_name(message, 2), "AMP");
	assert_string_equal(message_form_name(message, 3), "HTML");
	mime_free(&message);
	message = mime_parse("\nx", 2, NULL);
	assert_int_equal(message_forms(message, &wish, &at), 0);
	assert_null(message_form_name(message, 1));
	mime_free(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_the_alternatives_is_shown),
		cmocka_unit_test(the_header_is_weeded),
		cmocka_unit_test(a_report_in_plain_words),
		cmocka_unit_test(a_letter_in_a_letter_shows_its_header),
		cmocka_unit_test(attachments_are_listed_and_not_shown),
		cmocka_unit_test(a_huge_text_is_cut_and_says_so),
	    cmocka_unit_test(a_text_of_short_lines_is_cut_and_says_so),
		cmocka_unit_test(a_letter_of_empty_lines_is_cut_too),
		cmocka_unit_test(every_message_of_the_corpus_is_shown),
		cmocka_unit_test(a_letter_whose_parts_cannot_be_told_apart_is_read_as_it_stands),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(all_forms_can_be_looked_at),
		cmocka_unit_test(row_18_what_is_odd_about_the_sender_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
