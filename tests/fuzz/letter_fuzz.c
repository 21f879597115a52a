#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/mail/letter.h"

/* The end of the letter is the input's, recipients are safe, and a completed letter is complete. */
static void check(const char *bytes, size_t len, const struct letter *letter)
{
	struct span head = {letter->head.data, letter->head.len};
	size_t i;

	FUZZ_HOLDS(letter->body.len <= len);
	FUZZ_HOLDS(memcmp(bytes + len - letter->body.len, letter->body.data, letter->body.len) ==
		   0);
	FUZZ_HOLDS(letter_count_fields(head, "Bcc") == 0);
	FUZZ_HOLDS(letter_count_fields(head, "From") > 0 && letter_count_fields(head, "Date") > 0);
	FUZZ_HOLDS(letter_count_fields(head, "Message-ID") > 0);
	for (i = 0; i < letter->recipient_count; i++)
		FUZZ_HOLDS(letter_address_fault(letter->recipients[i]) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct letter_wish wish = {.from = "me@localhost", .now = 1, .received = "a test"};
	struct arena *arena = arena_new();
	struct letter letter;

	wish.wants_recipients = len > 0 && data[0] != '\n';
	if (letter_complete((const char *)data, len, &wish, arena, &letter, NULL) == 0)
		check((const char *)data, len, &letter);
	letter_free(&letter);
	arena_free(&arena);
	return 0;
}
