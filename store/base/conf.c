#include "config.h"
#include "store/base/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"

#define FILE_LIMIT    (4u << 20)
#define INCLUDE_DEPTH 10

/* Where the reader stands. */
struct place {
	struct conf *conf;
	const char *file, *dir;
	char *section, *name; /* owned; NULL before the first section */
	int line, depth;
};

static void read_text(struct conf *conf, const char *text, size_t len, const char *file,
		      const char *dir, int depth);

void conf_error(struct conf *conf, const char *file, int line, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	ARRAY_ROOM(conf->errors, conf->error_count, conf->error_cap);
	conf->errors[conf->error_count++] =
	    line ? mem_printf("%s:%d: %s", file, line, text) : mem_printf("%s: %s", file, text);
}

static char *span_copy(struct span s)
{
	return mem_strndup(s.data ? s.data : "", s.len);
}

static void add_entry(struct place *at, char *key, char *value)
{
	struct conf *conf = at->conf;

	ARRAY_ROOM(conf->entries, conf->count, conf->cap);
	conf->entries[conf->count++] = (struct conf_entry){
	    .section = mem_strdup(at->section),
	    .name = mem_strdup(at->name),
	    .key = key,
	    .value = value,
	    .file = mem_strdup(at->file),
	    .line = at->line,
	};
}

static void split_section(struct span inside, struct span *section, struct span *name)
{
	size_t end = 0;

	while (end < inside.len && !char_is_space(inside.data[end]))
		end++;
	*section = (struct span){inside.data, end};
	*name = span_trim((struct span){inside.data + end, inside.len - end});
}

static void read_section(struct place *at, struct span line)
{
	struct span section, name;

	if (line.data[line.len - 1] != ']') {
		conf_error(at->conf, at->file, at->line, _("this section has no \"]\" at its end"));
		return;
	}
	split_section(span_trim((struct span){line.data + 1, line.len - 2}), &section, &name);
	if (section.len == 0) {
		conf_error(at->conf, at->file, at->line, _("this section has no name"));
		return;
	}
	free(at->section);
	free(at->name);
	at->section = span_copy(section);
	at->name = span_copy(name);
	add_entry(at, NULL, NULL);
}

static bool is_one_quoted(struct span s)
{
	if (s.len < 2 || s.data[0] != '"' || s.data[s.len - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < s.len; i++) {
		if (s.data[i] == '"')
			return false;
		if (s.data[i] == '\\' && ++i + 1 >= s.len)
			return false;
	}
	return true;
}

static char *read_value(struct span s)
{
	struct buf out = BUF_INIT;

	if (!is_one_quoted(s))
		return span_copy(s);
	for (size_t i = 1; i + 1 < s.len; i++) {
		if (s.data[i] == '\\' && (s.data[i + 1] == '"' || s.data[i + 1] == '\\'))
			i++;
		buf_add_char(&out, s.data[i]);
	}
	return buf_take(&out);
}

static void read_setting(struct place *at, struct span line)
{
	size_t equals = span_find(line, 1, '='); /* a key binding may be for "=" itself */
	struct span key = span_trim((struct span){line.data, equals});

	if (equals >= line.len) {
		conf_error(at->conf, at->file, at->line,
			   _("\"%.*s\" is neither \"key = value\" nor \"[section]\""),
			   (int)line.len, line.data);
		return;
	}
	if (!at->section) {
		conf_error(at->conf, at->file, at->line,
			   _("\"%.*s\" stands before the first [section]"), (int)key.len, key.data);
		return;
	}
	add_entry(
	    at, span_copy(key),
	    read_value(span_trim((struct span){line.data + equals + 1, line.len - equals - 1})));
}

static char *place_of_include(const struct place *at, struct span name)
{
	char *text = span_copy(name), *path = path_expand(text), *joined;

	free(text);
	if (*path == '/')
		return path;
	joined = path_join(at->dir, path);
	free(path);
	return joined;
}

static void read_file(struct conf *conf, const char *path, const char *file, int depth,
		      struct err *err)
{
	struct buf text = BUF_INIT;
	char *dir = path_parent(path);

	if (file_read(path, &text, FILE_LIMIT, err) == 0)
		read_text(conf, buf_str(&text), text.len, file, dir, depth);
	buf_free(&text);
	free(dir);
}

static void read_include(struct place *at, struct span rest)
{
	struct err err = ERR_INIT;
	struct span name = span_trim(rest);
	char *path, *file;

	if (name.len == 0) {
		conf_error(at->conf, at->file, at->line, _("include wants the name of a file"));
		return;
	}
	if (at->depth >= INCLUDE_DEPTH) {
		conf_error(at->conf, at->file, at->line,
			   _("files include each other more than %d deep"), INCLUDE_DEPTH);
		return;
	}
	path = place_of_include(at, name);
	file = span_copy(name);
	read_file(at->conf, path, file, at->depth + 1, &err);
	if (err.kind != ERR_NONE)
		conf_error(at->conf, at->file, at->line, "%s", err.text);
	free(path);
	free(file);
}

static void read_line(struct place *at, struct span line)
{
	static const char word[] = "include";
	const size_t len = sizeof word - 1;

	line = span_trim(line);
	if (line.len == 0 || line.data[0] == '#')
		return;
	if (line.data[0] == '[' &&
	    (line.data[line.len - 1] == ']' || span_find(line, 1, '=') == line.len))
		read_section(at, line);
	else if (line.len >= len && memcmp(line.data, word, len) == 0 &&
		 (line.len == len || char_is_space(line.data[len])) &&
		 span_find(line, 0, '=') == line.len)
		read_include(at, (struct span){line.data + len, line.len - len});
	else
		read_setting(at, line);
}

static void read_text(struct conf *conf, const char *text, size_t len, const char *file,
		      const char *dir, int depth)
{
	struct place at = {.conf = conf, .file = file, .dir = dir, .depth = depth};
	struct span rest = {text, len}, line;

	if (memchr(text, '\0', len)) {
		conf_error(conf, file, 0, _("this is no text file"));
		return;
	}
	while (span_split(&rest, '\n', &line)) {
		at.line++;
		read_line(&at, line);
	}
	free(at.section);
	free(at.name);
}

struct conf *conf_parse(const char *text, const char *file, const char *dir)
{
	struct conf *conf = mem_alloc(sizeof *conf);

	read_text(conf, text, strlen(text), file, dir, 0);
	return conf;
}

struct conf *conf_load(const char *path)
{
	struct conf *conf = mem_alloc(sizeof *conf);
	struct err err = ERR_INIT;

	read_file(conf, path, path_base(path), 0, &err);
	if (err.kind != ERR_NONE && err.kind != ERR_NOT_FOUND)
		conf_error(conf, path_base(path), 0, "%s", err.text);
	return conf;
}

struct conf *conf_load_own(void)
{
	char *path = path_in(PATH_CONFIG, "config");
	struct conf *conf = conf_load(path);

	free(path);
	return conf;
}

void conf_free(struct conf **conf)
{
	if (!*conf)
		return;
	for (size_t i = 0; i < (*conf)->count; i++) {
		struct conf_entry *entry = &(*conf)->entries[i];

		free(entry->section);
		free(entry->name);
		free(entry->key);
		free(entry->value);
		free(entry->file);
	}
	for (size_t i = 0; i < (*conf)->error_count; i++)
		free((*conf)->errors[i]);
	free((*conf)->entries);
	free((*conf)->errors);
	free(*conf);
	*conf = NULL;
}

const char *conf_get(const struct conf *conf, const char *section, const char *name,
		     const char *key)
{
	for (size_t i = conf->count; i-- > 0;) {
		const struct conf_entry *entry = &conf->entries[i];

		if (entry->key && strcmp(entry->section, section) == 0 &&
		    strcmp(entry->name, name) == 0 && strcmp(entry->key, key) == 0)
			return entry->value;
	}
	return NULL;
}

static bool needs_quotes(const char *value)
{
	size_t len = strlen(value);

	return len == 0 || char_is_space(value[0]) || char_is_space(value[len - 1]) ||
	       value[0] == '"';
}

void conf_add_line(struct buf *out, const char *key, const char *value)
{
	bool quoted = needs_quotes(value);

	buf_printf(out, "%s = %s", key, quoted ? "\"" : "");
	for (; *value; value++) {
		if (quoted && (*value == '"' || *value == '\\'))
			buf_add_char(out, '\\');
		buf_add_char(out, *value == '\n' || *value == '\r' ? ' ' : *value);
	}
	buf_add_str(out, quoted ? "\"\n" : "\n");
}

static int read_present(const char *path, struct buf *text, struct err *err)
{
	struct err why = ERR_INIT;

	if (file_read(path, text, FILE_LIMIT, &why) == 0 || why.kind == ERR_NOT_FOUND)
		return 0;
	return err_set_kind(err, why.kind, "%s", why.text);
}

/* A configuration that is a link into somebody's dotfiles stays one. */
static int replace_behind_links(const char *path, const struct buf *text, struct err *err)
{
	char *real = realpath(path, NULL);
	int rc = file_replace(real ? real : path, buf_str(text), text->len, err);

	free(real);
	return rc;
}

int conf_append(const char *path, const char *text, struct err *err)
{
	struct buf all = BUF_INIT;
	char *dir = path_parent(path);
	int rc = path_make_dirs(dir, err);

	free(dir);
	if (rc == 0)
		rc = read_present(path, &all, err);
	if (rc == 0) {
		if (all.len && all.data[all.len - 1] != '\n')
			buf_add_char(&all, '\n');
		if (all.len)
			buf_add_char(&all, '\n');
		buf_add_str(&all, text);
		rc = replace_behind_links(path, &all, err);
	}
	buf_free(&all);
	return rc;
}

static bool is_section_line(struct span line)
{
	line = span_trim(line);
	return line.len > 1 && line.data[0] == '[' && line.data[line.len - 1] == ']';
}

static bool is_that_section(struct span line, const char *section, const char *name)
{
	struct span a, b;

	if (!is_section_line(line))
		return false;
	line = span_trim(line);
	split_section(span_trim((struct span){line.data + 1, line.len - 2}), &a, &b);
	return span_equal(a, span_of(section)) && span_equal(b, span_of(name));
}

static bool is_setting_line(struct span line)
{
	line = span_trim(line);
	return line.len && line.data[0] != '#' && !is_section_line(line);
}

/* Copies TEXT without the section. What stands between its last setting and the next section
 * (comments about that one) stays. */
static bool copy_without(struct span rest, const char *section, const char *name, struct buf *out)
{
	struct span line;
	bool inside = false, found = false;
	size_t kept = 0;

	while (span_split(&rest, '\n', &line)) {
		if (is_section_line(line))
			inside = is_that_section(line, section, name);
		if (inside && (is_section_line(line) || is_setting_line(line))) {
			if (!is_section_line(line))
				buf_truncate(out, kept); /* comments among its settings go too */
			kept = out->len;
			found = true;
			continue;
		}
		buf_add(out, line.data, line.len);
		if (rest.data)
			buf_add_char(out, '\n');
		if (!inside)
			kept = out->len;
	}
	return found;
}

int conf_remove_section(const char *path, const char *section, const char *name, struct err *err)
{
	struct buf all = BUF_INIT, left = BUF_INIT;
	int rc = read_present(path, &all, err);

	if (rc == 0 && all.len &&
	    copy_without((struct span){all.data, all.len}, section, name, &left))
		rc = replace_behind_links(path, &left, err) < 0 ? -1 : 1;
	buf_free(&all);
	buf_free(&left);
	return rc;
}

/* The last entry of KEY in [SECTION], KEY NULL: of the section's own lines; in FILE or, FILE NULL, in any. */
static const struct conf_entry *last_entry(const struct conf *conf, const char *section, const char *key,
					   const char *file)
{
	for (size_t i = conf->count; i-- > 0;) {
		const struct conf_entry *entry = &conf->entries[i];

		if (!strcmp(entry->section, section) && !*entry->name && (!file || !strcmp(entry->file, file)) &&
		    (key ? entry->key && !strcmp(entry->key, key) : !entry->key))
			return entry;
	}
	return NULL;
}

/* TEXT with NEW at line AT: in its place, or behind it. */
static void copy_with(struct span rest, int at, bool in_place, const struct buf *new, struct buf *out)
{
	struct span line;

	for (int number = 1; span_split(&rest, '\n', &line); number++) {
		if (number != at || !in_place) {
			buf_add(out, line.data, line.len);
			buf_add_str(out, rest.data || number == at ? "\n" : "");
		}
		if (number == at)
			buf_add(out, new->data, new->len);
	}
}

static int set_behind_all(const char *path, const char *section, const struct buf *line, struct err *err)
{
	char *text = mem_printf("[%s]\n%s", section, buf_str(line));
	int rc = conf_append(path, text, err);

	free(text);
	return rc;
}

static int set_at(const char *path, const struct conf_entry *entry, const struct buf *line, struct err *err)
{
	struct buf all = BUF_INIT, changed = BUF_INIT;
	int rc = read_present(path, &all, err);

	if (rc == 0) {
		copy_with((struct span){all.data, all.len}, entry->line, entry->key != NULL, line, &changed);
		rc = replace_behind_links(path, &changed, err);
	}
	buf_free(&all);
	buf_free(&changed);
	return rc;
}

int conf_set(const char *path, const char *section, const char *key, const char *value, struct err *err)
{
	struct conf *conf = conf_load(path);
	const char *file = path_base(path);
	const struct conf_entry *entry = last_entry(conf, section, key, NULL);
	bool is_overruled = entry && strcmp(entry->file, file) != 0;
	struct buf line = BUF_INIT;
	int rc;

	if (!entry)
		entry = last_entry(conf, section, NULL, file);
	conf_add_line(&line, key, value);
	rc = entry && !is_overruled ? set_at(path, entry, &line, err) : set_behind_all(path, section, &line, err);
	buf_free(&line);
	conf_free(&conf);
	return rc;
}
