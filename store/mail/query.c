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
#include "store/mail/row.h"
#include "store/mail/store_inside.h"
#include "store/search/wish.h"

#define TEXT_LIMIT  4000
#define DEPTH_LIMIT 15  /* SQLite's parser takes no more of what becomes of it */
#define TERMS_LIMIT 300 /* nor may a condition be deeper */
#define DAY	    86400
#define CANDIDATES_MAX 2000 /* named one by one */
#define CHUNK_FIRST    250  /* letters read before the first hits are told */
#define CHUNK_MAX      8000

/* A longer column (in bytes) may have been cut when its row was made (store/mail/row.c): then the letter is asked. */
#define PEOPLE_KEPT  "500"
#define FROM_KEPT    "240"
#define SUBJECT_KEPT "900"

/* The index knows; a letter that it has not is judged by its row. */
#define HAS_ATTACHMENT \
	"(CASE WHEN tern_text(m.id, '') THEN m.has_attachment ELSE tern_text(m.id, '" WISH_ATTACHMENT "') END)"

struct query {
	char *text, *sql;
	char *quick; /* what must be true besides, without a look into texts */
	char **wishes; /* words that all hits have; spelled for store/search */
	size_t wish_count, wish_cap;
	char **texts; /* all words that are asked for */
	size_t text_count, text_cap;
	char **asks; /* as a server is asked about them */
	size_t ask_count, ask_cap;
	bool needs_bodies;
};

struct reader {
	const char *text, *at;
	int64_t now;
	struct query *query;
	struct err *err;
	int depth, terms;
	bool is_choice; /* inside of an "or" or a "not": no word must be there */
	bool wants_forms, is_quoted; /* is_quoted: the word that is read now */
};

/* --- words --- */

static int fail_at(struct reader *reader, const char *at, const char *why)
{
	char *before = mem_strndup(reader->text, (size_t)(at - reader->text));

	err_set_kind(reader->err, ERR_USAGE, _("%s, at character %d of the query: \"%.40s\""), why,
		     utf8_width(before, strlen(before)) + 1, at);
	free(before);
	return -1;
}

static void skip_space(struct reader *reader)
{
	while (char_is_space(*reader->at))
		reader->at++;
}

static bool ends_word(char c)
{
	return c == '\0' || char_is_space(c) || c == '(' || c == ')' || c == '"' || c == '|';
}

/* A word, or "several in quotes". Free it. NULL with a sentence. */
static char *read_word(struct reader *reader)
{
	const char *from = reader->at, *end;

	reader->is_quoted = *from == '"';
	if (reader->is_quoted) {
		end = strchr(from + 1, '"');
		if (!end) {
			fail_at(reader, from, _("This quote is not closed"));
			return NULL;
		}
		reader->at = end + 1;
		return mem_strndup(from + 1, (size_t)(end - from - 1));
	}
	while (!ends_word(*reader->at))
		reader->at++;
	if (reader->at == from) {
		fail_at(reader, from, _("A word is missing here"));
		return NULL;
	}
	return mem_strndup(from, (size_t)(reader->at - from));
}

static void add_literal(struct buf *out, const char *text)
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
	add_literal(out, buf_str(&folded));
	buf_free(&folded);
}

static void add_contains(struct buf *out, const char *column, const char *word)
{
	buf_printf(out, "instr(m.%s, ", column);
	add_folded(out, word);
	buf_add_str(out, ") > 0");
}

/* --- what stands behind a colon --- */

/* A word in the texts; "word*" what begins so, "*word" what it is a part of. */
static void add_text(struct reader *reader, const char *fields, enum wish_ends ends, const char *word,
		     struct buf *out)
{
	struct query *query = reader->query;
	struct buf spelled = BUF_INIT;

	wish_spell(&spelled, fields, ends, word);
	query->needs_bodies = true;
	buf_add_str(out, "tern_text(m.id, ");
	add_literal(out, buf_str(&spelled));
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
static void add_server_hits(struct reader *reader, const char *word, struct buf *out)
{
	struct query *query = reader->query;
	size_t stars = strspn(word, "*"), len = strcspn(word + stars, "*");
	char *bare = mem_strndup(word + stars, len);

	buf_add_str(out, "EXISTS (SELECT 1 FROM remote_hit h WHERE h.message = m.id AND h.word = ");
	add_literal(out, bare);
	buf_add_char(out, ')');
	ARRAY_ROOM(query->asks, query->ask_count, query->ask_cap);
	query->asks[query->ask_count++] = bare;
}

static bool has_words(const char *text)
{
	uint32_t code, folded[UTF8_FOLD_MAX];

	for (size_t len = strlen(text), n; len; text += n, len -= n) {
		n = utf8_decode(text, len, &code);
		if (utf8_fold_word(code, folded) > 0)
			return true;
	}
	return false;
}

static enum wish_ends ends_of(const struct reader *reader, const char *word)
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
static int word_any(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	size_t stars = strspn(word, "*"), len = strcspn(word + stars, "*");
	char *bare = mem_strndup(word + stars, len);

	(void)at;
	if (has_words(word)) {
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

/* COLUMN has it, or where that was cut the letter itself, in FIELDS. */
static void add_kept(struct buf *out, const char *column, const char *kept, const char *fields, const char *word)
{
	struct buf spelled = BUF_INIT;

	add_contains(out, column, word);
	if (!has_words(word))
		return;
	wish_spell(&spelled, fields, ENDS_INSIDE, word);
	buf_printf(out, " OR (length(CAST(m.%s AS BLOB)) >= %s AND tern_text(m.id, ", column, kept);
	add_literal(out, buf_str(&spelled));
	buf_add_str(out, "))");
	buf_free(&spelled);
}

static int word_from(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	(void)reader;
	(void)at;
	buf_add_char(out, '(');
	add_kept(out, "from_key", FROM_KEPT, "f", word);
	buf_add_char(out, ')');
	return 0;
}

static int word_to(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	(void)reader;
	(void)at;
	buf_add_char(out, '(');
	add_kept(out, "to_key", PEOPLE_KEPT, "tc", word);
	buf_add_char(out, ')');
	return 0;
}

static int word_subject(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	struct buf folded = BUF_INIT;

	(void)reader;
	(void)at;
	utf8_add_folded(&folded, word, strlen(word));
	buf_add_char(out, '(');
	if (row_may_be_prefix(buf_str(&folded))) { /* the kept key has no "Re:" */
		buf_add_str(out, "(instr(m.subject, ':') AND tern_in(m.subject, ");
		add_literal(out, buf_str(&folded));
		buf_add_str(out, ")) OR ");
	}
	add_kept(out, "subject_key", SUBJECT_KEPT, "s", word);
	buf_add_char(out, ')');
	buf_free(&folded);
	return 0;
}

static int body_with(struct reader *reader, enum wish_ends ends, const char *word, const char *at,
		     struct buf *out)
{
	if (!has_words(word))
		return fail_at(reader, at, _("body: wants a word with letters or digits"));
	buf_add_char(out, '(');
	add_text(reader, "bn", ends, word, out);
	buf_add_str(out, " OR (m.is_away AND ");
	add_server_hits(reader, word, out);
	buf_add_str(out, "))");
	return 0;
}

static int word_body(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	return body_with(reader, ends_of(reader, word), word, at, out);
}

/* mutt looks for parts of words. */
static int word_mutt_body(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	return body_with(reader, ENDS_INSIDE, word, at, out);
}

static int word_cc(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	if (!has_words(word))
		return fail_at(reader, at, _("cc: wants a word with letters or digits"));
	add_text(reader, "c", *word == '*' ? ENDS_INSIDE : ENDS_BEGINS, word, out);
	return 0;
}

static int word_tag(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	(void)reader;
	(void)at;
	buf_add_str(out, "EXISTS (SELECT 1 FROM tag WHERE tag.message = m.id AND tag.tag = ");
	add_literal(out, word);
	buf_add_char(out, ')');
	return 0;
}

static int word_in(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	(void)reader;
	(void)at;
	buf_add_str(out, "m.folder IN (SELECT id FROM folder WHERE name = ");
	add_literal(out, word);
	buf_add_str(out, " COLLATE NOCASE)");
	return 0;
}

struct named {
	const char *name, *sql;
};

static int pick(struct reader *reader, const struct named *list, size_t count, const char *word,
		const char *at, const char *why, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal_nocase(list[i].name, word)) {
			buf_add_str(out, list[i].sql);
			return 0;
		}
	return fail_at(reader, at, why);
}

static int word_is(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	static const struct named list[] = {
	    {"unread", "(m.flags & 1) = 0"},
	    {"new", "(m.flags & 65) = 64"},
	    {"read", "(m.flags & 1) <> 0"},
	    {"seen", "(m.flags & 1) <> 0"},
	    {"replied", "(m.flags & 2) <> 0"},
	    {"answered", "(m.flags & 2) <> 0"},
	    {"flagged", "(m.flags & 4) <> 0"},
	    {"deleted", "(m.flags & 8) <> 0"},
	    {"draft", "(m.flags & 16) <> 0"},
	    {"forwarded", "(m.flags & 32) <> 0"},
	    {"mine", "m.is_mine"},
	    {"tagged", "m.tags <> ''"},
	    {"old", "(m.flags & 65) = 0"},
	};

	return pick(reader, list, ARRAY_COUNT(list), word, at,
		    _("is: wants unread, read, new, flagged, replied, forwarded, deleted, draft, "
		      "tagged or mine"),
		    out);
}

static int word_has(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	static const struct named list[] = {{"attachment", HAS_ATTACHMENT},
					    {"attachments", HAS_ATTACHMENT},
					    {"tag", "m.tags <> ''"},
					    {"tags", "m.tags <> ''"}};

	return pick(reader, list, ARRAY_COUNT(list), word, at, _("has: wants attachment or tag"),
		    out);
}

static int word_id(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	size_t len = strlen(word);
	char *id = *word == '<' && len > 2 && word[len - 1] == '>' ? mem_strndup(word + 1, len - 2)
								   : mem_strdup(word);

	(void)reader;
	(void)at;
	buf_printf(out, "(m.mid = %lld AND m.message_id = ", (long long)row_hash(id));
	add_literal(out, id);
	buf_add_char(out, ')');
	free(id);
	return 0;
}

static int word_thread(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	long long number;

	if (str_to_long(word, &number) < 0)
		return fail_at(reader, at, _("thread: wants a number"));
	buf_printf(out, "m.thread = %lld", number);
	return 0;
}

/* 10, 10k, 10M, 1G. */
static int read_size(struct reader *reader, const char *word, const char *at, long long *size)
{
	static const char units[] = "kmg";
	size_t len = strlen(word);
	const char *unit = len ? strchr(units, char_lower(word[len - 1])) : NULL;
	char *digits = mem_strndup(word, unit && *unit ? len - 1 : len);
	int rc = str_to_long(digits, size);

	free(digits);
	if (rc < 0 || *size < 0 || *size > (1LL << 40))
		return fail_at(reader, at,
			       _("A size is a number, with k, M or G behind it if you like"));
	for (const char *u = units; unit && *unit && u <= unit; u++)
		*size *= 1024;
	return 0;
}

static int word_larger(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	long long size;

	if (read_size(reader, word, at, &size) < 0)
		return -1;
	buf_printf(out, "m.size > %lld", size);
	return 0;
}

static int word_smaller(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	long long size;

	if (read_size(reader, word, at, &size) < 0)
		return -1;
	buf_printf(out, "m.size < %lld", size);
	return 0;
}

/* --- dates --- */

struct days {
	int64_t from, to; /* TO is the first moment behind */
};

static int64_t moment(int year, int month, int day)
{
	struct tm tm = {
	    .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1};

	return mktime(&tm);
}

static bool read_digits(const char **at, int most, int *number)
{
	int digits = 0;

	*number = 0;
	while (char_is_digit(**at) && digits < most) {
		*number = *number * 10 + (*(*at)++ - '0');
		digits++;
	}
	return digits > 0;
}

/* 2026, 2026-11, 2026-11-23. */
static bool read_calendar(const char *word, struct days *days)
{
	int year, month = 1, day = 1, parts = 1;

	if (!read_digits(&word, 4, &year) || year < 1900)
		return false;
	if (*word == '-' && (word++, read_digits(&word, 2, &month)))
		parts = 2;
	if (parts == 2 && *word == '-' && (word++, read_digits(&word, 2, &day)))
		parts = 3;
	if (*word || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	days->from = moment(year, month, day);
	days->to = parts == 1	? moment(year + 1, 1, 1)
		   : parts == 2 ? moment(year, month + 1, 1)
				: moment(year, month, day + 1);
	return true;
}

static int64_t midnight(int64_t now, int days_ago)
{
	time_t t = (time_t)now;
	struct tm tm;

	localtime_r(&t, &tm);
	return moment(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday - days_ago);
}

/* 7d, 2w, 3m, 1y: that long ago, to now. */
static bool read_ago(const char *word, int64_t now, struct days *days)
{
	int number, unit;

	if (!read_digits(&word, 5, &number) || !*word || word[1])
		return false;
	switch (char_lower(*word)) {
	case 'd':
		unit = 1;
		break;
	case 'w':
		unit = 7;
		break;
	case 'm':
		unit = 30;
		break;
	case 'y':
		unit = 365;
		break;
	default:
		return false;
	}
	days->from = midnight(now, number * unit);
	days->to = days->from + DAY;
	return true;
}

static int read_days(struct reader *reader, const char *word, const char *at, struct days *days)
{
	bool today = str_equal_nocase(word, "today"),
	     yesterday = str_equal_nocase(word, "yesterday");

	if (today || yesterday) {
		days->from = midnight(reader->now, yesterday);
		days->to = midnight(reader->now, yesterday - 1);
		return 0;
	}
	if (read_calendar(word, days) || read_ago(word, reader->now, days))
		return 0;
	return fail_at(
	    reader, at,
	    _("A date is 2026-11-23, 2026-11, 2026, today, yesterday, or 7d, 2w, 3m, 1y ago"));
}

static int word_before(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	struct days days;

	if (read_days(reader, word, at, &days) < 0)
		return -1;
	buf_printf(out, "m.date < %lld", (long long)days.from);
	return 0;
}

static int word_after(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	struct days days;

	if (read_days(reader, word, at, &days) < 0)
		return -1;
	buf_printf(out, "m.date >= %lld", (long long)days.from);
	return 0;
}

static int word_on(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	struct days days;

	if (read_days(reader, word, at, &days) < 0)
		return -1;
	buf_printf(out, "(m.date >= %lld AND m.date < %lld)", (long long)days.from,
		   (long long)days.to);
	return 0;
}

/* mutt's 20261123, 23/11/2026, 23/11/26, 23/11, 23: what is missing is of today. */
static bool read_mutt_day(const char *word, int64_t now, struct days *days)
{
	time_t t = (time_t)now;
	int day, month, year;
	struct tm tm;

	localtime_r(&t, &tm);
	month = tm.tm_mon + 1;
	year = tm.tm_year + 1900;
	if (strlen(word) == 8 && strspn(word, "0123456789") == 8) {
		read_digits(&word, 4, &year);
		read_digits(&word, 2, &month);
		read_digits(&word, 2, &day);
	} else if (!read_digits(&word, 2, &day) || (*word == '/' && (word++, !read_digits(&word, 2, &month))) ||
		   (*word == '/' && (word++, !read_digits(&word, 4, &year)))) {
		return false;
	}
	year += year < 70 ? 2000 : year < 100 ? 1900 : 0;
	if (*word || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	days->from = moment(year, month, day);
	days->to = moment(year, month, day + 1);
	return true;
}

static int read_any_day(struct reader *reader, const char *word, const char *at, struct days *days)
{
	return read_mutt_day(word, reader->now, days) ? 0 : read_days(reader, word, at, days);
}

/* "1/11/2026-23/11/2026", "1/11-", "-23/11": both ends are in it. A date of ours has no "/" and is no such range. */
static int mutt_range(struct reader *reader, const char *column, const char *word, const char *at, struct buf *out)
{
	const char *dash = strchr(word, '-');
	char *first = mem_strndup(word, (size_t)(dash - word));
	struct days from = {.from = 0}, to = {.to = INT64_MAX};
	int rc = 0;

	if (*first)
		rc = read_any_day(reader, first, at, &from);
	if (rc == 0 && dash[1])
		rc = read_any_day(reader, dash + 1, at, &to);
	free(first);
	if (rc == 0)
		buf_printf(out, "(m.%s >= %lld AND m.%s < %lld)", column, (long long)from.from, column,
			   (long long)to.to);
	return rc;
}

/* Ours may have a "-", too: 2026-11-23. */
static bool is_range(const char *word)
{
	struct days days;

	return strchr(word, '-') && !read_calendar(word, &days);
}

/* "<7d" is younger, ">7d" older, else that day or range. */
static int mutt_date(struct reader *reader, const char *column, const char *word, const char *at, struct buf *out)
{
	bool is_younger = *word == '<', is_older = *word == '>';
	struct days days;

	if (!is_younger && !is_older && is_range(word))
		return mutt_range(reader, column, word, at, out);
	if (read_any_day(reader, word + (is_younger || is_older || *word == '='), at, &days) < 0)
		return -1;
	buf_printf(out, "(m.%s >= %lld AND m.%s < %lld)", column, is_older ? 0LL : (long long)days.from, column,
		   is_younger ? INT64_MAX : is_older ? (long long)days.from : (long long)days.to);
	return 0;
}

static int word_mutt_date(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	return mutt_date(reader, "date", word, at, out);
}

static int word_mutt_received(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	return mutt_date(reader, "received", word, at, out);
}

static int word_people(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	buf_add_char(out, '(');
	word_from(reader, word, at, out);
	buf_add_str(out, " OR ");
	word_to(reader, word, at, out);
	buf_add_char(out, ')');
	return 0;
}

/* mutt's ~z: "<10k", ">10k"; "10k-" and "-10k" are the same. */
static int word_mutt_size(struct reader *reader, const char *word, const char *at, struct buf *out)
{
	size_t len = strlen(word);
	bool is_open = len > 1 && word[len - 1] == '-';
	char *size = mem_strndup(word, is_open ? len - 1 : len);
	int rc;

	if (*size == '<' || *size == '-')
		rc = word_smaller(reader, size + 1, at, out);
	else
		rc = word_larger(reader, *size == '>' ? size + 1 : size, at, out);
	free(size);
	return rc;
}

typedef int word_fn(struct reader *reader, const char *word, const char *at, struct buf *out);

static const struct {
	const char *name;
	word_fn *read;
} fields[] = {
    {"from", word_from},       {"to", word_to},		  {"cc", word_cc},
    {"subject", word_subject}, {"body", word_body},	  {"tag", word_tag},
    {"in", word_in},	       {"folder", word_in},	  {"is", word_is},
    {"has", word_has},	       {"before", word_before},	  {"after", word_after},
    {"since", word_after},     {"on", word_on},		  {"date", word_on},
    {"larger", word_larger},   {"smaller", word_smaller}, {"id", word_id},
    {"thread", word_thread},
};

static const struct {
	char letter;
	word_fn *read;	 /* takes a word */
	const char *sql; /* or stands alone */
} patterns[] = {
    {'f', word_from, NULL},
    {'e', word_from, NULL},
    {'L', word_people, NULL},
    {'z', word_mutt_size, NULL},
    {'s', word_subject, NULL},
    {'t', word_to, NULL},
    {'c', word_cc, NULL},
    {'C', word_to, NULL},
    {'b', word_mutt_body, NULL},
    {'B', word_mutt_body, NULL},
    {'d', word_mutt_date, NULL},
    {'r', word_mutt_received, NULL},
    {'i', word_id, NULL},
    {'y', word_tag, NULL},
    {'A', NULL, "1"},
    {'N', NULL, "(m.flags & 65) = 64"},
    {'U', NULL, "(m.flags & 1) = 0"},
    {'R', NULL, "(m.flags & 1) <> 0"},
    {'O', NULL, "(m.flags & 65) = 0"},
    {'F', NULL, "(m.flags & 4) <> 0"},
    {'D', NULL, "(m.flags & 8) <> 0"},
    {'Q', NULL, "(m.flags & 2) <> 0"},
    {'T', NULL, "m.tags <> ''"},
    {'P', NULL, "m.is_mine"},
    {'X', NULL, HAS_ATTACHMENT},
};

/* --- grammar: or-groups of and-groups of terms --- */

static int read_any_of(struct reader *reader, struct buf *out);

static bool at_or(const struct reader *reader)
{
	if (*reader->at == '|')
		return true;
	return str_starts_nocase(reader->at, "or") && ends_word(reader->at[2]);
}

static int read_with_word(struct reader *reader, word_fn *read, struct buf *out)
{
	const char *at;
	char *word;
	int rc;

	skip_space(reader);
	at = reader->at;
	word = read_word(reader);
	if (!word)
		return -1;
	rc = read(reader, word, at, out);
	free(word);
	return rc;
}

static int read_pattern(struct reader *reader, struct buf *out)
{
	const char *at = reader->at++;

	for (size_t i = 0; *reader->at && i < ARRAY_COUNT(patterns); i++) {
		if (patterns[i].letter != *reader->at)
			continue;
		reader->at++;
		if (patterns[i].read)
			return read_with_word(reader, patterns[i].read, out);
		buf_add_str(out, patterns[i].sql);
		return 0;
	}
	return fail_at(reader, at, _("This pattern is not known"));
}

static word_fn *field_at(struct reader *reader)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		size_t len = strlen(fields[i].name);

		if (str_starts_nocase(reader->at, fields[i].name) && reader->at[len] == ':') {
			reader->at += len + 1;
			return fields[i].read;
		}
	}
	return NULL;
}

static int read_group(struct reader *reader, struct buf *out)
{
	const char *at = reader->at++;

	if (++reader->depth > DEPTH_LIMIT)
		return fail_at(reader, at, _("There are too many parentheses"));
	if (read_any_of(reader, out) < 0)
		return -1;
	reader->depth--;
	if (*reader->at != ')')
		return fail_at(reader, at, _("This parenthesis is not closed"));
	reader->at++;
	return 0;
}

/* "! ~N", as mutt has it. */
static bool at_lonely_not(const struct reader *reader)
{
	const char *at = reader->at + 1;

	if (*reader->at != '!' || !char_is_space(*at))
		return false;
	while (char_is_space(*at))
		at++;
	return *at && *at != ')';
}

static bool at_not(struct reader *reader)
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

static int read_term(struct reader *reader, struct buf *out)
{
	bool is_not = false, was_choice = reader->is_choice;
	word_fn *field;
	int rc;

	if (++reader->terms > TERMS_LIMIT)
		return fail_at(reader, reader->at, _("This is too much for one query"));
	while (at_not(reader))
		is_not = !is_not;
	reader->is_choice |= is_not;
	if (is_not)
		buf_add_str(out, "NOT (");
	field = field_at(reader);
	if (field)
		rc = read_with_word(reader, field, out);
	else if (*reader->at == '~')
		rc = read_pattern(reader, out);
	else if (*reader->at == '(')
		rc = read_group(reader, out);
	else
		rc = read_with_word(reader, word_any, out);
	if (is_not)
		buf_add_char(out, ')');
	reader->is_choice = was_choice;
	return rc;
}

static void keep_quick(struct reader *reader, const struct buf *quick)
{
	struct query *query = reader->query;

	if (reader->depth || reader->is_choice)
		return;
	free(query->quick);
	query->quick = quick->len ? mem_strdup(quick->data) : NULL;
}

/* Is there a term to come, in this row of terms? */
static bool at_term(const struct reader *reader)
{
	return *reader->at && *reader->at != ')' && !at_or(reader);
}

/* What says nothing is passed: "and" between terms, a "-" alone (somebody types). */
static void pass_nothing(struct reader *reader, bool is_behind_term)
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

static int read_one_more(struct reader *reader, struct terms *terms)
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
static int read_all_of(struct reader *reader, bool must, struct buf *out)
{
	struct terms terms = {.quick = BUF_INIT, .slow = BUF_INIT};
	const struct buf *quick = &terms.quick, *slow = &terms.slow;
	int rc = 0;

	for (pass_nothing(reader, false); rc == 0 && at_term(reader); pass_nothing(reader, true))
		rc = read_one_more(reader, &terms);
	if (rc == 0 && !terms.has_any && (must || reader->depth || at_or(reader)))
		rc = fail_at(reader, reader->at, _("A word is missing here"));
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
static void is_a_choice(struct reader *reader, size_t wishes_before)
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

static int read_any_of(struct reader *reader, struct buf *out)
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
	struct reader reader = {
	    .text = text, .at = text, .now = now, .query = query, .err = err, .wants_forms = forms};
	struct buf sql = BUF_INIT;
	int rc;

	query->text = mem_strdup(text);
	if (strlen(text) > TEXT_LIMIT || !utf8_is_valid(text, strlen(text)))
		rc = err_set_kind(err, ERR_USAGE, _("This query is too long or no text."));
	else
		rc = read_any_of(&reader, &sql);
	if (rc == 0 && *reader.at)
		rc = fail_at(&reader, reader.at, _("This parenthesis was never opened"));
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

/* --- running --- */

/* Functions are there before a condition names one of them. */
int query_prepare(struct store *store, const struct query *query, struct err *err)
{
	return strstr(query->sql, "tern_") ? fulltext_prepare(store, err) : 0;
}

struct running {
	struct store *store;
	const struct query *query;
	int64_t folder;
	int (*each)(void *arg, int64_t id);
	void *arg;
	struct err *err;
};

static void add_folder(const struct running *running, struct buf *sql)
{
	if (running->folder)
		buf_printf(sql, "m.folder = %lld", (long long)running->folder);
	else
		buf_add_str(sql, "+m.folder > 0");
}

/* 1: EACH had enough. */
static int tell_hits(const struct running *running, const char *also)
{
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	int rc;

	buf_add_str(&sql, "SELECT m.id FROM message m WHERE ");
	add_folder(running, &sql);
	buf_printf(&sql, " AND %s AND %s ORDER BY m.date DESC, m.id DESC", also, running->query->sql);
	stmt = db_query_once(running->store->db, buf_str(&sql));
	buf_free(&sql);
	while ((rc = db_step(stmt, running->err)) == 1)
		if (running->each(running->arg, db_int(stmt, 0)) < 0)
			break;
	db_finish(&stmt);
	return rc;
}

static void add_ids(struct buf *sql, const int64_t *ids, size_t count)
{
	buf_add_str(sql, "m.id IN (");
	for (size_t i = 0; i < count; i++)
		buf_printf(sql, "%s%lld", i ? "," : "", (long long)ids[i]);
	buf_add_char(sql, ')');
}

/* Letters in the order in which hits are told. */
struct line {
	int64_t date, id;
};

static int list_lines(const struct running *running, struct line **lines, size_t *count)
{
	struct buf sql = BUF_INIT;
	struct db_stmt *stmt;
	size_t cap = 0;
	int rc;

	*lines = NULL;
	*count = 0;
	buf_add_str(&sql, "SELECT m.date, m.id FROM message m WHERE ");
	add_folder(running, &sql);
	buf_printf(&sql, " AND %s ORDER BY m.date DESC, m.id DESC",
		   running->query->quick ? running->query->quick : "1");
	stmt = db_query_once(running->store->db, buf_str(&sql));
	buf_free(&sql);
	while ((rc = db_step(stmt, running->err)) == 1) {
		ARRAY_ROOM(*lines, *count, cap);
		(*lines)[(*count)++] = (struct line){db_int(stmt, 0), db_int(stmt, 1)};
	}
	db_finish(&stmt);
	return rc;
}

/* Lines that are read together. */
struct chunk {
	const struct line *lines;
	size_t count;
	struct fulltext_reading *reading; /* NULL on error */
};

static struct chunk chunk_of(const struct running *running, const struct line *lines, size_t count)
{
	const struct query *query = running->query;
	struct chunk chunk = {lines, count, NULL};
	int64_t *ids = mem_calloc(count + 1, sizeof *ids);

	for (size_t i = 0; i < count; i++)
		ids[i] = lines[i].id;
	chunk.reading = fulltext_read_new(running->store, query->texts, query->text_count, ids, count, running->err);
	free(ids);
	return chunk;
}

static int tell_chunk(const struct running *running, const struct chunk *chunk)
{
	const struct line *first = chunk->lines, *last = first + chunk->count - 1;
	struct buf range = BUF_INIT;
	int rc;

	buf_printf(&range, "(m.date, m.id) <= (%lld, %lld) AND (m.date, m.id) >= (%lld, %lld)", (long long)first->date,
		   (long long)first->id, (long long)last->date, (long long)last->id);
	rc = tell_hits(running, buf_str(&range));
	buf_free(&range);
	return rc;
}

/* While those of one chunk are told those of the next are read, and it is known where those behind lie. */
static int run_chunks(const struct running *running, const struct line *lines, size_t count)
{
	size_t size = CHUNK_FIRST, at = count < size ? count : size;
	struct chunk now = chunk_of(running, lines, at), next;
	int rc = now.reading ? 0 : -1;

	if (rc == 0)
		fulltext_read_begin(now.reading);
	while (rc == 0 && now.count) {
		size = size * 2 < CHUNK_MAX ? size * 2 : CHUNK_MAX;
		next = chunk_of(running, lines + at, count - at < size ? count - at : size);
		at += next.count;
		fulltext_read_end(now.reading);
		fulltext_read_free(&now.reading);
		if (next.reading)
			fulltext_read_begin(next.reading);
		rc = tell_chunk(running, &now);
		now = next;
		if (rc == 0 && !now.reading)
			rc = -1;
	}
	fulltext_read_free(&now.reading);
	return rc;
}

/* Without an index: some letters are read by several processes, their hits told, then the next ones. */
static int run_by_reading(const struct running *running)
{
	struct line *lines;
	size_t count;
	int rc = list_lines(running, &lines, &count);

	if (rc == 0)
		rc = run_chunks(running, lines, count);
	free(lines);
	return rc;
}

static int run_by_candidates(const struct running *running, const int64_t *ids, size_t count)
{
	struct buf also = BUF_INIT;
	int rc;

	add_ids(&also, ids, count);
	rc = tell_hits(running, buf_str(&also));
	buf_free(&also);
	return rc;
}

int query_run(struct store *store, const struct query *query, int64_t folder,
	      int (*each)(void *arg, int64_t id), void *arg, struct err *err)
{
	struct running running = {store, query, folder, each, arg, err};
	int64_t *ids = NULL;
	size_t count = 0;
	int rc;

	if (query_prepare(store, query, err) < 0)
		return -1;
	rc = fulltext_candidates(store, query->wishes, query->wish_count, CANDIDATES_MAX, &ids, &count,
				 err);
	if (rc == 1)
		rc = run_by_candidates(&running, ids, count);
	else if (rc == 0 && query->needs_bodies && !fulltext_is_ready(store))
		rc = run_by_reading(&running);
	else if (rc == 0)
		rc = tell_hits(&running, "1");
	free(ids);
	return rc < 0 ? -1 : 0;
}
