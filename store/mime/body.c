/* What parts hold: bodies decoded, and which of them is the text. */
#include "config.h"
#include "store/mime/mime.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/charset.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/mime/transfer.h"

#define CHARSET_ROOM 40
#define PAGE_HEAD    2048 /* bytes of a page that may name its charset */

/* Between a decoder and a sink: rests now and then. */
struct resting {
	const struct mime_rest *rest;
	transfer_sink *sink;
	void *arg;
	size_t passed; /* bytes since the last rest */
};

static int pass_on(void *arg, const char *bytes, size_t len)
{
	struct resting *resting = arg;
	int rc = resting->sink(resting->arg, bytes, len);

	resting->passed += len;
	if (resting->passed >= MIME_REST_EVERY) {
		resting->rest->call(resting->rest->arg);
		resting->passed = 0;
	}
	return rc;
}

/* What is not encoded is one long piece for the decoder: it is cut, so that there is time to rest. */
static int pass_in_pieces(struct resting *resting, struct span body)
{
	int rc = 0;

	while (body.len && rc == 0) {
		size_t n = body.len < MIME_REST_EVERY ? body.len : MIME_REST_EVERY;

		rc = pass_on(resting, body.data, n);
		body = (struct span){body.data + n, body.len - n};
	}
	return rc;
}

int mime_decode_body_to(const struct mime_part *part,
			int (*sink)(void *arg, const char *bytes, size_t len), void *arg)
{
	enum transfer kind = transfer_kind(part->encoding);
	struct resting resting = {part->rest, sink, arg, 0};

	if (!part->rest || !part->rest->call || part->body.len <= MIME_REST_EVERY)
		return transfer_decode(kind, part->body, sink, arg);
	if (kind == TRANSFER_NONE)
		return pass_in_pieces(&resting, part->body);
	return transfer_decode(kind, part->body, pass_on, &resting);
}

struct limited {
	struct buf *out;
	size_t left;
	bool has_limit;
};

static int add_limited(void *arg, const char *bytes, size_t len)
{
	struct limited *limited = arg;
	bool is_over = limited->has_limit && len > limited->left;

	if (is_over)
		len = limited->left;
	buf_add(limited->out, bytes, len);
	limited->left -= len;
	return is_over ? -1 : 0;
}

int mime_decode_body(const struct mime_part *part, size_t limit, struct buf *out)
{
	struct limited limited = {.out = out, .left = limit, .has_limit = limit > 0};

	if (!limit)
		limited.left = (size_t)-1;
	return mime_decode_body_to(part, add_limited, &limited) < 0 ? 1 : 0;
}

struct copy {
	char *bytes;
	size_t len, room;
};

static int add_copy(void *arg, const char *bytes, size_t len)
{
	struct copy *copy = arg;

	if (len > copy->room - copy->len)
		return -1;
	memcpy(copy->bytes + copy->len, bytes, len);
	copy->len += len;
	return 0;
}

int mime_decode_body_into(const struct mime_part *part, char *out, size_t room, size_t *len)
{
	struct copy copy = {.bytes = out, .room = room};
	int rc = mime_decode_body_to(part, add_copy, &copy);

	*len = copy.len;
	return rc < 0 ? -1 : 0;
}

static void drop_carriage_returns(struct buf *out, size_t start)
{
	size_t from, to;
	char *first = out->data ? memchr(out->data + start, '\r', out->len - start) : NULL;

	if (!first)
		return;
	for (from = to = (size_t)(first - out->data); from < out->len; from++)
		if (out->data[from] != '\r' || from + 1 >= out->len || out->data[from + 1] != '\n')
			out->data[to++] = out->data[from];
	buf_truncate(out, to);
}

/* What an HTML page says of itself ("<meta charset=..." or "...; charset=..."), for parts whose header
 * says nothing we know. NAME stays empty when the page says nothing either. */
static void charset_of_page(struct span page, char name[CHARSET_ROOM])
{
	static const char key[] = "charset=";
	size_t len = page.len < PAGE_HEAD ? page.len : PAGE_HEAD, at, n = 0;

	for (at = 0; at + sizeof key <= len; at++)
		if (span_starts_nocase((struct span){page.data + at, len - at}, key))
			break;
	at += sizeof key - 1;
	while (at < len && (page.data[at] == '"' || page.data[at] == '\''))
		at++;
	while (at < len && n < CHARSET_ROOM - 1 &&
	       (char_is_alnum(page.data[at]) || strchr("-_.:", page.data[at])) && page.data[at])
		name[n++] = page.data[at++];
	name[n] = '\0';
}

static void add_text(const struct mime_part *part, struct span bytes, struct buf *out)
{
	char name[CHARSET_ROOM] = "";

	if (strcmp(part->type, "text/html") == 0 && !charset_is_known(part->charset) &&
	    !utf8_is_valid(bytes.data, bytes.len))
		charset_of_page(bytes, name);
	if (!*name && charset_is_utf8_despite(part->charset, bytes.data, bytes.len))
		utf8_add_valid(out, bytes.data, bytes.len);
	else
		charset_to_utf8(*name ? name : part->charset, bytes.data, bytes.len, out);
}

int mime_decode_body_text(const struct mime_part *part, size_t limit, struct buf *out)
{
	struct buf bytes = BUF_INIT;
	size_t start = out->len;
	int is_cut = 0;

	if (transfer_kind(part->encoding) == TRANSFER_NONE && !limit) {
		add_text(part, part->body, out);
	} else {
		is_cut = mime_decode_body(part, limit, &bytes);
		add_text(part, (struct span){buf_str(&bytes), bytes.len}, out);
		buf_free(&bytes);
	}
	drop_carriage_returns(out, start);
	return is_cut;
}

struct mime_part *mime_text_part(const struct mime_message *message)
{
	return message->root.text;
}

bool mime_is_container(const struct mime_part *part)
{
	return part->first_child || strncmp(part->type, "multipart/", 10) == 0;
}

bool mime_is_attachment(const struct mime_message *message, const struct mime_part *part)
{
	return !mime_is_container(part) && part != message->root.text;
}
