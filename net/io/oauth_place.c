#include "config.h"
#include "net/io/oauth_place.h"

#include <stdlib.h>
#include <string.h>

#include "net/io/provider.h"
#include "net/io/stream.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mail/set_up.h"

static const struct provider *provider_of(const struct account *account)
{
	const char *server = account_setting(account, "server");
	const char *at = account->address ? strrchr(account->address, '@') : NULL;
	const struct provider *provider = NULL;
	char *host = NULL;
	int port;

	if (server && stream_parse_place(server, 1, &host, &port, NULL) == 0)
		provider = provider_by_server(host);
	free(host);
	return provider ? provider : at ? provider_by_domain(at + 1) : NULL;
}

static char *setting(const struct account *account, const char *key, const char *otherwise)
{
	const char *value = account_setting(account, key);

	if (!value || !*value)
		value = otherwise;
	return value ? mem_strdup(value) : NULL;
}

static char *client(const struct account *account, const struct provider *provider, const char *key, const char *what)
{
	char *own = setting(account, key, NULL);

	return own ? own : provider ? set_up_client(provider->name, what) : NULL;
}

/* "http:" would show the tokens to everybody on the way. */
static int check_url(const char *url, struct err *err)
{
	if (!url || str_starts(url, "https://"))
		return 0;
	return err_set_kind(err, ERR_USAGE, _("\"%s\": only addresses with https are used for OAuth2."), url);
}

static int check(const struct account *account, const struct oauth_place *place, struct err *err)
{
	if (!place->client_id)
		return err_set_kind(err, ERR_USAGE,
				    _("The account \"%s\" has no \"oauth-client-id\", and [oauth] of the configuration "
				      "has none for its provider."),
				    account->name);
	if (!place->token_url || !place->authorize_url)
		return err_set_kind(err, ERR_USAGE,
				    _("Where OAuth2 tokens for \"%s\" come from is not known: set "
				      "\"oauth-authorize-url\", \"oauth-token-url\" and \"oauth-scope\"."),
				    account->name);
	return check_url(place->token_url, err) < 0 || check_url(place->authorize_url, err) < 0 ||
		       check_url(place->device_url, err) < 0
		   ? -1
		   : 0;
}

int oauth_place_find(const struct account *account, struct oauth_place *place, struct err *err)
{
	static const struct provider nobody = {.name = NULL};
	const struct provider *provider = provider_of(account), *known = provider ? provider : &nobody;
	const char *ca = account_setting(account, "ca");

	*place = (struct oauth_place){
	    .client_id = client(account, provider, "oauth-client-id", "client-id"),
	    .client_secret = client(account, provider, "oauth-client-secret", "client-secret"),
	    .authorize_url = setting(account, "oauth-authorize-url", known->authorize_url),
	    .token_url = setting(account, "oauth-token-url", known->token_url),
	    .device_url = setting(account, "oauth-device-url", known->device_url),
	    .scope = setting(account, "oauth-scope", known->scope ? known->scope : ""),
	    .extra = known->extra ? mem_strdup(known->extra) : NULL,
	    .ca = ca ? path_expand(ca) : NULL,
	    .redirect_host = known->redirect_host ? known->redirect_host : "127.0.0.1",
	};
	return check(account, place, err);
}

void oauth_place_free(struct oauth_place *place)
{
	free(place->client_id);
	free(place->client_secret);
	free(place->authorize_url);
	free(place->token_url);
	free(place->device_url);
	free(place->scope);
	free(place->extra);
	free(place->ca);
	*place = (struct oauth_place){.client_id = NULL};
}
