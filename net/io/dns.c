#include "config.h"
#include "net/io/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/str.h"

#define ANSWER_MAX  16384
#define WAIT_S	    2 /* for one answer */
#define TRIES	    2
#define PORT	    53
#define SRV_FIXED   6 /* bytes before the name */
#define MX_FIXED    2
#define LABEL_CHARS "-_." /* and letters and digits */

struct dns {
	struct __res_state state;
};

/* --- an answer ----------------------------------------------------------------------------------- */

/* What stands in a record may name a file or move a cursor elsewhere: only names of hosts are let in. */
static bool is_host(const char *name)
{
	for (; *name; name++)
		if (!char_is_alnum(*name) && !strchr(LABEL_CHARS, *name))
			return false;
	return true;
}

static bool read_host(const unsigned char *answer, size_t len, const unsigned char *at, char *host)
{
	if (dn_expand(answer, answer + len, at, host, DNS_HOST_SIZE) < 0)
		return false;
	if (strcmp(host, ".") == 0)
		*host = '\0';
	return is_host(host);
}

static int number_at(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static bool read_record(const unsigned char *answer, size_t len, ns_rr *rr, struct dns_record *record)
{
	const unsigned char *data = ns_rr_rdata(*rr);
	bool is_srv = ns_rr_type(*rr) == ns_t_srv;
	size_t fixed = is_srv ? SRV_FIXED : MX_FIXED;

	if (ns_rr_rdlen(*rr) <= fixed)
		return false;
	*record = (struct dns_record){.priority = number_at(data)};
	if (is_srv) {
		record->weight = number_at(data + 2);
		record->port = number_at(data + 4);
	}
	return read_host(answer, len, data + fixed, record->host) &&
	       (!is_srv || !*record->host || record->port > 0);
}

int dns_read(const unsigned char *answer, size_t len, enum dns_type type,
	     struct dns_record records[DNS_RECORDS_MAX])
{
	ns_type wanted = type == DNS_SRV ? ns_t_srv : ns_t_mx;
	int i, count = 0;
	ns_msg message;
	ns_rr rr;

	if (len > ANSWER_MAX || ns_initparse(answer, (int)len, &message) < 0)
		return -1;
	for (i = 0; i < ns_msg_count(message, ns_s_an) && count < DNS_RECORDS_MAX; i++) {
		if (ns_parserr(&message, ns_s_an, i, &rr) < 0)
			return -1;
		if (ns_rr_type(rr) == wanted && ns_rr_class(rr) == ns_c_in &&
		    read_record(answer, len, &rr, &records[count]))
			count++;
	}
	return count;
}

/* --- the order ----------------------------------------------------------------------------------- */

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void swap(struct dns_record *a, struct dns_record *b)
{
	struct dns_record kept = *a;

	*a = *b;
	*b = kept;
}

/* Those of weight 0 stand first: they have a small chance only (RFC 2782). */
static int compare(const void *a, const void *b)
{
	const struct dns_record *one = a, *other = b;

	if (one->priority != other->priority)
		return one->priority - other->priority;
	return (one->weight > 0) - (other->weight > 0);
}

/* The one whose running sum reaches a number drawn from 0 to the sum of all. */
static size_t draw(const struct dns_record *records, size_t count, uint32_t *state)
{
	uint32_t sum = 0, wanted;
	size_t i;

	for (i = 0; i < count; i++)
		sum += (uint32_t)records[i].weight;
	wanted = next(state) % (sum + 1);
	for (i = 0, sum = 0; i + 1 < count; i++) {
		sum += (uint32_t)records[i].weight;
		if (sum >= wanted)
			break;
	}
	return i;
}

void dns_sort(struct dns_record *records, size_t count, uint32_t seed)
{
	uint32_t state = seed ? seed : 1;
	size_t at, same;

	qsort(records, count, sizeof *records, compare);
	for (at = 0; at < count; at++) {
		for (same = 1; at + same < count && records[at + same].priority == records[at].priority;)
			same++;
		swap(&records[at], &records[at + draw(records + at, same, &state)]);
		qsort(records + at + 1, same - 1, sizeof *records, compare);
	}
}

/* --- asking -------------------------------------------------------------------------------------- */

static int use_server(struct dns *dns, const char *server, struct err *err)
{
	struct sockaddr_in *addr = &dns->state.nsaddr_list[0];
	size_t len = strcspn(server, ":");
	char *host = mem_strndup(server, len);
	long long port = PORT;
	bool is_good = inet_pton(AF_INET, host, &addr->sin_addr) == 1 &&
		       (!server[len] || str_to_long(server + len + 1, &port) == 0) && port > 0 && port < 65536;

	free(host);
	if (!is_good)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no address of a name server (as 127.0.0.1:53)."),
				    server);
	addr->sin_family = AF_INET;
	addr->sin_port = htons((uint16_t)port);
	dns->state.nscount = 1;
	return 0;
}

struct dns *dns_new(const char *server, struct err *err)
{
	struct dns *dns = mem_alloc(sizeof *dns);
	int rc = 0;

	if (res_ninit(&dns->state) < 0)
		rc = err_set_kind(err, ERR_TEMPORARY, _("DNS cannot be used on this computer."));
	else if (server)
		rc = use_server(dns, server, err);
	if (rc < 0) {
		dns_free(&dns);
		return NULL;
	}
	dns->state.retrans = WAIT_S;
	dns->state.retry = TRIES;
	return dns;
}

void dns_free(struct dns **dns)
{
	if (!*dns)
		return;
	res_nclose(&(*dns)->state);
	free(*dns);
	*dns = NULL;
}

static uint32_t chance(void)
{
	uint32_t number = 1;

	if (getrandom(&number, sizeof number, 0) != sizeof number)
		number = 1;
	return number;
}

int dns_ask(struct dns *dns, const char *name, enum dns_type type,
	    struct dns_record records[DNS_RECORDS_MAX], struct err *err)
{
	unsigned char *answer = mem_alloc(ANSWER_MAX);
	int len = res_nquery(&dns->state, name, ns_c_in, type == DNS_SRV ? ns_t_srv : ns_t_mx, answer,
			     ANSWER_MAX);
	int count = 0, why = dns->state.res_h_errno;

	if (len > ANSWER_MAX)
		len = ANSWER_MAX;
	if (len >= 0)
		count = dns_read(answer, (size_t)len, type, records);
	free(answer);
	if ((len < 0 && why != HOST_NOT_FOUND && why != NO_DATA) || count < 0)
		return err_set_kind(err, ERR_TEMPORARY, _("DNS did not answer."));
	dns_sort(records, (size_t)count, chance());
	return count;
}
