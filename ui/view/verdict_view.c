#include "config.h"

#include "ui/view/verdict_view.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/crypto/crypto.h"
#include "ui/render/signed_marks.h"
#include "ui/view/text_view.h"
#include "ui/view/verdict.h"

#define DIGITS 4 /* of a fingerprint, between blanks */

static void add(struct text_view *text, enum style style, const char *key, const struct buf *words)
{
	struct buf clean = BUF_INIT;

	utf8_add_revealed(&clean, buf_str(words), words->len);
	text_view_add(text, style, key, buf_str(&clean));
	buf_free(&clean);
}

static void add_fact(struct text_view *text, const char *key, const char *fact)
{
	struct buf words = BUF_INIT;

	buf_add_str(&words, fact);
	add(text, STYLE_NORMAL, key, &words);
	buf_free(&words);
}

static void add_fingerprint(struct text_view *text, const char *digits)
{
	struct buf words = BUF_INIT;

	for (size_t i = 0; digits[i]; i++) {
		if (i && i % DIGITS == 0)
			buf_add_char(&words, ' ');
		buf_add_char(&words, digits[i]);
	}
	add(text, STYLE_NORMAL, _("key"), &words);
	buf_free(&words);
}

static void add_time(struct text_view *text, int64_t time)
{
	struct buf words = BUF_INIT;

	date_add_long(&words, time);
	add(text, STYLE_NORMAL, _("signed on"), &words);
	buf_free(&words);
}

/* One signature as if it were the only one. */
static void add_signer_words(struct text_view *text, const struct crypto_verdict *verdict,
			     const struct crypto_signer *signer)
{
	struct crypto_verdict alone = *verdict;
	struct buf words = BUF_INIT;

	alone.signers = (struct crypto_signer *)(uintptr_t)signer;
	alone.signer_count = 1;
	alone.state = signer->state;
	alone.reason = signer->reason;
	alone.covers_all = true;
	crypto_verdict_words(&alone, &words);
	add(text, STYLE_NORMAL, _("signature"), &words);
	buf_free(&words);
}

static void add_signers(struct text_view *text, const struct crypto_verdict *verdict)
{
	for (size_t i = 0; i < verdict->signer_count; i++) {
		const struct crypto_signer *signer = &verdict->signers[i];

		if (verdict->signer_count > 1)
			add_signer_words(text, verdict, signer);
		if (*signer->name)
			add_fact(text, _("signer"), signer->name);
		if (*signer->fingerprint)
			add_fingerprint(text, signer->fingerprint);
		if (signer->time)
			add_time(text, signer->time);
	}
}

static const char *kind_words(enum crypto_how how)
{
	if (how == CRYPTO_PGP_MIME)
		return _("OpenPGP, around a part (PGP/MIME)");
	return how == CRYPTO_PGP_INLINE ? _("OpenPGP, within the text") : _("S/MIME");
}

static void add_verdict(struct text_view *text, const struct crypto_verdict *verdict)
{
	struct buf words = BUF_INIT;

	crypto_verdict_words(verdict, &words);
	add(text, signed_marks_style(crypto_verdict_weight(verdict)), NULL, &words);
	add_fact(text, _("kind"), kind_words(verdict->how));
	add_fact(text, _("stands for"), verdict->covers_all ? _("all of the letter that is shown") : verdict->path);
	add_signers(text, verdict);
	text_view_add(text, STYLE_NORMAL, NULL, "");
	buf_free(&words);
}

static void add_difference(struct text_view *text, const struct crypto_difference *difference)
{
	struct buf words = BUF_INIT;

	crypto_difference_words(difference, &words);
	add(text, STYLE_NORMAL, NULL, &words);
	add_fact(text, _("outside"), *difference->outer ? difference->outer : "-");
	add_fact(text, _("protected"), *difference->inner ? difference->inner : "-");
	text_view_add(text, STYLE_NORMAL, NULL, "");
	buf_free(&words);
}

static void add_all(struct text_view *text, const struct crypto_result *result, size_t about)
{
	for (size_t i = 0; i < result->verdict_count; i++)
		if (verdict_is_about(result, &result->verdicts[i], about))
			add_verdict(text, &result->verdicts[i]);
	for (size_t i = 0; !about && i < result->difference_count; i++)
		add_difference(text, &result->differences[i]);
	text_view_add(text, STYLE_DIM, NULL,
		      _("This is what Tern found out. A letter can say what it likes of itself: it is drawn one column "
			"further in, and never on a ground of its own."));
}

/* --- the view --- */

static void verdict_title(struct view *view, struct buf *left, struct buf *right)
{
	buf_add_str(left, _("signatures and encryption"));
	text_view_place((struct text_view *)view, right);
}

/* Its keys are those of the log: both are only read. */
static const struct view_class verdict_class = {
	.kind = VIEW_LOG,
	.name = "log",
	.title = N_("signatures and encryption"),
	.free = text_view_free,
	.title_line = verdict_title,
	TEXT_VIEW_WAYS,
};

struct view *verdict_view_new(struct app *app, const struct verdict *verdict, size_t about)
{
	struct text_view *text = mem_alloc(sizeof *text);

	text_view_begin(text, app, &verdict_class);
	add_all(text, verdict_result(verdict), about);
	return &text->view;
}
