#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/err.h"
#include "ui/screen/theme.h"

static void test_every_style_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < STYLE_COUNT; i++)
		assert_non_null(theme_style_name((enum style)i));
	assert_string_equal(theme_style_name(STYLE_SELECTED), "selected");
	assert_string_equal(theme_style_name(STYLE_SUBJECT), "subject");
}

static void test_none_and_mono_have_no_colour(void **state)
{
	(void)state;
	struct theme theme;
	for (int depth = THEME_MONO; depth <= THEME_RGB; depth++) {
		assert_int_equal(theme_load(&theme, "none", (enum theme_depth)depth, NULL), 0);
		for (int i = 0; i < STYLE_COUNT; i++)
			assert_true(theme.looks[i].fg == -1 && theme.looks[i].bg == -1);
		assert_true(theme.looks[STYLE_CURSOR].reverse);
		assert_true(theme.looks[STYLE_UNREAD].bold);
	}
}

static void test_auto_heeds_no_color_and_colorfgbg(void **state)
{
	(void)state;
	struct theme theme, light;
	theme_load(&light, "light", THEME_256, NULL);
	setenv("COLORFGBG", "0;15", 1);
	theme_load(&theme, "auto", THEME_256, NULL);
	assert_memory_equal(&theme, &light, sizeof theme);
	setenv("NO_COLOR", "1", 1);
	theme_load(&theme, "auto", THEME_256, NULL);
	assert_int_equal(theme.looks[STYLE_TITLE].bg, -1);
	unsetenv("NO_COLOR");
	unsetenv("COLORFGBG");
}

static void test_sets_a_style_in_each_depth(void **state)
{
	(void)state;
	struct theme theme;
	struct err err = ERR_INIT;
	theme_load(&theme, "dark", THEME_RGB, NULL);
	assert_int_equal(theme_set(&theme, "unread", "bold #ff8800 on color 214", &err), 0);
	assert_int_equal(theme.looks[STYLE_UNREAD].fg, 0x1ff8800);
	assert_int_equal(theme.looks[STYLE_UNREAD].bg, 214);
	assert_true(theme.looks[STYLE_UNREAD].bold);
	theme_load(&theme, "dark", THEME_256, NULL);
	theme_set(&theme, "unread", "#ff8700", &err);
	assert_int_equal(theme.looks[STYLE_UNREAD].fg, 208);
	theme_load(&theme, "dark", THEME_16, NULL);
	theme_set(&theme, "unread", "#aa0000", &err);
	assert_int_equal(theme.looks[STYLE_UNREAD].fg, 1);
}

static void test_says_what_is_wrong(void **state)
{
	(void)state;
	struct theme theme;
	struct err err = ERR_INIT;
	assert_int_equal(theme_load(&theme, "dusk", THEME_256, &err), -1);
	theme_load(&theme, "dark", THEME_256, NULL);
	assert_int_equal(theme_set(&theme, "unred", "red", &err), -1);
	assert_non_null(strstr(err.text, "\"unread\""));
	assert_int_equal(theme_set(&theme, "unread", "bold purpel", &err), -1);
	assert_non_null(strstr(err.text, "\"purpel\""));
	assert_int_equal(theme_set(&theme, "unread", "#12", &err), -1);
	assert_int_equal(theme_set(&theme, "unread", "color 256", &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_style_has_a_name),
		cmocka_unit_test(test_none_and_mono_have_no_colour),
		cmocka_unit_test(test_auto_heeds_no_color_and_colorfgbg),
		cmocka_unit_test(test_sets_a_style_in_each_depth),
		cmocka_unit_test(test_says_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
