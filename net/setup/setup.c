#include "config.h"
#include "net/setup/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/io/ask.h"
#include "net/io/oauth.h"
#include "net/io/provider.h"
#include "net/io/secret.h"
#include "net/io/tls.h"
#include "net/setup/authorize.h"
#include "net/setup/discover.h"
#include "net/setup/sign_in.h"
#include "net/setup/wish.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"
#include "store/mail/set_up.h"
#include "store/notice/notice.h"

#define JOB_WAIT_MS 30000
#define NAMES_MAX   1000
#define PASSWORDS_MAX 3
#define NAME_BASE_MAX 30

struct setup {
	struct notice_conn *conn;
	struct ask ask;
	struct set_up set_up;
	struct tls_trust *trust;
	struct wish wish; /* what was asked for, then what was found */
	const struct provider *provider;
	struct buf warning;
	bool was_found;
};

/* --- what is told --------------------------------------------------------------------------------- */

static void step(void *arg, bool is_done, const char *words)
{
	struct setup *setup = arg;
	struct notice line = {.kind = NOTICE_PROGRESS, .done = is_done, .total = 1};

	snprintf(line.text, sizeof line.text, "%s", words);
	if (notice_send(setup->conn, &line) < 0)
		_exit(1); /* nobody wants to know any more */
}

static bool may_use(void *arg, const char *words)
{
	struct setup *setup = arg;
	struct buf answer = BUF_INIT;
	int rc = ask_person(&setup->ask, ASK_CONFIRM, words, &answer, NULL);

	buf_free(&answer);
	return rc > 0;
}

static void tell_found(struct setup *setup)
{
	struct notice found = {.kind = NOTICE_JOB};
	struct buf text = BUF_INIT;

	wish_format(&setup->wish, &text);
	if (setup->provider && setup->provider->hint)
		buf_printf(&text, "hint=%s: %s\n", setup->provider->title, _(setup->provider->hint));
	snprintf(found.text, sizeof found.text, "%s", buf_str(&text));
	notice_send(setup->conn, &found);
	buf_free(&text);
}

static int end(struct setup *setup, int rc, const struct err *err)
{
	struct notice done = {.kind = NOTICE_JOB_DONE, .code = rc < 0 ? err_exit_code(err) : 0};

	snprintf(done.account, sizeof done.account, "%s", rc == 0 ? setup->wish.name : "");
	snprintf(done.text, sizeof done.text, "%s", rc < 0 ? err->text : buf_str(&setup->warning));
	notice_send(setup->conn, &done);
	return 0;
}

/* --- looking -------------------------------------------------------------------------------------- */

static void take_found(struct setup *setup, const struct discover *discover)
{
	struct wish *wish = &setup->wish;

	wish_set_place(wish, &discover->incoming);
	if (discover->has_submission)
		wish_set_place(wish, &discover->submission);
	setup->provider = discover->provider;
}

static int look(struct setup *setup, struct err *err)
{
	struct discover discover = {.address = setup->wish.address,
				    .set_up = &setup->set_up,
				    .trust = setup->trust,
				    .step = step,
				    .may_use = may_use,
				    .arg = setup};

	if (*setup->wish.server)
		return 0;
	discover.has_kind = *setup->wish.kind != '\0';
	discover.kind = strcmp(setup->wish.kind, "pop3") == 0 ? PLACE_POP3 : PLACE_IMAP;
	setup->was_found = true;
	if (discover_run(&discover, err) < 0)
		return -1;
	take_found(setup, &discover);
	tell_found(setup);
	return 0;
}

/* --- the account ---------------------------------------------------------------------------------- */

/* Of "me@mail.example.org": "example". */
static void name_of(const char *address, char *name, size_t size)
{
	const char *domain = strrchr(address, '@') + 1, *dot = strrchr(domain, '.');
	size_t len;

	while (dot && dot > domain && dot[-1] != '.')
		dot--;
	if (dot && dot > domain && strchr(dot, '.'))
		domain = dot;
	len = strcspn(domain, ".");
	snprintf(name, size, "%.*s", (int)(len < size ? len : size - 1), domain);
	for (char *c = name; *c; c++)
		if (!char_is_alnum(*c) && *c != '-')
			*c = '-';
	if (!char_is_alnum(*name) || char_is_digit(*name))
		snprintf(name, size, "mail");
	str_lower(name);
}

static int choose_name(struct setup *setup, struct err *err)
{
	struct account_list list;
	char base[NAME_BASE_MAX + 1];
	int i;

	if (*setup->wish.name)
		return account_check_name(setup->wish.name, err);
	if (account_load(&list, NULL) < 0)
		list = (struct account_list){.count = 0};
	name_of(setup->wish.address, base, sizeof base);
	snprintf(setup->wish.name, sizeof setup->wish.name, "%s", base);
	for (i = 2; account_find(&list, setup->wish.name) && i < NAMES_MAX; i++)
		snprintf(setup->wish.name, sizeof setup->wish.name, "%.30s%d", base, i);
	account_list_free(&list);
	return 0;
}

/* REFUSED: what the server said of the last one, or NULL. */
static int get_password(struct setup *setup, const char *refused, struct buf *password, struct err *err)
{
	char *sentence = refused ? mem_printf(_("%s\nPassword of %s:"), refused, setup->wish.address)
				 : mem_printf(_("Password of %s:"), setup->wish.address);
	int rc;

	buf_reserve(password, sizeof((struct notice *)0)->text);
	rc = ask_person(&setup->ask, ASK_PASSWORD, sentence, password, err);
	free(sentence);
	if (rc == 0)
		err_set_kind(err, ERR_CANCELLED, _("No password was given."));
	return rc > 0 ? 0 : -1;
}

/* The keyring takes it for both servers, or a file does. */
static bool fits_keyring(struct setup *setup, const struct buf *password)
{
	char host[PLACE_TEXT_SIZE];

	wish_host(setup->wish.server, host, sizeof host);
	if (!secret_keep(setup->wish.user, host, password))
		return false;
	wish_host(setup->wish.submission, host, sizeof host);
	return !*host || secret_keep(setup->wish.user, host, password);
}

static int keep_password(struct setup *setup, const struct buf *password, struct err *err)
{
	char *path;

	*setup->wish.password_file = '\0';
	if (fits_keyring(setup, password)) {
		step(setup, true, _("The password is in the keyring of your desktop."));
		return 0;
	}
	path = secret_keep_file(setup->wish.name, password, err);
	if (!path)
		return -1;
	snprintf(setup->wish.password_file, sizeof setup->wish.password_file, "%s", path);
	free(path);
	return 0;
}

static int write_account(struct setup *setup, struct err *err)
{
	struct account account;
	struct wish_settings settings;

	wish_account(&setup->wish, &settings, &account);
	return account_add(&account, err);
}

static int try_and_keep(struct setup *setup, const struct buf *password, struct err *err)
{
	struct sign_in sign_in = {.wish = &setup->wish,
				  .ask = &setup->ask,
				  .trust = setup->trust,
				  .conn = setup->conn,
				  .was_found = setup->was_found,
				  .step = step,
				  .arg = setup};

	if (sign_in_fetch(&sign_in, err) < 0)
		return -1;
	if (!*setup->wish.submission)
		buf_add_str(&setup->warning, _("No server that takes letters was found: you can read, but not send. "
					       "\"submission\" in the configuration names one."));
	else if (sign_in_send(&sign_in, err) < 0)
		buf_printf(&setup->warning, _("You can read, but not send yet: %s"), err->text);
	err_clear(err);
	if (password && keep_password(setup, password, err) < 0)
		return -1;
	return write_account(setup, err);
}

/* While it is tried it lies in memory, under a name that only this process knows: who leaves leaves nothing behind. */
static int hold_password(struct setup *setup, const struct buf *password, struct err *err)
{
	int fd = memfd_create("password", MFD_CLOEXEC);

	if (fd < 0 || fchmod(fd, 0600) < 0 || file_write_fd(fd, password->data, password->len, err) < 0)
		return err_errno(err, _("keeping the password in memory"));
	snprintf(setup->wish.password_file, sizeof setup->wish.password_file, "/proc/self/fd/%d", fd);
	return 0;
}

/* What a provider wants is said with the refusal, where it helps. */
static void add_hint(const struct setup *setup, struct err *err)
{
	char words[sizeof err->text];

	if (err->kind != ERR_DENIED || setup->ask.was_distrusted)
		return;
	snprintf(words, sizeof words, "%s", err->text);
	if (setup->provider && setup->provider->hint)
		err_set_kind(err, ERR_DENIED, "%.600s %s: %s", words, setup->provider->title,
			     _(setup->provider->hint));
	else
		err_set_kind(err, ERR_DENIED, "%.700s %s", words,
			     _("If it is the password: some providers want one that is made for mail programs."));
}

static int try_password(struct setup *setup, const char *refused, struct err *err)
{
	struct buf password = BUF_INIT;
	int rc = get_password(setup, refused, &password, err);

	/* What is not ASCII is prepared by some servers in ways of their own. */
	setup->ask.is_hurried = utf8_is_ascii(buf_str(&password), password.len);
	setup->ask.was_secret_given = false;
	if (rc == 0)
		rc = hold_password(setup, &password, err);
	if (rc == 0 && (rc = try_and_keep(setup, &password, err)) < 0)
		add_hint(setup, err);
	secret_wipe(&password);
	return rc;
}

static bool was_refused(const struct setup *setup, const struct err *err)
{
	return err->kind == ERR_DENIED && setup->ask.was_secret_given && !setup->ask.was_distrusted;
}

static int with_password(struct setup *setup, struct err *err)
{
	int rc = try_password(setup, NULL, err);

	for (int i = 1; rc < 0 && setup->wish.asks_again && i < PASSWORDS_MAX && was_refused(setup, err); i++) {
		struct err refused = *err;

		err_clear(err);
		rc = try_password(setup, refused.text, err);
		if (rc < 0 && err->kind == ERR_CANCELLED)
			*err = refused;
	}
	return rc;
}

/* --- what becomes of the letters on the server ---------------------------------------------------- */

static int ask_removal(struct setup *setup, const char *sentence, struct err *err)
{
	struct buf answer = BUF_INIT;
	int rc = ask_person(&setup->ask, ASK_LEAVE, sentence, &answer, err);

	if (rc == 0)
		err_set_kind(err, ERR_CANCELLED, _("It was cancelled; no letter was fetched."));
	if (rc > 0)
		snprintf(setup->wish.leave_days, sizeof setup->wish.leave_days, "%s", buf_str(&answer));
	buf_free(&answer);
	return rc > 0 ? 0 : -1;
}

/* Before it happens: other programs and telephones may want the letters there. */
static int tell_removal(struct setup *setup, struct err *err)
{
	static const char *const sentence =
	    N_("Letters fetched by POP3 are removed from the server as soon as they are safe on this disk.");

	if (strcmp(setup->wish.kind, "pop3") != 0 || *setup->wish.leave_days)
		return 0;
	if (setup->wish.asks_leave)
		return ask_removal(setup, _(sentence), err);
	step(setup, true, _(sentence));
	step(setup, true, _("With --leave-days N they stay there for N days."));
	return 0;
}

/* Signs in by a browser; what a password would have been is a token then. */
static int with_token(struct setup *setup, struct err *err)
{
	struct wish_settings settings;
	struct account account;
	struct oauth_talk talk;

	wish_account(&setup->wish, &settings, &account);
	authorize_talk(&talk, setup->conn);
	step(setup, false, _("Waiting for you to sign in with a browser"));
	if (oauth_authorize(&account, false, &talk, err) < 0)
		return -1;
	step(setup, true, _("The browser signed in."));
	return try_and_keep(setup, NULL, err);
}

/* Who has written a client id down for a provider means it. */
static bool wants_token(struct setup *setup, bool *can)
{
	struct wish_settings settings;
	struct account account;

	wish_account(&setup->wish, &settings, &account);
	*can = oauth_is_configured(&account);
	return setup->wish.wants_oauth || (setup->provider && (*can || setup->provider->takes_no_password));
}

static int no_client(const struct setup *setup, struct err *err)
{
	if (setup->provider && setup->provider->hint)
		return err_set_kind(err, ERR_DENIED, "%s: %s", setup->provider->title, _(setup->provider->hint));
	return err_set_kind(err, ERR_DENIED,
			    _("This server takes OAuth2 tokens only, and no client id is set for it: make the account "
			      "by \"tern account add\", with \"token-command\" or \"oauth-client-id\"."));
}

static bool has_own_secret(const struct setup *setup)
{
	return wish_has(&setup->wish, "password-command") || wish_has(&setup->wish, "token-command") ||
	       *setup->wish.password_file;
}

static int make(struct setup *setup, struct err *err)
{
	bool can = false;

	if (choose_name(setup, err) < 0 || tell_removal(setup, err) < 0)
		return -1;
	if (has_own_secret(setup))
		return try_and_keep(setup, NULL, err);
	if (!wants_token(setup, &can))
		return with_password(setup, err);
	return can ? with_token(setup, err) : no_client(setup, err);
}

/* --- together ------------------------------------------------------------------------------------- */

static int read_job(struct setup *setup, struct err *err)
{
	struct notice job = {.kind = NOTICE_NONE};

	while (job.kind != NOTICE_JOB)
		if (notice_wait(setup->conn, JOB_WAIT_MS, &job) <= 0)
			return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
	return wish_parse(&setup->wish, job.text, err);
}

static int run(struct setup *setup, struct err *err)
{
	if (read_job(setup, err) < 0)
		return -1;
	if (setup->set_up.ca && !*setup->wish.ca)
		snprintf(setup->wish.ca, sizeof setup->wish.ca, "%s", setup->set_up.ca);
	setup->trust = tls_trust_new(*setup->wish.ca ? setup->wish.ca : NULL, NULL, NULL, err);
	if (!setup->trust || look(setup, err) < 0)
		return -1;
	return setup->wish.only_finds ? 0 : make(setup, err);
}

int setup_run(struct notice_conn *conn, const char *argument)
{
	struct setup setup = {.conn = conn, .ask = {.conn = conn, .account = ""}, .warning = BUF_INIT};
	struct err err = ERR_INIT;
	int rc;

	(void)argument;
	secret_guard();
	set_up_load(&setup.set_up);
	rc = run(&setup, &err);
	end(&setup, rc, &err);
	tls_trust_free(&setup.trust);
	set_up_free(&setup.set_up);
	buf_free(&setup.warning);
	return 0;
}
