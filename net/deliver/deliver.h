/* One letter into one mailbox of this machine: RFC 5321 section 4.4 (Return-Path; Received where no
 * program before us left its own), Delivered-To against circles. Durable when it returns. */
#ifndef NET_DELIVER_DELIVER_H
#define NET_DELIVER_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/base/str.h"
#include "store/mail/account.h"

struct box;
struct err;
struct notice;

struct delivery {
	const char *sender;    /* envelope; "" the null sender */
	const char *recipient; /* as the envelope has it */
	struct span letter;
	int64_t accepted; /* when it was taken on, for a missing Received; 0: now */
	const char *unique; /* see struct box_delivery; or NULL */
	unsigned flags;
};

/* Into ACCOUNT's INBOX, and its row into the database. NEWS is then what screens should hear
 * (FOLDER_CHANGED). 0 done, 1 it was there already, -1: ERR_FAILED it goes in circles, else try
 * later. */
int deliver_local(const struct account *account, const struct delivery *delivery,
		  struct notice *news, struct err *err);
/* As text lies on disk that was made by us: no fields added. For bounces. */
int deliver_own(const struct account *account, struct span letter, const char *unique,
		struct notice *news, struct err *err);
/* The INBOX of an account: a box of that name below its path, else the path itself, else one is made. */
struct box *deliver_inbox(const struct account *account, struct err *err);

#endif
