/* The searches that are kept, as the screen shows them among the folders: what the configuration has now, and how much
 * they find, counted by another program while the screen goes on. */
#ifndef UI_COMMAND_SEARCHES_H
#define UI_COMMAND_SEARCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mail/saved.h"

struct app;
struct searches;

/* The next one, from *AT on; lent until the configuration is read anew. */
bool searches_next(struct app *app, size_t *at, struct saved_search *one);
bool searches_find(struct app *app, const char *name, struct saved_search *one);
/* False: not counted yet. */
bool searches_counts(struct app *app, const char *name, int64_t *total, int64_t *unread);
/* The configuration was written. */
void searches_read_anew(struct app *app);
/* Mail came, went or changed. */
void searches_count_anew(struct app *app);
/* They are on the screen: counts them, if need be; draws anew then. */
void searches_are_shown(struct app *app);
/* Changes when there may be others. */
unsigned searches_generation(struct app *app);
/* Names that begin with TEXT, for a question. */
struct arena;
void searches_complete(struct app *app, const char *text, struct arena *arena, char ***candidates, size_t *count);
void searches_free(struct searches **searches);

#endif
