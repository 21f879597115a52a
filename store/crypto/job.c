/* The parent's side: a child started, fed and listened to from the loop. */
#include "config.h"
#include "store/crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/log.h"
#include "store/base/loop.h"
#include "store/base/mem.h"
#include "store/crypto/layer.h"
#include "store/crypto/wire.h"
#include "store/mime/mime.h"

#define PIECE (256 << 10)

struct crypto_job {
	struct loop *loop;
	crypto_done *done;
	crypto_ask *ask;
	void *arg;
	pid_t pid; /* 0: none could be started */
	bool is_alone; /* crypto_run: waits for the child itself */
	int in, out;
	struct loop_fd *writer, *reader;
	struct loop_timer *timer;
	int64_t deadline_ms, left_ms; /* LEFT: while a question is open */
	bool is_asking;
	struct span letter;
	size_t letter_at;
	struct buf said; /* to the child: before the letter its head, behind it answers */
	size_t said_at;
	struct buf heard;
	size_t heard_limit;
};

/* --- how it ends --------------------------------------------------------------------------------- */

static void close_end(struct crypto_job *job, struct loop_fd **entry, int *fd)
{
	loop_remove_fd(job->loop, entry);
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void wipe(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->len);
	buf_free(buf);
}

static void free_job(struct crypto_job *job)
{
	close_end(job, &job->writer, &job->in);
	close_end(job, &job->reader, &job->out);
	loop_remove_timer(job->loop, &job->timer);
	if (job->is_alone && job->pid)
		while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
			;
	wipe(&job->said);
	wipe(&job->heard);
	free(job);
}

/* Its gpg too: it leads a group of its own. */
static void kill_child(struct crypto_job *job)
{
	if (!job->pid)
		return;
	kill(-job->pid, SIGKILL);
	kill(job->pid, SIGKILL);
}

static void add_failed(struct crypto_result *result, const struct layer *layer, enum crypto_reason reason)
{
	bool is_signed = layer->kind == LAYER_SIGNED;

	result->verdicts[result->verdict_count++] = (struct crypto_verdict){
	    .what = is_signed ? CRYPTO_SIGNED : CRYPTO_ENCRYPTED,
	    .how = layer->how,
	    .state = is_signed ? CRYPTO_CANNOT : CRYPTO_NOT_DECRYPTED,
	    .reason = reason,
	    .path = mem_strdup(layer->part->path),
	    .covers_all = layer->covers_all,
	    .is_in_frame = true,
	};
}

/* Nothing is known: that is told of each layer. */
static struct crypto_result *failed_result(struct span letter, enum crypto_reason reason)
{
	struct crypto_result *result = mem_alloc(sizeof *result);
	struct mime_message *message = mime_parse(letter.data, letter.len, NULL);
	const struct mime_part *at = NULL;
	struct layer layer;

	result->verdicts = mem_calloc(CRYPTO_LAYERS, sizeof *result->verdicts);
	while (result->verdict_count < CRYPTO_LAYERS && layer_next(message, &at, &layer) == 1)
		add_failed(result, &layer, reason);
	mime_free(&message);
	return result;
}

static void end(struct crypto_job *job, struct crypto_result *result)
{
	crypto_done *done = job->done;
	void *arg = job->arg;

	free_job(job);
	done(arg, result);
}

static void end_failed(struct crypto_job *job, enum crypto_reason reason)
{
	kill_child(job);
	end(job, failed_result(job->letter, reason));
}

static void end_heard(struct crypto_job *job)
{
	struct err err = ERR_INIT;
	struct crypto_result *result = wire_take_result(&job->heard, &err);

	if (!result) {
		log_write(LOG_WARNING, "tern-crypto: %s", err.text);
		result = failed_result(job->letter, CRYPTO_FAILED);
	}
	end(job, result);
}

/* --- time ------------------------------------------------------------------------------------------ */

static void out_of_time(void *arg)
{
	struct crypto_job *job = arg;

	job->timer = NULL;
	if (job->is_asking)
		crypto_answer(job, NULL);
	else
		end_failed(job, CRYPTO_NO_TIME);
}

static void set_timer(struct crypto_job *job, int64_t ms)
{
	loop_remove_timer(job->loop, &job->timer);
	job->deadline_ms = loop_now_ms() + ms;
	job->timer = loop_add_timer(job->loop, "crypto time", ms < 0 ? 0 : ms, out_of_time, job);
}

/* --- to the child ---------------------------------------------------------------------------------- */

static struct span next_piece(const struct crypto_job *job)
{
	if (job->said_at < job->said.len)
		return (struct span){job->said.data + job->said_at, job->said.len - job->said_at};
	return (struct span){job->letter.data + job->letter_at, job->letter.len - job->letter_at};
}

static void move_on(struct crypto_job *job, size_t len)
{
	if (job->said_at >= job->said.len) {
		job->letter_at += len;
		return;
	}
	job->said_at += len;
	if (job->said_at < job->said.len)
		return;
	explicit_bzero(job->said.data, job->said.len);
	buf_clear(&job->said);
	job->said_at = 0;
}

/* A socket, so that a child that died is an error and no signal. */
static void feed(void *arg, short revents)
{
	struct crypto_job *job = arg;
	struct span piece = next_piece(job);
	ssize_t n = 0;

	(void)revents;
	if (piece.len)
		n = send(job->in, piece.data, piece.len < PIECE ? piece.len : PIECE, MSG_NOSIGNAL);
	if (n > 0)
		move_on(job, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		loop_set_events(job->writer, 0); /* what it had to say is still read */
	if (n >= 0 && !next_piece(job).len)
		loop_set_events(job->writer, 0);
}

void crypto_answer(struct crypto_job *job, const char *passphrase)
{
	size_t len = passphrase ? strlen(passphrase) : 0;

	if (!job->is_asking)
		return;
	job->is_asking = false;
	buf_reserve(&job->said, len + 32);
	if (passphrase)
		buf_printf(&job->said, "ANSWER %zu\n", len);
	else
		buf_add_str(&job->said, "ANSWER -1\n");
	buf_add(&job->said, passphrase, len);
	loop_set_events(job->writer, POLLOUT);
	set_timer(job, job->left_ms);
}

/* --- from the child -------------------------------------------------------------------------------- */

static void put_question(struct crypto_job *job, const char *key, bool was_wrong)
{
	struct crypto_question question = {key, was_wrong};

	job->left_ms = job->deadline_ms - loop_now_ms();
	job->is_asking = true;
	set_timer(job, CRYPTO_ASK_MS);
	if (job->ask)
		job->ask(job->arg, &question);
	else
		crypto_answer(job, NULL);
}

/* While a question is open the child says nothing more. */
static void look_for_question(struct crypto_job *job)
{
	struct span heard = {buf_str(&job->heard), job->heard.len};
	size_t end_at = heard.len && !job->is_asking && job->letter_at == job->letter.len
			    ? span_find(heard, 0, '\n')
			    : heard.len;
	bool was_wrong;
	char *key;

	if (end_at == heard.len || wire_read_question((struct span){heard.data, end_at}, &key, &was_wrong) == 0)
		return;
	buf_remove(&job->heard, 0, end_at + 1);
	put_question(job, key, was_wrong);
	free(key);
}

static void listen_to(void *arg, short revents)
{
	struct crypto_job *job = arg;
	ssize_t n;

	(void)revents;
	buf_reserve(&job->heard, PIECE);
	n = read(job->out, job->heard.data + job->heard.len, PIECE);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		end_heard(job);
		return;
	}
	job->heard.len += (size_t)n;
	if (job->heard.len > job->heard_limit)
		end_failed(job, CRYPTO_TOO_LARGE);
	else if (job->heard.data[0] == '{' && job->heard.len < WIRE_LINE_LIMIT)
		look_for_question(job);
}

/* --- how it begins ----------------------------------------------------------------------------------- */

static void reaped(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

static int start_child(struct crypto_job *job, struct err *err)
{
	struct child_setup setup = CHILD_SETUP_INIT;
	char *program = child_own_program("tern-crypto");
	const char *argv[] = {program, NULL};
	struct child child;
	int ends[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		free(program);
		return err_errno(err, "socketpair");
	}
	setup.in = ends[1];
	setup.out = CHILD_PIPE;
	setup.err = CHILD_NULL;
	rc = child_start(&child, argv, &setup, err);
	close(ends[1]);
	free(program);
	if (rc < 0) {
		close(ends[0]);
		return -1;
	}
	job->pid = child.pid;
	job->in = ends[0];
	job->out = child.out;
	fcntl(job->in, F_SETFL, O_NONBLOCK);
	fcntl(job->out, F_SETFL, O_NONBLOCK);
	return 0;
}

static void connect_child(struct crypto_job *job, size_t limit)
{
	job->heard_limit = 2 * (limit + job->letter.len + WIRE_LINE_LIMIT);
	buf_printf(&job->said, "LETTER %zu %zu\n", job->letter.len, limit);
	job->writer = loop_add_fd(job->loop, "crypto feed", job->in, POLLOUT, feed, job);
	job->reader = loop_add_fd(job->loop, "crypto listen", job->out, POLLIN, listen_to, job);
	if (!job->is_alone)
		loop_add_child(job->loop, "crypto child", job->pid, reaped, NULL);
}

static void not_started(void *arg)
{
	struct crypto_job *job = arg;

	job->timer = NULL;
	end_failed(job, CRYPTO_FAILED);
}

static struct crypto_job *start(struct crypto_job *job, const struct crypto_options *options)
{
	size_t limit = options && options->output_limit ? options->output_limit : CRYPTO_OUTPUT_LIMIT;
	struct err err = ERR_INIT;

	job->in = job->out = -1;
	if (start_child(job, &err) < 0) {
		log_write(LOG_WARNING, "tern-crypto: %s", err.text);
		job->timer = loop_add_timer(job->loop, "crypto start", 0, not_started, job);
		return job;
	}
	connect_child(job, limit);
	set_timer(job, options && options->time_ms ? options->time_ms : CRYPTO_TIME_MS);
	return job;
}

struct crypto_job *crypto_start(struct loop *loop, const char *bytes, size_t len,
				const struct crypto_options *options, crypto_done *done,
				crypto_ask *ask, void *arg)
{
	struct crypto_job *job = mem_alloc(sizeof *job);

	*job = (struct crypto_job){
	    .loop = loop, .done = done, .ask = ask, .arg = arg, .letter = {bytes, len}};
	return start(job, options);
}

void crypto_cancel(struct crypto_job **job)
{
	struct crypto_job *mine = *job;

	*job = NULL;
	if (!mine)
		return;
	kill_child(mine);
	free_job(mine);
}

static void keep_result(void *arg, struct crypto_result *result)
{
	*(struct crypto_result **)arg = result;
}

struct crypto_result *crypto_run(const char *bytes, size_t len, const struct crypto_options *options)
{
	struct crypto_job *job = mem_alloc(sizeof *job);
	struct crypto_result *result = NULL;
	struct loop *loop = loop_new();

	*job = (struct crypto_job){
	    .loop = loop, .done = keep_result, .arg = &result, .letter = {bytes, len}, .is_alone = true};
	start(job, options);
	while (!result)
		loop_turn(loop, -1);
	loop_free(&loop);
	return result;
}
