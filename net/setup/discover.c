#include "config.h"
#include "net/setup/discover.h"

#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "net/io/dns.h"
#include "net/io/http.h"
#include "net/io/provider.h"
#include "net/setup/autoconfig.h"
#include "net/setup/probe.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/domain.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/set_up.h"

#define ISP_DATABASE "https://autoconfig.thunderbird.net/v1.1/"
#define GUESS_MS     60000 /* for all guesses together */
#define MX_MAX	     2	   /* more say the same */
#define DEAD_MAX     8

struct search {
	struct discover *out;
	char *domain; /* as DNS has it */
	bool is_here; /* no name of the world's: localhost, an address in numbers, a host of the house */
	struct dns *dns;
	bool is_deaf; /* DNS does not answer */
	struct dns_record mx[DNS_RECORDS_MAX];
	int mx_count;
	char *dead[DEAD_MAX]; /* hosts that are none */
	size_t dead_count;
	int64_t guess_until;
};

/* --- telling ------------------------------------------------------------------------------------- */

static void say(struct search *search, bool is_done, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void say(struct search *search, bool is_done, const char *fmt, ...)
{
	char words[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	search->out->step(search->out->arg, is_done, words);
}

static bool has_all(const struct search *search)
{
	return search->out->has_incoming && search->out->has_submission;
}

/* --- which of the named places answer ------------------------------------------------------------- */

static bool wants(const struct search *search, enum place_kind kind)
{
	if (kind != PLACE_SUBMISSION && search->out->has_kind && search->out->kind != kind)
		return false;
	return kind == PLACE_SUBMISSION ? !search->out->has_submission : !search->out->has_incoming;
}

static void take(struct search *search, const struct place *place)
{
	if (place->kind == PLACE_SUBMISSION) {
		search->out->submission = *place;
		search->out->has_submission = true;
	} else {
		search->out->incoming = *place;
		search->out->has_incoming = true;
	}
}

static enum probe probe_and_tell(struct search *search, const struct place *place)
{
	struct buf name = BUF_INIT, words = BUF_INIT;
	enum probe result;

	place_add_words(place, &name);
	say(search, false, _("Trying %s %s"), place_kind_name(place->kind), buf_str(&name));
	result = probe_place(place, search->out->trust, &words);
	if (result == PROBE_YES)
		say(search, true, _("%s %s: a server answers."), place_kind_name(place->kind), buf_str(&name));
	else if (result == PROBE_UNTRUSTED)
		say(search, true, _("%s %s: a server answers, but its certificate is not known. %s"),
		    place_kind_name(place->kind), buf_str(&name), buf_str(&words));
	else
		say(search, true, _("%s %s: nothing. %s"), place_kind_name(place->kind), buf_str(&name),
		    buf_str(&words));
	buf_free(&name);
	buf_free(&words);
	return result;
}

/* Behind STARTTLS the same host will show the same certificate: that is no reason to prefer it. */
static bool is_same_doubt(const struct place *doubtful, const struct place *place)
{
	return doubtful && place->tls != STREAM_TLS && str_equal_nocase(doubtful->host, place->host);
}

/* The first that answers; one whose certificate is not known only where no other does: the person is asked about it
 * when signing in. */
static void try_kind(struct search *search, const struct places *places, enum place_kind kind, int64_t until)
{
	const struct place *doubtful = NULL;
	size_t i;

	for (i = 0; i < places->count && wants(search, kind); i++) {
		const struct place *place = &places->items[i];
		enum probe result;

		if (place->kind != kind || loop_now_ms() > until)
			continue;
		result = probe_and_tell(search, place);
		if (result == PROBE_YES)
			take(search, is_same_doubt(doubtful, place) ? doubtful : place);
		if (result == PROBE_UNTRUSTED && !doubtful)
			doubtful = place;
	}
	if (doubtful && wants(search, kind))
		take(search, doubtful);
}

static void try_places(struct search *search, const struct places *places, int64_t limit_ms)
{
	static const enum place_kind order[] = {PLACE_IMAP, PLACE_POP3, PLACE_SUBMISSION};
	int64_t until = loop_now_ms() + limit_ms;

	for (size_t i = 0; i < ARRAY_COUNT(order); i++)
		if (wants(search, order[i]))
			try_kind(search, places, order[i], until);
}

/* --- SRV ------------------------------------------------------------------------------------------ */

static const struct {
	const char *label;
	enum place_kind kind;
	enum stream_tls tls;
} services[] = {
    {"_imaps._tcp", PLACE_IMAP, STREAM_TLS},
    {"_imap._tcp", PLACE_IMAP, STREAM_STARTTLS},
    {"_pop3s._tcp", PLACE_POP3, STREAM_TLS},
    {"_pop3._tcp", PLACE_POP3, STREAM_STARTTLS},
    {"_submissions._tcp", PLACE_SUBMISSION, STREAM_TLS},
    {"_submission._tcp", PLACE_SUBMISSION, STREAM_STARTTLS},
};

static bool is_inside(const char *host, const char *domain)
{
	size_t len = strlen(host), tail = strlen(domain);

	return len >= tail && str_equal_nocase(host + len - tail, domain) &&
	       (len == tail || host[len - tail - 1] == '.');
}

static int ask_service(struct search *search, size_t which, struct places *places)
{
	struct dns_record records[DNS_RECORDS_MAX];
	char *name = mem_printf("%s.%s", services[which].label, search->domain);
	int count = dns_ask(search->dns, name, DNS_SRV, records, NULL);

	for (int i = 0; i < count; i++) {
		struct place place = {
		    .kind = services[which].kind, .tls = services[which].tls, .port = records[i].port};
		size_t len = strlen(records[i].host);

		if (len >= sizeof place.host)
			continue; /* half a name is another's */
		memcpy(place.host, records[i].host, len + 1);
		places_add(places, &place);
	}
	free(name);
	return count;
}

static bool is_believed(struct search *search, const char *host)
{
	struct buf words = BUF_INIT;
	bool answer;

	if (is_inside(host, search->domain) || domain_is_here(host) || provider_by_server(host))
		return true;
	buf_printf(&words,
		   _("DNS says that the mail of %s is at %s, and nobody vouches for that. May your password be told to "
		     "%s?"),
		   search->domain, host, host);
	answer = search->out->may_use(search->out->arg, buf_str(&words));
	buf_free(&words);
	return answer;
}

/* Each host is asked about once. */
static void drop_unbelieved(struct search *search, struct places *places)
{
	size_t i, kept = 0;
	char last[PLACE_TEXT_SIZE] = "";
	bool is_good = false;

	for (i = 0; i < places->count; i++) {
		if (!str_equal_nocase(last, places->items[i].host))
			is_good = is_believed(search, places->items[i].host);
		snprintf(last, sizeof last, "%s", places->items[i].host);
		if (is_good)
			places->items[kept++] = places->items[i];
	}
	places->count = kept;
}

static void ask_srv(struct search *search)
{
	struct places places = {.count = 0};
	size_t i;

	if (!search->dns)
		return;
	say(search, false, _("Asking DNS which mail servers %s names (SRV)"), search->domain);
	for (i = 0; i < ARRAY_COUNT(services) && !search->is_deaf; i++)
		search->is_deaf = ask_service(search, i, &places) < 0;
	if (search->is_deaf)
		say(search, true, _("DNS does not answer."));
	else if (!places.count)
		say(search, true, _("DNS: %s names no mail servers (SRV)."), search->domain);
	else
		say(search, true,
		    ngettext("DNS: %s names %zu mail server (SRV).", "DNS: %s names %zu mail servers (SRV).",
			     places.count),
		    search->domain, places.count);
	drop_unbelieved(search, &places);
	try_places(search, &places, INT64_MAX / 2);
}

static void ask_mx(struct search *search)
{
	if (search->dns && !search->is_deaf)
		search->mx_count = dns_ask(search->dns, search->domain, DNS_MX, search->mx, NULL);
	if (search->mx_count < 0)
		search->mx_count = 0;
	if (search->mx_count > MX_MAX)
		search->mx_count = MX_MAX;
}

/* --- autoconfig ----------------------------------------------------------------------------------- */

static void read_config(struct search *search, const char *url, int status, const struct buf *body)
{
	struct places places = {.count = 0};
	struct err err = ERR_INIT;

	if (status != 200) {
		say(search, true, _("%s: there is none (%d)."), url, status);
		return;
	}
	if (autoconfig_read(buf_str(body), body->len, search->out->address, &places, &err) < 0)
		say(search, true, "%s: %s", url, err.text);
	else
		say(search, true, ngettext("%s: names %zu server.", "%s: names %zu servers.", places.count), url,
		    places.count);
	try_places(search, &places, INT64_MAX / 2);
}

static void ask_url(struct search *search, const char *url)
{
	const struct set_up *set_up = search->out->set_up;
	const struct http_request request = {.url = url, .ca = set_up->ca, .connect = set_up->web};
	struct buf body = BUF_INIT;
	struct err err = ERR_INIT;
	int status;

	if (has_all(search))
		return;
	say(search, false, _("Asking %s"), url);
	status = http_send(&request, &body, &err);
	if (status < 0)
		say(search, true, "%s: %s", url, err.text);
	else
		read_config(search, url, status, &body);
	buf_free(&body);
}

static void ask_domain(struct search *search)
{
	struct buf url = BUF_INIT;

	buf_printf(&url, "https://autoconfig.%s/mail/config-v1.1.xml?emailaddress=", search->domain);
	http_add_escaped(&url, search->out->address);
	ask_url(search, buf_str(&url));
	buf_clear(&url);
	buf_printf(&url, "https://%s/.well-known/autoconfig/mail/config-v1.1.xml", search->domain);
	ask_url(search, buf_str(&url));
	buf_free(&url);
}

static void ask_database(struct search *search, const char *domain)
{
	char *url = mem_printf("%s%s", ISP_DATABASE, domain);

	ask_url(search, url);
	free(url);
}

/* Of "mx1.mail.example.org" the "example.org": what the database has is mostly that. */
static const char *main_part(const char *host)
{
	const char *dot = strrchr(host, '.');

	while (dot && dot > host && dot[-1] != '.')
		dot--;
	return dot && dot > host ? dot : host;
}

static void ask_databases(struct search *search)
{
	char last[DNS_HOST_SIZE] = "";

	if (!search->out->set_up->asks_isp_database)
		return;
	ask_database(search, search->domain);
	for (int i = 0; i < search->mx_count && !has_all(search); i++) {
		const char *part = main_part(search->mx[i].host);

		if (*part && !str_equal_nocase(part, last) && !str_equal_nocase(part, search->domain))
			ask_database(search, part);
		snprintf(last, sizeof last, "%s", part);
	}
}

/* --- the table ------------------------------------------------------------------------------------ */

static void add_provided(struct places *places, enum place_kind kind, const struct provider_place *from)
{
	struct place place = {.kind = kind, .tls = from->tls, .port = from->port};

	if (!from->host)
		return;
	snprintf(place.host, sizeof place.host, "%s", from->host);
	places_add(places, &place);
}

static const struct provider *known_provider(const struct search *search)
{
	const struct provider *provider = provider_by_domain(search->domain);

	for (int i = 0; !provider && i < search->mx_count; i++)
		provider = provider_by_mx(search->mx[i].host);
	return provider;
}

static void ask_table(struct search *search)
{
	const struct provider *provider = known_provider(search);
	struct places places = {.count = 0};

	if (!provider)
		return;
	say(search, true, _("The mail of %s is at %s, which is well known."), search->domain, provider->title);
	search->out->provider = provider;
	add_provided(&places, PLACE_IMAP, &provider->imap);
	add_provided(&places, PLACE_SUBMISSION, &provider->submission);
	try_places(search, &places, INT64_MAX / 2);
}

/* --- guesses -------------------------------------------------------------------------------------- */

static const struct guess {
	enum place_kind kind;
	const char *first; /* label before the domain */
	struct {
		int port;
		enum stream_tls tls;
	} ports[3];
} guesses[] = {
    {PLACE_IMAP, "imap.", {{993, STREAM_TLS}, {143, STREAM_STARTTLS}, {143, STREAM_PLAIN}}},
    {PLACE_POP3, "pop.", {{995, STREAM_TLS}, {110, STREAM_STARTTLS}, {110, STREAM_PLAIN}}},
    {PLACE_SUBMISSION, "smtp.", {{465, STREAM_TLS}, {587, STREAM_STARTTLS}, {587, STREAM_PLAIN}}},
};

static bool is_dead(const struct search *search, const char *host)
{
	for (size_t i = 0; i < search->dead_count; i++)
		if (strcmp(search->dead[i], host) == 0)
			return true;
	return false;
}

/* A name that is none needs no four trials. */
static bool is_host(struct search *search, const char *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	if (is_dead(search, host) || loop_now_ms() > search->guess_until)
		return false;
	say(search, false, _("Looking for a host %s"), host);
	if (getaddrinfo(host, NULL, &hints, &found) == 0) {
		freeaddrinfo(found);
		return true;
	}
	say(search, true, _("There is no host %s."), host);
	if (search->dead_count < DEAD_MAX)
		search->dead[search->dead_count++] = mem_strdup(host);
	return false;
}

/* Without encryption only within this machine. */
static void add_host(struct search *search, const struct guess *guess, const char *host, struct places *places)
{
	for (size_t i = 0; i < ARRAY_COUNT(guess->ports); i++) {
		struct place place = {
		    .kind = guess->kind, .tls = guess->ports[i].tls, .port = guess->ports[i].port};

		if (place.tls == STREAM_PLAIN && !domain_is_here(search->domain))
			continue;
		snprintf(place.host, sizeof place.host, "%s", host);
		places_add(places, &place);
	}
}

static void add_guesses(struct search *search, const struct guess *guess, struct places *places)
{
	const char *const firsts[] = {guess->first, "mail.", ""};

	for (size_t i = 0; i < ARRAY_COUNT(firsts); i++) {
		char *host = mem_printf("%s%s", firsts[i], search->domain);

		if ((!search->is_here || !*firsts[i]) && is_host(search, host))
			add_host(search, guess, host, places);
		free(host);
	}
	for (int i = 0; i < search->mx_count; i++)
		if (is_inside(search->mx[i].host, search->domain) && is_host(search, search->mx[i].host))
			add_host(search, guess, search->mx[i].host, places);
}

static void try_guesses(struct search *search)
{
	search->guess_until = loop_now_ms() + GUESS_MS;
	for (size_t i = 0; i < ARRAY_COUNT(guesses); i++) {
		struct places places = {.count = 0};
		int64_t left;

		if (!wants(search, guesses[i].kind))
			continue;
		add_guesses(search, &guesses[i], &places);
		left = search->guess_until - loop_now_ms();
		try_places(search, &places, left > 0 ? left : 0);
	}
}

/* --- together ------------------------------------------------------------------------------------- */

static bool is_number(const char *domain)
{
	return strspn(domain, "0123456789.") == strlen(domain) || strchr(domain, ':');
}

/* "me@[127.0.0.1]" is an address too (RFC 5321). */
static char *domain_of(const char *address, struct err *err)
{
	const char *at = strrchr(address, '@');
	struct buf ascii = BUF_INIT;
	char *domain = at ? mem_strdup(at + 1) : NULL;
	size_t len = domain ? strlen(domain) : 0;

	if (len > 2 && domain[0] == '[' && domain[len - 1] == ']') {
		domain[len - 1] = '\0';
		memmove(domain, domain + 1, len - 1);
	}
	if (!domain || at == address || domain_to_ascii(domain, &ascii) < 0 || !place_is_host(buf_str(&ascii))) {
		err_set_kind(err, ERR_USAGE, _("\"%s\" is no mail address: it looks like name@where.example."),
			     address);
		buf_free(&ascii);
	}
	free(domain);
	return ascii.data ? buf_take(&ascii) : NULL;
}

static int nothing_found(const struct search *search, struct err *err)
{
	return err_set_kind(err, ERR_NOT_FOUND,
			    _("No mail server of %s was found: neither DNS nor the web server of the domain names "
			      "one, it is at no provider that is known, and nothing answers at the usual places. Is "
			      "the address right, and the network there? Your provider's help pages name its servers: "
			      "give them by hand."),
			    search->domain);
}

static void look_everywhere(struct search *search)
{
	const struct set_up *set_up = search->out->set_up;
	bool asks_others;

	ask_srv(search);
	/* Where the system's DNS is silent no web server would be found either. */
	asks_others = set_up->web || (!search->is_here && (!search->is_deaf || set_up->dns));
	if (!has_all(search))
		ask_mx(search);
	if (asks_others && !has_all(search)) {
		ask_domain(search);
		ask_databases(search);
	}
	if (!has_all(search))
		ask_table(search);
	if (!has_all(search))
		try_guesses(search);
}

static void note_provider(struct discover *discover)
{
	if (!discover->provider && discover->has_incoming)
		discover->provider = provider_by_server(discover->incoming.host);
}

int discover_run(struct discover *discover, struct err *err)
{
	struct search search = {.out = discover, .domain = domain_of(discover->address, err)};
	const char *server = discover->set_up->dns;
	int rc = -1;

	discover->has_incoming = discover->has_submission = false;
	discover->provider = NULL;
	if (!search.domain)
		return -1;
	search.is_here = domain_is_here(search.domain) || is_number(search.domain) || !strchr(search.domain, '.');
	if (!search.is_here || server)
		search.dns = dns_new(server, err);
	if (search.dns || search.is_here || !server) {
		err_clear(err);
		look_everywhere(&search);
		note_provider(discover);
		rc = discover->has_incoming ? 0 : nothing_found(&search, err);
	}
	while (search.dead_count)
		free(search.dead[--search.dead_count]);
	dns_free(&search.dns);
	free(search.domain);
	return rc;
}
