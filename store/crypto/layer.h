/* Which parts of a message are signed or encrypted. */
#ifndef STORE_CRYPTO_LAYER_H
#define STORE_CRYPTO_LAYER_H

#include <stdbool.h>

#include "store/crypto/crypto.h"

struct mime_part;

enum layer_kind {
	LAYER_SIGNED,	 /* multipart/signed */
	LAYER_ENCRYPTED, /* multipart/encrypted */
	LAYER_SMIME,	 /* application/pkcs7-mime: what it is, its bytes say */
	LAYER_INLINE,	 /* text with a block of OpenPGP in it, perhaps */
};

struct layer {
	enum layer_kind kind;
	enum crypto_how how;
	const struct mime_part *part; /* the multipart, or the leaf */
	const struct mime_part *data; /* what is signed or encrypted; NULL: missing */
	const struct mime_part *signature; /* LAYER_SIGNED; NULL: missing */
	bool covers_all;	      /* the reader shows nothing beside it */
};

/* Walks a message, outermost first, never into a message inside: start with *AT = NULL; 1 with the next
 * LAYER, 0 at the end. Text parts are told when they have a line that begins a block. */
int layer_next(const struct mime_message *message, const struct mime_part **at, struct layer *layer);
/* Is PART the leaf of S/MIME that holds what is encrypted or signed (not certificates alone)? */
bool layer_is_smime(const struct mime_part *part);
/* Does such a leaf say that it is signed and not encrypted? */
bool layer_is_smime_signed(const struct mime_part *part);
/* Is PART all that is shown of its message? */
bool layer_is_all(const struct mime_part *part);
/* Is PART a multipart/signed of exactly two parts? Then what it shows is its first one. */
bool layer_is_signed(const struct mime_part *part);

#endif
