#include "config.h"
#include "net/io/provider.h"

#include <string.h>

#include "store/base/array.h"
#include "store/base/i18n.h"
#include "store/base/str.h"

#define APP_PASSWORD                                                                                        \
	N_("It takes no account password here, but an app password: make one in the security settings "    \
	   "of your account there (two-step verification must be on).")
#define SWITCH_ON                                                                                           \
	N_("IMAP must be switched on in the settings of your account there, and it may want an app "       \
	   "password.")

static const struct provider providers[] = {
    {.name = "google",
     .title = "Gmail",
     .domains = "gmail.com googlemail.com",
     .mx = "google.com googlemail.com",
     .hosts = "gmail.com googlemail.com google.com",
     .imap = {"imap.gmail.com", 993, STREAM_TLS},
     .submission = {"smtp.gmail.com", 465, STREAM_TLS},
     .hint = APP_PASSWORD,
     .authorize_url = "https://accounts.google.com/o/oauth2/v2/auth",
     .token_url = "https://oauth2.googleapis.com/token",
     .scope = "https://mail.google.com/",
     .extra = "access_type=offline&prompt=consent"},
    {.name = "microsoft",
     .title = "Outlook",
     .domains = "outlook.com hotmail.com live.com msn.com outlook.de outlook.fr hotmail.fr hotmail.co.uk "
		"hotmail.de hotmail.it live.nl live.fr live.co.uk",
     .mx = "outlook.com office365.us",
     .hosts = "outlook.com office365.com",
     .imap = {"outlook.office365.com", 993, STREAM_TLS},
     .submission = {"smtp.office365.com", 587, STREAM_STARTTLS},
     .takes_no_password = true,
     .hint = N_("It takes no passwords from mail programs, only OAuth2: register a client there, write its id as "
		"\"microsoft-client-id\" into [oauth] of the configuration, and set the account up again."),
     .redirect_host = "localhost",
     .authorize_url = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
     .token_url = "https://login.microsoftonline.com/common/oauth2/v2.0/token",
     .device_url = "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
     .scope = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send "
	      "offline_access"},
    {.name = "yahoo",
     .title = "Yahoo",
     .domains = "yahoo.com ymail.com rocketmail.com myyahoo.com yahoo.de yahoo.fr yahoo.es yahoo.it "
		"yahoo.co.uk yahoo.co.in yahoo.com.br yahoo.ca",
     .mx = "yahoodns.net",
     .hosts = "mail.yahoo.com",
     .imap = {"imap.mail.yahoo.com", 993, STREAM_TLS},
     .submission = {"smtp.mail.yahoo.com", 465, STREAM_TLS},
     .hint = APP_PASSWORD,
     .authorize_url = "https://api.login.yahoo.com/oauth2/request_auth",
     .token_url = "https://api.login.yahoo.com/oauth2/get_token",
     .scope = "mail-w"},
    {.name = "aol",
     .title = "AOL",
     .domains = "aol.com aim.com aol.de aol.fr aol.co.uk",
     .hosts = "aol.com",
     .imap = {"imap.aol.com", 993, STREAM_TLS},
     .submission = {"smtp.aol.com", 465, STREAM_TLS},
     .hint = APP_PASSWORD},
    {.name = "icloud",
     .title = "iCloud",
     .domains = "icloud.com me.com mac.com",
     .mx = "mail.icloud.com",
     .hosts = "mail.me.com",
     .imap = {"imap.mail.me.com", 993, STREAM_TLS},
     .submission = {"smtp.mail.me.com", 587, STREAM_STARTTLS},
     .hint = APP_PASSWORD},
    {.name = "fastmail",
     .title = "Fastmail",
     .domains = "fastmail.com fastmail.fm fastmail.net fastmail.org fastmail.co.uk fastmail.de messagingengine.com "
		"sent.com mailbolt.com",
     .mx = "messagingengine.com",
     .hosts = "fastmail.com messagingengine.com",
     .imap = {"imap.fastmail.com", 993, STREAM_TLS},
     .submission = {"smtp.fastmail.com", 465, STREAM_TLS},
     .hint = APP_PASSWORD,
     .authorize_url = "https://api.fastmail.com/oauth/authorize",
     .token_url = "https://api.fastmail.com/oauth/refresh",
     .scope = "https://www.fastmail.com/dev/protocol-imap https://www.fastmail.com/dev/protocol-smtp "
	      "offline_access"},
    {.name = "gmx",
     .title = "GMX",
     .domains = "gmx.de gmx.net gmx.at gmx.ch gmx.org gmx.info gmx.eu",
     .mx = "gmx.net",
     .hosts = "gmx.net",
     .imap = {"imap.gmx.net", 993, STREAM_TLS},
     .submission = {"mail.gmx.net", 465, STREAM_TLS},
     .hint = SWITCH_ON},
    {.name = "gmx-com",
     .title = "GMX",
     .domains = "gmx.com gmx.us gmx.co.uk gmx.fr gmx.es",
     .hosts = "gmx.com",
     .imap = {"imap.gmx.com", 993, STREAM_TLS},
     .submission = {"mail.gmx.com", 465, STREAM_TLS},
     .hint = SWITCH_ON},
    {.name = "web-de",
     .title = "WEB.DE",
     .domains = "web.de email.de",
     .hosts = "web.de",
     .imap = {"imap.web.de", 993, STREAM_TLS},
     .submission = {"smtp.web.de", 587, STREAM_STARTTLS},
     .hint = SWITCH_ON},
    {.name = "t-online",
     .title = "T-Online",
     .domains = "t-online.de magenta.de",
     .hosts = "t-online.de",
     .imap = {"secureimap.t-online.de", 993, STREAM_TLS},
     .submission = {"securesmtp.t-online.de", 465, STREAM_TLS},
     .hint = N_("It wants a password for mail programs, made in the customer centre there.")},
    {.name = "yandex",
     .title = "Yandex",
     .domains = "yandex.ru yandex.com ya.ru yandex.by yandex.kz yandex.ua narod.ru",
     .mx = "yandex.net yandex.ru",
     .hosts = "yandex.ru yandex.com",
     .imap = {"imap.yandex.com", 993, STREAM_TLS},
     .submission = {"smtp.yandex.com", 465, STREAM_TLS},
     .hint = SWITCH_ON,
     .authorize_url = "https://oauth.yandex.com/authorize",
     .token_url = "https://oauth.yandex.com/token",
     .device_url = "https://oauth.yandex.com/device/code",
     .scope = "mail:imap_full mail:smtp"},
    {.name = "mail-ru",
     .title = "Mail.ru",
     .domains = "mail.ru inbox.ru list.ru bk.ru internet.ru",
     .mx = "mail.ru",
     .hosts = "mail.ru",
     .imap = {"imap.mail.ru", 993, STREAM_TLS},
     .submission = {"smtp.mail.ru", 465, STREAM_TLS},
     .hint = APP_PASSWORD,
     .authorize_url = "https://oauth.mail.ru/login",
     .token_url = "https://oauth.mail.ru/token",
     .scope = "mail.imap"},
    {.name = "posteo",
     .title = "Posteo",
     .domains = "posteo.de posteo.net posteo.org posteo.eu posteo.at posteo.ch",
     .mx = "posteo.de",
     .hosts = "posteo.de",
     .imap = {"posteo.de", 993, STREAM_TLS},
     .submission = {"posteo.de", 465, STREAM_TLS}},
    {.name = "mailbox-org",
     .title = "mailbox.org",
     .domains = "mailbox.org",
     .mx = "mailbox.org",
     .hosts = "mailbox.org",
     .imap = {"imap.mailbox.org", 993, STREAM_TLS},
     .submission = {"smtp.mailbox.org", 465, STREAM_TLS}},
    {.name = "zoho",
     .title = "Zoho",
     .domains = "zoho.com zohomail.com",
     .mx = "zoho.com",
     .hosts = "zoho.com",
     .imap = {"imap.zoho.com", 993, STREAM_TLS},
     .submission = {"smtp.zoho.com", 465, STREAM_TLS},
     .hint = SWITCH_ON},
    {.name = "proton",
     .title = "Proton",
     .domains = "proton.me protonmail.com protonmail.ch pm.me",
     .mx = "protonmail.ch",
     .imap = {"127.0.0.1", 1143, STREAM_STARTTLS},
     .submission = {"127.0.0.1", 1025, STREAM_STARTTLS},
     .hint = N_("Its letters come through Proton Mail Bridge on this computer: start it, and use the "
		"password that Bridge shows.")},
    {.name = "seznam",
     .title = "Seznam",
     .domains = "seznam.cz email.cz post.cz",
     .mx = "seznam.cz",
     .hosts = "seznam.cz",
     .imap = {"imap.seznam.cz", 993, STREAM_TLS},
     .submission = {"smtp.seznam.cz", 465, STREAM_TLS}},
    {.name = "migadu",
     .title = "Migadu",
     .domains = "migadu.com",
     .mx = "migadu.com",
     .hosts = "migadu.com",
     .imap = {"imap.migadu.com", 993, STREAM_TLS},
     .submission = {"smtp.migadu.com", 465, STREAM_TLS}},
};

static bool is_listed(const char *list, const char *word)
{
	struct span rest = span_of(list ? list : ""), piece;

	while (span_split(&rest, ' ', &piece) > 0)
		if (piece.len && span_equal_nocase(piece, word))
			return true;
	return false;
}

/* The name itself, or with labels before it. */
static bool is_below(const char *list, const char *host)
{
	for (; host; host = strchr(host, '.') ? strchr(host, '.') + 1 : NULL)
		if (is_listed(list, host))
			return true;
	return false;
}

const struct provider *provider_by_domain(const char *domain)
{
	for (size_t i = 0; i < ARRAY_COUNT(providers); i++)
		if (is_listed(providers[i].domains, domain))
			return &providers[i];
	return NULL;
}

const struct provider *provider_by_mx(const char *host)
{
	for (size_t i = 0; i < ARRAY_COUNT(providers); i++)
		if (is_below(providers[i].mx, host))
			return &providers[i];
	return NULL;
}

const struct provider *provider_by_server(const char *host)
{
	for (size_t i = 0; i < ARRAY_COUNT(providers); i++)
		if (is_below(providers[i].hosts, host))
			return &providers[i];
	return NULL;
}

const struct provider *provider_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(providers); i++)
		if (strcmp(providers[i].name, name) == 0)
			return &providers[i];
	return NULL;
}
