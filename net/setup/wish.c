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
#include "store/base/option.h"
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
    ROW("leave-days", leave_days, true, true),
#undef ROW
};

static char *field_of(struct wish *wish, size_t row)
{
	return (char *)wish + rows[row].offset;
}

static const struct {
	const char *key;
	size_t offset;
} switches[] = {
    {"find", offsetof(struct wish, only_finds)},
    {"asks-leave", offsetof(struct wish, asks_leave)},
    {"asks-again", offsetof(struct wish, asks_again)},
};

static bool is_empty(struct span text)
{
	return text.len == 0;
}

static void copy(char *to, struct span text)
{
	if (!is_empty(text))
		memcpy(to, text.data, text.len);
	to[text.len] = '\0';
}

/* What the set-up itself does not look at: it goes into the account as it is. */
static int take_more(struct wish *wish, struct span key, struct span value, struct err *err)
{
	if (wish->more_len + key.len + value.len + 2 > sizeof wish->more)
		return err_set_kind(err, ERR_USAGE, _("That is too much text for one account."));
	copy(wish->more + wish->more_len, key);
	wish->more_len += key.len + 1;
	copy(wish->more + wish->more_len, value);
	wish->more_len += value.len + 1;
	return 0;
}

static int take(struct wish *wish, struct span key, struct span value, struct err *err)
{
	for (size_t i = 0; i < ARRAY_COUNT(switches); i++)
		if (span_equal_nocase(key, switches[i].key)) {
			*(bool *)((char *)wish + switches[i].offset) = true;
			return 0;
		}
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (span_equal_nocase(key, rows[i].key)) {
			if (value.len >= rows[i].size)
				return err_set_kind(err, ERR_USAGE, _("\"%s\" is too long."), rows[i].key);
			copy(field_of(wish, i), value);
			return 0;
		}
	return take_more(wish, key, value, err);
}

static int take_line(struct wish *wish, struct span line, struct err *err)
{
	size_t at = span_find(line, 0, '=');

	if (at == line.len)
		return 0;
	return take(wish, span_trim((struct span){line.data, at}),
		    span_trim((struct span){line.data + at + 1, line.len - at - 1}), err);
}

/* A wrong value is told before anybody is asked for a password. */
static int check_settings(const struct wish *wish, struct err *err)
{
	struct wish_settings settings;
	struct account account;

	wish_account((struct wish *)wish, &settings, &account);
	for (size_t i = 0; i < account.setting_count; i++)
		if (option_check_entry(account_rows, account_row_count, account.keys[i], account.values[i], err) < 0) {
			if (err)
				err->kind = ERR_USAGE;
			return -1;
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
	return check_settings(wish, err);
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

static int usual_port(const struct wish *wish)
{
	bool is_at_once = !*wish->tls || strcmp(wish->tls, "implicit") == 0;

	if (strcmp(wish->kind, "pop3") == 0)
		return is_at_once ? 995 : 110;
	return is_at_once ? 993 : 143;
}

int wish_place(const struct wish *wish, struct place *place)
{
	char *host = NULL;

	*place = (struct place){.kind = strcmp(wish->kind, "pop3") == 0 ? PLACE_POP3 : PLACE_IMAP};
	if (stream_parse_place(wish->server, usual_port(wish), &host, &place->port, NULL) < 0)
		return -1;
	snprintf(place->host, sizeof place->host, "%s", host);
	free(host);
	return 0;
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

bool wish_has(const struct wish *wish, const char *key)
{
	struct wish_settings settings;
	struct account account;

	wish_account((struct wish *)wish, &settings, &account);
	return account_setting(&account, key) != NULL;
}

void wish_account(struct wish *wish, struct wish_settings *settings, struct account *account)
{
	size_t i, count = 0;
	char *more = wish->more;

	for (i = 0; i < ARRAY_COUNT(rows); i++)
		if (rows[i].is_setting && *field_of(wish, i)) {
			settings->keys[count] = (char *)rows[i].key;
			settings->values[count++] = field_of(wish, i);
		}
	for (; more < wish->more + wish->more_len && count < WISH_SETTINGS_MAX; more += strlen(more) + 1) {
		settings->keys[count] = more;
		more += strlen(more) + 1;
		settings->values[count++] = more;
	}
	*account = (struct account){.name = wish->name,
				    .kind = (enum account_kind)account_kind_by_name(wish->kind),
				    .address = wish->address,
				    .real_name = *wish->real_name ? wish->real_name : NULL,
				    .keys = settings->keys,
				    .values = settings->values,
				    .setting_count = count};
}
