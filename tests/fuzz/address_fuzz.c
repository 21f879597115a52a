#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/mime/address.h"
#include "store/mime/mime_write.h"

static void check_safe(const char *addr)
{
	size_t i;

	if (!address_is_safe(addr))
		return;
	for (i = 0; addr[i]; i++)
		FUZZ_HOLDS((unsigned char)addr[i] >= ' ' && addr[i] != 0x7f);
}

/* What is written is one field, whatever the names hold. */
static void check_written(const struct address_list *list)
{
	struct buf out = BUF_INIT;
	size_t i;

	mime_write_address_field(&out, "To", list);
	for (i = 0; i + 1 < out.len; i++)
		FUZZ_HOLDS(out.data[i] != '\n' || out.data[i + 1] == ' ');
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct arena *arena = arena_new();
	struct address_list list;
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	size_t i;

	address_parse((struct span){(const char *)data, len}, 100, arena, &list);
	FUZZ_HOLDS(list.count <= 101);
	for (i = 0; i < list.count; i++) {
		check_safe(list.items[i].addr);
		address_add_display(&out, &list.items[i]);
	}
	check_written(&list);
	address_parse_typed(arena_strndup(arena, (const char *)data, len), arena, &list, &err);
	buf_free(&out);
	arena_free(&arena);
	return 0;
}
