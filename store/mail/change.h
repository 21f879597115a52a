/* Intents: what a person wanted and the files do not know yet. */
#ifndef STORE_MAIL_CHANGE_H
#define STORE_MAIL_CHANGE_H

#include <stdint.h>

struct err;
struct store;

enum intent_op {
	INTENT_FLAGS = 1, /* set and clear flags of MESSAGE's file */
	INTENT_MOVE,	  /* MESSAGE's file to TARGET */
	INTENT_COPY,	  /* the file at PLACE, KEY to TARGET, as MESSAGE */
	INTENT_REMOVE,	  /* the file at PLACE, KEY; MESSAGE (not 0) goes with it */
};

/* Adds one, inside a transaction. */
struct intent {
	int64_t id;
	enum intent_op op;
	int64_t message, place, target;
	const char *key;
	unsigned set, clear;
};
int intent_add(struct store *store, const struct intent *intent, struct err *err);
int intent_drop(struct store *store, int64_t id, struct err *err);

#endif
