#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "net/setup/autoconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct places places = {.count = 0};
	int rc = autoconfig_read((const char *)data, len, "me@example.org", &places, NULL);

	FUZZ_HOLDS(places.count <= PLACES_MAX);
	FUZZ_HOLDS(rc == 0 || places.count == 0);
	for (size_t i = 0; i < places.count; i++) {
		FUZZ_HOLDS(place_is_host(places.items[i].host));
		FUZZ_HOLDS(places.items[i].port > 0 && places.items[i].port < 65536);
		FUZZ_HOLDS(places.items[i].tls != STREAM_PLAIN);
		FUZZ_HOLDS(strlen(places.items[i].user) < PLACE_TEXT_SIZE);
	}
	return 0;
}
