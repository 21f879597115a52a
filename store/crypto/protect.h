/* Header fields that a signature or encryption protects (RFC 9788, and "protected-headers=v1" before it),
 * and messages made of an outer header and what was inside. */
#ifndef STORE_CRYPTO_PROTECT_H
#define STORE_CRYPTO_PROTECT_H

#include <stdbool.h>

#include "store/base/str.h"

struct buf;
struct crypto_result;
struct mime_header;
struct mime_message;
struct mime_part;

/* Appends a message: the fields of OUTER (NULL: none) but those about its content, then the entity ENTITY
 * with no field but those about its content. */
void protect_wrap(const struct mime_header *outer, struct span entity, struct buf *out);
/* The same for text that has no header of its own. */
void protect_wrap_text(const struct mime_header *outer, struct span text, const char *charset,
		       struct buf *out);

/* The part of MESSAGE that carries protected fields, inside all its signatures; NULL: none does. */
const struct mime_part *protect_find(const struct mime_message *message);
/* Does PART's protected header tell all fields, so that a missing one is missing on purpose? */
bool protect_is_complete(const struct mime_part *part);

struct protect_what {
	const struct mime_header *outer;  /* of the letter as it came */
	const struct mime_part *inner;	  /* says that it protects */
	const struct mime_header *fields; /* what is protected */
	const struct mime_message *shown; /* what is shown until now */
	bool has_inner_from;		  /* the inner From may be believed */
	bool was_encrypted;
};
/* Adds the differences to RESULT. True when some inner field is to be shown: then OUT is SHOWN with these
 * fields in place of the outer ones. */
bool protect_compare(const struct protect_what *what, struct crypto_result *result, struct buf *out);

#endif
