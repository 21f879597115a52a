/* The one way to a translated sentence: _("text"), ngettext(one, many, n), N_("kept in a table"),
 * NN_("%d letter", "%d letters") for the two fields of a table that ngettext gets. */
#ifndef STORE_BASE_I18N_H
#define STORE_BASE_I18N_H

#include <libintl.h>

#define _(text)	 gettext(text)
#define N_(text) text
#define NN_(one, many) one, many

/* First thing in each main(): the locale of the environment, always with UTF-8 as its charset (a bare
 * machine has LANG unset, and mail is not ASCII), and the translations: those beside the program in a build
 * folder, else those that are installed. */
void i18n_start(void);

#endif
