#include "config.h"

#include "ui/view/reader_option.h"

#include "store/base/array.h"
#include "store/base/i18n.h"

const struct option_row reader_option_rows[] = {
	{"reader", "text-width", OPTION_INT, "80",
	 N_("Columns at which long lines of a letter are broken; 0: at the window's edge."), NULL, 0,
	 1000},
	{"reader", "prefer", OPTION_CHOICE, "text",
	 N_("Which one to show of a letter that comes as plain text and as HTML."), "text html", 0, 0},
	{"reader", "fold-quotes", OPTION_BOOL, "no",
	 N_("Show each quoted passage as one line until it is unfolded."), NULL, 0, 0},
	{"reader", "emphasis", OPTION_BOOL, "no",
	 N_("Draw *bold*, _underlined_ and /slanted/ words of plain text so."), NULL, 0, 0},
	{"reader", "mark-seen", OPTION_BOOL, "yes", N_("A letter that was opened counts as read."),
	 NULL, 0, 0},
	{"reader", "fetch-limit", OPTION_INT, "1000",
	 N_("Of a letter on its server that is bigger than so many kilobytes only the text and the small parts are "
	    "fetched when it is opened, the others when they are asked for; 0: every letter whole."),
	 NULL, 0, 1000000},
	{"reader", "pictures", OPTION_CHOICE, "auto",
	 N_("How images of a letter are shown: as well as the terminal can, in blocks of colour, by one of two "
	    "protocols for pictures, or not at all."),
	 "auto cells sixel kitty never", 0, 0},
	{"reader", "picture-height", OPTION_INT, "60",
	 N_("The most rows of the window that a picture takes, in percent."), NULL, 5, 100},
	{"reader", "browser", OPTION_COMMAND, "xdg-open",
	 N_("The program that links of the web are opened with; the address is its last argument."), NULL, 0, 0},
	{"reader", "browser-in-terminal", OPTION_BOOL, "no",
	 N_("That program needs the terminal (w3m, lynx)."), NULL, 0, 0},
	{"reader", "hyperlinks", OPTION_CHOICE, "auto",
	 N_("Let the terminal open links of the web by a click (OSC 8): auto where the terminal is known to "
	    "understand it, on, off."),
	 "auto on off", 0, 0},
	{"reader", "save-dir", OPTION_TEXT, "~/Downloads",
	 N_("Where attachments are saved when the name of the folder is left out."), NULL, 0, 0},
};

const size_t reader_option_count = ARRAY_COUNT(reader_option_rows);
