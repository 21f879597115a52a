/* Questions of the agent's workers (NOTICE_ASK) put to who sits at the terminal, by the commands that wait for the
 * agent. What is typed for a password is not shown. Without a terminal nothing is asked. */
#ifndef UI_SHELL_SHELL_ASK_H
#define UI_SHELL_SHELL_ASK_H

#include <stdbool.h>

struct notice;
struct notice_conn;

/* After connecting: tells the agent that somebody can be asked here, if so. */
void shell_ask_open(struct notice_conn *conn);
/* Puts the question, if NOTICE is one, and sends the answer. False: it is none, or nobody is there. */
bool shell_ask(struct notice_conn *conn, const struct notice *notice);
/* Answers that nobody is there. */
void shell_ask_nobody(struct notice_conn *conn, const struct notice *notice);

#endif
