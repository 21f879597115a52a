/* Letters as the reader shows them. Include after cmocka.h. */
#ifndef TESTS_LIB_SHOWN_H
#define TESTS_LIB_SHOWN_H

#include <stddef.h>

struct message_wish;

/* All lines; ours begin with "|". The caller's. */
char *shown_as(const char *text, size_t len, const struct message_wish *wish);
char *shown_letter(const char *text); /* on 78 columns */
void shown_has(const char *screen, const char *text);
void shown_has_not(const char *screen, const char *text);

#endif
