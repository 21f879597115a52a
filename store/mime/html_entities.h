/* The named character references of HTML, a table. */
#ifndef STORE_MIME_HTML_ENTITIES_H
#define STORE_MIME_HTML_ENTITIES_H

#include <stdbool.h>
#include <stddef.h>

struct html_entity {
	const char *name, *text; /* no ampersand, no semicolon; UTF-8 */
	bool is_bare;
};

extern const struct html_entity html_entities[];
extern const size_t html_entity_count;

#endif
