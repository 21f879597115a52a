/* Many messages into a Maildir at once: each into tmp/ as it comes, then all synced together, then all
 * renamed into new/, then the folder synced. Until batch_publish none of them is there, after it all are,
 * durable. Who is killed before leaves files in tmp/ (removed after 36 hours), in the middle whole messages
 * that their mark tells again. */
#ifndef STORE_BOX_BATCH_H
#define STORE_BOX_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch;
struct box;
struct err;

/* NULL on error (a box that is no Maildir). BOX is lent. */
struct batch *batch_new(struct box *box, struct err *err);
/* What was not published is removed. */
void batch_free(struct batch **batch);
/* A message begins, goes on, ends. UNIQUE as in struct box_delivery. */
int batch_begin(struct batch *batch, const char *unique, struct err *err);
int batch_add(struct batch *batch, const char *data, size_t len, struct err *err);
int batch_end(struct batch *batch, struct err *err);
/* Before its end: it is marked with this instead. */
void batch_rename(struct batch *batch, const char *unique);
/* The one that was begun is not wanted. */
void batch_drop(struct batch *batch);
size_t batch_count(const struct batch *batch);
int64_t batch_bytes(const struct batch *batch);
/* Empties the batch for the next ones. */
int batch_publish(struct batch *batch, struct err *err);

/* Which messages with a mark are in BOX already: one look at new/ and cur/ for any number of questions. */
struct batch_marks;
struct batch_marks *batch_marks_read(struct box *box, struct err *err);
bool batch_marks_has(const struct batch_marks *marks, const char *unique);
void batch_marks_free(struct batch_marks **marks);

#endif
