#include "config.h"
#include "net/protocol/imap_fetch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/protocol/imap_name.h"
#include "net/protocol/imap_parse.h"
#include "net/protocol/imap_structure.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/box/box.h"

#define WORD_MAX 1000 /* bytes of one keyword or label; longer ones are cut */
#define DATE_MAX 64

static const struct {
	const char *name;
	unsigned flag;
} flag_names[] = {
    {"\\Seen", BOX_SEEN},	{"\\Answered", BOX_ANSWERED}, {"\\Flagged", BOX_FLAGGED},
    {"\\Deleted", BOX_DELETED}, {"\\Draft", BOX_DRAFT},	      {"$Forwarded", BOX_FORWARDED},
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* --- flags --- */

unsigned imap_flag_of(struct span word)
{
	for (size_t i = 0; i < ARRAY_COUNT(flag_names); i++)
		if (imap_is(word, flag_names[i].name))
			return flag_names[i].flag;
	return 0;
}

static void add_keyword(struct buf *out, struct span word)
{
	struct buf one = BUF_INIT;

	if (imap_keyword_encode(&one, word) && *one.data != '\\')
		buf_printf(out, "%s%s", out->len ? " " : "", one.data);
	buf_free(&one);
}

void imap_add_flags(struct buf *out, unsigned flags, const char *keywords)
{
	struct span words = span_of(keywords ? keywords : ""), word;
	struct buf list = BUF_INIT;

	for (size_t i = 0; i < ARRAY_COUNT(flag_names); i++)
		if (flags & flag_names[i].flag)
			buf_printf(&list, "%s%s", list.len ? " " : "", flag_names[i].name);
	while (span_split(&words, ' ', &word))
		add_keyword(&list, word);
	buf_add(out, list.data, list.len);
	buf_free(&list);
}

/* --- dates --- */

static bool take_number(struct span *text, size_t least, size_t most, int *value)
{
	size_t i = 0;

	*value = 0;
	for (; i < most && i < text->len && char_is_digit(text->data[i]); i++)
		*value = *value * 10 + (text->data[i] - '0');
	text->data += i;
	text->len -= i;
	return i >= least;
}

static bool take_char(struct span *text, char c)
{
	if (text->len == 0 || *text->data != c)
		return false;
	text->data++;
	text->len--;
	return true;
}

static bool take_month(struct span *text, int *month)
{
	for (*month = 0; *month < 12; ++*month) {
		char name[4] = {0};

		memcpy(name, months + (ptrdiff_t)*month * 3, 3);
		if (!span_starts_nocase(*text, name))
			continue;
		text->data += 3;
		text->len -= 3;
		return true;
	}
	return false;
}

static bool take_zone(struct span *text, int *minutes)
{
	bool is_west = text->len > 0 && *text->data == '-';
	int value;

	if (!take_char(text, '+') && !take_char(text, '-'))
		return false;
	if (!take_number(text, 4, 4, &value))
		return false;
	*minutes = (value / 100 * 60 + value % 100) * (is_west ? -1 : 1);
	return true;
}

bool imap_date_parse(struct span text, int64_t *time)
{
	struct tm tm = {.tm_sec = 0};
	int year, zone;

	text = span_trim(text);
	if (!take_number(&text, 1, 2, &tm.tm_mday) || !take_char(&text, '-') ||
	    !take_month(&text, &tm.tm_mon) || !take_char(&text, '-') ||
	    !take_number(&text, 4, 4, &year) || !take_char(&text, ' ') ||
	    !take_number(&text, 2, 2, &tm.tm_hour) || !take_char(&text, ':') ||
	    !take_number(&text, 2, 2, &tm.tm_min) || !take_char(&text, ':') ||
	    !take_number(&text, 2, 2, &tm.tm_sec) || !take_char(&text, ' ') ||
	    !take_zone(&text, &zone))
		return false;
	tm.tm_year = year - 1900;
	*time = (int64_t)timegm(&tm) - zone * 60;
	return true;
}

void imap_date_add(struct buf *out, int64_t time)
{
	time_t clock = (time_t)time;
	struct tm tm;

	if (!gmtime_r(&clock, &tm) || tm.tm_year < -900 || tm.tm_year > 8099) {
		buf_add_str(out, "01-Jan-1970 00:00:00 +0000");
		return;
	}
	buf_printf(out, "%02d-%.3s-%04d %02d:%02d:%02d +0000", tm.tm_mday,
		   month_names + (ptrdiff_t)tm.tm_mon * 3, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		   tm.tm_sec);
}

/* --- a list of words --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* WORDS has them with a NUL behind each. */
static void join_sorted(struct imap_fetched *got)
{
	const char *list[IMAP_KEYWORDS_MAX];
	size_t count = 0;

	for (size_t at = 0; at < got->words.len && count < IMAP_KEYWORDS_MAX;
	     at += strlen(list[count++]) + 1)
		list[count] = got->words.data + at;
	qsort(list, count, sizeof *list, by_text);
	buf_clear(&got->keywords);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(list[i - 1], list[i]) != 0)
			buf_printf(&got->keywords, "%s%s", got->keywords.len ? " " : "", list[i]);
}

static void note_word(struct imap_fetched *got, struct span word)
{
	unsigned flag = imap_flag_of(word);

	got->flags |= flag;
	if (flag || word.len == 0 || *word.data == '\\')
		return;
	imap_keyword_decode(&got->words, word);
	buf_add_char(&got->words, '\0');
}

/* The words of a list; what is in lists in it is read over. Labels may be strings and literals. */
static int read_words(struct imap_parse *parse, struct imap_fetched *got, struct err *err)
{
	struct buf word = BUF_INIT;
	int token = imap_next(parse, err), depth = parse->depth, rc = 0;

	if (token != IMAP_OPEN)
		return token < 0 ? -1 : 0;
	while (rc == 0 && (token = imap_next(parse, err)) > IMAP_END && parse->depth >= depth) {
		if (token == IMAP_OPEN || token == IMAP_CLOSE)
			continue;
		buf_clear(&word);
		rc = imap_text(parse, &word, WORD_MAX, err) < 0 ? -1 : 0;
		if (rc == 0 && memchr(buf_str(&word), '\0', word.len) == NULL)
			note_word(got, (struct span){buf_str(&word), word.len});
	}
	buf_free(&word);
	join_sorted(got);
	return token < 0 ? -1 : rc;
}

/* --- items --- */

static int read_number(struct imap_parse *parse, uint64_t max, uint64_t *value, struct err *err)
{
	*value = 0;
	if (imap_next(parse, err) < 0)
		return -1;
	if (imap_is_nil(parse))
		return 0;
	if (parse->token == IMAP_ATOM && imap_number(parse->text, max, value))
		return 0;
	return err_set_kind(err, ERR_CORRUPT,
			    _("The server's answer breaks the rules of IMAP: %s."),
			    _("a number is missing or too large"));
}

static int read_uid(struct imap_parse *parse, struct imap_fetched *got, struct err *err)
{
	uint64_t uid;

	if (imap_next_number(parse, UINT32_MAX, &uid, err))
		return -1;
	got->uid = (uint32_t)uid;
	return 0;
}

static int read_date(struct imap_parse *parse, struct imap_fetched *got, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = imap_next_text(parse, &text, DATE_MAX, err);

	if (rc > 0 && !imap_date_parse((struct span){buf_str(&text), text.len}, &got->received))
		got->received = 0;
	buf_free(&text);
	return rc < 0 ? -1 : 0;
}

static int read_modseq(struct imap_parse *parse, struct imap_fetched *got, struct err *err)
{
	int token = imap_next(parse, err), depth = parse->depth;

	if (token != IMAP_OPEN)
		return token < 0 ? -1 : 0;
	if (imap_next_number(parse, INT64_MAX, &got->modseq, err))
		return -1;
	return imap_skip_list(parse, depth, err);
}

static int read_body(struct imap_parse *parse, struct imap_fetched *got, imap_body *body, void *arg, struct err *err)
{
	int token = imap_next(parse, err);

	if (token < 0)
		return -1;
	if (token != IMAP_STRING && token != IMAP_LITERAL)
		return imap_is_nil(parse)   ? 0
		       : token == IMAP_OPEN ? imap_skip_list(parse, parse->depth, err)
					    : 0;
	got->has_body = true;
	return body ? body(arg, got, parse, err) : 0;
}

static int read_header(struct imap_parse *parse, struct imap_fetched *got, struct err *err)
{
	if (imap_next(parse, err) < 0)
		return -1;
	got->has_header = true;
	return imap_text(parse, &got->header, IMAP_HEADER_MAX, err) < 0 ? -1 : 0;
}

/* The name of a section goes with the next token. */
static int read_section(struct imap_parse *parse, const struct imap_item *item,
			struct imap_fetched *got, imap_body *body, void *arg, struct err *err)
{
	struct buf name = BUF_INIT;
	int rc;

	if (span_starts_nocase(item->section, "HEADER"))
		return read_header(parse, got, err);
	buf_add(&name, item->section.data, item->section.len);
	got->section = (struct span){buf_str(&name), name.len};
	rc = read_body(parse, got, body, arg, err);
	got->section = SPAN_NONE;
	buf_free(&name);
	return rc;
}

static int read_item(struct imap_parse *parse, const struct imap_item *item,
		     struct imap_fetched *got, imap_body *body, void *arg, struct err *err)
{
	uint64_t size;

	if (item->has_section && (imap_is(item->name, "BODY") || imap_is(item->name, "BINARY")))
		return read_section(parse, item, got, body, arg, err);
	if (imap_is(item->name, "UID"))
		return read_uid(parse, got, err);
	if (imap_is(item->name, "FLAGS"))
		got->has_flags = true;
	if (imap_is(item->name, "X-GM-LABELS"))
		got->has_labels = true;
	if (imap_is(item->name, "X-GM-MSGID"))
		return read_number(parse, UINT64_MAX, &got->same, err);
	if (imap_is(item->name, "FLAGS") || imap_is(item->name, "X-GM-LABELS"))
		return read_words(parse, got, err);
	if (imap_is(item->name, "INTERNALDATE"))
		return read_date(parse, got, err);
	if (imap_is(item->name, "BODYSTRUCTURE") && got->structure)
		return imap_structure_read(parse, got->limits, got->arena, got->structure, err);
	if (imap_is(item->name, "MODSEQ"))
		return read_modseq(parse, got, err);
	if (!imap_is(item->name, "RFC822.SIZE"))
		return imap_skip_value(parse, err);
	if (read_number(parse, INT64_MAX, &size, err))
		return -1;
	got->size = (int64_t)size;
	return 0;
}

static void forget(struct imap_fetched *got)
{
	buf_clear(&got->keywords);
	buf_clear(&got->header);
	buf_clear(&got->words);
	got->uid = got->flags = 0;
	got->has_flags = got->has_labels = got->has_header = got->has_body = false;
	got->modseq = got->same = 0;
	got->size = got->received = 0;
}

int imap_fetch_read(struct imap_parse *parse, struct imap_fetched *got, imap_body *body, void *arg,
		    struct err *err)
{
	struct imap_item item;
	int token = imap_next(parse, err), rc;

	forget(got);
	if (token != IMAP_OPEN)
		return token < 0 ? -1 : 0;
	while ((rc = imap_next_item(parse, &item, err)) == 1)
		if (read_item(parse, &item, got, body, arg, err))
			return -1;
	return rc;
}

void imap_fetch_free(struct imap_fetched *got)
{
	buf_free(&got->keywords);
	buf_free(&got->header);
	buf_free(&got->words);
}
