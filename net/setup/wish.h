/* The settings of an account that is being set up, as lines "key=value" between a screen and its worker. */
#ifndef NET_SETUP_WISH_H
#define NET_SETUP_WISH_H

#include <stdbool.h>

#include "net/setup/place.h"
#include "store/mail/account.h"

struct buf;
struct err;

#define WISH_SETTINGS_MAX 32

/* "": not given. */
struct wish {
	char address[PLACE_TEXT_SIZE], name[64], real_name[PLACE_TEXT_SIZE];
	char kind[16], server[PLACE_TEXT_SIZE + 8], tls[16], user[PLACE_TEXT_SIZE];
	char submission[PLACE_TEXT_SIZE + 8], submission_tls[16];
	char ca[1024], password_file[1024], leave_days[16];
	char more[1024]; /* other settings of the account: names and values, a NUL behind each */
	size_t more_len;
	bool only_finds, wants_oauth;
	bool asks_leave; /* who collects by POP3 is asked what becomes of the letters on the server */
	bool asks_again; /* for the password, when it was refused */
};

/* -1 with a sentence. */
int wish_parse(struct wish *wish, const char *text, struct err *err);
/* Appends what is known of the servers. */
void wish_format(const struct wish *wish, struct buf *out);
void wish_set_place(struct wish *wish, const struct place *place);
/* Where mail is fetched from; the port that is usual, where none is said. -1: it is no place. */
int wish_place(const struct wish *wish, struct place *place);
/* The host of "host:port" ("" when PLACE is). */
void wish_host(const char *place, char *host, size_t size);

/* ACCOUNT as it would stand in the configuration; all is lent by WISH and SETTINGS. */
struct wish_settings {
	char *keys[WISH_SETTINGS_MAX], *values[WISH_SETTINGS_MAX];
};
/* Is the setting KEY among what was given? */
bool wish_has(const struct wish *wish, const char *key);
void wish_account(struct wish *wish, struct wish_settings *settings, struct account *account);

#endif
