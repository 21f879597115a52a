#include "config.h"

#include "compose/resend.h"

#include <string.h>
#include <time.h>

#include "compose/compose.h"
#include "compose/compose_option.h"
#include "compose/identity.h"
#include "compose/recipient.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/date.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"
#include "store/mail/outbox.h"
#include "store/mime/address.h"
#include "store/mime/ids.h"
#include "store/mime/mime_write.h"

static void add_fields(struct buf *out, const struct identity *identity,
		       const struct address_list *to)
{
	struct address from = {identity->name, identity->addr};
	struct address_list from_list = {&from, 1};
	const char *domain = address_domain(identity->addr);
	struct buf id = BUF_INIT;
	char *ids[1];

	mime_write_address_field(out, "Resent-From", &from_list);
	mime_write_address_field(out, "Resent-To", to);
	buf_add_str(out, "Resent-Date: ");
	date_add_rfc5322(out, (int64_t)time(NULL));
	buf_add_char(out, '\n');
	ids_make(&id, domain ? domain : "localhost");
	ids[0] = (char *)buf_str(&id);
	mime_write_ids_field(out, "Resent-Message-ID", ids, 1);
	buf_free(&id);
}

/* An mbox's first line is not of the letter. */
static void add_letter(struct buf *out, const char *bytes, size_t len)
{
	if (len > 5 && !memcmp(bytes, "From ", 5)) {
		const char *end = memchr(bytes, '\n', len);
		size_t skip = end ? (size_t)(end - bytes) + 1 : 0;

		bytes += skip;
		len -= skip;
	}
	buf_add(out, bytes, len);
}

static int64_t put_out(const struct compose *compose, const struct identity *identity,
		       const struct address_list *to, const char *bytes, size_t len,
		       struct arena *arena, struct err *err)
{
	struct outbox *outbox = outbox_open(err);
	struct buf data = BUF_INIT;
	const char **recipients = ARENA_ARRAY(arena, const char *, to->count);
	struct outbox_letter letter = {.account = identity->account, .sender = identity->addr,
				       .recipients = recipients, .recipient_count = to->count};
	int64_t id;

	if (!outbox)
		return -1;
	for (size_t i = 0; i < to->count; i++)
		recipients[i] = to->items[i].addr;
	add_fields(&data, identity, to);
	add_letter(&data, bytes, len);
	letter.data = data.data;
	letter.len = data.len;
	letter.due = (int64_t)time(NULL) + compose_option_int(compose, "undo-send");
	id = outbox_add(outbox, &letter, err);
	outbox_close(&outbox);
	buf_free(&data);
	return id;
}

int64_t resend_letter(const struct compose *compose, const char *bytes, size_t len,
		      const char *account, const char *to, struct err *err)
{
	struct arena *arena = arena_new();
	struct address_list list;
	struct identity_list identities = {0};
	const struct identity *identity;
	int64_t id = -1;

	identity_load(compose, &identities);
	identity = identity_of_account(compose, &identities, account);
	if (!identity)
		err_set(err, _("There is no account to send from."));
	else if (recipient_parse(compose, to, arena, &list, err) == 0) {
		if (list.count)
			id = put_out(compose, identity, &list, bytes, len, arena, err);
		else
			err_set(err, _("Nobody to send it to."));
	}
	identity_list_free(&identities);
	arena_free(&arena);
	return id;
}
