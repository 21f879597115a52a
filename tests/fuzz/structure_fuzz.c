#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "net/protocol/imap_parse.h"
#include "net/protocol/imap_structure.h"
#include "store/base/arena.h"
#include "store/base/str.h"

#define PARTS 50
#define DEPTH 10

static int give_line(void *arg, struct span *line, struct err *err)
{
	struct span *rest = arg;
	size_t end = span_find(*rest, 0, '\n');

	(void)err;
	if (rest->len == 0)
		return 0;
	*line = (struct span){rest->data, end};
	end += end < rest->len;
	*rest = (struct span){rest->data + end, rest->len - end};
	return memchr(line->data, '\0', line->len) ? -1 : 1;
}

static ssize_t give_bytes(void *arg, void *data, size_t size, struct err *err)
{
	struct span *rest = arg;
	size_t len = size < rest->len ? size : rest->len;

	(void)err;
	memcpy(data, rest->data, len);
	*rest = (struct span){rest->data + len, rest->len - len};
	return (ssize_t)len;
}

/* Parents stand before their children, which they count right, and a section is a path. */
static void check(const struct imap_structure *tree)
{
	size_t children = 0;

	FUZZ_HOLDS(tree->count <= PARTS);
	for (size_t i = 0; i < tree->count; i++) {
		const struct imap_structure_part *part = &tree->parts[i];

		FUZZ_HOLDS(strspn(part->section, "0123456789.") == strlen(part->section));
		FUZZ_HOLDS((*part->section == '\0') == (i == 0 && part->is_multipart));
		FUZZ_HOLDS(strchr(part->type, '/') && part->size >= 0);
		FUZZ_HOLDS(part->is_multipart == (part->children > 0));
		FUZZ_HOLDS(part->is_multipart == !strncmp(part->type, "multipart/", 10) || !part->is_multipart);
		children += part->children;
	}
	FUZZ_HOLDS(tree->count == 0 || children == tree->count - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct imap_structure_limits limits = {PARTS, DEPTH};
	struct span rest = {(const char *)data, len};
	struct arena *arena = arena_new();
	struct imap_structure tree;
	struct imap_parse parse;

	imap_parse_init(&parse, &(struct imap_input){give_line, give_bytes, &rest});
	if (imap_parse_begin(&parse, NULL) == 1 && imap_structure_read(&parse, &limits, arena, &tree, NULL) == 0)
		check(&tree);
	imap_parse_free(&parse);
	arena_free(&arena);
	return 0;
}
