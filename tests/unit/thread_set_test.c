#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "store/mail/thread_set.h"

static void add(struct thread_set *set, const char *id, const char *named)
{
	char *list[] = {(char *)named};

	thread_set_add(set, id, list, named ? 1 : 0);
}

static void names_join(void **state)
{
	struct thread_set *set = thread_set_new();

	(void)state;
	add(set, "child", "lost");
	add(set, "alone", NULL);
	add(set, "sister", "lost");
	add(set, NULL, "alone");
	add(set, NULL, NULL);
	assert_int_equal(thread_set_first(set, 2), 0);
	assert_int_equal(thread_set_first(set, 3), 1);
	assert_int_equal(thread_set_first(set, 4), 4);
	thread_set_free(&set);
}

/* PROMISES 27 */
static void loops_and_crowds_do_no_harm(void **state)
{
	struct thread_set *set = thread_set_new();
	char id[20], before[20];
	int i;

	(void)state;
	add(set, "a", "b");
	add(set, "b", "a");
	add(set, "c", "c");
	add(set, "c", "c");
	assert_int_equal(thread_set_first(set, 1), 0);
	assert_int_equal(thread_set_first(set, 3), 2);
	for (i = 0; i < 50000; i++) {
		snprintf(before, sizeof before, "m%d", i - 1);
		snprintf(id, sizeof id, "m%d", i);
		add(set, id, before);
	}
	assert_int_equal(thread_set_first(set, thread_set_count(set) - 1), 4);
	thread_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_join),
	    cmocka_unit_test(loops_and_crowds_do_no_harm),
	};

	return cmocka_run_group_tests_name("thread_set", tests, NULL, NULL);
}
