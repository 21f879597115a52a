#include "config.h"

#include "ui/view/reader_away.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/i18n.h"
#include "store/mail/outline.h"
#include "store/mail/remote.h"
#include "store/mail/store.h"
#include "ui/command/app.h"
#include "ui/command/fetching.h"
#include "ui/command/going_on.h"
#include "ui/render/doc.h"
#include "ui/screen/format.h"

#define BAR_COLUMNS 42

/* --- the header --- */

static void add_field(struct buf *out, const char *name, const char *text)
{
	if (!*text)
		return;
	buf_printf(out, "%s: ", name);
	for (; *text; text++)
		buf_add_char(out, (unsigned char)*text < ' ' ? ' ' : *text);
	buf_add_char(out, '\n');
}

static void add_sender(struct buf *out, const struct message *row)
{
	struct buf sender = BUF_INIT;

	if (*row->from_name) {
		buf_add_char(&sender, '"');
		for (const char *at = row->from_name; *at; at++)
			buf_printf(&sender, "%s%c", strchr("\"\\", *at) ? "\\" : "", *at);
		buf_printf(&sender, "\" <%s>", row->from_addr);
	} else {
		buf_add_str(&sender, row->from_addr);
	}
	add_field(out, "From", buf_str(&sender));
	buf_free(&sender);
}

char *reader_away_header(const struct message *row)
{
	struct buf out = BUF_INIT, date = BUF_INIT;

	add_sender(&out, row);
	add_field(&out, "To", row->to);
	date_add_rfc5322(&date, row->date);
	add_field(&out, "Date", buf_str(&date));
	add_field(&out, "Subject", row->subject);
	buf_add_char(&out, '\n');
	buf_free(&date);
	return buf_take(&out);
}

/* --- what is said in place of the text --- */

static void add_transfer(const struct reader_away *away, struct doc *doc)
{
	const struct transfer *transfer =
	    going_on_letter(away->app, away->account, away->id, away->wanted);
	struct buf line = BUF_INIT;

	if (!transfer)
		return;
	going_on_add_bar(transfer, away->width < BAR_COLUMNS ? away->width : BAR_COLUMNS, &line);
	buf_printf(&line, "  %d %%  ", going_on_percent(transfer));
	going_on_add_amount(transfer, &line);
	doc_add_frame(doc, STYLE_FRAME, buf_str(&line));
	buf_free(&line);
}

static void add_fetch_key(const struct reader_away *away, bool comes, struct doc *doc)
{
	struct buf line = BUF_INIT;
	char key[32];

	if (!app_key_for(away->app, "fetch", key, sizeof key))
		return;
	buf_printf(&line,
		   comes	   ? _("%s stops that.")
		   : away->outline ? _("%s fetches all of it.")
				   : _("%s fetches it."),
		   key);
	doc_add_frame(doc, STYLE_DIM, buf_str(&line));
	buf_free(&line);
}

static void render_coming(const struct reader_away *away, struct doc *doc)
{
	struct store *store = app_store(away->app, away->account, NULL);
	struct buf words = BUF_INIT;
	bool comes = !away->is_wished || (store && store_wants(store, away->id, away->wanted, NULL) != 0) ||
		     !fetching_is_away(away->app, away->account, away->id);

	doc_add_blank(doc);
	if (away->is_stopped)
		buf_add_str(&words, _("This letter is not on this computer; you have stopped fetching it."));
	else if (comes)
		fetching_add_words(away->app, away->account, &words);
	else
		buf_add_str(&words, _("The server does not give this letter out; the log says why."));
	doc_add_frame(doc, STYLE_FRAME, buf_str(&words));
	if (comes && !away->is_stopped)
		add_transfer(away, doc);
	doc_add_blank(doc);
	add_fetch_key(away, comes && !away->is_stopped, doc);
	buf_free(&words);
}

/* --- what is said behind what came of it --- */

static int64_t size_of(const struct outline *outline)
{
	int64_t size = 0;

	for (size_t i = 0; i < outline->count; i++)
		size += outline->missing[i].size;
	return size;
}

static void add_missing(const struct outline *outline, struct doc *doc)
{
	struct buf size = BUF_INIT, words = BUF_INIT;

	format_add_size(&size, size_of(outline));
	buf_printf(&words,
		   ngettext("%zu part, %s, lies on the server; it is fetched when you open it.",
			    "%zu parts, %s, lie on the server; each is fetched when you open it.",
			    outline->count),
		   outline->count, buf_str(&size));
	doc_add_frame(doc, STYLE_FRAME, buf_str(&words));
	buf_free(&size);
	buf_free(&words);
}

static void render_transfer(const struct reader_away *away, struct doc *doc)
{
	struct buf words = BUF_INIT;

	if (*away->wanted && going_on_letter(away->app, away->account, away->id, away->wanted))
		buf_add_str(&words, _("The part is being fetched."));
	else
		fetching_add_words(away->app, away->account, &words);
	doc_add_frame(doc, STYLE_FRAME, buf_str(&words));
	add_transfer(away, doc);
	add_fetch_key(away, true, doc);
	buf_free(&words);
}

static void render_outline(const struct reader_away *away, struct doc *doc)
{
	doc_add_blank(doc);
	if (away->is_signed)
		doc_add_frame(doc, STYLE_FRAME, _("Its signature is checked when all of the letter is here."));
	if (strcmp(away->wanted, REMOTE_OUTLINE) != 0) {
		render_transfer(away, doc);
		return;
	}
	if (away->outline->count)
		add_missing(away->outline, doc);
	if (away->outline->count || away->is_signed)
		add_fetch_key(away, false, doc);
}

void reader_away_render(const struct reader_away *away, struct doc *doc)
{
	if (away->outline)
		render_outline(away, doc);
	else
		render_coming(away, doc);
}
