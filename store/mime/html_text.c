#include "config.h"
#include "store/mime/html_text.h"

#include <stdbool.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/mime/html_token.h"

/* Elements that do not end a word. */
static const char *const joining[] = {
    "a",   "abbr", "b",	 "bdi", "bdo",	 "big",	   "cite", "code", "em",  "font", "i",	  "ins",  "kbd",
    "del", "mark", "o:p", "q",	"s",	 "samp",   "small", "span", "strike", "strong", "sub", "sup", "tt",
    "u",   "var",  "wbr",
};

/* What stands inside is not shown. TITLE is: it is what the page is called. */
static const char *const hidden[] = {"script", "style", "template"};

static bool is_in(struct span name, const char *const *list, size_t count)
{
	char first = name.len ? char_lower(*name.data) : '\0'; /* most are told apart by it */

	for (size_t i = 0; i < count; i++)
		if (*list[i] == first && span_equal_nocase(name, list[i]))
			return true;
	return false;
}

void html_add_words(struct buf *out, const char *html, size_t len)
{
	struct html_reader reader;
	struct html_token token;
	enum html_token_kind kind;
	bool is_hidden = false;

	html_reader_init(&reader, html, len);
	while ((kind = html_next(&reader, &token)) != HTML_END) {
		if (kind == HTML_TEXT) {
			if (token.is_raw && !is_hidden)
				buf_add(out, token.text.data, token.text.len);
			else if (!is_hidden)
				html_add_text(out, token.text, false);
			continue;
		}
		if (is_in(token.name, hidden, ARRAY_COUNT(hidden)))
			is_hidden = kind == HTML_OPEN;
		if (!is_in(token.name, joining, ARRAY_COUNT(joining)))
			buf_add_char(out, '\n');
	}
}
