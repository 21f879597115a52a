/* tern-deliver: a letter on standard input into a mailbox. See tern-deliver(1). */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "net/deliver/deliver.h"
#include "net/deliver/local.h"
#include "net/tool.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/log.h"
#include "store/mail/letter.h"
#include "store/mail/letter_input.h"
#include "store/mail/outbox.h"
#include "store/notice/notice.h"

#define PROGRAM "tern-deliver"

struct call {
	const char *to, *from;
};

struct work {
	const struct call *call;
	struct arena *arena;
	struct local *local;
	struct file_view input;
	struct span letter; /* the input without an mbox's "From " line */
	const char *to;
};

/* What stands before the letter in an mbox is not of the letter. */
static void skip_from_line(struct span *letter)
{
	size_t end;

	if (letter->len < 5 || memcmp(letter->data, "From ", 5) != 0)
		return;
	end = span_find(*letter, 0, '\n');
	end = end < letter->len ? end + 1 : letter->len;
	letter->data += end;
	letter->len -= end;
}

static void tell_agent(const struct notice *news)
{
	struct notice_conn *conn = notice_connect(NULL);

	if (conn)
		notice_send(conn, news);
	notice_conn_free(&conn);
}

static int into_mailbox(struct work *work, const char *target, struct err *err)
{
	const struct delivery delivery = {
	    .sender = work->call->from, .recipient = target, .letter = work->letter};
	const struct account *account;
	struct notice news;

	if (local_find(work->local, target, &account) != LOCAL_ACCOUNT)
		return err_set_kind(err, ERR_NOT_FOUND,
				    _("There is no mailbox \"%s\" on this computer."), target);
	if (deliver_local(account, &delivery, &news, err) < 0)
		return -1;
	tell_agent(&news);
	return 0;
}

/* An alias for several: the outbox carries it to each one, once, whatever happens. */
static int into_outbox(struct work *work, const char **targets, size_t count, struct err *err)
{
	struct outbox_letter letter = {.account = "",
				       .sender = work->call->from,
				       .recipients = targets,
				       .recipient_count = count,
				       .data = work->letter.data,
				       .len = work->letter.len};
	struct outbox *outbox;
	int64_t id = -1;

	if (letter_is_looping(work->letter))
		return err_set(
		    err, _("The letter goes in circles: it has more than %d Received fields."),
		    LETTER_HOPS_MAX);
	outbox = outbox_open(err);
	if (outbox)
		id = outbox_add(outbox, &letter, err);
	outbox_close(&outbox);
	if (id > 0)
		notice_ring_or_start("", NULL);
	return id < 0 ? -1 : 0;
}

static int deliver(struct work *work, struct err *err)
{
	const char **targets;
	int rc, count = local_expand(work->local, work->to, &targets, err);
	const struct account *account;

	if (count < 0)
		return -1;
	if (count == 0)
		rc = err_set_kind(err, ERR_NOT_FOUND, _("The alias \"%s\" stands for nobody."),
				  work->to);
	else if (count == 1 && local_find(work->local, targets[0], &account) != LOCAL_ELSEWHERE)
		rc = into_mailbox(work, targets[0], err);
	else
		rc = into_outbox(work, targets, (size_t)count, err);
	free(targets);
	return rc;
}

static int check_addresses(struct work *work, struct err *err)
{
	const char *fault;

	work->to = work->call->to ? work->call->to : letter_input_user(work->arena);
	fault = letter_address_fault(work->to);
	if (!fault && *work->call->from)
		fault = letter_address_fault(work->call->from);
	return fault ? err_set_kind(err, ERR_USAGE, "%s", fault) : 0;
}

static int run(struct work *work, struct err *err)
{
	if (check_addresses(work, err) < 0)
		return -1;
	work->local = local_open(err);
	if (!work->local || letter_input_read(STDIN_FILENO, false, &work->input, err) < 0)
		return -1;
	work->letter = (struct span){work->input.data ? work->input.data : "", work->input.len};
	skip_from_line(&work->letter);
	return deliver(work, err);
}

static int do_deliver(const struct call *call)
{
	struct work work = {.call = call, .arena = arena_new()};
	struct err err = ERR_INIT;
	int rc;

	log_open(PROGRAM);
	rc = run(&work, &err);
	if (rc < 0) {
		log_write(LOG_WARNING, "%s", err.text);
		tool_say(PROGRAM, "%s", err.text);
	}
	file_view_close(&work.input);
	local_close(&work.local);
	arena_free(&work.arena);
	log_close();
	return rc < 0 ? tool_exit_code(&err) : EX_OK;
}

static int print_help(void)
{
	fputs(
	    _("Usage: tern-deliver [-d USER] [-f FROM] < letter\n\n"
	      "  -d USER    whose mailbox: a name or an address of this computer (default: yours)\n"
	      "  -f FROM    the envelope's sender\n"
	      "  --help     print this\n"
	      "  --version  print the version\n"),
	    stdout);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

enum { OPTION_HELP = 256, OPTION_VERSION };

static const struct option options[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	struct call call = {.from = ""};
	int c;

	umask(077);
	i18n_start();
	while ((c = tool_option(PROGRAM, argc, argv, "d:f:", options)) != -1) {
		if (c == OPTION_HELP)
			return print_help();
		if (c == OPTION_VERSION)
			return puts(PACKAGE_STRING) < 0 ? EX_IOERR : EX_OK;
		if (c == 'd')
			call.to = optarg;
		else if (c == 'f')
			call.from = strcmp(optarg, "<>") == 0 ? "" : optarg;
		else
			return EX_USAGE;
	}
	if (optind < argc) {
		tool_say(PROGRAM, _("Arguments are not taken; name the mailbox with -d."));
		return EX_USAGE;
	}
	return do_deliver(&call);
}
