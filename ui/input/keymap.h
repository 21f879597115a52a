/* Which keys run which line of commands, in which view. A sequence is key names one after another ("gg",
 * "<C-x>s", "<M-v>" which is also typed as Esc, then v); while only its beginning is typed the map says so
 * and what may follow. A view's own keys come before the global ones; what was bound last wins. */
#ifndef UI_INPUT_KEYMAP_H
#define UI_INPUT_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/input/key.h"

struct err;
struct keymaps;

#define KEYMAP_SEQUENCE 6 /* keys, at most */

struct key_sequence {
	struct key keys[KEYMAP_SEQUENCE];
	size_t count;
};

enum keymap_found { KEYMAP_NONE, KEYMAP_PREFIX, KEYMAP_LINE };

/* Where a key may be bound: "global" and the names of the views. NULL-ended. */
const char *const *keymap_sections(void);
/* Its enum view_kind bits (VIEW_ANY for "global"), 0: no such section. */
unsigned keymap_section_views(const char *section);
/* NULL-ended: "mutt", "alpine", "aerc". */
const char *const *keymap_presets(void);

struct keymaps *keymaps_new(void);
void keymaps_free(struct keymaps **maps);
/* Forgets everything and takes a preset's keys. */
int keymap_use_preset(struct keymaps *maps, const char *preset, struct err *err);
/* LINE is copied; "" unbinds (also what is global, in that view). -1: a key has no such name. */
int keymap_bind(struct keymaps *maps, unsigned views, const char *keys, const char *line,
		struct err *err);

/* Adds KEY (Esc before a Meta key). A full sequence stays as it is. */
void key_sequence_add(struct key_sequence *sequence, const struct key *key);
int key_sequence_parse(const char *text, struct key_sequence *sequence, struct err *err);
enum keymap_found keymap_find(const struct keymaps *maps, unsigned view,
			      const struct key_sequence *typed, const char **line);

/* Walks the keys that work in VIEW, its own first: *AT = 0. KEYS is written into the buffer. */
struct keymap_row {
	char keys[96]; /* as bound: "<C-d>" */
	const char *line;
	bool is_own;   /* the person's, not the preset's */
	bool is_global;
};
bool keymap_next(const struct keymaps *maps, unsigned view, const struct key_sequence *behind,
		 size_t *at, struct keymap_row *row);
/* The key for a line that begins with the command line LINE, as a person reads it ("Enter", "^D", "Esc v"):
 * false when there is none. */
bool keymap_key_for(const struct keymaps *maps, unsigned view, const char *line, char *out,
		    size_t size);
/* "<C-d>" -> "^D", "<M-v>" -> "Esc v", "<Enter>" -> "Enter". */
void keymap_readable(const char *keys, char *out, size_t size);

#endif
