/* Names that may stand before a colon in a query, while it is typed. */
#ifndef UI_COMMAND_QUERY_COMPLETE_H
#define UI_COMMAND_QUERY_COMPLETE_H

#include <stddef.h>

struct app;
struct arena;

void query_complete(struct app *app, const char *text, struct arena *arena, char ***candidates, size_t *count);

#endif
