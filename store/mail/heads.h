/* Rows of many messages, read by several processes at once and told in order: what waits for the disk does
 * not keep what writes waiting. */
#ifndef STORE_MAIL_HEADS_H
#define STORE_MAIL_HEADS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct heads;
struct row;

#define HEADS_FIRST   64 /* who waits for a screen has it soon */
#define HEADS_AT_ONCE 2000

/* Fills ROW of place I, all in ARENA: 1, or 0 when there is none. Called in another process, as a rule:
 * what it changes is changed there. */
typedef int heads_read_fn(void *arg, size_t i, struct arena *arena, struct row *row);

/* Places 0 to COUNT - 1; with PROCESSES below 2 all is read in this one. */
struct heads *heads_new(size_t count, int processes, heads_read_fn *read, void *arg);
/* Are the next places ready, or within MS? */
bool heads_wait(struct heads *heads, int ms);
/* The rows of the next places, lent until the next call: how many places these were, 0 at the end. The id
 * of each row is its place. */
size_t heads_next(struct heads *heads, struct row **rows, size_t *row_count);
void heads_free(struct heads **heads);

#endif
