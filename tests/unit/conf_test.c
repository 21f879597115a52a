#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/path.h"

static const struct option_row rows[] = {
    {"index", "sort-order", OPTION_CHOICE, "date", N_("How the index is sorted."), "date from size",
     0, 0},
    {"index", "threads", OPTION_BOOL, "yes", N_("Threads or a flat list."), NULL, 0, 0},
    {"index", "context", OPTION_INT, "2", N_("Lines kept in sight."), NULL, 0, 100},
    {"compose", "editor", OPTION_COMMAND, NULL, N_("Another editor."), NULL, 0, 0},
    {"compose", "threads", OPTION_BOOL, "no", N_("A second one of this name."), NULL, 0, 0},
};

static void reads_sections_settings_and_comments(void **state)
{
	struct conf *conf =
	    conf_parse("# one\n[account  home ]\n path = ~/Mail \n = = first\n"
		       "quoted = \" a \\\" b \"\n[index]\nmacro = \"a\" \"b\" # no comment\n",
		       "config", ".");

	(void)state;
	assert_int_equal(conf->error_count, 0);
	assert_string_equal(conf_get(conf, "account", "home", "path"), "~/Mail");
	assert_string_equal(conf_get(conf, "account", "home", "="), "first");
	assert_string_equal(conf_get(conf, "account", "home", "quoted"), " a \" b ");
	assert_string_equal(conf_get(conf, "index", "", "macro"), "\"a\" \"b\" # no comment");
	assert_null(conf_get(conf, "index", "", "path"));
	assert_int_equal(conf->entries[1].line, 3);
	conf_free(&conf);
}

static void collects_every_mistake(void **state)
{
	static const char *const told[] = {
	    "config:1: \"a = 1\" stands before the first [section]",
	    "config:2: this section has no \"]\" at its end",
	    "config:5: \"nonsense\" is neither \"key = value\" nor \"[section]\"",
	    "config:4: no option \"sort-oder\" in [index]; did you mean \"sort-order\"?",
	    "config:6: \"sort-order\" cannot be \"dat\"; did you mean \"date\"?",
	    "config:7: \"threads\" is \"yes\" or \"no\", not \"maybe\"",
	    "config:8: \"context\" is a number from 0 to 100, not 200",
	    "config:9: \"context\" is a number, and \"x\" is none",
	    "config:10: no section [indx]; did you mean [index]?",
	    "config:13: \"editor\" has a quote (\") that is not closed",
	};
	struct conf *conf =
	    conf_parse("a = 1\n[index\n[index]\nsort-oder = date\nnonsense\n"
		       "sort-order = dat\nthreads = maybe\ncontext = 200\ncontext = x\n"
		       "[indx]\nwhatever = 1\n[compose]\neditor = vi \"x\n",
		       "config", ".");
	struct options *options = options_new();

	(void)state;
	options_add(options, rows, ARRAY_COUNT(rows));
	options_load(options, conf);
	assert_int_equal(conf->error_count, ARRAY_COUNT(told));
	for (size_t i = 1; i < ARRAY_COUNT(told); i++)
		assert_string_equal(conf->errors[i], told[i]);
	options_free(&options);
	conf_free(&conf);
}

static void options_are_set_and_read(void **state)
{
	struct options *options = options_new();
	struct err err = ERR_INIT;

	(void)state;
	options_add(options, rows, ARRAY_COUNT(rows));
	assert_true(option_bool(options, "index", "threads"));
	assert_int_equal(option_set(options, NULL, "sort-order", "size", &err), 0);
	assert_int_equal(option_choice(options, "index", "sort-order"), 2);
	assert_int_equal(option_set(options, NULL, "index.threads", "off", &err), 0);
	assert_string_equal(option_text(options, NULL, "index.threads"), "no");
	assert_int_equal(option_set(options, NULL, "threads", "off", &err),
			 -1); /* of two sections */
	assert_int_equal(option_set(options, NULL, "contex", "1", &err), -1);
	assert_string_equal(err.text, "no option \"contex\"; did you mean \"context\"?");
	assert_int_equal(option_int(options, "index", "context"), 2);
	assert_true(option_is_set(options, "index", "sort-order"));
	assert_int_equal(option_reset(options, "index", "sort-order", &err), 0);
	assert_string_equal(option_text(options, "index", "sort-order"), "date");
	assert_string_equal(option_text(options, "compose", "editor"), "");
	options_free(&options);
}

static char *fresh_dir(void)
{
	char *dir = mem_strdup("/tmp/mail-conf-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void sections_come_and_go_and_comments_stay(void **state)
{
	char *dir = fresh_dir(), *path = path_join(dir, "sub/config");
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(conf_append(path, "# mine\n[index]\na = b\n", &err), 0);
	assert_int_equal(conf_append(path, "[account x]\n# in it\nkind = local\n", &err), 0);
	assert_int_equal(conf_append(path, "# about y\n[account y]\nkind = imap\n", &err), 0);
	assert_int_equal(conf_remove_section(path, "account", "z", &err), 0);
	assert_int_equal(conf_remove_section(path, "account", "x", &err), 1);
	assert_int_equal(file_read(path, &text, 0, &err), 0);
	assert_string_equal(buf_str(&text),
			    "# mine\n[index]\na = b\n\n\n# about y\n[account y]\nkind = imap\n");
	buf_free(&text);
	unlink(path);
	free(path);
	path = path_join(dir, "sub");
	rmdir(path);
	rmdir(dir);
	free(path);
	free(dir);
}

static void one_setting_is_written_where_it_stands(void **state)
{
	char *dir = fresh_dir(), *path = path_join(dir, "config"), *other = path_join(dir, "more");
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(conf_set(path, "general", "keys", "aerc", &err), 0);
	assert_int_equal(conf_append(path,
				     "# mine\n[index]\n# sorted\nsort = date\n[account general]\nkeys = x\n",
				     &err),
			 0);
	assert_int_equal(conf_set(path, "index", "sort", "size", &err), 0);
	assert_int_equal(conf_set(path, "index", "fold", " yes", &err), 0);
	assert_int_equal(conf_set(path, "general", "keys", "mutt", &err), 0);
	assert_int_equal(file_read(path, &text, 0, &err), 0);
	assert_string_equal(buf_str(&text), "[general]\nkeys = mutt\n\n# mine\n[index]\nfold = \" yes\"\n# sorted\n"
					    "sort = size\n[account general]\nkeys = x\n");

	/* what an included file says last is overruled behind it */
	assert_int_equal(conf_append(other, "[index]\nsort = from\n", &err), 0);
	assert_int_equal(conf_append(path, "include more\n", &err), 0);
	assert_int_equal(conf_set(path, "index", "sort", "subject", &err), 0);
	struct conf *conf = conf_load(path);
	assert_string_equal(conf_get(conf, "index", "", "sort"), "subject");
	conf_free(&conf);
	buf_free(&text);
	unlink(path);
	unlink(other);
	rmdir(dir);
	free(path);
	free(other);
	free(dir);
}

static void includes_are_followed_but_not_for_ever(void **state)
{
	char *dir = fresh_dir(), *path = path_join(dir, "config");
	struct err err = ERR_INIT;
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_append(path, "[index]\na = b\ninclude config\ninclude gone\n", &err),
			 0);
	conf = conf_load(path);
	assert_string_equal(conf_get(conf, "index", "", "a"), "b");
	assert_int_equal(conf->error_count, 1 + 11);
	assert_non_null(strstr(conf->errors[0], "config:3: files include each other"));
	assert_non_null(strstr(conf->errors[1], "config:4: files include each other"));
	assert_non_null(strstr(conf->errors[2], "No such file"));
	conf_free(&conf);
	unlink(path);
	rmdir(dir);
	free(path);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_sections_settings_and_comments),
	    cmocka_unit_test(collects_every_mistake),
	    cmocka_unit_test(options_are_set_and_read),
	    cmocka_unit_test(sections_come_and_go_and_comments_stay),
	    cmocka_unit_test(one_setting_is_written_where_it_stands),
	    cmocka_unit_test(includes_are_followed_but_not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
