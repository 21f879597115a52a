#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "store/base/array.h"
#include "store/mime/attached.h"

#define PLAIN	"Content-Type: text/plain\n\nHello\n"
#define HTML	"Content-Type: text/html\n\n<p>Hello <img src=\"cid:a\">\n"
#define PART	"\n--x\n"
#define END	"\n--x--\n"
#define MULTI(type) "Content-Type: multipart/" type "; boundary=x\n" PART

static const struct {
	const char *name, *bytes;
	bool has;
} letters[] = {
    {"plain text", PLAIN, false},
    {"nothing", "", false},
    {"one text alone that is a file",
     "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\na\n", true},
    {"one text alone with a name", "Content-Type: text/plain; name=a.txt\n\na\n", false},
    {"one PDF alone", "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nYQ==\n", true},
    {"one picture alone", "Content-Type: image/png\n\na\n", true},
    {"mixed of texts", MULTI("mixed") PLAIN PART "Content-Type: text/plain\n\nfooter\n" END, false},
    {"mixed with a named text", MULTI("mixed") PLAIN PART "Content-Type: text/plain; name=n.txt\n\nn\n" END, true},
    {"mixed with a PDF", MULTI("mixed") PLAIN PART "Content-Type: application/pdf; name=a.pdf\n\na\n" END, true},
    {"mixed with a PDF that is inline", MULTI("mixed") PLAIN PART
     "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: inline\n\na\n" END, true},
    {"alternative", MULTI("alternative") PLAIN PART HTML END, false},
    {"alternative with an invitation", MULTI("alternative") PLAIN PART "Content-Type: text/calendar\n\na\n" END, false},
    {"the invitation as a file", MULTI("mixed") PLAIN PART
     "Content-Type: text/calendar\nContent-Disposition: attachment; filename=i.ics\n\na\n" END, true},
    {"a picture in the text", MULTI("related") HTML PART
     "Content-Type: image/png; name=a.png\nContent-ID: <a>\nContent-Disposition: inline\n\na\n" END, false},
    {"one that says attachment", MULTI("related") HTML PART
     "Content-Type: image/png; name=a.png\nContent-ID: <a>\nContent-Disposition: attachment\n\na\n" END, false},
    {"a PDF beside it", MULTI("related") HTML PART
     "Content-Type: application/pdf; name=a.pdf\nContent-ID: <a>\nContent-Disposition: attachment\n\na\n" END, true},
    {"signed with PGP", MULTI("signed") PLAIN PART
     "Content-Type: application/pgp-signature; name=signature.asc\n\na\n" END, false},
    {"signed with S/MIME", MULTI("signed") PLAIN PART
     "Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment\n\na\n" END, false},
    {"the same as they say it today", MULTI("signed") PLAIN PART
     "Content-Type: application/x-pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment\n\na\n" END, false},
    {"encrypted with S/MIME",
     "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Disposition: attachment\n\na\n", false},
    {"encrypted with PGP", MULTI("encrypted") "Content-Type: application/pgp-encrypted\n\nVersion: 1\n" PART
     "Content-Type: application/octet-stream; name=encrypted.asc\n\na\n" END, false},
    {"a letter in it", MULTI("mixed") PLAIN PART "Content-Type: message/rfc822\n\nSubject: a\n\na\n" END, true},
    {"a report", MULTI("report") PLAIN PART "Content-Type: message/delivery-status\n\nStatus: 5\n" PART
     "Content-Type: message/rfc822\n\nContent-Type: application/pdf\n\na\n" END, false},
    {"a digest", MULTI("digest") "\nSubject: a\n\na\n" PART "\nSubject: b\n\nb\n" END, false},
    {"uuencoded in the text", "Subject: a\n\nHere:\nbegin 644 a.bin\n#0V%T\n`\nend\n", true},
    {"a text about an end", "Subject: a\n\nIt begins.\nbegin with it\nend\n", false},
    {"a box of Outlook that is broken", "Content-Type: application/ms-tnef; name=winmail.dat\n\na\n", true},
};

static void each_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(letters); i++) {
		struct mime_message *message = mime_parse(letters[i].bytes, strlen(letters[i].bytes), NULL);

		if (mime_has_attachment(message) != letters[i].has)
			fail_msg("%s", letters[i].name);
		mime_free(&message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_is_told),
	};

	return cmocka_run_group_tests_name("attached", tests, NULL, NULL);
}
