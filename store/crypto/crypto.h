/* Signed and encrypted letters read: PGP/MIME (RFC 3156), PGP in the text, S/MIME (RFC 8551).
 *
 * All that is foreign happens in a child, tern-crypto, and there in GPGME: the screen never waits, never
 * maps GPGME, and a gpg that hangs is killed. The child gets the letter by a pipe and answers with
 * verdicts and with what it could open. Nothing is fetched from anywhere; no decrypted byte touches a disk.
 *
 *	if (crypto_is_needed(message))
 *		job = crypto_start(loop, bytes, len, &options, done, ask, arg);
 *	...
 *	static void done(void *arg, struct crypto_result *result)
 *	{
 *		job = NULL;
 *		if (result->shown) the reader shows result->shown->bytes in place of the letter
 *		for each verdict that is_in_frame: one row of the frame with crypto_verdict_words()
 *		for each difference: one row with crypto_difference_words()
 *	}
 *
 * A verdict is shown in rows of the frame, above or below the letter, where no text of a letter can be
 * drawn. What the letter says of itself (header fields, file names, armour) never becomes part of it:
 * words are ours, and the one foreign piece in them, the signer's user id, stands in quotation marks that
 * it cannot contain, cut to CRYPTO_NAME_WIDTH columns, on one line.
 *
 * What stands inside a forwarded letter (message/rfc822) is not looked at: its signature says nothing
 * about the letter around it. Opened as a letter of its own it gets its own verdicts. */
#ifndef STORE_CRYPTO_CRYPTO_H
#define STORE_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct loop;
struct mime_message;

#define CRYPTO_TIME_MS	    60000      /* for one letter, questions not counted */
#define CRYPTO_ASK_MS	    300000     /* a question that nobody answers */
#define CRYPTO_OUTPUT_LIMIT (64 << 20) /* decrypted bytes of one letter in all */
#define CRYPTO_LAYERS	    8	       /* signed or encrypted parts looked at, one gpg run each */
#define CRYPTO_DEPTH	    4	       /* one inside another */
#define CRYPTO_SIGNERS	    8	       /* of one signature part */
#define CRYPTO_NAME_WIDTH   60

enum crypto_what { CRYPTO_SIGNED, CRYPTO_ENCRYPTED };
enum crypto_how { CRYPTO_PGP_MIME, CRYPTO_PGP_INLINE, CRYPTO_SMIME };

/* What is known of one layer. The first group is of signatures, the second of encryption. */
enum crypto_state {
	CRYPTO_GOOD,	       /* valid, by the sender, whose key or certificate is trusted */
	CRYPTO_GOOD_UNTRUSTED, /* valid, the key names the sender, but nobody you trust certified that */
	CRYPTO_OTHER_SENDER,   /* valid, but no address of the key is the letter's From */
	CRYPTO_KEY_EXPIRED,
	CRYPTO_KEY_REVOKED,
	CRYPTO_SIGNATURE_EXPIRED,
	CRYPTO_WEAK,   /* valid, but by MD5, SHA-1 or RIPEMD-160: can be forged */
	CRYPTO_NO_KEY, /* the signer's key is not here: nothing is known */
	CRYPTO_BAD,    /* does not fit the text: changed after it was signed */
	CRYPTO_CANNOT, /* not checked: REASON says why */

	CRYPTO_DECRYPTED,
	CRYPTO_DECRYPTED_UNPROTECTED, /* S/MIME without authentication (AES-CBC...): somebody on the way
				       * may have changed it. Shown alone, with the warning */
	CRYPTO_NOT_DECRYPTED,	      /* REASON says why; no byte of it is handed out */
	CRYPTO_STATES,
};

enum crypto_reason {
	CRYPTO_NO_REASON,
	CRYPTO_NO_SECRET_KEY,	/* it is encrypted to others */
	CRYPTO_NO_PASSPHRASE,	/* nobody to ask, or the question was cancelled, or wrong three times */
	CRYPTO_NO_INTEGRITY,	/* OpenPGP without MDC or AEAD: may have been changed (EFAIL) */
	CRYPTO_DAMAGED,		/* cut, or no such data at all */
	CRYPTO_TOO_LARGE,	/* a limit above */
	CRYPTO_TOO_MANY,	/* a limit above */
	CRYPTO_NO_PROGRAM,	/* gpg or gpgsm is not installed */
	CRYPTO_NO_TIME,
	CRYPTO_UNSUPPORTED,	/* a kind that gpg does not know */
	CRYPTO_NOT_WHAT_IS_SHOWN, /* the signed text differs from what stands in the letter */
	CRYPTO_FAILED,		/* anything else; the log knows more */
	CRYPTO_REASONS,
};

/* How a verdict may look: green, yellow, red, plain. */
enum crypto_weight { CRYPTO_FINE, CRYPTO_DOUBTFUL, CRYPTO_WRONG, CRYPTO_NEUTRAL };

struct crypto_signer {
	enum crypto_state state; /* of the first group */
	enum crypto_reason reason;
	char *name;	   /* the user id that decides, printable, one line; "" when the key is unknown */
	char *fingerprint; /* hex digits: fingerprint or key id; "" */
	int64_t time;	   /* of signing, 0 when not told */
};

/* Bytes of a text part as mime_decode_body_text() gives it. */
struct crypto_range {
	size_t from, len;
};

/* One signature part or one encrypted part. A letter that is encrypted and signed in one go gives two:
 * first the encryption, then the signature. Outermost first. */
struct crypto_verdict {
	enum crypto_what what;
	enum crypto_how how;
	enum crypto_state state; /* signed: BAD if any signer is, else that of the best signer */
	enum crypto_reason reason;
	/* The part it stands for: in message 0 (the letter as it came) or in opened[message - 1]. Of
	 * multipart/signed: the part that is signed. Else the part (or multipart/encrypted) that holds all. */
	size_t message;
	char *path;
	/* Everything the reader shows of that message is inside it. False: a footer of a mailing list, text
	 * around a block, a part beside it; then the rest is neither signed nor was it encrypted. */
	bool covers_all;
	/* PGP in the text: what is signed, without its armour. Not is_ranged: the whole part. */
	bool is_ranged;
	struct crypto_range range;
	/* Message is the letter, or what is shown in its place: this verdict is a row of the frame. False: it
	 * was found inside a part that was opened by itself, and is shown with that. */
	bool is_in_frame;
	bool has_signature; /* encrypted: a signature came with it, or stands directly inside */
	bool was_revocation_checked; /* S/MIME: always false here, as nothing is fetched */
	struct crypto_signer *signers; /* the one that decides STATE first */
	size_t signer_count;
};

/* What was opened: a whole message in itself. Never to be joined with parts of another one in one
 * document (EFAIL), and nothing in it may be loaded from anywhere. */
struct crypto_opened {
	char *bytes;
	size_t len;
	size_t message; /* where it was found, as in struct crypto_verdict */
	char *path;
	/* It was all of that message: has its header fields too, and may be shown in its place. False: a
	 * part of it, with no header but Content-..., to be opened by itself. */
	bool is_whole;
	/* It differs from MESSAGE only in header fields that are protected; the paths are the same. */
	bool has_same_parts;
	bool was_encrypted;  /* itself, or the message it was found in */
	bool is_unprotected; /* CRYPTO_DECRYPTED_UNPROTECTED and no good signature inside: show with warning */
};

/* A protected header field (RFC 9788, or "protected-headers=v1") that is not as the outer one. */
struct crypto_difference {
	char *name; /* "Subject", "From", "To", "Cc", "Date", "Reply-To" */
	char *outer, *inner; /* printable, one line; "" when it is missing there */
	bool inner_is_shown; /* From only inside a good signature of that address */
	bool is_usual;	     /* the outer one was a placeholder ("..."), as it should be when encrypted */
};

struct crypto_result {
	struct crypto_verdict *verdicts;
	size_t verdict_count;
	struct crypto_opened *opened;
	size_t opened_count;
	struct crypto_difference *differences;
	size_t difference_count;
	/* What the reader, reply, forward and attachments work on in place of the letter; NULL: the letter
	 * itself. Points into OPENED. */
	const struct crypto_opened *shown;
	bool was_encrypted; /* what is shown was: a reply must not quote it unencrypted without asking */
	char *heard; /* private: all bytes of OPENED lie in it; NULL: each has its own */
	size_t heard_len;
};

/* A passphrase is wanted. Lent until the call returns. */
struct crypto_question {
	const char *key; /* user id of the secret key, printable, one line */
	bool was_wrong;	 /* the one before did not fit */
};

struct crypto_options {
	int time_ms;	     /* 0: CRYPTO_TIME_MS */
	size_t output_limit; /* 0: CRYPTO_OUTPUT_LIMIT */
};

struct crypto_job;
/* Called once, from the loop, never from crypto_start. RESULT goes over (crypto_result_free). Failures are
 * verdicts too: with CRYPTO_CANNOT or CRYPTO_NOT_DECRYPTED and a reason. */
typedef void crypto_done(void *arg, struct crypto_result *result);
/* Answer later with crypto_answer. */
typedef void crypto_ask(void *arg, const struct crypto_question *question);

/* Is there anything to check or decrypt? Without a child; costs a look at the parts, and at the bodies of
 * text/plain parts. */
bool crypto_is_needed(const struct mime_message *message);
/* Does it say itself that something in it is encrypted, not only signed? Costs the same. */
bool crypto_is_encrypted(const struct mime_message *message);

/* BYTES are lent until DONE is called or the job is cancelled. OPTIONS and ASK may be NULL: without ASK
 * only keys that need no passphrase, or whose passphrase gpg-agent has, decrypt. Never NULL. */
struct crypto_job *crypto_start(struct loop *loop, const char *bytes, size_t len,
				const struct crypto_options *options, crypto_done *done,
				crypto_ask *ask, void *arg);
/* The answer to the question asked last; PASSPHRASE NULL: cancelled. The caller wipes its own copy. */
void crypto_answer(struct crypto_job *job, const char *passphrase);
/* Kills the child; DONE is not called. *JOB may be NULL and becomes NULL. */
void crypto_cancel(struct crypto_job **job);
/* For scripts and tests: waits, asks nobody. Never in a loop callback. */
struct crypto_result *crypto_run(const char *bytes, size_t len, const struct crypto_options *options);
void crypto_result_free(struct crypto_result **result);

/* One printable sentence in the user's language: 'Good signature by "Lena <lena@example.org>".' and what
 * it does not cover. The most important word first: a row may be cut. */
void crypto_verdict_words(const struct crypto_verdict *verdict, struct buf *out);
void crypto_difference_words(const struct crypto_difference *difference, struct buf *out);
enum crypto_weight crypto_verdict_weight(const struct crypto_verdict *verdict);
/* "good", "good_untrusted", "other_sender", ..., "not_decrypted": for scripts, never translated. */
const char *crypto_state_name(enum crypto_state state);
const char *crypto_reason_name(enum crypto_reason reason); /* "", "no_secret_key", ... */
const char *crypto_how_name(enum crypto_how how);	   /* "pgp_mime", "pgp_inline", "smime" */

#endif
