#include "config.h"
#include "compose/recipient.h"

#include <pwd.h>
#include <string.h>

#include "compose/compose.h"
#include "compose/draft.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mime/address.h"

#define ALIAS_STEPS 1000 /* aliases in aliases, in all */
#define RECIPIENTS  10000

/* --- lists
 * ------------------------------------------------------------------------------------------ */

bool recipient_has(const struct address_list *list, const char *addr)
{
	for (size_t i = 0; i < list->count; i++)
		if (address_equal(list->items[i].addr, addr))
			return true;
	return false;
}

/* Room grows at each power of two; the arena takes the old piece with it. */
static void push(struct address_list *list, const struct address *address, struct arena *arena)
{
	if ((list->count & (list->count - 1)) == 0) {
		size_t cap = list->count ? list->count * 2 : 1;
		struct address *items = ARENA_ARRAY(arena, struct address, cap);

		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
	}
	list->items[list->count++] = *address;
}

void recipient_add(struct address_list *list, const struct address *address, struct arena *arena)
{
	struct address copy;

	if (!*address->addr || recipient_has(list, address->addr))
		return;
	copy = (struct address){arena_strdup(arena, address->name),
				arena_strdup(arena, address->addr)};
	push(list, &copy, arena);
}

void recipient_add_all(struct address_list *list, const struct address_list *more,
		       struct arena *arena)
{
	for (size_t i = 0; i < more->count; i++)
		recipient_add(list, &more->items[i], arena);
}

char *recipient_text(const struct address_list *list)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_add_str(&out, ", ");
		address_add_display(&out, &list->items[i]);
	}
	return buf_take(&out);
}

void recipient_qualify(struct address_list *list, const char *domain, struct arena *arena)
{
	for (size_t i = 0; i < list->count; i++)
		if (*list->items[i].addr && !address_domain(list->items[i].addr))
			list->items[i].addr =
			    arena_printf(arena, "%s@%s", list->items[i].addr, domain);
}

/* --- what was typed
 * ------------------------------------------------------------------------------------ */

static const char *alias_of(const struct compose *compose, const char *name)
{
	if (!compose->conf || address_domain(name))
		return NULL;
	return conf_get(compose->conf, "aliases", "", name);
}

/* Those still to be looked at, the next one last; no recursion, so that an alias of itself ends. */
static int expand(const struct compose *compose, struct address_list *todo, struct arena *arena,
		  struct address_list *list, struct err *err)
{
	for (size_t steps = 0; todo->count;) {
		struct address address = todo->items[--todo->count];
		const char *alias = alias_of(compose, address.addr);
		struct address_list more = {0};

		if (!alias) {
			recipient_add(list, &address, arena);
			continue;
		}
		if (++steps > ALIAS_STEPS)
			return err_set(err, _("The alias \"%s\" leads to itself."), address.addr);
		if (address_parse_typed(alias, arena, &more, err) < 0)
			return err_add(err, _("The alias \"%s\""), address.addr);
		for (size_t i = more.count; i-- > 0;)
			if (!str_equal_nocase(more.items[i].addr, address.addr))
				push(todo, &more.items[i], arena);
			else
				recipient_add(list, &more.items[i], arena);
	}
	return 0;
}

int recipient_parse(const struct compose *compose, const char *text, struct arena *arena,
		    struct address_list *list, struct err *err)
{
	struct address_list typed = {0}, todo = {0};

	*list = (struct address_list){0};
	if (address_parse_typed(text, arena, &typed, err) < 0)
		return -1;
	if (typed.count > RECIPIENTS)
		return err_set(err, _("There are more than %d recipients."), RECIPIENTS);
	for (size_t i = typed.count; i-- > 0;)
		push(&todo, &typed.items[i], arena);
	return expand(compose, &todo, arena, list, err);
}

static bool is_own_name(const struct compose *compose, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < compose->accounts->count; i++) {
		const struct account *account = &compose->accounts->items[i];

		if (account->kind == ACCOUNT_LOCAL && account->address &&
		    !strncmp(account->address, name, len) && strchr("@", account->address[len]))
			return true;
	}
	return false;
}

bool recipient_is_local_user(const struct compose *compose, const char *name)
{
	return is_own_name(compose, name) || str_equal_nocase(name, "postmaster") ||
	       getpwnam(name) != NULL;
}

int recipient_all(const struct compose *compose, const struct draft *draft, struct arena *arena,
		  struct address_list *list, struct err *err)
{
	const char *const fields[] = {draft->to, draft->cc, draft->bcc};

	*list = (struct address_list){0};
	for (size_t i = 0; i < 3; i++) {
		struct address_list some;

		if (recipient_parse(compose, fields[i], arena, &some, err) < 0)
			return -1;
		recipient_add_all(list, &some, arena);
	}
	return 0;
}
