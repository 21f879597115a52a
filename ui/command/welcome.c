#include "config.h"
#include "ui/command/welcome.h"

#include <stdlib.h>
#include <string.h>

#include "compose/build.h"
#include "compose/draft.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mail/outbox.h"
#include "ui/command/app.h"

static struct draft *write_letter(const char *address)
{
	struct draft *draft = draft_new(NULL);
	char *from = mem_printf("Tern <%s>", address);
	const char *text =
	    _("Hello,\n\n"
	      "this letter was sent by Tern to you and came through its own outbox, transfer and "
	      "delivery: mail works on this computer.\n\n"
	      "Five keys are enough to begin:\n\n"
	      "  Enter   reads the letter under the cursor, q goes back\n"
	      "  m       writes a new one, r answers this one\n"
	      "  d       deletes, and u takes back whatever you did last\n"
	      "  c       opens another folder (Tab shows their names)\n"
	      "  ?       shows all other keys of the place you are in\n\n"
	      "Two lines at the bottom always show the keys that matter most. A letter you send waits "
	      "some seconds in the outbox: U takes it back.\n\n"
	      "Your mail lies in plain files in ~/Mail. A good journey!\n\n"
	      "Tern\n");

	draft_set(&draft->from, from);
	draft_set(&draft->to, address);
	draft_set(&draft->subject, _("Welcome to Tern"));
	draft_set_body(draft, text, strlen(text));
	free(from);
	return draft;
}

int welcome_send(struct app *app, const char *address, struct err *err)
{
	struct draft *draft = write_letter(address);
	struct buf bytes = BUF_INIT;
	struct outbox_letter letter = {
	    .account = "", .sender = address, .recipients = &address, .recipient_count = 1};
	int64_t id = -1;

	if (!app->outbox)
		app->outbox = outbox_open(err);
	if (app->outbox && build_message(&app->compose, draft, BUILD_LETTER, 0, &bytes, err) == 0) {
		letter.data = buf_str(&bytes);
		letter.len = bytes.len;
		id = outbox_add(app->outbox, &letter, err);
	}
	buf_free(&bytes);
	draft_free(&draft);
	return id < 0 ? err_add(err, _("the welcome letter")) : 0;
}
