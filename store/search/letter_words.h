/* All texts of a letter that can be searched, decoded: people, subject, bodies (of HTML its text), texts attached,
 * names of attachments, the mailing list, types of parts. What is encrypted stays so. What is true of it (FIELD_FACT):
 * "attachment", "signed", "encrypted", "key" (a key of OpenPGP is in it), "list" (it came by one). */
#ifndef STORE_SEARCH_LETTER_WORDS_H
#define STORE_SEARCH_LETTER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/box/box.h"
#include "store/search/segment.h"

/* Takes a text, valid UTF-8 or nearly so. False: it has heard enough. */
typedef bool letter_text_fn(void *arg, enum word_field field, const char *text, size_t len);

/* Calls EACH for each text; all texts of one field come one behind the other as far as they are of the header, those
 * of bodies and names in the order of parts. */
void letter_texts(struct box_message *bytes, letter_text_fn *each, void *arg);

#endif
