#include "config.h"
#include "net/deliver/alias.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/letter.h"

#define FILE_LIMIT (4 * 1048576)

static void add_target(struct alias *alias, struct span target, const char *path)
{
	char *text;

	target = span_trim(target);
	if (target.len == 0)
		return;
	text = mem_strndup(target.data, target.len);
	if (strchr("|/:\"", *text) || letter_address_fault(text)) {
		log_write(LOG_WARNING, "%s: \"%s\" for \"%s\" is no address and was left out", path,
			  text, alias->name);
		free(text);
		return;
	}
	ARRAY_ROOM(alias->targets, alias->target_count, alias->target_cap);
	alias->targets[alias->target_count++] = text;
}

static void add_alias(struct alias_list *list, struct span entry, const char *path)
{
	size_t colon = span_find(entry, 0, ':');
	struct span name = span_trim((struct span){entry.data, colon}), rest, piece;
	struct alias *alias;

	if (colon == entry.len || name.len == 0) {
		log_write(LOG_WARNING, "%s: a line without a name and a colon was left out", path);
		return;
	}
	ARRAY_ROOM(list->items, list->count, list->cap);
	alias = &list->items[list->count++];
	*alias = (struct alias){.name = mem_strndup(name.data, name.len)};
	str_lower(alias->name);
	rest = (struct span){entry.data + colon + 1, entry.len - colon - 1};
	while (span_split(&rest, ',', &piece))
		add_target(alias, piece, path);
}

/* One entry with its continuation lines, joined; comments taken out. */
void alias_parse(struct alias_list *list, const char *text, size_t len, const char *path)
{
	struct span rest = {text, len}, line;
	struct buf entry = BUF_INIT;

	while (span_split(&rest, '\n', &line)) {
		bool goes_on = line.len && (*line.data == ' ' || *line.data == '\t');

		if (span_trim(line).len == 0 || *span_trim(line).data == '#')
			continue;
		if (!goes_on && entry.len) {
			add_alias(list, (struct span){entry.data, entry.len}, path);
			buf_clear(&entry);
		}
		buf_add(&entry, line.data, line.len);
	}
	if (entry.len)
		add_alias(list, (struct span){entry.data, entry.len}, path);
	buf_free(&entry);
}

/* Who can write it says where our mail goes. */
static bool is_trusted(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno != ENOENT)
			log_write(LOG_WARNING, "%s cannot be looked at and was left out", path);
		return false;
	}
	if (S_ISREG(st.st_mode) && (st.st_uid == geteuid() || st.st_uid == 0) &&
	    !(st.st_mode & 022))
		return true;
	log_write(LOG_WARNING,
		  "%s was left out: it must be a plain file of yours that nobody else may "
		  "write to",
		  path);
	return false;
}

void alias_load(struct alias_list *list, const char *path)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	if (!is_trusted(path))
		return;
	if (file_read(path, &text, FILE_LIMIT, &err) < 0)
		log_write(LOG_WARNING, "%s", err.text);
	else
		alias_parse(list, text.data, text.len, path);
	buf_free(&text);
}

void alias_list_free(struct alias_list *list)
{
	size_t i, j;

	for (i = 0; i < list->count; i++) {
		for (j = 0; j < list->items[i].target_count; j++)
			free(list->items[i].targets[j]);
		free(list->items[i].targets);
		free(list->items[i].name);
	}
	free(list->items);
	memset(list, 0, sizeof *list);
}

const struct alias *alias_find(const struct alias_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (str_equal_nocase(list->items[i].name, name))
			return &list->items[i];
	return NULL;
}
