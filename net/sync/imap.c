#include "config.h"
#include "net/sync/imap.h"

#include <stdlib.h>
#include <string.h>

#include "net/io/ask.h"
#include "net/io/secret.h"
#include "net/protocol/imap_login.h"
#include "net/sync/imap_inside.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/account.h"

struct imap_backend *imap_inside(struct backend *backend)
{
	return (struct imap_backend *)backend;
}

static const struct backend_abilities *op_abilities(struct backend *backend)
{
	return &imap_inside(backend)->abilities;
}

static void op_close(struct backend *backend)
{
	struct imap_backend *imap = imap_inside(backend);

	imap_client_leave(&imap->client);
	imap_forget_selected(imap);
	for (size_t i = 0; i < imap->other_count; i++)
		free(imap->others[i]);
	free(imap->others);
	free(imap->other);
	buf_free(&imap->prefix);
	buf_free(&imap->mechanism);
	tls_trust_free(&imap->own_trust);
	free(imap);
}

static const struct backend_ops operations = {
    .list = imap_op_list,
    .select = imap_op_select,
    .flags = imap_op_flags,
    .uids = imap_op_uids,
    .headers = imap_op_headers,
    .whole = imap_op_whole,
    .part = imap_op_part,
    .structure = imap_op_structure,
    .sections = imap_op_sections,
    .store = imap_op_store,
    .move = imap_op_move,
    .copy = imap_op_copy,
    .expunge = imap_op_expunge,
    .append = imap_op_append,
    .find = imap_op_find,
    .search = imap_op_search,
    .create = imap_op_create,
    .rename = imap_op_rename,
    .remove = imap_op_remove,
    .subscribe = imap_op_subscribe,
    .wait = imap_op_wait,
    .abilities = op_abilities,
    .close = op_close,
};

/* --- what the operations share --- */

void imap_listen(struct imap_backend *imap, imap_hear *hear, void *arg)
{
	imap->client->hear = hear;
	imap->client->arg = arg;
}

int imap_visited(struct imap_visit *visit, int rc, struct err *err)
{
	if (!visit->is_stopped)
		return rc;
	if (err)
		*err = visit->err;
	return -1;
}

bool imap_has_told(const struct imap_visit *visit, const struct imap_fetched *got)
{
	return got->has_flags && (got->has_labels || !visit->wants_labels);
}

void imap_visit_message(struct imap_visit *visit, const struct imap_fetched *got)
{
	struct backend_message message = {
	    .uid = got->uid,
	    .flags = got->flags,
	    .keywords = imap_has_told(visit, got) ? buf_str(&got->keywords) : NULL,
	    .modseq = got->modseq,
	    .same = (int64_t)got->same,
	    .size = got->size,
	    .received = got->received,
	    .header =
		got->has_header ? (struct span){buf_str(&got->header), got->header.len} : SPAN_NONE,
	};

	message.has_attachment = imap_is_mixed(message.header);
	if (!visit->is_stopped && visit->visit && visit->visit->message &&
	    visit->visit->message(visit->visit->arg, &message, &visit->err))
		visit->is_stopped = true;
}

void imap_visit_gone(struct imap_visit *visit, uint32_t first, uint32_t last)
{
	if (!visit->is_stopped && visit->visit && visit->visit->gone &&
	    visit->visit->gone(visit->visit->arg, first, last, &visit->err))
		visit->is_stopped = true;
}

static int gone_range(void *arg, uint32_t first, uint32_t last, struct err *err)
{
	(void)err;
	imap_visit_gone(arg, first, last);
	return 0;
}

int imap_read_vanished(struct imap_visit *visit, struct imap_parse *parse, struct err *err)
{
	int token = imap_next(parse, err);

	if (token == IMAP_OPEN && imap_skip_list(parse, parse->depth, err) == 0)
		token = imap_next(parse, err);
	if (token != IMAP_ATOM)
		return token < 0 ? -1 : 0;
	return imap_each_range(parse->text, gone_range, visit, err);
}

bool imap_has(const uint32_t *uids, size_t count, uint32_t uid, size_t *at)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (uids[middle] < uid)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < count && uids[low] == uid;
}

const char *imap_more_items(const struct imap_backend *imap)
{
	bool has_modseq = imap->abilities.has_modseq;

	if (imap->client->can[IMAP_CAN_GMAIL])
		return has_modseq ? " MODSEQ X-GM-LABELS" : " X-GM-LABELS";
	return has_modseq ? " MODSEQ" : "";
}

int imap_add_name(struct buf *out, const char *wire, struct err *err)
{
	return imap_quote(out, span_of(wire), err);
}

void imap_forget_selected(struct imap_backend *imap)
{
	free(imap->selected);
	imap->selected = NULL;
	if (imap->client) {
		imap->client->is_selected = false;
		imap->client->is_changed = false;
	}
}

static int send_piece(struct imap_backend *imap, const struct imap_pieces *pieces, size_t *at,
		      struct err *err)
{
	struct buf set = BUF_INIT;
	size_t left = pieces->count - *at;
	int number;

	*at += imap_add_set(&set, pieces->uids + *at, left < pieces->step ? left : pieces->step,
			    IMAP_SET_MAX);
	number = imap_send(imap->client, err, "%s %s%s%s", pieces->before, buf_str(&set),
			   *pieces->after ? " " : "", pieces->after);
	buf_free(&set);
	return number;
}

/* A message that went meanwhile is no failure of the others (RFC 5530, EXPUNGEISSUED). */
static bool is_harmless(const struct imap_backend *imap)
{
	struct span code = {buf_str(&imap->client->code), imap->client->code.len};

	return !imap->client->is_broken && imap_code_is(code, "EXPUNGEISSUED", NULL);
}

int imap_run_pieces(struct imap_backend *imap, const struct imap_pieces *pieces, struct err *err)
{
	int window[IMAP_DEPTH], rc = 0;
	size_t at = 0, sent = 0, done = 0;

	for (;;) {
		bool is_over = rc != 0 || (pieces->visit && pieces->visit->is_stopped);
		struct err now = ERR_INIT;

		while (!is_over && at < pieces->count && sent - done < IMAP_DEPTH) {
			int number = send_piece(imap, pieces, &at, err);

			if (number < 0)
				return -1;
			window[sent++ % IMAP_DEPTH] = number;
		}
		if (done == sent)
			return rc;
		if (imap_finish(imap->client, window[done++ % IMAP_DEPTH], &now) == 0 ||
		    is_harmless(imap))
			continue;
		if (rc == 0 && err)
			*err = now;
		rc = -1;
		if (imap->client->is_broken)
			return -1;
	}
}

void imap_note_other(struct imap_backend *imap, const char *wire)
{
	if (imap->selected && strcmp(imap->selected, wire) == 0) {
		imap->client->is_changed = true;
		return;
	}
	for (size_t i = 0; i < imap->other_count; i++)
		if (strcmp(imap->others[i], wire) == 0)
			return;
	if (imap->other_count >= IMAP_OTHERS_MAX)
		return;
	ARRAY_ROOM(imap->others, imap->other_count, imap->other_cap);
	imap->others[imap->other_count++] = mem_strdup(wire);
}

const char *imap_mechanism(const struct backend *backend)
{
	return buf_str(&((const struct imap_backend *)backend)->mechanism);
}

const struct imap_client *imap_client_of(const struct backend *backend)
{
	return ((const struct imap_backend *)backend)->client;
}

/* --- opening --- */

static int woken(void *arg)
{
	struct imap_backend *imap = arg;

	return imap->options.woken ? imap->options.woken(imap->options.arg) : 0;
}

static void quiet(void *arg, bool is_quiet)
{
	struct imap_backend *imap = arg;

	if (imap->options.quiet)
		imap->options.quiet(imap->options.arg, is_quiet);
}

static void alerted(void *arg, const char *words)
{
	struct imap_backend *imap = arg;

	if (imap->options.alert)
		imap->options.alert(imap->options.arg, words);
}

static bool ask_certificate(void *arg, const struct tls_certificate *certificate)
{
	struct imap_backend *imap = arg;

	return ask_about_certificate(imap->options.ask, certificate);
}

static const char *setting(const struct imap_backend *imap, const char *key)
{
	return account_setting(imap->options.account, key);
}

static const char *user_of(const struct imap_backend *imap)
{
	const char *user = setting(imap, "user");

	return user ? user : imap->options.account->address;
}

static int password(void *arg, bool is_retry, struct buf *out, struct err *err)
{
	struct imap_backend *imap = arg;

	return secret_get(imap->options.account, user_of(imap), imap_host(imap->client), is_retry,
			  imap->options.ask, out, err);
}

static int token(void *arg, bool is_retry, struct buf *out, struct err *err)
{
	struct imap_backend *imap = arg;

	return secret_token(imap->options.account, is_retry, imap->options.ask, out, err);
}

static enum stream_tls tls_of(const struct imap_backend *imap)
{
	const char *tls = setting(imap, "tls");

	if (tls && strcmp(tls, "starttls") == 0)
		return STREAM_STARTTLS;
	return tls && strcmp(tls, "none") == 0 ? STREAM_PLAIN : STREAM_TLS;
}

bool imap_can_modseq(const struct imap_backend *imap)
{
	return imap->client->is_condstore || imap->client->can[IMAP_CAN_CONDSTORE];
}

static void note_abilities(struct imap_backend *imap)
{
	const struct imap_client *client = imap->client;

	imap->abilities = (struct backend_abilities){
	    .has_modseq = imap_can_modseq(imap),
	    .has_vanished = client->is_qresync,
	    .has_move = client->can[IMAP_CAN_MOVE],
	    .has_uids_back = client->can[IMAP_CAN_UIDPLUS],
	    .has_same = client->can[IMAP_CAN_GMAIL],
	    .has_labels = client->can[IMAP_CAN_GMAIL],
	    .has_idle = client->can[IMAP_CAN_IDLE],
	    .has_notify = client->can[IMAP_CAN_NOTIFY],
	    .has_list_status = client->can[IMAP_CAN_LIST_STATUS],
	    .has_special_use = client->can[IMAP_CAN_SPECIAL_USE],
	    .append_limit = client->append_limit,
	};
}

static int sign_in(struct imap_backend *imap, struct stream *stream, const struct imap_login *login,
		   struct err *err)
{
	imap->client = imap_client_new(stream);
	imap->client->alert = alerted;
	imap->client->alert_arg = imap;
	if (imap->options.command_ms)
		imap->client->command_ms = imap->options.command_ms;
	if (imap_sign_in(imap->client, login, &imap->mechanism, err)) {
		imap->client->is_broken = true;
		return -1;
	}
	note_abilities(imap);
	return 0;
}

static struct imap_backend *backend_new(const struct imap_options *options)
{
	struct imap_backend *imap = mem_alloc(sizeof *imap);

	imap->base.ops = &operations;
	imap->options = *options;
	imap->delimiter = '/';
	return imap;
}

struct backend *imap_open_stream(struct stream *stream, const struct imap_login *login,
				 const struct imap_options *options, struct err *err)
{
	struct imap_backend *imap = backend_new(options);

	if (sign_in(imap, stream, login, err) == 0)
		return &imap->base;
	op_close(&imap->base);
	return NULL;
}

static struct tls_trust *trust_of(struct imap_backend *imap, struct err *err)
{
	if (imap->options.trust)
		return imap->options.trust;
	imap->own_trust = tls_trust_new(setting(imap, "ca"), setting(imap, "certificate"),
					setting(imap, "certificate-key"), err);
	return imap->own_trust;
}

static struct stream *connect_server(struct imap_backend *imap, int *port, struct err *err)
{
	struct stream_options options = {
	    .tls = tls_of(imap),
	    .unknown = ask_certificate,
	    .connect_ms = imap->options.connect_ms,
	    .silence_ms = imap->options.silence_ms,
	    .wake_fd = imap->options.wake_fd,
	    .woken = woken,
	    .quiet = quiet,
	    .arg = imap,
	};
	const char *server = setting(imap, "server");
	struct stream *stream = NULL;
	char *host = NULL, *log_name = mem_printf("%s imap", imap->options.account->name);

	if (!server)
		err_set_kind(err, ERR_USAGE, _("The account \"%s\" has no \"server\"."),
			     imap->options.account->name);
	else if (stream_parse_place(server, options.tls == STREAM_TLS ? IMAPS_PORT : IMAP_PORT,
				    &host, &options.port, err) == 0 &&
		 promised_begin(&imap->promised, imap->options.account->name, "imap", host, options.port,
				options.tls != STREAM_PLAIN, err) == 0 &&
		 (options.tls == STREAM_PLAIN || (options.trust = trust_of(imap, err)))) {
		options.host = host;
		options.log_name = log_name;
		stream = stream_connect(&options, err);
	}
	*port = options.port;
	free(log_name);
	free(host);
	return stream;
}

/* Deflate costs a server on the same machine more than the bytes do. */
static bool wants_deflate(const struct imap_backend *imap, const struct stream *stream)
{
	return imap->options.deflates_always || (stream_is_tls(stream) && !stream_is_local(stream));
}

static struct imap_login login_of(struct imap_backend *imap, const struct stream *stream, int port)
{
	return (struct imap_login){
	    .tls = tls_of(imap),
	    .user = user_of(imap),
	    .only = setting(imap, "auth"),
	    .promised = promised_mechanism(&imap->promised),
	    .account = imap->options.account->name,
	    .port = port,
	    .has_certificate = setting(imap, "certificate") != NULL,
	    .wants_deflate = wants_deflate(imap, stream),
	    .is_wrong = imap->options.ask && imap->options.ask->is_hurried ? &imap->options.ask->is_wrong : NULL,
	    .password = secret_has_password(imap->options.account) ? password : NULL,
	    .token = secret_has_token(imap->options.account) ? token : NULL,
	    .arg = imap,
	};
}

struct backend *imap_open(const struct imap_options *options, struct err *err)
{
	struct imap_backend *imap = backend_new(options);
	struct stream *stream;
	struct imap_login login;
	int port = 0;

	if (options->ask)
		options->ask->was_secret_given = false;
	stream = connect_server(imap, &port, err);
	if (stream) {
		login = login_of(imap, stream, port);
		if (sign_in(imap, stream, &login, err) == 0) {
			promised_keep(&imap->promised, login.tls != STREAM_PLAIN, buf_str(&imap->mechanism));
			return &imap->base;
		}
		secret_advise(options->account, options->ask, err);
	}
	op_close(&imap->base);
	return NULL;
}
