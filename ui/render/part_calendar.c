#include "config.h"

#include "ui/render/part_calendar.h"

#include <string.h>
#include <time.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mime/address.h"
#include "store/mime/calendar.h"
#include "store/mime/calendar_words.h"
#include "store/mime/mime.h"
#include "store/mime/sender.h"
#include "ui/render/card.h"
#include "ui/render/doc.h"
#include "ui/render/message.h"
#include "ui/render/part.h"
#include "ui/render/text.h"

#define GUESTS_SHOWN 12
#define EVENTS_SHOWN 5
#define EVENTS_MAX   1000
#define SUMMARY_MAX  (1u << 20) /* bytes looked at for the line among the attachments */

/* --- people --- */

static const char *answer_words(enum calendar_answer answer)
{
	switch (answer) {
	case CALENDAR_ACCEPTED:
		return _("comes");
	case CALENDAR_DECLINED:
		return _("does not come");
	case CALENDAR_TENTATIVE:
		return _("perhaps");
	case CALENDAR_DELEGATED:
		return _("sends somebody else");
	default:
		return _("no answer yet");
	}
}

/* The address always stands beside the name: the name is what somebody wrote. As in the header, so that neither hides
 * or imitates anything. */
static void add_person(struct buf *text, const struct calendar_person *person)
{
	bool is_bare = str_equal_nocase(person->name, person->addr);
	struct address address = {is_bare ? (char *)"" : person->name, person->addr};

	sender_add(text, &address);
}

static void add_guest(struct buf *text, const struct calendar_person *guest)
{
	add_person(text, guest);
	buf_printf(text, " (%s", answer_words(guest->answer));
	if (guest->role == CALENDAR_OPTIONAL)
		buf_add_str(text, _(", need not come"));
	buf_add_char(text, ')');
}

static void show_guests(struct part_work *work, const struct calendar_event *event)
{
	size_t shown = event->guest_count < GUESTS_SHOWN ? event->guest_count : GUESTS_SHOWN;
	const char *label = _("Guests:");

	for (size_t i = 0; i < shown; i++) {
		struct buf text = BUF_INIT;

		add_guest(&text, &event->guests[i]);
		card_field(work, label, buf_str(&text));
		label = text.len ? "" : label;
		buf_free(&text);
	}
	if (shown < event->guest_total) {
		size_t more = event->guest_total - shown;

		card_field(work, label,
			   arena_printf(work->arena, ngettext("and %zu more", "and %zu more", more), more));
	}
}

static void show_person(struct part_work *work, const char *label, const struct calendar_person *person)
{
	struct buf text = BUF_INIT;

	add_person(&text, person);
	card_field(work, label, buf_str(&text));
	buf_free(&text);
}

/* --- what it is --- */

static const char *reply_words(enum calendar_answer answer)
{
	switch (answer) {
	case CALENDAR_ACCEPTED:
		return _("A guest accepts:");
	case CALENDAR_DECLINED:
		return _("A guest declines:");
	case CALENDAR_TENTATIVE:
		return _("A guest will perhaps come:");
	case CALENDAR_DELEGATED:
		return _("A guest sends somebody else:");
	default:
		return _("A guest answers:");
	}
}

static const char *request_words(const struct calendar_event *event)
{
	if (event->is_cancelled)
		return _("Cancelled:");
	if (calendar_is_task(event))
		return event->sequence > 0 ? _("Task, changed:") : _("Task:");
	if (event->instance.is_set)
		return _("Invitation, one event of a series:");
	return event->sequence > 0 ? _("Invitation, changed:") : _("Invitation:");
}

static const char *title_words(enum calendar_method method, const struct calendar_event *event)
{
	switch (method) {
	case CALENDAR_REQUEST:
		return request_words(event);
	case CALENDAR_REPLY:
		return reply_words(event->guest_count ? event->guests[0].answer : CALENDAR_NO_ANSWER);
	case CALENDAR_ADD:
		return _("Invitation, one more event of a series:");
	case CALENDAR_CANCEL:
		return event->instance.is_set ? _("Cancelled, one event of a series:") : _("Cancelled:");
	case CALENDAR_REFRESH:
		return _("A guest asks how it stands with:");
	case CALENDAR_COUNTER:
		return _("A guest proposes another time for:");
	case CALENDAR_DECLINE_COUNTER:
		return _("The organizer keeps to the time of:");
	default:
		return calendar_is_task(event) ? _("Task:") : _("Event:");
	}
}

/* --- when --- */

static void show_moment(struct part_work *work, const char *label, const struct calendar_time *time)
{
	struct buf text = BUF_INIT;

	calendar_add_moment(&text, time);
	card_field(work, label, buf_str(&text));
	buf_free(&text);
}

/* Without it a date that nobody can read would pass for none. */
static void show_odd(struct part_work *work, const char *label, const char *written)
{
	if (!*written)
		return;
	card_field(work, label,
		   arena_printf(work->arena, _("\"%s\", which cannot be read as a time"), written));
}

static void show_task_times(struct part_work *work, const struct calendar_event *event)
{
	show_moment(work, _("Start:"), &event->start);
	show_odd(work, _("Start:"), event->odd_start);
	show_moment(work, _("Due:"), &event->end);
	show_odd(work, _("Due:"), event->odd_end);
}

static void show_event_times(struct part_work *work, const struct calendar_event *event)
{
	struct buf text = BUF_INIT;

	calendar_add_when(&text, event);
	card_field(work, _("When:"), buf_str(&text));
	show_odd(work, _("When:"), event->odd_start);
	if (*event->odd_end)
		card_field(work, "", arena_printf(work->arena, _("until \"%s\", which cannot be read as a time"),
						  event->odd_end));
	buf_free(&text);
}

static void show_when(struct part_work *work, const struct calendar_event *event)
{
	struct buf text = BUF_INIT;

	if (calendar_is_task(event))
		show_task_times(work, event);
	else
		show_event_times(work, event);
	if (calendar_is_elsewhere(event) && event->start.zone && strcmp(event->start.zone, "UTC") != 0) {
		calendar_add_when_there(&text, event);
		card_field(work, "", arena_printf(work->arena, _("there: %s"), buf_str(&text)));
	}
	if (event->start.is_zone_unknown)
		card_field(work, "",
			   arena_printf(work->arena, _("by the clocks of \"%s\", a zone that is not known here"),
					event->start.zone));
	buf_clear(&text);
	calendar_add_rule(&text, &event->rule);
	card_field(work, _("Repeats:"), buf_str(&text));
	buf_free(&text);
}

/* --- is it from whom it says? --- */

static bool is_sender(struct part_work *work, const char *addr)
{
	static const char *const fields[] = {"From", "Sender", "Reply-To"};
	struct address_list list;

	for (size_t i = 0; i < 3; i++) {
		address_field(&work->message->root.header, fields[i], work->arena, &list);
		for (size_t k = 0; k < list.count; k++)
			if (str_equal_nocase(list.items[k].addr, addr))
				return true;
	}
	return false;
}

/* Who speaks in it: the guest in an answer, else the organizer. */
static const struct calendar_person *speaker(enum calendar_method method, const struct calendar_event *event)
{
	bool is_guest =
	    method == CALENDAR_REPLY || method == CALENDAR_COUNTER || method == CALENDAR_REFRESH;

	if (is_guest)
		return event->guest_count ? &event->guests[0] : NULL;
	return event->has_organizer ? &event->organizer : NULL;
}

static void add_addr(struct buf *text, const char *addr)
{
	if (*addr)
		sender_add_addr(text, addr);
	else
		buf_add_str(text, _("nobody"));
}

static void say_others(struct part_work *work, const char *real, const char *said)
{
	struct buf sender = BUF_INIT, person = BUF_INIT;

	add_addr(&sender, real);
	add_addr(&person, said);
	card_field(work, _("Sent by:"),
		   arena_printf(work->arena, _("%s, who is somebody else than %s"), buf_str(&sender),
				buf_str(&person)));
	buf_free(&sender);
	buf_free(&person);
}

static void warn_of_others(struct part_work *work, enum calendar_method method,
			   const struct calendar_event *event)
{
	const struct calendar_person *person = speaker(method, event);
	struct address_list from;

	if (!person || !*person->addr || method == CALENDAR_NO_METHOD || method == CALENDAR_PUBLISH ||
	    is_sender(work, person->addr))
		return;
	address_field(&work->message->root.header, "From", work->arena, &from);
	say_others(work, from.count ? from.items[0].addr : "", person->addr);
}

/* --- the card --- */

static void show_answered(struct part_work *work, enum calendar_method method)
{
	const char *answered = work->wish->answered;

	if (!answered || method == CALENDAR_REPLY || method == CALENDAR_CANCEL)
		return;
	if (!strcmp(answered, "accepted"))
		card_field(work, _("You:"), _("have accepted"));
	else if (!strcmp(answered, "declined"))
		card_field(work, _("You:"), _("have declined"));
	else
		card_field(work, _("You:"), _("have answered: perhaps"));
}

static void show_text(struct part_work *work, const char *text)
{
	struct text_kind kind = {.is_flowed = false};

	if (!*text)
		return;
	doc_add_blank(work->doc);
	text_render(work->doc, text, strlen(text), &kind);
}

static void show_event(struct part_work *work, enum calendar_method method,
		       const struct calendar_event *event)
{
	bool is_answer = method == CALENDAR_REPLY || method == CALENDAR_COUNTER || method == CALENDAR_REFRESH;

	card_title(work, title_words(method, event), *event->summary ? event->summary : _("(no title)"));
	if (is_answer && event->guest_count)
		show_person(work, _("From:"), &event->guests[0]);
	show_when(work, event);
	card_field(work, _("Where:"), event->location);
	if (event->has_organizer)
		show_person(work, _("Organizer:"), &event->organizer);
	if (!is_answer)
		show_guests(work, event);
	warn_of_others(work, method, event);
	show_answered(work, method);
	card_field(work, _("Says:"), event->comment);
}

static size_t letters(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += !char_is_space(text[i]);
	return count;
}

/* "You are invited.": a plain text much shorter than the DESCRIPTION does not say it. */
static bool says_less(const struct mime_part *text, const char *description)
{
	size_t len = strlen(description);
	struct buf plain = BUF_INIT;
	bool is_less;

	if (!part_is_type(text, "text/plain"))
		return false;
	mime_decode_body_text(text, len * 4 + 1, &plain);
	is_less = letters(buf_str(&plain), plain.len) < letters(description, len) / 2;
	buf_free(&plain);
	return is_less;
}

/* Has the letter a text of its own, which says the same as the DESCRIPTION? */
static bool has_text(const struct mime_part *part, const char *description)
{
	const struct mime_part *other = part->parent ? part->parent->first_child : NULL;

	if (!part->parent || !part_is_type(part->parent, "multipart/alternative"))
		return false;
	for (; other; other = other->next)
		if (other != part && (str_starts(other->type, "text/") || other->first_child) &&
		    !says_less(other, description))
			return true;
	return false;
}

static void say_more(struct part_work *work, size_t more, bool is_cut)
{
	if (more)
		card_note(work, arena_printf(work->arena,
					     ngettext("and %zu more event; the file can be opened or saved "
						      "from the list of parts",
						      "and %zu more events; the file can be opened or saved "
						      "from the list of parts",
						      more),
					     more));
	if (is_cut)
		card_note(work, _("This calendar is larger than can be right; the rest of it was left out."));
}

static void show_events(struct part_work *work, const struct mime_part *part, struct calendar *calendar)
{
	struct calendar_event event;
	size_t count = 0;

	while (count < EVENTS_MAX && calendar_next(calendar, &event) == 1) {
		if (count++ >= EVENTS_SHOWN)
			continue;
		if (count > 1)
			doc_add_blank(work->doc);
		show_event(work, calendar->method, &event);
		if (!has_text(part, event.description))
			show_text(work, event.description);
	}
	if (!count)
		card_note(work, _("A calendar without an event."));
	say_more(work, count > EVENTS_SHOWN ? count - EVENTS_SHOWN : 0, calendar->is_cut);
}

/* Method of the calendar, else of the part's type. */
static int open_calendar(const struct mime_part *part, size_t limit, struct arena *arena, struct buf *bytes,
			 struct calendar *calendar)
{
	const char *charset;

	calendar_part_bytes(part, limit, bytes, &charset);
	if (calendar_open(calendar, (struct span){buf_str(bytes), bytes->len}, charset, NULL, arena) < 0)
		return -1;
	if (calendar->method == CALENDAR_NO_METHOD)
		calendar->method = calendar_method_named(mime_param(part, "method"));
	return 0;
}

void part_calendar_render(struct part_work *work, struct mime_part *part)
{
	struct buf bytes = BUF_INIT;
	struct calendar calendar;

	part_separate(work);
	if (open_calendar(part, work->room ? work->room : 1, work->arena, &bytes, &calendar) == 0) {
		work->room -= bytes.len < work->room ? bytes.len : work->room;
		show_events(work, part, &calendar);
		calendar_close(&calendar);
	} else {
		card_note(work, _("This should be an invitation, but no calendar is in it."));
	}
	buf_free(&bytes);
}

void part_alternative_render(struct part_work *work, struct mime_part *part)
{
	struct mime_part *child = part->first_child;

	while (child && !part_is_type(child, "text/calendar"))
		child = child->next;
	if (!child || work->wish->no_header || message_next_shown(part, work->wish->wants_html) == child)
		return;
	part_calendar_render(work, child);
}

/* --- among the attachments --- */

static void add_people(struct buf *text, const struct calendar_event *event)
{
	size_t people = event->guest_total;

	if (people)
		buf_printf(text, ngettext(", %zu person", ", %zu people", people), people);
}

static void add_kind(struct buf *text, enum calendar_method method, const struct calendar_event *event)
{
	bool is_task = calendar_is_task(event);

	if (is_task)
		buf_add_str(text, _("task: "));
	else
		buf_add_str(text, method == CALENDAR_REQUEST ? _("invitation: ") : _("event: "));
	calendar_add_short(text, is_task && event->end.is_set ? &event->end : &event->start, (long long)time(NULL));
}

char *part_calendar_summary(const struct mime_part *part, struct arena *arena)
{
	struct buf bytes = BUF_INIT, text = BUF_INIT;
	struct calendar calendar;
	struct calendar_event event;
	char *summary = NULL;

	if (open_calendar(part, SUMMARY_MAX, arena, &bytes, &calendar) == 0) {
		if (calendar_next(&calendar, &event) == 1) {
			add_kind(&text, calendar.method, &event);
			add_people(&text, &event);
			summary = arena_strndup(arena, buf_str(&text), text.len);
		}
		calendar_close(&calendar);
	}
	buf_free(&bytes);
	buf_free(&text);
	return summary;
}
