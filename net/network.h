/* Has the network of this computer changed (an address or a route came or went)? Then what waits for it is worth a
 * try. Only told by the kernel (rtnetlink); nothing is asked of anybody. */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

struct loop;

#define NETWORK_CALM_MS 2000 /* changes come in swarms: told once, when it is calm again */

struct network;

/* NULL: this system does not tell. */
struct network *network_watch(struct loop *loop, void (*changed)(void *arg), void *arg);
void network_free(struct network **network);

#endif
