#include "config.h"

#include "ui/view/draft_option.h"

#include "store/base/array.h"
#include "store/base/i18n.h"

const struct option_row draft_option_rows[] = {
	{"draft", "editor", OPTION_TEXT, "",
	 N_("The program that writes the text (\"$EDITOR\", \"vim\"); nothing: Tern's own editor."),
	 NULL, 0, 0},
	{"draft", "edit-headers", OPTION_BOOL, "no",
	 N_("The outside editor gets To, Subject and the others too."), NULL, 0, 0},
	{"draft", "wrap", OPTION_INT, "72",
	 N_("Columns at which the editor breaks long lines on the screen; 0: at the window's edge."),
	 NULL, 0, 1000},
};

const size_t draft_option_count = ARRAY_COUNT(draft_option_rows);
