#include "config.h"
#include "compose/compose_option.h"

#include <stdlib.h>
#include <string.h>

#include "compose/compose.h"
#include "store/base/array.h"
#include "store/base/conf.h"
#include "store/base/i18n.h"

#define SECTION "compose"

const struct option_row compose_option_rows[] = {
    {SECTION, "attribution", OPTION_TEXT, NULL,
     N_("The line above a quoted letter: %n name, %a address, %f first name, %d date, %s subject."),
     NULL, 0, 0},
    {SECTION, "attach-words", OPTION_TEXT, NULL,
     N_("Words that speak of an attachment; one that ends in \"*\" stands for all that begin so."),
     NULL, 0, 0},
    {SECTION, "autosave", OPTION_INT, "2", N_("Seconds of rest after which a draft is saved."),
     NULL, 1, 600},
    {SECTION, "edit-headers", OPTION_BOOL, "yes",
     N_("Whether an external editor also gets the fields on top."), NULL, 0, 0},
    {SECTION, "editor", OPTION_COMMAND, NULL,
     N_("The external editor; without it $VISUAL, $EDITOR or vi."), NULL, 0, 0},
    {SECTION, "editor-mode", OPTION_CHOICE, "built-in",
     N_("Where the text is written: in Tern or at once in the external editor."),
     "built-in external", 0, 0},
    {SECTION, "flowed", OPTION_BOOL, "yes",
     N_("Whether paragraphs are sent so that they fit every screen (format=flowed)."), NULL, 0, 0},
    {SECTION, "forward-mode", OPTION_CHOICE, "inline",
     N_("Whether a letter is passed on as text or whole, as an attachment."), "inline attached", 0,
     0},
    {SECTION, "organisation", OPTION_TEXT, NULL, N_("Sent as Organization."), NULL, 0, 0},
    {SECTION, "quote", OPTION_BOOL, "yes", N_("Whether an answer begins with the letter quoted."),
     NULL, 0, 0},
    {SECTION, "sent-copy", OPTION_BOOL, "yes", N_("Whether a copy is kept in Sent."), NULL, 0, 0},
    {SECTION, "signature", OPTION_TEXT, NULL,
     N_("The signature, \"\\n\" between its lines; goes before signature-file."), NULL, 0, 0},
    {SECTION, "signature-file", OPTION_PATH, NULL,
     N_("The file that holds the signature; without it ~/.signature."), NULL, 0, 0},
    {SECTION, "signature-place", OPTION_CHOICE, "below",
     N_("Where the signature stands in an answer: below or above the quoted letter."),
     "below above", 0, 0},
    {SECTION, "undo-send", OPTION_INT, "10",
     N_("Seconds a sent letter waits, so that it can be taken back."), NULL, 0, 3600},
    {SECTION, "user-agent", OPTION_BOOL, "no",
     N_("Whether letters name the program they come from."), NULL, 0, 0},
    {SECTION, "wrap", OPTION_INT, "72", N_("The column at which lines of a sent text end."), NULL,
     40, 500},
};
const size_t compose_option_count = ARRAY_COUNT(compose_option_rows);

static const char *fallback_of(const char *name)
{
	for (size_t i = 0; i < compose_option_count; i++)
		if (!strcmp(compose_option_rows[i].name, name))
			return compose_option_rows[i].fallback ? compose_option_rows[i].fallback
							       : "";
	return "";
}

const char *compose_option_text(const struct compose *compose, const char *name)
{
	const char *text;

	if (!compose->options)
		return fallback_of(name);
	text = option_text(compose->options, SECTION, name);
	return text ? text : "";
}

long long compose_option_int(const struct compose *compose, const char *name)
{
	return strtoll(compose_option_text(compose, name), NULL, 10);
}

/* This person's, for who has loaded none. */
static struct options *load_own(struct conf *conf)
{
	struct options *options = options_new();

	options_add(options, compose_option_rows, compose_option_count);
	for (size_t i = 0; i < conf->count; i++)
		if (strcmp(conf->entries[i].section, SECTION))
			options_allow_section(options, conf->entries[i].section);
	options_load(options, conf);
	return options;
}

long long compose_option_own_undo(void)
{
	struct conf *conf = conf_load_own();
	struct options *options = load_own(conf);
	const struct compose compose = {.options = options, .conf = conf};
	long long seconds = compose_option_int(&compose, "undo-send");

	options_free(&options);
	conf_free(&conf);
	return seconds;
}

bool compose_option_own_bool(const char *name)
{
	struct conf *conf = conf_load_own();
	struct options *options = load_own(conf);
	const struct compose compose = {.options = options, .conf = conf};
	bool value = compose_option_bool(&compose, name);

	options_free(&options);
	conf_free(&conf);
	return value;
}

bool compose_option_bool(const struct compose *compose, const char *name)
{
	return option_parse_bool(compose_option_text(compose, name)) == 1;
}
