/* Files that are saved together: none has its name before it is synced, none is written over. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mime/mime.h"
#include "ui/render/save_batch.h"

#define LETTER                                                                                          \
	"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png; name=way.png\n\none\n"  \
	"--b\nContent-Type: image/png; name=../way.png\n\ntwo\n--b--\n"

static char *make_dir(void)
{
	char *dir = mem_strdup("/tmp/tern-save-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

/* Names that a listing shows, and all. */
static void count_files(const char *dir, size_t *seen, size_t *all)
{
	DIR *handle = opendir(dir);
	struct dirent *entry;

	*seen = *all = 0;
	while ((entry = readdir(handle))) {
		*seen += *entry->d_name != '.';
		*all += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	}
	closedir(handle);
}

static void assert_file(const char *dir, const char *name, const char *content)
{
	char *path = path_join(dir, name);
	struct buf bytes = BUF_INIT;

	assert_int_equal(file_read(path, &bytes, 0, NULL), 0);
	assert_string_equal(buf_str(&bytes), content);
	assert_int_equal(unlink(path), 0);
	buf_free(&bytes);
	free(path);
}

static void files_get_their_names_when_they_are_safe(void **state)
{
	struct mime_message *message = mime_parse(LETTER, strlen(LETTER), NULL);
	char *dir = make_dir(), *path = NULL;
	struct save_batch *batch = save_batch_new(dir);
	size_t seen, all;

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(save_batch_add(batch, mime_find(message, "1.1"), NULL), 0);
		assert_int_equal(save_batch_add(batch, mime_find(message, "1.2"), NULL), 0);
		assert_int_equal(save_batch_waiting(batch), 2);
		count_files(dir, &seen, &all);
		assert_int_equal(seen, 0);
		assert_int_equal(all, 2);
		assert_int_equal(save_batch_settle(batch, &path, NULL), 1);
		assert_string_equal(path_base(path), "way.png");
		free(path);
		assert_int_equal(save_batch_settle(batch, NULL, NULL), 1);
		assert_int_equal(save_batch_settle(batch, NULL, NULL), 0);
		assert_file(dir, "way.png", "one");
		assert_file(dir, "way-2.png", "two");
	}
	save_batch_free(&batch);
	assert_int_equal(rmdir(dir), 0);
	free(dir);
	mime_free(&message);
}

static void what_is_given_up_leaves_nothing(void **state)
{
	struct mime_message *message = mime_parse(LETTER, strlen(LETTER), NULL);
	char *dir = make_dir();
	struct save_batch *batch = save_batch_new(dir);
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < SAVE_BATCH_MAX; i++)
		assert_int_equal(save_batch_add(batch, mime_find(message, "1.1"), NULL), 0);
	assert_int_equal(save_batch_add(batch, mime_find(message, "1.1"), &err), -1);
	save_batch_free(&batch);
	assert_int_equal(rmdir(dir), 0);
	batch = save_batch_new(dir);
	assert_int_equal(save_batch_add(batch, mime_find(message, "1.1"), &err), -1);
	assert_int_equal(save_batch_settle(batch, NULL, &err), 0);
	save_batch_free(&batch);
	free(dir);
	mime_free(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_get_their_names_when_they_are_safe),
		cmocka_unit_test(what_is_given_up_leaves_nothing),
	};

	return cmocka_run_group_tests_name("save_batch", tests, NULL, NULL);
}
