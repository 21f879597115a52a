#include "config.h"
#include "ui/shell/account_options.h"

#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/option.h"
#include "store/base/path.h"
#include "store/mail/account.h"

static const char *const never[] = {"oauth-client-secret", "read-only"};

static bool is_left_out(const struct option *own, const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(never); i++)
		if (strcmp(never[i], name) == 0)
			return true;
	for (; own->name; own++)
		if (strcmp(own->name, name) == 0)
			return true;
	return false;
}

struct option *account_options_new(const struct option *own)
{
	struct option *options;
	size_t count = 0;

	while (own[count].name)
		count++;
	options = mem_calloc(count + account_row_count + 1, sizeof *options);
	memcpy(options, own, count * sizeof *options);
	for (size_t i = 0; i < account_row_count; i++)
		if (!is_left_out(own, account_rows[i].name))
			options[count++] =
			    (struct option){account_rows[i].name, required_argument, NULL, ACCOUNT_OPTION};
	return options;
}

static enum option_type type_of(const char *name)
{
	for (size_t i = 0; i < account_row_count; i++)
		if (strcmp(account_rows[i].name, name) == 0)
			return account_rows[i].type;
	return OPTION_TEXT;
}

char *account_options_value(const char *name, const char *value, struct err *err)
{
	if (option_check_entry(account_rows, account_row_count, name, value, err) < 0)
		return NULL;
	if (type_of(name) == OPTION_PATH && *value && *value != '/' && *value != '~')
		return path_absolute(value);
	return mem_strdup(value);
}
