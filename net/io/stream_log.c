#include "config.h"

#include "net/io/stream_inside.h"
#include "store/base/buf.h"
#include "store/base/log.h"
#include "store/base/utf8.h"

#define LOG_WIDTH 512

static void log_line(const struct stream *stream, const char *who, const char *data, size_t len)
{
	struct buf text = BUF_INIT;

	while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
		len--;
	utf8_add_printable(&text, data, len < LOG_WIDTH ? len : LOG_WIDTH);
	log_write(LOG_DEBUG, "%s %s %s%s", stream->log_name, who, buf_str(&text),
		  len > LOG_WIDTH ? "..." : "");
	buf_free(&text);
}

void stream_log_said(struct stream *stream)
{
	if (stream->said.len)
		log_line(stream, "C:", stream->said.data, stream->said.len);
	buf_clear(&stream->said);
}

/* A command is one line of the log, in however many pieces it is written; only its beginning is kept. */
static void log_piece(struct stream *stream, const char *data, size_t len)
{
	size_t room = stream->said.len > LOG_WIDTH ? 0 : LOG_WIDTH + 1 - stream->said.len;

	buf_add(&stream->said, data, len < room ? len : room);
	if (len && data[len - 1] == '\n')
		stream_log_said(stream);
}

/* Secrets as three stars, once, however many pieces they come in. */
void stream_log_written(struct stream *stream, const char *data, size_t len)
{
	if (!stream->log_name || !log_is_debug())
		return;
	if (!stream->is_secret) {
		log_piece(stream, data, len);
		return;
	}
	stream_log_said(stream);
	if (!stream->was_secret_logged)
		log_write(LOG_DEBUG, "%s C: ***", stream->log_name);
	stream->was_secret_logged = true;
}

void stream_log_answer(struct stream *stream, const struct span *line)
{
	stream_log_said(stream);
	log_line(stream, "S:", line->data, line->len);
}
