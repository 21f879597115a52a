/* Lines of commands, and key sequences. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/base/arena.h"
#include "store/base/err.h"
#include "ui/command/command.h"
#include "ui/input/keymap.h"
#include "ui/input/presets.h"

/* The words of every step, joined: "[a|b][c]". */
static void assert_split(const char *line, const char *wanted)
{
	struct arena *arena = arena_new();
	struct err err = ERR_INIT;
	char got[512] = "";
	char **words;
	int count, i, result;

	while ((result = command_split(&line, arena, &words, &count, &err)) > 0) {
		strcat(got, "[");
		for (i = 0; i < count; i++) {
			strcat(got, i ? "|" : "");
			strcat(got, words[i]);
		}
		strcat(got, "]");
	}
	assert_string_equal(result < 0 ? err.text : got, wanted);
	arena_free(&arena);
}

static void test_split(void **state)
{
	(void)state;
	assert_split("", "");
	assert_split(" ; ;", "");
	assert_split("archive", "[archive]");
	assert_split("archive --thread; next-unread", "[archive|--thread][next-unread]");
	assert_split("move \"My Mail\";next", "[move|My Mail][next]");
	assert_split("echo 'a;b' \"c\\\"d\" e\\;f", "[echo|a;b|c\"d|e;f]");
	assert_split("limit \"\"", "[limit|]");
	assert_split("a\"b c\"d", "[ab cd]");
	assert_split("echo 'open", "the quote ' is not closed");
	assert_split("echo ü ☂", "[echo|ü|☂]");
}

static void test_quote(void **state)
{
	static const char *const words[] = {"plain", "two words", "a;b", "\"", "\\", "'", "", "ü"};
	struct arena *arena = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof words / sizeof *words; i++) {
		const char *line = command_quote(arena, words[i]);
		char **back;
		int count;

		assert_int_equal(command_split(&line, arena, &back, &count, NULL), 1);
		assert_int_equal(count, 1);
		assert_string_equal(back[0], words[i]);
	}
	arena_free(&arena);
}

static void test_tables(void **state)
{
	const struct command *row, *other;
	size_t at = 0, walk;

	(void)state;
	while ((row = command_next(&at))) {
		assert_non_null(row->help);
		assert_non_null(row->args);
		assert_non_null(row->run);
		assert_true(row->where != 0);
		assert_true(row->max_args < 0 || row->min_args <= row->max_args);
		for (walk = at; (other = command_next(&walk));)
			if (strcmp(other->name, row->name) == 0 && (other->where & row->where))
				fail_msg("two rows \"%s\" for one view", row->name);
	}
	assert_null(command_find("no-such-command"));
	assert_string_equal(command_nearest("archve"), "archive");
}

/* Every key of every preset runs a command that is there, in each view where the key works. */
static void test_presets(void **state)
{
	const char *const *preset;

	(void)state;
	for (preset = keymap_presets(); *preset; preset++) {
		struct keymaps *maps = keymaps_new();
		struct err err = ERR_INIT;
		const char *const *section;

		if (keymap_use_preset(maps, *preset, &err) < 0)
			fail_msg("%s: %s", *preset, err.text);
		for (section = keymap_sections() + 1; *section; section++) {
			unsigned view = keymap_section_views(*section);
			struct keymap_row row;
			size_t at = 0;

			while (keymap_next(maps, view, NULL, &at, &row)) {
				struct arena *arena = arena_new();
				const char *line = row.line;
				char **words;
				int count;

				assert_int_equal(command_split(&line, arena, &words, &count, NULL), 1);
				if (!command_find_in(words[0], (enum view_kind)view))
					fail_msg("%s: key %s in %s runs \"%s\", which is no command "
						 "there",
						 *preset, row.keys, *section, row.line);
				arena_free(&arena);
			}
		}
		keymaps_free(&maps);
	}
}

static enum keymap_found find(struct keymaps *maps, const char *keys, const char **line)
{
	struct key_sequence sequence;

	assert_int_equal(key_sequence_parse(keys, &sequence, NULL), 0);
	return keymap_find(maps, VIEW_INDEX, &sequence, line);
}

static void test_sequences(void **state)
{
	struct keymaps *maps = keymaps_new();
	struct key_sequence typed = {.count = 0};
	struct key meta = {.code = KEY_TEXT, .text = "v", .is_meta = true};
	const char *line = NULL;

	(void)state;
	keymap_bind(maps, VIEW_INDEX, "gg", "first", NULL);
	keymap_bind(maps, VIEW_INDEX, "<M-v>", "fold", NULL);
	assert_int_equal(find(maps, "g", &line), KEYMAP_PREFIX);
	assert_int_equal(find(maps, "gg", &line), KEYMAP_LINE);
	assert_string_equal(line, "first");
	assert_int_equal(find(maps, "gx", &line), KEYMAP_NONE);
	assert_int_equal(find(maps, "<Esc>", &line), KEYMAP_PREFIX);
	key_sequence_add(&typed, &meta);
	assert_int_equal(keymap_find(maps, VIEW_INDEX, &typed, &line), KEYMAP_LINE);
	assert_string_equal(line, "fold");
	keymaps_free(&maps);
}

static void test_who_wins(void **state)
{
	struct keymaps *maps = keymaps_new();
	const char *line = NULL;

	(void)state;
	keymap_bind(maps, VIEW_INDEX, "x", "one", NULL);
	keymap_bind(maps, VIEW_ANY, "x", "two", NULL);
	assert_int_equal(find(maps, "x", &line), KEYMAP_LINE);
	assert_string_equal(line, "one");
	keymap_bind(maps, VIEW_INDEX, "x", "three", NULL);
	find(maps, "x", &line);
	assert_string_equal(line, "three");
	keymap_bind(maps, VIEW_INDEX, "x", "", NULL);
	assert_int_equal(find(maps, "x", &line), KEYMAP_NONE);
	keymaps_free(&maps);
}

static void test_longer_own_key(void **state)
{
	struct keymaps *maps = keymaps_new();
	const char *line = NULL;

	(void)state;
	keymap_use_preset(maps, "mutt", NULL);
	assert_int_equal(find(maps, "g", &line), KEYMAP_LINE);
	keymap_bind(maps, VIEW_INDEX, "gg", "first", NULL);
	assert_int_equal(find(maps, "g", &line), KEYMAP_PREFIX);
	keymap_bind(maps, VIEW_INDEX, "g", "last", NULL);
	assert_int_equal(find(maps, "g", &line), KEYMAP_LINE);
	keymaps_free(&maps);
}

static void test_readable(void **state)
{
	char out[64];

	(void)state;
	keymap_readable("<C-d>", out, sizeof out);
	assert_string_equal(out, "^D");
	keymap_readable("<M-v>", out, sizeof out);
	assert_string_equal(out, "Esc v");
	keymap_readable("<Enter>", out, sizeof out);
	assert_string_equal(out, "Enter");
	keymap_readable("gg", out, sizeof out);
	assert_string_equal(out, "g g");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_split),     cmocka_unit_test(test_quote),
	    cmocka_unit_test(test_tables),    cmocka_unit_test(test_presets),
	    cmocka_unit_test(test_sequences), cmocka_unit_test(test_who_wins),
	    cmocka_unit_test(test_longer_own_key), cmocka_unit_test(test_readable),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
