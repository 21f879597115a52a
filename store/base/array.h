/* A growing array is a pointer, a count and a capacity in its owner; this makes room for one more:
 *	ARRAY_ROOM(list->rows, list->count, list->cap);
 *	list->rows[list->count++] = row;
 */
#ifndef STORE_BASE_ARRAY_H
#define STORE_BASE_ARRAY_H

#include "store/base/mem.h"

#define ARRAY_ROOM(ptr, count, cap)                                                                \
	do {                                                                                       \
		if ((count) >= (cap)) {                                                            \
			(cap) = (cap) ? (cap) * 2 : 8;                                             \
			(ptr) = mem_resize((ptr), (size_t)(cap), sizeof *(ptr));                   \
		}                                                                                  \
	} while (0)

#define ARRAY_COUNT(array) (sizeof(array) / sizeof *(array))

#endif
