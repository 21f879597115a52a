#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compose/attach.h"
#include "compose/compose.h"
#include "compose/compose_option.h"
#include "compose/draft.h"
#include "compose/draft_check.h"
#include "compose/mailto.h"
#include "compose/send.h"
#include "compose/start.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/conf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/option.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/notice/notice.h"

#define NAME	 "compose"
#define AGENT_MS 10000
#define BODY_MAX (64 << 20)

enum {
	OPT_TO = 256,
	OPT_CC,
	OPT_BCC,
	OPT_SUBJECT,
	OPT_ATTACH,
	OPT_BODY,
	OPT_ACCOUNT,
	OPT_DRAFT,
	OPT_SEND
};

static const struct option long_options[] = {
    {"account", required_argument, NULL, OPT_ACCOUNT},
    {"to", required_argument, NULL, OPT_TO},
    {"cc", required_argument, NULL, OPT_CC},
    {"bcc", required_argument, NULL, OPT_BCC},
    {"subject", required_argument, NULL, OPT_SUBJECT},
    {"attach", required_argument, NULL, OPT_ATTACH},
    {"body-file", required_argument, NULL, OPT_BODY},
    {"draft", required_argument, NULL, OPT_DRAFT},
    {"send", no_argument, NULL, OPT_SEND},
    {NULL, 0, NULL, 0},
};

/* What the words ask for. */
struct call {
	struct buf to, cc, bcc;
	const char *subject, *body, *account, *draft, *url;
	const char **attach;
	size_t attach_count, attach_cap;
	bool sends;
};

static void add_text(struct buf *list, const char *text)
{
	if (list->len)
		buf_add_str(list, ", ");
	buf_add_str(list, text);
}

static void read_option(struct call *call, int option)
{
	switch (option) {
	case OPT_TO:
		add_text(&call->to, optarg);
		break;
	case OPT_CC:
		add_text(&call->cc, optarg);
		break;
	case OPT_BCC:
		add_text(&call->bcc, optarg);
		break;
	case OPT_SUBJECT:
		call->subject = optarg;
		break;
	case OPT_ATTACH:
		ARRAY_ROOM(call->attach, call->attach_count, call->attach_cap);
		call->attach[call->attach_count++] = optarg;
		break;
	case OPT_BODY:
		call->body = optarg;
		break;
	case OPT_ACCOUNT:
		call->account = optarg;
		break;
	case OPT_DRAFT:
		call->draft = optarg;
		break;
	case OPT_SEND:
		call->sends = true;
		break;
	}
}

static int read_call(struct call *call, int argc, char **argv)
{
	int option;

	optind = 1;
	while ((option = shell_option("compose", argc, argv, "", long_options, NULL)) != -1) {
		if (option == '?')
			return 2;
		read_option(call, option);
	}
	if (optind < argc && mailto_is(argv[optind]))
		call->url = argv[optind++];
	for (; optind < argc; optind++)
		add_text(&call->to, argv[optind]);
	return 0;
}

static void free_call(struct call *call)
{
	buf_free(&call->to);
	buf_free(&call->cc);
	buf_free(&call->bcc);
	free(call->attach);
}

/* --- the person
 * ----------------------------------------------------------------------------------- */

struct person {
	struct account_list accounts;
	struct options *options;
	struct conf *conf;
	struct compose compose;
};

static int load_person(struct person *person, struct err *err)
{
	person->conf = conf_load_own();
	person->options = options_new();
	options_add(person->options, compose_option_rows, compose_option_count);
	for (size_t i = 0; i < person->conf->count; i++) /* others' sections are others' matter */
		if (strcmp(person->conf->entries[i].section, "compose"))
			options_allow_section(person->options, person->conf->entries[i].section);
	options_load(person->options, person->conf);
	person->compose = (struct compose){&person->accounts, person->options, person->conf};
	return account_load(&person->accounts, err);
}

static void free_person(struct person *person)
{
	account_list_free(&person->accounts);
	options_free(&person->options);
	conf_free(&person->conf);
}

/* --- the letter
 * ----------------------------------------------------------------------------------- */

/* Above the signature. */
static int add_body(struct draft *draft, const char *path, struct err *err)
{
	struct buf body = BUF_INIT;
	int rc = strcmp(path, "-") ? file_read(path, &body, BODY_MAX, err)
				   : file_read_fd(STDIN_FILENO, &body, BODY_MAX, err);

	if (rc == 0) {
		if (body.len && body.data[body.len - 1] != '\n')
			buf_add_char(&body, '\n');
		buf_add_str(&body, draft->body);
		draft_set_body(draft, body.data, body.len);
	}
	buf_free(&body);
	return rc;
}

static void set_field(char **field, const struct buf *text)
{
	struct buf both = BUF_INIT;

	if (!text->len)
		return;
	if (**field)
		add_text(&both, *field);
	add_text(&both, buf_str(text));
	draft_set(field, buf_str(&both));
	buf_free(&both);
}

static int fill(struct draft *draft, const struct call *call, struct err *err)
{
	set_field(&draft->to, &call->to);
	set_field(&draft->cc, &call->cc);
	set_field(&draft->bcc, &call->bcc);
	if (call->subject)
		draft_set(&draft->subject, call->subject);
	if (call->body && add_body(draft, call->body, err) < 0)
		return -1;
	for (size_t i = 0; i < call->attach_count; i++)
		if (attach_file(draft, call->attach[i], err) < 0)
			return -1;
	return 0;
}

static struct draft *start_mailto(const struct person *person, const struct call *call, struct err *err)
{
	struct mailto_result result = {0};
	struct draft *draft = mailto_make(&person->compose, call->url, call->account, &result, err);

	if (draft && *result.refused)
		shell_say("compose", _("The link also asked for these, which were left out: %s"), result.refused);
	return draft;
}

static struct draft *start(const struct person *person, const struct call *call, struct err *err)
{
	if (call->account && !account_find(&person->accounts, call->account)) {
		err_set_kind(err, ERR_USAGE, _("There is no account \"%s\"."), call->account);
		return NULL;
	}
	if (call->draft)
		return draft_load(call->draft, err);
	if (call->url)
		return start_mailto(person, call, err);
	return start_new(&person->compose, call->account);
}

static int print(struct buf *out)
{
	int code = shell_print(out);

	buf_free(out);
	return code;
}

/* Each of these two: an exit code, or -1 with ERR told. */
static int send_it(const struct person *person, struct draft *draft, struct err *err)
{
	struct notice_conn *conn;
	struct buf out = BUF_INIT;
	int64_t id = send_draft(&person->compose, draft, -1, err);

	if (id < 0)
		return -1;
	conn = notice_connect_or_start(AGENT_MS, NULL);
	notice_conn_free(&conn);
	buf_printf(&out, "%lld\n", (long long)id);
	return print(&out);
}

static int keep_it(struct draft *draft, struct err *err)
{
	struct buf out = BUF_INIT;

	if (draft_save(draft, err) < 0)
		return -1;
	buf_printf(&out, "%s\n", draft->id);
	return print(&out);
}

static int write_letter(const struct person *person, const struct call *call, struct err *err)
{
	struct draft *draft = start(person, call, err);
	int rc;

	if (!draft)
		return -1;
	rc = fill(draft, call, err);
	if (rc == 0)
		rc = call->sends ? send_it(person, draft, err) : keep_it(draft, err);
	draft_free(&draft);
	return rc;
}

static int run(const struct call *call)
{
	struct person person = {.conf = NULL};
	struct err err = ERR_INIT;
	int code = load_person(&person, &err);

	if (code == 0)
		code = write_letter(&person, call, &err);
	free_person(&person);
	return code < 0 ? shell_fail(NAME, &err) : code;
}

int shell_compose(int argc, char **argv)
{
	struct call call = {.sends = false};
	int code = read_call(&call, argc, argv);

	if (code == 0)
		code = run(&call);
	free_call(&call);
	return code;
}
