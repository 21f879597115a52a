/* Sets of keywords as a server has them, "a b" in rising order, and the tags that a person sees. Two
 * keywords that differ in case alone are one. Results lie in ARENA. */
#ifndef STORE_MAIL_KEYWORDS_H
#define STORE_MAIL_KEYWORDS_H

#include <stdbool.h>

struct arena;

/* In order, without doubles and without what is no keyword ("\..."); *IS_FORWARDED (may be NULL):
 * $Forwarded was among them, which is a flag here. */
const char *keywords_tidy(const char *words, bool *is_forwarded, struct arena *arena);
/* The tags that can be keywords; others stay on this machine. */
const char *keywords_of_tags(const char *tags, struct arena *arena);
/* TAGS with KEYWORDS in the place of those that can be keywords. */
const char *keywords_into_tags(const char *tags, const char *keywords, struct arena *arena);
/* KEYWORDS, and those of TAGS and of OTHERS that cannot be keywords. */
const char *keywords_join_tags(const char *tags, const char *others, const char *keywords, struct arena *arena);
/* What either side added to BASE or took out of it. */
const char *keywords_join(const char *base, const char *ours, const char *theirs, struct arena *arena);
/* Those of WORDS that are not in OTHERS. */
const char *keywords_without(const char *words, const char *others, struct arena *arena);
bool keywords_equal(const char *a, const char *b);

#endif
