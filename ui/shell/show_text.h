/* One message for people: the fields that matter, the text, a line for each attachment. */
#ifndef UI_SHELL_SHOW_TEXT_H
#define UI_SHELL_SHOW_TEXT_H

struct mime_message;
struct mime_part;

/* To stdout, boxes being open (boxes_open). A letter that is one plain text is printed as it came, and memory does
 * not follow its length; any other as the reader shows it, in rows. 0, or 1 when nobody takes it. */
int show_text_message(struct mime_message *message);
/* The charset that the bytes of PART look like. */
const char *show_text_guess(const struct mime_part *part);

#endif
