#include "config.h"
#include "net/setup/place.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"

static const char *const kind_names[] = {
    [PLACE_IMAP] = "imap",
    [PLACE_POP3] = "pop3",
    [PLACE_SUBMISSION] = "submission",
};

static const char *const tls_names[] = {
    [STREAM_TLS] = "implicit",
    [STREAM_STARTTLS] = "starttls",
    [STREAM_PLAIN] = "none",
};

const char *place_kind_name(enum place_kind kind)
{
	return kind_names[kind];
}

const char *place_tls_name(enum stream_tls tls)
{
	return tls_names[tls];
}

bool place_is_host(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len >= PLACE_TEXT_SIZE || !(char_is_alnum(*text) || *text == ':'))
		return false;
	for (; *text; text++)
		if (!char_is_alnum(*text) && !strchr("-_.:", *text))
			return false;
	return true;
}

static bool is_same(const struct place *a, const struct place *b)
{
	return a->kind == b->kind && a->tls == b->tls && a->port == b->port &&
	       str_equal_nocase(a->host, b->host);
}

void places_add(struct places *places, const struct place *place)
{
	if (places->count == PLACES_MAX || !place_is_host(place->host) || place->port <= 0 ||
	    place->port > 65535)
		return;
	for (size_t i = 0; i < places->count; i++)
		if (is_same(&places->items[i], place))
			return;
	places->items[places->count++] = *place;
}

void place_add_setting(const struct place *place, struct buf *out)
{
	bool is_number = strchr(place->host, ':') != NULL;

	buf_printf(out, is_number ? "[%s]:%d" : "%s:%d", place->host, place->port);
}

void place_add_words(const struct place *place, struct buf *out)
{
	place_add_setting(place, out);
	if (place->tls == STREAM_PLAIN)
		buf_printf(out, ", %s", _("not encrypted, on this computer"));
	else
		buf_add_str(out, place->tls == STREAM_TLS ? ", TLS" : ", STARTTLS");
}
