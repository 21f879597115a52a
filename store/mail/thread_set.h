/* Which messages belong together, from their ids alone: two do when one names the other or both name a
 * third one (seen or not), in References or, where there is no References, by the first id of
 * In-Reply-To. Order does not matter, loops do no harm, cost is linear. Pure: nothing is stored. */
#ifndef STORE_MAIL_THREAD_SET_H
#define STORE_MAIL_THREAD_SET_H

#include <stddef.h>

struct thread_set;
struct mime_header;

struct thread_set *thread_set_new(void);
void thread_set_free(struct thread_set **set);
/* Message number 0, 1, 2... in the order they are added. ID may be NULL; NAMED lists COUNT ids. */
void thread_set_add(struct thread_set *set, const char *id, char *const *named, size_t count);
/* The same, its ids read from HEADER. */
void thread_set_add_header(struct thread_set *set, const struct mime_header *header);
size_t thread_set_count(const struct thread_set *set);
/* The lowest number of a message in the thread of MESSAGE. Valid until the next add. */
size_t thread_set_first(struct thread_set *set, size_t message);

#endif
