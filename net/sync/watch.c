#include "config.h"
#include "net/sync/watch.h"

#include "store/notice/notice.h"

/* Nothing is kept yet: whoever asks for a round has it at once. */
int watch_run(struct notice_conn *conn, const char *argument)
{
	struct notice notice;

	(void)argument;
	while (notice_wait(conn, -1, &notice) > 0) {
		struct notice done = {.kind = NOTICE_SYNC_DONE};

		if (notice.kind == NOTICE_SYNC)
			notice_send(conn, &done);
	}
	return 0;
}
