/* tern account check NAME: the doctor. It runs as a worker of the agent's program (net/check.h), as child of this
 * command: its lines are printed, its questions put to who sits at the terminal. */
#ifndef UI_SHELL_ACCOUNT_CHECK_H
#define UI_SHELL_ACCOUNT_CHECK_H

int account_check(int argc, char **argv);

#endif
