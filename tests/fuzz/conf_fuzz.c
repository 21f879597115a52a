#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/mem.h"
#include "store/mail/account.h"

/* No file of this machine is read for a test. */
static char *harmless(const uint8_t *data, size_t len)
{
	char *text = mem_strndup((const char *)data, len), *at = text;

	while ((at = strstr(at, "include")))
		*at = 'I';
	return text;
}

static void check_entry(const struct conf_entry *entry)
{
	FUZZ_HOLDS(entry->section && *entry->section && entry->name && entry->line > 0);
	FUZZ_HOLDS(!entry->key == !entry->value);
	FUZZ_HOLDS(!entry->key || *entry->key);
}

/* A value that is written comes back the same. */
static void check_written(const char *value)
{
	struct buf out = BUF_INIT;
	struct conf *conf;

	buf_add_str(&out, "[s n]\n");
	conf_add_line(&out, "key", value);
	conf = conf_parse(buf_str(&out), "f", ".");
	FUZZ_HOLDS(conf->error_count == 0 && conf->count == 2);
	FUZZ_HOLDS(strcmp(conf_get(conf, "s", "n", "key"), value) == 0);
	conf_free(&conf);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = harmless(data, len);
	struct conf *conf = conf_parse(text, "f", ".");
	struct account_list list;
	size_t i;

	for (i = 0; i < conf->count; i++)
		check_entry(&conf->entries[i]);
	account_load_conf(&list, conf);
	for (i = 0; i < list.count; i++)
		FUZZ_HOLDS(account_check_name(list.items[i].name, NULL) == 0 && list.items[i].path);
	for (i = 0; i < conf->error_count; i++)
		FUZZ_HOLDS(*conf->errors[i]);
	account_list_free(&list);
	if (!strpbrk(text, "\r\n"))
		check_written(text);
	conf_free(&conf);
	free(text);
	return 0;
}
