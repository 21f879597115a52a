/* Names of hosts as a person may believe them: those of other scripts readable where nobody can take them
 * for another name, else as the ASCII that DNS sees (RFC 5891; UTS 39 for what looks alike). Door to libidn2
 * and to libunistring's scripts. */
#ifndef STORE_BASE_DOMAIN_H
#define STORE_BASE_DOMAIN_H

#include <stdbool.h>

struct buf;

/* From harmless to worst: a name is as bad as its worst label. */
enum domain_look {
	DOMAIN_PLAIN,	 /* ASCII */
	DOMAIN_FOREIGN,	 /* another script, or accents; can be told from ASCII */
	DOMAIN_BROKEN,	 /* no name DNS could hold ("xn--" and no punycode, blanks, what is not seen) */
	DOMAIN_MIXED,	 /* letters of scripts that nobody mixes in one label */
	DOMAIN_LOOKALIKE /* all its letters look like Latin ones, and are not */
};

/* Appends DOMAIN (UTF-8 or ASCII, any bytes) as it may be shown: labels that are DOMAIN_MIXED or worse in
 * punycode; behind a name that came in punycode its readable form in brackets, when that is safe. */
enum domain_look domain_add_shown(struct buf *out, const char *domain);
/* How DOMAIN looks, nothing more. */
enum domain_look domain_look(const char *domain);
/* Appends what DOMAIN reads as, labels of punycode decoded, whatever they look like; made exact (utf8.h). */
void domain_add_readable(struct buf *out, const char *domain);
/* Appends DOMAIN as DNS wants it (ASCII, lower case; addresses in numbers as they are). -1 when it is no name. */
int domain_to_ascii(const char *domain, struct buf *out);
/* This machine and no other: "localhost", or an address 127.x.y.z or ::1 in numbers. What only begins like one is a
 * name, and may be anybody's. */
bool domain_is_here(const char *host);

#endif
