#include "config.h"
#include "store/mime/mime.h"

#include <string.h>

#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/mem.h"
#include "store/mime/header.h"
#include "store/mime/param.h"
#include "store/mime/transfer.h"

const struct mime_limits mime_limits_default = {
    .depth = 128,
    .parts = 10000,
    .header_fields = 10000,
    .header_bytes = 1 << 20,
    .addresses = 20000,
};

#define BOUNDARY_LIMIT 1000
#define FIELDS_IN_ALL  100000
#define FIELDS_OF_EACH 50
#define FIRST_FRAMES   4

/* A boundary, or what may be one. The hash spares a look at each of many: a letter may have millions of such lines. */
struct mark {
	struct span text;
	uint32_t hash;
};

/* A multipart whose delimiters may still come. */
struct frame {
	struct mime_part *part;
	struct mark boundary;
	bool is_closed; /* its last delimiter was seen: what follows is its epilogue */
};

/* One run over one piece of text: the message, or a message inside that was encoded. */
struct scan {
	struct mime_message *message;
	const struct mime_limits *limits;
	struct span bytes;
	struct frame *frames;
	size_t room;		   /* for so many frames */
	size_t depth;		   /* frames in use */
	size_t frames_open;	   /* that may still get a delimiter */
	struct mime_part *current; /* the innermost part that has not ended */
	size_t rested;		   /* up to here */
	size_t field_count;	   /* in all headers so far */
};

struct delimiter {
	size_t frame; /* which one */
	size_t start; /* the line end in front of it belongs to it */
	size_t next;  /* behind its line */
	bool is_last;
};

static struct mark mark_of(struct span text)
{
	struct mark mark = {text, (uint32_t)text.len};
	size_t i;

	for (i = 0; i < text.len && text.len <= BOUNDARY_LIMIT; i++)
		mark.hash = (mark.hash ^ (unsigned char)text.data[i]) * 16777619u;
	return mark;
}

static bool is_same_mark(const struct mark *a, const struct mark *b)
{
	return a->hash == b->hash && span_equal(a->text, b->text);
}

static struct span without_white_end(struct span s)
{
	while (s.len && char_is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* A line that begins with "--": the boundary it names, or the one whose last delimiter it is. */
struct marks {
	struct mark whole, stem;
	bool has_stem; /* it ends with "--" */
};

static struct marks marks_of(struct span line)
{
	struct span text = without_white_end((struct span){line.data + 2, line.len - 2});
	struct marks marks = {.whole = mark_of(text)};

	marks.has_stem = text.len >= 2 && text.data[text.len - 2] == '-' && text.data[text.len - 1] == '-';
	if (marks.has_stem)
		marks.stem = mark_of((struct span){text.data, text.len - 2});
	return marks;
}

static bool is_delimiter(const struct marks *marks, const struct mark *boundary, bool *is_last)
{
	*is_last = marks->has_stem && is_same_mark(&marks->stem, boundary);
	return *is_last || is_same_mark(&marks->whole, boundary);
}

/* The innermost open frame LINE (which begins with "--") is a delimiter of: true and D told. */
static bool find_frame(const struct scan *s, struct span line, struct delimiter *d)
{
	struct marks marks = marks_of(line);
	size_t i;

	for (i = s->depth; i-- > 0;) {
		if (!s->frames[i].is_closed && is_delimiter(&marks, &s->frames[i].boundary, &d->is_last)) {
			d->frame = i;
			return true;
		}
	}
	return false;
}

static bool ends_header(const void *arg, struct span line)
{
	struct delimiter d;

	return find_frame(arg, line, &d);
}

/* The line end before AT, not reaching back over FROM. */
static size_t without_line_end(struct span bytes, size_t from, size_t at)
{
	if (at > from && bytes.data[at - 1] == '\n')
		at--;
	if (at > from && bytes.data[at - 1] == '\r' && bytes.data[at] == '\n')
		at--;
	return at;
}

static void rest_at(struct scan *s, size_t at)
{
	const struct mime_rest *rest = &s->message->rest;

	if (!rest->call || at < s->rested + MIME_REST_EVERY)
		return;
	rest->call(rest->arg);
	s->rested = at;
}

/* C at or behind AT, also when that is far away. */
static size_t find_far(struct scan *s, size_t at, char c)
{
	struct span window = s->bytes;

	do {
		window.len = s->bytes.len - at < MIME_REST_EVERY ? s->bytes.len : at + MIME_REST_EVERY;
		at = span_find(window, at, c);
		rest_at(s, at);
	} while (at == window.len && at < s->bytes.len);
	return at;
}

/* The next line behind AT that begins with "-": an attachment has no other, so it is passed in one step. */
static size_t next_dashed_line(struct scan *s, size_t at)
{
	while (at + 1 < s->bytes.len) {
		at = find_far(s, at + 1, '-');
		if (at == s->bytes.len || s->bytes.data[at - 1] == '\n')
			return at;
		at = find_far(s, at, '\n');
	}
	return s->bytes.len;
}

/* The next delimiter of any open frame at or behind AT (the start of a line). */
static bool find_delimiter(struct scan *s, size_t at, struct delimiter *d)
{
	size_t next, from = at;

	if (!s->frames_open)
		return false;
	for (; at < s->bytes.len; at = next) {
		struct span line;

		if (s->bytes.data[at] != '-' || at + 1 >= s->bytes.len ||
		    s->bytes.data[at + 1] != '-') {
			next = next_dashed_line(s, at);
			continue;
		}
		line = header_line(s->bytes, at, &next);
		if (!find_frame(s, line, d))
			continue;
		d->start = without_line_end(s->bytes, from, at);
		d->next = next;
		return true;
	}
	return false;
}

/* --- what a part's header says -------------------------------------------------------------- */

static char *copy_first_word(struct span value, struct arena *arena)
{
	size_t n = 0;

	value = span_trim(value);
	while (n < value.len && !char_is_space(value.data[n]) && value.data[n] != ';' &&
	       value.data[n] != '(')
		n++;
	return n ? arena_strndup(arena, value.data, n) : NULL;
}

static bool is_token(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if ((s.data[i] >= 0 && s.data[i] <= ' ') || s.data[i] == 0x7f ||
		    strchr("()<>@,;:\\\"[]?=", s.data[i]))
			return false;
	return s.len > 0;
}

static struct span without_quotes(struct span s)
{
	if (s.len >= 2 && s.data[0] == '"' && s.data[s.len - 1] == '"')
		return (struct span){s.data + 1, s.len - 2};
	return s;
}

/* In front of white space: "multipart/mixed boundary=x" without its ";", or broken by folding. */
static struct span first_word(struct span s)
{
	size_t n;

	for (n = 0; n < s.len && !char_is_space(s.data[n]);)
		n++;
	return (struct span){s.data, n};
}

/* "Text / HTML" as "text/html"; NULL when it is no type. */
static char *read_type(struct span value, struct arena *arena)
{
	size_t slash;
	struct span major, minor;
	char *type;

	value = without_quotes(value);
	slash = span_find(value, 0, '/');
	major = span_trim((struct span){value.data, slash});
	if (slash == value.len)
		return NULL;
	minor = first_word(span_trim((struct span){value.data + slash + 1, value.len - slash - 1}));
	if (!is_token(major) || !is_token(minor))
		return NULL;
	type = arena_printf(arena, "%.*s/%.*s", (int)major.len, major.data, (int)minor.len, minor.data);
	type = mime_decode_text(span_of(type), arena);
	str_lower(type);
	return type;
}

static bool is_digest(const struct mime_part *part)
{
	return part && strcmp(part->type, "multipart/digest") == 0;
}

static void read_content_type(struct mime_part *part, struct arena *arena)
{
	const struct mime_field *field = mime_field(&part->header, "Content-Type");
	struct param_list list = {.items = NULL};
	struct span value;

	if (field) {
		param_parse(field->value, arena, &value, &list);
		part->type = read_type(value, arena);
	}
	if (!part->type)
		part->type = is_digest(part->parent) ? (char *)"message/rfc822" : (char *)"text/plain";
	part->params = list.items;
	part->param_count = list.count;
	part->charset = param_get(&list, "charset");
}

static void read_disposition(struct mime_part *part, struct arena *arena)
{
	const struct mime_field *field = mime_field(&part->header, "Content-Disposition");
	struct param_list list;
	struct span value;

	if (field) {
		param_parse(field->value, arena, &value, &list);
		part->disposition = copy_first_word(value, arena);
		part->filename = param_get(&list, "filename");
		if (part->disposition)
			str_lower(part->disposition);
	}
	if (!part->filename || !span_trim(span_of(part->filename)).len)
		part->filename = (char *)mime_param(part, "name");
}

static char *read_content_id(const struct mime_header *header, struct arena *arena)
{
	const struct mime_field *field = mime_field(header, "Content-ID");
	struct span id;

	if (!field)
		return NULL;
	id = span_trim(field->value);
	if (id.len && *id.data == '<')
		id = (struct span){id.data + 1, id.len - 1};
	id.len = span_find(id, 0, '>');
	return id.len ? arena_strndup(arena, id.data, id.len) : NULL;
}

static void read_encoding(struct mime_part *part, struct arena *arena)
{
	const struct mime_field *field = mime_field(&part->header, "Content-Transfer-Encoding");

	if (field)
		part->encoding = mime_decode_text(field->value, arena);
}

static void read_fields(struct mime_part *part, struct arena *arena)
{
	read_content_type(part, arena);
	read_disposition(part, arena);
	read_encoding(part, arena);
	part->content_id = read_content_id(&part->header, arena);
	part->description = mime_field_text(&part->header, "Content-Description", arena);
}

/* --- the tree -------------------------------------------------------------------------------- */

static bool is_multipart(const struct mime_part *part)
{
	return strncmp(part->type, "multipart/", 10) == 0;
}

static bool holds_message(const struct mime_part *part)
{
	return strcmp(part->type, "message/rfc822") == 0 || strcmp(part->type, "message/global") == 0;
}

static size_t offset_in(const struct scan *s, const char *at)
{
	return (size_t)(at - s->bytes.data);
}

/* Many parts with many fields each get no more than FIELDS_IN_ALL together, but each the few that tell what it is. */
static struct mime_limits limits_here(const struct scan *s)
{
	struct mime_limits limits = *s->limits;
	size_t left = s->field_count < FIELDS_IN_ALL ? FIELDS_IN_ALL - s->field_count : 0;

	left = left > FIELDS_OF_EACH ? left : FIELDS_OF_EACH;
	limits.header_fields = limits.header_fields < left ? limits.header_fields : left;
	return limits;
}

/* The header at AT read into PART, which becomes the current one. Returns where its body begins. */
static size_t open_part(struct scan *s, struct mime_part *part, size_t at)
{
	struct mime_limits limits = limits_here(s);
	struct header_source source = {.bytes = s->bytes, .limits = &limits, .is_end = ends_header, .arg = s};
	size_t body = header_read(&source, at, s->message->arena, &part->header);

	s->field_count += part->header.count;
	part->whole = (struct span){s->bytes.data + at, 0};
	part->body = (struct span){s->bytes.data + body, 0};
	read_fields(part, s->message->arena);
	s->current = part;
	s->message->part_count++;
	return body;
}

static struct mime_part *add_child(struct scan *s, struct mime_part *parent)
{
	struct arena *arena = s->message->arena;
	struct mime_part *part = ARENA_NEW(arena, struct mime_part);

	part->parent = parent;
	part->rest = parent->rest;
	part->depth = parent->depth + 1;
	if (parent->last_child)
		parent->last_child->next = part;
	else
		parent->first_child = part;
	parent->last_child = part;
	part->path = arena_printf(arena, "%s.%zu", parent->path, ++parent->child_count);
	return part;
}

static struct span boundary_of(const struct mime_part *part)
{
	return without_white_end(span_of(mime_param(part, "boundary")));
}

static bool may_hold_more(struct scan *s, struct mime_part *part)
{
	if (part->depth + 1 < s->limits->depth && s->message->part_count < s->limits->parts)
		return true;
	part->is_cut = s->message->is_cut = true;
	return false;
}

static void make_room(struct scan *s)
{
	struct frame *wider;

	if (s->depth < s->room)
		return;
	s->room = s->room ? s->room * 2 : FIRST_FRAMES;
	wider = ARENA_ARRAY(s->message->arena, struct frame, s->room);
	if (s->depth)
		memcpy(wider, s->frames, s->depth * sizeof *wider);
	s->frames = wider;
}

static void push_frame(struct scan *s, struct mime_part *part, struct span boundary)
{
	make_room(s);
	s->frames[s->depth++] = (struct frame){.part = part, .boundary = mark_of(boundary)};
	s->frames_open++;
}

/* Opens the part at AT and, while it is a message that holds a message, the one in it. */
static size_t open_parts(struct scan *s, struct mime_part *part, size_t at)
{
	for (;;) {
		at = open_part(s, part, at);
		if (is_multipart(part)) {
			struct span boundary = boundary_of(part);

			/* an empty one is one: its delimiter is "--" */
			if (mime_param(part, "boundary") && boundary.len <= BOUNDARY_LIMIT &&
			    may_hold_more(s, part))
				push_frame(s, part, boundary);
			return at;
		}
		if (!holds_message(part) || transfer_kind(part->encoding) != TRANSFER_NONE ||
		    !may_hold_more(s, part))
			return at;
		part = add_child(s, part);
	}
}

static bool is_plain(const struct mime_part *part)
{
	return strcmp(part->type, "text/plain") == 0;
}

static bool is_text(const struct mime_part *part)
{
	if (!is_plain(part) && strcmp(part->type, "text/html") != 0)
		return false;
	return !part->disposition || strcmp(part->disposition, "attachment") != 0;
}

/* PART has ended: the text it yields is known, and offered to its parent. */
static void settle_text(struct mime_part *part)
{
	struct mime_part *parent = part->parent;

	if (!is_multipart(part))
		part->text = is_text(part) ? part : NULL;
	else if (strcmp(part->type, "multipart/encrypted") == 0)
		part->text = NULL;
	if (!parent || !part->text || !is_multipart(parent))
		return;
	if (!parent->text || (strcmp(parent->type, "multipart/alternative") == 0 &&
			      is_plain(part->text) && !is_plain(parent->text)))
		parent->text = part->text;
}

/* Ends all open parts inside STOP (NULL: all) at END. */
static void close_parts(struct scan *s, const struct mime_part *stop, size_t end)
{
	while (s->current != stop) {
		struct mime_part *part = s->current;
		size_t body = offset_in(s, part->body.data);

		if (end < body)
			end = body;
		part->whole.len = end - offset_in(s, part->whole.data);
		part->body.len = end - body;
		settle_text(part);
		s->current = part->parent;
	}
}

static void pop_frames(struct scan *s, size_t depth)
{
	while (s->depth > depth)
		if (!s->frames[--s->depth].is_closed)
			s->frames_open--;
}

/* The same delimiter again, on the very next line: some programs write it twice, and mean one part. */
static bool is_doubled(const struct scan *s, const struct delimiter *d)
{
	size_t next;
	bool is_last;
	struct span line = header_line(s->bytes, d->next, &next);
	struct marks marks;

	if (line.len <= 2 || line.data[0] != '-' || line.data[1] != '-')
		return false;
	marks = marks_of(line);
	return is_delimiter(&marks, &s->frames[d->frame].boundary, &is_last) && !is_last;
}

/* Where the last of lines that are equal to the one at AT begins: millions of them are one. */
static size_t end_of_run(const struct scan *s, size_t at)
{
	size_t next, behind;
	struct span line = header_line(s->bytes, at, &next);

	while (next < s->bytes.len && span_equal(header_line(s->bytes, next, &behind), line)) {
		at = next;
		next = behind;
	}
	return at;
}

/* What D delimits ends; what follows it begins. Returns where to look on. */
static size_t pass_delimiter(struct scan *s, const struct delimiter *d)
{
	struct frame *frame = &s->frames[d->frame];

	close_parts(s, frame->part, d->start);
	pop_frames(s, d->frame + 1);
	if (d->is_last) {
		frame->is_closed = true;
		s->frames_open--;
		return d->next;
	}
	if (is_doubled(s, d))
		return end_of_run(s, d->next);
	if (s->message->part_count < s->limits->parts)
		return open_parts(s, add_child(s, frame->part), d->next);
	frame->part->is_cut = s->message->is_cut = true;
	return s->bytes.len;
}

/* BYTES as one message: its outermost part is ROOT, whose parent (if any) is left alone. */
static void scan_message(struct mime_message *message, const struct mime_limits *limits,
			 struct mime_part *root, struct span bytes)
{
	struct scan s = {.message = message, .limits = limits, .bytes = bytes};
	struct delimiter d;
	size_t at;

	at = open_parts(&s, root, 0);
	while (find_delimiter(&s, at, &d))
		at = pass_delimiter(&s, &d);
	close_parts(&s, root->parent, bytes.len);
}

/* --- messages inside that are encoded, against the rules -------------------------------------- */

/* Bytes of all of them (one in another may be as large as that): they are decoded in memory. One that is beyond it
 * stays a part that can be saved. */
#define ENCODED_MAX ((size_t)16 << 20)

static bool is_encoded_message(const struct mime_part *part)
{
	return holds_message(part) && !part->first_child && !part->is_cut &&
	       transfer_kind(part->encoding) != TRANSFER_NONE;
}

static void open_encoded(struct mime_message *message, const struct mime_limits *limits,
			 struct mime_part *part)
{
	struct scan s = {.message = message, .limits = limits};
	size_t room = part->body.len + part->body.len / 2 + 16; /* of broken uuencode; unused it costs nothing */
	size_t len;
	char *bytes;

	if (!may_hold_more(&s, part))
		return;
	bytes = arena_alloc(message->arena, room + 1);
	mime_decode_body_into(part, bytes, room, &len);
	scan_message(message, limits, add_child(&s, part), (struct span){bytes, len});
}

/* The walk also comes to the parts that it adds. */
static void open_all_encoded(struct mime_message *message, const struct mime_limits *limits)
{
	size_t room = ENCODED_MAX;
	struct mime_part *part;

	for (part = &message->root; part; part = mime_next(part))
		if (is_encoded_message(part) && part->body.len <= room) {
			room -= part->body.len;
			open_encoded(message, limits, part);
		}
}

/* --- public ---------------------------------------------------------------------------------- */

struct mime_message *mime_parse(const char *bytes, size_t len, const struct mime_limits *limits)
{
	return mime_parse_resting(bytes, len, limits, (struct mime_rest){NULL, NULL});
}

struct mime_message *mime_parse_resting(const char *bytes, size_t len, const struct mime_limits *limits,
					struct mime_rest rest)
{
	struct arena *arena = arena_new();
	struct mime_message *message = ARENA_NEW(arena, struct mime_message);

	if (!limits)
		limits = &mime_limits_default;
	message->arena = arena;
	message->rest = rest;
	message->root.rest = &message->rest;
	message->root.path = arena_strdup(arena, "1");
	scan_message(message, limits, &message->root, (struct span){bytes ? bytes : "", len});
	open_all_encoded(message, limits);
	if (rest.call && len > MIME_REST_EVERY)
		rest.call(rest.arg);
	return message;
}

void mime_free(struct mime_message **message)
{
	struct arena *arena;

	if (!*message)
		return;
	arena = (*message)->arena;
	*message = NULL;
	arena_free(&arena);
}

struct mime_part *mime_next(const struct mime_part *part)
{
	if (part->first_child)
		return part->first_child;
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}

struct mime_part *mime_find(const struct mime_message *message, const char *path)
{
	const struct mime_part *part;

	for (part = &message->root; part; part = mime_next(part))
		if (strcmp(part->path, path) == 0)
			return (struct mime_part *)part;
	return NULL;
}

const char *mime_param(const struct mime_part *part, const char *name)
{
	const struct param_list list = {part->params, part->param_count};

	return param_get(&list, name);
}
