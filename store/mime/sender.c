#include "config.h"

#include "store/mime/sender.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/domain.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"

#define NAME_COLUMNS 100   /* a longer name could push its address out of sight */
#define NAME_READ    2000  /* bytes of a name that are looked at */

/* --- a name that holds an address --- */

static bool is_edge(char c)
{
	return strchr(" \t<>()[]{}\"'`,;:|", c) != NULL;
}

/* Around the at sign at AT: an address it could be, or an empty span. */
static struct span address_around(const char *text, size_t len, size_t at)
{
	size_t from = at, to = at + 1;

	while (from > 0 && !is_edge(text[from - 1]))
		from--;
	while (to < len && !is_edge(text[to]))
		to++;
	while (to > at + 1 && text[to - 1] == '.')
		to--;
	return from < at && to > at + 1 ? (struct span){text + from, to - from} : SPAN_NONE;
}

static void fold(struct buf *out, const char *text)
{
	size_t len = strlen(text);
	struct buf seen = BUF_INIT;

	utf8_add_printable(&seen, text, len > NAME_READ ? NAME_READ : len);
	utf8_add_folded(out, buf_str(&seen), seen.len);
	buf_free(&seen);
}

static bool holds_other(const char *name, const char *addr)
{
	struct buf text = BUF_INIT, real = BUF_INIT;
	bool is_other = false;
	const char *at;

	fold(&text, name);
	fold(&real, addr);
	for (at = buf_str(&text); !is_other && (at = strchr(at, '@'));) {
		struct span found = address_around(text.data, text.len, (size_t)(at - text.data));

		is_other = found.len && !span_equal(found, span_of(buf_str(&real)));
		at = found.len ? found.data + found.len : at + 1; /* others within it are part of the same */
	}
	buf_free(&text);
	buf_free(&real);
	return is_other;
}

/* --- other oddities --- */

static bool is_changed(const char *text, void (*add)(struct buf *, const char *, size_t))
{
	struct buf plain = BUF_INIT, told = BUF_INIT;
	bool is;

	utf8_add_printable(&plain, text, strlen(text));
	add(&told, text, strlen(text));
	is = strcmp(buf_str(&plain), buf_str(&told)) != 0;
	buf_free(&plain);
	buf_free(&told);
	return is;
}

static bool has_hidden(const char *name, const char *addr)
{
	return is_changed(name, utf8_add_revealed) || is_changed(addr, utf8_add_exact);
}

static bool is_self(const char *addr, const struct sender_self *self, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal_nocase(addr, self[i].addr))
			return true;
	return false;
}

static bool is_name_of(const char *folded, const char *name)
{
	struct buf own = BUF_INIT;
	bool is;

	fold(&own, name);
	is = own.len && !strcmp(folded, buf_str(&own));
	buf_free(&own);
	return is;
}

static bool poses_as(const char *name, const char *addr, const struct sender_self *self, size_t count)
{
	struct buf folded = BUF_INIT;
	bool poses = false;

	if (!*name || !count || is_self(addr, self, count))
		return false;
	fold(&folded, name);
	for (size_t i = 0; i < count && !poses; i++)
		poses = is_name_of(buf_str(&folded), self[i].name);
	poses = poses || is_name_of(buf_str(&folded), _("me"));
	buf_free(&folded);
	return poses;
}

static unsigned host_oddity(const char *addr)
{
	const char *domain = address_domain(addr);

	switch (domain ? domain_look(domain) : DOMAIN_PLAIN) {
	case DOMAIN_MIXED:
		return SENDER_MIXED_HOST;
	case DOMAIN_LOOKALIKE:
		return SENDER_LOOKALIKE_HOST;
	default:
		return 0;
	}
}

static bool is_plain_addr(const char *addr)
{
	for (const char *p = addr; *p; p++)
		if (*p <= ' ' || *p > '~' || !strncmp(p, "xn--", 4) || !strncmp(p, "XN--", 4))
			return false;
	return true;
}

unsigned sender_oddities(const char *name, const char *addr, const struct sender_self *self, size_t count)
{
	unsigned odd = is_plain_addr(addr) ? 0 : host_oddity(addr);

	if (*name && holds_other(name, addr))
		odd |= SENDER_OTHER_ADDRESS;
	if (has_hidden(name, addr))
		odd |= SENDER_HIDDEN;
	if (poses_as(name, addr, self, count))
		odd |= SENDER_AS_YOU;
	return odd;
}

const char *sender_words(enum sender_oddity one)
{
	switch (one) {
	case SENDER_OTHER_ADDRESS:
		return _("Careful: the name shows another address than the real one.");
	case SENDER_MIXED_HOST:
		return _("Careful: the address mixes scripts; it may imitate another one.");
	case SENDER_LOOKALIKE_HOST:
		return _("Careful: the letters of the address only look like Latin ones.");
	case SENDER_HIDDEN:
		return _("Careful: the name or the address has hidden characters.");
	case SENDER_AS_YOU:
		return _("Careful: this is your own name, but not your address.");
	case SENDER_COUNT:
		break;
	}
	return "";
}

/* --- showing --- */

void sender_add_addr(struct buf *out, const char *addr)
{
	const char *domain = address_domain(addr);

	if (is_plain_addr(addr)) {
		buf_add_str(out, addr);
		return;
	}
	utf8_add_exact(out, addr, domain ? (size_t)(domain - addr) : strlen(addr));
	if (domain)
		domain_add_shown(out, domain);
}

/* The name in one line: no run of blanks, not longer than can be overlooked. */
static void add_name(struct buf *out, const char *name)
{
	struct buf clean = BUF_INIT;
	size_t len = strlen(name), from = out->len;
	int used;

	utf8_add_revealed(&clean, name, len > NAME_READ ? NAME_READ : len);
	len = utf8_fit(buf_str(&clean), clean.len, NAME_COLUMNS, &used);
	for (size_t i = 0; i < len; i++)
		if (clean.data[i] != ' ' || (out->len > from && out->data[out->len - 1] != ' '))
			buf_add_char(out, clean.data[i]);
	while (out->len > from && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
	if (len < clean.len)
		buf_add_str(out, "…");
	buf_free(&clean);
}

void sender_add(struct buf *out, const struct address *address)
{
	struct buf name = BUF_INIT, addr = BUF_INIT;
	struct address shown;

	add_name(&name, address->name);
	sender_add_addr(&addr, address->addr);
	shown = (struct address){buf_take(&name), buf_take(&addr)};
	address_add_display(out, &shown);
	free(shown.name);
	free(shown.addr);
}

void sender_add_short(struct buf *out, const char *name, const char *addr,
		      const struct sender_self *self, size_t count)
{
	size_t from = out->len;

	if (!(sender_oddities(name, addr, self, count) &
	      (SENDER_OTHER_ADDRESS | SENDER_AS_YOU | SENDER_HIDDEN)))
		add_name(out, name);
	if (out->len > from)
		return;
	if (*name && *addr) {
		buf_add_char(out, '<');
		sender_add_addr(out, addr);
		buf_add_char(out, '>');
	} else {
		sender_add_addr(out, addr);
	}
}
