/* Still more hostile letters: what moves a terminal in every field, parameter and property that a
 * letter may have, in every charset; names of files as other systems know them; and what is long or
 * much in one place. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "tests/lib/hostile.h"

#define HUGE_BYTES 52428800

static void typed_parts(FILE *out, const char *subject)
{
	hostile_typed(out, subject, "multipart/mixed; boundary=b");
	fprintf(out, "--b\n\n%s\n", subject);
}

static void end_parts(FILE *out)
{
	fprintf(out, "--b--\n");
}

/* --- every field ---------------------------------------------------------------------------- */

static const char *const fields[] = {
    "From",
    "Sender",
    "To",
    "Cc",
    "Bcc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Comments",
    "Keywords",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Resent-Date",
    "Resent-Message-ID",
    "Return-Path",
    "Received",
    "Delivered-To",
    "Envelope-To",
    "X-Original-To",
    "Errors-To",
    "Precedence",
    "Priority",
    "X-Priority",
    "Importance",
    "Sensitivity",
    "X-MSMail-Priority",
    "Auto-Submitted",
    "List-Id",
    "List-Help",
    "List-Subscribe",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Post",
    "List-Owner",
    "List-Archive",
    "Archived-At",
    "Newsgroups",
    "Followup-To",
    "Path",
    "Distribution",
    "Expires",
    "Supersedes",
    "Organization",
    "X-Mailer",
    "User-Agent",
    "X-Face",
    "Face",
    "Mail-Followup-To",
    "Mail-Reply-To",
    "Disposition-Notification-To",
    "Disposition-Notification-Options",
    "Return-Receipt-To",
    "Original-Recipient",
    "Autocrypt",
    "Autocrypt-Gossip",
    "Autocrypt-Setup-Message",
    "OpenPGP",
    "DKIM-Signature",
    "ARC-Seal",
    "Authentication-Results",
    "Received-SPF",
    "X-Spam-Status",
    "X-Label",
    "X-Keywords",
    "X-GM-Labels",
    "Status",
    "X-Status",
    "X-UID",
    "Lines",
    "Content-Length",
    "MIME-Version",
    "Content-ID",
    "Content-Description",
    "Content-Language",
    "Content-Location",
    "Content-Base",
    "Content-MD5",
    "Content-Duration",
    "Content-Features",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "Thread-Topic",
    "Thread-Index",
    "Accept-Language",
    "Solicitation",
    "Jabber-ID",
    "TLS-Required",
    "Deferred-Delivery",
    "X-Originating-IP",
    "X-Sender",
    "X-Face-URL",
    "Feedback-ID",
    "HP-Outer",
    "Protected-Subject",
};

static void every_field(FILE *out, const char *bad)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		fprintf(out, "%s: a%sb <c%s@d%s.example>\n", fields[i], bad, bad, bad);
	fprintf(out, "\nbody\n");
}

/* The control stands at the fold. */
static void folded_fields(FILE *out, const char *bad)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		fprintf(out, "%s:\n %s\n\t%s\n", fields[i], bad, bad);
	fprintf(out, "\nbody\n");
}

static void words_of(FILE *out, const char *charset, const char *bytes, size_t len)
{
	fprintf(out, "=?%s?b?", charset);
	hostile_base64(out, bytes, len);
	fprintf(out, "?=");
}

static void encoded_fields(FILE *out, const char *bad)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		fprintf(out, "%s: ", fields[i]);
		words_of(out, "utf-8", bad, strlen(bad));
		fprintf(out, " <x@e.example>\n");
	}
	fprintf(out, "\nbody\n");
}

static void field_names(FILE *out, const char *bad)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		fprintf(out, "%s%s: x\n%s%s: y\n", fields[i], bad, bad, fields[i]);
	fprintf(out, "\nbody\n");
}

/* --- every parameter ------------------------------------------------------------------------ */

static const char *const parameters[] = {
    "charset",
    "name",
    "format",
    "delsp",
    "boundary",
    "type",
    "start",
    "start-info",
    "method",
    "component",
    "protocol",
    "micalg",
    "report-type",
    "access-type",
    "url",
    "site",
    "directory",
    "mode",
    "server",
    "subject",
    "permission",
    "id",
    "number",
    "total",
    "smime-type",
    "header",
    "profile",
    "version",
    "codecs",
    "x-unix-mode",
    "x-mac-type",
    "x-mac-creator",
    "filename",
    "creation-date",
    "modification-date",
    "read-date",
    "size",
    "handling",
    "odd",
};

static const char *const types[] = {
    "text/plain",
    "text/html",
    "text/calendar",
    "text/vcard",
    "text/enriched",
    "application/pdf",
    "image/png",
    "message/external-body",
    "message/partial",
    "message/rfc822",
    "message/delivery-status",
    "message/disposition-notification",
    "application/ms-tnef",
    "application/pkcs7-mime",
    "application/pgp-encrypted",
    "application/pgp-signature",
    "multipart/report",
    "multipart/signed",
    "multipart/encrypted",
    "multipart/related",
};

static void add_parameters(FILE *out, const char *field, const char *value, const char *bad)
{
	fprintf(out, "%s: %s", field, value);
	for (size_t i = 0; i < ARRAY_COUNT(parameters); i++)
		fprintf(out, ";\n %s=\"%s\"", parameters[i], bad);
	fprintf(out, "\n");
}

static void every_parameter(FILE *out, const char *bad)
{
	typed_parts(out, "parameters");
	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		fprintf(out, "--b\n");
		add_parameters(out, "Content-Type", types[i], bad);
		add_parameters(out, "Content-Disposition", i % 2 ? "attachment" : "inline", bad);
		fprintf(out, "Content-Transfer-Encoding: 8bit; x=\"%s\"\n\nbody %s\n", bad, bad);
	}
	end_parts(out);
}

/* As RFC 2231 writes them. */
static void extended_parameters(FILE *out, const char *bad)
{
	typed_parts(out, "extended");
	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		fprintf(out, "--b\nContent-Type: %s", types[i]);
		for (size_t p = 0; p < ARRAY_COUNT(parameters); p++) {
			fprintf(out, ";\n %s*0*=utf-8'%s'", parameters[p], p % 2 ? "en" : "%1b");
			for (const char *c = bad; *c; c++)
				fprintf(out, "%%%02x", (unsigned char)*c);
			fprintf(out, ";\n %s*1=\"%s\"", parameters[p], bad);
		}
		fprintf(out, "\n\nbody\n");
	}
	end_parts(out);
}

static void every_token(FILE *out, const char *bad)
{
	typed_parts(out, "tokens");
	fprintf(out, "--b\nContent-Type: text%s/plain\n\nx\n", bad);
	fprintf(out, "--b\nContent-Type: text/%s\n\nx\n--b\nContent-Type: %s\n\nx\n", bad, bad);
	fprintf(out, "--b\nContent-Type: application/x%s; name=a%s.txt\n\nx\n", bad, bad);
	fprintf(out, "--b\nContent-Disposition: %s; filename=x\n\nx\n", bad);
	fprintf(out, "--b\nContent-Transfer-Encoding: %s\n\nx\n", bad);
	fprintf(out, "--b\nContent-Type: text/plain; charset=%s\n\n\344\n", bad);
	fprintf(out, "--b\nContent-Type: text/plain; %s=x\nContent-Language: %s\n\nx\n", bad, bad);
	end_parts(out);
}

/* --- every charset -------------------------------------------------------------------------- */

static const char *const charsets[] = {
    "us-ascii",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-9",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1255",
    "windows-1256",
    "windows-1258",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "mac-cyrillic",
    "cp437",
    "cp850",
    "cp866",
    "cp864",
    "tis-620",
    "shift_jis",
    "euc-jp",
    "iso-2022-jp",
    "iso-2022-jp-2",
    "iso-2022-kr",
    "iso-2022-cn",
    "iso-2022-cn-ext",
    "hz-gb-2312",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "big5-hkscs",
    "euc-kr",
    "ks_c_5601-1987",
    "johab",
    "euc-tw",
    "utf-7",
    "utf-8",
    "utf-16",
    "utf-16be",
    "utf-16le",
    "utf-32",
    "utf-32be",
    "utf-32le",
    "ucs-2",
    "ucs-4",
    "utf-7-imap",
    "cesu-8",
    "utf-1",
    "scsu",
    "bocu-1",
    "utf-ebcdic",
    "ebcdic-us",
    "ibm037",
    "ibm1047",
    "viscii",
    "tcvn",
    "armscii-8",
    "georgian-ps",
    "t.61",
    "ansel",
    "java",
    "c99",
    "char",
    "wchar_t",
    "unicode",
    "unicode-1-1-utf-7",
    "x-user-defined",
    "x-unknown",
    "binary",
    "8bit",
    "default",
    "none",
    "//TRANSLIT",
    "utf-8//IGNORE",
};

/* Every byte there is, but line ends. */
static size_t all_bytes(char *out)
{
	size_t len = 0;

	for (int c = 0; c < 256; c++)
		if (c != '\n' && c != '\r')
			out[len++] = (char)c;
	return len;
}

static void charset_bodies(FILE *out, const char *tail)
{
	char bytes[300];
	size_t len = all_bytes(bytes);

	typed_parts(out, "charsets");
	for (size_t i = 0; i < ARRAY_COUNT(charsets); i++) {
		fprintf(out, "--b\nContent-Type: text/plain; charset=\"%s\"\n", charsets[i]);
		fprintf(out, "Content-Transfer-Encoding: base64\n\n");
		hostile_base64(out, bytes, len);
		fprintf(out, "\n--b\nContent-Type: text/html; charset=\"%s\"\n\n", charsets[i]);
		fwrite(bytes, 1, len, out);
		fprintf(out, "%s\n", tail);
	}
	end_parts(out);
}

static void charset_words(FILE *out, const char *unused)
{
	char bytes[300];
	size_t len = all_bytes(bytes);

	(void)unused;
	for (size_t i = 0; i < ARRAY_COUNT(charsets); i++) {
		fprintf(out, "%s: ", fields[i % 12]);
		words_of(out, charsets[i], bytes, len);
		fprintf(out, "\n");
	}
	fprintf(out, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (size_t i = 0; i < ARRAY_COUNT(charsets); i++) {
		fprintf(out, "--b\nContent-Disposition: attachment; filename*=%s''", charsets[i]);
		for (size_t c = 0; c < len; c++)
			fprintf(out, "%%%02X", (unsigned char)bytes[c]);
		fprintf(out, "\n\nx\n");
	}
	end_parts(out);
}

/* An escape in two bytes a character, and in four. */
static void wide_escapes(FILE *out, const char *charset)
{
	static const char bad[] = ESC_TITLE ESC_CLEAR "\n" ESC_COPY;
	int zeros = strstr(charset, "32") ? 3 : 1;

	hostile_top(out, charset);
	fprintf(out, "Content-Type: text/plain; charset=%s\nContent-Transfer-Encoding: 8bit\n\n",
		charset);
	for (size_t i = 0; i < sizeof bad - 1; i++) {
		for (int k = 0; k < zeros && !strstr(charset, "le"); k++)
			fputc(0, out);
		fputc(bad[i], out);
		for (int k = 0; k < zeros && strstr(charset, "le"); k++)
			fputc(0, out);
	}
}

/* --- names of files ------------------------------------------------------------------------- */

static const char *const system_names[] = {
    "CON",
    "PRN.txt",
    "AUX ",
    "nul.",
    "COM1",
    "COM9.log",
    "LPT1",
    "LPT9.txt",
    "CLOCK$",
    "CONIN$",
    "com\302\271",
    "file.txt:stream",
    "file.txt::$DATA",
    "\\\\\\\\server\\\\share\\\\x",
    "\\\\\\\\?\\\\C:\\\\x",
    "C:x",
    "c:\\\\windows\\\\x",
    "..\\\\..\\\\up.txt",
    "..\\\\",
    "x/..",
    "x/../../y",
    "/../x",
    "./x",
    "//x",
    "/",
    "//",
    "~",
    "~/.ssh/authorized_keys",
    "$HOME/x",
    ".ssh/authorized_keys",
    ".forward",
    ".procmailrc",
    ".git/config",
    ".config/tern/config",
    "Makefile",
    "desktop.ini",
    "Thumbs.db",
    "autorun.inf",
    ".DS_Store",
    "x.desktop",
    "x.lnk",
    "x.scr",
    "x.pdf .exe",
    "x.pdf                                                                                         "
    " .exe",
    "trail.",
    "trail..",
    "trail . .",
    "trail ",
    "   lead",
    "\tlead",
    "-",
    "--",
    "-o",
    "-oProxyCommand=x",
    "--output=/tmp/x",
    "a\vb",
    "a\fb",
    "a\rb",
    "a\bb",
    "a\177b",
    "a\302\205b",
    "a\342\200\250b",
    "a\342\200\251b",
    "a\302\240b",
    "a\357\273\277b",
    "%2e%2e%5cx",
    "..%c0%afx",
    "..%252fx",
    "%",
    "%s%n",
    "%d%d%d%d",
    "&#47;x",
    "..;/x",
    "a\000b",
    "a\\0b",
    "{a,b}",
    "[a]",
    "!x",
    "#x",
    "x&y",
    "x>y",
    "x<y",
    "x=y",
    "x^y",
    "\302\255",
    "\342\201\240",
    "\343\200\200",
    "\314\201",
    "\341\205\237",
    "e\314\201.txt",
    "\303\251.txt",
    "\357\254\201.txt",
    "fi.txt",
    "A.TXT",
    "a.txt",
    "\304\260.txt",
    "i\314\207.txt",
    "\357\274\216\357\274\216\357\274\217x",
    "\342\200\245/x",
    "\342\210\226x",
    "\357\274\274x",
    "\342\201\204x",
};

static void named(FILE *out, const char *name, size_t number)
{
	fprintf(out, "--b\nContent-Type: application/x-way; name=\"%s\"\n", name);
	fprintf(out, "Content-Disposition: attachment; filename=\"%s\"\n\npart %zu\n", name,
		number);
}

static void names_of_systems(FILE *out, const char *unused)
{
	(void)unused;
	typed_parts(out, "names-systems");
	for (size_t i = 0; i < ARRAY_COUNT(system_names); i++)
		named(out, system_names[i], i);
	end_parts(out);
}

/* PIECE as often as makes about LENGTH bytes, with endings behind. */
static void long_name(FILE *out, const char *piece, size_t length, const char *end)
{
	fprintf(out, "--b\nContent-Disposition: attachment; filename=\"");
	hostile_repeat(out, piece, (long)(length / strlen(piece)));
	fprintf(out, "%s\"\n\n%zu\n", end, length);
}

static void names_long(FILE *out, const char *piece)
{
	static const size_t lengths[] = {100, 200, 240, 250, 251,  252,	 253,  254,
					 255, 256, 257, 300, 1000, 4095, 4096, 20000};

	typed_parts(out, "names-long");
	for (size_t i = 0; i < ARRAY_COUNT(lengths); i++) {
		long_name(out, piece, lengths[i], ".txt");
		long_name(out, piece, lengths[i], "");
		long_name(
		    out, piece, lengths[i],
		    ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	}
	end_parts(out);
}

/* What a second one of a name would be called is here already. */
static void names_numbered(FILE *out, const char *unused)
{
	static const char *const names[] = {
	    "x.txt", "x-2.txt", "x.txt", "x (1).txt", "x-3.txt", "x.txt",
	    "X.TXT", "x-2.txt", "x",	 "x-2",	      "x",	 ".txt",
	    ".txt",  "x.",	"x.",	 "x.tar.gz",  "x.tar.gz"};

	(void)unused;
	typed_parts(out, "names-numbered");
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		named(out, names[i], i);
	end_parts(out);
}

static void names_escaped(FILE *out, const char *bad)
{
	typed_parts(out, "names-escaped");
	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		fprintf(out,
			"--b\nContent-Type: %s; name=\"n%s\"\nContent-Disposition: attachment; "
			"filename=\"f%s.%zu\"\n"
			"Content-Description: d%s\n\nx\n",
			types[i], bad, bad, i, bad);
	end_parts(out);
}

/* --- cards, reports, files within the text -------------------------------------------------- */

static void vcard_properties(FILE *out, const char *bad)
{
	static const char *const names[] = {
	    "FN",	  "N",	     "NICKNAME", "PHOTO", "BDAY",  "ADR",   "LABEL", "TEL",
	    "EMAIL",	  "MAILER",  "TZ",	 "GEO",	  "TITLE", "ROLE",  "LOGO",  "ORG",
	    "CATEGORIES", "NOTE",    "REV",	 "SOUND", "UID",   "URL",   "KEY",   "IMPP",
	    "LANG",	  "RELATED", "XML",	 "X-ODD", "KIND",  "GENDER"};

	hostile_typed(out, "vcard", "text/vcard; charset=utf-8");
	for (int card = 0; card < 3; card++) {
		fprintf(out, "BEGIN:VCARD\nVERSION:%d.0\n", card + 2);
		for (size_t i = 0; i < ARRAY_COUNT(names); i++)
			fprintf(out, "%s;TYPE=%s;X=\"%s\":%s;%s\\n%s\n", names[i], bad, bad, bad,
				bad, bad);
		fprintf(out, "END:VCARD\n");
	}
}

static void calendar_properties(FILE *out, const char *method)
{
	static const char *const names[] = {
	    "SUMMARY",	  "LOCATION",	"DESCRIPTION",	  "ORGANIZER",
	    "ATTENDEE",	  "CATEGORIES", "COMMENT",	  "CONTACT",
	    "URL",	  "ATTACH",	"RESOURCES",	  "STATUS",
	    "CLASS",	  "UID",	"SEQUENCE",	  "GEO",
	    "PRIORITY",	  "RELATED-TO", "REQUEST-STATUS", "RECURRENCE-ID",
	    "RRULE",	  "EXDATE",	"DURATION",	  "X-ALT-DESC",
	    "CONFERENCE", "COLOR",	"IMAGE",	  "DTSTAMP",
	    "TRANSP"};

	hostile_top(out, "calendar");
	fprintf(
	    out,
	    "Content-Type: text/calendar; method=%s; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:%s\n",
	    method, method);
	fprintf(out, "PRODID:%s\nVERSION:%s\nX-WR-CALNAME:%s\nBEGIN:VEVENT\n", ALL, ALL, ALL);
	fprintf(out, "UID:x%s\nDTSTART;TZID=\"%s\":20261128T090000\nDTEND:20261128T110000Z\n",
		ESC_CLEAR, ALL);
	fprintf(out, "ORGANIZER;CN=\"%s\":mailto:o@evil.example\n", ALL);
	fprintf(out, "ATTENDEE;CN=\"%s\";PARTSTAT=%s;ROLE=%s:mailto:me@localhost\n", ALL, ESC_CLEAR,
		ESC_CLEAR);
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		fprintf(out, "%s;X=\"%s\":%s\\n%s\n", names[i], ALL, ALL, ALL);
	fprintf(out, "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:%s\nDESCRIPTION:%s\nEND:VALARM\n", ALL,
		ALL);
	fprintf(out, "END:VEVENT\nEND:VCALENDAR\n");
}

/* Who gets an answer to it. */
static void calendar_organizer(FILE *out, const char *organizer)
{
	hostile_top(out, "organizer");
	fprintf(out, "Content-Type: text/calendar; "
		     "method=REQUEST\n\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n");
	fprintf(out, "UID:a\\nBEGIN:VALARM\r\nSUMMARY:x\\nORGANIZER:mailto:b@b\r\nDTSTART:"
		     "20261128T090000Z\r\n");
	fprintf(out,
		"%s\r\nATTENDEE;RSVP=TRUE:mailto:me@localhost\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		organizer);
}

static void report_fields(FILE *out, const char *bad)
{
	static const char *const names[] = {"Reporting-MTA", "DSN-Gateway", "Received-From-MTA",
					    "Arrival-Date", "Original-Envelope-Id"};
	static const char *const each[] = {"Original-Recipient",
					   "Final-Recipient",
					   "Action",
					   "Status",
					   "Remote-MTA",
					   "Diagnostic-Code",
					   "Last-Attempt-Date",
					   "Will-Retry-Until",
					   "Final-Log-ID"};

	hostile_typed(out, "report", "multipart/report; report-type=delivery-status; boundary=b");
	fprintf(out, "--b\n\nreport\n--b\nContent-Type: message/delivery-status\n\n");
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		fprintf(out, "%s: dns; %s\n", names[i], bad);
	for (int i = 0; i < 3; i++) {
		fprintf(out, "\n");
		for (size_t k = 0; k < ARRAY_COUNT(each); k++)
			fprintf(out, "%s: rfc822; a%s@b%s\n %s\n", each[k], bad, bad, bad);
	}
	fprintf(out,
		"\n--b\nContent-Type: text/rfc822-headers\n\nFrom: %s\nSubject: %s\nMessage-ID: "
		"<%s>\n--b--\n",
		bad, bad, bad);
}

static void feedback(FILE *out, const char *bad)
{
	hostile_typed(out, "feedback", "multipart/report; report-type=feedback-report; boundary=b");
	fprintf(out,
		"--b\n\nx\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: "
		"%s\nUser-Agent: %s\n",
		bad, bad);
	fprintf(out, "Original-Mail-From: <%s>\nReported-Domain: %s\n\n--b--\n", bad, bad);
}

static void armour(FILE *out, const char *bad)
{
	static const char *const kinds[] = {
	    "MESSAGE",		 "SIGNED MESSAGE",    "SIGNATURE",   "PUBLIC KEY BLOCK",
	    "PRIVATE KEY BLOCK", "MESSAGE, PART 1/2", "ARMORED FILE"};

	hostile_typed(out, "armour", "text/plain; charset=utf-8");
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		fprintf(out,
			"-----BEGIN PGP %s-----\nVersion: %s\nComment: %s\nHash: %s\nCharset: "
			"%s\n\n%s\n-----END PGP %s-----\n",
			kinds[i], bad, bad, bad, bad, bad, kinds[i]);
	fprintf(out, "-----BEGIN PGP %s-----\n\nx\n-----END PGP %s-----\n", bad, bad);
}

static void files_in_text(FILE *out, const char *bad)
{
	hostile_typed(out, "files", "text/plain");
	fprintf(out, "begin 644 %s\n#86)C\n`\nend\n\nbegin 644 ../../%s\n#86)C\n`\nend\n\n", bad,
		bad);
	fprintf(out, "=ybegin line=128 size=3 name=%s\n\213\214\215\n=yend size=3\n\n", bad);
	fprintf(out,
		"=ybegin part=1 total=2 line=128 size=6 name=../%s\n=ypart begin=1 "
		"end=3\n\213\214\215\n=yend size=3 part=1\n",
		bad);
	fprintf(out, "begin-base64 644 %s\nYWJj\n====\n", bad);
}

static void external(FILE *out, const char *bad)
{
	static const char *const kinds[] = {"local-file",  "ftp", "anon-ftp",	"tftp", "afs",
					    "mail-server", "URL", "content-id", "x"};

	typed_parts(out, "external");
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
		fprintf(out,
			"--b\nContent-Type: message/external-body; access-type=%s; "
			"name=\"/etc/%s\"; site=\"%s\"; url=\"http://e/%s\";\n"
			" server=\"%s\"; subject=\"%s\"; expiration=\"%s\"\n\nContent-Type: "
			"text/%s\nContent-ID: <%s>\n\n",
			kinds[i], bad, bad, bad, bad, bad, bad, bad, bad);
	end_parts(out);
}

/* --- web pages ------------------------------------------------------------------------------ */

static void html_attributes(FILE *out, const char *bad)
{
	static const char *const names[] = {
	    "title",	  "alt",   "cite",    "summary", "label", "placeholder", "value",
	    "aria-label", "lang",  "dir",     "class",	 "id",	  "name",	 "width",
	    "color",	  "face",  "bgcolor", "start",	 "type",  "datetime",	 "content",
	    "abbr",	  "style", "colspan", "href",	 "src"};
	static const char *const tags[] = {
	    "p",      "a",	"img",	      "td",   "th",    "li",   "ol",	"input",
	    "button", "option", "blockquote", "abbr", "q",     "time", "meter", "area",
	    "iframe", "object", "video",      "meta", "table", "font", "base"};

	hostile_typed(out, "html-attributes", "text/html; charset=utf-8");
	for (size_t t = 0; t < ARRAY_COUNT(tags); t++) {
		fprintf(out, "<%s", tags[t]);
		for (size_t i = 0; i < ARRAY_COUNT(names); i++)
			fprintf(out, " %s=\"%s\"", names[i], bad);
		fprintf(out, ">x%s</%s>\n", bad, tags[t]);
	}
}

/* TEXT as it stands, with TYPE text/html. */
static void page(FILE *out, const char *text)
{
	hostile_typed(out, "page", "text/html; charset=utf-8");
	fprintf(out, "%s\n", text);
}

/* --- much ----------------------------------------------------------------------------------- */

/* TEXT is "Name: what is repeated": a field of about a tenth of a megabyte, and a name of a file.
 */
static void flooded(FILE *out, const char *text)
{
	long times = 100000 / (long)strlen(text);

	fprintf(out, "From: ");
	hostile_repeat(out, text, times);
	fprintf(out, " <f@evil.example>\nTo: me@localhost, ");
	hostile_repeat(out, text, times);
	fprintf(out, " <t@e.example>\nSubject: a");
	hostile_repeat(out, text, times);
	fprintf(out, "\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		     "text/plain; charset=utf-8; name=\"");
	hostile_repeat(out, text, times);
	fprintf(out, "\"\n\na");
	hostile_repeat(out, text, times);
	fprintf(out, "\n--b\nContent-Disposition: attachment; filename=\"");
	hostile_repeat(out, text, times);
	fprintf(out, "\"\n\nx\n--b--\n");
}

static void deep_of(FILE *out, const char *type)
{
	hostile_typed(out, "deep", "multipart/mixed; boundary=b0");
	for (int i = 0; i < 10000; i++)
		fprintf(out, "--b%d\nContent-Type: %s; boundary=b%d\n\n", i, type, i + 1);
	fprintf(out, "--b10000\n\nthe end\n");
}

/* Letters in letters, each in base64 again: a third longer each time. */
static void deep_base64(FILE *out, const char *unused)
{
	char *inner = strdup("Subject: inmost\n\n\033[2J\n");

	(void)unused;
	for (int i = 0; i < 30; i++) {
		char *bytes = NULL;
		size_t len = 0;
		FILE *file = open_memstream(&bytes, &len);

		fprintf(file,
			"Subject: %d\nContent-Type: message/rfc822\nContent-Transfer-Encoding: "
			"base64\n\n",
			i);
		hostile_base64(file, inner, strlen(inner));
		fprintf(file, "\n");
		fclose(file);
		free(inner);
		inner = bytes;
	}
	fputs(inner, out);
	free(inner);
}

static void boundary_of(FILE *out, const char *boundary)
{
	hostile_top(out, "boundary");
	fprintf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\n\n", boundary);
	for (int i = 0; i < 3; i++)
		fprintf(out, "--%s\nContent-Type: multipart/mixed; boundary=\"%s\"\n\nx\n",
			boundary, boundary);
	fprintf(out, "--%s--\n", boundary);
}

static void boundary_long(FILE *out, const char *unused)
{
	char boundary[10001];

	(void)unused;
	memset(boundary, 'b', sizeof boundary - 1);
	boundary[sizeof boundary - 1] = '\0';
	boundary_of(out, boundary);
}

static void as_is(FILE *out, const char *text)
{
	fputs(text, out);
}

static void only(FILE *out, const char *text)
{
	hostile_repeat(out, text, 20000);
}

static void headers_of(FILE *out, const char *line)
{
	fprintf(out, "From: e@e.example\nSubject: headers\n");
	for (int i = 0; i < 100000; i++)
		fprintf(out, "%s-%d: \033[2J%d\n", line, i, i);
	fprintf(out, "\nbody\n");
}

static void dates(FILE *out, const char *unused)
{
	static const char *const odd[] = {
	    ALL,
	    "Mon, 23 Nov 2026 25:61:61 +2561",
	    "Feb 30 2026",
	    "Thu, 29 Feb 1900 00:00:00 GMT",
	    "31 Feb 26 24:00 Z",
	    "1 Jan 70 00:00:00 -2400",
	    "Mon, 23 Nov 2026 06:00:00 +0000 (\033]0;x\007)",
	    "Mon, 23 Nov 2026 06:00:00 \033[2J",
	    "=?utf-8?q?=1B[2J?=",
	    "1e999",
	    "0x7fffffff",
	    "-9223372036854775808",
	    "9223372036854775807",
	    "23 Nov 2026 06:00:60 +0000",
	    ",,,,,,,,",
	    "Mon Mon Mon Nov Nov Nov",
	    "\342\200\256 2026",
	    "Mon, 23 Nov \331\242\331\240\331\242\331\246 06:00:00 +0000",
	    "23/11/2026",
	    "2026-11-23T06:00:00+99:99",
	    "1 Nov 02147483648 0:0:0"};

	(void)unused;
	fprintf(out, "From: e@e.example\nSubject: dates\n");
	for (size_t i = 0; i < ARRAY_COUNT(odd); i++)
		fprintf(out, "Date: %s\nReceived: by x; %s\nResent-Date: %s\n", odd[i], odd[i],
			odd[i]);
	fprintf(out, "\nbody\n");
}

#define WHITE_BYTES 900000 /* less than a field may have */

/* FIELD with white space wherever some may stand. */
static void white_of(FILE *out, const char *field)
{
	fprintf(out, "From: e@e.example\nSubject: white\n%s", field);
	hostile_repeat(out, " ", WHITE_BYTES);
	fprintf(out, "x");
	hostile_repeat(out, "\t", 1000);
	fprintf(out, "; a=b\n\nbody\n");
}

/* Each is as large as the one around it. */
static void deep_quoted(FILE *out, const char *unused)
{
	(void)unused;
	hostile_top(out, "deep quoted");
	hostile_repeat(out, "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n", 126);
	fprintf(out, "Subject: inmost\n\n");
	hostile_repeat(out, "a line of the inmost letter\n", 50000);
}

/* Each line is held against every boundary. */
static void boundaries_many(FILE *out, const char *line)
{
	hostile_typed(out, "boundaries", "multipart/mixed; boundary=\"0\"");
	for (int i = 0; i < 120; i++)
		fprintf(out, "--%c\nContent-Type: multipart/mixed; boundary=\"%c\"\n\n", '0' + i % 40,
			'0' + (i + 1) % 40);
	hostile_repeat(out, line, 1400000 / (long)strlen(line));
}

/* A name of at signs that is the address, again and again. */
static void senders_of_ats(FILE *out, const char *field)
{
	fprintf(out, "Subject: ats\n%s: ", field);
	for (int i = 0; i < 60; i++) {
		fprintf(out, "\"");
		hostile_repeat(out, "a@", 1000);
		fprintf(out, "a\" <");
		hostile_repeat(out, "a@", 1000);
		fprintf(out, "a>,\n ");
	}
	fprintf(out, "b@b.example\n\nbody\n");
}

/* TEXT is "TYPE|what is repeated"; the type may hold more fields. */
static void huge_of(FILE *out, const char *text)
{
	const char *bar = strchr(text, '|');
	char type[200];

	snprintf(type, sizeof type, "%.*s", (int)(bar - text), text);
	hostile_typed(out, "huge", type);
	hostile_repeat(out, bar + 1, HUGE_BYTES / (long)strlen(bar + 1));
}

static void huge_header(FILE *out, const char *text)
{
	fprintf(out, "From: e@e.example\nSubject: huge\n");
	hostile_repeat(out, text, HUGE_BYTES / (long)strlen(text));
	fprintf(out, "\n\nbody\n");
}

static void huge_zeros(FILE *out, const char *type)
{
	static const char zeros[4096];

	hostile_typed(out, "zeros", type);
	for (int i = 0; i < HUGE_BYTES / 4096; i++)
		fwrite(zeros, 1, sizeof zeros, out);
}

/* A letter of 50 MB, in base64, in a letter. */
static void huge_letter(FILE *out, const char *unused)
{
	static const char head[] = "Subject: in base64\nFrom: e@e.example\n\nlong";
	char line[58];

	(void)unused;
	hostile_typed(out, "letter", "multipart/mixed; boundary=b");
	fprintf(
	    out,
	    "--b\n\nx\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n");
	hostile_base64(out, head, 42);
	fputc('\n', out);
	memset(line, 'y', 56);
	line[56] = '\n';
	for (int i = 0; i < HUGE_BYTES / 77; i++) {
		hostile_base64(out, line, 57);
		fputc('\n', out);
	}
	fprintf(out, "--b--\n");
}

#define FLAGS "\360\237\217\264\363\240\201\247\363\240\201\242\363\240\201\277"
#define FAMILY                                                                                     \
	"\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247\342\200\215"

const struct letter field_letters[] = {
    {"known-fields", every_field, ALL},
    {"known-fields-osc", every_field, ESC_OPEN},
    {"known-fields-string", every_field, APC},
    {"known-fields-turned", every_field, BIDI},
    {"known-fields-c1", every_field, C1_RAW C1_UTF8 OVERLONG},
    {"known-fields-folded", folded_fields, ALL},
    {"known-fields-encoded", encoded_fields, ALL},
    {"known-fields-encoded-c1", encoded_fields, C1_UTF8 "\r\n" RESET},
    {"field-names", field_names, ALL},
    {"field-names-c1", field_names, C1_UTF8},
    {"every-parameter", every_parameter, ALL},
    {"every-parameter-c1", every_parameter, C1_RAW C1_UTF8},
    {"every-parameter-extended", extended_parameters, ALL},
    {"every-token", every_token, ESC_CLEAR},
    {"every-token-c1", every_token, C1_UTF8 C1_RAW},
    {"every-token-controls", every_token, CONTROLS},
    {"every-charset", charset_bodies, ALL},
    {"every-charset-word", charset_words, NULL},
    {"escape-utf-16be", wide_escapes, "utf-16be"},
    {"escape-utf-16le", wide_escapes, "utf-16le"},
    {"escape-utf-16", wide_escapes, "utf-16"},
    {"escape-utf-32le", wide_escapes, "utf-32le"},
    {"escape-utf-32", wide_escapes, "utf-32"},
    {"names-systems", names_of_systems, NULL},
    {"names-long", names_long, "x"},
    {"names-long-wide", names_long, "\345\255\227"},
    {"names-long-combining", names_long, "a\314\201\314\202"},
    {"names-long-emoji", names_long, FAMILY},
    {"names-long-dots", names_long, "."},
    {"names-long-spaces", names_long, " "},
    {"names-long-raw", names_long, "\344"},
    {"names-numbered", names_numbered, NULL},
    {"names-escaped", names_escaped, ALL},
    {"names-escaped-c1", names_escaped, C1_RAW C1_UTF8},
    {"names-turned", names_escaped, "annex\342\200\256fdp.exe"},
    {"vcard-properties", vcard_properties, ALL},
    {"vcard-properties-c1", vcard_properties, C1_UTF8 C1_RAW BIDI},
    {"calendar-request", calendar_properties, "REQUEST"},
    {"calendar-cancel", calendar_properties, "CANCEL"},
    {"calendar-reply", calendar_properties, "REPLY"},
    {"calendar-counter", calendar_properties, "COUNTER"},
    {"calendar-publish", calendar_properties, "PUBLISH"},
    {"calendar-method", calendar_properties, "\033[2J"},
    {"calendar-to-nobody", calendar_organizer, "X:y"},
    {"calendar-to-two", calendar_organizer,
     "ORGANIZER:mailto:a@e.example,b@e.example?cc=c@e.example"},
    {"calendar-to-line", calendar_organizer, "ORGANIZER:mailto:a@e.example%0d%0aBcc:v@e.example"},
    {"calendar-to-quoted", calendar_organizer,
     "ORGANIZER;CN=\"x\033[2J <boss@bank.example>\":mailto:\"a\nb\"@e.example"},
    {"calendar-to-http", calendar_organizer, "ORGANIZER:http://127.0.0.1:9/"},
    {"calendar-to-file", calendar_organizer, "ORGANIZER:file:///etc/passwd"},
    {"calendar-to-option", calendar_organizer, "ORGANIZER:mailto:-oQ/tmp@e.example"},
    {"report-fields", report_fields, ALL},
    {"report-fields-c1", report_fields, C1_UTF8 C1_RAW BIDI},
    {"feedback", feedback, ALL},
    {"armour", armour, ALL},
    {"armour-c1", armour, C1_UTF8 C1_RAW BIDI},
    {"files-in-text", files_in_text, ESC_CLEAR},
    {"files-in-text-c1", files_in_text, C1_UTF8},
    {"files-in-text-turned", files_in_text, BIDI},
    {"files-in-text-slash", files_in_text, "/tmp/hostile-uu"},
    {"external-all", external, ALL},
    {"page-attributes", html_attributes, ESC_CLEAR},
    {"page-attributes-c1", html_attributes, C1_UTF8},
    {"page-attributes-entities", html_attributes, "&#27;]0;x&#7;&#155;2J&#x202e;"},
    {"page-css", page,
     "<style>p::before{content:'\\1b[2J\\9b 2J'}</style><p style=\"content:'\\1b[2J'\">x"},
    {"page-user", page,
     "<a href='https://bank.example@evil.example/'>https://bank.example/</a><a "
     "href='https://bank.example\\@evil.example'>b</a>"},
    {"page-hosts", page,
     "<a href='https://b\320\260nk.example/'>bank</a><a href='https://xn--bnk-5cd.example'>b</a><a "
     "href='https://\342\200\256knab.example'>c</a>"},
    {"page-data", page,
     "<img src='data:image/png;base64,////'><a "
     "href='data:text/html,<script>alert(1)</script>'>d</a><iframe srcdoc='&#27;[2J'>"},
    {"page-lines", page,
     "<a href='java\nscript:x'>a</a><a href='ht\ttp://e.example/\r\n\033[2J'>b</a><a "
     "href=\"\1javascript:x\">c</a>"},
    {"page-turned", page,
     "<p dir=rtl>\342\200\256abc</p><bdo dir=rtl>exe.fdp</bdo>&rlm;&#x2067;x&#x2066;y"},
    {"page-nul", page,
     "<p\033>x</p><a\302\233 href=x>y</a><\033[2J><!\033[2J><?\033[2J?></\033[2J>"},
    {"flood-combining", flooded, "\314\200\314\201"},
    {"flood-zero-width", flooded, "\342\200\213\342\200\214\342\201\240\357\273\277"},
    {"flood-joiners", flooded, "\342\200\215"},
    {"flood-family", flooded, FAMILY},
    {"flood-flags", flooded, FLAGS},
    {"flood-selectors", flooded, "\357\270\217\363\240\204\200"},
    {"flood-turning", flooded, "\342\200\256\342\200\254\342\201\247\342\201\251"},
    {"flood-arabic", flooded, "\331\204\330\247\331\213\331\214"},
    {"flood-indic", flooded, "\340\244\225\340\245\215\342\200\215"},
    {"flood-jamo", flooded, "\341\204\200"},
    {"flood-wide", flooded, "\357\275\201\345\255\227"},
    {"flood-ligature", flooded, "\357\267\272"},
    {"flood-tabs", flooded, "\t"},
    {"flood-feeds", flooded, "\f\v"},
    {"flood-tags", flooded, TAGS},
    {"flood-private", flooded, "\364\217\277\275\356\200\200"},
    {"flood-tibetan", flooded, "\340\275\240\340\275\261\340\275\262\340\276\200"},
    {"flood-interlinear", flooded, "\357\277\271\357\277\272\357\277\273"},
    {"deep-signed", deep_of, "multipart/signed; protocol=\"application/pgp-signature\""},
    {"deep-encrypted", deep_of, "multipart/encrypted; protocol=\"application/pgp-encrypted\""},
    {"deep-alternative", deep_of, "multipart/alternative"},
    {"deep-related", deep_of, "multipart/related; start=x"},
    {"deep-digest", deep_of, "multipart/digest"},
    {"deep-report", deep_of, "multipart/report; report-type=delivery-status"},
    {"deep-unknown", deep_of, "multipart/x-odd"},
    {"deep-base64", deep_base64, NULL},
    {"boundary-70", boundary_of,
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
    {"boundary-71", boundary_of,
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
    {"boundary-10000", boundary_long, NULL},
    {"boundary-blank", boundary_of, " "},
    {"boundary-8bit", boundary_of, "\344\377"},
    {"boundary-utf-8", boundary_of, "\303\244\342\200\256"},
    {"boundary-percent", boundary_of, "%s%n%d"},
    {"boundary-return", as_is,
     "Content-Type: multipart/mixed; boundary=\"a\rb\"\n\n--a\rb\n\nx\n--a\n\ny\n"},
    {"boundary-in-field", as_is, "Content-Type: multipart/mixed; boundary=b\n--b\n\nx\n--b--\n"},
    {"boundary-closed-first", as_is,
     "Content-Type: multipart/mixed; boundary=b\n\n--b--\n--b\n\nx\n--b--\n--b\n\ny\n"},
    {"only-tab", only, "\t"},
    {"only-dots", only, ".\n"},
    {"only-dashes", only, "--\n"},
    {"only-from", only, "From \n"},
    {"only-bytes", only, "\377\376\200\201"},
    {"only-boms", only, "\357\273\277"},
    {"only-subjects", only, "Subject:\n"},
    {"only-content", only, "Content-Type:\n"},
    {"only-escapes", only, "\033[2J\n"},
    {"headers-different", headers_of, "X-Odd"},
    {"headers-resent", headers_of, "Resent-To"},
    {"dates-all", dates, NULL},
    {"headers-utf-7", as_is,
     "From: +AGIAbwBzAHM- <m@e>\nSubject: +ABsAWwAyAEo- ~{VP~} \033$B\033(B\033[2J\n\nx\n"},
    {"headers-utf-16", as_is,
     "Subject: =?utf-16?q?=00=1B=00[=002=00J?= =?utf-16le?b?GwBbADIASgA=?= "
     "=?utf-32?b?AAAAGwAAAFs=?=\n\nx\n"},
    {"headers-c1-words", as_is,
     "Subject: =?iso-8859-1?q?=9B2J=9D0;x=9C?= =?windows-1252?q?=9D0;x=07?= =?koi8-r?q?=9B2J?= "
     "=?cp437?q?=9B=1B?=\n\nx\n"},
    {"headers-nested-words", as_is,
     "Subject: =?utf-8?q?=3D=3Futf-8=3Fq=3F=3D1B=5B2J=3F=3D?=\nFrom: =?utf-8?q?=22=3C=3Ca=40b=3E?= "
     "<m@e>\n\nx\n"},
    {"headers-white-type", white_of, "Content-Type: text/plain"},
    {"headers-white-place", white_of, "Content-Disposition: attachment"},
    {"headers-white-subject", white_of, "Subject: "},
    {"headers-white-address", white_of, "To: "},
    {"headers-white-ids", white_of, "References: <a@b"},
    {"headers-ats", senders_of_ats, "From"},
    {"deep-quoted", deep_quoted, NULL},
    {"boundaries-many", boundaries_many, "--z\n"},
    {"boundaries-many-ends", boundaries_many, "--z--\n"},
    {"huge-cr", huge_of, "text/plain|\r"},
    {"huge-crlf", huge_of, "text/plain|\r\n"},
    {"huge-tabs", huge_of, "text/plain|\t"},
    {"huge-feeds", huge_of, "text/plain|\f"},
    {"huge-zeros", huge_zeros, "text/plain"},
    {"huge-zeros-html", huge_zeros, "text/html"},
    {"huge-zero-width", huge_of, "text/plain; charset=utf-8|\342\200\213"},
    {"huge-rtl", huge_of, "text/plain; charset=utf-8|\327\220 "},
    {"huge-bytes", huge_of, "text/plain|\377\376"},
    {"huge-diff", huge_of, "text/x-diff|@@ -1 +1 @@\n+a\n-b\n"},
    {"huge-links", huge_of, "text/plain|http://a.example/ "},
    {"huge-stairs", huge_of, "text/plain|>>>>>>>>>>>> a\n> b\n"},
    {"huge-signatures", huge_of, "text/plain|-- \n"},
    {"huge-from", huge_of, "text/plain|From x\n"},
    {"huge-yenc", huge_of, "text/plain|=ybegin line=128 size=3 name=x\nabc\n=yend size=3\n"},
    {"huge-boundaries", huge_of, "multipart/mixed; boundary=b|--b-\n"},
    {"huge-empty-parts", huge_of, "multipart/mixed; boundary=b|--b\n"},
    {"huge-letters", huge_of, "multipart/digest; boundary=b|--b\n\nSubject: x\n\ny\n"},
    {"huge-qp", huge_of, "text/plain\nContent-Transfer-Encoding: quoted-printable|=1B[2J"},
    {"huge-ampersands", huge_of, "text/html|&amp"},
    {"huge-cells", huge_of, "text/html|<td>x"},
    {"huge-anchors", huge_of, "text/html|<a href=x>y</a>"},
    {"huge-attribute", huge_of, "text/html|<p title='"},
    {"huge-style", huge_of, "text/html|<style>a{b:c}"},
    {"huge-breaks", huge_of, "text/html|<br>"},
    {"huge-pre", huge_of, "text/html|<pre>x\n"},
    {"huge-cards", huge_of, "text/vcard|BEGIN:VCARD\nFN:x\nEND:VCARD\n"},
    {"huge-events", huge_of, "text/calendar|BEGIN:VEVENT\nDTSTART:20261128T090000Z\nEND:VEVENT\n"},
    {"huge-recipients", huge_of,
     "multipart/report; report-type=delivery-status; boundary=b|\n--b\nContent-Type: "
     "message/delivery-status\n\nAction: failed\n"},
    {"huge-tnef", huge_zeros, "application/ms-tnef"},
    {"huge-letter", huge_letter, NULL},
    {"huge-fields", huge_header, "X-Odd: value\n"},
    {"huge-folds", huge_header, " x\n"},
    {"huge-to", huge_header, "To: a@e.example, b@e.example\n"},
    {"huge-words", huge_header, " =?utf-8?q?a?="},
    {"huge-no-colon", huge_header, "xx\n"},
    {"huge-ids", huge_header, "References: <a@b>\n"},
    {"huge-types", huge_header, "Content-Type: text/plain; name=x\n"},
};
const size_t field_letter_count = ARRAY_COUNT(field_letters);
