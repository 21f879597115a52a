/* What lies in a message, as bytes: one part to stdout, or all attachments into a folder. */
#ifndef UI_SHELL_SAVE_PARTS_H
#define UI_SHELL_SAVE_PARTS_H

struct err;
struct mime_message;

/* The decoded content of the part PATH ("1.2"): 0, or -1 with ERR told. */
int save_parts_print(const struct mime_message *message, const char *path, struct err *err);
/* All attachments into the folder DIR, never over a file that is there; the paths are printed, one
 * a line. */
int save_parts_into(const struct mime_message *message, const char *dir, struct err *err);

#endif
