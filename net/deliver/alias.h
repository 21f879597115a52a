/* The file PATH_CONFIG/aliases, as aliases(5) has it: "name: target, target" with "#" comments and
 * continuation lines that begin with white space. Targets are addresses; programs, files and
 * includes are refused with a line in the log. A file that others may write to is refused whole. */
#ifndef NET_DELIVER_ALIAS_H
#define NET_DELIVER_ALIAS_H

#include <stddef.h>

struct alias {
	char *name; /* lower case */
	char **targets;
	size_t target_count, target_cap;
};

struct alias_list {
	struct alias *items;
	size_t count, cap;
};

/* A missing file is an empty list; a mistake is a line in the log. */
void alias_load(struct alias_list *list, const char *path);
/* The same from TEXT; PATH is for the log. */
void alias_parse(struct alias_list *list, const char *text, size_t len, const char *path);
void alias_list_free(struct alias_list *list);
/* NULL when there is none. NAME without case. */
const struct alias *alias_find(const struct alias_list *list, const char *name);

#endif
