/* When a deferred recipient is tried again: after 1, 5, 15, 30 minutes, then every hour, for five
 * days. */
#ifndef NET_TRANSFER_RETRY_H
#define NET_TRANSFER_RETRY_H

#include <stdint.h>

#define RETRY_LIFE_S (5 * 24 * 3600)

/* The time of the next try after TRIES (from 1) that ended at NOW, or 0: its time (ADDED and five
 * days) is over. */
int64_t retry_next(int tries, int64_t added, int64_t now);

#endif
