#include "config.h"

#include "store/base/i18n.h"
#include "store/base/loop.h"
#include "store/mail/many.h"
#include "store/notice/notice.h"
#include "ui/command/app.h"
#include "ui/command/going_on.h"
#include "ui/screen/format.h"
#include "ui/view/folder_list.h"
#include "ui/view/index_private.h"
#include "ui/view/index_view.h"

static const char *sort_words(const struct index_view *index)
{
	switch (index->sort) {
	case SORT_FROM:
		return _("by sender");
	case SORT_SUBJECT:
		return _("by subject");
	case SORT_SIZE:
		return _("by size");
	case SORT_UNREAD:
		return _("unread first");
	case SORT_FLAGGED:
		return _("flagged first");
	case SORT_DATE:
		break;
	}
	return index->is_reversed ? _("oldest first") : NULL;
}

static void add_counts(const struct index_view *index, struct buf *right)
{
	struct buf total = BUF_INIT, part = BUF_INIT;
	format_add_count(&total, index->total);
	if (index->query && index->matching >= 0) {
		format_add_count(&part, index->matching);
		buf_printf(right, _("%s of %s shown"), buf_str(&part), buf_str(&total));
	} else if (index->unread) {
		format_add_count(&part, index->unread);
		buf_printf(right, _("%s unread of %s"), buf_str(&part), buf_str(&total));
	} else {
		buf_printf(right, ngettext("%s message", "%s messages", (unsigned long)index->total),
			   buf_str(&total));
	}
	buf_free(&total);
	buf_free(&part);
}

/* How it stands with the server. */
static void add_state(const struct index_view *index, struct buf *right)
{
	struct buf word = BUF_INIT;

	if (index->scope == INDEX_FOLDER)
		going_on_add_word(index->view.app, store_account(many_member(index->many, 0, NULL)), &word);
	if (word.len)
		buf_printf(right, "   %s", buf_str(&word));
	buf_free(&word);
}

static void add_place(const struct index_view *index, struct buf *left)
{
	if (index->scope != INDEX_FOLDER)
		buf_add_str(left, index->scope == INDEX_INBOXES ? _("All inboxes") : _("All accounts"));
	else
		folder_list_add_place(left, store_account(many_member(index->many, 0, NULL)), index->folder_name);
}

/* How fast it goes and how long it takes still are known after a moment. */
static void add_progress(const struct index_view *index, struct buf *out)
{
	int64_t took = loop_now_ms() - index->progress_begun;
	int64_t rate = took > 0 ? (index->progress_done - index->progress_from) * 1000 / took : 0;
	int64_t left = rate > 0 ? (index->progress_total - index->progress_done + rate - 1) / rate : 0;
	buf_printf(out, _("reading %lld of %lld"), (long long)index->progress_done, (long long)index->progress_total);
	if (rate > 0)
		buf_printf(out, _(", %lld a second, %lld:%02lld left"), (long long)rate, (long long)(left / 60),
			   (long long)(left % 60));
	buf_add_str(out, "   ");
}

void index_take_progress(struct index_view *index, const struct notice *news)
{
	bool is_new = index->progress_total <= index->progress_done || news->done < index->progress_done;
	index->progress_done = news->done;
	index->progress_total = news->total;
	if (!is_new)
		return;
	index->progress_from = news->done;
	index->progress_begun = loop_now_ms();
}

void index_title(struct view *view, struct buf *left, struct buf *right)
{
	struct index_view *index = index_of(view);
	const char *words = sort_words(index);
	index_refresh(index);
	add_place(index, left);
	if (index->query)
		buf_printf(left, _("   only: %s"), index->limit);
	if (words)
		buf_printf(left, "   %s", words);
	if (index->tags.count)
		buf_printf(right, ngettext("%zu tagged   ", "%zu tagged   ", index->tags.count),
			   index->tags.count);
	if (index->progress_total > index->progress_done)
		add_progress(index, right);
	if (index->sought || index_is_limiting(index))
		buf_add_str(right, _("searching…   "));
	else if (index_is_asking(index))
		buf_add_str(right, _("asking the server…   "));
	if (index->progress_total <= index->progress_done)
		add_counts(index, right);
	add_state(index, right);
}
