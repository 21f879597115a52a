#include "config.h"
#include "net/sync/imap_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/i18n.h"

static int run_with(struct imap_backend *imap, const char *command, const char *wire,
		    const char *second, struct err *err)
{
	struct buf line = BUF_INIT;
	int rc;

	imap_listen(imap, NULL, NULL);
	buf_printf(&line, "%s ", command);
	rc = imap_add_name(&line, wire, err);
	if (rc == 0 && second) {
		buf_add_char(&line, ' ');
		rc = imap_add_name(&line, second, err);
	}
	if (rc == 0)
		rc = imap_run(imap->client, err, "%s", buf_str(&line));
	buf_free(&line);
	return rc;
}

/* What is only convenient: refused, nothing is lost. */
static int run_lightly(struct imap_backend *imap, const char *command, const char *wire,
		       struct err *err)
{
	struct err now = ERR_INIT;

	if (run_with(imap, command, wire, NULL, &now) == 0 || !imap->client->is_broken)
		return 0;
	if (err)
		*err = now;
	return -1;
}

int imap_op_create(struct backend *backend, const char *name, char **wire, struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	struct buf text = BUF_INIT;
	int rc = imap_wire_of(backend, name, &text, err);

	if (rc == 0)
		rc = run_with(imap, "CREATE", buf_str(&text), NULL, err);
	if (rc == 0)
		rc = run_lightly(imap, "SUBSCRIBE", buf_str(&text), err);
	if (rc == 0)
		*wire = buf_take(&text);
	buf_free(&text);
	return rc;
}

/* A selected mailbox is let go without the EXPUNGE that CLOSE would bring: UNSELECT, or EXAMINE
 * before it. */
static int let_go(struct imap_backend *imap, const char *wire, struct err *err)
{
	if (!imap->selected || strcmp(imap->selected, wire) != 0)
		return 0;
	imap_forget_selected(imap);
	imap_listen(imap, NULL, NULL);
	if (imap->client->can[IMAP_CAN_UNSELECT])
		return imap_run(imap->client, err, "UNSELECT");
	return run_with(imap, "EXAMINE", wire, NULL, err) || imap_run(imap->client, err, "CLOSE")
		   ? -1
		   : 0;
}

int imap_op_rename(struct backend *backend, const char *wire, const char *new_name, char **new_wire,
		   struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	struct buf text = BUF_INIT;
	int rc = imap_wire_of(backend, new_name, &text, err);

	if (rc == 0)
		rc = let_go(imap, wire, err);
	if (rc == 0)
		rc = run_with(imap, "RENAME", wire, buf_str(&text), err);
	if (rc == 0)
		rc = run_lightly(imap, "UNSUBSCRIBE", wire, err);
	if (rc == 0)
		rc = run_lightly(imap, "SUBSCRIBE", buf_str(&text), err);
	if (rc == 0)
		*new_wire = buf_take(&text);
	buf_free(&text);
	return rc;
}

int imap_op_remove(struct backend *backend, const char *wire, struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);

	if (let_go(imap, wire, err) || run_with(imap, "DELETE", wire, NULL, err))
		return -1;
	return run_lightly(imap, "UNSUBSCRIBE", wire, err);
}

int imap_op_subscribe(struct backend *backend, const char *wire, bool is_subscribed,
		      struct err *err)
{
	return run_with(imap_inside(backend), is_subscribed ? "SUBSCRIBE" : "UNSUBSCRIBE", wire,
			NULL, err);
}

/* --- quota --- */

struct quota {
	int64_t used, limit;
	bool has_told;
};

/* "root" (STORAGE 10 512 MESSAGE 3 1000) */
static int hear_quota(void *arg, const struct imap_said *said, struct imap_parse *parse,
		      struct err *err)
{
	struct quota *quota = arg;
	uint64_t used, limit;
	int token;

	if (said->kind != IMAP_SAID_QUOTA)
		return said->kind == IMAP_SAID_QUOTAROOT;
	if (imap_skip_value(parse, err))
		return -1;
	token = imap_next(parse, err);
	while (token >= 0 && (token = imap_next(parse, err)) == IMAP_ATOM) {
		bool is_storage = imap_is(parse->text, "STORAGE") && !quota->has_told;

		if (imap_next_number(parse, INT64_MAX, &used, err) ||
		    imap_next_number(parse, INT64_MAX, &limit, err))
			return -1;
		if (is_storage)
			*quota = (struct quota){(int64_t)used, (int64_t)limit, true};
	}
	return token < 0 ? -1 : 1;
}

int imap_quota(struct backend *backend, int64_t *used, int64_t *limit, struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	struct quota quota = {.has_told = false};
	int rc;

	if (!imap->client->can[IMAP_CAN_QUOTA])
		return 0;
	imap_listen(imap, hear_quota, &quota);
	rc = imap_run(imap->client, err, "GETQUOTAROOT INBOX");
	imap_listen(imap, NULL, NULL);
	if (rc)
		return -1;
	*used = quota.used;
	*limit = quota.limit;
	return quota.has_told;
}
