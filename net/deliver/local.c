#include "config.h"
#include "net/deliver/local.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/deliver/alias.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/letter.h"

#define TARGETS_MAX 1000

struct local {
	struct account_list accounts;
	struct alias_list aliases;
	struct arena *arena;
	char *host, *user;
};

static const char *user_name(void)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *name = getenv("USER");

	if (pw)
		return pw->pw_name;
	return name ? name : "";
}

struct local *local_open(struct err *err)
{
	struct local *local = mem_alloc(sizeof *local);
	char *path = path_in(PATH_CONFIG, "aliases");

	local->arena = arena_new();
	local->host = letter_host(local->arena);
	local->user = arena_strdup(local->arena, user_name());
	alias_load(&local->aliases, path);
	free(path);
	if (account_load(&local->accounts, err) < 0)
		local_close(&local);
	return local;
}

void local_close(struct local **local)
{
	if (!*local)
		return;
	account_list_free(&(*local)->accounts);
	alias_list_free(&(*local)->aliases);
	arena_free(&(*local)->arena);
	free(*local);
	*local = NULL;
}

const struct account_list *local_accounts(const struct local *local)
{
	return &local->accounts;
}

const char *local_host(const struct local *local)
{
	return local->host;
}

/* --- whose address is it ---------------------------------------------------------------------- */

struct name {
	char part[256];	    /* local part without +detail */
	const char *domain; /* "" for a bare one */
};

static int take_apart(const char *addr, struct name *name)
{
	const char *at = strrchr(addr, '@'), *plus;
	size_t len = at ? (size_t)(at - addr) : strlen(addr);

	if (len >= sizeof name->part)
		return -1;
	memcpy(name->part, addr, len);
	name->part[len] = '\0';
	plus = strchr(name->part, '+');
	if (plus && plus > name->part)
		name->part[plus - name->part] = '\0';
	name->domain = at ? at + 1 : "";
	return 0;
}

static bool is_same(const struct name *a, const struct name *b)
{
	return str_equal_nocase(a->part, b->part) && str_equal_nocase(a->domain, b->domain);
}

static bool is_here(const struct local *local, const char *domain)
{
	return !*domain || str_equal_nocase(domain, "localhost") ||
	       str_equal_nocase(domain, "localhost.localdomain") ||
	       str_equal_nocase(domain, local->host);
}

/* The account that is for the person as such: the default one, when it is local. */
static const struct account *own_account(const struct local *local)
{
	const struct account *account = account_default(&local->accounts);
	size_t i;

	if (account && account->kind == ACCOUNT_LOCAL)
		return account;
	for (i = 0; i < local->accounts.count; i++)
		if (local->accounts.items[i].kind == ACCOUNT_LOCAL)
			return &local->accounts.items[i];
	return NULL;
}

static const struct account *by_address(const struct local *local, const struct name *name,
					bool part_only)
{
	size_t i;

	for (i = 0; i < local->accounts.count; i++) {
		const struct account *account = &local->accounts.items[i];
		struct name own;

		if (account->kind != ACCOUNT_LOCAL || !account->address ||
		    take_apart(account->address, &own) < 0)
			continue;
		if (part_only ? str_equal_nocase(own.part, name->part) : is_same(&own, name))
			return account;
	}
	return NULL;
}

static const struct account *by_role(const struct local *local, const struct name *name)
{
	if (*name->part && str_equal_nocase(name->part, local->user))
		return own_account(local);
	if (str_equal_nocase(name->part, "postmaster") ||
	    str_equal_nocase(name->part, "mailer-daemon"))
		return own_account(local);
	return NULL;
}

enum local_verdict local_find(const struct local *local, const char *addr,
			      const struct account **account)
{
	struct name name;

	*account = NULL;
	if (take_apart(addr, &name) < 0)
		return LOCAL_NOBODY;
	*account = by_address(local, &name, false);
	if (!*account && !is_here(local, name.domain))
		return LOCAL_ELSEWHERE;
	if (!*account)
		*account = by_address(local, &name, true);
	if (!*account)
		*account = by_role(local, &name);
	return *account ? LOCAL_ACCOUNT : LOCAL_NOBODY;
}

/* --- aliases -------------------------------------------------------------------------------- */

struct expansion {
	const char **names; /* all that were met; the first DONE are looked at */
	size_t count, cap;
	const char **targets;
	size_t target_count, target_cap;
};

static void meet(struct expansion *expansion, const char *name)
{
	size_t i;

	for (i = 0; i < expansion->count; i++)
		if (str_equal_nocase(expansion->names[i], name))
			return;
	ARRAY_ROOM(expansion->names, expansion->count, expansion->cap);
	expansion->names[expansion->count++] = name;
}

static const struct alias *alias_of(const struct local *local, const char *addr)
{
	const struct account *account;
	struct name name;

	if (local_find(local, addr, &account) == LOCAL_ELSEWHERE || take_apart(addr, &name) < 0)
		return NULL;
	return alias_find(&local->aliases, name.part);
}

/* "me: me, bob" keeps one for me. */
static bool names_itself(const struct alias *alias)
{
	size_t i;

	for (i = 0; i < alias->target_count; i++)
		if (str_equal_nocase(alias->targets[i], alias->name))
			return true;
	return false;
}

static void add_target(struct expansion *expansion, const char *addr)
{
	ARRAY_ROOM(expansion->targets, expansion->target_count, expansion->target_cap);
	expansion->targets[expansion->target_count++] = addr;
}

static void look_at(struct expansion *expansion, const struct local *local, const char *addr)
{
	const struct alias *alias = alias_of(local, addr);
	size_t i;

	if (!alias || names_itself(alias))
		add_target(expansion, addr);
	for (i = 0; alias && i < alias->target_count; i++)
		meet(expansion, alias->targets[i]);
}

int local_expand(const struct local *local, const char *addr, const char ***targets,
		 struct err *err)
{
	struct expansion expansion = {.count = 0};
	size_t done;

	meet(&expansion, addr);
	for (done = 0; done < expansion.count && expansion.count <= TARGETS_MAX; done++)
		look_at(&expansion, local, expansion.names[done]);
	free(expansion.names);
	if (done < expansion.count) {
		free(expansion.targets);
		return err_set(err, _("The alias \"%s\" stands for too many addresses."), addr);
	}
	add_target(&expansion, NULL);
	*targets = expansion.targets;
	return (int)expansion.target_count - 1;
}
