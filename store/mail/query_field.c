/* What stands before a colon. */
#include "config.h"
#include "store/mail/query_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/row.h"

#define NAME_MAX_LEN 20 /* longer words are no mistyped name */
#define NAME_LEAST   2
#define SHORT	     3

/* --- people --- */

static bool is_me(const struct query_reader *reader, const char *word)
{
	return !reader->is_quoted && str_equal_nocase(word, "me");
}

static int word_from(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	if (!is_me(reader, word))
		return query_text_from(reader, word, at, out);
	buf_add_str(out, "m.is_mine");
	return 0;
}

static int word_to(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	if (!is_me(reader, word))
		return query_text_to(reader, word, at, out);
	buf_add_str(out, QUERY_IS_TO_ME);
	return 0;
}

/* --- tags and folders --- */

/* "word*": what begins so. */
int query_field_tag(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	size_t len = strlen(word);
	bool is_begun = len && word[len - 1] == '*';
	char *tag = mem_strndup(word, is_begun ? len - 1 : len);

	(void)reader;
	(void)at;
	buf_add_str(out, "EXISTS (SELECT 1 FROM tag WHERE tag.message = m.id AND ");
	buf_add_str(out, is_begun ? "instr(tag.tag, " : "tag.tag = ");
	query_add_literal(out, tag);
	buf_add_str(out, is_begun ? ") = 1)" : ")");
	free(tag);
	return 0;
}

static enum account_role role_called(const char *word)
{
	static const struct {
		const char *name;
		enum account_role role;
	} roles[] = {{"inbox", ROLE_INBOX}, {"drafts", ROLE_DRAFTS}, {"draft", ROLE_DRAFTS},
		     {"sent", ROLE_SENT},   {"trash", ROLE_TRASH},   {"bin", ROLE_TRASH},
		     {"spam", ROLE_JUNK},   {"junk", ROLE_JUNK},     {"archive", ROLE_ARCHIVE}};

	for (size_t i = 0; i < ARRAY_COUNT(roles); i++)
		if (str_equal_nocase(roles[i].name, word))
			return roles[i].role;
	return ROLE_NONE;
}

/* By its name, or by what it is for, whatever it is called there; "lists*": those whose names begin
 * so. */
static int word_in(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	size_t len = strlen(word);
	bool is_begun = len && word[len - 1] == '*';
	char *name = mem_strndup(word, is_begun ? len - 1 : len);
	enum account_role role = role_called(word);

	(void)reader;
	(void)at;
	if (str_equal_nocase(word, "anywhere") || str_equal_nocase(word, "all")) {
		buf_add_char(out, '1');
	} else {
		buf_add_str(out, "m.folder IN (SELECT id FROM folder WHERE ");
		buf_add_str(out, is_begun ? "instr(lower(name), lower(" : "name = ");
		query_add_literal(out, name);
		buf_add_str(out, is_begun ? ")) = 1" : " COLLATE NOCASE");
		if (role)
			buf_printf(out, " OR role = %d", (int)role);
		buf_add_char(out, ')');
	}
	free(name);
	return 0;
}

/* --- what a letter is and has --- */

struct named {
	const char *name;
	const char *sql;  /* or: */
	const char *fact; /* of letter_words.h, or: */
	const char *type; /* of a part */
};

static const struct named states[] = {
    {"unread", "(m.flags & 1) = 0", NULL, NULL},
    {"unseen", "(m.flags & 1) = 0", NULL, NULL},
    {"read", "(m.flags & 1) <> 0", NULL, NULL},
    {"seen", "(m.flags & 1) <> 0", NULL, NULL},
    {"new", "(m.flags & 65) = 64", NULL, NULL},
    {"old", "(m.flags & 65) = 0", NULL, NULL},
    {"flagged", "(m.flags & 4) <> 0", NULL, NULL},
    {"starred", "(m.flags & 4) <> 0", NULL, NULL},
    {"unflagged", "(m.flags & 4) = 0", NULL, NULL},
    {"replied", "(m.flags & 2) <> 0", NULL, NULL},
    {"answered", "(m.flags & 2) <> 0", NULL, NULL},
    {"unreplied", "(m.flags & 2) = 0", NULL, NULL},
    {"unanswered", "(m.flags & 2) = 0", NULL, NULL},
    {"forwarded", "(m.flags & 32) <> 0", NULL, NULL},
    {"passed", "(m.flags & 32) <> 0", NULL, NULL},
    {"draft", "(m.flags & 16) <> 0", NULL, NULL},
    {"deleted", "(m.flags & 8) <> 0", NULL, NULL},
    {"trashed", "(m.flags & 8) <> 0", NULL, NULL},
    {"tagged", "m.tags <> ''", NULL, NULL},
    {"mine", "m.is_mine", NULL, NULL},
    {"attach", QUERY_HAS_ATTACHMENT, NULL, NULL},
    {"signed", NULL, "signed", NULL},
    {"encrypted", NULL, "encrypted", NULL},
    {"list", NULL, "list", NULL},
};

static const struct named things[] = {
    {"attachment", QUERY_HAS_ATTACHMENT, NULL, NULL},
    {"attachments", QUERY_HAS_ATTACHMENT, NULL, NULL},
    {"attach", QUERY_HAS_ATTACHMENT, NULL, NULL},
    {"file", QUERY_HAS_ATTACHMENT, NULL, NULL},
    {"tag", "m.tags <> ''", NULL, NULL},
    {"tags", "m.tags <> ''", NULL, NULL},
    {"label", "m.tags <> ''", NULL, NULL},
    {"image", NULL, NULL, "image"},
    {"images", NULL, NULL, "image"},
    {"html", NULL, NULL, "html"},
    {"pdf", NULL, NULL, "pdf"},
    {"invitation", NULL, NULL, "calendar"},
    {"calendar", NULL, NULL, "calendar"},
    {"signature", NULL, "signed", NULL},
    {"key", NULL, "key", NULL},
};

static int pick(struct query_reader *reader, const struct named *list, size_t count,
		const char *word, const char *at, const char *why, struct buf *out)
{
	for (size_t i = 0; i < count; i++) {
		if (!str_equal_nocase(list[i].name, word))
			continue;
		if (list[i].sql)
			buf_add_str(out, list[i].sql);
		else if (list[i].fact)
			query_text_fact(reader, list[i].fact, out);
		else
			query_text_type(reader, list[i].type, at, out);
		return 0;
	}
	return query_fail_at(reader, at, why);
}

static int word_is(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return pick(reader, states, ARRAY_COUNT(states), word, at,
		    _("is: wants unread, read, new, old, flagged, replied, forwarded, deleted, "
		      "draft, tagged, mine, signed, "
		      "encrypted, list or attach"),
		    out);
}

static int word_has(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	return pick(reader, things, ARRAY_COUNT(things), word, at,
		    _("has: wants attachment, tag, image, pdf, html, invitation, signature or key"),
		    out);
}

/* --- one letter, one thread --- */

int query_field_id(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	size_t len = strlen(word);
	char *id = *word == '<' && len > 2 && word[len - 1] == '>' ? mem_strndup(word + 1, len - 2)
								   : mem_strdup(word);

	(void)reader;
	(void)at;
	buf_printf(out, "(m.mid = %lld AND m.message_id = ", (long long)row_hash(id));
	query_add_literal(out, id);
	buf_add_char(out, ')');
	free(id);
	return 0;
}

/* By its number, or by the Message-ID of one of its letters. */
static int word_thread(struct query_reader *reader, const char *word, const char *at,
		       struct buf *out)
{
	long long number;
	int rc;

	if (strchr(word, '@')) {
		buf_add_str(out, "m.thread IN (SELECT m.thread FROM message m WHERE ");
		rc = query_field_id(reader, word, at, out);
		buf_add_char(out, ')');
		return rc;
	}
	if (str_to_long(word, &number) < 0)
		return query_fail_at(
		    reader, at,
		    _("thread: wants a number, a Message-ID or a query in parentheses"));
	buf_printf(out, "m.thread = %lld", number);
	return 0;
}

/* --- sizes --- */

/* NUMBER with what follows a dot, in thousandths. */
static bool read_thousandths(const char *word, const char **rest, long long *size)
{
	int digits = 0;

	for (*size = 0; char_is_digit(*word) && digits < 13; word++, digits++)
		*size = *size * 10 + (*word - '0');
	*size *= 1000;
	*rest = word;
	if (!digits || *word != '.')
		return digits > 0;
	word++;
	for (long long unit = 100; char_is_digit(*word); word++, unit /= 10)
		*size += unit * (*word - '0');
	*rest = word;
	return true;
}

int query_field_read_size(struct query_reader *reader, const char *word, const char *at,
			  long long *size)
{
	static const char units[] = "kmg";
	long long times = 1;
	const char *rest, *unit;

	if (!read_thousandths(word, &rest, size))
		rest = "?";
	unit = *rest ? strchr(units, char_lower(*rest)) : NULL;
	for (const char *u = units; unit && u <= unit; u++)
		times *= 1024;
	rest += unit ? 1 : 0;
	rest += char_lower(*rest) == 'b';
	if (*rest || *size / 1000 > (1LL << 40) / times)
		return query_fail_at(reader, at,
				     _("A size is a number, with k, M or G behind it if you like"));
	*size = *size * times / 1000;
	return 0;
}

static int compare_size(struct query_reader *reader, const char *compare, const char *word,
			const char *at, struct buf *out)
{
	long long size;

	if (query_field_read_size(reader, word, at, &size) < 0)
		return -1;
	buf_printf(out, "m.size %s %lld", compare, size);
	return 0;
}

static int word_larger(struct query_reader *reader, const char *word, const char *at,
		       struct buf *out)
{
	return compare_size(reader, ">", word + (*word == '>'), at, out);
}

static int word_smaller(struct query_reader *reader, const char *word, const char *at,
			struct buf *out)
{
	return compare_size(reader, "<", word + (*word == '<'), at, out);
}

/* From FIRST to what follows it by GAP bytes; one of them may be missing. */
static int size_range(struct query_reader *reader, const char *word, const char *dash, size_t gap,
		      const char *at, struct buf *out)
{
	char *first = mem_strndup(word, (size_t)(dash - word));
	const char *last = dash + gap;
	int rc = 0;

	buf_add_char(out, '(');
	if (*first || !*last)
		rc = compare_size(reader, ">=", first, at, out);
	if (rc == 0 && *first && *last)
		buf_add_str(out, " AND ");
	if (rc == 0 && *last)
		rc = compare_size(reader, "<=", last, at, out);
	buf_add_char(out, ')');
	free(first);
	return rc;
}

/* ">1M", "<10k", "10k-1M", "10k..", "-1M"; as mutt's ~z. A size alone: larger. */
int query_field_size(struct query_reader *reader, const char *word, const char *at, struct buf *out)
{
	const char *dots = strstr(word, ".."), *dash = strchr(word, '-');

	if (*word == '<')
		return compare_size(reader, word[1] == '=' ? "<=" : "<",
				    word + 1 + (word[1] == '='), at, out);
	if (*word == '>')
		return compare_size(reader, word[1] == '=' ? ">=" : ">",
				    word + 1 + (word[1] == '='), at, out);
	if (dots)
		return size_range(reader, word, dots, 2, at, out);
	if (dash)
		return size_range(reader, word, dash, 1, at, out);
	return compare_size(reader, ">", word, at, out);
}

/* --- the table --- */

static const struct field {
	const char *names; /* the first is the usual one */
	const char *argument, *help;
	query_word_fn *read;
	bool has_moment;
} rows[] = {
    {"from sender", N_("NAME"), N_("a part of the sender's name or address; from:me: from you"),
     word_from, false},
    {"to recipient recip", N_("NAME"),
     N_("a part of the name or address of one it is addressed to (To, Cc); to:me"), word_to, false},
    {"cc bcc", N_("NAME"), N_("how a word of Cc and Bcc begins"), query_text_cc, false},
    {"with contact people participants", N_("NAME"), N_("from or to"), query_text_people, false},
    {"subject title", N_("TEXT"), N_("a part of the subject"), query_text_subject, false},
    {"body text content", N_("WORD"), N_("a word of the texts, or of the names of attachments"),
     query_text_body, false},
    {"filename file attachment", N_("NAME"), N_("a part of the name of an attachment"),
     query_text_name, false},
    {"type mimetype mime", N_("TYPE"), N_("the type of a part: pdf, image, text/calendar"),
     query_text_type, false},
    {"list listid list-id", N_("NAME"),
     N_("a part of the name of the mailing list that it came by"), query_text_list, false},
    {"tag label keyword", N_("TAG"), N_("that tag; TAG*: one that begins so"), query_field_tag,
     false},
    {"in folder mailbox maildir", N_("FOLDER"),
     N_("that folder, by its name or as inbox, drafts, sent, archive, junk, trash; FOLDER*: what "
	"begins so"),
     word_in, false},
    {"is flag", N_("STATE"),
     N_("unread, read, new, old, flagged, replied, unreplied, forwarded, deleted, draft, tagged, "
	"mine, signed, encrypted, "
	"list, attach"),
     word_is, false},
    {"has", N_("THING"), N_("attachment, tag, image, pdf, html, invitation, signature, key"),
     word_has, false},
    {"before until older older_than", N_("DATE"), N_("before that day or moment"),
     query_date_before, true},
    {"after since newer newer_than", N_("DATE"), N_("from that day or moment on"), query_date_after,
     true},
    {"date on", N_("DATE"),
     N_("on that day, in that week, month or year; DATE..DATE: both and what lies between"),
     query_date_on, true},
    {"larger larger_than bigger", N_("SIZE"), N_("larger than 10k, 1.5M, 1G"), word_larger, false},
    {"smaller smaller_than", N_("SIZE"), N_("smaller than that"), word_smaller, false},
    {"size", N_("SIZE"), N_(">1M, <10k, 10k..1M; a size alone: larger"), query_field_size, false},
    {"id mid msgid messageid message-id rfc822msgid", N_("MESSAGE-ID"), N_("that letter"),
     query_field_id, false},
    {"thread", N_("NUMBER"),
     N_("that thread; thread:(QUERY): all threads with a letter that the query finds"), word_thread,
     false},
};

bool query_field_row(size_t at, struct query_help *help)
{
	if (at >= ARRAY_COUNT(rows))
		return false;
	*help = (struct query_help){rows[at].names, rows[at].argument, rows[at].help};
	return true;
}

static bool is_name(struct span names, const char *at, size_t len)
{
	struct span name;

	while (span_split(&names, ' ', &name))
		if (name.len == len && strncasecmp(name.data, at, len) == 0)
			return true;
	return false;
}

static const struct field *row_called(const char *at, size_t len)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (is_name(span_of(rows[i].names), at, len))
			return &rows[i];
	return NULL;
}

/* Letters up to a colon. 0: there are none. */
static size_t name_len(const char *at)
{
	size_t len = 0;

	while ((at[len] >= 'a' && at[len] <= 'z') || (at[len] >= 'A' && at[len] <= 'Z') ||
	       (len && (at[len] == '_' || at[len] == '-')) ||
	       (len && strncmp(at, "rfc", 3) == 0 && char_is_digit(at[len])))
		len++;
	return at[len] == ':' ? len : 0;
}

query_word_fn *query_field_at(struct query_reader *reader, bool *has_moment)
{
	size_t len = name_len(reader->at);
	const struct field *row = len ? row_called(reader->at, len) : NULL;

	if (!row)
		return NULL;
	reader->at += len + 1;
	*has_moment = row->has_moment;
	return row->read;
}

/* --- what looks like one of them --- */

/* Addresses of the web and others, what stands before subjects. */
static bool is_usual_word(const char *at, size_t len)
{
	static const char usual[] = "http https ftp ftps sftp file mailto tel sms urn news nntp "
				    "mid cid data sip sips xmpp irc ircs magnet git ssh svn "
				    "javascript about geo doi isbn issn pmid arxiv imap imaps pop "
				    "smtp ldap jdbc vnc ws wss bitcoin matrix "
				    "re fwd fw aw wg sv antw tr rv vs ref odp ps pps cve";

	return is_name((struct span){usual, sizeof usual - 1}, at, len);
}

/* What other programs have and Tern has elsewhere. */
static const struct {
	const char *names, *why;
} elsewhere[] = {
    {"account", N_("An account is not named in a query: \"search-account\" and \"tern search "
		   "--account NAME\" look in one")},
    {"header headers h", N_("Other fields of the header are in no index; from:, to:, cc:, "
			    "subject:, list: and id: are")},
    {"sort order",
     N_("A query has no order: the command \"sort\" and \"set sort-order\" give one to the list")},
    {"path", N_("Folders are named as the list of folders has them: in:")},
    {"category deliveredto prio priority lang",
     N_("Tern knows nothing of that; in quotes it is plain text")},
};

static const char *elsewhere_why(const char *at, size_t len)
{
	for (size_t i = 0; i < ARRAY_COUNT(elsewhere); i++)
		if (is_name(span_of(elsewhere[i].names), at, len))
			return _(elsewhere[i].why);
	return NULL;
}

/* Of a short word: it is NAME without some letters. */
static bool is_left_of(const char *word, const char *name)
{
	for (; *word && *name; name++)
		word += *word == *name;
	return !*word;
}

/* A name that is nearly so and begins so. Lent, without a NUL behind it. */
static struct span nearest_name(const char *word)
{
	char names[64][NAME_MAX_LEN];
	const char *list[65];
	size_t count = 0;
	const char *near;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct span rest = span_of(rows[i].names), name;

		while (span_split(&rest, ' ', &name) && count < ARRAY_COUNT(names))
			if (name.len < NAME_MAX_LEN && char_lower(*word) == *name.data) {
				memcpy(names[count], name.data, name.len);
				names[count][name.len] = '\0';
				list[count] = names[count];
				count++;
			}
	}
	list[count] = NULL;
	near = str_nearest(word, list);
	if (near && strlen(word) <= SHORT && !is_left_of(word, near))
		return SPAN_NONE;
	for (size_t i = 0; near && i < ARRAY_COUNT(rows); i++) {
		const char *found = strstr(rows[i].names, near);

		if (found && is_name(span_of(rows[i].names), near, strlen(near)))
			return (struct span){found, strlen(near)};
	}
	return SPAN_NONE;
}

static int fail_name(struct query_reader *reader, const char *name, struct span near)
{
	char *why =
	    near.len
		? mem_printf(
		      _("There is no \"%s:\"; did you mean \"%.*s:\"? In quotes it is plain text"),
		      name, (int)near.len, near.data)
		: mem_printf(_("There is no \"%s:\" to look for; in quotes it is plain text"),
			     name);
	int rc = query_fail_at(reader, reader->at, why);

	free(why);
	return rc;
}

/* "foo:bar". Not "re: foo", "http://x", "a::b", "C:\x", "host:25". */
int query_field_check(struct query_reader *reader)
{
	size_t len = name_len(reader->at), digits;
	const char *value = reader->at + len + 1, *why;
	struct span near;
	char *name;
	int rc;

	if (len < NAME_LEAST || len >= NAME_MAX_LEN || is_usual_word(reader->at, len))
		return 0;
	if ((query_ends_word(*value) && *value != '"' && *value != '(') || strchr("/\\:", *value))
		return 0;
	name = mem_strndup(reader->at, len);
	str_lower(name);
	near = nearest_name(name);
	why = elsewhere_why(name, len);
	digits = strspn(value, "0123456789");
	if (why)
		rc = query_fail_at(reader, reader->at, why);
	else
		rc = !near.len && digits && query_ends_word(value[digits])
			 ? 0
			 : fail_name(reader, name, near);
	free(name);
	return rc;
}
