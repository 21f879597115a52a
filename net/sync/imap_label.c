/* Gmail's labels (X-GM-EXT-1): what tags are here. A label is a mailbox there, too; a blank in its name is "_" in a
 * tag. */
#include "config.h"
#include "net/sync/imap_inside.h"

#include <string.h>

#include "store/base/str.h"

#define NAME_MAX_LEN 4096

bool imap_has_labels(const struct imap_backend *imap)
{
	return imap->client->can[IMAP_CAN_GMAIL];
}

/* "$Forwarded", and what mail programs agreed on for spam. */
static bool is_label(struct span word)
{
	return word.len && *word.data != '$' && !span_equal_nocase(word, "Junk") &&
	       !span_equal_nocase(word, "NonJunk");
}

void imap_add_no_labels(struct buf *out, const char *keywords)
{
	struct span rest = span_of(keywords ? keywords : ""), word;

	while (span_split(&rest, ' ', &word))
		if (word.len && !is_label(word))
			buf_printf(out, "%s%.*s", out->len ? " " : "", (int)word.len, word.data);
}

/* --- the label that a tag stands for --- */

struct seeking {
	struct span word;
	struct buf label; /* as on the wire */
};

static void note_name(struct seeking *seeking, const struct buf *wire)
{
	struct buf word = BUF_INIT;

	imap_keyword_decode(&word, (struct span){buf_str(wire), wire->len});
	if (span_equal((struct span){buf_str(&word), word.len}, seeking->word)) {
		buf_clear(&seeking->label);
		buf_add(&seeking->label, buf_str(wire), wire->len);
	}
	buf_free(&word);
}

static int hear_name(void *arg, const struct imap_said *said, struct imap_parse *parse, struct err *err)
{
	struct buf delimiter = BUF_INIT, wire = BUF_INIT;
	int token, rc = 0;

	if (said->kind != IMAP_SAID_LIST)
		return 0;
	token = imap_next(parse, err);
	if (token == IMAP_OPEN)
		rc = imap_skip_list(parse, parse->depth, err);
	if (token >= 0 && rc == 0)
		rc = imap_next_text(parse, &delimiter, 1, err) < 0 ? -1
								    : imap_next_text(parse, &wire, NAME_MAX_LEN, err);
	if (rc == 1)
		note_name(arg, &wire);
	buf_free(&delimiter);
	buf_free(&wire);
	return token < 0 || rc < 0 ? -1 : 1;
}

/* Only a "_" leaves a doubt: "Work_Stuff" may be "Work Stuff" there. */
static int ask_name(struct imap_backend *imap, struct seeking *seeking, struct err *err)
{
	struct buf pattern = BUF_INIT, quoted = BUF_INIT;
	int rc;

	imap_name_encode(&pattern, seeking->word);
	for (size_t i = 0; i < pattern.len; i++)
		if (pattern.data[i] == '_')
			pattern.data[i] = '%';
	rc = imap_quote(&quoted, (struct span){buf_str(&pattern), pattern.len}, err);
	imap_listen(imap, hear_name, seeking);
	if (rc == 0)
		rc = imap_run(imap->client, err, "LIST \"\" %s", buf_str(&quoted));
	imap_listen(imap, NULL, NULL);
	buf_free(&quoted);
	buf_free(&pattern);
	return rc;
}

static int add_label(struct imap_backend *imap, struct span word, struct buf *out, struct err *err)
{
	struct seeking seeking = {.word = word, .label = BUF_INIT};
	int rc = 0;

	imap_name_encode(&seeking.label, word);
	if (memchr(word.data, '_', word.len))
		rc = ask_name(imap, &seeking, err);
	if (rc == 0)
		rc = imap_quote(out, (struct span){buf_str(&seeking.label), seeking.label.len}, err);
	buf_free(&seeking.label);
	return rc;
}

int imap_store_labels(struct imap_backend *imap, const struct imap_pieces *messages, char sign, const char *keywords,
		      struct err *err)
{
	struct span rest = span_of(keywords ? keywords : ""), word;
	struct imap_pieces pieces = *messages;
	struct buf after = BUF_INIT;
	size_t empty;
	int rc = 0;

	buf_printf(&after, "%cX-GM-LABELS (", sign);
	empty = after.len;
	while (rc == 0 && span_split(&rest, ' ', &word)) {
		if (!is_label(word))
			continue;
		if (after.len > empty)
			buf_add_char(&after, ' ');
		rc = add_label(imap, word, &after, err);
	}
	if (rc == 0 && after.len > empty) {
		buf_add_char(&after, ')');
		pieces.after = buf_str(&after);
		rc = imap_run_pieces(imap, &pieces, err);
	}
	buf_free(&after);
	return rc;
}
