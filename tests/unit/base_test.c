#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/jv.h"
#include "store/base/loop.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"

static char *scratch_dir(void)
{
	char *dir = mem_strdup("/tmp/tern-base-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void an_arena_gives_zeroed_memory_that_stays(void **state)
{
	struct arena *arena = arena_new();
	char *text[1000];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		text[i] = arena_printf(arena, "text %d", i);
	for (i = 0; i < 1000; i++) {
		char want[32];

		snprintf(want, sizeof want, "text %d", i);
		assert_string_equal(text[i], want);
	}
	assert_int_equal(*(char *)arena_alloc(arena, 100000), 0);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(*(char *)arena_alloc(arena, 64), 0);
	arena_free(&arena);
	assert_null(arena);
}

static void a_buf_holds_any_bytes_and_a_nul_behind(void **state)
{
	struct buf buf = BUF_INIT;
	char *taken;

	(void)state;
	assert_string_equal(buf_str(&buf), "");
	buf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.len, 3);
	assert_int_equal(buf.data[3], '\0');
	buf_remove(&buf, 1, 1);
	buf_insert(&buf, 1, "--", 2);
	buf_printf(&buf, "%d", 42);
	assert_string_equal(buf_str(&buf), "a--b42");
	buf_remove(&buf, 4, 100);
	taken = buf_take(&buf);
	assert_string_equal(taken, "a--b");
	assert_null(buf.data);
	free(taken);
}

/* Against an array, over many random steps: removal closes gaps without losing keys. */
static void a_map_agrees_with_an_array(void **state)
{
	struct map *map = map_new();
	intptr_t model[300] = {0};
	size_t at = 0, seen = 0;
	const char *key;
	void *value;
	int i;

	(void)state;
	srand(7);
	for (i = 0; i < 20000; i++) {
		int which = rand() % 300;
		char name[32];

		snprintf(name, sizeof name, "key %d", which);
		assert_int_equal((intptr_t)map_get(map, name), model[which]);
		if (rand() % 2) {
			assert_int_equal((intptr_t)map_set(map, name, (void *)(intptr_t)(i + 1)),
					 model[which]);
			model[which] = i + 1;
		} else {
			assert_int_equal((intptr_t)map_remove(map, name), model[which]);
			model[which] = 0;
		}
	}
	while (map_next(map, &at, &key, &value))
		seen++;
	assert_int_equal(seen, map_count(map));
	map_free(&map, NULL);
}

static void spans_split_trim_and_compare(void **state)
{
	struct span rest = SPAN("a,,b"), piece;
	char joined[16] = "";

	(void)state;
	while (span_split(&rest, ',', &piece)) {
		strncat(joined, piece.data, piece.len);
		strcat(joined, "|");
	}
	assert_string_equal(joined, "a||b|");
	assert_true(span_equal(span_trim(SPAN(" \t x y\r\n")), SPAN("x y")));
	assert_true(span_equal_nocase(SPAN("SubJect"), "subject"));
	assert_false(span_starts_nocase(SPAN("sub"), "subject"));
}

static void numbers_are_whole_or_refused(void **state)
{
	long long value;

	(void)state;
	assert_int_equal(str_to_long("-12", &value), 0);
	assert_int_equal(value, -12);
	assert_int_equal(str_to_long("", &value), -1);
	assert_int_equal(str_to_long("12x", &value), -1);
	assert_int_equal(str_to_long(" 12", &value), -1);
	assert_int_equal(str_to_long("99999999999999999999", &value), -1);
}

static void the_nearest_word_is_named(void **state)
{
	static const char *const words[] = {"sort-order", "sidebar", "theme", NULL};

	(void)state;
	assert_string_equal(str_nearest("sort-oder", words), "sort-order");
	assert_string_equal(str_nearest("SIDEBR", words), "sidebar");
	assert_null(str_nearest("xyzzy", words));
}

static void an_error_reads_from_the_outside_in(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(err_errno(&err, "writing"), -1);
	assert_int_equal(err_add(&err, "saving \"%s\"", "x"), -1);
	assert_string_equal(err.text, "saving \"x\": writing: No space left on device");
	assert_int_equal(err.kind, ERR_TEMPORARY);
	assert_int_equal(err_exit_code(&err), 75);
	assert_int_equal(err_set(NULL, "nobody asks"), -1);
}

static void tern_home_holds_everything(void **state)
{
	char *path;

	(void)state;
	setenv("TERN_HOME", "/tmp//th/./x", 1);
	path = path_in(PATH_CONFIG, "config");
	assert_string_equal(path, "/tmp/th/x/config/config");
	free(path);
	path = path_dir(PATH_MAIL);
	assert_string_equal(path, "/tmp/th/x/Mail");
	free(path);
	unsetenv("TERN_HOME");
	setenv("XDG_DATA_HOME", "/tmp/xdg", 1);
	path = path_dir(PATH_DATA);
	assert_string_equal(path, "/tmp/xdg/tern");
	free(path);
	unsetenv("XDG_DATA_HOME");
}

static void a_file_is_replaced_whole_and_private(void **state)
{
	char *dir = scratch_dir(), *path = path_join(dir, "f");
	struct buf back = BUF_INIT;
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(file_replace(path, "one", 3, &err), 0);
	assert_int_equal(file_replace(path, "second", 6, &err), 0);
	assert_int_equal(file_read(path, &back, 0, &err), 0);
	assert_string_equal(buf_str(&back), "second");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_clear(&back);
	assert_int_equal(file_read(path, &back, 3, &err), -1);
	assert_int_equal(file_replace("/tmp/no/such/dir/f", "x", 1, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	unlink(path);
	rmdir(dir);
	buf_free(&back);
	free(path);
	free(dir);
}

static void a_spool_file_is_plain_with_one_name(void **state)
{
	char *dir = scratch_dir(), *path = path_join(dir, "f"), *other = path_join(dir, "g");
	struct err err = ERR_INIT;
	int fd;

	(void)state;
	assert_int_equal(file_replace(path, "x", 1, &err), 0);
	fd = file_open_spool(path, &err);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink(path, other), 0);
	assert_int_equal(file_open_spool(other, &err), -1);
	unlink(other);
	assert_int_equal(link(path, other), 0);
	assert_int_equal(file_open_spool(path, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	unlink(other);
	unlink(path);
	rmdir(dir);
	free(other);
	free(path);
	free(dir);
}

static void a_view_shows_small_and_large_files(void **state)
{
	char *dir = scratch_dir(), *path = path_join(dir, "f");
	size_t sizes[] = {0, 10, 65536, 1 << 20}, i;
	struct err err = ERR_INIT;

	(void)state;
	for (i = 0; i < 4; i++) {
		char *bytes = mem_alloc(sizes[i] + 1);
		struct file_view view;

		memset(bytes, 'x', sizes[i]);
		assert_int_equal(file_replace(path, bytes, sizes[i], &err), 0);
		assert_int_equal(file_view_open(&view, path, &err), 0);
		assert_int_equal(view.len, sizes[i]);
		assert_memory_equal(view.data, bytes, sizes[i]);
		file_view_close(&view);
		free(bytes);
	}
	unlink(path);
	rmdir(dir);
	free(path);
	free(dir);
}

static void a_child_gets_its_words_and_nothing_else(void **state)
{
	const char *const cat[] = {"cat", NULL}, *const none[] = {"/no/such/program", NULL};
	const char *const fds[] = {"sh", "-c", "ls /proc/self/fd | wc -l", NULL};
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	char *big = mem_alloc(1 << 20);

	(void)state;
	memset(big, 'y', 1 << 20);
	assert_int_equal(child_run(cat, big, 1 << 20, &out, &err), 0);
	assert_int_equal(out.len, 1 << 20);
	buf_clear(&out);
	assert_int_equal(child_run(none, NULL, 0, &out, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(child_run(fds, NULL, 0, &out, &err), 0);
	assert_string_equal(buf_str(&out), "4\n"); /* 0, 1, 2 and the one ls reads */
	buf_free(&out);
	free(big);
}

static void a_child_that_waits_for_ever_is_ended(void **state)
{
	const char *const quick[] = {"echo", "word", NULL}, *const slow[] = {"sh", "-c", "sleep 1000; echo", NULL};
	const char *const deaf[] = {"sh", "-c", "exec >/dev/null; sleep 1000", NULL};
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(child_run_within(60, quick, NULL, 0, &out, &err), 0);
	assert_string_equal(buf_str(&out), "word\n");
	assert_int_equal(child_run_within(1, slow, "x", 1, &out, &err), -1);
	assert_int_equal(err.kind, ERR_TEMPORARY);
	assert_non_null(strstr(err.text, "\"sh\""));
	assert_int_equal(child_run_within(1, deaf, NULL, 0, &out, NULL), -1);
	buf_free(&out);
}

struct seen {
	struct loop *loop;
	char order[16];
	int status;
};

static void fired_b(void *arg)
{
	strcat(((struct seen *)arg)->order, "b");
}

static void fired_a(void *arg)
{
	struct seen *seen = arg;

	strcat(seen->order, "a");
	loop_add_timer(seen->loop, "b", 0, fired_b, seen);
}

static void fired_c(void *arg)
{
	strcat(((struct seen *)arg)->order, "c");
}

static void on_exit_of_child(void *arg, pid_t pid, int status)
{
	struct seen *seen = arg;

	(void)pid;
	seen->status = WEXITSTATUS(status);
	loop_stop(seen->loop);
}

static void a_loop_keeps_the_order_of_time(void **state)
{
	struct seen seen = {.loop = loop_new(), .status = -1};
	struct loop_timer *never;
	pid_t pid;

	(void)state;
	loop_add_timer(seen.loop, "c", 5, fired_c, &seen);
	loop_add_timer(seen.loop, "a", 0, fired_a, &seen);
	never = loop_add_timer(seen.loop, "never", 1, fired_c, &seen);
	loop_remove_timer(seen.loop, &never);
	assert_null(never);
	while (strlen(seen.order) < 3)
		loop_turn(seen.loop, -1);
	assert_string_equal(seen.order, "abc");
	pid = fork();
	if (pid == 0)
		_exit(9);
	loop_add_child(seen.loop, "child", pid, on_exit_of_child, &seen);
	loop_run(seen.loop);
	assert_int_equal(seen.status, 9);
	loop_free(&seen.loop);
}

struct reader {
	struct loop *loop;
	struct loop_fd *entry;
	int fd, count;
};

static void read_once_and_leave(void *arg, short revents)
{
	struct reader *reader = arg;
	char byte;

	(void)revents;
	assert_int_equal(read(reader->fd, &byte, 1), 1);
	reader->count++;
	loop_remove_fd(reader->loop, &reader->entry);
}

static void a_descriptor_may_leave_in_its_own_callback(void **state)
{
	struct reader reader = {.loop = loop_new()};
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "xx", 2), 2);
	reader.fd = ends[0];
	reader.entry = loop_add_fd(reader.loop, "reader", ends[0], 1 /* POLLIN */,
				   read_once_and_leave, &reader);
	loop_turn(reader.loop, 0);
	loop_turn(reader.loop, 0);
	assert_int_equal(reader.count, 1);
	loop_free(&reader.loop);
	close(ends[0]);
	close(ends[1]);
}

static void a_digest_is_the_known_one(void **state)
{
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	digest_sha256_hex("abc", 3, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void json_goes_out_and_comes_back(void **state)
{
	struct jv *object = jv_object(), *list = jv_array(), *back;
	struct buf line = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	jv_append(list, jv_text("bad \xff byte"));
	jv_set(object, "list", list);
	jv_set(object, "none", jv_text(NULL));
	jv_set(object, "n", jv_number(-5));
	jv_print(object, &line);
	assert_string_equal(buf_str(&line),
			    "{\"list\":[\"bad \xef\xbf\xbd byte\"],\"none\":null,\"n\":-5}");
	back = jv_parse(line.data, line.len, &err);
	assert_int_equal(jv_get_number(back, "n", 0), -5);
	assert_int_equal(jv_count(jv_get(back, "list")), 1);
	assert_null(jv_get_text(back, "none"));
	jv_free(back);
	assert_null(jv_parse("{\"a\":", 5, &err));
	assert_int_equal(err.kind, ERR_CORRUPT);
	jv_free(object);
	buf_free(&line);
}

static void json_steers_no_terminal(void **state)
{
	struct jv *text = jv_text("a\x1b\x7f\xc2\x9b\xc2\xa0\xe2\x80\xae\xe2\x81\xa6\xe2\x82\xac"), *back;
	struct buf line = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	jv_print(text, &line);
	assert_string_equal(buf_str(&line),
			    "\"a\\u001B\\u007F\\u009B\xc2\xa0\\u202E\\u2066\xe2\x82\xac\"");
	back = jv_parse(line.data, line.len, &err);
	assert_string_equal(jv_as_text(back), jv_as_text(text));
	jv_free(back);
	jv_free(text);
	buf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_arena_gives_zeroed_memory_that_stays),
	    cmocka_unit_test(a_buf_holds_any_bytes_and_a_nul_behind),
	    cmocka_unit_test(a_map_agrees_with_an_array),
	    cmocka_unit_test(spans_split_trim_and_compare),
	    cmocka_unit_test(numbers_are_whole_or_refused),
	    cmocka_unit_test(the_nearest_word_is_named),
	    cmocka_unit_test(an_error_reads_from_the_outside_in),
	    cmocka_unit_test(tern_home_holds_everything),
	    cmocka_unit_test(a_file_is_replaced_whole_and_private),
	    cmocka_unit_test(a_spool_file_is_plain_with_one_name),
	    cmocka_unit_test(a_view_shows_small_and_large_files),
	    cmocka_unit_test(a_child_gets_its_words_and_nothing_else),
	    cmocka_unit_test(a_child_that_waits_for_ever_is_ended),
	    cmocka_unit_test(a_loop_keeps_the_order_of_time),
	    cmocka_unit_test(a_descriptor_may_leave_in_its_own_callback),
	    cmocka_unit_test(a_digest_is_the_known_one),
	    cmocka_unit_test(json_goes_out_and_comes_back),
	    cmocka_unit_test(json_steers_no_terminal),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
