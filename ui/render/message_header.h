/* A letter's header as it is read: the fields that people want, or all. */
#ifndef UI_RENDER_MESSAGE_HEADER_H
#define UI_RENDER_MESSAGE_HEADER_H

struct mime_header;
struct part_work;

/* Appends HEADER's fields, as the wish asks, and a rule. */
void message_header_render(struct part_work *work, const struct mime_header *header);

#endif
