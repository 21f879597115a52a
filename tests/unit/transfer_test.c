#include "config.h"
#include "net/transfer/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/deliver/alias.h"
#include "net/deliver/local.h"
#include "net/supervisor.h"
#include "net/transfer/bounce.h"
#include "net/transfer/retry.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/mail/outbox.h"
#include "store/mime/mime.h"

static void tries_grow_rare_and_end(void **state)
{
	static const int minutes[] = {1, 5, 15, 30, 60, 60, 60};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(minutes); i++)
		assert_int_equal(retry_next((int)i + 1, 1000, 2000), 2000 + minutes[i] * 60);
	assert_int_equal(retry_next(0, 1000, 2000), 2060);
	assert_int_equal(retry_next(9, 1000, 1000 + RETRY_LIFE_S - 1),
			 1000 + RETRY_LIFE_S - 1 + 3600);
	assert_int_equal(retry_next(9, 1000, 1000 + RETRY_LIFE_S), 0);
}

static void who_crashes_rests_longer(void **state)
{
	int failures = 0, i;
	int64_t last = 0;

	(void)state;
	assert_int_equal(supervisor_rest_ms(&failures, 0), 1000);
	assert_int_equal(supervisor_rest_ms(&failures, 10), 2000);
	for (i = 0; i < 100; i++)
		last = supervisor_rest_ms(&failures, 10);
	assert_int_equal(last, 60000);
	assert_int_equal(supervisor_rest_ms(&failures, 3600000), 1000);
}

static void aliases_are_read(void **state)
{
	static const char text[] =
	    "# comment\nteam: bob,\n\tcarl@x.org , me\n\n  # inside\nMe : you\n"
	    "bad line\n: none\nprog: |/bin/sh, /tmp/f, :include:/x, \"q\", ok\nlast: x";
	struct alias_list list = {.count = 0};

	(void)state;
	alias_parse(&list, text, sizeof text - 1, "test");
	assert_int_equal(alias_find(&list, "TEAM")->target_count, 3);
	assert_string_equal(alias_find(&list, "team")->targets[1], "carl@x.org");
	assert_int_equal(alias_find(&list, "prog")->target_count, 1);
	assert_string_equal(alias_find(&list, "prog")->targets[0], "ok");
	assert_string_equal(alias_find(&list, "last")->targets[0], "x");
	assert_null(alias_find(&list, ""));
	alias_list_free(&list);
}

static void write_file(const char *name, const char *text)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof path, "%s/config/%s", getenv("TERN_HOME"), name);
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
	chmod(path, 0600);
}

static struct local *open_local(void)
{
	struct err err = ERR_INIT;
	struct local *local;

	write_file("config", "[account home]\nkind = local\naddress = me@localhost\n"
			     "[account work]\nkind = local\naddress = Boss@Work.Example\n"
			     "[account far]\nkind = imap\naddress = me@far.example\n");
	local = local_open(&err);
	assert_non_null(local);
	return local;
}

static void addresses_have_their_place(void **state)
{
	static const struct {
		const char *addr, *account; /* NULL: elsewhere, "": nobody */
	} known[] = {
	    {"me@localhost", "home"},
	    {"ME@LOCALHOST", "home"},
	    {"me", "home"},
	    {"me+x@localhost", "home"},
	    {"boss@work.example", "work"},
	    {"boss+x@work.example", "work"},
	    {"boss", "work"},
	    {"boss@localhost", "work"},
	    {"postmaster", "home"},
	    {"nobody@localhost", ""},
	    {"+", ""},
	    {"other@work.example", NULL},
	    {"me@far.example", NULL},
	    {"me@localhost.example", NULL},
	    {"a@b@localhost", ""},
	};
	struct local *local = open_local();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(known); i++) {
		const struct account *account;
		enum local_verdict verdict = local_find(local, known[i].addr, &account);

		if (!known[i].account)
			assert_int_equal(verdict, LOCAL_ELSEWHERE);
		else if (!*known[i].account)
			assert_int_equal(verdict, LOCAL_NOBODY);
		else
			assert_string_equal(account->name, known[i].account);
	}
	local_close(&local);
}

static void ways_are_found(void **state)
{
	struct local *local = open_local();
	struct outbox_entry entry = {.account = (char *)"", .sender = (char *)"me@localhost"};
	struct route route;

	(void)state;
	route_find(local, &entry, "me", &route);
	assert_int_equal(route.kind, ROUTE_LOCAL);
	route_find(local, &entry, "nobody", &route);
	assert_int_equal(route.kind, ROUTE_NONE);
	assert_string_equal(route.status, "5.1.1");
	route_find(local, &entry, "you@example.org", &route);
	assert_int_equal(route.kind, ROUTE_NONE);
	assert_string_equal(route.status, "5.4.4");
	assert_true(strlen(route.sentence) > 20);
	local_close(&local);
}

static void another_accounts_server_is_not_taken(void **state)
{
	static const struct {
		const char *account, *sender, *by; /* NULL: by none */
	} known[] = {
	    {"mail", "me@mail.example", "mail"}, {"home", "me@localhost", "mail"}, {"", "who@ever.example", "mail"},
	    {"work", "me@work.example", NULL},	 {"", "me@work.example", NULL},	   {"pop", "me@mail.example", NULL},
	};
	struct local *local;
	size_t i;

	(void)state;
	write_file("config", "[mail]\ndefault-account = mail\n"
			     "[account mail]\nkind = imap\naddress = me@mail.example\nsubmission = localhost\n"
			     "[account home]\nkind = local\naddress = me@localhost\n"
			     "[account work]\nkind = imap\naddress = me@work.example\n"
			     "[account pop]\nkind = pop3\naddress = me@pop.example\n");
	local = local_open(NULL);
	assert_non_null(local);
	for (i = 0; i < ARRAY_COUNT(known); i++) {
		struct outbox_entry entry = {.account = (char *)known[i].account, .sender = (char *)known[i].sender};
		struct route route;

		route_find(local, &entry, "you@example.org", &route);
		assert_int_equal(route.kind, known[i].by ? ROUTE_SUBMISSION : ROUTE_NONE);
		if (known[i].by) {
			assert_string_equal(route.account->name, known[i].by);
			continue;
		}
		assert_string_equal(route.status, "5.4.4");
		assert_non_null(strstr(route.sentence, *known[i].account ? known[i].account : "work"));
	}
	local_close(&local);
}

/* Targets of ADDR joined by blanks. */
static void expect_targets(struct local *local, const char *addr, const char *wanted)
{
	const char **targets;
	struct buf text = BUF_INIT;
	int i, count = local_expand(local, addr, &targets, NULL);

	for (i = 0; i < count; i++)
		buf_printf(&text, "%s%s", i ? " " : "", targets[i]);
	assert_string_equal(buf_str(&text), wanted);
	buf_free(&text);
	free(targets);
}

static void aliases_are_followed(void **state)
{
	struct local *local;

	(void)state;
	write_file("aliases",
		   "team: a, b\na: me, c@x\nb: me, d\nloop: loop2\nloop2: loop\nme: me, copy\n");
	local = open_local();
	expect_targets(local, "team", "me c@x d copy");
	expect_targets(local, "TEAM+x@localhost", "me c@x d copy");
	expect_targets(local, "team@elsewhere.example", "team@elsewhere.example");
	expect_targets(local, "loop", "");
	expect_targets(local, "nobody", "nobody");
	local_close(&local);
}

static void a_bounce_says_it_to_people_and_programs(void **state)
{
	char texts[][24] = {"bob@x\xff", "5.1.1", "No such\nEvil: field", "carl", "",
			    "gr\xc3\xbc\xc3\x9f", "id@x", "env", "hdrs"};
	struct outbox_recipient failed[] = {
	    {.addr = texts[0], .status = texts[1], .reply = texts[2], .last_try = 1704110400},
	    {.addr = texts[3], .status = texts[4], .reply = texts[4]}};
	const struct outbox_recipient *list[] = {&failed[0], &failed[1]};
	struct outbox_entry entry = {.id = 7,
				     .subject = texts[5],
				     .message_id = texts[6],
				     .added = 1704110400,
				     .dsn_envid = texts[7]};
	struct bounce bounce = {.entry = &entry,
				.failed = list,
				.failed_count = 2,
				.letter = SPAN("Subject: x\r\nX: \xff\r\n\r\nbody\r\n"),
				.to = "me@localhost",
				.host = "here",
				.now = 1704110400};
	struct buf text = BUF_INIT;
	struct mime_message *message;
	char first[65], second[65];

	(void)state;
	bounce_write(&bounce, &text);
	assert_null(memchr(text.data, '\r', text.len));
	assert_null(strstr(text.data, "\nEvil:"));
	assert_non_null(strstr(
	    text.data, "\nFinal-Recipient: rfc822; bob@x?\nAction: failed\nStatus: 5.1.1\n"));
	assert_non_null(
	    strstr(text.data, "\nFinal-Recipient: rfc822; carl\nAction: failed\nStatus: 5.0.0\n"));
	assert_non_null(strstr(text.data, "\nOriginal-Envelope-Id: env\n"));
	message = mime_parse(text.data, text.len, NULL);
	assert_string_equal(message->root.type, "multipart/report");
	assert_string_equal(message->root.first_child->type, "text/plain");
	assert_string_equal(message->root.first_child->next->type, "message/delivery-status");
	assert_string_equal(message->root.first_child->next->next->type, "message/rfc822");
	mime_free(&message);
	bounce_unique(&bounce, first);
	bounce.now++;
	bounce_unique(&bounce, second);
	assert_string_equal(first, second);
	bounce.failed_count = 1;
	bounce_unique(&bounce, second);
	assert_string_not_equal(first, second);
	buf_clear(&text);
	entry.dsn_ret = texts[8];
	bounce_write(&bounce, &text);
	assert_null(strstr(text.data, "body"));
	assert_non_null(strstr(text.data, "text/rfc822-headers"));
	buf_free(&text);
}

static int make_home(void **state)
{
	char dir[] = "/tmp/tern-test-XXXXXX", config[64];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(config, sizeof config, "%s/config", dir);
	return mkdir(config, 0700) < 0 || setenv("TERN_HOME", dir, 1) < 0 ? -1 : 0;
}

static int remove_home(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", getenv("TERN_HOME"));
	return system(command);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_home, remove_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(tries_grow_rare_and_end),
	    TEST(who_crashes_rests_longer),
	    TEST(aliases_are_read),
	    TEST(addresses_have_their_place),
	    TEST(ways_are_found),
	    TEST(another_accounts_server_is_not_taken),
	    TEST(aliases_are_followed),
	    TEST(a_bounce_says_it_to_people_and_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
