/* The question that stands (app_ask), and its answer. */
#ifndef UI_COMMAND_ASK_H
#define UI_COMMAND_ASK_H

struct app;
struct key;

void app_prompt_key(struct app *app, const struct key *key);
/* Cancels what is asked. */
void app_cancel_question(struct app *app);

#endif
