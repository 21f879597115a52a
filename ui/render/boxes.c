#include "config.h"

#include "ui/render/boxes.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "compose/attach.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/inline_file.h"
#include "store/mime/mime.h"
#include "store/mime/rtf.h"
#include "store/mime/tnef.h"
#include "store/mime/transfer.h"

#define BODY_MAX (4u << 20) /* of a letter's text in rich text, unpacked */

const struct boxes_limits boxes_limits_default = {.bytes = 64u << 20, .boxes = 20, .parts = 1000};

struct opening {
	struct mime_message *message;
	struct arena *arena;
	size_t bytes, boxes, parts; /* that may still come */
};

/* --- parts that are made --- */

/* A type that can stand in a Content-Type, else NULL. */
static char *sound_type(struct arena *arena, const char *type)
{
	static const char token[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_";
	size_t major = type ? strspn(type, token) : 0;
	size_t minor = major && type[major] == '/' ? strspn(type + major + 1, token) : 0;
	char *copy;

	if (!minor || type[major + 1 + minor] || str_starts_nocase(type, "multipart/") ||
	    str_starts_nocase(type, "message/"))
		return NULL;
	copy = arena_strdup(arena, type);
	str_lower(copy);
	return copy;
}

static struct mime_part *add_part(struct opening *o, struct mime_part *parent, const char *type,
				  struct span body)
{
	struct mime_part *part;

	if (!o->parts)
		return NULL;
	o->parts--;
	part = ARENA_NEW(o->arena, struct mime_part);
	part->path = arena_printf(o->arena, "%s.%zu", parent->path, ++parent->child_count);
	part->type = arena_strdup(o->arena, type);
	part->whole = part->body = body;
	part->parent = parent;
	part->depth = parent->depth + 1;
	if (parent->last_child)
		parent->last_child->next = part;
	else
		parent->first_child = part;
	parent->last_child = part;
	o->message->part_count++;
	return part;
}

static char *type_by_name(struct opening *o, const char *name, struct span data)
{
	struct buf type = BUF_INIT;
	char *sound;

	attach_type(name, data.data, data.len, &type);
	sound = sound_type(o->arena, buf_str(&type));
	buf_free(&type);
	return sound ? sound : arena_strdup(o->arena, "application/octet-stream");
}

static void add_file(struct opening *o, struct mime_part *parent, const struct tnef_file *file)
{
	char *type = sound_type(o->arena, file->type);
	struct mime_part *part;

	if (file->data.len >= 4 && !memcmp(file->data.data, "\x78\x9f\x3e\x22", 4))
		type = arena_strdup(o->arena, "application/ms-tnef");
	if (!type || !strcmp(type, "application/octet-stream"))
		type = type_by_name(o, file->name, file->data);
	part = add_part(o, parent, type, file->data);
	if (!part)
		return;
	part->disposition = arena_strdup(o->arena, "attachment");
	part->filename = *file->name ? file->name : NULL;
	part->content_id = file->content_id;
}

/* --- the letter's text, where it stands nowhere else --- */

static bool has_text(struct mime_message *message)
{
	const struct mime_part *text = mime_text_part(message);
	struct buf body = BUF_INIT;
	bool has;

	if (!text)
		return false;
	mime_decode_body(text, 1000, &body);
	has = span_trim((struct span){buf_str(&body), body.len}).len > 0;
	buf_free(&body);
	return has;
}

static void add_text(struct opening *o, struct mime_part *parent, const char *type, const char *charset,
		     struct span text)
{
	struct mime_part *part = add_part(o, parent, type, text);

	if (part)
		part->charset = arena_strdup(o->arena, charset);
}

static void add_rich_text(struct opening *o, struct mime_part *parent, struct span packed)
{
	struct buf rtf = BUF_INIT, text = BUF_INIT;
	bool is_html;

	if (rtf_unpack(packed, BODY_MAX, &rtf) >= 0) {
		is_html = rtf_text((struct span){buf_str(&rtf), rtf.len}, BODY_MAX, &text);
		if (span_trim((struct span){buf_str(&text), text.len}).len)
			add_text(o, parent, is_html ? "text/html" : "text/plain", "utf-8",
				 (struct span){arena_strndup(o->arena, buf_str(&text), text.len), text.len});
	}
	buf_free(&rtf);
	buf_free(&text);
}

static void add_body(struct opening *o, struct mime_part *parent, const struct tnef *tnef)
{
	struct span html = tnef->html;

	if (html.len)
		add_text(o, parent, "text/html", utf8_is_valid(html.data, html.len) ? "utf-8" : tnef->charset,
			 html);
	else if (tnef->text && *tnef->text)
		add_text(o, parent, "text/plain", "utf-8", span_of(tnef->text));
	else if (tnef->rtf.len)
		add_rich_text(o, parent, tnef->rtf);
}

/* --- a meeting --- */

static void add_time(struct buf *out, const char *name, int64_t when)
{
	time_t clock = (time_t)when;
	char text[32];
	struct tm tm;

	if (when && gmtime_r(&clock, &tm) && strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &tm))
		buf_printf(out, "%s:%s\n", name, text);
}

static void add_line(struct buf *out, const char *name, const char *text)
{
	if (!text)
		return;
	buf_printf(out, "%s:", name);
	for (; *text; text++)
		if ((unsigned char)*text >= ' ') {
			if (strchr("\\;,", *text))
				buf_add_char(out, '\\');
			buf_add_char(out, *text);
		}
	buf_add_char(out, '\n');
}

/* As a calendar: it says no more than this, so it cannot be answered, only read. */
static void add_meeting(struct opening *o, struct mime_part *parent, const struct tnef *tnef)
{
	struct buf text = BUF_INIT;
	bool is_cancelled;

	if (!tnef->start || !tnef->kind || !str_starts_nocase(tnef->kind, "IPM.Schedule.Meeting"))
		return;
	is_cancelled = str_starts_nocase(tnef->kind, "IPM.Schedule.Meeting.Cancel");
	buf_printf(&text, "BEGIN:VCALENDAR\nMETHOD:%s\nBEGIN:VEVENT\n", is_cancelled ? "CANCEL" : "PUBLISH");
	add_line(&text, "SUMMARY", tnef->subject);
	add_line(&text, "LOCATION", tnef->location);
	add_time(&text, "DTSTART", tnef->start);
	add_time(&text, "DTEND", tnef->end);
	buf_add_str(&text, "END:VEVENT\nEND:VCALENDAR\n");
	add_text(o, parent, "text/calendar", "utf-8",
		 (struct span){arena_strndup(o->arena, buf_str(&text), text.len), text.len});
	buf_free(&text);
}

/* --- files in the text --- */

#define TEXT_TYPE "multipart/x-text-with-files" /* what such a text becomes: nothing that a letter says */
#define TEXT_MAX  (16u << 20)			 /* bytes of a text that are looked through */

bool boxes_is_from_text(const struct mime_part *part)
{
	return part->parent && !strcmp(part->parent->type, TEXT_TYPE) && part->disposition;
}

bool boxes_is_around_files(const struct mime_part *part)
{
	return part->parent && !strcmp(part->parent->type, TEXT_TYPE) && !part->disposition;
}

static void add_piece(struct opening *o, const struct mime_part *text, struct mime_part *parent,
		      struct span piece)
{
	struct mime_part *part;

	while (parent->first_child && piece.len && strchr("\r\n", *piece.data))
		piece = (struct span){piece.data + 1, piece.len - 1}; /* the file's line has its own blank one */
	if (!span_trim(piece).len)
		return;
	part = add_part(o, parent, "text/plain", piece);
	if (!part)
		return;
	part->charset = text->charset;
	part->params = text->params;
	part->param_count = text->param_count;
}

static int sink(void *arg, const char *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return 0;
}

static void add_inline_file(struct opening *o, struct mime_part *parent, const struct inline_file *file)
{
	struct buf bytes = BUF_INIT;
	struct mime_part *part;
	struct span data;

	inline_file_decode(file, sink, &bytes);
	data = (struct span){arena_strndup(o->arena, buf_str(&bytes), bytes.len), bytes.len};
	buf_free(&bytes);
	part = add_part(o, parent, type_by_name(o, file->name, data), data);
	if (!part)
		return;
	part->disposition = arena_strdup(o->arena, "attachment");
	part->filename = *file->name ? file->name : NULL;
	part->is_damaged = !inline_file_is_sound(file, data);
}

/* A part whose whole encoding is yEnc. */
static void check_yenc(struct opening *o, struct mime_part *part)
{
	struct inline_file_list files;
	struct buf bytes = BUF_INIT;

	if (part->body.len > o->bytes)
		return;
	inline_file_find(part->body, o->arena, &files);
	if (files.count == 1 && files.items[0].kind == TRANSFER_YENC) {
		inline_file_decode(&files.items[0], sink, &bytes);
		part->is_damaged = !inline_file_is_sound(&files.items[0], (struct span){buf_str(&bytes), bytes.len});
	}
	buf_free(&bytes);
}

/* The text becomes a multipart of what stands before, between and behind the files, and these. */
static void split_text(struct opening *o, struct mime_part *part, struct span bytes,
		       const struct inline_file_list *files)
{
	const struct mime_part text = *part;
	size_t at = 0;

	part->type = arena_strdup(o->arena, TEXT_TYPE);
	for (size_t i = 0; i < files->count && o->parts > 2; i++) {
		const struct inline_file *file = &files->items[i];

		add_piece(o, &text, part, (struct span){bytes.data + at, file->offset - at});
		add_inline_file(o, part, file);
		at = file->offset + file->len;
	}
	add_piece(o, &text, part, (struct span){bytes.data + at, bytes.len - at});
}

static void open_text(struct opening *o, struct mime_part *part)
{
	struct inline_file_list files;
	struct span bytes;
	struct buf raw = BUF_INIT;

	if (part->body.len > TEXT_MAX || part->body.len > o->bytes || o->parts < 3)
		return;
	mime_decode_body(part, 0, &raw);
	inline_file_find((struct span){buf_str(&raw), raw.len}, o->arena, &files);
	if (files.count) {
		bytes = (struct span){arena_strndup(o->arena, buf_str(&raw), raw.len), raw.len};
		o->bytes -= bytes.len < o->bytes ? bytes.len : o->bytes;
		inline_file_find(bytes, o->arena, &files);
		split_text(o, part, bytes, &files);
	}
	buf_free(&raw);
}

/* --- boxes --- */

/* The box's bytes, in the arena or in the letter; nothing when they are too many. */
static struct span unpacked(struct opening *o, const struct mime_part *part)
{
	size_t room = part->body.len + part->body.len / 2 + 16, len;
	char *bytes;

	if (part->body.len / 2 > o->bytes)
		return SPAN_NONE;
	if (room > o->bytes)
		room = o->bytes;
	if (transfer_kind(part->encoding) == TRANSFER_NONE) {
		if (part->body.len > o->bytes)
			return SPAN_NONE;
		o->bytes -= part->body.len;
		return part->body;
	}
	bytes = arena_alloc(o->arena, room + 1); /* unused it costs nothing */
	if (mime_decode_body_into(part, bytes, room, &len) < 0)
		return SPAN_NONE;
	o->bytes -= len;
	return (struct span){bytes, len};
}

static void open_tnef(struct opening *o, struct mime_part *part)
{
	struct span bytes = unpacked(o, part);
	struct tnef tnef;

	if (!bytes.data || tnef_read(bytes, o->arena, &tnef) < 0)
		return;
	add_meeting(o, part, &tnef);
	if (!has_text(o->message))
		add_body(o, part, &tnef);
	for (size_t i = 0; i < tnef.count; i++)
		if (tnef.files[i].data.len)
			add_file(o, part, &tnef.files[i]);
}

static bool is_plain_text(const struct mime_part *part)
{
	bool is_made = part->parent && !strcmp(part->parent->type, TEXT_TYPE);

	return !strcmp(part->type, "text/plain") && !part->disposition && !is_made;
}

void boxes_open(struct mime_message *message, const struct boxes_limits *limits)
{
	const struct boxes_limits *l = limits ? limits : &boxes_limits_default;
	struct opening o = {message, message->arena, l->bytes, l->boxes, l->parts};
	struct mime_part *part;

	/* a box within a box stands behind it in this walk */
	for (part = &message->root; part && o.boxes && o.parts; part = mime_next(part)) {
		if (part->first_child)
			continue;
		if (transfer_kind(part->encoding) == TRANSFER_YENC)
			check_yenc(&o, part);
		if (is_plain_text(part)) {
			open_text(&o, part);
		} else if (tnef_is_type(part->type, part->filename)) {
			o.boxes--;
			open_tnef(&o, part);
		}
	}
}
