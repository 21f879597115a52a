#include "config.h"

#include "ui/view/folder_list.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/map.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mail/store.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/going_on.h"
#include "ui/command/searches.h"
#include "ui/screen/format.h"

#define INDENT	     2
#define COUNT_WIDTH  9
#define NAME_LEAST   10
#define NONE	     (-1)

struct seen {
	const char *account;
	int64_t version;
};

struct folder_list {
	struct app *app;
	char *extra; /* an account that stands in no configuration */
	struct arena *arena;
	struct folder_row *rows;
	size_t count, cap;
	struct map *folded; /* "account/name" of what is folded */
	struct seen *seen;
	size_t seen_count, seen_cap;
	unsigned searches; /* searches_generation */
	bool is_stale;
};

/* One level of a name while the tree is built. */
struct node {
	const char *name;
	const struct folder *folder; /* NULL: only a level */
	long parent, first, last, next;
	int depth;
};

struct tree {
	struct node *nodes;
	size_t count, cap;
	struct map *by_name; /* name -> node number + 1 */
	struct arena *arena;
};

static const char is_there[] = "folded";

struct folder_list *folder_list_new(struct app *app, const char *account)
{
	struct folder_list *list = mem_alloc(sizeof *list);
	list->app = app;
	list->extra = account && !account_find(&app->accounts, account) ? mem_strdup(account) : NULL;
	list->arena = arena_new();
	list->folded = map_new();
	list->is_stale = true;
	return list;
}

void folder_list_free(struct folder_list **list)
{
	struct folder_list *old = *list;
	if (!old)
		return;
	map_free(&old->folded, NULL);
	arena_free(&old->arena);
	free(old->extra);
	free(old->rows);
	free(old->seen);
	free(old);
	*list = NULL;
}

void folder_list_notice(struct folder_list *list, const struct notice *notice)
{
	if (notice->kind == NOTICE_FOLDER_CHANGED)
		searches_count_anew(list->app);
	if (notice->kind == NOTICE_FOLDER_CHANGED || notice->kind == NOTICE_STATE)
		list->is_stale = true;
}

bool folder_list_look(struct folder_list *list)
{
	for (size_t i = 0; i < list->seen_count; i++) {
		struct store *store = app_store(list->app, list->seen[i].account, NULL);
		if (store && store_data_version(store) != list->seen[i].version)
			list->is_stale = true;
	}
	return list->is_stale;
}

const char *folder_list_label(const char *name)
{
	return strcmp(name, "INBOX") ? name : _("Inbox");
}

void folder_list_add_place(struct buf *out, const struct account *account, const char *folder)
{
	const char *name = *folder ? folder_list_label(folder) : _("all folders");

	if (account->kind != ACCOUNT_PATH) {
		buf_printf(out, "%s/%s", account->name, name);
		return;
	}
	char *home = path_home();
	size_t len = strlen(home);
	bool is_below = len > 1 && str_starts(account->path, home) && account->path[len] == '/';
	buf_printf(out, "%s%s", is_below ? "~" : "", account->path + (is_below ? len : 0));
	if (*folder && strcmp(folder, "INBOX"))
		buf_printf(out, "/%s", name);
	free(home);
}

/* --- the tree of one account --------------------------------------------------------------------- */

static long add_node(struct tree *tree, const char *name, long parent)
{
	ARRAY_ROOM(tree->nodes, tree->count, tree->cap);
	long at = (long)tree->count++;
	struct node *node = &tree->nodes[at];
	*node = (struct node){.name = name, .parent = parent, .first = NONE, .last = NONE, .next = NONE};
	if (parent != NONE) {
		struct node *above = &tree->nodes[parent];
		node->depth = above->depth + 1;
		if (above->last != NONE)
			tree->nodes[above->last].next = at;
		else
			above->first = at;
		above->last = at;
	}
	map_set(tree->by_name, name, (void *)(uintptr_t)(at + 1));
	return at;
}

/* The node of NAME, its upper levels made when they are no folders themselves. */
static long node_of(struct tree *tree, const char *name)
{
	long parent = 0;
	for (const char *slash = strchr(name, '/');; slash = strchr(slash + 1, '/')) {
		size_t len = slash ? (size_t)(slash - name) : strlen(name);
		char *level = arena_strndup(tree->arena, name, len);
		uintptr_t found = (uintptr_t)map_get(tree->by_name, level);
		parent = found ? (long)found - 1 : add_node(tree, level, parent);
		if (!slash)
			return parent;
	}
}

/* The next node in reading order; NONE at the end. */
static long follow(const struct tree *tree, long at, bool skip_below)
{
	if (!skip_below && tree->nodes[at].first != NONE)
		return tree->nodes[at].first;
	while (at != NONE && tree->nodes[at].next == NONE)
		at = tree->nodes[at].parent;
	return at == NONE ? NONE : tree->nodes[at].next;
}

static bool is_folded(const struct folder_list *list, const char *account, const char *name)
{
	char *key = mem_printf("%s/%s", account, name);
	bool folded = map_get(list->folded, key);
	free(key);
	return folded;
}

static struct folder_row *add_row(struct folder_list *list)
{
	ARRAY_ROOM(list->rows, list->count, list->cap);
	struct folder_row *row = &list->rows[list->count++];
	memset(row, 0, sizeof *row);
	return row;
}

static void add_node_row(struct folder_list *list, const struct tree *tree, const char *account, long at)
{
	const struct node *node = &tree->nodes[at];
	const char *slash = strrchr(node->name, '/');
	struct folder_row *row = add_row(list);
	row->account = account;
	row->name = node->name;
	row->label = at == 0 ? account : slash ? slash + 1 : folder_list_label(node->name);
	row->depth = node->depth;
	row->has_below = node->first != NONE;
	row->is_folded = is_folded(list, account, node->name);
	if (!node->folder)
		return;
	row->folder = node->folder->id;
	row->total = node->folder->total;
	row->unread = node->folder->unread;
	row->flagged = node->folder->flagged;
	row->role = node->folder->role;
}

static void add_up(struct folder_row *row, const struct folder *folders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		row->total += folders[i].total;
		row->unread += folders[i].unread;
		row->flagged += folders[i].flagged;
	}
}

static void add_tree(struct folder_list *list, const char *account, const struct folder *folders,
		     size_t count)
{
	struct tree tree = {.by_name = map_new(), .arena = list->arena};
	size_t first = list->count;
	add_node(&tree, "", NONE);
	for (size_t i = 0; i < count; i++) {
		long at = node_of(&tree, folders[i].name);
		tree.nodes[at].folder = &folders[i];
	}
	for (long at = 0; at != NONE;) {
		add_node_row(list, &tree, account, at);
		at = follow(&tree, at, list->rows[list->count - 1].is_folded);
	}
	add_up(&list->rows[first], folders, count);
	map_free(&tree.by_name, NULL);
	free(tree.nodes);
}

static void add_state(struct folder_list *list, struct folder_row *row)
{
	const struct account *account = account_find(&list->app->accounts, row->account);
	struct buf word = BUF_INIT;

	if (!account)
		return;
	going_on_add_word(list->app, account, &word);
	row->state = arena_strdup(list->arena, buf_str(&word));
	row->has_trouble = going_on_has_trouble(list->app, account);
	buf_free(&word);
}

static void add_account(struct folder_list *list, const char *name)
{
	struct folder *folders = NULL;
	size_t count = 0;
	struct store *store = app_store(list->app, name, NULL);
	if (store) {
		ARRAY_ROOM(list->seen, list->seen_count, list->seen_cap);
		list->seen[list->seen_count++] = (struct seen){name, store_data_version(store)};
		if (store_folders(store, list->arena, &folders, &count, NULL))
			count = 0;
	}
	size_t first = list->count;
	add_tree(list, name, folders, count);
	add_state(list, &list->rows[first]);
}

static struct folder_row *add_search_row(struct folder_list *list, const char *label, int depth)
{
	struct folder_row *row = add_row(list);
	row->account = "";
	row->name = "";
	row->label = label;
	row->depth = depth;
	return row;
}

static void add_searches(struct folder_list *list)
{
	struct saved_search one;
	bool is_first = true;
	for (size_t at = 0; searches_next(list->app, &at, &one); is_first = false) {
		if (is_first)
			add_search_row(list, _("Searches"), 0);
		const char *name = arena_strdup(list->arena, one.name);
		add_search_row(list, name, 1)->search = name;
	}
}

/* Counts come when they come. */
static void count_searches(struct folder_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct folder_row *row = &list->rows[i];
		if (row->search)
			searches_counts(list->app, row->search, &row->total, &row->unread);
	}
	searches_are_shown(list->app);
}

/* Counts are those of the inboxes, which come behind. */
static void add_all_inboxes(struct folder_list *list)
{
	if (list->app->accounts.count < 2)
		return;
	struct folder_row *row = add_search_row(list, _("All inboxes"), 0);
	row->is_all = true;
}

static void count_all_inboxes(struct folder_list *list)
{
	struct folder_row *all = NULL;
	for (size_t i = 0; i < list->count; i++) {
		struct folder_row *row = &list->rows[i];
		if (row->is_all)
			all = row;
		if (!all || row->role != ROLE_INBOX || !row->folder)
			continue;
		all->total += row->total;
		all->unread += row->unread;
		all->flagged += row->flagged;
	}
}

static void read_rows(struct folder_list *list)
{
	list->is_stale = false;
	list->searches = searches_generation(list->app);
	list->count = list->seen_count = 0;
	arena_reset(list->arena);
	if (list->extra)
		add_account(list, list->extra);
	add_all_inboxes(list);
	for (size_t i = 0; i < list->app->accounts.count; i++)
		add_account(list, list->app->accounts.items[i].name);
	count_all_inboxes(list);
	add_searches(list);
}

/* --- asked --------------------------------------------------------------------------------------- */

const struct folder_row *folder_list_rows(struct folder_list *list, size_t *count)
{
	if (list->is_stale || list->searches != searches_generation(list->app))
		read_rows(list);
	count_searches(list);
	*count = list->count;
	return list->rows;
}

long folder_list_find(struct folder_list *list, const char *account, int64_t folder)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(list, &count);
	for (size_t i = 0; i < count; i++)
		if (rows[i].folder == folder && !strcmp(rows[i].account, account))
			return (long)i;
	return -1;
}

long folder_list_next(struct folder_list *list, long at, bool backwards, bool unread)
{
	size_t count;
	const struct folder_row *rows = folder_list_rows(list, &count);
	long total = (long)count, step = backwards ? -1 : 1;
	if (at < 0)
		at = backwards ? 0 : total - 1;
	for (long i = 1; i < total; i++) {
		long here = ((at + i * step) % total + total) % total;
		if (rows[here].folder && (!unread || rows[here].unread))
			return here;
	}
	return -1;
}

void folder_list_toggle(struct folder_list *list, size_t at)
{
	if (at >= list->count || !list->rows[at].has_below)
		return;
	const struct folder_row *row = &list->rows[at];
	char *key = mem_printf("%s/%s", row->account, row->name);
	if (!map_remove(list->folded, key))
		map_set(list->folded, key, (void *)(uintptr_t)is_there);
	free(key);
	list->is_stale = true;
}

/* --- drawing ------------------------------------------------------------------------------------- */

static enum style row_style(const struct folder_row *row)
{
	if (!row->depth)
		return STYLE_HEADER_NAME;
	if (row->unread && row->role != ROLE_TRASH && row->role != ROLE_JUNK)
		return STYLE_UNREAD;
	return row->folder || row->search ? STYLE_NORMAL : STYLE_DIM;
}

static int draw_count(struct canvas *canvas, int x_end, int y, enum style style, int64_t count)
{
	struct buf text = BUF_INIT;
	if (count)
		format_add_count(&text, count);
	int width = utf8_width(buf_str(&text), text.len);
	canvas_put_right(canvas, x_end, y, style, buf_str(&text));
	buf_free(&text);
	return width;
}

/* Behind an account's name; where there is little room only when something is wrong. */
static void draw_state(const struct folder_row *row, struct canvas *canvas, int x, int end, int y, bool is_wide)
{
	enum style style = row->has_trouble ? STYLE_FLAGGED : STYLE_DIM;

	if (row->state && *row->state && (is_wide || row->has_trouble) && end - x > 4)
		canvas_put(canvas, x + 2, y, end - x - 2, style, row->state);
}

void folder_list_draw_row(const struct folder_row *row, struct canvas *canvas, struct rect area,
			  bool is_wide)
{
	int end = area.x + area.width - 1;
	enum style style = row_style(row);
	bool shows_counts = row->depth || is_wide;
	if (is_wide) {
		draw_count(canvas, end, area.y, STYLE_DIM, row->total);
		draw_count(canvas, end - COUNT_WIDTH, area.y, STYLE_FLAGGED, row->flagged);
		end -= 2 * COUNT_WIDTH;
	}
	if (shows_counts)
		end -= draw_count(canvas, end, area.y, row->depth ? style : STYLE_DIM, row->unread) + 1;
	int x = area.x + 1 + (row->depth ? row->depth - 1 : 0) * INDENT + (row->depth ? 1 : 0);
	if (end - x < NAME_LEAST)
		x = end - NAME_LEAST > area.x ? end - NAME_LEAST : area.x;
	if (row->is_folded && row->has_below)
		x += canvas_put(canvas, x, area.y, end - x, STYLE_TREE, "+ ");
	x += canvas_put(canvas, x, area.y, end - x, style, row->label);
	draw_state(row, canvas, x, end, area.y, is_wide);
}
