#include "config.h"
#include "store/crypto/wire.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/mem.h"
#include "store/crypto/judge.h"

#define VERDICT_LIMIT	 64
#define DIFFERENCE_LIMIT 16
#define TEXT_WIDTH	 400

/* --- written ------------------------------------------------------------------------------------- */

static void add_line(struct buf *out, struct jv *value)
{
	jv_print(value, out);
	buf_add_char(out, '\n');
	jv_free(value);
}

void wire_add_question(struct buf *out, const char *key, bool was_wrong)
{
	struct jv *object = jv_object();

	jv_set(object, "ask", jv_text(key));
	jv_set(object, "wrong", jv_bool(was_wrong));
	add_line(out, object);
}

static struct jv *signer_value(const struct crypto_signer *signer)
{
	struct jv *object = jv_object();

	jv_set(object, "state", jv_number(signer->state));
	jv_set(object, "reason", jv_number(signer->reason));
	jv_set(object, "name", jv_text(signer->name));
	jv_set(object, "fingerprint", jv_text(signer->fingerprint));
	jv_set(object, "time", jv_number(signer->time));
	return object;
}

static struct jv *verdict_value(const struct crypto_verdict *verdict)
{
	struct jv *object = jv_object(), *signers = jv_array();
	size_t i;

	jv_set(object, "what", jv_number(verdict->what));
	jv_set(object, "how", jv_number(verdict->how));
	jv_set(object, "state", jv_number(verdict->state));
	jv_set(object, "reason", jv_number(verdict->reason));
	jv_set(object, "message", jv_number((int64_t)verdict->message));
	jv_set(object, "path", jv_text(verdict->path));
	jv_set(object, "covers_all", jv_bool(verdict->covers_all));
	jv_set(object, "is_ranged", jv_bool(verdict->is_ranged));
	jv_set(object, "from", jv_number((int64_t)verdict->range.from));
	jv_set(object, "len", jv_number((int64_t)verdict->range.len));
	jv_set(object, "is_in_frame", jv_bool(verdict->is_in_frame));
	jv_set(object, "has_signature", jv_bool(verdict->has_signature));
	for (i = 0; i < verdict->signer_count; i++)
		jv_append(signers, signer_value(&verdict->signers[i]));
	jv_set(object, "signers", signers);
	return object;
}

static struct jv *opened_value(const struct crypto_opened *opened)
{
	struct jv *object = jv_object();

	jv_set(object, "len", jv_number((int64_t)opened->len));
	jv_set(object, "message", jv_number((int64_t)opened->message));
	jv_set(object, "path", jv_text(opened->path));
	jv_set(object, "is_whole", jv_bool(opened->is_whole));
	jv_set(object, "has_same_parts", jv_bool(opened->has_same_parts));
	jv_set(object, "was_encrypted", jv_bool(opened->was_encrypted));
	jv_set(object, "is_unprotected", jv_bool(opened->is_unprotected));
	return object;
}

static struct jv *difference_value(const struct crypto_difference *difference)
{
	struct jv *object = jv_object();

	jv_set(object, "name", jv_text(difference->name));
	jv_set(object, "outer", jv_text(difference->outer));
	jv_set(object, "inner", jv_text(difference->inner));
	jv_set(object, "inner_is_shown", jv_bool(difference->inner_is_shown));
	jv_set(object, "is_usual", jv_bool(difference->is_usual));
	return object;
}

void wire_add_result(struct buf *out, const struct crypto_result *result)
{
	struct jv *object = jv_object(), *verdicts = jv_array(), *opened = jv_array(),
		  *differences = jv_array();
	size_t i;

	for (i = 0; i < result->verdict_count; i++)
		jv_append(verdicts, verdict_value(&result->verdicts[i]));
	for (i = 0; i < result->opened_count; i++)
		jv_append(opened, opened_value(&result->opened[i]));
	for (i = 0; i < result->difference_count; i++)
		jv_append(differences, difference_value(&result->differences[i]));
	jv_set(object, "verdicts", verdicts);
	jv_set(object, "opened", opened);
	jv_set(object, "differences", differences);
	jv_set(object, "shown", jv_number(result->shown ? result->shown - result->opened + 1 : 0));
	add_line(out, object);
	for (i = 0; i < result->opened_count; i++)
		buf_add(out, result->opened[i].bytes, result->opened[i].len);
}

/* --- read ------------------------------------------------------------------------------------------ */

int wire_read_question(struct span line, char **key, bool *was_wrong)
{
	struct jv *value;
	const char *text;

	if (!span_starts_nocase(line, "{\"ask\":"))
		return 0;
	value = jv_parse(line.data, line.len, NULL);
	text = value ? jv_get_text(value, "ask") : NULL;
	*key = judge_printable(text ? text : "", CRYPTO_NAME_WIDTH);
	*was_wrong = value && jv_get_bool(value, "wrong", false);
	jv_free(value);
	return 1;
}

/* A number from 0 to LAST; anything else is LAST + 1. */
static size_t number(const struct jv *object, const char *key, size_t last)
{
	int64_t value = jv_get_number(object, key, -1);

	return value < 0 || (uint64_t)value > last ? last + 1 : (size_t)value;
}

static char *text(const struct jv *object, const char *key, int width)
{
	const char *value = jv_get_text(object, key);

	return judge_printable(value ? value : "", width);
}

static bool read_signer(const struct jv *value, struct crypto_signer *signer)
{
	*signer = (struct crypto_signer){
	    .state = (enum crypto_state)number(value, "state", CRYPTO_CANNOT),
	    .reason = (enum crypto_reason)number(value, "reason", CRYPTO_REASONS - 1),
	    .name = text(value, "name", CRYPTO_NAME_WIDTH),
	    .fingerprint = text(value, "fingerprint", CRYPTO_NAME_WIDTH),
	    .time = jv_get_number(value, "time", 0),
	};
	return signer->state <= CRYPTO_CANNOT && signer->reason < CRYPTO_REASONS;
}

static bool read_signers(const struct jv *array, struct crypto_verdict *verdict)
{
	size_t count = array ? jv_count(array) : 0, i;
	bool is_good = count <= CRYPTO_SIGNERS;

	verdict->signers = mem_calloc(CRYPTO_SIGNERS, sizeof *verdict->signers);
	for (i = 0; is_good && i < count; i++) {
		verdict->signer_count++;
		is_good = read_signer(jv_at(array, i), &verdict->signers[i]);
	}
	return is_good;
}

/* Is the state one of its group? */
static bool fits(const struct crypto_verdict *verdict)
{
	if (verdict->what > CRYPTO_ENCRYPTED || verdict->how > CRYPTO_SMIME ||
	    verdict->state >= CRYPTO_STATES || verdict->reason >= CRYPTO_REASONS)
		return false;
	return (verdict->what == CRYPTO_SIGNED) == (verdict->state <= CRYPTO_CANNOT);
}

static bool read_verdict(const struct jv *value, size_t messages, struct crypto_verdict *verdict)
{
	*verdict = (struct crypto_verdict){
	    .what = (enum crypto_what)number(value, "what", CRYPTO_ENCRYPTED),
	    .how = (enum crypto_how)number(value, "how", CRYPTO_SMIME),
	    .state = (enum crypto_state)number(value, "state", CRYPTO_STATES - 1),
	    .reason = (enum crypto_reason)number(value, "reason", CRYPTO_REASONS - 1),
	    .message = number(value, "message", messages),
	    .path = text(value, "path", TEXT_WIDTH),
	    .covers_all = jv_get_bool(value, "covers_all", false),
	    .is_ranged = jv_get_bool(value, "is_ranged", false),
	    .range = {number(value, "from", SIZE_MAX / 4), number(value, "len", SIZE_MAX / 4)},
	    .is_in_frame = jv_get_bool(value, "is_in_frame", true),
	    .has_signature = jv_get_bool(value, "has_signature", false),
	};
	return fits(verdict) && verdict->message <= messages && read_signers(jv_get(value, "signers"), verdict);
}

static bool read_verdicts(const struct jv *array, struct crypto_result *result)
{
	size_t count = array ? jv_count(array) : 0, i;
	bool is_good = count <= VERDICT_LIMIT;

	result->verdicts = mem_calloc(VERDICT_LIMIT, sizeof *result->verdicts);
	for (i = 0; is_good && i < count; i++) {
		result->verdict_count++;
		is_good = read_verdict(jv_at(array, i), result->opened_count, &result->verdicts[i]);
	}
	return is_good;
}

/* The bytes of one come off REST. */
static bool read_opened(const struct jv *value, size_t messages, struct span *rest,
			struct crypto_opened *opened)
{
	*opened = (struct crypto_opened){
	    .len = number(value, "len", rest->len),
	    .message = number(value, "message", messages),
	    .path = text(value, "path", TEXT_WIDTH),
	    .is_whole = jv_get_bool(value, "is_whole", false),
	    .has_same_parts = jv_get_bool(value, "has_same_parts", false),
	    .was_encrypted = jv_get_bool(value, "was_encrypted", true),
	    .is_unprotected = jv_get_bool(value, "is_unprotected", true),
	};
	if (opened->len > rest->len || opened->message > messages) {
		opened->len = 0;
		return false;
	}
	opened->bytes = (char *)(uintptr_t)rest->data;
	*rest = (struct span){rest->data + opened->len, rest->len - opened->len};
	return true;
}

static bool read_all_opened(const struct jv *array, struct span *rest, struct crypto_result *result)
{
	size_t count = array ? jv_count(array) : 0, i;
	bool is_good = count <= CRYPTO_LAYERS + 1;

	result->opened = mem_calloc(CRYPTO_LAYERS + 1, sizeof *result->opened);
	for (i = 0; is_good && i < count; i++) {
		result->opened_count++;
		is_good = read_opened(jv_at(array, i), i, rest, &result->opened[i]);
	}
	return is_good && rest->len == 0;
}

static void read_difference(const struct jv *value, struct crypto_difference *difference)
{
	*difference = (struct crypto_difference){
	    .name = text(value, "name", CRYPTO_NAME_WIDTH),
	    .outer = text(value, "outer", TEXT_WIDTH),
	    .inner = text(value, "inner", TEXT_WIDTH),
	    .inner_is_shown = jv_get_bool(value, "inner_is_shown", false),
	    .is_usual = jv_get_bool(value, "is_usual", false),
	};
}

static bool read_differences(const struct jv *array, struct crypto_result *result)
{
	size_t count = array ? jv_count(array) : 0, i;

	if (count > DIFFERENCE_LIMIT)
		return false;
	result->differences = mem_calloc(count + 1, sizeof *result->differences);
	for (i = 0; i < count; i++)
		read_difference(jv_at(array, i), &result->differences[result->difference_count++]);
	return true;
}

static bool read_result(const struct jv *value, struct span rest, struct crypto_result *result)
{
	size_t shown;

	if (!read_all_opened(jv_get(value, "opened"), &rest, result) ||
	    !read_verdicts(jv_get(value, "verdicts"), result) ||
	    !read_differences(jv_get(value, "differences"), result))
		return false;
	shown = number(value, "shown", result->opened_count);
	if (shown > result->opened_count || (shown && !result->opened[shown - 1].is_whole))
		return false;
	result->shown = shown ? &result->opened[shown - 1] : NULL;
	result->was_encrypted = shown && result->shown->was_encrypted;
	return true;
}

struct crypto_result *wire_take_result(struct buf *heard, struct err *err)
{
	struct span bytes = {buf_str(heard), heard->len};
	size_t end = span_find(bytes, 0, '\n');
	struct crypto_result *result = mem_alloc(sizeof *result);
	struct jv *value = NULL;

	result->heard_len = heard->len;
	result->heard = buf_take(heard);
	bytes.data = result->heard;
	if (end < bytes.len && end <= WIRE_LINE_LIMIT)
		value = jv_parse(bytes.data, end, err);
	if (!value ||
	    !read_result(value, (struct span){bytes.data + end + 1, bytes.len - end - 1}, result)) {
		crypto_result_free(&result);
		err_set(err, _("The program that reads encrypted letters gave no answer that makes sense."));
	}
	jv_free(value);
	return result;
}

struct crypto_result *wire_read_result(struct span bytes, struct err *err)
{
	struct buf copy = BUF_INIT;

	buf_add(&copy, bytes.data, bytes.len);
	return wire_take_result(&copy, err);
}
