#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/utf8.h"
#include "store/crypto/crypto.h"

struct verify {
	bool as_json, as_letter;
	struct buf out;
	int rc;
};

/* --- as data --------------------------------------------------------------------------------------- */

static struct jv *signers(const struct crypto_verdict *verdict)
{
	struct jv *array = jv_array();
	size_t i;

	for (i = 0; i < verdict->signer_count; i++) {
		const struct crypto_signer *signer = &verdict->signers[i];
		struct jv *object = jv_object();

		jv_set(object, "state", jv_text(crypto_state_name(signer->state)));
		jv_set(object, "name", jv_text(signer->name));
		jv_set(object, "fingerprint", jv_text(signer->fingerprint));
		jv_set(object, "time", jv_number(signer->time));
		jv_append(array, object);
	}
	return array;
}

static struct jv *range(const struct crypto_verdict *verdict)
{
	struct jv *object;

	if (!verdict->is_ranged)
		return jv_null();
	object = jv_object();
	jv_set(object, "from", jv_number((int64_t)verdict->range.from));
	jv_set(object, "len", jv_number((int64_t)verdict->range.len));
	return object;
}

static struct jv *verdict_value(const struct crypto_verdict *verdict)
{
	struct jv *object = jv_object();
	struct buf words = BUF_INIT;

	crypto_verdict_words(verdict, &words);
	jv_set(object, "what", jv_text(verdict->what == CRYPTO_SIGNED ? "signed" : "encrypted"));
	jv_set(object, "how", jv_text(crypto_how_name(verdict->how)));
	jv_set(object, "state", jv_text(crypto_state_name(verdict->state)));
	jv_set(object, "reason", jv_text(crypto_reason_name(verdict->reason)));
	jv_set(object, "words", jv_text_n(buf_str(&words), words.len));
	jv_set(object, "message", jv_number((int64_t)verdict->message));
	jv_set(object, "path", jv_text(verdict->path));
	jv_set(object, "covers_all", jv_bool(verdict->covers_all));
	jv_set(object, "is_in_frame", jv_bool(verdict->is_in_frame));
	jv_set(object, "range", range(verdict));
	jv_set(object, "signers", signers(verdict));
	buf_free(&words);
	return object;
}

static struct jv *difference_value(const struct crypto_difference *difference)
{
	struct jv *object = jv_object();
	struct buf words = BUF_INIT;

	crypto_difference_words(difference, &words);
	jv_set(object, "name", jv_text(difference->name));
	jv_set(object, "outer", jv_text(difference->outer));
	jv_set(object, "inner", jv_text(difference->inner));
	jv_set(object, "inner_is_shown", jv_bool(difference->inner_is_shown));
	jv_set(object, "is_usual", jv_bool(difference->is_usual));
	jv_set(object, "words", jv_text_n(buf_str(&words), words.len));
	buf_free(&words);
	return object;
}

static struct jv *opened_value(const struct crypto_opened *opened)
{
	struct jv *object = jv_object();

	jv_set(object, "message", jv_number((int64_t)opened->message));
	jv_set(object, "path", jv_text(opened->path));
	jv_set(object, "is_whole", jv_bool(opened->is_whole));
	jv_set(object, "was_encrypted", jv_bool(opened->was_encrypted));
	jv_set(object, "is_unprotected", jv_bool(opened->is_unprotected));
	jv_set(object, "size", jv_number((int64_t)opened->len));
	return object;
}

static void add_value(struct verify *verify, const char *file, const struct crypto_result *result)
{
	struct jv *object = jv_object(), *verdicts = jv_array(), *differences = jv_array(),
		  *opened = jv_array();
	size_t i;

	for (i = 0; i < result->verdict_count; i++)
		jv_append(verdicts, verdict_value(&result->verdicts[i]));
	for (i = 0; i < result->difference_count; i++)
		jv_append(differences, difference_value(&result->differences[i]));
	for (i = 0; i < result->opened_count; i++)
		jv_append(opened, opened_value(&result->opened[i]));
	jv_set(object, "file", jv_text(file));
	jv_set(object, "verdicts", verdicts);
	jv_set(object, "differences", differences);
	jv_set(object, "opened", opened);
	jv_set(object, "shown", jv_number(result->shown ? result->shown - result->opened + 1 : 0));
	jv_print(object, &verify->out);
	buf_add_char(&verify->out, '\n');
	jv_free(object);
}

/* --- for people -------------------------------------------------------------------------------------- */

/* "FILE: words": the name is printed through the gate too. */
static void add_line(struct verify *verify, const char *file, const struct buf *words)
{
	utf8_add_printable(&verify->out, file, strlen(file));
	buf_add_str(&verify->out, ": ");
	utf8_add_printable(&verify->out, buf_str(words), words->len);
	buf_add_char(&verify->out, '\n');
}

static void add_words(struct verify *verify, const char *file, const struct crypto_result *result)
{
	struct buf words = BUF_INIT;
	size_t i;

	for (i = 0; i < result->verdict_count; i++) {
		buf_clear(&words);
		crypto_verdict_words(&result->verdicts[i], &words);
		add_line(verify, file, &words);
	}
	for (i = 0; i < result->difference_count; i++) {
		buf_clear(&words);
		crypto_difference_words(&result->differences[i], &words);
		add_line(verify, file, &words);
	}
	if (!result->verdict_count) {
		buf_clear(&words);
		buf_add_str(&words, _("Neither signed nor encrypted."));
		add_line(verify, file, &words);
	}
	buf_free(&words);
}

/* --- the command --------------------------------------------------------------------------------------- */

static void add_letter(struct verify *verify, const struct file_view *view, const struct crypto_result *result)
{
	if (result->shown)
		buf_add(&verify->out, result->shown->bytes, result->shown->len);
	else
		buf_add(&verify->out, view->data, view->len);
}

/* 1 when something is not as it should be, so that a script can ask. */
static bool is_doubtful(const struct crypto_result *result)
{
	size_t i;

	for (i = 0; i < result->verdict_count; i++) {
		enum crypto_weight weight = crypto_verdict_weight(&result->verdicts[i]);

		if (weight == CRYPTO_DOUBTFUL || weight == CRYPTO_WRONG)
			return true;
	}
	return result->verdict_count == 0;
}

static void verify_bytes(struct verify *verify, const char *file, const struct file_view *view)
{
	struct crypto_result *result = crypto_run(view->data, view->len, NULL);

	if (is_doubtful(result))
		verify->rc = 1;
	if (verify->as_letter)
		add_letter(verify, view, result);
	else if (verify->as_json)
		add_value(verify, file, result);
	else
		add_words(verify, file, result);
	crypto_result_free(&result);
}

static void verify_file(struct verify *verify, const char *file)
{
	struct file_view view;
	struct err err = ERR_INIT;
	int rc = strcmp(file, "-") == 0 ? file_view_open_fd(&view, STDIN_FILENO, &err)
					: file_view_open(&view, file, &err);

	if (rc < 0) {
		verify->rc = shell_fail("verify", &err);
		return;
	}
	verify_bytes(verify, file, &view);
	file_view_close(&view);
}

static int read_options(int argc, char **argv, struct verify *verify)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"letter", no_argument, NULL, 'l'},
						{NULL, 0, NULL, 0}};
	int c;

	while ((c = shell_option(argv[0], argc, argv, "jl", options, NULL)) != -1) {
		if (c == 'j')
			verify->as_json = true;
		else if (c == 'l')
			verify->as_letter = true;
		else
			return -1;
	}
	return 0;
}

int shell_verify(int argc, char **argv)
{
	struct verify verify = {.rc = 0};
	char **file;

	if (read_options(argc, argv, &verify) < 0)
		return 2;
	if (optind == argc)
		return shell_usage(argv[0], _("Name one file or more (\"-\" for standard input)."));
	for (file = argv + optind; *file; file++) {
		verify_file(&verify, *file);
		if (shell_print(&verify.out) != 0)
			verify.rc = 1;
	}
	buf_free(&verify.out);
	return verify.rc;
}
