/* All accounts' folders as rows: a line for each account, below it its folders as a tree by "/". Read when
 * asked after news; drawn by the folder view and by the index as its side bar. */
#ifndef UI_VIEW_FOLDER_LIST_H
#define UI_VIEW_FOLDER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/mail/account.h"
#include "ui/screen/canvas.h"

struct app;
struct arena;
struct buf;
struct folder_list;
struct notice;

struct folder_row {
	const char *account;
	int64_t folder;	   /* 0: an account, or a level that is no folder itself */
	const char *label; /* last level of the name, as shown */
	const char *name;  /* whole name, "" for an account */
	int depth;	   /* 0 the account */
	int64_t total, unread, flagged; /* of an account: of all its folders */
	enum account_role role;
	bool has_below, is_folded;
	const char *state; /* of an account: how it stands with its server, "" without one */
	bool has_trouble;
	bool is_all; /* the inboxes of all accounts; FOLDER is 0, ACCOUNT "" */
	const char *search; /* a saved search: its name; FOLDER is 0, ACCOUNT where it looks */
};

/* ACCOUNT (may be NULL) is listed too when it stands in no configuration (tern -f). */
struct folder_list *folder_list_new(struct app *app, const char *account);
void folder_list_free(struct folder_list **list);
/* News came: the next folder_list_rows reads anew if it concerns folders. */
void folder_list_notice(struct folder_list *list, const struct notice *notice);
/* Did another program write? Cheap; true when rows will be read anew. */
bool folder_list_look(struct folder_list *list);
/* The rows that show (below folded ones nothing). Lent until the next call. */
const struct folder_row *folder_list_rows(struct folder_list *list, size_t *count);
/* Accounts and their folders end here; saved searches come behind. The row of a folder, or -1. */
long folder_list_find(struct folder_list *list, const char *account, int64_t folder);
/* The next row from AT on that is a folder (with unread messages when UNREAD), going round; -1: none. */
long folder_list_next(struct folder_list *list, long at, bool backwards, bool unread);
void folder_list_toggle(struct folder_list *list, size_t at);
/* Draws a row; AREA's height is 1. IS_WIDE adds the counts of all messages. */
void folder_list_draw_row(const struct folder_row *row, struct canvas *canvas, struct rect area,
			  bool is_wide);
/* A folder's name as a person reads it: "Inbox", "lists/tern". */
const char *folder_list_label(const char *name);
/* Appends the name of a place for the title: "home/Inbox"; a mailbox opened by its path is called by it. FOLDER "": all
 * folders. */
void folder_list_add_place(struct buf *out, const struct account *account, const char *folder);

#endif
