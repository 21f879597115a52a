#include "config.h"
#include "compose/flush.h"

#include <stdint.h>

#include "store/base/buf.h"
#include "store/base/i18n.h"
#include "store/mail/outbox.h"

static void add_words(const struct outbox_flushed *flushed, struct buf *words)
{
	if (flushed->now)
		buf_printf(words,
			   ngettext("%lld letter goes now.", "%lld letters go now.", (unsigned long)flushed->now),
			   (long long)flushed->now);
	else if (flushed->later || flushed->held)
		buf_add_str(words, _("No letter goes now."));
	else
		buf_add_str(words, _("No letter waits in the outbox."));
	if (flushed->later)
		buf_printf(words,
			   ngettext(" %lld waits for the time chosen for it.",
				    " %lld wait for the time chosen for them.", (unsigned long)flushed->later),
			   (long long)flushed->later);
	if (flushed->held)
		buf_printf(words, ngettext(" %lld is held.", " %lld are held.", (unsigned long)flushed->held),
			   (long long)flushed->held);
}

int flush_outbox(struct outbox *outbox, long long undo, struct buf *words, struct err *err)
{
	struct outbox_flushed flushed;

	if (outbox_flush(outbox, undo, &flushed, err) < 0)
		return -1;
	add_words(&flushed, words);
	return 0;
}
