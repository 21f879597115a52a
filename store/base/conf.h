/* The configuration as it is written: INI-like.
 *	# a comment is a line of its own
 *	[section name]		"name" (the rest of the line in the brackets) may be missing
 *	key = value		white space around both is dropped; "quoted values" keep theirs
 *	include FILE		relative to the file it stands in; "~/" is the home directory
 * What a value means is others' matter (option.h, account.h). Mistakes are collected, each a
 *sentence that begins with file and line, so that a person sees all of them at once. */
#ifndef STORE_BASE_CONF_H
#define STORE_BASE_CONF_H

#include <stddef.h>

struct err;

struct conf_entry {
	char *section, *name; /* "account", "home"; name "" when there is none */
	char *key, *value;    /* key NULL: the line of the section itself */
	char *file;	      /* as a person calls it: "config", or the name in its include line */
	int line;
};

struct conf {
	struct conf_entry *entries; /* in file order, includes where they stand */
	size_t count, cap;
	char **errors; /* whole sentences */
	size_t error_count, error_cap;
};

/* Reads PATH; a missing file is an empty configuration. Never NULL: a file that cannot be read is
 * one of the errors. */
struct conf *conf_load(const char *path);
/* The file PATH_CONFIG/config. */
struct conf *conf_load_own(void);
/* The same from TEXT, called FILE in errors; includes are looked for in DIR. */
struct conf *conf_parse(const char *text, const char *file, const char *dir);
void conf_free(struct conf **conf);
/* "FILE:LINE: sentence" into the errors. */
void conf_error(struct conf *conf, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The last value of KEY in [SECTION NAME] (NAME "" when it has none), or NULL. Lent. */
const char *conf_get(const struct conf *conf, const char *section, const char *name,
		     const char *key);

/* Text to append for one line "key = value", quoted where needed. CR and LF become spaces. */
struct buf;
void conf_add_line(struct buf *out, const char *key, const char *value);
/* Appends TEXT (a whole section) to the file at PATH, which is made when missing. */
int conf_append(const char *path, const char *text, struct err *err);
/* Gives KEY of [SECTION] the value in the file at PATH: where it stands, else below the section, else behind
 * all. What an included file says last is overruled. Everything else, comments too, stays. */
int conf_set(const char *path, const char *section, const char *key, const char *value, struct err *err);
/* Takes [SECTION NAME] out of the file at PATH, up to the next section and the comments above that.
 * 1 done, 0 it was not there, -1. */
int conf_remove_section(const char *path, const char *section, const char *name, struct err *err);

#endif
