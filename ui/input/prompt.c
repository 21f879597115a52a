#include "config.h"
#include "ui/input/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "ui/input/key.h"
#include "ui/input/line_edit.h"

#define LIST_ROWS 10

struct prompt {
	char *question;
	char keys[16]; /* "" for a line */
	char answer[2];
	bool is_secret;
	struct line_edit *edit;
	prompt_complete_fn *complete;
	void *arg;
	struct arena *arena; /* of the list */
	char **candidates;
	size_t count, chosen; /* chosen == count: none yet */
};

struct prompt *prompt_new_line(const char *question, const char *preset, struct history *history,
			       prompt_complete_fn *complete, void *arg)
{
	struct prompt *prompt = mem_alloc(sizeof *prompt);

	prompt->question = mem_strdup(question);
	prompt->edit = line_edit_new(preset ? preset : "", history);
	prompt->complete = complete;
	prompt->arg = arg;
	prompt->arena = arena_new();
	return prompt;
}

struct prompt *prompt_new_secret(const char *question)
{
	struct prompt *prompt = prompt_new_line(question, "", NULL, NULL, NULL);

	prompt->is_secret = true;
	line_edit_set_secret(prompt->edit);
	return prompt;
}

struct prompt *prompt_new_key(const char *question, const char *keys)
{
	struct prompt *prompt = mem_alloc(sizeof *prompt);

	prompt->question = mem_strdup(question);
	snprintf(prompt->keys, sizeof prompt->keys, "%s", keys);
	return prompt;
}

void prompt_free(struct prompt **prompt)
{
	if (!*prompt)
		return;
	free((*prompt)->question);
	line_edit_free(&(*prompt)->edit);
	arena_free(&(*prompt)->arena);
	free(*prompt);
	*prompt = NULL;
}

const char *prompt_text(const struct prompt *prompt)
{
	return prompt->edit ? line_edit_text(prompt->edit) : prompt->answer;
}

bool prompt_is_key(const struct prompt *prompt)
{
	return !prompt->edit;
}

/* --- completion --------------------------------------------------------------------------------- */

static void forget_list(struct prompt *prompt)
{
	prompt->count = prompt->chosen = 0;
	prompt->candidates = NULL;
	arena_reset(prompt->arena);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t shared_start(char **candidates, size_t count)
{
	size_t len = strlen(candidates[0]), i, at;

	for (i = 1; i < count; i++) {
		for (at = 0; at < len && candidates[0][at] == candidates[i][at]; at++)
			;
		len = at;
	}
	while (len && ((unsigned char)candidates[0][len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void take_candidate(struct prompt *prompt, size_t at)
{
	prompt->chosen = at;
	line_edit_set_text(prompt->edit, prompt->candidates[at]);
}

/* The first Tab writes what all candidates share, the next ones go through them. */
static void start_completion(struct prompt *prompt)
{
	const char *text = line_edit_text(prompt->edit);
	char *shared;

	forget_list(prompt);
	prompt->complete(prompt->arg, text, prompt->arena, &prompt->candidates, &prompt->count);
	prompt->chosen = prompt->count;
	if (!prompt->count)
		return;
	qsort(prompt->candidates, prompt->count, sizeof *prompt->candidates, compare);
	shared = arena_strndup(prompt->arena, prompt->candidates[0],
			       shared_start(prompt->candidates, prompt->count));
	if (prompt->count == 1) {
		take_candidate(prompt, 0);
		forget_list(prompt);
	} else if (strlen(shared) > strlen(text)) {
		line_edit_set_text(prompt->edit, shared);
	}
}

static void go_through(struct prompt *prompt, int step)
{
	size_t count = prompt->count;

	if (prompt->chosen >= count)
		take_candidate(prompt, step > 0 ? 0 : count - 1);
	else
		take_candidate(prompt, (prompt->chosen + (step > 0 ? 1 : count - 1)) % count);
}

static void complete_text(struct prompt *prompt, int step)
{
	if (!prompt->complete)
		return;
	if (prompt->count)
		go_through(prompt, step);
	else
		start_completion(prompt);
}

/* --- keys --------------------------------------------------------------------------------------- */

static enum prompt_result key_answer(struct prompt *prompt, const struct key *key)
{
	if (key->code == KEY_ENTER_) {
		prompt->answer[0] = prompt->keys[0];
		return PROMPT_ANSWERED;
	}
	if (key->code == KEY_ESC || (key->code == KEY_CTRL && strchr("cg", key->text[0])))
		return PROMPT_CANCELLED;
	if (key->code == KEY_TEXT && !key->text[1] && strchr(prompt->keys, key->text[0])) {
		prompt->answer[0] = key->text[0];
		return PROMPT_ANSWERED;
	}
	return PROMPT_GOES_ON;
}

enum prompt_result prompt_key(struct prompt *prompt, const struct key *key)
{
	enum line_edit_result result;

	if (*prompt->keys)
		return key_answer(prompt, key);
	if (prompt->count && key->code == KEY_ESC) {
		forget_list(prompt);
		return PROMPT_GOES_ON;
	}
	result = line_edit_key(prompt->edit, key);
	if (result == LINE_EDIT_COMPLETE || result == LINE_EDIT_COMPLETE_BACK) {
		complete_text(prompt, result == LINE_EDIT_COMPLETE ? 1 : -1);
		return PROMPT_GOES_ON;
	}
	if (result != LINE_EDIT_IGNORED)
		forget_list(prompt);
	if (result == LINE_EDIT_DONE)
		return PROMPT_ANSWERED;
	return result == LINE_EDIT_CANCELLED ? PROMPT_CANCELLED : PROMPT_GOES_ON;
}

/* --- drawing ------------------------------------------------------------------------------------ */

static void draw_list(const struct prompt *prompt, struct canvas *canvas, struct rect area)
{
	size_t rows = prompt->count > LIST_ROWS ? LIST_ROWS : prompt->count;
	size_t first = prompt->chosen < prompt->count && prompt->chosen >= rows
			   ? prompt->chosen - rows + 1
			   : 0;
	size_t i;

	if ((int)rows > area.y - 1)
		rows = area.y > 1 ? (size_t)(area.y - 1) : 0;
	for (i = 0; i < rows; i++) {
		bool chosen = first + i == prompt->chosen;
		struct rect row = {0, area.y - (int)(rows - i), area.width, 1};

		canvas_fill(canvas, row, chosen ? STYLE_SELECTED : STYLE_HELP);
		canvas_put(canvas, 2, row.y, area.width - 4, chosen ? STYLE_SELECTED : STYLE_HELP,
			   prompt->candidates[first + i]);
	}
	if (prompt->count > rows && rows)
		canvas_printf(canvas, area.width - 16, area.y - 1, 15, STYLE_HELP, _("%zu in all"),
			      prompt->count);
}

void prompt_draw(const struct prompt *prompt, struct canvas *canvas, struct rect area)
{
	int x;

	if (*prompt->keys) {
		x = canvas_put_rows(canvas, area, STYLE_PROMPT, prompt->question) + 2;
		canvas_set_cursor(canvas, x < area.width ? x : area.width - 1, area.y);
		return;
	}
	canvas_fill(canvas, area, STYLE_PROMPT);
	x = canvas_put(canvas, 1, area.y, area.width - 2, STYLE_PROMPT, prompt->question) + 1;
	draw_list(prompt, canvas, area);
	if (prompt->is_secret) {
		canvas_set_cursor(canvas, x < area.width ? x : area.width - 1, area.y);
		return;
	}
	line_edit_draw(prompt->edit, canvas, x, area.y, area.width - x, STYLE_PROMPT);
}
