/* Why a letter did not arrive, in a person's words. */
#ifndef UI_RENDER_REPORT_WORDS_H
#define UI_RENDER_REPORT_WORDS_H

/* A translated sentence for a status of RFC 3463 ("5.1.1"); where it says nothing, for one that stands in
 * DIAGNOSTIC ("550 5.1.1 no such user"). NULL: nothing is known. */
const char *report_words(const char *status, const char *diagnostic);

#endif
