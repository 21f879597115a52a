#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/mime/mime.h"
#include "store/mime/report.h"

static struct mime_message *parse(const char *text)
{
	return mime_parse(text, strlen(text), NULL);
}

static void a_bounce_is_read(void **state)
{
	struct mime_message *message = parse(
	    "Content-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.example.org\nArrival-Date: Mon, 1 Jan 2024 12:00:00 +0000\n\n\n"
	    "Original-Recipient: rfc822;me+x@example.org\nFinal-Recipient: rfc822; me@example.org\n"
	    "Action: Failed (permanent)\nStatus: 5.1.1 (no such user)\nRemote-MTA: dns; far.example\n"
	    "Diagnostic-Code: smtp; 550 5.1.1\n no such user\n\n"
	    "stray text\n"
	    "Final-Recipient: rfc822; you@example.org\nAction: delayed\nStatus: 4.4.1\n"
	    "Will-Retry-Until: Tue, 2 Jan 2024 12:00:00 +0000\n");
	struct report report;

	(void)state;
	report_read_delivery(&message->root, message->arena, &report);
	assert_string_equal(report.reporter, "mx.example.org");
	assert_int_equal(report.count, 2);
	assert_string_equal(report.recipients[0].address, "me+x@example.org");
	assert_string_equal(report.recipients[0].action, "failed");
	assert_string_equal(report.recipients[0].status, "5.1.1");
	assert_string_equal(report.recipients[0].remote, "far.example");
	assert_string_equal(report.recipients[0].diagnostic, "550 5.1.1 no such user");
	assert_string_equal(report.recipients[1].action, "delayed");
	assert_string_equal(report.recipients[1].diagnostic, "");
	mime_free(&message);
}

static void a_receipt_is_read(void **state)
{
	struct mime_message *message = parse(
	    "Content-Type: message/disposition-notification\n\n"
	    "Reporting-UA: tern\nFinal-Recipient: rfc822;me@example.org\n"
	    "Original-Message-ID: <1@x>\n"
	    "Disposition: Manual-Action/MDN-sent-manually; Displayed/error\n");
	struct receipt receipt;

	(void)state;
	report_read_receipt(&message->root, message->arena, &receipt);
	assert_string_equal(receipt.address, "me@example.org");
	assert_string_equal(receipt.original_id, "1@x");
	assert_string_equal(receipt.disposition, "displayed");
	assert_string_equal(receipt.mode, "manual-action/mdn-sent-manually");
	assert_string_equal(receipt.agent, "tern");
	mime_free(&message);
}

static void a_complaint_is_read(void **state)
{
	struct mime_message *message = parse(
	    "Content-Type: message/feedback-report\n\nFeedback-Type: Abuse\nUser-Agent: Filter/1\n"
	    "Original-Rcpt-To: <lena@example.org>\nSource-IP: 192.0.2.1\nReported-Domain: example.net\n");
	struct feedback feedback;

	(void)state;
	report_read_feedback(&message->root, message->arena, &feedback);
	assert_string_equal(feedback.kind, "abuse");
	assert_string_equal(feedback.address, "lena@example.org");
	assert_string_equal(feedback.source, "192.0.2.1");
	assert_string_equal(feedback.domain, "example.net");
	assert_string_equal(feedback.arrival, "");
	mime_free(&message);
}

static void pieces_and_places_are_read(void **state)
{
	struct mime_message *piece =
	    parse("Content-Type: message/partial; id=\"a@b\"; number=2; total=x\n\n");
	struct mime_message *far = parse("Content-Type: message/external-body; access-type=ANON-FTP;"
					 " site=ftp.example; directory=\"/pub\"; name=a.txt\n\n");
	struct mime_message *url = parse("Content-Type: message/external-body; access-type=url;"
					 " URL=\"http://x.example/\n a\"\n\n");
	struct fragment fragment;

	(void)state;
	report_read_fragment(&piece->root, &fragment);
	assert_string_equal(fragment.id, "a@b");
	assert_int_equal(fragment.number, 2);
	assert_int_equal(fragment.total, 0);
	assert_string_equal(report_external_place(&far->root, far->arena),
			    "ftp://ftp.example/pub/a.txt");
	assert_string_equal(report_external_place(&url->root, url->arena), "http://x.example/a");
	mime_free(&piece);
	mime_free(&far);
	mime_free(&url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bounce_is_read),
	    cmocka_unit_test(a_receipt_is_read),
	    cmocka_unit_test(a_complaint_is_read),
	    cmocka_unit_test(pieces_and_places_are_read),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
