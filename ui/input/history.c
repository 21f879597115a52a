#include "config.h"

#include "ui/input/history.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define FILE_LIMIT (1024 * 1024)

struct history {
	char *path;
	char **lines; /* oldest first */
	size_t count, cap;
	char **added; /* in this session, for joining with what others wrote */
	size_t added_count, added_cap;
};

static void remove_at(struct history *history, size_t at)
{
	free(history->lines[at]);
	history->count--;
	memmove(history->lines + at, history->lines + at + 1,
		(history->count - at) * sizeof *history->lines);
}

static void append(struct history *history, const char *text, size_t len)
{
	for (size_t i = 0; i < history->count; i++) {
		if (strlen(history->lines[i]) != len || memcmp(history->lines[i], text, len))
			continue;
		remove_at(history, i);
		break;
	}
	if (history->count >= HISTORY_LIMIT)
		remove_at(history, 0);
	ARRAY_ROOM(history->lines, history->count, history->cap);
	history->lines[history->count++] = mem_strndup(text, len);
}

static void forget_lines(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		free(history->lines[i]);
	history->count = 0;
}

static void load(struct history *history)
{
	struct buf data = BUF_INIT, clean = BUF_INIT;
	if (file_read(history->path, &data, FILE_LIMIT, NULL) == 0) {
		struct span rest = {buf_str(&data), data.len}, line;
		while (span_split(&rest, '\n', &line)) {
			buf_clear(&clean);
			utf8_add_printable(&clean, line.data, line.len);
			if (clean.len)
				append(history, clean.data, clean.len);
		}
	}
	buf_free(&data);
	buf_free(&clean);
}

struct history *history_open(const char *name)
{
	struct history *history = mem_alloc(sizeof *history);
	char *dir = path_in(PATH_STATE, "history");
	history->path = path_join(dir, name);
	free(dir);
	load(history);
	return history;
}

/* Another program's lines come first, then ours of this session. */
static void join_with_others(struct history *history)
{
	forget_lines(history);
	load(history);
	for (size_t i = 0; i < history->added_count; i++) {
		append(history, history->added[i], strlen(history->added[i]));
		free(history->added[i]);
	}
	history->added_count = 0;
}

int history_save(struct history *history, struct err *err)
{
	if (!history->added_count)
		return 0;
	char *dir = path_parent(history->path);
	int failed = path_make_dirs(dir, err);
	free(dir);
	if (failed)
		return -1;
	join_with_others(history);
	struct buf data = BUF_INIT;
	for (size_t i = 0; i < history->count; i++) {
		buf_add_str(&data, history->lines[i]);
		buf_add_char(&data, '\n');
	}
	failed = file_replace(history->path, buf_str(&data), data.len, err);
	buf_free(&data);
	return failed;
}

void history_close(struct history **history)
{
	struct history *old = *history;
	struct err err = ERR_INIT;
	if (!old)
		return;
	if (history_save(old, &err))
		log_write(LOG_WARNING, "%s", err.text);
	forget_lines(old);
	for (size_t i = 0; i < old->added_count; i++)
		free(old->added[i]);
	free(old->added);
	free(old->lines);
	free(old->path);
	free(old);
	*history = NULL;
}

void history_add(struct history *history, const char *text)
{
	if (!*text || *text == ' ' || strpbrk(text, "\n\r"))
		return;
	append(history, text, strlen(text));
	ARRAY_ROOM(history->added, history->added_count, history->added_cap);
	history->added[history->added_count++] = mem_strdup(text);
}

size_t history_count(const struct history *history)
{
	return history->count;
}

const char *history_at(const struct history *history, size_t at)
{
	return at < history->count ? history->lines[history->count - 1 - at] : NULL;
}

long history_find(const struct history *history, size_t at, const char *prefix)
{
	for (; at < history->count; at++)
		if (str_starts(history_at(history, at), prefix))
			return (long)at;
	return -1;
}
