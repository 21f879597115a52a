/* Questions of the agent's workers (NOTICE_ASK) put to who sits at the terminal, by the commands that wait for the
 * agent. What is typed for a password is not shown. Without a terminal nothing is asked. */
#ifndef UI_SHELL_SHELL_ASK_H
#define UI_SHELL_SHELL_ASK_H

#include <signal.h>
#include <stdbool.h>
#include <termios.h>

struct notice;
struct notice_conn;

/* After connecting: tells the agent that somebody can be asked here, if so. */
void shell_ask_open(struct notice_conn *conn);
/* Puts the question, if NOTICE is one, and sends the answer. False: it is none, or nobody is there. */
bool shell_ask(struct notice_conn *conn, const struct notice *notice);
/* Answers that nobody is there. */
void shell_ask_nobody(struct notice_conn *conn, const struct notice *notice);

/* From the first question for a secret to the end of the command nothing that is typed is shown: who thinks that they
 * are asked again already is not seen either. Signals that end the command wait meanwhile (shell_quiet_look lets them
 * through, with the terminal as it was). */
struct shell_quiet {
	int tty; /* -1: not begun, or there is none */
	struct termios before;
	sigset_t mask;
};
#define SHELL_QUIET_LOOK_MS 200
void shell_quiet_begin(struct shell_quiet *quiet);
void shell_quiet_look(struct shell_quiet *quiet);
void shell_quiet_end(struct shell_quiet *quiet);

#endif
