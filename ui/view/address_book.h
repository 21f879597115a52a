/* Addresses to complete by: those of the letters that came and went lately. */
#ifndef UI_VIEW_ADDRESS_BOOK_H
#define UI_VIEW_ADDRESS_BOOK_H

#include <stddef.h>

struct address_book;
struct store;

struct address_book_entry {
	char *text; /* "Name <addr>" */
	char *addr;
	int count; /* letters to or from */
};

/* Reads the newest letters of INBOX and of Sent. STORE NULL: an empty one. */
struct address_book *address_book_new(struct store *store);
void address_book_free(struct address_book **book);
/* The best entries where a word of the name, or the address, begins with PREFIX (no case, no accents): how
 * many, at most MAX, into FOUND (lent). */
size_t address_book_find(const struct address_book *book, const char *prefix,
			 const struct address_book_entry **found, size_t max);

#endif
