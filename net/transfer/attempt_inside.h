/* What the files of the attempt share. Nobody else includes it.
 *	attempt.c		the worker and its jobs, one letter
 *	attempt_plan.c		who a recipient stands for; what stays on this computer
 *	attempt_submit.c	what goes to a submission server
 *	attempt_record.c	the verdict of each recipient, into the outbox
 *	attempt_tell.c		telling the sender what failed */
#ifndef NET_TRANSFER_ATTEMPT_INSIDE_H
#define NET_TRANSFER_ATTEMPT_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/transfer/route.h"
#include "store/base/err.h"
#include "store/base/str.h"
#include "store/mail/outbox.h"

struct arena;
struct attempt_round;
struct local;
struct notice_conn;
struct submission;

/* An account whose server was tried in vain. */
struct attempt_down {
	char account[64];
	int64_t since; /* seconds since 1970; letters due then wait together */
	struct err why;
};

struct attempt {
	struct attempt_down down;
	struct notice_conn *conn;
	struct outbox *outbox;
	struct local *local;
	struct arena *arena;
	struct outbox_entry entry;
	struct span letter;
	struct submission *submission;
	const char *sending; /* the account whose server it is given to */
	const struct attempt_round *round; /* that is on its way */
	int64_t told_ms;     /* when it was told how far it is */
	bool is_cancelled;   /* the person left it in its midst */
	bool is_alone;	     /* the agent has gone */
	char told[1024]; /* why letters wait for a person; told once */
	bool must_end;	 /* our claims could not be given back: they are when we are no more */
};

/* What is known of a target, or of a recipient. */
struct attempt_verdict {
	enum outbox_state state;
	char status[16];
	char reply[1024];
	bool is_stuck;	/* until a person mends something */
	bool is_unsure; /* it may have been sent */
};

/* A mailbox, here or behind a server, that a recipient stands for. */
struct attempt_target {
	const char *addr;
	size_t recipient; /* whose target it is */
	struct route route;
	struct attempt_verdict verdict;
	bool is_judged;
};

/* All targets of a letter, those of one recipient together. */
struct attempt_plan {
	struct attempt_target *items;
	size_t count, cap;
	const char ***lists; /* of addresses, to free() */
	size_t list_count, list_cap;
	bool *is_recorded; /* each recipient */
};

/* --- attempt_plan.c --- */
void attempt_set_verdict(struct attempt_verdict *verdict, enum outbox_state state, const char *status,
			 const char *reply);
void attempt_judge(struct attempt_target *target, enum outbox_state state, const char *status,
		   const char *reply);
void attempt_hold(
    struct attempt_verdict *verdict); /* the person stopped it: that much is certain, or not */
/* The targets of recipient AT. What stays on this computer has its verdict at once. */
void attempt_plan_recipient(struct attempt *attempt, struct attempt_plan *plan, size_t at);
void attempt_free_plan(struct attempt_plan *plan); /* what it owns, not itself */

/* --- attempt_record.c --- */
/* Recipients whose targets are all judged. */
int attempt_record_judged(struct attempt *attempt, struct attempt_plan *plan, struct err *err);

/* --- attempt_submit.c --- */
void attempt_listen(struct attempt *attempt); /* to who wants a letter to stop while it goes */
int attempt_submit(struct attempt *attempt, struct attempt_plan *plan, struct err *err);

/* --- attempt_tell.c --- */
int attempt_tell_sender(struct attempt *attempt, struct err *err);

#endif
