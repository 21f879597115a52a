#include "config.h"
#include "store/mime/header.h"

#include <string.h>
#include <strings.h>

#include "store/base/arena.h"
#include "store/base/array.h"

#define FIRST_FIELDS 32
#define NAME_LIMIT   256
#define LINES_AHEAD  32

struct reader {
	const struct header_source *source;
	struct arena *arena;
	struct mime_header *header;
	size_t cap;
	struct mime_field *open; /* what a continuation line continues, or NULL */
	bool is_behind_white;	 /* a line of white space alone came: folding, by the letter */
	size_t goes_on_until;	 /* a field is known to stand at this offset */
};

struct span header_line(struct span bytes, size_t at, size_t *next)
{
	size_t end = span_find(bytes, at, '\n');

	*next = end < bytes.len ? end + 1 : end;
	if (end > at && bytes.data[end - 1] == '\r' && end < bytes.len)
		end--;
	return (struct span){bytes.data + at, end - at};
}

static bool is_name_char(char c)
{
	return c > ' ' && c < 0x7f && c != ':';
}

/* Length of the field's name when LINE begins one, else 0; *COLON where the colon stands. */
static size_t name_length(struct span line, size_t *colon)
{
	size_t n = 0, at;

	while (n < line.len && is_name_char(line.data[n]) && n <= NAME_LIMIT)
		n++;
	for (at = n; at < line.len && (line.data[at] == ' ' || line.data[at] == '\t'); at++)
		;
	*colon = at;
	return at < line.len && line.data[at] == ':' && n <= NAME_LIMIT ? n : 0;
}

static bool is_field(struct span line)
{
	size_t colon;

	return name_length(line, &colon) > 0;
}

static void make_room(struct reader *r)
{
	struct mime_header *header = r->header;
	struct mime_field *wider;

	if (header->count < r->cap)
		return;
	r->cap = r->cap ? r->cap * 2 : FIRST_FIELDS;
	wider = ARENA_ARRAY(r->arena, struct mime_field, r->cap);
	if (header->count)
		memcpy(wider, header->fields, header->count * sizeof *wider);
	header->fields = wider;
}

static void add_field(struct reader *r, struct span line, size_t name, size_t colon)
{
	struct mime_field *field;

	r->open = NULL;
	if (r->header->count >= r->source->limits->header_fields)
		return;
	make_room(r);
	field = &r->header->fields[r->header->count++];
	field->name = (struct span){line.data, name};
	field->value = (struct span){line.data + colon + 1, line.len - colon - 1};
	r->open = field;
}

static void continue_field(struct reader *r, struct span line)
{
	if (!span_trim(line).len)
		r->is_behind_white = true;
	if (r->open)
		r->open->value.len = (size_t)(line.data + line.len - r->open->value.data);
}

static bool is_fold(struct span line)
{
	return line.len && (line.data[0] == ' ' || line.data[0] == '\t');
}

static bool is_stop(const struct header_source *source, struct span line)
{
	return source->is_end && line.len > 2 && line.data[0] == '-' && line.data[1] == '-' &&
	       source->is_end(source->arg, line);
}

/* Fields no letter's text begins a line with by chance. */
static bool is_known_field(struct span line)
{
	static const char *const names[] = {
	    "From",	 "To",		 "Cc",		"Subject",  "Date",	    "Received",
	    "Sender",	 "Reply-To",	 "Return-Path", "Message-ID", "In-Reply-To", "References",
	    "MIME-Version", "Delivered-To", "DKIM-Signature", "Content-Type",
	    "Content-Transfer-Encoding", "Content-Disposition"};
	size_t colon, len = name_length(line, &colon), i;
	struct span name = {line.data, len};

	for (i = 0; len && i < ARRAY_COUNT(names); i++)
		if (span_equal_nocase(name, names[i]))
			return true;
	return len > 2 && span_starts_nocase(name, "X-");
}

/* Does a field well known stand in one of the next lines, in front of the first blank one? */
static bool is_field_ahead(struct reader *r, size_t at)
{
	struct span bytes = r->source->bytes, line;
	int count;

	for (count = 0; count < LINES_AHEAD && at < bytes.len; count++) {
		size_t next;

		line = header_line(bytes, at, &next);
		if (!line.len || is_stop(r->source, line))
			return false;
		if (is_known_field(line)) {
			r->goes_on_until = at;
			return true;
		}
		at = next;
	}
	return false;
}

/* The line at AT or, when that is folded, the first one behind it that is not. */
static struct span line_behind_folds(struct span bytes, size_t at)
{
	struct span line;

	do {
		line = header_line(bytes, at, &at);
	} while (is_fold(line) && at < bytes.len);
	return line;
}

/* A line that is no field: does the header go on behind it? Then it is one broken line; else the
 * blank line is missing and the body begins here. Behind a line of white space alone all other
 * programs wait for a blank line, and so do we: or what is signed or filtered differs from what is
 * shown. */
static bool goes_on(struct reader *r, struct span broken, size_t next)
{
	struct span line;

	if (r->is_behind_white || next <= r->goes_on_until)
		return true;
	if (broken.data[0] == '<')
		return false; /* a page */
	line = line_behind_folds(r->source->bytes, next);
	return line.len == 0 || is_field(line) || is_field_ahead(r, next);
}

static bool is_mbox_line(struct span line)
{
	return span_starts_nocase(line, "From ") || span_starts_nocase(line, ">From ");
}

static void cut_long_values(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->header->count; i++)
		if (r->header->fields[i].value.len > r->source->limits->header_bytes)
			r->header->fields[i].value.len = r->source->limits->header_bytes;
}

/* One line taken. False when the body begins at or behind it (*AT says where). */
static bool take_line(struct reader *r, size_t *at)
{
	struct span bytes = r->source->bytes, line;
	size_t next, colon, name;

	line = header_line(bytes, *at, &next);
	if (is_stop(r->source, line))
		return false;
	name = name_length(line, &colon);
	if (!line.len) {
		*at = next;
		return false;
	}
	if (is_fold(line))
		continue_field(r, line);
	else if (name)
		add_field(r, line, name, colon);
	else if (is_mbox_line(line) || goes_on(r, line, next))
		r->open = NULL;
	else
		return false;
	*at = next;
	return true;
}

size_t header_read(const struct header_source *source, size_t from, struct arena *arena,
		   struct mime_header *header)
{
	struct reader r = {.source = source, .arena = arena, .header = header};
	size_t at = from;

	*header = (struct mime_header){.fields = NULL};
	while (at < source->bytes.len && take_line(&r, &at))
		;
	cut_long_values(&r);
	return at;
}

void mime_parse_header(const char *bytes, size_t len, const struct mime_limits *limits,
		       struct arena *arena, struct mime_header *header, size_t *body_at)
{
	struct header_source source = {.bytes = {bytes, len},
				       .limits = limits ? limits : &mime_limits_default};

	*body_at = header_read(&source, 0, arena, header);
}

const struct mime_field *mime_field(const struct mime_header *header, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < header->count; i++)
		if (header->fields[i].name.len == len &&
		    strncasecmp(header->fields[i].name.data, name, len) == 0)
			return &header->fields[i];
	return NULL;
}
