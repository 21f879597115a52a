/* From an account's settings to a session that may list and fetch. */
#ifndef NET_SYNC_POP3_SIGN_IN_H
#define NET_SYNC_POP3_SIGN_IN_H

struct err;
struct pop3;
struct pop3_round;

/* Where a password was refused, a person is asked for it again, once. */
struct pop3 *pop3_sign_in(const struct pop3_round *round, struct err *err);

#endif
