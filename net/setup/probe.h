/* Is there a mail server at a place, and does it show a certificate that can be trusted? Nothing is said to it but
 * hello. */
#ifndef NET_SETUP_PROBE_H
#define NET_SETUP_PROBE_H

struct buf;
struct place;
struct tls_trust;

enum probe {
	PROBE_NO,	 /* WORDS say why */
	PROBE_UNTRUSTED, /* a server, but its certificate cannot be trusted by itself: WORDS say why */
	PROBE_YES,
};

enum probe probe_place(const struct place *place, struct tls_trust *trust, struct buf *words);

#endif
