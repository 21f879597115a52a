#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "compose/attach.h"
#include "compose/build.h"
#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/draft_check.h"
#include "compose/draft_text.h"
#include "compose/forward.h"
#include "compose/identity.h"
#include "compose/mailto.h"
#include "compose/quote.h"
#include "compose/recall.h"
#include "compose/recipient.h"
#include "compose/reply.h"
#include "compose/start.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/account.h"
#include "store/mime/mime.h"
#include "tests/lib/temp.h"

#define SIGNED "\n-- \nMe\nat home\n"

/* --- a person with two accounts under a TERN_HOME of its own
 * ---------------------------------------- */

struct person {
	struct account accounts[2];
	struct account_list list;
	struct compose compose;
	struct conf *conf;
	char *dir;
};

static char key[] = "other-addresses", value[] = "second@example.org";
static char *keys[] = {key}, *values[] = {value};

static int make_person(void **state)
{
	struct person *person = mem_alloc(sizeof *person);
	char *signature;

	person->dir = temp_home("compose");
	signature = path_join(person->dir, ".signature");
	assert_int_equal(file_replace(signature, "-- \nMe\r\nat home\n\n", 17, NULL), 0);
	free(signature);
	person->accounts[0] = (struct account){.name = (char *)"home",
					       .kind = ACCOUNT_LOCAL,
					       .address = (char *)"me@localhost",
					       .real_name = (char *)"Me Myself",
					       .path = mem_printf("%s/Mail/home", person->dir)};
	person->accounts[1] = (struct account){.name = (char *)"work",
					       .kind = ACCOUNT_MAILDIR,
					       .address = (char *)"me@work.example",
					       .keys = keys,
					       .values = values,
					       .setting_count = 1,
					       .path = mem_printf("%s/Mail/work", person->dir)};
	person->list = (struct account_list){.items = person->accounts, .count = 2};
	person->conf = conf_parse(
	    "[aliases]\nlena = Lena L\xc3\xb6we <lena@example.org>\nboth = lena, bob@example.org\n"
	    "loop = loop2\nloop2 = loop\n",
	    "config", ".");
	person->compose = (struct compose){&person->list, NULL, person->conf};
	*state = person;
	return 0;
}

static int remove_person(void **state)
{
	struct person *person = *state;

	conf_free(&person->conf);
	free(person->accounts[0].path);
	free(person->accounts[1].path);
	temp_end(&person->dir);
	free(person);
	return 0;
}

static const struct compose *compose_of(void **state)
{
	return &((struct person *)*state)->compose;
}

static struct mime_message *parse(const char *text)
{
	return mime_parse(text, strlen(text), NULL);
}

/* --- subjects
 * ------------------------------------------------------------------------------------------ */

static void assert_subject(const char *subject, const char *want)
{
	struct buf out = BUF_INIT;

	reply_subject(&out, subject);
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
}

static void subject_has_one_re(void **state)
{
	(void)state;
	assert_subject("Hello", "Re: Hello");
	assert_subject("Re: Hello", "Re: Hello");
	assert_subject("RE: re: AW: Antw: Hello", "Re: Hello");
	assert_subject("Re[2]: Hello", "Re: Hello");
	assert_subject("Re(12):Hello", "Re: Hello");
	assert_subject("Reply: no", "Re: Reply: no");
	assert_subject("re", "Re: re");
	assert_subject("Re[x]: y", "Re: Re[x]: y");
	assert_subject("Re[2", "Re: Re[2");
	assert_subject(NULL, "Re: ");
	assert_subject("a\r\nBcc: evil@example.org", "Re: a  Bcc: evil@example.org");
}

/* --- replying
 * -------------------------------------------------------------------------------------------- */

static struct draft *reply(void **state, const char *text, enum reply_to whom)
{
	struct mime_message *message = parse(text);
	struct err err = ERR_INIT;
	struct draft *draft = reply_make(compose_of(state), message, whom, NULL, NULL, &err);

	if (!draft)
		fail_msg("%s", err.text);
	mime_free(&message);
	return draft;
}

#define LETTER                                                                                     \
	"From: Lena <lena@example.org>\nTo: me@localhost, Oleg <oleg@example.org>\n"               \
	"Cc: second@example.org, lena@example.org, team@example.org\nSubject: "                    \
	"=?utf-8?q?L=C3=B6we?=\n"                                                                  \
	"Message-ID: <3@x>\nReferences: <1@x> <2@x>\nDate: Mon, 23 Nov 2026 06:40:44 +0000\n\n"

static void reply_goes_to_the_sender_and_quotes(void **state)
{
	struct draft *draft =
	    reply(state, LETTER "Hello\n> old\n\nBye \n\n-- \nLena\n", REPLY_SENDER);

	assert_string_equal(draft->to, "Lena <lena@example.org>");
	assert_string_equal(draft->cc, "");
	assert_string_equal(draft->from, "Me Myself <me@localhost>");
	assert_string_equal(draft->account, "home");
	assert_string_equal(draft->subject, "Re: L\xc3\xb6we");
	assert_string_equal(draft->in_reply_to, "3@x");
	assert_string_equal(draft->references, "1@x 2@x 3@x");
	assert_string_equal(draft->origin_id, "3@x");
	assert_non_null(strstr(draft->body, "Lena wrote:\n> Hello\n>> old\n>\n> Bye"));
	assert_null(strstr(draft->body, "> Lena\n"));
	assert_non_null(strstr(draft->body, SIGNED));
	draft_free(&draft);
}

static void reply_to_all_leaves_me_out(void **state)
{
	struct draft *draft = reply(state, LETTER, REPLY_ALL);

	assert_string_equal(draft->to, "Lena <lena@example.org>");
	assert_string_equal(draft->cc, "Oleg <oleg@example.org>, team@example.org");
	draft_free(&draft);
}

static void reply_to_my_own_letter_goes_where_it_went(void **state)
{
	const char *text =
	    "From: me@localhost\nTo: lena@example.org\nCc: team@example.org, me@work.example\n\nx";
	struct draft *draft = reply(state, text, REPLY_SENDER);

	assert_string_equal(draft->to, "lena@example.org");
	draft_free(&draft);
	draft = reply(state, text, REPLY_ALL);
	assert_string_equal(draft->to, "lena@example.org");
	assert_string_equal(draft->cc, "team@example.org");
	draft_free(&draft);
	draft = reply(state, "From: me@localhost\nTo: me@localhost\n\nx", REPLY_ALL);
	assert_string_equal(draft->to, "me@localhost");
	draft_free(&draft);
}

static void reply_heeds_reply_to_and_followup(void **state)
{
	struct draft *draft =
	    reply(state, "From: a@x.org\nReply-To: b@x.org\nTo: me@localhost\n\n", REPLY_SENDER);

	assert_string_equal(draft->to, "b@x.org");
	draft_free(&draft);
	draft =
	    reply(state,
		  "From: a@x.org\nMail-Followup-To: list@x.org, me@localhost\nTo: me@localhost\n\n",
		  REPLY_ALL);
	assert_string_equal(draft->to, "list@x.org");
	assert_string_equal(draft->cc, "");
	draft_free(&draft);
}

static void a_list_that_takes_replies_does_not_get_private_ones(void **state)
{
#define LIST                                                                                       \
	"From: a@x.org\nReply-To: list@x.org\nTo: list@x.org\nList-Post: "                         \
	"<mailto:list@x.org>\n\nhi\n"
	struct draft *draft = reply(state, LIST, REPLY_SENDER);

	assert_string_equal(draft->to, "a@x.org");
	draft_free(&draft);
	draft = reply(state, LIST, REPLY_LIST);
	assert_string_equal(draft->to, "list@x.org");
	draft_free(&draft);
}

static void reply_to_no_list_is_an_error(void **state)
{
	struct mime_message *message = parse("From: a@x.org\nList-Post: NO\n\n");
	struct err err = ERR_INIT;

	assert_false(reply_has_list(message));
	assert_null(reply_make(compose_of(state), message, REPLY_LIST, NULL, NULL, &err));
	assert_true(strlen(err.text) > 10);
	mime_free(&message);
}

static void the_identity_is_the_one_written_to(void **state)
{
	struct draft *draft =
	    reply(state, "From: a@x.org\nTo: second@example.org\n\n", REPLY_SENDER);

	assert_string_equal(draft->from, "second@example.org");
	assert_string_equal(draft->account, "work");
	draft_free(&draft);
	draft =
	    reply(state, "From: a@x.org\nTo: list@x.org\nDelivered-To: me+lists@work.example\n\n",
		  REPLY_SENDER);
	assert_string_equal(draft->from, "me@work.example");
	draft_free(&draft);
}

static void encoded_line_ends_make_no_field(void **state)
{
	struct draft *draft =
	    reply(state,
		  "From: =?utf-8?q?a=0D=0ABcc:_evil@x.org?= <a@x.org>\nTo: me@localhost\n"
		  "Subject: =?utf-8?q?x=0D=0ABcc:_evil@x.org?=\n\nhi\n",
		  REPLY_SENDER);

	assert_null(strpbrk(draft->subject, "\r\n"));
	assert_null(strpbrk(draft->to, "\r\n"));
	assert_string_equal(draft->bcc, "");
	draft_free(&draft);
}

static void reply_without_date_or_text(void **state)
{
	struct draft *draft = reply(state, "\n", REPLY_SENDER);

	assert_string_equal(draft->to, "");
	assert_string_equal(draft->subject, "Re: ");
	assert_string_equal(draft->body, SIGNED);
	draft_free(&draft);
}

static void reply_quotes_only_what_was_shown(void **state)
{
	struct mime_message *message =
	    parse("From: a@x.org\nContent-Type: text/html\n\n<p>secret</p>");
	struct draft *draft =
	    reply_make(compose_of(state), message, REPLY_SENDER, NULL, NULL, NULL);

	assert_null(strstr(draft->body, "secret"));
	draft_free(&draft);
	draft = reply_make(compose_of(state), message, REPLY_SENDER, NULL, "shown\n", NULL);
	assert_non_null(strstr(draft->body, "> shown\n"));
	draft_free(&draft);
	mime_free(&message);
}

/* --- forwarding
 * -------------------------------------------------------------------------------------------- */

#define WITH_FILE                                                                                  \
	"From: a@x.org\nTo: me@localhost\nBcc: hidden@x.org\nSubject: Plan\nMessage-ID: <9@x>\n"   \
	"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nthe text\n" \
	"--b\nContent-Type: application/pdf; name=\"../../plan.pdf\"\n"                            \
	"Content-Transfer-Encoding: base64\n\nJVBERi0=\n--b--\n"

static struct draft *forward(void **state, const char *text, enum forward_mode mode)
{
	struct mime_message *message = parse(text);
	struct err err = ERR_INIT;
	struct draft *draft = forward_make(compose_of(state), message, mode, NULL, NULL, &err);

	if (!draft)
		fail_msg("%s", err.text);
	mime_free(&message);
	return draft;
}

static void forward_keeps_text_and_files(void **state)
{
	struct draft *draft = forward(state, WITH_FILE, FORWARD_INLINE);
	struct buf bytes = BUF_INIT;

	assert_string_equal(draft->subject, "Fwd: Plan");
	assert_string_equal(draft->to, "");
	assert_non_null(
	    strstr(draft->body, "From: a@x.org\nSubject: Plan\nTo: me@localhost\n\nthe text"));
	assert_null(strstr(draft->body, "hidden"));
	assert_int_equal(draft->attachment_count, 1);
	assert_string_equal(draft->attachments[0].name, "plan.pdf");
	assert_string_equal(draft->attachments[0].type, "application/pdf");
	assert_int_equal(attach_read(draft, 0, &bytes, NULL), 0);
	assert_string_equal(buf_str(&bytes), "%PDF-");
	buf_free(&bytes);
	assert_int_equal(draft_remove(draft, NULL), 0);
	draft_free(&draft);
}

static void forward_of_many_files_is_one_file(void **state)
{
	struct buf letter = BUF_INIT;
	struct draft *draft;

	buf_add_str(&letter, "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n");
	for (int i = 0; i < 10000; i++)
		buf_add_str(&letter, "--b\nContent-Disposition: attachment; filename=y\n\ny\n");
	draft = forward(state, buf_str(&letter), FORWARD_INLINE);
	assert_int_equal(draft->attachment_count, 1);
	assert_string_equal(draft->attachments[0].type, "message/rfc822");
	assert_int_equal(draft_remove(draft, NULL), 0);
	draft_free(&draft);
	buf_free(&letter);
}

static void again_with_many_files_is_one_file(void **state)
{
	struct buf letter = BUF_INIT;
	struct mime_message *message;
	struct draft *draft;

	buf_add_str(&letter, "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n");
	for (int i = 0; i < 101; i++)
		buf_add_str(&letter, "--b\nContent-Disposition: attachment; filename=y\n\ny\n");
	message = mime_parse(letter.data, letter.len, NULL);
	draft = recall_message(compose_of(state), message, NULL, NULL);
	assert_int_equal(draft->attachment_count, 1);
	assert_string_equal(draft->attachments[0].type, "message/rfc822");
	assert_int_equal(draft_remove(draft, NULL), 0);
	draft_free(&draft);
	mime_free(&message);
	buf_free(&letter);
}

static void forward_as_attachment_hides_bcc(void **state)
{
	struct draft *draft = forward(state, WITH_FILE, FORWARD_ATTACHED);
	struct buf bytes = BUF_INIT;

	assert_int_equal(draft->attachment_count, 1);
	assert_string_equal(draft->attachments[0].type, "message/rfc822");
	assert_string_equal(draft->attachments[0].name, "Plan.eml");
	assert_int_equal(attach_read(draft, 0, &bytes, NULL), 0);
	assert_null(strstr(bytes.data, "hidden"));
	assert_non_null(strstr(bytes.data, "To: me@localhost\nSubject: Plan\n"));
	assert_non_null(strstr(bytes.data, "JVBERi0="));
	buf_free(&bytes);
	draft_free(&draft);
}

/* --- mailto
 * ---------------------------------------------------------------------------------------------------
 */

static struct draft *mailto(void **state, const char *url, struct mailto_result *result)
{
	struct draft *draft = mailto_make(compose_of(state), url, NULL, result, NULL);

	assert_non_null(draft);
	return draft;
}

static void mailto_fills_the_letter(void **state)
{
	struct mailto_result result;
	struct draft *draft =
	    mailto(state,
		   "mailto:a@x.org,b%40x.org?subject=caf%C3%A9%20+&cc=c@x.org&to=d@x.org"
		   "&body=one%0D%0Atwo&amp;in-reply-to=%3C4@x%3E#frag",
		   &result);

	assert_string_equal(draft->to, "a@x.org,b@x.org, d@x.org");
	assert_string_equal(draft->cc, "c@x.org");
	assert_string_equal(draft->subject, "caf\xc3\xa9 +");
	assert_string_equal(draft->body, "one\ntwo\n" SIGNED);
	assert_string_equal(draft->in_reply_to, "4@x");
	assert_string_equal(result.refused, "");
	assert_false(result.has_bcc);
	draft_free(&draft);
}

static void mailto_attaches_nothing_and_makes_no_field(void **state)
{
	struct mailto_result result;
	struct draft *draft =
	    mailto(state,
		   "mailto:a@x.org%0D%0ABcc:evil@x.org?attach=/etc/passwd&attachment=x&from=b@x.org"
		   "&subject=x%0D%0ABcc:%20evil@x.org&bcc=hid@x.org&x%0d%0aBcc=1&%00=%00",
		   &result);

	assert_int_equal(draft->attachment_count, 0);
	assert_string_equal(draft->from, "Me Myself <me@localhost>");
	assert_null(strpbrk(draft->to, "\r\n"));
	assert_null(strpbrk(draft->subject, "\r\n"));
	assert_string_equal(draft->bcc, "hid@x.org");
	assert_true(result.has_bcc);
	assert_non_null(strstr(result.refused, "attach, attachment, from"));
	assert_null(strpbrk(result.refused, "\r\n"));
	assert_string_equal(draft->headers, "");
	draft_free(&draft);
}

static void mailto_takes_odd_links(void **state)
{
	static const char *const odd[] = {"mailto:",	   "MAILTO:?",	    "mailto:?&&=&a",
					  "mailto:%",	   "mailto:%4",	    "mailto:%zz?%",
					  "mailto:a?body", "mailto:a?body="};

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct draft *draft = mailto(state, odd[i], NULL);

		draft_free(&draft);
	}
	assert_null(mailto_make(compose_of(state), "http://x", NULL, NULL, NULL));
}

/* --- attachments
 * -----------------------------------------------------------------------------------------------
 */

static void assert_name(const char *name, const char *want)
{
	struct buf out = BUF_INIT;

	attach_safe_name(name, &out);
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
}

static void names_are_made_safe(void **state)
{
	char wide[600];

	(void)state;
	assert_name("plan.pdf", "plan.pdf");
	assert_name("../../etc/passwd", "passwd");
	assert_name("C:\\temp\\x.doc", "x.doc");
	assert_name("..", "attachment");
	assert_name("", "attachment");
	assert_name("/", "attachment");
	assert_name(".bashrc", "bashrc");
	assert_name("\xe2\x80\xae.bashrc", "bashrc"); /* behind a bidi control */
	assert_name("\xe2\x80\xae..", "attachment");
	assert_name("\xe2\x80\xae-rf", "_rf");
	assert_name("-rf", "_rf");
	assert_name("~root", "_root");
	assert_name("..%2F..%2Fetc%2Fpasswd", "%2F..%2Fetc%2Fpasswd"); /* a name like any other */
	assert_name("trailing. . .", "trailing");
	assert_name("CON", "_CON");
	assert_name("nul.txt", "_nul.txt");
	assert_name("Com1.log", "_Com1.log");
	assert_name("console.log", "console.log");
	assert_name("..\xc0\xaf..\xc0\xafx", "\xef\xbf\xbd\xef\xbf\xbd..\xef\xbf\xbd\xef\xbf\xbdx"); /* overlong */
	for (int i = 0; i < 299; i++)
		memcpy(wide + i * 2, "\xc3\xa4", 3);
	{
		struct buf out = BUF_INIT;

		attach_safe_name(wide, &out);
		assert_true(out.len <= 200 && out.len % 2 == 0);
		buf_clear(&out);
		memcpy(wide + 594, ".pdf", 5);
		attach_safe_name(wide, &out);
		assert_true(out.len <= 200 && !strcmp(out.data + out.len - 4, ".pdf"));
		buf_free(&out);
	}
}

static void assert_type(const char *name, const char *data, const char *want)
{
	struct buf out = BUF_INIT;

	attach_type(name, data, data ? strlen(data) : 0, &out);
	assert_string_equal(buf_str(&out), want);
	buf_free(&out);
}

static void types_by_name_then_content(void **state)
{
	(void)state;
	assert_type("a/b.JPG", NULL, "image/jpeg");
	assert_type("x.tar.gz", NULL, "application/gzip");
	assert_type("noname", "%PDF-1.4", "application/pdf");
	assert_type("noname", "text \xc3\xa4", "text/plain");
	assert_type("noname", "bin \xff\xfe\xfd\xfc bin", "application/octet-stream");
}

static void a_missing_file_is_a_clear_error(void **state)
{
	struct draft *draft = start_new(compose_of(state), NULL);
	struct err err = ERR_INIT;
	char *path = path_join(((struct person *)*state)->dir, "note.txt");

	assert_int_equal(attach_file(draft, "/nowhere/x", &err), -1);
	assert_non_null(strstr(err.text, "/nowhere/x"));
	assert_int_equal(attach_file(draft, "/tmp", &err), -1);
	assert_non_null(strstr(err.text, "folder"));
	assert_int_equal(file_replace(path, "hi", 2, NULL), 0);
	assert_int_equal(attach_file(draft, "~/note.txt", NULL), 0);
	assert_string_equal(draft->attachments[0].name, "note.txt");
	assert_int_equal(draft->attachments[0].size, 2);
	unlink(path);
	assert_int_equal(attach_check(draft, &err), -1);
	free(path);
	draft_free(&draft);
}

/* --- drafts on disk
 * -----------------------------------------------------------------------------------------------
 */

static void fill(struct draft *draft)
{
	draft_set(&draft->to, "lena, \"M\xc3\xbcller, J\" <m@x.org>, ol_");
	draft_set(&draft->subject, "=?utf-8?q?not decoded?=  two  spaces ");
	draft_set(&draft->references, "1@x 2@x");
	draft_set_body(draft,
		       "From me\n\n\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82  \n.\nend", 27);
	draft->send_at = 1234;
}

static void a_draft_comes_back_word_for_word(void **state)
{
	struct draft *draft = start_new(compose_of(state), "work"), *again;
	char *id = mem_strdup(draft->id), *body, *to, *subject;

	fill(draft);
	body = mem_strdup(draft->body);
	to = mem_strdup(draft->to);
	subject = mem_strdup(draft->subject);
	assert_int_equal(attach_bytes(draft, "x.bin", NULL, "a\0b", 3, NULL), 0);
	assert_int_equal(draft_save(draft, NULL), 0);
	draft_free(&draft);
	again = draft_load(id, NULL);
	assert_non_null(again);
	assert_string_equal(again->to, to);
	assert_string_equal(again->subject, subject);
	assert_string_equal(again->body, body);
	assert_string_equal(again->account, "work");
	assert_string_equal(again->references, "1@x 2@x");
	assert_int_equal(again->send_at, 1234);
	assert_int_equal(again->attachment_count, 1);
	assert_int_equal(attach_check(again, NULL), 0);
	assert_int_equal(draft_remove(again, NULL), 0);
	draft_free(&again);
	assert_null(draft_load(id, NULL));
	free(id);
	free(body);
	free(to);
	free(subject);
}

static bool asks_about_encryption(const struct compose *compose, const struct draft *draft)
{
	struct check_list list;
	bool asks = false;

	draft_check(compose, draft, &list);
	for (size_t i = 0; i < list.count; i++)
		asks |= list.items[i].kind == CHECK_WAS_ENCRYPTED && !list.items[i].stops;
	check_list_free(&list);
	return asks;
}

static void row_42_a_draft_does_not_forget_that_it_quotes_what_came_encrypted(void **state)
{
	struct draft *draft = start_new(compose_of(state), "work");
	char *id = mem_strdup(draft->id);

	fill(draft);
	assert_false(asks_about_encryption(compose_of(state), draft));
	draft->was_encrypted = true;
	assert_true(asks_about_encryption(compose_of(state), draft));
	assert_int_equal(draft_save(draft, NULL), 0);
	draft_free(&draft);
	draft = draft_load(id, NULL);
	assert_true(asks_about_encryption(compose_of(state), draft));
	draft->wants_encrypt = true;
	assert_false(asks_about_encryption(compose_of(state), draft));
	draft_remove(draft, NULL);
	draft_free(&draft);
	free(id);
}

static void one_tern_at_a_time_writes_a_draft(void **state)
{
	struct draft *draft = start_new(compose_of(state), NULL);
	struct draft_list list;
	struct err err = ERR_INIT;
	char *id = mem_strdup(draft->id);

	draft_set(&draft->subject, "mine");
	assert_int_equal(draft_save(draft, NULL), 0);
	assert_null(draft_load(id, &err));
	assert_int_equal(err.kind, ERR_TEMPORARY);
	assert_int_equal(draft_list_load(&list, NULL), 0);
	assert_int_equal(list.count, 1);
	assert_true(list.items[0].is_open);
	assert_string_equal(list.items[0].subject, "mine");
	draft_list_free(&list);
	draft_free(&draft);
	assert_int_equal(draft_list_load(&list, NULL), 0);
	assert_false(list.items[0].is_open);
	draft_list_free(&list);
	free(id);
}

/* A tern that saves as fast as it can, and dies at any moment. */
static void save_for_ever(const struct compose *compose)
{
	struct draft *draft = start_new(compose, NULL);
	struct buf body = BUF_INIT;

	for (int i = 0;; i++) {
		buf_clear(&body);
		for (int line = 0; line < 200; line++)
			buf_printf(&body, "line %d of %d\n", line, i);
		buf_printf(&body, "end %d\n", i);
		draft_set_body(draft, body.data, body.len);
		if (draft_save(draft, NULL) < 0)
			_exit(1);
	}
}

static void assert_whole(const char *id)
{
	struct draft *draft = draft_load(id, NULL);
	int number = -1, end = -2;

	assert_non_null(draft);
	assert_int_equal(sscanf(draft->body, "line 0 of %d", &number), 1);
	assert_int_equal(sscanf(strstr(draft->body, "end "), "end %d", &end), 1);
	assert_int_equal(number, end);
	assert_int_equal(draft_remove(draft, NULL), 0);
	draft_free(&draft);
}

static void a_draft_outlives_kill_9(void **state)
{
	for (int i = 0; i < 30; i++) {
		struct draft_list list = {.count = 0};
		pid_t pid = fork();

		if (pid == 0)
			save_for_ever(compose_of(state));
		while (list.count == 0) {
			draft_list_free(&list);
			usleep((useconds_t)(500 + i * 300));
			assert_int_equal(draft_list_load(&list, NULL), 0);
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		draft_list_free(&list);
		assert_int_equal(draft_list_load(&list, NULL), 0);
		assert_int_equal(list.count, 1);
		assert_false(list.items[0].is_open);
		assert_whole(list.items[0].id);
		draft_list_free(&list);
	}
}

static void a_flowed_letter_is_quoted_by_paragraph(void **state)
{
	struct draft *draft = reply(state,
				    "From: a@x.org\nContent-Type: text/plain; format=flowed\n\n"
				    "one \ntwo \nthree\n> old \n> older\n",
				    REPLY_SENDER);

	assert_non_null(strstr(draft->body, "> one two three\n>> old older\n"));
	draft_free(&draft);
}

static void long_lines_are_quoted_and_built_short(void **state)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct draft *draft;
	size_t n;

	buf_add_str(&text, "From: a@x.org\nTo: me@localhost\n\n");
	for (int i = 0; i < 400; i++)
		buf_printf(&text, "word%d ", i);
	draft = reply(state, text.data, REPLY_SENDER);
	assert_int_equal(build_message(compose_of(state), draft, BUILD_LETTER, 1, &out, NULL), 0);
	for (const char *at = out.data; *at; at += n + (at[n] == '\n')) {
		n = strcspn(at, "\n");
		assert_true(n <= 80);
	}
	assert_non_null(strstr(out.data, "word399"));
	buf_free(&text);
	buf_free(&out);
	draft_free(&draft);
}

/* PROMISES 35: what was encoded in a header makes no line of the answer's */
static void row_35_an_answer_has_no_line_from_outside(void **state)
{
	struct draft *draft = reply(state,
				    "From: =?utf-8?q?a=0D=0ABcc=3A_evil=40x.org=00?= <a@x.org>\n"
				    "Subject: =?utf-8?q?s=0D=0ABcc=3A_evil=40x.org=0AX-A=3A_b?=\n"
				    "Message-ID: <1@x>\n\nhi\n",
				    REPLY_SENDER);
	struct buf out = BUF_INIT;
	struct mime_message *message;

	assert_int_equal(build_message(compose_of(state), draft, BUILD_LETTER, 1, &out, NULL), 0);
	message = mime_parse(out.data, out.len, NULL);
	assert_null(mime_field(&message->root.header, "Bcc"));
	assert_null(mime_field(&message->root.header, "X-A"));
	assert_non_null(mime_field(&message->root.header, "Subject"));
	assert_null(memmem(out.data, out.len, "\r", 1));
	assert_null(memmem(out.data, out.len, "\0", 1));
	mime_free(&message);
	buf_free(&out);
	draft_free(&draft);
}

static void what_died_is_cleaned_up_after_a_while(void **state)
{
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	static const char *const names[] = {"gone.d", "half.eml.new.77"};
	char *drafts = path_in(PATH_DATA, "drafts"), *young = path_join(drafts, "young.d");
	struct draft_list list;

	(void)state;
	assert_int_equal(path_make_dirs(young, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		char *path = path_join(drafts, names[i]);

		assert_int_equal(i ? file_replace(path, "x", 1, NULL) : path_make_dirs(path, NULL),
				 0);
		assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
		free(path);
	}
	assert_int_equal(draft_list_load(&list, NULL), 0);
	assert_int_equal(list.count, 0);
	for (size_t i = 0; i < 2; i++) {
		char *path = path_join(drafts, names[i]);

		assert_false(path_exists(path));
		free(path);
	}
	assert_true(path_exists(young));
	draft_list_free(&list);
	free(young);
	free(drafts);
}

static void only_own_words_make_a_draft_worth_keeping(void **state)
{
	struct draft *draft = start_new(compose_of(state), NULL);

	assert_true(draft_is_empty(draft));
	draft_set_body(draft, "x" SIGNED, 1 + strlen(SIGNED));
	assert_false(draft_is_empty(draft));
	draft_free(&draft);
}

static void changing_the_identity_changes_the_signature(void **state)
{
	struct draft *draft = start_new(compose_of(state), NULL);
	struct identity_list list;
	struct buf body = BUF_INIT;

	identity_load(compose_of(state), &list);
	assert_int_equal(list.count, 3);
	buf_printf(&body, "text\n%s", draft->body);
	draft_set_body(draft, body.data, body.len);
	start_identity(compose_of(state), draft, identity_by_addr(&list, "second@example.org"));
	assert_string_equal(draft->from, "second@example.org");
	assert_string_equal(draft->body, "text\n" SIGNED);
	identity_list_free(&list);
	buf_free(&body);
	draft_free(&draft);
}

/* --- as one text
 * ----------------------------------------------------------------------------------------------------
 */

static void without_an_account_one_is_the_user_of_this_machine(void **state)
{
	struct account_list none = {.count = 0};
	struct compose compose = {&none, NULL, NULL};
	struct draft *draft = start_new(&compose, NULL);

	(void)state;
	assert_true(strlen(draft->from) > strlen("@localhost"));
	assert_non_null(strstr(draft->from, "@localhost"));
	assert_string_equal(draft->account, "");
	draft_free(&draft);
}

static void a_draft_goes_through_an_editor(void **state)
{
	struct draft *draft = start_new(compose_of(state), NULL);
	struct buf text = BUF_INIT;

	fill(draft);
	draft_text_write(draft, &text);
	assert_non_null(strstr(text.data, "\nSubject: =?utf-8?q?not decoded?="));
	assert_int_equal(draft_text_read(draft, text.data, text.len, NULL), 0);
	assert_string_equal(draft->to, "lena, \"M\xc3\xbcller, J\" <m@x.org>, ol_");
	assert_int_equal(strncmp(draft->body, "From me\n", 8), 0);
	buf_free(&text);
	draft_free(&draft);
}

static void an_editor_may_change_everything(void **state)
{
	static const char text[] =
	    "from: me@work.example\nTo: a@x.org,\n b@x.org\nTo: c@x.org\nX-Face: abc\n def\n"
	    "Content-Type: text/evil\nMessage-ID: <x>\nAttach: ~/no such file\n\nbody\n\n";
	struct draft *draft = start_new(compose_of(state), NULL);
	struct err err = ERR_INIT;

	draft_set(&draft->cc, "gone@x.org");
	assert_int_equal(draft_text_read(draft, text, strlen(text), &err), -1);
	assert_non_null(strstr(err.text, "no such file"));
	assert_string_equal(draft->from, "me@work.example");
	assert_string_equal(draft->to, "a@x.org, b@x.org, c@x.org");
	assert_string_equal(draft->cc, "");
	assert_string_equal(draft->headers, "X-Face: abc def\n");
	assert_string_equal(draft->body, "body\n\n");
	draft_set(&draft->cc, "stays@x.org");
	assert_int_equal(draft_text_read(draft, "only text\n\nTo: x\n", 17, NULL), 0);
	assert_string_equal(draft->cc, "stays@x.org");
	assert_string_equal(draft->body, "only text\n\nTo: x\n");
	assert_int_equal(draft_text_read(draft, "", 0, NULL), 0);
	assert_string_equal(draft->body, "");
	draft_free(&draft);
}

/* --- recipients and checks
 * -----------------------------------------------------------------------------------------------
 */

static void aliases_are_put_in(void **state)
{
	struct arena *arena = arena_new();
	struct address_list list;
	struct err err = ERR_INIT;
	char *text;

	assert_int_equal(recipient_parse(compose_of(state), "both, alice, Bob B <bob@example.org>",
					 arena, &list, NULL),
			 0);
	text = recipient_text(&list);
	assert_string_equal(text, "Lena L\xc3\xb6we <lena@example.org>, bob@example.org, alice");
	free(text);
	assert_int_equal(recipient_parse(compose_of(state), "loop", arena, &list, &err), -1);
	assert_true(strlen(err.text) > 10);
	arena_free(&arena);
}

static bool finds(void **state, const struct draft *draft, enum check_kind kind)
{
	struct check_list list;
	bool found = false;

	draft_check(compose_of(state), draft, &list);
	for (size_t i = 0; i < list.count; i++)
		found |= list.items[i].kind == kind;
	check_list_free(&list);
	return found;
}

static void a_check_says_what_is_missing(void **state)
{
	struct draft *draft = start_new(compose_of(state), NULL);

	assert_true(finds(state, draft, CHECK_NO_RECIPIENT));
	assert_true(finds(state, draft, CHECK_NO_SUBJECT));
	assert_true(finds(state, draft, CHECK_EMPTY));
	draft_set(&draft->to, "a@x.org");
	draft_set(&draft->subject, "s");
	draft_set_body(draft, "See the Attached file.\n", 23);
	assert_true(finds(state, draft, CHECK_FORGOTTEN_ATTACHMENT));
	draft_set_body(draft, "hi\n> attached\n-- \nattached\n", 27);
	assert_false(finds(state, draft, CHECK_FORGOTTEN_ATTACHMENT));
	draft_set_body(draft, "unattached\n", 11);
	assert_false(finds(state, draft, CHECK_FORGOTTEN_ATTACHMENT));
	assert_false(finds(state, draft, CHECK_ODD_ADDRESS));
	draft_set(&draft->to, "Bank <b@p\xd0\xb0ypal.example>");
	assert_true(finds(state, draft, CHECK_ODD_ADDRESS));
	draft_set(&draft->to, "\"boss@corp.example\" <evil@x.example>");
	assert_true(finds(state, draft, CHECK_ODD_ADDRESS));
	draft_set(&draft->to, "nobody-is-called-so-here");
	assert_true(finds(state, draft, CHECK_UNKNOWN_NAME));
	draft_set(&draft->to, "me, lena");
	assert_false(finds(state, draft, CHECK_UNKNOWN_NAME));
	draft_set(&draft->from, "");
	assert_true(finds(state, draft, CHECK_NO_SENDER));
	draft_free(&draft);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_person, remove_person)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(subject_has_one_re),
	    T(reply_goes_to_the_sender_and_quotes),
	    T(reply_to_all_leaves_me_out),
	    T(reply_to_my_own_letter_goes_where_it_went),
	    T(reply_heeds_reply_to_and_followup),
	    T(a_list_that_takes_replies_does_not_get_private_ones),
	    T(reply_to_no_list_is_an_error),
	    T(the_identity_is_the_one_written_to),
	    T(encoded_line_ends_make_no_field),
	    T(reply_without_date_or_text),
	    T(reply_quotes_only_what_was_shown),
	    T(forward_keeps_text_and_files),
	    T(forward_as_attachment_hides_bcc),
	    T(again_with_many_files_is_one_file),
	    T(forward_of_many_files_is_one_file),
	    T(mailto_fills_the_letter),
	    T(mailto_attaches_nothing_and_makes_no_field),
	    T(mailto_takes_odd_links),
	    cmocka_unit_test(names_are_made_safe),
	    cmocka_unit_test(types_by_name_then_content),
	    T(a_missing_file_is_a_clear_error),
	    T(a_draft_comes_back_word_for_word),
	    T(row_42_a_draft_does_not_forget_that_it_quotes_what_came_encrypted),
	    T(one_tern_at_a_time_writes_a_draft),
	    T(a_draft_outlives_kill_9),
	    T(a_flowed_letter_is_quoted_by_paragraph),
	    T(row_35_an_answer_has_no_line_from_outside),
	    T(long_lines_are_quoted_and_built_short),
	    T(what_died_is_cleaned_up_after_a_while),
	    T(only_own_words_make_a_draft_worth_keeping),
	    T(changing_the_identity_changes_the_signature),
	    T(without_an_account_one_is_the_user_of_this_machine),
	    T(a_draft_goes_through_an_editor),
	    T(an_editor_may_change_everything),
	    T(aliases_are_put_in),
	    T(a_check_says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
