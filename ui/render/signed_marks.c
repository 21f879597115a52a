#include "config.h"

#include "ui/render/signed_marks.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/part.h"
#include "ui/render/text.h"

enum style signed_marks_style(enum crypto_weight weight)
{
	static const enum style styles[] = {[CRYPTO_FINE] = STYLE_VERDICT_GOOD,
					    [CRYPTO_DOUBTFUL] = STYLE_VERDICT_DOUBT,
					    [CRYPTO_WRONG] = STYLE_VERDICT_WRONG,
					    [CRYPTO_NEUTRAL] = STYLE_VERDICT_PLAIN};

	return styles[weight];
}

bool signed_marks_is_same(const struct crypto_result *result, size_t inner, size_t message)
{
	while (message != inner && message && message <= result->opened_count &&
	       result->opened[message - 1].has_same_parts)
		message = result->opened[message - 1].message;
	return message == inner;
}

/* --- which verdict a part stands under --- */

static bool is_of(const struct part_work *work, const struct crypto_verdict *verdict)
{
	return verdict->what == CRYPTO_SIGNED &&
	       signed_marks_is_same(work->wish->crypto, verdict->message, work->wish->crypto_message);
}

/* Something here is signed, and not all. */
static bool is_partly_signed(const struct part_work *work)
{
	const struct crypto_result *result = work->wish->crypto;

	for (size_t i = 0; result && i < result->verdict_count; i++)
		if (is_of(work, &result->verdicts[i]) && !result->verdicts[i].covers_all)
			return true;
	return false;
}

static bool is_inside(const char *path, const char *outer)
{
	size_t len = strlen(outer);

	return !strncmp(path, outer, len) && (!path[len] || path[len] == '.');
}

/* The innermost that holds PART whole. */
static const struct crypto_verdict *verdict_of(const struct part_work *work, const struct mime_part *part)
{
	const struct crypto_result *result = work->wish->crypto;
	const struct crypto_verdict *best = NULL;

	for (size_t i = 0; i < result->verdict_count; i++) {
		const struct crypto_verdict *verdict = &result->verdicts[i];

		if (is_of(work, verdict) && !verdict->is_ranged && is_inside(part->path, verdict->path) &&
		    (!best || strlen(verdict->path) > strlen(best->path)))
			best = verdict;
	}
	return best;
}

/* --- the row where it changes --- */

/* Of what stands below the row it holds for all. */
static struct crypto_verdict of_all(const struct crypto_verdict *verdict)
{
	struct crypto_verdict copy = *verdict;

	copy.covers_all = true;
	return copy;
}

static void add_words(const struct crypto_verdict *verdict, struct buf *out)
{
	struct crypto_verdict copy;
	struct buf words = BUF_INIT;

	if (!verdict) {
		buf_add_str(out, _("From here on: not signed."));
		return;
	}
	copy = of_all(verdict);
	crypto_verdict_words(&copy, &words);
	buf_printf(out, _("From here on: %s"), buf_str(&words));
	buf_free(&words);
}

static enum crypto_weight weight_of(const struct crypto_verdict *verdict)
{
	struct crypto_verdict copy;

	if (!verdict)
		return CRYPTO_DOUBTFUL;
	copy = of_all(verdict);
	return crypto_verdict_weight(&copy);
}

static void change(struct part_work *work, const struct crypto_verdict *verdict)
{
	struct buf words = BUF_INIT;
	struct doc_line *line;

	if (work->has_mark && work->mark == verdict)
		return;
	signed_marks_leave(work);
	doc_add_blank(work->doc);
	add_words(verdict, &words);
	line = doc_add_frame(work->doc, signed_marks_style(weight_of(verdict)), buf_str(&words));
	line->is_seal = true;
	line->seal = line->style;
	buf_free(&words);
	work->has_mark = work->is_separated = true;
	work->mark = verdict;
	work->marked = work->doc->count;
}

void signed_marks_enter(struct part_work *work, const struct mime_part *part)
{
	if (is_partly_signed(work))
		change(work, verdict_of(work, part));
}

void signed_marks_leave(struct part_work *work)
{
	if (work->has_mark && work->mark)
		for (size_t i = work->marked; i < work->doc->count; i++)
			work->doc->lines[i].seal = (unsigned char)signed_marks_style(weight_of(work->mark));
	work->marked = work->doc->count;
}

/* --- blocks in the text --- */

#define BEGIN_SIGNED "-----BEGIN PGP SIGNED MESSAGE-----"
#define BEGIN_SIGNATURE "-----BEGIN PGP SIGNATURE-----"
#define END_SIGNATURE "-----END PGP SIGNATURE-----"

static bool is_block_of(const struct part_work *work, const struct crypto_verdict *verdict, const char *path)
{
	return is_of(work, verdict) && verdict->is_ranged && verdict->state != CRYPTO_CANNOT &&
	       !strcmp(verdict->path, path);
}

/* The block of PART that begins first from AT on. */
static const struct crypto_verdict *next_block(const struct part_work *work, const struct mime_part *part,
					       size_t at)
{
	const struct crypto_result *result = work->wish->crypto;
	const struct crypto_verdict *next = NULL;

	for (size_t i = 0; result && i < result->verdict_count; i++) {
		const struct crypto_verdict *verdict = &result->verdicts[i];

		if (is_block_of(work, verdict, part->path) && verdict->range.from >= at &&
		    (!next || verdict->range.from < next->range.from))
			next = verdict;
	}
	return next;
}

bool signed_marks_has_block(const struct crypto_result *result, size_t message)
{
	for (size_t i = 0; result && i < result->verdict_count; i++) {
		const struct crypto_verdict *verdict = &result->verdicts[i];

		if (verdict->is_ranged && verdict->what == CRYPTO_SIGNED && verdict->state != CRYPTO_CANNOT &&
		    signed_marks_is_same(result, verdict->message, message))
			return true;
	}
	return false;
}

/* The last line of TEXT that is LINE: where it begins, or TEXT's length. */
static size_t last_line(struct span text, const char *line)
{
	size_t len = strlen(line);

	for (size_t at = text.len; at-- > 0;)
		if ((!at || text.data[at - 1] == '\n') && text.len - at >= len &&
		    !memcmp(text.data + at, line, len))
			return at;
	return text.len;
}

/* Nothing but what says how it was signed: then nobody misses it. */
static bool is_armour_header(struct span text)
{
	struct span line;

	span_split(&text, '\n', &line);
	while (span_split(&text, '\n', &line)) {
		line = span_trim(line);
		if (line.len && !span_starts_nocase(line, "Hash:"))
			return false;
	}
	return true;
}

/* What stands before a block, without its first lines. */
static struct span without_begin(struct span text)
{
	size_t at = last_line(text, BEGIN_SIGNED);

	if (at < text.len && is_armour_header((struct span){text.data + at, text.len - at}))
		text.len = at;
	return text;
}

/* What stands behind a block, without its signature. */
static struct span without_signature(struct span text)
{
	size_t skipped = 0, end, line_end;

	while (skipped < text.len && strchr("\r\n", text.data[skipped]))
		skipped++;
	if (!span_starts_nocase((struct span){text.data + skipped, text.len - skipped}, BEGIN_SIGNATURE))
		return text;
	for (end = skipped; end < text.len; end = line_end + 1) {
		line_end = span_find(text, end, '\n');
		if (span_starts_nocase((struct span){text.data + end, line_end - end}, END_SIGNATURE)) {
			line_end += line_end < text.len;
			return (struct span){text.data + line_end, text.len - line_end};
		}
	}
	return text;
}

/* "- " before a line that begins with a dash is the armour's (RFC 9580, section 7.2). */
static void add_without_dashes(struct span text, struct buf *out)
{
	struct span line;

	while (span_split(&text, '\n', &line)) {
		if (line.len >= 2 && line.data[0] == '-' && line.data[1] == ' ')
			line = (struct span){line.data + 2, line.len - 2};
		buf_add(out, line.data, line.len);
		buf_add_char(out, '\n');
	}
}

static void render_outside(struct part_work *work, struct span text, const struct text_kind *kind, bool is_all)
{
	if (!span_trim(text).len)
		return;
	if (!is_all)
		change(work, NULL);
	text_render(work->doc, text.data, text.len, kind);
}

static void render_block(struct part_work *work, const struct crypto_verdict *block, struct span text,
			 const struct text_kind *kind, bool is_all)
{
	struct buf plain = BUF_INIT;

	if (!is_all)
		change(work, block);
	add_without_dashes(text, &plain);
	text_render(work->doc, buf_str(&plain), plain.len, kind);
	buf_free(&plain);
}

void signed_marks_text(struct part_work *work, const struct mime_part *part, const char *text, size_t len,
		       const struct text_kind *kind)
{
	const struct crypto_verdict *block = next_block(work, part, 0);
	bool is_all = !is_partly_signed(work);
	size_t at = 0;

	if (!block) {
		text_render(work->doc, text, len, kind);
		return;
	}
	for (bool is_first = true; at < len; is_first = false) {
		size_t from = block && block->range.from < len ? block->range.from : len;
		size_t most = len - from;
		struct span outside = {text + at, from - at};

		outside = is_first ? outside : without_signature(outside);
		render_outside(work, from < len ? without_begin(outside) : outside, kind, is_all);
		if (from == len)
			return;
		if (block->range.len < most)
			most = block->range.len;
		render_block(work, block, (struct span){text + from, most}, kind, is_all);
		at = from + most;
		block = next_block(work, part, at);
	}
}
