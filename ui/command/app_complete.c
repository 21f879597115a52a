#include "config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "ui/command/app.h"
#include "ui/command/command.h"

#define FILE_LIMIT 500 /* names a list of completions shows */

static void add_entry(const char *dir, const char *shown_dir, const struct dirent *entry,
		      const char *prefix, struct arena *arena, char ***candidates, size_t *count)
{
	char *path = path_join(dir, entry->d_name);
	const char *tail = path_is_dir(path) ? "/" : "";

	command_candidate(arena, prefix, arena_printf(arena, "%s%s%s", shown_dir, entry->d_name, tail),
			  candidates, count);
	free(path);
}

void app_complete_file(const char *prefix, struct arena *arena, char ***candidates, size_t *count)
{
	const char *slash = strrchr(prefix, '/'), *base = slash ? slash + 1 : prefix;
	char *shown_dir = arena_strndup(arena, prefix, (size_t)(base - prefix));
	char *dir = path_expand(*shown_dir ? shown_dir : ".");
	DIR *stream = opendir(dir);
	struct dirent *entry;
	size_t room = FILE_LIMIT;

	while (stream && room && (entry = readdir(stream))) {
		if ((entry->d_name[0] == '.' && base[0] != '.') || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 || !str_starts(entry->d_name, base))
			continue;
		add_entry(dir, shown_dir, entry, prefix, arena, candidates, count);
		room--;
	}
	if (stream)
		closedir(stream);
	free(dir);
}
