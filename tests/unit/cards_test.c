#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/mime/mime.h"
#include "ui/render/boxes.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/part_name.h"
#include "ui/render/report_words.h"
#include "tests/lib/shown.h"

static int set_zone(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

/* --- invitations --- */

#define LETTER "From: Anna <anna@example.org>\nTo: me@example.org\nSubject: s\n"
#define ZONE                                                                                       \
	"BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"           \
	"TZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
#define EVENT                                                                                      \
	"BEGIN:VEVENT\nUID:1\nSUMMARY:Saturday at the lake\nLOCATION:North shore\n"                \
	"DTSTART;TZID=Europe/Berlin:20261128T100000\nDTEND;TZID=Europe/Berlin:20261128T120000\n"   \
	"ORGANIZER;CN=Anna Petrova:mailto:anna@example.org\n"                                      \
	"ATTENDEE;CN=Oleg;PARTSTAT=ACCEPTED:mailto:oleg@example.org\n"                             \
	"ATTENDEE;CN=Me;ROLE=OPT-PARTICIPANT:mailto:me@example.org\n"

static void an_invitation_is_a_card(void **state)
{
	char *screen = shown_letter(LETTER
			     "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
			     "METHOD:REQUEST\n" ZONE EVENT "DESCRIPTION:Bring\\na tent\n"
			     "RRULE:FREQ=WEEKLY;BYDAY=SA;COUNT=3\nEND:VEVENT\nEND:VCALENDAR\n");

	(void)state;
	shown_has(screen, "|Invitation: Saturday at the lake\n");
	shown_has(screen, "|When:      Sat 28 Nov 2026 09:00 – 11:00\n");
	shown_has(screen, "|           there: Sat 28 Nov 2026 10:00 – 12:00 (Europe/Berlin)\n");
	shown_has(screen, "|Repeats:   every week (Sat), 3 times\n");
	shown_has(screen, "|Where:     North shore\n");
	shown_has(screen, "|Organizer: Anna Petrova <anna@example.org>\n");
	shown_has(screen, "|Guests:    Oleg <oleg@example.org> (comes)\n");
	shown_has(screen, "|           Me <me@example.org> (no answer yet, need not come)\n");
	shown_has(screen, "\nBring\na tent\n");
	shown_has_not(screen, "BEGIN:");
	shown_has_not(screen, "Sent by:");
	free(screen);
}

static void the_card_stands_above_the_text_of_alternatives(void **state)
{
	struct message_wish wish = {.width = 78, .answered = "accepted"};
	struct message_wish quoted = {.width = 78, .no_header = true};
	const char *letter =
	    LETTER "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nin words\n--b\n"
		   "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
		   "METHOD:REQUEST\n" ZONE EVENT "DESCRIPTION:again\nEND:VEVENT\n"
		   "END:VCALENDAR\n--b--\n";
	char *screen = shown_as(letter, strlen(letter), &wish);

	(void)state;
	shown_has(screen, "|Invitation: Saturday at the lake\n");
	shown_has(screen, "|You:       have accepted\n");
	shown_has(strstr(screen, "Where:"), "\nin words\n");
	shown_has_not(screen, "again");
	free(screen);
	screen = shown_as(letter, strlen(letter), &quoted);
	assert_string_equal(screen, "in words\n");
	free(screen);
}

static void a_text_that_says_less_does_not_hide_what_the_invitation_says(void **state)
{
	struct message_wish wish = {.width = 78};
	const char *letter = LETTER
	    "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nYou are invited.\n--b\n"
	    "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
	    "METHOD:REQUEST\n" ZONE EVENT
	    "DESCRIPTION:Join by https://meet.example.org/j/123\\nThe code is 456\n"
	    "END:VEVENT\nEND:VCALENDAR\n--b--\n";
	char *screen = shown_as(letter, strlen(letter), &wish);

	(void)state;
	shown_has(screen, "\nJoin by https://meet.example.org/j/123\nThe code is 456\n");
	shown_has(screen, "\nYou are invited.\n");
	free(screen);
}

static void methods_are_told_in_words(void **state)
{
	static const struct {
		const char *method, *title;
	} cases[] = {
		{"CANCEL", "|Cancelled: Saturday at the lake\n"},
		{"REPLY", "|A guest accepts: Saturday at the lake\n|From:      Oleg <oleg@example.org>\n"},
		{"COUNTER", "|A guest proposes another time for: Saturday at the lake\n"},
		{"PUBLISH", "|Event: Saturday at the lake\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena *arena = arena_new();
		char *screen = shown_letter(arena_printf(arena,
						  LETTER "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
							 "METHOD:%s\n" EVENT "END:VEVENT\nEND:VCALENDAR\n",
						  cases[i].method));

		shown_has(screen, cases[i].title);
		free(screen);
		arena_free(&arena);
	}
}

/* PROMISES row 37: a calendar is its sender's word; who that was is said when it is somebody else. */
static void a_forged_invitation_shows_its_sender(void **state)
{
	char *screen = shown_letter(
	    "From: Anna <evil@example.net>\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
	    "METHOD:CANCEL\n" EVENT "END:VEVENT\nEND:VCALENDAR\n");

	(void)state;
	shown_has(screen, "|Sent by:   evil@example.net, who is somebody else than anna@example.org\n");
	free(screen);
}

/* Whom an answer goes to is told as the header tells senders. */
static void people_of_cards_hide_nothing(void **state)
{
	char *screen = shown_letter(
	    "From: Anna <anna@ex\xd0\xb0mple.org>\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
	    "METHOD:REQUEST\nBEGIN:VEVENT\n"
	    "ORGANIZER;CN=Bank\xe2\x80\xae:mailto:anna@ex\xd0\xb0mple.org\n"
	    "ATTENDEE;CN=me:mailto:me@b\xd0\xb0nk.example\nEND:VEVENT\nEND:VCALENDAR\n");
	const char *organizer = strstr(screen, "|Organizer:");

	(void)state;
	assert_non_null(organizer);
	shown_has(organizer, "xn--exmple-4nf.org");
	shown_has(organizer, "xn--bnk-6cd.example");
	free(screen);
}

/* PROMISES row 16: nothing of a card reaches the terminal as a control. */
static void controls_in_cards_are_inert(void **state)
{
	char *screen = shown_letter(LETTER "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n"
				    "SUMMARY:a\x1b]0;x\x07\xc2\x9b\\nForged:\n"
				    "ATTENDEE;CN=\"a^nb\x1b[2J\":mailto:a@b\x1b\n"
				    "END:VEVENT\nEND:VCALENDAR\n");

	(void)state;
	assert_null(strpbrk(screen, "\x1b\x07"));
	shown_has_not(screen, "\nForged");
	shown_has_not(screen, "\xc2\x9b");
	free(screen);
}

static void many_guests_are_counted(void **state)
{
	struct buf letter = BUF_INIT;
	char *screen;

	(void)state;
	buf_add_str(&letter, LETTER "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n");
	for (int i = 0; i < 40; i++)
		buf_printf(&letter, "ATTENDEE:mailto:g%d@example.org\n", i);
	buf_add_str(&letter, "END:VEVENT\n");
	for (int i = 0; i < 7; i++)
		buf_add_str(&letter, "BEGIN:VEVENT\nEND:VEVENT\n");
	screen = shown_letter(buf_str(&letter));
	shown_has(screen, "g11@example.org");
	shown_has_not(screen, "g12@example.org");
	shown_has(screen, "|           and 28 more\n");
	shown_has(screen, "|and 3 more events;");
	free(screen);
	buf_free(&letter);
}

/* --- reports --- */

static void a_bounce_is_told_in_words(void **state)
{
	char *screen = shown_letter(
	    LETTER
	    "Content-Type: multipart/report; report-type=delivery-status; "
	    "boundary=b\n\n--b\n\nSorry.\n"
	    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
	    "Final-Recipient: rfc822; lena@example.org\nAction: failed\nStatus: 5.2.2\n"
	    "Diagnostic-Code: smtp; 552 5.2.2 over quota\nRemote-MTA: dns; far.example\n\n"
	    "Final-Recipient: rfc822; oleg@example.org\nAction: delayed\nStatus: 4.4.1\n"
	    "Will-Retry-Until: Tue, 24 Nov 2026 12:00:00 +0000\n"
	    "--b\nContent-Type: text/rfc822-headers\n\nFrom: me@example.org\nSubject: the "
	    "tent\n--b--\n");

	(void)state;
	shown_has(screen, "|Not delivered to lena@example.org\n|Why:       The mailbox is full.\n"
		    "|It said:   552 5.2.2 over quota (far.example)\n");
	shown_has(screen, "|Not yet delivered to oleg@example.org\n|Why:       The mail system "
			  "there did not answer.\n"
			  "|Tried until: 24 Nov 2026 12:00\n");
	shown_has(screen, "|Told by:   mx.example.org\n");
	shown_has(screen, "|The header of the letter that this is about:\n");
	shown_has(screen, "|Subject: the tent\n");
	free(screen);
}

static void statuses_have_words(void **state)
{
	(void)state;
	assert_string_equal(report_words("5.1.1", ""), "There is no such address.");
	assert_string_equal(report_words("5.0.0", "550 5.7.1 no"),
			    "The mail system there refuses the letter: you may not write to this address.");
	assert_string_equal(report_words("", "smtp; 452-4.2.2 full"), "The mailbox is full.");
	assert_string_equal(report_words("5.7.999", ""), "The mail system there refuses the letter.");
	assert_null(report_words("", "host 10.1.1.1 said no"));
	assert_null(report_words("", ""));
}

static void receipts_and_complaints_are_told_in_words(void **state)
{
	char *receipt = shown_letter(LETTER "Content-Type: message/disposition-notification\n\n"
				     "Final-Recipient: rfc822; lena@example.org\n"
				     "Disposition: manual-action/MDN-sent-manually; displayed\n");
	char *complaint =
	    shown_letter(LETTER "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
				"Reported-Domain: example.org\nSource-IP: 192.0.2.1\n");

	(void)state;
	shown_has(receipt, "|Your letter was shown to lena@example.org\n");
	shown_has(complaint, "|A reader calls a letter unwanted: example.org\n|Came from: 192.0.2.1\n");
	free(receipt);
	free(complaint);
}

/* PROMISES row 33: what lies elsewhere stays there. */
static void pieces_and_far_parts_are_told(void **state)
{
	char *piece = shown_letter(
	    LETTER "Content-Type: message/partial; id=x; number=2; total=5\n\nthe middle\n");
	char *far = shown_letter(
	    LETTER
	    "Content-Type: message/external-body; access-type=url; URL=\"http://x.example/a\"\n"
	    "\nContent-Type: text/plain\n\n");

	(void)state;
	shown_has(piece, "|This is piece 2 of 5 of a letter");
	shown_has(piece, ":join-pieces");
	shown_has(piece, "\nthe middle\n");
	shown_has(far, "nothing was fetched: http://x.example/a\n");
	free(piece);
	free(far);
}

/* --- visiting cards --- */

/* A date that nobody can read is shown as it was written: no "When:" at all would pass for no date. */
static void a_time_that_cannot_be_read_is_shown_as_written(void **state)
{
	char *screen = shown_letter(LETTER "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
				    "METHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nSUMMARY:s\n"
				    "DTSTART:next Friday\\, 10 h\nDTEND:late\nEND:VEVENT\nEND:VCALENDAR\n");

	(void)state;
	shown_has(screen, "|When:      \"next Friday, 10 h\", which cannot be read as a time\n");
	shown_has(screen, "|           until \"late\", which cannot be read as a time\n");
	free(screen);
}

#define TODO(TIMES)                                                                                \
	LETTER "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\n"  \
	       "BEGIN:VTODO\nUID:1\nSUMMARY:mend the tent\n" TIMES "END:VTODO\nEND:VCALENDAR\n"

static void a_task_is_called_so_and_has_its_day(void **state)
{
	char *screen = shown_letter(TODO("DTSTART;VALUE=DATE:20261127\nDUE:20261128T100000Z\nSEQUENCE:2\n"));

	(void)state;
	shown_has(screen, "|Task, changed: mend the tent\n|Start:     Fri 27 Nov 2026\n|Due:       "
			  "Sat 28 Nov 2026 10:00\n");
	free(screen);
	screen = shown_letter(TODO("DUE;VALUE=DATE:20261128\n"));
	shown_has(screen, "|Task: mend the tent\n|Due:       Sat 28 Nov 2026\n");
	shown_has_not(screen, "Invitation");
	shown_has_not(screen, "Start:");
	free(screen);
	screen = shown_letter(TODO("DTSTART;VALUE=DATE:20261127\nDUE:soon\n"));
	shown_has(screen, "|Due:       \"soon\", which cannot be read as a time\n");
	free(screen);
	screen = shown_letter(TODO("DTSTART;VALUE=DATE:20261127\n"));
	shown_has(screen, "|Start:     Fri 27 Nov 2026\n");
	shown_has_not(screen, "Due:");
	free(screen);
}

static void the_nameless_get_names(void **state)
{
	static const struct {
		const char *letter, *name;
	} cases[] = {
	    {"Content-Type: message/rfc822\n\nSubject: Re: ../the =?utf-8?q?tent=0A=1B/2?=\n\nx\n",
	     "Re_ .._the tent \xef\xbf\xbd_2.eml"},
	    {"Content-Type: message/rfc822\n\nSubject: .profile\n\nx\n", "profile.eml"},
	    {"Content-Type: message/rfc822\n\nFrom: a@example.org\n\nx\n", "letter.eml"},
	    {"Content-Type: message/rfc822; name=own\n\nSubject: other\n\nx\n", "own"},
	    {"Content-Type: text/html\n\nx\n", "part.html"},
	    {"Content-Type: text/plain\n\nx\n", "part.txt"},
	    {"Content-Type: text/x-odd\n\nx\n", "part.txt"},
	    {"Content-Type: image/jpeg\n\nx\n", "part.jpg"},
	    {"Content-Type: application/x-odd\n\nx\n", "part"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct mime_message *message = mime_parse(cases[i].letter, strlen(cases[i].letter), NULL);
		struct buf name = BUF_INIT;

		part_name_safe(&message->root, &name);
		assert_string_equal(buf_str(&name), cases[i].name);
		buf_free(&name);
		mime_free(&message);
	}
}

static void a_visiting_card_is_a_card(void **state)
{
	char *screen = shown_letter(LETTER "Content-Type: text/vcard\n\nBEGIN:VCARD\nFN:Anna Petrova\n"
				    "EMAIL;TYPE=work:anna@example.org\nTEL;CELL:12\nEND:VCARD\n");

	(void)state;
	shown_has(screen, "|Card: Anna Petrova\n|Mail:      anna@example.org (at work)\n|Mobile:    12\n");
	free(screen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_invitation_is_a_card),
	    cmocka_unit_test(the_card_stands_above_the_text_of_alternatives),
	    cmocka_unit_test(a_text_that_says_less_does_not_hide_what_the_invitation_says),
	    cmocka_unit_test(methods_are_told_in_words),
	    cmocka_unit_test(a_forged_invitation_shows_its_sender),
	    cmocka_unit_test(people_of_cards_hide_nothing),
	    cmocka_unit_test(controls_in_cards_are_inert),
	    cmocka_unit_test(many_guests_are_counted),
	    cmocka_unit_test(a_bounce_is_told_in_words),
	    cmocka_unit_test(statuses_have_words),
	    cmocka_unit_test(receipts_and_complaints_are_told_in_words),
	    cmocka_unit_test(pieces_and_far_parts_are_told),
	    cmocka_unit_test(a_time_that_cannot_be_read_is_shown_as_written),
	    cmocka_unit_test(a_task_is_called_so_and_has_its_day),
	    cmocka_unit_test(the_nameless_get_names),
	    cmocka_unit_test(a_visiting_card_is_a_card),
	};

	return cmocka_run_group_tests_name("cards", tests, set_zone, NULL);
}
