/* What goes on: how each account stands with its server, and what is on its way, as the workers tell it. Kept
 * for the whole screen; views ask here when they draw. */
#ifndef UI_COMMAND_GOING_ON_H
#define UI_COMMAND_GOING_ON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/notice/notice.h"

struct account;
struct app;
struct buf;

struct going_state {
	enum notice_state state; /* 0: nobody told yet */
	char why[sizeof((struct notice *)0)->text]; /* the whole sentence, or "" */
	int64_t since; /* when the trouble began, or the last good look was; seconds since 1970 */
	int64_t used, limit; /* kilobytes on the server, 0: not told */
	bool had_trouble; /* STATE_WORKING after a failure: it is tried again */
};

struct transfer {
	char account[sizeof((struct notice *)0)->account];
	enum notice_transfer kind;
	int64_t id;
	char part[64];
	char *what; /* "Holiday", or "" */
	int64_t done, total;
};

struct going_on;

void going_on_free(struct going_on **going_on);
/* STATE and PROGRESS; others are passed over. */
void going_on_hear(struct app *app, const struct notice *notice);
/* The agent is gone: nothing of this holds any more. */
void going_on_forget(struct app *app);
/* Never NULL. */
const struct going_state *going_on_state(const struct app *app, const char *account);
/* In the order in which they began; lent until the next notice. */
const struct transfer *going_on_transfers(const struct app *app, size_t *count);
const struct transfer *going_on_letter(const struct app *app, const char *account, int64_t id, const char *part);
/* Letter ID of the outbox, while it is given over; or NULL. */
const struct transfer *going_on_sending(const struct app *app, int64_t id);

/* "online", "offline since 12:04", "needs you"; "" for an account without a server. */
void going_on_add_word(const struct app *app, const struct account *account, struct buf *out);
/* Is there something that a person would want to know of ACCOUNT? */
bool going_on_has_trouble(const struct app *app, const struct account *account);
/* "41 %", "4 100 of 10 000", "340 K of 1.2 M" */
int going_on_percent(const struct transfer *transfer);
void going_on_add_amount(const struct transfer *transfer, struct buf *out);
/* COLUMNS wide: "[####      ]". */
void going_on_add_bar(const struct transfer *transfer, int columns, struct buf *out);
/* For the edge of the last line: what goes on, else what is wrong, else nothing. ANOTHER (may be NULL): an
 * account whose reading is told elsewhere. */
void going_on_add_short(const struct app *app, const char *another, struct buf *out);

#endif
