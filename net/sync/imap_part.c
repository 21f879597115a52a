/* A letter by its parts: how it is made, and some of them. */
#include "config.h"
#include "net/sync/imap_inside.h"

#include <stdlib.h>
#include <string.h>

#include "net/protocol/imap_structure.h"
#include "store/base/arena.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"

#define PIECE	     65536
#define SECTIONS_MAX 60 /* in one command: servers take lines of 8 KB */

static const struct imap_structure_limits limits = {.parts = 200, .depth = 30};

/* --- how it is made --- */

struct looking {
	uint32_t uid;
	struct imap_fetched got;
	struct imap_structure tree, *to;
};

static int hear_structure(void *arg, const struct imap_said *said, struct imap_parse *parse, struct err *err)
{
	struct looking *looking = arg;

	if (said->kind != IMAP_SAID_FETCH)
		return 0;
	looking->tree.count = 0;
	if (imap_fetch_read(parse, &looking->got, NULL, NULL, err))
		return -1;
	if (looking->got.uid != looking->uid)
		return 0;
	*looking->to = looking->tree;
	return 1;
}

int imap_op_structure(struct backend *backend, uint32_t uid, struct arena *arena, struct imap_structure *tree,
		      struct err *err)
{
	struct imap_backend *imap = imap_inside(backend);
	struct looking looking = {.uid = uid, .got = {.limits = &limits, .arena = arena}, .to = tree};
	int rc;

	tree->count = 0;
	looking.got.structure = &looking.tree;
	imap_listen(imap, hear_structure, &looking);
	rc = imap_run(imap->client, err, "UID FETCH %u (UID BODYSTRUCTURE)", (unsigned)uid);
	imap_listen(imap, NULL, NULL);
	imap_fetch_free(&looking.got);
	return rc;
}

/* --- some of its sections --- */

struct taking {
	uint32_t uid;
	struct imap_fetched got;
	const char *const *sections;
	size_t count, first; /* those that are asked for now begin at FIRST */
	bool *has_come, took; /* something of the response that is read */
	int (*piece)(void *arg, size_t which, const char *data, size_t len, struct err *err);
	void *arg;
	struct imap_visit visit;
};

static size_t find_section(const struct taking *taking, struct span name)
{
	for (size_t i = 0; i < taking->count; i++)
		if (!taking->has_come[i] && imap_is(name, taking->sections[i]))
			return i;
	return taking->count;
}

static void give(struct taking *taking, size_t which, const char *data, size_t len)
{
	taking->has_come[which] = true;
	if (!taking->visit.is_stopped)
		taking->visit.is_stopped = taking->piece(taking->arg, which, data, len, &taking->visit.err) != 0;
}

static int take_body(void *arg, const struct imap_fetched *got, struct imap_parse *parse, struct err *err)
{
	struct taking *taking = arg;
	size_t which = find_section(taking, got->section);
	ssize_t len = 0;
	char *data;

	if (which == taking->count || (got->uid && got->uid != taking->uid))
		return 0;
	taking->took = true;
	if (parse->token == IMAP_STRING) {
		give(taking, which, parse->text.data, parse->text.len);
		return 0;
	}
	taking->has_come[which] = true;
	data = mem_alloc(PIECE);
	while (!taking->visit.is_stopped && (len = imap_literal_read(parse, data, PIECE, err)) > 0)
		give(taking, which, data, (size_t)len);
	free(data);
	return len < 0 ? -1 : 0;
}

static int hear_sections(void *arg, const struct imap_said *said, struct imap_parse *parse, struct err *err)
{
	struct taking *taking = arg;
	size_t header;

	if (said->kind != IMAP_SAID_FETCH)
		return 0;
	taking->took = false;
	if (imap_fetch_read(parse, &taking->got, take_body, taking, err))
		return -1;
	if (taking->took && taking->got.uid != taking->uid)
		return err_set_kind(err, ERR_CORRUPT, _("The server gives parts of another letter."));
	header = find_section(taking, SPAN("HEADER"));
	if (taking->got.uid == taking->uid && taking->got.has_header && header < taking->count &&
	    taking->got.header.len < IMAP_HEADER_MAX)
		give(taking, header, taking->got.header.data, taking->got.header.len);
	return taking->got.uid == taking->uid;
}

static int ask(struct imap_backend *imap, struct taking *taking, size_t count, struct err *err)
{
	struct buf items = BUF_INIT;
	int rc;

	for (size_t i = 0; i < count; i++)
		buf_printf(&items, " BODY.PEEK[%s]", taking->sections[taking->first + i]);
	imap_listen(imap, hear_sections, taking);
	rc = imap_run(imap->client, err, "UID FETCH %u (UID%s)", (unsigned)taking->uid, buf_str(&items));
	imap_listen(imap, NULL, NULL);
	buf_free(&items);
	return imap_visited(&taking->visit, rc, err);
}

int imap_op_sections(struct backend *backend, uint32_t uid, const char *const *sections, size_t count,
		     int (*piece)(void *arg, size_t which, const char *data, size_t len, struct err *err),
		     void *arg, struct err *err)
{
	struct taking taking = {.uid = uid, .sections = sections, .count = count, .piece = piece, .arg = arg};
	int rc = 0;

	taking.has_come = mem_calloc(count + 1, sizeof *taking.has_come);
	for (; rc == 0 && taking.first < count; taking.first += SECTIONS_MAX)
		rc = ask(imap_inside(backend), &taking,
			 count - taking.first < SECTIONS_MAX ? count - taking.first : SECTIONS_MAX, err);
	for (size_t i = 0; rc == 0 && i < count; i++)
		if (!taking.has_come[i])
			rc = err_set(err, _("The server does not give all parts of this letter."));
	imap_fetch_free(&taking.got);
	free(taking.has_come);
	return rc;
}
