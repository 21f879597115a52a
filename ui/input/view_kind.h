/* The kinds of views: where keys and commands work. */
#ifndef UI_INPUT_VIEW_KIND_H
#define UI_INPUT_VIEW_KIND_H

/* Bits, so that a command row can say where it works. */
enum view_kind {
	VIEW_INDEX = 1,
	VIEW_READER = 2,
	VIEW_FOLDERS = 4,
	VIEW_DRAFT = 8,
	VIEW_OUTBOX = 16,
	VIEW_HELP = 32,
	VIEW_LOG = 64,
	VIEW_WIZARD = 128,
	VIEW_OPTIONS = 256,
	VIEW_PARTS = 512,
	VIEW_LINKS = 1024,
	VIEW_NETWORK = 2048,
	VIEW_ANY = 0x7fffffff,
};

#endif
