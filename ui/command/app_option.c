#include "config.h"
#include "ui/command/app_option.h"

#include "store/base/array.h"
#include "store/base/i18n.h"

const struct option_row app_option_rows[] = {
    {"general", "keys", OPTION_CHOICE, "mutt",
     N_("Whose keys to start from; sections [keys.VIEW] change them."), "mutt alpine aerc", 0, 0},
    {"general", "help-lines", OPTION_INT, "2",
     N_("How many lines at the bottom show the keys that matter here."), NULL, 0, 2},
    {"general", "theme", OPTION_CHOICE, "auto",
     N_("Colours for a dark or a light terminal; auto asks the terminal, none uses no colour."),
     "auto dark light none", 0, 0},
    {"general", "mouse", OPTION_BOOL, "yes",
     N_("Take mouse clicks and the wheel (hold Shift to select text as the terminal does)."), NULL,
     0, 0},
    {"general", "delete", OPTION_CHOICE, "mark",
     N_("What delete does: mark the message until sync-mailbox moves the marked ones to Trash, or "
	"trash: move it there at once."),
     "mark trash", 0, 0},
    {"general", "purge", OPTION_CHOICE, "ask",
     N_("Whether leaving a folder clears away the messages marked as deleted there."), "ask yes no",
     0, 0},
    {"general", "resolve", OPTION_BOOL, "yes",
     N_("Go on to the next message when something was done to this one."), NULL, 0, 0},
    {"general", "bidi", OPTION_CHOICE, "auto",
     N_("Who turns Hebrew and Arabic text: auto turns it here; terminal leaves it to a terminal that "
	"does so by itself; off shows it as it is stored."),
     "auto off terminal", 0, 0},
    {"general", "bell", OPTION_BOOL, "no", N_("Ring the terminal's bell for new mail."), NULL, 0, 0},
    {"general", "notify", OPTION_CHOICE, "off",
     N_("Tell of new mail on the desktop: program runs notify-send, osc9, osc777 and osc99 ask the terminal, auto "
	"takes what it knows to work."),
     "off auto program osc9 osc777 osc99", 0, 0},
    {"general", "new-mail-command", OPTION_TEXT, "",
     N_("A program that is run for new mail, with its arguments (no shell reads them). In these %account, %folder, "
	"%unread, %from and %subject stand for what came; each stays within its argument."),
     NULL, 0, 0},
    {"general", "wait-key", OPTION_BOOL, "yes",
     N_("Ask for a key before the screen comes back from a shell command."), NULL, 0, 0},
    {"general", "print-command", OPTION_COMMAND, "lpr",
     N_("The program that print hands the text of a message to."), NULL, 0, 0},
    {"general", "set-title", OPTION_BOOL, "yes",
     N_("Write the place into the terminal window's title."), NULL, 0, 0},
    {"general", "search-forms", OPTION_BOOL, "no",
     N_("Searches find other forms of English and Russian words too: letter also letters; a word in quotes is "
	"looked for as it is."),
     NULL, 0, 0},
    {"index", "auto-tag", OPTION_BOOL, "no",
     N_("Commands take the tagged messages, when there are some, without tag-prefix."), NULL, 0, 0},
};

const size_t app_option_count = ARRAY_COUNT(app_option_rows);
