#include "config.h"
#include "store/mime/report.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/mime.h"

#define BODY_LIMIT (4 << 20)

static char *field_text(const struct mime_header *header, const char *name, struct arena *arena)
{
	char *text = mime_field_text(header, name, arena);

	return text ? text : (char *)"";
}

/* "rfc822; a@b" and "smtp; 550 no": what stands behind the kind. */
static char *without_kind(char *text)
{
	char *semicolon = strchr(text, ';');

	if (!semicolon)
		return text;
	for (semicolon++; char_is_space(*semicolon); semicolon++)
		;
	return semicolon;
}

static char *first_word(const char *text, struct arena *arena)
{
	size_t n = strcspn(text, " \t;,(");
	char *word = arena_strndup(arena, text, n);

	str_lower(word);
	return word;
}

static char *typed_field(const struct mime_header *header, const char *name, struct arena *arena)
{
	return without_kind(field_text(header, name, arena));
}

static void read_recipient(const struct mime_header *header, struct arena *arena,
			   struct report_recipient *recipient)
{
	recipient->address = typed_field(header, "Original-Recipient", arena);
	if (!*recipient->address)
		recipient->address = typed_field(header, "Final-Recipient", arena);
	recipient->action = first_word(field_text(header, "Action", arena), arena);
	recipient->status = first_word(field_text(header, "Status", arena), arena);
	recipient->diagnostic = typed_field(header, "Diagnostic-Code", arena);
	recipient->remote = typed_field(header, "Remote-MTA", arena);
	recipient->will_retry_until = field_text(header, "Will-Retry-Until", arena);
}

/* The body in the arena, so that what is read from it stays. */
static struct span copy_body(const struct mime_part *part, struct arena *arena)
{
	struct buf body = BUF_INIT;
	struct span copy;

	mime_decode_body(part, BODY_LIMIT, &body);
	copy = (struct span){arena_strndup(arena, buf_str(&body), body.len), body.len};
	buf_free(&body);
	return copy;
}

/* The next block of fields of *REST; empty lines in front of it are passed over. */
static bool next_block(struct span *rest, struct arena *arena, struct mime_header *header)
{
	size_t body_at;

	while (rest->len && (*rest->data == '\n' || *rest->data == '\r'))
		*rest = (struct span){rest->data + 1, rest->len - 1};
	if (!rest->len)
		return false;
	mime_parse_header(rest->data, rest->len, NULL, arena, header, &body_at);
	if (!body_at) /* text where fields should stand: one line less */
		body_at = span_find(*rest, 0, '\n');
	*rest = (struct span){rest->data + body_at, rest->len - body_at};
	return true;
}

static bool is_recipient(const struct mime_header *header)
{
	return mime_field(header, "Final-Recipient") || mime_field(header, "Original-Recipient") ||
	       mime_field(header, "Action");
}

static void read_reporter(const struct mime_header *header, struct arena *arena,
			  struct report *report)
{
	if (!*report->reporter)
		report->reporter = typed_field(header, "Reporting-MTA", arena);
	if (!*report->arrival)
		report->arrival = field_text(header, "Arrival-Date", arena);
}

void report_read_delivery(const struct mime_part *part, struct arena *arena, struct report *report)
{
	struct report_recipient *wider;
	struct span rest = copy_body(part, arena);
	struct mime_header header;
	size_t cap = 0, blocks = 0;

	*report = (struct report){.reporter = (char *)"", .arrival = (char *)""};
	while (blocks++ <= REPORT_RECIPIENT_LIMIT && next_block(&rest, arena, &header)) {
		read_reporter(&header, arena, report);
		if (!is_recipient(&header))
			continue;
		if (report->count >= cap) {
			cap = cap ? cap * 2 : 4;
			wider = ARENA_ARRAY(arena, struct report_recipient, cap);
			if (report->count)
				memcpy(wider, report->recipients, report->count * sizeof *wider);
			report->recipients = wider;
		}
		read_recipient(&header, arena, &report->recipients[report->count++]);
	}
}

/* "manual-action/MDN-sent-manually; displayed/error" */
static void read_disposition(struct receipt *receipt, const char *text, struct arena *arena)
{
	const char *semicolon = strchr(text, ';');
	size_t n = semicolon ? (size_t)(semicolon - text) : 0;

	receipt->mode = arena_strndup(arena, text, n);
	str_lower(receipt->mode);
	text = semicolon ? semicolon + 1 : text;
	while (char_is_space(*text))
		text++;
	receipt->disposition = arena_strndup(arena, text, strcspn(text, "/ \t,;"));
	str_lower(receipt->disposition);
}

static char *without_brackets(char *id, struct arena *arena)
{
	size_t n;

	if (*id == '<')
		id++;
	n = strcspn(id, ">");
	return arena_strndup(arena, id, n);
}

void report_read_receipt(const struct mime_part *part, struct arena *arena, struct receipt *receipt)
{
	struct span rest = copy_body(part, arena);
	struct mime_header header = {.count = 0};

	next_block(&rest, arena, &header);
	receipt->address = typed_field(&header, "Original-Recipient", arena);
	if (!*receipt->address)
		receipt->address = typed_field(&header, "Final-Recipient", arena);
	receipt->original_id =
	    without_brackets(field_text(&header, "Original-Message-ID", arena), arena);
	receipt->agent = field_text(&header, "Reporting-UA", arena);
	read_disposition(receipt, field_text(&header, "Disposition", arena), arena);
}

static char *without_angles(char *text, struct arena *arena)
{
	return *text == '<' ? without_brackets(text, arena) : text;
}

void report_read_feedback(const struct mime_part *part, struct arena *arena, struct feedback *feedback)
{
	struct span rest = copy_body(part, arena);
	struct mime_header header = {.count = 0};

	next_block(&rest, arena, &header);
	feedback->kind = first_word(field_text(&header, "Feedback-Type", arena), arena);
	feedback->address = field_text(&header, "Original-Rcpt-To", arena);
	if (!*feedback->address)
		feedback->address = field_text(&header, "Removal-Recipient", arena);
	feedback->address = without_angles(feedback->address, arena);
	feedback->domain = field_text(&header, "Reported-Domain", arena);
	feedback->source = field_text(&header, "Source-IP", arena);
	feedback->agent = field_text(&header, "User-Agent", arena);
	feedback->arrival = field_text(&header, "Arrival-Date", arena);
	if (!*feedback->arrival)
		feedback->arrival = field_text(&header, "Received-Date", arena);
}

static long number_param(const struct mime_part *part, const char *name)
{
	const char *text = mime_param(part, name);
	long long number;

	if (!text || str_to_long(text, &number) < 0 || number < 0 || number > 1000000)
		return 0;
	return (long)number;
}

void report_read_fragment(const struct mime_part *part, struct fragment *fragment)
{
	const char *id = mime_param(part, "id");

	fragment->id = id ? id : "";
	fragment->number = number_param(part, "number");
	fragment->total = number_param(part, "total");
}

static const char *param_or_empty(const struct mime_part *part, const char *name)
{
	const char *value = mime_param(part, name);

	return value ? value : "";
}

/* RFC 2017 lets a URL be folded: its spaces are none of it. */
static char *without_spaces(const char *url, struct arena *arena)
{
	char *text = arena_strdup(arena, url);
	size_t from, to = 0;

	for (from = 0; text[from]; from++)
		if (!char_is_space(text[from]))
			text[to++] = text[from];
	text[to] = '\0';
	return text;
}

char *report_external_place(const struct mime_part *part, struct arena *arena)
{
	const char *kind = param_or_empty(part, "access-type"), *site = param_or_empty(part, "site");
	const char *dir = param_or_empty(part, "directory"), *name = param_or_empty(part, "name");

	if (str_equal_nocase(kind, "url"))
		return without_spaces(param_or_empty(part, "url"), arena);
	if (str_equal_nocase(kind, "mail-server"))
		return arena_printf(arena, "mailto:%s", param_or_empty(part, "server"));
	if (*site)
		return arena_printf(arena, "ftp://%s/%s%s%s", site, dir + (*dir == '/'),
				    *dir ? "/" : "", name);
	return arena_strdup(arena, name);
}
