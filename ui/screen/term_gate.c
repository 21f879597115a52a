#include "config.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "store/base/array.h"
#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "ui/screen/term_private.h"

static void write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = {.fd = fd, .events = POLLOUT};
			poll(&wait, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return;
		}
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

void term_flush(struct term *term)
{
	write_all(STDOUT_FILENO, buf_str(&term->out), term->out.len);
	buf_clear(&term->out);
}

/* ASCII for a character of ours where the terminal shows no more; WIDTH columns of it. */
static void add_ascii(struct buf *out, const char *text, int width)
{
	static const struct {
		const char *text;
		char ascii;
	} drawn[] = {
	    {"─", '-'},	 {"│", '|'}, {"┃", '|'}, {"└", '`'}, {"├", '|'}, {"┌", ','}, {"┐", '.'},
	    {"┘", '\''}, {"┬", '-'}, {"┴", '-'}, {"┼", '+'}, {"┤", '|'}, {"…", '~'}, {"•", '*'},
	    {"→", '>'},	 {"▸", '>'}, {"▾", 'v'}, {"·", '.'}, {"“", '"'}, {"”", '"'}, {"’", '\''},
	    {"‘", '\''}, {"–", '-'}, {"—", '-'}, {"━", '='}, {"╴", '-'}, {"█", '#'}, {"▏", '|'},
	};
	char ascii = '?';
	for (size_t i = 0; i < ARRAY_COUNT(drawn); i++)
		if (!strcmp(text, drawn[i].text))
			ascii = drawn[i].ascii;
	for (int i = 0; i < width; i++)
		buf_add_char(out, ascii);
}

/* The gate: TEXT leaves only as what a screen prints. A canvas holds nothing else, and still each cell is
 * looked at again here. */
void term_add_text(struct term *term, const char *text, int width)
{
	if (text[0] >= ' ' && text[0] <= '~' && !text[1])
		buf_add_char(&term->out, text[0]);
	else if (term->is_utf8)
		utf8_add_printable(&term->out, text, strlen(text));
	else
		add_ascii(&term->out, text, width);
}

bool term_locale_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static void add_line(struct buf *out, const char *line, size_t len)
{
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, line, len);
	for (size_t at = 0, size; at < clean.len; at += size) {
		uint32_t code;
		size = utf8_decode(clean.data + at, clean.len - at, &code);
		if (code < 0x80 || term_locale_is_utf8())
			buf_add(out, clean.data + at, size);
		else
			buf_add_char(out, '?');
	}
	buf_free(&clean);
}

void term_say(int fd, const char *text)
{
	struct buf out = BUF_INIT;
	while (*text) {
		size_t len = strcspn(text, "\n\t");
		add_line(&out, text, len);
		text += len;
		if (*text)
			buf_add_char(&out, *text++);
	}
	write_all(fd, buf_str(&out), out.len);
	buf_free(&out);
}
