/* The names of messages in a Maildir: BASE or BASE:2,FLAGS; BASE may carry ",S=bytes". */
#ifndef STORE_BOX_MAILDIR_NAME_H
#define STORE_BOX_MAILDIR_NAME_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Length of the base: what stays as long as the message does. */
size_t maildir_name_base(const char *name);
/* Its box_flag bits; letters that are none of ours do not count. */
unsigned maildir_name_flags(const char *name);
/* Appends the name of the same message with FLAGS: letters sorted; those that are not ours stay. */
void maildir_name_with_flags(struct buf *out, const char *name, unsigned flags);
/* From ",S=", or -1. */
int64_t maildir_name_size(const char *name);
/* From the leading seconds, or -1. */
int64_t maildir_name_time(const char *name);
/* Appends a new base "SECONDS.M..P..Q..R...host", without its size. With UNIQUE the middle is made
 * of that alone: "SECONDS.Uhex.host". */
void maildir_name_make(struct buf *out, int64_t seconds, unsigned serial, const char *unique);
#define MAILDIR_MARK ".U"
/* Appends ".Uhex.", by which a message with UNIQUE is known. */
void maildir_name_mark(struct buf *out, const char *unique);
/* rename(2) that never puts one message over another: 0, or -1 with errno (EEXIST). */
int maildir_move(const char *from, const char *to);

#endif
