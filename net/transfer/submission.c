#include "config.h"
#include "net/transfer/submission.h"

#include <stdlib.h>
#include <string.h>

#include "net/io/ask.h"
#include "net/io/promised.h"
#include "net/io/sasl.h"
#include "net/io/secret.h"
#include "net/io/stream.h"
#include "net/io/tls.h"
#include "net/protocol/smtp_client.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/account.h"

#define PORT_TLS      465
#define PORT_STARTTLS 587
#define SILENCE_MS    300000 /* a server may take its time to store a letter (RFC 5321 4.5.3.2) */
#define TOO_MANY      452    /* recipients at once: some were taken, the others go with the next */

struct submission {
	struct notice_conn *conn;
	struct smtp *smtp;
	char *account; /* whose connection it is, and whose typed password is kept: all its settings */
	struct buf kept;
	struct submission_ears ears;
	struct ask *ask; /* while it connects */
	bool is_down;
	struct tls_trust *trust;
	char *trusted; /* the files it was made of */
};

/* What one connection is made with; lives as long as smtp_open. */
struct plan {
	const struct account *account;
	const char *user;
	char *host;
	int port;
	struct stream_options stream;
	struct sasl_who who;
	struct smtp_options smtp;
	struct promised promised;
	struct ask ask;
	int password_calls, token_calls;
};

struct submission *submission_new(struct notice_conn *conn)
{
	struct submission *submission = mem_alloc(sizeof *submission);

	submission->conn = conn;
	submission->ears.wake_fd = -1;
	submission->account = mem_strdup("");
	submission->trusted = mem_strdup("");
	return submission;
}

void submission_listen(struct submission *submission, const struct submission_ears *ears)
{
	submission->ears = *ears;
}

void submission_rest(struct submission *submission)
{
	smtp_close(&submission->smtp);
}

void submission_free(struct submission **submission)
{
	if (!*submission)
		return;
	submission_rest(*submission);
	secret_wipe(&(*submission)->kept);
	tls_trust_free(&(*submission)->trust);
	free((*submission)->trusted);
	free((*submission)->account);
	free(*submission);
	*submission = NULL;
}

bool submission_is_connected(const struct submission *submission)
{
	return submission->smtp != NULL;
}

bool submission_is_down(const struct submission *submission)
{
	return submission->is_down;
}

static const char *setting(const struct account *account, const char *key)
{
	const char *value = account_setting(account, key);

	return value ? value : "";
}

bool submission_can(const struct account *account)
{
	return account && *setting(account, "submission");
}

/* --- secrets and questions ------------------------------------------------------------------------ */

static struct ask *ask_of(struct plan *plan)
{
	return plan->ask.conn ? &plan->ask : NULL;
}

static int give_password(void *arg, struct buf *secret, struct err *err)
{
	struct plan *plan = arg;

	return secret_get(plan->account, plan->user, plan->host, plan->password_calls++ > 0, ask_of(plan),
			  secret, err);
}

static int give_token(void *arg, struct buf *secret, struct err *err)
{
	struct plan *plan = arg;

	return secret_token(plan->account, plan->token_calls++ > 0, ask_of(plan), secret, err);
}

static bool ask_unknown(void *arg, const struct tls_certificate *certificate)
{
	struct submission *submission = arg;

	return ask_about_certificate(submission->ask, certificate);
}

static int hear(void *arg)
{
	struct submission *submission = arg;

	return submission->ears.woken ? submission->ears.woken(submission->ears.arg) : 1;
}

/* --- the plan ------------------------------------------------------------------------------------- */

static enum stream_tls tls_kind(const struct account *account)
{
	const char *word = setting(account, "submission-tls");

	if (strcmp(word, "starttls") == 0)
		return STREAM_STARTTLS;
	return strcmp(word, "none") == 0 ? STREAM_PLAIN : STREAM_TLS;
}

static const char *user_of(const struct account *account)
{
	if (*setting(account, "submission-user"))
		return setting(account, "submission-user");
	return *setting(account, "user") ? setting(account, "user") : account->address;
}

/* "auth = none": this server wants nobody to sign in. */
static bool signs_in(const struct account *account)
{
	return !str_equal_nocase(setting(account, "auth"), "none");
}

static bool has_secret(const struct account *account)
{
	return *setting(account, "password-command") || *setting(account, "password-file") ||
	       secret_has_token(account);
}

static void plan_sign_in(struct plan *plan)
{
	const struct account *account = plan->account;

	plan->who = (struct sasl_who){.user = plan->user,
				      .has_certificate = *setting(account, "certificate") != '\0',
				      .only = *setting(account, "auth") ? setting(account, "auth") : NULL,
				      .password = secret_has_password(account) ? give_password : NULL,
				      .token = secret_has_token(account) ? give_token : NULL,
				      .promised = promised_mechanism(&plan->promised),
				      .account = account->name,
				      .arg = plan};
	if (signs_in(account))
		plan->smtp.who = &plan->who;
	plan->smtp.must_sign_in = signs_in(account) && has_secret(account);
}

static char *path_setting(const struct account *account, const char *key)
{
	return *setting(account, key) ? path_expand(setting(account, key)) : NULL;
}

/* Reading the system's certificates takes its time: once for the same files. */
static int load_trust(struct submission *submission, const struct account *account, struct err *err)
{
	char *ca = path_setting(account, "ca"), *own = path_setting(account, "certificate"),
	     *key = path_setting(account, "certificate-key");
	char *files = mem_printf("%s\n%s\n%s", ca ? ca : "", own ? own : "", key ? key : "");

	if (!submission->trust || strcmp(files, submission->trusted) != 0) {
		tls_trust_free(&submission->trust);
		submission->trust = tls_trust_new(ca, own, key, err);
	}
	free(ca);
	free(own);
	free(key);
	free(submission->trusted);
	submission->trusted = files;
	return submission->trust ? 0 : -1;
}

static int make_plan(struct submission *submission, const struct account *account, struct plan *plan,
		     char *log_name, struct err *err)
{
	enum stream_tls tls = tls_kind(account);

	*plan = (struct plan){.account = account, .user = user_of(account)};
	if (stream_parse_place(setting(account, "submission"), tls == STREAM_TLS ? PORT_TLS : PORT_STARTTLS,
			       &plan->host, &plan->port, err) < 0 ||
	    promised_begin(&plan->promised, account->name, "smtp", plan->host, plan->port, tls != STREAM_PLAIN,
			   err) < 0 ||
	    (tls != STREAM_PLAIN && load_trust(submission, account, err) < 0))
		return -1;
	plan->ask = (struct ask){
	    .conn = submission->conn, .account = account->name, .kept = &submission->kept,
	    .other = submission->ears.other, .arg = submission->ears.arg};
	plan->stream = (struct stream_options){.host = plan->host,
					       .port = plan->port,
					       .tls = tls,
					       .trust = submission->trust,
					       .unknown = ask_unknown,
					       .silence_ms = SILENCE_MS,
					       .wake_fd = submission->ears.wake_fd,
					       .woken = hear,
					       .arg = submission,
					       .log_name = log_name};
	plan->smtp.stream = &plan->stream;
	plan_sign_in(plan);
	return 0;
}

/* --- the connection ------------------------------------------------------------------------------- */

/* All that the configuration says of it: a change of it begins anew. */
static char *whole_account(const struct account *account)
{
	struct buf text = BUF_INIT;
	size_t i;

	buf_printf(&text, "%s\n%s\n", account->name, account->address);
	for (i = 0; i < account->setting_count; i++)
		buf_printf(&text, "%s=%s\n", account->keys[i], account->values[i]);
	return buf_take(&text);
}

static void change_account(struct submission *submission, const struct account *account)
{
	char *whole = whole_account(account);

	if (strcmp(submission->account, whole) != 0) {
		smtp_close(&submission->smtp);
		secret_wipe(&submission->kept);
	}
	free(submission->account);
	submission->account = whole;
}

static int connect_to(struct submission *submission, const struct account *account,
		      void (*step)(void *arg, const char *what), void *arg, struct err *err)
{
	char *log_name = mem_printf("%s submission", account->name);
	struct plan plan;

	log_set_debug(account_logs_protocol(account));
	change_account(submission, account);
	smtp_close(&submission->smtp);
	if (make_plan(submission, account, &plan, log_name, err) == 0) {
		plan.smtp.step = step;
		plan.smtp.arg = arg;
		submission->ask = ask_of(&plan);
		submission->smtp = smtp_open(&plan.smtp, err);
		submission->ask = NULL;
		if (submission->smtp)
			promised_keep(&plan.promised, tls_kind(account) != STREAM_PLAIN,
				      smtp_mechanism(submission->smtp));
	}
	free(plan.host);
	free(log_name);
	submission->is_down = !submission->smtp;
	return submission->smtp ? 0 : -1;
}

static bool is_cancelled(const struct err *err)
{
	return err && err->kind == ERR_CANCELLED;
}

static bool is_untouched(const struct smtp_letter *letter)
{
	for (size_t i = 0; i < letter->count; i++)
		if (letter->recipients[i].verdict != SMTP_OPEN)
			return false;
	return true;
}

/* One that was kept may have been closed by the server meanwhile: then a new one, once. */
static int send_once(struct submission *submission, const struct account *account,
		     struct smtp_letter *letter, struct err *err)
{
	bool is_kept;

	submission->is_down = false;
	change_account(submission, account);
	if (submission->smtp && smtp_is_stale(submission->smtp))
		smtp_close(&submission->smtp);
	is_kept = submission->smtp != NULL;
	if (!is_kept && connect_to(submission, account, NULL, NULL, err) < 0)
		return -1;
	if (smtp_send(submission->smtp, letter, err) == 0)
		return 0;
	smtp_close(&submission->smtp);
	if (!is_kept || is_cancelled(err) || !is_untouched(letter) ||
	    connect_to(submission, account, NULL, NULL, err) < 0)
		return -1;
	if (smtp_send(submission->smtp, letter, err) == 0)
		return 0;
	smtp_close(&submission->smtp);
	return -1;
}

static size_t count_sent(const struct smtp_letter *letter)
{
	size_t i, count = 0;

	for (i = 0; i < letter->count; i++)
		count += letter->recipients[i].verdict == SMTP_SENT;
	return count;
}

/* "452 too many recipients" for the last ones while the first were taken: they go with another copy. */
static bool open_left_over(struct smtp_letter *letter)
{
	bool has_sent = false, has_more = false;
	size_t i;

	for (i = 0; i < letter->count; i++) {
		has_sent |= letter->recipients[i].verdict == SMTP_SENT;
		has_more |= letter->recipients[i].code == TOO_MANY;
	}
	if (!has_sent || !has_more)
		return false;
	for (i = 0; i < letter->count; i++)
		if (letter->recipients[i].code == TOO_MANY)
			letter->recipients[i].verdict = SMTP_OPEN;
	return true;
}

/* Somebody new was sent to each time, or it would go on for ever. */
int submission_send(struct submission *submission, const struct account *account, struct smtp_letter *letter,
		    struct err *err)
{
	size_t before = count_sent(letter);
	int rc = send_once(submission, account, letter, err);

	return rc < 0 ? -1 : count_sent(letter) > before && open_left_over(letter);
}

int submission_check(struct submission *submission, const struct account *account,
		     void (*step)(void *arg, const char *what), void *arg, struct err *err)
{
	int rc = connect_to(submission, account, step, arg, err);

	smtp_close(&submission->smtp);
	return rc;
}
