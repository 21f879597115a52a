/* What the files that read a query share: query.c has the grammar, query_text.c words that are looked for,
 * query_field.c what stands before a colon, query_date.c dates, query_pattern.c mutt's patterns, query_run.c the
 * running. */
#ifndef STORE_MAIL_QUERY_INSIDE_H
#define STORE_MAIL_QUERY_INSIDE_H

#include "store/mail/query.h"
#include "store/search/wish.h"

struct buf;

#define QUERY_HAS_ATTACHMENT \
	"(CASE WHEN tern_text(m.id, '') THEN m.has_attachment ELSE tern_text(m.id, '" WISH_ATTACHMENT "') END)"
#define QUERY_IS_TO_ME "tern_me(m.to_key)"

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

struct query_reader {
	const char *text, *at;
	int64_t now;
	struct query *query;
	struct err *err;
	int depth, terms;
	bool is_choice; /* inside of an "or" or a "not": no word must be there */
	bool wants_forms, is_quoted; /* is_quoted: the word that is read now */
};

/* Takes WORD, which stood at AT: its condition into OUT. -1: told. */
typedef int query_word_fn(struct query_reader *reader, const char *word, const char *at, struct buf *out);

/* query.c. -1, with a sentence that says WHY (no dot at its end) and where. */
int query_fail_at(struct query_reader *reader, const char *at, const char *why);
bool query_ends_word(char c);
/* A word, or "several in quotes". Free it. NULL with a sentence. */
char *query_read_word(struct query_reader *reader);
/* READ with the word that comes next. */
int query_with_word(struct query_reader *reader, query_word_fn *read, struct buf *out);
/* What stands in the parentheses that begin here. */
int query_read_group(struct query_reader *reader, struct buf *out);
/* The same, as the condition on another letter "message m" of which JOIN says what it is to the letter in question:
 * columns of that are o.thread, o.parent, o.mid. */
int query_relatives(struct query_reader *reader, const char *join, struct buf *out);

/* query_text.c */
void query_add_literal(struct buf *out, const char *text);
bool query_has_words(const char *text);
query_word_fn query_text_any, query_text_anywhere, query_text_from, query_text_to, query_text_people;
query_word_fn query_text_subject, query_text_body, query_text_inside, query_text_cc, query_text_list, query_text_name,
    query_text_type;
/* FACT (letter_words.h) is true of the letter. */
void query_text_fact(struct query_reader *reader, const char *fact, struct buf *out);

/* query_field.c. What the name before a colon at this place stands for, which is passed then; *HAS_MOMENT: it takes
 * two words like "last week". NULL: there is none. */
query_word_fn *query_field_at(struct query_reader *reader, bool *has_moment);
/* -1, told: what stands here looks like one of them, and is none. */
int query_field_check(struct query_reader *reader);
bool query_field_row(size_t at, struct query_help *help);
query_word_fn query_field_tag, query_field_id, query_field_size;
/* N or more, as "kmg" bytes: 10, 10k, 1.5M. */
int query_field_read_size(struct query_reader *reader, const char *word, const char *at, long long *size);

/* query_date.c */
query_word_fn query_date_before, query_date_after, query_date_on, query_date_mutt, query_date_mutt_received;
/* *WORD becomes "last week" when it is "last" and "week" comes next. */
void query_date_join(struct query_reader *reader, char **word);

/* query_pattern.c. At "~" or "=": is it one of mutt's patterns? */
bool query_pattern_at(const struct query_reader *reader);
/* The rows that do something come first. */
bool query_pattern_row(size_t at, struct query_help *help);
int query_pattern_read(struct query_reader *reader, struct buf *out);

#endif
