/* A server in memory, for tests of net/sync/reconcile: it can do more or less, is cut where it is told to,
 * lies on demand, and another client may change its mail between any two commands. */
#ifndef TESTS_LIB_FAKE_SERVER_H
#define TESTS_LIB_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/sync/backend.h"

struct fake_message {
	uint32_t uid;
	unsigned flags;
	char *keywords; /* in rising order */
	uint64_t modseq;
	int64_t received;
	char *bytes; /* CR LF */
	size_t size;
	char id[64]; /* its Message-ID without brackets, or "" */
};

struct fake_gone {
	uint32_t uid;
	uint64_t modseq;
};

struct fake_box {
	char *name;
	enum account_role role;
	uint32_t uidvalidity, uidnext;
	uint64_t modseq;
	bool is_subscribed, is_unselectable;
	struct fake_message *items;
	size_t count, cap;
	struct fake_gone *gone;
	size_t gone_count, gone_cap;
};

struct fake_server {
	struct fake_box **boxes;
	size_t count, cap;
	uint64_t modseq;
	uint32_t uidvalidity;
	struct backend_abilities can;
	/* what it says of how each letter is made, NULL nothing sensible, and gives of it, NULL nothing */
	const struct imap_structure *tree;
	const char *(*section)(const char *name);
	/* cutting: operations that still work, -1 all; IS_LATE: the last one is carried out, its answer lost */
	long cut_in;
	bool is_late, is_cut;
	/* between two commands another client may come */
	void (*between)(void *arg);
	void *arg;
	/* refusing: letters that may still be copied or moved, -1 any number; the mailbox that may not be opened;
	 * marking as removed, where there is no MOVE */
	long room;
	const char *forbidden;
	bool keeps_all;
	/* lies */
	bool shows_nothing_once, shows_nothing, hides_status;
	bool dozes; /* STATUS of the open mailbox is that of when it was opened, as Dovecot has it */
	/* what was asked */
	size_t commands, headers, wholes, stores, appends;
};

struct fake_server *fake_server_new(void);
void fake_server_free(struct fake_server **server);
/* A connection, signed in; ops->close frees it. */
struct backend *fake_connect(struct fake_server *server);

/* --- what another client does --- */
struct fake_box *fake_box(struct fake_server *server, const char *name); /* NULL: none */
struct fake_box *fake_make(struct fake_server *server, const char *name);
void fake_rename(struct fake_server *server, const char *name, const char *new_name);
void fake_remove(struct fake_server *server, const char *name);
/* BYTES with LF; its uid. */
uint32_t fake_append(struct fake_server *server, struct fake_box *box, const char *bytes, unsigned flags,
		     const char *keywords, int64_t received);
void fake_flags(struct fake_server *server, struct fake_box *box, struct fake_message *message, unsigned set,
		unsigned clear, const char *set_keywords, const char *clear_keywords);
void fake_expunge(struct fake_server *server, struct fake_box *box, uint32_t uid);
/* The new uid in TO. */
uint32_t fake_copy(struct fake_server *server, struct fake_box *from, uint32_t uid, struct fake_box *to);
struct fake_message *fake_message(struct fake_box *box, uint32_t uid);
struct fake_message *fake_by_id(struct fake_box *box, const char *id);
/* All uids become others. */
void fake_new_uidvalidity(struct fake_server *server, struct fake_box *box);

#endif
