#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compose/build.h"
#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/invite.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/mail/account.h"
#include "store/mime/mime.h"
#include "tests/lib/temp.h"

struct person {
	struct account account;
	struct account_list list;
	struct compose compose;
	struct arena *arena;
	char *dir;
};

static char key[] = "other-addresses", value[] = "me.too@work.example";
static char *keys[] = {key}, *values[] = {value};

static int make_person(void **state)
{
	struct person *person = mem_alloc(sizeof *person);

	person->dir = temp_home("invite");
	person->account = (struct account){.name = (char *)"home",
					   .kind = ACCOUNT_LOCAL,
					   .address = (char *)"me@example.org",
					   .real_name = (char *)"Me \"M\" Myself",
					   .keys = keys,
					   .values = values,
					   .setting_count = 1};
	person->list = (struct account_list){.items = &person->account, .count = 1};
	person->compose = (struct compose){&person->list, NULL, NULL};
	person->arena = arena_new();
	*state = person;
	return 0;
}

static int remove_person(void **state)
{
	struct person *person = *state;

	arena_free(&person->arena);
	temp_end(&person->dir);
	free(person);
	return 0;
}

#define ZONE                                                                                       \
	"BEGIN:VTIMEZONE\nTZID:Here\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\n" \
	"TZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"
#define ORGANIZER "ORGANIZER;CN=\"Petrova, Anna\":MAILTO:anna@example.org\n"
#define WHEN	  "DTSTART;TZID=Here:20261128T100000\n"

static struct mime_message *letter(struct person *person, const char *method, const char *lines)
{
	char *text = arena_printf(person->arena,
				  "Message-ID: <1@example.org>\nTo: me.too@work.example\n"
				  "Content-Type: text/calendar; charset=utf-8; method=%s\n\n"
				  "BEGIN:VCALENDAR\nMETHOD:%s\n" ZONE
				  "BEGIN:VEVENT\nUID:1,x@y\nSEQUENCE:4\nSUMMARY:Lake\\, \xd0\x9e\n%s"
				  "END:VEVENT\nEND:VCALENDAR\n", method, method, lines);

	return mime_parse(text, strlen(text), NULL);
}

static struct draft *answer(struct person *person, const char *method, const char *lines, struct err *err)
{
	struct mime_message *message = letter(person, method, lines);
	struct draft *draft =
	    invite_answer(&person->compose, message, "home", CALENDAR_ACCEPTED, err);

	mime_free(&message);
	return draft;
}

/* The letter that goes out, read back as its reader would. */
static void read_reply(struct person *person, struct draft *draft, struct mime_message **message,
		       struct calendar *calendar, struct calendar_event *event)
{
	struct buf *built = ARENA_NEW(person->arena, struct buf), bytes = BUF_INIT;
	const struct mime_part *part;
	const char *charset;
	char *text;

	assert_int_equal(build_message(&person->compose, draft, BUILD_LETTER, 0, built, NULL), 0);
	text = arena_strndup(person->arena, built->data, built->len);
	buf_free(built);
	*message = mime_parse(text, strlen(text), NULL);
	part = invite_part(*message);
	assert_non_null(part);
	assert_string_equal(mime_param(part, "method"), "REPLY");
	calendar_part_bytes(part, 0, &bytes, &charset);
	text = arena_strndup(person->arena, bytes.data, bytes.len);
	assert_int_equal(calendar_open(calendar, span_of(text), charset, NULL, person->arena), 0);
	assert_int_equal(calendar_next(calendar, event), 1);
	calendar_close(calendar);
	buf_free(&bytes);
}

/* RFC 5546 section 3.2.3. */
static void an_answer_is_a_right_reply(void **state)
{
	struct person *person = *state;
	struct err err = ERR_INIT;
	struct draft *draft = answer(person, "REQUEST",
				     WHEN ORGANIZER "RECURRENCE-ID;TZID=Here:20261128T100000\n"
						    "ATTENDEE:mailto:me@example.org\n"
						    "ATTENDEE;CN=x:mailto:Me.Too@work.example\n", &err);
	struct mime_message *message;
	struct calendar calendar;
	struct calendar_event event;

	assert_non_null(draft);
	assert_string_equal(draft->to, "\"Petrova, Anna\" <anna@example.org>");
	assert_string_equal(draft->in_reply_to, "1@example.org");
	assert_string_equal(draft->subject, "Accepted: Lake, \xd0\x9e");
	read_reply(person, draft, &message, &calendar, &event);
	assert_string_equal(message->root.type, "multipart/alternative");
	assert_int_equal(calendar.method, CALENDAR_REPLY);
	assert_string_equal(event.uid, "1,x@y");
	assert_int_equal(event.sequence, 4);
	assert_true(event.instance.is_set && event.instance.time == calendar_wall(2026, 11, 28, 9 * 3600));
	assert_true(event.start.time == event.instance.time);
	assert_string_equal(event.organizer.addr, "anna@example.org");
	assert_int_equal(event.guest_total, 1);
	assert_string_equal(event.guests[0].addr, "Me.Too@work.example");
	assert_string_equal(event.guests[0].name, "Me \"M\" Myself");
	assert_int_equal(event.guests[0].answer, CALENDAR_ACCEPTED);
	assert_non_null(strstr(draft->from, "Me.Too@work.example"));
	mime_free(&message);
	draft_remove(draft, NULL);
	draft_free(&draft);
}

static void refuses(struct person *person, const char *method, const char *lines, const char *why)
{
	struct err err = ERR_INIT;

	assert_null(answer(person, method, lines, &err));
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

#define ME "ATTENDEE:mailto:me@example.org\n"

/* PROMISES row 37: nothing is answered that nobody asked, or that I was not. */
static void what_cannot_be_answered_is_refused(void **state)
{
	struct person *person = *state;
	struct err err = ERR_INIT;
	struct mime_message *plain = mime_parse("\nhello", 6, NULL);

	refuses(person, "CANCEL", ORGANIZER ME, "cancelled");
	refuses(person, "REQUEST", ORGANIZER ME "STATUS:CANCELLED\n", "cancelled");
	refuses(person, "REPLY", ORGANIZER ME, "an answer");
	refuses(person, "PUBLISH", ORGANIZER ME, "information");
	refuses(person, "REQUEST", ME, "whom to answer");
	refuses(person, "REQUEST", "ORGANIZER:urn:x\n" ME, "whom to answer");
	refuses(person, "REQUEST", "ORGANIZER:mailto:a@b c@d\n" ME, "none that one could write to");
	refuses(person, "REQUEST", "ORGANIZER:mailto:me.too@work.example\n" ME, "the one who invites");
	refuses(person, "REQUEST", ORGANIZER "ATTENDEE:mailto:you@example.org\n", "None of your addresses");
	assert_null(invite_answer(&person->compose, plain, "home", CALENDAR_ACCEPTED, &err));
	assert_non_null(strstr(err.text, "no invitation"));
	mime_free(&plain);
}

static void only_a_standing_invitation_asks(void **state)
{
	static const struct {
		const char *method, *lines;
		bool asks;
	} cases[] = {
		{"REQUEST", ORGANIZER ME, true},
		{"REQUEST", ME, false},
		{"REQUEST", ORGANIZER "STATUS:CANCELLED\n", false},
		{"CANCEL", ORGANIZER ME, false},
		{"REPLY", ORGANIZER ME, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mime_message *message = letter(*state, cases[i].method, cases[i].lines);

		assert_int_equal(invite_asks(message), cases[i].asks);
		mime_free(&message);
	}
}

/* Nothing that an invitation says becomes a line of its own in the answer. */
static void no_text_breaks_out_of_its_line(void **state)
{
	struct person *person = *state;
	struct draft *draft = answer(person, "REQUEST",
				     WHEN "ORGANIZER;CN=a^nEND:VEVENT:mailto:anna@example.org\n"
					  "LOCATION:x\\nATTENDEE:mailto:evil@example.org\n"
					  "SUMMARY:x\\nATTENDEE:mailto:evil@example.org\\nBcc: e@e.example\n" ME,
				     NULL);
	struct mime_message *message;
	struct calendar calendar;
	struct calendar_event event;

	assert_non_null(draft);
	read_reply(person, draft, &message, &calendar, &event);
	assert_int_equal(event.guest_total, 1);
	assert_string_equal(event.guests[0].addr, "me@example.org");
	assert_null(mime_field(&message->root.header, "Bcc"));
	mime_free(&message);
	draft_remove(draft, NULL);
	draft_free(&draft);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_answer_is_a_right_reply, make_person, remove_person),
	    cmocka_unit_test_setup_teardown(what_cannot_be_answered_is_refused, make_person, remove_person),
	    cmocka_unit_test_setup_teardown(only_a_standing_invitation_asks, make_person, remove_person),
	    cmocka_unit_test_setup_teardown(no_text_breaks_out_of_its_line, make_person, remove_person),
	};

	return cmocka_run_group_tests_name("invite", tests, NULL, NULL);
}
