#include "config.h"
#include "store/crypto/open.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/crypto/armor.h"
#include "store/crypto/judge.h"
#include "store/crypto/layer.h"
#include "store/crypto/protect.h"
#include "store/mime/mime.h"

/* The letter, then each message that was opened. */
struct message {
	struct mime_message *mime;
	struct mime_header inner; /* that of what was inside, before it was wrapped; in MIME's arena */
	size_t depth;
	bool is_in_chain; /* the letter, or what is all of one in the chain */
};

struct opener {
	struct gpg *gpg;
	struct crypto_result *result;
	struct gpg_answer *answers; /* one a verdict, in their order */
	size_t verdict_cap, answer_cap, opened_cap;
	struct message messages[CRYPTO_LAYERS + 1];
	size_t message_count, layers;
	size_t left; /* decrypted bytes still allowed */
};

/* Where the layer that is looked at stands. */
struct place {
	size_t message;
	const struct layer *layer;
};

/* --- verdicts -------------------------------------------------------------------------------------- */

static struct crypto_verdict *add_verdict(struct opener *o, const struct place *place, enum crypto_what what)
{
	struct crypto_result *result = o->result;
	const struct layer *layer = place->layer;
	bool is_inner = layer->kind == LAYER_SIGNED && layer->data;
	struct crypto_verdict *verdict;

	ARRAY_ROOM(result->verdicts, result->verdict_count, o->verdict_cap);
	ARRAY_ROOM(o->answers, result->verdict_count, o->answer_cap);
	o->answers[result->verdict_count] = (struct gpg_answer){.reason = CRYPTO_NO_REASON};
	verdict = &result->verdicts[result->verdict_count++];
	*verdict = (struct crypto_verdict){
	    .what = what,
	    .how = layer->how,
	    .state = what == CRYPTO_SIGNED ? CRYPTO_CANNOT : CRYPTO_NOT_DECRYPTED,
	    .message = place->message,
	    .path = mem_strdup(is_inner ? layer->data->path : layer->part->path),
	    .covers_all = layer->covers_all,
	};
	return verdict;
}

static struct crypto_verdict *refuse(struct opener *o, const struct place *place, enum crypto_what what,
				     enum crypto_reason reason)
{
	struct crypto_verdict *verdict = add_verdict(o, place, what);

	verdict->reason = reason;
	return verdict;
}

/* A signature that gpg looked at: weighed once all of the letter is known. ANSWER goes over. */
static struct crypto_verdict *add_signed(struct opener *o, const struct place *place,
					 struct gpg_answer *answer)
{
	struct crypto_verdict *verdict = add_verdict(o, place, CRYPTO_SIGNED);

	o->answers[o->result->verdict_count - 1] = *answer;
	*answer = (struct gpg_answer){.reason = CRYPTO_NO_REASON};
	return verdict;
}

/* --- what was opened -------------------------------------------------------------------------------- */

struct found {
	const struct buf *plain;
	bool was_encrypted, is_unprotected;
	bool is_whole; /* all of the message it was found in */
};

static bool was_encrypted(const struct opener *o, size_t message)
{
	return message && o->result->opened[message - 1].was_encrypted;
}

static void write_opened(const struct opener *o, const struct place *place, const struct found *found,
			 struct buf *out)
{
	const struct mime_header *outer = &o->messages[place->message].mime->root.header;
	struct span plain = {buf_str(found->plain), found->plain->len};

	if (place->layer->kind == LAYER_INLINE)
		protect_wrap_text(found->is_whole ? outer : NULL, plain, place->layer->part->charset, out);
	else
		protect_wrap(found->is_whole ? outer : NULL, plain, out);
}

/* Its fields are lent: they get a copy to stand on. */
static void keep_inner_header(struct message *message, struct span plain)
{
	struct arena *arena = message->mime->arena;
	struct mime_header header;
	size_t body;
	char *copy;

	mime_parse_header(plain.data, plain.len, NULL, arena, &header, &body);
	copy = arena_strndup(arena, plain.data, body);
	mime_parse_header(copy, body, NULL, arena, &message->inner, &body);
}

static void queue_message(struct opener *o, const struct place *place, const struct crypto_opened *opened,
			  const struct buf *plain)
{
	struct message *from = &o->messages[place->message], *message = &o->messages[o->message_count++];

	message->mime = mime_parse(opened->bytes, opened->len, NULL);
	keep_inner_header(message, (struct span){buf_str(plain), plain->len});
	message->depth = from->depth + 1;
	message->is_in_chain = from->is_in_chain && opened->is_whole;
}

static void add_opened(struct opener *o, const struct place *place, const struct found *found)
{
	struct crypto_result *result = o->result;
	struct buf bytes = BUF_INIT;
	struct crypto_opened *opened;

	write_opened(o, place, found, &bytes);
	ARRAY_ROOM(result->opened, result->opened_count, o->opened_cap);
	opened = &result->opened[result->opened_count++];
	*opened = (struct crypto_opened){
	    .len = bytes.len,
	    .message = place->message,
	    .path = mem_strdup(place->layer->part->path),
	    .is_whole = found->is_whole,
	    .was_encrypted = found->was_encrypted || was_encrypted(o, place->message),
	    .is_unprotected = found->is_unprotected,
	};
	opened->bytes = buf_take(&bytes);
	o->left -= found->plain->len < o->left ? found->plain->len : o->left;
	queue_message(o, place, opened, found->plain);
}

/* --- decrypting and opening ---------------------------------------------------------------------------- */

static void decrypt(struct opener *o, const struct place *place, struct span input, bool is_protected)
{
	struct crypto_verdict *verdict = add_verdict(o, place, CRYPTO_ENCRYPTED);
	struct found found = {.was_encrypted = true,
			      .is_unprotected = !is_protected,
			      .is_whole = place->layer->covers_all};
	struct gpg_answer answer;

	gpg_decrypt(o->gpg, place->layer->how, input, o->left, &answer);
	verdict->reason = answer.reason;
	if (answer.reason == CRYPTO_NO_REASON) {
		verdict->state = is_protected ? CRYPTO_DECRYPTED : CRYPTO_DECRYPTED_UNPROTECTED;
		found.plain = &answer.plain;
		add_opened(o, place, &found);
		if (answer.signer_count)
			add_signed(o, place, &answer);
	}
	gpg_answer_free(&answer);
}

/* Signed, not encrypted, and in one piece with its text. */
static void open_signed(struct opener *o, const struct place *place, struct span input)
{
	struct found found = {.is_whole = place->layer->covers_all};
	struct gpg_answer answer;

	gpg_verify(o->gpg, place->layer->how, input, o->left, &answer);
	if (answer.reason == CRYPTO_NO_REASON && answer.plain.len) {
		found.plain = &answer.plain;
		add_opened(o, place, &found);
	}
	add_signed(o, place, &answer);
}

/* OpenPGP packets, armoured or not. */
static void open_packets(struct opener *o, const struct place *place, struct span bytes)
{
	struct buf packets = BUF_INIT;
	enum armor_content content = armor_open(bytes, &packets);
	struct span input = {buf_str(&packets), packets.len};

	if (content == ARMOR_ENCRYPTED)
		decrypt(o, place, input, true);
	else if (content == ARMOR_SIGNED && place->layer->kind == LAYER_INLINE)
		open_signed(o, place, input);
	else
		refuse(o, place, CRYPTO_ENCRYPTED,
		       content == ARMOR_ENCRYPTED_UNSAFELY ? CRYPTO_NO_INTEGRITY : CRYPTO_DAMAGED);
	buf_free(&packets);
}

static void run_encrypted(struct opener *o, const struct place *place)
{
	struct buf bytes = BUF_INIT;

	if (!place->layer->data) {
		refuse(o, place, CRYPTO_ENCRYPTED, CRYPTO_DAMAGED);
		return;
	}
	mime_decode_body(place->layer->data, 0, &bytes);
	open_packets(o, place, (struct span){buf_str(&bytes), bytes.len});
	buf_free(&bytes);
}

static void run_smime(struct opener *o, const struct place *place)
{
	struct buf bytes = BUF_INIT;
	struct span der;

	mime_decode_body(place->layer->data, 0, &bytes);
	der = (struct span){buf_str(&bytes), bytes.len};
	switch (cms_kind(der)) {
	case CMS_SIGNED:
		open_signed(o, place, der);
		break;
	case CMS_ENVELOPED:
		decrypt(o, place, der, false);
		break;
	case CMS_AUTH_ENVELOPED:
		decrypt(o, place, der, true);
		break;
	case CMS_COMPRESSED:
		refuse(o, place, CRYPTO_ENCRYPTED, CRYPTO_UNSUPPORTED);
		break;
	default:
		refuse(o, place, CRYPTO_ENCRYPTED, CRYPTO_DAMAGED);
	}
	buf_free(&bytes);
}

/* --- signed beside the signature ------------------------------------------------------------------------ */

/* RFC 3156 section 5: what is signed has CR LF, however it lies on disk. */
static void add_canonical(struct span text, struct buf *out)
{
	size_t at = 0, end;

	while (at < text.len) {
		end = span_find(text, at, '\n');
		buf_add(out, text.data + at, end - at);
		if (end < text.len) {
			if (!out->len || out->data[out->len - 1] != '\r')
				buf_add_char(out, '\r');
			buf_add_char(out, '\n');
		}
		at = end + 1;
	}
}

/* The signature itself, and nothing else that would be verified in place of the text. */
static bool read_signature(const struct layer *layer, struct buf *out)
{
	struct buf bytes = BUF_INIT;
	struct span body;
	bool is_good;

	mime_decode_body(layer->signature, 0, &bytes);
	body = (struct span){buf_str(&bytes), bytes.len};
	if (layer->how == CRYPTO_SMIME) {
		buf_add(out, body.data, body.len);
		is_good = cms_kind(body) == CMS_SIGNED;
	} else {
		is_good = armor_open(body, out) == ARMOR_SIGNATURES;
	}
	buf_free(&bytes);
	return is_good;
}

static void verify(struct opener *o, const struct place *place, struct span signature)
{
	struct buf text = BUF_INIT;
	struct gpg_answer answer;

	add_canonical(place->layer->data->whole, &text);
	gpg_verify_detached(o->gpg, place->layer->how, (struct span){buf_str(&text), text.len}, signature,
			    &answer);
	add_signed(o, place, &answer);
	buf_free(&text);
}

static void run_signed(struct opener *o, const struct place *place)
{
	struct buf signature = BUF_INIT;

	if (place->layer->data && place->layer->signature && read_signature(place->layer, &signature))
		verify(o, place, (struct span){buf_str(&signature), signature.len});
	else
		refuse(o, place, CRYPTO_SIGNED, CRYPTO_DAMAGED);
	buf_free(&signature);
}

/* --- in the text ------------------------------------------------------------------------------------------ */

static void add_ascii(struct span text, struct buf *out)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.data[i] > 0 && text.data[i] != '\r')
			buf_add_char(out, text.data[i]);
}

/* The label of a text is not signed: one that makes other letters of what was signed is not followed. */
static bool reads_the_same(struct span raw, struct span shown)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool is_same;

	add_ascii(raw, &a);
	add_ascii(shown, &b);
	is_same = a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
	buf_free(&a);
	buf_free(&b);
	return is_same;
}

/* The signed text as the reader has it. False when it is not what was signed, or nothing: that says no word of what
 * stands around it. */
static bool find_range(const struct layer *layer, const struct armor_block *block, struct crypto_range *range)
{
	struct buf text = BUF_INIT;
	struct armor_block shown;
	bool is_same;

	mime_decode_body_text(layer->part, 0, &text);
	armor_find((struct span){buf_str(&text), text.len}, &shown);
	is_same = shown.kind == ARMOR_SIGNED_TEXT && !shown.is_cut && span_trim(shown.text).len &&
		  reads_the_same(block->text, shown.text);
	if (is_same)
		*range = (struct crypto_range){(size_t)(shown.text.data - text.data), shown.text.len};
	buf_free(&text);
	return is_same;
}

static void run_signed_text(struct opener *o, const struct place *place, const struct armor_block *block)
{
	struct crypto_verdict *verdict;
	struct crypto_range range = {0, 0};
	struct gpg_answer answer;

	gpg_verify(o->gpg, CRYPTO_PGP_INLINE, block->whole, CRYPTO_OUTPUT_LIMIT, &answer);
	if (answer.reason == CRYPTO_NO_REASON &&
	    (!armor_same_text(block->text, (struct span){buf_str(&answer.plain), answer.plain.len}) ||
	     !find_range(place->layer, block, &range))) {
		gpg_answer_free(&answer);
		answer.reason = CRYPTO_NOT_WHAT_IS_SHOWN;
	}
	verdict = add_signed(o, place, &answer);
	verdict->is_ranged = range.len > 0;
	verdict->range = range;
}

static void run_block(struct opener *o, const struct place *place, const struct armor_block *block)
{
	bool is_text = block->kind == ARMOR_SIGNED_TEXT;

	if (block->is_cut)
		refuse(o, place, is_text ? CRYPTO_SIGNED : CRYPTO_ENCRYPTED, CRYPTO_DAMAGED);
	else if (is_text)
		run_signed_text(o, place, block);
	else
		open_packets(o, place, block->whole);
}

static void run_inline(struct opener *o, const struct place *place)
{
	struct buf text = BUF_INIT;
	struct layer layer = *place->layer;
	struct place here = {place->message, &layer};
	struct armor_block block;

	mime_decode_body(layer.part, 0, &text);
	armor_find((struct span){buf_str(&text), text.len}, &block);
	layer.covers_all &= block.is_alone;
	if (block.kind != ARMOR_NONE)
		run_block(o, &here, &block);
	buf_free(&text);
}

/* --- the way through -------------------------------------------------------------------------------------- */

static void run(struct opener *o, const struct place *place)
{
	switch (place->layer->kind) {
	case LAYER_SIGNED:
		run_signed(o, place);
		break;
	case LAYER_ENCRYPTED:
		run_encrypted(o, place);
		break;
	case LAYER_SMIME:
		run_smime(o, place);
		break;
	case LAYER_INLINE:
		run_inline(o, place);
	}
}

/* 1, or 0 when a limit is reached: then it says so, once. */
static int run_limited(struct opener *o, const struct place *place)
{
	enum crypto_what what = place->layer->kind == LAYER_SIGNED ? CRYPTO_SIGNED : CRYPTO_ENCRYPTED;

	if (o->layers < CRYPTO_LAYERS && o->messages[place->message].depth < CRYPTO_DEPTH) {
		o->layers++;
		run(o, place);
		return 1;
	}
	refuse(o, place, what, CRYPTO_TOO_MANY);
	return 0;
}

static void run_message(struct opener *o, size_t message)
{
	const struct mime_part *at = NULL;
	struct layer layer;
	struct place place = {message, &layer};

	while (layer_next(o->messages[message].mime, &at, &layer) == 1)
		if (!run_limited(o, &place))
			break;
}

/* --- all known: what is shown, and who signed it ------------------------------------------------------------ */

static size_t shown_message(const struct opener *o)
{
	size_t i, last = 0;

	for (i = 0; i < o->message_count; i++)
		if (o->messages[i].is_in_chain)
			last = i;
	return last;
}

static bool is_around_all(const struct opener *o, const struct crypto_verdict *verdict)
{
	return o->messages[verdict->message].is_in_chain && verdict->covers_all;
}

static bool is_valid_answer(const struct gpg_answer *answer)
{
	size_t i;

	for (i = 0; i < answer->signer_count; i++)
		if (answer->signers[i].state != CRYPTO_GOOD || answer->signers[i].is_weak)
			return false;
	return answer->signer_count > 0;
}

/* Does some layer around the whole letter keep others from changing it? */
static bool is_protected(const struct opener *o)
{
	const struct crypto_verdict *verdict = o->result->verdicts;
	size_t i;

	for (i = 0; i < o->result->verdict_count; i++, verdict++)
		if (is_around_all(o, verdict) &&
		    (verdict->state == CRYPTO_DECRYPTED || is_valid_answer(&o->answers[i])))
			return true;
	return false;
}

/* Is the inner From that of somebody who signed the whole? Encryption alone names nobody. */
static bool has_signed_from(const struct opener *o, const struct address_list *from)
{
	size_t i;

	for (i = 0; i < o->result->verdict_count; i++)
		if (is_around_all(o, &o->result->verdicts[i]) && is_valid_answer(&o->answers[i]) &&
		    judge_names(&o->answers[i].signers[0], from))
			return true;
	return false;
}

static void judge_all(struct opener *o, const struct address_list *from)
{
	struct crypto_verdict *verdict = o->result->verdicts;
	size_t i;

	for (i = 0; i < o->result->verdict_count; i++, verdict++) {
		verdict->is_in_frame = o->messages[verdict->message].is_in_chain;
		if (o->answers[i].signer_count || o->answers[i].reason)
			judge_answer(&o->answers[i], from, verdict);
	}
}

static bool is_inside(const struct opener *o, const struct crypto_verdict *inner,
		      const struct crypto_verdict *outer)
{
	const struct crypto_opened *opened;

	if (inner->message == outer->message)
		return strcmp(inner->path, outer->path) == 0;
	if (!inner->message || !inner->covers_all)
		return false;
	opened = &o->result->opened[inner->message - 1];
	return opened->message == outer->message && strcmp(opened->path, outer->path) == 0;
}

static bool is_valid_state(enum crypto_state state)
{
	return state == CRYPTO_GOOD || state == CRYPTO_GOOD_UNTRUSTED || state == CRYPTO_OTHER_SENDER;
}

static void protect_by_signature(struct opener *o, struct crypto_verdict *encrypted)
{
	size_t i;

	if (encrypted->state == CRYPTO_DECRYPTED_UNPROTECTED)
		encrypted->state = CRYPTO_DECRYPTED;
	for (i = 0; i < o->result->opened_count; i++)
		if (o->result->opened[i].message == encrypted->message &&
		    strcmp(o->result->opened[i].path, encrypted->path) == 0)
			o->result->opened[i].is_unprotected = false;
}

/* A signature inside is what encryption alone does not give. */
static void look_for_signature(struct opener *o, struct crypto_verdict *encrypted)
{
	const struct crypto_verdict *verdict = o->result->verdicts;
	size_t i;

	for (i = 0; i < o->result->verdict_count; i++, verdict++) {
		if (verdict->what != CRYPTO_SIGNED || !is_inside(o, verdict, encrypted))
			continue;
		encrypted->has_signature = true;
		if (is_valid_state(verdict->state))
			protect_by_signature(o, encrypted);
	}
}

/* What is opened inside something that may have been changed may have been changed too. */
static void hand_down_doubt(struct crypto_result *result)
{
	size_t i;

	for (i = 0; i < result->opened_count; i++) {
		struct crypto_opened *opened = &result->opened[i];

		if (opened->message && !opened->has_same_parts && opened->was_encrypted &&
		    result->opened[opened->message - 1].is_unprotected)
			opened->is_unprotected = true;
	}
}

static void add_replaced(struct opener *o, size_t message, struct buf *bytes)
{
	struct crypto_result *result = o->result;
	struct crypto_opened opened = {
	    .len = bytes->len,
	    .message = message,
	    .path = mem_strdup("1"),
	    .is_whole = true,
	    .has_same_parts = true,
	    .was_encrypted = was_encrypted(o, message),
	    .is_unprotected = message && result->opened[message - 1].is_unprotected,
	};

	opened.bytes = buf_take(bytes);
	ARRAY_ROOM(result->opened, result->opened_count, o->opened_cap);
	result->opened[result->opened_count++] = opened;
}

/* The header of what is inside all layers: that of a message that was opened is no longer its own. */
static const struct mime_header *inner_fields(const struct opener *o, size_t last, const struct mime_part *part)
{
	const struct message *message = &o->messages[last];

	return last && part == &message->mime->root ? &message->inner : &part->header;
}

/* Which From the signers are weighed against: the one that is shown. */
static void settle(struct opener *o)
{
	struct mime_message *letter = o->messages[0].mime;
	size_t last = shown_message(o);
	struct protect_what what = {.outer = &letter->root.header, .shown = o->messages[last].mime};
	struct address_list from, inner_from;
	struct buf replaced = BUF_INIT;
	size_t i, shown = last;

	address_field(&letter->root.header, "From", letter->arena, &from);
	what.inner = is_protected(o) ? protect_find(what.shown) : NULL;
	if (what.inner)
		what.fields = inner_fields(o, last, what.inner);
	if (what.inner && mime_field(what.fields, "From")) {
		address_field(what.fields, "From", letter->arena, &inner_from);
		what.has_inner_from = has_signed_from(o, &inner_from);
	}
	judge_all(o, what.has_inner_from ? &inner_from : &from);
	for (i = 0; i < o->result->verdict_count; i++)
		if (o->result->verdicts[i].what == CRYPTO_ENCRYPTED)
			look_for_signature(o, &o->result->verdicts[i]);
	hand_down_doubt(o->result);
	what.was_encrypted = was_encrypted(o, last);
	if (what.inner && protect_compare(&what, o->result, &replaced)) {
		add_replaced(o, last, &replaced);
		shown = o->result->opened_count;
	}
	o->result->shown = shown ? &o->result->opened[shown - 1] : NULL;
	o->result->was_encrypted = o->result->shown && o->result->shown->was_encrypted;
}

struct crypto_result *open_letter(struct gpg *gpg, struct span letter, size_t limit)
{
	struct opener o = {.gpg = gpg, .left = limit, .message_count = 1};
	size_t i;

	o.result = mem_alloc(sizeof *o.result);
	o.messages[0] = (struct message){.mime = mime_parse(letter.data, letter.len, NULL), .is_in_chain = true};
	for (i = 0; i < o.message_count; i++)
		run_message(&o, i);
	settle(&o);
	for (i = 0; i < o.message_count; i++)
		mime_free(&o.messages[i].mime);
	for (i = 0; i < o.result->verdict_count; i++)
		gpg_answer_free(&o.answers[i]);
	free(o.answers);
	return o.result;
}
