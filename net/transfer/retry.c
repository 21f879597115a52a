#include "config.h"
#include "net/transfer/retry.h"

#include <stddef.h>

#include "store/base/array.h"

static const int minutes[] = {1, 5, 15, 30, 60};

int64_t retry_next(int tries, int64_t added, int64_t now)
{
	size_t at = tries > 0 ? (size_t)tries - 1 : 0;

	if (now - added >= RETRY_LIFE_S)
		return 0;
	if (at >= ARRAY_COUNT(minutes))
		at = ARRAY_COUNT(minutes) - 1;
	return now + minutes[at] * 60;
}
