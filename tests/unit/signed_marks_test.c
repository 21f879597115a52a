/* What is signed of a letter that is not signed whole: rows and marks that no text of it can make. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/crypto/crypto.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/signed_marks.h"

#define TWO_PARTS                                                                                          \
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\nFrom here on: not signed.\n--b\n\nsecond\n--b--\n"
#define BLOCK                                                                                              \
	"before\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- -- \ninside\n"                          \
	"-----BEGIN PGP SIGNATURE-----\n\nabcd\n-----END PGP SIGNATURE-----\nbehind\n"

static char name[] = "Lena", fingerprint[] = "AB", one[] = "1", no_bytes[] = "";
static struct crypto_signer lena = {.state = CRYPTO_GOOD, .name = name, .fingerprint = fingerprint};

static struct crypto_verdict good(const char *path)
{
	return (struct crypto_verdict){.what = CRYPTO_SIGNED,
				       .state = CRYPTO_GOOD,
				       .path = (char *)(uintptr_t)path,
				       .is_in_frame = true,
				       .signers = &lena,
				       .signer_count = 1};
}

/* Each line, "|" before those that are marked, "=" before rows about signatures. */
static char *rendered(const char *bytes, struct crypto_verdict *verdicts, size_t count, size_t number,
		      struct crypto_result *result)
{
	struct mime_message *message = mime_parse(bytes, strlen(bytes), NULL);
	struct message_wish wish = {
		.width = 80, .no_header = true, .crypto = result, .crypto_message = number};
	struct doc *doc = doc_new();
	struct buf out = BUF_INIT;

	result->verdicts = verdicts;
	result->verdict_count = count;
	message_render(doc, message, &wish);
	for (size_t i = 0; i < doc->count; i++) {
		const struct doc_line *line = &doc->lines[i];

		assert_true(!line->is_seal || line->is_frame);
		buf_printf(&out, "%s%.*s\n", line->is_seal ? "=" : line->seal ? "|" : "", (int)line->len, line->text);
	}
	doc_free(&doc);
	mime_free(&message);
	return buf_take(&out);
}

static void assert_marks(const char *bytes, struct crypto_verdict verdict, const char *expected)
{
	struct crypto_result result = {.verdicts = NULL};
	char *text = rendered(bytes, &verdict, 1, 0, &result);

	assert_string_equal(text, expected);
	free(text);
}

static void parts_are_told_apart(void **state)
{
	(void)state;
	assert_marks(TWO_PARTS, good("1.2"),
		     "=From here on: not signed.\nfirst\nFrom here on: not signed.\n\n"
		     "=From here on: Good signature by \"Lena\".\n|second\n");
	assert_marks(TWO_PARTS, good("1.1"),
		     "=From here on: Good signature by \"Lena\".\n|first\n|From here on: not signed.\n\n"
		     "=From here on: not signed.\nsecond\n");
}

static void what_is_signed_whole_has_no_marks(void **state)
{
	struct crypto_verdict verdict = good("1");

	(void)state;
	verdict.covers_all = true;
	assert_marks(TWO_PARTS, verdict, "first\nFrom here on: not signed.\nsecond\n");
}

static void bad_signatures_are_told_so(void **state)
{
	struct crypto_verdict verdict = good("1.2");
	struct crypto_signer signer = lena;

	(void)state;
	signer.state = verdict.state = CRYPTO_BAD;
	verdict.signers = &signer;
	assert_marks(TWO_PARTS, verdict,
		     "=From here on: not signed.\nfirst\nFrom here on: not signed.\n\n"
		     "=From here on: BAD signature: this is not what \"Lena\" signed.\n|second\n");
}

static struct crypto_verdict block(void)
{
	struct crypto_verdict verdict = good("1");
	const char *text = strstr(BLOCK, "- -- ");

	verdict.is_ranged = true;
	verdict.range.from = (size_t)(text - BLOCK);
	verdict.range.len = strlen("- -- \ninside\n");
	return verdict;
}

static void a_block_in_the_text_is_marked(void **state)
{
	(void)state;
	assert_marks("\n" BLOCK, block(),
		     "=From here on: not signed.\nbefore\n\n=From here on: Good signature by \"Lena\".\n"
		     "|-- \n|inside\n\n=From here on: not signed.\nbehind\n");
}

static void ranges_beyond_the_text_are_cut(void **state)
{
	struct crypto_verdict verdict = block();

	(void)state;
	verdict.range.len = SIZE_MAX / 4;
	assert_marks("\n" BLOCK, verdict,
		     "=From here on: not signed.\nbefore\n\n=From here on: Good signature by \"Lena\".\n"
		     "|-- \n|inside\n|-----BEGIN PGP SIGNATURE-----\n"
		     "|\n|abcd\n|-----END PGP SIGNATURE-----\n|behind\n");
	verdict.range.from = SIZE_MAX / 4;
	assert_marks("\nshort\n", verdict, "=From here on: not signed.\nshort\n");
}

/* Of a message that was opened only what was found in that one counts, or in the same under another header. */
static void paths_are_those_of_their_message(void **state)
{
	struct crypto_opened opened[] = {{.bytes = no_bytes, .message = 0, .path = one},
					 {.bytes = no_bytes, .message = 1, .path = one, .has_same_parts = true}};
	struct crypto_result result = {.opened = opened, .opened_count = 2};
	struct crypto_verdict verdict = good("1.2");
	char *text = rendered(TWO_PARTS, &verdict, 1, 1, &result);

	(void)state;
	assert_null(strchr(text, '|'));
	free(text);
	verdict.message = 1;
	text = rendered(TWO_PARTS, &verdict, 1, 2, &result);
	assert_non_null(strstr(text, "|second"));
	free(text);
	text = rendered(TWO_PARTS, &verdict, 1, SIZE_MAX, &result);
	assert_null(strchr(text, '|'));
	free(text);
}

static void links_of_the_unprotected_are_text(void **state)
{
	const char bytes[] = "Content-Type: text/html\n\n"
			     "<a href=\"https://e.example/x\">there</a> https://f.example/\n";
	struct mime_message *message = mime_parse(bytes, sizeof bytes - 1, NULL);
	struct message_wish wish = {.width = 80, .no_header = true, .has_no_links = true};
	struct doc *doc = doc_new();

	(void)state;
	message_render(doc, message, &wish);
	assert_int_equal(doc->link_count, 0);
	for (size_t i = 0; i < doc->count; i++)
		for (uint32_t at = 0; at < doc->lines[i].run_count; at++)
			assert_int_equal(doc->lines[i].runs[at].link, 0);
	doc_free(&doc);
	mime_free(&message);
}

/* S/MIME that nobody could decrypt: without a line of ours the letter would look empty. */
static void what_stays_encrypted_says_so(void **state)
{
	static const struct {
		const char *head, *want;
	} cases[] = {
	    {"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n"
	     "Content-Disposition: attachment; filename=smime.p7m\n",
	     "This part is encrypted and was not decrypted; the row on top says why.\n"},
	    {"Content-Type: application/octet-stream; name=smime.p7m\n",
	     "This part is encrypted and was not decrypted; the row on top says why.\n"},
	    {"Content-Type: application/x-pkcs7-mime; smime-type=signed-data; name=smime.p7m\n",
	     "This part lies within its signature and could not be opened; the row on top says why.\n"},
	    {"Content-Type: application/pkcs7-mime; smime-type=certs-only; name=smime.p7c\n", ""},
	    {"Content-Type: application/octet-stream; name=other.bin\n", ""},
	};
	struct crypto_verdict locked = {.what = CRYPTO_ENCRYPTED,
					.how = CRYPTO_SMIME,
					.state = CRYPTO_NOT_DECRYPTED,
					.reason = CRYPTO_NO_SECRET_KEY,
					.path = one,
					.is_in_frame = true};
	struct crypto_result result = {.verdicts = NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct buf letter = BUF_INIT;
		char *shown;

		buf_printf(&letter, "%s\nMIAG\n", cases[i].head);
		shown = rendered(buf_str(&letter), &locked, 1, 0, &result);
		assert_string_equal(shown, cases[i].want);
		free(shown);
		buf_free(&letter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_told_apart),
		cmocka_unit_test(what_is_signed_whole_has_no_marks),
		cmocka_unit_test(bad_signatures_are_told_so),
		cmocka_unit_test(a_block_in_the_text_is_marked),
		cmocka_unit_test(ranges_beyond_the_text_are_cut),
		cmocka_unit_test(paths_are_those_of_their_message),
		cmocka_unit_test(links_of_the_unprotected_are_text),
		cmocka_unit_test(what_stays_encrypted_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
