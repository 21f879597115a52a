#include "config.h"
#include "net/protocol/imap_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/stream.h"
#include "net/protocol/imap_name.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"

#define WORDS_MAX	   300 /* bytes of a server's words that a person is shown */
#define ALERTS_MAX	   20
#define LITERAL_MINUS_SIZE 4096 /* RFC 7888 */
#define MORE_TIME	   (1 << 20)
#define LEAVE_MS	   3000

static const struct {
	const char *name;
	enum imap_ability ability;
} abilities[] = {
    {"APPENDLIMIT", IMAP_CAN_APPENDLIMIT},
    {"BINARY", IMAP_CAN_BINARY},
    {"COMPRESS=DEFLATE", IMAP_CAN_COMPRESS},
    {"CONDSTORE", IMAP_CAN_CONDSTORE},
    {"ENABLE", IMAP_CAN_ENABLE},
    {"ESEARCH", IMAP_CAN_ESEARCH},
    {"X-GM-EXT-1", IMAP_CAN_GMAIL},
    {"ID", IMAP_CAN_ID},
    {"IDLE", IMAP_CAN_IDLE},
    {"LIST-EXTENDED", IMAP_CAN_LIST_EXTENDED},
    {"LIST-STATUS", IMAP_CAN_LIST_STATUS},
    {"LITERAL-", IMAP_CAN_LITERAL_MINUS},
    {"LITERAL+", IMAP_CAN_LITERAL_PLUS},
    {"LOGINDISABLED", IMAP_CANNOT_LOGIN},
    {"MOVE", IMAP_CAN_MOVE},
    {"NAMESPACE", IMAP_CAN_NAMESPACE},
    {"NOTIFY", IMAP_CAN_NOTIFY},
    {"QRESYNC", IMAP_CAN_QRESYNC},
    {"QUOTA", IMAP_CAN_QUOTA},
    {"IMAP4rev2", IMAP_CAN_REV2},
    {"SASL-IR", IMAP_CAN_SASL_IR},
    {"SPECIAL-USE", IMAP_CAN_SPECIAL_USE},
    {"STARTTLS", IMAP_CAN_STARTTLS},
    {"UIDPLUS", IMAP_CAN_UIDPLUS},
    {"UNSELECT", IMAP_CAN_UNSELECT},
    {"UTF8=ACCEPT", IMAP_CAN_UTF8},
    {"UTF8=ONLY", IMAP_CAN_UTF8},
};

/* What revision 2 promises without naming it (RFC 9051 appendix E). */
static const enum imap_ability of_rev2[] = {
    IMAP_CAN_BINARY,	    IMAP_CAN_ENABLE,	  IMAP_CAN_ESEARCH,	  IMAP_CAN_IDLE,
    IMAP_CAN_LIST_EXTENDED, IMAP_CAN_LIST_STATUS, IMAP_CAN_LITERAL_MINUS, IMAP_CAN_MOVE,
    IMAP_CAN_NAMESPACE,	    IMAP_CAN_SASL_IR,	  IMAP_CAN_SPECIAL_USE,	  IMAP_CAN_UIDPLUS,
    IMAP_CAN_UNSELECT,
};

static const struct {
	const char *word;
	enum imap_kind kind;
} kinds[] = {
    {"ENABLED", IMAP_SAID_ENABLED},
    {"ESEARCH", IMAP_SAID_ESEARCH},
    {"EXISTS", IMAP_SAID_EXISTS},
    {"EXPUNGE", IMAP_SAID_EXPUNGE},
    {"FETCH", IMAP_SAID_FETCH},
    {"FLAGS", IMAP_SAID_FLAGS},
    {"ID", IMAP_SAID_ID},
    {"LIST", IMAP_SAID_LIST},
    {"LSUB", IMAP_SAID_LSUB},
    {"NAMESPACE", IMAP_SAID_NAMESPACE},
    {"QUOTA", IMAP_SAID_QUOTA},
    {"QUOTAROOT", IMAP_SAID_QUOTAROOT},
    {"SEARCH", IMAP_SAID_SEARCH},
    {"STATUS", IMAP_SAID_STATUS},
    {"VANISHED", IMAP_SAID_VANISHED},
    {"XLIST", IMAP_SAID_LIST},
};

/* Which answer codes say what kind of failure it was (RFC 5530). */
static const struct {
	const char *code;
	enum err_kind kind;
} failures[] = {
    {"TRYCREATE", ERR_NOT_FOUND},
    {"NONEXISTENT", ERR_NOT_FOUND},
    {"ALREADYEXISTS", ERR_EXISTS},
    {"UNAVAILABLE", ERR_TEMPORARY},
    {"INUSE", ERR_TEMPORARY},
    {"SERVERBUG", ERR_FAILED},
    {"AUTHENTICATIONFAILED", ERR_DENIED},
    {"AUTHORIZATIONFAILED", ERR_DENIED},
    {"EXPIRED", ERR_DENIED},
    {"PRIVACYREQUIRED", ERR_DENIED},
    {"NOPERM", ERR_DENIED},
    {"CONTACTADMIN", ERR_DENIED},
};

/* --- reading --- */

/* A long answer that goes on coming gets more time; one that drips does not. */
static void count(struct imap_client *client, size_t len)
{
	client->heard += (int64_t)len;
	if (client->heard < client->allowed)
		return;
	client->allowed = client->heard + MORE_TIME;
	stream_set_total_ms(client->stream, client->command_ms);
}

static int input_line(void *arg, struct span *line, struct err *err)
{
	struct imap_client *client = arg;
	int rc = stream_read_line(client->stream, line, err);

	if (rc <= 0)
		return rc;
	count(client, line->len + 2);
	if (memchr(line->data, '\0', line->len))
		return err_set_kind(err, ERR_CORRUPT, _("%s breaks the rules of IMAP: %s."),
				    imap_host(client), _("a NUL is in a line"));
	return 1;
}

static ssize_t input_read(void *arg, void *data, size_t size, struct err *err)
{
	struct imap_client *client = arg;
	ssize_t got = stream_read(client->stream, data, size, err);

	if (got > 0)
		count(client, (size_t)got);
	return got;
}

struct imap_client *imap_client_new(struct stream *stream)
{
	struct imap_client *client = mem_alloc(sizeof *client);
	struct imap_input input = {input_line, input_read, client};

	client->stream = stream;
	client->command_ms = IMAP_COMMAND_MS;
	imap_parse_init(&client->parse, &input);
	return client;
}

void imap_client_free(struct imap_client **client)
{
	struct imap_client *c = *client;

	if (!c)
		return;
	for (size_t i = 0; i < IMAP_PENDING_MAX; i++) {
		buf_free(&c->pending[i].code);
		buf_free(&c->pending[i].text);
	}
	stream_close(&c->stream);
	imap_parse_free(&c->parse);
	buf_free(&c->mechanisms);
	buf_free(&c->code);
	buf_free(&c->text);
	free(c);
	*client = NULL;
}

void imap_client_leave(struct imap_client **client)
{
	struct imap_client *c = *client;
	struct err err = ERR_INIT;

	if (c && !c->is_broken) {
		c->is_leaving = true;
		c->hear = NULL;
		c->command_ms = LEAVE_MS;
		imap_run(c, &err, "LOGOUT");
	}
	imap_client_free(client);
}

const char *imap_host(const struct imap_client *client)
{
	return stream_host(client->stream);
}

/* Which error it was stays the caller's to tell. */
static int broken(struct imap_client *client)
{
	client->is_broken = true;
	return -1;
}

void imap_add_words(struct buf *out, struct span words)
{
	bool is_cut = words.len > WORDS_MAX;

	if (is_cut)
		for (words.len = WORDS_MAX; words.len > 0; words.len--)
			if ((words.data[words.len] & 0xc0) != 0x80)
				break;
	utf8_add_revealed(out, words.data, words.len);
	buf_add_str(out, is_cut ? "…" : "");
}

static int corrupt(struct imap_client *client, struct err *err, const char *what)
{
	err_set_kind(err, ERR_CORRUPT, _("%s breaks the rules of IMAP: %s."), imap_host(client),
		     what);
	return broken(client);
}

/* --- abilities --- */

void imap_forget_abilities(struct imap_client *client)
{
	memset(client->can, 0, sizeof client->can);
	client->knows_abilities = false;
	client->append_limit = 0;
	buf_clear(&client->mechanisms);
}

static void learn_ability(struct imap_client *client, struct span word)
{
	uint64_t limit;

	if (span_starts_nocase(word, "AUTH=")) {
		buf_printf(&client->mechanisms, "%s%.*s", client->mechanisms.len ? " " : "",
			   (int)word.len - 5, word.data + 5);
		return;
	}
	if (span_starts_nocase(word, "APPENDLIMIT=") &&
	    imap_number((struct span){word.data + 12, word.len - 12}, INT64_MAX, &limit))
		client->append_limit = (int64_t)limit;
	for (size_t i = 0; i < ARRAY_COUNT(abilities); i++)
		if (imap_is(word, abilities[i].name))
			client->can[abilities[i].ability] = true;
}

static void learn_abilities(struct imap_client *client, struct span words)
{
	struct span word;

	imap_forget_abilities(client);
	client->knows_abilities = true;
	while (span_split(&words, ' ', &word))
		learn_ability(client, word);
	if (client->can[IMAP_CAN_QRESYNC])
		client->can[IMAP_CAN_CONDSTORE] = true;
	for (size_t i = 0; client->can[IMAP_CAN_REV2] && i < ARRAY_COUNT(of_rev2); i++)
		client->can[of_rev2[i]] = true;
}

int imap_ask_abilities(struct imap_client *client, struct err *err)
{
	return client->knows_abilities ? 0 : imap_run(client, err, "CAPABILITY");
}

/* --- what the server says --- */

bool imap_code_is(struct span code, const char *word, struct span *rest)
{
	size_t len = span_find(code, 0, ' ');

	if (!imap_is((struct span){code.data, len}, word))
		return false;
	if (rest)
		*rest = span_trim((struct span){code.data + len, code.len - len});
	return true;
}

static void alert(struct imap_client *client, struct span words)
{
	struct buf text = BUF_INIT;

	if (!client->alert || words.len == 0 || client->alerts++ >= ALERTS_MAX)
		return;
	imap_add_words(&text, words);
	client->alert(client->alert_arg, buf_str(&text));
	buf_free(&text);
}

static int tell(struct imap_client *client, const struct imap_said *said, struct err *err)
{
	return client->hear ? client->hear(client->arg, said, &client->parse, err) : 0;
}

/* The text behind OK, NO, BAD, BYE: its code is told, and put into CODE, the words into TEXT. */
static int hear_text(struct imap_client *client, struct buf *code, struct buf *text,
		     struct err *err)
{
	struct imap_said said = {.kind = IMAP_SAID_CODE};
	struct span words = imap_rest(&client->parse), rest;
	int rc = 0;

	if (imap_take_code(&words, &said.code)) {
		if (imap_code_is(said.code, "CAPABILITY", &rest))
			learn_abilities(client, rest);
		else if (imap_code_is(said.code, "ALERT", NULL))
			alert(client, words);
		rc = tell(client, &said, err);
	}
	if (code) {
		buf_clear(code);
		buf_add(code, said.code.data, said.code.len);
		buf_clear(text);
		buf_add(text, words.data, words.len);
	}
	return rc;
}

static int ended(struct imap_client *client, struct span words, struct err *err)
{
	struct buf text = BUF_INIT;

	imap_add_words(&text, words);
	if (words.len)
		err_set_kind(err, ERR_TEMPORARY, _("%s ended the connection: \"%s\"."),
			     imap_host(client), buf_str(&text));
	else
		err_set_kind(err, ERR_TEMPORARY, _("%s closed the connection."), imap_host(client));
	buf_free(&text);
	return broken(client);
}

static int hear_bye(struct imap_client *client, struct err *err)
{
	struct span words = imap_rest(&client->parse), code = SPAN_NONE;

	if (imap_take_code(&words, &code) && imap_code_is(code, "ALERT", NULL))
		alert(client, words);
	return client->is_leaving ? 1 : ended(client, words.len ? words : code, err);
}

static enum imap_kind kind_of(struct span word)
{
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		if (imap_is(word, kinds[i].word))
			return kinds[i].kind;
	return IMAP_SAID_NOTHING;
}

static bool is_status(struct span word)
{
	return imap_is(word, "OK") || imap_is(word, "NO") || imap_is(word, "BAD") ||
	       imap_is(word, "PREAUTH");
}

/* What changes the selected mailbox, heard by somebody or not. */
static void keep_count(struct imap_client *client, const struct imap_said *said, bool was_heard)
{
	uint32_t before = client->exists;

	if (said->kind == IMAP_SAID_EXISTS)
		client->exists = said->number;
	else if (said->kind == IMAP_SAID_EXPUNGE && client->exists > 0)
		client->exists--;
	else if (said->kind != IMAP_SAID_FETCH && said->kind != IMAP_SAID_VANISHED)
		return;
	if (!was_heard && client->is_selected &&
	    (said->kind != IMAP_SAID_EXISTS || before != said->number))
		client->is_changed = true;
}

static int take_away(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	struct imap_client *client = arg;
	uint32_t most = last - first;

	(void)err;
	client->exists -= client->exists > most ? most + 1 : client->exists;
	return 0;
}

/* VANISHED without EARLIER tells that so many are fewer now (RFC 7162 section 3.2.10). */
static void count_vanished(struct imap_client *client)
{
	struct span set = imap_peek(&client->parse);

	if (set.len && *set.data != '(')
		imap_each_range(set, take_away, client, NULL);
}

static int hear_data(struct imap_client *client, struct imap_said *said, struct err *err)
{
	struct span rest;
	int rc;

	if (imap_is(client->parse.text, "CAPABILITY")) {
		rest = imap_rest(&client->parse);
		learn_abilities(client, rest);
		return 1;
	}
	said->kind = kind_of(client->parse.text);
	if (said->kind == IMAP_SAID_NOTHING)
		return 0;
	if (said->kind == IMAP_SAID_EXISTS || said->kind == IMAP_SAID_EXPUNGE)
		imap_rest(&client->parse);
	if (said->kind == IMAP_SAID_VANISHED)
		count_vanished(client);
	rc = tell(client, said, err);
	keep_count(client, said, rc > 0);
	return rc;
}

/* "* 3 EXISTS": the number stands before the word. */
static int hear_number(struct imap_client *client, struct imap_said *said, struct err *err)
{
	uint64_t number = 0;

	if (!imap_number(client->parse.text, UINT32_MAX, &number))
		return corrupt(client, err, _("a number is too large"));
	said->number = (uint32_t)number;
	return imap_next(&client->parse, err);
}

static int hear_untagged(struct imap_client *client, struct err *err)
{
	struct imap_said said = {.kind = IMAP_SAID_NOTHING};
	int token = imap_next(&client->parse, err);

	if (token == IMAP_ATOM && char_is_digit(*client->parse.text.data))
		token = hear_number(client, &said, err);
	if (token != IMAP_ATOM)
		return token < 0 ? -1 : 0;
	if (is_status(client->parse.text))
		return hear_text(client, NULL, NULL, err);
	if (imap_is(client->parse.text, "BYE"))
		return hear_bye(client, err);
	return hear_data(client, &said, err);
}

static struct imap_pending *pending_of(const struct imap_client *client, unsigned number)
{
	for (size_t i = 0; number && i < IMAP_PENDING_MAX; i++)
		if (client->pending[i].number == number)
			return (struct imap_pending *)&client->pending[i];
	return NULL;
}

static int hear_tagged(struct imap_client *client, struct err *err)
{
	struct span tag = client->parse.text;
	struct imap_pending *pending = NULL;
	uint64_t number;

	if (tag.len > 1 && *tag.data == 't' &&
	    imap_number((struct span){tag.data + 1, tag.len - 1}, UINT32_MAX, &number))
		pending = pending_of(client, (unsigned)number);
	if (!pending || pending->is_done)
		return corrupt(client, err, _("it answers a question that was not asked"));
	if (imap_next(&client->parse, err) < 0)
		return -1;
	if (client->parse.token != IMAP_ATOM || !is_status(client->parse.text))
		return corrupt(client, err, _("an answer is neither OK nor NO nor BAD"));
	pending->status = imap_is(client->parse.text, "OK")   ? IMAP_OK
			  : imap_is(client->parse.text, "NO") ? IMAP_NO
							      : IMAP_BAD;
	pending->is_done = true;
	return hear_text(client, &pending->code, &pending->text, err) < 0 ? -1 : 1;
}

/* One response of any kind: 2 with the text of a continuation, 1 heard, 0 nobody wanted it, -1. */
static int hear_response(struct imap_client *client, struct span *text, struct err *err)
{
	int rc = imap_parse_begin(&client->parse, err), token;

	if (rc <= 0)
		return rc == 0 ? ended(client, SPAN_NONE, err) : -1;
	token = imap_next(&client->parse, err);
	if (token == IMAP_END)
		return 0;
	if (token != IMAP_ATOM)
		return token < 0 ? -1 : corrupt(client, err, _("an answer begins with no word"));
	if (imap_is(client->parse.text, "*"))
		return hear_untagged(client, err);
	if (imap_is(client->parse.text, "+")) {
		*text = imap_rest(&client->parse);
		return 2;
	}
	return hear_tagged(client, err);
}

static int hear_any(struct imap_client *client, struct span *text, struct err *err)
{
	int64_t before = client->heard;
	int rc;

	if (client->is_broken)
		return err_set_kind(err, ERR_TEMPORARY, _("The connection to %s is no more."),
				    imap_host(client));
	rc = hear_response(client, text, err);
	if (rc < 0 || (rc < 2 && imap_skip_line(&client->parse, err)))
		return broken(client);
	if (rc != 1)
		client->unasked += client->heard - before;
	if (client->unasked > IMAP_UNASKED_MAX || client->responses++ > IMAP_RESPONSES_MAX)
		return corrupt(client, err, _("it tells without end what nobody asked for"));
	return rc;
}

int imap_hear_one(struct imap_client *client, struct err *err)
{
	struct span text;
	int rc = hear_any(client, &text, err);

	/* A continuation that nobody waits for means nothing. */
	return rc < 0 ? -1 : 0;
}

int imap_greeting(struct imap_client *client, bool *is_preauth, struct err *err)
{
	int rc;

	*is_preauth = false;
	stream_set_total_ms(client->stream, client->command_ms);
	rc = imap_parse_begin(&client->parse, err);
	if (rc <= 0)
		return rc == 0 ? ended(client, SPAN_NONE, err) : broken(client);
	if (imap_next(&client->parse, err) != IMAP_ATOM || !imap_is(client->parse.text, "*") ||
	    imap_next(&client->parse, err) != IMAP_ATOM)
		return corrupt(client, err, _("it does not greet as an IMAP server does"));
	*is_preauth = imap_is(client->parse.text, "PREAUTH");
	if (imap_is(client->parse.text, "BYE"))
		return hear_bye(client, err);
	if (!*is_preauth && !imap_is(client->parse.text, "OK"))
		return corrupt(client, err, _("it does not greet as an IMAP server does"));
	return hear_text(client, NULL, NULL, err) < 0 ? broken(client) : 0;
}

/* --- commands --- */

static struct imap_pending *free_pending(struct imap_client *client)
{
	for (size_t i = 0; i < IMAP_PENDING_MAX; i++)
		if (client->pending[i].number == 0)
			return &client->pending[i];
	return NULL;
}

static int begin(struct imap_client *client, struct span words, struct err *err)
{
	struct imap_pending *pending = free_pending(client);

	if (client->is_broken || !pending)
		return err_set_kind(err, ERR_TEMPORARY, _("The connection to %s is no more."),
				    imap_host(client));
	pending->number = ++client->last_number;
	pending->is_done = false;
	client->unasked = 0;
	client->responses = 0;
	client->allowed = client->heard + MORE_TIME;
	stream_set_total_ms(client->stream, client->command_ms);
	if (stream_print(client->stream, err, "t%u ", pending->number) ||
	    imap_add(client, words, err))
		return broken(client);
	return (int)pending->number;
}

/* The last gate: a line is one line, whoever made it. */
static bool is_one_line(struct span text)
{
	return !memchr(text.data, '\r', text.len) && !memchr(text.data, '\n', text.len) &&
	       !memchr(text.data, '\0', text.len);
}

static int begin_formatted(struct imap_client *client, struct err *err, const char *fmt,
			   va_list args)
{
	char *text = NULL;
	struct span words;
	int rc;

	if (vasprintf(&text, fmt, args) < 0)
		return err_set(err, _("There is not enough memory."));
	words = span_of(text);
	if (is_one_line(words))
		rc = begin(client, words, err);
	else
		rc =
		    err_set_kind(err, ERR_USAGE, _("A line break is in a command for the server."));
	free(text);
	return rc;
}

int imap_begin(struct imap_client *client, struct err *err, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = begin_formatted(client, err, fmt, args);
	va_end(args);
	return rc;
}

int imap_add(struct imap_client *client, struct span text, struct err *err)
{
	if (!is_one_line(text))
		return err_set_kind(err, ERR_USAGE,
				    _("A line break is in a command for the server."));
	return stream_write(client->stream, text.data, text.len, err) ? broken(client) : 0;
}

static int flush(struct imap_client *client, struct err *err)
{
	return stream_flush(client->stream, err) ? broken(client) : 0;
}

int imap_end(struct imap_client *client, struct err *err)
{
	return stream_write(client->stream, "\r\n", 2, err) ? broken(client) : 0;
}

int imap_add_literal(struct imap_client *client, int number, int64_t size, bool is_binary,
		     struct err *err)
{
	bool is_plus = client->can[IMAP_CAN_LITERAL_PLUS] ||
		       (client->can[IMAP_CAN_LITERAL_MINUS] && size <= LITERAL_MINUS_SIZE);
	struct span text;
	int rc;

	if (stream_print(client->stream, err, "%s{%lld%s}\r\n", is_binary ? "~" : "",
			 (long long)size, is_plus ? "+" : ""))
		return broken(client);
	if (is_plus)
		return 0;
	rc = imap_continuation(client, number, &text, err);
	if (rc > 0)
		return 0;
	if (rc == 0 && imap_finish(client, number, err) == 0)
		return corrupt(client, err, _("it says OK to half a command"));
	return -1;
}

int imap_add_string(struct imap_client *client, int number, struct span text, struct err *err)
{
	struct buf quoted = BUF_INIT;
	int rc;

	if (imap_is_quotable(text) || (client->is_utf8 && is_one_line(text))) {
		rc = imap_quote(&quoted, text, err);
		if (rc == 0)
			rc = imap_add(client, (struct span){quoted.data, quoted.len}, err);
		buf_free(&quoted);
		return rc;
	}
	if (imap_add_literal(client, number, (int64_t)text.len, false, err))
		return -1;
	return stream_write(client->stream, text.data, text.len, err) ? broken(client) : 0;
}

int imap_send(struct imap_client *client, struct err *err, const char *fmt, ...)
{
	va_list args;
	int number;

	va_start(args, fmt);
	number = begin_formatted(client, err, fmt, args);
	va_end(args);
	return number > 0 && imap_end(client, err) ? -1 : number;
}

bool imap_is_answered(const struct imap_client *client, int number)
{
	const struct imap_pending *pending = pending_of(client, (unsigned)number);

	return !pending || pending->is_done;
}

static void swap(struct buf *a, struct buf *b)
{
	struct buf other = *a;

	*a = *b;
	*b = other;
}

enum imap_status imap_take_status(struct imap_client *client, int number)
{
	struct imap_pending *pending = pending_of(client, (unsigned)number);

	if (!pending)
		return IMAP_BAD;
	swap(&client->code, &pending->code);
	swap(&client->text, &pending->text);
	pending->number = 0;
	return pending->status;
}

static enum err_kind failure_of(const struct imap_client *client)
{
	struct span code = {buf_str(&client->code), client->code.len};

	for (size_t i = 0; i < ARRAY_COUNT(failures); i++)
		if (imap_code_is(code, failures[i].code, NULL))
			return failures[i].kind;
	return ERR_FAILED;
}

static int refused(struct imap_client *client, struct err *err)
{
	struct span words = {buf_str(&client->text), client->text.len};
	struct buf text = BUF_INIT;

	if (words.len == 0)
		words = (struct span){buf_str(&client->code), client->code.len};
	imap_add_words(&text, words);
	err_set_kind(err, failure_of(client), _("%s refused it: \"%s\"."), imap_host(client),
		     buf_str(&text));
	buf_free(&text);
	return -1;
}

int imap_finish(struct imap_client *client, int number, struct err *err)
{
	if (number <= 0)
		return -1;
	if (flush(client, err))
		return -1;
	while (!imap_is_answered(client, number))
		if (imap_hear_one(client, err))
			return -1;
	return imap_take_status(client, number) == IMAP_OK ? 0 : refused(client, err);
}

int imap_run(struct imap_client *client, struct err *err, const char *fmt, ...)
{
	va_list args;
	int number;

	va_start(args, fmt);
	number = begin_formatted(client, err, fmt, args);
	va_end(args);
	if (number > 0 && imap_end(client, err))
		return -1;
	return imap_finish(client, number, err);
}

int imap_continuation(struct imap_client *client, int number, struct span *text, struct err *err)
{
	if (flush(client, err))
		return -1;
	while (!imap_is_answered(client, number)) {
		int rc = hear_any(client, text, err);

		if (rc < 0)
			return -1;
		if (rc == 2)
			return 1;
	}
	return 0;
}
