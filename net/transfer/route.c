#include "config.h"
#include "net/transfer/route.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "net/deliver/local.h"
#include "store/base/array.h"
#include "store/base/i18n.h"

static bool try_local(const struct local *local, const char *addr, struct route *route)
{
	switch (local_find(local, addr, &route->account)) {
	case LOCAL_ACCOUNT:
		route->kind = ROUTE_LOCAL;
		return true;
	case LOCAL_NOBODY:
		route->status = "5.1.1";
		route->sentence = N_("There is no mailbox of this name on this computer.");
		return true;
	default:
		return false;
	}
}

static bool give_up(const struct local *local, const char *addr, struct route *route)
{
	(void)local;
	(void)addr;
	route->status = "5.4.4";
	route->sentence =
	    N_("This address is on another computer, and no account here can carry mail "
	       "there yet: this version of Tern delivers on this computer only.");
	return true;
}

/* The first way that takes it. */
static bool (*const ways[])(const struct local *, const char *, struct route *) = {
    try_local,
    give_up,
};

void route_find(const struct local *local, const char *addr, struct route *route)
{
	size_t i;

	memset(route, 0, sizeof *route);
	route->kind = ROUTE_NONE;
	for (i = 0; i < ARRAY_COUNT(ways); i++)
		if (ways[i](local, addr, route))
			return;
}
