#include "config.h"
#include "net/sync/imap_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/i18n.h"
#include "store/base/mem.h"

#define PIECE 65536

/* What a message is on the wire, known before it is announced. */
struct measure {
	int64_t size;
	bool has_nul, has_wide_header; /* bytes above ASCII in its header */
};

/* Walks over the letter with its line ends made CRLF. */
struct walk {
	char last;    /* the byte before */
	bool is_body; /* behind the empty line */
	size_t line;  /* bytes in this line */
};

static int read_letter(const struct backend_letter *letter, int64_t at, char *data, size_t *len,
		       struct err *err)
{
	int64_t left = letter->size - at;
	ssize_t got;

	do
		got = pread(letter->fd, data, left < PIECE ? (size_t)left : PIECE, at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, _("A letter for the server cannot be read"));
	if (got == 0)
		return err_set(err, _("A letter for the server is shorter than it was."));
	*len = (size_t)got;
	return 0;
}

static void measure_piece(struct measure *measure, struct walk *walk, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = data[i];

		if (c == '\n') {
			measure->size += walk->last != '\r';
			walk->is_body |= walk->line == 0;
			walk->line = 0;
		} else if (c != '\r') {
			walk->line++;
		}
		measure->has_nul |= c == '\0';
		measure->has_wide_header |= !walk->is_body && (c & 0x80);
		walk->last = c;
	}
	measure->size += (int64_t)len;
}

static int measure_letter(const struct backend_letter *letter, char *data, struct measure *measure,
			  struct err *err)
{
	struct walk walk = {.last = '\0'};
	size_t len;

	for (int64_t at = 0; at < letter->size; at += (int64_t)len) {
		if (read_letter(letter, at, data, &len, err))
			return -1;
		measure_piece(measure, &walk, data, len);
	}
	return 0;
}

/* Appends DATA with CR before each LF that has none. */
static void add_crlf(struct buf *out, char *last, const char *data, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		char before = i ? data[i - 1] : *last;

		if (data[i] != '\n' || before == '\r')
			continue;
		buf_add(out, data + from, i - from);
		buf_add_char(out, '\r');
		from = i;
	}
	buf_add(out, data + from, len - from);
	*last = data[len - 1];
}

/* From here on what was announced must come: else the connection is of no use. */
static int send_letter(struct imap_client *client, const struct backend_letter *letter,
		       int64_t announced, char *data, struct err *err)
{
	struct buf out = BUF_INIT;
	char last = '\0';
	int64_t sent = 0, at = 0;
	size_t len;
	int rc = 0;

	for (; rc == 0 && at < letter->size; at += (int64_t)len) {
		rc = read_letter(letter, at, data, &len, err);
		if (rc)
			break;
		buf_clear(&out);
		add_crlf(&out, &last, data, len);
		sent += (int64_t)out.len;
		rc = sent > announced ? -1 : stream_write(client->stream, out.data, out.len, err);
		stream_set_total_ms(client->stream, client->command_ms);
	}
	buf_free(&out);
	if (rc == 0 && sent == announced)
		return 0;
	client->is_broken = true;
	if (sent != announced && err && err->kind == ERR_NONE)
		err_set_kind(err, ERR_TEMPORARY,
			     _("A letter changed while it was sent to the server."));
	return -1;
}

static int check(const struct imap_backend *imap, const struct measure *measure, struct err *err)
{
	int64_t limit = imap->abilities.append_limit;

	if (limit && measure->size > limit)
		return err_set(err,
			       _("The letter has %lld bytes, and %s takes at most %lld: it was not "
				 "sent there."),
			       (long long)measure->size, imap_host(imap->client), (long long)limit);
	if (measure->has_nul && !imap->client->can[IMAP_CAN_BINARY])
		return err_set(err,
			       _("The letter holds NUL bytes, and %s cannot keep such ones: it was "
				 "not sent there."),
			       imap_host(imap->client));
	return 0;
}

static void add_arguments(struct buf *line, const struct backend_letter *letter)
{
	buf_add_str(line, " (");
	imap_add_flags(line, letter->flags, letter->keywords);
	buf_add_char(line, ')');
	if (letter->received) {
		buf_add_str(line, " \"");
		imap_date_add(line, letter->received);
		buf_add_char(line, '"');
	}
	buf_add_char(line, ' ');
}

/* RFC 6855: a header that is UTF-8 goes as UTF8 (~{n}...) once UTF8=ACCEPT is on. */
static int send_command(struct imap_backend *imap, const char *wire,
			const struct backend_letter *letter, const struct measure *measure,
			char *data, struct err *err)
{
	bool is_wide = imap->client->is_utf8 && measure->has_wide_header;
	struct buf line = BUF_INIT;
	int number = -1;

	buf_add_str(&line, "APPEND ");
	if (imap_add_name(&line, wire, err) == 0) {
		add_arguments(&line, letter);
		buf_add_str(&line, is_wide ? "UTF8 (" : "");
		number = imap_begin(imap->client, err, "%s", buf_str(&line));
	}
	buf_free(&line);
	if (number < 0 ||
	    imap_add_literal(imap->client, number, measure->size, is_wide || measure->has_nul,
			     err) ||
	    send_letter(imap->client, letter, measure->size, data, err) ||
	    (is_wide && imap_add(imap->client, SPAN(")"), err)) || imap_end(imap->client, err))
		return -1;
	return imap_finish(imap->client, number, err);
}

static void take_appenduid(const struct imap_client *client, uint32_t *uid, uint32_t *uidvalidity)
{
	struct span rest, era_text, uid_text;
	uint64_t era, number;

	if (!imap_code_is((struct span){buf_str(&client->code), client->code.len}, "APPENDUID",
			  &rest) ||
	    !span_split(&rest, ' ', &era_text) || !span_split(&rest, ' ', &uid_text))
		return;
	if (imap_number(era_text, UINT32_MAX, &era) && imap_number(uid_text, UINT32_MAX, &number)) {
		*uidvalidity = (uint32_t)era;
		*uid = (uint32_t)number;
	}
}

int imap_op_append(struct backend *backend, const char *wire, const struct backend_letter *letter,
		   uint32_t *uid, uint32_t *uidvalidity, struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	struct measure measure = {.size = 0};
	char *data = mem_alloc(PIECE);
	int rc;

	*uid = *uidvalidity = 0;
	imap_listen(imap, NULL, NULL);
	rc = measure_letter(letter, data, &measure, err);
	if (rc == 0)
		rc = check(imap, &measure, err);
	if (rc == 0)
		rc = send_command(imap, wire, letter, &measure, data, err);
	if (rc == 0)
		take_appenduid(imap->client, uid, uidvalidity);
	free(data);
	return rc ? err_add(err, _("saving a letter in the mailbox \"%s\""), wire) : 0;
}
