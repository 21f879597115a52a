/* Any message is answered, edited again, written as a link or through an editor: what is built of
 * it has no header field that we did not write, and no line that is too long. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compose/build.h"
#include "compose/compose.h"
#include "compose/draft.h"
#include "compose/draft_text.h"
#include "compose/mailto.h"
#include "compose/recall.h"
#include "compose/reply.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/str.h"
#include "store/mail/account.h"
#include "store/mime/mime.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX 4096

static void must(int is_so)
{
	if (!is_so)
		abort();
}

static int is_ours(struct span line)
{
	static const char *const names[] = {
	    "From:",	   "To:",	    "Cc:",	     "Reply-To:",
	    "Subject:",	   "Date:",	    "Message-ID:",   "In-Reply-To:",
	    "References:", "MIME-Version:", "Content-Type:", "Content-Transfer-Encoding:",
	};

	if (line.data[0] == ' ' || line.data[0] == '\t')
		return 1;
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (span_starts_nocase(line, names[i]))
			return 1;
	return 0;
}

static void check_built(const struct buf *message)
{
	struct span rest = {message->data, message->len}, line;

	while (span_split(&rest, '\n', &line) && line.len) {
		must(is_ours(line));
		must(line.len <= 998);
		must(memchr(line.data, '\r', line.len) == NULL);
	}
}

static void build(const struct compose *compose, struct draft *draft)
{
	struct buf out = BUF_INIT;

	if (!draft)
		return;
	must(!strpbrk(draft->to, "\r\n") && !strpbrk(draft->subject, "\r\n"));
	if (build_message(compose, draft, BUILD_LETTER, 1, &out, NULL) == 0)
		check_built(&out);
	buf_free(&out);
	draft_free(&draft);
}

static void answer(const struct compose *compose, const struct mime_message *message)
{
	for (int whom = REPLY_SENDER; whom <= REPLY_LIST; whom++)
		build(compose, reply_make(compose, message, (enum reply_to)whom, NULL, NULL, NULL));
}

static void link_and_edit(const struct compose *compose, const char *text, size_t len)
{
	char *url = mem_printf("mailto:%.*s", (int)(len < TEXT_MAX ? len : TEXT_MAX), text);
	struct draft *draft = draft_new(NULL);

	build(compose, mailto_make(compose, url, NULL, NULL, NULL));
	draft_text_read(draft, text, len, NULL);
	draft_set(&draft->headers, "");
	build(compose, draft);
	free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[] = "home", address[] = "me@localhost", path[] = "/nowhere";
	struct account account = {
	    .name = name, .kind = ACCOUNT_LOCAL, .address = address, .path = path};
	struct account_list list = {.items = &account, .count = 1};
	struct compose compose = {&list, NULL, NULL};
	struct mime_message *message = mime_parse((const char *)data, size, NULL);

	answer(&compose, message);
	link_and_edit(&compose, (const char *)data, size);
	mime_free(&message);
	return 0;
}
