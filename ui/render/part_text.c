#include "config.h"

#include "store/base/buf.h"
#include "store/base/str.h"
#include "store/mime/mime.h"
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

void part_text_render(struct part_work *work, struct mime_part *part)
{
	struct buf text = BUF_INIT;
	struct text_kind kind = kind_of(work, part);
	int cut;

	part_separate(work);
	cut = part_text(work, part, &text);
	if (part_is_type(part, "text/html") || part_is_type(part, "text/x-amp-html"))
		html_render(work->doc, buf_str(&text), text.len, work->wish->width);
	else
		signed_marks_text(work, part, buf_str(&text), text.len, &kind);
	if (cut)
		part_say_cut(work);
	buf_free(&text);
}
