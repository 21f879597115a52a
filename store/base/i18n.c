#include "config.h"
#include "store/base/i18n.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/mem.h"
#include "store/base/path.h"

static char *folder_beside_program(void)
{
	char self[PATH_MAX], *dir, *folder;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	dir = path_parent(self);
	folder = path_join(dir, "locale");
	free(dir);
	return folder;
}

/* A build folder has config.status in it; an installed /usr/bin never does. */
static char *folder_of_build(void)
{
	char *folder = folder_beside_program();
	char *mark = folder ? mem_printf("%s/../config.status", folder) : NULL;

	if (mark && access(mark, F_OK) == 0) {
		free(mark);
		return folder;
	}
	free(mark);
	free(folder);
	return NULL;
}

static const char *wanted_locale(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (getenv(names[i]) && *getenv(names[i]))
			return getenv(names[i]);
	return "C";
}

/* A fresh machine has no locale but C.UTF-8 made; our own translations need none. */
static void do_without_locale(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	setenv("LANGUAGE", wanted_locale(), 0);
}

void i18n_start(void)
{
	char *folder = folder_of_build();

	if (!setlocale(LC_ALL, ""))
		do_without_locale();
	setlocale(LC_NUMERIC, "C");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	bindtextdomain(PACKAGE, folder ? folder : LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	textdomain(PACKAGE);
	free(folder);
}
