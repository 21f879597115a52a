#include "config.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/base/mem.h"
#include "tests/lib/temp.h"

#define FOLDERS_OPEN 16

char *temp_dir(const char *name)
{
	char *dir = mem_printf("/tmp/tern-%s-XXXXXX", name);

	assert_non_null(mkdtemp(dir));
	return dir;
}

char *temp_home(const char *name)
{
	char *dir = temp_dir(name);

	setenv("TERN_HOME", dir, 1);
	setenv("HOME", dir, 1);
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void temp_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS), 0);
}

void temp_end(char **dir)
{
	temp_remove(*dir);
	free(*dir);
	*dir = NULL;
}
