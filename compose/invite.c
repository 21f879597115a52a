#include "config.h"
#include "compose/invite.h"

#include <string.h>
#include <time.h>

#include "compose/attach.h"
#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/identity.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/address.h"
#include "store/mime/calendar_words.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"

#define CALENDAR_MAX   (8u << 20)
#define LINE_BYTES     75 /* RFC 5545 section 3.1 */
#define EVENTS_MAX     50
#define REFERENCES_MAX 100

/* All that an answer is made of. */
struct answering {
	const struct compose *compose;
	const struct mime_message *message;
	const char *account;
	enum calendar_answer answer;
	struct arena *arena;
	struct buf bytes;
	const char *charset;
	struct identity_list mine;
	const struct identity *me;
	const struct calendar_person *guest; /* me, in the invitation */
	struct calendar_event first;
	struct buf reply; /* the events of the answer */
};

const char *invite_answer_word(enum calendar_answer answer)
{
	return answer == CALENDAR_ACCEPTED ? "accepted" : answer == CALENDAR_DECLINED ? "declined" : "tentative";
}

const struct mime_part *invite_part(const struct mime_message *message)
{
	const struct mime_part *part = &message->root, *attached = NULL;

	for (; part; part = mime_next(part)) {
		if (part->first_child || !calendar_is_type(part->type, part->filename))
			continue;
		if (!strcmp(part->type, "text/calendar"))
			return part;
		attached = attached ? attached : part;
	}
	return attached;
}

/* --- the reply's lines --------------------------------------------------------------------------------- */

/* Folded in front of a character, never within one. */
static void add_line(struct buf *out, const char *text)
{
	size_t len = strlen(text), column = 0, at = 0;

	while (at < len) {
		uint32_t code;
		size_t n = utf8_decode(text + at, len - at, &code);

		if (code < ' ' && code != '\t') {
			at += n;
			continue;
		}
		if (column + n > LINE_BYTES) {
			buf_add_str(out, "\n ");
			column = 1;
		}
		buf_add(out, text + at, n);
		column += n;
		at += n;
	}
	buf_add_char(out, '\n');
}

/* "NAME:text" with what must not stand bare escaped. */
static void add_text_line(struct buf *out, const char *name, const char *text)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s:", name);
	for (; *text; text++) {
		if (strchr("\\;,", *text))
			buf_add_char(&line, '\\');
		if (*text == '\n')
			buf_add_str(&line, "\\n");
		else
			buf_add_char(&line, *text);
	}
	add_line(out, buf_str(&line));
	buf_free(&line);
}

/* A quoted parameter cannot hold a quote (RFC 6868 knows how). */
static void add_me(struct answering *a)
{
	static const char *const words[] = {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"};
	const char *name = *a->me->name ? a->me->name : a->guest->name;
	struct buf line = BUF_INIT;

	buf_printf(&line, "ATTENDEE;PARTSTAT=%s", words[a->answer]);
	if (*name) {
		buf_add_str(&line, ";CN=\"");
		for (; *name; name++) {
			if (*name == '"')
				buf_add_str(&line, "^'");
			else if (*name == '^')
				buf_add_str(&line, "^^");
			else
				buf_add_char(&line, *name);
		}
		buf_add_char(&line, '"');
	}
	buf_printf(&line, ":mailto:%s", a->guest->addr);
	add_line(&a->reply, buf_str(&line));
	buf_free(&line);
}

static void add_stamp(struct buf *out)
{
	time_t now = time(NULL);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &tm);
	buf_printf(out, "DTSTAMP:%s\n", text);
}

static void add_event(struct answering *a, const struct calendar_event *event)
{
	struct buf *out = &a->reply;

	buf_printf(out, "BEGIN:%s\n", event->kind);
	add_text_line(out, "UID", event->uid);
	buf_printf(out, "SEQUENCE:%d\n", event->sequence);
	add_stamp(out);
	if (*event->instance_line)
		add_line(out, event->instance_line);
	if (*event->start_line)
		add_line(out, event->start_line);
	add_line(out, event->organizer_line);
	add_me(a);
	if (*event->summary)
		add_text_line(out, "SUMMARY", event->summary);
	buf_printf(out, "END:%s\n", event->kind);
}

/* The zones that the times name, as they came. */
static void add_zones(struct answering *a, struct buf *out)
{
	struct card_scan scan;
	struct card_line line;
	bool is_inside = false;

	card_scan_start(&scan, (struct span){buf_str(&a->bytes), a->bytes.len}, CARD_LINE_LIMIT);
	while (card_scan_next(&scan, &line)) {
		bool is_zone = span_equal_nocase(span_trim(line.value), "VTIMEZONE");

		is_inside = is_inside || (is_zone && card_line_is(&line, "BEGIN"));
		if (is_inside)
			add_line(out, card_line_whole(&line, a->charset, a->arena));
		if (is_zone && card_line_is(&line, "END"))
			is_inside = false;
	}
	card_scan_end(&scan);
}

static void make_reply(struct answering *a, struct buf *out)
{
	buf_add_str(out, "BEGIN:VCALENDAR\nPRODID:-//Tern//Tern " PACKAGE_VERSION "//EN\n"
			 "VERSION:2.0\nMETHOD:REPLY\n");
	if (strstr(buf_str(&a->reply), "TZID="))
		add_zones(a, out);
	buf_add(out, a->reply.data, a->reply.len);
	buf_add_str(out, "END:VCALENDAR\n");
}

/* --- may it be answered? ------------------------------------------------------------------------------- */

static int not_this_method(enum calendar_method method, struct err *err)
{
	if (method == CALENDAR_CANCEL)
		return err_set(err, _("This event was cancelled: there is nothing to answer."));
	if (method == CALENDAR_REPLY || method == CALENDAR_COUNTER)
		return err_set(err, _("This is an answer to an invitation, not an invitation."));
	if (method == CALENDAR_PUBLISH || method == CALENDAR_REFRESH || method == CALENDAR_DECLINE_COUNTER)
		return err_set(err, _("This is only for your information: nobody asks for an answer."));
	return 0;
}

/* The one the letter was written to where several of mine are invited. */
static void find_me(struct answering *a, const struct calendar_event *event)
{
	const struct identity *chosen =
	    identity_choose(a->compose, &a->mine, &a->message->root.header, a->account);

	a->me = chosen;
	a->guest = chosen ? calendar_guest(event, chosen->addr) : NULL;
	for (size_t i = 0; !a->guest && i < a->mine.count; i++) {
		a->me = &a->mine.items[i];
		a->guest = calendar_guest(event, a->me->addr);
	}
}

static int check_event(struct answering *a, const struct calendar_event *event, struct err *err)
{
	if (event->is_cancelled)
		return not_this_method(CALENDAR_CANCEL, err);
	if (!*event->uid || !event->has_organizer || !*event->organizer.addr)
		return err_set(err, _("The invitation does not say whom to answer."));
	if (!address_is_safe(event->organizer.addr) || !address_domain(event->organizer.addr))
		return err_set(err, _("The organizer's address \"%s\" is none that one could write to."),
			       event->organizer.addr);
	if (identity_is_mine(&a->mine, event->organizer.addr))
		return err_set(err, _("You are the one who invites."));
	find_me(a, event);
	if (!a->guest)
		return err_set(err, _("None of your addresses is among those invited."));
	return 0;
}

static int take_events(struct answering *a, struct calendar *calendar, struct err *err)
{
	struct calendar_event event;
	int count = 0;

	while (count < EVENTS_MAX && calendar_next(calendar, &event) == 1) {
		if (!count)
			a->first = event;
		else if (strcmp(event.uid, a->first.uid) != 0 || !calendar_guest(&event, a->me->addr))
			continue;
		if (!count && check_event(a, &event, err) < 0)
			return -1;
		add_event(a, &event);
		count++;
	}
	return count ? 0 : err_set(err, _("There is no event in this calendar."));
}

static int open_invitation(struct answering *a, const struct mime_part *part, struct calendar *calendar)
{
	calendar_part_bytes(part, CALENDAR_MAX, &a->bytes, &a->charset);
	if (calendar_open(calendar, (struct span){buf_str(&a->bytes), a->bytes.len}, a->charset, NULL,
			  a->arena) < 0)
		return -1;
	if (calendar->method == CALENDAR_NO_METHOD)
		calendar->method = calendar_method_named(mime_param(part, "method"));
	return 0;
}

bool invite_asks(const struct mime_message *message)
{
	struct answering a = {.message = message, .arena = arena_new()};
	const struct mime_part *part = invite_part(message);
	struct calendar calendar;
	bool asks = false;

	if (part && open_invitation(&a, part, &calendar) == 0) {
		asks = not_this_method(calendar.method, NULL) == 0 &&
		       calendar_next(&calendar, &a.first) == 1 && a.first.has_organizer &&
		       !a.first.is_cancelled;
		calendar_close(&calendar);
	}
	buf_free(&a.bytes);
	arena_free(&a.arena);
	return asks;
}

static int read_invitation(struct answering *a, struct err *err)
{
	const struct mime_part *part = invite_part(a->message);
	struct calendar calendar;
	int rc;

	if (!part || open_invitation(a, part, &calendar) < 0)
		return err_set(err, _("There is no invitation in this letter."));
	rc = not_this_method(calendar.method, err);
	if (rc == 0)
		rc = take_events(a, &calendar, err);
	calendar_close(&calendar);
	return rc;
}

/* --- the letter ----------------------------------------------------------------------------------------- */

static char *subject_of(struct answering *a)
{
	if (a->answer == CALENDAR_ACCEPTED)
		return arena_printf(a->arena, _("Accepted: %s"), a->first.summary);
	if (a->answer == CALENDAR_DECLINED)
		return arena_printf(a->arena, _("Declined: %s"), a->first.summary);
	return arena_printf(a->arena, _("Perhaps: %s"), a->first.summary);
}

static void add_sentence(struct answering *a, struct buf *body)
{
	const char *name = *a->me->name ? a->me->name : a->me->addr;

	if (a->answer == CALENDAR_ACCEPTED)
		buf_printf(body, _("%s accepts the invitation:"), name);
	else if (a->answer == CALENDAR_DECLINED)
		buf_printf(body, _("%s declines the invitation:"), name);
	else
		buf_printf(body, _("%s will perhaps come:"), name);
}

static void set_body(struct answering *a, struct draft *draft)
{
	struct buf body = BUF_INIT;

	add_sentence(a, &body);
	buf_printf(&body, "\n\n%s\n", a->first.summary);
	calendar_add_when_there(&body, &a->first);
	buf_printf(&body, "\n%s\n", a->first.location);
	draft_set_body(draft, buf_str(&body), body.len);
	buf_free(&body);
}

static void set_people(struct answering *a, struct draft *draft)
{
	struct address to = {a->first.organizer.name, a->first.organizer.addr};
	struct address from = {a->me->name, a->guest->addr};
	struct buf text = BUF_INIT;

	address_add_display(&text, &to);
	draft_set(&draft->to, buf_str(&text));
	buf_clear(&text);
	address_add_display(&text, &from);
	draft_set(&draft->from, buf_str(&text));
	draft_set(&draft->account, a->me->account);
	buf_free(&text);
}

static void set_thread(struct answering *a, struct draft *draft)
{
	const char *id = ids_message_id(&a->message->root.header, a->arena);
	struct buf references = BUF_INIT;
	size_t count = 0;
	char **ids = ids_list(&a->message->root.header, "References", a->arena, &count);

	if (!id)
		return;
	for (size_t i = count > REFERENCES_MAX ? count - REFERENCES_MAX : 0; i < count; i++)
		buf_printf(&references, "%s ", ids[i]);
	buf_add_str(&references, id);
	draft_set(&draft->in_reply_to, id);
	draft_set(&draft->origin_id, id);
	draft_set(&draft->references, buf_str(&references));
	buf_free(&references);
}

static struct draft *make_draft(struct answering *a, struct err *err)
{
	struct draft *draft = draft_new(a->me->account);
	struct buf reply = BUF_INIT;

	draft->origin = DRAFT_REPLY;
	draft_set(&draft->origin_account, a->account ? a->account : "");
	set_people(a, draft);
	draft_set(&draft->subject, subject_of(a));
	set_thread(a, draft);
	set_body(a, draft);
	make_reply(a, &reply);
	if (attach_bytes(draft, "invite.ics", "text/calendar", buf_str(&reply), reply.len, err) < 0) {
		draft_remove(draft, NULL);
		draft_free(&draft);
	} else {
		draft->attachments[0].is_inline = true;
	}
	buf_free(&reply);
	return draft;
}

struct draft *invite_answer(const struct compose *compose, const struct mime_message *message,
			    const char *account, enum calendar_answer answer, struct err *err)
{
	struct answering a = {.compose = compose,
			      .message = message,
			      .account = account,
			      .answer = answer,
			      .arena = arena_new()};
	struct draft *draft = NULL;

	identity_load(compose, &a.mine);
	if (read_invitation(&a, err) == 0)
		draft = make_draft(&a, err);
	identity_list_free(&a.mine);
	buf_free(&a.bytes);
	buf_free(&a.reply);
	arena_free(&a.arena);
	return draft;
}
