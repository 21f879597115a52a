#include "config.h"
#include "compose/identity.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compose/compose.h"
#include "compose/compose_option.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/mime/address.h"
#include "store/mime/mime.h"

#define SIGNATURE_MAX 16384

/* --- what an account says ------------------------------------------------------------------------
 */

/* The account's own setting, else the option for all. Lent. */
static const char *setting(const struct compose *compose, const struct account *account,
			   const char *key)
{
	const char *own = account_setting(account, key);

	return own ? own : compose_option_text(compose, key);
}

/* "\n" begins a new line. */
static void add_unescaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (text[0] == '\\' && text[1] == 'n') {
			buf_add_char(out, '\n');
			text++;
		} else {
			buf_add_char(out, *text);
		}
}

static void add_file(struct buf *out, const char *path)
{
	struct buf raw = BUF_INIT;

	if (file_read(path, &raw, SIGNATURE_MAX, NULL) == 0)
		utf8_add_valid(out, buf_str(&raw), raw.len);
	buf_free(&raw);
}

static void add_signature_file(struct buf *out, const char *path)
{
	char *home = path_home();
	char *full = *path ? path_expand(path) : path_join(home, ".signature");

	add_file(out, full);
	free(full);
	free(home);
}

/* Without the "-- " that some people write into the file. */
static char *finish_signature(struct buf *text)
{
	struct buf out = BUF_INIT;

	while (text->len && char_is_space(text->data[text->len - 1]))
		buf_truncate(text, text->len - 1);
	if (text->len >= 4 && !memcmp(text->data, "-- \n", 4))
		buf_remove(text, 0, 4);
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] != '\r' && text->data[i])
			buf_add_char(&out, text->data[i]);
	if (out.len)
		buf_add_char(&out, '\n');
	buf_free(text);
	return buf_take(&out);
}

static char *signature_of(const struct compose *compose, const struct account *account)
{
	const char *text = setting(compose, account, "signature");
	struct buf out = BUF_INIT;

	if (*text)
		add_unescaped(&out, text);
	else
		add_signature_file(&out, setting(compose, account, "signature-file"));
	return finish_signature(&out);
}

static void add(struct identity_list *list, const struct compose *compose,
		const struct account *account, const struct address *address)
{
	const char *name = *address->name ? address->name : account->real_name;

	if (!*address->addr)
		return;
	ARRAY_ROOM(list->items, list->count, list->cap);
	list->items[list->count++] = (struct identity){
	    .account = mem_strdup(account->name),
	    .name = mem_strdup(name ? name : ""),
	    .addr = mem_strdup(address->addr),
	    .organisation = mem_strdup(setting(compose, account, "organisation")),
	    .signature = signature_of(compose, account),
	};
}

static void add_text(struct identity_list *list, const struct compose *compose,
		     const struct account *account, const char *text)
{
	struct arena *arena = arena_new();
	struct address_list addresses = {0};

	if (text && address_parse_typed(text, arena, &addresses, NULL) == 0)
		for (size_t i = 0; i < addresses.count; i++)
			add(list, compose, account, &addresses.items[i]);
	arena_free(&arena);
}

/* Up to the first comma: the rest is rooms and telephones. */
static char *name_of_user(const struct passwd *user)
{
	return mem_strndup(user->pw_gecos ? user->pw_gecos : "",
			   user->pw_gecos ? strcspn(user->pw_gecos, ",") : 0);
}

/* Without any account a person of this machine still has a name on it. */
static void add_user(struct identity_list *list, const struct compose *compose)
{
	const struct passwd *user = getpwuid(getuid());
	struct account nobody = {.setting_count = 0};
	struct identity identity = {.account = mem_strdup("")};

	if (!user) {
		free(identity.account);
		return;
	}
	identity.name = name_of_user(user);
	identity.addr = mem_printf("%s@localhost", user->pw_name);
	identity.organisation = mem_strdup(compose_option_text(compose, "organisation"));
	identity.signature = signature_of(compose, &nobody);
	ARRAY_ROOM(list->items, list->count, list->cap);
	list->items[list->count++] = identity;
}

void identity_load(const struct compose *compose, struct identity_list *list)
{
	*list = (struct identity_list){0};
	for (size_t i = 0; i < compose->accounts->count; i++) {
		const struct account *account = &compose->accounts->items[i];

		add_text(list, compose, account, account->address);
		add_text(list, compose, account, account_setting(account, "other-addresses"));
	}
	if (!list->count)
		add_user(list, compose);
}

void identity_list_free(struct identity_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].account);
		free(list->items[i].name);
		free(list->items[i].addr);
		free(list->items[i].organisation);
		free(list->items[i].signature);
	}
	free(list->items);
	*list = (struct identity_list){0};
}

/* --- choosing
 * -------------------------------------------------------------------------------------- */

const struct identity *identity_of_account(const struct compose *compose,
					   const struct identity_list *list, const char *account)
{
	const struct account *fallback = account_default(compose->accounts);

	if (!account || !*account)
		account = fallback ? fallback->name : "";
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i].account, account))
			return &list->items[i];
	return list->count ? &list->items[0] : NULL;
}

/* "me+shop@example.org" is "me@example.org". */
static bool is_detail_of(const char *addr, const char *base)
{
	size_t local = strcspn(base, "@");

	return !strncmp(addr, base, local) && addr[local] == '+' && strchr(addr, '@') &&
	       base[local] && str_equal_nocase(strrchr(addr, '@'), strrchr(base, '@'));
}

static bool is_of(const struct identity *identity, const char *addr)
{
	return address_equal(identity->addr, addr) || is_detail_of(addr, identity->addr);
}

const struct identity *identity_by_addr(const struct identity_list *list, const char *addr)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_of(&list->items[i], addr))
			return &list->items[i];
	return NULL;
}

bool identity_is_mine(const struct identity_list *list, const char *addr)
{
	return identity_by_addr(list, addr) != NULL;
}

/* The first address of FIELD that is one of ours, of ACCOUNT when it is not NULL. */
static const struct identity *named_in(const struct identity_list *list,
				       const struct mime_header *header, const char *field,
				       const char *account)
{
	struct arena *arena = arena_new();
	const struct identity *found = NULL;
	struct address_list addresses;

	address_field(header, field, arena, &addresses);
	for (size_t i = 0; i < addresses.count && !found; i++)
		for (size_t k = 0; k < list->count && !found; k++)
			if ((!account || !strcmp(list->items[k].account, account)) &&
			    is_of(&list->items[k], addresses.items[i].addr))
				found = &list->items[k];
	arena_free(&arena);
	return found;
}

static const struct identity *named_anywhere(const struct identity_list *list,
					     const struct mime_header *header, const char *account)
{
	static const char *const fields[] = {
	    "From",	     "To",	 "Cc", "Delivered-To", "X-Original-To", "Envelope-To",
	    "X-Envelope-To", "Resent-To"};
	const struct identity *found = NULL;

	for (size_t i = 0; i < ARRAY_COUNT(fields) && !found; i++)
		found = named_in(list, header, fields[i], account);
	return found;
}

const struct identity *identity_choose(const struct compose *compose,
				       const struct identity_list *list,
				       const struct mime_header *header, const char *account)
{
	const struct identity *found = NULL;

	if (account && *account)
		found = named_anywhere(list, header, account);
	if (!found)
		found = named_anywhere(list, header, NULL);
	return found ? found : identity_of_account(compose, list, account);
}

char *identity_display(const struct identity *identity)
{
	struct address address = {identity->name, identity->addr};
	struct buf out = BUF_INIT;

	address_add_display(&out, &address);
	return buf_take(&out);
}
