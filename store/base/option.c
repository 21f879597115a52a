#include "config.h"
#include "store/base/option.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"

struct held {
	const struct option_row *row;
	char *value; /* NULL: the default holds */
};

struct options {
	struct held *items;
	size_t count, cap;
	char **allowed;
	size_t allowed_count, allowed_cap;
};

struct options *options_new(void)
{
	return mem_alloc(sizeof(struct options));
}

void options_free(struct options **options)
{
	if (!*options)
		return;
	for (size_t i = 0; i < (*options)->count; i++)
		free((*options)->items[i].value);
	for (size_t i = 0; i < (*options)->allowed_count; i++)
		free((*options)->allowed[i]);
	free((*options)->items);
	free((*options)->allowed);
	free(*options);
	*options = NULL;
}

void options_add(struct options *options, const struct option_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ARRAY_ROOM(options->items, options->count, options->cap);
		options->items[options->count++] = (struct held){.row = &rows[i]};
	}
}

void options_allow_section(struct options *options, const char *section)
{
	ARRAY_ROOM(options->allowed, options->allowed_count, options->allowed_cap);
	options->allowed[options->allowed_count++] = mem_strdup(section);
}

size_t options_count(const struct options *options)
{
	return options->count;
}

const struct option_row *options_at(const struct options *options, size_t at)
{
	return options->items[at].row;
}

static struct held *find_in(const struct options *options, struct span section, const char *name)
{
	for (size_t i = 0; i < options->count; i++) {
		struct held *held = &options->items[i];

		if (span_equal(section, span_of(held->row->section)) &&
		    strcmp(held->row->name, name) == 0)
			return held;
	}
	return NULL;
}

static struct held *find_unique(const struct options *options, const char *name)
{
	struct held *found = NULL;

	for (size_t i = 0; i < options->count; i++) {
		if (strcmp(options->items[i].row->name, name) != 0)
			continue;
		if (found)
			return NULL;
		found = &options->items[i];
	}
	return found;
}

static struct held *find(const struct options *options, const char *section, const char *name)
{
	const char *dot;

	if (section)
		return find_in(options, span_of(section), name);
	dot = strchr(name, '.');
	if (dot)
		return find_in(options, (struct span){name, (size_t)(dot - name)}, dot + 1);
	return find_unique(options, name);
}

const struct option_row *option_find(const struct options *options, const char *section,
				     const char *name)
{
	struct held *held = find(options, section, name);

	return held ? held->row : NULL;
}

int option_parse_bool(const char *value)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_equal_nocase(value, words[i]))
			return (int)(i & 1);
	return -1;
}

const char *option_type_name(enum option_type type)
{
	static const char *const names[] = {"bool", "int", "text", "choice", "path", "command"};

	return names[type];
}

static int place_in_choices(const char *choices, const char *value)
{
	struct span rest = span_of(choices), word;

	for (int i = 0; span_split(&rest, ' ', &word); i++)
		if (span_equal(word, span_of(value)))
			return i;
	return -1;
}

static char **split_choices(const char *choices)
{
	struct span rest = span_of(choices), word;
	char **words = NULL;
	size_t count = 0, cap = 0;

	while (span_split(&rest, ' ', &word)) {
		ARRAY_ROOM(words, count, cap);
		words[count++] = mem_strndup(word.data, word.len);
	}
	ARRAY_ROOM(words, count, cap);
	words[count] = NULL;
	return words;
}

static int refuse_choice(const struct option_row *row, const char *value, struct err *err)
{
	char **words = split_choices(row->choices);
	const char *near = str_nearest(value, (const char *const *)words);

	if (near)
		err_set_kind(err, ERR_USAGE, _("\"%s\" cannot be \"%s\"; did you mean \"%s\"?"),
			     row->name, value, near);
	else
		err_set_kind(err, ERR_USAGE, _("\"%s\" cannot be \"%s\"; it is one of: %s"),
			     row->name, value, row->choices);
	for (char **word = words; *word; word++)
		free(*word);
	free(words);
	return -1;
}

static int check_int(const struct option_row *row, const char *value, struct err *err)
{
	long long number;

	if (str_to_long(value, &number) < 0)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is a number, and \"%s\" is none"),
				    row->name, value);
	if ((row->min || row->max) && (number < row->min || number > row->max))
		return err_set_kind(err, ERR_USAGE,
				    _("\"%s\" is a number from %lld to %lld, not %s"), row->name,
				    row->min, row->max, value);
	return 0;
}

static int check_quotes(const struct option_row *row, const char *value, struct err *err)
{
	char open = '\0';

	for (; *value; value++) {
		if (*value == '\\' && open != '\'' && value[1])
			value++;
		else if (open && *value == open)
			open = '\0';
		else if (!open && (*value == '"' || *value == '\''))
			open = *value;
	}
	if (!open)
		return 0;
	return err_set_kind(err, ERR_USAGE, _("\"%s\" has a quote (%c) that is not closed"),
			    row->name, open);
}

int option_check(const struct option_row *row, const char *value, struct err *err)
{
	switch (row->type) {
	case OPTION_BOOL:
		if (option_parse_bool(value) >= 0)
			return 0;
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is \"yes\" or \"no\", not \"%s\""),
				    row->name, value);
	case OPTION_INT:
		return check_int(row, value, err);
	case OPTION_CHOICE:
		return place_in_choices(row->choices, value) >= 0 ? 0
								  : refuse_choice(row, value, err);
	case OPTION_COMMAND:
		return check_quotes(row, value, err);
	default:
		return 0;
	}
}

static const char *nearest_name(const struct option_row *const *rows, size_t count,
				const char *name)
{
	const char **names = mem_calloc(count + 1, sizeof *names), *near;

	for (size_t i = 0; i < count; i++)
		names[i] = rows[i]->name;
	near = str_nearest(name, names);
	free(names);
	return near;
}

static int refuse_name(const struct option_row *const *rows, size_t count, const char *section,
		       const char *name, struct err *err)
{
	const char *near = nearest_name(rows, count, name);

	if (section && near)
		return err_set_kind(err, ERR_USAGE,
				    _("no option \"%s\" in [%s]; did you mean \"%s\"?"), name,
				    section, near);
	if (section)
		return err_set_kind(err, ERR_USAGE, _("no option \"%s\" in [%s]"), name, section);
	if (near)
		return err_set_kind(err, ERR_USAGE, _("no option \"%s\"; did you mean \"%s\"?"),
				    name, near);
	return err_set_kind(err, ERR_USAGE, _("no option \"%s\""), name);
}

static const struct option_row **rows_of(const struct options *options, const char *section,
					 size_t *count)
{
	const struct option_row **rows = mem_calloc(options->count + 1, sizeof *rows);

	*count = 0;
	for (size_t i = 0; i < options->count; i++)
		if (!section || strcmp(options->items[i].row->section, section) == 0)
			rows[(*count)++] = options->items[i].row;
	return rows;
}

static int refuse_section(const struct options *options, const char *section, struct err *err)
{
	size_t count = 0;
	const char **names = mem_calloc(options->count + options->allowed_count + 1, sizeof *names);
	const char *near;

	for (size_t i = 0; i < options->count; i++)
		names[count++] = options->items[i].row->section;
	for (size_t i = 0; i < options->allowed_count; i++)
		names[count++] = options->allowed[i];
	near = str_nearest(section, names);
	free(names);
	if (near)
		return err_set_kind(err, ERR_USAGE, _("no section [%s]; did you mean [%s]?"),
				    section, near);
	return err_set_kind(err, ERR_USAGE, _("no section [%s]"), section);
}

static bool has_section(const struct options *options, const char *section)
{
	for (size_t i = 0; i < options->count; i++)
		if (strcmp(options->items[i].row->section, section) == 0)
			return true;
	return false;
}

static bool is_allowed(const struct options *options, const char *section)
{
	for (size_t i = 0; i < options->allowed_count; i++)
		if (strcmp(options->allowed[i], section) == 0)
			return true;
	return false;
}

static int refuse(const struct options *options, const char *section, const char *name,
		  struct err *err)
{
	const struct option_row **rows;
	size_t count;

	if (section && !has_section(options, section))
		return refuse_section(options, section, err);
	rows = rows_of(options, section, &count);
	refuse_name(rows, count, section, name, err);
	free(rows);
	return -1;
}

int option_set(struct options *options, const char *section, const char *name, const char *value,
	       struct err *err)
{
	struct held *held = find(options, section, name);

	if (!held)
		return refuse(options, section, name, err);
	if (option_check(held->row, value, err) < 0)
		return -1;
	free(held->value);
	if (held->row->type == OPTION_BOOL)
		value = option_parse_bool(value) ? "yes" : "no";
	held->value = mem_strdup(value);
	return 0;
}

int option_reset(struct options *options, const char *section, const char *name, struct err *err)
{
	struct held *held = find(options, section, name);

	if (!held)
		return refuse(options, section, name, err);
	free(held->value);
	held->value = NULL;
	return 0;
}

bool option_is_set(const struct options *options, const char *section, const char *name)
{
	struct held *held = find(options, section, name);

	return held && held->value;
}

const char *option_text(const struct options *options, const char *section, const char *name)
{
	struct held *held = find(options, section, name);

	if (held && held->value)
		return held->value;
	return held && held->row->fallback ? held->row->fallback : "";
}

long long option_int(const struct options *options, const char *section, const char *name)
{
	long long number;

	return str_to_long(option_text(options, section, name), &number) < 0 ? 0 : number;
}

bool option_bool(const struct options *options, const char *section, const char *name)
{
	return option_parse_bool(option_text(options, section, name)) == 1;
}

int option_choice(const struct options *options, const char *section, const char *name)
{
	struct held *held = find(options, section, name);
	int at;

	if (!held || held->row->type != OPTION_CHOICE)
		return 0;
	at = place_in_choices(held->row->choices, option_text(options, section, name));
	return at < 0 ? 0 : at;
}

char *option_path(const struct options *options, const char *section, const char *name)
{
	return path_expand(option_text(options, section, name));
}

/* A section line speaks for its settings: an unknown one is told once, not a line each. */
static void load_entry(struct options *options, struct conf *conf, const struct conf_entry *entry)
{
	struct err err = ERR_INIT;

	if (is_allowed(options, entry->section))
		return;
	if (!entry->key && !has_section(options, entry->section))
		refuse_section(options, entry->section, &err);
	else if (entry->key && has_section(options, entry->section))
		option_set(options, entry->section, entry->key, entry->value, &err);
	if (err.kind != ERR_NONE)
		conf_error(conf, entry->file, entry->line, "%s", err.text);
}

void options_load(struct options *options, struct conf *conf)
{
	for (size_t i = 0; i < conf->count; i++)
		load_entry(options, conf, &conf->entries[i]);
}

int option_check_entry(const struct option_row *rows, size_t count, const char *key,
		       const char *value, struct err *err)
{
	const struct option_row **list;

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].name, key) == 0)
			return option_check(&rows[i], value, err);
	list = mem_calloc(count + 1, sizeof *list);
	for (size_t i = 0; i < count; i++)
		list[i] = &rows[i];
	refuse_name(list, count, count ? rows[0].section : "?", key, err);
	free(list);
	return -1;
}
