/* One connection to an IMAP server: commands with their tags, several on the way at once, and what
 *the server says meanwhile, which goes to whoever listens.
 *
 *	number = imap_send(client, err, "UID FETCH %s (FLAGS)", set);
 *	if (imap_finish(client, number, err)) ...
 *
 * Errors: ERR_TEMPORARY the connection ended, or the server cannot now; ERR_CORRUPT it breaks the
 *rules; after both the connection is of no more use. Else what the server refused, in its own
 *words, with controls made harmless: ERR_NOT_FOUND, ERR_EXISTS, ERR_DENIED, ERR_FAILED; then it
 *goes on. */
#ifndef NET_PROTOCOL_IMAP_CLIENT_H
#define NET_PROTOCOL_IMAP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/protocol/imap_parse.h"

struct err;
struct stream;

#define IMAP_PENDING_MAX       64	  /* commands on the way */
#define IMAP_CONTINUATIONS_MAX 10	  /* of one command */
#define IMAP_UNASKED_MAX       (64 << 20) /* bytes that nobody asked for, during one command */
#define IMAP_RESPONSES_MAX     3000000	  /* to one command: more than any mailbox has messages */
#define IMAP_COMMAND_MS	       300000	  /* for one command, or for each megabyte of its answer */
#define IMAP_PORT	       143
#define IMAPS_PORT	       993

enum imap_ability {
	IMAP_CAN_APPENDLIMIT,
	IMAP_CAN_BINARY,
	IMAP_CAN_COMPRESS,
	IMAP_CAN_CONDSTORE,
	IMAP_CAN_ENABLE,
	IMAP_CAN_ESEARCH,
	IMAP_CAN_GMAIL,
	IMAP_CAN_ID,
	IMAP_CAN_IDLE,
	IMAP_CAN_LIST_EXTENDED,
	IMAP_CAN_LIST_STATUS,
	IMAP_CAN_LITERAL_MINUS,
	IMAP_CAN_LITERAL_PLUS,
	IMAP_CAN_MOVE,
	IMAP_CAN_NAMESPACE,
	IMAP_CAN_NOTIFY,
	IMAP_CAN_QRESYNC,
	IMAP_CAN_QUOTA,
	IMAP_CAN_REV2,
	IMAP_CAN_SASL_IR,
	IMAP_CAN_SPECIAL_USE,
	IMAP_CAN_STARTTLS,
	IMAP_CAN_UIDPLUS,
	IMAP_CAN_UNSELECT,
	IMAP_CAN_UTF8,
	IMAP_CANNOT_LOGIN, /* LOGINDISABLED */
	IMAP_ABILITY_COUNT
};

enum imap_kind {
	IMAP_SAID_CODE, /* "[...]" in a text: CODE, without brackets; nothing to parse */
	IMAP_SAID_ENABLED,
	IMAP_SAID_ESEARCH,
	IMAP_SAID_EXISTS,  /* NUMBER of them */
	IMAP_SAID_EXPUNGE, /* NUMBER is a sequence number */
	IMAP_SAID_FETCH,   /* NUMBER too */
	IMAP_SAID_FLAGS,
	IMAP_SAID_ID,
	IMAP_SAID_LIST,
	IMAP_SAID_LSUB,
	IMAP_SAID_NAMESPACE,
	IMAP_SAID_QUOTA,
	IMAP_SAID_QUOTAROOT,
	IMAP_SAID_SEARCH,
	IMAP_SAID_STATUS,
	IMAP_SAID_VANISHED,
	IMAP_SAID_NOTHING, /* what is not known is read over */
};

struct imap_said {
	enum imap_kind kind;
	uint32_t number;
	struct span code;
};

/* 1 it was for me, 0 not, -1 the connection ends with ERR. PARSE stands behind the word; what is
 * not read of it is read over. */
typedef int imap_hear(void *arg, const struct imap_said *said, struct imap_parse *parse,
		      struct err *err);

enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD };

struct imap_pending {
	unsigned number; /* 0: free */
	bool is_done;
	enum imap_status status;
	struct buf code, text;
};

struct imap_client {
	struct stream *stream;
	struct imap_parse parse;
	/* Whoever listens now: what an operation wants to hear. May be NULL. */
	imap_hear *hear;
	void *arg;
	/* Words of the server that must reach the person (RFC 3501 section 7.1, ALERT), made
	 * harmless. */
	void (*alert)(void *alert_arg, const char *words);
	void *alert_arg;
	int64_t command_ms; /* IMAP_COMMAND_MS unless changed */

	bool can[IMAP_ABILITY_COUNT];
	bool knows_abilities;
	struct buf mechanisms;			/* of AUTH=, blanks between */
	int64_t append_limit;			/* 0: none known */
	bool is_utf8, is_condstore, is_qresync; /* enabled */

	bool is_selected;
	bool is_changed; /* something of the selected mailbox changed that nobody heard */
	uint32_t exists;

	struct buf code, text; /* of the command that was finished last: "APPENDUID 1 2" */

	/* private */
	struct imap_pending pending[IMAP_PENDING_MAX];
	unsigned last_number;
	bool is_broken, is_leaving;
	int alerts;
	int responses;
	int64_t heard, unasked, allowed; /* bytes; ALLOWED: more than this wants more time */
};

/* STREAM goes over to it. */
struct imap_client *imap_client_new(struct stream *stream);
/* Closes at once; *CLIENT may be NULL and becomes NULL. */
void imap_client_free(struct imap_client **client);
/* Says LOGOUT if it can, then the same. */
void imap_client_leave(struct imap_client **client);

/* The first line of the server. *IS_PREAUTH: it says that we are signed in already. */
int imap_greeting(struct imap_client *client, bool *is_preauth, struct err *err);
/* CAPABILITY, unless told already. */
int imap_ask_abilities(struct imap_client *client, struct err *err);
void imap_forget_abilities(struct imap_client *client);

/* A whole command without its tag; FMT makes one line. Its number (> 0), or -1. */
int imap_send(struct imap_client *client, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same in pieces: begin, then text or literals, then end. */
int imap_begin(struct imap_client *client, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int imap_add(struct imap_client *client, struct span text, struct err *err);
/* TEXT as a quoted string where it can be one, else as a literal. */
int imap_add_string(struct imap_client *client, int number, struct span text, struct err *err);
/* Announces a literal of SIZE bytes, which the caller then writes into the stream. -1 when the
 * server refuses it (the command is finished then). IS_BINARY: "~{". */
int imap_add_literal(struct imap_client *client, int number, int64_t size, bool is_binary,
		     struct err *err);
int imap_end(struct imap_client *client, struct err *err);
/* Reads until command NUMBER is answered: 0, or -1 with what the server said. */
int imap_finish(struct imap_client *client, int number, struct err *err);
/* Both. */
int imap_run(struct imap_client *client, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Waits for "+": 1 with its text (lent until the next read), 0 the command was answered instead,
 * -1. */
int imap_continuation(struct imap_client *client, int number, struct span *text, struct err *err);
/* Hears one response, whatever it is. */
int imap_hear_one(struct imap_client *client, struct err *err);
bool imap_is_answered(const struct imap_client *client, int number);
/* The status of an answered command; what imap_finish would say of it is dropped. */
enum imap_status imap_take_status(struct imap_client *client, int number);

/* Begins the code of the last command with WORD ("TRYCREATE")? *REST (may be NULL): what follows
 * it. */
bool imap_code_is(struct span code, const char *word, struct span *rest);
/* Appends words of a server for a person: one line, nothing in it that moves or hides. */
void imap_add_words(struct buf *out, struct span words);
const char *imap_host(const struct imap_client *client);

#endif
