/* Where an account's OAuth2 tokens come from, and as whom we ask for them. */
#ifndef NET_IO_OAUTH_PLACE_H
#define NET_IO_OAUTH_PLACE_H

struct account;
struct err;

/* NULL: none. */
struct oauth_place {
	char *client_id, *client_secret;
	char *authorize_url, *token_url, *device_url, *scope, *extra;
	char *ca;
	const char *redirect_host;
};

/* -1 with a sentence; in any case to be freed. */
int oauth_place_find(const struct account *account, struct oauth_place *place, struct err *err);
void oauth_place_free(struct oauth_place *place);

#endif
