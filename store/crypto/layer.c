#include "config.h"
#include "store/crypto/layer.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "store/mime/transfer.h"

#define LOOKED_AT (4u << 20) /* bytes of a coded text: more of one is not read by anybody */

static bool is_type(const struct mime_part *part, const char *type)
{
	return part && strcmp(part->type, type) == 0;
}

static bool holds_message(const struct mime_part *part)
{
	return is_type(part, "message/rfc822") || is_type(part, "message/global");
}

static bool is_pgp_signature(const struct mime_part *part)
{
	return is_type(part, "application/pgp-signature");
}

static bool is_smime_signature(const struct mime_part *part)
{
	return is_type(part, "application/pkcs7-signature") ||
	       is_type(part, "application/x-pkcs7-signature");
}

static bool is_signature(const struct mime_part *part)
{
	return is_pgp_signature(part) || is_smime_signature(part);
}

/* A second part of another type is shown like any other. */
bool layer_is_signed(const struct mime_part *part)
{
	return is_type(part, "multipart/signed") && part->child_count == 2 && is_signature(part->last_child);
}

bool layer_is_all(const struct mime_part *part)
{
	const struct mime_part *parent;

	for (; (parent = part->parent); part = parent) {
		if (holds_message(parent))
			return false;
		if (parent->child_count != 1 && !(layer_is_signed(parent) && parent->first_child == part))
			return false;
	}
	return true;
}

/* --- kinds --------------------------------------------------------------------------------------- */

/* The second part says how; the label of the whole where that is missing or odd. */
static bool is_smime_signed(const struct mime_part *part, const struct mime_part *signature)
{
	const char *protocol = mime_param(part, "protocol");

	if (is_signature(signature))
		return is_smime_signature(signature);
	return protocol && (str_equal_nocase(protocol, "application/pkcs7-signature") ||
			    str_equal_nocase(protocol, "application/x-pkcs7-signature"));
}

static void read_signed(const struct mime_part *part, struct layer *layer)
{
	const struct mime_part *second = part->first_child ? part->first_child->next : NULL;

	layer->kind = LAYER_SIGNED;
	layer->data = part->first_child;
	layer->how = is_smime_signed(part, second) ? CRYPTO_SMIME : CRYPTO_PGP_MIME;
	if (is_signature(second))
		layer->signature = second;
	layer->covers_all = layer_is_signed(part) && layer_is_all(part);
}

/* The first part says "Version: 1" and no more. */
static void read_encrypted(const struct mime_part *part, struct layer *layer)
{
	const struct mime_part *first = part->first_child;

	layer->kind = LAYER_ENCRYPTED;
	layer->how = CRYPTO_PGP_MIME;
	layer->data = is_type(first, "application/pgp-encrypted") ? first->next : NULL;
	layer->covers_all = part->child_count == 2 && layer_is_all(part);
}

/* Exchange makes multipart/mixed of it, with an empty text in front. */
static bool is_mangled_encrypted(const struct mime_part *part)
{
	const struct mime_part *first = part->first_child, *second = first ? first->next : NULL;

	return is_type(part, "multipart/mixed") && part->child_count == 3 && is_type(first, "text/plain") &&
	       !span_trim(first->body).len && is_type(second, "application/pgp-encrypted") &&
	       is_type(second->next, "application/octet-stream");
}

static void read_mangled(const struct mime_part *part, struct layer *layer)
{
	layer->kind = LAYER_ENCRYPTED;
	layer->how = CRYPTO_PGP_MIME;
	layer->data = part->first_child->next->next;
	layer->covers_all = layer_is_all(part);
}

bool layer_is_smime_signed(const struct mime_part *part)
{
	const char *kind = mime_param(part, "smime-type");

	return kind && str_equal_nocase(kind, "signed-data");
}

bool layer_is_smime(const struct mime_part *part)
{
	const char *kind = mime_param(part, "smime-type");

	if (kind && str_equal_nocase(kind, "certs-only"))
		return false;
	if (is_type(part, "application/pkcs7-mime") || is_type(part, "application/x-pkcs7-mime"))
		return !(part->filename && str_ends(part->filename, ".p7c"));
	return is_type(part, "application/octet-stream") && part->filename &&
	       str_equal_nocase(part->filename, "smime.p7m");
}

static void read_leaf(const struct mime_part *part, enum layer_kind kind, enum crypto_how how,
		      struct layer *layer)
{
	layer->kind = kind;
	layer->how = how;
	layer->data = part;
	layer->covers_all = layer_is_all(part);
}

static bool has_begin_line(struct span text)
{
	static const char begin[] = "-----BEGIN PGP ";
	size_t at = 0;
	const char *hit;

	while (at < text.len &&
	       (hit = memmem(text.data + at, text.len - at, begin, sizeof begin - 1)) != NULL) {
		if (hit == text.data || hit[-1] == '\n')
			return true;
		at = (size_t)(hit - text.data) + 1;
	}
	return false;
}

static bool has_block(const struct mime_part *part)
{
	struct buf text = BUF_INIT;
	bool has;

	if (!is_type(part, "text/plain") || (part->disposition && !strcmp(part->disposition, "attachment")))
		return false;
	if (transfer_kind(part->encoding) == TRANSFER_NONE)
		return has_begin_line(part->body);
	mime_decode_body(part, LOOKED_AT, &text);
	has = has_begin_line((struct span){buf_str(&text), text.len});
	buf_free(&text);
	return has;
}

/* --- the walk ------------------------------------------------------------------------------------ */

static bool read_layer(const struct mime_part *part, struct layer *layer)
{
	*layer = (struct layer){.part = part};
	if (is_type(part, "multipart/signed"))
		read_signed(part, layer);
	else if (is_type(part, "multipart/encrypted"))
		read_encrypted(part, layer);
	else if (is_mangled_encrypted(part))
		read_mangled(part, layer);
	else if (layer_is_smime(part))
		read_leaf(part, LAYER_SMIME, CRYPTO_SMIME, layer);
	else if (has_block(part))
		read_leaf(part, LAYER_INLINE, CRYPTO_PGP_INLINE, layer);
	else
		return false;
	return true;
}

static const struct mime_part *after(const struct mime_part *part)
{
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}

/* What stands inside an encrypted or a forwarded message is none of ours. */
static const struct mime_part *step(const struct mime_part *part)
{
	bool is_closed = holds_message(part) || is_type(part, "multipart/encrypted") ||
			 is_mangled_encrypted(part);

	return is_closed ? after(part) : mime_next(part);
}

int layer_next(const struct mime_message *message, const struct mime_part **at, struct layer *layer)
{
	const struct mime_part *part = *at ? step(*at) : &message->root;

	for (; part; part = step(part))
		if (read_layer(part, layer)) {
			*at = part;
			return 1;
		}
	return 0;
}

/* Of what may be both only the label tells; of text the line that its block begins with. */
static bool is_locked(const struct layer *layer)
{
	static const char begin[] = "-----BEGIN PGP MESSAGE-----";
	const struct span body = layer->part->body;

	if (layer->kind == LAYER_SMIME)
		return !layer_is_smime_signed(layer->part);
	if (layer->kind == LAYER_INLINE)
		return memmem(body.data, body.len, begin, sizeof begin - 1) != NULL;
	return layer->kind == LAYER_ENCRYPTED;
}

bool crypto_is_encrypted(const struct mime_message *message)
{
	const struct mime_part *at = NULL;
	struct layer layer;

	while (layer_next(message, &at, &layer) == 1)
		if (is_locked(&layer))
			return true;
	return false;
}

bool crypto_is_needed(const struct mime_message *message)
{
	const struct mime_part *at = NULL;
	struct layer layer;

	return layer_next(message, &at, &layer) == 1;
}
