#include "config.h"
#include "net/protocol/imap_structure.h"

#include <stdio.h>
#include <string.h>

#include "net/protocol/imap_parse.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/str.h"

#define WORD_MAX 38 /* bytes of a type or subtype; RFC 6838 allows 127, nobody has them */

/* Each step: 0 it is done, 1 it makes no sense, -1. */
struct reading {
	struct imap_parse *parse;
	struct imap_structure_limits limits;
	struct imap_structure *to;
	size_t open[IMAP_STRUCTURE_DEPTH]; /* the multiparts around, by their place */
	int lists[IMAP_STRUCTURE_DEPTH];   /* and how deep their lists are */
	size_t open_count;
};

static struct imap_structure_part *around(const struct reading *r)
{
	return r->open_count ? &r->to->parts[r->open[r->open_count - 1]] : NULL;
}

static int name_section(struct imap_structure_part *part, struct imap_structure_part *parent, bool is_multipart)
{
	int len = 0;

	if (parent)
		len = snprintf(part->section, sizeof part->section, "%s%s%zu", parent->section,
			       *parent->section ? "." : "", ++parent->children);
	else if (!is_multipart)
		len = snprintf(part->section, sizeof part->section, "1");
	return len >= (int)sizeof part->section;
}

static int add_part(struct reading *r, bool is_multipart, struct imap_structure_part **part)
{
	if (r->to->count == r->limits.parts)
		return 1;
	*part = &r->to->parts[r->to->count++];
	(*part)->is_multipart = is_multipart;
	return name_section(*part, around(r), is_multipart);
}

/* --- a leaf --- */

static int skip_one(struct reading *r, struct err *err)
{
	int token = imap_next(r->parse, err);

	if (token < 0)
		return -1;
	if (token == IMAP_OPEN)
		return imap_skip_list(r->parse, r->parse->depth, err);
	return token == IMAP_CLOSE || token == IMAP_END;
}

static bool is_word(const struct buf *word)
{
	for (size_t i = 0; i < word->len; i++)
		if (word->data[i] <= ' ' || word->data[i] > '~' || word->data[i] == '/')
			return false;
	return word->len > 0;
}

/* At a token that may be a word; WORD gets it in lower case. */
static int take_word(struct reading *r, char word[WORD_MAX + 1], struct err *err)
{
	struct buf text = BUF_INIT;
	int token = (int)r->parse->token, rc = 1;

	if (token == IMAP_STRING || token == IMAP_ATOM || token == IMAP_LITERAL)
		rc = imap_text(r->parse, &text, WORD_MAX + 1, err);
	if (rc >= 0)
		rc = rc == 0 || text.len > WORD_MAX || !is_word(&text);
	for (size_t i = 0; rc == 0 && i <= text.len; i++)
		word[i] = char_lower(buf_str(&text)[i]);
	buf_free(&text);
	return rc;
}

static int next_word(struct reading *r, char word[WORD_MAX + 1], struct err *err)
{
	return imap_next(r->parse, err) < 0 ? -1 : take_word(r, word, err);
}

static int take_size(struct reading *r, int64_t *size, struct err *err)
{
	uint64_t octets;

	if (imap_next(r->parse, err) < 0)
		return -1;
	if (r->parse->token != IMAP_ATOM || !imap_number(r->parse->text, IMAP_LITERAL_MAX, &octets))
		return 1;
	*size = (int64_t)octets;
	return 0;
}

/* Its first word has come. Parameters, id, description and encoding stand before its size. */
static int read_leaf(struct reading *r, int list, struct err *err)
{
	struct imap_structure_part *part;
	char type[WORD_MAX + 1], subtype[WORD_MAX + 1];
	int rc = add_part(r, false, &part);

	if (rc == 0)
		rc = take_word(r, type, err);
	if (rc == 0)
		rc = next_word(r, subtype, err);
	for (int i = 0; i < 4 && rc == 0; i++)
		rc = skip_one(r, err);
	if (rc == 0)
		rc = take_size(r, &part->size, err);
	if (rc)
		return rc;
	snprintf(part->type, sizeof part->type, "%s/%s", type, subtype);
	return imap_skip_list(r->parse, list, err);
}

/* --- what holds others --- */

static int open_multipart(struct reading *r, int list)
{
	struct imap_structure_part *part;

	if (r->open_count == r->limits.depth || add_part(r, true, &part))
		return 1;
	r->open[r->open_count] = r->to->count - 1;
	r->lists[r->open_count++] = list;
	return 0;
}

/* Behind a child: the subtype ends those that have no other. *GOES_ON: another one's list was opened. */
static int close_multiparts(struct reading *r, bool *goes_on, struct err *err)
{
	char subtype[WORD_MAX + 1];

	*goes_on = false;
	while (r->open_count) {
		int token = imap_next(r->parse, err), rc;

		*goes_on = token == IMAP_OPEN;
		if (token < 0 || *goes_on)
			return token < 0 ? -1 : 0;
		rc = take_word(r, subtype, err);
		if (rc)
			return rc;
		snprintf(around(r)->type, sizeof around(r)->type, "multipart/%s", subtype);
		if (imap_skip_list(r->parse, r->lists[--r->open_count], err) < 0)
			return -1;
	}
	return 0;
}

/* The first list is open. */
static int read_bodies(struct reading *r, struct err *err)
{
	bool goes_on = true;
	int rc = 0;

	while (rc == 0 && goes_on) {
		int list = r->parse->depth, token = imap_next(r->parse, err);

		if (token < 0)
			return -1;
		if (token == IMAP_OPEN) {
			rc = open_multipart(r, list);
			continue;
		}
		rc = read_leaf(r, list, err);
		if (rc == 0)
			rc = close_multiparts(r, &goes_on, err);
	}
	return rc;
}

int imap_structure_read(struct imap_parse *parse, const struct imap_structure_limits *limits, struct arena *arena,
			struct imap_structure *structure, struct err *err)
{
	struct reading r = {.parse = parse, .limits = *limits, .to = structure};
	int token = imap_next(parse, err), top = parse->depth, rc;

	structure->count = 0;
	if (token != IMAP_OPEN)
		return token < 0 ? -1 : 0;
	if (r.limits.depth > IMAP_STRUCTURE_DEPTH)
		r.limits.depth = IMAP_STRUCTURE_DEPTH;
	structure->parts = ARENA_ARRAY(arena, struct imap_structure_part, limits->parts + 1);
	rc = read_bodies(&r, err);
	if (rc > 0)
		structure->count = 0;
	if (rc > 0 && imap_skip_list(parse, top, err) < 0)
		return -1;
	return rc < 0 ? -1 : 0;
}
