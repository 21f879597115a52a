/* A question on one line at the bottom, with editing, history and completion; or a question that one key
 * answers. It knows nothing about what the answer means. */
#ifndef UI_INPUT_PROMPT_H
#define UI_INPUT_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/screen/canvas.h"

struct arena;
struct history;
struct key;
struct prompt;

enum prompt_result { PROMPT_GOES_ON, PROMPT_ANSWERED, PROMPT_CANCELLED };

typedef void prompt_complete_fn(void *arg, const char *text, struct arena *arena, char ***candidates,
				size_t *count);

/* HISTORY (may be NULL) and COMPLETE (may be NULL) are lent. */
struct prompt *prompt_new_line(const char *question, const char *preset, struct history *history,
			       prompt_complete_fn *complete, void *arg);
/* One of the ASCII letters KEYS; Enter is the first. */
struct prompt *prompt_new_key(const char *question, const char *keys);
/* A line that is not shown while it is typed, kept nowhere, and wiped at the end. */
struct prompt *prompt_new_secret(const char *question);
void prompt_free(struct prompt **prompt);
enum prompt_result prompt_key(struct prompt *prompt, const struct key *key);
/* The text as it stands, lent; for a key question its letter. */
const char *prompt_text(const struct prompt *prompt);
bool prompt_is_key(const struct prompt *prompt);
/* Into the row AREA; the list of candidates grows upwards from it. */
void prompt_draw(const struct prompt *prompt, struct canvas *canvas, struct rect area);

#endif
