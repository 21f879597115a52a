/* One message as SHOW-SCHEMA.md has it: an object on a line, written as it is decoded. */
#ifndef UI_SHELL_SHOW_JSON_H
#define UI_SHELL_SHOW_JSON_H

#include "store/base/buf.h"

struct charset_reader;
struct err;
struct mime_message;

/* OUT grows up to a piece and goes to stdout then: memory does not follow the message. */
struct show_json {
	struct buf out;
	int rc;		 /* 1 when nobody took the output */
	struct buf text; /* private, as the next: used again for each message */
	struct charset_reader *reader;
};

void show_json_init(struct show_json *show);
void show_json_message(struct show_json *show, const char *file,
		       const struct mime_message *message);
void show_json_error(struct show_json *show, const char *file, const struct err *err);
/* What is left in OUT goes to stdout. */
void show_json_flush(struct show_json *show);
void show_json_free(struct show_json *show);

#endif
