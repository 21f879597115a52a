#include "config.h"
#include "store/mail/account.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/box/box.h"
#include "store/mime/address.h"

#define SECTION	   "account"
#define NAME_LIMIT 48

static const char *const kind_names[] = {
    [ACCOUNT_LOCAL] = "local", [ACCOUNT_MAILDIR] = "maildir", [ACCOUNT_IMAP] = "imap",
    [ACCOUNT_POP3] = "pop3",   [ACCOUNT_JMAP] = "jmap",	      [ACCOUNT_PATH] = "path",
};

const struct option_row account_rows[] = {
	{SECTION, "kind", OPTION_CHOICE, "local",
	 N_("Where the mail comes from: this computer, a Maildir that other programs fill, a server (jmap: not yet)."),
	 "local maildir imap pop3 jmap", 0, 0},
	{SECTION, "address", OPTION_TEXT, NULL, N_("The address letters are written from."), NULL, 0, 0},
	{SECTION, "other-addresses", OPTION_TEXT, NULL,
	 N_("More addresses of the same person, with commas between."), NULL, 0, 0},
	{SECTION, "real-name", OPTION_TEXT, NULL, N_("The name that stands before the address."), NULL, 0, 0},
	{SECTION, "organisation", OPTION_TEXT, NULL, N_("Sent as Organization; else that of [compose]."),
	 NULL, 0, 0},
	{SECTION, "signature", OPTION_TEXT, NULL,
	 N_("The signature of its letters, \"\\n\" between the lines; else that of [compose]."), NULL, 0, 0},
	{SECTION, "signature-file", OPTION_PATH, NULL,
	 N_("The file that holds the signature; else that of [compose]."), NULL, 0, 0},
	{SECTION, "path", OPTION_PATH, NULL,
	 N_("The folder that holds the mail; without it ~/Mail and the account's name."), NULL, 0, 0},
	{SECTION, "read-only", OPTION_BOOL, "no", N_("Whether the mail is never changed."), NULL, 0, 0},
	{SECTION, "user", OPTION_TEXT, NULL, N_("The name for the server, when not the address."), NULL, 0,
	 0},
	{SECTION, "password-command", OPTION_COMMAND, NULL,
	 N_("A program that prints the password on its first line; it has a minute for it."), NULL, 0, 0},
	{SECTION, "server", OPTION_TEXT, NULL, N_("The server mail is fetched from: host or host:port."),
	 NULL, 0, 0},
	{SECTION, "tls", OPTION_CHOICE, "implicit", N_("How the connection to it is protected."),
	 "implicit starttls none", 0, 0},
	{SECTION, "submission", OPTION_TEXT, NULL,
	 N_("The server letters are given to: host or host:port."), NULL, 0, 0},
	{SECTION, "submission-tls", OPTION_CHOICE, "implicit", N_("How the connection to it is protected."),
	 "implicit starttls none", 0, 0},
	{SECTION, "ca", OPTION_PATH, NULL, N_("A file of certificates to trust besides the system's."),
	 NULL, 0, 0},
	{SECTION, "keep", OPTION_CHOICE, "all", N_("Which letters are kept whole on this machine."),
	 "all recent none", 0, 0},
	{SECTION, "keep-days", OPTION_INT, "90", N_("How many days \"keep = recent\" goes back."), NULL, 1,
	 36500},
	{SECTION, "leave-days", OPTION_INT, "0",
	 N_("How many days letters fetched by POP3 stay on the server; 0: they are removed at once."), NULL, 0,
	 36500},
	{SECTION, "auth", OPTION_TEXT, NULL,
	 N_("The ways of signing in that may be used, with blanks between (none: nobody signs in); without it "
	    "the best that works."),
	 NULL, 0, 0},
	{SECTION, "submission-user", OPTION_TEXT, NULL,
	 N_("The name for the server letters are given to, when it is another one."), NULL, 0, 0},
	{SECTION, "password-file", OPTION_PATH, NULL,
	 N_("A file that holds the password on its first line, readable by nobody else."), NULL, 0, 0},
	{SECTION, "token-command", OPTION_COMMAND, NULL,
	 N_("A program that prints an OAuth access token on its first line; it has a minute for it."), NULL, 0, 0},
	{SECTION, "oauth-client-id", OPTION_TEXT, NULL,
	 N_("As which program to ask for OAuth2 tokens; without it that of [oauth] for its provider."), NULL, 0, 0},
	{SECTION, "oauth-client-secret", OPTION_TEXT, NULL, N_("The secret that came with the client id, if one did."),
	 NULL, 0, 0},
	{SECTION, "oauth-authorize-url", OPTION_TEXT, NULL,
	 N_("Where the browser goes to sign in; without it that of its provider, if it is a known one."), NULL, 0, 0},
	{SECTION, "oauth-token-url", OPTION_TEXT, NULL,
	 N_("Where tokens come from; without it that of its provider, if it is a known one."), NULL, 0, 0},
	{SECTION, "oauth-device-url", OPTION_TEXT, NULL,
	 N_("Where a code for signing in on another device comes from; without it that of its provider."), NULL, 0, 0},
	{SECTION, "oauth-scope", OPTION_TEXT, NULL,
	 N_("What the tokens are asked to be good for; without it what its provider wants for mail."), NULL, 0, 0},
	{SECTION, "certificate", OPTION_PATH, NULL,
	 N_("A file with a certificate of your own, to sign in with."), NULL, 0, 0},
	{SECTION, "certificate-key", OPTION_PATH, NULL, N_("The file with its private key."), NULL, 0, 0},
	{SECTION, "log-protocol", OPTION_BOOL, "no",
	 N_("Write what is said to its servers, without passwords, into the log; else as [mail] says."), NULL, 0, 0},
	{SECTION, "offline", OPTION_BOOL, "no",
	 N_("Make no connections for this account, until the command offline switches it back."), NULL, 0, 0},
};
const size_t account_row_count = ARRAY_COUNT(account_rows);

const struct option_row account_mail_rows[] = {
	{"mail", "default-account", OPTION_TEXT, NULL,
	 N_("The account that is meant where none is named."), NULL, 0, 0},
	{"mail", "log-protocol", OPTION_BOOL, "no",
	 N_("Write what is said to servers, without passwords, into the log."), NULL, 0, 0},
	{"mail", "offline", OPTION_BOOL, "no",
	 N_("Make no connections at all, until the command offline switches that back."), NULL, 0, 0},
};
const size_t account_mail_row_count = ARRAY_COUNT(account_mail_rows);

const char *account_kind_name(enum account_kind kind)
{
	return kind_names[kind];
}

int account_kind_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(kind_names); i++)
		if (strcmp(kind_names[i], name) == 0)
			return (int)i;
	return -1;
}

static void clear(struct account *account)
{
	for (size_t i = 0; i < account->setting_count; i++) {
		free(account->keys[i]);
		free(account->values[i]);
	}
	free(account->keys);
	free(account->values);
	free(account->name);
	free(account->address);
	free(account->real_name);
	free(account->path);
}

void account_free(struct account **account)
{
	if (!*account)
		return;
	clear(*account);
	free(*account);
	*account = NULL;
}

void account_list_free(struct account_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		clear(&list->items[i]);
	free(list->items);
	free(list->default_name);
	memset(list, 0, sizeof *list);
}

int account_check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_LIMIT || !char_is_alnum(*name))
		return err_set_kind(err, ERR_USAGE,
				    _("\"%s\" cannot be an account's name: it begins with a letter or digit "
				      "and has at most %d characters."),
				    name, NAME_LIMIT);
	for (const char *c = name; *c; c++)
		if (!char_is_alnum(*c) && !strchr("-_.", *c))
			return err_set_kind(err, ERR_USAGE,
					    _("\"%s\" cannot be an account's name: only letters, digits, "
					      "\"-\", \"_\" and \".\" can stand in it."),
					    name);
	return 0;
}

static char *default_path(const char *name)
{
	return path_in(PATH_MAIL, name);
}

static void keep_setting(struct account *account, const char *key, const char *value)
{
	size_t n = account->setting_count++;

	account->keys = mem_resize(account->keys, n + 1, sizeof *account->keys);
	account->values = mem_resize(account->values, n + 1, sizeof *account->values);
	account->keys[n] = mem_strdup(key);
	account->values[n] = mem_strdup(value);
}

static void replace(char **text, char *fresh)
{
	free(*text);
	*text = fresh;
}

static char *absolute(const char *text)
{
	char *path = path_expand(text), *whole = path_absolute(path);

	free(path);
	return whole;
}

static void take_setting(struct account *account, const char *key, const char *value)
{
	if (strcmp(key, "kind") == 0)
		account->kind = (enum account_kind)account_kind_by_name(value);
	else if (strcmp(key, "address") == 0)
		replace(&account->address, mem_strdup(value));
	else if (strcmp(key, "real-name") == 0)
		replace(&account->real_name, mem_strdup(value));
	else if (strcmp(key, "path") == 0)
		replace(&account->path, absolute(value));
	else if (strcmp(key, "read-only") == 0)
		account->is_read_only = option_parse_bool(value) == 1;
	else
		keep_setting(account, key, value);
}

static struct account *find(const struct account_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

static void begin(struct account_list *list, struct conf *conf, const struct conf_entry *entry)
{
	struct err err = ERR_INIT;
	struct account *items;

	if (account_check_name(entry->name, &err) < 0) {
		conf_error(conf, entry->file, entry->line, "%s", err.text);
		return;
	}
	if (find(list, entry->name))
		return; /* the section goes on elsewhere */
	items = mem_resize(list->items, list->count + 1, sizeof *items);
	list->items = items;
	items[list->count] = (struct account){.name = mem_strdup(entry->name), .address = mem_strdup("")};
	list->count++;
}

static void load_setting(struct account_list *list, struct conf *conf,
			 const struct conf_entry *entry)
{
	struct account *account = find(list, entry->name);
	struct err err = ERR_INIT;

	if (!account)
		return;
	if (option_check_entry(account_rows, account_row_count, entry->key, entry->value, &err) < 0)
		conf_error(conf, entry->file, entry->line, "%s", err.text);
	else
		take_setting(account, entry->key, entry->value);
}

static bool is_complete(const struct account *account, struct conf *conf)
{
	if (account->kind == ACCOUNT_MAILDIR && !account->path) {
		conf_error(conf, "config", 0, _("[account %s] has no \"path\""), account->name);
		return false;
	}
	return true;
}

static void finish(struct account_list *list, struct conf *conf)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct account *account = &list->items[i];

		if (!is_complete(account, conf)) {
			clear(account);
			continue;
		}
		if (!account->path)
			account->path = default_path(account->name);
		list->items[kept++] = *account;
	}
	list->count = kept;
}

void account_load_conf(struct account_list *list, struct conf *conf)
{
	const char *name = conf_get(conf, "mail", "", "default-account");

	memset(list, 0, sizeof *list);
	for (size_t i = 0; i < conf->count; i++) {
		const struct conf_entry *entry = &conf->entries[i];

		if (strcmp(entry->section, SECTION) != 0)
			continue;
		if (entry->key)
			load_setting(list, conf, entry);
		else
			begin(list, conf, entry);
	}
	finish(list, conf);
	list->default_name = name ? mem_strdup(name) : NULL;
}

int account_load(struct account_list *list, struct err *err)
{
	struct conf *conf = conf_load_own();
	int rc = 0;

	account_load_conf(list, conf);
	for (size_t i = 0; i < conf->error_count; i++)
		log_write(LOG_WARNING, "%s", conf->errors[i]);
	if (conf->error_count && list->count == 0)
		rc = err_set_kind(err, ERR_USAGE, "%s", conf->errors[0]);
	conf_free(&conf);
	return rc;
}

const struct account *account_find(const struct account_list *list, const char *name)
{
	return find(list, name);
}

bool account_logs_protocol(const struct account *account)
{
	const char *own = account_setting(account, "log-protocol");
	struct conf *conf = conf_load_own();
	const char *value = own ? own : conf_get(conf, "mail", "", "log-protocol");
	bool is = value && option_parse_bool(value) == 1;

	conf_free(&conf);
	return is;
}

const char *account_setting(const struct account *account, const char *key)
{
	for (size_t i = account->setting_count; i-- > 0;)
		if (strcmp(account->keys[i], key) == 0)
			return account->values[i];
	return NULL;
}

static bool is_listed(const char *list, const char *addr)
{
	struct span rest = span_of(list), piece;
	bool found = false;

	while (!found && span_split(&rest, ',', &piece)) {
		char *one;

		piece = span_trim(piece);
		one = mem_strndup(piece.data, piece.len);
		found = *one && address_equal(one, addr);
		free(one);
	}
	return found;
}

bool account_is_own(const struct account *account, const char *addr)
{
	const char *others = account_setting(account, "other-addresses");

	if (*addr == '\0')
		return false;
	if (account->address && *account->address && address_equal(account->address, addr))
		return true;
	return others && is_listed(others, addr);
}

const struct account *account_by_address(const struct account_list *list, const char *addr)
{
	for (size_t i = 0; i < list->count; i++)
		if (account_is_own(&list->items[i], addr))
			return &list->items[i];
	return NULL;
}

const struct account *account_default(const struct account_list *list)
{
	const struct account *named = list->default_name ? find(list, list->default_name) : NULL;

	if (named)
		return named;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind == ACCOUNT_LOCAL)
			return &list->items[i];
	return list->count ? &list->items[0] : NULL;
}

static int check_new(const struct account *account, struct err *err)
{
	struct account_list list;
	struct conf *conf;
	bool taken;

	if (account_check_name(account->name, err) < 0)
		return -1;
	conf = conf_load_own();
	account_load_conf(&list, conf);
	taken = find(&list, account->name);
	account_list_free(&list);
	conf_free(&conf);
	if (taken)
		return err_set_kind(err, ERR_EXISTS, _("There is an account \"%s\" already."), account->name);
	if (account->address && *account->address && !address_is_safe(account->address))
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no mail address."), account->address);
	if (account->kind == ACCOUNT_MAILDIR && !account->path)
		return err_set_kind(err, ERR_USAGE, _("An account of kind maildir wants a path."));
	for (size_t i = 0; i < account->setting_count; i++)
		if (option_check_entry(account_rows, account_row_count, account->keys[i],
				       account->values[i], err) < 0)
			return -1;
	return 0;
}

static int make_folders(const char *path, struct err *err)
{
	static const char *const names[] = {"INBOX", "Sent", "Drafts", "Trash", "Archive"};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		char *box = path_join(path, names[i]);
		int rc = box_make(box, BOX_MAILDIR, err);

		free(box);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int check_path(const struct account *account, const char *path, struct err *err)
{
	if (account->kind == ACCOUNT_MAILDIR && !path_exists(path))
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no \"%s\"."), path);
	if (account->kind == ACCOUNT_MAILDIR)
		return 0;
	return path_make_dirs(path, err);
}

void account_format(const struct account *account, struct buf *out)
{
	buf_printf(out, "[account %s]\n", account->name);
	conf_add_line(out, "kind", kind_names[account->kind]);
	if (account->address && *account->address)
		conf_add_line(out, "address", account->address);
	if (account->real_name && *account->real_name)
		conf_add_line(out, "real-name", account->real_name);
	if (account->path)
		conf_add_line(out, "path", account->path);
	if (account->is_read_only)
		conf_add_line(out, "read-only", "yes");
	for (size_t i = 0; i < account->setting_count; i++)
		conf_add_line(out, account->keys[i], account->values[i]);
}

static int append_section(const struct account *account, struct err *err)
{
	struct buf text = BUF_INIT;
	char *path = path_in(PATH_CONFIG, "config");
	int rc;

	account_format(account, &text);
	rc = conf_append(path, buf_str(&text), err);
	buf_free(&text);
	free(path);
	return rc;
}

int account_add(const struct account *account, struct err *err)
{
	char *path;
	int rc;

	if (check_new(account, err) < 0)
		return -1;
	path = account->path ? absolute(account->path) : default_path(account->name);
	rc = check_path(account, path, err);
	if (rc == 0 && (account->kind == ACCOUNT_LOCAL || account->kind == ACCOUNT_POP3))
		rc = make_folders(path, err);
	free(path);
	return rc < 0 ? -1 : append_section(account, err);
}

int account_remove(const char *name, struct err *err)
{
	char *path = path_in(PATH_CONFIG, "config");
	int rc = conf_remove_section(path, SECTION, name, err);

	free(path);
	if (rc == 0)
		return err_set_kind(err, ERR_NOT_FOUND, _("There is no account \"%s\"."), name);
	return rc < 0 ? -1 : 0;
}

struct account *account_for_path(const char *path, bool read_only)
{
	struct account *account = mem_alloc(sizeof *account);

	account->kind = ACCOUNT_PATH;
	account->path = absolute(path);
	account->name = mem_printf("/%.*s", NAME_LIMIT, path_base(account->path));
	account->address = mem_strdup("");
	account->is_read_only = read_only || box_is_letter(path);
	return account;
}
