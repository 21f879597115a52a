#include "config.h"
#include "store/mail/saved.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define SECTION		 "search"
#define NAME_MAX_COLUMNS 60

bool saved_next(const struct conf *conf, size_t *at, struct saved_search *one)
{
	for (; conf && *at < conf->count; ++*at) {
		const struct conf_entry *entry = &conf->entries[*at];

		if (entry->key || !*entry->name || strcmp(entry->section, SECTION) != 0)
			continue;
		one->name = entry->name;
		one->query = conf_get(conf, SECTION, entry->name, "query");
		one->account = conf_get(conf, SECTION, entry->name, "account");
		if (!one->query)
			continue;
		++*at;
		return true;
	}
	return false;
}

bool saved_find(const struct conf *conf, const char *name, struct saved_search *one)
{
	for (size_t at = 0; saved_next(conf, &at, one);)
		if (strcmp(one->name, name) == 0)
			return true;
	for (size_t at = 0; saved_next(conf, &at, one);)
		if (str_equal_nocase(one->name, name))
			return true;
	return false;
}

/* The name as it is written, free it; NULL with a sentence. */
static char *tidy_name(const char *name, struct err *err)
{
	struct span tidy = span_trim(span_of(name));

	if (!tidy.len) {
		err_set_kind(err, ERR_USAGE, _("A search that is kept needs a name."));
		return NULL;
	}
	if (strpbrk(name, "[]\"\\") || utf8_width(tidy.data, tidy.len) > NAME_MAX_COLUMNS ||
	    !utf8_is_valid(tidy.data, tidy.len)) {
		err_set_kind(err, ERR_USAGE,
			     _("The name of a search is at most %d columns of text, without "
			       "brackets, quotes and backslashes."),
			     NAME_MAX_COLUMNS);
		return NULL;
	}
	for (size_t i = 0; i < tidy.len; i++)
		if ((unsigned char)tidy.data[i] < ' ' || tidy.data[i] == 0x7f) {
			err_set_kind(err, ERR_USAGE,
				     _("The name of a search is one line of text."));
			return NULL;
		}
	return mem_strndup(tidy.data, tidy.len);
}

static int check_free(const struct conf *conf, const char *name, const char *but, struct err *err)
{
	struct saved_search one;

	if (!saved_find(conf, name, &one) || (but && strcmp(one.name, but) == 0))
		return 0;
	return err_set_kind(err, ERR_EXISTS,
			    _("There is a search \"%s\" already: \"%s\". Take another name, or "
			      "remove that one first."),
			    one.name, one.query);
}

static int append(const char *name, const char *query, const char *account, struct err *err)
{
	char *path = path_in(PATH_CONFIG, "config");
	struct buf text = BUF_INIT;
	int rc;

	buf_printf(&text, "[" SECTION " %s]\n", name);
	conf_add_line(&text, "query", query);
	if (account)
		conf_add_line(&text, "account", account);
	rc = conf_append(path, buf_str(&text), err);
	buf_free(&text);
	free(path);
	return rc;
}

int saved_add(const char *name, const char *query, const char *account, struct err *err)
{
	struct conf *conf = conf_load_own();
	char *tidy = tidy_name(name, err);
	int rc = tidy ? check_free(conf, tidy, NULL, err) : -1;

	if (rc == 0)
		rc = append(tidy, query, account, err);
	free(tidy);
	conf_free(&conf);
	return rc;
}

static int take_out(const char *name, struct err *err)
{
	char *path = path_in(PATH_CONFIG, "config");
	int rc = conf_remove_section(path, SECTION, name, err);

	if (rc == 0)
		err_set(err,
			_("The search \"%s\" stands in a file that the configuration includes; "
			  "take it out there."),
			name);
	free(path);
	return rc == 1 ? 0 : -1;
}

static int find(const struct conf *conf, const char *name, struct saved_search *one,
		struct err *err)
{
	if (saved_find(conf, name, one))
		return 0;
	return err_set_kind(err, ERR_NOT_FOUND, _("There is no search \"%s\"."), name);
}

int saved_remove(const char *name, struct err *err)
{
	struct conf *conf = conf_load_own();
	struct saved_search one;
	int rc = find(conf, name, &one, err);

	if (rc == 0)
		rc = take_out(one.name, err);
	conf_free(&conf);
	return rc;
}

/* The new one is there before the old one goes. */
static int replace(const struct saved_search *one, const char *fresh, struct err *err)
{
	bool is_same = strcmp(one->name, fresh) == 0;

	if (is_same)
		return 0;
	if (append(fresh, one->query, one->account, err) < 0)
		return -1;
	return take_out(one->name, err);
}

int saved_rename(const char *name, const char *fresh, struct err *err)
{
	struct conf *conf = conf_load_own();
	char *tidy = tidy_name(fresh, err);
	struct saved_search one;
	int rc = tidy ? find(conf, name, &one, err) : -1;

	if (rc == 0)
		rc = check_free(conf, tidy, one.name, err);
	if (rc == 0)
		rc = replace(&one, tidy, err);
	free(tidy);
	conf_free(&conf);
	return rc;
}
