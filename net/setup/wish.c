#include "config.h"
#include "net/setup/wish.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/io/stream.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/str.h"

static const struct {
	const char *key;
	size_t offset, size;
	bool is_setting; /* stands in the account's section under this name */
	bool is_told;	 /* to the screen, for the form */
} rows[] = {
#define ROW(key, field, is_setting, is_told)                                                                \
	{                                                                                                   \
		key, offsetof(struct wish, field), sizeof((struct wish *)0)->field, is_setting, is_told     \
	}
    ROW("address", address, false, false),
    ROW("name", name, false, false),
    ROW("real-name", real_name, false, false),
    ROW("kind", kind, false, true),
    ROW("server", server, true, true),
    ROW("tls", tls, true, true),
    ROW("user", user, true, true),
    ROW("submission", submission, true, true),
    ROW("submission-tls", submission_tls, true, true),
    ROW("ca", ca, true, false),
    ROW("password-file", password_file, true, false),
#undef ROW
};

static char *field_of(struct wish *wish, size_t row)
{
	return (char *)wish + rows[row].offset;
}

static int take_line(struct wish *wish, struct span line, struct err *err)
{
	size_t i, at = span_find(line, 0, '=');
	struct span key = span_trim((struct span){line.data, at}), value;

	if (at == line.len)
		return 0;
	value = span_trim((struct span){line.data + at + 1, line.len - at - 1});
	if (span_equal_nocase(key, "find"))
		wish->only_finds = true;
	for (i = 0; i < ARRAY_COUNT(rows); i++)
		if (span_equal_nocase(key, rows[i].key)) {
			if (value.len >= rows[i].size)
				return err_set_kind(err, ERR_USAGE, _("\"%s\" is too long."), rows[i].key);
			memcpy(field_of(wish, i), value.data ? value.data : "", value.len);
			field_of(wish, i)[value.len] = '\0';
		}
	return 0;
}

static int check(const struct wish *wish, struct err *err)
{
	int kind = account_kind_by_name(*wish->kind ? wish->kind : "imap");

	if (!strchr(wish->address, '@'))
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is no mail address: it looks like name@where.example."),
				    wish->address);
	if (kind != ACCOUNT_IMAP && kind != ACCOUNT_POP3)
		return err_set_kind(err, ERR_USAGE, _("\"%s\" is not imap or pop3."), wish->kind);
	return 0;
}

int wish_parse(struct wish *wish, const char *text, struct err *err)
{
	struct span rest = span_of(text), line;

	memset(wish, 0, sizeof *wish);
	while (span_split(&rest, '\n', &line) > 0)
		if (take_line(wish, line, err) < 0)
			return -1;
	if (*wish->server && !*wish->kind)
		snprintf(wish->kind, sizeof wish->kind, "imap");
	return check(wish, err);
}

void wish_format(const struct wish *wish, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *value = (const char *)wish + rows[i].offset;

		if (rows[i].is_told && *value)
			buf_printf(out, "%s=%s\n", rows[i].key, value);
	}
}

void wish_set_place(struct wish *wish, const struct place *place)
{
	bool is_submission = place->kind == PLACE_SUBMISSION;
	struct buf text = BUF_INIT;

	place_add_setting(place, &text);
	snprintf(is_submission ? wish->submission : wish->server, sizeof wish->server, "%s", buf_str(&text));
	snprintf(is_submission ? wish->submission_tls : wish->tls, sizeof wish->tls, "%s", place_tls_name(place->tls));
	if (!is_submission) {
		snprintf(wish->kind, sizeof wish->kind, "%s", place_kind_name(place->kind));
		snprintf(wish->user, sizeof wish->user, "%s", place->user);
		wish->wants_oauth = place->wants_oauth;
	}
	buf_free(&text);
}

void wish_host(const char *place, char *host, size_t size)
{
	char *found = NULL;
	int port;

	*host = '\0';
	if (*place && stream_parse_place(place, 1, &found, &port, NULL) == 0)
		snprintf(host, size, "%s", found);
	free(found);
}

void wish_account(struct wish *wish, struct wish_settings *settings, struct account *account)
{
	size_t i, count = 0;

	for (i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].is_setting && *field_of(wish, i)) {
			settings->keys[count] = (char *)rows[i].key;
			settings->values[count++] = field_of(wish, i);
		}
	*account = (struct account){.name = wish->name,
				    .kind = (enum account_kind)account_kind_by_name(wish->kind),
				    .address = wish->address,
				    .real_name = *wish->real_name ? wish->real_name : NULL,
				    .keys = settings->keys,
				    .values = settings->values,
				    .setting_count = count};
}
