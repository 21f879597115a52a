/* A query becomes a condition in SQL as it is read; every word of a person stands in it as a quoted
 * literal. Names, subjects and addresses are compared folded (no case, no accents). */
#include "config.h"
#include "store/mail/query.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/fulltext.h"
#include "store/mail/query_inside.h"

#define TEXT_LIMIT  4000
#define RELATIVES_DEPTH 3 /* counts for so many parentheses */
#define DEPTH_LIMIT 15  /* SQLite's parser takes no more of what becomes of it */
#define TERMS_LIMIT 300 /* nor may a condition be deeper */

/* --- words --- */

int query_fail_at(struct query_reader *reader, const char *at, const char *why)
{
	char *before = mem_strndup(reader->text, (size_t)(at - reader->text));

	err_set_kind(reader->err, ERR_USAGE, _("%s, at character %d of the query: \"%.40s\""), why,
		     utf8_width(before, strlen(before)) + 1, at);
	free(before);
	return -1;
}

static void skip_space(struct query_reader *reader)
{
	while (char_is_space(*reader->at))
		reader->at++;
}

bool query_ends_word(char c)
{
	return c == '\0' || char_is_space(c) || c == '(' || c == ')' || c == '"' || c == '|';
}

/* A word, or "several in quotes". Free it. NULL with a sentence. */
char *query_read_word(struct query_reader *reader)
{
	const char *from = reader->at, *end;

	reader->is_quoted = *from == '"';
	if (reader->is_quoted) {
		end = strchr(from + 1, '"');
		if (!end) {
			query_fail_at(reader, from, _("This quote is not closed"));
			return NULL;
		}
		reader->at = end + 1;
		return mem_strndup(from + 1, (size_t)(end - from - 1));
	}
	while (!query_ends_word(*reader->at))
		reader->at++;
	if (reader->at == from) {
		query_fail_at(reader, from, _("A word is missing here"));
		return NULL;
	}
	return mem_strndup(from, (size_t)(reader->at - from));
}

/* --- grammar: or-groups of and-groups of terms --- */

static int read_any_of(struct query_reader *reader, struct buf *out);

static bool at_or(const struct query_reader *reader)
{
	if (*reader->at == '|')
		return true;
	return str_starts_nocase(reader->at, "or") && query_ends_word(reader->at[2]);
}

int query_with_word(struct query_reader *reader, query_word_fn *read, struct buf *out)
{
	const char *at;
	char *word;
	int rc;

	skip_space(reader);
	at = reader->at;
	word = query_read_word(reader);
	if (!word)
		return -1;
	rc = read(reader, word, at, out);
	free(word);
	return rc;
}

/* "last week" are two words. */
static int read_with_moment(struct query_reader *reader, query_word_fn *read, struct buf *out)
{
	const char *at;
	char *word;
	int rc;

	skip_space(reader);
	at = reader->at;
	word = query_read_word(reader);
	if (!word)
		return -1;
	query_date_join(reader, &word);
	rc = read(reader, word, at, out);
	free(word);
	return rc;
}

int query_read_group(struct query_reader *reader, struct buf *out)
{
	const char *at = reader->at++;

	if (++reader->depth > DEPTH_LIMIT)
		return query_fail_at(reader, at, _("There are too many parentheses"));
	if (read_any_of(reader, out) < 0)
		return -1;
	reader->depth--;
	if (*reader->at != ')')
		return query_fail_at(reader, at, _("This parenthesis is not closed"));
	reader->at++;
	return 0;
}

int query_relatives(struct query_reader *reader, const char *join, struct buf *out)
{
	bool was_choice = reader->is_choice;
	int rc;

	reader->is_choice = true; /* other letters than the one in question have its words */
	reader->depth += RELATIVES_DEPTH - 1;
	buf_printf(out,
		   "EXISTS (SELECT 1 FROM (SELECT m.thread AS thread, m.mid AS mid, substr(m.refs, -16) AS parent) o, "
		   "message m WHERE m.thread = o.thread AND m.folder > 0 AND %s AND ",
		   join);
	rc = query_read_group(reader, out);
	buf_add_char(out, ')');
	reader->depth -= RELATIVES_DEPTH - 1;
	reader->is_choice = was_choice;
	return rc;
}

/* "! ~N", as mutt has it. */
static bool at_lonely_not(const struct query_reader *reader)
{
	const char *at = reader->at + 1;

	if (*reader->at != '!' || !char_is_space(*at))
		return false;
	while (char_is_space(*at))
		at++;
	return *at && *at != ')';
}

static bool at_not(struct query_reader *reader)
{
	if (at_lonely_not(reader)) {
		reader->at++;
		skip_space(reader);
		return true;
	}
	if ((*reader->at == '-' || *reader->at == '!') && reader->at[1] &&
	    !char_is_space(reader->at[1])) {
		reader->at++;
		return true;
	}
	if (str_starts_nocase(reader->at, "not") && char_is_space(reader->at[3])) {
		reader->at += 3;
		skip_space(reader);
		return true;
	}
	return false;
}

/* "*" alone is all there is. */
static bool at_all(const struct query_reader *reader)
{
	return *reader->at == '*' && query_ends_word(reader->at[1]);
}

static int read_plain(struct query_reader *reader, struct buf *out)
{
	if (query_field_check(reader) < 0)
		return -1;
	if (at_all(reader)) {
		reader->at++;
		buf_add_char(out, '1');
		return 0;
	}
	return query_with_word(reader, query_text_any, out);
}

static bool at_thread_of(const struct query_reader *reader)
{
	return str_starts_nocase(reader->at, "thread:(");
}

/* A term without what may turn it round. */
static int read_bare(struct query_reader *reader, struct buf *out)
{
	bool has_moment = false;
	query_word_fn *field;

	if (at_thread_of(reader)) {
		reader->at += strlen("thread:");
		return query_relatives(reader, "1", out);
	}
	field = query_field_at(reader, &has_moment);
	if (field)
		return has_moment ? read_with_moment(reader, field, out) : query_with_word(reader, field, out);
	if (query_pattern_at(reader))
		return query_pattern_read(reader, out);
	return *reader->at == '(' ? query_read_group(reader, out) : read_plain(reader, out);
}

static int read_term(struct query_reader *reader, struct buf *out)
{
	bool is_not = false, was_choice = reader->is_choice;
	int rc;

	if (++reader->terms > TERMS_LIMIT)
		return query_fail_at(reader, reader->at, _("This is too much for one query"));
	while (at_not(reader))
		is_not = !is_not;
	reader->is_choice |= is_not;
	if (is_not)
		buf_add_str(out, "NOT (");
	rc = read_bare(reader, out);
	if (is_not)
		buf_add_char(out, ')');
	reader->is_choice = was_choice;
	return rc;
}

static void keep_quick(struct query_reader *reader, const struct buf *quick)
{
	struct query *query = reader->query;

	if (reader->depth || reader->is_choice)
		return;
	free(query->quick);
	query->quick = quick->len ? mem_strdup(quick->data) : NULL;
}

/* Is there a term to come, in this row of terms? */
static bool at_term(const struct query_reader *reader)
{
	return *reader->at && *reader->at != ')' && !at_or(reader);
}

/* What says nothing is passed: "and" between terms, a "-" alone (somebody types). */
static void pass_nothing(struct query_reader *reader, bool is_behind_term)
{
	const char *from;
	size_t len;

	for (;;) {
		skip_space(reader);
		from = reader->at;
		len = *from == '-'			    ? 1
		      : !is_behind_term			    ? 0
		      : str_starts(from, "&&")		    ? 2
		      : str_starts_nocase(from, "and") ? 3
							    : 0;
		if (!len || !(from[len] == '\0' || char_is_space(from[len])))
			return;
		reader->at += len;
		skip_space(reader);
		if (len > 1 && !at_term(reader)) { /* nothing follows: it is a word */
			reader->at = from;
			return;
		}
	}
}

struct terms {
	struct buf quick, slow; /* slow: what looks into texts */
	bool has_any;
};

static int read_one_more(struct query_reader *reader, struct terms *terms)
{
	bool before = reader->query->needs_bodies;
	struct buf term = BUF_INIT, *into;
	int rc;

	reader->query->needs_bodies = false;
	rc = read_term(reader, &term);
	into = reader->query->needs_bodies ? &terms->slow : &terms->quick;
	reader->query->needs_bodies |= before;
	buf_printf(into, "%s%s", into->len ? " AND " : "", buf_str(&term));
	buf_free(&term);
	terms->has_any = true;
	return rc;
}

/* What looks into texts stands last: it is asked only where all else is true. MUST: there must be something. */
static int read_all_of(struct query_reader *reader, bool must, struct buf *out)
{
	struct terms terms = {.quick = BUF_INIT, .slow = BUF_INIT};
	const struct buf *quick = &terms.quick, *slow = &terms.slow;
	int rc = 0;

	for (pass_nothing(reader, false); rc == 0 && at_term(reader); pass_nothing(reader, true))
		rc = read_one_more(reader, &terms);
	if (rc == 0 && !terms.has_any && (must || reader->depth || at_or(reader)))
		rc = query_fail_at(reader, reader->at, _("A word is missing here"));
	buf_printf(out, "(%s%s%s)",
		   quick->len  ? quick->data
		   : slow->len ? ""
			       : "1",
		   quick->len && slow->len ? " AND " : "", slow->len ? slow->data : "");
	keep_quick(reader, quick);
	buf_free(&terms.quick);
	buf_free(&terms.slow);
	return rc;
}

/* It is an "or": what stood before it need not be there after all. */
static void is_a_choice(struct query_reader *reader, size_t wishes_before)
{
	struct query *query = reader->query;

	while (query->wish_count > wishes_before)
		free(query->wishes[--query->wish_count]);
	if (!reader->depth) {
		free(query->quick);
		query->quick = NULL;
	}
	reader->is_choice = true;
}

static int read_any_of(struct query_reader *reader, struct buf *out)
{
	size_t wishes_before = reader->query->wish_count;
	bool was_choice = reader->is_choice, is_behind_or = false;

	buf_add_char(out, '(');
	for (;; is_behind_or = true) {
		if (read_all_of(reader, is_behind_or, out) < 0)
			return -1;
		if (!at_or(reader))
			break;
		is_a_choice(reader, wishes_before);
		reader->at += *reader->at != '|' ? 2 : reader->at[1] == '|' ? 2 : 1;
		buf_add_str(out, " OR ");
	}
	reader->is_choice = was_choice;
	buf_add_char(out, ')');
	return 0;
}

struct query *query_parse(const char *text, int64_t now, struct err *err)
{
	return query_parse_with(text, false, now, err);
}

struct query *query_parse_with(const char *text, bool forms, int64_t now, struct err *err)
{
	struct query *query = mem_alloc(sizeof *query);
	struct query_reader reader = {
	    .text = text, .at = text, .now = now, .query = query, .err = err, .wants_forms = forms};
	struct buf sql = BUF_INIT;
	int rc;

	query->text = mem_strdup(text);
	if (strlen(text) > TEXT_LIMIT || !utf8_is_valid(text, strlen(text)))
		rc = err_set_kind(err, ERR_USAGE, _("This query is too long or no text."));
	else
		rc = read_any_of(&reader, &sql);
	if (rc == 0 && *reader.at)
		rc = query_fail_at(&reader, reader.at, _("This parenthesis was never opened"));
	if (rc == 0 && query->text_count > FULLTEXT_WISHES_MAX)
		rc = err_set_kind(err, ERR_USAGE,
				  _("This query asks for more words than can be looked for at once (%d)."),
				  FULLTEXT_WISHES_MAX);
	query->sql = buf_take(&sql);
	if (rc < 0)
		query_free(&query);
	return query;
}

void query_free(struct query **query)
{
	if (!*query)
		return;
	for (size_t i = 0; i < (*query)->wish_count; i++)
		free((*query)->wishes[i]);
	free((*query)->wishes);
	for (size_t i = 0; i < (*query)->text_count; i++)
		free((*query)->texts[i]);
	free((*query)->texts);
	for (size_t i = 0; i < (*query)->ask_count; i++)
		free((*query)->asks[i]);
	free((*query)->asks);
	free((*query)->text);
	free((*query)->sql);
	free((*query)->quick);
	free(*query);
	*query = NULL;
}

char *const *query_asks(const struct query *query, size_t *count)
{
	*count = query->ask_count;
	return query->asks;
}

const char *query_text(const struct query *query)
{
	return query->text;
}

const char *query_sql(const struct query *query)
{
	return query->sql;
}

bool query_needs_bodies(const struct query *query)
{
	return query->needs_bodies;
}

char *const *query_wishes(const struct query *query, size_t *count)
{
	*count = query->wish_count;
	return query->wishes;
}


bool query_field_help(size_t at, struct query_help *help)
{
	return query_field_row(at, help);
}

bool query_pattern_help(size_t at, struct query_help *help)
{
	return query_pattern_row(at, help);
}
