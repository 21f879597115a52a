/* The XML by which a domain (or a database of providers) says where its mail is: Mozilla's autoconfig, "config-v1.1"
 * (draft-ietf-mailmaint-autoconfig). Door to expat. Whole documents only: what was not read to its end says nothing. */
#ifndef NET_SETUP_AUTOCONFIG_H
#define NET_SETUP_AUTOCONFIG_H

#include <stddef.h>

#include "net/setup/place.h"

struct err;

/* Adds the servers of TEXT to PLACES, for ADDRESS ("me@example.org"), in the order of the document. -1: it is not
 * XML, has a DOCTYPE or nests deeply. */
int autoconfig_read(const char *text, size_t len, const char *address, struct places *places, struct err *err);

#endif
