#include "config.h"
#include "store/search/letter_words.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/attached.h"
#include "store/mime/flowed.h"
#include "store/mime/html_text.h"
#include "store/mime/mime.h"
#include "store/mime/rtf.h"
#include "store/mime/tnef.h"

#define PART_LIMIT (8u << 20) /* decoded, of one part */

struct telling {
	letter_text_fn *each;
	void *arg;
	bool is_enough;
	struct buf text, words;
	unsigned facts; /* enum fact */
};

static const struct {
	const char *name;
	enum word_field field;
} fields[] = {
    {"From", FIELD_FROM}, {"Sender", FIELD_FROM}, {"Reply-To", FIELD_FROM}, {"To", FIELD_TO},
    {"Cc", FIELD_CC},	  {"Bcc", FIELD_CC},	  {"Subject", FIELD_SUBJECT},
};

enum fact { FACT_SIGNED = 1, FACT_ENCRYPTED = 2, FACT_KEY = 4, FACT_LIST = 8, FACT_ATTACHMENT = 16 };

static void tell(struct telling *telling, enum word_field field, const char *text, size_t len)
{
	if (!telling->is_enough)
		telling->is_enough = !telling->each(telling->arg, field, text, len);
}

/* FIELD 0: as each one is. */
static void tell_header(struct telling *telling, const struct mime_header *header, struct arena *arena,
			enum word_field field)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		const char *text = mime_field_text(header, fields[i].name, arena);

		if (text)
			tell(telling, field ? field : fields[i].field, text, strlen(text));
	}
}

/* Who sends to a list says so himself; a list that only lets one leave it is none. */
static void tell_list(struct telling *telling, const struct mime_header *header, struct arena *arena)
{
	static const char *const names[] = {"List-Id", "List-Post"};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		const char *text = mime_field_text(header, names[i], arena);

		if (!text)
			continue;
		telling->facts |= FACT_LIST;
		tell(telling, FIELD_LIST, text, strlen(text));
	}
}

static void tell_html(struct telling *telling, const char *html, size_t len)
{
	buf_clear(&telling->words);
	html_add_words(&telling->words, html, len);
	tell(telling, FIELD_BODY, buf_str(&telling->words), telling->words.len);
}

static void tell_rtf(struct telling *telling, struct span rtf)
{
	struct buf text = BUF_INIT;

	if (rtf_text(rtf, PART_LIMIT, &text))
		tell_html(telling, buf_str(&text), text.len);
	else
		tell(telling, FIELD_BODY, buf_str(&text), text.len);
	buf_free(&text);
}

static void tell_tnef(struct telling *telling, const struct mime_part *part, struct arena *arena)
{
	struct buf bytes = BUF_INIT, rtf = BUF_INIT;
	struct tnef tnef;

	mime_decode_body(part, PART_LIMIT, &bytes);
	if (tnef_read((struct span){buf_str(&bytes), bytes.len}, arena, &tnef) == 0) {
		if (tnef.text)
			tell(telling, FIELD_BODY, tnef.text, strlen(tnef.text));
		if (tnef.html.len)
			tell_html(telling, tnef.html.data, tnef.html.len);
		if (tnef.rtf.len && rtf_unpack(tnef.rtf, PART_LIMIT, &rtf) >= 0)
			tell_rtf(telling, (struct span){buf_str(&rtf), rtf.len});
		for (size_t i = 0; i < tnef.count; i++)
			tell(telling, FIELD_NAME, tnef.files[i].name, strlen(tnef.files[i].name));
	}
	buf_free(&bytes);
	buf_free(&rtf);
}

static bool is_one_of(const char *type, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(type, list[i]) == 0)
			return true;
	return false;
}

static bool is_html(const char *type)
{
	static const char *const list[] = {"text/html", "application/xhtml+xml", "text/xml",
					   "application/xml"};

	return is_one_of(type, list, ARRAY_COUNT(list));
}

static bool is_text(const char *type)
{
	static const char *const list[] = {"application/json", "application/ics", "application/x-sh",
					   "application/x-patch", "application/javascript"};

	return str_starts(type, "text/") || str_starts(type, "message/") || is_html(type) ||
	       is_one_of(type, list, ARRAY_COUNT(list));
}

/* OpenPGP without MIME. */
static void look_for_armour(struct telling *telling, const char *text, size_t len)
{
	static const char begin[] = "-----BEGIN PGP ";
	static const struct {
		const char *kind;
		enum fact fact;
	} kinds[] = {{"SIGNED MESSAGE-----", FACT_SIGNED},
		     {"MESSAGE-----", FACT_ENCRYPTED},
		     {"PUBLIC KEY BLOCK-----", FACT_KEY}};
	const char *at = text, *end = text + len;

	while ((at = memmem(at, (size_t)(end - at), begin, sizeof begin - 1))) {
		bool is_line = at == text || at[-1] == '\n';

		at += sizeof begin - 1;
		for (size_t i = 0; is_line && i < ARRAY_COUNT(kinds); i++)
			if ((size_t)(end - at) >= strlen(kinds[i].kind) && str_starts(at, kinds[i].kind))
				telling->facts |= kinds[i].fact;
	}
}

/* RFC 3676: of such a text a line may end within a word. */
static bool is_cut_in_words(const struct mime_part *part)
{
	const char *format = mime_param(part, "format"), *delsp = mime_param(part, "delsp");

	return format && delsp && str_equal_nocase(format, "flowed") && str_equal_nocase(delsp, "yes") &&
	       strcmp(part->type, "text/plain") == 0;
}

static void join_lines(struct telling *telling)
{
	struct buf cut = telling->text;

	telling->text = (struct buf)BUF_INIT;
	flowed_read(buf_str(&cut), cut.len, true, &telling->text);
	buf_free(&cut);
}

static void tell_text(struct telling *telling, const struct mime_part *part)
{
	buf_clear(&telling->text);
	mime_decode_body_text(part, PART_LIMIT, &telling->text);
	look_for_armour(telling, buf_str(&telling->text), telling->text.len);
	if (is_cut_in_words(part))
		join_lines(telling);
	if (is_html(part->type))
		tell_html(telling, buf_str(&telling->text), telling->text.len);
	else
		tell(telling, FIELD_BODY, buf_str(&telling->text), telling->text.len);
}

static void tell_rtf_part(struct telling *telling, const struct mime_part *part)
{
	struct buf bytes = BUF_INIT;

	mime_decode_body(part, PART_LIMIT, &bytes);
	tell_rtf(telling, (struct span){buf_str(&bytes), bytes.len});
	buf_free(&bytes);
}

static bool is_smime(const char *type)
{
	return strcmp(type, "application/pkcs7-mime") == 0 || strcmp(type, "application/x-pkcs7-mime") == 0;
}

static void tell_type(struct telling *telling, const struct mime_part *part)
{
	const char *type = part->type, *smime = mime_param(part, "smime-type");

	tell(telling, FIELD_TYPE, type, strlen(type));
	if (strcmp(type, "multipart/signed") == 0)
		telling->facts |= FACT_SIGNED;
	else if (strcmp(type, "multipart/encrypted") == 0)
		telling->facts |= FACT_ENCRYPTED;
	else if (strcmp(type, "application/pgp-keys") == 0)
		telling->facts |= FACT_KEY;
	else if (is_smime(type))
		telling->facts |= smime && str_equal_nocase(smime, "signed-data") ? FACT_SIGNED : FACT_ENCRYPTED;
}

static void tell_facts(struct telling *telling)
{
	static const struct {
		enum fact fact;
		const char *word;
	} words[] = {{FACT_ATTACHMENT, "attachment"}, {FACT_SIGNED, "signed"}, {FACT_ENCRYPTED, "encrypted"},
		     {FACT_KEY, "key"},		      {FACT_LIST, "list"}};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (telling->facts & words[i].fact)
			tell(telling, FIELD_FACT, words[i].word, strlen(words[i].word));
}

static void tell_part(struct telling *telling, const struct mime_part *part, struct arena *arena)
{
	tell_type(telling, part);
	if (part->filename)
		tell(telling, FIELD_NAME, part->filename, strlen(part->filename));
	if (part->description)
		tell(telling, FIELD_NAME, part->description, strlen(part->description));
	if (part->parent && strcmp(part->parent->type, "message/rfc822") == 0)
		tell_header(telling, &part->header, arena, FIELD_BODY);
	if (mime_is_container(part))
		return;
	if (tnef_is_type(part->type, part->filename))
		tell_tnef(telling, part, arena);
	else if (strcmp(part->type, "text/rtf") == 0 || strcmp(part->type, "application/rtf") == 0)
		tell_rtf_part(telling, part);
	else if (is_text(part->type))
		tell_text(telling, part);
}

void letter_texts(struct box_message *bytes, letter_text_fn *each, void *arg)
{
	struct telling telling = {.each = each, .arg = arg};
	struct mime_message *message = mime_parse_resting(
	    bytes->data, bytes->len, NULL, (struct mime_rest){box_message_rest, bytes});

	tell_header(&telling, &message->root.header, message->arena, 0);
	tell_list(&telling, &message->root.header, message->arena);
	for (struct mime_part *part = &message->root; part && !telling.is_enough; part = mime_next(part))
		tell_part(&telling, part, message->arena);
	if (!telling.is_enough && mime_has_attachment(message))
		telling.facts |= FACT_ATTACHMENT;
	tell_facts(&telling);
	mime_free(&message);
	buf_free(&telling.text);
	buf_free(&telling.words);
}
