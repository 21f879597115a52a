#include "config.h"
#include "store/base/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"

/* One word to *TO with a NUL behind it. False: its quote is not closed. */
static bool take_word(const char **text, char **to)
{
	char quote = 0;

	for (; **text && (quote || !char_is_space(**text)); ++*text) {
		char c = **text;

		if (quote ? c == quote : (c == '"' || c == '\''))
			quote = quote ? 0 : c;
		else if (c == '\\' && quote != '\'' && (*text)[1])
			*(*to)++ = *++*text;
		else
			*(*to)++ = c;
	}
	*(*to)++ = '\0';
	return !quote;
}

char **words_split(const char *text, struct err *err)
{
	size_t len = strlen(text), count = 0;
	char **list = mem_alloc((len / 2 + 2) * sizeof *list + len + 2);
	char *to = (char *)(list + len / 2 + 2);
	bool is_good = true;

	while (char_is_space(*text))
		text++;
	while (*text && is_good) {
		list[count++] = to;
		is_good = take_word(&text, &to);
		while (char_is_space(*text))
			text++;
	}
	if (count && is_good)
		return list;
	free(list);
	err_set_kind(err, ERR_USAGE,
		     is_good ? _("The command is empty.") : _("A quote in the command is not closed."));
	return NULL;
}
