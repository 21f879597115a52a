#include "config.h"
#include "net/sync/imap_inside.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/i18n.h"
#include "store/base/mem.h"

struct selecting {
	struct imap_backend *imap;
	const struct backend_state *known; /* may be NULL */
	struct backend_state *now;
	struct imap_visit visit;
	struct imap_fetched got;
	bool has_permanent, is_ready; /* what comes is about the new mailbox */
	bool is_incomplete;	      /* something changed that could not be told */
	bool is_asking_last;	      /* which uid is the last one */
	uint32_t highest;	      /* uid seen */
};

static bool is_same_era(const struct selecting *selecting)
{
	return selecting->known && selecting->known->uidvalidity &&
	       selecting->known->uidvalidity == selecting->now->uidvalidity;
}

static void note_flags_code(struct selecting *selecting, struct span flags)
{
	selecting->has_permanent = true;
	selecting->imap->abilities.has_keywords = false;
	for (size_t i = 0; i + 1 < flags.len; i++)
		if (flags.data[i] == '\\' && flags.data[i + 1] == '*')
			selecting->imap->abilities.has_keywords = true;
}

static int take_number(struct span text, uint64_t max, uint64_t *value, struct err *err)
{
	text.len = span_find(text, 0, ' ');
	if (imap_number(text, max, value))
		return 0;
	return err_set_kind(err, ERR_CORRUPT,
			    _("The server's answer breaks the rules of IMAP: %s."),
			    _("a number is missing or too large"));
}

static int hear_code(struct selecting *selecting, struct span code, struct err *err)
{
	struct backend_state *now = selecting->now;
	struct span rest;
	uint64_t value = 0;
	int rc = 0;

	if (imap_code_is(code, "UIDVALIDITY", &rest)) {
		rc = take_number(rest, UINT32_MAX, &value, err);
		now->uidvalidity = (uint32_t)value;
		selecting->is_ready = true;
	} else if (imap_code_is(code, "UIDNEXT", &rest)) {
		rc = take_number(rest, UINT32_MAX, &value, err);
		now->uidnext = (uint32_t)value;
	} else if (imap_code_is(code, "HIGHESTMODSEQ", &rest)) {
		rc = take_number(rest, INT64_MAX, &now->modseq, err);
	} else if (imap_code_is(code, "PERMANENTFLAGS", &rest)) {
		note_flags_code(selecting, rest);
	} else if (imap_code_is(code, "READ-ONLY", NULL)) {
		selecting->imap->abilities.is_read_only = true;
	} else if (imap_code_is(code, "CLOSED", NULL)) {
		now->exists = 0;
	}
	return rc ? -1 : 1;
}

/* Only what was known changes here: new messages are fetched by those who want them. */
static int hear_fetch(struct selecting *selecting, struct imap_parse *parse, struct err *err)
{
	struct imap_fetched *got = &selecting->got;

	if (imap_fetch_read(parse, got, NULL, NULL, err))
		return -1;
	if (got->uid > selecting->highest)
		selecting->highest = got->uid;
	if (selecting->is_asking_last || !selecting->is_ready || !is_same_era(selecting))
		return 1;
	if (got->uid == 0 || !imap_has_told(&selecting->visit, got))
		selecting->is_incomplete = true;
	else if (got->uid < selecting->known->uidnext)
		imap_visit_message(&selecting->visit, got);
	return 1;
}

static int hear_vanished(struct selecting *selecting, struct imap_parse *parse, struct err *err)
{
	if (selecting->is_ready && is_same_era(selecting))
		return imap_read_vanished(&selecting->visit, parse, err) < 0 ? -1 : 1;
	if (selecting->known)
		selecting->is_incomplete = true;
	return 1;
}

static int hear(void *arg, const struct imap_said *said, struct imap_parse *parse, struct err *err)
{
	struct selecting *selecting = arg;

	switch (said->kind) {
	case IMAP_SAID_CODE:
		return hear_code(selecting, said->code, err);
	case IMAP_SAID_EXISTS:
		selecting->now->exists = said->number;
		return 1;
	case IMAP_SAID_EXPUNGE:
		selecting->is_incomplete = true;
		if (selecting->now->exists > 0)
			selecting->now->exists--;
		return 1;
	case IMAP_SAID_FETCH:
		return hear_fetch(selecting, parse, err);
	case IMAP_SAID_VANISHED:
		return hear_vanished(selecting, parse, err);
	case IMAP_SAID_FLAGS:
		return 1;
	default:
		return 0;
	}
}

static int send_select(struct selecting *selecting, const char *wire, struct err *err)
{
	struct imap_backend *imap = selecting->imap;
	const struct backend_state *known = selecting->known;
	struct buf name = BUF_INIT;
	int rc = imap_add_name(&name, wire, err);

	if (rc == 0 && imap->abilities.has_vanished && known && known->uidvalidity && known->modseq)
		rc = imap_run(imap->client, err, "SELECT %s (QRESYNC (%u %llu))", buf_str(&name),
			      (unsigned)known->uidvalidity, (unsigned long long)known->modseq);
	else if (rc == 0)
		rc = imap_run(imap->client, err, "SELECT %s%s", buf_str(&name),
			      imap_can_modseq(imap) ? " (CONDSTORE)" : "");
	buf_free(&name);
	return rc;
}

/* Servers that do not say which uid comes next are asked for the last one. */
static int find_uidnext(struct selecting *selecting, struct err *err)
{
	struct backend_state *now = selecting->now;

	if (now->uidnext || now->exists == 0)
		return 0;
	selecting->highest = 0;
	selecting->is_asking_last = true;
	if (imap_run(selecting->imap->client, err, "UID FETCH * (UID)"))
		return -1;
	selecting->is_asking_last = false;
	now->uidnext = selecting->highest < UINT32_MAX ? selecting->highest + 1 : UINT32_MAX;
	return 0;
}

static int ask_changed(struct selecting *selecting, struct err *err)
{
	return imap_run(selecting->imap->client, err,
			"UID FETCH 1:%u (UID FLAGS%s) (CHANGEDSINCE %llu)",
			(unsigned)(selecting->known->uidnext - 1),
			selecting->imap->client->can[IMAP_CAN_GMAIL] ? " X-GM-LABELS" : "",
			(unsigned long long)selecting->known->modseq);
}

/* Without QRESYNC nobody says what went; but where as many are there as were, and none came, none
 * went. */
static bool went_nothing(const struct selecting *selecting)
{
	return selecting->known->uidnext && selecting->known->uidnext == selecting->now->uidnext &&
	       selecting->known->exists == selecting->now->exists;
}

static int catch_up(struct selecting *selecting, bool *is_whole, struct err *err)
{
	const struct backend_state *known = selecting->known;
	bool has_modseq = known && known->modseq && selecting->now->modseq;

	*is_whole = false;
	if (!is_same_era(selecting) || !has_modseq)
		return 0;
	if (selecting->imap->abilities.has_vanished) {
		*is_whole = !selecting->is_incomplete;
		return 0;
	}
	if (known->modseq != selecting->now->modseq && known->uidnext > 1 &&
	    ask_changed(selecting, err))
		return -1;
	*is_whole = went_nothing(selecting) && !selecting->is_incomplete;
	return 0;
}

/* Dovecot, for one, says without a code that there is no such mailbox. */
static void take_for_missing(const struct imap_client *client, struct err *err)
{
	if (err && err->kind == ERR_FAILED && client->code.len == 0)
		err->kind = ERR_NOT_FOUND;
}

static int select_now(struct selecting *selecting, const char *wire, bool *is_whole,
		      struct err *err)
{
	struct imap_backend *imap = selecting->imap;

	imap_forget_selected(imap);
	imap->abilities.is_read_only = false;
	imap->abilities.has_keywords = true;
	imap_listen(imap, hear, selecting);
	if (send_select(selecting, wire, err)) {
		take_for_missing(imap->client, err);
		return err_add(err, _("opening the mailbox \"%s\""), wire);
	}
	imap->client->is_selected = true;
	imap->abilities.has_modseq = selecting->now->modseq > 0;
	imap->selected = mem_strdup(wire);
	if (selecting->now->uidvalidity == 0)
		return err_set_kind(
		    err, ERR_FAILED,
		    _("%s does not number the messages of \"%s\" for good (no UIDVALIDITY): it "
		      "cannot be kept here."),
		    imap_host(imap->client), wire);
	return find_uidnext(selecting, err) ? -1 : catch_up(selecting, is_whole, err);
}

int imap_op_select(struct backend *backend, const char *wire, const struct backend_state *known,
		   const struct backend_visit *visit, struct backend_state *now, bool *is_whole,
		   struct err *err)
{
	struct backend_state told;
	bool whole = false;
	struct selecting selecting = {
	    .imap = imap_inside(backend),
	    .known = known && known->uidvalidity ? known : NULL,
	    .now = now ? now : &told,
	    .visit = {.visit = visit, .wants_labels = imap_has_labels(imap_inside(backend))},
	};
	int rc;

	*selecting.now = (struct backend_state){.uidvalidity = 0};
	rc = imap_visited(&selecting.visit, select_now(&selecting, wire, &whole, err), err);
	if (is_whole)
		*is_whole = rc == 0 && whole;
	imap_listen(selecting.imap, NULL, NULL);
	imap_fetch_free(&selecting.got);
	return rc;
}
