#include "config.h"

#include "ui/picture/load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/loop.h"
#include "store/base/mem.h"

/* More than the processor time it has: it may have to wait for the machine. */
#define TIME_MS	   15000
#define WRITE_SIZE 65536

struct picture_load {
	struct loop *loop;
	struct child child;
	struct loop_fd *in, *out;
	struct loop_timer *timer;
	struct span left;
	struct buf answer;
	void (*done)(void *arg, struct picture *picture, enum picture_fault fault);
	void *arg;
};

/* Only waited for, so that no zombie stays. */
static void ended(void *arg, pid_t pid, int status)
{
	(void)arg;
	(void)pid;
	(void)status;
}

static void close_in(struct picture_load *load)
{
	if (load->in)
		loop_remove_fd(load->loop, &load->in);
	if (load->child.in >= 0)
		close(load->child.in);
	load->child.in = -1;
}

void picture_load_stop(struct picture_load **load)
{
	struct picture_load *old = *load;

	if (!old)
		return;
	close_in(old);
	if (old->out)
		loop_remove_fd(old->loop, &old->out);
	close(old->child.out);
	if (old->timer)
		loop_remove_timer(old->loop, &old->timer);
	kill(old->child.pid, SIGKILL);
	loop_add_child(old->loop, "a picture", old->child.pid, ended, NULL);
	buf_free(&old->answer);
	free(old);
	*load = NULL;
}

static void finish(struct picture_load *load)
{
	struct picture *picture = picture_read(buf_str(&load->answer), load->answer.len);
	enum picture_fault fault = picture ? PICTURE_OK : picture_read_fault(buf_str(&load->answer));
	void (*done)(void *, struct picture *, enum picture_fault) = load->done;
	void *arg = load->arg;

	picture_load_stop(&load);
	done(arg, picture, fault);
}

static void timed_out(void *arg)
{
	struct picture_load *load = arg;

	load->timer = NULL;
	buf_clear(&load->answer);
	finish(load);
}

static void read_answer(void *arg, short revents)
{
	struct picture_load *load = arg;
	char piece[65536];
	ssize_t n = read(load->child.out, piece, sizeof piece);

	(void)revents;
	if (n > 0)
		buf_add(&load->answer, piece, (size_t)n);
	if (load->answer.len > PICTURE_BYTES_MAX + WRITE_SIZE)
		buf_clear(&load->answer);
	else if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	finish(load);
}

/* The child may be gone: then its answer, or that there is none, tells all. */
static void feed(void *arg, short revents)
{
	struct picture_load *load = arg;
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	size_t len = load->left.len < WRITE_SIZE ? load->left.len : WRITE_SIZE;
	ssize_t n = len ? write(load->child.in, load->left.data, len) : 0;

	(void)revents;
	signal(SIGPIPE, old);
	if (n > 0) {
		load->left.data += n;
		load->left.len -= (size_t)n;
	}
	if (!load->left.len || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_in(load);
}

static int start(struct picture_load *load, const struct picture_wish *wish, const char *encoding)
{
	struct child_setup setup = CHILD_SETUP_INIT;
	char numbers[4][12];
	char *program = child_own_program("tern-image");
	const char *argv[] = {program,	  picture_kind_name(wish->kind),
			      numbers[0], numbers[1],
			      numbers[2], numbers[3],
			      wish->is_rgb ? "rgb" : "256", encoding ? encoding : "none",
			      NULL};
	int result;

	snprintf(numbers[0], sizeof numbers[0], "%d", wish->columns);
	snprintf(numbers[1], sizeof numbers[1], "%d", wish->rows);
	snprintf(numbers[2], sizeof numbers[2], "%d", wish->cell_width);
	snprintf(numbers[3], sizeof numbers[3], "%d", wish->cell_height);
	setup.in = setup.out = CHILD_PIPE;
	setup.err = CHILD_NULL;
	result = child_start(&load->child, argv, &setup, NULL);
	free(program);
	return result;
}

struct picture_load *picture_load_start(struct loop *loop, const struct picture_wish *wish,
					const char *encoding, struct span body,
					void (*done)(void *arg, struct picture *picture,
						     enum picture_fault fault),
					void *arg)
{
	struct picture_load *load = mem_alloc(sizeof *load);

	*load = (struct picture_load){.loop = loop, .left = body, .done = done, .arg = arg};
	if (start(load, wish, encoding) < 0) {
		free(load);
		return NULL;
	}
	fcntl(load->child.in, F_SETFL, O_NONBLOCK);
	fcntl(load->child.out, F_SETFL, O_NONBLOCK);
	load->in = loop_add_fd(loop, "a picture's bytes", load->child.in, POLLOUT, feed, load);
	load->out = loop_add_fd(loop, "a picture", load->child.out, POLLIN, read_answer, load);
	load->timer = loop_add_timer(loop, "a picture's time", TIME_MS, timed_out, load);
	return load;
}
