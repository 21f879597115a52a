#include "config.h"
#include "net/network.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/base/loop.h"
#include "store/base/mem.h"

struct network {
	struct loop *loop;
	struct loop_fd *entry;
	struct loop_timer *calm;
	int fd;
	void (*changed)(void *arg);
	void *arg;
};

static void is_calm(void *arg)
{
	struct network *network = arg;

	network->calm = NULL;
	network->changed(network->arg);
}

/* What exactly changed does not matter. */
static void ready(void *arg, short revents)
{
	struct network *network = arg;
	char data[8192];

	(void)revents;
	while (recv(network->fd, data, sizeof data, MSG_DONTWAIT) > 0)
		;
	if (network->calm)
		loop_remove_timer(network->loop, &network->calm);
	network->calm = loop_add_timer(network->loop, "network is calm", NETWORK_CALM_MS, is_calm, network);
}

static int open_socket(void)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK,
				   .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
						RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct network *network_watch(struct loop *loop, void (*changed)(void *arg), void *arg)
{
	struct network *network;
	int fd = open_socket();

	if (fd < 0)
		return NULL;
	network = mem_alloc(sizeof *network);
	*network = (struct network){.loop = loop, .fd = fd, .changed = changed, .arg = arg};
	network->entry = loop_add_fd(loop, "network", fd, POLLIN, ready, network);
	return network;
}

void network_free(struct network **network)
{
	if (!*network)
		return;
	loop_remove_fd((*network)->loop, &(*network)->entry);
	if ((*network)->calm)
		loop_remove_timer((*network)->loop, &(*network)->calm);
	close((*network)->fd);
	free(*network);
	*network = NULL;
}
