/* Parts of letters saved where the person says: nothing is written over without a word, a folder that is not there is
 * made only after a question, and the folder is offered again next time. */
#ifndef UI_COMMAND_SAVING_H
#define UI_COMMAND_SAVING_H

#include <stddef.h>
#include <stdint.h>

struct app;
struct err;
struct mime_part;

/* The folder to begin with: that of the last time, the option's, or the home directory. To be freed. */
char *saving_folder(struct app *app);
/* Asks where to, and saves PART, which must stay until that is answered. */
void saving_ask(struct app *app, const struct mime_part *part);
/* The attachments of COUNT letters into the folder DIR, while the screen goes on; asks when DIR is not there. */
int saving_letters(struct app *app, const char *account, const int64_t *ids, int count, const char *dir,
		   struct err *err);
/* Likewise those of a letter that is itself a part; BYTES are copied. */
int saving_bytes(struct app *app, const char *bytes, size_t len, const char *dir, struct err *err);
/* Brings to an end what still goes on, at once. */
void saving_finish(struct app *app);

#endif
