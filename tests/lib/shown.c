#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/base/buf.h"
#include "store/mime/mime.h"
#include "tests/lib/shown.h"
#include "ui/render/boxes.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"

char *shown_as(const char *text, size_t len, const struct message_wish *wish)
{
	struct mime_message *message = mime_parse(text, len, NULL);
	struct doc *doc = doc_new();
	struct buf out = BUF_INIT;

	boxes_open(message, NULL);
	message_render(doc, message, wish);
	for (size_t i = 0; i < doc->count; i++) {
		if (doc->lines[i].is_rule)
			continue;
		buf_add_str(&out, doc->lines[i].is_frame ? "|" : "");
		buf_add(&out, doc->lines[i].text, doc->lines[i].len);
		buf_add_char(&out, '\n');
	}
	doc_free(&doc);
	mime_free(&message);
	return buf_take(&out);
}

char *shown_letter(const char *text)
{
	struct message_wish wish = {.width = 78};

	return shown_as(text, strlen(text), &wish);
}

void shown_has(const char *screen, const char *text)
{
	if (!strstr(screen, text))
		fail_msg("\"%s\" is not in:\n%s", text, screen);
}

void shown_has_not(const char *screen, const char *text)
{
	if (strstr(screen, text))
		fail_msg("\"%s\" is in:\n%s", text, screen);
}
