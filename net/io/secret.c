#include "config.h"
#include "net/io/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/io/ask.h"
#include "net/io/oauth.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/words.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

#define SECRET_MAX   65536 /* room made at once, so that no piece is left behind in memory given back */
#define KEYRING_TOOL "secret-tool"

struct wanted {
	const struct account *account;
	const char *user, *host;
	struct ask *ask; /* may be NULL */
	bool is_retry;
};

void secret_wipe(struct buf *secret)
{
	if (secret->data)
		explicit_bzero(secret->data, secret->cap);
	buf_free(secret);
}

void secret_guard(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* The first line of TEXT, wiped, becomes the secret. */
static int take_line(struct buf *text, struct buf *secret, const char *whence, struct err *err)
{
	size_t len = strcspn(buf_str(text), "\r\n");

	buf_reserve(secret, len + 1);
	buf_add(secret, buf_str(text), len);
	secret_wipe(text);
	return len ? 0 : err_set(err, _("%s gave no password."), whence);
}

/* --- where it may come from ---------------------------------------------------------------------- */

/* NULL: nobody could say anything. */
static const struct child_ear *ear_of(struct ask *ask, struct child_ear *ear)
{
	if (!ask || !ask->conn)
		return NULL;
	*ear = (struct child_ear){.fd = notice_conn_fd(ask->conn), .heard = ask_hear, .arg = ask};
	return ear;
}

/* What a program prints, while whoever asks for it can still be told to leave. */
static int run_heard(struct ask *ask, const char *const *argv, struct buf *out, struct err *err)
{
	struct child_ear ear;

	return child_run_heard(SECRET_WAIT_S, ear_of(ask, &ear), argv, NULL, 0, out, err);
}

static int run(const char *setting, const char *line, struct ask *ask, struct buf *secret, struct err *err)
{
	char **words = words_split(line, err);
	struct buf out = BUF_INIT;
	int rc;

	if (!words)
		return err_add(err, "%s", setting);
	buf_reserve(&out, SECRET_MAX);
	rc = run_heard(ask, (const char *const *)words, &out, err);
	free(words);
	if (rc == 0)
		return take_line(&out, secret, setting, err);
	secret_wipe(&out);
	if (rc > 0)
		return err_set(err, _("The program of \"%s\" ended with code %d."), setting, rc);
	return err_add(err, "%s", setting);
}

static int check_file(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != 0))
		return err_set_kind(err, ERR_DENIED,
				    _("The password file \"%s\" is not a file of your own."), path);
	if (st.st_mode & 077)
		return err_set_kind(err, ERR_DENIED,
				    _("The password file \"%s\" can be read by others; \"chmod 600\" would "
				      "change that."),
				    path);
	return 0;
}

static int read_file(const char *setting, struct buf *secret, struct err *err)
{
	struct buf text = BUF_INIT;
	char *path = path_expand(setting);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc = fd < 0 ? err_errno(err, "%s", path) : check_file(fd, path, err);

	buf_reserve(&text, SECRET_MAX);
	if (rc == 0)
		rc = file_read_fd(fd, &text, SECRET_MAX / 2, err);
	if (rc == 0)
		rc = take_line(&text, secret, path, err);
	secret_wipe(&text);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc < 0 ? -1 : 0;
}

/* Without a desktop's bus its program would try to start one. */
static bool has_keyring(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS"), *dir = getenv("XDG_RUNTIME_DIR");
	char *bus;
	bool is_there;

	if (address && *address)
		return true;
	if (!dir || !*dir)
		return false;
	bus = path_join(dir, "bus");
	is_there = path_exists(bus);
	free(bus);
	return is_there;
}

int secret_look_up(const char *user, const char *host, const struct child_ear *ear, struct buf *secret,
		   struct err *err)
{
	const char *const argv[] = {KEYRING_TOOL, "lookup", "application", "tern", "user", user, "server", host, NULL};
	struct buf out = BUF_INIT;
	struct err why = ERR_INIT;
	bool is_found;

	if (!has_keyring())
		return 0;
	buf_reserve(&out, SECRET_MAX);
	is_found = child_run_heard(SECRET_WAIT_S, ear, argv, NULL, 0, &out, &why) == 0 && out.len > 0 &&
		   take_line(&out, secret, KEYRING_TOOL, NULL) == 0;
	secret_wipe(&out);
	if (why.kind == ERR_CANCELLED)
		return err_set_kind(err, why.kind, "%s", why.text);
	return is_found;
}

bool secret_keep(const char *user, const char *host, const struct buf *secret)
{
	char *label = mem_printf("--label=Tern: %s, %s", user, host);
	const char *const argv[] = {KEYRING_TOOL, "store", "application", "tern", "user",
				    user,	  "server", host,	  label,  NULL};
	bool is_kept = has_keyring() && child_run_within(SECRET_WAIT_S, argv, secret->data, secret->len, NULL,
							 NULL) == 0;

	free(label);
	return is_kept;
}

void secret_take_back(const char *user, const char *host)
{
	const char *const argv[] = {KEYRING_TOOL, "clear", "application", "tern", "user", user, "server", host, NULL};

	if (has_keyring())
		child_run_within(SECRET_WAIT_S, argv, NULL, 0, NULL, NULL);
}

static void keep(const struct wanted *wanted, const struct buf *secret)
{
	if (!secret_keep(wanted->user, wanted->host, secret))
		log_write(LOG_WARNING, "the keyring did not take the password of %s at %s", wanted->user,
			  wanted->host);
}

static int write_line(const char *path, const struct buf *secret, struct err *err)
{
	struct buf line = BUF_INIT;
	int rc;

	buf_reserve(&line, secret->len + 2);
	buf_add(&line, secret->data, secret->len);
	buf_add_char(&line, '\n');
	rc = file_replace(path, line.data, line.len, err);
	secret_wipe(&line);
	return rc;
}

static char *own_file(const char *name)
{
	char *dir = path_in(PATH_DATA, "passwords"), *path = path_join(dir, name);

	free(dir);
	return path;
}

int secret_remove_file(const char *name, struct err *err)
{
	char *path = own_file(name);
	int rc = unlink(path) < 0 && errno != ENOENT ? err_errno(err, "%s", path) : 0;

	free(path);
	return rc;
}

char *secret_keep_file(const char *name, const struct buf *secret, struct err *err)
{
	char *path = own_file(name), *dir = path_parent(path);
	int rc = path_make_dirs(dir, err);

	if (rc == 0)
		rc = write_line(path, secret, err);
	free(dir);
	if (rc == 0)
		return path;
	free(path);
	return NULL;
}

static int ask_for(const struct wanted *wanted, struct buf *secret, struct err *err)
{
	char *sentence =
	    wanted->is_retry
		? mem_printf(_("The server %s refused the password. Password of %s:"), wanted->host, wanted->user)
		: mem_printf(_("Password of %s at %s:"), wanted->user, wanted->host);
	int rc;

	buf_reserve(secret, SECRET_MAX);
	rc = ask_person(wanted->ask, ASK_PASSWORD, sentence, secret, err);
	free(sentence);
	if (rc == 0)
		return err_set_kind(err, ERR_CANCELLED, _("No password was given."));
	if (rc > 0 && wanted->ask->is_to_keep)
		keep(wanted, secret);
	return rc < 0 ? -1 : 0;
}

/* --- in their order ------------------------------------------------------------------------------ */

static bool remembers(const struct wanted *wanted, struct buf *secret)
{
	struct buf *kept = wanted->ask ? wanted->ask->kept : NULL;

	if (!kept || !kept->len)
		return false;
	if (wanted->is_retry) {
		secret_wipe(kept);
		return false;
	}
	buf_reserve(secret, kept->len + 1);
	buf_add(secret, kept->data, kept->len);
	return true;
}

static int remember(const struct wanted *wanted, const struct buf *secret)
{
	struct buf *kept = wanted->ask->kept;

	if (!kept)
		return 0;
	secret_wipe(kept);
	buf_reserve(kept, secret->len + 1);
	buf_add(kept, secret->data, secret->len);
	return 0;
}

static int from_person(const struct wanted *wanted, struct buf *secret, struct err *err)
{
	struct child_ear ear;
	int rc = 0;

	if (remembers(wanted, secret))
		return 0;
	if (!wanted->is_retry)
		rc = secret_look_up(wanted->user, wanted->host, ear_of(wanted->ask, &ear), secret, err);
	if (rc)
		return rc > 0 ? 0 : -1;
	if (!wanted->ask)
		return err_set_kind(err, ERR_NOT_FOUND,
				    _("There is no password for %s at %s: the account has no "
				      "\"password-command\" and no \"password-file\", and nobody is there "
				      "to be asked."),
				    wanted->user, wanted->host);
	return ask_for(wanted, secret, err) < 0 ? -1 : remember(wanted, secret);
}

static int refused_again(const char *setting, struct err *err)
{
	return err_set_kind(err, ERR_DENIED, _("The server refused the password that \"%s\" gives."), setting);
}

/* Who typed it, and has it kept by us, knows of no setting. */
static int typed_was_refused(const struct account *account, const char *file, struct err *err)
{
	char *own = own_file(account->name);
	bool is_own = !strcmp(own, file) || str_starts(file, "/proc/self/fd/");

	free(own);
	return is_own ? err_set_kind(err, ERR_DENIED, _("The server refused the password."))
		      : refused_again("password-file", err);
}

static int get(const struct wanted *wanted, struct buf *secret, struct err *err)
{
	const char *command = account_setting(wanted->account, "password-command");
	const char *file = account_setting(wanted->account, "password-file");

	if (command && *command)
		return wanted->is_retry ? refused_again("password-command", err)
					: run("password-command", command, wanted->ask, secret, err);
	if (file && *file)
		return wanted->is_retry ? typed_was_refused(wanted->account, file, err)
					: read_file(file, secret, err);
	return from_person(wanted, secret, err);
}

int secret_get(const struct account *account, const char *user, const char *host, bool is_retry,
	       struct ask *ask, struct buf *secret, struct err *err)
{
	const struct wanted wanted = {account, user, host, ask, is_retry};
	int rc;

	secret_guard();
	rc = get(&wanted, secret, err);
	if (ask && rc == 0)
		ask->was_secret_given = true;
	return rc;
}

static bool is_set(const struct account *account, const char *key)
{
	const char *value = account_setting(account, key);

	return value && *value;
}

static bool has_own_password(const struct account *account)
{
	return is_set(account, "password-command") || is_set(account, "password-file");
}

bool secret_has_token(const struct account *account)
{
	return is_set(account, "token-command") ||
	       (oauth_is_configured(account) && (oauth_has_token(account) || !has_own_password(account)));
}

bool secret_has_password(const struct account *account)
{
	return has_own_password(account) || !secret_has_token(account);
}

/* Not while an account is set up, which has no name to the world yet. */
void secret_advise(const struct account *account, const struct ask *ask, struct err *err)
{
	char said[sizeof err->text];

	if (!err || err->kind != ERR_DENIED || !ask || !ask->was_secret_given || !ask->account || !*ask->account ||
	    is_set(account, "password-command"))
		return;
	snprintf(said, sizeof said, "%s", err->text);
	err_set_kind(err, ERR_DENIED, _("%s If the password is wrong: \"tern account password %s\" takes another one."),
		     said, account->name);
}

/* A command that is run again may give a fresh one. */
int secret_token(const struct account *account, bool is_retry, struct ask *ask, struct buf *secret,
		 struct err *err)
{
	struct child_ear ear;

	if (!secret_has_token(account))
		return err_set_kind(err, ERR_NOT_FOUND, _("The account \"%s\" has no \"token-command\"."),
				    account->name);
	secret_guard();
	if (is_set(account, "token-command"))
		return run("token-command", account_setting(account, "token-command"), ask, secret, err);
	return oauth_token(account, is_retry, ear_of(ask, &ear), secret, err);
}
