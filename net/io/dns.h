/* The records of DNS that say where a domain's mail is: SRV (RFC 2782, 6186, 8314) and MX. It blocks, a few
 * seconds at most a question. Door to the system's resolver; names and addresses of hosts are looked up by
 * net/io/stream. */
#ifndef NET_IO_DNS_H
#define NET_IO_DNS_H

#include <stddef.h>
#include <stdint.h>

struct dns;
struct err;

#define DNS_RECORDS_MAX 16
#define DNS_HOST_SIZE	256

struct dns_record {
	char host[DNS_HOST_SIZE]; /* ASCII, without the last dot; "": the domain says that there is none */
	int port;		  /* SRV */
	int priority, weight;
};

enum dns_type { DNS_SRV, DNS_MX };

/* SERVER: "ADDRESS" or "ADDRESS:PORT" in numbers (IPv4) to ask instead of the system's; NULL: those. */
struct dns *dns_new(const char *server, struct err *err);
void dns_free(struct dns **dns);
/* Number of records of NAME, in the order in which they are to be tried; 0: none; -1 ERR_TEMPORARY: nobody
 * answered. */
int dns_ask(struct dns *dns, const char *name, enum dns_type type,
	    struct dns_record records[DNS_RECORDS_MAX], struct err *err);
/* The same from the bytes of an answer, in its order. -1: it is none. */
int dns_read(const unsigned char *answer, size_t len, enum dns_type type,
	     struct dns_record records[DNS_RECORDS_MAX]);
/* Rising priority; among equals by weight and chance (RFC 2782), which SEED begins. */
void dns_sort(struct dns_record *records, size_t count, uint32_t seed);

#endif
