#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "store/base/utf8.h"
#include "ui/render/doc.h"
#include "ui/render/html.h"
#include "ui/render/text.h"

static void check_line(const struct doc *doc, const struct doc_line *line)
{
	uint32_t behind = 0;

	FUZZ_HOLDS(line->len <= DOC_LINE_MAX);
	FUZZ_HOLDS(utf8_is_valid(line->text, line->len));
	for (uint32_t i = 0; i < line->len; i++)
		FUZZ_HOLDS((unsigned char)line->text[i] >= 0x20 && line->text[i] != 0x7f);
	for (uint32_t i = 0; i < line->run_count; i++) {
		FUZZ_HOLDS(line->runs[i].start >= behind);
		behind = line->runs[i].start + line->runs[i].len;
		FUZZ_HOLDS(line->runs[i].link <= doc->link_count);
	}
	FUZZ_HOLDS(behind <= line->len);
}

/* Down row by row, and up again to the same place. */
static void walk(struct doc *doc, int width)
{
	struct doc_pos pos = {0, 0};
	size_t rows = 1;

	doc_fold(doc, width % 2);
	if (!doc->shown_count)
		return;
	while (doc_next(doc, &pos, width, 30))
		rows++;
	while (doc_before(doc, &pos, width, 30))
		rows--;
	FUZZ_HOLDS(rows == 1);
	FUZZ_HOLDS(pos.line == 0 && pos.at == 0);
}

static void check(struct doc *doc, int width)
{
	for (size_t i = 0; i < doc->count; i++)
		check_line(doc, &doc->lines[i]);
	walk(doc, width);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int width = len ? 5 + data[0] % 80 : 40;
	struct text_kind kind = {.is_flowed = len % 2};
	struct doc *html = doc_new(), *text = doc_new();

	html_render(html, (const char *)data, len, width);
	check(html, width);
	text_render(text, (const char *)data, len, &kind);
	check(text, width);
	doc_free(&html);
	doc_free(&text);
	return 0;
}
