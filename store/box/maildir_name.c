#include "config.h"
#include "store/box/maildir_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/str.h"
#include "store/box/box.h"

#define MARK_DIGITS 24
#define HOST_MAX    64

/* In the order in which letters must stand. */
static const struct {
	char letter;
	unsigned flag;
} letters[] = {
    {'D', BOX_DRAFT},	 {'F', BOX_FLAGGED}, {'P', BOX_FORWARDED},
    {'R', BOX_ANSWERED}, {'S', BOX_SEEN},    {'T', BOX_DELETED},
};

size_t maildir_name_base(const char *name)
{
	return strcspn(name, ":");
}

/* The flag letters of NAME, or "". */
static const char *info_of(const char *name)
{
	const char *info = name + maildir_name_base(name);

	return str_starts(info, ":2,") ? info + 3 : "";
}

static unsigned flag_of(char letter)
{
	for (size_t i = 0; i < ARRAY_COUNT(letters); i++)
		if (letters[i].letter == letter)
			return letters[i].flag;
	return 0;
}

unsigned maildir_name_flags(const char *name)
{
	unsigned flags = 0;

	for (const char *at = info_of(name); *at; at++)
		flags |= flag_of(*at);
	return flags;
}

static int by_byte(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

void maildir_name_with_flags(struct buf *out, const char *name, unsigned flags)
{
	size_t from;

	buf_add(out, name, maildir_name_base(name));
	buf_add_str(out, ":2,");
	from = out->len;
	for (const char *at = info_of(name); *at; at++)
		if (!flag_of(*at))
			buf_add_char(out, *at);
	for (size_t i = 0; i < ARRAY_COUNT(letters); i++)
		if (flags & letters[i].flag)
			buf_add_char(out, letters[i].letter);
	qsort(out->data + from, out->len - from, 1, by_byte);
}

static int64_t number_at(const char *text)
{
	int64_t value = 0;

	if (!char_is_digit(*text))
		return -1;
	for (; char_is_digit(*text); text++) {
		if (value > INT64_MAX / 10 - 1)
			return -1;
		value = value * 10 + (*text - '0');
	}
	return value;
}

int64_t maildir_name_size(const char *name)
{
	const char *at = strstr(name, ",S=");

	if (!at || at > name + maildir_name_base(name))
		return -1;
	return number_at(at + 3);
}

int64_t maildir_name_time(const char *name)
{
	int64_t value = number_at(name);

	return name[strspn(name, "0123456789")] == '.' ? value : -1;
}

/* A slash or a colon in the host's name would break the file's. */
static void add_host(struct buf *out)
{
	char host[HOST_MAX + 1] = "";

	if (gethostname(host, HOST_MAX) < 0 || !*host)
		snprintf(host, sizeof host, "localhost");
	for (const char *at = host; *at; at++)
		if (char_is_alnum(*at) || strchr("-._", *at))
			buf_add_char(out, *at);
		else
			buf_printf(out, "\\%03o", (unsigned)(unsigned char)*at);
}

void maildir_name_mark(struct buf *out, const char *unique)
{
	char hex[DIGEST_HEX_SIZE];

	digest_sha256_hex(unique, strlen(unique), hex);
	buf_printf(out, ".U%.*s.", MARK_DIGITS, hex);
}

static void add_middle(struct buf *out, unsigned serial)
{
	struct timespec now;
	unsigned random = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	if (getrandom(&random, sizeof random, 0) < 0)
		random = (unsigned)now.tv_nsec;
	buf_printf(out, ".M%06ldP%ldQ%uR%08x.", now.tv_nsec / 1000, (long)getpid(), serial, random);
}

void maildir_name_make(struct buf *out, int64_t seconds, unsigned serial, const char *unique)
{
	buf_printf(out, "%lld", (long long)seconds);
	if (unique)
		maildir_name_mark(out, unique);
	else
		add_middle(out, serial);
	add_host(out);
}
