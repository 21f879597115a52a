#include "config.h"
#include "ui/shell/search_saved.h"

#include <stdlib.h>
#include <time.h>

#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/mem.h"
#include "store/mail/query.h"
#include "store/mail/saved.h"
#include "ui/shell/shell.h"

#define NAME "search"

static int ended(int rc, const struct err *err)
{
	return rc < 0 ? shell_fail(NAME, err) : 0;
}

/* How many it finds, and of these unread; -1 where its query is wrong. */
static void count(const struct saved_search *one, long long *all, long long *unread)
{
	char *query = mem_printf("(%s) is:unread", one->query);

	if (shell_search_count(one->query, one->account, all, NULL) < 0 ||
	    shell_search_count(query, one->account, unread, NULL) < 0)
		*all = *unread = -1;
	free(query);
}

static void add_object(const struct saved_search *one, const long long *counts, struct buf *out)
{
	struct jv *object = jv_object();

	jv_set(object, "name", jv_text(one->name));
	jv_set(object, "query", jv_text(one->query));
	jv_set(object, "account", one->account ? jv_text(one->account) : jv_null());
	if (counts) {
		jv_set(object, "count", jv_number(counts[0]));
		jv_set(object, "unread", jv_number(counts[1]));
	}
	jv_print(object, out);
	buf_add_char(out, '\n');
	jv_free(object);
}

static void add_line(const struct saved_search *one, const long long *counts, struct buf *out)
{
	if (counts)
		buf_printf(out, "%lld\t%lld\t%s\n", counts[0], counts[1], one->name);
	else
		buf_printf(out, "%s\t%s\n", one->name, one->query);
}

int search_saved_list(bool as_json, bool has_counts)
{
	struct conf *conf = conf_load_own();
	struct buf out = BUF_INIT;
	struct saved_search one;
	long long counts[2];
	int rc;

	for (size_t at = 0; saved_next(conf, &at, &one);) {
		if (has_counts)
			count(&one, &counts[0], &counts[1]);
		(as_json ? add_object : add_line)(&one, has_counts ? counts : NULL, &out);
	}
	rc = shell_print(&out);
	buf_free(&out);
	conf_free(&conf);
	return rc;
}

int search_saved_add(const char *name, const char *query, const char *account, const char *in)
{
	char *text = in ? mem_printf("in:\"%s\" (%s)", in, query) : mem_strdup(query);
	struct err err = ERR_INIT;
	struct query *check = query_parse(text, time(NULL), &err);
	int rc = check ? saved_add(name, text, account, &err) : -1;

	query_free(&check);
	free(text);
	return ended(rc, &err);
}

int search_saved_rename(const char *name, const char *fresh)
{
	struct err err = ERR_INIT;

	return ended(saved_rename(name, fresh, &err), &err);
}

int search_saved_forget(const char *name)
{
	struct err err = ERR_INIT;

	return ended(saved_remove(name, &err), &err);
}

int search_saved_find(const char *name, char **query, char **account, struct err *err)
{
	struct conf *conf = conf_load_own();
	struct saved_search one;
	int rc = 0;

	*query = *account = NULL;
	if (saved_find(conf, name, &one)) {
		*query = mem_strdup(one.query);
		*account = one.account ? mem_strdup(one.account) : NULL;
	} else {
		rc = err_set_kind(
		    err, ERR_USAGE,
		    _("There is no search \"%s\"; \"tern search --list\" has them all."), name);
	}
	conf_free(&conf);
	return rc;
}
