/* What a server showed that cannot be trusted by itself: the sentences of a worker's question. Only read. */
#ifndef UI_VIEW_CERTIFICATE_VIEW_H
#define UI_VIEW_CERTIFICATE_VIEW_H

struct app;
struct view;

/* WORDS: lines, '\n' between. */
struct view *certificate_view_new(struct app *app, const char *words);

#endif
