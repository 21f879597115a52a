#include "config.h"
#include "net/io/promised.h"

#include <stdio.h>

#include "net/io/sasl.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/log.h"

int promised_begin(struct promised *promised, const char *account, const char *service, const char *host, int port,
		   bool has_tls, struct err *err)
{
	*promised = (struct promised){.before = {false, ""}};
	snprintf(promised->account, sizeof promised->account, "%s", account ? account : "");
	snprintf(promised->place, sizeof promised->place, "%s %s:%d", service, host, port);
	if (!*promised->account)
		return 0;
	if (promise_load(promised->account, promised->place, &promised->before, err) < 0)
		return -1;
	if (!promised->before.has_tls || has_tls)
		return 0;
	return err_set_kind(err, ERR_DENIED,
			    _("The connection to %s was encrypted (TLS) until now, and your settings say \"none\". "
			      "Nothing was sent. If that is what you want: \"tern account forget-promises %s\"."),
			    host, promised->account);
}

const char *promised_mechanism(const struct promised *promised)
{
	return *promised->before.mechanism ? promised->before.mechanism : NULL;
}

void promised_keep(struct promised *promised, bool has_tls, const char *mechanism)
{
	struct promise now = promised->before;
	struct err err = ERR_INIT;

	if (mechanism && sasl_strength(mechanism) > sasl_strength(now.mechanism))
		snprintf(now.mechanism, sizeof now.mechanism, "%s", mechanism);
	now.has_tls |= has_tls;
	if (!*promised->account || (now.has_tls == promised->before.has_tls &&
				    sasl_strength(now.mechanism) == sasl_strength(promised->before.mechanism)))
		return;
	promised->before = now;
	if (promise_keep(promised->account, promised->place, &now, &err) < 0)
		log_write(LOG_INFO, "what %s offers is not remembered: %s", promised->place, err.text);
}
