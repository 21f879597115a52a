/* The accounts of this person: sections [account NAME] of the configuration. A mailbox opened by
 * its path (tern -f) is an account of kind ACCOUNT_PATH that stands in no file. */
#ifndef STORE_MAIL_ACCOUNT_H
#define STORE_MAIL_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "store/base/option.h"

struct buf;
struct err;

enum account_kind {
	ACCOUNT_LOCAL,	 /* mail of this computer, delivered by Tern */
	ACCOUNT_MAILDIR, /* a Maildir tree or mbox that other programs fill */
	ACCOUNT_IMAP,
	ACCOUNT_POP3,
	ACCOUNT_JMAP,
	ACCOUNT_PATH,
};

enum account_role {
	ROLE_NONE,
	ROLE_INBOX,
	ROLE_DRAFTS,
	ROLE_SENT,
	ROLE_TRASH,
	ROLE_ARCHIVE,
	ROLE_JUNK
};

struct account {
	char *name;
	enum account_kind kind;
	char *address;	 /* "me@localhost" */
	char *real_name; /* for From, or NULL */
	char *path;	 /* where its folders lie */
	bool is_read_only;
	/* further settings (server, keep, ...) come with their issues: account_setting */
	char **keys, **values;
	size_t setting_count;
};

struct account_list {
	struct account *items;
	size_t count;
	char *default_name; /* "default-account" in [mail], or NULL */
};

struct conf;

/* The options of [account NAME] and of [mail], for the manual and checks. */
extern const struct option_row account_rows[];
extern const size_t account_row_count;
extern const struct option_row account_mail_rows[];
extern const size_t account_mail_row_count;

/* Reads them from the configuration. No file: an empty list. */
int account_load(struct account_list *list, struct err *err);
/* The same from CONF that was read already; accounts with mistakes are left out, and the mistakes
 * stand in CONF's errors. */
void account_load_conf(struct account_list *list, struct conf *conf);
void account_list_free(struct account_list *list);
/* NULL when there is none. */
const struct account *account_find(const struct account_list *list, const char *name);
/* The account whose address is ADDR, or NULL. */
const struct account *account_by_address(const struct account_list *list, const char *addr);
/* Where a program without a choice goes: setting "default-account", else the first of kind local,
 * else the first. NULL: none at all. */
const struct account *account_default(const struct account_list *list);
const char *account_setting(const struct account *account, const char *key); /* or NULL */
/* Checks (name: letters, digits, - _ .; not taken), makes folders (INBOX, Sent, Drafts, Trash,
 * Archive for kinds local and pop3), appends the section to the config file (file_replace). */
/* For kind local ACCOUNT's path may be NULL: ~/Mail/NAME. Settings (keys, values) are checked too.
 */
int account_add(const struct account *account, struct err *err);
int account_remove(const char *name, struct err *err); /* the section only; mail stays */
/* One for PATH, not in any file. Its name is "/" and the last part of PATH: no account of the file
 * can have such a name. */
struct account *account_for_path(const char *path, bool read_only);
/* Is ADDR one of the account's own ("address" and "other-addresses")? */
bool account_is_own(const struct account *account, const char *addr);
/* Does the person want to see what is said to its servers ("log-protocol")? */
bool account_logs_protocol(const struct account *account);
/* May NAME be a new account's? -1 with a sentence. */
int account_check_name(const char *name, struct err *err);
/* Appends the section as it stands in a configuration. */
void account_format(const struct account *account, struct buf *out);
void account_free(struct account **account);
const char *account_kind_name(enum account_kind kind);
int account_kind_by_name(const char *name); /* or -1 */

#endif
