#include "config.h"
#include "store/box/mbox_scan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/str.h"
#include "store/box/box.h"

#define FROM_LINE_MAX 1000
#define FROM_WORDS    16
#define ID_HEADER_MAX 65536

/* --- the "From " line ---------------------------------------------------------------------------
 */

static int month_of(struct span word)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (word.len != 3)
		return -1;
	for (int i = 0; i < 12; i++)
		if (!memcmp(names + i * 3, word.data, 3))
			return i;
	return -1;
}

/* A number of MIN to MAX digits, or -1. */
static int number_of(struct span word, size_t min, size_t max)
{
	int value = 0;

	if (word.len < min || word.len > max)
		return -1;
	for (size_t i = 0; i < word.len; i++) {
		if (!char_is_digit(word.data[i]))
			return -1;
		value = value * 10 + (word.data[i] - '0');
	}
	return value;
}

/* "12:31" or "12:31:07". */
static bool read_clock(struct span word, struct tm *tm)
{
	struct span rest = word, piece;
	int parts[3] = {0, 0, 0}, count = 0;

	while (count < 3 && span_split(&rest, ':', &piece)) {
		parts[count] = number_of(piece, 1, 2);
		if (parts[count++] < 0)
			return false;
	}
	tm->tm_hour = parts[0];
	tm->tm_min = parts[1];
	tm->tm_sec = parts[2];
	return count >= 2 && rest.len == 0 && parts[0] < 24 && parts[1] < 60 && parts[2] < 62;
}

static bool read_year(struct span word, struct tm *tm)
{
	int year = number_of(word, 4, 4);

	tm->tm_year = year - 1900;
	return year >= 1970 && year < 2200;
}

/* "+0130" in seconds; 0 for names, which nobody can tell apart. */
static int zone_of(struct span word)
{
	struct span digits;
	int value;

	if (word.len != 5 || !strchr("+-", word.data[0]))
		return 0;
	digits = (struct span){word.data + 1, 4};
	value = number_of(digits, 4, 4);
	if (value < 0)
		return 0;
	value = (value / 100 * 60 + value % 100) * 60;
	return *word.data == '-' ? -value : value;
}

/* "Nov 23 06:40:44 [zone [zone]] 2026 [zone]": MONTH is its first word. */
static bool read_asctime(const struct span *words, size_t count, size_t month, struct tm *tm,
			 int *zone)
{
	tm->tm_mon = month_of(words[month]);
	if (tm->tm_mon < 0 || month + 3 >= count)
		return false;
	tm->tm_mday = number_of(words[month + 1], 1, 2);
	if (tm->tm_mday < 1 || tm->tm_mday > 31 || !read_clock(words[month + 2], tm))
		return false;
	for (size_t i = month + 3; i < count && i < month + 6; i++) {
		if (!read_year(words[i], tm))
			continue;
		*zone = zone_of(i > month + 3	? words[month + 3]
				: i + 1 < count ? words[i + 1]
						: SPAN_NONE);
		return true;
	}
	return false;
}

/* "23 Nov 2026 06:40:44 [zone]": MONTH is its second word. */
static bool read_rfc5322(const struct span *words, size_t count, size_t month, struct tm *tm,
			 int *zone)
{
	tm->tm_mon = month_of(words[month]);
	if (tm->tm_mon < 0 || month < 1 || month + 2 >= count)
		return false;
	tm->tm_mday = number_of(words[month - 1], 1, 2);
	if (tm->tm_mday < 1 || tm->tm_mday > 31 || !read_year(words[month + 1], tm))
		return false;
	*zone = zone_of(month + 3 < count ? words[month + 3] : SPAN_NONE);
	return read_clock(words[month + 2], tm);
}

static size_t split_words(struct span line, struct span words[FROM_WORDS])
{
	size_t count = 0, at = 0;

	while (count < FROM_WORDS) {
		size_t from;

		while (at < line.len && char_is_space(line.data[at]))
			at++;
		if (at == line.len)
			break;
		for (from = at; at < line.len && !char_is_space(line.data[at]);)
			at++;
		words[count++] = (struct span){line.data + from, at - from};
	}
	return count;
}

bool mbox_is_from_line(const char *line, size_t len, int64_t *time)
{
	struct span words[FROM_WORDS], rest;
	struct tm tm = {0};
	size_t count;
	int zone = 0;

	if (len < 5 || len > FROM_LINE_MAX || memcmp(line, "From ", 5))
		return false;
	rest = (struct span){line + 5, len - 5};
	count = split_words(rest, words);
	for (size_t i = 0; i < count; i++) {
		if (!read_asctime(words, count, i, &tm, &zone) &&
		    !read_rfc5322(words, count, i, &tm, &zone))
			continue;
		if (time)
			*time = (int64_t)timegm(&tm) - zone;
		return true;
	}
	return false;
}

/* Length of the line at AT without its end, looked for only as far as a From line may go. */
static size_t short_line(const char *data, size_t len, size_t at)
{
	size_t room = len - at < FROM_LINE_MAX + 2 ? len - at : FROM_LINE_MAX + 2;
	const char *end = memchr(data + at, '\n', room);
	size_t n = end ? (size_t)(end - data) - at : room;

	return n && data[at + n - 1] == '\r' ? n - 1 : n;
}

static bool is_from_at(const char *data, size_t len, size_t at, int64_t *time)
{
	return len - at >= 5 && !memcmp(data + at, "From ", 5) &&
	       mbox_is_from_line(data + at, short_line(data, len, at), time);
}

static size_t behind_line(const char *data, size_t len, size_t at)
{
	const char *end = memchr(data + at, '\n', len - at);

	return end ? (size_t)(end - data) + 1 : len;
}

/* --- the header ----------------------------------------------------------------------------------
 */

size_t mbox_body_at(const char *header, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t next = behind_line(header, len, at);

		if (header[at] == '\n' || (header[at] == '\r' && next - at == 2))
			return next;
		at = next;
	}
	return len;
}

bool mbox_field(const char *header, size_t body_at, size_t *at, size_t *from)
{
	*from = *at;
	if (*at >= body_at || header[*at] == '\n' || header[*at] == '\r')
		return false;
	do
		*at = behind_line(header, body_at, *at);
	while (*at < body_at && (header[*at] == ' ' || header[*at] == '\t'));
	return true;
}

static bool is_one_of(const char *field, size_t len, const char *const *names, size_t count)
{
	struct span line = {field, len};

	for (size_t i = 0; i < count; i++)
		if (span_starts_nocase(line, names[i]))
			return true;
	return false;
}

bool mbox_field_is_status(const char *field, size_t len)
{
	static const char *const names[] = {"Status:", "X-Status:"};

	return is_one_of(field, len, names, ARRAY_COUNT(names));
}

bool mbox_field_is_believed(const char *field, size_t len)
{
	static const char *const names[] = {
	    "Status:",	       "X-Status:",	    "Content-Length:",
	    "X-UID:",	       "X-Keywords:",	    "X-IMAP:",
	    "X-IMAPbase:",     "X-Mozilla-Status:", "X-Mozilla-Status2:",
	    "X-Mozilla-Keys:",
	};

	return is_one_of(field, len, names, ARRAY_COUNT(names));
}

bool mbox_field_is_local(const char *field, size_t len)
{
	static const char *const names[] = {"Lines:", "X-UIDL:"};

	return mbox_field_is_believed(field, len) ||
	       is_one_of(field, len, names, ARRAY_COUNT(names));
}

static unsigned flags_of_status(struct span value, bool *is_old)
{
	unsigned flags = 0;

	for (size_t i = 0; i < value.len && value.data[i] != '\n'; i++)
		switch (value.data[i]) {
		case 'R':
			flags |= BOX_SEEN;
			break;
		case 'O':
			*is_old = true;
			break;
		case 'D':
			flags |= BOX_DELETED;
			break;
		}
	return flags;
}

static unsigned flags_of_x_status(struct span value)
{
	unsigned flags = 0;

	for (size_t i = 0; i < value.len && value.data[i] != '\n'; i++)
		switch (value.data[i]) {
		case 'A':
			flags |= BOX_ANSWERED;
			break;
		case 'F':
			flags |= BOX_FLAGGED;
			break;
		case 'D':
			flags |= BOX_DELETED;
			break;
		case 'T':
			flags |= BOX_DRAFT;
			break;
		case 'P':
			flags |= BOX_FORWARDED;
			break;
		}
	return flags;
}

/* What the mbox's own fields say. */
struct told {
	unsigned flags;
	int64_t content_length;
};

static int64_t length_of(struct span value)
{
	char text[32];
	long long n;

	value = span_trim(value);
	if (value.len >= sizeof text)
		return -1;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
	return str_to_long(text, &n) == 0 ? n : -1;
}

static void read_told(const char *header, size_t body_at, struct told *told)
{
	size_t at = 0, from;
	bool is_old = false;

	*told = (struct told){.content_length = -1};
	while (mbox_field(header, body_at, &at, &from)) {
		struct span field = {header + from, at - from};

		if (span_starts_nocase(field, "Status:"))
			told->flags |=
			    flags_of_status((struct span){field.data + 7, field.len - 7}, &is_old);
		else if (span_starts_nocase(field, "X-Status:"))
			told->flags |=
			    flags_of_x_status((struct span){field.data + 9, field.len - 9});
		else if (span_starts_nocase(field, "Content-Length:"))
			told->content_length =
			    length_of((struct span){field.data + 15, field.len - 15});
	}
	if (!is_old && !(told->flags & BOX_SEEN))
		told->flags |= BOX_RECENT;
}

/* --- the row of messages -------------------------------------------------------------------------
 */

/* Does the line that ends before AT (the start of a line) hold nothing? */
static bool is_behind_blank(const char *data, size_t at)
{
	if (at < 2 || data[at - 1] != '\n')
		return false;
	return data[at - 2] == '\n' || (data[at - 2] == '\r' && at >= 3 && data[at - 3] == '\n');
}

/* The next From line at or behind AT, or LEN. */
static size_t find_from(const char *data, size_t len, size_t at)
{
	while (at < len) {
		const char *hit = memmem(data + at, len - at, "\nFrom ", 6);
		size_t line;

		if (!hit)
			return len;
		line = (size_t)(hit - data) + 1;
		if (is_behind_blank(data, line) && is_from_at(data, len, line, NULL))
			return line;
		at = line;
	}
	return len;
}

/* Where Content-Length says that the next message begins, if one does there; else 0. */
static size_t next_by_length(const char *data, size_t len, size_t body_at, int64_t length)
{
	size_t at;

	if (length < 0 || (uint64_t)length > len - body_at)
		return 0;
	at = body_at + (size_t)length;
	if (at > body_at && at < len && data[at - 1] != '\n' && data[at] != '\n' &&
	    data[at] != '\r')
		return 0;
	for (int i = 0; i < 3 && at < len && (data[at] == '\n' || data[at] == '\r'); i++)
		at++;
	return at == len || is_from_at(data, len, at, NULL) ? at : 0;
}

static size_t without_blank_line(const char *data, size_t body_at, size_t end)
{
	if (end > body_at && is_behind_blank(data, end))
		return end - (data[end - 2] == '\r' ? 2 : 1);
	return end;
}

/* The start of the first message: lenient, the file is an mbox already. */
static size_t first_from(const char *data, size_t len, size_t at)
{
	if (at == 0) {
		while (at < len && (data[at] == '\n' || data[at] == '\r'))
			at++;
		if (len - at >= 5 && !memcmp(data + at, "From ", 5))
			return at;
	}
	if (at < len && is_from_at(data, len, at, NULL))
		return at;
	return find_from(data, len, at);
}

int mbox_next(const char *data, size_t len, size_t *at, struct mbox_message *message)
{
	struct told told;

	memset(message, 0, sizeof *message);
	message->from_at = first_from(data, len, *at);
	if (message->from_at >= len)
		return 0;
	is_from_at(data, len, message->from_at, &message->received);
	message->at = behind_line(data, len, message->from_at);
	message->body_at = message->at + mbox_body_at(data + message->at, len - message->at);
	read_told(data + message->at, message->body_at - message->at, &told);
	message->flags = told.flags;
	message->next = next_by_length(data, len, message->body_at, told.content_length);
	/* The blank line that ends a header without a body may also be the one before the next. */
	if (!message->next)
		message->next =
		    find_from(data, len, message->body_at - (message->body_at > message->at));
	message->end = without_blank_line(data, message->body_at, message->next);
	*at = message->next;
	return 1;
}

/* Without its line end, which a last line may lack. */
static void keep_field(struct buf *kept, const char *field, size_t len)
{
	while (len && (field[len - 1] == '\n' || field[len - 1] == '\r'))
		len--;
	buf_add(kept, field, len < ID_HEADER_MAX ? len : ID_HEADER_MAX);
	buf_add_char(kept, '\n');
}

void mbox_id(const char *header, size_t body_at, size_t len, char id[MBOX_ID_SIZE])
{
	struct buf kept = BUF_INIT;
	size_t at = 0, from, body = len;
	char hex[DIGEST_HEX_SIZE];

	while (kept.len < ID_HEADER_MAX && mbox_field(header, body_at, &at, &from))
		if (!mbox_field_is_local(header + from, at - from))
			keep_field(&kept, header + from, at - from);
	while (body > body_at && (header[body - 1] == '\n' || header[body - 1] == '\r'))
		body--;
	buf_printf(&kept, "%zu", body - body_at);
	digest_sha256_hex(kept.data, kept.len, hex);
	memcpy(id, hex, MBOX_ID_SIZE - 1);
	id[MBOX_ID_SIZE - 1] = '\0';
	buf_free(&kept);
}
