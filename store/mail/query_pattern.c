/* Patterns of mutt: ~ and a letter. They take plain text, no regular expressions. */
#include "config.h"
#include "store/mail/query_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/row.h"

#define PARENT "substr(m.refs, -16)"
#define OWN    "printf('%016x', m.mid)"

/* Letters that refer to that Message-ID. */
static int word_refers(struct query_reader *reader, const char *word, const char *at,
		       struct buf *out)
{
	size_t len = strlen(word);
	bool has_brackets = *word == '<' && len > 2 && word[len - 1] == '>';
	char *id = has_brackets ? mem_strndup(word + 1, len - 2) : mem_strdup(word);

	(void)reader;
	(void)at;
	buf_printf(out, "instr(m.refs, '%016llx') > 0", (unsigned long long)row_hash(id));
	free(id);
	return 0;
}

/* How many attachments: some or none is all that is known. */
static int word_count(struct query_reader *reader, const char *word, const char *at,
		      struct buf *out)
{
	static const char *const some[] = {"1-", ">0", ">=1"}, *const none[] = {"0", "-0", "<1",
										"0-0"};

	for (size_t i = 0; i < ARRAY_COUNT(some); i++)
		if (strcmp(word, some[i]) == 0)
			return buf_add_str(out, QUERY_HAS_ATTACHMENT), 0;
	for (size_t i = 0; i < ARRAY_COUNT(none); i++)
		if (strcmp(word, none[i]) == 0)
			return buf_add_str(out, "NOT " QUERY_HAS_ATTACHMENT), 0;
	return query_fail_at(reader, at,
			     _("Attachments are not counted: \"~X 1-\" is some, \"~X 0\" none"));
}

static const struct pattern {
	const char *name;
	const char *argument, *help;
	query_word_fn *read; /* takes a word, or: */
	const char *sql;     /* stands alone, or: */
	const char *fact;    /* as letter_words.h has it, or: */
	const char *join;    /* takes what stands in parentheses; of another letter, or: */
	const char *why_not;
} rows[] = {
    {"~f", N_("NAME"), N_("from:"), query_text_from, NULL, NULL, NULL, NULL},
    {"~e", N_("NAME"), N_("from:, which is Sender where there is no From"), query_text_from, NULL, NULL, NULL,
     NULL},
    {"~t", N_("NAME"), N_("to:"), query_text_to, NULL, NULL, NULL, NULL},
    {"~c", N_("NAME"), N_("cc:"), query_text_cc, NULL, NULL, NULL, NULL},
    {"~C", N_("NAME"), N_("to:, which has Cc, too"), query_text_to, NULL, NULL, NULL, NULL},
    {"~L", N_("NAME"), N_("with:"), query_text_people, NULL, NULL, NULL, NULL},
    {"~s", N_("TEXT"), N_("subject:"), query_text_subject, NULL, NULL, NULL, NULL},
    {"~b", N_("TEXT"),
     N_("a part of a word, or of several in a row in quotes, of the decoded texts"),
     query_text_inside, NULL, NULL, NULL, NULL},
    {"~B", N_("TEXT"), N_("the same, of people and the subject too"), query_text_anywhere, NULL,
     NULL, NULL, NULL},
    {"~M", N_("TYPE"), N_("type:"), query_text_type, NULL, NULL, NULL, NULL},
    {"~X", N_("[COUNT]"), N_("has:attachment; \"~X 0\": none"), NULL, QUERY_HAS_ATTACHMENT, NULL,
     NULL, NULL},
    {"~d", N_("DATE"),
     N_("the date in the letter: 1/11/2026-23/11/2026, 20261101-, <2w, >1m, 15/11*3d"),
     query_date_mutt, NULL, NULL, NULL, NULL},
    {"~r", N_("DATE"), N_("the same of the moment at which it came"), query_date_mutt_received,
     NULL, NULL, NULL, NULL},
    {"~z", N_("SIZE"), N_("size:"), query_field_size, NULL, NULL, NULL, NULL},
    {"~i", N_("MESSAGE-ID"), N_("id:, the whole of it"), query_field_id, NULL, NULL, NULL, NULL},
    {"~x", N_("MESSAGE-ID"), N_("letters that refer to it"), word_refers, NULL, NULL, NULL, NULL},
    {"~y", N_("TAG"), N_("tag:"), query_field_tag, NULL, NULL, NULL, NULL},
    {"~Y", N_("TAG"), N_("tag:"), query_field_tag, NULL, NULL, NULL, NULL},
    {"~A", "", N_("all"), NULL, "1", NULL, NULL, NULL},
    {"~N", "", N_("is:new"), NULL, "(m.flags & 65) = 64", NULL, NULL, NULL},
    {"~O", "", N_("is:old"), NULL, "(m.flags & 65) = 0", NULL, NULL, NULL},
    {"~U", "", N_("is:unread"), NULL, "(m.flags & 1) = 0", NULL, NULL, NULL},
    {"~R", "", N_("is:read"), NULL, "(m.flags & 1) <> 0", NULL, NULL, NULL},
    {"~Q", "", N_("is:replied"), NULL, "(m.flags & 2) <> 0", NULL, NULL, NULL},
    {"~F", "", N_("is:flagged"), NULL, "(m.flags & 4) <> 0", NULL, NULL, NULL},
    {"~D", "", N_("is:deleted"), NULL, "(m.flags & 8) <> 0", NULL, NULL, NULL},
    {"~T", "", N_("is:tagged"), NULL, "m.tags <> ''", NULL, NULL, NULL},
    {"~P", "", N_("is:mine"), NULL, "m.is_mine", NULL, NULL, NULL},
    {"~p", "", N_("addressed to one of your addresses"), NULL, QUERY_IS_TO_ME, NULL, NULL, NULL},
    {"~l", "", N_("is:list"), NULL, NULL, "list", NULL, NULL},
    {"~u", "", N_("is:list (Tern does not know which lists you are on)"), NULL, NULL, "list", NULL,
     NULL},
    {"~g", "", N_("is:signed"), NULL, NULL, "signed", NULL, NULL},
    {"~G", "", N_("is:encrypted"), NULL, NULL, "encrypted", NULL, NULL},
    {"~k", "", N_("has:key"), NULL, NULL, "key", NULL, NULL},
    {"~=", "", N_("another letter in the folder has the same Message-ID and was there before"),
     NULL,
     "(m.mid <> 0 AND EXISTS (SELECT 1 FROM message d WHERE d.mid = m.mid AND d.folder = m.folder "
     "AND d.id < m.id))",
     NULL, NULL, NULL},
    {"~$", "", N_("nobody answered it"), NULL,
     "NOT EXISTS (SELECT 1 FROM message r WHERE r.thread = m.thread AND r.folder > 0 AND m.mid <> "
     "0 AND "
     "substr(r.refs, -16) = " OWN ")",
     NULL, NULL, NULL},
    {"~(", N_("QUERY)"), N_("threads with a letter that the query finds; thread:(QUERY)"), NULL,
     NULL, NULL, "1", NULL},
    {"~<", N_("(QUERY)"), N_("answers to letters that the query finds"), NULL, NULL, NULL,
     "m.mid <> 0 AND " OWN " = o.parent", NULL},
    {"~>", N_("(QUERY)"), N_("letters that were answered by one that the query finds"), NULL, NULL,
     NULL, "o.mid <> 0 AND " PARENT " = printf('%016x', o.mid)", NULL},
    {"~h", "", "", NULL, NULL, NULL, NULL,
     N_("Other fields of the header are in no index; from:, to:, cc:, subject:, list: and id: "
	"are")},
    {"~m", "", "", NULL, NULL, NULL, NULL,
     N_("Letters have no numbers in Tern; date: or thread: may say it")},
    {"~n", "", "", NULL, NULL, NULL, NULL, N_("Letters have no scores in Tern; tag: may say it")},
    {"~H", "", "", NULL, NULL, NULL, NULL,
     N_("What spam filters wrote is in no index; in:junk may say it")},
    {"~E", "", "", NULL, NULL, NULL, NULL,
     N_("That letters expire is in no index; before: may say it")},
    {"~S", "", "", NULL, NULL, NULL, NULL,
     N_("That letters supersede others is in no index; ~= may say it")},
    {"~v", "", "", NULL, NULL, NULL, NULL,
     N_("What is folded on the screen has no pattern; thread: may say it")},
    {"~V", "", "", NULL, NULL, NULL, NULL,
     N_("Signatures are checked when a letter is opened; is:signed may say it")},
    {"~#", "", "", NULL, NULL, NULL, NULL,
     N_("Broken threads have no pattern; thread: may say it")},
    {"~I", "", "", NULL, NULL, NULL, NULL, N_("There is no such pattern; id: or ~x may say it")},
};

bool query_pattern_row(size_t at, struct query_help *help)
{
	if (at >= ARRAY_COUNT(rows) || rows[at].why_not)
		return false;
	*help = (struct query_help){rows[at].name, rows[at].argument, rows[at].help};
	return true;
}

static const struct pattern *row_of(char letter)
{
	for (size_t i = 0; letter && i < ARRAY_COUNT(rows); i++)
		if (rows[i].name[1] == letter)
			return &rows[i];
	return NULL;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "=b text", "%s": mutt's other marks, where a word follows. */
bool query_pattern_at(const struct query_reader *reader)
{
	const char *at = reader->at;

	if (*at == '~')
		return is_letter(at[1]) || (at[1] && strchr("=$(<>#", at[1]));
	return (*at == '=' || *at == '%') && is_letter(at[1]) && char_is_space(at[2]);
}

/* A backslash takes the meaning off what follows; what nobody says in plain text is a regular
 * expression. */
static int make_plain(struct query_reader *reader, char *word, const char *at)
{
	char *to = word;

	if (*word == '^' || strstr(word, ".*") || strstr(word, ".+") || strstr(word, "\\w") ||
	    strstr(word, "\\b"))
		return query_fail_at(reader, at,
				     _("Regular expressions are not taken; say a part of the text, "
				       "and \"or\" between two"));
	for (const char *from = word; *from; from++)
		if (*from != '\\' || is_letter(from[1]) || char_is_digit(from[1]) || !from[1])
			*to++ = *from;
	*to = '\0';
	return 0;
}

static int read_with_text(struct query_reader *reader, query_word_fn *read, struct buf *out)
{
	const char *at;
	char *word;
	int rc;

	while (char_is_space(*reader->at))
		reader->at++;
	at = reader->at;
	word = query_read_word(reader);
	if (!word)
		return -1;
	rc = make_plain(reader, word, at);
	if (rc == 0)
		rc = read(reader, word, at, out);
	free(word);
	return rc;
}

/* Does a count follow "~X"? */
static bool at_count(const struct query_reader *reader)
{
	const char *at = reader->at;

	while (char_is_space(*at))
		at++;
	return char_is_digit(*at) ||
	       ((*at == '<' || *at == '>' || *at == '-') && char_is_digit(at[1]));
}

static int read_relatives(struct query_reader *reader, const struct pattern *row, const char *at,
			  struct buf *out)
{
	reader->at -= row->name[1] == '(';
	if (*reader->at != '(')
		return query_fail_at(reader, at, _("This pattern wants a query in parentheses"));
	return query_relatives(reader, row->join, out);
}

int query_pattern_read(struct query_reader *reader, struct buf *out)
{
	const char *at = reader->at++;
	const struct pattern *row = row_of(*reader->at);

	if (!row)
		return query_fail_at(reader, at,
				     _("This pattern is not known; in quotes it is plain text"));
	if (row->why_not)
		return query_fail_at(reader, at, _(row->why_not));
	reader->at++;
	if (row->read)
		return read_with_text(reader, row->read, out);
	if (row->join)
		return read_relatives(reader, row, at, out);
	if (row->name[1] == 'X' && at_count(reader))
		return query_with_word(reader, word_count, out);
	if (row->sql)
		buf_add_str(out, row->sql);
	else
		query_text_fact(reader, row->fact, out);
	return 0;
}
