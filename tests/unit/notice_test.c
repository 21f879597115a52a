#include "config.h"
#include "store/notice/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"

static void every_field_goes_round(void **state)
{
	struct notice in = {.kind = NOTICE_PROGRESS,
			    .account = "home",
			    .folder = 17,
			    .id = -1,
			    .revision = INT64_MAX,
			    .done = 3,
			    .total = INT64_MIN,
			    .code = 75,
			    .text = "a\tb\nc\\d \x1b[31m=\x7f \xd1\x8f"};
	struct notice out;
	struct buf line = BUF_INIT;

	(void)state;
	notice_format(&in, &line);
	assert_int_equal(line.data[line.len - 1], '\n');
	assert_null(memchr(line.data, '\n', line.len - 1));
	assert_null(memchr(line.data, '\x1b', line.len));
	assert_int_equal(notice_parse(line.data, line.len - 1, &out), 0);
	assert_int_equal(out.kind, in.kind);
	assert_string_equal(out.account, in.account);
	assert_string_equal(out.text, in.text);
	assert_int_equal(out.folder, 17);
	assert_int_equal(out.id, -1);
	assert_true(out.revision == INT64_MAX && out.total == INT64_MIN);
	assert_int_equal(out.done, 3);
	assert_int_equal(out.code, 75);
	buf_free(&line);
}

static void every_kind_has_a_name(void **state)
{
	int kind;

	(void)state;
	for (kind = NOTICE_HELLO; kind < NOTICE_KIND_COUNT; kind++) {
		const char *name = notice_name((enum notice_kind)kind);
		struct notice out;

		assert_non_null(name);
		assert_int_equal(notice_parse(name, strlen(name), &out), 0);
		assert_int_equal(out.kind, kind);
	}
}

static void nonsense_is_refused(void **state)
{
	static const char *const lines[] = {
	    "",
	    "none",
	    "bogus",
	    "ring\tx",
	    "ring\tid=",
	    "ring\tid=1x",
	    "ring\tid=99999999999999999999",
	    "ring\ttext=\\0",
	    "ring\ttext=\\zz",
	    "ring\ttext=\\00",
	};
	struct notice out;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_int_equal(notice_parse(lines[i], strlen(lines[i]), &out), -1);
	assert_int_equal(notice_parse("ring\ttext=a\0b", 13, &out), -1);
	assert_int_equal(notice_parse("ring\tnewer=1\tid=4", 17, &out), 0);
	assert_int_equal(out.id, 4);
}

static void long_text_is_cut(void **state)
{
	struct buf line = BUF_INIT;
	struct notice out;
	int i;

	(void)state;
	buf_add_str(&line, "error\tid=7\ttext=");
	for (i = 0; i < 3000; i++)
		buf_add_char(&line, 'x');
	buf_add_str(&line, "\tcode=5");
	assert_int_equal(notice_parse(line.data, line.len, &out), 0);
	assert_int_equal(strlen(out.text), sizeof out.text - 1);
	assert_int_equal(out.code, 5);
	buf_free(&line);
}

static void make_pair(struct notice_conn *ends[2])
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ends[0] = notice_conn_new(fds[0]);
	ends[1] = notice_conn_new(fds[1]);
}

static void a_pair_talks_in_order(void **state)
{
	struct notice_conn *ends[2];
	struct notice out, in = {.kind = NOTICE_PING};
	int i;

	(void)state;
	make_pair(ends);
	assert_int_equal(notice_read(ends[1], &out), 0);
	for (i = 1; i <= 100; i++) {
		in.id = i;
		assert_int_equal(notice_send(ends[0], &in), 0);
	}
	for (i = 1; i <= 100; i++) {
		assert_int_equal(notice_wait(ends[1], 1000, &out), 1);
		assert_int_equal(out.id, i);
	}
	assert_int_equal(notice_read(ends[1], &out), 0);
	notice_send(ends[0], &in);
	notice_conn_free(&ends[0]);
	assert_int_equal(notice_read(ends[1], &out), 1); /* what came before the end is not lost */
	assert_int_equal(notice_read(ends[1], &out), -1);
	notice_conn_free(&ends[1]);
}

static void an_end_that_never_reads_is_gone(void **state)
{
	struct notice_conn *ends[2];
	struct notice in = {.kind = NOTICE_ERROR};
	int i, rc = 0;

	(void)state;
	make_pair(ends);
	memset(in.text, 'x', sizeof in.text - 1);
	for (i = 0; i < 10000 && rc == 0; i++)
		rc = notice_send(ends[0], &in);
	assert_int_equal(rc, -1);
	assert_true(i > 100);
	notice_conn_free(&ends[0]);
	notice_conn_free(&ends[1]);
}

static void an_endless_line_ends_the_talk(void **state)
{
	struct notice_conn *ends[2];
	struct notice out;
	char line[20000];

	(void)state;
	make_pair(ends);
	memset(line, 'x', sizeof line);
	assert_int_equal(write(notice_conn_fd(ends[0]), line, sizeof line), sizeof line);
	assert_int_equal(notice_read(ends[1], &out), -1);
	notice_conn_free(&ends[0]);
	notice_conn_free(&ends[1]);
}

static void the_socket_is_ours_alone(void **state)
{
	char path[300];
	struct stat st;
	struct notice_conn *client, *server;
	struct notice out, in = {.kind = NOTICE_WATCH, .account = "home"};
	int listener, fd;

	(void)state;
	assert_null(notice_connect(NULL));
	notice_ring("home"); /* nobody there: nothing happens */
	listener = notice_listen(NULL);
	assert_true(listener >= 0);
	snprintf(path, sizeof path, "%s/run/ternd.sock", getenv("TERN_HOME"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	client = notice_connect(NULL);
	assert_non_null(client);
	fd = notice_accept(listener);
	assert_true(fd >= 0);
	server = notice_conn_new(fd);
	notice_send(client, &in);
	assert_int_equal(notice_wait(server, 1000, &out), 1);
	assert_string_equal(out.account, "home");
	notice_conn_free(&client);
	notice_conn_free(&server);
	close(listener);
	assert_null(notice_connect(NULL)); /* stale */
	listener = notice_listen(NULL);	   /* replaced */
	assert_true(listener >= 0);
	notice_ring("work");
	server = notice_conn_new(notice_accept(listener));
	assert_int_equal(notice_send(server, &in), -1);
	assert_int_equal(notice_wait(server, 1000, &out), 1); /* the ring is heard all the same */
	assert_int_equal(out.kind, NOTICE_RING);
	assert_string_equal(out.account, "work");
	notice_conn_free(&server);
	close(listener);
}

static void one_agent_a_home(void **state)
{
	struct err err = ERR_INIT;
	int lock = notice_lock(&err), second;

	(void)state;
	assert_true(lock >= 0);
	second = notice_lock(&err);
	assert_int_equal(second, -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	close(lock);
	lock = notice_lock(&err);
	assert_true(lock >= 0);
	close(lock);
}

static void a_long_home_works_too(void **state)
{
	char dir[400], *old = strdup(getenv("TERN_HOME"));

	snprintf(dir, sizeof dir, "%s/%0150d", old, 7);
	setenv("TERN_HOME", dir, 1);
	the_socket_is_ours_alone(state);
	setenv("TERN_HOME", old, 1);
	free(old);
}

static int make_home(void **state)
{
	char *dir = strdup("/tmp/tern-test-XXXXXX");

	*state = dir;
	return mkdtemp(dir) && setenv("TERN_HOME", dir, 1) == 0 ? 0 : -1;
}

static int remove_home(void **state)
{
	char command[64];
	int rc;

	snprintf(command, sizeof command, "rm -rf %s", (char *)*state);
	rc = system(command);
	free(*state);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field_goes_round),
	    cmocka_unit_test(every_kind_has_a_name),
	    cmocka_unit_test(nonsense_is_refused),
	    cmocka_unit_test(long_text_is_cut),
	    cmocka_unit_test(a_pair_talks_in_order),
	    cmocka_unit_test(an_end_that_never_reads_is_gone),
	    cmocka_unit_test(an_endless_line_ends_the_talk),
	    cmocka_unit_test(the_socket_is_ours_alone),
	    cmocka_unit_test(one_agent_a_home),
	    cmocka_unit_test(a_long_home_works_too),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
