#include "config.h"

#include "ui/picture/album.h"

#include <stdlib.h>
#include <string.h>

#include "store/base/i18n.h"
#include "store/base/mem.h"
#include "store/mime/mime.h"
#include "ui/picture/load.h"

struct album {
	struct loop *loop;
	void (*changed)(void *arg);
	void *arg;
	struct picture_wish wish;
	struct album_page pages[ALBUM_MAX];
	size_t count;
	struct album_page *at; /* the one being loaded */
	struct picture_load *load;
};

struct album *album_new(struct loop *loop, void (*changed)(void *arg), void *arg)
{
	struct album *album = mem_alloc(sizeof *album);

	*album = (struct album){.loop = loop, .changed = changed, .arg = arg};
	return album;
}

static void forget_pictures(struct album *album)
{
	picture_load_stop(&album->load);
	for (size_t i = 0; i < album->count; i++) {
		struct album_page *page = &album->pages[i];

		picture_free(&page->cells);
		picture_free(&page->graphic);
		*page = (struct album_page){.part = page->part};
	}
}

void album_free(struct album **album)
{
	if (!*album)
		return;
	forget_pictures(*album);
	free(*album);
	*album = NULL;
}

struct album_page *album_page(struct album *album, const struct mime_part *part)
{
	for (size_t i = 0; i < album->count; i++)
		if (album->pages[i].part == part)
			return &album->pages[i];
	if (album->count == ALBUM_MAX)
		return NULL;
	album->pages[album->count] = (struct album_page){.part = part};
	return &album->pages[album->count++];
}

static const char *note_for(enum picture_fault fault)
{
	return fault == PICTURE_TOO_BIG	  ? _("too big to be shown")
	       : fault == PICTURE_UNKNOWN ? _("of a kind that cannot be shown")
					  : _("broken, cannot be shown");
}

static void next(struct album *album);

static void done(void *arg, struct picture *picture, enum picture_fault fault)
{
	struct album *album = arg;
	struct album_page *page = album->at;

	album->load = NULL;
	if (!page->cells) {
		page->cells = picture;
		page->note = picture ? NULL : note_for(fault);
		page->is_done = !picture || album->wish.kind == PICTURE_CELLS;
	} else {
		if (picture && (picture->columns != page->cells->columns ||
				picture->rows != page->cells->rows))
			picture_free(&picture);
		page->graphic = picture;
		page->is_done = true;
	}
	next(album);
	album->changed(album->arg);
}

/* First in cells, which can be shown in part; then as well as the terminal can. */
static void start(struct album *album, struct album_page *page)
{
	struct picture_wish wish = album->wish;

	if (page->part->body.len > PICTURE_BODY_MAX) {
		page->note = note_for(PICTURE_TOO_BIG);
		page->is_done = true;
		return;
	}
	if (!page->cells)
		wish.kind = PICTURE_CELLS;
	album->at = page;
	album->load = picture_load_start(album->loop, &wish, page->part->encoding, page->part->body, done,
					 album);
	page->is_done = !album->load;
	if (!album->load && !page->cells)
		page->note = note_for(PICTURE_UNKNOWN);
}

static void next(struct album *album)
{
	for (size_t i = 0; i < album->count && !album->load; i++)
		if (!album->pages[i].is_done)
			start(album, &album->pages[i]);
}

static bool is_same(const struct picture_wish *a, const struct picture_wish *b)
{
	return a->kind == b->kind && a->columns == b->columns && a->rows == b->rows &&
	       a->cell_width == b->cell_width && a->cell_height == b->cell_height && a->is_rgb == b->is_rgb;
}

void album_load(struct album *album, const struct picture_wish *wish)
{
	if (!is_same(&album->wish, wish))
		forget_pictures(album);
	album->wish = *wish;
	if (!album->load)
		next(album);
}
