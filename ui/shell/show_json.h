/* One message as SHOW-SCHEMA.md has it: an object on a line, written as it is decoded. */
#ifndef UI_SHELL_SHOW_JSON_H
#define UI_SHELL_SHOW_JSON_H

#include "store/base/buf.h"

struct err;
struct mime_message;

/* OUT grows up to a piece and goes to stdout then: memory does not follow the message. */
struct show_json {
	struct buf out;
	struct buf bytes, text; /* private: used again for each message */
	int rc;			/* 1 when nobody took the output */
};

void show_json_message(struct show_json *show, const char *file,
		       const struct mime_message *message);
void show_json_error(struct show_json *show, const char *file, const struct err *err);
/* What is left in OUT goes to stdout, and the memory back. */
void show_json_end(struct show_json *show);

#endif
