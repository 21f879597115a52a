/* Dates of mail, RFC 5322 section 3.3 with the obsolete forms and what the world writes instead. */
#ifndef STORE_BASE_DATE_H
#define STORE_BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct date {
	int64_t time;	/* seconds since 1970 UTC */
	int zone_min;	/* minutes east of UTC, as written */
};

/* 1 understood, 0 not. */
int date_parse(const char *text, size_t len, struct date *date);
/* Appends "Mon, 23 Nov 2026 06:40:44 +0000" in the local zone. Never translated. */
void date_add_rfc5322(struct buf *out, int64_t time);
/* For the index line, 6 columns: "12:31" today, "24 Nov" this year, else "2024"; translated. */
void date_add_short(struct buf *out, int64_t time, int64_t now);
/* For a reader: "24 Nov 2026 12:01", local zone, translated. */
void date_add_long(struct buf *out, int64_t time);

#endif
