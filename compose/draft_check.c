#include "config.h"
#include "compose/draft_check.h"

#include <stdlib.h>
#include <string.h>

#include "compose/attach.h"
#include "compose/compose.h"
#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/quote.h"
#include "compose/recipient.h"
#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/sender.h"

static void add(struct check_list *list, enum check_kind kind, bool stops, char *text)
{
	ARRAY_ROOM(list->items, list->count, list->cap);
	list->items[list->count++] = (struct check_item){kind, stops, NULL, text};
	list->stops |= stops;
}

/* It stops the letter and is mended in FIELD. */
static void add_for(struct check_list *list, enum check_kind kind, const char *field, char *text)
{
	add(list, kind, true, text);
	list->items[list->count - 1].field = field;
}

void check_list_free(struct check_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].text);
	free(list->items);
	*list = (struct check_list){0};
}

/* --- people
 * ----------------------------------------------------------------------------------------- */

/* The field ADDR stands in; for NULL the first that cannot be read. */
static const char *field_of(const struct compose *compose, const struct draft *draft,
			    const char *addr)
{
	const char *const texts[] = {draft->to, draft->cc, draft->bcc};
	static const char *const names[] = {"To", "Cc", "Bcc"};
	struct arena *arena = arena_new();
	const char *found = NULL;

	for (size_t i = 0; i < ARRAY_COUNT(names) && !found; i++) {
		struct address_list list = {0};
		struct err err = ERR_INIT;
		bool is_read = recipient_parse(compose, texts[i], arena, &list, &err) >= 0;

		if (is_read ? addr && recipient_has(&list, addr) : !addr)
			found = names[i];
	}
	arena_free(&arena);
	return found ? found : "To";
}

static void check_address(const struct compose *compose, const struct draft *draft,
			  const char *addr, struct check_list *list)
{
	if (!address_domain(addr)) {
		if (!recipient_is_local_user(compose, addr))
			add_for(list, CHECK_UNKNOWN_NAME, field_of(compose, draft, addr),
				mem_printf(_("\"%s\" is neither an address nor an alias, and "
					     "nobody on this computer is called so."),
					   addr));
	} else if (!address_is_safe(addr)) {
		add_for(list, CHECK_BAD_ADDRESS, field_of(compose, draft, addr),
			mem_printf(_("\"%s\" is not an address."), addr));
	}
}

/* An answer goes where the letter wanted it: the last chance to see what is wrong with that. */
static void check_looks(const struct address *address, struct check_list *list)
{
	unsigned odd = sender_oddities(address->name, address->addr, NULL, 0);

	for (int bit = 0; bit < SENDER_COUNT; bit++) {
		struct buf text = BUF_INIT;

		if (!(odd & 1u << bit))
			continue;
		sender_add(&text, address);
		buf_printf(&text, ": %s", sender_words((enum sender_oddity)(1u << bit)));
		add(list, CHECK_ODD_ADDRESS, false, buf_take(&text));
	}
}

static void check_recipients(const struct compose *compose, const struct draft *draft,
			     struct check_list *list)
{
	struct arena *arena = arena_new();
	struct address_list all;
	struct err err = ERR_INIT;

	if (recipient_all(compose, draft, arena, &all, &err) < 0)
		add_for(list, CHECK_BAD_ADDRESS, field_of(compose, draft, NULL),
			mem_strdup(err.text));
	else if (!all.count)
		add_for(list, CHECK_NO_RECIPIENT, "To",
			mem_strdup(_("The letter has no recipient.")));
	else
		for (size_t i = 0; i < all.count; i++)
			check_address(compose, draft, all.items[i].addr, list);
	for (size_t i = 0; !list->stops && i < all.count; i++)
		check_looks(&all.items[i], list);
	arena_free(&arena);
}

static void check_sender(const struct compose *compose, const struct draft *draft,
			 struct check_list *list)
{
	struct arena *arena = arena_new();
	struct address_list from = {0};
	struct err err = ERR_INIT;

	if (recipient_parse(compose, draft->from, arena, &from, &err) < 0)
		add_for(list, CHECK_BAD_ADDRESS, "From", mem_strdup(err.text));
	else if (!from.count || !address_is_safe(from.items[0].addr))
		add_for(list, CHECK_NO_SENDER, "From",
			mem_strdup(_("The letter has no sender address.")));
	arena_free(&arena);
}

/* --- words
 * ------------------------------------------------------------------------------------------- */

static bool is_word_byte(char c)
{
	return char_is_alnum(c) || (unsigned char)c >= 0x80;
}

/* WORD (folded) as a whole word in TEXT (folded), or the start of one where it ends in "*". */
static bool has_word(const char *text, struct span word)
{
	bool is_start = word.len && word.data[word.len - 1] == '*';
	size_t len = word.len - is_start;

	for (const char *at = text; len && (at = memmem(at, strlen(at), word.data, len)); at++)
		if ((at == text || !is_word_byte(at[-1])) && (is_start || !is_word_byte(at[len])))
			return true;
	return false;
}

static bool has_any_word(const char *text, const char *words)
{
	struct buf folded = BUF_INIT;
	struct span rest, word;
	bool has = false;

	utf8_add_folded(&folded, words, strlen(words));
	rest = (struct span){buf_str(&folded), folded.len};
	while (!has && span_split(&rest, ' ', &word))
		has = has_word(text, word);
	buf_free(&folded);
	return has;
}

/* What was written anew: no quote, no signature. */
static void add_own_words(const struct draft *draft, struct buf *out)
{
	size_t len = quote_without_signature(draft->body, strlen(draft->body));
	struct span rest = {draft->body, len}, line;

	while (span_split(&rest, '\n', &line))
		if (!line.len || line.data[0] != '>') {
			buf_add(out, line.data, line.len);
			buf_add_char(out, '\n');
		}
}

static bool speaks_of_attachment(const struct compose *compose, const struct draft *draft)
{
	const char *words = compose_option_text(compose, "attach-words");
	struct buf own = BUF_INIT, folded = BUF_INIT;
	bool does;

	/* Translators: words that speak of an attachment; "*" for any ending. */
	if (!*words)
		words = _("attached attachment attachments enclosed");
	buf_add_str(&own, draft->subject);
	buf_add_char(&own, '\n');
	add_own_words(draft, &own);
	utf8_add_folded(&folded, own.data, own.len);
	does = has_any_word(buf_str(&folded), words);
	buf_free(&own);
	buf_free(&folded);
	return does;
}

static bool has_text(const struct draft *draft)
{
	size_t len = quote_without_signature(draft->body, strlen(draft->body));

	return strspn(draft->body, " \t\n") < len;
}

static void check_content(const struct compose *compose, const struct draft *draft,
			  struct check_list *list)
{
	if (draft->was_encrypted && !draft->wants_encrypt)
		add(list, CHECK_WAS_ENCRYPTED, false,
		    mem_strdup(_("What you quote came encrypted; this letter would go out readable for anybody "
				 "on its way.")));
	if (!draft->subject[strspn(draft->subject, " ")])
		add(list, CHECK_NO_SUBJECT, false, mem_strdup(_("The letter has no subject.")));
	if (draft->attachment_count)
		return;
	if (!has_text(draft))
		add(list, CHECK_EMPTY, false, mem_strdup(_("There is nothing in the letter.")));
	else if (speaks_of_attachment(compose, draft))
		add(list, CHECK_FORGOTTEN_ATTACHMENT, false,
		    mem_strdup(_("The letter speaks of an attachment, but has none.")));
}

void draft_check(const struct compose *compose, const struct draft *draft, struct check_list *list)
{
	struct err err = ERR_INIT;

	*list = (struct check_list){0};
	check_sender(compose, draft, list);
	check_recipients(compose, draft, list);
	if (attach_check(draft, &err) < 0)
		add(list, CHECK_FILE_MISSING, true, mem_strdup(err.text));
	check_content(compose, draft, list);
}
