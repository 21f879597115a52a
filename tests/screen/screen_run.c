/* screen_run SCRIPT: plays a screen script and prints TAP. What may stand in a script: tests/screen/README.
 * A script stops at its first failure, with the screen as it was: what comes after it means nothing. */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "tests/lib/screen.h"

#define TERMINALS   4
#define DEADLINE_MS 15000
#define QUIET_MS    150
#define QUIET_AT_MOST_MS 5000

struct terminal {
	char name[32];
	struct screen *screen;
};

struct run {
	const char *script;
	FILE *in;
	int line;
	char *text; /* the line being played */
	struct terminal terminals[TERMINALS];
	int current, columns, rows, deadline_ms;
	char home[PATH_MAX];
	struct buf block;
	int tests;
	bool has_failed, is_over;
};

typedef void play(struct run *run, char *rest);
/* NULL when the screen is as wished, else why not (free it). */
typedef char *wish(struct run *run, const char *a, const char *b);

static struct screen *now(struct run *run)
{
	return run->terminals[run->current].screen;
}

/* --- TAP ------------------------------------------------------------------------------------ */

static void comment_lines(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("# |%.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void show_screen(struct run *run)
{
	int row, column;
	char *text = screen_text(now(run));

	screen_cursor(now(run), &row, &column, NULL);
	printf("# the screen \"%s\", cursor at %d %d:\n", run->terminals[run->current].name, row,
	       column);
	comment_lines(text);
	free(text);
}

static void pass(struct run *run)
{
	printf("ok %d - line %d: %s\n", ++run->tests, run->line, run->text);
}

static void fail(struct run *run, const char *why)
{
	printf("not ok %d - line %d: %s\n", ++run->tests, run->line, run->text);
	printf("# %s:%d: %s\n", run->script, run->line, why);
	show_screen(run);
	run->has_failed = run->is_over = true;
}

static void tell(struct run *run, char *why)
{
	if (why)
		fail(run, why);
	else
		pass(run);
	free(why);
}

/* A fault of the script itself. */
static void bad_script(struct run *run, const char *why)
{
	fail(run, why);
}

/* --- words ---------------------------------------------------------------------------------- */

static char unescape(const char **at)
{
	char hex[3] = "";

	++*at;
	switch (**at) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'e':
		return '\033';
	case 'x':
		hex[0] = (*at)[1];
		hex[1] = hex[0] ? (*at)[2] : '\0';
		*at += strlen(hex);
		return (char)strtol(hex, NULL, 16);
	default:
		return **at;
	}
}

/* The next word of *REST, quotes and backslashes taken away, in place; NULL at the end. */
static char *next_word(char **rest)
{
	const char *at = *rest + strspn(*rest, " \t");
	char *word = *rest, *out = word;
	bool quoted = *at == '"';

	if (!*at)
		return NULL;
	for (at += quoted; *at && (quoted ? *at != '"' : !isspace((unsigned char)*at)); at++)
		*out++ = quoted && *at == '\\' && at[1] ? unescape(&at) : *at;
	*rest = (char *)at + (*at != '\0');
	*out = '\0';
	return word;
}

/* All of the rest: one quoted word, or the line as it stands. */
static char *whole(char *rest)
{
	rest += strspn(rest, " \t");
	return *rest == '"' ? next_word(&rest) : rest;
}

/* --- waiting -------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* All terminals are read, so that none of the programs waits for us. */
static void pump_all(struct run *run, int ms)
{
	int i;

	for (i = 0; i < TERMINALS; i++)
		if (i != run->current && run->terminals[i].screen)
			while (screen_pump(run->terminals[i].screen, 0))
				;
	if (!screen_pump(now(run), ms) && !screen_is_running(now(run)))
		usleep(10000);
}

static void wish_for(struct run *run, wish *check, const char *a, const char *b)
{
	int64_t until = now_ms() + run->deadline_ms;
	char *why = check(run, a, b);

	while (why && now_ms() < until) {
		free(why);
		pump_all(run, 30);
		why = check(run, a, b);
	}
	tell(run, why);
}

static void settle(struct run *run)
{
	pump_all(run, 0);
	screen_settle(now(run), QUIET_MS, QUIET_AT_MOST_MS);
}

/* --- wishes --------------------------------------------------------------------------------- */

static char *wish_see(struct run *run, const char *text, const char *none)
{
	(void)none;
	return screen_has(now(run), text) ? NULL : mem_printf("not to be seen: \"%s\"", text);
}

static char *wish_not(struct run *run, const char *text, const char *none)
{
	(void)none;
	return screen_has(now(run), text) ? mem_printf("still to be seen: \"%s\"", text) : NULL;
}

static int row_number(struct run *run, const char *word)
{
	int row = atoi(word);

	return row < 0 ? screen_rows(now(run)) + row : row;
}

static char *wish_row(struct run *run, const char *number, const char *text)
{
	char *row = screen_row(now(run), row_number(run, number));
	char *why = screen_match(row, text) ? NULL
					    : mem_printf("row %s is \"%s\"", number, row);

	free(row);
	return why;
}

static char *wish_row_has(struct run *run, const char *number, const char *text)
{
	int row = row_number(run, number), found, column, from = 0;
	char *line = screen_row(now(run), row), *at, *why;

	for (at = line; *at; at++) /* SCREEN_ANY works by comparing from each place on */
		from += strncmp(at, text, strlen(text)) == 0;
	found = from > 0 || (screen_find(now(run), text, &found, &column) && found == row);
	why = found ? NULL : mem_printf("row %s is \"%s\"", number, line);
	free(line);
	return why;
}

static char *wish_cursor(struct run *run, const char *row_word, const char *column_word)
{
	int row, column;
	bool visible;

	screen_cursor(now(run), &row, &column, &visible);
	if (strcmp(row_word, "hidden") == 0)
		return visible ? mem_strdup("the cursor is to be seen") : NULL;
	if (row == row_number(run, row_word) && (!column_word || column == atoi(column_word)))
		return NULL;
	return mem_printf("the cursor stands at %d %d", row, column);
}

static char *wish_screen(struct run *run, const char *picture, const char *none)
{
	char *copy = mem_strdup(picture), *line = copy, *why = NULL;
	int row;

	(void)none;
	for (row = 0; row < screen_rows(now(run)) && !why; row++) {
		size_t len = strcspn(line, "\n");
		char *seen = screen_row(now(run), row), *next = line + len + (line[len] == '\n');

		line[len] = '\0';
		if (!screen_match(seen, line))
			why = mem_printf("row %d is \"%s\", wanted \"%s\"", row, seen, line);
		free(seen);
		line = next;
	}
	free(copy);
	return why;
}

static const struct {
	const char *name;
	unsigned style;
} style_names[] = {
	{"bold", SCREEN_BOLD},	     {"underline", SCREEN_UNDERLINE}, {"italic", SCREEN_ITALIC},
	{"reverse", SCREEN_REVERSE}, {"blink", SCREEN_BLINK},	      {"strike", SCREEN_STRIKE},
};

/* "fg:12", "bg:default", "fg:#ff0000" */
static bool has_colour(struct screen_cell cell, const char *word)
{
	const char *name = word + 3;
	int colour = word[0] == 'f' ? cell.fg : cell.bg;

	if (strcmp(name, "default") == 0)
		return colour == SCREEN_DEFAULT_COLOUR;
	if (name[0] == '#')
		return colour == (SCREEN_RGB | (int)strtol(name + 1, NULL, 16));
	return colour == atoi(name);
}

static bool has_style(struct screen_cell cell, const char *word)
{
	bool inverse = *word == '-';
	size_t i;

	if (strncmp(word, "fg:", 3) == 0 || strncmp(word, "bg:", 3) == 0)
		return has_colour(cell, word);
	for (i = 0; i < ARRAY_COUNT(style_names); i++)
		if (strcmp(style_names[i].name, word + inverse) == 0)
			return !(cell.style & style_names[i].style) == inverse;
	return false;
}

static char *wish_style(struct run *run, const char *text, const char *styles)
{
	char *copy = mem_strdup(styles), *rest = copy, *word, *why = NULL;
	int row, column;
	struct screen_cell cell;

	if (!screen_find(now(run), text, &row, &column)) {
		free(copy);
		return mem_printf("not to be seen: \"%s\"", text);
	}
	cell = screen_cell(now(run), row, column);
	while (!why && (word = next_word(&rest)))
		if (!has_style(cell, word))
			why = mem_printf("not %s: style %#x, fg %d, bg %d", word, cell.style, cell.fg,
					 cell.bg);
	free(copy);
	return why;
}

static char *wish_ended(struct run *run, const char *status, const char *none)
{
	int code = screen_wait_end(now(run), 0);

	(void)none;
	if (code == atoi(status))
		return NULL;
	return code < 0 ? mem_strdup("the program still runs")
			: mem_printf("the program ended with %d", code);
}

static char *wish_shell(struct run *run, const char *command, const char *none)
{
	int status;
	pid_t pid = fork();

	(void)run;
	(void)none;
	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? NULL : mem_strdup("the command did not succeed");
}

/* --- the commands --------------------------------------------------------------------------- */

static void play_size(struct run *run, char *rest)
{
	if (sscanf(rest, "%dx%d", &run->columns, &run->rows) != 2)
		return bad_script(run, "size wants COLUMNSxROWS");
	if (!screen_is_running(now(run))) {
		screen_free(&run->terminals[run->current].screen);
		run->terminals[run->current].screen = screen_new(run->columns, run->rows);
	}
}

static void play_resize(struct run *run, char *rest)
{
	int columns, rows;

	if (sscanf(rest, "%dx%d", &columns, &rows) != 2)
		return bad_script(run, "resize wants COLUMNSxROWS");
	screen_resize(now(run), columns, rows);
}

static void play_env(struct run *run, char *rest)
{
	char *word = next_word(&rest), *equals = word ? strchr(word, '=') : NULL;

	if (!equals)
		return bad_script(run, "env wants NAME=VALUE");
	*equals = '\0';
	if (equals[1])
		setenv(word, equals + 1, 1);
	else
		unsetenv(word);
}

static void play_timeout(struct run *run, char *rest)
{
	run->deadline_ms = atoi(rest) * 1000;
}

static void play_use(struct run *run, char *rest)
{
	const char *name = whole(rest);
	int i;

	for (i = 0; i < TERMINALS && run->terminals[i].screen; i++)
		if (strcmp(run->terminals[i].name, name) == 0)
			break;
	if (i == TERMINALS)
		return bad_script(run, "too many terminals");
	if (!run->terminals[i].screen)
		run->terminals[i].screen = screen_new(run->columns, run->rows);
	snprintf(run->terminals[i].name, sizeof run->terminals[i].name, "%s", name);
	run->current = i;
}

static void play_run(struct run *run, char *rest)
{
	char *command = mem_printf("exec %s", rest);
	const char *argv[] = {"/bin/sh", "-c", command, NULL};

	if (screen_start(now(run), argv) < 0)
		bad_script(run, strerror(errno));
	free(command);
}

static void play_keys(struct run *run, char *rest)
{
	if (screen_keys(now(run), whole(rest)) < 0)
		bad_script(run, "there is a key name that is none");
}

static void play_type(struct run *run, char *rest)
{
	const char *text = whole(rest);

	screen_send(now(run), text, strlen(text));
}

static void paste_file(struct run *run, const char *name)
{
	char *path = mem_printf("%s/%s", run->home, name);
	struct buf text = BUF_INIT;

	if (file_read(path, &text, 0, NULL) < 0)
		fail(run, "the file to paste cannot be read");
	else
		screen_paste(now(run), buf_str(&text));
	buf_free(&text);
	free(path);
}

static void play_paste(struct run *run, char *rest)
{
	if (rest[0] == '<' && rest[1] == ' ')
		paste_file(run, rest + 2);
	else
		screen_paste(now(run), run->block.len ? buf_str(&run->block) : whole(rest));
}

static const struct {
	const char *name;
	int button;
	bool has_release;
} mouse_names[] = {
	{"click", 0, true}, {"middle", 1, true}, {"right", 2, true}, {"up", 64, false}, {"down", 65, false},
};

static void play_mouse(struct run *run, char *rest)
{
	const char *what = next_word(&rest);
	char report[64];
	int row, column;
	size_t i;

	for (i = 0; what && i < ARRAY_COUNT(mouse_names); i++)
		if (strcmp(mouse_names[i].name, what) == 0)
			break;
	if (!what || i == ARRAY_COUNT(mouse_names) || sscanf(rest, "%d %d", &row, &column) != 2)
		return bad_script(run, "mouse wants click|middle|right|up|down ROW COLUMN");
	snprintf(report, sizeof report, "\033[<%d;%d;%dM", mouse_names[i].button, column + 1, row + 1);
	screen_send(now(run), report, strlen(report));
	report[strlen(report) - 1] = 'm';
	if (mouse_names[i].has_release)
		screen_send(now(run), report, strlen(report));
}

static void play_see(struct run *run, char *rest)
{
	wish_for(run, wish_see, whole(rest), NULL);
}

static void play_not(struct run *run, char *rest)
{
	settle(run);
	wish_for(run, wish_not, whole(rest), NULL);
}

static void play_row(struct run *run, char *rest)
{
	char *number = next_word(&rest);

	rest += strspn(rest, " ");
	if (!number)
		return bad_script(run, "row wants a number");
	if (strncmp(rest, "has ", 4) == 0)
		return wish_for(run, wish_row_has, number, whole(rest + 4));
	wish_for(run, wish_row, number, whole(rest));
}

static void play_cursor(struct run *run, char *rest)
{
	char *row = next_word(&rest), *column = next_word(&rest);

	if (!row)
		return bad_script(run, "cursor wants ROW COLUMN, ROW, or hidden");
	wish_for(run, wish_cursor, row, column);
}

static void play_screen(struct run *run, char *rest)
{
	(void)rest;
	wish_for(run, wish_screen, buf_str(&run->block), NULL);
}

static void play_style(struct run *run, char *rest)
{
	char *text = next_word(&rest);

	wish_for(run, wish_style, text, rest);
}

static void play_end(struct run *run, char *rest)
{
	char *status = next_word(&rest);

	wish_for(run, wish_ended, status ? status : "0", NULL);
}

static void play_kill(struct run *run, char *rest)
{
	kill(screen_pid(now(run)), *rest ? atoi(rest) : SIGKILL);
	screen_wait_end(now(run), *rest ? 0 : run->deadline_ms);
}

static void play_shell(struct run *run, char *rest)
{
	tell(run, wish_shell(run, rest, NULL));
}

static void play_until(struct run *run, char *rest)
{
	wish_for(run, wish_shell, rest, NULL);
}

static void play_need(struct run *run, char *rest)
{
	char *why = wish_shell(run, rest, NULL);

	if (why && run->tests == 0)
		printf("1..0 # SKIP needs: %s\n", rest);
	run->is_over = why != NULL;
	free(why);
}

static void play_settle(struct run *run, char *rest)
{
	(void)rest;
	settle(run);
}

static void play_clean(struct run *run, char *rest)
{
	(void)rest;
	settle(run);
	tell(run, screen_forbidden(now(run)));
}

static void write_text(struct run *run, const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(text, 1, len, file) != len || fclose(file) != 0)
		bad_script(run, strerror(errno));
}

static void play_file(struct run *run, char *rest)
{
	char *path = mem_printf("%s/%s", run->home, whole(rest));

	write_text(run, path, buf_str(&run->block), run->block.len);
	free(path);
}

static void play_snapshot(struct run *run, char *rest)
{
	char *text;

	settle(run);
	text = screen_text(now(run));
	write_text(run, whole(rest), text, strlen(text));
	free(text);
}

static const struct {
	const char *name;
	play *play;
} commands[] = {
	{"clean", play_clean}, {"cursor", play_cursor},	  {"end", play_end},
	{"env", play_env},     {"file", play_file},	  {"keys", play_keys},
	{"kill", play_kill},   {"mouse", play_mouse},	  {"need", play_need},
	{"not", play_not},     {"paste", play_paste},	  {"resize", play_resize},
	{"row", play_row},     {"run", play_run},	  {"screen", play_screen},
	{"see", play_see},     {"settle", play_settle},	  {"shell", play_shell},
	{"size", play_size},   {"snapshot", play_snapshot}, {"style", play_style},
	{"timeout", play_timeout}, {"type", play_type},	  {"until", play_until},
	{"use", play_use},     {"wait", play_see},
};

/* --- the script ----------------------------------------------------------------------------- */

static bool read_line(struct run *run, struct buf *line)
{
	int c;

	buf_clear(line);
	while ((c = fgetc(run->in)) != EOF && c != '\n')
		buf_add_char(line, (char)c);
	run->line++;
	return c != EOF || line->len > 0;
}

/* "... <<END" takes the lines up to END along. */
static void read_block(struct run *run, char *rest)
{
	char *mark = strstr(rest, "<<");
	struct buf line = BUF_INIT;

	buf_clear(&run->block);
	if (!mark || strchr(mark, '"'))
		return;
	while (mark > rest && mark[-1] == ' ')
		*--mark = '\0';
	mark = strstr(run->text, "<<");
	while (read_line(run, &line) && strcmp(buf_str(&line), mark + 2) != 0) {
		buf_add(&run->block, buf_str(&line), line.len);
		buf_add_char(&run->block, '\n');
	}
	buf_free(&line);
}

static void play_line(struct run *run, char *line)
{
	char *rest = line + strspn(line, " \t"), *name = rest;
	size_t i, len = strcspn(name, " \t");

	if (!*name || *name == '#')
		return;
	rest += len + strspn(name + len, " \t");
	read_block(run, rest);
	for (i = 0; i < ARRAY_COUNT(commands); i++)
		if (strlen(commands[i].name) == len && strncmp(commands[i].name, name, len) == 0)
			return commands[i].play(run, rest);
	bad_script(run, "no such command");
}

static void play_all(struct run *run)
{
	struct buf line = BUF_INIT;

	while (!run->is_over && read_line(run, &line)) {
		char *copy = mem_strdup(buf_str(&line));

		run->text = mem_strdup(copy);
		play_line(run, copy);
		free(run->text);
		free(copy);
	}
	run->text = NULL;
	buf_free(&line);
}

/* --- before and after ----------------------------------------------------------------------- */

static void set_path(const char *top)
{
	char *path = mem_printf("%s:%s", top, getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");

	setenv("PATH", path, 1);
	free(path);
}

static void add_sanitizer_log(const char *name, const char *home)
{
	const char *old = getenv(name);
	char *value = mem_printf("%s%slog_path=%s/sanitizer", old ? old : "", old ? ":" : "", home);

	setenv(name, value, 1);
	free(value);
}

static const char *const not_inherited[] = {
	"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
	"EDITOR", "VISUAL", "PAGER", "MAIL", "NO_COLOR", "COLORTERM", "COLORFGBG", "TERN_DEBUG",
};

static void prepare(struct run *run)
{
	char here[PATH_MAX], *data;
	const char *build = getenv("top_builddir"), *source = getenv("top_srcdir");
	size_t i;

	if (!build && getcwd(here, sizeof here))
		setenv("top_builddir", build = here, 1);
	if (!source)
		setenv("top_srcdir", source = "..", 1);
	snprintf(run->home, sizeof run->home, "%s/tern-screen-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(run->home)) {
		printf("Bail out! %s: %s\n", run->home, strerror(errno));
		exit(1);
	}
	for (i = 0; i < ARRAY_COUNT(not_inherited); i++)
		unsetenv(not_inherited[i]);
	data = mem_printf("%s/tests/data", source);
	setenv("DATA", data, 1);
	setenv("TERN_HOME", run->home, 1);
	setenv("HOME", run->home, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	set_path(build);
	add_sanitizer_log("ASAN_OPTIONS", run->home);
	add_sanitizer_log("UBSAN_OPTIONS", run->home);
	free(data);
}

static bool lives_in(const char *pid, const char *home)
{
	char path[64], block[65536], *at;
	char *wanted = mem_printf("TERN_HOME=%s", home);
	bool found = false;
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%.20s/environ", pid);
	file = fopen(path, "r");
	if (file) {
		n = fread(block, 1, sizeof block - 1, file);
		fclose(file);
	}
	block[n] = '\0';
	for (at = block; at < block + n && !found; at += strlen(at) + 1)
		found = strcmp(at, wanted) == 0;
	free(wanted);
	return found;
}

/* Signals what was started with this TERN_HOME (ternd, its workers): how many there were. */
static int signal_all(const char *home, int signal_number)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (dir && (entry = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)atol(entry->d_name);

		if (pid <= 1 || pid == getpid() || !lives_in(entry->d_name, home))
			continue;
		kill(pid, signal_number);
		count++;
	}
	if (dir)
		closedir(dir);
	return count;
}

static void end_all(struct run *run)
{
	int64_t until = now_ms() + 3000;
	int i;

	for (i = 0; i < TERMINALS; i++)
		screen_free(&run->terminals[i].screen);
	if (signal_all(run->home, SIGTERM) == 0)
		return;
	while (signal_all(run->home, 0) > 0 && now_ms() < until)
		usleep(20000);
	signal_all(run->home, SIGKILL);
}

static void tell_sanitizers(struct run *run)
{
	char *command = mem_printf("cat %s/sanitizer.* 2>/dev/null", run->home);
	struct buf text = BUF_INIT;
	FILE *file = popen(command, "r");
	int c;

	while (file && (c = fgetc(file)) != EOF)
		buf_add_char(&text, (char)c);
	if (file)
		pclose(file);
	free(command);
	if (run->tests > 0)
		printf("%sok %d - the sanitizers have nothing to say\n", text.len ? "not " : "", ++run->tests);
	comment_lines(buf_str(&text));
	run->has_failed |= text.len > 0;
	buf_free(&text);
}

static void remove_home(struct run *run)
{
	char *command = mem_printf("chmod -R u+rwx '%s' && rm -rf '%s'", run->home, run->home);

	if (getenv("TERN_TEST_KEEP"))
		printf("# kept: %s\n", run->home);
	else
		free(wish_shell(run, command, NULL));
	free(command);
}

int main(int argc, char **argv)
{
	struct run run = {.columns = 80, .rows = 24, .deadline_ms = DEADLINE_MS};

	if (argc != 2 || !(run.in = fopen(argv[1], "r"))) {
		fprintf(stderr, "usage: screen_run SCRIPT\n");
		return 2;
	}
	run.script = argv[1];
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	prepare(&run);
	run.terminals[0].screen = screen_new(run.columns, run.rows);
	strcpy(run.terminals[0].name, "one");
	play_all(&run);
	end_all(&run);
	tell_sanitizers(&run);
	if (run.tests > 0)
		printf("1..%d\n", run.tests);
	remove_home(&run);
	buf_free(&run.block);
	fclose(run.in);
	return run.has_failed;
}
