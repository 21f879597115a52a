/* Options: each folder of the source owns a const table of rows; the tables make the manual,
 * completion, checks and error messages. A struct options is a registry of tables with the values
 * that hold now; it is passed by pointer, there may be several.
 *
 * Names: [SECTION] NAME in the file, SECTION.NAME (or NAME alone where that is unique) in a
 * command. */
#ifndef STORE_BASE_OPTION_H
#define STORE_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct conf_entry;
struct err;

enum option_type {
	OPTION_BOOL, /* yes, no; also true/false, on/off, 1/0; kept as "yes" and "no" */
	OPTION_INT,
	OPTION_TEXT,
	OPTION_CHOICE,	/* one of the words in CHOICES */
	OPTION_PATH,	/* "~/" is the home directory: kept as written, option_path expands */
	OPTION_COMMAND, /* a program with arguments, split at blanks and quotes; never a shell */
	OPTION_TYPE_COUNT
};

struct option_row {
	const char *section, *name;
	enum option_type type;
	const char *fallback; /* default, as text; NULL: none (text "" or unset) */
	const char *help;     /* N_(): one sentence for the manual */
	const char *choices;  /* CHOICE: words with one space between */
	long long min, max;   /* INT; both 0: any */
};

struct options;

struct options *options_new(void);
void options_free(struct options **options);
/* ROWS are constant and live for ever. */
void options_add(struct options *options, const struct option_row *rows, size_t count);
/* Sections that somebody else reads ("account", "keys"): options_load leaves them alone. */
void options_allow_section(struct options *options, const char *section);

/* All rows in the order of adding; AT < options_count. */
size_t options_count(const struct options *options);
const struct option_row *options_at(const struct options *options, size_t at);
/* NULL: none. SECTION NULL: NAME is "name" (unique) or "section.name". */
const struct option_row *option_find(const struct options *options, const char *section,
				     const char *name);

/* Checks VALUE against ROW alone. -1 with a sentence. */
int option_check(const struct option_row *row, const char *value, struct err *err);
/* Sets by name; -1 with a sentence (no such option, and the nearest one; wrong value). */
int option_set(struct options *options, const char *section, const char *name, const char *value,
	       struct err *err);
/* Back to the default. */
int option_reset(struct options *options, const char *section, const char *name, struct err *err);
/* Was it set, or is it the default? */
bool option_is_set(const struct options *options, const char *section, const char *name);

/* The value. Asking for what no table has is a mistake of the program: "" / 0 / false. Lent. */
const char *option_text(const struct options *options, const char *section, const char *name);
long long option_int(const struct options *options, const char *section, const char *name);
bool option_bool(const struct options *options, const char *section, const char *name);
/* The place of the value in CHOICES, from 0: for an enum. */
int option_choice(const struct options *options, const char *section, const char *name);
char *option_path(const struct options *options, const char *section, const char *name); /* free */

/* Takes every entry of CONF over; what is wrong goes into conf's errors (file:line: sentence). */
void options_load(struct options *options, struct conf *conf);
/* One entry of a section of several (the settings of [account NAME]) against the rows of SECTION.
 */
int option_check_entry(const struct option_row *rows, size_t count, const char *key,
		       const char *value, struct err *err);
/* yes/true/on/1: 1, no/false/off/0: 0, else -1. */
int option_parse_bool(const char *value);
const char *option_type_name(enum option_type type); /* "bool", "int", ... */

#endif
