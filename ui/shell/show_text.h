/* One message for people: the fields that matter, the text, a line for each attachment. */
#ifndef UI_SHELL_SHOW_TEXT_H
#define UI_SHELL_SHOW_TEXT_H

struct mime_message;

/* To stdout; memory does not follow the length of the text. 0, or 1 when nobody takes it. */
int show_text_message(const struct mime_message *message);

#endif
