#include "config.h"
#include "net/setup/autoconfig.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"

#define DEPTH_MAX  32
#define TEXT_MAX   1000 /* bytes of one element that matters */
#define SERVERS_MAX 100

/* What is read of one server. */
enum field { FIELD_NONE, FIELD_HOST, FIELD_PORT, FIELD_SOCKET, FIELD_USER, FIELD_AUTH };

static const struct {
	const char *name;
	enum field field;
} fields[] = {
    {"hostname", FIELD_HOST},
    {"port", FIELD_PORT},
    {"socketType", FIELD_SOCKET},
    {"username", FIELD_USER},
    {"authentication", FIELD_AUTH},
};

static const struct {
	const char *element, *type;
	enum place_kind kind;
} servers[] = {
    {"incomingServer", "imap", PLACE_IMAP},
    {"incomingServer", "pop3", PLACE_POP3},
    {"outgoingServer", "smtp", PLACE_SUBMISSION},
};

struct reading {
	XML_Parser parser;
	const char *address;
	struct places *places;
	struct place server;
	int depth, server_depth; /* of the server that is read, 0: none */
	enum field field;
	struct buf text;
	bool has_socket, takes_password, takes_token;
	int server_count;
};

/* --- values -------------------------------------------------------------------------------------- */

struct blank {
	const char *name;
	struct span value;
};

/* "%EMAILLOCALPART%" and the like are filled in. */
static void fill_in(const char *address, const char *text, char *out, size_t size)
{
	const char *at = strrchr(address, '@');
	const struct blank blanks[] = {
	    {"%EMAILADDRESS%", span_of(address)},
	    {"%EMAILLOCALPART%", {address, at ? (size_t)(at - address) : strlen(address)}},
	    {"%EMAILDOMAIN%", span_of(at ? at + 1 : "")},
	};
	struct buf filled = BUF_INIT;

	while (*text) {
		size_t i;

		for (i = 0; i < ARRAY_COUNT(blanks) && !str_starts(text, blanks[i].name); i++)
			;
		if (i < ARRAY_COUNT(blanks)) {
			buf_add(&filled, blanks[i].value.data, blanks[i].value.len);
			text += strlen(blanks[i].name);
		} else {
			buf_add_char(&filled, *text++);
		}
	}
	snprintf(out, size, "%s", filled.len < size ? buf_str(&filled) : "");
	buf_free(&filled);
}

static void take_socket(struct reading *reading, const char *text)
{
	reading->has_socket = true;
	if (str_equal_nocase(text, "SSL") || str_equal_nocase(text, "TLS"))
		reading->server.tls = STREAM_TLS;
	else if (str_equal_nocase(text, "STARTTLS"))
		reading->server.tls = STREAM_STARTTLS;
	else
		reading->has_socket = false; /* in the clear: not for us */
}

static void take_value(struct reading *reading)
{
	char text[TEXT_MAX + 1];
	struct span value = span_trim((struct span){buf_str(&reading->text), reading->text.len});
	long long port;

	snprintf(text, sizeof text, "%.*s", (int)value.len, value.data ? value.data : "");
	if (reading->field == FIELD_HOST)
		fill_in(reading->address, text, reading->server.host, sizeof reading->server.host);
	if (reading->field == FIELD_USER)
		fill_in(reading->address, text, reading->server.user, sizeof reading->server.user);
	if (reading->field == FIELD_PORT && str_to_long(text, &port) == 0 && port > 0 && port < 65536)
		reading->server.port = (int)port;
	if (reading->field == FIELD_SOCKET)
		take_socket(reading, text);
	if (reading->field == FIELD_AUTH && str_equal_nocase(text, "OAuth2"))
		reading->takes_token = true;
	else if (reading->field == FIELD_AUTH)
		reading->takes_password = true;
}

static void take_server(struct reading *reading)
{
	reading->server.wants_oauth = reading->takes_token && !reading->takes_password;
	if (reading->has_socket && ++reading->server_count <= SERVERS_MAX)
		places_add(reading->places, &reading->server);
	reading->server_depth = 0;
}

/* --- what expat calls ---------------------------------------------------------------------------- */

static const char *type_of(const char **attributes)
{
	for (; attributes[0]; attributes += 2)
		if (strcmp(attributes[0], "type") == 0)
			return attributes[1];
	return "";
}

static void begin_server(struct reading *reading, const char *name, const char **attributes)
{
	const char *type = type_of(attributes);

	for (size_t i = 0; i < ARRAY_COUNT(servers); i++) {
		if (strcmp(name, servers[i].element) != 0 || strcmp(type, servers[i].type) != 0)
			continue;
		reading->server = (struct place){.kind = servers[i].kind};
		reading->has_socket = reading->takes_password = reading->takes_token = false;
		reading->server_depth = reading->depth;
	}
}

static void begin(void *arg, const char *name, const char **attributes)
{
	struct reading *reading = arg;

	if (++reading->depth > DEPTH_MAX) {
		XML_StopParser(reading->parser, XML_FALSE);
		return;
	}
	reading->field = FIELD_NONE;
	buf_clear(&reading->text);
	if (!reading->server_depth)
		begin_server(reading, name, attributes);
	else if (reading->depth == reading->server_depth + 1)
		for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
			if (strcmp(name, fields[i].name) == 0)
				reading->field = fields[i].field;
}

static void end(void *arg, const char *name)
{
	struct reading *reading = arg;

	(void)name;
	if (reading->field != FIELD_NONE)
		take_value(reading);
	reading->field = FIELD_NONE;
	if (reading->server_depth == reading->depth)
		take_server(reading);
	reading->depth--;
}

static void text_came(void *arg, const char *text, int len)
{
	struct reading *reading = arg;

	if (reading->field != FIELD_NONE && reading->text.len + (size_t)len <= TEXT_MAX)
		buf_add(&reading->text, text, (size_t)len);
}

/* Entities of its own would be a way to make much of little. */
static void doctype(void *arg, const char *name, const char *system, const char *public_id, int has_internal)
{
	struct reading *reading = arg;

	(void)name, (void)system, (void)public_id, (void)has_internal;
	XML_StopParser(reading->parser, XML_FALSE);
}

static bool parse(struct reading *reading, const char *text, size_t len)
{
	XML_SetUserData(reading->parser, reading);
	XML_SetElementHandler(reading->parser, begin, end);
	XML_SetCharacterDataHandler(reading->parser, text_came);
	XML_SetStartDoctypeDeclHandler(reading->parser, doctype);
	return XML_Parse(reading->parser, text, (int)len, XML_TRUE) == XML_STATUS_OK;
}

int autoconfig_read(const char *text, size_t len, const char *address, struct places *places, struct err *err)
{
	struct places found = {.count = 0};
	struct reading reading = {.parser = XML_ParserCreate(NULL), .address = address, .places = &found};
	bool is_good = reading.parser && len < 1 << 30 && parse(&reading, text, len);

	XML_ParserFree(reading.parser);
	buf_free(&reading.text);
	if (!is_good)
		return err_set(err, _("The answer is not in the form that says where mail is (autoconfig)."));
	for (size_t i = 0; i < found.count; i++)
		places_add(places, &found.items[i]);
	return 0;
}
