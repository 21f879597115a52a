/* What other commands want of letters begun from a message. */
#ifndef UI_COMMAND_CMD_ANSWER_H
#define UI_COMMAND_CMD_ANSWER_H

struct app;

/* The index stands on an unfinished letter of its account's Drafts: goes on writing it. 1 it does so, 0 there is
 * none, or it cannot be taken up (its text lies on the server still). */
int cmd_answer_go_on(struct app *app);

#endif
