/* Intents: what a person wanted and the files do not know yet. */
#ifndef STORE_MAIL_CHANGE_H
#define STORE_MAIL_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
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

/* A row as it stands before a change. */
struct change_row {
	int64_t id, folder, place;
	unsigned flags;
	const char *key, *tags;
	bool is_away;
};
/* 1 with ROW, its texts in ARENA; 0 gone; -1. */
int change_read(struct store *store, int64_t id, struct arena *arena, struct change_row *row,
		struct err *err);
/* The row changes now, the file by an intent; inside a transaction. */
int change_flags(struct store *store, const struct change_row *row, unsigned set, unsigned clear,
		 struct err *err);
int change_move(struct store *store, const struct change_row *row, int64_t target, struct err *err);
int change_write_tags(struct store *store, const struct change_row *row, const char *tags,
		      struct err *err);
int change_remove(struct store *store, const struct change_row *row, struct err *err);

#endif
