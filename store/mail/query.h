/* What a person searches for, parsed once: words, what stands before a colon (query_field_help), "quotes", -not, or,
 * parentheses, and mutt's patterns (query_pattern_help), its dates and ranges of them too. An "and" between words and a
 * "-" alone say nothing. What looks like the name of a field and is none is a mistake, but not "re: x" or "http://x".
 *
 * Words, and those behind body:, are whole words of the texts of a letter (store/search): "word*" finds what begins
 * so, "*word" and ~b what it is a part of, several in quotes stand in a row. Behind from:, to: and subject: a part of
 * a name is enough. Neither case nor accents count. */
#ifndef STORE_MAIL_QUERY_H
#define STORE_MAIL_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct message;
struct store;
struct query;

/* A row of the tables, for manuals, help and completion. */
struct query_help {
	const char *names;    /* one or several with spaces between, the usual one first; of a pattern with its "~" */
	const char *argument; /* msgid, "" when it takes none */
	const char *help;     /* msgid: what is found */
};
/* False: there are no more. */
bool query_field_help(size_t at, struct query_help *help);
bool query_pattern_help(size_t at, struct query_help *help);

/* NULL with a sentence that points at the place. An empty text matches everything. */
struct query *query_parse(const char *text, int64_t now, struct err *err);
/* FORMS: other forms of an English or Russian word are found too, unless it stands in quotes. */
struct query *query_parse_with(const char *text, bool forms, int64_t now, struct err *err);
void query_free(struct query **query);
/* The words it was made of; the same words, the same query (but for relative dates). Lent. */
const char *query_text(const struct query *query);
/* Does it look into texts? Those that are not in the index yet are read for it. */
bool query_needs_bodies(const struct query *query);
/* As a condition on "message m". Lent. For store/mail. */
const char *query_sql(const struct query *query);
/* Words that every hit has, for fulltext_candidates. Lent. */
char *const *query_wishes(const struct query *query, size_t *count);
/* The words in texts that a server can be asked about (store_ask_server). Lent. */
char *const *query_asks(const struct query *query, size_t *count);
/* Before its condition is used. For store/mail. */
int query_prepare(struct store *store, const struct query *query, struct err *err);
/* Calls EACH for every hit, newest first, until -1
 * (which ends the run well). FOLDER 0: in all. */
int query_run(struct store *store, const struct query *query, int64_t folder,
	      int (*each)(void *arg, int64_t id), void *arg, struct err *err);

#endif
