#include "config.h"
#include "net/sync/imap_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/remote.h"

#define PIECE 65536

/* Reading messages: what was asked for goes to the visitor, all else that the server tells
 * meanwhile is noted as a change. */
struct reading {
	struct imap_backend *imap;
	struct imap_visit visit;
	struct imap_fetched got;
	/* flags() */
	uint32_t first, last;
	/* the others */
	const uint32_t *uids;
	size_t count;
	unsigned char *is_told; /* of each uid */
	const struct backend_sink *sink;
	bool wants_header;
	const char *path; /* the part that is wanted; NULL: the whole message */
	/* A body that came before what it belongs to was told. */
	int spool;
	int64_t spooled;
	bool is_streamed;
	char *piece; /* PIECE bytes, once there is a body */
};

/* --- flags --- */

static int hear_flags(void *arg, const struct imap_said *said, struct imap_parse *parse,
		      struct err *err)
{
	struct reading *reading = arg;
	const struct imap_fetched *got = &reading->got;

	if (said->kind == IMAP_SAID_VANISHED)
		return imap_read_vanished(&reading->visit, parse, err) < 0 ? -1 : 1;
	if (said->kind != IMAP_SAID_FETCH)
		return 0;
	if (imap_fetch_read(parse, &reading->got, NULL, NULL, err))
		return -1;
	if (!imap_has_told(&reading->visit, got) || got->uid < reading->first || got->uid > reading->last ||
	    got->uid == 0)
		return 0;
	imap_visit_message(&reading->visit, got);
	return 1;
}

static void add_range(struct buf *out, uint32_t first, uint32_t last)
{
	if (last == UINT32_MAX)
		buf_printf(out, "%u:*", (unsigned)first);
	else
		buf_printf(out, "%u:%u", (unsigned)first, (unsigned)last);
}

int imap_op_flags(struct backend *backend, uint32_t first, uint32_t last, uint64_t changed_since,
		  const struct backend_visit *visit, struct err *err)
{
	struct reading reading = {.imap = imap_inside(backend),
				  .visit = {.visit = visit, .wants_labels = imap_has_labels(imap_inside(backend))},
				  .first = first ? first : 1,
				  .last = last};
	struct buf line = BUF_INIT;
	int rc;

	if (last < reading.first)
		return 0;
	buf_add_str(&line, "UID FETCH ");
	add_range(&line, reading.first, last);
	buf_printf(&line, " (UID FLAGS%s)", imap_more_items(reading.imap));
	if (changed_since && reading.imap->abilities.has_modseq)
		buf_printf(&line, " (CHANGEDSINCE %llu%s)", (unsigned long long)changed_since,
			   reading.imap->abilities.has_vanished ? " VANISHED" : "");
	imap_listen(reading.imap, hear_flags, &reading);
	rc = imap_run(reading.imap->client, err, "%s", buf_str(&line));
	imap_listen(reading.imap, NULL, NULL);
	imap_fetch_free(&reading.got);
	buf_free(&line);
	return imap_visited(&reading.visit, rc, err);
}

/* --- headers --- */

/* The place of a uid that was asked for and not told yet. */
static bool is_wanted(const struct reading *reading, uint32_t uid, size_t *at)
{
	return uid && imap_has(reading->uids, reading->count, uid, at) && !reading->is_told[*at];
}

static int hear_header(void *arg, const struct imap_said *said, struct imap_parse *parse,
		       struct err *err)
{
	struct reading *reading = arg;
	size_t at;

	if (said->kind == IMAP_SAID_VANISHED)
		return imap_read_vanished(&reading->visit, parse, err) < 0 ? -1 : 1;
	if (said->kind != IMAP_SAID_FETCH)
		return 0;
	if (imap_fetch_read(parse, &reading->got, NULL, NULL, err))
		return -1;
	if (!reading->got.has_header || !is_wanted(reading, reading->got.uid, &at))
		return 0;
	reading->is_told[at] = 1;
	imap_visit_message(&reading->visit, &reading->got);
	return 1;
}

static int read_pieces(struct reading *reading, imap_hear *hear, size_t step, const char *items,
		       struct err *err)
{
	struct imap_pieces pieces = {
	    .uids = reading->uids,
	    .count = reading->count,
	    .step = step,
	    .before = "UID FETCH",
	    .after = items,
	    .visit = &reading->visit,
	};
	int rc;

	reading->is_told = mem_alloc(reading->count + 1);
	imap_listen(reading->imap, hear, reading);
	rc = imap_run_pieces(reading->imap, &pieces, err);
	imap_listen(reading->imap, NULL, NULL);
	imap_fetch_free(&reading->got);
	free(reading->is_told);
	return imap_visited(&reading->visit, rc, err);
}

int imap_op_headers(struct backend *backend, const uint32_t *uids, size_t count,
		    const struct backend_visit *visit, struct err *err)
{
	struct reading reading = {
	    .imap = imap_inside(backend),
	    .visit = {.visit = visit, .wants_labels = imap_has_labels(imap_inside(backend))},
	    .uids = uids,
	    .count = count};
	struct buf items = BUF_INIT;
	int rc;

	buf_printf(&items, "(UID FLAGS INTERNALDATE RFC822.SIZE%s%s BODY.PEEK[HEADER.FIELDS (%s)])",
		   imap_more_items(reading.imap), imap_has_labels(reading.imap) ? " X-GM-MSGID" : "",
		   BACKEND_HEADER_FIELDS);
	rc = read_pieces(&reading, hear_header, IMAP_FETCH_STEP, buf_str(&items), err);
	buf_free(&items);
	return rc;
}

/* --- bodies --- */

static bool sink_failed(struct reading *reading, int rc)
{
	if (rc)
		reading->visit.is_stopped = true;
	return rc != 0;
}

static bool begin_body(struct reading *reading, uint32_t uid, int64_t size)
{
	if (!reading->path)
		imap_visit_message(&reading->visit, &reading->got);
	return !reading->visit.is_stopped &&
	       !sink_failed(reading, reading->sink->begin(reading->sink->arg, uid, size,
							  &reading->visit.err));
}

static bool add_piece(struct reading *reading, const char *data, size_t len)
{
	return !sink_failed(
	    reading, reading->sink->piece(reading->sink->arg, data, len, &reading->visit.err));
}

static void end_body(struct reading *reading, uint32_t uid)
{
	if (!reading->visit.is_stopped)
		sink_failed(reading,
			    reading->sink->end(reading->sink->arg, uid, &reading->visit.err));
}

static char *piece_of(struct reading *reading)
{
	if (!reading->piece)
		reading->piece = mem_alloc(PIECE);
	return reading->piece;
}

/* The text that the parser stands on, to the sink. */
static int stream_body(struct reading *reading, uint32_t uid, struct imap_parse *parse,
		       struct err *err)
{
	char *data;
	ssize_t got = 0;

	if (parse->token == IMAP_STRING) {
		if (begin_body(reading, uid, (int64_t)parse->text.len) &&
		    add_piece(reading, parse->text.data, parse->text.len))
			end_body(reading, uid);
		return 0;
	}
	if (!begin_body(reading, uid, parse->literal))
		return 0;
	data = piece_of(reading);
	while (!reading->visit.is_stopped && (got = imap_literal_read(parse, data, PIECE, err)) > 0)
		add_piece(reading, data, (size_t)got);
	if (got < 0)
		return -1;
	end_body(reading, uid);
	return 0;
}

/* It came before its uid or its flags: it waits in memory that has no size of its own (memfd goes
 * to swap). */
static int spool_body(struct reading *reading, struct imap_parse *parse, struct err *err)
{
	char *data;
	ssize_t got = 0;
	int rc = 0;

	if (reading->spool < 0)
		reading->spool = memfd_create("tern-body", MFD_CLOEXEC);
	if (reading->spool < 0 || ftruncate(reading->spool, 0) ||
	    lseek(reading->spool, 0, SEEK_SET) < 0)
		return err_errno(err, _("A message cannot be held in memory"));
	if (parse->token == IMAP_STRING) {
		reading->spooled = (int64_t)parse->text.len;
		return file_write_fd(reading->spool, parse->text.data, parse->text.len, err);
	}
	reading->spooled = parse->literal;
	data = piece_of(reading);
	while (rc == 0 && (got = imap_literal_read(parse, data, PIECE, err)) > 0)
		rc = file_write_fd(reading->spool, data, (size_t)got, err);
	return got < 0 ? -1 : rc;
}

static int play_spool(struct reading *reading, uint32_t uid, struct err *err)
{
	char *data;
	ssize_t got = 0;

	if (lseek(reading->spool, 0, SEEK_SET) < 0)
		return err_errno(err, _("A message cannot be held in memory"));
	if (!begin_body(reading, uid, reading->spooled))
		return 0;
	data = piece_of(reading);
	while (!reading->visit.is_stopped && (got = read(reading->spool, data, PIECE)) > 0)
		add_piece(reading, data, (size_t)got);
	if (got < 0)
		return err_errno(err, _("A message cannot be held in memory"));
	end_body(reading, uid);
	return 0;
}

static int hear_section(void *arg, const struct imap_fetched *got, struct imap_parse *parse,
			struct err *err)
{
	struct reading *reading = arg;
	bool is_known = got->uid && (got->has_flags || reading->path);
	size_t at;

	if (reading->visit.is_stopped)
		return 0;
	if (!is_known) {
		reading->is_streamed = false;
		return spool_body(reading, parse, err);
	}
	if (!is_wanted(reading, got->uid, &at))
		return 0;
	reading->is_streamed = true;
	reading->is_told[at] = 1;
	return stream_body(reading, got->uid, parse, err);
}

static int hear_body(void *arg, const struct imap_said *said, struct imap_parse *parse,
		     struct err *err)
{
	struct reading *reading = arg;
	size_t at;

	if (said->kind == IMAP_SAID_VANISHED)
		return imap_read_vanished(&reading->visit, parse, err) < 0 ? -1 : 1;
	if (said->kind != IMAP_SAID_FETCH)
		return 0;
	reading->spooled = -1;
	reading->is_streamed = false;
	if (imap_fetch_read(parse, &reading->got, hear_section, reading, err))
		return -1;
	if (reading->is_streamed)
		return 1;
	if (reading->spooled < 0 || !is_wanted(reading, reading->got.uid, &at))
		return 0;
	reading->is_told[at] = 1;
	return play_spool(reading, reading->got.uid, err) ? -1 : 1;
}

static int read_bodies(struct reading *reading, size_t step, const char *items, struct err *err)
{
	int rc;

	reading->spool = -1;
	rc = read_pieces(reading, hear_body, step, items, err);
	free(reading->piece);
	if (reading->spool >= 0)
		close(reading->spool);
	return rc;
}

int imap_op_whole(struct backend *backend, const uint32_t *uids, size_t count,
		  const struct backend_visit *visit, const struct backend_sink *sink,
		  struct err *err)
{
	struct reading reading = {.imap = imap_inside(backend),
				  .visit = {.visit = visit, .wants_labels = imap_has_labels(imap_inside(backend))},
				  .uids = uids,
				  .count = count,
				  .sink = sink};
	struct buf items = BUF_INIT;
	int rc;

	buf_printf(&items, "(UID FLAGS INTERNALDATE RFC822.SIZE%s BODY.PEEK[])",
		   imap_more_items(reading.imap));
	rc = read_bodies(&reading, IMAP_WHOLE_STEP, buf_str(&items), err);
	buf_free(&items);
	return rc;
}

static bool is_part_path(const char *path)
{
	return *path && strspn(path, "0123456789.") == strlen(path);
}

int imap_op_part(struct backend *backend, uint32_t uid, const char *path,
		 const struct backend_sink *sink, struct err *err)
{
	struct reading reading = {
	    .imap = imap_inside(backend), .uids = &uid, .count = 1, .sink = sink, .path = path};
	struct buf items = BUF_INIT;
	int rc;

	if (is_part_path(path))
		buf_printf(&items, "(UID BODY.PEEK[%s])", strcmp(path, REMOTE_WHOLE) == 0 ? "" : path);
	else
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no part of a message."), path);
	rc = read_bodies(&reading, 1, buf_str(&items), err);
	buf_free(&items);
	return rc;
}

/* --- what a header says of the whole --- */

/* The value of a field of the header block: from behind its colon to the end of its folded lines.
 */
static struct span field_of(struct span header, const char *name)
{
	size_t len = strlen(name), at = 0;

	while (at < header.len) {
		size_t end = span_find(header, at, '\n');

		if (end - at > len && header.data[at + len] == ':' &&
		    span_starts_nocase((struct span){header.data + at, header.len - at}, name))
			return (struct span){header.data + at + len + 1, header.len - at - len - 1};
		at = end + 1;
	}
	return SPAN_NONE;
}

bool imap_is_mixed(struct span header)
{
	return span_starts_nocase(span_trim(field_of(header, "Content-Type")), "multipart/mixed");
}
