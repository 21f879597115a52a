#include "config.h"
#include "store/mail/keywords.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/base/utf8.h"

#define FORWARDED   "$Forwarded"
#define WORDS_LIMIT 200 /* of one message; a server that has more keeps them */
#define WORD_LIMIT  200

/* RFC 3501, "atom"; what is not ASCII goes in modified UTF-7 over the wire. */
static bool is_keyword(struct span word)
{
	if (word.len == 0 || word.len > WORD_LIMIT || !utf8_is_valid(word.data, word.len))
		return false;
	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.data[i];

		if (c <= ' ' || c == 0x7f || strchr("(){%*\"\\]", c))
			return false;
	}
	return true;
}

static bool is_forward(struct span word)
{
	return span_equal_nocase(word, FORWARDED);
}

static int by_word(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = strncasecmp(x->data, y->data, len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static bool has(const char *words, struct span word)
{
	struct span rest = span_of(words), piece;

	while (span_split(&rest, ' ', &piece))
		if (piece.len && by_word(&piece, &word) == 0)
			return true;
	return false;
}

static size_t split(const char *words, struct span *list, size_t count,
		    bool (*is_wanted)(struct span word, const void *arg), const void *arg)
{
	struct span rest = span_of(words), piece;

	while (count < WORDS_LIMIT && span_split(&rest, ' ', &piece))
		if (piece.len && (!is_wanted || is_wanted(piece, arg)))
			list[count++] = piece;
	return count;
}

static const char *joined(struct span *list, size_t count, struct arena *arena)
{
	struct buf out = BUF_INIT;
	const char *text;

	if (count > 1)
		qsort(list, count, sizeof *list, by_word);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || by_word(&list[i - 1], &list[i]) != 0)
			buf_printf(&out, "%s%.*s", out.len ? " " : "", (int)list[i].len, list[i].data);
	text = arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return text;
}

static bool is_plain_keyword(struct span word, const void *arg)
{
	(void)arg;
	return is_keyword(word) && !is_forward(word);
}

static bool is_no_keyword(struct span word, const void *arg)
{
	(void)arg;
	return !is_keyword(word) || is_forward(word);
}

const char *keywords_tidy(const char *words, bool *is_forwarded, struct arena *arena)
{
	struct span list[WORDS_LIMIT];

	if (is_forwarded)
		*is_forwarded = has(words ? words : "", SPAN(FORWARDED));
	return joined(list, split(words ? words : "", list, 0, is_plain_keyword, NULL), arena);
}

const char *keywords_of_tags(const char *tags, struct arena *arena)
{
	return keywords_tidy(tags, NULL, arena);
}

const char *keywords_into_tags(const char *tags, const char *keywords, struct arena *arena)
{
	struct span list[WORDS_LIMIT];
	size_t count = split(tags, list, 0, is_no_keyword, NULL);

	return joined(list, split(keywords, list, count, NULL, NULL), arena);
}

const char *keywords_join_tags(const char *tags, const char *others, const char *keywords, struct arena *arena)
{
	struct span list[WORDS_LIMIT];
	size_t count = split(tags, list, 0, is_no_keyword, NULL);

	count = split(others, list, count, is_no_keyword, NULL);
	return joined(list, split(keywords, list, count, NULL, NULL), arena);
}

struct sides {
	const char *base, *ours, *theirs;
};

static bool stays(struct span word, const void *arg)
{
	const struct sides *sides = arg;

	return !has(sides->base, word) || (has(sides->ours, word) && has(sides->theirs, word));
}

const char *keywords_join(const char *base, const char *ours, const char *theirs, struct arena *arena)
{
	struct sides sides = {base, ours, theirs};
	struct span list[WORDS_LIMIT];
	size_t count = split(ours, list, 0, stays, &sides);

	return joined(list, split(theirs, list, count, stays, &sides), arena);
}

static bool is_not_in(struct span word, const void *arg)
{
	return !has(arg, word);
}

const char *keywords_without(const char *words, const char *others, struct arena *arena)
{
	struct span list[WORDS_LIMIT];

	return joined(list, split(words, list, 0, is_not_in, others), arena);
}

static bool is_within(const char *words, const char *others)
{
	struct span rest = span_of(words), piece;

	while (span_split(&rest, ' ', &piece))
		if (piece.len && !has(others, piece))
			return false;
	return true;
}

bool keywords_equal(const char *a, const char *b)
{
	return is_within(a, b) && is_within(b, a);
}
