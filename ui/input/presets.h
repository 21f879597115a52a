/* The keys people bring along: const tables of {views, keys, command line}, ended by keys NULL. */
#ifndef UI_INPUT_PRESETS_H
#define UI_INPUT_PRESETS_H

struct preset_row {
	unsigned views; /* enum view_kind bits; VIEW_ANY: global */
	const char *keys, *line;
};

/* Keys of every preset: arrows and such, and the views that no other program has; they win over
 * a preset's. */
extern const struct preset_row preset_common[];
/* NULL when there is no such preset. */
const struct preset_row *preset_find(const char *name);

#endif
