#include "config.h"

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
#include "ui/render/doc.h"
#include "ui/render/html.h"
#include "ui/render/message.h"
#include "ui/render/part.h"
#include "ui/render/signed_marks.h"
#include "ui/render/text.h"

static bool is_patch(const struct mime_part *part)
{
	return part_is_type(part, "text/x-patch") || part_is_type(part, "text/x-diff") ||
	       (part->filename &&
		(str_ends(part->filename, ".patch") || str_ends(part->filename, ".diff")));
}

static bool is_flag(const struct mime_part *part, const char *name, const char *value)
{
	const char *is = mime_param(part, name);

	return is && str_equal_nocase(is, value);
}

static struct text_kind kind_of(const struct part_work *work, const struct mime_part *part)
{
	return (struct text_kind){
		.is_flowed = part_is_type(part, "text/plain") && is_flag(part, "format", "flowed"),
		.is_delsp = is_flag(part, "delsp", "yes"),
		.is_emphatic = work->wish->is_emphatic,
		.is_patch = is_patch(part),
	};
}

/* As much of TEXT as there are lines for. */
static struct span in_lines(const struct part_work *work, const struct buf *text)
{
	size_t room = work->doc->count < DOC_LINES_MAX ? DOC_LINES_MAX - work->doc->count : 1, at = 0;

	while (at < text->len && room)
		room -= text->data[at++] == '\n';
	return (struct span){buf_str(text), at};
}

void part_text_render(struct part_work *work, struct mime_part *part)
{
	struct buf text = BUF_INIT;
	struct text_kind kind = kind_of(work, part);
	struct span fits;
	int cut;

	part_separate(work);
	part_opened_note(work, part);
	cut = part_text(work, part, &text);
	fits = in_lines(work, &text);
	if (part_is_type(part, "text/html") || part_is_type(part, "text/x-amp-html"))
		html_render(work->doc, fits.data, fits.len, work->wish->width);
	else
		signed_marks_text(work, part, fits.data, fits.len, &kind);
	if (cut || fits.len < text.len || work->doc->count >= DOC_LINES_MAX)
		part_say_cut(work);
	buf_free(&text);
}
