#include "config.h"
#include "net/sync/pop3_sign_in.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/ask.h"
#include "net/io/promised.h"
#include "net/io/sasl.h"
#include "net/io/secret.h"
#include "net/io/stream.h"
#include "net/protocol/pop3_client.h"
#include "net/sync/pop3.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/store.h"

#define PORT_TLS   995
#define PORT_PLAIN 110

struct entry {
	const struct pop3_round *round;
	const struct account *account;
	char *host;
	const char *user;
	bool is_retry, was_password_used;
	struct buf password; /* tried last */
	struct stream_options place;
	struct sasl_who who;
	struct promised promised;
	char log_name[80];
};

static const char *setting(const struct entry *entry, const char *key, const char *otherwise)
{
	const char *value = account_setting(entry->account, key);

	return value && *value ? value : otherwise;
}

static int get_password(void *arg, struct buf *secret, struct err *err)
{
	struct entry *entry = arg;

	if (!entry->password.len && !entry->is_retry && entry->round->password->len)
		buf_add(&entry->password, entry->round->password->data, entry->round->password->len);
	if (!entry->password.len && secret_get(entry->account, entry->user, entry->host, entry->is_retry,
					       entry->round->ask, &entry->password, err) < 0)
		return -1;
	entry->was_password_used = true;
	buf_add(secret, entry->password.data, entry->password.len);
	return 0;
}

static int get_token(void *arg, struct buf *secret, struct err *err)
{
	struct entry *entry = arg;

	return secret_token(entry->account, entry->is_retry, entry->round->ask, secret, err);
}

/* The stream lives longer than an entry: what it calls gets the round. */
static bool accept_certificate(void *arg, const struct tls_certificate *certificate)
{
	const struct pop3_round *round = arg;

	return ask_about_certificate(round->ask, certificate);
}

static int woken(void *arg)
{
	const struct pop3_round *round = arg;

	return round->woken ? round->woken(round->arg) : 0;
}

static void quiet(void *arg, bool is_quiet)
{
	const struct pop3_round *round = arg;

	if (round->quiet)
		round->quiet(round->arg, is_quiet);
}

static enum stream_tls tls_of(const struct entry *entry)
{
	const char *word = setting(entry, "tls", "implicit");

	if (strcmp(word, "none") == 0)
		return STREAM_PLAIN;
	return strcmp(word, "starttls") == 0 ? STREAM_STARTTLS : STREAM_TLS;
}

static bool is_hurried(const struct entry *entry)
{
	return entry->round->ask && entry->round->ask->is_hurried;
}

static int prepare(struct entry *entry, struct err *err)
{
	const char *server = setting(entry, "server", NULL);
	enum stream_tls tls = tls_of(entry);
	int port;

	if (!server)
		return err_set_kind(err, ERR_USAGE, _("The account \"%s\" has no \"server\"."),
				    entry->account->name);
	if (stream_parse_place(server, tls == STREAM_TLS ? PORT_TLS : PORT_PLAIN, &entry->host, &port,
			       err) < 0)
		return -1;
	if (promised_begin(&entry->promised, entry->account->name, "pop", entry->host, port, tls != STREAM_PLAIN,
			   err) < 0)
		return -1;
	entry->user = setting(entry, "user", entry->account->address);
	snprintf(entry->log_name, sizeof entry->log_name, "%s pop3", entry->account->name);
	entry->place = (struct stream_options){.host = entry->host,
					       .port = port,
					       .tls = tls,
					       .trust = entry->round->trust,
					       .unknown = accept_certificate,
					       .wake_fd = entry->round->wake_fd,
					       .woken = woken,
					       .quiet = quiet,
					       .arg = (void *)(uintptr_t)entry->round,
					       .log_name = entry->log_name};
	entry->who = (struct sasl_who){.user = entry->user,
				       .service = "pop",
				       .host = entry->host,
				       .port = port,
				       .has_certificate = setting(entry, "certificate", NULL) != NULL,
				       .only = setting(entry, "auth", NULL),
				       .is_wrong = is_hurried(entry) ? &entry->round->ask->is_wrong : NULL,
				       .promised = promised_mechanism(&entry->promised),
				       .account = entry->account->name,
				       .password = secret_has_password(entry->account) ? get_password : NULL,
				       .token = secret_has_token(entry->account) ? get_token : NULL,
				       .arg = entry};
	return 0;
}

static struct pop3 *try_once(struct entry *entry, struct err *err)
{
	struct stream *stream = stream_connect(&entry->place, err);

	return stream ? pop3_open(stream, entry->place.tls == STREAM_STARTTLS, &entry->who, err) : NULL;
}

/* A password that was refused is forgotten, and asked for again once. */
static struct pop3 *try_twice(struct entry *entry, struct err *err)
{
	struct pop3 *pop3 = try_once(entry, err);

	if (pop3 || !entry->was_password_used || err->kind != ERR_DENIED)
		return pop3;
	secret_wipe(&entry->password);
	secret_wipe(entry->round->password);
	entry->is_retry = true;
	return entry->round->ask ? try_once(entry, err) : NULL;
}

struct pop3 *pop3_sign_in(const struct pop3_round *round, struct err *err)
{
	struct entry entry = {.round = round,
			      .account = round->account ? round->account : store_account(round->store)};
	struct pop3 *pop3;

	if (round->ask)
		round->ask->was_secret_given = false;
	pop3 = prepare(&entry, err) == 0 ? try_twice(&entry, err) : NULL;
	if (!pop3)
		secret_advise(entry.account, round->ask, err);
	if (pop3)
		promised_keep(&entry.promised, stream_is_tls(pop3_stream(pop3)), pop3_mechanism(pop3));
	if (pop3 && entry.password.len && !round->password->len)
		buf_add(round->password, entry.password.data, entry.password.len);
	secret_wipe(&entry.password);
	free(entry.host);
	return pop3;
}
