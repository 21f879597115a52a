/* What was typed at prompts, newest last, kept between sessions: one file a name in PATH_STATE/history. */
#ifndef UI_INPUT_HISTORY_H
#define UI_INPUT_HISTORY_H

#include <stddef.h>

struct err;
struct history;

#define HISTORY_LIMIT 500

/* NAME ("command", "search", "limit"...) is letters and dashes; without a file, or with one that cannot
 * be read, it is empty. */
struct history *history_open(const char *name);
/* Writes what is new (also what other programs added meanwhile is kept), frees. */
void history_close(struct history **history);
/* Blank lines, and the same as the last one, are not kept; an older equal one moves to the end. Lines
 * that begin with a blank are not kept (a secret may be in them). */
void history_add(struct history *history, const char *text);
/* Writes now, whole or not at all. */
int history_save(struct history *history, struct err *err);
size_t history_count(const struct history *history);
/* AT 0 is the newest; NULL beyond. Lent until history_add. */
const char *history_at(const struct history *history, size_t at);
/* The next one from AT on (older) that begins with PREFIX: its place, or -1. */
long history_find(const struct history *history, size_t at, const char *prefix);

#endif
