#include "config.h"
#include "ui/shell/shell.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/base/args.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/option.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "ui/screen/term.h"

#define EXIT_USAGE 2

/* In the order of the alphabet. USAGE is what --help prints. */
static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
	const char *usage;
} commands[] = {
    {"account", shell_account,
     N_("accounts: add, authorize, check, find, forget-promises, list, move, password, remove, set-up, trust"),
     N_("Usage: tern account add NAME --address ADDRESS [--kind KIND] [OPTION...]\n"
	"       tern account set-up ADDRESS [--name NAME] [OPTION...]\n"
	"       tern account find ADDRESS\n"
	"       tern account forget-promises NAME\n"
	"       tern account authorize NAME [--device]\n"
	"       tern account check NAME\n"
	"       tern account password NAME\n"
	"       tern account list [--json]\n"
	"       tern account move FROM TO\n"
	"       tern account remove NAME\n"
	"       tern account trust NAME [--fingerprint SHA256]\n\n"
	"  --name NAME               the name of the account, else made from the address\n"
	"  --kind KIND               local, maildir, imap or pop3 (jmap: not yet)\n"
	"  --address ADDRESS         your address\n"
	"  --real-name NAME          the name beside it\n"
	"  --other-addresses LIST    addresses that are yours too\n"
	"  --path DIR                where the folders are\n"
	"  --server HOST:PORT        where mail is fetched\n"
	"  --tls HOW                 implicit, starttls or none\n"
	"  --submission HOST:PORT    where mail is given off\n"
	"  --submission-tls HOW      as --tls\n"
	"  --user NAME               your name there\n"
	"  --submission-user NAME    your name where mail is given off, when it is another\n"
	"  --auth LIST               the ways of signing in that may be used\n"
	"  --password-command COMMAND  prints the password\n"
	"  --password-file FILE      holds the password; nobody else may read it\n"
	"  --token-command COMMAND   prints an OAuth access token\n"
	"  --certificate FILE        a certificate of your own, to sign in with\n"
	"  --certificate-key FILE    its private key\n"
	"  --ca FILE                 certificates to trust\n"
	"  --keep WHAT               all, recent or none on this computer\n"
	"  --keep-days NUMBER        how many days recent goes back\n"
	"  --leave-days NUMBER       how long letters stay on a POP3 server; else they are removed from it at once\n"
	"  --OPTION VALUE            any other setting of an account (tern-config(5))\n"
	"  --device                  sign in with a code, in a browser somewhere else\n"
	"  --fingerprint SHA256      of the certificate that is trusted without a question\n"
	"  --json                    one object a line\n")},
    {"batch", shell_batch, N_("run command lines without a screen"),
     N_("Usage: tern batch [-k] [-f PATH] [-R] FILE\n\n"
	"Runs the lines of FILE, or of standard input where FILE is \"-\".\n\n"
	"  -k, --keep-going   go on behind a line that fails\n"
	"  -f, --folder PATH  work on a Maildir or mbox as it lies\n"
	"  -R, --read-only    change nothing\n")},
    {"compose", shell_compose, N_("write a letter without a screen"),
     N_("Usage: tern compose [OPTION...] [mailto:... | ADDRESS...]\n\n"
	"Keeps the letter as a draft and prints the draft's name.\n\n"
	"  --account NAME    the account to write from\n"
	"  --to ADDRESS      recipients; --cc and --bcc alike\n"
	"  --cc ADDRESS\n"
	"  --bcc ADDRESS\n"
	"  --subject TEXT    what it is about\n"
	"  --attach FILE     a file that goes along; may be repeated\n"
	"  --body-file FILE  the text; \"-\" is standard input\n"
	"  --draft ID        go on with this draft\n"
	"  --send            put it into the outbox, and print its number there\n")},
    {"flag", shell_flag, N_("set or clear flags of letters"),
     N_("Usage: tern flag [--set FLAG] [--clear FLAG] [--account NAME] QUERY\n\n"
	"FLAG is seen, answered, flagged, deleted, draft or forwarded.\n\n"
	"  --set FLAG      set it on the letters that the query finds\n"
	"  --clear FLAG    clear it\n"
	"  --account NAME  only in this account\n")},
    {"folder", shell_folder, N_("list folders, make, rename and remove them"),
     N_("Usage: tern folder list [--json] [ACCOUNT]\n"
	"       tern folder make|remove|subscribe|unsubscribe ACCOUNT FOLDER\n"
	"       tern folder rename ACCOUNT FOLDER NAME\n\n"
	"What is done to a folder of a server's account is done there by the agent, when it can be.\n\n"
	"  --json  one object a line\n")},
    {"index", shell_index, N_("bring the index up to date"),
     N_("Usage: tern index [ACCOUNT | PATH]\n\n"
	"Brings the index of all accounts, of one, or of a mailbox by its path, up to date.\n")},
    {"outbox", shell_outbox, N_("list, flush, hold or cancel what waits to be sent"),
     N_("Usage: tern outbox [list [ID]] [--json] [--all]\n"
	"       tern outbox flush [ID]\n"
	"       tern outbox hold|cancel ID\n\n"
	"  --json  one object a line\n"
	"  --all   also what was finished in the last days\n")},
    {"search", shell_search, N_("find letters"),
     N_("Usage: tern search [--json | --count | --files] [--threads] [--limit NUMBER]\n"
	"                   [--in FOLDER] [--account NAME | --all] QUERY\n"
	"       tern search [OPTION...] --saved NAME [QUERY]\n"
	"       tern search --save NAME [--in FOLDER] [--account NAME] QUERY\n"
	"       tern search --rename NAME NEW\n"
	"       tern search --forget NAME\n"
	"       tern search --list [--count] [--json]\n\n"
	"  --files         print the files of the letters, newest first (so it is anyway)\n"
	"  --json          one object a line\n"
	"  --count         only how many there are\n"
	"  --threads       only the newest hit of each thread\n"
	"  --limit NUMBER  only the first so many\n"
	"  --in FOLDER     only in this folder\n"
	"  --account NAME  only in this account, or in a mailbox by its path\n"
	"  --all           in all accounts (so it is anyway)\n"
	"  --save NAME     keep the search: it stands among the folders\n"
	"  --saved NAME    search for what was kept under that name, and for QUERY\n"
	"  --rename NAME   give a search that was kept another name\n"
	"  --forget NAME   keep it no longer\n"
	"  --list          all that are kept; with --count how many letters, how many of them unread, and the name\n")},
    {"send", shell_send, N_("send the message on standard input"),
     N_("Usage: tern send [-t] [--now] [--from ADDRESS] [--account NAME] [RECIPIENT...]\n\n"
	"Puts the message on standard input into the outbox.\n\n"
	"  -t              recipients are those of To, Cc and Bcc\n"
	"  --now           wait until each recipient has its verdict\n"
	"  --from ADDRESS  the sender\n"
	"  --account NAME  the account to send it by\n")},
    {"show", shell_show, N_("decode messages and print them"),
     N_("Usage: tern show [--json] FILE...\n"
	"       tern show [--json] --files-from LIST [--null]\n"
	"       tern show --part PATH FILE\n"
	"       tern show --save DIR FILE...\n\n"
	"Decodes the letters in the files; \"-\" is standard input.\n\n"
	"  --json             one object a line\n"
	"  --files-from LIST  the names of the files stand in LIST, one a line; \"-\" is standard input\n"
	"  -0, --null         NUL ends each name in LIST\n"
	"  --jobs NUMBER      work with so many processes (with --json)\n"
	"  --part PATH        only the content of one part, such as 1.2\n"
	"  --save DIR         all attachments into the folder, never over a file that is there\n")},
    {"sync", shell_sync, N_("bring accounts up to date and wait for it"),
     N_("Usage: tern sync [ACCOUNT]\n\n"
	"Asks the agent for one round for the account, or all of them, and waits.\n")},
    {"tag", shell_tag, N_("add or remove tags of letters"),
     N_("Usage: tern tag [--add TAG] [--remove TAG] [--account NAME] QUERY\n\n"
	"  --add TAG       add it to the letters that the query finds\n"
	"  --remove TAG    remove it\n"
	"  --account NAME  only in this account\n")},
    {"threads", shell_threads, N_("print which messages belong together"),
     N_("Usage: tern threads [--json] FILE...\n\n"
	"  --json  one object a line\n")},
    {"verify", shell_verify, N_("check signatures and decrypt"),
     N_("Usage: tern verify [--json | --letter] FILE...\n\n"
	"Says of the letters in the files who signed them and whether they can be decrypted; \"-\" is\n"
	"standard input. Exits with 1 when there is any doubt.\n\n"
	"  --json    one object a line\n"
	"  --letter  print the letter as it is shown: decrypted\n")},
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

/* "--help" anywhere in front of "--"; "-h" alone, since it may be a word that a query does not want. */
static bool wants_help(char **argv)
{
	if (*argv && !argv[1] && strcmp(*argv, "-h") == 0)
		return true;
	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (strcmp(*argv, "--help") == 0)
			return true;
	return false;
}

static int print_usage(const struct command *command)
{
	struct buf out = BUF_INIT;
	int rc;

	buf_add_str(&out, _(command->usage));
	rc = shell_print(&out);
	buf_free(&out);
	return rc;
}

int shell_run(int argc, char **argv)
{
	const struct command *command = find(argv[0]);

	if (argc == 2 && strcmp(argv[0], "help") == 0 && find(argv[1]))
		return print_usage(find(argv[1]));
	if (!command)
		return unknown(argv[0]);
	return wants_help(argv + 1) ? print_usage(command) : command->run(argc, argv);
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

bool shell_finds_forms(void)
{
	struct conf *conf = conf_load_own();
	const char *wants = conf_get(conf, "general", "", "search-forms");
	bool does = wants && option_parse_bool(wants) == 1;

	conf_free(&conf);
	return does;
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

int shell_option(const char *name, int argc, char **argv, const char *shorts, const struct option *longs, int *at)
{
	struct err err = ERR_INIT;
	int c = args_next(argc, argv, shorts, longs, at, &err);

	if (c == '?')
		say(name, err.text);
	return c;
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
