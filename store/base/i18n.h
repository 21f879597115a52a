/* The one way to a translated sentence: _("text"), ngettext(one, many, n), N_("kept in a table"). */
#ifndef STORE_BASE_I18N_H
#define STORE_BASE_I18N_H

#include <libintl.h>

#define _(text)	 gettext(text)
#define N_(text) text

#endif
