#include "config.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "store/base/buf.h"
#include "store/base/err.h"
#include "store/base/mem.h"
#include "store/mail/db.h"
#include "store/mail/query.h"
#include "store/mail/schema.h"

#define NOW 1700000000

/* What a person typed stands in quotes, and nowhere else. */
static void check_quotes(const char *sql)
{
	bool is_quoted = false;
	long depth = 0;

	for (; *sql; sql++) {
		if (*sql == '\'')
			is_quoted = !is_quoted;
		if (is_quoted)
			continue;
		FUZZ_HOLDS((unsigned char)*sql < 0x80 && *sql != ';' && *sql != '"');
		depth += (*sql == '(') - (*sql == ')');
		FUZZ_HOLDS(depth >= 0);
	}
	FUZZ_HOLDS(!is_quoted && depth == 0);
}

static void check_sql(const char *sql)
{
	struct db *db = db_open(":memory:", DB_CACHE, schema_steps, schema_step_count, NULL);
	struct buf text = BUF_INIT;
	struct db_stmt *stmt;

	FUZZ_HOLDS(db);
	buf_printf(&text, "SELECT count(*) FROM message m WHERE %s", sql);
	stmt = db_query_once(db, buf_str(&text));
	FUZZ_HOLDS(db_step(stmt, NULL) == 1);
	db_finish(&stmt);
	db_close(&db);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = mem_strndup((const char *)data, len);
	struct err err = ERR_INIT;
	struct query *query = query_parse(text, NOW, &err);

	FUZZ_HOLDS(query || (err.kind == ERR_USAGE && *err.text));
	if (query) {
		check_quotes(query_sql(query));
		FUZZ_HOLDS(strcmp(query_text(query), text) == 0);
		if (len % 16 == 0 && !query_needs_bodies(query))
			check_sql(query_sql(query));
	}
	query_free(&query);
	free(text);
	return 0;
}
