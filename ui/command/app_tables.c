#include "config.h"
#include "ui/command/app_main.h"

#include "store/base/buf.h"
#include "store/base/option.h"
#include "store/mail/account.h"
#include "store/mail/query.h"
#include "ui/command/app_config.h"
#include "ui/command/command.h"
#include "ui/input/keymap.h"

static void add_commands(struct buf *out)
{
	const struct command *row;
	size_t at = 0;

	while ((row = command_next(&at)))
		buf_printf(out, "command\t%s\t%s\t%s\n", row->name, row->args, row->help);
}

static void add_keys(struct buf *out)
{
	const char *const *section;
	struct keymaps *maps = keymaps_new();
	struct keymap_row row;
	size_t at;

	keymap_use_preset(maps, "mutt", NULL);
	for (section = keymap_sections() + 1; *section; section++)
		for (at = 0; keymap_next(maps, keymap_section_views(*section), NULL, &at, &row);)
			buf_printf(out, "key\t%s\t%s\t%s\t%s\n", *section, row.keys, row.line,
				   row.is_global ? "global" : "");
	keymaps_free(&maps);
}

static void add_option(struct buf *out, const char *section, const struct option_row *row)
{
	buf_printf(out, "option\t%s\t%s\t%s\t%s\t%s\t%s\n", section, row->name,
		   option_type_name(row->type), row->fallback ? row->fallback : "", row->help,
		   row->choices ? row->choices : "");
}

static void add_options(struct buf *out)
{
	struct options *options = options_new();
	size_t i;

	app_config_add_options(options);
	for (i = 0; i < options_count(options); i++)
		add_option(out, options_at(options, i)->section, options_at(options, i));
	for (i = 0; i < account_row_count; i++)
		add_option(out, "account NAME", &account_rows[i]);
	options_free(&options);
}

/* In the order of the tables, which is one of sense. */
static void add_queries(struct buf *out)
{
	struct query_help row;

	for (size_t at = 0; query_field_help(at, &row); at++)
		buf_printf(out, "field\t%02zu\t%s\t%s\t%s\n", at, row.names, row.argument,
			   row.help);
	for (size_t at = 0; query_pattern_help(at, &row); at++)
		buf_printf(out, "pattern\t%02zu\t%s\t%s\t%s\n", at, row.names, row.argument,
			   row.help);
}

void app_dump_tables(struct buf *out)
{
	add_queries(out);
	add_commands(out);
	add_keys(out);
	add_options(out);
}
