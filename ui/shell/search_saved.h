/* tern search: the searches that are kept in the configuration. */
#ifndef UI_SHELL_SEARCH_SAVED_H
#define UI_SHELL_SEARCH_SAVED_H

#include <stdbool.h>

struct err;

/* Each prints what is to be printed, or tells what is wrong, and gives the exit code. */
int search_saved_list(bool as_json, bool has_counts);
/* IN: a folder, or NULL. */
int search_saved_add(const char *name, const char *query, const char *account, const char *in);
int search_saved_rename(const char *name, const char *fresh);
int search_saved_forget(const char *name);
/* The query and the account (or NULL) of a search, free both; -1: there is none. */
int search_saved_find(const char *name, char **query, char **account, struct err *err);

#endif
