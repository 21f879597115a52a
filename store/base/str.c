#include "config.h"
#include "store/base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool char_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool char_is_alnum(char c)
{
	char l = char_lower(c);

	return char_is_digit(c) || (l >= 'a' && l <= 'z');
}

struct span span_of(const char *text)
{
	return (struct span){text, text ? strlen(text) : 0};
}

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool span_starts_nocase(struct span a, const char *prefix)
{
	size_t i;

	for (i = 0; prefix[i]; i++)
		if (i >= a.len || char_lower(a.data[i]) != char_lower(prefix[i]))
			return false;
	return true;
}

bool span_equal_nocase(struct span a, const char *b)
{
	if (a.len && char_lower(*a.data) != char_lower(*b)) /* most that is asked for is found to differ here */
		return false;
	return a.len == strlen(b) && span_starts_nocase(a, b);
}

struct span span_trim(struct span s)
{
	while (s.len && char_is_space(s.data[s.len - 1]))
		s.len--;
	while (s.len && char_is_space(*s.data))
		s.data++, s.len--;
	return s;
}

size_t span_find(struct span s, size_t from, char c)
{
	const char *hit = from < s.len ? memchr(s.data + from, c, s.len - from) : NULL;

	return hit ? (size_t)(hit - s.data) : s.len;
}

int span_split(struct span *rest, char sep, struct span *piece)
{
	size_t at;

	if (!rest->data)
		return 0;
	at = span_find(*rest, 0, sep);
	*piece = (struct span){rest->data, at};
	if (at == rest->len)
		*rest = SPAN_NONE;
	else
		*rest = (struct span){rest->data + at + 1, rest->len - at - 1};
	return 1;
}

bool str_equal_nocase(const char *a, const char *b)
{
	return span_equal_nocase(span_of(a), b);
}

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_starts_nocase(const char *text, const char *prefix)
{
	return span_starts_nocase(span_of(text), prefix);
}

bool str_ends(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

void str_lower(char *text)
{
	for (; *text; text++)
		*text = char_lower(*text);
}

int str_to_long(const char *text, long long *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno || end == text || *end || char_is_space(*text) ? -1 : 0;
}

#define WORD_MAX 64

/* Levenshtein's distance, one row at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], n = strlen(a), m = strlen(b), i, j;

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (j = 0; j <= m; j++)
		row[j] = j;
	for (i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= m; j++) {
			size_t best = diagonal + (char_lower(a[i - 1]) != char_lower(b[j - 1]));

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[m];
}

const char *str_nearest(const char *word, const char *const *candidates)
{
	size_t len = strlen(word), best = len / 3 + 2;
	const char *nearest = NULL;

	for (; *candidates; candidates++) {
		size_t d = distance(word, *candidates);

		if (len >= 3 && str_starts_nocase(*candidates, word))
			d = 1;
		if (d < best && d < len) {
			best = d;
			nearest = *candidates;
		}
	}
	return nearest;
}
