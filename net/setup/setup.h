/* The worker that sets an account up: finds the servers of an address, signs in, keeps the password and writes the
 * account into the configuration. What it is to do comes as one NOTICE_JOB, whose text has lines "key=value":
 *
 *	address		whose mail
 *	name		of the account; else made from the address
 *	real-name
 *	find		"yes": only look, nothing is asked and nothing changed
 *	kind, server, tls, submission, submission-tls, user: given by hand; with a "server" nothing is looked for
 *
 * It tells PROGRESS (done 0 of 1: begins; 1 of 1: the words are the result), ASK, JOB with the settings found in the
 * same form (and "hint"), and at last JOB_DONE: code 0 with account, its name; text: what went wrong, or what is to
 * be known. */
#ifndef NET_SETUP_SETUP_H
#define NET_SETUP_SETUP_H

struct notice_conn;

int setup_run(struct notice_conn *conn, const char *argument);

#endif
