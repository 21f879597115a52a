#include "config.h"
#include "net/io/oauth.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "net/io/http.h"
#include "net/io/oauth_browser.h"
#include "net/io/oauth_place.h"
#include "net/io/secret.h"
#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/digest.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/account.h"

#define TOKEN_MAX	16384
#define BEFORE_END_S	120  /* a token that ends so soon is renewed */
#define LIFE_S		3600 /* where the server does not say */
#define FRESH_S		60   /* refused so young: another one would be refused too */
#define AUTHORIZE_MS	300000
#define GRACE_MS	2500 /* a new token is given once only; less than ternd gives its workers to end */
#define NAP_MS		50
#define INTERVAL_S	5
#define INTERVAL_MAX_S	60
#define RANDOM_SIZE	32
#define KEYRING_SERVER	"oauth"

/* --- answers -------------------------------------------------------------------------------------- */

void oauth_answer_free(struct oauth_answer *answer)
{
	char **const texts[] = {&answer->access, &answer->refresh, &answer->device_code, &answer->user_code,
				&answer->url};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (*texts[i])
			explicit_bzero(*texts[i], strlen(*texts[i]));
		free(*texts[i]);
	}
	*answer = (struct oauth_answer){.access = NULL};
}

/* RFC 6750: what stands behind "Bearer " must be able to stand there. */
static char *copy_token(const struct jv *object, const char *key)
{
	const char *text = jv_get_text(object, key), *c;

	if (!text || !*text || strlen(text) > TOKEN_MAX)
		return NULL;
	for (c = text; *c; c++)
		if (*c <= ' ' || *c > '~')
			return NULL;
	return mem_strdup(text);
}

static void copy_words(const struct jv *object, const char *key, char *out, size_t size)
{
	const char *text = jv_get_text(object, key);
	struct buf clean = BUF_INIT;

	if (text)
		utf8_add_exact(&clean, text, strlen(text) < 200 ? strlen(text) : 200);
	snprintf(out, size, "%s", buf_str(&clean));
	buf_free(&clean);
}

int oauth_read(const char *text, size_t len, struct oauth_answer *answer, struct err *err)
{
	struct jv *object = jv_parse(text, len, NULL);
	const char *type = object ? jv_get_text(object, "token_type") : NULL;
	/* Google's name is older than the standard. */
	const char *uri = object && jv_get(object, "verification_uri") ? "verification_uri" : "verification_url";

	*answer = (struct oauth_answer){.access = NULL};
	if (!object || (type && !str_equal_nocase(type, "bearer"))) {
		jv_free(object);
		return err_set(err, _("The server of OAuth2 tokens gave an answer that is none."));
	}
	answer->access = copy_token(object, "access_token");
	answer->refresh = copy_token(object, "refresh_token");
	answer->device_code = copy_token(object, "device_code");
	answer->user_code = copy_token(object, "user_code");
	answer->url = copy_token(object, uri);
	if (answer->url && !str_starts(answer->url, "https://"))
		*answer->url = '\0';
	answer->expires_in = jv_get_number(object, "expires_in", 0);
	answer->interval = jv_get_number(object, "interval", INTERVAL_S);
	copy_words(object, "error", answer->error, sizeof answer->error);
	copy_words(object, "error_description", answer->words, sizeof answer->words);
	jv_free(object);
	return 0;
}

/* --- what is kept --------------------------------------------------------------------------------- */

struct kept {
	char *access, *refresh;
	int64_t obtained, expires;
};

static char *token_path(const char *name, const char *ending)
{
	char *file = mem_printf("tokens/%s%s", name, ending), *path = path_in(PATH_DATA, file);

	free(file);
	return path;
}

static void free_text(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

static void free_kept(struct kept *kept)
{
	free_text(&kept->access);
	free_text(&kept->refresh);
}

/* What tells an account from a later one of its name. */
static char *owner_of(const struct account *account)
{
	const char *server = account_setting(account, "server");

	return mem_printf("%s %s", account->address ? account->address : "", server ? server : "");
}

/* A file that does not say it is of a Tern that did not write it. */
static bool is_of(const struct jv *object, const struct account *account)
{
	const char *said = jv_get_text(object, "of");
	char *owner = owner_of(account);
	bool is_same = !said || strcmp(said, owner) == 0;

	free(owner);
	return is_same;
}

static int look_up(const char *name, const struct child_ear *ear, struct kept *kept, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc;

	buf_reserve(&text, 4 * TOKEN_MAX);
	rc = secret_look_up(name, KEYRING_SERVER, ear, &text, err);
	if (rc > 0)
		kept->refresh = mem_strdup(buf_str(&text));
	secret_wipe(&text);
	return rc < 0 ? -1 : 0;
}

static int read_kept(const struct account *account, const struct child_ear *ear, struct kept *kept, struct err *err)
{
	const char *name = account->name;
	char *path = token_path(name, "");
	bool is_own = false;
	struct buf text = BUF_INIT;
	struct jv *object;

	*kept = (struct kept){.access = NULL};
	buf_reserve(&text, 4 * TOKEN_MAX);
	if (file_read(path, &text, 4 * TOKEN_MAX, NULL) == 0 &&
	    (object = jv_parse(buf_str(&text), text.len, NULL))) {
		is_own = is_of(object, account);
		kept->access = is_own ? copy_token(object, "access_token") : NULL;
		kept->refresh = is_own ? copy_token(object, "refresh_token") : NULL;
		kept->obtained = jv_get_number(object, "obtained", 0);
		kept->expires = jv_get_number(object, "expires", 0);
		jv_free(object);
	}
	secret_wipe(&text);
	free(path);
	return is_own && !kept->refresh ? look_up(name, ear, kept, err) : 0;
}

static bool goes_to_keyring(const char *name, const char *refresh)
{
	struct buf secret = BUF_INIT;
	bool is_kept;

	buf_reserve(&secret, strlen(refresh) + 1);
	buf_add_str(&secret, refresh);
	is_kept = secret_keep(name, KEYRING_SERVER, &secret);
	secret_wipe(&secret);
	return is_kept;
}

static int write_kept(const struct account *account, const struct kept *kept, struct err *err)
{
	const char *name = account->name;
	char *owner = owner_of(account);
	char *path = token_path(name, ""), *dir = path_parent(path);
	struct jv *object = jv_object();
	struct buf text = BUF_INIT;
	int rc = path_make_dirs(dir, err);

	jv_set(object, "access_token", jv_text(kept->access));
	if (kept->refresh && !goes_to_keyring(name, kept->refresh))
		jv_set(object, "refresh_token", jv_text(kept->refresh));
	jv_set(object, "obtained", jv_number(kept->obtained));
	jv_set(object, "expires", jv_number(kept->expires));
	jv_set(object, "of", jv_text(owner));
	buf_reserve(&text, 4 * TOKEN_MAX);
	jv_print(object, &text);
	if (rc == 0)
		rc = file_replace(path, text.data, text.len, err);
	secret_wipe(&text);
	jv_free(object);
	free(owner);
	free(path);
	free(dir);
	return rc;
}

static int wait_for_lock(int fd, const struct child_ear *ear, struct err *err)
{
	while (flock(fd, ear ? LOCK_EX | LOCK_NB : LOCK_EX) < 0) {
		struct pollfd heard = {ear ? ear->fd : -1, POLLIN, 0};

		if (errno != EINTR && errno != EWOULDBLOCK)
			return err_errno(err, _("waiting for another one who asks for tokens"));
		if (ear && poll(&heard, 1, NAP_MS) > 0 && ear->heard(ear->arg) < 0)
			return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
	}
	return 0;
}

/* A server may take an old refresh token away when it gives a new one: one worker at a time asks. */
static int lock_tokens(const char *name, const struct child_ear *ear, struct err *err)
{
	char *path = token_path(name, ".lock"), *dir = path_parent(path);
	int fd = -1;

	if (path_make_dirs(dir, err) == 0) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			err_errno(err, "%s", path);
	}
	if (fd >= 0 && wait_for_lock(fd, ear, err) < 0) {
		close(fd);
		fd = -1;
	}
	free(path);
	free(dir);
	return fd;
}

bool oauth_has_token(const struct account *account)
{
	char *path = token_path(account->name, "");
	struct buf text = BUF_INIT;
	struct jv *object = NULL;
	bool is_there;

	buf_reserve(&text, 4 * TOKEN_MAX);
	if (file_read(path, &text, 4 * TOKEN_MAX, NULL) == 0)
		object = jv_parse(buf_str(&text), text.len, NULL);
	is_there = object && is_of(object, account);
	jv_free(object);
	secret_wipe(&text);
	free(path);
	return is_there;
}

static int remove_file(const char *name, struct err *err)
{
	char *path = token_path(name, "");
	int rc = unlink(path) < 0 && errno != ENOENT ? err_errno(err, "%s", path) : 0;

	free(path);
	return rc;
}

/* The lock stays: who waits for it must find what the others hold. */
int oauth_forget(const char *name, struct err *err)
{
	int lock = lock_tokens(name, NULL, err), rc;

	if (lock < 0)
		return -1;
	rc = remove_file(name, err);
	close(lock);
	secret_take_back(name, KEYRING_SERVER);
	return rc;
}

bool oauth_is_configured(const struct account *account)
{
	struct oauth_place place;
	bool is_good = oauth_place_find(account, &place, NULL) == 0;

	oauth_place_free(&place);
	return is_good;
}

/* --- asking for tokens ---------------------------------------------------------------------------- */

static int refused(const struct account *account, int status, const struct oauth_answer *answer, struct err *err)
{
	const char *why = *answer->words ? answer->words : *answer->error ? answer->error : "-";

	if (status >= 500 || status == 429)
		return err_set_kind(err, ERR_TEMPORARY, _("The server of OAuth2 tokens cannot now: %d %s"), status,
				    why);
	return err_set_kind(err, ERR_DENIED,
			    _("The server of OAuth2 tokens refused: %s. \"tern account authorize %s\" signs in anew."),
			    why, account->name);
}

/* 0 with tokens; 1: it said something else. */
static int post(const struct oauth_place *place, const char *url, const struct buf *form, const struct child_ear *ear,
		struct oauth_answer *answer, int *status, struct err *err)
{
	const struct http_request request = {
	    .url = url, .form = buf_str(form), .ca = place->ca, .never_redirect = true, .ear = ear};
	struct buf body = BUF_INIT;
	int rc;

	*answer = (struct oauth_answer){.access = NULL};
	buf_reserve(&body, HTTP_BODY_MAX);
	*status = http_send(&request, &body, err);
	rc = *status < 0 ? -1 : oauth_read(buf_str(&body), body.len, answer, err);
	if (rc < 0 && *status >= 500)
		rc = err_set_kind(err, ERR_TEMPORARY, _("The server of OAuth2 tokens cannot now: %d %s"), *status, "");
	secret_wipe(&body);
	return rc < 0 ? -1 : *status == 200 && answer->access ? 0 : 1;
}

static void add_client(const struct oauth_place *place, struct buf *form)
{
	http_add_field(form, "client_id", place->client_id);
	if (place->client_secret)
		http_add_field(form, "client_secret", place->client_secret);
}

static void take_answer(struct kept *kept, struct oauth_answer *answer)
{
	int64_t life = answer->expires_in > 0 ? answer->expires_in : LIFE_S;

	free_text(&kept->access);
	kept->access = answer->access;
	answer->access = NULL;
	if (answer->refresh) {
		free_text(&kept->refresh);
		kept->refresh = answer->refresh;
		answer->refresh = NULL;
	}
	kept->obtained = time(NULL);
	kept->expires = kept->obtained + life;
}

static int renew(const struct account *account, struct kept *kept, const struct child_ear *ear, struct err *err)
{
	struct oauth_place place;
	struct oauth_answer answer;
	struct buf form = BUF_INIT;
	int status, rc = oauth_place_find(account, &place, err);

	if (rc == 0) {
		http_add_field(&form, "grant_type", "refresh_token");
		http_add_field(&form, "refresh_token", kept->refresh);
		add_client(&place, &form);
		rc = post(&place, place.token_url, &form, ear, &answer, &status, err);
		if (rc > 0)
			rc = refused(account, status, &answer, err);
		if (rc == 0) {
			take_answer(kept, &answer);
			rc = write_kept(account, kept, err);
			log_write(LOG_INFO, "account %s: a new OAuth2 token", account->name);
		}
		oauth_answer_free(&answer);
	}
	secret_wipe(&form);
	oauth_place_free(&place);
	return rc;
}

static int usable(const struct account *account, struct kept *kept, bool is_retry, const struct child_ear *ear,
		  struct err *err)
{
	int64_t now = time(NULL);

	if (is_retry && now - kept->obtained < FRESH_S)
		return err_set_kind(err, ERR_DENIED,
				    _("The server refused a token that is quite new; \"tern account authorize %s\" "
				      "signs in anew."),
				    account->name);
	if (kept->access && !is_retry && now < kept->expires - BEFORE_END_S)
		return 0;
	if (!kept->refresh)
		return err_set_kind(err, ERR_DENIED,
				    _("There is no OAuth2 token for \"%s\": \"tern account authorize %s\" signs in."),
				    account->name, account->name);
	return renew(account, kept, ear, err);
}

/* Nobody ends us between the server's answer and the disk. */
static int usable_kept(const struct account *account, struct kept *kept, bool is_retry, const struct child_ear *ear,
		       struct err *err)
{
	sigset_t end, before;
	int rc;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, &before);
	rc = usable(account, kept, is_retry, ear, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int oauth_token(const struct account *account, bool is_retry, const struct child_ear *ear, struct buf *token,
		struct err *err)
{
	struct child_ear patient = ear ? *ear : (struct child_ear){.fd = -1};
	int lock = lock_tokens(account->name, ear, err), rc;
	struct kept kept;

	if (lock < 0)
		return -1;
	patient.grace_ms = GRACE_MS;
	rc = read_kept(account, ear, &kept, err);
	if (rc == 0)
		rc = usable_kept(account, &kept, is_retry, ear ? &patient : NULL, err);
	if (rc == 0) {
		buf_reserve(token, strlen(kept.access) + 1);
		buf_add_str(token, kept.access);
	}
	free_kept(&kept);
	close(lock);
	return rc;
}

/* --- authorizing ---------------------------------------------------------------------------------- */

static void add_base64url(struct buf *out, const void *data, size_t len)
{
	size_t from = out->len, i;

	digest_add_base64(out, data, len);
	while (out->len > from && out->data[out->len - 1] == '=')
		buf_truncate(out, out->len - 1);
	for (i = from; i < out->len; i++)
		out->data[i] = out->data[i] == '+' ? '-' : out->data[i] == '/' ? '_' : out->data[i];
}

void oauth_add_challenge(struct buf *out, const char *verifier)
{
	char hex[DIGEST_HEX_SIZE];
	unsigned char digest[32];

	digest_sha256_hex(verifier, strlen(verifier), hex);
	for (size_t i = 0; i < sizeof digest; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		digest[i] = (unsigned char)strtol(pair, NULL, 16);
	}
	add_base64url(out, digest, sizeof digest);
}

static int add_chance(struct buf *out, struct err *err)
{
	unsigned char bytes[RANDOM_SIZE];

	if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
		return err_errno(err, _("drawing a random number"));
	add_base64url(out, bytes, sizeof bytes);
	return 0;
}

static int keep_answer(const struct account *account, struct oauth_answer *answer, struct err *err)
{
	struct kept kept = {.access = NULL};
	int lock = lock_tokens(account->name, NULL, err), rc;

	if (lock < 0)
		return -1;
	take_answer(&kept, answer);
	rc = write_kept(account, &kept, err);
	free_kept(&kept);
	close(lock);
	return rc;
}

static int redeem(const struct account *account, const struct oauth_place *place, const struct oauth_visit *visit,
		  const char *verifier, struct err *err)
{
	struct buf form = BUF_INIT;
	struct oauth_answer answer;
	int status, rc;

	http_add_field(&form, "grant_type", "authorization_code");
	http_add_field(&form, "code", buf_str(&visit->code));
	http_add_field(&form, "redirect_uri", visit->redirect);
	http_add_field(&form, "code_verifier", verifier);
	add_client(place, &form);
	rc = post(place, place->token_url, &form, NULL, &answer, &status, err);
	if (rc > 0)
		rc = refused(account, status, &answer, err);
	if (rc == 0)
		rc = keep_answer(account, &answer, err);
	oauth_answer_free(&answer);
	secret_wipe(&form);
	return rc;
}

static void add_url(const struct account *account, const struct oauth_place *place, const struct oauth_visit *visit,
		    const char *verifier, struct buf *url)
{
	struct buf query = BUF_INIT, challenge = BUF_INIT;

	oauth_add_challenge(&challenge, verifier);
	http_add_field(&query, "response_type", "code");
	http_add_field(&query, "client_id", place->client_id);
	http_add_field(&query, "redirect_uri", visit->redirect);
	http_add_field(&query, "scope", place->scope);
	http_add_field(&query, "state", buf_str(&visit->state));
	http_add_field(&query, "code_challenge", buf_str(&challenge));
	http_add_field(&query, "code_challenge_method", "S256");
	if (account->address && *account->address)
		http_add_field(&query, "login_hint", account->address);
	if (place->extra)
		buf_printf(&query, "&%s", place->extra);
	buf_printf(url, "%s%c%s", place->authorize_url, strchr(place->authorize_url, '?') ? '&' : '?', buf_str(&query));
	buf_free(&challenge);
	buf_free(&query);
}

static int by_browser(const struct account *account, const struct oauth_place *place, const struct oauth_talk *talk,
		      struct err *err)
{
	struct buf verifier = BUF_INIT, url = BUF_INIT;
	struct oauth_visit visit;
	int rc = oauth_visit_open(&visit, place->redirect_host, err);

	if (rc == 0 && (rc = add_chance(&verifier, err)) == 0 && (rc = add_chance(&visit.state, err)) == 0) {
		add_url(account, place, &visit, buf_str(&verifier), &url);
		talk->open(talk->arg, buf_str(&url), NULL);
		rc = oauth_visit_wait(&visit, talk, AUTHORIZE_MS, err);
	}
	if (rc == 0)
		rc = redeem(account, place, &visit, buf_str(&verifier), err);
	oauth_visit_close(&visit);
	secret_wipe(&verifier);
	buf_free(&url);
	return rc;
}

/* --- by a code typed elsewhere --- */

/* 1: not yet. */
static int poll_device(const struct account *account, const struct oauth_place *place, const char *code,
		       int64_t *interval, struct err *err)
{
	struct buf form = BUF_INIT;
	struct oauth_answer answer;
	int status, rc;

	http_add_field(&form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code");
	http_add_field(&form, "device_code", code);
	add_client(place, &form);
	rc = post(place, place->token_url, &form, NULL, &answer, &status, err);
	if (rc == 0)
		rc = keep_answer(account, &answer, err);
	else if (rc > 0 && strcmp(answer.error, "slow_down") == 0)
		*interval += INTERVAL_S;
	else if (rc > 0 && strcmp(answer.error, "authorization_pending") != 0)
		rc = refused(account, status, &answer, err);
	oauth_answer_free(&answer);
	secret_wipe(&form);
	return rc;
}

static int wait_seconds(const struct oauth_talk *talk, int64_t seconds, struct err *err)
{
	for (; seconds > 0; seconds--) {
		if (talk->wait && talk->wait(talk->arg) < 0)
			return err_set_kind(err, ERR_CANCELLED, _("It was cancelled."));
		sleep(1);
	}
	return 0;
}

static int wait_for_device(const struct account *account, const struct oauth_place *place,
			   const struct oauth_answer *device, const struct oauth_talk *talk, struct err *err)
{
	int64_t interval = device->interval > 0 && device->interval < INTERVAL_MAX_S ? device->interval : INTERVAL_S;
	int64_t life = device->expires_in > 0 ? device->expires_in * 1000 : AUTHORIZE_MS;
	int64_t until = loop_now_ms() + (life < 2 * AUTHORIZE_MS ? life : 2 * AUTHORIZE_MS);
	int rc = 1;

	while (rc > 0 && loop_now_ms() < until) {
		if (wait_seconds(talk, interval, err) < 0)
			return -1;
		rc = poll_device(account, place, device->device_code, &interval, err);
	}
	return rc <= 0 ? rc : err_set_kind(err, ERR_TEMPORARY, _("Nobody signed in in time."));
}

static int device_flow(const struct account *account, const struct oauth_place *place, const struct oauth_talk *talk,
		       struct err *err)
{
	struct buf form = BUF_INIT;
	struct oauth_answer device;
	int status, rc;

	if (!place->device_url)
		return err_set_kind(err, ERR_USAGE, _("No address for signing in with a code is known "
						      "(\"oauth-device-url\"); without --device a browser is used."));
	http_add_field(&form, "client_id", place->client_id);
	http_add_field(&form, "scope", place->scope);
	rc = post(place, place->device_url, &form, NULL, &device, &status, err);
	if (rc > 0 && device.device_code && device.user_code && device.url && *device.url) {
		talk->open(talk->arg, device.url, device.user_code);
		rc = wait_for_device(account, place, &device, talk, err);
	} else if (rc >= 0) {
		rc = refused(account, status, &device, err);
	}
	oauth_answer_free(&device);
	buf_free(&form);
	return rc;
}

int oauth_authorize(const struct account *account, bool by_device, const struct oauth_talk *talk, struct err *err)
{
	struct oauth_place place;
	int rc = oauth_place_find(account, &place, err);

	secret_guard();
	if (rc == 0)
		rc = by_device ? device_flow(account, &place, talk, err) : by_browser(account, &place, talk, err);
	oauth_place_free(&place);
	return rc;
}
