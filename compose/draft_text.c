#include "config.h"
#include "compose/draft_text.h"

#include <stdlib.h>
#include <string.h>

#include "compose/attach.h"
#include "compose/draft.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"

/* In the order in which they stand on top. */
static const struct {
	const char *name;
	size_t at;
	bool is_always;
} fields[] = {
    {"From", offsetof(struct draft, from), true},
    {"To", offsetof(struct draft, to), true},
    {"Cc", offsetof(struct draft, cc), true},
    {"Bcc", offsetof(struct draft, bcc), true},
    {"Subject", offsetof(struct draft, subject), true},
    {"Reply-To", offsetof(struct draft, reply_to), false},
};

static char **text_of(struct draft *draft, size_t i)
{
	return (char **)((char *)draft + fields[i].at);
}

void draft_text_write(const struct draft *draft, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		const char *text = *(char *const *)((const char *)draft + fields[i].at);

		if (fields[i].is_always || *text)
			buf_printf(out, "%s: %s\n", fields[i].name, text);
	}
	buf_add_str(out, draft->headers);
	for (size_t i = 0; i < draft->attachment_count; i++)
		buf_printf(out, "Attach: %s\n", draft->attachments[i].path);
	buf_add_char(out, '\n');
	buf_add_str(out, draft->body);
}

/* --- and back
 * --------------------------------------------------------------------------------------- */

/* What the text says of a draft, before the draft is touched. */
struct read {
	struct buf texts[ARRAY_COUNT(fields)];
	struct buf headers;
	char **attach;
	size_t count, cap;
};

static void read_free(struct read *read)
{
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		buf_free(&read->texts[i]);
	for (size_t i = 0; i < read->count; i++)
		free(read->attach[i]);
	free(read->attach);
	buf_free(&read->headers);
}

/* "Name:" of letters, digits and "-" at the start: the length of the name, or 0. */
static size_t name_length(struct span line)
{
	size_t n = 0;

	while (n < line.len && (char_is_alnum(line.data[n]) || line.data[n] == '-'))
		n++;
	return n < line.len && line.data[n] == ':' ? n : 0;
}

/* Fields that are written by us alone; whoever types them gets ours. */
static bool is_ours(struct span name)
{
	static const char *const names[] = {"Date",	   "Message-ID", "MIME-Version",
					    "In-Reply-To", "References", "Received",
					    "Return-Path", "Sender",	 "Fcc"};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (span_equal_nocase(name, names[i]))
			return true;
	return span_starts_nocase(name, "Content-") || span_starts_nocase(name, "X-Tern-") ||
	       span_starts_nocase(name, "Resent-");
}

static void read_attach(struct read *read, struct span value)
{
	if (!value.len)
		return;
	ARRAY_ROOM(read->attach, read->count, read->cap);
	read->attach[read->count++] = mem_strndup(value.data, value.len);
}

static struct buf *read_other(struct read *read, struct span name, struct span value)
{
	if (is_ours(name) || !value.len)
		return NULL;
	buf_add(&read->headers, name.data, name.len);
	buf_add_str(&read->headers, ": ");
	buf_add(&read->headers, value.data, value.len);
	buf_add_char(&read->headers, '\n');
	return &read->headers;
}

static struct buf *read_known(struct read *read, size_t i, struct span value)
{
	struct buf *to = &read->texts[i];

	if (to->len && value.len)
		buf_add_str(to, strcmp(fields[i].name, "Subject") ? ", " : " ");
	buf_add(to, value.data, value.len);
	return to;
}

/* Where folded lines of this field go; NULL: nowhere. */
static struct buf *read_field(struct read *read, struct span name, struct span value)
{
	if (span_equal_nocase(name, "Attach")) {
		read_attach(read, value);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		if (span_equal_nocase(name, fields[i].name))
			return read_known(read, i, value);
	return read_other(read, name, value);
}

static void read_folded(struct read *read, struct buf *to, struct span line)
{
	struct span text = span_trim(line);

	if (!to || !text.len)
		return;
	if (to == &read->headers)
		buf_truncate(to, to->len - 1);
	buf_add_char(to, ' ');
	buf_add(to, text.data, text.len);
	if (to == &read->headers)
		buf_add_char(to, '\n');
}

/* The offset of the body. 0: there is no header on top. */
static size_t read_header(struct read *read, struct span text)
{
	struct span rest = text, line;
	struct buf *to = NULL;
	bool has_field = false;

	while (span_split(&rest, '\n', &line)) {
		size_t n = name_length(line);

		if (span_trim(line).len == 0)
			return has_field ? text.len - rest.len : 0;
		if (has_field && (line.data[0] == ' ' || line.data[0] == '\t')) {
			read_folded(read, to, line);
			continue;
		}
		if (!n) /* the blank line was taken out: the body begins here */
			return has_field ? (size_t)(line.data - text.data) : 0;
		to = read_field(read, (struct span){line.data, n},
				span_trim((struct span){line.data + n + 1, line.len - n - 1}));
		has_field = true;
	}
	return has_field ? text.len : 0;
}

static int index_of(const struct draft *draft, const char *path)
{
	for (size_t i = 0; i < draft->attachment_count; i++)
		if (!strcmp(draft->attachments[i].path, path))
			return (int)i;
	return -1;
}

static bool is_wanted(const struct read *read, const char *path)
{
	for (size_t i = 0; i < read->count; i++)
		if (!strcmp(read->attach[i], path))
			return true;
	return false;
}

static int take_attachments(struct draft *draft, const struct read *read, struct err *err)
{
	int rc = 0;

	for (size_t i = draft->attachment_count; i-- > 0;)
		if (!is_wanted(read, draft->attachments[i].path))
			attach_remove(draft, i);
	for (size_t i = 0; i < read->count; i++)
		if (index_of(draft, read->attach[i]) < 0 &&
		    attach_file(draft, read->attach[i], rc == 0 ? err : NULL) < 0)
			rc = -1;
	return rc;
}

int draft_text_read(struct draft *draft, const char *text, size_t len, struct err *err)
{
	struct read read = {.count = 0};
	size_t body = read_header(&read, (struct span){text, len});
	int rc = 0;

	if (body) {
		for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
			draft_set(text_of(draft, i), buf_str(&read.texts[i]));
		free(draft->headers);
		draft->headers = mem_strdup(buf_str(&read.headers));
		rc = take_attachments(draft, &read, err);
	}
	draft_set_body(draft, text + body, len - body);
	read_free(&read);
	return rc;
}
