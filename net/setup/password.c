#include "config.h"
#include "net/setup/password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/ask.h"
#include "net/io/secret.h"
#include "net/setup/wish.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

static const char *setting(const struct account *account, const char *key)
{
	const char *value = account_setting(account, key);

	return value ? value : "";
}

static void say(struct notice_conn *conn, const char *words)
{
	struct notice line = {.kind = NOTICE_PROGRESS, .done = 1, .total = 1};

	snprintf(line.text, sizeof line.text, "%s", words);
	notice_send(conn, &line);
}

static int write_file(const char *setting_path, const struct buf *password, struct err *err)
{
	char *path = path_expand(setting_path);
	struct buf line = BUF_INIT;
	int rc;

	buf_reserve(&line, password->len + 2);
	buf_add(&line, password->data, password->len);
	buf_add_char(&line, '\n');
	rc = file_replace(path, line.data, line.len, err);
	secret_wipe(&line);
	free(path);
	return rc;
}

/* The section goes on at the end of the configuration. */
static int name_file(const struct account *account, const struct buf *password, struct err *err)
{
	char *config = path_in(PATH_CONFIG, "config"), *path = secret_keep_file(account->name, password, err);
	struct buf text = BUF_INIT;
	int rc = -1;

	if (path) {
		buf_printf(&text, "[account %s]\n", account->name);
		conf_add_line(&text, "password-file", path);
		rc = conf_append(config, buf_str(&text), err);
	}
	buf_free(&text);
	free(path);
	free(config);
	return rc;
}

static bool fits_keyring(const struct account *account, const struct buf *password)
{
	const char *user = *setting(account, "user") ? setting(account, "user") : account->address;
	const char *sender = *setting(account, "submission-user") ? setting(account, "submission-user") : user;
	char host[PLACE_TEXT_SIZE];

	wish_host(setting(account, "server"), host, sizeof host);
	if (*host && !secret_keep(user, host, password))
		return false;
	wish_host(setting(account, "submission"), host, sizeof host);
	return !*host || secret_keep(sender, host, password);
}

static int keep(struct notice_conn *conn, const struct account *account, const struct buf *password, struct err *err)
{
	if (*setting(account, "password-file"))
		return write_file(setting(account, "password-file"), password, err);
	if (fits_keyring(account, password)) {
		say(conn, _("The password is in the keyring of your desktop."));
		return 0;
	}
	return name_file(account, password, err);
}

static int check(const struct account *account, struct err *err)
{
	if (*setting(account, "password-command"))
		return err_set_kind(err, ERR_USAGE,
				    _("The password of \"%s\" comes from a program (\"password-command\"): change it "
				      "there."),
				    account->name);
	if (!*setting(account, "server") && !*setting(account, "submission"))
		return err_set_kind(err, ERR_USAGE, _("The account \"%s\" has no server that wants a password."),
				    account->name);
	return 0;
}

static int ask(struct notice_conn *conn, const struct account *account, struct buf *password, struct err *err)
{
	struct ask ask = {.conn = conn, .account = account->name};
	char *sentence = mem_printf(_("Password of %s:"), account->address);
	int rc;

	buf_reserve(password, sizeof((struct notice *)0)->text);
	rc = ask_person(&ask, ASK_PASSWORD, sentence, password, err);
	free(sentence);
	if (rc == 0)
		err_set_kind(err, ERR_CANCELLED, _("No password was given."));
	return rc > 0 ? 0 : -1;
}

static int change(struct notice_conn *conn, const char *name, struct err *err)
{
	struct account_list list = {.count = 0};
	struct buf password = BUF_INIT;
	const struct account *account;
	int rc = account_load(&list, err);

	if (rc == 0 && !(account = account_find(&list, name)))
		rc = err_set(err, _("There is no account \"%s\"."), name);
	if (rc == 0 && (rc = check(account, err)) == 0 && (rc = ask(conn, account, &password, err)) == 0)
		rc = keep(conn, account, &password, err);
	secret_wipe(&password);
	account_list_free(&list);
	return rc;
}

int password_run(struct notice_conn *conn, const char *argument)
{
	struct notice done = {.kind = NOTICE_JOB_DONE};
	struct err err = ERR_INIT;

	secret_guard();
	if (change(conn, argument ? argument : "", &err) < 0) {
		done.code = err_exit_code(&err);
		snprintf(done.text, sizeof done.text, "%s", err.text);
	}
	notice_send(conn, &done);
	return 0;
}
