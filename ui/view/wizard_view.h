/* The first start: where is your mail? Nothing is changed before something is chosen. */
#ifndef UI_VIEW_WIZARD_VIEW_H
#define UI_VIEW_WIZARD_VIEW_H

struct app;
struct view;

struct view *wizard_view_new(struct app *app);
/* Takes choice NUMBER, 0: the one the cursor stands on. */
void wizard_view_choose(struct view *view, int number);

#endif
