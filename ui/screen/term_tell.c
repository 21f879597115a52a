#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/digest.h"
#include "store/base/utf8.h"
#include "ui/screen/term_private.h"
#include "ui/screen/terminfo.h"

#define TITLE_MAX 200

void term_bell(struct term *term)
{
	if (!term->is_ours)
		return;
	terminfo_add(&term->out, CAP_BELL);
	term_flush(term);
}

void term_set_title(struct term *term, const char *title)
{
	if (!term->is_ours || !term->info.is_xterm_like || !term->is_utf8)
		return;
	int used;
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, title, strlen(title));
	buf_truncate(&clean, utf8_fit(buf_str(&clean), clean.len, TITLE_MAX, &used));
	buf_printf(&term->out, "\033]2;%s\a", buf_str(&clean));
	buf_free(&clean);
	term_flush(term);
}

static enum term_notify known_way(void)
{
	static const struct {
		const char *variable, *begin;
		enum term_notify way;
	} known[] = {
	    {"TERM", "xterm-kitty", TERM_NOTIFY_OSC99},
	    {"TERM", "foot", TERM_NOTIFY_OSC777},
	    {"TERM", "rxvt-unicode", TERM_NOTIFY_OSC777},
	    {"TERM", "xterm-ghostty", TERM_NOTIFY_OSC9},
	    {"TERM_PROGRAM", "WezTerm", TERM_NOTIFY_OSC777},
	    {"TERM_PROGRAM", "iTerm", TERM_NOTIFY_OSC9},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const char *value = getenv(known[i].variable);
		if (value && strncmp(value, known[i].begin, strlen(known[i].begin)) == 0)
			return known[i].way;
	}
	return TERM_NOTIFY_AUTO;
}

/* One line of printable text; what divides the fields of such a notice is none of it. */
static void add_notice_text(struct buf *out, const char *text)
{
	int used;
	struct buf clean = BUF_INIT;
	utf8_add_revealed(&clean, text, strlen(text));
	buf_truncate(&clean, utf8_fit(buf_str(&clean), clean.len, TITLE_MAX, &used));
	for (size_t i = 0; i < clean.len; i++)
		buf_add_char(out, clean.data[i] == ';' ? ',' : clean.data[i]);
	buf_free(&clean);
}

bool term_notify(struct term *term, enum term_notify way, const char *title, const char *text)
{
	if (way == TERM_NOTIFY_AUTO)
		way = known_way();
	if (way == TERM_NOTIFY_AUTO || !term->is_ours || !term->is_utf8)
		return false;
	buf_add_str(&term->out, way == TERM_NOTIFY_OSC777 ? "\033]777;notify;"
				: way == TERM_NOTIFY_OSC9 ? "\033]9;"
							  : "\033]99;i=1:d=0;");
	add_notice_text(&term->out, title);
	buf_add_str(&term->out, way == TERM_NOTIFY_OSC777 ? ";"
				: way == TERM_NOTIFY_OSC9 ? ": "
							  : "\033\\\033]99;i=1:p=body;");
	add_notice_text(&term->out, text);
	buf_add_str(&term->out, "\033\\");
	term_flush(term);
	return true;
}

void term_set_hyperlinks(struct term *term, enum term_hyperlinks hyperlinks)
{
	if (term->hyperlinks != hyperlinks)
		term_redraw(term);
	term->hyperlinks = hyperlinks;
}

void term_copy(struct term *term, const char *text)
{
	size_t len = strlen(text);
	if (!term->is_ours || !term->info.is_xterm_like || len > TERM_COPY_MAX)
		return;
	buf_add_str(&term->out, "\033]52;c;");
	digest_add_base64(&term->out, text, len);
	buf_add_char(&term->out, '\a');
	term_flush(term);
}
