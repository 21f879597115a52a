#include "config.h"

#include "ui/render/report_words.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/i18n.h"
#include "store/base/str.h"

/* RFC 3463, and what IANA's list of codes has got since. Detail 0 stands for the whole subject. */
static const struct {
	unsigned char subject, detail;
	const char *words;
} table[] = {
	{1, 0, N_("Something is wrong with the address.")},
	{1, 1, N_("There is no such address.")},
	{1, 2, N_("There is no mail system of that name.")},
	{1, 3, N_("The address is not written as it must be.")},
	{1, 4, N_("The address could mean several mailboxes.")},
	{1, 6, N_("The mailbox has moved away, and nobody says where to.")},
	{1, 7, N_("Your own address was not accepted.")},
	{1, 8, N_("The mail system of your own address is not known there.")},
	{1, 10, N_("The mail system of that name takes no mail at all.")},
	{2, 0, N_("Something is wrong with the mailbox.")},
	{2, 1, N_("The mailbox is closed.")},
	{2, 2, N_("The mailbox is full.")},
	{2, 3, N_("The letter is larger than the mailbox takes.")},
	{2, 4, N_("The mailing list behind the address does not work.")},
	{3, 0, N_("Something is wrong with the mail system there.")},
	{3, 1, N_("The mail system there has no room left.")},
	{3, 2, N_("The mail system there takes no mail at the moment.")},
	{3, 3, N_("The mail system there cannot do what the letter asks for.")},
	{3, 4, N_("The letter is too large for the mail system there.")},
	{3, 5, N_("The mail system there is set up wrongly.")},
	{4, 0, N_("The way to the mail system there does not work.")},
	{4, 1, N_("The mail system there did not answer.")},
	{4, 2, N_("The connection to the mail system there broke.")},
	{4, 3, N_("A directory that shows the way did not answer.")},
	{4, 4, N_("No way to the mail system there is known.")},
	{4, 5, N_("The mail system there is too busy.")},
	{4, 6, N_("The letter went round in a circle.")},
	{4, 7, N_("It could not be delivered in the time there was.")},
	{5, 0, N_("The two mail systems did not understand each other.")},
	{5, 3, N_("The letter has too many recipients at once.")},
	{6, 0, N_("The mail system there does not take the form of the letter.")},
	{7, 0, N_("The mail system there refuses the letter.")},
	{7, 1, N_("The mail system there refuses the letter: you may not write to this address.")},
	{7, 2, N_("You may not write to this mailing list.")},
	{7, 8, N_("The name or the password for sending was not accepted.")},
	{7, 17, N_("The mailbox belongs to somebody else now.")},
	{7, 18, N_("The mail system of that name belongs to somebody else now.")},
	{7, 20, N_("The mail system there does not believe that the letter is yours (no valid DKIM signature).")},
	{7, 23, N_("The mail system there does not believe that the letter is yours (SPF).")},
	{7, 25, N_("The mail system there does not trust the host that the letter came from.")},
	{7, 26, N_("The mail system there does not believe that the letter is yours (SPF and DKIM).")},
	{7, 27, N_("Your own address takes no mail, so none is taken from it.")},
};

static const char *find(unsigned long subject, unsigned long detail)
{
	for (size_t i = 0; i < ARRAY_COUNT(table); i++)
		if (table[i].subject == subject && table[i].detail == detail)
			return _(table[i].words);
	return NULL;
}

/* "5.1.1" at TEXT: both numbers. */
static bool read_status(const char *text, unsigned long *subject, unsigned long *detail)
{
	char *end;

	if (*text < '2' || *text > '5' || text[1] != '.' || !char_is_digit(text[2]))
		return false;
	*subject = strtoul(text + 2, &end, 10);
	if (*end != '.' || !char_is_digit(end[1]))
		return false;
	*detail = strtoul(end + 1, &end, 10);
	return !char_is_digit(*end) && *end != '.';
}

static bool find_status(const char *text, unsigned long *subject, unsigned long *detail)
{
	for (bool is_start = true; *text; is_start = !char_is_alnum(*text) && *text != '.', text++)
		if (is_start && read_status(text, subject, detail))
			return true;
	return false;
}

const char *report_words(const char *status, const char *diagnostic)
{
	unsigned long subject = 0, detail = 0;
	const char *words = NULL;

	if (!read_status(status, &subject, &detail) || !subject)
		if (!find_status(diagnostic, &subject, &detail))
			return NULL;
	words = find(subject, detail);
	return words ? words : find(subject, 0);
}
