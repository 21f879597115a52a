#include "config.h"

#include "ui/render/card.h"

#include <string.h>

#include "store/base/buf.h"
#include "store/base/utf8.h"
#include "ui/render/doc.h"
#include "ui/render/part.h"

#define LABEL_WIDTH 10
#define TEXT_WIDTH  600 /* columns of one field; more is cut */

/* Printable, at most TEXT_WIDTH columns. */
static void add_text(struct buf *line, const char *text)
{
	struct buf clean = BUF_INIT;
	size_t fit;
	int used;

	utf8_add_printable(&clean, text, strlen(text));
	fit = utf8_fit(buf_str(&clean), clean.len, TEXT_WIDTH, &used);
	buf_add(line, buf_str(&clean), fit);
	if (fit < clean.len)
		buf_add_str(line, "…");
	buf_free(&clean);
}

/* The words in one style, what stands behind them in another. */
static void add_line(struct part_work *work, const struct buf *line, size_t words, enum style style,
		     int hang)
{
	struct doc_line *added = doc_add_frame(work->doc, STYLE_HEADER, buf_str(line));
	struct doc_run runs[2] = {
		{0, (uint32_t)words, STYLE_HEADER_NAME, 0},
		{(uint32_t)words, (uint32_t)(line->len - words), (unsigned char)style, 0},
	};

	added->hang = (unsigned char)hang;
	if (added->len == line->len)
		doc_set_runs(work->doc, added, runs, 2);
}

void card_title(struct part_work *work, const char *words, const char *text)
{
	struct buf line = BUF_INIT;
	size_t len;

	buf_add_str(&line, words);
	if (*text)
		buf_add_char(&line, ' ');
	len = line.len;
	add_text(&line, text);
	add_line(work, &line, len, STYLE_SUBJECT, 2);
	buf_free(&line);
}

void card_field(struct part_work *work, const char *label, const char *text)
{
	int width = utf8_width(label, strlen(label));
	struct buf line = BUF_INIT;
	size_t len;

	if (!*text)
		return;
	buf_printf(&line, "%s%*s ", label, width < LABEL_WIDTH ? LABEL_WIDTH - width : 0, "");
	len = line.len;
	add_text(&line, text);
	add_line(work, &line, len, STYLE_HEADER, LABEL_WIDTH + 1);
	buf_free(&line);
}

void card_note(struct part_work *work, const char *sentence)
{
	doc_add_frame(work->doc, STYLE_FRAME, sentence);
}
