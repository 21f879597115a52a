/* The switch that makes no connections: remembered, for one account or all, before the configuration. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/account.h"
#include "store/mail/offline.h"

static char home[] = "/tmp/tern-offline-XXXXXX";

static void configure(const char *text)
{
	char *dir = path_dir(PATH_CONFIG), *path = path_in(PATH_CONFIG, "config");
	FILE *file;

	path_make_dirs(dir, NULL);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
	free(dir);
}

static bool is_offline(const char *name)
{
	struct account_list list;
	bool is;

	assert_int_equal(account_load(&list, NULL), 0);
	is = offline_is(name ? account_find(&list, name) : NULL);
	account_list_free(&list);
	return is;
}

static void set(const char *name, bool on)
{
	struct err err = ERR_INIT;

	assert_int_equal(offline_set(name, on, &err), 0);
}

#define TWO "[account a]\naddress = a@x.example\n[account ab]\naddress = b@x.example\n"

static void one_is_switched_alone(void **state)
{
	(void)state;
	configure(TWO);
	assert_false(is_offline("a") || is_offline("ab") || is_offline(NULL));
	set("a", true);
	assert_true(is_offline("a"));
	assert_false(is_offline("ab") || is_offline(NULL));
	set("ab", true);
	set("a", false);
	assert_false(is_offline("a"));
	assert_true(is_offline("ab"));
}

static void all_are_switched_and_back(void **state)
{
	(void)state;
	configure(TWO);
	set("a", true);
	set(NULL, true);
	assert_true(is_offline("a") && is_offline("ab") && is_offline(NULL));
	set(NULL, false);
	assert_false(is_offline("a") || is_offline("ab") || is_offline(NULL));
}

static void the_switch_goes_before_the_configuration(void **state)
{
	(void)state;
	configure(TWO "offline = yes\n[mail]\noffline = yes\n");
	assert_true(is_offline("a") && is_offline(NULL));
	set(NULL, false);
	assert_false(is_offline("a"));
	assert_true(is_offline("ab"));
	set("ab", false);
	assert_false(is_offline("ab"));
}

static int fresh(void **state)
{
	char *path = path_in(PATH_STATE, "offline");

	(void)state;
	unlink(path);
	free(path);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(one_is_switched_alone, fresh),
	    cmocka_unit_test_setup(all_are_switched_and_back, fresh),
	    cmocka_unit_test_setup(the_switch_goes_before_the_configuration, fresh),
	};
	char *remove;
	int rc;

	if (!mkdtemp(home))
		return 1;
	setenv("TERN_HOME", home, 1);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	remove = mem_printf("rm -rf %s", home);
	if (system(remove) != 0)
		rc = 1;
	free(remove);
	return rc;
}
