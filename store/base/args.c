#include "config.h"
#include "store/base/args.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "store/base/err.h"
#include "store/base/i18n.h"

static const struct option *find_long(const struct option *longs, int value)
{
	for (; longs && longs->name; longs++)
		if (longs->val == value)
			return longs;
	return NULL;
}

static void say_long(const char *word, const struct option *row, struct err *err)
{
	if (!row)
		err_set_kind(err, ERR_USAGE, _("\"%s\" is no option, or not clearly one."), word);
	else if (row->has_arg == no_argument)
		err_set_kind(err, ERR_USAGE, _("\"--%s\" takes no value."), row->name);
	else
		err_set_kind(err, ERR_USAGE, _("\"--%s\" wants a value behind it."), row->name);
}

static void say_short(char c, const char *shorts, struct err *err)
{
	const char *at = c == ':' ? NULL : strchr(shorts, c);

	if (at && at[1] == ':')
		err_set_kind(err, ERR_USAGE, _("\"-%c\" wants a value behind it."), c);
	else
		err_set_kind(err, ERR_USAGE, _("There is no option \"-%c\"."), c);
}

/* What getopt knows of an option that is wrong: optopt, 0 for a long one of no name. */
static void say_wrong(char **argv, const char *shorts, const struct option *longs, struct err *err)
{
	const char *word = argv[optind - 1];
	const struct option *row = find_long(longs, optopt);
	bool is_long = longs && strncmp(word, "--", 2) == 0;

	if (optopt == 0 || (is_long && row))
		say_long(word, row, err);
	else
		say_short((char)optopt, shorts, err);
}

int args_next(int argc, char **argv, const char *shorts, const struct option *longs, int *at, struct err *err)
{
	int c;

	opterr = 0;
	optopt = 0;
	c = longs ? getopt_long(argc, argv, shorts, longs, at) : getopt(argc, argv, shorts);
	if (c == '?')
		say_wrong(argv, shorts, longs, err);
	return c;
}
