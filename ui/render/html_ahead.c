#include "config.h"

#include <stdlib.h>

#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/render/html_private.h"
#include "ui/render/html_url.h"

/* Letters sell a thing by its picture and by its name, both of them links to one page. Who looks at text needs one of
 * the two: the page is read once ahead for the links that have words. */

static bool is_link(const struct html_token *token)
{
	return token->name.len == 1 && (*token->name.data == 'a' || *token->name.data == 'A');
}

static void open_link(struct html *html, const struct html_token *token, struct buf *url)
{
	struct span href = html_attribute(token, "href");

	buf_clear(url);
	if (href.data && !html_url_add(url, href, buf_str(&html->base)))
		buf_clear(url);
}

static bool has_words(const struct html_token *token)
{
	struct buf text = BUF_INIT;
	bool has;

	html_add_text(&text, token->text, false);
	has = !html_flow_is_blank(buf_str(&text), text.len);
	buf_free(&text);
	return has;
}

static void take(struct html *html, const struct html_token *token, struct buf *url)
{
	if (token->kind == HTML_TEXT) {
		if (url->len && has_words(token))
			map_set(html->worded, buf_str(url), html);
	} else if (is_link(token)) {
		buf_clear(url);
		if (token->kind == HTML_OPEN)
			open_link(html, token, url);
	}
}

static void read_ahead(struct html *html)
{
	struct html_token *token = mem_alloc(sizeof *token);
	struct buf url = BUF_INIT;
	struct html_reader ahead;

	html->worded = map_new();
	html_reader_init(&ahead, html->reader->text.data, html->reader->text.len);
	while (html_next(&ahead, token) != HTML_END)
		take(html, token, &url);
	buf_free(&url);
	free(token);
}

bool html_ahead_has_words(struct html *html, const char *url)
{
	if (!html->worded)
		read_ahead(html);
	return map_get(html->worded, url) != NULL;
}
