#include "config.h"
#include "net/transfer/returned.h"

#include <stdlib.h>
#include <string.h>

#include "net/transfer/bounce.h"
#include "store/base/arena.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/box/box.h"
#include "store/mail/account.h"
#include "store/mail/folder.h"
#include "store/mail/letter.h"
#include "store/mail/outbox.h"
#include "store/mail/store.h"

/* Words from elsewhere in a field: one line of printable ASCII. */
static void add_tame(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_add_char(out, *text >= ' ' && *text <= '~' ? *text : *text == '\n' ? ' ' : '?');
}

static void add_reasons(const struct bounce *bounce, struct buf *out)
{
	for (size_t i = 0; i < bounce->failed_count; i++) {
		buf_add_str(out, "X-Tern-Failed: ");
		add_tame(out, bounce->failed[i]->addr);
		buf_add_str(out, ": ");
		add_tame(out, bounce->failed[i]->reply);
		buf_add_char(out, '\n');
	}
}

static bool stands_in(struct span text, const char *addr)
{
	size_t len = strlen(addr), i;

	for (i = 0; i + len <= text.len; i++)
		if (strncasecmp(text.data + i, addr, len) == 0)
			return true;
	return false;
}

/* Those whom the letter does not name were blind copies. */
static void add_recipients(const struct bounce *bounce, struct span header, const char *name, bool only_unnamed,
			   struct buf *out)
{
	const char *between = name;

	for (size_t i = 0; i < bounce->failed_count; i++) {
		if (only_unnamed && stands_in(header, bounce->failed[i]->addr))
			continue;
		buf_add_str(out, between);
		buf_add_str(out, bounce->failed[i]->addr);
		between = ",\n\t";
	}
	if (between != name)
		buf_add_char(out, '\n');
}

static bool is_recipient_field(struct span line)
{
	return span_starts_nocase(line, "To:") || span_starts_nocase(line, "Cc:") ||
	       span_starts_nocase(line, "Bcc:");
}

/* Whom it was for goes when it is for others now; Message-ID, because the letter to come is another one. */
static void add_header(struct span rest, bool is_all, struct buf *out)
{
	bool is_left_out = false;
	struct span line;

	while (span_split(&rest, '\n', &line) > 0) {
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		if (line.len == 0)
			continue;
		if (*line.data != ' ' && *line.data != '\t')
			is_left_out = span_starts_nocase(line, "Message-ID:") ||
				      span_starts_nocase(line, "X-Tern-Failed:") ||
				      (!is_all && is_recipient_field(line));
		if (is_left_out)
			continue;
		buf_add(out, line.data, line.len);
		buf_add_char(out, '\n');
	}
}

static void add_lf_only(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != '\r' || i + 1 == text.len || text.data[i + 1] != '\n')
			buf_add_char(out, text.data[i]);
}

void returned_write(const struct bounce *bounce, bool is_all, struct buf *out)
{
	struct span header = letter_header(bounce->letter);
	struct span body = {bounce->letter.data + header.len, bounce->letter.len - header.len};

	add_reasons(bounce, out);
	add_header(header, is_all, out);
	if (is_all)
		add_recipients(bounce, header, "Bcc: ", true, out);
	else
		add_recipients(bounce, header, "To: ", false, out);
	if (!body.len || (*body.data != '\n' && *body.data != '\r'))
		buf_add_char(out, '\n');
	add_lf_only(out, body);
}

/* --- into the folder ----------------------------------------------------------------------------- */

static char *path_of(const struct account *account, enum account_role role, const char *name)
{
	struct store *store = store_open(account, NULL, NULL);
	struct arena *arena = arena_new();
	struct folder folder;
	char *path = NULL;

	if (store && store_folder_by_role(store, role, arena, &folder, NULL) == 1 &&
	    box_detect(folder.path) != BOX_NONE)
		path = mem_strdup(folder.path);
	store_close(&store);
	arena_free(&arena);
	return path ? path : path_join(account->path, name);
}

int returned_keep(const struct account *account, const struct buf *draft, const char *unique, struct err *err)
{
	struct box_delivery delivery = {.data = buf_str(draft),
					.len = draft->len,
					.fd = -1,
					.flags = BOX_DRAFT,
					.unique = unique};
	char *path = path_of(account, ROLE_DRAFTS, "Drafts");
	struct box *box = NULL;
	int rc = path_make_dirs(account->path, err);

	if (rc == 0 && box_detect(path) == BOX_NONE)
		rc = box_make(path, BOX_MAILDIR, err);
	if (rc == 0)
		box = box_open(path, false, err);
	rc = box ? box_deliver(box, &delivery, NULL, err) : -1;
	box_close(&box);
	free(path);
	return rc < 0 ? -1 : 0;
}

static int remove_copy(const char *path, const char *message_id, struct err *err)
{
	struct buf unique = BUF_INIT, key = BUF_INIT;
	struct box *box = box_open(path, false, err);
	int rc = -1;

	letter_sent_unique(message_id, &unique);
	if (box)
		rc = box_delivered(box, buf_str(&unique), &key, err);
	if (rc > 0)
		rc = box_remove(box, buf_str(&key), err);
	if (rc == 0)
		rc = box_commit(box, err);
	box_close(&box);
	buf_free(&unique);
	buf_free(&key);
	return rc;
}

int returned_forget(const struct account *account, const char *message_id, struct err *err)
{
	char *path = path_of(account, ROLE_SENT, "Sent");
	int rc = *message_id && box_detect(path) != BOX_NONE ? remove_copy(path, message_id, err) : 0;

	free(path);
	return rc;
}
