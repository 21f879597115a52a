/* Makes a Maildir of generated letters: same seed, same bytes. Threads of all sizes, replies that
 *name their parents, some missing parents, flags, a few attachments. make-maildir [-n MESSAGES] [-s
 *SEED] [-b BODY_BYTES] [-u UNREAD_PERCENT] DIR Nothing is synced: this is for tests and measures.
 */
#include "config.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/chance.h"

#define FIRST_DATE 1500000000
#define RECENT	   4096 /* a reply goes to one of the last so many */

struct maker {
	uint64_t seed;
	long messages, body, unread;
	const char *dir;
	char name[4096], text[1 << 20];
	size_t len;
	long *parents, *roots;
};

static long below(struct maker *maker, long n)
{
	return chance_below(&maker->seed, n);
}

static const char *const words[] = {
    "harbour", "letter", "signal", "tern",   "journey", "meeting", "budget", "release",
    "patch",   "garden", "winter", "coffee", "report",	"train",   "window", "license",
    "north",   "river",	 "paper",  "light",  "письмо",	"весна",   "море",   "ёлка",
    "会议",    "手紙",	 "Ärger",  "café",   "naïve",	"größe",
};
static const char *const people[] = {
    "Lena Wolf", "Oleg Petrov", "Ada Byrne", "Ivan Ivanov",
    "Mei Lin",	 "Jo Smith",	"Nora Berg", "Tom Ode",
};
#define WORDS  ((long)(sizeof words / sizeof *words))
#define ASCII  20
#define PEOPLE ((long)(sizeof people / sizeof *people))

static void add(struct maker *maker, const char *text)
{
	size_t len = strlen(text);

	if (maker->len + len >= sizeof maker->text)
		return;
	memcpy(maker->text + maker->len, text, len + 1);
	maker->len += len;
}

static void add_number(struct maker *maker, const char *before, long number, const char *after)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%ld", number);
	add(maker, before);
	add(maker, digits);
	add(maker, after);
}

static void add_words(struct maker *maker, long count, long of)
{
	while (count-- > 0) {
		add(maker, words[below(maker, of)]);
		if (count)
			add(maker, " ");
	}
}

static void add_references(struct maker *maker, long n)
{
	long chain[10];
	int depth = 0;

	for (long at = maker->parents[n]; at >= 0 && depth < 10; at = maker->parents[at])
		chain[depth++] = at;
	if (depth == 0)
		return;
	add_number(maker, "In-Reply-To: <m", chain[0], "@bench.example>\n");
	add(maker, "References:");
	while (depth-- > 0)
		add_number(maker, " <m", chain[depth], "@bench.example>\n");
}

static void add_date(struct maker *maker, time_t date)
{
	char text[64];
	struct tm tm;

	gmtime_r(&date, &tm);
	strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S +0000\n", &tm);
	add(maker, text);
}

static void add_subject(struct maker *maker, long n)
{
	uint64_t seed = maker->seed;

	add(maker, maker->parents[n] >= 0 ? "Subject: Re: " : "Subject: ");
	maker->seed = (uint64_t)maker->roots[n] * 7919 + 1; /* a thread has one subject */
	add_words(maker, 2 + below(maker, 5), WORDS);
	maker->seed = seed;
	add(maker, "\n");
}

static void add_body(struct maker *maker)
{
	size_t end = maker->len + (size_t)(maker->body / 2 + below(maker, maker->body + 1));

	while (maker->len < end) {
		add_words(maker, 8, ASCII);
		add(maker, "\n");
	}
}

static void make_text(struct maker *maker, long n, time_t date)
{
	long who = below(maker, PEOPLE);
	bool attached = below(maker, 20) == 0;

	maker->len = 0;
	add(maker, "From: ");
	add(maker, people[who]);
	add_number(maker, " <p", who, "@example.org>\n");
	add_number(maker, "To: list <list", below(maker, 5), "@example.org>\n");
	add_subject(maker, n);
	add_date(maker, date);
	add_number(maker, "Message-ID: <m", n, "@bench.example>\n");
	add_references(maker, n);
	add(maker, "MIME-Version: 1.0\n");
	if (attached)
		add(maker, "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n");
	add(maker, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n");
	add_body(maker);
	if (attached)
		add(maker,
		    "\n--b\nContent-Type: application/pdf; name=\"a.pdf\"\n"
		    "Content-Disposition: attachment; filename=\"a.pdf\"\n\nnothing\n--b--\n");
}

/* A third of the letters begin a thread. */
static void choose_parent(struct maker *maker, long n)
{
	long span = n < RECENT ? n : RECENT;

	maker->parents[n] = -1;
	if (n && below(maker, 3) != 0)
		maker->parents[n] =
		    n - 1 - below(maker, below(maker, 10) ? (span < 50 ? span : 50) : span);
	maker->roots[n] = maker->parents[n] < 0 ? n : maker->roots[maker->parents[n]];
}

static int write_file(struct maker *maker, const char *path, time_t date)
{
	struct timespec times[2] = {{.tv_sec = date}, {.tv_sec = date}};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, maker->text, maker->len) != (ssize_t)maker->len ||
	    futimens(fd, times) < 0 || close(fd) < 0) {
		perror(path);
		return -1;
	}
	return 0;
}

static int make_one(struct maker *maker, long n)
{
	time_t date = FIRST_DATE + n * 600 + below(maker, 600);
	char path[4352];
	bool unread;

	choose_parent(maker, n);
	make_text(maker, n, date);
	unread = below(maker, 100) < maker->unread;
	if (below(maker, 50) == 0)
		return 0; /* a parent that nobody has */
	snprintf(path, sizeof path, "%s/%s/%ld.M%ldP1.bench%s", maker->dir, unread ? "new" : "cur",
		 (long)date, n,
		 unread		    ? ""
		 : below(maker, 30) ? ":2,S"
				    : ":2,FS");
	return write_file(maker, path, date);
}

static int make_dirs(struct maker *maker)
{
	static const char *const names[] = {"", "/cur", "/new", "/tmp"};

	for (size_t i = 0; i < 4; i++) {
		snprintf(maker->name, sizeof maker->name, "%s%s", maker->dir, names[i]);
		if (mkdir(maker->name, 0700) < 0 && access(maker->name, W_OK) < 0) {
			perror(maker->name);
			return -1;
		}
	}
	return 0;
}

static int usage(void)
{
	fputs(
	    "usage: make-maildir [-n MESSAGES] [-s SEED] [-b BODY_BYTES] [-u UNREAD_PERCENT] DIR\n",
	    stderr);
	return 2;
}

static int make_all(struct maker *maker)
{
	int rc = make_dirs(maker);

	maker->parents = calloc((size_t)maker->messages + 1, sizeof *maker->parents);
	maker->roots = calloc((size_t)maker->messages + 1, sizeof *maker->roots);
	for (long n = 0; rc == 0 && n < maker->messages; n++)
		rc = make_one(maker, n);
	free(maker->parents);
	free(maker->roots);
	return rc < 0;
}

static int read_arguments(struct maker *maker, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:s:b:u:")) != -1) {
		if (c == 'n')
			maker->messages = atol(optarg);
		else if (c == 's')
			maker->seed = strtoull(optarg, NULL, 10);
		else if (c == 'b')
			maker->body = atol(optarg);
		else if (c == 'u')
			maker->unread = atol(optarg);
		else
			return -1;
	}
	maker->dir = argv[optind];
	return optind + 1 == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct maker *maker = calloc(1, sizeof *maker);
	int rc;

	maker->seed = 1;
	maker->messages = maker->body = 1000;
	maker->unread = 5;
	rc = read_arguments(maker, argc, argv) < 0 ? usage() : make_all(maker);
	free(maker);
	return rc;
}
