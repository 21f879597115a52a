#include "config.h"
#include "ui/command/undo.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/store.h"
#include "ui/command/app.h"

#define UNDO_PART 16 /* messages in one transaction */

struct undo_step {
	char *text, *account;
	int64_t change, lost;
	int (*back)(struct app *, void *, struct err *);
	void (*free_arg)(void *);
	void *arg;
};

struct undo_stack {
	struct undo_step *steps;
	size_t count, cap;
};

struct undo_stack *undo_new(void)
{
	return mem_alloc(sizeof(struct undo_stack));
}

static void step_free(struct undo_step *step)
{
	free(step->text);
	free(step->account);
	if (step->free_arg)
		step->free_arg(step->arg);
}

void undo_free(struct undo_stack **stack)
{
	size_t i;

	if (!*stack)
		return;
	for (i = 0; i < (*stack)->count; i++)
		step_free(&(*stack)->steps[i]);
	free((*stack)->steps);
	free(*stack);
	*stack = NULL;
}

size_t undo_depth(const struct undo_stack *stack)
{
	return stack->count;
}

static struct undo_step *add_step(struct undo_stack *stack, const char *text)
{
	struct undo_step *step;

	if (stack->count >= UNDO_LIMIT) {
		step_free(&stack->steps[0]);
		memmove(stack->steps, stack->steps + 1, --stack->count * sizeof *stack->steps);
	}
	ARRAY_ROOM(stack->steps, stack->count, stack->cap);
	step = &stack->steps[stack->count++];
	memset(step, 0, sizeof *step);
	step->text = mem_strdup(text);
	return step;
}

static int say_lost(int64_t lost, struct err *err)
{
	return err_set(err,
		       ngettext("%lld message cannot come back: it or its folder was removed for good.",
				"%lld messages cannot come back: they or their folder were removed for good.",
				(unsigned long)lost),
		       (long long)lost);
}

static int change_back(struct app *app, struct undo_step *step, struct err *err)
{
	struct store *store = app_store(app, step->account, err);
	int rc = store ? store_undo_some(store, step->change, UNDO_PART, &step->lost, err) : -1;

	if (rc != 0)
		return rc;
	app_ring(app, step->account);
	app_touched(app, step->account);
	return step->lost ? say_lost(step->lost, err) : 0;
}

void undo_push_change(struct undo_stack *stack, const char *account, int64_t undo, const char *text)
{
	struct undo_step *step = add_step(stack, text);

	step->account = mem_strdup(account);
	step->change = undo;
}

void undo_push(struct undo_stack *stack, const char *text,
	       int (*back)(struct app *, void *, struct err *), void (*free_arg)(void *), void *arg)
{
	struct undo_step *step = add_step(stack, text);

	step->back = back;
	step->free_arg = free_arg;
	step->arg = arg;
}

int undo_part(struct app *app, struct err *err)
{
	struct undo_stack *stack = app->undo;
	struct undo_step *top, step;
	int result = 0;

	if (!stack->count)
		return err_set(err, _("there is nothing to undo"));
	top = &stack->steps[stack->count - 1];
	if (top->account) {
		result = change_back(app, top, err);
		if (result == 1 || (result < 0 && err->kind == ERR_TEMPORARY))
			return result;
	}
	step = stack->steps[--stack->count];
	if (!step.account)
		result = step.back(app, step.arg, err);
	if (result < 0)
		err_add(err, _("\"%s\" cannot be undone"), step.text);
	else
		app_say(app, _("undone: %s"), step.text);
	step_free(&step);
	return result;
}
