#include "config.h"
#include "compose/mailto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/start.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define SCHEME	  "mailto:"
#define URL_MAX	  65536
#define FIELD_MAX 100

bool mailto_is(const char *text)
{
	return str_starts_nocase(text, SCHEME);
}

static int hex_of(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent signs undone; a plus is a plus. NUL never gets in. */
static void decode(struct span raw, struct buf *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		int high = i + 2 < raw.len && raw.data[i] == '%' ? hex_of(raw.data[i + 1]) : -1;
		int low = high >= 0 ? hex_of(raw.data[i + 2]) : -1;
		char c = raw.data[i];

		if (low >= 0) {
			c = (char)(high * 16 + low);
			i += 2;
		}
		buf_add_char(out, c ? c : ' ');
	}
}

/* "to" may come several times: with commas between. */
static void add_to_list(char **field, const char *text)
{
	struct buf list = BUF_INIT;

	buf_printf(&list, "%s%s%s", *field, **field && *text ? ", " : "", text);
	draft_set(field, list.data);
	buf_free(&list);
}

static void refuse(struct mailto_result *result, const char *name)
{
	size_t len = strlen(result->refused);
	struct buf inert = BUF_INIT;

	utf8_add_printable(&inert, name, strlen(name));
	if (inert.len)
		snprintf(result->refused + len, sizeof result->refused - len, "%s%.30s",
			 len ? ", " : "", inert.data);
	buf_free(&inert);
}

static void take_body(struct draft *draft, const char *text, size_t len)
{
	struct buf body = BUF_INIT;

	if (*draft->body)
		buf_printf(&body, "%s\n", draft->body);
	buf_add(&body, text, len);
	draft_set_body(draft, body.data, body.len);
	buf_free(&body);
}

/* One id without brackets; anything else is nothing. */
static void take_in_reply_to(struct draft *draft, const char *text)
{
	const char *from = text + strspn(text, "< \t");
	struct buf id = BUF_INIT;

	buf_add(&id, from, strcspn(from, "> \t\r\n"));
	if (id.len && strchr(id.data, '@')) {
		draft_set(&draft->in_reply_to, id.data);
		draft_set(&draft->references, id.data);
	}
	buf_free(&id);
}

static void take(struct draft *draft, struct mailto_result *result, const char *name,
		 const struct buf *value)
{
	const char *text = buf_str(value);

	if (str_equal_nocase(name, "to"))
		add_to_list(&draft->to, text);
	else if (str_equal_nocase(name, "cc"))
		add_to_list(&draft->cc, text);
	else if (str_equal_nocase(name, "bcc"))
		add_to_list(&draft->bcc, text);
	else if (str_equal_nocase(name, "subject"))
		draft_set(&draft->subject, text);
	else if (str_equal_nocase(name, "body"))
		take_body(draft, text, value->len);
	else if (str_equal_nocase(name, "in-reply-to"))
		take_in_reply_to(draft, text);
	else
		refuse(result, name);
	result->has_bcc = *draft->bcc != '\0';
}

static void take_field(struct draft *draft, struct mailto_result *result, struct span pair)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	struct span key;

	if (span_split(&pair, '=', &key)) {
		decode(key, &name);
		decode(pair, &value);
		take(draft, result, buf_str(&name), &value);
	}
	buf_free(&name);
	buf_free(&value);
}

static void take_address(struct draft *draft, struct span raw)
{
	struct buf to = BUF_INIT;

	decode(raw, &to);
	add_to_list(&draft->to, buf_str(&to));
	buf_free(&to);
}

static struct span next_pair(struct span *rest)
{
	struct span pair = SPAN_NONE;

	span_split(rest, '&', &pair);
	if (span_starts_nocase(pair, "amp;")) { /* links copied out of HTML */
		pair.data += 4;
		pair.len -= 4;
	}
	return pair;
}

static void read_url(struct draft *draft, struct mailto_result *result, struct span rest)
{
	struct span addresses = SPAN_NONE;

	span_split(&rest, '?', &addresses);
	take_address(draft, addresses);
	rest.len = span_find(rest, 0, '#');
	for (int i = 0; rest.len && i < FIELD_MAX; i++)
		take_field(draft, result, next_pair(&rest));
}

/* The text of the link stands above the signature. */
static void put_body_first(struct draft *draft, const char *signature)
{
	struct buf body = BUF_INIT;

	if (!*draft->body) {
		draft_set_body(draft, signature, strlen(signature));
		return;
	}
	buf_add_str(&body, draft->body);
	if (!str_ends(draft->body, "\n"))
		buf_add_char(&body, '\n');
	buf_add_str(&body, signature);
	draft_set_body(draft, body.data, body.len);
	buf_free(&body);
}

struct draft *mailto_make(const struct compose *compose, const char *url, const char *account,
			  struct mailto_result *result, struct err *err)
{
	struct mailto_result unwanted;
	struct draft *draft;
	struct buf signature = BUF_INIT;

	result = result ? result : &unwanted;
	memset(result, 0, sizeof *result);
	if (!mailto_is(url) || strlen(url) > URL_MAX) {
		err_set_kind(err, ERR_USAGE, _("This is no mailto: link."));
		return NULL;
	}
	draft = start_new(compose, account);
	buf_add_str(&signature, draft->body);
	draft_set_body(draft, "", 0);
	read_url(draft, result, span_of(url + strlen(SCHEME)));
	put_body_first(draft, buf_str(&signature));
	buf_free(&signature);
	return draft;
}
