#include "config.h"
#include "ui/shell/shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/screen/term.h"

#define EXIT_USAGE 2

/* In the order of the alphabet. */
static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
	const char *arguments; /* NULL: it tells them itself */
} commands[] = {
    {"account", shell_account, N_("add, list or remove accounts"),
     "add NAME --kind KIND --address ADDRESS [OPTION...] | list [--json] | remove NAME"},
    {"batch", shell_batch, N_("run command lines without a screen"), "[-k] [-f PATH] [-R] FILE"},
    {"compose", shell_compose, N_("write a letter without a screen"),
     "[--account NAME] [--to ADDRESS] [--cc ADDRESS] [--bcc ADDRESS]\n"
     "         [--subject TEXT] [--attach FILE] [--body-file FILE] [--draft ID] [--send]"},
    {"flag", shell_flag, N_("set or clear flags of letters"),
     "[--set FLAG] [--clear FLAG] [--account NAME] QUERY"},
    {"index", shell_index, N_("bring the index up to date"), "[ACCOUNT | PATH]"},
    {"outbox", shell_outbox, N_("list, flush, hold or cancel what waits to be sent"), NULL},
    {"search", shell_search, N_("find letters"),
     "[--json] [--count] [--files] [--account NAME] QUERY"},
    {"send", shell_send, N_("send the message on standard input"), NULL},
    {"show", shell_show, N_("decode messages and print them"), "[--json] FILE..."},
    {"sync", shell_sync, N_("bring accounts up to date and wait for it"), NULL},
    {"tag", shell_tag, N_("add or remove tags of letters"),
     "[--add TAG] [--remove TAG] [--account NAME] QUERY"},
    {"threads", shell_threads, N_("print which messages belong together"), "[--json] FILE..."},
};

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static const char *nearest(const char *name)
{
	const char *names[ARRAY_COUNT(commands) + 1];
	size_t i;

	for (i = 0; i < ARRAY_COUNT(commands); i++)
		names[i] = commands[i].name;
	names[i] = NULL;
	return str_nearest(name, names);
}

static int unknown(const char *name)
{
	const char *near = nearest(name);

	if (near)
		return shell_usage(NULL, _("There is no command \"%s\"; did you mean \"%s\"?"),
				   name, near);
	return shell_usage(NULL, _("There is no command \"%s\". \"tern --help\" lists them."),
			   name);
}

static int print_usage(const struct command *command)
{
	struct buf out = BUF_INIT;
	int rc;

	buf_printf(&out, _("Usage: tern %s %s\n\nWhat it does: %s. tern(1) tells more.\n"),
		   command->name, command->arguments, _(command->help));
	rc = shell_print(&out);
	buf_free(&out);
	return rc;
}

int shell_run(int argc, char **argv)
{
	const struct command *command = find(argv[0]);

	if (!command)
		return unknown(argv[0]);
	if (command->arguments && argc == 2 && strcmp(argv[1], "--help") == 0)
		return print_usage(command);
	return command->run(argc, argv);
}

void shell_list(struct buf *out)
{
	size_t i;

	for (i = 0; i < ARRAY_COUNT(commands); i++)
		buf_printf(out, "  %-10s %s\n", commands[i].name, _(commands[i].help));
}

static void say(const char *name, const char *text)
{
	struct buf line = BUF_INIT;

	buf_add_str(&line, "tern");
	if (name)
		buf_printf(&line, " %s", name);
	buf_add_str(&line, ": ");
	utf8_add_printable(&line, text, strlen(text));
	buf_add_char(&line, '\n');
	file_write_fd(STDERR_FILENO, line.data, line.len, NULL);
	buf_free(&line);
}

int shell_fail(const char *name, const struct err *err)
{
	say(name, err->text);
	return err_exit_code(err);
}

int shell_usage(const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	say(name, text);
	return EXIT_USAGE;
}

void shell_say(const char *name, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	say(name, text);
}

int shell_print(struct buf *out)
{
	int rc = 0;

	/* A program gets names and words as they are, a terminal does not. */
	if (out->len && isatty(STDOUT_FILENO))
		term_say(STDOUT_FILENO, buf_str(out));
	else if (out->len)
		rc = file_write_fd(STDOUT_FILENO, out->data, out->len, NULL);

	buf_clear(out);
	return rc < 0 ? 1 : 0;
}
