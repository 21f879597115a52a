/* Answers to invitations, once they are letters on their way. */
#ifndef UI_COMMAND_CMD_INVITE_H
#define UI_COMMAND_CMD_INVITE_H

struct app;
struct draft;

/* DRAFT was taken back: was it such an answer, the invitation counts as not answered again. */
void cmd_invite_forget(struct app *app, const struct draft *draft);

#endif
