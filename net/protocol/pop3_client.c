#include "config.h"
#include "net/protocol/pop3_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/sasl.h"
#include "net/io/stream.h"
#include "net/protocol/dot.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"

#define AHEAD	       100 /* commands on the way at once */
#define CAPABILITY_MAX 200 /* lines */
#define CHALLENGES_MAX 10
#define GREETING_MS    120000 /* to be signed in, questions to a person not counted */
#define COMMAND_MS     600000 /* for one answer, and a second more for each kilobyte of a message */
#define MESSAGE_MS_MAX 86400000
#define MESSAGE_SLACK  (16 << 20) /* bytes beyond twice what the list says */
#define WORDS_MAX      200

struct pop3 {
	struct stream *stream;
	bool has_uidl, has_user, has_stls, has_top, has_pipelining;
	bool knows_capabilities;
	struct buf mechanisms; /* SASL, blanks between */
	char words[WORDS_MAX]; /* of the last answer, for people */
	char mechanism[32];    /* that we signed in by */
	struct buf piece;
};

const struct stream *pop3_stream(const struct pop3 *pop3)
{
	return pop3->stream;
}

const char *pop3_mechanism(const struct pop3 *pop3)
{
	return pop3->mechanism;
}

/* --- answers --- */

static void keep_words(struct pop3 *pop3, struct span words)
{
	struct buf clean = BUF_INIT;

	words = span_trim(words);
	utf8_add_exact(&clean, words.data, words.len);
	snprintf(pop3->words, sizeof pop3->words, "%s", buf_str(&clean));
	buf_free(&clean);
}

static int ended(const struct pop3 *pop3, struct err *err)
{
	return err_set_kind(err, ERR_TEMPORARY, _("%s closed the connection."), stream_host(pop3->stream));
}

static int nonsense(const struct pop3 *pop3, struct err *err)
{
	return err_set_kind(err, ERR_CORRUPT, _("%s said what is no POP3: \"%s\"."),
			    stream_host(pop3->stream), pop3->words);
}

static int no_end(const struct pop3 *pop3, struct err *err)
{
	return err_set_kind(err, ERR_CORRUPT, _("%s sends a list without an end."),
			    stream_host(pop3->stream));
}

static int refused(const struct pop3 *pop3, const char *command, struct err *err)
{
	return err_set(err, _("%s refused %s: \"%s\"."), stream_host(pop3->stream), command, pop3->words);
}

/* 1 +OK, 0 -ERR, 2 "+ challenge" (in CHALLENGE, may be NULL where none is due), -1. */
static int read_answer(struct pop3 *pop3, struct buf *challenge, struct err *err)
{
	struct span line;
	int rc = stream_read_line(pop3->stream, &line, err);

	if (rc <= 0)
		return rc < 0 ? -1 : ended(pop3, err);
	keep_words(pop3, line);
	if (span_starts_nocase(line, "+OK"))
		return 1;
	if (span_starts_nocase(line, "-ERR"))
		return 0;
	if (!challenge || line.len == 0 || line.data[0] != '+')
		return nonsense(pop3, err);
	line = span_trim((struct span){line.data + 1, line.len - 1});
	buf_add(challenge, line.data, line.len);
	return 2;
}

/* One line of a list: 1, 0 at its end, -1. */
static int read_listed(struct pop3 *pop3, struct span *line, struct err *err)
{
	int rc = stream_read_line(pop3->stream, line, err);

	if (rc <= 0)
		return rc < 0 ? -1 : ended(pop3, err);
	if (line->len == 0 || line->data[0] != '.')
		return 1;
	if (line->len == 1)
		return 0;
	line->data++;
	line->len--;
	return 1;
}

static int command(struct pop3 *pop3, const char *line, struct err *err)
{
	if (stream_print(pop3->stream, err, "%s\r\n", line) < 0)
		return -1;
	return read_answer(pop3, NULL, err);
}

/* --- capabilities --- */

static void take_capability(struct pop3 *pop3, struct span line)
{
	struct span word;

	if (!span_split(&line, ' ', &word))
		return;
	if (span_equal_nocase(word, "UIDL"))
		pop3->has_uidl = true;
	else if (span_equal_nocase(word, "TOP"))
		pop3->has_top = true;
	else if (span_equal_nocase(word, "USER"))
		pop3->has_user = true;
	else if (span_equal_nocase(word, "STLS"))
		pop3->has_stls = true;
	else if (span_equal_nocase(word, "PIPELINING"))
		pop3->has_pipelining = true;
	else if (span_equal_nocase(word, "SASL"))
		buf_add(&pop3->mechanisms, line.data, line.len);
}

/* What was said before TLS or before signing in may have been somebody else's words: forgotten. */
static void forget_capabilities(struct pop3 *pop3)
{
	pop3->has_top = pop3->has_uidl = pop3->has_user = pop3->has_stls = false;
	pop3->has_pipelining = pop3->knows_capabilities = false;
	buf_clear(&pop3->mechanisms);
}

static int ask_capabilities(struct pop3 *pop3, struct err *err)
{
	struct span line;
	int rc, count = 0;

	forget_capabilities(pop3);
	rc = command(pop3, "CAPA", err);
	if (rc <= 0) {
		pop3->has_user = true; /* an old server: RFC 1939 alone */
		return rc;
	}
	while ((rc = read_listed(pop3, &line, err)) > 0 && count++ < CAPABILITY_MAX)
		take_capability(pop3, line);
	if (rc > 0)
		return no_end(pop3, err);
	pop3->knows_capabilities = true;
	return rc;
}

/* --- signing in --- */

static int start_tls(struct pop3 *pop3, struct err *err)
{
	int rc = command(pop3, "STLS", err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set_kind(
		    err, ERR_DENIED,
		    _("%s does not offer TLS here (\"%s\"). Nothing was sent in the clear. Set \"tls\" to "
		      "\"implicit\" if the server has a port for that."),
		    stream_host(pop3->stream), pop3->words);
	return stream_start_tls(pop3->stream, err);
}

static int send_secret(struct pop3 *pop3, const char *before, const struct buf *secret, struct err *err)
{
	int rc = stream_print(pop3->stream, err, "%s", before);

	stream_set_secret(pop3->stream, true);
	if (rc == 0)
		rc = stream_write(pop3->stream, buf_str(secret), secret->len, err);
	if (rc == 0)
		rc = stream_write(pop3->stream, "\r\n", 2, err);
	if (rc == 0)
		rc = stream_flush(pop3->stream, err);
	stream_set_secret(pop3->stream, false);
	return rc;
}

/* 1 signed in, 0 refused, -1. */
static int converse(struct pop3 *pop3, struct sasl *sasl, struct err *err)
{
	struct buf challenge = BUF_INIT, answer = BUF_INIT;
	int rc = 2, turns = 0;

	while (rc == 2 && turns++ < CHALLENGES_MAX) {
		buf_clear(&challenge);
		rc = read_answer(pop3, &challenge, err);
		if (rc != 2)
			break;
		buf_clear(&answer);
		if (sasl_step(sasl, buf_str(&challenge), &answer, err) < 0) {
			buf_clear(&answer);
			buf_add_str(&answer, "*");
		}
		if (send_secret(pop3, "", &answer, err) < 0)
			rc = -1;
		explicit_bzero(answer.data, answer.len);
	}
	if (rc == 2)
		rc = nonsense(pop3, err);
	buf_free(&challenge);
	buf_free(&answer);
	return rc;
}

static int authenticate(struct pop3 *pop3, struct sasl *sasl, struct err *err)
{
	int rc = stream_print(pop3->stream, err, "AUTH %s\r\n", sasl_mechanism(sasl));

	if (rc == 0)
		rc = converse(pop3, sasl, err);
	if (rc == 1 && sasl_finish(sasl, err) < 0)
		rc = -1;
	return rc;
}

/* 1, 0 none worked, -1. */
static int sign_in_by_sasl(struct pop3 *pop3, const struct sasl_who *who, struct err *err)
{
	struct sasl *sasl = sasl_new(buf_str(&pop3->mechanisms), who, err);
	int rc = sasl ? 0 : -1, next = 0;
	char name[sizeof pop3->mechanism] = "";

	while (rc == 0 && (next = sasl_next(sasl, err)) == 1) {
		snprintf(name, sizeof name, "%s", sasl_mechanism(sasl));
		rc = authenticate(pop3, sasl, err);
	}
	if (next < 0)
		rc = -1;
	if (rc == 1)
		snprintf(pop3->mechanism, sizeof pop3->mechanism, "%s", name);
	sasl_free(&sasl);
	return rc;
}

static int is_one_line(const char *text)
{
	return strpbrk(text, "\r\n") == NULL;
}

static int sign_in_by_password(struct pop3 *pop3, const struct sasl_who *who, struct err *err)
{
	struct buf secret = BUF_INIT;
	int rc = who->password ? who->password(who->arg, &secret, err)
			       : err_set_kind(err, ERR_DENIED, _("There is no password."));

	if (rc == 0 && (!is_one_line(who->user) || !is_one_line(buf_str(&secret)) ||
			strlen(buf_str(&secret)) != secret.len))
		rc = err_set_kind(err, ERR_USAGE,
				  _("The name or password cannot be sent by POP3's USER and PASS."));
	if (rc == 0)
		rc = stream_print(pop3->stream, err, "USER %s\r\n", who->user);
	if (rc == 0)
		rc = read_answer(pop3, NULL, err);
	if (rc == 1)
		rc = send_secret(pop3, "PASS ", &secret, err) < 0 ? -1 : read_answer(pop3, NULL, err);
	explicit_bzero(secret.data ? secret.data : (char[1]){0}, secret.len);
	buf_free(&secret);
	return rc;
}

/* What is offered keeps what was promised once, or -1. */
static int check_promise(const struct pop3 *pop3, const struct sasl_who *who, struct err *err)
{
	struct buf words = BUF_INIT;
	int rc = 0;

	if (who->promised && !sasl_can(buf_str(&pop3->mechanisms), who, &words) &&
	    !sasl_may_login(buf_str(&pop3->mechanisms), who, NULL))
		rc = err_set_kind(err, ERR_DENIED, "%s: %s", stream_host(pop3->stream), buf_str(&words));
	buf_free(&words);
	return rc;
}

static bool may_send_password(const struct pop3 *pop3, const struct sasl_who *who)
{
	return pop3->has_user && who->is_secure && !who->only && who->password && !(who->is_wrong && *who->is_wrong) &&
	       sasl_may_login(buf_str(&pop3->mechanisms), who, NULL);
}

static int sign_in(struct pop3 *pop3, const struct sasl_who *who, struct err *err)
{
	int rc = check_promise(pop3, who, err);

	if (rc == 0 && pop3->mechanisms.len)
		rc = sign_in_by_sasl(pop3, who, err);
	if (rc == 0 && may_send_password(pop3, who)) {
		rc = sign_in_by_password(pop3, who, err);
		if (rc == 1)
			snprintf(pop3->mechanism, sizeof pop3->mechanism, "LOGIN");
	}
	if (rc == 0)
		return err_set_kind(err, ERR_DENIED, _("%s did not let %s in: \"%s\"."),
				    stream_host(pop3->stream), who->user, pop3->words);
	return rc < 0 ? -1 : 0;
}

static int greet(struct pop3 *pop3, bool must_start_tls, struct sasl_who *who, struct err *err)
{
	unsigned char binding[32];
	int rc = read_answer(pop3, NULL, err);

	if (rc == 0)
		rc = err_set_kind(err, ERR_TEMPORARY, _("%s sends us away: \"%s\"."),
				  stream_host(pop3->stream), pop3->words);
	if (rc > 0 && must_start_tls)
		rc = start_tls(pop3, err) < 0 ? -1 : 1;
	if (rc < 0 || ask_capabilities(pop3, err) < 0)
		return -1;
	who->is_secure = stream_is_secure(pop3->stream);
	if (stream_is_tls(pop3->stream) && tls_channel_binding(stream_tls(pop3->stream), binding))
		who->channel_binding = binding;
	rc = sign_in(pop3, who, err);
	who->channel_binding = NULL;
	return rc < 0 ? -1 : ask_capabilities(pop3, err) < 0 ? -1 : 0;
}

struct pop3 *pop3_open(struct stream *stream, bool must_start_tls, struct sasl_who *who, struct err *err)
{
	struct pop3 *pop3 = mem_alloc(sizeof *pop3);

	pop3->stream = stream;
	if (greet(pop3, must_start_tls, who, err) < 0)
		pop3_close(&pop3);
	return pop3;
}

void pop3_close(struct pop3 **pop3)
{
	if (!*pop3)
		return;
	stream_close(&(*pop3)->stream);
	buf_free(&(*pop3)->mechanisms);
	buf_free(&(*pop3)->piece);
	free(*pop3);
	*pop3 = NULL;
}

int pop3_quit(struct pop3 **pop3, struct err *err)
{
	int rc;

	stream_set_total_ms((*pop3)->stream, COMMAND_MS);
	rc = command(*pop3, "QUIT", err);

	if (rc == 0)
		rc = refused(*pop3, "QUIT", err);
	pop3_close(pop3);
	return rc < 0 ? -1 : 0;
}

/* --- what is there --- */

void pop3_messages_free(struct pop3_message **messages, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		free((*messages)[i].uid);
	free(*messages);
	*messages = NULL;
	*count = 0;
}

struct listing {
	struct pop3_message *items;
	size_t count, cap;
};

static bool read_number(struct span text, int64_t max, int64_t *number)
{
	*number = 0;
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!char_is_digit(text.data[i]))
			return false;
		*number = *number * 10 + (text.data[i] - '0');
		if (*number > max)
			return false;
	}
	return true;
}

/* Numbers rise; what does not is no answer of a server in its senses. */
static void take_size(struct listing *list, struct span line)
{
	struct span word;
	int64_t number, size = -1;

	if (!span_split(&line, ' ', &word) || !read_number(word, POP3_MESSAGES_MAX, &number) || number == 0)
		return;
	if (list->count && list->items[list->count - 1].number >= number)
		return;
	if (span_split(&line, ' ', &word) && !read_number(word, INT64_MAX / 20, &size))
		size = -1;
	ARRAY_ROOM(list->items, list->count, list->cap);
	list->items[list->count++] = (struct pop3_message){.number = (uint32_t)number, .size = size};
}

static struct pop3_message *find_number(struct listing *list, int64_t number)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list->items[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < list->count && list->items[low].number == number ? &list->items[low] : NULL;
}

static void take_uid(struct listing *list, struct span line)
{
	struct pop3_message *message;
	struct span word;
	int64_t number;

	if (!span_split(&line, ' ', &word) || !read_number(word, POP3_MESSAGES_MAX, &number))
		return;
	line = span_trim(line);
	message = find_number(list, number);
	if (!message || message->uid || line.len == 0 || line.len > POP3_UID_MAX ||
	    memchr(line.data, '\0', line.len))
		return;
	message->uid = mem_strndup(line.data, line.len);
}

static int read_list(struct pop3 *pop3, struct listing *list,
		     void (*take)(struct listing *list, struct span line), struct err *err)
{
	struct span line;
	int64_t lines = 0;
	int rc;

	stream_set_total_ms(pop3->stream, COMMAND_MS);
	while ((rc = read_listed(pop3, &line, err)) > 0 && lines++ < POP3_MESSAGES_MAX)
		take(list, line);
	return rc > 0 ? no_end(pop3, err) : rc;
}

int pop3_list(struct pop3 *pop3, struct pop3_message **messages, size_t *count, struct err *err)
{
	struct listing list = {.count = 0};
	int rc = command(pop3, "LIST", err);

	if (rc == 0)
		rc = refused(pop3, "LIST", err);
	if (rc > 0)
		rc = read_list(pop3, &list, take_size, err);
	if (rc == 0 && list.count && (pop3->has_uidl || !pop3->knows_capabilities)) {
		rc = command(pop3, "UIDL", err); /* -ERR: has none, unless it said it has */
		if (rc > 0)
			rc = read_list(pop3, &list, take_uid, err);
		else if (rc == 0 && pop3->has_uidl)
			rc = refused(pop3, "UIDL", err);
	}
	*messages = list.items;
	*count = list.count;
	if (rc < 0)
		pop3_messages_free(messages, count);
	return rc < 0 ? -1 : 0;
}

/* --- fetching and removing --- */

static int read_text(struct pop3 *pop3, int64_t size, const struct pop3_sink *sink, struct err *err)
{
	struct dot dot = DOT_INIT;
	struct span bytes;
	int64_t left = size < 0 ? INT64_MAX : size * 2 + MESSAGE_SLACK;

	while (!dot_has_ended(&dot)) {
		int rc = stream_peek(pop3->stream, &bytes, err);

		if (rc <= 0)
			return rc < 0 ? -1 : ended(pop3, err);
		buf_clear(&pop3->piece);
		stream_skip(pop3->stream, dot_read(&dot, bytes.data, bytes.len, &pop3->piece));
		left -= (int64_t)pop3->piece.len;
		if (left < 0)
			return err_set_kind(err, ERR_CORRUPT,
					    _("%s sends much more of a message than its list said."),
					    stream_host(pop3->stream));
		if (pop3->piece.len && sink->piece(sink->arg, pop3->piece.data, pop3->piece.len, err) < 0)
			return -1;
	}
	return 0;
}

static int read_message(struct pop3 *pop3, size_t at, int64_t size, const struct pop3_sink *sink,
			struct err *err)
{
	int rc;

	stream_set_total_ms(pop3->stream, COMMAND_MS + (size < MESSAGE_MS_MAX ? size > 0 ? size : 0 : MESSAGE_MS_MAX));
	rc = read_answer(pop3, NULL, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return sink->refused(sink->arg, at, pop3->words, err);
	if (sink->begin(sink->arg, at, err) < 0 || read_text(pop3, size, sink, err) < 0)
		return -1;
	return sink->end(sink->arg, at, err);
}

/* Half of them together: each alone would be a packet. */
static int send_ahead(struct pop3 *pop3, const char *verb, const struct pop3_message *const *messages,
		      size_t count, size_t done, size_t *sent, struct err *err)
{
	size_t ahead = pop3->has_pipelining ? AHEAD : 1;
	bool is_top = strcmp(verb, "TOP") == 0;

	if (*sent > done + ahead / 2)
		return 0;
	for (; *sent < count && *sent < done + ahead; ++*sent)
		if (stream_print(pop3->stream, err, "%s %u%s\r\n", verb, (unsigned)messages[*sent]->number,
				 is_top ? " 0" : "") <
		    0)
			return -1;
	return 0;
}

static int give_each(struct pop3 *pop3, const char *verb, const struct pop3_message *const *messages, size_t count,
		     const struct pop3_sink *sink, struct err *err)
{
	size_t sent = 0;

	for (size_t i = 0; i < count; i++)
		if (send_ahead(pop3, verb, messages, count, i, &sent, err) < 0 ||
		    read_message(pop3, i, messages[i]->size, sink, err) < 0)
			return -1;
	return 0;
}

int pop3_retrieve(struct pop3 *pop3, const struct pop3_message *const *messages, size_t count,
		  const struct pop3_sink *sink, struct err *err)
{
	return give_each(pop3, "RETR", messages, count, sink, err);
}

int pop3_heads(struct pop3 *pop3, const struct pop3_message *const *messages, size_t count,
	       const struct pop3_sink *sink, struct err *err)
{
	return give_each(pop3, pop3->has_top ? "TOP" : "RETR", messages, count, sink, err);
}

int pop3_delete(struct pop3 *pop3, const struct pop3_message *const *messages, size_t count,
		void (*marked)(void *arg, size_t at), void *arg, struct err *err)
{
	size_t sent = 0;

	for (size_t i = 0; i < count; i++) {
		int rc;

		if (send_ahead(pop3, "DELE", messages, count, i, &sent, err) < 0)
			return -1;
		stream_set_total_ms(pop3->stream, COMMAND_MS);
		rc = read_answer(pop3, NULL, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			marked(arg, i);
	}
	return 0;
}
