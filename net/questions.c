#include "config.h"
#include "net/questions.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/loop.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/notice/notice.h"

#define STANDING_MAX 64
#define STANDING_MS  600000 /* no worker waits longer */

struct standing {
	char *text;
	char account[sizeof((struct notice *)0)->account];
	int64_t id, until;
};

struct questions {
	struct standing items[STANDING_MAX];
	size_t count;
	struct map *refused;
};

struct questions *questions_new(void)
{
	struct questions *questions = mem_alloc(sizeof *questions);

	questions->refused = map_new();
	return questions;
}

static void take_out(struct questions *questions, size_t at)
{
	free(questions->items[at].text);
	questions->items[at] = questions->items[--questions->count];
}

void questions_drop(struct questions *questions)
{
	while (questions->count)
		take_out(questions, questions->count - 1);
}

void questions_forget_refusals(struct questions *questions)
{
	map_free(&questions->refused, NULL);
	questions->refused = map_new();
}

void questions_free(struct questions **questions)
{
	if (!*questions)
		return;
	questions_drop(*questions);
	map_free(&(*questions)->refused, NULL);
	free(*questions);
	*questions = NULL;
}

static bool stands(struct questions *questions, const char *text)
{
	int64_t now = loop_now_ms();
	bool found = false;
	size_t i = 0;

	while (i < questions->count)
		if (questions->items[i].until < now)
			take_out(questions, i);
		else
			found |= strcmp(questions->items[i++].text, text) == 0;
	return found;
}

static void add(struct questions *questions, const struct notice *question)
{
	struct standing *standing;

	if (questions->count == STANDING_MAX)
		take_out(questions, 0);
	standing = &questions->items[questions->count++];
	standing->text = mem_strdup(question->text);
	memcpy(standing->account, question->account, sizeof standing->account);
	standing->id = question->id;
	standing->until = loop_now_ms() + STANDING_MS;
}

enum question_fate questions_take(struct questions *questions, const struct notice *question)
{
	bool is_standing;

	if (!str_starts(question->text, "certificate "))
		return QUESTION_PUT;
	if (map_get(questions->refused, question->text))
		return QUESTION_REFUSED;
	is_standing = stands(questions, question->text);
	add(questions, question);
	return is_standing ? QUESTION_WAITS : QUESTION_PUT;
}

static const struct standing *find(const struct questions *questions, int64_t id)
{
	for (size_t i = 0; i < questions->count; i++)
		if (questions->items[i].id == id)
			return &questions->items[i];
	return NULL;
}

/* Nobody was there, or the account needs no answer any more: that is no no. */
static bool is_no(const struct notice *answer)
{
	return answer->code == REPLY_NO;
}

void questions_settle(struct questions *questions, const struct notice *answer,
		      void (*each)(void *arg, const struct notice *answer), void *arg)
{
	const struct standing *settled = find(questions, answer->id);
	char *text = settled ? mem_strdup(settled->text) : NULL;
	size_t i = 0;

	if (text && is_no(answer))
		map_set(questions->refused, text, questions);
	while (text && i < questions->count) {
		struct standing *one = &questions->items[i];
		struct notice copy = *answer;

		if (strcmp(one->text, text) != 0) {
			i++;
			continue;
		}
		copy.id = one->id;
		memcpy(copy.account, one->account, sizeof copy.account);
		take_out(questions, i);
		if (copy.id != answer->id)
			each(arg, &copy);
	}
	free(text);
}
