#include "config.h"
#include "net/sync/imap_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/loop.h"

#define IDLE_MS	   (25 * 60 * 1000) /* servers end an IDLE after 30 minutes */
#define POLL_MS	   60000	    /* without IDLE */
#define ALWAYS_MS  INT64_C(86400000)
#define NAME_LIMIT 4096

/* Other mailboxes tell of themselves by STATUS (RFC 5465). */
static int hear_waiting(void *arg, const struct imap_said *said, struct imap_parse *parse,
			struct err *err)
{
	struct imap_backend *imap = arg;
	struct buf wire = BUF_INIT;
	int rc;

	if (said->kind != IMAP_SAID_STATUS)
		return 0;
	rc = imap_next_text(parse, &wire, NAME_LIMIT, err);
	if (rc == 1)
		imap_note_other(imap, buf_str(&wire));
	buf_free(&wire);
	return rc < 0 ? -1 : 1;
}

/* A server that does not want it is polled for the others. */
static int ask_notify(struct imap_backend *imap, struct err *err)
{
	struct err now = ERR_INIT;

	if (imap->has_asked_notify || !imap->client->can[IMAP_CAN_NOTIFY])
		return 0;
	imap->has_asked_notify = true;
	if (imap_run(imap->client, &now,
		     "NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange)) "
		     "(PERSONAL (MessageNew MessageExpunge FlagChange))") == 0)
		return 0;
	imap->abilities.has_notify = false;
	if (!imap->client->is_broken)
		return 0;
	if (err)
		*err = now;
	return -1;
}

/* Something came, or was heard from our own side while a command ran: then its socket does not wake us again. */
static bool has_news(const struct imap_backend *imap)
{
	return imap->client->is_changed || imap->other_count > 0 ||
	       (imap->options.has_work && imap->options.has_work(imap->options.arg));
}

/* Hears what has come already, without waiting for more. */
static int hear_all(struct imap_backend *imap, struct err *err)
{
	while (stream_buffered(imap->client->stream) > 0)
		if (imap_hear_one(imap->client, err))
			return -1;
	return 0;
}

static int broken(struct imap_client *client)
{
	client->is_broken = true;
	return -1;
}

/* Waits until UNTIL for news: 1 something was heard, 0 the time is over or we were woken, -1. */
static int wait_for_words(struct imap_backend *imap, int64_t until, struct err *err)
{
	int64_t left = until - loop_now_ms();
	int rc;

	if (left <= 0)
		return 0;
	stream_set_total_ms(imap->client->stream, ALWAYS_MS);
	rc = stream_wait(imap->client->stream, (int)left, err);
	stream_set_total_ms(imap->client->stream, imap->client->command_ms);
	if (rc < 0)
		return broken(imap->client);
	if (rc == 0)
		return 0;
	return imap_hear_one(imap->client, err) || hear_all(imap, err) ? -1 : 1;
}

/* It does not idle after all, for it refused: from now on it is asked instead. */
static int refused_idle(struct imap_backend *imap, int number, struct err *err)
{
	struct err why = ERR_INIT;

	if (imap_finish(imap->client, number, &why) == 0)
		return 0;
	if (imap->client->is_broken)
		return err_set_kind(err, why.kind, "%s", why.text);
	log_write(LOG_INFO, "%s", why.text);
	imap->client->can[IMAP_CAN_IDLE] = false;
	imap->abilities.has_idle = false;
	return 0;
}

/* One IDLE: 1 there is news, 0 the time is over or we were woken, -1. */
static int idle(struct imap_backend *imap, int64_t until, struct err *err)
{
	struct imap_client *client = imap->client;
	int number = imap_send(client, err, "IDLE"), rc;
	struct span text;

	if (number < 0)
		return -1;
	rc = imap_continuation(client, number, &text, err);
	if (rc <= 0)
		return rc < 0 ? -1 : refused_idle(imap, number, err);
	rc = hear_all(imap, err) ? -1 : 1;
	while (rc == 1 && !has_news(imap) && !imap_is_answered(client, number))
		rc = wait_for_words(imap, until, err);
	if (rc < 0)
		return -1;
	if (stream_print(client->stream, err, "DONE\r\n"))
		return broken(client);
	return imap_finish(client, number, err) ? -1 : has_news(imap);
}

static int64_t nearer(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Renewed before the server thinks that nobody is there. */
static int wait_idle(struct imap_backend *imap, int64_t until, struct err *err)
{
	int rc = 0;

	while (rc == 0 && !has_news(imap) && loop_now_ms() < until) {
		int64_t renew = loop_now_ms() + IDLE_MS;

		rc = idle(imap, nearer(renew, until), err);
		if (rc == 0 && loop_now_ms() < renew)
			break;
	}
	return rc < 0 ? -1 : 0;
}

static int wait_poll(struct imap_backend *imap, int64_t until, struct err *err)
{
	int rc = 0;

	while (!has_news(imap) && loop_now_ms() < until) {
		int64_t next = nearer(loop_now_ms() + POLL_MS, until);

		rc = wait_for_words(imap, next, err);
		if (rc < 0 || (rc == 0 && loop_now_ms() < next))
			break;
		if (rc == 0 && imap_run(imap->client, err, "NOOP"))
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

static const char *take_other(struct imap_backend *imap)
{
	free(imap->other);
	imap->other = NULL;
	if (imap->other_count)
		imap->other = imap->others[--imap->other_count];
	return imap->other;
}

int imap_op_wait(struct backend *backend, int timeout_ms, const char **other, struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	int64_t until = loop_now_ms() + timeout_ms;
	int rc = 0;

	imap_listen(imap, hear_waiting, imap);
	if (other && ask_notify(imap, err))
		return -1;
	if (!has_news(imap))
		rc = imap->client->can[IMAP_CAN_IDLE] && imap->selected
			 ? wait_idle(imap, until, err)
			 : wait_poll(imap, until, err);
	imap_listen(imap, NULL, NULL);
	if (other)
		*other = take_other(imap);
	if (rc < 0)
		return -1;
	rc = imap->client->is_changed ? 1 : 0;
	imap->client->is_changed = false;
	return rc;
}
