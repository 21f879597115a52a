#include "config.h"
#include "store/crypto/judge.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/mem.h"
#include "store/base/utf8.h"

/* --- foreign text in our sentences ------------------------------------------------------------- */

/* Whatever looks like the marks around it becomes an apostrophe. */
static bool is_quotation_mark(uint32_t code)
{
	return code == '"' || code == 0xab || code == 0xbb || (code >= 0x201c && code <= 0x201f) ||
	       code == 0x2039 || code == 0x203a || code == 0x2033 || code == 0x275d || code == 0x275e ||
	       code == 0x300c || code == 0x300d || (code >= 0x300e && code <= 0x300f) ||
	       (code >= 0x301d && code <= 0x301f) || code == 0xff02 || code == 0x02ba || code == 0x02ee;
}

/* One space for many: columns cannot be pushed out of sight. */
static bool is_blank(uint32_t code)
{
	return code == ' ' || code == 0xa0 || (code >= 0x2000 && code <= 0x200f) || code == 0x202f ||
	       code == 0x2028 || code == 0x2029 || code == 0x205f || code == 0x2800 || code == 0x3000 ||
	       code == 0x3164 || code == 0x115f || code == 0x1160 || code == 0xffa0 || code == 0xfeff;
}

static void add_plain(struct buf *out, const char *text, size_t len)
{
	size_t at, n;
	uint32_t code;

	for (at = 0; at < len; at += n) {
		n = utf8_decode(text + at, len - at, &code);
		if (is_blank(code)) {
			if (out->len && out->data[out->len - 1] != ' ')
				buf_add_char(out, ' ');
		} else if (is_quotation_mark(code)) {
			buf_add_char(out, '\'');
		} else {
			buf_add(out, text + at, n);
		}
	}
	while (out->len && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

char *judge_printable(const char *text, int width)
{
	struct buf printable = BUF_INIT, plain = BUF_INIT;
	int used;

	utf8_add_printable(&printable, text, strlen(text));
	add_plain(&plain, buf_str(&printable), printable.len);
	buf_free(&printable);
	if (utf8_width(buf_str(&plain), plain.len) > width) {
		buf_truncate(&plain, utf8_fit(plain.data, plain.len, width - 1, &used));
		buf_add_str(&plain, "…");
	}
	return buf_take(&plain);
}

/* --- signer against sender ----------------------------------------------------------------------- */

/* The user id for ADDR: a trusted one if there is, or NULL. */
static const struct gpg_uid *uid_for(const struct gpg_signer *found, const char *addr)
{
	const struct gpg_uid *best = NULL;
	size_t i;

	for (i = 0; i < found->uid_count; i++) {
		const struct gpg_uid *uid = &found->uids[i];

		if (*uid->addr && str_equal_nocase(uid->addr, addr) && (!best || uid->is_trusted))
			best = uid;
	}
	return best;
}

bool judge_names(const struct gpg_signer *found, const struct address_list *from)
{
	size_t i;

	for (i = 0; i < from->count; i++)
		if (!uid_for(found, from->items[i].addr))
			return false;
	return from->count > 0 && found->state == CRYPTO_GOOD;
}

static bool are_all_trusted(const struct gpg_signer *found, const struct address_list *from)
{
	size_t i;

	for (i = 0; i < from->count; i++)
		if (!uid_for(found, from->items[i].addr)->is_trusted)
			return false;
	return true;
}

static enum crypto_state weigh(const struct gpg_signer *found, const struct address_list *from)
{
	if (found->state != CRYPTO_GOOD)
		return found->state;
	if (found->is_weak)
		return CRYPTO_WEAK;
	if (!judge_names(found, from))
		return CRYPTO_OTHER_SENDER;
	return are_all_trusted(found, from) ? CRYPTO_GOOD : CRYPTO_GOOD_UNTRUSTED;
}

/* The one that is meant; else one with an address, as a certificate's first is its long subject. */
static const char *name_of(const struct gpg_signer *found, const struct address_list *from)
{
	const struct gpg_uid *uid = from->count ? uid_for(found, from->items[0].addr) : NULL;
	size_t i;

	if (uid)
		return uid->name;
	for (i = 0; i < found->uid_count; i++)
		if (*found->uids[i].addr)
			return found->uids[i].name;
	return found->uid_count ? found->uids[0].name : "";
}

void judge_signer(const struct gpg_signer *found, const struct address_list *from,
		  struct crypto_signer *signer)
{
	*signer = (struct crypto_signer){
	    .state = weigh(found, from),
	    .reason = found->reason,
	    .name = judge_printable(name_of(found, from), CRYPTO_NAME_WIDTH),
	    .fingerprint = judge_printable(found->fingerprint, CRYPTO_NAME_WIDTH),
	    .time = found->time,
	};
}

/* --- all of one signature ------------------------------------------------------------------------- */

/* A broken one speaks first; then the best. */
static int rank(enum crypto_state state)
{
	return state == CRYPTO_BAD ? -1 : (int)state;
}

static int by_rank(const void *a, const void *b)
{
	const struct crypto_signer *mine = a, *other = b;

	return rank(mine->state) - rank(other->state);
}

void judge_answer(const struct gpg_answer *answer, const struct address_list *from,
		  struct crypto_verdict *verdict)
{
	size_t i;

	verdict->state = CRYPTO_CANNOT;
	verdict->reason = answer->reason ? answer->reason : CRYPTO_DAMAGED;
	if (!answer->signer_count)
		return;
	verdict->signers = mem_calloc(answer->signer_count, sizeof *verdict->signers);
	verdict->signer_count = answer->signer_count;
	for (i = 0; i < answer->signer_count; i++)
		judge_signer(&answer->signers[i], from, &verdict->signers[i]);
	qsort(verdict->signers, verdict->signer_count, sizeof *verdict->signers, by_rank);
	verdict->state = verdict->signers[0].state;
	verdict->reason = verdict->signers[0].reason;
}
