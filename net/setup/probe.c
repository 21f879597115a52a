#include "config.h"
#include "net/setup/probe.h"

#include <stdbool.h>
#include <stdint.h>

#include "net/io/stream.h"
#include "net/setup/place.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"

#define CONNECT_MS 6000
#define SILENCE_MS 6000 /* some servers look who comes before they greet */
#define TOTAL_MS   12000
#define LINE_MAX   8192

struct probing {
	bool was_unknown;
	struct buf problem;
};

static bool note_certificate(void *arg, const struct tls_certificate *certificate)
{
	struct probing *probing = arg;

	probing->was_unknown = true;
	buf_add_str(&probing->problem, certificate->problem);
	return false;
}

static const char *const greetings[] = {
    [PLACE_IMAP] = "* ",
    [PLACE_POP3] = "+OK",
    [PLACE_SUBMISSION] = "220",
};

static bool greets(struct stream *stream, enum place_kind kind, struct err *err)
{
	struct span line;
	int rc = stream_read_line(stream, &line, err);

	if (rc == 0)
		err_set(err, _("It closed the connection without a word."));
	if (rc > 0 && !span_starts_nocase(line, greetings[kind]))
		err_set(err, _("Another service answers there."));
	return rc > 0 && span_starts_nocase(line, greetings[kind]);
}

enum probe probe_place(const struct place *place, struct tls_trust *trust, struct buf *words)
{
	struct probing probing = {.problem = BUF_INIT};
	const struct stream_options options = {.host = place->host,
					       .port = place->port,
					       .tls = place->tls,
					       .trust = trust,
					       .unknown = note_certificate,
					       .connect_ms = CONNECT_MS,
					       .silence_ms = SILENCE_MS,
					       .total_ms = TOTAL_MS,
					       .line_max = LINE_MAX,
					       .wake_fd = -1,
					       .arg = &probing};
	struct err err = ERR_INIT;
	struct stream *stream = stream_connect(&options, &err);
	enum probe result = PROBE_NO;

	if (stream && greets(stream, place->kind, &err))
		result = PROBE_YES;
	else if (probing.was_unknown)
		result = PROBE_UNTRUSTED;
	buf_add_str(words, probing.was_unknown ? buf_str(&probing.problem) : err.text);
	stream_close(&stream);
	buf_free(&probing.problem);
	return result;
}
