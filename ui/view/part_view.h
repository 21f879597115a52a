/* One text part by itself, to read and search: what an attached text shows where no program opens it. */
#ifndef UI_VIEW_PART_VIEW_H
#define UI_VIEW_PART_VIEW_H

struct app;
struct mime_part;
struct view;

/* PART is read now and not needed afterwards. The keys are those of the log. */
struct view *part_view_new(struct app *app, const struct mime_part *part);

#endif
