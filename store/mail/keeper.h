/* Who keeps one account up to date: carries out what people wanted, brings the index up to what
 * other programs did to the files (inotify; where that is not to be had, a look every two seconds),
 * and says on CONN what changed. The body of ternd's worker "watch" and of "tern --keeper"; it may
 * take its time in one step, so it is no part of a loop that draws or serves.
 *
 * Flags of an mbox are collected: it is written anew when none came for two seconds, half a minute
 * after the first at most, with anything else it is written for, and before the end.
 *
 * Reads from CONN: RING (something was written: look; RING_AT_ONCE: flags of mboxes too), SYNC (one
 * whole round, answered by SYNC_DONE), PING (answered by PONG behind all news), QUIT. Writes:
 * FOLDER_CHANGED (folder 0: the list of folders), PROGRESS (done < total while the first index is
 * made), ERROR. */
#ifndef STORE_MAIL_KEEPER_H
#define STORE_MAIL_KEEPER_H

struct account;
struct err;
struct notice_conn;

/* Returns 0 after QUIT or when the other end is gone, with what was pending carried out; -1 when
 * the account's index cannot be opened. */
int keeper_run(const struct account *account, struct notice_conn *conn, struct err *err);

#endif
