#include "config.h"

#include "ui/view/address_book.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/map.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/store.h"
#include "store/mime/address.h"

#define LETTERS 300 /* newest ones looked at, of a folder */
#define SENT_WEIGHT 3 /* whom one writes to counts more */

struct entry {
	struct address_book_entry shown;
	char *folded; /* " name words addr", for prefixes */
};

struct address_book {
	struct entry *items;
	size_t count, cap;
	struct map *by_addr;
};

static char *folded_of(const struct address *address)
{
	struct buf text = BUF_INIT, folded = BUF_INIT;

	buf_printf(&text, " %s %s", address->name, address->addr);
	utf8_add_folded(&folded, text.data, text.len);
	buf_free(&text);
	return buf_take(&folded);
}

/* A letter went to the bare address; another tells whose it is. */
static void take_name(struct entry *entry, const struct address *address)
{
	struct buf text = BUF_INIT;

	if (!*address->name || strcmp(entry->shown.text, entry->shown.addr) != 0)
		return;
	free(entry->shown.text);
	free(entry->folded);
	address_add_display(&text, address);
	entry->shown.text = buf_take(&text);
	entry->folded = folded_of(address);
}

static void add(struct address_book *book, const struct address *address, int weight)
{
	struct entry *entry;
	struct buf text = BUF_INIT;
	char *key;
	void *at;

	if (!address_is_safe(address->addr) || !*address->addr)
		return;
	key = mem_strdup(address->addr);
	str_lower(key);
	at = map_get(book->by_addr, key);
	if (at) {
		book->items[(size_t)at - 1].shown.count += weight;
		take_name(&book->items[(size_t)at - 1], address);
		free(key);
		return;
	}
	ARRAY_ROOM(book->items, book->count, book->cap);
	entry = &book->items[book->count++];
	address_add_display(&text, address);
	*entry = (struct entry){{buf_take(&text), mem_strdup(address->addr), weight},
				folded_of(address)};
	map_set(book->by_addr, key, (void *)book->count);
	free(key);
}

static void add_row(struct address_book *book, const struct message *row, bool is_sent,
		    struct arena *arena)
{
	struct address from = {row->from_name ? row->from_name : (char *)"",
			       row->from_addr ? row->from_addr : (char *)""};
	struct address_list to;

	if (!is_sent) {
		add(book, &from, 1);
		return;
	}
	if (!row->to || !*row->to)
		return;
	address_parse(span_of(row->to), 20, arena, &to);
	for (size_t i = 0; i < to.count; i++)
		add(book, &to.items[i], SENT_WEIGHT);
}

static void add_folder(struct address_book *book, struct store *store, enum account_role role)
{
	struct arena *arena = arena_new();
	struct folder folder;
	struct store_view view = {.sort = SORT_DATE};
	struct message *rows;
	size_t count;

	if (store_folder_by_role(store, role, arena, &folder, NULL) == 1) {
		view.folder = folder.id;
		if (store_window(store, &view, FROM_FIRST, 0, LETTERS, arena, &rows, &count, NULL) >= 0)
			for (size_t i = 0; i < count; i++)
				add_row(book, &rows[i], role == ROLE_SENT, arena);
	}
	arena_free(&arena);
}

struct address_book *address_book_new(struct store *store)
{
	struct address_book *book = mem_alloc(sizeof *book);

	book->by_addr = map_new();
	if (store) {
		add_folder(book, store, ROLE_SENT);
		add_folder(book, store, ROLE_INBOX);
	}
	return book;
}

void address_book_free(struct address_book **book)
{
	if (!*book)
		return;
	for (size_t i = 0; i < (*book)->count; i++) {
		free((*book)->items[i].shown.text);
		free((*book)->items[i].shown.addr);
		free((*book)->items[i].folded);
	}
	free((*book)->items);
	map_free(&(*book)->by_addr, NULL);
	free(*book);
	*book = NULL;
}

/* Does a word of it begin so? */
static bool fits(const struct entry *entry, const char *prefix)
{
	size_t len = strlen(prefix);

	for (const char *at = strstr(entry->folded, prefix); at; at = strstr(at + 1, prefix))
		if (at > entry->folded && strchr(" <\"(@.", at[-1]))
			return len > 0;
	return false;
}

static void insert(const struct address_book_entry **found, size_t *count, size_t max,
		   const struct address_book_entry *entry)
{
	size_t at = *count;

	while (at > 0 && found[at - 1]->count < entry->count)
		at--;
	if (at >= max)
		return;
	if (*count < max)
		++*count;
	for (size_t i = *count - 1; i > at; i--)
		found[i] = found[i - 1];
	found[at] = entry;
}

size_t address_book_find(const struct address_book *book, const char *prefix,
			 const struct address_book_entry **found, size_t max)
{
	struct buf folded = BUF_INIT;
	size_t count = 0;

	utf8_add_folded(&folded, prefix, strlen(prefix));
	for (size_t i = 0; i < book->count; i++)
		if (fits(&book->items[i], buf_str(&folded)))
			insert(found, &count, max, &book->items[i].shown);
	buf_free(&folded);
	return count;
}
