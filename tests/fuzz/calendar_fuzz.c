#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/utf8.h"
#include "store/mime/calendar.h"

static void holds(const struct calendar_event *event)
{
	size_t i;

	FUZZ_HOLDS(utf8_is_valid(event->summary, strlen(event->summary)));
	FUZZ_HOLDS(utf8_is_valid(event->description, strlen(event->description)));
	FUZZ_HOLDS(!strpbrk(event->organizer_line, "\r\n"));
	FUZZ_HOLDS(!strpbrk(event->instance_line, "\r\n"));
	FUZZ_HOLDS(event->guest_count <= event->guest_total);
	for (i = 0; i < event->guest_count; i++)
		FUZZ_HOLDS(utf8_is_valid(event->guests[i].name, strlen(event->guests[i].name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct calendar_limits limits = {
	    .line = 5000, .events = 20, .guests = 50, .zones = 20, .text = 1000};
	struct arena *arena = arena_new();
	struct calendar calendar;
	struct calendar_event event;
	size_t count = 0;

	if (calendar_open(&calendar, (struct span){(const char *)data, len}, NULL, &limits, arena) == 0) {
		while (calendar_next(&calendar, &event) == 1) {
			holds(&event);
			FUZZ_HOLDS(++count <= limits.events);
		}
		calendar_close(&calendar);
	}
	arena_free(&arena);
	return 0;
}
