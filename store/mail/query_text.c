/* Words that are looked for: in texts by the index of words, in names and subjects by their rows, both folded (no
 * case, no accents). Every word of a person stands in the condition as a quoted literal. */
#include "config.h"
#include "store/mail/query_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/mail/row.h"

/* A longer column (in bytes) may have been cut when its row was made (store/mail/row.c): then the letter is asked. */
#define PEOPLE_KEPT  "500"
#define FROM_KEPT    "240"
#define SUBJECT_KEPT "900"

void query_add_literal(struct buf *out, const char *text)
{
	buf_add_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_add_char(out, '\'');
		buf_add_char(out, *text);
	}
	buf_add_char(out, '\'');
}

static void add_folded(struct buf *out, const char *word)
{
	struct buf folded = BUF_INIT;

	utf8_add_folded(&folded, word, strlen(word));
	query_add_literal(out, buf_str(&folded));
	buf_free(&folded);
}

static void add_contains(struct buf *out, const char *column, const char *word)
{
	buf_printf(out, "instr(m.%s, ", column);
	add_folded(out, word);
	buf_add_str(out, ") > 0");
}

/* A word in the texts; "word*" what begins so, "*word" what it is a part of. */
static void add_text(struct query_reader *reader, const char *fields, enum wish_ends ends, const char *word,
		     struct buf *out)
{
	struct query *query = reader->query;
	struct buf spelled = BUF_INIT;

	wish_spell(&spelled, fields, ends, word);
	query->needs_bodies = true;
	buf_add_str(out, "tern_text(m.id, ");
	query_add_literal(out, buf_str(&spelled));
	buf_add_char(out, ')');
	ARRAY_ROOM(query->texts, query->text_count, query->text_cap);
	query->texts[query->text_count++] = mem_strdup(buf_str(&spelled));
	if (!reader->is_choice) {
		ARRAY_ROOM(query->wishes, query->wish_count, query->wish_cap);
		query->wishes[query->wish_count++] = buf_take(&spelled);
	}
	buf_free(&spelled);
}

/* Of letters on the server alone: those that it has found WORD in. */
static void add_server_hits(struct query_reader *reader, const char *word, struct buf *out)
{
	struct query *query = reader->query;
	size_t stars = strspn(word, "*"), len = strcspn(word + stars, "*");
	char *bare = mem_strndup(word + stars, len);

	buf_add_str(out, "EXISTS (SELECT 1 FROM remote_hit h WHERE h.message = m.id AND h.word = ");
	query_add_literal(out, bare);
	buf_add_char(out, ')');
	ARRAY_ROOM(query->asks, query->ask_count, query->ask_cap);
	query->asks[query->ask_count++] = bare;
}

bool query_has_words(const char *text)
{
	uint32_t code, folded[UTF8_FOLD_MAX];

	for (size_t len = strlen(text), n; len; text += n, len -= n) {
		n = utf8_decode(text, len, &code);
		if (utf8_fold_word(code, folded) > 0)
			return true;
	}
	return false;
}

static enum wish_ends ends_of(const struct query_reader *reader, const char *word)
{
	size_t len = strlen(word);

	return *word == '*'				       ? ENDS_INSIDE
	       : len && word[len - 1] == '*'		       ? ENDS_BEGINS
	       : reader->wants_forms && !reader->is_quoted ? ENDS_FORMS
							       : ENDS_WHOLE;
}

static void add_header_contains(struct buf *out, const char *word)
{
	buf_add_char(out, '(');
	add_contains(out, "subject_key", word);
	buf_add_str(out, " OR ");
	add_contains(out, "from_key", word);
	buf_add_str(out, " OR ");
	add_contains(out, "to_key", word);
	buf_add_char(out, ')');
}

/* Of a letter that is on the server only its row is known. Signs alone stand in no index either: both are looked for
 * in subjects and names. */
int query_text_any(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	size_t stars = strspn(word, "*"), len = strcspn(word + stars, "*");
	char *bare = mem_strndup(word + stars, len);

	(void)at;
	if (query_has_words(word)) {
		buf_add_char(out, '(');
		add_text(reader, WISH_FIELDS_ALL, ends_of(reader, word), word, out);
		buf_add_str(out, " OR (tern_text(m.id, '') AND m.is_away AND ("); /* '': not indexed */
		add_header_contains(out, bare);
		buf_add_str(out, " OR ");
		add_server_hits(reader, word, out);
		buf_add_str(out, ")))");
	} else {
		add_header_contains(out, word);
	}
	free(bare);
	return 0;
}

/* A part is looked for anyway: "len*" is no more than "len". Free it. */
static char *without_stars(const char *word)
{
	size_t stars = strspn(word, "*"), len = strlen(word);

	while (len > stars && word[len - 1] == '*')
		len--;
	return mem_strndup(word + stars, len - stars);
}

/* COLUMN has it, or where that was cut the letter itself, in FIELDS. */
static void add_kept(struct buf *out, const char *column, const char *kept, const char *fields, const char *starred)
{
	char *word = without_stars(starred);
	struct buf spelled = BUF_INIT;

	add_contains(out, column, word);
	if (!query_has_words(word)) {
		free(word);
		return;
	}
	wish_spell(&spelled, fields, ENDS_INSIDE, word);
	buf_printf(out, " OR (length(CAST(m.%s AS BLOB)) >= %s AND tern_text(m.id, ", column, kept);
	query_add_literal(out, buf_str(&spelled));
	buf_add_str(out, "))");
	buf_free(&spelled);
	free(word);
}

int query_text_from(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	(void)reader;
	(void)at;
	buf_add_char(out, '(');
	add_kept(out, "from_key", FROM_KEPT, "f", word);
	buf_add_char(out, ')');
	return 0;
}

int query_text_to(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	(void)reader;
	(void)at;
	buf_add_char(out, '(');
	add_kept(out, "to_key", PEOPLE_KEPT, "tc", word);
	buf_add_char(out, ')');
	return 0;
}

int query_text_subject(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	struct buf folded = BUF_INIT;

	(void)reader;
	(void)at;
	utf8_add_folded(&folded, word, strlen(word));
	buf_add_char(out, '(');
	if (row_may_be_prefix(buf_str(&folded))) { /* the kept key has no "Re:" */
		buf_add_str(out, "(instr(m.subject, ':') AND tern_in(m.subject, ");
		query_add_literal(out, buf_str(&folded));
		buf_add_str(out, ")) OR ");
	}
	add_kept(out, "subject_key", SUBJECT_KEPT, "s", word);
	buf_add_char(out, ')');
	buf_free(&folded);
	return 0;
}

static int body_with(struct query_reader *reader, enum wish_ends ends, const char *word, const char *at,
		     struct buf *out)
{
	if (!query_has_words(word))
		return query_fail_at(reader, at, _("body: wants a word with letters or digits"));
	buf_add_char(out, '(');
	add_text(reader, "bn", ends, word, out);
	buf_add_str(out, " OR (m.is_away AND ");
	add_server_hits(reader, word, out);
	buf_add_str(out, "))");
	return 0;
}

int query_text_body(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return body_with(reader, ends_of(reader, word), word, at, out);
}

/* mutt looks for parts of words. */
int query_text_inside(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return body_with(reader, ENDS_INSIDE, word, at, out);
}

int query_text_cc(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	if (!query_has_words(word))
		return query_fail_at(reader, at, _("cc: wants a word with letters or digits"));
	add_text(reader, "c", *word == '*' ? ENDS_INSIDE : ENDS_BEGINS, word, out);
	return 0;
}

int query_text_people(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	buf_add_char(out, '(');
	query_text_from(reader, word, at, out);
	buf_add_str(out, " OR ");
	query_text_to(reader, word, at, out);
	buf_add_char(out, ')');
	return 0;
}


/* All that is said, as a part of words. */
int query_text_anywhere(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	if (!query_has_words(word))
		return query_fail_at(reader, at, _("A word with letters or digits is wanted here"));
	buf_add_char(out, '(');
	add_text(reader, WISH_FIELDS_ALL, ENDS_INSIDE, word, out);
	buf_add_str(out, " OR (m.is_away AND (");
	add_header_contains(out, word);
	buf_add_str(out, " OR ");
	add_server_hits(reader, word, out);
	buf_add_str(out, ")))");
	return 0;
}

static int part_of(struct query_reader *reader, const char *fields, const char *word, const char *at, struct buf *out)
{
	if (!query_has_words(word))
		return query_fail_at(reader, at, _("A word with letters or digits is wanted here"));
	add_text(reader, fields, ENDS_INSIDE, word, out);
	return 0;
}

int query_text_list(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return part_of(reader, "l", word, at, out);
}

int query_text_name(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return part_of(reader, "n", word, at, out);
}

int query_text_type(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return part_of(reader, "m", word, at, out);
}

void query_text_fact(struct query_reader *reader, const char *fact, struct buf *out)
{
	add_text(reader, "x", ENDS_WHOLE, fact, out);
}
