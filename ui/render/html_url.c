#include "config.h"

#include "ui/render/html_url.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/domain.h"
#include "store/base/mem.h"
#include "store/mime/html_token.h"

#define HOST_SHOWN 200 /* bytes of a name; more is cut */
#define URL_MAX 4096

static const char *const schemes[] = {"http://", "https://", "mailto:", "ftp://", "tel:"};

static bool is_followed(const char *url)
{
	for (size_t i = 0; i < ARRAY_COUNT(schemes); i++)
		if (str_starts_nocase(url, schemes[i]))
			return url[strlen(schemes[i])] != '\0';
	return false;
}

static bool has_scheme(const char *url)
{
	size_t at = 0;

	while (char_is_alnum(url[at]) || url[at] == '+' || url[at] == '-' || url[at] == '.')
		at++;
	return at > 0 && url[at] == ':';
}

/* The part of BASE that a relative address stands behind. */
static size_t base_len(const char *base, const char *relative)
{
	const char *host = strstr(base, "://"), *path, *last;

	if (!host || !str_starts_nocase(base, "http"))
		return 0;
	if (str_starts(relative, "//"))
		return (size_t)(host - base) + 1;
	path = strchr(host + 3, '/');
	if (!path || *relative == '/')
		return path ? (size_t)(path - base) : strlen(base);
	last = strrchr(path, '/');
	return (size_t)(last - base) + 1;
}

bool html_url_add(struct buf *out, struct span href, const char *base)
{
	struct buf text = BUF_INIT, clean = BUF_INIT;
	bool is_relative;
	size_t before = out->len, len;

	html_add_text(&text, span_trim(href), true);
	for (size_t i = 0; i < text.len && i < URL_MAX; i++)
		if ((unsigned char)text.data[i] > 0x20 && text.data[i] != 0x7f)
			buf_add_char(&clean, text.data[i]);
	is_relative = clean.len && clean.data[0] != '#' && !has_scheme(buf_str(&clean));
	len = is_relative ? base_len(base, buf_str(&clean)) : 0;
	buf_add(out, base, len);
	if (len && base[len - 1] != '/' && base[len - 1] != ':' && clean.data[0] != '/')
		buf_add_char(out, '/');
	buf_add(out, buf_str(&clean), clean.len);
	buf_free(&text);
	buf_free(&clean);
	return is_followed(buf_str(out) + before);
}

/* Where host and user begin, or NULL. Browsers take any number of slashes, of both kinds, for two. */
static const char *behind_slashes(const char *url)
{
	const char *colon = strstr(url, "://");

	return colon ? colon + 3 + strspn(colon + 3, "/\\") : NULL;
}

struct span html_url_host(const char *url)
{
	const char *host = behind_slashes(url), *at;
	size_t len;

	if (!host)
		return SPAN_NONE;
	len = strcspn(host, "/?#\\");
	at = memchr(host, '@', len);
	while (at) {
		len -= (size_t)(at + 1 - host);
		host = at + 1;
		at = memchr(host, '@', len);
	}
	if (len && *host == '[') {
		size_t end = span_find((struct span){host, len}, 0, ']');

		return (struct span){host, end < len ? end + 1 : len};
	}
	return (struct span){host, span_find((struct span){host, len}, 0, ':')};
}

/* The name of a place in URL: its host, or what stands behind the @ of an address. */
static struct span place_of(const char *url)
{
	size_t len = strcspn(url, "?"), at = len;

	if (!str_starts_nocase(url, "mailto:"))
		return html_url_host(url);
	while (at && url[at - 1] != '@')
		at--;
	return at && !memchr(url, ',', len) ? (struct span){url + at, len - at} : SPAN_NONE;
}

static int hex_value(char c)
{
	c = char_lower(c);
	return char_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Browsers read a host's name behind its percents. */
static char *without_percents(struct span host)
{
	struct buf name = BUF_INIT;

	for (size_t i = 0; i < host.len; i++) {
		int high = host.data[i] == '%' && i + 2 < host.len ? hex_value(host.data[i + 1]) : -1;
		int low = high >= 0 ? hex_value(host.data[i + 2]) : -1;
		bool is_one = low >= 0 && high + low > 0;

		buf_add_char(&name, is_one ? (char)(high * 16 + low) : host.data[i]);
		i += is_one ? 2 : 0;
	}
	return buf_take(&name);
}

void html_url_add_shown(struct buf *out, const char *url)
{
	struct span place = place_of(url);
	char *name;

	if (!place.len || place.data[0] == '[') {
		buf_add_str(out, url);
		return;
	}
	name = without_percents(place);
	buf_add(out, url, (size_t)(place.data - url));
	domain_add_shown(out, name);
	buf_add_str(out, place.data + place.len);
	free(name);
}

/* --- what a text shows --- */

static bool is_host_char(char c)
{
	return char_is_alnum(c) || c == '-' || c == '.' || c == '_' || (unsigned char)c >= 0x80;
}

/* Names that end so are places when they stand alone; file.py and Node.js are none. */
static bool has_known_end(struct span host)
{
	static const char *const ends[] = {
		"com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "io", "co", "de",  "fr",
		"uk",  "ru",  "cn",  "jp",  "nl",  "es",  "it",	 "eu",	 "us",	"ca", "au", "ch",  "at",
		"be",  "br",  "in",  "se",  "no",  "dk",  "fi",	 "cz",	 "ie",	"kr", "mx", "app", "dev",
		"shop", "bank", "online", "site", "xyz",
	};
	size_t dot = host.len;

	while (dot && host.data[dot - 1] != '.')
		dot--;
	if (!dot || dot == 1)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
		if (span_equal_nocase((struct span){host.data + dot, host.len - dot}, ends[i]))
			return true;
	return false;
}

static struct span host_at(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len && is_host_char(text.data[end]))
		end++;
	while (end > at && text.data[end - 1] == '.')
		end--;
	return (struct span){text.data + at, end - at};
}

static bool find(struct span text, const char *needle, size_t *at)
{
	size_t len = strlen(needle);

	for (size_t i = 0; i + len <= text.len; i++)
		if (span_starts_nocase((struct span){text.data + i, len}, needle)) {
			*at = i;
			return true;
		}
	return false;
}

/* The host (of a mail address all of it) that TEXT shows; len 0: none. */
static struct span shown_in(struct span text)
{
	struct span host;
	size_t at;

	text = span_trim(text);
	if (find(text, "://", &at))
		return host_at(text, at + 3);
	if (find(text, "www.", &at) && (!at || !is_host_char(text.data[at - 1])))
		return host_at(text, at);
	if (memchr(text.data, ' ', text.len))
		return SPAN_NONE;
	at = span_find(text, 0, '@');
	if (at && at < text.len && host_at(text, at + 1).len == text.len - at - 1)
		return has_known_end(text) ? text : SPAN_NONE;
	host = host_at(text, 0);
	if (host.len < text.len && !strchr("/:?#", text.data[host.len]))
		return SPAN_NONE;
	return has_known_end(host) ? host : SPAN_NONE;
}

static struct span without_www(struct span host)
{
	return span_starts_nocase(host, "www.") ? (struct span){host.data + 4, host.len - 4} : host;
}

static bool equal(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (char_lower(a.data[i]) != char_lower(b.data[i]))
			return false;
	return true;
}

/* The last two names of a host, three where the second is as short as in co.uk. */
static struct span owner_of(struct span host)
{
	size_t at = host.len, dots = 0, last = host.len;

	while (at > 0) {
		if (host.data[at - 1] == '.') {
			dots++;
			if (dots > 1 && (last - at > 3 || dots > 2))
				break;
			last = at - 1;
		}
		at--;
	}
	return (struct span){host.data + at, host.len - at};
}

static bool same_place(struct span a, struct span b)
{
	a = without_www(a);
	b = without_www(b);
	return equal(a, b) || equal(owner_of(a), owner_of(b));
}

static bool mail_deceives(const char *url, struct span shown, struct span *real)
{
	*real = (struct span){url + 7, strcspn(url + 7, "?")};
	return real->len && memchr(real->data, '@', real->len) && memchr(shown.data, '@', shown.len) &&
	       !memchr(real->data, '%', real->len) && !equal(*real, shown);
}

static bool has_user(const char *url)
{
	const char *host = behind_slashes(url);

	return host && memchr(host, '@', strcspn(host, "/?#\\"));
}

void html_url_add_host(struct buf *out, struct span host)
{
	char *name = mem_strndup(host.data, host.len > HOST_SHOWN ? HOST_SHOWN : host.len), *at = strrchr(name, '@');

	if (at)
		buf_add(out, name, (size_t)(at + 1 - name));
	domain_add_shown(out, at ? at + 1 : name);
	free(name);
}

/* Letters that were chosen to be taken for others. */
static bool is_disguised(struct span host)
{
	char *name = mem_strndup(host.data, host.len);
	bool is = domain_look(name) >= DOMAIN_MIXED;

	free(name);
	return is;
}

bool html_url_deceives(const char *url, struct span text, struct span *shown, struct span *real)
{
	size_t at;

	/* a name in front of the host is there to be taken for it */
	if (has_user(url)) {
		*shown = text;
		*real = html_url_host(url);
		return true;
	}
	*shown = shown_in(text);
	if (!shown->len)
		return false;
	if (str_starts_nocase(url, "mailto:"))
		return mail_deceives(url, *shown, real);
	*real = html_url_host(url);
	at = span_find(*shown, 0, '@');
	if (at < shown->len)
		*shown = (struct span){shown->data + at + 1, shown->len - at - 1};
	return real->len && (!same_place(*shown, *real) || is_disguised(*real));
}

bool html_url_is_said(const char *url, struct span text)
{
	const char *rest = strstr(url, "://");
	size_t len;

	text = span_trim(text);
	rest = rest ? rest + 3 : str_starts_nocase(url, "mailto:") ? url + 7 : url;
	if (equal(text, span_of(url)))
		return true;
	if (str_starts_nocase(rest, "www.") && !span_starts_nocase(text, "www."))
		rest += 4;
	len = strlen(rest);
	if (len && rest[len - 1] == '/')
		len--;
	return text.len >= len && text.len <= len + 1 && len &&
	       equal((struct span){text.data, len}, (struct span){rest, len}) &&
	       (text.len == len || text.data[len] == '/');
}
