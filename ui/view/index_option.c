#include "config.h"

#include "ui/view/index_option.h"

#include "store/base/array.h"
#include "store/base/i18n.h"

const struct option_row index_option_rows[] = {
	{"index", "format", OPTION_TEXT,
	 "%flags %date  %from(24%) %tree%subject %tags %attach %size",
	 N_("What an index row shows: %flags %number %date %time %from %address %to %tree "
	    "%subject %tags %attach %size, each with a width in columns, (N), or percent, "
	    "(N%)."),
	 NULL, 0, 0},
	{"index", "sort", OPTION_CHOICE, "date",
	 N_("By what the index is sorted: the newest, A, or the largest first."),
	 "date from subject size unread flagged", 0, 0},
	{"index", "sort-reverse", OPTION_BOOL, "no", N_("Sort the other way round."), NULL, 0, 0},
	{"index", "threads", OPTION_BOOL, "yes", N_("Show conversations as trees."), NULL, 0, 0},
	{"index", "fold", OPTION_BOOL, "no", N_("Open a folder with all threads folded."), NULL, 0, 0},
	{"index", "tree-lines", OPTION_BOOL, "yes",
	 N_("Draw the lines of a thread's tree; without them replies are only indented "
	    "(kinder to screen readers)."),
	 NULL, 0, 0},
	{"index", "side-bar", OPTION_CHOICE, "auto",
	 N_("The folders beside the index: auto shows them from 100 columns on."), "auto on off", 0,
	 0},
	{"index", "side-bar-width", OPTION_INT, "24", N_("Columns of the side bar."), NULL, 8, 80},
	{"index", "scroll-margin", OPTION_INT, "2",
	 N_("Rows that stay in sight above and below the cursor."), NULL, 0, 20},
};

const size_t index_option_count = ARRAY_COUNT(index_option_rows);
