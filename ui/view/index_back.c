#include "config.h"

#include <stdlib.h>

#include "store/base/err.h"
#include "store/base/mem.h"
#include "ui/view/index_private.h"
#include "ui/view/index_view.h"

struct index_place *index_view_place(const struct view *view)
{
	const struct index_view *index = index_of(view);
	struct index_place *place = mem_alloc(sizeof *place);

	place->account = mem_strdup(index->back ? index->back->account : index->account);
	place->folder = index->back ? index->back->folder : index->folder;
	place->message = index->back ? index->back->message : index_view_current(view);
	place->is_of_inboxes = index->back ? index->back->is_of_inboxes : index->scope == INDEX_INBOXES;
	return place;
}

void index_view_return_to(struct view *view, struct index_place *place)
{
	index_place_free(&index_of(view)->back);
	index_of(view)->back = place;
}

void index_place_free(struct index_place **place)
{
	if (*place)
		free((*place)->account);
	free(*place);
	*place = NULL;
}

bool index_view_has_way_back(const struct view *view)
{
	return index_of(view)->back != NULL;
}

int index_view_go_back(struct view *view, struct err *err)
{
	struct index_view *index = index_of(view);
	struct index_place *place = index->back;
	int result;

	if (!place)
		return 0;
	index->back = NULL;
	result = place->is_of_inboxes ? index_view_open_all(view, true, err)
				      : index_view_open(view, place->account, place->folder, err);
	if (result == 0)
		index_view_select(view, place->message);
	index_place_free(&place);
	return result < 0 ? -1 : 1;
}
