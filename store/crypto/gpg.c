#include "config.h"
#include "store/crypto/gpg.h"

#include <errno.h>
#include <gpgme.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/file.h"
#include "store/base/log.h"
#include "store/base/mem.h"

#define PASSPHRASE_TRIES 3

struct gpg {
	gpgme_ctx_t ctx[2]; /* OpenPGP, CMS; made when first needed; NULL: not installed */
	bool is_made[2];
	gpg_ask *ask;
	void *arg;
	int tries;
	bool was_cancelled;
};

/* --- contexts ------------------------------------------------------------------------------------ */

/* gpg's loopback: it asks us, not a window or the terminal. */
static gpgme_error_t give_passphrase(void *hook, const char *uid_hint, const char *info, int was_wrong,
				     int fd)
{
	struct gpg *gpg = hook;
	struct buf answer = BUF_INIT;
	bool is_given = false;

	(void)info;
	if (gpg->ask && gpg->tries < PASSPHRASE_TRIES)
		is_given = gpg->ask(gpg->arg, uid_hint ? uid_hint : "", was_wrong || gpg->tries, &answer) == 0;
	gpg->tries++;
	if (is_given) {
		buf_add_char(&answer, '\n');
		is_given = file_write_fd(fd, answer.data, answer.len, NULL) == 0;
	}
	if (answer.data)
		explicit_bzero(answer.data, answer.cap);
	buf_free(&answer);
	gpg->was_cancelled = !is_given;
	return is_given ? 0 : gpgme_error(GPG_ERR_CANCELED);
}

/* GPGME 1.18 cannot tell gpgsm that no window may come up, be it for a passphrase, be it with "Do you trust
 * this root?" because of a letter. So it starts us, and we start gpgsm (gpg_be_gpgsm). */
static void set_wrapper(gpgme_ctx_t ctx)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n <= 0)
		return;
	self[n] = '\0';
	gpgme_ctx_set_engine_info(ctx, GPGME_PROTOCOL_CMS, self, NULL);
}

void gpg_be_gpgsm(char **args)
{
	char *argv[16] = {(char *)"gpgsm", (char *)"--pinentry-mode", (char *)"error"};
	size_t count = 3;

	while (*args && count < 15)
		argv[count++] = *args++;
	execvp(argv[0], argv);
}

static gpgme_ctx_t new_context(struct gpg *gpg, gpgme_protocol_t protocol)
{
	gpgme_ctx_t ctx;

	if (gpgme_engine_check_version(protocol) || gpgme_new(&ctx))
		return NULL;
	if (gpgme_set_protocol(ctx, protocol)) {
		gpgme_release(ctx);
		return NULL;
	}
	gpgme_set_offline(ctx, 1);
	gpgme_set_keylist_mode(ctx, GPGME_KEYLIST_MODE_LOCAL);
	if (protocol == GPGME_PROTOCOL_CMS) {
		set_wrapper(ctx);
		return ctx;
	}
	gpgme_set_pinentry_mode(ctx, GPGME_PINENTRY_MODE_LOOPBACK);
	gpgme_set_passphrase_cb(ctx, give_passphrase, gpg);
	return ctx;
}

struct gpg *gpg_new(gpg_ask *ask, void *arg)
{
	struct gpg *gpg = mem_alloc(sizeof *gpg);

	gpgme_check_version(NULL);
	gpg->ask = ask;
	gpg->arg = arg;
	return gpg;
}

void gpg_free(struct gpg **gpg)
{
	int i;

	for (i = 0; *gpg && i < 2; i++)
		if ((*gpg)->ctx[i])
			gpgme_release((*gpg)->ctx[i]);
	free(*gpg);
	*gpg = NULL;
}

static gpgme_ctx_t context(struct gpg *gpg, enum crypto_how how)
{
	int which = how == CRYPTO_SMIME;

	gpg->tries = 0;
	gpg->was_cancelled = false;
	if (!gpg->is_made[which])
		gpg->ctx[which] = new_context(gpg, which ? GPGME_PROTOCOL_CMS : GPGME_PROTOCOL_OpenPGP);
	gpg->is_made[which] = true;
	return gpg->ctx[which];
}

/* --- data ---------------------------------------------------------------------------------------- */

struct sink {
	struct buf *out;
	size_t limit;
	bool is_full;
};

static ssize_t to_sink(void *handle, const void *bytes, size_t len)
{
	struct sink *sink = handle;

	if (len > sink->limit - sink->out->len) {
		sink->is_full = true;
		errno = EFBIG;
		return -1;
	}
	buf_add(sink->out, bytes, len);
	return (ssize_t)len;
}

static struct gpgme_data_cbs sink_calls = {.write = to_sink};

static gpgme_data_t open_input(struct span bytes)
{
	gpgme_data_t data = NULL;

	if (gpgme_data_new_from_mem(&data, bytes.data, bytes.len, 0))
		return NULL;
	return data;
}

static gpgme_data_t open_sink(struct sink *sink)
{
	gpgme_data_t data = NULL;

	return gpgme_data_new_from_cbs(&data, &sink_calls, sink) ? NULL : data;
}

static void wipe(struct buf *plain)
{
	if (plain->data)
		explicit_bzero(plain->data, plain->cap);
	buf_free(plain);
}

/* --- what a signature is worth -------------------------------------------------------------------- */

static void set_cannot(struct gpg_signer *signer, enum crypto_reason reason)
{
	signer->state = CRYPTO_CANNOT;
	signer->reason = reason;
}

/* gpgsm tells an expired or revoked certificate by a bit, with a status that only says it is not good. */
static bool is_settled_by_summary(gpgme_signature_t signature, struct gpg_signer *signer)
{
	if (signature->summary & GPGME_SIGSUM_KEY_REVOKED)
		signer->state = CRYPTO_KEY_REVOKED;
	else if (signature->summary & GPGME_SIGSUM_KEY_EXPIRED)
		signer->state = CRYPTO_KEY_EXPIRED;
	else if (signature->summary & GPGME_SIGSUM_SIG_EXPIRED)
		signer->state = CRYPTO_SIGNATURE_EXPIRED;
	else
		return false;
	return true;
}

static void read_state(gpgme_signature_t signature, struct gpg_signer *signer)
{
	switch (gpgme_err_code(signature->status)) {
	case GPG_ERR_NO_ERROR:
		signer->state = CRYPTO_GOOD;
		is_settled_by_summary(signature, signer);
		break;
	case GPG_ERR_SIG_EXPIRED:
		signer->state = CRYPTO_SIGNATURE_EXPIRED;
		break;
	case GPG_ERR_KEY_EXPIRED:
	case GPG_ERR_CERT_EXPIRED:
		signer->state = CRYPTO_KEY_EXPIRED;
		break;
	case GPG_ERR_CERT_REVOKED:
		signer->state = CRYPTO_KEY_REVOKED;
		break;
	case GPG_ERR_BAD_SIGNATURE:
		signer->state = CRYPTO_BAD;
		break;
	case GPG_ERR_NO_PUBKEY:
		signer->state = CRYPTO_NO_KEY;
		break;
	case GPG_ERR_DIGEST_ALGO:
		signer->state = CRYPTO_WEAK;
		break;
	case GPG_ERR_UNSUPPORTED_ALGORITHM:
	case GPG_ERR_PUBKEY_ALGO:
		set_cannot(signer, CRYPTO_UNSUPPORTED);
		break;
	default:
		if (!is_settled_by_summary(signature, signer))
			set_cannot(signer, CRYPTO_FAILED);
	}
}

static bool is_weak(gpgme_hash_algo_t hash)
{
	return hash == GPGME_MD_MD5 || hash == GPGME_MD_SHA1 || hash == GPGME_MD_RMD160 ||
	       hash == GPGME_MD_MD2 || hash == GPGME_MD_MD4;
}

static bool is_trusted(gpgme_validity_t validity)
{
	return validity == GPGME_VALIDITY_FULL || validity == GPGME_VALIDITY_ULTIMATE;
}

/* The address of a user id, when it is beyond doubt which one that is: GPGME takes the first of
 * 'Eve "Lena <lena@example.org>" <eve@example.org>', people the last. Free it. */
static char *addr_of(const char *uid)
{
	const char *open = strchr(uid, '<'), *close = strchr(uid, '>');
	char *addr;

	if (!open && !close && strchr(uid, '@'))
		addr = mem_strdup(uid);
	else if (open && close && close > open && !close[1] && !strchr(open + 1, '<'))
		addr = mem_strndup(open + 1, (size_t)(close - open - 1));
	else
		addr = mem_strdup("");
	if (strpbrk(addr, " \t\r\n\"(),;:\\"))
		*addr = '\0';
	return addr;
}

/* "CN=Mia Stone,O=Tern": the common name of a certificate's subject, to stand before its address. */
static struct span common_name(const char *subject)
{
	const char *at = strncmp(subject, "CN=", 3) == 0 ? subject : strstr(subject, ",CN=");
	size_t len = 0;

	if (!at)
		return SPAN_NONE;
	at = strchr(at, '=') + 1;
	while (at[len] && at[len] != ',')
		len += at[len] == '\\' && at[len + 1] ? 2 : 1;
	return (struct span){at, len};
}

static char *name_of(gpgme_key_t key, gpgme_user_id_t uid, bool is_cms)
{
	const char *own = uid->uid ? uid->uid : "";
	struct span name = is_cms && *own == '<' ? common_name(key->uids->uid ? key->uids->uid : "") : SPAN_NONE;

	return name.len ? mem_printf("%.*s %s", (int)name.len, name.data, own) : mem_strdup(own);
}

/* Of a certificate all addresses are vouched for together; of an OpenPGP key each by itself. */
static void read_uids(gpgme_key_t key, gpgme_signature_t signature, bool is_cms, struct gpg_signer *signer)
{
	gpgme_user_id_t uid;

	for (uid = key->uids; uid; uid = uid->next)
		signer->uid_count++;
	signer->uids = mem_calloc(signer->uid_count + 1, sizeof *signer->uids);
	signer->uid_count = 0;
	for (uid = key->uids; uid; uid = uid->next) {
		struct gpg_uid *mine = &signer->uids[signer->uid_count];

		if (uid->revoked || (uid->invalid && !is_cms))
			continue;
		mine->name = name_of(key, uid, is_cms);
		mine->addr = addr_of(uid->uid ? uid->uid : "");
		mine->is_trusted = is_trusted(is_cms ? signature->validity : uid->validity);
		signer->uid_count++;
	}
}

static void read_key(gpgme_ctx_t ctx, gpgme_signature_t signature, bool is_cms, struct gpg_signer *signer)
{
	gpgme_key_t key = NULL;

	if (!signature->fpr || gpgme_get_key(ctx, signature->fpr, &key, 0) || !key)
		return;
	if (signer->state == CRYPTO_GOOD && key->revoked)
		signer->state = CRYPTO_KEY_REVOKED;
	read_uids(key, signature, is_cms, signer);
	gpgme_key_unref(key);
}

static void read_signer(gpgme_ctx_t ctx, gpgme_signature_t signature, bool is_cms,
			struct gpg_signer *signer)
{
	read_state(signature, signer);
	signer->fingerprint = mem_strdup(signature->fpr ? signature->fpr : "");
	signer->time = (int64_t)signature->timestamp;
	signer->is_weak = is_weak(signature->hash_algo);
	read_key(ctx, signature, is_cms, signer);
}

/* GPGME keeps the list only until its next call: a key is looked up by a context of its own. */
static void read_signers(gpgme_ctx_t ctx, bool is_cms, struct gpg_answer *answer)
{
	gpgme_verify_result_t result = gpgme_op_verify_result(ctx);
	gpgme_signature_t signature;
	gpgme_ctx_t look;

	if (!result || !result->signatures || gpgme_new(&look))
		return;
	gpgme_set_protocol(look, is_cms ? GPGME_PROTOCOL_CMS : GPGME_PROTOCOL_OpenPGP);
	gpgme_set_offline(look, 1);
	if (is_cms)
		set_wrapper(look);
	answer->signers = mem_calloc(CRYPTO_SIGNERS, sizeof *answer->signers);
	for (signature = result->signatures; signature && answer->signer_count < CRYPTO_SIGNERS;
	     signature = signature->next)
		read_signer(look, signature, is_cms, &answer->signers[answer->signer_count++]);
	gpgme_release(look);
}

/* --- errors -------------------------------------------------------------------------------------- */

static enum crypto_reason reason_of(const struct gpg *gpg, gpgme_error_t error)
{
	if (error)
		log_write(LOG_INFO, "gpg: %s", gpgme_strerror(error));
	if (gpg->was_cancelled)
		return CRYPTO_NO_PASSPHRASE;
	switch (gpgme_err_code(error)) {
	case GPG_ERR_NO_ERROR:
		return CRYPTO_NO_REASON;
	case GPG_ERR_NO_SECKEY:
		return CRYPTO_NO_SECRET_KEY;
	case GPG_ERR_BAD_PASSPHRASE:
	case GPG_ERR_CANCELED:
	case GPG_ERR_FULLY_CANCELED:
	case GPG_ERR_NO_PASSPHRASE:
	case GPG_ERR_NO_PIN_ENTRY:
	case GPG_ERR_ASS_CANCELED:
		return CRYPTO_NO_PASSPHRASE;
	case GPG_ERR_NO_DATA:
	case GPG_ERR_BAD_DATA:
	case GPG_ERR_DECRYPT_FAILED:
	case GPG_ERR_BAD_BER:
	case GPG_ERR_INV_BER:
	case GPG_ERR_EOF:
	case GPG_ERR_TRUNCATED:
		return CRYPTO_DAMAGED;
	case GPG_ERR_UNSUPPORTED_ALGORITHM:
	case GPG_ERR_UNSUPPORTED_CMS_OBJ:
	case GPG_ERR_UNSUPPORTED_PROTOCOL:
	case GPG_ERR_CIPHER_ALGO:
		return CRYPTO_UNSUPPORTED;
	default:
		return CRYPTO_FAILED;
	}
}

/* That there is no secret key is told for each recipient, not as the error. */
static bool no_key_fits(gpgme_decrypt_result_t result)
{
	gpgme_recipient_t recipient;

	if (!result || !result->recipients)
		return false;
	for (recipient = result->recipients; recipient; recipient = recipient->next)
		if (gpgme_err_code(recipient->status) != GPG_ERR_NO_SECKEY)
			return false;
	return true;
}

/* gpgsm says "no secret key" of one that it could not unlock too, but not of a recipient. */
static bool is_locked(gpgme_decrypt_result_t result, gpgme_error_t error)
{
	return gpgme_err_code(error) == GPG_ERR_NO_SECKEY && result && result->recipients &&
	       !no_key_fits(result);
}

static enum crypto_reason decrypt_reason(const struct gpg *gpg, gpgme_ctx_t ctx, gpgme_error_t error)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(ctx);

	if (result && result->legacy_cipher_nomdc)
		return CRYPTO_NO_INTEGRITY;
	if (error && !gpg->was_cancelled && no_key_fits(result))
		return CRYPTO_NO_SECRET_KEY;
	if (ctx == gpg->ctx[1] && is_locked(result, error))
		return CRYPTO_NO_PASSPHRASE;
	if (error && result && result->unsupported_algorithm)
		return CRYPTO_UNSUPPORTED;
	return reason_of(gpg, error);
}

/* --- public -------------------------------------------------------------------------------------- */

void gpg_verify_detached(struct gpg *gpg, enum crypto_how how, struct span text, struct span signature,
			 struct gpg_answer *answer)
{
	gpgme_ctx_t ctx = context(gpg, how);
	gpgme_data_t signed_data, signature_data;

	*answer = (struct gpg_answer){.reason = CRYPTO_NO_PROGRAM};
	if (!ctx)
		return;
	signed_data = open_input(text);
	signature_data = open_input(signature);
	answer->reason = reason_of(gpg, gpgme_op_verify(ctx, signature_data, signed_data, NULL));
	if (answer->reason == CRYPTO_NO_REASON)
		read_signers(ctx, how == CRYPTO_SMIME, answer);
	gpgme_data_release(signed_data);
	gpgme_data_release(signature_data);
}

/* Half a text is no text. */
static void settle_plain(struct gpg_answer *answer, const struct sink *sink)
{
	if (sink->is_full)
		answer->reason = CRYPTO_TOO_LARGE;
	if (answer->reason != CRYPTO_NO_REASON)
		wipe(&answer->plain);
}

void gpg_verify(struct gpg *gpg, enum crypto_how how, struct span input, size_t limit,
		struct gpg_answer *answer)
{
	gpgme_ctx_t ctx = context(gpg, how);
	struct sink sink = {&answer->plain, limit, false};
	gpgme_data_t in, out;

	*answer = (struct gpg_answer){.reason = CRYPTO_NO_PROGRAM};
	if (!ctx)
		return;
	in = open_input(input);
	out = open_sink(&sink);
	answer->reason = reason_of(gpg, gpgme_op_verify(ctx, in, NULL, out));
	if (answer->reason == CRYPTO_NO_REASON)
		read_signers(ctx, how == CRYPTO_SMIME, answer);
	settle_plain(answer, &sink);
	gpgme_data_release(in);
	gpgme_data_release(out);
}

static void decrypt_once(struct gpg *gpg, gpgme_ctx_t ctx, struct span input, size_t limit,
			 struct gpg_answer *answer)
{
	bool is_cms = ctx == gpg->ctx[1];
	struct sink sink = {&answer->plain, limit, false};
	gpgme_data_t in = open_input(input), out = open_sink(&sink);
	gpgme_error_t error;

	error = is_cms ? gpgme_op_decrypt(ctx, in, out) : gpgme_op_decrypt_verify(ctx, in, out);
	answer->reason = decrypt_reason(gpg, ctx, error);
	if (answer->reason == CRYPTO_NO_REASON && !is_cms)
		read_signers(ctx, false, answer);
	settle_plain(answer, &sink);
	gpgme_data_release(in);
	gpgme_data_release(out);
}

/* gpg takes one passphrase a run. */
static bool may_ask_again(const struct gpg *gpg, const struct gpg_answer *answer)
{
	return answer->reason == CRYPTO_NO_PASSPHRASE && !gpg->was_cancelled && gpg->tries > 0 &&
	       gpg->tries < PASSPHRASE_TRIES;
}

void gpg_decrypt(struct gpg *gpg, enum crypto_how how, struct span input, size_t limit,
		 struct gpg_answer *answer)
{
	gpgme_ctx_t ctx = context(gpg, how);

	*answer = (struct gpg_answer){.reason = CRYPTO_NO_PROGRAM};
	if (!ctx)
		return;
	do
		decrypt_once(gpg, ctx, input, limit, answer);
	while (may_ask_again(gpg, answer));
}

void gpg_answer_free(struct gpg_answer *answer)
{
	size_t i, k;

	for (i = 0; i < answer->signer_count; i++) {
		struct gpg_signer *signer = &answer->signers[i];

		for (k = 0; k < signer->uid_count; k++) {
			free(signer->uids[k].name);
			free(signer->uids[k].addr);
		}
		free(signer->uids);
		free(signer->fingerprint);
	}
	free(answer->signers);
	wipe(&answer->plain);
	*answer = (struct gpg_answer){.reason = CRYPTO_NO_REASON};
}
