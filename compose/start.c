#include "config.h"
#include "compose/start.h"

#include <stdlib.h>
#include <string.h>

#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/identity.h"
#include "compose/quote.h"
#include "store/base/buf.h"
#include "store/base/str.h"

static void add_signature(struct draft *draft, const char *signature)
{
	struct buf body = BUF_INIT;

	if (!*signature)
		return;
	buf_add_str(&body, draft->body);
	if (body.len && !str_ends(draft->body, "\n"))
		buf_add_char(&body, '\n');
	if (!str_ends(draft->body, "\n\n"))
		buf_add_char(&body, '\n');
	buf_printf(&body, "-- \n%s", signature);
	draft_set_body(draft, body.data, body.len);
	buf_free(&body);
}

/* Only a signature that is one of ours word for word: what a person wrote stays. */
static void drop_signature(struct draft *draft, const struct identity_list *list)
{
	size_t len = strlen(draft->body), at = quote_without_signature(draft->body, len);

	if (at == len)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (*list->items[i].signature &&
		    !strcmp(draft->body + at + 4, list->items[i].signature)) {
			if (at && draft->body[at - 1] == '\n' &&
			    (at == 1 || draft->body[at - 2] == '\n'))
				at--;
			draft->body[at] = '\0';
			return;
		}
}

void start_identity(const struct compose *compose, struct draft *draft,
		    const struct identity *identity)
{
	struct identity_list list;
	char *from;

	identity_load(compose, &list);
	drop_signature(draft, &list);
	identity_list_free(&list);
	if (!identity)
		return;
	from = identity_display(identity);
	draft_set(&draft->from, from);
	draft_set(&draft->account, identity->account);
	add_signature(draft, identity->signature);
	free(from);
}

struct draft *start_new(const struct compose *compose, const char *account)
{
	struct draft *draft = draft_new(account);
	struct identity_list list;

	identity_load(compose, &list);
	start_identity(compose, draft, identity_of_account(compose, &list, account));
	identity_list_free(&list);
	return draft;
}
