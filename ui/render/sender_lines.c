#include "config.h"

#include "ui/render/sender_lines.h"

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"
#include "store/mime/sender.h"
#include "ui/render/doc.h"

#define ADDRESSES_SEEN 50 /* of one field */
#define INDENT	       9  /* as the values of the header stand */

static void say(struct doc *doc, const char *words)
{
	struct doc_line *line = doc_add_frame(doc, STYLE_FLAGGED, words);

	line->indent = line->hang = INDENT;
}

static unsigned oddities(const struct mime_header *header, const char *field, struct arena *arena,
			 const struct sender_self *self, size_t count)
{
	struct address_list list;
	unsigned odd = 0;

	address_field(header, field, arena, &list);
	for (size_t i = 0; i < list.count && i < ADDRESSES_SEEN; i++)
		odd |= sender_oddities(list.items[i].name, list.items[i].addr, self, count);
	return odd;
}

static size_t count_fields(const struct mime_header *header, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < header->count; i++)
		count += span_equal_nocase(header->fields[i].name, name);
	return count;
}

/* More than one who sent it, or nobody. */
static void say_number(struct doc *doc, const struct mime_header *header, struct arena *arena)
{
	size_t fields = count_fields(header, "From");
	struct address_list list;
	struct buf words = BUF_INIT;

	address_field(header, "From", arena, &list);
	if (!list.count)
		buf_add_str(&words, _("This letter does not say who sent it."));
	else if (fields > 1)
		buf_printf(&words, _("Careful: this letter has %zu From lines; only the first is shown."),
			   fields);
	else if (list.count > 1)
		buf_printf(&words,
			   ngettext("This letter names %zu sender.", "This letter names %zu senders.",
				    list.count),
			   list.count);
	if (words.len)
		say(doc, buf_str(&words));
	buf_free(&words);
}

void sender_lines_add(struct doc *doc, const struct mime_header *header, struct arena *arena,
		      const struct sender_self *self, size_t count)
{
	unsigned odd = oddities(header, "From", arena, self, count) |
		       oddities(header, "Sender", arena, self, count) |
		       oddities(header, "Reply-To", arena, NULL, 0);

	say_number(doc, header, arena);
	for (int bit = 0; bit < SENDER_COUNT; bit++)
		if (odd & 1u << bit)
			say(doc, sender_words((enum sender_oddity)(1u << bit)));
}
