/* Runs a fuzz target without a fuzzer: each seed of tests/fuzz/seeds/NAME, then changed copies of
 * them, always the same ones. NAME_fuzz FILE... runs these files instead. With clang, link the
 * target with -fsanitize=fuzzer and leave this file out. */
#include "config.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/file.h"
#include "store/base/mem.h"
#include "store/base/path.h"

#define ROUNDS 300
#define MAX    (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seeds {
	struct buf *items;
	size_t count, cap;
};

/* xorshift: the same row every time. */
static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void change(struct buf *bytes, const struct seeds *seeds, uint32_t *state)
{
	const struct buf *other = &seeds->items[next(state) % seeds->count];
	size_t at = bytes->len ? next(state) % bytes->len : 0;
	size_t some = 1 + next(state) % 16;

	switch (next(state) % 5) {
	case 0:
		if (bytes->len)
			bytes->data[at] = (char)next(state);
		break;
	case 1:
		buf_remove(bytes, at, some < bytes->len - at ? some : bytes->len - at);
		break;
	case 2:
		if (bytes->len < MAX)
			buf_insert(bytes, at, other->data, other->len);
		break;
	case 3:
		buf_truncate(bytes, at);
		break;
	default:
		if (bytes->len)
			bytes->data[at] = "\n\r :;\"<>()=?\0\x80\xff"[next(state) % 16];
	}
}

/* A copy of exactly its size, so that reading behind it is seen. */
static void run(const struct buf *bytes)
{
	uint8_t *copy = malloc(bytes->len ? bytes->len : 1);

	if (bytes->len)
		memcpy(copy, bytes->data, bytes->len);
	LLVMFuzzerTestOneInput(copy, bytes->len);
	free(copy);
}

static void add_file(struct seeds *seeds, const char *path)
{
	struct buf bytes = BUF_INIT;

	if (file_read(path, &bytes, MAX, NULL) < 0) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	ARRAY_ROOM(seeds->items, seeds->count, seeds->cap);
	seeds->items[seeds->count++] = bytes;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_dir(struct seeds *seeds, const char *dir)
{
	struct dirent **entries;
	int count = scandir(dir, &entries, NULL, by_name);

	for (int i = 0; i < count; i++) {
		char *path = path_join(dir, entries[i]->d_name);

		if (entries[i]->d_name[0] != '.')
			add_file(seeds, path);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void run_changed(const struct seeds *seeds)
{
	uint32_t state = 2463534242u;
	struct buf bytes = BUF_INIT;

	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < seeds->count; i++) {
			buf_clear(&bytes);
			buf_add(&bytes, seeds->items[i].data, seeds->items[i].len);
			for (uint32_t n = 1 + next(&state) % 4; n > 0; n--)
				change(&bytes, seeds, &state);
			run(&bytes);
		}
	buf_free(&bytes);
}

static char *seed_dir(const char *program)
{
	const char *name = path_base(program), *top = getenv("top_srcdir");

	return mem_printf(
	    "%s/tests/fuzz/seeds/%.*s", top ? top : ".",
	    (int)(strstr(name, "_fuzz") ? strstr(name, "_fuzz") - name : (long)strlen(name)), name);
}

int main(int argc, char **argv)
{
	struct seeds seeds = {.items = NULL};
	char *dir = seed_dir(argv[0]);

	for (int i = 1; i < argc; i++)
		add_file(&seeds, argv[i]);
	if (argc == 1)
		add_dir(&seeds, dir);
	printf("1..2\n%s 1 - there are seeds in %s\n", seeds.count ? "ok" : "not ok", dir);
	fflush(stdout);
	for (size_t i = 0; i < seeds.count; i++)
		run(&seeds.items[i]);
	if (argc == 1)
		run_changed(&seeds);
	printf("ok 2 - %zu seeds and their changed copies\n", seeds.count);
	for (size_t i = 0; i < seeds.count; i++)
		buf_free(&seeds.items[i]);
	free(seeds.items);
	free(dir);
	return 0;
}
