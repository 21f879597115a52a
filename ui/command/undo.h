/* What was done last can be taken back: a stack of steps, each with a sentence of what it was. The store
 * keeps what is needed to take a change back; the stack only knows its number. */
#ifndef UI_COMMAND_UNDO_H
#define UI_COMMAND_UNDO_H

#include <stddef.h>
#include <stdint.h>

struct app;
struct err;
struct undo_stack;

#define UNDO_LIMIT 200 /* steps kept */

struct undo_stack *undo_new(void);
void undo_free(struct undo_stack **stack);
/* How many steps were ever pushed minus those taken back (for "u undoes it"). */
size_t undo_depth(const struct undo_stack *stack);
/* A change of store_change: TEXT is what was done ("moved 3 messages to Archive"). */
void undo_push_change(struct undo_stack *stack, const char *account, int64_t undo, const char *text);
/* Anything else: BACK takes it back (0, -1), FREE_ARG (may be NULL) frees ARG with the step. */
void undo_push(struct undo_stack *stack, const char *text,
	       int (*back)(struct app *app, void *arg, struct err *err), void (*free_arg)(void *arg),
	       void *arg);
/* Takes a part of the last step back, and says so with the last part: 1 there is more of it, 0, -1 there is none,
 * or it could not be (ERR_TEMPORARY: it stays). For wish_undo. */
int undo_part(struct app *app, struct err *err);

#endif
