#include "config.h"
#include "ui/command/query_complete.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/str.h"
#include "store/mail/query.h"
#include "ui/command/command.h"

/* Where the word begins that is typed now. */
static size_t word_begins(const char *text)
{
	size_t at = strlen(text);

	while (at && !char_is_space(text[at - 1]) && !strchr("(|\"", text[at - 1]))
		at--;
	while (text[at] == '-' || text[at] == '!')
		at++;
	return at;
}

void query_complete(struct app *app, const char *text, struct arena *arena, char ***candidates,
		    size_t *count)
{
	size_t begins = word_begins(text);
	struct query_help row;

	(void)app;
	if (strchr(text + begins, ':'))
		return;
	for (size_t at = 0; query_field_help(at, &row); at++) {
		int len = (int)strcspn(row.names, " ");

		command_candidate(
		    arena, text,
		    arena_printf(arena, "%.*s%.*s:", (int)begins, text, len, row.names), candidates,
		    count);
	}
}
