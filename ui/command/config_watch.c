#include "config.h"
#include "ui/command/config_watch.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/account.h"
#include "ui/command/agent.h"
#include "ui/command/app.h"
#include "ui/command/searches.h"

static struct stat config_now(void)
{
	char *path = path_in(PATH_CONFIG, "config");
	struct stat now;

	if (stat(path, &now) < 0)
		now = (struct stat){.st_size = -1};
	free(path);
	return now;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A file that is wrong just now may be half written: the accounts stay as they are. */
static void read_accounts(struct app *app)
{
	if (app_load_accounts(app, NULL) < 0)
		return;
	for (size_t i = 0; i < app->accounts.count; i++) {
		agent_watch(app, app->accounts.items[i].name);
		app_touched(app, app->accounts.items[i].name);
	}
	app_dirty(app);
}

void config_watch_look(struct app *app)
{
	struct stat now = config_now();
	bool is_first = !app->config_seen;

	if (!is_first && is_same(app->config_seen, &now))
		return;
	if (is_first)
		app->config_seen = mem_alloc(sizeof *app->config_seen);
	*app->config_seen = now;
	if (!is_first)
		searches_read_anew(app);
	if (!is_first && app->accounts.count)
		read_accounts(app);
}
