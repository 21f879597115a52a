#include "config.h"
#include "store/mime/vcard.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/mime/transfer.h"

const struct vcard_limits vcard_limits_default = {
	.line = CARD_LINE_LIMIT,
	.cards = 1000,
	.values = 200,
	.text = 4 << 10,
};

void vcard_open(struct vcard_reader *reader, struct span bytes, const char *charset,
		const struct vcard_limits *limits, struct arena *arena)
{
	memset(reader, 0, sizeof *reader);
	reader->limits = limits ? limits : &vcard_limits_default;
	reader->charset = charset;
	reader->arena = arena;
	if (bytes.len >= 3 && !memcmp(bytes.data, "\xef\xbb\xbf", 3))
		bytes = (struct span){bytes.data + 3, bytes.len - 3};
	card_scan_start(&reader->scan, bytes, reader->limits->line);
}

void vcard_close(struct vcard_reader *reader)
{
	card_scan_end(&reader->scan);
}

/* --- values ----------------------------------------------------------------------------------------- */

static int sink(void *arg, const char *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return 0;
}

static bool has_flag(const struct card_line *line, const char *flag)
{
	size_t i;

	for (i = 0; i < line->param_count; i++) {
		struct span list = line->params[i].value, piece;

		while (span_split(&list, ',', &piece))
			if (span_equal_nocase(span_trim(piece), flag))
				return true;
	}
	return false;
}

/* The bytes of the value, quoted-printable undone. */
static void value_bytes(const struct vcard_reader *reader, const struct card_line *line, struct buf *out)
{
	struct span value = line->value;

	if (has_flag(line, "QUOTED-PRINTABLE"))
		transfer_decode(TRANSFER_QUOTED_PRINTABLE, value, sink, out);
	else
		buf_add(out, value.data, value.len);
	if (out->len > reader->limits->text)
		buf_truncate(out, reader->limits->text);
}

static const char *charset_of(const struct vcard_reader *reader, const struct card_line *line)
{
	struct span charset = card_line_param(line, "CHARSET");

	if (!charset.data || charset.len > 40)
		return reader->charset;
	return arena_strndup(reader->arena, charset.data, charset.len);
}

static char *text_value(struct vcard_reader *reader, const struct card_line *line)
{
	struct buf bytes = BUF_INIT;
	char *text;

	value_bytes(reader, line, &bytes);
	text = card_text(span_trim((struct span){buf_str(&bytes), bytes.len}), charset_of(reader, line),
			 reader->arena);
	buf_free(&bytes);
	return text;
}

/* The next piece up to a ";" that is none of the text. */
static bool take_piece(struct span *rest, struct span *piece)
{
	size_t at = 0;

	if (!rest->data)
		return false;
	while (at < rest->len && rest->data[at] != ';')
		at += 1 + (rest->data[at] == '\\' && at + 1 < rest->len);
	*piece = (struct span){rest->data, at};
	*rest = at < rest->len ? (struct span){rest->data + at + 1, rest->len - at - 1} : SPAN_NONE;
	return true;
}

#define PIECES_MAX 10

/* What is not empty of a value in pieces, in the order of PLACES (NULL: as it stands). */
static char *joined(struct vcard_reader *reader, const struct card_line *line, const char *places,
		    const char *between)
{
	struct buf bytes = BUF_INIT, out = BUF_INIT;
	struct span rest, pieces[PIECES_MAX];
	size_t count = 0, i;
	char *text;

	value_bytes(reader, line, &bytes);
	rest = (struct span){buf_str(&bytes), bytes.len};
	while (count < PIECES_MAX && take_piece(&rest, &pieces[count]))
		count++;
	for (i = 0; places ? places[i] != '\0' : i < count; i++) {
		size_t place = places ? (size_t)(places[i] - '0') : i;
		struct span piece = place < count ? span_trim(pieces[place]) : SPAN("");

		if (piece.len && out.len)
			buf_add_str(&out, between);
		buf_add(&out, piece.data, piece.len);
	}
	text = card_text((struct span){buf_str(&out), out.len}, charset_of(reader, line), reader->arena);
	buf_free(&bytes);
	buf_free(&out);
	return text;
}

/* --- a card ----------------------------------------------------------------------------------------- */

static void add_value(struct vcard_reader *reader, struct vcard *card, const struct card_line *line,
		      enum vcard_kind kind, char *text)
{
	if (!*text)
		return;
	if (card->count >= reader->limits->values) {
		reader->is_cut = true;
		return;
	}
	if (card->count >= reader->cap) {
		size_t cap = reader->cap ? reader->cap * 2 : 8;
		struct vcard_value *wider = ARENA_ARRAY(reader->arena, struct vcard_value, cap);

		if (card->count)
			memcpy(wider, card->values, card->count * sizeof *wider);
		card->values = wider;
		reader->cap = cap;
	}
	card->values[card->count++] = (struct vcard_value){
	    .kind = kind,
	    .text = text,
	    .is_home = has_flag(line, "HOME"),
	    .is_work = has_flag(line, "WORK"),
	    .is_mobile = has_flag(line, "CELL"),
	    .is_fax = has_flag(line, "FAX"),
	};
}

static const struct {
	const char *name;
	enum vcard_kind kind;
	const char *scheme; /* in front of the value, no part of it */
} plain[] = {
	{"TITLE", VCARD_TITLE, NULL},	  {"ROLE", VCARD_TITLE, NULL},
	{"EMAIL", VCARD_MAIL, "mailto:"}, {"TEL", VCARD_PHONE, "tel:"},
	{"URL", VCARD_URL, NULL},	  {"BDAY", VCARD_BIRTHDAY, NULL},
	{"NOTE", VCARD_NOTE, NULL},
};

static void take_plain(struct vcard_reader *reader, struct vcard *card, const struct card_line *line)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(plain); i++)
		if (card_line_is(line, plain[i].name)) {
			char *text = text_value(reader, line);

			if (plain[i].scheme && str_starts_nocase(text, plain[i].scheme))
				text += strlen(plain[i].scheme);
			add_value(reader, card, line, plain[i].kind, text);
			return;
		}
}

static void take_line(struct vcard_reader *reader, struct vcard *card, const struct card_line *line)
{
	if (card_line_is(line, "FN"))
		card->name = text_value(reader, line);
	else if (card_line_is(line, "N") && !*card->name)
		card->name = joined(reader, line, "31204", " ");
	else if (card_line_is(line, "ORG"))
		add_value(reader, card, line, VCARD_ORGANISATION, joined(reader, line, NULL, ", "));
	else if (card_line_is(line, "ADR"))
		add_value(reader, card, line, VCARD_ADDRESS, joined(reader, line, "2105346", ", "));
	else
		take_plain(reader, card, line);
}

static bool is_word(const struct card_line *line, const char *name)
{
	return card_line_is(line, name) && span_equal_nocase(span_trim(line->value), "VCARD");
}

/* A card within a card (AGENT) ends with its own end. */
static void read_card(struct vcard_reader *reader, struct vcard *card)
{
	struct card_line line;
	size_t depth = 0;

	*card = (struct vcard){.name = arena_strdup(reader->arena, "")};
	reader->cap = 0;
	while (card_scan_next(&reader->scan, &line)) {
		if (is_word(&line, "BEGIN"))
			depth++;
		else if (is_word(&line, "END") && !depth--)
			break;
		else if (!depth)
			take_line(reader, card, &line);
	}
	reader->is_cut = reader->is_cut || reader->scan.is_cut;
}

int vcard_next(struct vcard_reader *reader, struct vcard *card)
{
	struct card_line line;

	while (card_scan_next(&reader->scan, &line)) {
		if (!is_word(&line, "BEGIN"))
			continue;
		if (reader->cards++ >= reader->limits->cards) {
			reader->is_cut = true;
			return -1;
		}
		read_card(reader, card);
		return 1;
	}
	return 0;
}

bool vcard_is_type(const char *type, const char *filename)
{
	size_t len = filename ? strlen(filename) : 0;

	if (str_equal_nocase(type, "text/vcard") || str_equal_nocase(type, "text/x-vcard") ||
	    str_equal_nocase(type, "text/directory"))
		return true;
	return (str_equal_nocase(type, "application/octet-stream") || str_equal_nocase(type, "text/plain")) &&
	       len > 4 && str_equal_nocase(filename + len - 4, ".vcf");
}
