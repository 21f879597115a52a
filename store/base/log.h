/* The log: lines "time program[pid] level: text" in PATH_STATE/log, never on the terminal. */
#ifndef STORE_BASE_LOG_H
#define STORE_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Opens the log of this TERN_HOME for PROGRAM ("tern", "ternd", "attempt"...). Without it, or when the
 * file cannot be opened, lines are dropped. TERN_DEBUG=1 lets LOG_DEBUG through. */
void log_open(const char *program);
/* Lines also go to stderr (ternd --foreground). */
void log_to_stderr(void);
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Lets LOG_DEBUG through from now on, or (unless TERN_DEBUG=1) no longer. */
void log_set_debug(bool is_debug);
/* Would LOG_DEBUG be written? Before costly ones are made. */
bool log_is_debug(void);
void log_close(void);

#endif
