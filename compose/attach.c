#include "config.h"
#include "compose/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/draft.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/file.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/base/str.h"
#include "store/base/utf8.h"
#include "store/mime/mime.h"

#define NAME_MAX_BYTES 200
#define ENDING_MAX_BYTES 16
#define SNIFF_BYTES    4096
#define SYSTEM_TYPES   "/usr/share/mime/globs2"
#define SYSTEM_MAX     (1 << 22)

/* --- types
 * ------------------------------------------------------------------------------------------ */

static const struct {
	const char *ending, *type;
} endings[] = {
    {"7z", "application/x-7z-compressed"},
    {"asc", "application/pgp-signature"},
    {"avif", "image/avif"},
    {"bz2", "application/x-bzip2"},
    {"c", "text/x-csrc"},
    {"csv", "text/csv"},
    {"diff", "text/x-diff"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eml", "message/rfc822"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"heic", "image/heic"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ics", "text/calendar"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"json", "application/json"},
    {"m4a", "audio/mp4"},
    {"md", "text/markdown"},
    {"mkv", "video/x-matroska"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"ogg", "audio/ogg"},
    {"opus", "audio/ogg"},
    {"patch", "text/x-diff"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps", "application/postscript"},
    {"py", "text/x-python"},
    {"rtf", "application/rtf"},
    {"sh", "text/x-shellscript"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tgz", "application/gzip"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"txt", "text/plain"},
    {"vcf", "text/vcard"},
    {"wav", "audio/x-wav"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", "application/xml"},
    {"xz", "application/x-xz"},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
};

static const struct {
	const char *start;
	size_t len;
	const char *type;
} starts[] = {
    {"%PDF-", 5, "application/pdf"},	  {"\x89PNG\r\n", 6, "image/png"},
    {"\xff\xd8\xff", 3, "image/jpeg"},	  {"GIF8", 4, "image/gif"},
    {"PK\x03\x04", 4, "application/zip"}, {"\x1f\x8b", 2, "application/gzip"},
};

static const char *type_by_ending(const char *ending)
{
	for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
		if (str_equal_nocase(endings[i].ending, ending))
			return endings[i].type;
	return NULL;
}

/* "50:image/x-thing:*.thing": the first line that fits has the greatest weight. */
static bool type_by_system(const char *ending, struct buf *type)
{
	struct buf table = BUF_INIT;
	struct span rest, line, weight, kind;
	bool is_found = false;

	if (file_read(SYSTEM_TYPES, &table, SYSTEM_MAX, NULL) < 0)
		buf_clear(&table);
	rest = (struct span){buf_str(&table), table.len};
	while (!is_found && span_split(&rest, '\n', &line)) {
		if (!span_split(&line, ':', &weight) || !span_split(&line, ':', &kind))
			continue;
		is_found = line.len > 2 && line.data[0] == '*' && line.data[1] == '.' &&
			   span_equal_nocase((struct span){line.data + 2, line.len - 2}, ending);
		if (is_found)
			buf_add(type, kind.data, kind.len);
	}
	buf_free(&table);
	return is_found;
}

static const char *type_by_content(const char *data, size_t len)
{
	for (size_t i = 0; i < ARRAY_COUNT(starts); i++)
		if (len >= starts[i].len && !memcmp(data, starts[i].start, starts[i].len))
			return starts[i].type;
	if (memchr(data, 0, len))
		return "application/octet-stream";
	/* The piece may end inside a character. */
	for (size_t cut = 0; cut < 4 && cut <= len; cut++)
		if (utf8_is_valid(data, len - cut))
			return "text/plain";
	return "application/octet-stream";
}

void attach_type(const char *name, const char *data, size_t len, struct buf *type)
{
	const char *dot = strrchr(path_base(name), '.'), *known;

	known = dot ? type_by_ending(dot + 1) : NULL;
	if (!known && dot && type_by_system(dot + 1, type))
		return;
	if (!known)
		known = type_by_content(data ? data : "", data ? len : 0);
	buf_add_str(type, known);
}

/* --- names
 * ------------------------------------------------------------------------------------------- */

static const char *last_piece(const char *name)
{
	const char *at = name;

	for (; *name; name++)
		if (*name == '/' || *name == '\\')
			at = name + 1;
	return at;
}

/* Up to LIMIT bytes of whole characters. */
static size_t fit(const char *text, size_t limit)
{
	size_t len = strlen(text);

	if (len <= limit)
		return len;
	while (limit && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

/* A long name keeps its ending, which says what it is. */
static void shorten(struct buf *out, size_t from)
{
	const char *dot = strrchr(buf_str(out) + from, '.');
	struct buf ending = BUF_INIT;
	size_t rest;

	if (out->len - from <= NAME_MAX_BYTES)
		return;
	if (dot && strlen(dot) <= ENDING_MAX_BYTES)
		buf_add_str(&ending, dot);
	rest = fit(buf_str(out) + from, NAME_MAX_BYTES - ending.len);
	buf_truncate(out, from + rest);
	buf_add(out, buf_str(&ending), ending.len);
	buf_free(&ending);
}

/* Names that are devices where the file may be carried to, with any ending: CON, NUL.txt, com1... */
static bool is_device(const char *name)
{
	static const char *const devices[] = {"con", "prn", "aux", "nul"};
	size_t len = strcspn(name, ". ");

	for (size_t i = 0; i < ARRAY_COUNT(devices); i++)
		if (len == 3 && !strncasecmp(name, devices[i], 3))
			return true;
	return len == 4 && name[3] >= '0' && name[3] <= '9' &&
	       (!strncasecmp(name, "com", 3) || !strncasecmp(name, "lpt", 3));
}

static void trim_end(struct buf *out, size_t from)
{
	while (out->len > from && (out->data[out->len - 1] == '.' || out->data[out->len - 1] == ' '))
		buf_truncate(out, out->len - 1);
}

void attach_safe_name(const char *name, struct buf *out)
{
	size_t from = out->len;

	name = last_piece(name);
	utf8_add_printable(out, name, strlen(name));
	/* only now: what is not printable may have stood in front of the dot */
	buf_remove(out, from, strspn(buf_str(out) + from, ". "));
	trim_end(out, from);
	shorten(out, from);
	trim_end(out, from);
	if (out->len == from)
		buf_add_str(out, "attachment");
	else if (out->data[from] == '-' || out->data[from] == '~')
		out->data[from] = '_';
	else if (is_device(out->data + from))
		buf_insert(out, from, "_", 1);
}

/* --- adding
 * ------------------------------------------------------------------------------------------- */

static struct attachment *add(struct draft *draft, const char *path, const char *name)
{
	struct attachment *item;
	struct buf safe = BUF_INIT;

	attach_safe_name(name, &safe);
	ARRAY_ROOM(draft->attachments, draft->attachment_count, draft->attachment_cap);
	item = &draft->attachments[draft->attachment_count++];
	*item = (struct attachment){
	    .path = mem_strdup(path), .name = buf_take(&safe), .description = mem_strdup("")};
	return item;
}

static int look_at(const char *path, struct stat *st, struct err *err)
{
	if (stat(path, st) < 0)
		return err_errno(err, _("The file \"%s\" cannot be attached"), path);
	if (S_ISDIR(st->st_mode))
		return err_set(err, _("\"%s\" is a folder; only files can be attached."), path);
	if (!S_ISREG(st->st_mode))
		return err_set(err, _("\"%s\" is no plain file; only such can be attached."), path);
	if (access(path, R_OK) < 0)
		return err_errno(err, _("The file \"%s\" cannot be read"), path);
	return 0;
}

static void type_of_file(const char *path, struct buf *type)
{
	char head[SNIFF_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof head);

	if (fd >= 0)
		close(fd);
	attach_type(path, head, n > 0 ? (size_t)n : 0, type);
}

int attach_file(struct draft *draft, const char *path, struct err *err)
{
	char *expanded = path_expand(path), *full = path_absolute(expanded);
	struct attachment *item;
	struct buf type = BUF_INIT;
	struct stat st;
	int rc = look_at(full, &st, err);

	if (rc == 0) {
		type_of_file(full, &type);
		item = add(draft, full, full);
		item->type = buf_take(&type);
		item->size = (int64_t)st.st_size;
	}
	free(expanded);
	free(full);
	return rc;
}

/* "ID.d/2-way.jpg": the number keeps files of one name apart. */
static char *own_path(const struct draft *draft, const char *name, struct err *err)
{
	char *dir = draft_own_dir(draft, err), *path = NULL;
	struct buf safe = BUF_INIT;

	if (!dir)
		return NULL;
	attach_safe_name(name, &safe);
	for (size_t i = draft->attachment_count; !path; i++) {
		path = mem_printf("%s/%zu-%s", dir, i, buf_str(&safe));
		if (path_exists(path)) {
			free(path);
			path = NULL;
		}
	}
	buf_free(&safe);
	free(dir);
	return path;
}

int attach_bytes(struct draft *draft, const char *name, const char *type, const char *data,
		 size_t len, struct err *err)
{
	char *path = own_path(draft, name, err);
	struct buf found = BUF_INIT;
	struct attachment *item;

	if (!path)
		return -1;
	if (file_replace(path, data, len, err) < 0) {
		free(path);
		return err_add(err, _("keeping the attachment \"%s\""), name);
	}
	if (!type || !*type)
		attach_type(name, data, len, &found);
	item = add(draft, path, name);
	item->type = type && *type ? mem_strdup(type) : buf_take(&found);
	item->size = (int64_t)len;
	item->is_ours = true;
	buf_free(&found);
	free(path);
	return 0;
}

struct sink {
	int fd;
	size_t len;
	struct err *err;
};

static int to_file(void *arg, const char *bytes, size_t len)
{
	struct sink *sink = arg;

	sink->len += len;
	return file_write_fd(sink->fd, bytes, len, sink->err);
}

static int put_part(struct sink *sink, const void *part)
{
	return mime_decode_body_to(part, to_file, sink);
}

struct pieces {
	const struct span *spans;
	size_t count;
};

static int put_pieces(struct sink *sink, const void *arg)
{
	const struct pieces *pieces = arg;

	for (size_t i = 0; i < pieces->count; i++)
		if (to_file(sink, pieces->spans[i].data, pieces->spans[i].len) < 0)
			return -1;
	return 0;
}

typedef int write_body(struct sink *sink, const void *arg);

static int write_new(const char *path, write_body *put, const void *arg, struct sink *sink)
{
	char *dir = path_parent(path);
	int rc;

	sink->fd = file_create(path, sink->err);
	rc = sink->fd < 0 ? -1 : put(sink, arg);
	if (rc >= 0)
		rc = file_sync(sink->fd, path, sink->err);
	if (sink->fd >= 0)
		close(sink->fd);
	if (rc >= 0)
		rc = file_sync_dir(dir, sink->err);
	else if (sink->fd >= 0)
		unlink(path);
	free(dir);
	return rc;
}

static int attach(struct draft *draft, const char *name, const char *type, write_body *put, const void *arg,
		  struct err *err)
{
	char *path = own_path(draft, name, err);
	struct sink sink = {.err = err};
	struct attachment *item;

	if (!path)
		return -1;
	if (write_new(path, put, arg, &sink) < 0) {
		free(path);
		return err_add(err, _("keeping the attachment \"%s\""), name);
	}
	item = add(draft, path, name);
	item->type = mem_strdup(type && *type ? type : "application/octet-stream");
	item->size = (int64_t)sink.len;
	item->is_ours = true;
	free(path);
	return 0;
}

int attach_part(struct draft *draft, const char *name, const struct mime_part *part,
		struct err *err)
{
	return attach(draft, name, part->type, put_part, part, err);
}

int attach_pieces(struct draft *draft, const char *name, const char *type, const struct span *spans, size_t count,
		  struct err *err)
{
	return attach(draft, name, type, put_pieces, &(struct pieces){spans, count}, err);
}

/* A copy of our own stays until the draft goes: what is saved still names it. */
static void clear(struct attachment *item)
{
	free(item->path);
	free(item->name);
	free(item->type);
	free(item->description);
}

void attach_remove(struct draft *draft, size_t index)
{
	if (index >= draft->attachment_count)
		return;
	clear(&draft->attachments[index]);
	draft->attachment_count--;
	memmove(draft->attachments + index, draft->attachments + index + 1,
		(draft->attachment_count - index) * sizeof *draft->attachments);
}

void attach_move(struct draft *draft, size_t from, size_t to)
{
	struct attachment item;

	if (from >= draft->attachment_count || to >= draft->attachment_count)
		return;
	item = draft->attachments[from];
	if (from < to)
		memmove(draft->attachments + from, draft->attachments + from + 1,
			(to - from) * sizeof item);
	else
		memmove(draft->attachments + to + 1, draft->attachments + to,
			(from - to) * sizeof item);
	draft->attachments[to] = item;
}

int attach_check(const struct draft *draft, struct err *err)
{
	struct stat st;

	for (size_t i = 0; i < draft->attachment_count; i++)
		if (look_at(draft->attachments[i].path, &st, err) < 0)
			return -1;
	return 0;
}

int attach_read(const struct draft *draft, size_t index, struct buf *out, struct err *err)
{
	const struct attachment *item = &draft->attachments[index];
	struct stat st;

	if (look_at(item->path, &st, err) < 0 || file_read(item->path, out, 0, err) < 0)
		return err_add(err, _("attaching \"%s\""), item->name);
	return 0;
}
