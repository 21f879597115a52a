#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "compose/attach.h"
#include "compose/build.h"
#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/recall.h"
#include "compose/reply.h"
#include "compose/send.h"
#include "compose/start.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/box/box.h"
#include "store/mail/account.h"
#include "store/mail/outbox.h"
#include "store/mail/store.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"
#include "tests/lib/temp.h"

struct person {
	struct account account;
	struct account_list list;
	struct compose compose;
	struct conf *conf;
	char *dir;
	char name[8], address[16], real_name[16];
};

static int make_person(void **state)
{
	struct person *person = mem_alloc(sizeof *person);
	char *data;

	person->dir = temp_home("send");
	strcpy(person->name, "home");
	strcpy(person->address, "me@localhost");
	strcpy(person->real_name, "J\xc3\xb6rg, Me");
	person->account = (struct account){.name = person->name,
					   .kind = ACCOUNT_LOCAL,
					   .address = person->address,
					   .real_name = person->real_name,
					   .path = mem_printf("%s/Mail/home", person->dir)};
	person->list = (struct account_list){.items = &person->account, .count = 1};
	person->conf = conf_parse("", "config", ".");
	person->compose = (struct compose){&person->list, NULL, person->conf};
	data = path_dir(PATH_DATA);
	assert_int_equal(path_make_dirs(data, NULL), 0);
	assert_int_equal(path_make_dirs(person->account.path, NULL), 0);
	free(data);
	*state = person;
	return 0;
}

static int remove_person(void **state)
{
	struct person *person = *state;

	conf_free(&person->conf);
	free(person->account.path);
	temp_end(&person->dir);
	free(person);
	return 0;
}

static const struct compose *compose_of(void **state)
{
	return &((struct person *)*state)->compose;
}

static struct draft *letter(void **state)
{
	struct draft *draft = start_new(compose_of(state), NULL);

	draft_set(&draft->to, "\xd0\x9e\xd0\xbb\xd0\xb5\xd0\xb3 "
			      "\xd0\x9e\xd1\x80\xd0\xbb\xd0\xbe\xd0\xb2 <oleg@example.org>");
	draft_set(&draft->bcc, "hidden@example.org");
	draft_set(&draft->subject, "Gr\xc3\xbc\xc3\x9f"
				   "e");
	draft_set_body(draft, "See you there at ten.\n", 22);
	return draft;
}

static void build(void **state, const struct draft *draft, enum build_mode mode, struct buf *out)
{
	struct err err = ERR_INIT;

	if (build_message(compose_of(state), draft, mode, 1795416044, out, &err) < 0)
		fail_msg("%s", err.text);
}

static void a_plain_letter_is_built(void **state)
{
	struct draft *draft = letter(state);
	struct buf out = BUF_INIT, want = BUF_INIT;

	build(state, draft, BUILD_LETTER, &out);
	buf_printf(&want,
		   "From: =?utf-8?b?SsO2cmcsIE1l?= <me@localhost>\n"
		   "To: =?utf-8?b?0J7Qu9C10LMg0J7RgNC70L7Qsg==?= <oleg@example.org>\n"
		   "Subject: =?utf-8?b?R3LDvMOfZQ==?=\n"
		   "Date: Mon, 23 Nov 2026 06:40:44 +0000\n"
		   "Message-ID: <%.*s@localhost>\n"
		   "MIME-Version: 1.0\n"
		   "Content-Type: text/plain; charset=us-ascii; format=flowed\n"
		   "Content-Transfer-Encoding: 7bit\n\n"
		   "See you there at ten.\n",
		   (int)strcspn(draft->message_id, "@"), draft->message_id);
	assert_string_equal(out.data, want.data);
	buf_free(&out);
	buf_free(&want);
	draft_free(&draft);
}

static void bcc_never_leaves(void **state)
{
	struct draft *draft = letter(state);
	struct buf out = BUF_INIT, copy = BUF_INIT;

	build(state, draft, BUILD_LETTER, &out);
	build(state, draft, BUILD_SENT_COPY, &copy);
	assert_null(strstr(out.data, "hidden"));
	assert_null(strstr(out.data, "Bcc"));
	assert_non_null(strstr(copy.data, "Bcc: hidden@example.org\n"));
	buf_free(&out);
	buf_free(&copy);
	draft_free(&draft);
}

static size_t longest_line(const char *text)
{
	size_t longest = 0, n;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		longest = n > longest ? n : longest;
	}
	return longest;
}

/* Reads it back: what it says is what was written. */
static void assert_says(const struct buf *bytes, const char *subject, const char *text)
{
	struct mime_message *message = mime_parse(bytes->data, bytes->len, NULL);
	struct arena *arena = arena_new();
	struct buf body = BUF_INIT;

	assert_string_equal(mime_field_text(&message->root.header, "Subject", arena), subject);
	mime_decode_body_text(mime_text_part(message), 0, &body);
	if (text)
		assert_string_equal(buf_str(&body), text);
	buf_free(&body);
	arena_free(&arena);
	mime_free(&message);
}

static void long_lines_and_long_fields_are_folded(void **state)
{
	struct draft *draft = letter(state);
	struct buf body = BUF_INIT, subject = BUF_INIT, out = BUF_INIT, many = BUF_INIT;

	for (int i = 0; i < 400; i++) {
		buf_add_str(&body, "\xd0\xb4\xd0\xbb\xd0\xb8\xd0\xbd\xd0\xb0 ");
		buf_printf(&many, "%sn%d@example.org", i ? ", " : "", i);
		buf_add_str(&subject, i % 2 ? "w\xc3\xb6rter " : "words ");
	}
	buf_add_char(&body, '\n');
	for (int i = 0; i < 3000; i++)
		buf_add_char(&body, 'x');
	buf_add_char(&body, '\n');
	draft_set_body(draft, body.data, body.len);
	draft_set(&draft->subject, subject.data);
	draft_set(&draft->to, many.data);
	build(state, draft, BUILD_LETTER, &out);
	assert_true(longest_line(out.data) <= 998);
	buf_truncate(&subject, subject.len - 1);
	buf_free(&body);
	buf_free(&many);
	buf_free(&subject);
	buf_free(&out);
	draft_free(&draft);
}

static void encoded_text_comes_back(void **state)
{
	static const char text[] =
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\nFrom me\n.\n> quoted\n";
	struct draft *draft = letter(state);
	struct buf out = BUF_INIT;

	draft_set_body(draft, text, strlen(text));
	build(state, draft, BUILD_POSTPONED, &out);
	assert_says(&out,
		    "Gr\xc3\xbc\xc3\x9f"
		    "e",
		    text);
	buf_free(&out);
	draft_free(&draft);
}

static void no_text_makes_a_field(void **state)
{
	struct draft *draft = letter(state);
	struct buf out = BUF_INIT;
	char *evil = mem_strdup("X-A: b\r\nBcc: evil@x.org\n");

	draft_set(&draft->subject, "x\r\nBcc: evil@x.org");
	draft_set(&draft->in_reply_to, "a@b\r\nBcc:evil@x.org");
	free(draft->subject);
	draft->subject = mem_strdup("x\r\nBcc: evil@x.org"); /* even past draft_set */
	build(state, draft, BUILD_LETTER, &out);
	assert_null(strstr(out.data, "\nBcc"));
	assert_null(strstr(out.data, "\n Bcc: evil"));
	free(evil);
	buf_free(&out);
	draft_free(&draft);
}

static void attachments_come_back_byte_for_byte(void **state)
{
	static const char *const names[] = {"r\xc3\xa4t\xd1\x81\xd0\xb5l.txt", "b\"i;n.bin",
					    "letter.eml", "crlf.txt"};
	static const struct span data[] = {SPAN("one\ntwo \xc3\xa4"), SPAN("\0\1\2\n\r\xff"),
					   SPAN("From: a@x.org\nSubject: in\n\nhi\n--b\n"),
					   SPAN("a\r\nb\n")};
	struct draft *draft = letter(state);
	struct mime_message *message;
	struct mime_part *part;
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    attach_bytes(draft, names[i], NULL, data[i].data, data[i].len, NULL), 0);
	build(state, draft, BUILD_LETTER, &out);
	message = mime_parse(out.data, out.len, NULL);
	assert_string_equal(message->root.type, "multipart/mixed");
	part = message->root.first_child;
	for (size_t i = 0; i < 4; i++) {
		struct buf bytes = BUF_INIT;

		part = part->next;
		assert_non_null(part);
		assert_string_equal(part->filename, names[i]);
		mime_decode_body(part, 0, &bytes);
		assert_int_equal(bytes.len, data[i].len);
		assert_memory_equal(bytes.data, data[i].data, bytes.len);
		buf_free(&bytes);
	}
	assert_null(part->next);
	mime_free(&message);
	buf_free(&out);
	draft_free(&draft);
}

static void a_foreign_type_cannot_break_out(void **state)
{
	struct draft *draft = letter(state);
	struct buf out = BUF_INIT;

	assert_int_equal(attach_bytes(draft, "x", "text/plain\nBcc: evil@x.org", "x", 1, NULL), 0);
	assert_int_equal(attach_bytes(draft, "y", "multipart/mixed", "x", 1, NULL), 0);
	build(state, draft, BUILD_LETTER, &out);
	assert_null(strstr(out.data, "evil"));
	assert_int_equal(strstr(strstr(out.data, "multipart/mixed") + 1, "multipart/mixed") != NULL,
			 0);
	buf_free(&out);
	draft_free(&draft);
}

/* --- sending
 * ------------------------------------------------------------------------------------------ */

static int count_one(void *arg, const struct box_entry *entry)
{
	(void)entry;
	++*(int *)arg;
	return 0;
}

static int count_in(void **state, const char *folder)
{
	char *path = path_join(((struct person *)*state)->account.path, folder);
	struct box *box = box_open(path, true, NULL);
	int count = 0;

	if (box)
		assert_int_equal(box_scan(box, count_one, &count, NULL), 0);
	box_close(&box);
	free(path);
	return count;
}

static int drafts_left(void)
{
	struct draft_list list;
	int count;

	assert_int_equal(draft_list_load(&list, NULL), 0);
	count = (int)list.count;
	draft_list_free(&list);
	return count;
}

static int64_t send(void **state, struct draft *draft, int64_t due)
{
	struct err err = ERR_INIT;
	int64_t id = send_draft(compose_of(state), draft, due, &err);

	if (id < 0)
		fail_msg("%s", err.text);
	return id;
}

static void get_entry(int64_t id, struct arena *arena, struct outbox_entry *entry)
{
	struct outbox *outbox = outbox_open(NULL);

	assert_non_null(outbox);
	assert_int_equal(outbox_get(outbox, id, arena, entry, NULL), 1);
	outbox_close(&outbox);
}

static bool is_owed(const struct outbox_entry *entry, const char *addr)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (!strcmp(entry->recipients[i].addr, addr))
			return true;
	return false;
}

static void a_letter_goes_into_the_outbox_and_sent(void **state)
{
	struct draft *draft = letter(state);
	struct arena *arena = arena_new();
	struct outbox_entry entry;
	struct buf text = BUF_INIT;
	int64_t id, now = (int64_t)time(NULL);

	assert_int_equal(draft_save(draft, NULL), 0);
	assert_int_equal(drafts_left(), 1);
	id = send(state, draft, -1);
	get_entry(id, arena, &entry);
	assert_string_equal(entry.sender, "me@localhost");
	assert_int_equal(entry.recipient_count, 2);
	assert_true(is_owed(&entry, "oleg@example.org"));
	assert_true(is_owed(&entry, "hidden@example.org"));
	assert_in_range(entry.recipients[0].due, now + 9, now + 15);
	assert_int_equal(file_read(entry.path, &text, 0, NULL), 0);
	assert_null(strstr(text.data, "hidden"));
	assert_int_equal(count_in(state, "Sent"), 1);
	assert_int_equal(drafts_left(), 0);
	buf_free(&text);
	arena_free(&arena);
	draft_free(&draft);
}

static void sending_twice_sends_once(void **state)
{
	struct draft *draft = letter(state);
	int64_t id = send(state, draft, -1);

	assert_int_equal(draft_save(draft, NULL), 0); /* as if it had died before the draft went */
	assert_int_equal(send(state, draft, -1), id);
	assert_int_equal(count_in(state, "Sent"), 1);
	assert_int_equal(drafts_left(), 0);
	draft_free(&draft);
}

static void what_is_taken_back_is_a_draft_again(void **state)
{
	struct draft *draft = letter(state), *back;
	struct err err = ERR_INIT;
	int64_t id, again;

	assert_int_equal(attach_bytes(draft, "x", NULL, "abc", 3, NULL), 0);
	id = send(state, draft, -1);
	draft_free(&draft);
	back = send_undo(compose_of(state), id, &err);
	if (!back)
		fail_msg("%s", err.text);
	assert_string_equal(back->bcc, "hidden@example.org");
	assert_string_equal(back->body, "See you there at ten.\n");
	assert_int_equal(attach_check(back, NULL), 0);
	assert_int_equal(count_in(state, "Sent"), 0);
	assert_int_equal(drafts_left(), 1);
	again = send(state, back, 0);
	assert_int_not_equal(again, id);
	assert_int_equal(count_in(state, "Sent"), 1);
	draft_free(&back);
	assert_null(send_undo(compose_of(state), 99, NULL));
}

/* Taken back as a draft or carried: never neither. */
static void what_was_no_draft_is_not_taken_back(void **state)
{
	const char *const to[] = {"a@example.org"};
	struct outbox_letter letter = {.account = "home",
				       .sender = "me@localhost",
				       .recipients = to,
				       .recipient_count = 1,
				       .data = "Subject: x\n\nx\n",
				       .len = 14};
	struct outbox *outbox = outbox_open(NULL);
	struct arena *arena = arena_new();
	struct outbox_entry entry;
	int64_t id = outbox_add(outbox, &letter, NULL);

	assert_null(send_undo(compose_of(state), id, NULL));
	assert_int_equal(outbox_get(outbox, id, arena, &entry, NULL), 1);
	assert_int_equal(entry.recipients[0].state, OUTBOX_WAITING);
	outbox_close(&outbox);
	arena_free(&arena);
}

static void what_is_on_its_way_is_no_draft_again(void **state)
{
	struct draft *draft = letter(state);
	int64_t id = send(state, draft, 0);
	struct outbox *outbox = outbox_open(NULL);
	struct arena *arena = arena_new();
	struct outbox_entry entry;

	draft_free(&draft);
	assert_int_equal(outbox_claim(outbox, id, (int64_t)time(NULL) + 1, getpid(), 60, arena, &entry, NULL),
			 1);
	assert_null(send_undo(compose_of(state), id, NULL));
	assert_int_equal(drafts_left(), 0);
	assert_int_equal(count_in(state, "Sent"), 1);
	outbox_close(&outbox);
	arena_free(&arena);
}

static void what_cannot_go_stays_a_draft(void **state)
{
	struct draft *draft = letter(state);
	struct err err = ERR_INIT;

	draft_set(&draft->to, "not an address at all @");
	assert_int_equal(draft_save(draft, NULL), 0);
	assert_int_equal(send_draft(compose_of(state), draft, 0, &err), -1);
	assert_true(strlen(err.text) > 5);
	draft_set(&draft->to, "a@example.org");
	draft->wants_encrypt = true;
	assert_int_equal(send_draft(compose_of(state), draft, 0, &err), -1);
	assert_int_equal(drafts_left(), 1);
	assert_int_equal(count_in(state, "Sent"), 0);
	draft_free(&draft);
}

/* kill -9 at any moment of sending: on the next start it is sent once, by whichever of the two. */
static void a_killed_send_is_finished_once(void **state)
{
	for (int i = 0; i < 24; i++) {
		struct arena *arena = arena_new();
		struct outbox_entry *entries;
		struct draft *draft = letter(state), *left;
		struct outbox *outbox;
		struct draft_list list;
		char *id = mem_strdup(draft->id);
		size_t count = 0, before = 0;
		pid_t pid;

		outbox = outbox_open(NULL);
		assert_int_equal(outbox_list(outbox, true, arena, &entries, &before, NULL), 0);
		outbox_close(&outbox);
		assert_int_equal(draft_save(draft, NULL), 0);
		draft_free(&draft);
		pid = fork();
		if (pid == 0) {
			draft = draft_load(id, NULL);
			send_draft(compose_of(state), draft, -1, NULL);
			_exit(0);
		}
		usleep((useconds_t)(i * 1500));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_int_equal(draft_list_load(&list, NULL), 0);
		if (list.count) {
			left = draft_load(list.items[0].id, NULL);
			assert_non_null(left);
			send(state, left, -1);
			draft_free(&left);
		}
		draft_list_free(&list);
		outbox = outbox_open(NULL);
		assert_int_equal(outbox_list(outbox, true, arena, &entries, &count, NULL), 0);
		outbox_close(&outbox);
		assert_int_equal(count, before + 1);
		assert_int_equal(count_in(state, "Sent"), i + 1);
		assert_int_equal(drafts_left(), 0);
		arena_free(&arena);
		free(id);
	}
}

/* --- postponing
 * ------------------------------------------------------------------------------------------ */

static void an_answered_letter_says_so(void **state)
{
	static const char text[] =
	    "From: a@example.org\nTo: me@localhost\nMessage-ID: <q1@x>\n\nquestion\n";
	const struct account *account = &((struct person *)*state)->account;
	struct box_delivery delivery = {.data = text, .len = sizeof text - 1, .fd = -1};
	struct mime_message *message = mime_parse(text, sizeof text - 1, NULL);
	char *path = path_join(account->path, "INBOX");
	struct arena *arena = arena_new();
	struct message row;
	struct draft *draft;
	struct store *store;
	struct box *box;
	int64_t id = 0;

	assert_int_equal(box_make(path, BOX_MAILDIR, NULL), 0);
	box = box_open(path, false, NULL);
	assert_int_equal(box_deliver(box, &delivery, NULL, NULL), 0);
	box_close(&box);
	store = store_open(account, NULL, NULL);
	assert_non_null(store);
	assert_true(store_index(store, 0, NULL, NULL, NULL) >= 0);
	draft = reply_make(compose_of(state), message, REPLY_SENDER, "home", NULL, NULL);
	send(state, draft, -1);
	assert_int_equal(store_message_by_message_id(store, "q1@x", &id, NULL), 1);
	assert_int_equal(store_message(store, id, arena, &row, NULL), 1);
	assert_true(row.flags & BOX_ANSWERED);
	store_close(&store);
	draft_free(&draft);
	mime_free(&message);
	arena_free(&arena);
	free(path);
}

static struct draft *resume(void **state)
{
	char *path = path_join(((struct person *)*state)->account.path, "Drafts");
	struct box *box = box_open(path, true, NULL);
	struct box_message bytes;
	struct mime_message *message;
	struct draft *draft;
	struct buf key = BUF_INIT;
	char *command = mem_printf("ls '%s/cur'", path);
	FILE *names = popen(command, "r");
	char name[256] = "";

	assert_non_null(fgets(name, sizeof name, names));
	pclose(names);
	assert_non_null(strstr(name, ":2,DS\n"));
	buf_add(&key, name, strcspn(name, ":"));
	assert_int_equal(box_message_open(box, key.data, &bytes, NULL), 0);
	message = mime_parse(bytes.data, bytes.len, NULL);
	draft = recall_postponed(compose_of(state), message, path, key.data, "home", NULL);
	mime_free(&message);
	box_message_close(&bytes);
	box_close(&box);
	buf_free(&key);
	free(command);
	free(path);
	return draft;
}

static void a_postponed_letter_is_resumed_whole(void **state)
{
	struct draft *draft = letter(state);
	struct buf bytes = BUF_INIT;

	draft_set(&draft->to, "lena@example.org, ol_");
	draft_set(&draft->in_reply_to, "1@x");
	draft_set(&draft->references, "0@x 1@x");
	draft_set_body(draft, "long  spaces \n\xc3\xa4\n\n-- \nsig", 26);
	assert_int_equal(attach_bytes(draft, "x.bin", NULL, "a\0b", 3, NULL), 0);
	assert_int_equal(draft_save(draft, NULL), 0);
	assert_int_equal(recall_postpone(compose_of(state), draft, NULL), 0);
	assert_int_equal(drafts_left(), 0);
	draft_free(&draft);
	draft = resume(state);
	assert_non_null(draft);
	assert_string_equal(draft->to, "lena@example.org, ol_");
	assert_string_equal(draft->bcc, "hidden@example.org");
	assert_string_equal(draft->in_reply_to, "1@x");
	assert_string_equal(draft->references, "0@x 1@x");
	assert_string_equal(draft->body, "long  spaces \n\xc3\xa4\n\n-- \nsig");
	assert_string_equal(draft->from, "\"J\xc3\xb6rg, Me\" <me@localhost>");
	assert_int_equal(draft->attachment_count, 1);
	assert_int_equal(attach_read(draft, 0, &bytes, NULL), 0);
	assert_memory_equal(bytes.data, "a\0b", 3);
	assert_int_equal(count_in(state, "Drafts"), 1);
	draft_set(&draft->to, "lena@example.org");
	send(state, draft, 0);
	assert_int_equal(count_in(state, "Drafts"), 0);
	buf_free(&bytes);
	draft_free(&draft);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_person, remove_person)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_plain_letter_is_built),
	    T(bcc_never_leaves),
	    T(long_lines_and_long_fields_are_folded),
	    T(encoded_text_comes_back),
	    T(no_text_makes_a_field),
	    T(attachments_come_back_byte_for_byte),
	    T(a_foreign_type_cannot_break_out),
	    T(a_letter_goes_into_the_outbox_and_sent),
	    T(sending_twice_sends_once),
	    T(what_is_taken_back_is_a_draft_again),
	    T(what_was_no_draft_is_not_taken_back),
	    T(what_is_on_its_way_is_no_draft_again),
	    T(what_cannot_go_stays_a_draft),
	    T(a_killed_send_is_finished_once),
	    T(an_answered_letter_says_so),
	    T(a_postponed_letter_is_resumed_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
