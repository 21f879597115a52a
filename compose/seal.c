#include "config.h"
#include "compose/seal.h"

#include "compose/draft.h"
#include "store/base/err.h"
#include "store/base/i18n.h"

int seal_message(const struct draft *draft, struct buf *message, struct err *err)
{
	(void)message;
	if (draft->wants_encrypt)
		return err_set(err, _("Letters cannot be encrypted yet; this one was not sent."));
	if (draft->wants_sign)
		return err_set(err, _("Letters cannot be signed yet; this one was not sent."));
	return 0;
}
