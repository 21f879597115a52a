/* The news between tern, ternd and workers: every message there is, in one table, and the local
 * socket they go through. News only: data goes through the store. A line is "KIND\tkey=value...\n",
 * escaped.
 *
 * Who connects to the agent is greeted with HELLO ("ternd 0.1") and then told all news
 * (FOLDER_CHANGED, OUTBOX_CHANGED, PROGRESS, ASK, ERROR). */
#ifndef STORE_NOTICE_NOTICE_H
#define STORE_NOTICE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum notice_kind {
	NOTICE_NONE,
	NOTICE_HELLO,	       /* text: role and version ("tern 0.1", "attempt") */
	NOTICE_FOLDER_CHANGED, /* account, folder (id, 0: the list of folders), revision */
	NOTICE_OUTBOX_CHANGED, /* id (0: many) */
	NOTICE_RING,	       /* account or "": something was written that you should look at;
				  code RING_AT_ONCE: leave nothing for later */
	NOTICE_WATCH,	       /* account: I look at it; keep it up to date */
	NOTICE_FLUSH,	       /* try the whole outbox now */
	NOTICE_SYNC,	       /* account: one round now, answered by SYNC_DONE; id: a time that rises, or 0 */
	NOTICE_SYNC_DONE,      /* account, id: every SYNC up to it is answered; code, text */
	NOTICE_PROGRESS,       /* account, folder, done, total, text: what is going on; code (enum
				  notice_transfer), id. Done as much as total: it is over */
	NOTICE_STATE,	       /* account, code (enum notice_state), text: how it stands with its server;
				  done, total: kilobytes used there and allowed, 0 not known */
	NOTICE_JOB,	       /* to a worker: account, id, text */
	NOTICE_JOB_DONE,       /* from a worker: id, code, text */
	NOTICE_ASK,	       /* worker -> screens: id, account, text (password, certificate) */
	NOTICE_ANSWER,	       /* screen -> worker: id, account, code (REPLY_...), text; to the other
				  screens without its text: the question is settled */
	NOTICE_ERROR,	       /* text: for the status line */
	NOTICE_QUIT,	       /* end yourself */
	NOTICE_PING,	       /* answered by PONG with the same id, after all news before it */
	NOTICE_PONG,
	NOTICE_CANCEL,	       /* account, code, id, text, as in PROGRESS: leave that */
	NOTICE_KIND_COUNT
};

/* RING's code. TRY_AGAIN: what only a person could mend may be mended. */
enum { RING_AT_ONCE = 1, RING_TRY_AGAIN = 2 };
enum { REPLY_NOBODY = -1, REPLY_NO = 0, REPLY_YES = 1, REPLY_KEEP = 2 };

/* HELLO's text of a peer that puts questions (ASK) to a person. */
#define NOTICE_CAN_ASK "can ask"

enum notice_state {
	STATE_WAITING = 1, /* all is as on the server, as far as is known */
	STATE_WORKING,	   /* connects, fetches, tells */
	STATE_OFFLINE,	   /* TEXT says why; tries again by itself */
	STATE_STUCK,	   /* TEXT says why; needs the person */
	STATE_QUIET,	   /* offline by the person's wish (store/mail/offline.h) */
};

/* What a PROGRESS tells of. */
enum notice_transfer {
	TRANSFER_FILES,	  /* files are read into the index */
	TRANSFER_ROUND,	  /* mail of a server: messages */
	TRANSFER_LETTER,  /* one letter that somebody wished for, ID; TEXT "" or its part: bytes */
	TRANSFER_SENDING, /* a letter of the outbox, ID: bytes */
};

struct notice {
	enum notice_kind kind;
	char account[64];
	int64_t folder, id, revision, done, total, code;
	char text[1024];
};

const char *notice_name(enum notice_kind kind);
/* Appends the line. */
void notice_format(const struct notice *notice, struct buf *line);
/* One line without its end: 0, or -1 when it is none. */
int notice_parse(const char *line, size_t len, struct notice *notice);

/* One connection, non-blocking. */
struct notice_conn;
struct notice_conn *notice_conn_new(int fd); /* takes FD */
void notice_conn_free(struct notice_conn **conn);
int notice_conn_fd(const struct notice_conn *conn);
/* Queues; writes what can be written now. -1 when the other end is gone. */
int notice_send(struct notice_conn *conn, const struct notice *notice);
bool notice_wants_write(const struct notice_conn *conn);
int notice_flush(struct notice_conn *conn);
/* Waits at most TIMEOUT_MS (-1: for ever) for the next notice: as notice_read. For commands, never
 * for a loop. */
int notice_wait(struct notice_conn *conn, int timeout_ms, struct notice *notice);
/* 1 with the next notice, 0 when there is none now, -1 when the other end is gone or talks
 * nonsense. */
int notice_read(struct notice_conn *conn, struct notice *notice);

/* One agent a home: a descriptor that holds the lock PATH_RUNTIME/ternd.lock (which has our pid in
 * it) until it is closed, or -1 (ERR_EXISTS: another agent has it). */
int notice_lock(struct err *err);
/* The agent's socket PATH_RUNTIME/ternd.sock, mode 0600. A stale one is replaced: hold the lock. */
int notice_listen(struct err *err);
/* Next waiting peer of the same user (SO_PEERCRED), or -1. */
int notice_accept(int listener);
/* Connects: NULL when no agent listens. */
struct notice_conn *notice_connect(struct err *err);
/* Connects, starts ternd first when none listens or an older one does (waits at most TIMEOUT_MS for
 * it, also for its HELLO, which it takes off). NULL on error; ERR_TEMPORARY: it was started but
 * does not answer yet. */
struct notice_conn *notice_connect_or_start(int timeout_ms, struct err *err);
/* Rings the agent about ACCOUNT without starting or waiting; nobody there: nothing happens. */
void notice_ring(const char *account);
/* The same with RING_TRY_AGAIN. */
void notice_try_again(const char *account);
/* The same, but starts an agent when there is none; does not wait for it (a new one looks at
 * everything). -1 when none could be started. */
int notice_ring_or_start(const char *account, struct err *err);

#endif
