/* Signed and encrypted letters, as far as it goes without GnuPG: what is needed, blocks and packets, signer
 * against sender, words, and a child that does not do what it should. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/crypto/armor.h"
#include "store/crypto/crypto.h"
#include "store/crypto/judge.h"
#include "store/crypto/layer.h"
#include "store/crypto/protect.h"
#include "store/crypto/wire.h"
#include "store/mime/mime.h"

/* --- which letters ---------------------------------------------------------------------------------- */

static bool is_needed(const char *text)
{
	struct mime_message *message = mime_parse(text, strlen(text), NULL);
	bool needed = crypto_is_needed(message);

	mime_free(&message);
	return needed;
}

#define SIGNED                                                                                               \
	"Content-Type: multipart/signed; boundary=s\n\n--s\n\nhello\n--s\n"                                  \
	"Content-Type: application/pgp-signature\n\nx\n--s--\n"
#define SIGNED_BESIDE                                                                                        \
	"Content-Type: multipart/signed; boundary=o\n\n--o\n" SIGNED "\n--o\nContent-Type: text/html\n\n"    \
	"<p>Pay to Eve.</p>\n--o--\n"
#define MIXED(a, b) "Content-Type: multipart/mixed; boundary=m\n\n--m\n" a "\n--m\n" b "\n--m--\n"

static void test_is_needed(void **state)
{
	(void)state;
	assert_true(is_needed(SIGNED));
	assert_true(is_needed(MIXED("\nhello", SIGNED)));
	assert_true(is_needed("Content-Type: multipart/encrypted; boundary=e\n\n--e\n\n--e--\n"));
	assert_true(is_needed("Content-Type: application/pkcs7-mime\n\nx"));
	assert_true(is_needed("Content-Type: application/X-PKCS7-MIME; smime-type=enveloped-data\n\nx"));
	assert_true(is_needed("Content-Type: application/octet-stream; name=smime.p7m\n\nx"));
	assert_true(is_needed("\nHi,\n-----BEGIN PGP MESSAGE-----\n\nx\n"));
	assert_true(is_needed("Content-Transfer-Encoding: base64\n\nCi0tLS0tQkVHSU4gUEdQIE1FU1NBR0UtLS0tLQo="));
	assert_false(is_needed("\nhello\n"));
	assert_false(is_needed("\n> -----BEGIN PGP MESSAGE-----\n"));
	assert_false(is_needed("Content-Type: application/pkcs7-mime; smime-type=certs-only\n\nx"));
	assert_false(is_needed("Content-Type: message/rfc822\n\n" SIGNED));
	assert_false(is_needed(MIXED("\nhello", "Content-Type: message/rfc822\n\n" SIGNED)));
	assert_false(is_needed(MIXED("\nhello", "Content-Disposition: attachment\n\n-----BEGIN PGP MESSAGE-----\n")));
}

static bool is_encrypted(const char *text)
{
	struct mime_message *message = mime_parse(text, strlen(text), NULL);
	bool is = crypto_is_encrypted(message);

	mime_free(&message);
	return is;
}

static void test_is_encrypted(void **state)
{
	(void)state;
	assert_false(is_encrypted(SIGNED));
	assert_false(is_encrypted("\n-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n"));
	assert_false(is_encrypted("Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx"));
	assert_true(is_encrypted("Content-Type: multipart/encrypted; boundary=e\n\n--e\n\n--e--\n"));
	assert_true(is_encrypted(MIXED("\n-----BEGIN PGP MESSAGE-----\n", SIGNED)));
	assert_true(is_encrypted("Content-Type: application/pkcs7-mime\n\nx"));
}

static struct layer first_layer(const char *text, struct mime_message **message)
{
	const struct mime_part *at = NULL;
	struct layer layer = {.part = NULL};

	*message = mime_parse(text, strlen(text), NULL);
	layer_next(*message, &at, &layer);
	return layer;
}

static bool covers_all(const char *text)
{
	struct mime_message *message;
	bool covers = first_layer(text, &message).covers_all;

	mime_free(&message);
	return covers;
}

static void test_covers_all(void **state)
{
	(void)state;
	assert_true(covers_all(SIGNED));
	assert_true(covers_all("Content-Type: multipart/mixed; boundary=m\n\n--m\n" SIGNED "\n--m--\n"));
	assert_false(covers_all(MIXED(SIGNED, "\nfooter")));
	assert_false(covers_all(MIXED("\nheader", SIGNED)));
	assert_false(covers_all("Content-Type: multipart/signed; boundary=s\n\n--s\n\na\n--s\n"
				"Content-Type: application/pgp-signature\n\nx\n--s\n\nthird\n--s--\n"));
	assert_false(covers_all("Content-Type: multipart/alternative; boundary=m\n\n--m\n\nplain\n--m\n" SIGNED
				"\n--m--\n"));
}

/* The second part is shown where it is no signature: what is signed inside the first is not all. */
static void test_covers_not_what_stands_for_a_signature(void **state)
{
	struct mime_message *message;
	const struct mime_part *at = NULL;
	struct layer layer;

	(void)state;
	message = mime_parse(SIGNED_BESIDE, strlen(SIGNED_BESIDE), NULL);
	assert_int_equal(layer_next(message, &at, &layer), 1);
	assert_false(layer.covers_all);
	assert_int_equal(layer_next(message, &at, &layer), 1);
	assert_string_equal(layer.part->path, "1.1");
	assert_false(layer.covers_all);
	mime_free(&message);
}

/* --- blocks ------------------------------------------------------------------------------------------- */

#define BEGIN_SIGNED "-----BEGIN PGP SIGNED MESSAGE-----\n"
#define SIGNATURE    "-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n"

static struct armor_block block_of(const char *text)
{
	struct armor_block block;

	armor_find(span_of(text), &block);
	return block;
}

static void test_blocks(void **state)
{
	struct armor_block block = block_of(BEGIN_SIGNED "Hash: SHA512\n\nhi\n- -- \n" SIGNATURE);

	(void)state;
	assert_int_equal(block.kind, ARMOR_SIGNED_TEXT);
	assert_false(block.is_cut);
	assert_true(block.is_alone);
	assert_true(span_equal(block.text, SPAN("hi\n- -- \n")));
	block = block_of("before\n" BEGIN_SIGNED "\nhi\n" SIGNATURE);
	assert_false(block.is_alone);
	assert_false(block.is_cut);
	assert_false(block_of(BEGIN_SIGNED "\nhi\n" SIGNATURE "after").is_alone);
	assert_int_equal(block_of("x" BEGIN_SIGNED).kind, ARMOR_NONE);
	/* what would be shown as signed and is not */
	assert_true(block_of(BEGIN_SIGNED "Hash: SHA512\nComment: pay\n\nhi\n" SIGNATURE).is_cut);
	assert_true(block_of(BEGIN_SIGNED "Hash: SHA512 \xc3\xa9\n\nhi\n" SIGNATURE).is_cut);
	assert_true(block_of(BEGIN_SIGNED "Hash: SHA512\n\f\nhi\n" SIGNATURE).is_cut);
	assert_true(block_of(BEGIN_SIGNED "\n" BEGIN_SIGNED "\nhi\n" SIGNATURE).is_cut);
	assert_true(block_of(BEGIN_SIGNED "\nhi\n").is_cut);
	assert_true(block_of(BEGIN_SIGNED).is_cut);
	assert_true(block_of("-----BEGIN PGP MESSAGE-----\n\nx\n").is_cut);
	assert_false(block_of("-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----").is_cut);
}

static void test_same_text(void **state)
{
	(void)state;
	assert_true(armor_same_text(SPAN("a \n- -b\r\n"), SPAN("a\n-b\n")));
	assert_true(armor_same_text(SPAN(""), SPAN("")));
	assert_false(armor_same_text(SPAN("a\n"), SPAN("a\nb\n")));
	assert_false(armor_same_text(SPAN("a\nb\n"), SPAN("a\n")));
	assert_false(armor_same_text(SPAN(" a\n"), SPAN("a\n")));
}

static enum armor_content packets(const char *bytes, size_t len)
{
	struct buf out = BUF_INIT;
	enum armor_content content = armor_open((struct span){bytes, len}, &out);

	buf_free(&out);
	return content;
}
#define PACKETS(bytes) packets(bytes, sizeof(bytes) - 1)

static void test_packets(void **state)
{
	(void)state;
	assert_int_equal(PACKETS("\xc2\x01x"), ARMOR_SIGNATURES);
	assert_int_equal(PACKETS("\x88\x01x\xc2\x01x"), ARMOR_SIGNATURES);
	assert_int_equal(PACKETS("\xc2\x01x\xcb\x01x"), ARMOR_SIGNED);   /* a text comes with it */
	assert_int_equal(PACKETS("\xc4\x01x\xcb\x01x\xc2\x01x"), ARMOR_SIGNED);
	assert_int_equal(PACKETS("\xc1\x01x\xd2\x01x"), ARMOR_ENCRYPTED);
	assert_int_equal(PACKETS("\xc1\x01x\xd2\xe1xx\x01x"), ARMOR_ENCRYPTED); /* in pieces */
	assert_int_equal(PACKETS("\xc1\x01x\xc9\x01x"), ARMOR_ENCRYPTED_UNSAFELY);
	assert_int_equal(PACKETS("\xc1\x01x\xa7xyz"), ARMOR_ENCRYPTED_UNSAFELY);
	assert_int_equal(PACKETS("\xc1\x01x\xd2\x01x\xcb\x01x"), ARMOR_BROKEN); /* something behind it */
	assert_int_equal(PACKETS("\xc1\x01x\xd2\x05x"), ARMOR_BROKEN);
	assert_int_equal(PACKETS("\xc1\x01x"), ARMOR_BROKEN);
	assert_int_equal(PACKETS("hello"), ARMOR_BROKEN);
	assert_int_equal(PACKETS(""), ARMOR_BROKEN);
	assert_int_equal(PACKETS("-----BEGIN PGP SIGNATURE-----\n\nwgF4\n=abcd\n-----END PGP SIGNATURE-----\n"),
			 ARMOR_SIGNATURES);
	assert_int_equal(PACKETS("-----BEGIN PGP SIGNATURE-----\n\nwgF4\n"), ARMOR_BROKEN);
	assert_int_equal(PACKETS("-----BEGIN PGP SIGNATURE-----\n\nwgF4\n-----END PGP SIGNATURE-----\n"
				 "-----BEGIN PGP MESSAGE-----\n"),
			 ARMOR_BROKEN);
}

static void test_cms(void **state)
{
	(void)state;
	assert_int_equal(cms_kind(SPAN("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0")), CMS_SIGNED);
	assert_int_equal(cms_kind(SPAN("\x30\x82\x01\x02\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0")),
			 CMS_ENVELOPED);
	assert_int_equal(cms_kind(SPAN("\x30\xff\x06\x09\x2a")), CMS_BROKEN);
	assert_int_equal(cms_kind(SPAN("\x30")), CMS_BROKEN);
	assert_int_equal(cms_kind(SPAN("")), CMS_BROKEN);
}

/* --- signer against sender ------------------------------------------------------------------------------ */

static struct gpg_uid lena_uids[] = {
    {(char *)"Lena <lena@example.org>", (char *)"lena@example.org", true},
    {(char *)"Also <other@example.org>", (char *)"other@example.org", false},
};

static enum crypto_state judge(enum crypto_state found, bool is_weak, const char *first, const char *second)
{
	struct gpg_signer signer = {.state = found, .fingerprint = (char *)"0123456789ABCDEF0123",
				    .is_weak = is_weak, .uids = lena_uids, .uid_count = 2};
	struct address items[] = {{(char *)"", (char *)first}, {(char *)"", (char *)second}};
	struct address_list from = {items, first ? second ? 2 : 1 : 0};
	struct crypto_signer judged;

	judge_signer(&signer, &from, &judged);
	free(judged.name);
	free(judged.fingerprint);
	return judged.state;
}

static void test_judge(void **state)
{
	(void)state;
	assert_int_equal(judge(CRYPTO_GOOD, false, "lena@example.org", NULL), CRYPTO_GOOD);
	assert_int_equal(judge(CRYPTO_GOOD, false, "Lena@EXAMPLE.org", NULL), CRYPTO_GOOD);
	assert_int_equal(judge(CRYPTO_GOOD, false, "other@example.org", NULL), CRYPTO_GOOD_UNTRUSTED);
	assert_int_equal(judge(CRYPTO_GOOD, false, "lena@example.org", "other@example.org"), CRYPTO_GOOD_UNTRUSTED);
	assert_int_equal(judge(CRYPTO_GOOD, false, "eve@example.org", NULL), CRYPTO_OTHER_SENDER);
	assert_int_equal(judge(CRYPTO_GOOD, false, "lena@example.org", "eve@example.org"), CRYPTO_OTHER_SENDER);
	assert_int_equal(judge(CRYPTO_GOOD, false, "", NULL), CRYPTO_OTHER_SENDER);
	assert_int_equal(judge(CRYPTO_GOOD, false, NULL, NULL), CRYPTO_OTHER_SENDER);
	assert_int_equal(judge(CRYPTO_GOOD, true, "lena@example.org", NULL), CRYPTO_WEAK);
	assert_int_equal(judge(CRYPTO_BAD, true, "lena@example.org", NULL), CRYPTO_BAD);
	assert_int_equal(judge(CRYPTO_KEY_REVOKED, false, "lena@example.org", NULL), CRYPTO_KEY_REVOKED);
}

/* One that is broken speaks first; else the best one. */
static void test_several_signers(void **state)
{
	struct gpg_signer signers[] = {
	    {.state = CRYPTO_NO_KEY, .fingerprint = (char *)"A"},
	    {.state = CRYPTO_GOOD, .fingerprint = (char *)"B", .uids = lena_uids, .uid_count = 2},
	    {.state = CRYPTO_BAD, .fingerprint = (char *)"C"},
	};
	struct address lena = {(char *)"", (char *)"lena@example.org"};
	struct address_list from = {&lena, 1};
	struct gpg_answer answer = {.signers = signers, .signer_count = 3};
	struct crypto_result *result = mem_alloc(sizeof *result);

	(void)state;
	result->verdicts = mem_calloc(2, sizeof *result->verdicts);
	result->verdict_count = 2;
	judge_answer(&answer, &from, &result->verdicts[0]);
	assert_int_equal(result->verdicts[0].state, CRYPTO_BAD);
	assert_string_equal(result->verdicts[0].signers[0].fingerprint, "C");
	answer.signer_count = 2;
	judge_answer(&answer, &from, &result->verdicts[1]);
	assert_int_equal(result->verdicts[1].state, CRYPTO_GOOD);
	assert_string_equal(result->verdicts[1].signers[0].name, "Lena <lena@example.org>");
	crypto_result_free(&result);
}

static void test_printable(void **state)
{
	static const struct {
		const char *raw, *wanted;
	} cases[] = {
	    {"Lena", "Lena"},
	    {"a\"b\xe2\x80\x9c" "c\xc2\xbb" "d", "a'b'c'd"},
	    {"a\nb\tc   d", "a b c d"},
	    {"\xe2\x80\xae" "evil", "evil"},
	    {"x\xe2\x80\x83\xe3\x80\x80y ", "x y"},
	    {"0123456789abc", "012345678\xe2\x80\xa6"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_COUNT(cases); i++) {
		char *text = judge_printable(cases[i].raw, 10);

		assert_string_equal(text, cases[i].wanted);
		free(text);
	}
}

/* --- words ---------------------------------------------------------------------------------------------- */

static void test_words(void **state)
{
	int number, reason;

	(void)state;
	for (number = 0; number < CRYPTO_STATES; number++)
		for (reason = 0; reason < CRYPTO_REASONS; reason++) {
			struct crypto_signer signer = {(enum crypto_state)number, CRYPTO_NO_REASON,
						       (char *)"100% %s %n", (char *)"AB", 0};
			struct crypto_verdict verdict = {
			    .what = number > CRYPTO_CANNOT ? CRYPTO_ENCRYPTED : CRYPTO_SIGNED,
			    .state = (enum crypto_state)number,
			    .reason = (enum crypto_reason)reason,
			    .path = (char *)"1.1",
			    .signers = &signer,
			    .signer_count = number > CRYPTO_CANNOT ? 0 : 1,
			};
			struct buf words = BUF_INIT;

			crypto_verdict_words(&verdict, &words);
			assert_true(words.len > 20);
			assert_null(strchr(words.data, '\n'));
			assert_non_null(strstr(words.data, "1.1"));
			buf_free(&words);
		}
}

static enum crypto_weight weight(enum crypto_state crypto_state, bool covers)
{
	struct crypto_verdict verdict = {.state = crypto_state, .covers_all = covers};

	return crypto_verdict_weight(&verdict);
}

/* Green is for one case alone. */
static void test_weight(void **state)
{
	int number;

	(void)state;
	for (number = 0; number < CRYPTO_STATES; number++) {
		assert_int_equal(weight((enum crypto_state)number, true) == CRYPTO_FINE, number == CRYPTO_GOOD);
		assert_int_not_equal(weight((enum crypto_state)number, false), CRYPTO_FINE);
	}
	assert_int_equal(weight(CRYPTO_BAD, true), CRYPTO_WRONG);
}

/* --- the wire --------------------------------------------------------------------------------------------- */

static struct crypto_result *some_result(void)
{
	struct crypto_result *result = mem_alloc(sizeof *result);

	result->verdicts = mem_calloc(1, sizeof *result->verdicts);
	result->verdict_count = 1;
	result->verdicts[0] = (struct crypto_verdict){
	    .state = CRYPTO_GOOD, .message = 1, .path = mem_strdup("1.2"), .is_in_frame = true};
	result->verdicts[0].signers = mem_calloc(1, sizeof *result->verdicts[0].signers);
	result->verdicts[0].signer_count = 1;
	result->verdicts[0].signers[0] =
	    (struct crypto_signer){.name = mem_strdup("L\"e\nna"), .fingerprint = mem_strdup("AB"), .time = 5};
	result->opened = mem_calloc(1, sizeof *result->opened);
	result->opened_count = 1;
	result->opened[0] = (struct crypto_opened){
	    .bytes = mem_strdup("a?b"), .len = 3, .path = mem_strdup("1"), .is_whole = true, .was_encrypted = true};
	result->opened[0].bytes[1] = '\0';
	result->differences = mem_calloc(1, sizeof *result->differences);
	result->difference_count = 1;
	result->differences[0] = (struct crypto_difference){.name = mem_strdup("Subject"),
							    .outer = mem_strdup("x"),
							    .inner = mem_strdup("y"),
							    .inner_is_shown = true};
	result->shown = result->opened;
	return result;
}

static void test_wire(void **state)
{
	struct crypto_result *result = some_result(), *read;
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	size_t len;

	(void)state;
	wire_add_result(&bytes, result);
	read = wire_read_result((struct span){bytes.data, bytes.len}, &err);
	assert_non_null(read);
	assert_int_equal(read->verdicts[0].state, CRYPTO_GOOD);
	assert_string_equal(read->verdicts[0].signers[0].name, "L'e na");
	assert_ptr_equal(read->shown, read->opened);
	assert_memory_equal(read->shown->bytes, "a\0b", 3);
	assert_true(read->was_encrypted);
	assert_string_equal(read->differences[0].inner, "y");
	crypto_result_free(&read);
	for (len = 0; len < bytes.len; len++)
		assert_null(wire_read_result((struct span){bytes.data, len}, &err));
	buf_free(&bytes);
	crypto_result_free(&result);
}

/* Numbers that do not fit are no answer. */
static void test_wire_refuses(void **state)
{
	static const char *const bad[] = {
	    "{\"verdicts\":[{\"what\":0,\"how\":0,\"state\":10,\"reason\":0,\"message\":0}],\"shown\":0}\n",
	    "{\"verdicts\":[{\"what\":1,\"how\":0,\"state\":0,\"reason\":0,\"message\":0}],\"shown\":0}\n",
	    "{\"verdicts\":[{\"what\":0,\"how\":9,\"state\":0,\"reason\":0,\"message\":0}],\"shown\":0}\n",
	    "{\"verdicts\":[{\"what\":0,\"how\":0,\"state\":0,\"reason\":99,\"message\":0}],\"shown\":0}\n",
	    "{\"verdicts\":[{\"what\":0,\"how\":0,\"state\":0,\"reason\":0,\"message\":1}],\"shown\":0}\n",
	    "{\"opened\":[{\"len\":1,\"message\":0}],\"shown\":0}\n",
	    "{\"opened\":[{\"len\":1,\"message\":2}],\"shown\":0}\nx",
	    "{\"opened\":[{\"len\":1,\"message\":0}],\"shown\":1}\nx",
	    "{\"shown\":1}\n",
	    "{\"shown\":0}\nx",
	    "[]\n",
	    "\n",
	};
	struct crypto_result *result;
	size_t i;

	(void)state;
	result = wire_read_result(SPAN("{\"shown\":0}\n"), NULL);
	assert_non_null(result);
	crypto_result_free(&result);
	for (i = 0; i < ARRAY_COUNT(bad); i++)
		assert_null(wire_read_result(span_of(bad[i]), NULL));
}

/* --- a child that misbehaves -------------------------------------------------------------------------------- */

/* A program of that name, found in PATH. */
static void set_child(const char *script)
{
	char path[200], text[1000];

	snprintf(path, sizeof path, "%s/tern-crypto", getenv("CRYPTO_TEST_DIR"));
	snprintf(text, sizeof text, "#!/bin/bash\n%s\n", script);
	unlink(path);
	assert_int_equal(file_replace(path, text, strlen(text), NULL), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

static struct crypto_result *run(const char *script, int time_ms)
{
	struct crypto_options options = {.time_ms = time_ms, .output_limit = 1000};

	set_child(script);
	return crypto_run(SIGNED, strlen(SIGNED), &options);
}

static void expect_failed(const char *script, int time_ms, enum crypto_reason reason)
{
	struct crypto_result *result = run(script, time_ms);

	assert_int_equal(result->verdict_count, 1);
	assert_int_equal(result->verdicts[0].state, CRYPTO_CANNOT);
	assert_int_equal(result->verdicts[0].reason, reason);
	assert_null(result->shown);
	crypto_result_free(&result);
}

static void test_child(void **state)
{
	struct crypto_result *result;

	(void)state;
	result = run("cat >/dev/null & echo '{\"shown\":0}'; kill %1", 0);
	assert_int_equal(result->verdict_count, 0);
	crypto_result_free(&result);
	expect_failed("exit 1", 0, CRYPTO_FAILED);
	expect_failed("kill -SEGV $$", 0, CRYPTO_FAILED);
	expect_failed("echo garbage", 0, CRYPTO_FAILED);
	expect_failed("cat /dev/zero", 0, CRYPTO_TOO_LARGE);
	expect_failed("exec sleep 60", 100, CRYPTO_NO_TIME);
}

struct asked {
	struct crypto_job *job;
	struct crypto_result *result;
	const char *answer;
	int count;
};

static void done(void *arg, struct crypto_result *result)
{
	((struct asked *)arg)->result = result;
}

static void ask(void *arg, const struct crypto_question *question)
{
	struct asked *asked = arg;

	assert_string_equal(question->key, "Me 'x'");
	assert_true(question->was_wrong == (asked->count++ > 0));
	crypto_answer(asked->job, asked->answer);
}

static const char asking[] = "read -r letter len rest; head -c $len >/dev/null\n"
			     "for wrong in false true; do\n"
			     "  echo \"{\\\"ask\\\":\\\"Me \\\\\\\"x\\\\\\\"\\\",\\\"wrong\\\":$wrong}\"\n"
			     "  read -r word len; [ $len = -1 ] && break\n"
			     "  secret=$(head -c $len); [ \"$secret\" = 'open  sesame' ] && break\n"
			     "done\n"
			     "[ \"$secret\" = 'open  sesame' ] && echo '{\"shown\":0}'";

static struct asked run_asking(const char *answer, bool has_ask)
{
	struct asked asked = {.answer = answer};
	struct loop *loop = loop_new();

	set_child(asking);
	asked.job = crypto_start(loop, SIGNED, strlen(SIGNED), NULL, done, has_ask ? ask : NULL, &asked);
	while (!asked.result)
		loop_turn(loop, 1000);
	loop_free(&loop);
	return asked;
}

static void test_ask(void **state)
{
	struct asked asked = run_asking("open  sesame", true);

	(void)state;
	assert_int_equal(asked.count, 1);
	assert_int_equal(asked.result->verdict_count, 0);
	crypto_result_free(&asked.result);
	asked = run_asking("wrong", true);
	assert_int_equal(asked.count, 2);
	assert_int_equal(asked.result->verdicts[0].state, CRYPTO_CANNOT);
	crypto_result_free(&asked.result);
	asked = run_asking(NULL, true);
	assert_int_equal(asked.count, 1);
	crypto_result_free(&asked.result);
	asked = run_asking(NULL, false); /* nobody is there to ask */
	assert_int_equal(asked.count, 0);
	crypto_result_free(&asked.result);
}

static void test_cancel(void **state)
{
	struct loop *loop = loop_new();
	struct asked asked = {.answer = NULL};
	struct crypto_job *job;
	int i;

	(void)state;
	set_child("exec sleep 60");
	job = crypto_start(loop, SIGNED, strlen(SIGNED), NULL, done, NULL, &asked);
	crypto_cancel(&job);
	assert_null(job);
	crypto_cancel(&job);
	for (i = 0; i < 20; i++)
		loop_turn(loop, 10);
	assert_null(asked.result);
	loop_free(&loop);
}

static int make_dir(void **state)
{
	static char dir[] = "/tmp/tern-crypto-test-XXXXXX";
	char path[4096];

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	setenv("CRYPTO_TEST_DIR", dir, 1);
	snprintf(path, sizeof path, "%s:%s", dir, getenv("PATH"));
	setenv("PATH", path, 1);
	return 0;
}

static int remove_dir(void **state)
{
	char path[200];

	(void)state;
	snprintf(path, sizeof path, "%s/tern-crypto", getenv("CRYPTO_TEST_DIR"));
	unlink(path);
	return rmdir(getenv("CRYPTO_TEST_DIR"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_is_needed),
	    cmocka_unit_test(test_is_encrypted),
	    cmocka_unit_test(test_covers_all),
	    cmocka_unit_test(test_covers_not_what_stands_for_a_signature),
	    cmocka_unit_test(test_blocks),
	    cmocka_unit_test(test_same_text),
	    cmocka_unit_test(test_packets),
	    cmocka_unit_test(test_cms),
	    cmocka_unit_test(test_judge),
	    cmocka_unit_test(test_several_signers),
	    cmocka_unit_test(test_printable),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_weight),
	    cmocka_unit_test(test_wire),
	    cmocka_unit_test(test_wire_refuses),
	    cmocka_unit_test(test_child),
	    cmocka_unit_test(test_ask),
	    cmocka_unit_test(test_cancel),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
