/* Keys that letters bring along (Autocrypt), remembered when a letter is read. */
#ifndef UI_VIEW_READER_KEYS_H
#define UI_VIEW_READER_KEYS_H

#include <stdint.h>

struct app;
struct mime_message;

/* MESSAGE as it came, RECEIVED when. Costs nothing where no key is remembered and none came. */
void reader_keys_see(struct app *app, const struct mime_message *message, int64_t received);

#endif
