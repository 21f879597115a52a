#include "config.h"
#include "net/io/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/io/ask.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/loop.h"
#include "store/base/path.h"
#include "store/base/words.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

static char dir[] = "/tmp/tern-secret-XXXXXX";

static struct account account_with(char **key, char **value, size_t count)
{
	return (struct account){
	    .name = (char *)"work", .keys = key, .values = value, .setting_count = count};
}

static char *write_file(const char *name, const char *text, mode_t mode)
{
	static char path[200];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static int get(const char *key, const char *value, bool is_retry, struct ask *ask, struct buf *secret,
	       struct err *err)
{
	char *keys[] = {(char *)key}, *values[] = {(char *)value};
	struct account account = account_with(keys, values, key ? 1 : 0);

	buf_clear(secret);
	err_clear(err);
	return secret_get(&account, "alice", "mail.example.test", is_retry, ask, secret, err);
}

static void test_words(void **state)
{
	char **words = words_split("  pass show 'my mail' \"a\\\"b\"c \\ x '' $HOME", NULL);
	static const char *const want[] = {"pass", "show", "my mail", "a\"bc", " x", "", "$HOME"};
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 7; i++)
		assert_string_equal(words[i], want[i]);
	assert_null(words[7]);
	free(words);
	assert_null(words_split("pass 'x", &err));
	assert_null(words_split("  ", &err));
}

static void test_command(void **state)
{
	struct buf secret = BUF_INIT;
	struct err err = ERR_INIT;
	char line[300];

	(void)state;
	snprintf(line, sizeof line, "cat %s", write_file("two", "s3 cret\r\nlogin: alice\n", 0600));
	assert_int_equal(get("password-command", line, false, NULL, &secret, &err), 0);
	assert_string_equal(buf_str(&secret), "s3 cret");
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
	assert_int_equal(get("password-command", line, true, NULL, &secret, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(get("password-command", "false", false, NULL, &secret, &err), -1);
	assert_int_equal(get("password-command", "/nonexistent/x", false, NULL, &secret, &err), -1);
	assert_int_equal(get("password-command", "true", false, NULL, &secret, &err), -1);
	snprintf(line, sizeof line, "printf x; touch %s/run", dir);
	get("password-command", line, false, NULL, &secret, &err); /* no shell */
	snprintf(line, sizeof line, "%s/run", dir);
	assert_int_not_equal(access(line, F_OK), 0);
	secret_wipe(&secret);
}

static void test_file(void **state)
{
	struct buf secret = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(get("password-file", write_file("good", "pa ss\n", 0600), false, NULL, &secret, &err), 0);
	assert_string_equal(buf_str(&secret), "pa ss");
	assert_int_equal(get("password-file", write_file("open", "x\n", 0640), false, NULL, &secret, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(secret.len, 0);
	assert_int_equal(get("password-file", "/dev/null", false, NULL, &secret, &err), -1);
	assert_int_equal(get("password-file", "/nonexistent", false, NULL, &secret, &err), -1);
	if (geteuid() == 0) {
		char *path = write_file("foreign", "x\n", 0600);

		assert_int_equal(chown(path, 12345, 12345), 0);
		assert_int_equal(get("password-file", path, false, NULL, &secret, &err), -1);
	}
	secret_wipe(&secret);
}

/* A keyring's program of our own first in PATH. */
/* Who typed a password knows nothing of the file that it is kept in. */
static void test_refused(void **state)
{
	struct err err = ERR_INIT;
	struct buf secret = BUF_INIT, word = BUF_INIT;
	char *own;

	(void)state;
	setenv("TERN_HOME", dir, 1);
	buf_add_str(&word, "typed");
	own = secret_keep_file("work", &word, &err);
	assert_non_null(own);
	assert_int_equal(get("password-file", own, true, NULL, &secret, &err), -1);
	assert_string_equal(err.text, "The server refused the password.");
	assert_int_equal(get("password-file", "/home/me/pw", true, NULL, &secret, &err), -1);
	assert_string_equal(err.text, "The server refused the password that \"password-file\" gives.");
	assert_int_equal(secret_remove_file("work", &err), 0);
	unsetenv("TERN_HOME");
	free(own);
	buf_free(&word);
	buf_free(&secret);
}

static void test_keyring(void **state)
{
	struct buf secret = BUF_INIT;
	struct err err = ERR_INIT;
	char path[4096];
	const char *old = getenv("PATH");

	(void)state;
	write_file("secret-tool",
		   "#!/bin/sh\n[ \"$1 $3 $5 $7\" = 'lookup tern alice mail.example.test' ] && printf 'from ring'\n",
		   0755);
	snprintf(path, sizeof path, "%s:%s", dir, old);
	setenv("PATH", path, 1);
	setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", 1);
	assert_int_equal(get(NULL, NULL, false, NULL, &secret, &err), 0);
	assert_string_equal(buf_str(&secret), "from ring");
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	unsetenv("XDG_RUNTIME_DIR");
	assert_int_equal(get(NULL, NULL, false, NULL, &secret, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	secret_wipe(&secret);
}

/* --- asking -------------------------------------------------------------------------------------- */

/* The agent's end in a child: answers the questions with these. */
static pid_t answer_all(int fd, const char *const *texts, const int *codes, int count)
{
	pid_t pid = fork();
	struct notice_conn *conn;
	struct notice notice;

	if (pid != 0)
		return pid;
	conn = notice_conn_new(fd);
	for (int i = 0; i < count; i++) {
		struct notice answer = {.kind = NOTICE_ANSWER}, stray = answer;

		if (notice_wait(conn, 10000, &notice) <= 0 || notice.kind != NOTICE_ASK)
			_exit(1);
		if (strncmp(notice.text, "password ", 9) != 0 || strcmp(notice.account, "work") != 0)
			_exit(2);
		stray.id = notice.id + 1;
		stray.code = 1;
		snprintf(stray.text, sizeof stray.text, "not for you");
		answer.id = notice.id;
		answer.code = codes[i];
		snprintf(answer.text, sizeof answer.text, "%s", texts[i]);
		notice_send(conn, &stray);
		notice_send(conn, &answer);
	}
	notice_conn_free(&conn);
	_exit(0);
}

static void test_ask(void **state)
{
	static const char *const texts[] = {"typed", "", "", "again"};
	static const int codes[] = {REPLY_YES, REPLY_NO, REPLY_NOBODY, REPLY_YES};
	struct buf secret = BUF_INIT, kept = BUF_INIT;
	struct err err = ERR_INIT;
	int ends[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = answer_all(ends[1], texts, codes, 4);
	close(ends[1]);
	struct ask ask = {.conn = notice_conn_new(ends[0]), .account = "work", .limit_ms = 10000, .kept = &kept};
	assert_int_equal(get(NULL, NULL, false, &ask, &secret, &err), 0);
	assert_string_equal(buf_str(&secret), "typed");
	assert_int_equal(get(NULL, NULL, false, &ask, &secret, &err), 0); /* not asked again */
	assert_string_equal(buf_str(&secret), "typed");
	assert_int_equal(get(NULL, NULL, true, &ask, &secret, &err), -1);
	assert_int_equal(err.kind, ERR_CANCELLED);
	assert_int_equal(get(NULL, NULL, true, &ask, &secret, &err), -1);
	assert_int_equal(err.kind, ERR_TEMPORARY);
	assert_int_equal(get(NULL, NULL, true, &ask, &secret, &err), 0);
	assert_string_equal(buf_str(&secret), "again");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	ask.limit_ms = 50;
	assert_int_equal(get(NULL, NULL, true, &ask, &secret, &err), -1); /* the agent is gone */
	notice_conn_free(&ask.conn);
	secret_wipe(&secret);
	secret_wipe(&kept);
}

/* Who is told to end does not wait for a program that asks a person. */
static void test_quit(void **state)
{
	struct notice quit = {.kind = NOTICE_QUIT};
	struct buf secret = BUF_INIT;
	struct err err = ERR_INIT;
	struct notice_conn *agent;
	int64_t begun = loop_now_ms();
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	agent = notice_conn_new(ends[1]);
	struct ask ask = {.conn = notice_conn_new(ends[0]), .account = "work"};
	notice_send(agent, &quit);
	assert_int_equal(get("password-command", "sleep 50", false, &ask, &secret, &err), -1);
	assert_int_equal(err.kind, ERR_CANCELLED);
	assert_true(loop_now_ms() - begun < 40000);
	notice_conn_free(&agent);
	notice_conn_free(&ask.conn);
	secret_wipe(&secret);
}

static int token_cancelled(struct err *err)
{
	char *keys[] = {(char *)"oauth-client-id", (char *)"oauth-token-url", (char *)"oauth-authorize-url"};
	char *values[] = {(char *)"c", (char *)"https://127.0.0.1:1/", (char *)"https://127.0.0.1:1/"};
	struct account account = {.name = (char *)"held",
				  .address = (char *)"a@example.org",
				  .keys = keys,
				  .values = values,
				  .setting_count = 3};
	struct notice quit = {.kind = NOTICE_QUIT};
	struct buf secret = BUF_INIT;
	struct notice_conn *agent;
	int ends[2], rc;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	agent = notice_conn_new(ends[1]);
	struct ask ask = {.conn = notice_conn_new(ends[0]), .account = "held"};
	notice_send(agent, &quit);
	rc = secret_token(&account, false, &ask, &secret, err);
	notice_conn_free(&agent);
	notice_conn_free(&ask.conn);
	secret_wipe(&secret);
	return rc;
}

/* Nor for another worker that asks for a token, which may take its time. */
static void test_quit_beside_another(void **state)
{
	struct err err = ERR_INIT;
	char path[300];
	int fd;

	(void)state;
	setenv("TERN_HOME", dir, 1);
	snprintf(path, sizeof path, "%s/data/tokens", dir);
	assert_int_equal(path_make_dirs(path, &err), 0);
	snprintf(path, sizeof path, "%s/data/tokens/held.lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	alarm(30);
	assert_int_equal(token_cancelled(&err), -1);
	alarm(0);
	assert_int_equal(err.kind, ERR_CANCELLED);
	unsetenv("TERN_HOME");
	close(fd);
}

static int clean(void **state)
{
	char line[300];

	(void)state;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* for the leak check */
	snprintf(line, sizeof line, "rm -rf %s", dir);
	return system(line) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),   cmocka_unit_test(test_command), cmocka_unit_test(test_file),
	    cmocka_unit_test(test_keyring), cmocka_unit_test(test_ask),
	    cmocka_unit_test(test_quit), cmocka_unit_test(test_quit_beside_another),    cmocka_unit_test(test_refused),
	};

	if (!mkdtemp(dir))
		return 1;
	return cmocka_run_group_tests(tests, NULL, clean);
}
