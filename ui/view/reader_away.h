/* A letter whose text is not on this computer, as a reader shows it until that has come. */
#ifndef UI_VIEW_READER_AWAY_H
#define UI_VIEW_READER_AWAY_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct doc;
struct message;
struct outline;

struct reader_away {
	struct app *app;
	const char *account;
	int64_t id;
	int width;	  /* of the text */
	bool is_wished;	  /* it was asked for, */
	bool is_stopped; /* and no more */
	const char *wanted; /* what of it: "" all, REMOTE_OUTLINE, or a part */
	const struct outline *outline; /* what is shown of it, or NULL */
	bool is_signed;
};

/* As much of its header as its row knows, as a letter; to be freed. */
char *reader_away_header(const struct message *row);
/* Whether and how far it is on its way, behind what DOC has. */
void reader_away_render(const struct reader_away *away, struct doc *doc);

#endif
