#include "config.h"
#include "ui/shell/shell.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/jv.h"
#include "store/base/mem.h"
#include "store/base/utf8.h"
#include "store/mail/thread_set.h"
#include "store/mime/mime.h"

/* A file that cannot be read stands alone. */
static int add_file(struct thread_set *set, const char *file, struct arena *arena)
{
	struct err err = ERR_INIT;
	struct mime_header header;
	struct file_view view;
	size_t body_at;

	if (file_view_open(&view, file, &err) < 0) {
		thread_set_add(set, NULL, NULL, 0);
		shell_fail("threads", &err);
		return 1;
	}
	mime_parse_header(view.data, view.len, NULL, arena, &header, &body_at);
	thread_set_add_header(set, &header);
	arena_reset(arena);
	file_view_close(&view);
	return 0;
}

/* The files of one thread as a chain: NEXT of each (0 ends it: file 0 is never a next one). */
struct chains {
	size_t *next, *last;
};

static void chain(struct thread_set *set, struct chains *chains)
{
	size_t i, count = thread_set_count(set);

	chains->next = mem_calloc(count, sizeof *chains->next);
	chains->last = mem_calloc(count, sizeof *chains->last);
	for (i = 0; i < count; i++) {
		size_t first = thread_set_first(set, i);

		if (first != i)
			chains->next[chains->last[first]] = i;
		chains->last[first] = i;
	}
}

static void add_json(struct buf *out, char **files, const struct chains *chains, size_t first)
{
	struct jv *object = jv_object(), *array = jv_array();
	size_t i = first;

	do {
		jv_append(array, jv_text(files[i]));
		i = chains->next[i];
	} while (i);
	jv_set(object, "thread", array);
	jv_print(object, out);
	buf_add_char(out, '\n');
	jv_free(object);
}

static void add_words(struct buf *out, char **files, const struct chains *chains, size_t first)
{
	size_t i = first;

	do {
		if (i != first)
			buf_add_char(out, ' ');
		utf8_add_printable(out, files[i], strlen(files[i]));
		i = chains->next[i];
	} while (i);
	buf_add_char(out, '\n');
}

static int print_threads(struct thread_set *set, char **files, bool as_json)
{
	struct chains chains;
	struct buf out = BUF_INIT;
	size_t i;
	int rc;

	chain(set, &chains);
	for (i = 0; i < thread_set_count(set); i++) {
		if (thread_set_first(set, i) != i)
			continue;
		if (as_json)
			add_json(&out, files, &chains, i);
		else
			add_words(&out, files, &chains, i);
	}
	rc = shell_print(&out);
	buf_free(&out);
	free(chains.next);
	free(chains.last);
	return rc;
}

static int thread_files(char **files, bool as_json)
{
	struct thread_set *set = thread_set_new();
	struct arena *arena = arena_new();
	int rc = 0, printed;
	char **file;

	for (file = files; *file; file++)
		rc |= add_file(set, *file, arena);
	printed = print_threads(set, files, as_json);
	thread_set_free(&set);
	arena_free(&arena);
	return rc | printed;
}

int shell_threads(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{NULL, 0, NULL, 0}};
	bool as_json = false;
	int c;

	while ((c = shell_option(argv[0], argc, argv, "j", options, NULL)) != -1) {
		if (c != 'j')
			return 2;
		as_json = true;
	}
	if (optind == argc)
		return shell_usage(argv[0], _("Name one file or more."));
	return thread_files(argv + optind, as_json);
}
