#include "config.h"
#include "store/mail/set_up.h"

#include <stdlib.h>

#include "store/base/array.h"
#include "store/base/conf.h"
#include "store/base/i18n.h"
#include "store/base/path.h"

#define SECTION "set-up"
#define OAUTH	"oauth"
#define ID_HELP N_("The client id that the provider gave you (or your program) for OAuth2.")
#define SECRET_HELP                                                                                         \
	N_("The client secret that came with it, if one did; for programs on a desktop it is no secret.")
#define CLIENT(provider)                                                                                    \
	{OAUTH, provider "-client-id", OPTION_TEXT, NULL, ID_HELP, NULL, 0, 0},                             \
	{                                                                                                   \
		OAUTH, provider "-client-secret", OPTION_TEXT, NULL, SECRET_HELP, NULL, 0, 0                \
	}

const struct option_row set_up_rows[] = {
	{SECTION, "isp-database", OPTION_BOOL, "yes",
	 N_("Whether the domain of an address (never the address) is told to Thunderbird's database of providers, when "
	    "the domain itself does not say where its mail is."),
	 NULL, 0, 0},
	{SECTION, "ca", OPTION_PATH, NULL,
	 N_("A file of certificates to trust besides the system's while mail is looked for; the account that is made "
	    "gets it too."),
	 NULL, 0, 0},
	{SECTION, "dns", OPTION_TEXT, NULL,
	 N_("The name server (address or address:port) to ask where mail is, instead of the system's: for private "
	    "networks and tests."),
	 NULL, 0, 0},
	{SECTION, "web", OPTION_TEXT, NULL,
	 N_("The host:port that all questions by HTTPS go to, whatever their address, while mail is looked for: for "
	    "private networks and tests."),
	 NULL, 0, 0},
	CLIENT("google"),
	CLIENT("microsoft"),
	CLIENT("yahoo"),
	CLIENT("fastmail"),
	CLIENT("yandex"),
	CLIENT("mail-ru"),
};
const size_t set_up_row_count = ARRAY_COUNT(set_up_rows);

static char *copy_of(const struct conf *conf, const char *section, const char *key)
{
	const char *value = conf_get(conf, section, "", key);

	return value && *value ? mem_strdup(value) : NULL;
}

void set_up_load(struct set_up *set_up)
{
	struct conf *conf = conf_load_own();
	char *ca = copy_of(conf, SECTION, "ca");
	const char *asks = conf_get(conf, SECTION, "", "isp-database");

	*set_up = (struct set_up){.dns = copy_of(conf, SECTION, "dns"),
				  .web = copy_of(conf, SECTION, "web"),
				  .ca = ca ? path_expand(ca) : NULL,
				  .asks_isp_database = !asks || option_parse_bool(asks) != 0};
	free(ca);
	conf_free(&conf);
}

void set_up_free(struct set_up *set_up)
{
	free(set_up->dns);
	free(set_up->web);
	free(set_up->ca);
	*set_up = (struct set_up){.dns = NULL};
}

char *set_up_client(const char *provider, const char *what)
{
	struct conf *conf = conf_load_own();
	char *key = mem_printf("%s-%s", provider, what), *value = copy_of(conf, OAUTH, key);

	free(key);
	conf_free(&conf);
	return value;
}
