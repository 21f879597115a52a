/* What an OpenPGP message is made of, as far as it must be known before gpg is asked: blocks in a text
 * (RFC 9580 sections 6 and 7), the packets in them (section 4), and the kind of a CMS object (RFC 5652).
 * gpg is then given the packets that were looked at, never the armour around them. */
#ifndef STORE_CRYPTO_ARMOR_H
#define STORE_CRYPTO_ARMOR_H

#include <stdbool.h>

#include "store/base/str.h"

struct buf;

enum armor_kind { ARMOR_NONE, ARMOR_SIGNED_TEXT, ARMOR_MESSAGE };

struct armor_block {
	enum armor_kind kind;
	struct span whole;     /* from the first line of dashes behind the last one */
	struct span text;      /* SIGNED_TEXT: what is signed, with its line ends, still dash-escaped */
	bool is_cut;	       /* ends too early, or has lines that do not belong there */
	bool is_alone;	       /* nothing but white space around it */
};

/* The first block in BYTES that begins at the start of a line; kind ARMOR_NONE when there is none. */
void armor_find(struct span bytes, struct armor_block *block);

enum armor_content {
	ARMOR_BROKEN,		  /* no packets, or packets that do not belong together */
	ARMOR_SIGNATURES,	  /* signatures alone: detached */
	ARMOR_ENCRYPTED,	  /* with integrity protection: MDC or AEAD */
	ARMOR_ENCRYPTED_UNSAFELY, /* without (EFAIL) */
	ARMOR_SIGNED,		  /* signed or compressed or plain data, not encrypted */
};

/* The packets of BYTES (armoured or not) appended to PACKETS, and what they are. */
enum armor_content armor_open(struct span bytes, struct buf *packets);

/* Are the lines of A (dash-escaped) those of B (not)? White space at the end of lines does not count, nor
 * how they end. */
bool armor_same_text(struct span a, struct span b);

enum cms_kind { CMS_BROKEN, CMS_SIGNED, CMS_ENVELOPED, CMS_AUTH_ENVELOPED, CMS_COMPRESSED };
enum cms_kind cms_kind(struct span der);

#endif
