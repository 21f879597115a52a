/* hostile_play [-s COLUMNSxROWS] [-t MOST_MS] [-m MOST_MB] [-w SECONDS] [-b] [-v] LETTER|BOX...
 * Plays each letter to a tern of its own, in a TERN_HOME of its own below the one that is given: a
 * Maildir with it alone is opened, the letter read, paged, answered, passed on, its parts listed
 * and saved. One line for each thing that is wrong: a crash, a step that does not end within -w
 * seconds (30), one that takes more than -t ms of processor time, more than -m MB beside what tern
 * takes for a small letter, an escape that tern itself does not use, a file where none belongs. Of
 * a box (a folder, or NAME.mbox) the first letters are played as it lies. -b (brief) leaves steps
 * out. -v tells of each letter its slowest step and its memory. Status 1 when anything is wrong. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "tests/lib/screen.h"

#define QUIET_MS    25
#define FILES_TOLD  3
#define BOX_LETTERS 12

struct play {
	int columns, rows, most_ms, watch_ms;
	long most_kb, small_kb;
	bool is_brief, is_verbose, has_failed;
	int number;
};

/* What a person types, and what the screen then says. Steps that are not brief may be left out. */
struct step {
	const char *name, *keys, *wanted;
	bool is_brief;
};
static const struct step steps[] = {
    {"open", "<Enter>", "| pipe", true},
    {"page", "<PgDn>", "| pipe", true},
    {"page again", "<PgDn>", "| pipe", false},
    {"page a third time", "<PgDn>", "| pipe", false},
    {"end", "<End>", "| pipe", true},
    {"page back", "<PgUp>", "| pipe", false},
    {"headers", "h", "| pipe", true},
    {"end of headers", "<End>", "| pipe", true},
    {"headers off", "h", "| pipe", true},
    {"raw", "\\", "| pipe", true},
    {"end of raw", "<End>", "| pipe", true},
    {"raw off", "\\", "| pipe", true},
    {"html", "H", "| pipe", true},
    {"end of html", "<End>", "| pipe", false},
    {"html off", "H", "| pipe", true},
    {"quotes", "T", "| pipe", false},
    {"quotes again", "T", "| pipe", false},
    {"search", "/zz<Enter>", "| pipe", false},
    {"link", ":copy-link 1<Enter>", "| pipe", true},
    {"links", "<C-b>", "", true},
    {"last link", "<End>", "", true},
    {"links off", "<C-b>", "| pipe", true},
    {"parts", "v", "save all", true},
    {"last part", "<End>", "save all", true},
    {"save one", "s<Enter>", "save all", true},
    {"or keep both", "k", "save all", false},
    {"save the first", "=s<Enter>", "save all", false},
    {"or keep both firsts", "k", "save all", false},
    {"save", "S<Enter>", "save all", true},
    {"back to the letter", "q", "| pipe", true},
    {"reply", "r", "^X send", true},
    {"end of the draft", "<PgDn><PgDn>", "^X send", false},
    {"throw it away", "<C-c>t", "| pipe", true},
    {"reply to all", "g", "^X send", false},
    {"throw that away", "<C-c>t", "| pipe", false},
    {"forward", "f", "^X send", true},
    {"throw this away", "<C-c>t", "| pipe", true},
    {"edit as new", "<A-e>", "^X send", false},
    {"throw it away too", "<C-c>t", "| pipe", false},
    {"accept", "y", "| pipe", true},
    {"take the answer back", "U", "", true},
    {"throw the answer away", "<C-c>t", "| pipe", true},
    {"decline", "<A-n>", "| pipe", false},
    {"take it back", "U", "", false},
    {"throw it away as well", "<C-c>t", "| pipe", false},
    {"the index", "q", "v fold", true},
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the process ---------------------------------------------------------------------------- */

static bool read_proc(pid_t pid, const char *what, char *out, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	out[0] = '\0';
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, out, size - 1);
	close(fd);
	out[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* Nanoseconds of processor time; its children's are added when they have ended. */
static int64_t cpu_ns(pid_t pid)
{
	char text[512];
	long user = 0, system = 0;
	int64_t own;
	char *at;

	if (!read_proc(pid, "schedstat", text, sizeof text))
		return 0;
	own = strtoll(text, NULL, 10);
	if (read_proc(pid, "stat", text, sizeof text) && (at = strrchr(text, ')')))
		sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld",
		       &user, &system);
	return own + (user + system) * (1000000000 / sysconf(_SC_CLK_TCK));
}

static bool is_at_work(pid_t pid)
{
	char text[512];
	char *at = read_proc(pid, "stat", text, sizeof text) ? strrchr(text, ')') : NULL;

	return at && at[1] == ' ' && strchr("RD", at[2]);
}

/* Neither it nor a child of its works. */
static bool sleeps(pid_t pid)
{
	char children[512], what[64], *at = children;

	snprintf(what, sizeof what, "task/%d/children", (int)pid);
	if (is_at_work(pid))
		return false;
	read_proc(pid, what, children, sizeof children);
	while (*at)
		if (is_at_work((pid_t)strtol(at, &at, 10)))
			return false;
		else
			at += *at == ' ';
	return true;
}

static long peak_kb(pid_t pid)
{
	char text[4096];
	char *at = read_proc(pid, "status", text, sizeof text) ? strstr(text, "VmHWM:") : NULL;

	return at ? strtol(at + 6, NULL, 10) : 0;
}

/* --- one letter ----------------------------------------------------------------------------- */

static void complain(struct play *play, const char *letter, const char *step, const char *what)
{
	play->has_failed = true;
	printf("%s: %s: %s\n", letter, step, what);
}

static void complain_number(struct play *play, const char *letter, const char *step, long number,
			    const char *what)
{
	char *text = mem_printf("%ld %s", number, what);

	complain(play, letter, step, text);
	free(text);
}

static void complain_of_screen(struct play *play, struct screen *screen, const char *letter,
			       const char *step)
{
	char *text = screen_text(screen);

	complain(play, letter, step, "not what was expected:");
	puts(text);
	free(text);
}

/* Until nothing was written, and no time used, for QUIET_MS; false when that does not come to be.
 */
static bool come_to_rest(struct screen *screen, int most_ms)
{
	int64_t began = now_ms(), since = began, used = cpu_ns(screen_pid(screen)), is;

	while (now_ms() - since < QUIET_MS) {
		bool wrote = screen_pump(screen, 10);

		is = cpu_ns(screen_pid(screen));
		if (wrote || is != used || !sleeps(screen_pid(screen)))
			since = now_ms();
		used = is;
		if (!screen_is_running(screen))
			return true;
		if (now_ms() - began > most_ms)
			return false;
	}
	return true;
}

/* The processor time of the step in ms, or -1 when the rest makes no sense. */
static long take_step(struct play *play, struct screen *screen, const char *letter,
		      const struct step *step)
{
	int64_t before = cpu_ns(screen_pid(screen)), used;

	screen_keys(screen, step->keys);
	if (!come_to_rest(screen, play->watch_ms)) {
		complain(play, letter, step->name, "does not come to rest");
		return -1;
	}
	if (!screen_wait_text(screen, step->wanted, play->watch_ms)) {
		complain_of_screen(play, screen, letter, step->name);
		return -1;
	}
	come_to_rest(screen, play->watch_ms);
	used = (cpu_ns(screen_pid(screen)) - before) / 1000000;
	if (play->most_ms && used > play->most_ms)
		complain_number(play, letter, step->name, (long)used, "ms");
	return (long)used;
}

/* What was seen of a letter while it was played. */
struct measure {
	const char *slowest, *largest; /* steps */
	long ms, kb;
};

static void measure_add(struct measure *measure, const char *step, long ms, long kb)
{
	if (ms > measure->ms) {
		measure->ms = ms;
		measure->slowest = step;
	}
	if (kb > measure->kb) {
		measure->kb = kb;
		measure->largest = step;
	}
}

/* The first letter played is the small one. */
static void tell_measure(struct play *play, const char *letter, const struct measure *measure)
{
	long mb;

	if (!play->small_kb)
		play->small_kb = measure->kb;
	mb = (measure->kb - play->small_kb) / 1024;
	if (play->is_verbose)
		printf("# %-30s %5ld ms %-18s %5ld MB %s\n", letter, measure->ms, measure->slowest, mb,
		       measure->largest);
	if (play->most_kb && mb * 1024 > play->most_kb)
		complain_number(play, letter, measure->largest, mb, "MB more than for a small letter");
}

static bool take_steps(struct play *play, struct screen *screen, const char *letter)
{
	struct measure measure = {"", "", -1, 0};

	for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
		long ms;

		if (play->is_brief && !steps[i].is_brief)
			continue;
		ms = take_step(play, screen, letter, &steps[i]);
		if (ms < 0)
			return false;
		measure_add(&measure, steps[i].name, ms, peak_kb(screen_pid(screen)));
	}
	tell_measure(play, letter, &measure);
	return true;
}

static void quit(struct play *play, struct screen *screen, const char *letter)
{
	char *forbidden;
	int status;

	screen_keys(screen, "q");
	status = screen_wait_end(screen, play->watch_ms);
	if (status != 0)
		complain_number(play, letter, "quit", status, "is its exit status");
	forbidden = screen_forbidden(screen);
	if (forbidden)
		complain(play, letter, "screen", forbidden);
	free(forbidden);
}

static bool is_in_index(struct screen *screen, int ms)
{
	return screen_wait_text(screen, "of ", ms) && come_to_rest(screen, ms);
}

/* The letters of the box from the first one on. */
static void take_letters(struct play *play, struct screen *screen, const char *letter, int count)
{
	static const struct step first = {"the first", "=", "v fold", true};
	static const struct step next = {"the next", "J", "v fold", true};
	bool goes_on = count == 1 || take_step(play, screen, letter, &first) >= 0;

	for (int i = 0; i < count && goes_on; i++)
		goes_on = take_steps(play, screen, letter) &&
			  (i + 1 == count || take_step(play, screen, letter, &next) >= 0);
}

static void play_box(struct play *play, const char *box, const char *letter, int count)
{
	const char *const argv[] = {"tern", "-f", box, NULL};
	struct screen *screen = screen_new(play->columns, play->rows);

	if (screen_start(screen, argv) < 0) {
		perror("tern");
		exit(2);
	}
	if (is_in_index(screen, play->watch_ms))
		take_letters(play, screen, letter, count);
	else
		complain_of_screen(play, screen, letter, "index");
	quit(play, screen, letter);
	screen_free(&screen);
}

/* What may stay behind: what was saved, and tern's own index, log and history. No draft, no letter
 * to send. */
static const char strangers[] =
    "cd \"$TERN_HOME\" && find . -type f -o -type l | grep -vE "
    "'^[.]/(config/config$|box/cur/|deep/saved/|"
    "cache/|state/|run/ternd|data/outbox/(lock|outbox[.]db)|data/[^/]*[.]db|data/accounts/)'; "
    "ls -d \"$TMPDIR\"/tern* 2>/dev/null; true";

static void check_files(struct play *play, const char *letter)
{
	FILE *out = popen(strangers, "r");
	char line[1000];

	for (int i = 0; out && i < FILES_TOLD && fgets(line, sizeof line, out); i++) {
		line[strcspn(line, "\n")] = '\0';
		complain(play, letter, "a file was left", line);
	}
	if (out)
		pclose(out);
}

static void must(int status, const char *what)
{
	if (status != 0) {
		fprintf(stderr, "hostile_play: %s: %s\n", what, strerror(errno));
		exit(2);
	}
}

/* A TERN_HOME as a person has it, and the box. */
static void set_home(const char *home)
{
	char *config = path_join(home, "config/config");
	FILE *out;

	setenv("TERN_HOME", home, 1);
	setenv("HOME", home, 1);
	must(system("cd / && mkdir -p \"$TERN_HOME/config\" \"$TERN_HOME/deep/saved\" "
		    "\"$TERN_HOME/box/cur\" "
		    "\"$TERN_HOME/box/new\" \"$TERN_HOME/box/tmp\" && for f in INBOX Sent Drafts "
		    "Trash; do "
		    "for d in cur new tmp; do mkdir -p \"$TERN_HOME/Mail/home/$f/$d\"; done; done"),
	     home);
	must((out = fopen(config, "w")) == NULL, config);
	fprintf(out, "[account home]\nkind = local\naddress = me@localhost\n");
	fprintf(out, "[compose]\nundo-send = 600\n");
	fprintf(out, "[reader]\nsave-dir = ~/deep/saved\n");
	fclose(out);
	free(config);
}

/* The one letter in a Maildir of its own; a box as it is. */
static void play_path(struct play *play, const char *home, const char *path)
{
	char *box = path_join(home, "box"), *cur = path_join(box, "cur");
	char *file = path_join(cur, path_base(path));
	size_t len = strlen(path);

	if (path_is_dir(path) || (len > 5 && strcmp(path + len - 5, ".mbox") == 0)) {
		play_box(play, path, path_base(path), BOX_LETTERS);
	} else {
		must(link(path, file) < 0 && symlink(path, file) < 0, file);
		play_box(play, box, path_base(path), 1);
	}
	free(box);
	free(cur);
	free(file);
}

static void play_letter(struct play *play, const char *path)
{
	char *root = mem_strdup(getenv("TERN_HOME"));
	char *home = mem_printf("%s/%d", root, play->number++);

	set_home(home);
	play_path(play, home, path);
	check_files(play, path_base(path));
	if (!getenv("TERN_TEST_KEEP"))
		must(system("chmod -R u+rwx \"$TERN_HOME\" && rm -rf \"$TERN_HOME\""), home);
	setenv("TERN_HOME", root, 1);
	setenv("HOME", root, 1);
	free(home);
	free(root);
}

/* What memory tern takes for a letter that is nothing. */
static void play_small(struct play *play)
{
	char *path = path_join(getenv("TERN_HOME"), "1.M1.small:2,");
	FILE *file = fopen(path, "w");

	fprintf(file, "From: a@example.org\nSubject: small\n\nbody\n");
	fclose(file);
	play_letter(play, path);
	free(path);
}

int main(int argc, char **argv)
{
	struct play play = {.columns = 80, .rows = 24, .watch_ms = 30000};
	int option;

	while ((option = getopt(argc, argv, "s:t:m:w:bv")) != -1)
		switch (option) {
		case 's':
			sscanf(optarg, "%dx%d", &play.columns, &play.rows);
			break;
		case 't':
			play.most_ms = atoi(optarg);
			break;
		case 'm':
			play.most_kb = atol(optarg) * 1024;
			break;
		case 'w':
			play.watch_ms = atoi(optarg) * 1000;
			break;
		case 'b':
			play.is_brief = true;
			break;
		case 'v':
			play.is_verbose = true;
			break;
		default:
			return 2;
		}
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	play_small(&play);
	for (; optind < argc; optind++)
		play_letter(&play, argv[optind]);
	return play.has_failed;
}
