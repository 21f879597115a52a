#include "config.h"
#include "net/sync/imap_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"

#define MAILBOXES_MAX 100000
#define NAME_MAX_SIZE 1000	     /* bytes of a mailbox's name; longer ones are not shown */
#define STATUS_DEPTH  32	     /* STATUS commands on the way */
#define GUESSES_MAX   1000	     /* mailboxes whose names are looked at for a role */
#define SLASH	      "\xe2\x88\x95" /* U+2215 stands for a "/" that divides nothing */

#define STATUS_ITEMS	    "MESSAGES UNSEEN UIDNEXT UIDVALIDITY"
#define STATUS_ITEMS_MODSEQ STATUS_ITEMS " HIGHESTMODSEQ"

/* --- names --- */

static bool is_inbox(const char *name, char delimiter)
{
	return str_starts_nocase(name, "INBOX") &&
	       (name[5] == '\0' || (delimiter && name[5] == delimiter));
}

/* As a path of folders no name may lead elsewhere, and as a line on a screen none may move the
 * cursor. */
static bool is_safe(const char *name)
{
	struct span rest = span_of(name), level;
	struct buf shown = BUF_INIT;
	bool is_same;

	if (!*name || strlen(name) > NAME_MAX_SIZE || !utf8_is_valid(name, strlen(name)))
		return false;
	while (span_split(&rest, '/', &level))
		if (level.len == 0 || span_equal(level, SPAN(".")) || span_equal(level, SPAN("..")))
			return false;
	utf8_add_printable(&shown, name, strlen(name));
	is_same = strcmp(buf_str(&shown), name) == 0;
	buf_free(&shown);
	return is_same;
}

/* Levels divided by DELIMITER become levels divided by "/". */
static void add_levels(struct buf *out, const char *text, char delimiter)
{
	for (; *text; text++) {
		if (delimiter && *text == delimiter)
			buf_add_char(out, '/');
		else if (*text == '/')
			buf_add_str(out, SLASH);
		else
			buf_add_char(out, *text);
	}
}

static void decode_name(const struct imap_backend *imap, const char *wire, struct buf *out)
{
	if (imap->client->is_utf8 || !imap_name_decode(out, span_of(wire)))
		buf_add_str(out, wire);
}

bool imap_name_of(struct backend *backend, const char *wire, struct buf *name)
{
	struct imap_backend *imap = imap_inside(backend);
	const char *prefix = buf_str(&imap->prefix), *rest;
	struct buf text = BUF_INIT;
	bool is_good;

	if (imap->prefix.len && strlen(wire) > imap->prefix.len &&
	    str_starts_nocase(wire, prefix) && !is_inbox(wire + imap->prefix.len, imap->delimiter))
		wire += imap->prefix.len;
	decode_name(imap, wire, &text);
	rest = buf_str(&text);
	if (is_inbox(rest, imap->delimiter)) {
		buf_add_str(name, "INBOX");
		rest += strlen("INBOX");
	}
	add_levels(name, rest, imap->delimiter);
	buf_free(&text);
	is_good = is_safe(buf_str(name));
	return is_good;
}

static int no_such_name(const char *name, struct err *err)
{
	return err_set_kind(err, ERR_USAGE, _("\"%s\" cannot be a mailbox's name on this server."),
			    name);
}

static int undo_levels(const struct imap_backend *imap, const char *name, struct buf *out,
		       struct err *err)
{
	for (const char *at = name; *at; at++) {
		if (str_starts(at, SLASH)) {
			buf_add_char(out, '/');
			at += strlen(SLASH) - 1;
		} else if (*at != '/') {
			if (*at == imap->delimiter)
				return no_such_name(name, err);
			buf_add_char(out, *at);
		} else if (imap->delimiter) {
			buf_add_char(out, imap->delimiter);
		} else {
			return no_such_name(name, err);
		}
	}
	return 0;
}

int imap_wire_of(struct backend *backend, const char *name, struct buf *wire, struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	struct buf text = BUF_INIT;
	int rc = -1;

	if (imap_learn_namespace(imap, err))
		return -1;
	if (!is_safe(name))
		return no_such_name(name, err);
	if (undo_levels(imap, name, &text, err) == 0) {
		if (!is_inbox(name, '/'))
			buf_add(wire, imap->prefix.data, imap->prefix.len);
		if (imap->client->is_utf8)
			buf_add_str(wire, buf_str(&text));
		else
			imap_name_encode(wire, (struct span){buf_str(&text), text.len});
		rc = 0;
	}
	buf_free(&text);
	return rc;
}

/* --- namespace --- */

/* ((("INBOX." ".")) ...): the first of ours. */
static int hear_namespace(void *arg, const struct imap_said *said, struct imap_parse *parse,
			  struct err *err)
{
	struct imap_backend *imap = arg;
	struct buf prefix = BUF_INIT, delimiter = BUF_INIT;
	int rc = 0;

	if (said->kind != IMAP_SAID_NAMESPACE)
		return 0;
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = imap_next(parse, err) == IMAP_OPEN ? 0 : 1;
	if (rc == 0 && imap_next_text(parse, &prefix, NAME_MAX_SIZE, err) >= 0 &&
	    imap_next_text(parse, &delimiter, 1, err) >= 0) {
		imap->delimiter = delimiter.len ? *delimiter.data : '\0';
		buf_clear(&imap->prefix);
		if (prefix.len && delimiter.len && prefix.data[prefix.len - 1] == *delimiter.data)
			buf_add_str(&imap->prefix, buf_str(&prefix));
	}
	buf_free(&prefix);
	buf_free(&delimiter);
	return 1;
}

/* LIST "" "" tells the delimiter and nothing else. */
static int hear_delimiter(void *arg, const struct imap_said *said, struct imap_parse *parse,
			  struct err *err)
{
	struct imap_backend *imap = arg;
	struct buf delimiter = BUF_INIT;

	if (said->kind != IMAP_SAID_LIST)
		return 0;
	if (imap_skip_value(parse, err) || imap_next_text(parse, &delimiter, 1, err) < 0) {
		buf_free(&delimiter);
		return -1;
	}
	imap->delimiter = delimiter.len ? *delimiter.data : '\0';
	buf_free(&delimiter);
	return 1;
}

int imap_learn_namespace(struct imap_backend *imap, struct err *err)
{
	bool can = imap->client->can[IMAP_CAN_NAMESPACE];

	if (imap->knows_namespace)
		return 0;
	imap_listen(imap, can ? hear_namespace : hear_delimiter, imap);
	if (imap_run(imap->client, err, can ? "NAMESPACE" : "LIST \"\" \"\""))
		return -1;
	imap->knows_namespace = true;
	return 0;
}

/* --- the list --- */

struct found {
	struct backend_mailbox mailbox;
	char *wire, *name;
};

struct listing {
	struct imap_backend *imap;
	struct found **items;
	size_t count, cap;
	struct map *by_wire;
};

static struct found *find(struct listing *listing, const char *wire)
{
	return map_get(listing->by_wire, str_equal_nocase(wire, "INBOX") ? "INBOX" : wire);
}

static struct found *add_found(struct listing *listing, const char *wire)
{
	struct found *found = find(listing, wire);

	if (found)
		return found;
	found = mem_alloc(sizeof *found);
	found->wire = mem_strdup(wire);
	found->mailbox = (struct backend_mailbox){.is_selectable = true,
						  .messages = -1,
						  .unseen = -1,
						  .uidnext = -1,
						  .uidvalidity = -1,
						  .modseq = -1};
	ARRAY_ROOM(listing->items, listing->count, listing->cap);
	listing->items[listing->count++] = found;
	map_set(listing->by_wire, str_equal_nocase(wire, "INBOX") ? "INBOX" : wire, found);
	return found;
}

static void free_found(void *item)
{
	struct found *found = item;

	free(found->wire);
	free(found->name);
	free(found);
}

static const struct {
	const char *word;
	enum account_role role;
} role_words[] = {
    {"\\Drafts", ROLE_DRAFTS},	 {"\\Sent", ROLE_SENT}, {"\\Trash", ROLE_TRASH},
    {"\\Archive", ROLE_ARCHIVE}, {"\\Junk", ROLE_JUNK}, {"\\Spam", ROLE_JUNK},
    {"\\Inbox", ROLE_INBOX},
};

static void note_attribute(struct backend_mailbox *mailbox, struct span word, bool is_gmail)
{
	if (imap_is(word, "\\Noselect") || imap_is(word, "\\NonExistent"))
		mailbox->is_selectable = false;
	else if (imap_is(word, "\\Subscribed"))
		mailbox->is_subscribed = true;
	else if (imap_is(word, "\\All") && is_gmail)
		mailbox->role =
		    ROLE_ARCHIVE; /* to archive there is to take the label of the inbox away */
	for (size_t i = 0; i < ARRAY_COUNT(role_words); i++)
		if (imap_is(word, role_words[i].word))
			mailbox->role = role_words[i].role;
}

static int read_attributes(struct listing *listing, struct imap_parse *parse,
			   struct backend_mailbox *mailbox, struct err *err)
{
	int token = imap_next(parse, err);

	if (token != IMAP_OPEN)
		return token < 0 ? -1 : 0;
	while ((token = imap_next(parse, err)) == IMAP_ATOM)
		note_attribute(mailbox, parse->text, listing->imap->client->can[IMAP_CAN_GMAIL]);
	return token < 0 ? -1 : 0;
}

static int hear_list(struct listing *listing, bool is_lsub, struct imap_parse *parse,
		     struct err *err)
{
	struct backend_mailbox told = {.is_selectable = true};
	struct buf delimiter = BUF_INIT, wire = BUF_INIT;
	struct found *found;
	int rc = read_attributes(listing, parse, &told, err);

	if (rc == 0)
		rc = imap_next_text(parse, &delimiter, 1, err) < 0
			 ? -1
			 : imap_next_text(parse, &wire, 4096, err);
	if (rc == 1 && delimiter.len && !listing->imap->knows_namespace)
		listing->imap->delimiter = *delimiter.data;
	if (rc == 1 && listing->count >= MAILBOXES_MAX)
		rc = err_set_kind(err, ERR_CORRUPT, _("%s tells of more mailboxes than can be."),
				  imap_host(listing->imap->client));
	if (rc == 1 && strlen(buf_str(&wire)) == wire.len &&
	    (found = add_found(listing, buf_str(&wire)))) {
		found->mailbox.is_subscribed |= told.is_subscribed || is_lsub;
		found->mailbox.is_selectable &= told.is_selectable || is_lsub;
		if (told.role && !is_lsub)
			found->mailbox.role = told.role;
	}
	buf_free(&delimiter);
	buf_free(&wire);
	return rc < 0 ? -1 : 1;
}

static const struct {
	const char *word;
	size_t offset;
} status_words[] = {
    {"MESSAGES", offsetof(struct backend_mailbox, messages)},
    {"UNSEEN", offsetof(struct backend_mailbox, unseen)},
    {"UIDNEXT", offsetof(struct backend_mailbox, uidnext)},
    {"UIDVALIDITY", offsetof(struct backend_mailbox, uidvalidity)},
    {"HIGHESTMODSEQ", offsetof(struct backend_mailbox, modseq)},
};

static int64_t *status_value(struct backend_mailbox *mailbox, struct span word)
{
	for (size_t i = 0; i < ARRAY_COUNT(status_words); i++)
		if (imap_is(word, status_words[i].word))
			return (int64_t *)((char *)mailbox + status_words[i].offset);
	return NULL;
}

static int read_status(struct imap_parse *parse, struct backend_mailbox *mailbox, struct err *err)
{
	int token = imap_next(parse, err);

	if (token != IMAP_OPEN)
		return token < 0 ? -1 : 0;
	while ((token = imap_next(parse, err)) == IMAP_ATOM) {
		int64_t *value = status_value(mailbox, parse->text);
		uint64_t number;

		if (!value && imap_skip_value(parse, err))
			return -1;
		if (value && imap_next_number(parse, INT64_MAX, &number, err))
			return -1;
		if (value)
			*value = (int64_t)number;
	}
	return token < 0 ? -1 : 0;
}

static int hear_status(struct listing *listing, struct imap_parse *parse, struct err *err)
{
	struct backend_mailbox nobody;
	struct buf wire = BUF_INIT;
	struct found *found;
	int rc = imap_next_text(parse, &wire, 4096, err);

	if (rc == 1) {
		found = find(listing, buf_str(&wire));
		rc = read_status(parse, found ? &found->mailbox : &nobody, err);
	}
	buf_free(&wire);
	return rc < 0 ? -1 : 1;
}

static int hear_listing(void *arg, const struct imap_said *said, struct imap_parse *parse,
			struct err *err)
{
	if (said->kind == IMAP_SAID_LIST || said->kind == IMAP_SAID_LSUB)
		return hear_list(arg, said->kind == IMAP_SAID_LSUB, parse, err);
	return said->kind == IMAP_SAID_STATUS ? hear_status(arg, parse, err) : 0;
}

static const char *items_of(const struct imap_backend *imap)
{
	return imap_can_modseq(imap) ? STATUS_ITEMS_MODSEQ : STATUS_ITEMS;
}

static int list_extended(struct listing *listing, struct err *err)
{
	struct imap_backend *imap = listing->imap;
	const char *special = imap->client->can[IMAP_CAN_SPECIAL_USE] ? "SPECIAL-USE " : "";

	return imap_run(imap->client, err, "LIST \"\" \"*\" RETURN (%sSUBSCRIBED STATUS (%s))",
			special, items_of(imap));
}

/* Servers of the old kind: who is there, who is subscribed to, in one trip. */
static int list_plain(struct listing *listing, struct err *err)
{
	struct imap_client *client = listing->imap->client;
	int list = imap_send(client, err, "LIST \"\" \"*\""), lsub;
	struct err ignored = ERR_INIT;

	lsub = list > 0 ? imap_send(client, err, "LSUB \"\" \"*\"") : -1;
	if (lsub < 0 || imap_finish(client, list, err))
		return -1;
	if (imap_finish(client, lsub, &ignored) == 0 || !client->is_broken)
		return 0;
	if (err)
		*err = ignored;
	return -1;
}

/* A mailbox whose state cannot be told keeps -1. */
static int finish_status(struct imap_client *client, int number, struct err *err)
{
	return imap_finish(client, number, err) == 0 || !client->is_broken ? 0 : -1;
}

static int ask_status(struct listing *listing, const char *wire, struct err *err)
{
	struct buf name = BUF_INIT;
	int number = imap_add_name(&name, wire, err);

	if (number == 0)
		number = imap_send(listing->imap->client, err, "STATUS %s (%s)", buf_str(&name),
				   items_of(listing->imap));
	buf_free(&name);
	return number;
}

static int ask_all_status(struct listing *listing, struct err *err)
{
	int window[STATUS_DEPTH];
	size_t sent = 0, done = 0;

	for (size_t i = 0; i < listing->count; i++) {
		if (!listing->items[i]->mailbox.is_selectable)
			continue;
		if (sent - done == STATUS_DEPTH &&
		    finish_status(listing->imap->client, window[done++ % STATUS_DEPTH], err))
			return -1;
		if ((window[sent % STATUS_DEPTH] =
			 ask_status(listing, listing->items[i]->wire, err)) < 0)
			return -1;
		sent++;
	}
	while (done < sent)
		if (finish_status(listing->imap->client, window[done++ % STATUS_DEPTH], err))
			return -1;
	return 0;
}

/* --- what it means --- */

static bool is_below(const char *wire, const struct buf *prefix)
{
	return str_starts_nocase(wire, buf_str(prefix)) && strlen(wire) > prefix->len;
}

/* A server without NAMESPACE that has all below its inbox (Courier, old Cyrus) takes new ones nowhere else. */
static void guess_prefix(struct listing *listing)
{
	struct imap_backend *imap = listing->imap;
	struct buf below = BUF_INIT;
	size_t count = 0;

	if (imap->client->can[IMAP_CAN_NAMESPACE] || !imap->delimiter)
		return;
	buf_printf(&below, "INBOX%c", imap->delimiter);
	for (size_t i = 0; i < listing->count; i++)
		count += is_below(listing->items[i]->wire, &below);
	buf_clear(&imap->prefix);
	if (count > 0 && count + 1 == listing->count)
		buf_add_str(&imap->prefix, buf_str(&below));
	buf_free(&below);
}

/* Of two mailboxes with one name the second cannot be shown. */
static void name_all(struct listing *listing)
{
	struct map *names = map_new();

	for (size_t i = 0; i < listing->count; i++) {
		struct found *found = listing->items[i];
		struct buf name = BUF_INIT;

		if (imap_name_of(&listing->imap->base, found->wire, &name) &&
		    !map_set(names, buf_str(&name), found))
			found->name = mem_strdup(buf_str(&name));
		found->mailbox.name = found->name;
		found->mailbox.wire = found->wire;
		if (found->name && strcmp(found->name, "INBOX") == 0)
			found->mailbox.role = ROLE_INBOX;
		buf_free(&name);
	}
	map_free(&names, NULL);
}

static bool has_role(const struct listing *listing, enum account_role role)
{
	for (size_t i = 0; i < listing->count; i++)
		if (listing->items[i]->mailbox.role == role)
			return true;
	return false;
}

/* Where the server does not say what a mailbox is for, its name may; only one each. */
static void guess_roles(struct listing *listing)
{
	for (size_t i = 0; i < listing->count && i < GUESSES_MAX; i++) {
		struct found *found = listing->items[i];
		enum account_role role = found->name ? imap_role_of_name(found->name) : ROLE_NONE;

		if (role && !found->mailbox.role && found->mailbox.is_selectable &&
		    !has_role(listing, role))
			found->mailbox.role = role;
	}
}

static int list_all(struct listing *listing, struct err *err)
{
	struct imap_client *client = listing->imap->client;
	bool is_extended = client->can[IMAP_CAN_LIST_EXTENDED] && client->can[IMAP_CAN_LIST_STATUS];

	if (imap_learn_namespace(listing->imap, err))
		return -1;
	imap_listen(listing->imap, hear_listing, listing);
	if (is_extended)
		return list_extended(listing, err);
	return list_plain(listing, err) ? -1 : ask_all_status(listing, err);
}

int imap_op_list(struct backend *backend,
		 int (*visit)(void *, const struct backend_mailbox *, struct err *), void *arg,
		 struct err *err)
{
	struct listing listing = {.imap = imap_inside(backend), .by_wire = map_new()};
	int rc = list_all(&listing, err);

	imap_listen(listing.imap, NULL, NULL);
	if (rc == 0) {
		guess_prefix(&listing);
		name_all(&listing);
		guess_roles(&listing);
	}
	for (size_t i = 0; rc == 0 && i < listing.count; i++)
		rc = visit(arg, &listing.items[i]->mailbox, err);
	for (size_t i = 0; i < listing.count; i++)
		free_found(listing.items[i]);
	free(listing.items);
	map_free(&listing.by_wire, NULL);
	return rc;
}
