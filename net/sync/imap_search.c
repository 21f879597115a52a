#include "config.h"
#include "net/sync/imap_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/i18n.h"
#include "store/base/utf8.h"

#define UIDS_MAX 20000000 /* that one mailbox can have; more than this is a lie */

/* Uids as they come, in the order they come. */
struct searching {
	struct imap_backend *imap;
	struct uid_range {
		uint32_t first, last;
	} * ranges;
	size_t count, cap;
	struct imap_fetched got;
	bool wants_fetch;
};

static int add_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct searching *searching = arg;
	struct uid_range *end = searching->count ? &searching->ranges[searching->count - 1] : NULL;

	if (end && end->last < UINT32_MAX && first == end->last + 1) {
		end->last = last;
		return 0;
	}
	if (searching->count >= UIDS_MAX)
		return err_set_kind(err, ERR_CORRUPT,
				    _("The server tells of more messages than can be."));
	ARRAY_ROOM(searching->ranges, searching->count, searching->cap);
	searching->ranges[searching->count++] = (struct uid_range){first, last};
	return 0;
}

static int hear_search(struct searching *searching, struct imap_parse *parse, struct err *err)
{
	int token;

	while ((token = imap_next(parse, err)) == IMAP_ATOM) {
		uint64_t uid;

		if (!imap_number(parse->text, UINT32_MAX, &uid) || uid == 0)
			return err_set_kind(err, ERR_CORRUPT,
					    _("The server's answer breaks the rules of IMAP: %s."),
					    _("a number is missing or too large"));
		if (add_range(searching, (uint32_t)uid, (uint32_t)uid, err))
			return -1;
	}
	return token < 0 ? -1 : 1; /* "(MODSEQ n)" may stand at the end */
}

/* (TAG "t5") UID ALL 1:3,5 */
static int hear_esearch(struct searching *searching, struct imap_parse *parse, struct err *err)
{
	int token = imap_next(parse, err);

	if (token == IMAP_OPEN && imap_skip_list(parse, parse->depth, err))
		return -1;
	if (token == IMAP_OPEN)
		token = imap_next(parse, err);
	for (; token == IMAP_ATOM; token = imap_next(parse, err)) {
		if (imap_is(parse->text, "UID"))
			continue;
		if (!imap_is(parse->text, "ALL")) {
			if (imap_skip_value(parse, err))
				return -1;
			continue;
		}
		if ((token = imap_next(parse, err)) != IMAP_ATOM)
			break;
		if (imap_each_range(parse->text, add_range, searching, err))
			return -1;
	}
	return token < 0 ? -1 : 1;
}

static int hear(void *arg, const struct imap_said *said, struct imap_parse *parse, struct err *err)
{
	struct searching *searching = arg;

	if (said->kind == IMAP_SAID_SEARCH)
		return hear_search(searching, parse, err);
	if (said->kind == IMAP_SAID_ESEARCH)
		return hear_esearch(searching, parse, err);
	if (said->kind != IMAP_SAID_FETCH || !searching->wants_fetch)
		return 0;
	if (imap_fetch_read(parse, &searching->got, NULL, NULL, err))
		return -1;
	if (searching->got.uid == 0)
		return 0;
	return add_range(searching, searching->got.uid, searching->got.uid, err) ? -1 : 1;
}

static int by_first(const void *a, const void *b)
{
	const struct uid_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* In rising order, each uid once, clipped to FIRST and LAST. */
static int tell(struct searching *searching, uint32_t first, uint32_t last,
		int (*range)(void *arg, uint32_t first, uint32_t last, struct err *err), void *arg,
		struct err *err)
{
	uint64_t next = first;

	if (searching->count)
		qsort(searching->ranges, searching->count, sizeof *searching->ranges, by_first);
	for (size_t i = 0; i < searching->count; i++) {
		uint64_t from = searching->ranges[i].first, to = searching->ranges[i].last;

		from = from > next ? from : next;
		to = to < last ? to : last;
		if (from > to)
			continue;
		if (range(arg, (uint32_t)from, (uint32_t)to, err))
			return -1;
		next = to + 1;
	}
	return 0;
}

static void done(struct searching *searching)
{
	imap_listen(searching->imap, NULL, NULL);
	imap_fetch_free(&searching->got);
	free(searching->ranges);
}

int imap_op_uids(struct backend *backend, uint32_t first, uint32_t last,
		 int (*range)(void *, uint32_t, uint32_t, struct err *), void *arg, struct err *err)
{
	struct searching searching = {.imap = imap_inside(backend)};
	struct imap_client *client = searching.imap->client;
	char end[16] = "*";
	int rc;

	first = first ? first : 1;
	if (last != UINT32_MAX)
		snprintf(end, sizeof end, "%u", (unsigned)last);
	searching.wants_fetch = !client->can[IMAP_CAN_ESEARCH];
	imap_listen(searching.imap, hear, &searching);
	if (searching.wants_fetch) /* a line each: SEARCH would tell all in one that has no end */
		rc = imap_run(client, err, "UID FETCH %u:%s (UID)", (unsigned)first, end);
	else
		rc = imap_run(client, err, "UID SEARCH RETURN (ALL) UID %u:%s", (unsigned)first,
			      end);
	if (rc == 0)
		rc = tell(&searching, first, last, range, arg, err);
	done(&searching);
	return rc;
}

/* --- by text --- */

static int send_search(struct imap_backend *imap, const char *field, const char *text,
		       struct err *err)
{
	struct imap_client *client = imap->client;
	bool is_ascii = utf8_is_ascii(text, strlen(text));
	struct buf line = BUF_INIT;
	int rc = 0, number = -1;

	buf_printf(&line, "UID SEARCH%s%s ", client->can[IMAP_CAN_ESEARCH] ? " RETURN (ALL)" : "",
		   is_ascii || client->is_utf8 ? "" : " CHARSET UTF-8");
	buf_add_str(&line, field ? "HEADER " : "TEXT");
	if (field)
		rc = imap_quote(&line, span_of(field), err);
	buf_add_char(&line, ' ');
	if (rc == 0)
		number = imap_begin(client, err, "%s", buf_str(&line));
	buf_free(&line);
	if (number < 0 || imap_add_string(client, number, span_of(text), err) ||
	    imap_end(client, err))
		return -1;
	return imap_finish(client, number, err);
}

static int check_text(const char *text, struct err *err)
{
	if (strchr(text, '\r') || strchr(text, '\n'))
		return err_set_kind(
		    err, ERR_USAGE,
		    _("A line break or a NUL is in a name or text for the server; such a one is "
		      "never sent."));
	return 0;
}

int imap_op_search(struct backend *backend, const char *field, const char *text,
		   int (*range)(void *, uint32_t, uint32_t, struct err *), void *arg,
		   struct err *err)
{
	struct searching searching = {.imap = imap_inside(backend)};
	int rc;

	if (check_text(text, err))
		return -1;
	imap_listen(searching.imap, hear, &searching);
	rc = send_search(searching.imap, field, text, err);
	if (rc == 0)
		rc = tell(&searching, 1, UINT32_MAX, range, arg, err);
	done(&searching);
	return rc;
}

struct finding {
	uint32_t *uids;
	size_t limit, count;
};

static int take_uids(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct finding *finding = arg;

	(void)err;
	for (uint64_t uid = first; uid <= last && finding->count < finding->limit; uid++)
		finding->uids[finding->count++] = (uint32_t)uid;
	return 0;
}

int imap_op_find(struct backend *backend, const char *message_id, uint32_t *uids, size_t limit,
		 size_t *count, struct err *err)
{
	struct finding finding = {uids, limit, 0};
	struct buf text = BUF_INIT;
	int rc;

	buf_printf(&text, "<%s>", message_id);
	rc = imap_op_search(backend, "Message-ID", buf_str(&text), take_uids, &finding, err);
	buf_free(&text);
	*count = rc == 0 ? finding.count : 0;
	return rc;
}
