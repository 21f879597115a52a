#include "config.h"
#include "store/mail/letter.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/mime/address.h"
#include "store/mime/ids.h"
#include "store/mime/mime.h"
#include "store/mime/mime_write.h"

#define RECIPIENTS_MAX 10000

/* --- raw fields ----------------------------------------------------------------------------- */

/* Length of the line at the front, its LF counted. */
static size_t line_len(struct span s)
{
	size_t end = span_find(s, 0, '\n');

	return end < s.len ? end + 1 : s.len;
}

static bool is_empty_line(struct span line)
{
	return (line.len == 1 && line.data[0] == '\n') ||
	       (line.len == 2 && line.data[0] == '\r' && line.data[1] == '\n');
}

/* Length of a field's name at the front of the line, 0: this is no field. */
static size_t name_len(struct span line)
{
	size_t len = 0, at;

	while (len < line.len && line.data[len] > ' ' && line.data[len] < 0x7f &&
	       line.data[len] != ':')
		len++;
	for (at = len; at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'); at++)
		;
	return at < line.len && line.data[at] == ':' ? len : 0;
}

static size_t field_len(struct span s)
{
	size_t len = line_len(s);

	while (len < s.len && (s.data[len] == ' ' || s.data[len] == '\t')) {
		struct span rest = {s.data + len, s.len - len};

		len += line_len(rest);
	}
	return len;
}

static struct span without_line_end(struct span s)
{
	if (s.len && s.data[s.len - 1] == '\n')
		s.len--;
	if (s.len && s.data[s.len - 1] == '\r')
		s.len--;
	return s;
}

static void skip(struct span *s, size_t len)
{
	s->data += len;
	s->len -= len;
}

int letter_next_field(struct span *rest, struct letter_field *field)
{
	struct span line = {rest->data, line_len(*rest)};
	size_t name = name_len(line), colon;

	if (name == 0) {
		if (is_empty_line(line))
			skip(rest, line.len);
		return 0;
	}
	field->name = (struct span){rest->data, name};
	field->whole = (struct span){rest->data, field_len(*rest)};
	colon = span_find(field->whole, name, ':');
	field->value =
	    without_line_end((struct span){rest->data + colon + 1, field->whole.len - colon - 1});
	skip(rest, field->whole.len);
	return 1;
}

size_t letter_count_fields(struct span letter, const char *name)
{
	struct letter_field field;
	size_t count = 0;

	while (letter_next_field(&letter, &field))
		count += span_equal_nocase(field.name, name);
	return count;
}

struct span letter_header(struct span letter)
{
	struct span rest = letter, header = {letter.data, 0};
	struct letter_field field;

	while (letter_next_field(&rest, &field))
		header.len += field.whole.len;
	return header;
}

bool letter_is_looping(struct span letter)
{
	return letter_count_fields(letter, "Received") > LETTER_HOPS_MAX;
}

/* --- addresses ------------------------------------------------------------------------------ */

const char *letter_address_fault(const char *addr)
{
	const char *at;

	if (!*addr)
		return _("The address is empty.");
	for (at = addr; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return _("The address has a control character in it.");
	return address_is_safe(addr) ? NULL : _("This is no address.");
}

static int check_all(const struct address_list *list, struct err *err)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		const char *fault = letter_address_fault(list->items[i].addr);

		if (fault)
			return err_set_kind(err, ERR_USAGE, _("Recipient \"%s\": %s"),
					    list->items[i].addr, fault);
	}
	return 0;
}

int letter_parse_argument(const char *text, struct arena *arena, struct address_list *list,
			  struct err *err)
{
	const char *at;

	for (at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return err_set_kind(err, ERR_USAGE, _("Recipient \"%s\": %s"), text,
					    _("The address has a control character in it."));
	address_parse(span_of(text), RECIPIENTS_MAX, arena, list);
	if (list->count == 0)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no address."), text);
	return check_all(list, err);
}

struct finding {
	struct arena *arena;
	char **list;
	size_t count, cap;
};

static int find_in(struct finding *finding, struct span value, struct err *err)
{
	struct address_list list;
	size_t i;

	address_parse(value, RECIPIENTS_MAX, finding->arena, &list);
	if (check_all(&list, err) < 0)
		return -1;
	for (i = 0; i < list.count; i++) {
		ARRAY_ROOM(finding->list, finding->count, finding->cap);
		finding->list[finding->count++] = list.items[i].addr;
	}
	return 0;
}

/* Of a letter that was sent on (Resent-...), the newest block alone says to whom: each field's
 * first. */
static const char *const recipient_fields[] = {"To", "Cc", "Bcc"};
static const char *const resent_fields[] = {"Resent-To", "Resent-Cc", "Resent-Bcc"};

static bool has_any(struct span letter, const char *const *names)
{
	return letter_count_fields(letter, names[0]) || letter_count_fields(letter, names[1]) ||
	       letter_count_fields(letter, names[2]);
}

static int find_all_of(struct finding *finding, struct span letter, const char *name,
		       bool first_only, struct err *err)
{
	struct letter_field field;

	while (letter_next_field(&letter, &field)) {
		if (!span_equal_nocase(field.name, name))
			continue;
		if (find_in(finding, field.value, err) < 0)
			return -1;
		if (first_only)
			break;
	}
	return 0;
}

static int find_recipients(struct span bytes, struct arena *arena, struct letter *letter,
			   struct err *err)
{
	bool is_resent = has_any(bytes, resent_fields);
	const char *const *names = is_resent ? resent_fields : recipient_fields;
	struct finding finding = {.arena = arena};
	int i, rc = 0;

	for (i = 0; i < 3 && rc == 0; i++)
		rc = find_all_of(&finding, bytes, names[i], is_resent, err);
	letter->recipients = ARENA_ARRAY(arena, char *, finding.count + 1);
	if (finding.count)
		memcpy(letter->recipients, finding.list, finding.count * sizeof *finding.list);
	letter->recipient_count = finding.count;
	free(finding.list);
	return rc;
}

/* --- completing ----------------------------------------------------------------------------- */

char *letter_host(struct arena *arena)
{
	char name[256] = "";
	size_t i;

	if (gethostname(name, sizeof name - 1) < 0 || !*name)
		return arena_strdup(arena, "localhost");
	for (i = 0; name[i]; i++)
		if (!char_is_alnum(name[i]) && !strchr("-._", name[i]))
			return arena_strdup(arena, "localhost");
	return arena_strdup(arena, name);
}

struct work {
	struct span bytes;
	const struct letter_wish *wish;
	struct arena *arena;
	struct buf *head;
	const char *host;
	bool is_crlf;
	int64_t now;
};

/* One of our own fields (lines end in LF) with the line ends of the letter. */
static void add_field(struct work *work, const struct buf *field)
{
	size_t i;

	for (i = 0; i < field->len; i++) {
		if (field->data[i] == '\n' && work->is_crlf)
			buf_add_char(work->head, '\r');
		buf_add_char(work->head, field->data[i]);
	}
}

static void add_received(struct work *work)
{
	struct buf field = BUF_INIT;

	buf_printf(&field, "Received: by %s (Tern " PACKAGE_VERSION ", from %s);\n\t", work->host,
		   work->wish->received);
	date_add_rfc5322(&field, work->now);
	buf_add_char(&field, '\n');
	add_field(work, &field);
	buf_free(&field);
}

static void add_date(struct work *work)
{
	struct buf field = BUF_INIT;

	buf_add_str(&field, "Date: ");
	date_add_rfc5322(&field, work->now);
	buf_add_char(&field, '\n');
	add_field(work, &field);
	buf_free(&field);
}

static void add_message_id(struct work *work)
{
	struct buf field = BUF_INIT;

	buf_add_str(&field, "Message-ID: <");
	ids_make(&field, work->wish->domain ? work->wish->domain : work->host);
	buf_add_str(&field, ">\n");
	add_field(work, &field);
	buf_free(&field);
}

static void add_from(struct work *work)
{
	struct address address = {
	    .name = arena_strdup(work->arena, work->wish->from_name ? work->wish->from_name : ""),
	    .addr = arena_strdup(work->arena, work->wish->from)};
	struct address_list list = {&address, 1};
	struct buf field = BUF_INIT;

	mime_write_address_field(&field, "From", &list);
	add_field(work, &field);
	buf_free(&field);
}

static void add_missing(struct work *work)
{
	if (letter_count_fields(work->bytes, "From") == 0)
		add_from(work);
	if (letter_count_fields(work->bytes, "Date") == 0)
		add_date(work);
	if (letter_count_fields(work->bytes, "Message-ID") == 0)
		add_message_id(work);
}

/* The header's own fields; what follows is left in *REST. A last line without its end gets one. */
static void copy_fields(struct work *work, struct span *rest)
{
	struct letter_field field;

	while (letter_next_field(rest, &field)) {
		if (span_equal_nocase(field.name, "Bcc") ||
		    span_equal_nocase(field.name, "Resent-Bcc"))
			continue;
		buf_add(work->head, field.whole.data, field.whole.len);
		if (field.whole.data[field.whole.len - 1] != '\n')
			buf_add_str(work->head, work->is_crlf ? "\r\n" : "\n");
	}
}

static char *first_from(struct span bytes, const struct letter_wish *wish, struct arena *arena)
{
	struct letter_field field;
	struct address_list list;

	while (letter_next_field(&bytes, &field)) {
		if (!span_equal_nocase(field.name, "From"))
			continue;
		address_parse(field.value, 1, arena, &list);
		return arena_strdup(arena, list.count ? list.items[0].addr : "");
	}
	return arena_strdup(arena, wish->from);
}

/* Programs that take letters out of an mbox give its "From " line along. */
static void skip_from_line(struct span *bytes)
{
	if (bytes->len >= 5 && memcmp(bytes->data, "From ", 5) == 0)
		skip(bytes, line_len(*bytes));
}

int letter_complete(const char *bytes, size_t len, const struct letter_wish *wish,
		    struct arena *arena, struct letter *letter, struct err *err)
{
	struct work work = {
	    .bytes = {bytes, len}, .wish = wish, .arena = arena, .head = &letter->head};
	size_t first;

	memset(letter, 0, sizeof *letter);
	skip_from_line(&work.bytes);
	if (letter_is_looping(work.bytes))
		return err_set(
		    err, _("The letter goes in circles: it has more than %d Received fields."),
		    LETTER_HOPS_MAX);
	if (wish->wants_recipients && find_recipients(work.bytes, arena, letter, err) < 0)
		return -1;
	first = span_find(work.bytes, 0, '\n');
	work.is_crlf = first > 0 && first < work.bytes.len && work.bytes.data[first - 1] == '\r';
	work.now = wish->now ? wish->now : time(NULL);
	work.host = letter_host(arena);
	letter->from = first_from(work.bytes, wish, arena);
	if (wish->received)
		add_received(&work);
	letter->body = work.bytes;
	copy_fields(&work, &letter->body);
	add_missing(&work);
	buf_add_str(&letter->head, work.is_crlf ? "\r\n" : "\n");
	return 0;
}

void letter_free(struct letter *letter)
{
	buf_free(&letter->head);
}

void letter_sent_unique(const char *message_id, struct buf *out)
{
	buf_add_str(out, "sent/");
	buf_add(out, message_id, strcspn(message_id, "@"));
}
