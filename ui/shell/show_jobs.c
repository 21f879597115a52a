#include "config.h"
#include "ui/shell/show_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/base/buf.h"
#include "store/base/child.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "ui/shell/shell.h"
#include "ui/shell/show_names.h"

#define MOST	   16
#define PIPE_BYTES (1 << 20) /* a chunk's lines, so that a helper need not wait for us */
#define READ_PIECE 65536

struct helper {
	struct child child;
	struct buf rest; /* read, but behind the lines that were wanted */
};

/* One chunk for each process: [0] is ours. */
struct round {
	size_t counts[MOST];
	struct buf own;
};

struct run {
	const struct show_jobs *jobs;
	struct show_names *names;
	struct helper helpers[MOST]; /* [0] is not used */
	size_t started;
	struct buf chunk, out;
	int rc;
	struct err *err;
};

size_t show_jobs_default(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return count < 1 ? 1 : count > MOST ? MOST : (size_t)count;
}

static int start_helper(struct run *run, const char *program)
{
	const char *argv[] = {program,	  "show",	    "--json", "--null",
			      "--jobs=1", "--files-from=-", NULL};
	struct child_setup setup = CHILD_SETUP_INIT;
	struct helper *helper = &run->helpers[run->started];

	setup.in = setup.out = CHILD_PIPE;
	if (child_start(&helper->child, argv, &setup, NULL) < 0)
		return -1;
#ifdef F_SETPIPE_SZ
	fcntl(helper->child.out, F_SETPIPE_SZ, PIPE_BYTES); /* smaller is slower, no more */
#endif
	run->started++;
	return 0;
}

/* Without them it takes longer, no more. */
static void start_helpers(struct run *run)
{
	char *program = child_own_program("tern");
	size_t i;

	for (i = 1; i < run->jobs->count && i < MOST; i++)
		if (start_helper(run, program) < 0)
			break;
	free(program);
}

/* Their stdin closed, they end by themselves. */
static void end_helpers(struct run *run)
{
	size_t i;

	for (i = 1; i < run->started; i++) {
		struct helper *helper = &run->helpers[i];
		int status;

		close(helper->child.in);
		close(helper->child.out);
		if (waitpid(helper->child.pid, &status, 0) < 0 || status != 0)
			run->rc = run->rc ? run->rc : 1;
		buf_free(&helper->rest);
	}
}

static int ended_early(struct run *run)
{
	err_set(run->err, _("a helper ended before its work was done"));
	return run->rc = -1;
}

/* Never more than two chunks are under way to a helper, and a pipe takes two: this cannot wait for
 * one that waits for us. */
static void deal(struct run *run, struct round *round)
{
	size_t i;

	round->counts[0] = show_names_chunk(run->names, &round->own);
	for (i = 1; i < run->started; i++) {
		round->counts[i] = 0;
		if (!round->counts[i - 1])
			continue;
		round->counts[i] = show_names_chunk(run->names, &run->chunk);
		if (round->counts[i] && file_write_fd(run->helpers[i].child.in, run->chunk.data,
						      run->chunk.len, NULL) < 0)
			ended_early(run);
	}
}

/* How many bytes of TEXT the first *LINES lines are; *LINES is what is missing then. */
static size_t take_lines(const char *text, size_t len, size_t *lines)
{
	size_t at = 0;

	while (*lines && at < len) {
		const char *end = memchr(text + at, '\n', len - at);

		if (!end)
			return len;
		at = (size_t)(end - text) + 1;
		--*lines;
	}
	return at;
}

static int read_piece(struct run *run, struct helper *helper)
{
	ssize_t n;

	buf_reserve(&run->out, READ_PIECE);
	do
		n = read(helper->child.out, run->out.data + run->out.len, READ_PIECE);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return ended_early(run);
	run->out.len += (size_t)n;
	return 0;
}

/* LINES lines of the helper to stdout. */
static void pass_on(struct run *run, struct helper *helper, size_t lines)
{
	buf_add(&run->out, buf_str(&helper->rest), helper->rest.len);
	buf_clear(&helper->rest);
	while (lines && run->rc == 0) {
		size_t len = take_lines(buf_str(&run->out), run->out.len, &lines);

		buf_add(&helper->rest, buf_str(&run->out) + len, run->out.len - len);
		buf_truncate(&run->out, len);
		if (shell_print(&run->out) != 0)
			run->rc = 1;
		else if (lines)
			read_piece(run, helper);
	}
	if (run->out.len)
		shell_print(&run->out);
}

static void do_round(struct run *run, const struct round *round)
{
	size_t i;

	if (run->rc == 0 && run->jobs->work(run->jobs->arg, &round->own, round->counts[0]) != 0)
		run->rc = 1;
	for (i = 1; i < run->started && run->rc == 0; i++)
		pass_on(run, &run->helpers[i], round->counts[i]);
}

/* The next round is dealt before this one is done, so that no helper waits for names; but we do not
 * wait for names while there is something to show. */
static void do_rounds(struct run *run, struct round *round, struct round *next)
{
	while (round->counts[0] && run->rc == 0) {
		struct round *done = round;
		bool is_ahead = !show_names_wait(run->names);

		if (is_ahead)
			deal(run, next);
		do_round(run, round);
		if (!is_ahead)
			deal(run, next);
		round = next;
		next = done;
	}
}

int show_jobs_run(const struct show_jobs *jobs, struct show_names *names, struct err *err)
{
	struct run run = {.jobs = jobs, .names = names, .started = 1, .err = err};
	struct round rounds[2] = {{.own = BUF_INIT}};
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);

	deal(&run, &rounds[0]);
	if (rounds[0].counts[0] == SHOW_NAMES_CHUNK)
		start_helpers(&run);
	do_rounds(&run, &rounds[0], &rounds[1]);
	end_helpers(&run);
	signal(SIGPIPE, old);
	buf_free(&rounds[0].own);
	buf_free(&rounds[1].own);
	buf_free(&run.chunk);
	buf_free(&run.out);
	return run.rc;
}
