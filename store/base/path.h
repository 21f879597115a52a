/* Where things lie. TERN_HOME=DIR puts everything below DIR; without it the XDG directories.
 * All returned strings are the caller's (free). */
#ifndef STORE_BASE_PATH_H
#define STORE_BASE_PATH_H

#include <stdbool.h>

struct err;

enum path_kind {
	PATH_CONFIG,  /* $TERN_HOME/config, ~/.config/tern: the file "config" is in it */
	PATH_DATA,    /* $TERN_HOME/data, ~/.local/share/tern: outbox, drafts, account databases */
	PATH_CACHE,   /* $TERN_HOME/cache, ~/.cache/tern: what can be made again */
	PATH_RUNTIME, /* $TERN_HOME/run, $XDG_RUNTIME_DIR/tern or /tmp/tern-UID (checked): socket */
	PATH_MAIL,    /* $TERN_HOME/Mail, ~/Mail */
	PATH_STATE,   /* $TERN_HOME/state, ~/.local/state/tern: logs */
};

char *path_dir(enum path_kind kind);
/* path_dir(KIND)/NAME */
char *path_in(enum path_kind kind, const char *name);
char *path_join(const char *dir, const char *name);
/* The user's home directory (TERN_HOME does not change it). */
char *path_home(void);
/* "~/x" and "~" become absolute; other text is copied. */
char *path_expand(const char *text);
/* The part behind the last slash; lent. */
const char *path_base(const char *path);
char *path_parent(const char *path);
/* PATH without "." and doubled slashes, made absolute by the working directory; no links followed. */
char *path_absolute(const char *path);
/* Makes PATH and its parents with mode 0700. The runtime directory is refused when it belongs to
 * somebody else. */
int path_make_dirs(const char *path, struct err *err);
bool path_exists(const char *path);
bool path_is_dir(const char *path);

#endif
