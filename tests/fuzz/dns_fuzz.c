#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "net/io/dns.h"
#include "net/setup/place.h"

/* The first byte chooses the kind, the rest is an answer of DNS. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dns_record records[DNS_RECORDS_MAX];
	enum dns_type type = len && data[0] & 1 ? DNS_MX : DNS_SRV;
	int i, count = len ? dns_read(data + 1, len - 1, type, records) : 0;

	FUZZ_HOLDS(count >= -1 && count <= DNS_RECORDS_MAX);
	for (i = 0; i < count; i++) {
		FUZZ_HOLDS(strlen(records[i].host) < DNS_HOST_SIZE);
		FUZZ_HOLDS(type == DNS_MX || !*records[i].host || records[i].port > 0);
		for (const char *c = records[i].host; *c; c++)
			FUZZ_HOLDS(*c > ' ' && *c < 127 && *c != '/');
	}
	if (count > 0)
		dns_sort(records, (size_t)count, (uint32_t)len);
	for (i = 1; i < count; i++)
		FUZZ_HOLDS(records[i - 1].priority <= records[i].priority);
	return 0;
}
