/* Questions of the agent's workers (NOTICE_ASK): a password that is not shown, a certificate, one after the
 * other, when nothing else is asked. */
#ifndef UI_COMMAND_AGENT_ASK_H
#define UI_COMMAND_AGENT_ASK_H

struct app;
struct notice;

/* A question, or (NOTICE_ANSWER) that somebody else has answered it. */
void agent_asks(struct app *app, const struct notice *notice);
/* Puts the next question, if one waits and nothing is asked. */
void agent_ask_next(struct app *app);
void agent_ask_free(struct app *app);

#endif
