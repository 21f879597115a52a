/* What is wrong with a letter before it goes: data, so that whoever asked can ask back. */
#ifndef COMPOSE_DRAFT_CHECK_H
#define COMPOSE_DRAFT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

struct compose;
struct draft;

enum check_kind {
	CHECK_NO_RECIPIENT, /* it cannot go */
	CHECK_BAD_ADDRESS,  /* it cannot go */
	CHECK_UNKNOWN_NAME, /* it cannot go: a name without "@" that is no alias and nobody here */
	CHECK_NO_SENDER,    /* it cannot go */
	CHECK_FILE_MISSING, /* it cannot go: an attachment that is no longer there */
	CHECK_ODD_ADDRESS, /* one that imitates another, or whose name does (sender.h) */
	CHECK_WAS_ENCRYPTED, /* what it quotes came encrypted, and would go out readable */
	CHECK_NO_SUBJECT,
	CHECK_FORGOTTEN_ATTACHMENT, /* the text speaks of one */
	CHECK_EMPTY,		    /* no text and no attachment */
};

struct check_item {
	enum check_kind kind;
	bool stops;	   /* it cannot go so; the others may be waved through */
	const char *field; /* where it is mended: "From", "To", "Cc", "Bcc"; else NULL */
	char *text;	   /* a sentence, translated */
};

struct check_list {
	struct check_item *items;
	size_t count, cap;
	bool stops;
};

/* Never fails; an empty list is good news. Those that stop come first. */
void draft_check(const struct compose *compose, const struct draft *draft, struct check_list *list);
void check_list_free(struct check_list *list);

#endif
