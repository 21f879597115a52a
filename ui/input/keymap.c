#include "config.h"
#include "ui/input/keymap.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "ui/input/presets.h"
#include "ui/input/view_kind.h"

struct binding {
	unsigned views;
	char *keys, *line;
	struct key_sequence sequence;
	bool is_own;
};

struct keymaps {
	struct binding *bindings; /* the last one of equal ones wins */
	size_t count, cap;
};

static const struct {
	const char *name;
	unsigned views;
} sections[] = {
    {"global", VIEW_ANY},	{"index", VIEW_INDEX},	 {"reader", VIEW_READER},
    {"folders", VIEW_FOLDERS},	{"draft", VIEW_DRAFT},	 {"outbox", VIEW_OUTBOX},
    {"help", VIEW_HELP},	{"log", VIEW_LOG},	 {"wizard", VIEW_WIZARD},
    {"options", VIEW_OPTIONS},	{"parts", VIEW_PARTS},
    {"links", VIEW_LINKS},	{"network", VIEW_NETWORK},
};

static const char *const section_names[] = {"global", "index", "reader", "folders", "draft", "outbox",
					    "help",   "log",   "wizard", "options", "parts",
					    "links",  "network", NULL};

const char *const *keymap_sections(void)
{
	return section_names;
}

unsigned keymap_section_views(const char *section)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(sections); i++)
		if (strcmp(sections[i].name, section) == 0)
			return sections[i].views;
	return 0;
}

const char *const *keymap_presets(void)
{
	static const char *const names[] = {"mutt", "alpine", "aerc", NULL};

	return names;
}

struct keymaps *keymaps_new(void)
{
	return mem_alloc(sizeof(struct keymaps));
}

static void forget_bindings(struct keymaps *maps)
{
	size_t i;

	for (i = 0; i < maps->count; i++) {
		free(maps->bindings[i].keys);
		free(maps->bindings[i].line);
	}
	maps->count = 0;
}

void keymaps_free(struct keymaps **maps)
{
	if (!*maps)
		return;
	forget_bindings(*maps);
	free((*maps)->bindings);
	free(*maps);
	*maps = NULL;
}

/* --- sequences ---------------------------------------------------------------------------------- */

void key_sequence_add(struct key_sequence *sequence, const struct key *key)
{
	struct key plain = *key;

	plain.paste = NULL;
	if (key->is_meta) {
		if (sequence->count < KEYMAP_SEQUENCE)
			sequence->keys[sequence->count++] = (struct key){.code = KEY_ESC};
		plain.is_meta = false;
	}
	if (sequence->count < KEYMAP_SEQUENCE)
		sequence->keys[sequence->count++] = plain;
}

int key_sequence_parse(const char *text, struct key_sequence *sequence, struct err *err)
{
	const char *at = text;
	struct key key;
	int got;

	memset(sequence, 0, sizeof *sequence);
	while (memset(&key, 0, sizeof key), (got = key_parse(&at, &key)) > 0) {
		if (sequence->count + 2 > KEYMAP_SEQUENCE)
			return err_set(err, _("the key sequence \"%s\" is too long"), text);
		key_sequence_add(sequence, &key);
	}
	if (got < 0 || !sequence->count)
		return err_set_kind(err, ERR_USAGE, _("there is no key \"%s\""), at && *at ? at : text);
	return 0;
}

static bool starts_with(const struct key_sequence *whole, const struct key_sequence *begin)
{
	size_t i;

	for (i = 0; i < begin->count; i++)
		if (i >= whole->count || !key_equal(&whole->keys[i], &begin->keys[i]))
			return false;
	return true;
}

static bool sequences_equal(const struct key_sequence *a, const struct key_sequence *b)
{
	return a->count == b->count && starts_with(a, b);
}

/* --- binding ------------------------------------------------------------------------------------ */

static int add_binding(struct keymaps *maps, unsigned views, const char *keys, const char *line,
		       bool is_own, struct err *err)
{
	struct binding *binding;
	struct key_sequence sequence;

	if (key_sequence_parse(keys, &sequence, err) < 0)
		return -1;
	ARRAY_ROOM(maps->bindings, maps->count, maps->cap);
	binding = &maps->bindings[maps->count++];
	*binding = (struct binding){.views = views,
				    .keys = mem_strdup(keys),
				    .line = mem_strdup(line),
				    .sequence = sequence,
				    .is_own = is_own};
	return 0;
}

int keymap_bind(struct keymaps *maps, unsigned views, const char *keys, const char *line,
		struct err *err)
{
	return add_binding(maps, views, keys, line, true, err);
}

int keymap_use_preset(struct keymaps *maps, const char *preset, struct err *err)
{
	const struct preset_row *row = preset_find(preset);
	const struct preset_row *common = preset_common;

	if (!row) {
		const char *near = str_nearest(preset, keymap_presets());

		return err_set_kind(err, ERR_USAGE,
				    _("there are no keys \"%s\"; there are mutt, alpine and aerc%s%s"),
				    preset, near ? _("; did you mean ") : "", near ? near : "");
	}
	forget_bindings(maps);
	for (; row->keys; row++)
		if (add_binding(maps, row->views, row->keys, row->line, false, err) < 0)
			return -1;
	for (; common->keys; common++)
		if (add_binding(maps, common->views, common->keys, common->line, false, err) < 0)
			return -1;
	return 0;
}

/* --- finding ------------------------------------------------------------------------------------ */

static bool works_in(const struct binding *binding, unsigned view, bool global)
{
	return (binding->views & view) && (binding->views == (unsigned)VIEW_ANY) == global;
}

/* The binding that holds for its sequence in VIEW: is it AT? */
static bool is_hidden(const struct keymaps *maps, unsigned view, size_t at)
{
	const struct binding *binding = &maps->bindings[at];
	bool global = binding->views == (unsigned)VIEW_ANY;
	size_t i;

	for (i = 0; i < maps->count; i++) {
		const struct binding *other = &maps->bindings[i];

		if (i == at || !(other->views & view) ||
		    !sequences_equal(&other->sequence, &binding->sequence))
			continue;
		if (global && other->views != (unsigned)VIEW_ANY)
			return true;
		if (global == (other->views == (unsigned)VIEW_ANY) && i > at)
			return true;
	}
	return !*binding->line;
}

static const struct binding *find_equal(const struct keymaps *maps, unsigned view, bool global,
					const struct key_sequence *typed)
{
	size_t i;

	for (i = maps->count; i-- > 0;)
		if (works_in(&maps->bindings[i], view, global) &&
		    sequences_equal(&maps->bindings[i].sequence, typed))
			return &maps->bindings[i];
	return NULL;
}

/* With OWN_ONLY only the person's longer keys count. */
static bool is_prefix(const struct keymaps *maps, unsigned view, const struct key_sequence *typed,
		      bool own_only)
{
	size_t i;

	for (i = 0; i < maps->count; i++)
		if ((maps->bindings[i].views & view) && (maps->bindings[i].is_own || !own_only) &&
		    maps->bindings[i].sequence.count > typed->count &&
		    starts_with(&maps->bindings[i].sequence, typed) && !is_hidden(maps, view, i))
			return true;
	return false;
}

enum keymap_found keymap_find(const struct keymaps *maps, unsigned view,
			      const struct key_sequence *typed, const char **line)
{
	const struct binding *found = find_equal(maps, view, false, typed);

	if (!found)
		found = find_equal(maps, view, true, typed);
	if (found && *found->line && (found->is_own || !is_prefix(maps, view, typed, true))) {
		*line = found->line;
		return KEYMAP_LINE;
	}
	return is_prefix(maps, view, typed, false) ? KEYMAP_PREFIX : KEYMAP_NONE;
}

bool keymap_next(const struct keymaps *maps, unsigned view, const struct key_sequence *behind,
		 size_t *at, struct keymap_row *row)
{
	for (; *at < maps->count * 2; (*at)++) {
		size_t i = *at % maps->count;
		const struct binding *binding = &maps->bindings[i];

		if (!works_in(binding, view, *at >= maps->count) || is_hidden(maps, view, i))
			continue;
		if (behind && (binding->sequence.count <= behind->count ||
			       !starts_with(&binding->sequence, behind)))
			continue;
		snprintf(row->keys, sizeof row->keys, "%s", binding->keys);
		row->line = binding->line;
		row->is_own = binding->is_own;
		row->is_global = *at >= maps->count;
		(*at)++;
		return true;
	}
	return false;
}

/* Does a binding's line begin with the words of WANTED? */
static bool begins(const char *line, const char *wanted)
{
	size_t len = strlen(wanted);

	return strncmp(line, wanted, len) == 0 && (!line[len] || line[len] == ' ' || line[len] == ';');
}

bool keymap_key_for(const struct keymaps *maps, unsigned view, const char *line, char *out, size_t size)
{
	struct keymap_row row;
	size_t at = 0;
	char partly[96] = "";

	while (keymap_next(maps, view, NULL, &at, &row)) {
		if (strcmp(row.line, line) == 0) {
			keymap_readable(row.keys, out, size);
			return true;
		}
		if (!*partly && begins(row.line, line))
			memcpy(partly, row.keys, sizeof partly);
	}
	if (*partly)
		keymap_readable(partly, out, size);
	return *partly != 0;
}

static void add_readable(struct buf *out, const struct key *key)
{
	struct buf name = BUF_INIT;
	const char *text;

	key_add_name(&name, key);
	text = buf_str(&name);
	if (key->code == KEY_CTRL)
		buf_printf(out, "^%c", toupper((unsigned char)key->text[0]));
	else if (text[0] == '<' && name.len > 2)
		buf_printf(out, "%.*s", (int)name.len - 2, text + 1);
	else
		buf_add_str(out, text);
	buf_free(&name);
}

void keymap_readable(const char *keys, char *out, size_t size)
{
	struct key_sequence sequence;
	struct buf text = BUF_INIT;
	size_t i;

	if (key_sequence_parse(keys, &sequence, NULL) < 0) {
		snprintf(out, size, "%s", keys);
		return;
	}
	for (i = 0; i < sequence.count; i++) {
		if (i)
			buf_add_char(&text, ' ');
		add_readable(&text, &sequence.keys[i]);
	}
	snprintf(out, size, "%s", buf_str(&text));
	buf_free(&text);
}
