/* Memory that is always there: when the machine has none left the program ends with a sentence,
 * so no caller checks for NULL. */
#ifndef STORE_BASE_MEM_H
#define STORE_BASE_MEM_H

#include <stddef.h>

/* For a local variable with a large array of which only what was written is read: it need not be zeroed at each
 * call, as the compiler does with all others (configure.ac). */
#if defined(__has_attribute) && __has_attribute(uninitialized)
#define MEM_NOT_ZEROED __attribute__((uninitialized))
#else
#define MEM_NOT_ZEROED
#endif

/* Zeroed memory; free() it. */
void *mem_alloc(size_t size);
/* Like calloc with overflow check. */
void *mem_calloc(size_t count, size_t size);
/* Like realloc of COUNT * SIZE; new bytes are not zeroed. */
void *mem_resize(void *ptr, size_t count, size_t size);
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t len);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
