#include "config.h"
#include "compose/sent.h"

#include "compose/keep.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/log.h"
#include "store/box/box.h"
#include "store/mail/letter.h"

int sent_keep(const struct account *account, const char *message_id, const struct buf *letter, struct buf *box,
	      struct buf *key, struct err *err)
{
	struct buf unique = BUF_INIT;
	struct keep_what what = {.data = letter->data, .len = letter->len, .flags = BOX_SEEN};
	int rc;

	letter_sent_unique(message_id, &unique);
	what.unique = buf_str(&unique);
	rc = keep_message(account, ROLE_SENT, &what, box, key, err);
	buf_free(&unique);
	return rc;
}

void sent_drop(const char *box, const char *key)
{
	struct err err = ERR_INIT;

	if (keep_remove(box, key, &err) < 0)
		log_write(LOG_WARNING, "the copy in %s stays: %s", box, err.text);
}
