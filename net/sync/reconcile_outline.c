/* Of a big letter its tree and its small parts (store/mail/outline.h): what a person reads, without what is
 * attached. */
#include "config.h"
#include "net/sync/reconcile_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/protocol/imap_structure.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/mail/outline.h"
#include "store/mime/mime.h"

#define PART_MAX (256 * 1024)	   /* bytes of what comes with the letter; */
#define TEXT_MAX (1024 * 1024)	   /* if it is text; */
#define ALL_MAX	 (4 * 1024 * 1024) /* and all of that together */
#define MORE_MAX (2 * ALL_MAX)	   /* headers too: beyond that a server does not mean it well */
#define NONE	 SIZE_MAX

/* Functions that return int: 0, 1 the letter is better fetched whole, -1. */
struct outlining {
	struct reconcile *reconcile;
	struct arena *arena;
	struct imap_structure tree;
	const char **sections; /* what is asked for */
	struct buf *came;
	size_t section_count, bytes;
	size_t *headers, *bodies; /* of each part its place among the sections, or NONE */
	struct buf message;
	struct outline_missing missing[OUTLINE_MISSING_MAX];
	size_t missing_count;
};

/* --- what is asked for --- */

static size_t ask_for(struct outlining *in, const char *section)
{
	in->sections[in->section_count] = section;
	return in->section_count++;
}

/* What can only be read whole. */
static bool needs_all(const char *type)
{
	return !strcmp(type, "multipart/encrypted") || !strcmp(type, "application/pkcs7-mime") ||
	       !strcmp(type, "application/x-pkcs7-mime");
}

static bool comes_along(const struct imap_structure_part *part, int64_t all)
{
	int64_t most = str_starts(part->type, "text/") ? TEXT_MAX : PART_MAX;

	return part->size <= most && all + part->size <= ALL_MAX;
}

static int choose(struct outlining *in, int64_t *all)
{
	size_t missing = 0;

	*all = 0;
	for (size_t i = 0; i < in->tree.count; i++) {
		const struct imap_structure_part *part = &in->tree.parts[i];
		bool is_here = !part->is_multipart && comes_along(part, *all);

		if (needs_all(part->type))
			return 1;
		in->headers[i] = ask_for(in, i == 0 ? "HEADER" : arena_printf(in->arena, "%s.MIME", part->section));
		in->bodies[i] = is_here ? ask_for(in, part->section) : NONE;
		*all += is_here ? part->size : 0;
		missing += !is_here && !part->is_multipart;
	}
	return missing == 0 || missing > OUTLINE_MISSING_MAX;
}

static int take_piece(void *arg, size_t which, const char *data, size_t len, struct err *err)
{
	struct outlining *in = arg;

	in->bytes += len;
	if (in->bytes > MORE_MAX)
		return err_set(err, "%s", "too much");
	buf_add(&in->came[which], data, len);
	return reconcile_add_wish(in->reconcile, len, err);
}

static int fetch_sections(struct outlining *in, uint32_t uid, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	int64_t all;
	int rc = choose(in, &all);

	if (rc == 0)
		rc = reconcile_begin_wish(in->reconcile, all + 1, err);
	if (rc == 0)
		rc = backend->ops->sections(backend, uid, in->sections, in->section_count, take_piece, in, err);
	return rc;
}

/* --- put together --- */

/* Headers end with an empty line. */
static void add_header(struct buf *out, const struct buf *header)
{
	const char *text = header->data;
	size_t len = header->len;
	bool is_ended = (len == 2 && !memcmp(text, "\r\n", 2)) || (len > 2 && !memcmp(text + len - 2, "\n\n", 2)) ||
			(len > 3 && !memcmp(text + len - 3, "\n\r\n", 3));

	buf_add(out, text, len);
	if (!is_ended)
		buf_add_str(out, len && text[len - 1] != '\n' ? "\r\n\r\n" : "\r\n");
}

static const char *boundary_of(struct outlining *in, const struct buf *header)
{
	struct mime_message *message = mime_parse(header->data ? header->data : "", header->len, NULL);
	const char *boundary = mime_param(&message->root, "boundary");

	boundary = boundary && *boundary ? arena_strdup(in->arena, boundary) : NULL;
	mime_free(&message);
	return boundary;
}

struct level {
	const char *boundary;
	size_t left; /* children to come */
};

/* A part has ended: so do those around it that have no other. */
static size_t end_part(struct outlining *in, struct level *levels, size_t depth)
{
	buf_add_str(&in->message, "\r\n");
	while (depth && --levels[depth - 1].left == 0)
		buf_printf(&in->message, "--%s--\r\n", levels[--depth].boundary);
	return depth;
}

static void add_body(struct outlining *in, size_t at)
{
	struct outline_missing *missing = &in->missing[in->missing_count];

	if (in->bodies[at] != NONE) {
		buf_add(&in->message, in->came[in->bodies[at]].data, in->came[in->bodies[at]].len);
		return;
	}
	snprintf(missing->section, sizeof missing->section, "%s", in->tree.parts[at].section);
	missing->size = in->tree.parts[at].size;
	missing->at = in->message.len;
	in->missing_count++;
}

static int put_together(struct outlining *in)
{
	struct level levels[IMAP_STRUCTURE_DEPTH + 1];
	size_t depth = 0;

	for (size_t i = 0; i < in->tree.count; i++) {
		const struct imap_structure_part *part = &in->tree.parts[i];
		const struct buf *header = &in->came[in->headers[i]];

		if (depth)
			buf_printf(&in->message, "--%s\r\n", levels[depth - 1].boundary);
		add_header(&in->message, header);
		if (part->is_multipart) {
			levels[depth] = (struct level){boundary_of(in, header), part->children};
			if (!levels[depth++].boundary)
				return 1;
			continue;
		}
		add_body(in, i);
		depth = end_part(in, levels, depth);
	}
	return depth != 0;
}

/* --- is it what the server means? --- */

static const struct mime_part *behind(const struct mime_part *part)
{
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}

static size_t count_children(const struct mime_part *part)
{
	size_t count = 0;

	for (const struct mime_part *child = part->first_child; child; child = child->next)
		count++;
	return count;
}

static bool is_same(const struct imap_structure_part *there, const struct mime_part *here)
{
	return !strcmp(there->type, here->type) && (!there->is_multipart || count_children(here) == there->children);
}

/* We read the same tree in it as the server, and what is missing where it belongs: else nobody knows what a part of
 * it would be. */
static int compare(struct outlining *in)
{
	struct mime_message *message = mime_parse(in->message.data, in->message.len, NULL);
	const struct mime_part *part = &message->root;
	size_t missing = 0;
	bool is_good = true;

	for (size_t i = 0; i < in->tree.count && is_good; i++) {
		const struct imap_structure_part *there = &in->tree.parts[i];

		is_good = part && is_same(there, part);
		if (is_good && !there->is_multipart && in->bodies[i] == NONE)
			is_good = part->body.data == in->message.data + in->missing[missing++].at;
		if (is_good)
			part = there->is_multipart ? part->first_child : behind(part);
	}
	mime_free(&message);
	return !is_good || part;
}

/* --- all of it --- */

static void make_room(struct outlining *in)
{
	in->sections = ARENA_ARRAY(in->arena, const char *, 2 * in->tree.count);
	in->came = ARENA_ARRAY(in->arena, struct buf, 2 * in->tree.count);
	in->headers = ARENA_ARRAY(in->arena, size_t, in->tree.count);
	in->bodies = ARENA_ARRAY(in->arena, size_t, in->tree.count);
}

static int make_outline(struct outlining *in, uint32_t uid, struct err *err)
{
	struct backend *backend = in->reconcile->backend;
	int rc = backend->ops->structure(backend, uid, in->arena, &in->tree, err);

	if (rc < 0 || in->tree.count == 0)
		return rc < 0 ? -1 : 1;
	make_room(in);
	rc = fetch_sections(in, uid, err);
	if (rc == 0)
		rc = put_together(in);
	return rc ? rc : compare(in);
}

int reconcile_fetch_outline(struct reconcile *r, uint32_t uid, const char *path, struct err *err)
{
	struct outlining *in;
	int rc;

	if (!r->backend->ops->structure)
		return 1;
	in = mem_alloc(sizeof *in);
	in->reconcile = r;
	in->arena = arena_new();
	rc = make_outline(in, uid, err);
	if (rc == 0)
		rc = outline_write(path, (struct span){in->message.data, in->message.len}, in->missing,
				   in->missing_count, err);
	for (size_t i = 0; i < in->section_count; i++)
		buf_free(&in->came[i]);
	buf_free(&in->message);
	arena_free(&in->arena);
	free(in);
	/* refused, but the connection is well: it may give all of it */
	return rc < 0 && !reconcile_is_lost(err) ? 1 : rc;
}
