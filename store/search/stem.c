#include "config.h"
#include "store/search/stem.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_STEMMER
#include <libstemmer.h>
#endif

#include "store/base/array.h"
#include "store/base/mem.h"
#include "store/base/str.h"

#ifdef HAVE_STEMMER

#define SHORTEST 3 /* bytes that forms of an English word share, at least */

struct stem {
	struct sb_stemmer *stemmer;
	char root[WORD_MAX];
	size_t len, begins;
};

static const char *language_of(const char *word, size_t len)
{
	size_t latin = 0, cyrillic = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)word[i];

		latin += c >= 'a' && c <= 'z';
		cyrillic += c == 0xd0 || c == 0xd1;
	}
	if (latin == len)
		return "english";
	return cyrillic * 2 == len ? "russian" : NULL;
}

static size_t root_of(struct sb_stemmer *stemmer, const char *word, size_t len, char root[WORD_MAX])
{
	const sb_symbol *found = sb_stemmer_stem(stemmer, (const sb_symbol *)word, (int)len);
	size_t n = found ? (size_t)sb_stemmer_length(stemmer) : 0;

	if (n > WORD_MAX)
		n = 0;
	if (n)
		memcpy(root, found, n);
	return n;
}

/* In Russian a root begins all its forms; in English its last letter may be another one: happi, happy; hope, hoping.
 * Of the shortest ones only "die", "lie" and "tie" share less: dying. */
static size_t shared(const struct stem *stem, const char *word, size_t len)
{
	static const char *const odd[] = {"die", "lie", "tie"};
	bool is_english = (unsigned char)*word < 0x80;
	size_t n = 0;

	for (size_t i = 0; is_english && i < ARRAY_COUNT(odd); i++)
		if (stem->len == 3 && memcmp(stem->root, odd[i], 3) == 0)
			return 1;
	while (n < len && n < stem->len && word[n] == stem->root[n])
		n++;
	if (!is_english)
		return n;
	return n >= stem->len && n > SHORTEST ? n - 1 : n > SHORTEST ? SHORTEST : n > 2 ? 2 : n;
}

struct stem *stem_new(const char *word, size_t len)
{
	const char *language = language_of(word, len);
	struct stem *stem;

	if (!language || len < SHORTEST || len >= WORD_MAX)
		return NULL;
	stem = mem_alloc(sizeof *stem);
	stem->stemmer = sb_stemmer_new(language, NULL);
	if (stem->stemmer)
		stem->len = root_of(stem->stemmer, word, len, stem->root);
	if (!stem->len)
		stem_free(&stem);
	else
		stem->begins = shared(stem, word, len);
	return stem;
}

void stem_free(struct stem **stem)
{
	if (!*stem)
		return;
	sb_stemmer_delete((*stem)->stemmer);
	free(*stem);
	*stem = NULL;
}

size_t stem_begins(const struct stem *stem)
{
	return stem->begins;
}

bool stem_has(struct stem *stem, const char *word, size_t len)
{
	char root[WORD_MAX];

	return len < WORD_MAX && root_of(stem->stemmer, word, len, root) == stem->len &&
	       memcmp(root, stem->root, stem->len) == 0;
}

#else

struct stem *stem_new(const char *word, size_t len)
{
	(void)word;
	(void)len;
	return NULL;
}

void stem_free(struct stem **stem)
{
	*stem = NULL;
}

size_t stem_begins(const struct stem *stem)
{
	(void)stem;
	return 0;
}

bool stem_has(struct stem *stem, const char *word, size_t len)
{
	(void)stem;
	(void)word;
	(void)len;
	return false;
}

#endif
