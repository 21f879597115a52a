#include "config.h"
#include "store/mail/letter_input.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/base/arena.h"
#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/base/path.h"
#include "store/mail/outbox.h"
#include "store/mime/address.h"

#define PIECE 65536

/* --- a letter from standard input ----------------------------------------------------------- */

/* Where in a line we are: a line of a dot alone ends the letter. */
struct dots {
	enum { AT_START, AFTER_DOT, AFTER_DOT_CR, IN_LINE } place;
	bool is_on;
};

/* Offset behind which nothing belongs to the letter any more (the dot's line not in it), or LEN. A
 * dot and CR that came with the piece before are held back by the caller until it is known what
 * they are. */
static size_t find_dot(struct dots *dots, const char *data, size_t len, bool *is_end)
{
	size_t i, line = 0;

	*is_end = false;
	for (i = 0; i < len; i++) {
		char c = data[i];

		if (c == '\n' && (dots->place == AFTER_DOT || dots->place == AFTER_DOT_CR)) {
			*is_end = true;
			return line;
		}
		if (c == '\n') {
			dots->place = AT_START;
			line = i + 1;
		} else if (dots->place == AT_START && c == '.') {
			dots->place = AFTER_DOT;
		} else if (dots->place == AFTER_DOT && c == '\r') {
			dots->place = AFTER_DOT_CR;
		} else {
			dots->place = IN_LINE;
		}
	}
	return dots->place == AFTER_DOT || dots->place == AFTER_DOT_CR ? line : len;
}

/* Moves what is certain from PENDING to FD. 1: the end came. */
static int pass_on(struct dots *dots, struct buf *pending, int fd, struct err *err)
{
	bool is_end = false;
	size_t len = pending->len;

	if (dots->is_on)
		len = find_dot(dots, buf_str(pending), pending->len, &is_end);
	if (file_write_fd(fd, buf_str(pending), len, err) < 0)
		return -1;
	buf_remove(pending, 0, len);
	if (pending->len) /* a dot that may end it: looked at again with what follows */
		dots->place = AT_START;
	return is_end;
}

static int copy_input(int from, int fd, bool with_dot, struct err *err)
{
	struct dots dots = {.place = AT_START, .is_on = with_dot};
	struct buf pending = BUF_INIT;
	int rc = 0;

	while (rc == 0) {
		ssize_t n;

		buf_reserve(&pending, PIECE);
		n = read(from, pending.data + pending.len, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_errno(err, _("reading the letter"));
		if (n <= 0)
			break;
		pending.len += (size_t)n;
		rc = pass_on(&dots, &pending, fd, err);
	}
	if (rc == 0 && pending.len) /* the input ends behind the dot, without a line end */
		rc = file_write_fd(fd, pending.data, pending.len, err);
	buf_free(&pending);
	return rc < 0 ? -1 : 0;
}

/* A file that is gone when we are. */
static int open_nameless(struct err *err)
{
	char *dir = path_in(PATH_DATA, "outbox"), *name = NULL;
	int fd = -1;

	if (path_make_dirs(dir, err) == 0)
		fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && path_is_dir(dir)) {
		name = mem_printf("%s/incoming-XXXXXX", dir);
		fd = mkostemp(name, O_CLOEXEC);
		if (fd < 0)
			err_errno(err, _("making a file in \"%s\""), dir);
		else
			unlink(name);
	}
	free(name);
	free(dir);
	return fd;
}

int letter_input_read(int from, bool with_dot, struct file_view *view, struct err *err)
{
	int fd = open_nameless(err), rc;

	memset(view, 0, sizeof *view);
	if (fd < 0)
		return -1;
	rc = copy_input(from, fd, with_dot, err);
	if (rc == 0 && lseek(fd, 0, SEEK_SET) < 0)
		rc = err_errno(err, _("reading the letter"));
	if (rc == 0)
		rc = file_view_open_fd(view, fd, err);
	close(fd);
	return rc;
}

/* --- who calls ------------------------------------------------------------------------------- */

char *letter_input_user(struct arena *arena)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *name = pw ? pw->pw_name : getenv("USER");

	if (!name || !*name || letter_address_fault(name))
		return arena_printf(arena, "uid-%ld", (long)getuid());
	return arena_strdup(arena, name);
}

char *letter_input_address(const struct account_list *accounts, struct arena *arena)
{
	const struct account *account = account_default(accounts);

	if (account && account->address && !letter_address_fault(account->address))
		return arena_strdup(arena, account->address);
	return arena_printf(arena, "%s@%s", letter_input_user(arena), letter_host(arena));
}

/* --- into the outbox ------------------------------------------------------------------------- */

static void add_recipient(struct letter_input *input, const char *address)
{
	ARRAY_ROOM(input->recipients, input->count, input->cap);
	input->recipients[input->count++] = address;
}

int letter_input_add_arguments(struct letter_input *input, char **arguments, struct err *err)
{
	for (; *arguments; arguments++) {
		struct address_list list;
		size_t i;

		if (letter_parse_argument(*arguments, input->arena, &list, err) < 0)
			return -1;
		for (i = 0; i < list.count; i++)
			add_recipient(input, list.items[i].addr);
	}
	return 0;
}

int letter_input_complete(struct letter_input *input, const struct letter_wish *wish,
			  struct err *err)
{
	size_t i;

	if (letter_complete(input->bytes.data ? input->bytes.data : "", input->bytes.len, wish,
			    input->arena, &input->letter, err) < 0)
		return -1;
	for (i = 0; i < input->letter.recipient_count; i++)
		add_recipient(input, input->letter.recipients[i]);
	return 0;
}

int64_t letter_input_put(const struct letter_input *input, struct outbox *outbox,
			 struct outbox_letter *envelope, struct err *err)
{
	envelope->recipients = input->recipients;
	envelope->recipient_count = input->count;
	envelope->data = buf_str(&input->letter.head);
	envelope->len = input->letter.head.len;
	envelope->body = input->letter.body.data;
	envelope->body_len = input->letter.body.len;
	return outbox_add(outbox, envelope, err);
}

void letter_input_free(struct letter_input *input)
{
	letter_free(&input->letter);
	file_view_close(&input->bytes);
	account_list_free(&input->accounts);
	free(input->recipients);
	arena_free(&input->arena);
}
